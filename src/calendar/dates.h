/* The dates a rule has: its base in each year, then filters and shifts (steps 1 to 6 of
 * docs/reference/calendar-rules.md).  Colliding is the compiler's: it needs the other rules. */
#ifndef LL_CALENDAR_DATES_H
#define LL_CALENDAR_DATES_H

#include "calendar/rules.h"

/* The session that a session-based rule means, from its day in a year; LL_DAY_NONE = none. */
typedef ll_day ll_cal_session_near(void *ctx, const struct ll_cal_rule *rule, ll_day day);

/* Walks the dates whose bases lie in year .. last, in no promised order. */
struct ll_cal_dates {
    const struct ll_cal_rule *rule;
    int year, last;
    ll_cal_session_near *near; /* NULL: a session-based rule has no dates */
    void *ctx;
    size_t next; /* internal, begins as 0: place in the table or month of the year */
};

/* False at the end. */
bool ll_cal_dates_next(struct ll_cal_dates *dates, ll_day *out);

/* Steps 2 to 6: what becomes of a base, which may be LL_DAY_NONE; LL_DAY_NONE when it is left out.
 */
ll_day ll_cal_dates_shifted(const struct ll_cal_rule *r, ll_day base);

bool ll_cal_dates_by_session(const struct ll_cal_rule *r);
/* Step 3: from, to and years admit the base. */
bool ll_cal_dates_admit(const struct ll_cal_rule *r, ll_day base);
/* Some day of the year may be admitted. */
bool ll_cal_dates_in_year(const struct ll_cal_rule *r, int year);

#endif
