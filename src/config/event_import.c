/* The dates of a list from an iCalendar file: the entries that match, each on its day in the
 * calendar's zone. */
#include <stdlib.h>

#include "calendar/ics.h"
#include "config/event_file.h"

struct dated {
    ll_day date;
    ll_time time; /* LL_TIME_NONE: the whole day */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ASCII, any case. */
static bool holds(struct ll_slice text, struct ll_slice word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        size_t k = 0;
        while (k < word.n && lower(text.s[i + k]) == lower(word.s[k]))
            k++;
        if (k == word.n)
            return true;
    }
    return false;
}

static const struct ll_tz *zone_of(const struct ll_ics_time *t, const struct ll_event_zones *zones)
{
    if (t->zone.n == 0 || ll_slice_is(t->zone, ll_tz_name(zones->local)))
        return zones->local;
    return zones->find ? zones->find(zones->ctx, t->zone) : NULL;
}

/* False when the entry's zone is not known. */
static bool date_entry(const struct ll_ics_time *t, const struct ll_event_zones *zones,
                       struct dated *out)
{
    *out = (struct dated){t->date, LL_TIME_NONE};
    if (t->clock == LL_CAL_CLOCK_NONE)
        return true;
    const ll_time clock = t->date * LL_DAY + t->clock * LL_SECOND;
    const struct ll_tz *zone = t->utc ? NULL : zone_of(t, zones);
    if (!t->utc && !zone)
        return false;
    out->time = t->utc ? clock : ll_tz_utc_of(zone, clock, NULL);
    out->date = (ll_day)ll_time_day(out->time + ll_tz_at(zones->local, out->time).offset);
    return true;
}

static int by_date(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

/* One event a day: of two entries the earlier. */
static size_t sort(struct dated *v, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(v, n, sizeof(*v), by_date);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || v[kept - 1].date != v[i].date)
            v[kept++] = v[i];
    return kept;
}

static bool put(struct ll_arena *a, const struct dated *v, size_t n, struct ll_event_rule *rule)
{
    ll_day *dates = LL_ARENA_NEW(a, ll_day, n);
    ll_time *times = rule->has_time ? NULL : LL_ARENA_NEW(a, ll_time, n);
    if (!dates || (!times && !rule->has_time))
        return false;
    for (size_t i = 0; i < n; i++) {
        dates[i] = v[i].date;
        if (times)
            times[i] = v[i].time;
    }
    rule->dates = dates;
    rule->times = times;
    rule->n_dates = n;
    return true;
}

/* The matching entries into v; false after an error. */
static bool collect(struct ll_calendar_reading *r, const struct ll_event_import *import,
                    const struct ll_ics_entry *entries, size_t n,
                    const struct ll_event_zones *zones, struct dated *v, size_t *n_out)
{
    char shown[LL_YAML_QUOTE_MAX];
    *n_out = 0;
    for (size_t i = 0; i < n; i++) {
        const struct ll_ics_entry *e = &entries[i];
        if (e->start.date == LL_DAY_NONE || !holds(e->summary, import->match))
            continue;
        if (!date_entry(&e->start, zones, &v[(*n_out)++]))
            return ll_calendar_file_fail(r, &import->place, "ics: %.*s:%d: unknown time zone '%s'",
                                         (int)import->file.n, import->file.s, e->line,
                                         ll_yaml_quote(e->start.zone, shown));
    }
    if (*n_out > 0)
        return true;
    return ll_calendar_file_fail(r, &import->place, "ics: no entry of %.*s has '%s' in its summary",
                                 (int)import->file.n, import->file.s,
                                 ll_yaml_quote(import->match, shown));
}

bool ll_event_file_import(struct ll_calendar_reading *r, struct ll_event_file *f, size_t i,
                          struct ll_slice text, const struct ll_event_zones *zones)
{
    const struct ll_event_import *import = &f->imports[i];
    LL_AUTO(ll_arena) scratch = ll_arena_new(64 << 20);
    const struct ll_ics_entry *entries;
    struct ll_err err = {0};
    size_t n;
    if (!scratch)
        return ll_calendar_file_fail(r, &import->place, "no memory");
    if (!ll_ics_read(text, scratch, &entries, &n, &err))
        return ll_calendar_file_fail(r, &import->place, "ics: %.*s:%d: %s", (int)import->file.n,
                                     import->file.s, err.line, err.text);
    struct dated *v = LL_ARENA_NEW(scratch, struct dated, n);
    if (!v)
        return ll_calendar_file_fail(r, &import->place, "no memory");
    if (!collect(r, import, entries, n, zones, v, &n))
        return false;
    n = sort(v, n);
    return put(r->out, v, n, &f->own[import->rule]) ||
           ll_calendar_file_fail(r, &import->place, "no memory");
}
