/* A sum that does not lose small parts beside large ones: Neumaier 1974, Kahan's with the larger of
 * the two taken first.  The error is one rounding of the result where no partial sum overflows; the
 * order of the parts changes the result by no more.  No NaN may be added: what is not known is
 * counted by the caller. */
#ifndef LL_STATS_SUM_H
#define LL_STATS_SUM_H

#include <math.h>

struct ll_sum {
    double sum, lost;
};

static inline void ll_sum_add(struct ll_sum *s, double x)
{
    double t = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}

static inline double ll_sum_total(const struct ll_sum *s)
{
    return s->sum + s->lost;
}

#endif
