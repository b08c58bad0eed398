/* The events of a calendar as a file says them: calendars/events/NAME.yaml.
 *
 * docs/reference/calendar-rules.md, "Events", is the format.  A file may go on from another
 * (`extends`) and may take dates from an iCalendar file beside it (`ics`); whoever calls knows
 * where files are. */
#ifndef LL_CONFIG_EVENT_FILE_H
#define LL_CONFIG_EVENT_FILE_H

#include "base/arena.h"
#include "calendar/events.h"

/* The bytes of a file beside the event files ("generic.yaml", "bls.ics"), valid as long as the
 * reading.  Fails with what is wrong, without a place. */
typedef bool ll_event_file_open(void *ctx, struct ll_slice name, struct ll_slice *bytes,
                                struct ll_err *err);

struct ll_event_file {
    struct ll_slice text;
    const char *name; /* for messages; must live as long as what is read */
    /* Tables that rules may name, sorted as in tables.yaml. */
    const struct ll_cal_table *tables;
    size_t n_tables;
    ll_event_file_open *open; /* NULL: `extends` and `ics` are errors */
    void *ctx;
};

/* Reads a file into `out`.  True without an error; else the first `max` of *n_errs are in errs,
 * each LL_E_CONFIG with "file:line:column: what". */
LL_MUST_USE bool ll_event_file_read(const struct ll_event_file *f, struct ll_arena *out,
                                    struct ll_event_rules *rules, struct ll_err *errs, size_t max,
                                    size_t *n_errs);

/* The rules of two files for one calendar, in `out`: of two with the same id the later counts, in
 * the place of the earlier.  False without memory. */
LL_MUST_USE bool ll_event_rules_join(const struct ll_event_rules *under,
                                     const struct ll_event_rules *over, struct ll_arena *out,
                                     struct ll_event_rules *joined);

/* The table, for the reference page. */
struct ll_schema;
const struct ll_schema *ll_event_file_table(void);

#endif
