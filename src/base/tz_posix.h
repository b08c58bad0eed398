/* The rule in the footer of a TZif file: a POSIX TZ string (POSIX.1-2017 8.3, with the hours of
 * RFC 9636 3.3.1).
 *
 * Summer time is a set of intervals [start, end), one a year.  They may touch (summer time all
 * year), reach over New Year (the southern half of the Earth) or lie a week beside their year.
 * Only base/tz includes this. */
#ifndef LL_BASE_TZ_POSIX_H
#define LL_BASE_TZ_POSIX_H

#include "base/tz.h"

struct ll_tz_type {
    int32_t offset; /* seconds east of UTC */
    bool dst;
    char abbr[LL_TZ_ABBR_MAX];
};

enum ll_tz_day_kind {
    LL_TZ_DAY_MONTH,  /* Mm.w.d */
    LL_TZ_DAY_JULIAN, /* Jn: 1..365, 29 February is not counted */
    LL_TZ_DAY_ZERO    /* n: 0..365, it is */
};

struct ll_tz_rule_day {
    enum ll_tz_day_kind kind;
    int month, week, day; /* week 5 = the last; day = n, or the weekday from Sunday = 0 */
    int32_t clock;        /* seconds from that day's local midnight; any sign, days long */
};

struct ll_tz_posix {
    struct ll_tz_type std, dst;
    bool has_dst;
    struct ll_tz_rule_day start, end;
};

/* NULL, or why not; *at is then the byte of the text that is wrong. */
const char *ll_tz_posix_parse(struct ll_slice text, struct ll_tz_posix *out, size_t *at);

/* s and until are seconds since 1970. */
const struct ll_tz_type *ll_tz_posix_at(const struct ll_tz_posix *rule, int64_t s);
/* The first change after s; INT64_MIN when there is none up to until. */
int64_t ll_tz_posix_next(const struct ll_tz_posix *rule, int64_t s, int64_t until);

/* True when n bytes can be an abbreviation: short, of letters, digits and signs. */
bool ll_tz_posix_abbr(const char *s, size_t n);

#endif
