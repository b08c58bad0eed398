/* What classes of days do to load: multiplicative factors with their sample size.
 *
 *     ratio of a day  = its total / median total of the ten regular days before it
 *     factor of class = exp(shrunk mean of log ratios),  weight n / (n + k) towards the prior
 * The prior is that of the same class pooled over series of the venue, or 1.  An effect that was
 * seen once is a guess and says so (n = 1); user events count from their second occurrence. */
#ifndef LL_FORECAST_EFFECTS_H
#define LL_FORECAST_EFFECTS_H

#include "forecast/grid.h"

struct ll_effect {
    double factor; /* 1 = none */
    size_t n;      /* occurrences in this history */
    size_t pooled; /* occurrences of other series behind the prior */
    double spread; /* standard deviation of log ratios; NaN below two */
};

struct ll_effects {
    struct ll_effect of[LL_GRID_CLASSES + LL_GRID_EVENTS_MAX];
};

/* Learns from the grid's own past; prior NULL = none. */
void ll_effects_learn(const struct ll_grid *g, const struct ll_effects *prior,
                      struct ll_effects *out);

/* Adds one series' evidence to a pool of its venue, for others' priors. */
void ll_effects_pool(struct ll_effects *pool, const struct ll_effects *own);

/* y[i] /= factor (sign -1) or *= factor (sign +1) for steps from..to of the grid. */
void ll_effects_apply(const struct ll_effects *e, const struct ll_grid *g, size_t from, size_t to,
                      int sign, double *y);

#endif
