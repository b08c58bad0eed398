/* Time as the product keeps it: milliseconds UTC since 1970, and spans of them.
 *
 * Days are proleptic Gregorian (Hinnant, "chrono-compatible low-level date
 * algorithms"); leap seconds do not exist, as in POSIX.  Nothing here reads a clock. */
#ifndef LL_BASE_TIME_H
#define LL_BASE_TIME_H

#include "base/err.h"
#include "base/str.h"

typedef int64_t ll_time; /* ms since 1970-01-01T00:00:00Z */
typedef int64_t ll_dur;  /* ms */

#define LL_MS ((ll_dur)1)
#define LL_SECOND ((ll_dur)1000)
#define LL_MINUTE (60 * LL_SECOND)
#define LL_HOUR (60 * LL_MINUTE)
#define LL_DAY (24 * LL_HOUR)
#define LL_TIME_NONE INT64_MIN

/* 0001-01-01 and the last millisecond of 9999: what RFC 3339 can print. */
#define LL_TIME_MIN ((ll_time)-62135596800000)
#define LL_TIME_MAX ((ll_time)253402300799999)

enum { LL_TIME_TEXT_MAX = 32, LL_DUR_TEXT_MAX = 24 };

struct ll_civil {
    int year, month, day; /* month and day from 1 */
    int hour, minute, second, ms;
    int weekday; /* 0 = Sunday */
};

struct ll_civil ll_time_civil(ll_time t);

/* Fields may be out of their range (month 14, day 0); weekday does not count.  Years beyond what
 * ll_time holds give its nearest end. */
ll_time ll_time_from_civil(const struct ll_civil *c);
int64_t ll_time_day(ll_time t); /* days since 1970-01-01, floored */

/* The greatest multiple of step (> 0) that is <= t; LL_TIME_NONE when ll_time has none. */
ll_time ll_time_floor(ll_time t, ll_dur step);

/* RFC 3339 with offset or Z, a fraction of any length (cut to ms), `T`, `t` or a space;
 * a leap second (23:59:60 in UTC) reads as the next second.  The whole slice must match, and
 * the time lie in LL_TIME_MIN..MAX. */
LL_MUST_USE bool ll_time_parse(struct ll_slice text, ll_time *out, struct ll_err *err);

/* As people write it in a query: RFC 3339, Unix seconds (fraction allowed, rounded to ms),
 * `now`, `now-24h`, `now+90m`; in LL_TIME_MIN..MAX. */
LL_MUST_USE bool ll_time_parse_relative(struct ll_slice text, ll_time now, ll_time *out,
                                        struct ll_err *err);

/* "2026-11-24T01:44:25.000Z"; outside LL_TIME_MIN..MAX it is clamped.  Returns buf. */
char *ll_time_format(ll_time t, char buf[static LL_TIME_TEXT_MAX]);
char *ll_time_format_date(ll_time t, char buf[static LL_TIME_TEXT_MAX]); /* 2026-11-24 */

/* `15s 10m 24h 90d 2w 250ms 1h30m 5y 0s`: whole numbers with a unit each, larger units first, no
 * sign, at most 1000 years.  y = 365 d, w = 7 d, as Prometheus has it. */
LL_MUST_USE bool ll_dur_parse(struct ll_slice text, ll_dur *out, struct ll_err *err);

/* In the largest unit up to days that is exact: "90m", "1d", "0s".  ll_dur_parse reads it back
 * unless d is negative or over its limit.  Returns buf. */
char *ll_dur_format(ll_dur d, char buf[static LL_DUR_TEXT_MAX]);

/* For people, two units at most, cut: "17 h 55 m", "23 d", "4.2 s", "250 ms". */
char *ll_dur_format_human(ll_dur d, char buf[static LL_DUR_TEXT_MAX]);

#endif
