/* Days as numbers, and the arithmetic rules need: weekdays, nth weekdays, Easter. */
#ifndef LL_CALENDAR_DAY_H
#define LL_CALENDAR_DAY_H

#include "base/err.h"
#include "base/time.h"

typedef int32_t ll_day; /* days since 1970-01-01, proleptic Gregorian */

#define LL_DAY_NONE INT32_MIN                 /* also "always known", "no beginning" */
#define LL_DAY_LAST INT32_MAX                 /* "no end" */
#define LL_DAY_FIRST_ALLOWED ((ll_day)-25567) /* 1900-01-01: rule files speak of 1900 .. 2199 */
#define LL_DAY_LAST_ALLOWED ((ll_day)84005)   /* 2199-12-31 */

struct ll_date {
    int year, month, day;
};

ll_day ll_day_of(int year, int month, int day); /* fields must be a date */
struct ll_date ll_day_date(ll_day d);
int ll_day_weekday(ll_day d); /* 0 = Monday .. 6 = Sunday */
int ll_month_days(int year, int month);

/* YYYY-MM-DD between 1900 and 2199. */
LL_MUST_USE bool ll_day_parse(struct ll_slice text, ll_day *out, struct ll_err *err);
/* "2026-11-27"; LL_DAY_NONE and LL_DAY_LAST give "".  Returns buf. */
enum { LL_DAY_TEXT_MAX = 16 };
char *ll_day_format(ll_day d, char buf[static LL_DAY_TEXT_MAX]);

/* The nth (1..5, or -1..-5 from the end) weekday of a month; LL_DAY_NONE when it has none. */
ll_day ll_day_nth(int year, int month, int nth, int weekday);

/* Easter Sunday as a Gregorian date: Meeus/Jones/Butcher, and for the Julian one Meeus's
 * Julian algorithm with the shift of the century. */
ll_day ll_day_easter(int year, bool orthodox);

#endif
