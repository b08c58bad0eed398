/* Samples as they came, on their way to a series: one a stamp, in order, counters made rates. */
#ifndef LL_FORECAST_POINTS_H
#define LL_FORECAST_POINTS_H

#include "forecast/series.h"

/* Copies the usable ones (finite, at most 1e150, of a time that can be printed); returns how
 * many. */
size_t ll_points_usable(const struct ll_point *p, size_t n, struct ll_point *out);

bool ll_points_sorted(const struct ll_point *p, size_t n);

/* By time; those of one stamp keep their order.  scratch holds n. */
void ll_points_sort(struct ll_point *p, size_t n, struct ll_point *scratch);

/* Of each stamp the last stays; returns how many are left. */
size_t ll_points_single(struct ll_point *p, size_t n);

/* Whether sorted points are a counter: they rise at most steps, and every fall is a restart from
 * about zero.  Without a restart nothing tells a counter from a disk that fills, and the level of
 * a disk is what is asked for: such a series is none. */
bool ll_points_counter_like(const struct ll_point *p, size_t n);

/* Each point but the first becomes the rise per second since the one before it; after a restart
 * the counter began at zero.  Returns how many are left. */
size_t ll_points_to_rates(struct ll_point *p, size_t n);

/* The usual distance of sorted points: the mode of the newest quarter (of 16 to 64 distances), or
 * of the oldest; distances within a tenth are alike.  What is within 2 % of a step that divides a
 * day is that step.  0 for fewer than two points. */
ll_dur ll_points_cadence(const struct ll_point *p, size_t n, bool newest);

/* Most of the newest points lie close around multiples of step: jitter would put them now into
 * one step, now into the one before it. */
bool ll_points_near_edges(const struct ll_point *p, size_t n, ll_dur step);

#endif
