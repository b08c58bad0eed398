/* The calendars of an installation: the rule files in the program, those of a folder over them,
 * overlays, zones of the operating system; read once, compiled when first asked for.
 *
 * Safe for any number of threads.  What _get gives lives as long as the set. */
#ifndef LL_CONFIG_CALENDARS_H
#define LL_CONFIG_CALENDARS_H

#include "calendar/calendar.h"
#include "calendar/events.h"

struct ll_calendars;

struct ll_calendars_options {
    const char *rules; /* folder of CODE.yaml, tables.yaml, events/NAME.yaml; NULL = none */
    const char *const *overlays; /* files, NULL-terminated; NULL = none */
    ll_day to;                   /* usual horizon */
    const char *zoneinfo;        /* NULL = $TZDIR, else /usr/share/zoneinfo */
};

/* Reads no file of `rules` but tables before it is asked for a code; overlays are read here.
 * Fails with LL_E_CONFIG and file, line and column in the text. */
LL_MUST_USE bool ll_calendars_open(const struct ll_calendars_options *o, struct ll_calendars **out,
                                   struct ll_err *err);
struct ll_calendars *ll_calendars_ref(struct ll_calendars *s);
void ll_calendars_unref(struct ll_calendars *s); /* frees the last one */
LL_AUTO_DEFINE(ll_calendars, ll_calendars_unref)

/* By code or alias, in any case, with everything known, up to the usual horizon.  Fails with
 * LL_E_NOT_FOUND (naming the nearest code), LL_E_CONFIG, or LL_E_IO for a zone without a file,
 * naming the package that has it. */
LL_MUST_USE bool ll_calendars_get(struct ll_calendars *s, struct ll_slice code,
                                  const struct ll_calendar **out, struct ll_err *err);

/* One of its own: as known at a time (LL_TIME_NONE = all), to another horizon, with or without
 * overlays.  The caller frees it before the set. */
struct ll_calendars_ask {
    ll_time known_at;
    ll_day to;
    bool without_overlays;
};
LL_MUST_USE bool ll_calendars_compile(struct ll_calendars *s, struct ll_slice code,
                                      const struct ll_calendars_ask *ask, struct ll_calendar **out,
                                      struct ll_err *err);

/* The events whose rules name this calendar, from..to, as known at a time (LL_TIME_NONE = all).  A
 * calendar without event rules of its own has the generic ones (month ends, half days, holidays).
 */
LL_MUST_USE bool ll_calendars_events(struct ll_calendars *s, struct ll_slice code, ll_day from,
                                     ll_day to, ll_time known_at, struct ll_market_events **out,
                                     struct ll_err *err);

/* A zone by its IANA name, or UTC; valid as long as the set.  Fails with LL_E_INVALID for what is
 * no name, LL_E_IO for one that is not installed. */
LL_MUST_USE bool ll_calendars_zone(struct ll_calendars *s, struct ll_slice name,
                                   const struct ll_tz **out, struct ll_err *err);

/* Every calendar there is, sorted by code: codes, names, zone, years, rules, ad-hoc dates.  Valid
 * as long as the set.  A file of the folder that cannot be read fails the call. */
struct ll_calendar_info {
    struct ll_slice code, name, tz;
    const struct ll_slice *aliases, *sources;
    size_t n_aliases, n_sources;
    ll_day from, announced_to;
    size_t n_rules;      /* holidays and special */
    size_t n_adhoc;      /* dates in the file */
    size_t n_table_days; /* dates of the tables it uses */
    size_t n_overlays;   /* entries over it */
    const char *file;    /* NULL: in the program */
};
LL_MUST_USE bool ll_calendars_list(struct ll_calendars *s, const struct ll_calendar_info **out,
                                   size_t *n, struct ll_err *err);

/* A calendar whose announced days end within so many days is stale: time to look for its news. */
enum { LL_CALENDARS_STALE_DAYS = 30 };

/* Reads rule, table, event or overlay text and compiles what it can: for `calendar check FILE` and
 * for fuzzing.  `name` is for messages; the file's kind is told by its first key.  Fills at most
 * max errors, returns how many there are. */
size_t ll_calendars_check(struct ll_calendars *s, struct ll_slice text, const char *name,
                          struct ll_err *errs, size_t max);

#endif
