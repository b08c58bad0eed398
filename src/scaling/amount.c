/* Amounts: whole units, saturating, never from what is not a number. */
#include <math.h>

#include "scaling/stages.h"

/* A hair above a whole number is that number: 0.3 / 0.1 is not 4. */
int64_t ll_scaling_ceil(double v)
{
    if (!(v > 0))
        return 0;
    if (v >= (double)LL_SCALING_AMOUNT_MAX)
        return LL_SCALING_AMOUNT_MAX;
    return (int64_t)ceil(v - 1e-9 * LL_MAX(1.0, v));
}

int64_t ll_scaling_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return b > 0 ? LL_SCALING_AMOUNT_MAX : 0;
    return LL_MAX(0, LL_MIN(sum, LL_SCALING_AMOUNT_MAX));
}

int64_t ll_scaling_round_up(int64_t v, int64_t grain)
{
    if (grain <= 1 || v <= 0)
        return LL_MAX(v, 0);
    return ll_scaling_add((v - 1) / grain * grain, grain);
}

int64_t ll_scaling_need(const struct ll_scaling_work *w, double demand, double per_unit,
                        double goal)
{
    if (!(per_unit > 0) || isinf(per_unit) || !(goal > 0) || isnan(demand))
        return -1;
    return ll_scaling_round_up(ll_scaling_ceil(demand / per_unit / goal), w->grain);
}
