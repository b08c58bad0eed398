/* Calendars for tests: rules as C structs with few words, and zones from a line of POSIX text. */
#ifndef LL_TESTS_UNIT_CALENDAR_MAKE_H
#define LL_TESTS_UNIT_CALENDAR_MAKE_H

#include "calendar/calendar.h"

#define HM(h, m) ((h)*3600 + (m)*60)
enum { MON, TUE, WED, THU, FRI, SAT, SUN };
enum { WEEKDAYS = 0x1f, WEEK = 0x7f };

/* A zone whose rule always held: "EST5EDT,M3.2.0,M11.1.0". */
struct ll_tz *make_zone(const char *posix);

ll_day make_day(const char *date); /* "2026-11-27" */
ll_time make_time(const char *t);  /* "2026-11-27T14:30Z", seconds if needed */

/* A calendar in the making: Monday to Friday, 09:30 to 16:00, 2000-01-01 to 2030-12-31 and all of
 * it announced, unless something else is put.  Lists are of the caller. */
struct make {
    struct ll_cal_rules rules;
    struct ll_cal_weekmask mask;
    struct ll_cal_hours hours;
    const char *zone; /* NULL = UTC */
    const struct ll_cal_change *changes;
    size_t n_changes;
    const char *to;
    ll_time known_at;
};

struct make make_calendar(void);

/* Times of which 0 is "as it was": midnight is put by hand. */
struct ll_cal_times make_times(int open, int close, int break_start, int break_end);

/* Fills what was left 0: no beginning, no end, times as they were, the line 10 + index. */
void make_rules(struct ll_cal_rule *rules, size_t n);

/* Always known, times as they were, line 90. */
struct ll_cal_change make_change(enum ll_cal_change_kind kind, const char *date);

/* With the zone in *tz (freed by the caller after the calendar).  NULL and err on failure. */
struct ll_calendar *make_compiled(const struct make *m, struct ll_tz **tz, struct ll_err *err);

/* One that must compile, and its end. */
struct made {
    struct ll_tz *tz;
    struct ll_calendar *c;
};
struct made make_it(const struct make *m);
void make_end(struct made *m);

/* The message of what must not compile. */
const char *make_refused(const struct make *m, enum ll_err_code code, int line);

unsigned make_flags(const struct ll_calendar *c, const char *date);
const char *make_why(const struct ll_calendar *c, const char *date); /* ll_calendar_reason */

/* "09:30-16:00" in UTC, with "12:00-13:00" after it for a break; "closed". */
const char *make_hours(const struct ll_calendar *c, const char *date);

#endif
