/* A forecast that follows its series sample by sample, in a few kilobytes and a microsecond.
 *
 *     x[t] = y[t] - profile[t mod m]             the usual value of that step of the season
 *     x[t] = sum b_j x[t - L_j] + e[t]           b by recursive least squares with forgetting
 *     shift += a (y - profile - shift),  profile += g (y - profile - shift)
 *     band = point -+ multiplier q s_h           s_h: running mean absolute error h steps ahead
 * (Recursive least squares: Plackett 1950; the multiplier: interval.h, Gibbs & Candes 2021.)
 *
 * Errors are those of forecasts that were really told: every twelfth is kept until its horizon has
 * passed.  A single wild value is held back; a new level gets through within a few samples.  No
 * allocation, no clock; the state may be copied and stored as it is. */
#ifndef LL_FORECAST_STREAM_H
#define LL_FORECAST_STREAM_H

#include "base/err.h"

enum {
    LL_STREAM_H = 48,
    LL_STREAM_LAGS = 12,
    LL_STREAM_SEASON_MAX = 168,
    LL_STREAM_PAST = 2 * LL_STREAM_SEASON_MAX, /* values remembered */
    LL_STREAM_KEPT = 4,                        /* told forecasts that wait for their actuals */
};

struct ll_stream {
    double b[LL_STREAM_LAGS];
    double p[LL_STREAM_LAGS * (LL_STREAM_LAGS + 1) / 2]; /* by rows, the lower triangle */
    double unit, q, level; /* sd of the first history; half width over s_h; of the band */
    double multiplier;     /* of q */
    double shift;          /* of the level from the profile's: the profile learns its shape alone */
    float low, high;       /* the range of what was seen, the past counting ever less */
    float past[LL_STREAM_PAST]; /* a ring; the oldest at `at` */
    float profile[LL_STREAM_SEASON_MAX];
    float error[LL_STREAM_H];                           /* s_h */
    uint16_t lag[LL_STREAM_LAGS], n_lags, at, m, phase; /* phase: of the next sample */
    uint16_t age[LL_STREAM_KEPT]; /* samples since it was told; LL_STREAM_H = none */
    uint16_t since;               /* samples since one was kept */
    float kept_half[LL_STREAM_KEPT], kept[LL_STREAM_KEPT][LL_STREAM_H];
};

struct ll_stream_forecast {
    float point[LL_STREAM_H], half[LL_STREAM_H]; /* half the width of the band at `level` */
};

/* From a history of n values, NaN = no data; seasons ascending, at most LL_STREAM_SEASON_MAX
 * steps, 0 = none; level of the band in (0, 1).  Fails with LL_E_SHORT (fewer than two seasons, or
 * no value at all) and LL_E_RANGE. */
LL_MUST_USE bool ll_stream_start(struct ll_stream *s, const double *y, size_t n,
                                 const int season[2], double level, struct ll_err *err);

/* The next sample.  Not finite, or beyond 1e30: no data, the forecast takes its place. */
void ll_stream_update(struct ll_stream *s, double y);

/* A hint: this state's turn comes soon.  Of many series most lie in memory, not in a cache; who has
 * a batch of samples asks for the next one's state before he works on this one's. */
void ll_stream_fetch(const struct ll_stream *s);

/* The next LL_STREAM_H steps. */
void ll_stream_tell(struct ll_stream *s, struct ll_stream_forecast *out);

#endif
