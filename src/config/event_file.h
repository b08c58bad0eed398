/* The events of a calendar as a file says them: calendars/events/NAME.yaml.
 *
 * docs/reference/calendar-rules.md, "Events", is the format.  A file is read alone; the files of
 * dates it names are given to it afterwards, then it is joined to the one it extends: whoever calls
 * knows where files are. */
#ifndef LL_CONFIG_EVENT_FILE_H
#define LL_CONFIG_EVENT_FILE_H

#include "calendar/events.h"
#include "config/calendar_file.h"

/* A list whose dates are in an iCalendar file. */
struct ll_event_import {
    struct ll_slice file;  /* as written: beside the event file */
    struct ll_slice match; /* in the summary of an entry; empty = all entries */
    size_t rule;           /* index of the list among the rules */
    struct ll_yaml_place place;
};

struct ll_event_file {
    struct ll_event_rules rules; /* of this file alone: lists, then rules */
    struct ll_slice extends;     /* empty = none */
    struct ll_event_import *imports;
    size_t n_imports;
    struct ll_event_rule *own;          /* rules.rules, to be completed */
    const struct ll_yaml_place *places; /* of each rule, or of what it follows: for joining */
    struct ll_yaml_place whole, extends_place;
};

/* False when anything was wrong, *out is then untouched. */
LL_MUST_USE bool ll_event_file_read(struct ll_calendar_reading *r, struct ll_slice text,
                                    struct ll_event_file *out);

/* The zones that an import may need: that of the calendar, and others by their IANA name (NULL =
 * there is none). */
struct ll_event_zones {
    const struct ll_tz *local;
    const struct ll_tz *(*find)(void *ctx, struct ll_slice name);
    void *ctx;
};

/* Gives the list of import i its dates, and times unless it has one: those of the entries of `text`
 * that match.  It is an error when there are none. */
LL_MUST_USE bool ll_event_file_import(struct ll_calendar_reading *r, struct ll_event_file *f,
                                      size_t i, struct ll_slice text,
                                      const struct ll_event_zones *zones);

/* The whole set: f over the one it extends (base NULL = it extends none).  Of two rules with one
 * id f's counts, in the place of the other.  Keeps pointers into both. */
LL_MUST_USE bool ll_event_file_join(struct ll_calendar_reading *r, const struct ll_event_file *f,
                                    const struct ll_event_rules *base, struct ll_event_rules *out);

/* The table of keys, for the reference page. */
struct ll_schema;
const struct ll_schema *ll_event_file_table(void);

#endif
