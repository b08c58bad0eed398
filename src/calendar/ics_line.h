/* The lines of iCalendar (RFC 5545 3.1): unfolded, and taken apart into name, parameters and value.
 * Only calendar/ics_read includes this. */
#ifndef LL_CALENDAR_ICS_LINE_H
#define LL_CALENDAR_ICS_LINE_H

#include "base/err.h"
#include "base/str.h"

struct ll_ics_lines {
    struct ll_slice rest;
    struct ll_str text;  /* the line, unfolded */
    int line, next_line; /* where it began, and the next one will */
};

/* NAME;PARAM=VALUE:VALUE */
struct ll_ics_property {
    struct ll_slice name, params, value;
};

/* text is borrowed; a byte order mark is passed over. */
void ll_ics_lines_init(struct ll_ics_lines *l, struct ll_slice text);
void ll_ics_lines_fini(struct ll_ics_lines *l);

/* The next line, while rest is not empty; valid until the next call.  The name is empty for an
 * empty line. */
LL_MUST_USE bool ll_ics_line_next(struct ll_ics_lines *l, struct ll_ics_property *p,
                                  struct ll_err *err);

/* The value of a parameter without its quotes; empty when it is not there. */
struct ll_slice ll_ics_line_param(const struct ll_ics_property *p, const char *name);

#endif
