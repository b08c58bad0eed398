#include "base/tz_posix.h"

#include <string.h>

enum {
    DAY_S = 24 * 60 * 60,
    HOURS_OF_OFFSET = 24, /* POSIX */
    HOURS_OF_CLOCK = 167  /* RFC 9636: within a week of the day */
};

struct text {
    const char *at, *end, *from;
    const char *why; /* the first thing that was wrong */
};

static bool fail(struct text *t, const char *why)
{
    if (!t->why)
        t->why = why;
    return false;
}

static bool take(struct text *t, char c)
{
    const bool has = t->at < t->end && *t->at == c;
    t->at += has;
    return has;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ll_tz_posix_abbr(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '+' && s[i] != '-')
            return false;
    return n > 0 && n < LL_TZ_ABBR_MAX;
}

/* Letters, or with signs and digits in angle brackets: EST, <+0330>. */
static bool name(struct text *t, char out[static LL_TZ_ABBR_MAX])
{
    const bool quoted = take(t, '<');
    const char *from = t->at;
    while (t->at < t->end && (quoted ? *t->at != '>' : is_letter(*t->at)))
        t->at++;
    const size_t n = (size_t)(t->at - from);
    if (n < 3 || !ll_tz_posix_abbr(from, n))
        return fail(t, "no abbreviation of 3 to 15 letters");
    if (quoted && !take(t, '>'))
        return fail(t, "an abbreviation without '>'");
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

/* At most three digits: nothing overflows. */
static bool number(struct text *t, int lo, int hi, int *out)
{
    const char *from = t->at;
    int v = 0;
    for (; t->at < t->end && is_digit(*t->at) && t->at - from < 3; t->at++)
        v = v * 10 + (*t->at - '0');
    if (t->at == from)
        return fail(t, "a number is missing");
    if (v < lo || v > hi)
        return fail(t, "a number out of its range");
    *out = v;
    return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool clock_time(struct text *t, int max_hours, int32_t *out)
{
    const bool minus = take(t, '-');
    int h = 0, m = 0, s = 0;
    if (!minus)
        take(t, '+');
    if (!number(t, 0, max_hours, &h))
        return false;
    if (take(t, ':') && (!number(t, 0, 59, &m) || (take(t, ':') && !number(t, 0, 59, &s))))
        return false;
    *out = (minus ? -1 : 1) * (h * 3600 + m * 60 + s);
    return true;
}

static bool rule_day(struct text *t, struct ll_tz_rule_day *d)
{
    *d = (struct ll_tz_rule_day){.clock = 2 * 3600};
    if (!take(t, ','))
        return fail(t, "no comma before a day of change");
    if (take(t, 'M')) {
        d->kind = LL_TZ_DAY_MONTH;
        if (!number(t, 1, 12, &d->month) || !take(t, '.') || !number(t, 1, 5, &d->week) ||
            !take(t, '.') || !number(t, 0, 6, &d->day))
            return fail(t, "no day such as M3.5.0");
    } else if (take(t, 'J')) {
        d->kind = LL_TZ_DAY_JULIAN;
        if (!number(t, 1, 365, &d->day))
            return false;
    } else {
        d->kind = LL_TZ_DAY_ZERO;
        if (!number(t, 0, 365, &d->day))
            return false;
    }
    return !take(t, '/') || clock_time(t, HOURS_OF_CLOCK, &d->clock);
}

/* POSIX counts offsets west of Greenwich. */
static bool offset(struct text *t, int32_t *out)
{
    int32_t west = 0;
    if (!clock_time(t, HOURS_OF_OFFSET, &west))
        return false;
    *out = -west;
    return true;
}

static bool rule(struct text *t, struct ll_tz_posix *r)
{
    if (!name(t, r->std.abbr) || !offset(t, &r->std.offset))
        return false;
    if (t->at == t->end)
        return true;
    r->has_dst = true;
    r->dst = (struct ll_tz_type){.offset = r->std.offset + 3600, .dst = true};
    if (!name(t, r->dst.abbr) || (t->at < t->end && *t->at != ',' && !offset(t, &r->dst.offset)))
        return false;
    if (!rule_day(t, &r->start) || !rule_day(t, &r->end))
        return false;
    return t->at == t->end || fail(t, "text behind the rule");
}

const char *ll_tz_posix_parse(struct ll_slice text, struct ll_tz_posix *out, size_t *at)
{
    struct text t = {.at = text.s, .end = text.s + text.n, .from = text.s};
    struct ll_tz_posix r = {0};
    if (rule(&t, &r)) {
        *out = r;
        return NULL;
    }
    *at = (size_t)(t.at - t.from);
    return t.why;
}

static int64_t first_of_month(int64_t year, int month)
{
    return ll_time_day(ll_time_from_civil(&(struct ll_civil){(int)year, month, 1, 0, 0, 0, 0, 0}));
}

/* The day of the rule in a year, in days since 1970. */
static int64_t day_in(const struct ll_tz_rule_day *d, int64_t year)
{
    const int february = 31 + 28;
    if (d->kind == LL_TZ_DAY_ZERO)
        return first_of_month(year, 1) + d->day;
    if (d->kind == LL_TZ_DAY_JULIAN)
        return d->day <= february ? first_of_month(year, 1) + d->day - 1
                                  : first_of_month(year, 3) + d->day - 1 - february;
    const int64_t first = first_of_month(year, d->month);
    const int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    const int64_t day = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
    return d->week < 5 || day < first_of_month(year, d->month + 1) ? day : day - 7;
}

static int64_t moment_in(const struct ll_tz_rule_day *d, int64_t year, int32_t offset_before)
{
    return day_in(d, year) * DAY_S + d->clock - offset_before;
}

struct span {
    int64_t from, to;
};

/* Summer time that begins by the rule of a year. */
static struct span summer_of(const struct ll_tz_posix *r, int64_t year)
{
    struct span s = {moment_in(&r->start, year, r->std.offset),
                     moment_in(&r->end, year, r->dst.offset)};
    if (s.from > s.to)
        s.to = moment_in(&r->end, year + 1, r->dst.offset);
    return s;
}

static int64_t year_of(int64_t s)
{
    const int64_t end = INT64_MAX / 1000;
    return ll_time_civil(LL_MAX(LL_MIN(s, end), -end) * 1000).year;
}

/* A change lies up to nine days beside its year, and a summer ends up to a year later. */
static bool in_summer(const struct ll_tz_posix *r, int64_t s)
{
    const int64_t year = year_of(s);
    for (int64_t y = year + 1; y >= year - 2; y--) {
        const struct span x = summer_of(r, y);
        if (x.from <= s && s < x.to)
            return true;
    }
    return false;
}

const struct ll_tz_type *ll_tz_posix_at(const struct ll_tz_posix *r, int64_t s)
{
    return r->has_dst && in_summer(r, s) ? &r->dst : &r->std;
}

/* The first start or end after s, whether or not anything changes there. */
static int64_t next_edge(const struct ll_tz_posix *r, int64_t s)
{
    const int64_t year = year_of(s);
    int64_t best = INT64_MAX;
    for (int64_t y = year - 2; y <= year + 2; y++) {
        const struct span x = summer_of(r, y);
        if (x.from > s)
            best = LL_MIN(best, x.from);
        if (x.to > s)
            best = LL_MIN(best, x.to);
    }
    return best;
}

int64_t ll_tz_posix_next(const struct ll_tz_posix *r, int64_t s, int64_t until)
{
    if (!r->has_dst)
        return INT64_MIN;
    /* The Gregorian calendar repeats after 400 years: what does not change by then never does. */
    int64_t stop;
    if (__builtin_add_overflow(s, (int64_t)401 * 366 * DAY_S, &stop) || stop > until)
        stop = until;
    const bool was = in_summer(r, s);
    while (s < stop) {
        s = next_edge(r, s);
        if (s <= stop && in_summer(r, s) != was)
            return s;
    }
    return INT64_MIN;
}
