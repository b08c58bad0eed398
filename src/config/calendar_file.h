/* Files of calendars: rules (CODE.yaml), tables (tables.yaml) and overlays, from their text into
 * plain data.  docs/reference/calendar-rules.md is the format.
 *
 * Everything that is wrong in a text is listed, in the order of the file.  A calendar that extends
 * another is read alone and joined to the other afterwards: whoever calls knows where files are. */
#ifndef LL_CONFIG_CALENDAR_FILE_H
#define LL_CONFIG_CALENDAR_FILE_H

#include "calendar/rules.h"
#include "config/yaml.h"

/* Tables, by name in the order of their file. */
struct ll_calendar_tables {
    const struct ll_cal_table *v;
    size_t n;
};

/* One reading.  The first `max` errors are in errs, LL_E_CONFIG with "name:line:column: what";
 * n_errs counts on beyond max. */
struct ll_calendar_reading {
    const char *name;                        /* the file, for messages; as long as the results */
    const struct ll_calendar_tables *tables; /* that rules may name; as long as the results */
    struct ll_arena *out;                    /* the results */
    struct ll_err *errs;
    size_t max, n_errs;
};

/* The rules of one file alone: what it leaves out is empty, its days LL_DAY_NONE. */
struct ll_calendar_file {
    struct ll_cal_rules rules;
    struct ll_slice extends; /* empty = none */
    const struct ll_slice *drop;
    size_t n_drop;
    /* For errors of joining: of the document, of its code and of what these keys say. */
    struct ll_yaml_place whole, code_place, extends_place, drop_place, valid_place;
};

/* False when anything was wrong, *out is then untouched. */
LL_MUST_USE bool ll_calendar_file_read(struct ll_calendar_reading *r, struct ll_slice text,
                                       struct ll_calendar_file *out);

/* The whole calendar: f over the calendar it extends (base NULL = it extends none), complete and
 * with hours and weeks from its first day on.  Keeps pointers into both. */
LL_MUST_USE bool ll_calendar_file_join(struct ll_calendar_reading *r,
                                       const struct ll_calendar_file *f,
                                       const struct ll_cal_rules *base, struct ll_cal_rules *out);

LL_MUST_USE bool ll_calendar_tables_read(struct ll_calendar_reading *r, struct ll_slice text,
                                         struct ll_calendar_tables *out);

/* NULL when there is none of that name. */
const struct ll_cal_table *ll_calendar_table(const struct ll_calendar_tables *t,
                                             struct ll_slice name);

/* An overlay's entry: a change of one calendar. */
struct ll_calendar_entry {
    struct ll_slice calendar; /* code or alias, as written */
    struct ll_cal_change change;
    struct ll_yaml_place place; /* of the calendar's code */
};

struct ll_calendar_overlay {
    struct ll_slice name;
    const struct ll_calendar_entry *entries;
    size_t n;
};

LL_MUST_USE bool ll_calendar_overlay_read(struct ll_calendar_reading *r, struct ll_slice text,
                                          struct ll_calendar_overlay *out);

/* Adds an error to the reading; returns false. */
bool ll_calendar_file_fail(struct ll_calendar_reading *r, const struct ll_yaml_place *p,
                           const char *fmt, ...) LL_PRINTF(3, 4);

#endif
