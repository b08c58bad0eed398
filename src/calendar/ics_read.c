#include <string.h>

#include "base/vec.h"
#include "calendar/ics.h"
#include "calendar/ics_line.h"

enum { DEPTH_MAX = 8, COMPONENT_MAX = 32, DAY_S = 24 * 60 * 60 };

LL_VEC_DEFINE(entries, struct ll_ics_entry)

/* BEGIN without its END yet. */
struct component {
    char name[COMPONENT_MAX];
    int line;
};

/* A VEVENT before its END. */
struct draft {
    struct ll_ics_entry entry;
    bool cancelled;
    const char *repeats; /* a property that is refused, and its line */
    int repeats_line;
};

struct reader {
    struct ll_ics_lines lines;
    int line;   /* of what is wrong */
    bool began; /* a VCALENDAR */
    struct component open[DEPTH_MAX];
    size_t depth;
    struct draft draft;
    struct entries entries;
    struct ll_arena *arena;
    struct ll_err *err;
};

static bool refuse(const struct reader *r, const char *what, struct ll_slice value)
{
    return ll_err_set_at(r->err, LL_E_INVALID, r->line, 0, "%s '%.*s'", what,
                         (int)LL_MIN(value.n, (size_t)80), value.n ? value.s : "");
}

static bool no_memory(const struct reader *r)
{
    return ll_err_set_at(r->err, LL_E_MEMORY, r->line, 0, "no memory for more of the calendar");
}

/* Exactly n digits at s, or -1. */
static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

static bool date_of(struct ll_slice v, ll_day *out)
{
    if (v.n < 8)
        return false;
    const int year = digits(v.s, 4), month = digits(v.s + 4, 2), day = digits(v.s + 6, 2);
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 ||
        day > ll_month_days(year, month))
        return false;
    *out = ll_day_of(year, month, day);
    return true;
}

/* Behind the date: Thhmmss, and Z for UTC.  A leap second reads as the one before. */
static bool clock_of(struct ll_slice v, struct ll_ics_time *t)
{
    if ((v.n != 7 && v.n != 8) || v.s[0] != 'T' || (v.n == 8 && v.s[7] != 'Z'))
        return false;
    const int h = digits(v.s + 1, 2), m = digits(v.s + 3, 2), s = digits(v.s + 5, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
        return false;
    t->clock = h * 3600 + m * 60 + LL_MIN(s, 59);
    t->utc = v.n == 8;
    return true;
}

static bool copy(struct reader *r, struct ll_slice s, struct ll_slice *out)
{
    const char *z = ll_arena_copy(r->arena, s.s, s.n);
    if (!z)
        return no_memory(r);
    *out = (struct ll_slice){z, s.n};
    return true;
}

/* DTSTART and DTEND.  Whether it is a date is told by its form: lists leave VALUE=DATE out. */
static bool take_time(struct reader *r, const struct ll_ics_property *p, struct ll_ics_time *out)
{
    struct ll_ics_time t = {.clock = LL_CAL_CLOCK_NONE};
    const struct ll_slice type = ll_ics_line_param(p, "VALUE"), zone = ll_ics_line_param(p, "TZID"),
                          v = p->value;
    if (out->date != LL_DAY_NONE)
        return refuse(r, "an event has this twice:", p->name);
    if (!date_of(v, &t.date) || (v.n > 8 && !clock_of((struct ll_slice){v.s + 8, v.n - 8}, &t)))
        return refuse(r,
                      "no time such as 20261127, 20261127T133000 or 20261127T133000Z between"
                      " 1900 and 2199:",
                      v);
    if (type.n > 0 && !ll_slice_ieq(type, v.n == 8 ? "DATE" : "DATE-TIME"))
        return refuse(r, "the value is not of its VALUE type:", v);
    if (v.n > 8 && !t.utc && zone.n > 0 && !copy(r, ll_ics_zone(zone), &t.zone))
        return false;
    *out = t;
    return true;
}

/* TEXT without its escapes; a line break becomes a space. */
static bool take_text(struct reader *r, const struct ll_ics_property *p, struct ll_slice *out)
{
    if (!ll_utf8_valid(p->value.s, p->value.n))
        return refuse(r, "this is not UTF-8:", p->value);
    char *z = ll_arena_copy(r->arena, p->value.s, p->value.n);
    size_t n = 0;
    if (!z)
        return no_memory(r);
    for (size_t i = 0; i < p->value.n; i++) {
        char c = p->value.s[i];
        if (c == '\\' && i + 1 < p->value.n) {
            c = p->value.s[++i];
            c = c == 'n' || c == 'N' ? ' ' : c;
        }
        z[n++] = (c >= 0 && c < 0x20) || c == 0x7f ? ' ' : c;
    }
    z[n] = '\0';
    *out = (struct ll_slice){z, n};
    return true;
}

static bool take_event_property(struct reader *r, const struct ll_ics_property *p)
{
    static const char *const repeating[] = {"RRULE", "RDATE", "EXRULE"};
    struct draft *d = &r->draft;
    if (ll_slice_ieq(p->name, "DTSTART"))
        return take_time(r, p, &d->entry.start);
    if (ll_slice_ieq(p->name, "DTEND"))
        return take_time(r, p, &d->entry.end);
    if (ll_slice_ieq(p->name, "SUMMARY"))
        return take_text(r, p, &d->entry.summary);
    if (ll_slice_ieq(p->name, "UID"))
        return take_text(r, p, &d->entry.uid);
    if (ll_slice_ieq(p->name, "STATUS"))
        d->cancelled = ll_slice_ieq(p->value, "CANCELLED");
    for (size_t i = 0; i < LL_LEN(repeating) && !d->repeats; i++)
        if (ll_slice_ieq(p->name, repeating[i])) {
            d->repeats = repeating[i];
            d->repeats_line = r->line;
        }
    return true;
}

static bool in_event(const struct reader *r)
{
    return r->depth == 2 && strcmp(r->open[1].name, "VEVENT") == 0;
}

static bool begin(struct reader *r, struct ll_slice name)
{
    if (r->depth == 0 && !ll_slice_ieq(name, "VCALENDAR"))
        return refuse(r, "outside of a VCALENDAR:", name);
    if (r->depth == DEPTH_MAX || name.n >= COMPONENT_MAX)
        return refuse(r, "components too deep, or with too long a name:", name);
    struct component *c = &r->open[r->depth++];
    c->line = r->line;
    for (size_t i = 0; i < name.n; i++)
        c->name[i] = (char)(name.s[i] >= 'a' && name.s[i] <= 'z' ? name.s[i] - 32 : name.s[i]);
    c->name[name.n] = '\0';
    r->began = true;
    if (in_event(r))
        r->draft = (struct draft){.entry = {.line = r->line,
                                            .start = {.date = LL_DAY_NONE},
                                            .end = {.date = LL_DAY_NONE}}};
    return true;
}

static int64_t seconds_of(const struct ll_ics_time *t)
{
    return (int64_t)t->date * DAY_S + (t->clock == LL_CAL_CLOCK_NONE ? 0 : t->clock);
}

static bool check_event(struct reader *r)
{
    const struct draft *d = &r->draft;
    const struct ll_ics_time *start = &d->entry.start, *end = &d->entry.end;
    if (d->repeats)
        return ll_err_set_at(r->err, LL_E_INVALID, d->repeats_line, 0,
                             "an event that repeats (%s) is not read: export the calendar with an "
                             "event for each date, or write the rule into a file of events",
                             d->repeats);
    r->line = d->entry.line; /* of all that is wrong with the whole of it */
    if (start->date == LL_DAY_NONE)
        return refuse(r, "an event without DTSTART", d->entry.summary);
    if (end->date == LL_DAY_NONE)
        return true;
    if ((start->clock == LL_CAL_CLOCK_NONE) != (end->clock == LL_CAL_CLOCK_NONE))
        return refuse(r, "one of DTSTART and DTEND is a date, the other a time:", d->entry.summary);
    const bool same_zone = start->utc == end->utc && ll_slice_eq(start->zone, end->zone);
    if (same_zone && seconds_of(end) < seconds_of(start))
        return refuse(r, "an event ends before it starts:", d->entry.summary);
    return true;
}

static bool end_event(struct reader *r)
{
    if (r->draft.cancelled)
        return true;
    if (!check_event(r))
        return false;
    if (r->entries.n == LL_ICS_ENTRIES_MAX)
        return ll_err_set_at(r->err, LL_E_TOO_LARGE, r->line, 0, "more than %d events",
                             LL_ICS_ENTRIES_MAX);
    return entries_push(&r->entries, r->draft.entry) || no_memory(r);
}

static bool end(struct reader *r, struct ll_slice name)
{
    if (r->depth == 0 || !ll_slice_ieq(name, r->open[r->depth - 1].name))
        return refuse(r, "END of what did not begin last:", name);
    const bool event = in_event(r);
    r->depth--;
    return !event || end_event(r);
}

static bool read_line(struct reader *r)
{
    struct ll_ics_property p;
    if (!ll_ics_line_next(&r->lines, &p, r->err))
        return false;
    r->line = r->lines.line;
    if (p.name.n == 0)
        return true;
    if (ll_slice_ieq(p.name, "BEGIN"))
        return begin(r, p.value);
    if (ll_slice_ieq(p.name, "END"))
        return end(r, p.value);
    if (r->depth == 0)
        return refuse(r, "outside of a VCALENDAR:", p.name);
    return !in_event(r) || take_event_property(r, &p);
}

static bool read_all(struct reader *r)
{
    while (r->lines.rest.n > 0)
        if (!read_line(r))
            return false;
    if (r->depth > 0)
        return ll_err_set_at(r->err, LL_E_INVALID, r->open[r->depth - 1].line, 0,
                             "BEGIN:%s has no END; is the file whole?", r->open[r->depth - 1].name);
    r->line = 1;
    return r->began || refuse(r, "no iCalendar file: it has no", LL_SLICE("BEGIN:VCALENDAR"));
}

static bool give(struct reader *r, const struct ll_ics_entry **entries, size_t *n)
{
    struct ll_ics_entry *all = LL_ARENA_NEW(r->arena, struct ll_ics_entry, r->entries.n);
    if (!all)
        return no_memory(r);
    if (r->entries.n > 0)
        memcpy(all, r->entries.v, r->entries.n * sizeof(*all));
    *entries = all;
    *n = r->entries.n;
    return true;
}

bool ll_ics_read(struct ll_slice text, struct ll_arena *out, const struct ll_ics_entry **entries,
                 size_t *n, struct ll_err *err)
{
    if (text.n > LL_ICS_BYTES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "a calendar of %zu bytes, at most %d are read",
                          text.n, LL_ICS_BYTES_MAX);
    struct reader r = {.entries = {.cap = LL_ICS_ENTRIES_MAX}, .arena = out, .err = err};
    ll_ics_lines_init(&r.lines, text);
    const bool ok = read_all(&r) && give(&r, entries, n);
    entries_fini(&r.entries);
    ll_ics_lines_fini(&r.lines);
    return ok;
}
