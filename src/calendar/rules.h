/* A calendar as its rule file says it: plain data, read by config/calendar_file and compiled by
 * calendar/calendar.  docs/reference/calendar-rules.md is the meaning of every field. */
#ifndef LL_CALENDAR_RULES_H
#define LL_CALENDAR_RULES_H

#include "calendar/day.h"

enum ll_cal_base {
    LL_CAL_FIXED,         /* month, mday */
    LL_CAL_NTH,           /* nth, weekday, months */
    LL_CAL_ON_OR_AFTER,   /* weekday, month, mday */
    LL_CAL_ON_OR_BEFORE,  /* weekday, month, mday */
    LL_CAL_EASTER,        /* days after Easter, orthodox */
    LL_CAL_TABLE,         /* table */
    LL_CAL_LAST_SESSION,  /* on or before month, mday */
    LL_CAL_FIRST_SESSION, /* on or after month, mday */
};

enum ll_cal_collide { LL_CAL_COLLIDE_NO, LL_CAL_COLLIDE_NEXT, LL_CAL_COLLIDE_NEXT_SESSION };

/* Seconds from the trade date's local midnight; of the day before: negative. */
typedef int32_t ll_cal_clock;
#define LL_CAL_CLOCK_NONE INT32_MIN

struct ll_cal_table {
    struct ll_slice name;
    const ll_day *days; /* ascending */
    size_t n;
};

/* The times a session may get from a rule; LL_CAL_CLOCK_NONE = as it was. */
struct ll_cal_times {
    ll_cal_clock open, close, break_start, break_end;
    int32_t shift, shift_open; /* seconds, 0 = none */
};

struct ll_cal_rule {
    struct ll_slice id;
    enum ll_cal_base base;
    int month, mday;  /* 1.. */
    uint16_t months;  /* of NTH: bit 0 = January */
    int nth, weekday; /* weekday 0 = Monday */
    int easter;       /* days after Easter Sunday */
    bool orthodox;
    const struct ll_cal_table *table;

    uint8_t base_dow, dow; /* masks, bit 0 = Monday; 0 = any */
    ll_day from, to;       /* LL_DAY_NONE, LL_DAY_LAST when open */
    const int *years, *except_years;
    size_t n_years, n_except_years;
    int offset;
    int8_t observe[7]; /* shift by weekday */
    enum ll_cal_collide collide;

    struct ll_cal_times times; /* of a special rule */
    int line;                  /* in its file, for messages */
    const char *file;
};

struct ll_cal_weekmask {
    ll_day from; /* LL_DAY_NONE: the first */
    uint8_t mask;
    int line;
};

struct ll_cal_hours {
    ll_day from;
    uint8_t dow;               /* 0 = every day */
    struct ll_cal_times times; /* open and close given */
    int line;
};

/* name in files and outputs; every one but CLOSED and BREAK happens on the venue. */
#define LL_CAL_PHASES(X)                                                                           \
    X(CLOSED, "closed")                                                                            \
    X(PRE, "pre")                                                                                  \
    X(OPENING_AUCTION, "opening_auction")                                                          \
    X(REGULAR, "regular")                                                                          \
    X(INTRADAY_AUCTION, "intraday_auction")                                                        \
    X(BREAK, "break")                                                                              \
    X(CLOSING_AUCTION, "closing_auction")                                                          \
    X(POST, "post")                                                                                \
    X(NIGHT, "night")                                                                              \
    X(HALT, "halt")

enum ll_cal_phase {
#define X(name, text) LL_PHASE_##name,
    LL_CAL_PHASES(X)
#undef X
        LL_PHASE_COUNT
};

const char *ll_cal_phase_name(enum ll_cal_phase p);

enum ll_cal_anchor { LL_CAL_AT_CLOCK, LL_CAL_AT_OPEN, LL_CAL_AT_CLOSE };
struct ll_cal_point {
    enum ll_cal_anchor anchor;
    int32_t seconds; /* AT_CLOCK: an ll_cal_clock; else after the anchor */
};
enum ll_cal_when { LL_CAL_ANY, LL_CAL_FULL, LL_CAL_HALF };

struct ll_cal_phase_row {
    enum ll_cal_phase phase;
    struct ll_cal_point start, end;
    ll_day from, to;
    uint8_t dow; /* 0 = every day */
    enum ll_cal_when when;
    int line;
};

enum ll_cal_change_kind {
    LL_CAL_CLOSED,
    LL_CAL_TIMES,
    LL_CAL_OPENED,
    LL_CAL_EVENT,
    LL_CAL_NO_EVENT
};

/* One date's own entry: of the file (adhoc_*), or of an overlay. */
struct ll_cal_change {
    enum ll_cal_change_kind kind;
    ll_day date;
    struct ll_cal_times times; /* TIMES, OPENED */
    struct ll_slice event;     /* EVENT, NO_EVENT: its name */
    ll_cal_clock at;           /* EVENT: local time; LL_CAL_CLOCK_NONE = none */
    ll_time known;             /* from when it was known; LL_TIME_NONE = always */
    struct ll_slice reason, source, author;
    int line;
    const char *file;
};

struct ll_cal_rules {
    struct ll_slice code, name, tz;
    const struct ll_slice *aliases, *sources;
    size_t n_aliases, n_sources;
    ll_day from;           /* nothing is said before */
    ll_day announced_from; /* before it: projected; LL_DAY_NONE: never */
    ll_day announced_to;   /* after it: projected */
    const struct ll_cal_weekmask *weekmasks;
    const struct ll_cal_hours *hours;
    const struct ll_cal_phase_row *phases;
    const struct ll_cal_rule *holidays, *special;
    const struct ll_cal_change *changes; /* adhoc_closed, adhoc_times, adhoc_open */
    size_t n_weekmasks, n_hours, n_phases, n_holidays, n_special, n_changes;
    const char *file;
};

#endif
