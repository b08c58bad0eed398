#include "stats/trend.h"

#include <math.h>

#include "stats/quantile.h"

/* Compares the points of one season's position (all of them without a season); adds the
 * slopes, S and its variance. */
static void compare(const double *y, size_t n, size_t first, size_t step, double *slopes,
                    struct ll_trend *t, double *s, double *var)
{
    size_t points = 0;
    for (size_t i = first; i < n; i += step) {
        if (isnan(y[i]))
            continue;
        points++;
        for (size_t j = i + step; j < n; j += step) {
            if (isnan(y[j]))
                continue;
            slopes[t->pairs++] = (y[j] - y[i]) / (double)(j - i);
            *s += (y[j] > y[i]) - (y[j] < y[i]);
        }
    }
    double p = (double)points;
    *var += p * (p - 1) * (2 * p + 5) / 18;
    t->points += points;
}

struct ll_trend ll_trend_fit(const double *y, size_t n, size_t season, double *scratch)
{
    LL_ASSERT(n <= LL_TREND_POINTS_MAX);
    struct ll_trend t = {.slope = NAN, .z = 0};
    double s = 0, var = 0;
    size_t step = season ? season : 1;
    for (size_t first = 0; first < step && first < n; first++)
        compare(y, n, first, step, scratch, &t, &s, &var);
    t.slope = ll_quantile_median(scratch, t.pairs);
    if (var > 0 && s != 0)
        t.z = (s - (s > 0 ? 1 : -1)) / sqrt(var);
    return t;
}
