/* Ratios of days of each class to the regular days before them, for what is concluded of them. */
#ifndef LL_FORECAST_EFFECTS_PRIVATE_H
#define LL_FORECAST_EFFECTS_PRIVATE_H

#include "forecast/effects.h"

enum { LL_RATIOS_KEPT = 24 }; /* the newest of a class that count */

struct ll_ratios { /* logarithms */
    double v[LL_RATIOS_KEPT];
    size_t n; /* ever put */
};

static inline size_t ll_ratios_kept(const struct ll_ratios *x)
{
    return LL_MIN(x->n, (size_t)LL_RATIOS_KEPT);
}

struct ll_effect_ratios {
    struct ll_ratios of[LL_GRID_CLASSES + LL_GRID_EVENTS_MAX]; /* of days; of regular ones, too */
    /* Of parts of a day, over the ratio of the day. */
    struct ll_ratios part[LL_GRID_CLASSES + LL_GRID_EVENTS_MAX][LL_EFFECT_PARTS];
    struct ll_ratios half[12];
};

/* Of the grid's past; x is zeroed. */
void ll_effects_ratios(const struct ll_grid *g, struct ll_effect_ratios *x);

enum ll_effect_part ll_effect_part_of(const struct ll_grid *g, size_t step);

/* The month of steps from..to - 1 of one day, 0 to 11; -1 when they have no time. */
int ll_effect_month(const struct ll_grid *g, size_t from, size_t to);

#endif
