/* What classes of days do to load: multiplicative factors with their sample size.
 *
 *     ratio of a day  = its total / mean total of regular days before it, over the same slots
 *     factor of class = exp(prior + w (mean of log ratios - prior)),  w = n / (n + k),
 *                       k = 2 + (noise of a day / distance of that mean from the prior)^2
 *
 * The days before are the last ten regular ones of a SESSION grid, each half as heavy as the next
 * newer, because the level a forecast starts from is that of the newest days; of others the last
 * four of the same weekday.  Their mean is geometric.  Only slots that the day traded are compared.
 * Of a class the newest 24 log ratios count, held within a robust standard deviation of their
 * median.  Half days are not all alike (the eve of Christmas is quieter than the day after
 * Thanksgiving): those of each month have a factor of their own.  Of all other classes the open and
 * the close of the day have ratios of their own, over the day's: expiries load them.
 *
 * The prior is that of the same class pooled over series of the venue, or 1.  An effect that was
 * seen once is a guess and says so (n = 1); events by name count from their second occurrence, with
 * 1 in place of the 2. */
#ifndef LL_FORECAST_EFFECTS_H
#define LL_FORECAST_EFFECTS_H

#include "forecast/grid.h"

/* Of a SESSION grid's day: its first eighth, its last, and what lies between.  Days of other grids
 * are all MIDDLE. */
enum ll_effect_part { LL_EFFECT_OPEN, LL_EFFECT_MIDDLE, LL_EFFECT_CLOSE, LL_EFFECT_PARTS };

struct ll_effect {
    double factor;                /* 1 = none */
    double part[LL_EFFECT_PARTS]; /* its shape: what is more in a part than in the day; 1 = none */
    double own;                   /* what this history alone says, not shrunk; NaN: nothing */
    size_t n;                     /* occurrences in this history */
    size_t pooled;                /* occurrences of other series behind the prior */
    double spread;                /* standard deviation of log ratios; NaN below two */
};

struct ll_effects {
    struct ll_effect of[LL_GRID_CLASSES + LL_GRID_EVENTS_MAX]; /* by class of the grid */
    struct ll_effect half[12]; /* half days of a month, shrunk towards those of all */
    struct ll_grid_event event[LL_GRID_EVENTS_MAX]; /* names of those by name */
    size_t n_events;
    double noise; /* robust standard deviation of log ratios of regular days */
};

/* No effect at all: how a pool begins. */
void ll_effects_none(struct ll_effects *e);

/* Learns from the grid's own past; prior NULL = none.  Events of the prior are found by name. */
void ll_effects_learn(const struct ll_grid *g, const struct ll_effects *prior,
                      struct ll_effects *out);

/* Adds one series' evidence to a pool of its venue, for others' priors. */
void ll_effects_pool(struct ll_effects *pool, const struct ll_effects *own);

/* y[0] is the step `from`: y[i] /= factor (sign -1) or *= factor (sign +1) for steps from..to - 1
 * of the grid that the effects were learned on. */
void ll_effects_apply(const struct ll_effects *e, const struct ll_grid *g, size_t from, size_t to,
                      int sign, double *y);

#endif
