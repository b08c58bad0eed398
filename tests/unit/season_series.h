/* Series with and without a season, by a seed: for the test and the bench of the detector.
 *
 * Random numbers: splitmix64 (Steele, Lea & Flood 2014), a normal by Box & Muller 1958.  The same
 * seed gives the same series on every machine with the same libm. */
#ifndef LL_TEST_SEASON_SERIES_H
#define LL_TEST_SEASON_SERIES_H

#include "base/defs.h"

struct season_random {
    uint64_t state;
};

double season_uniform(struct season_random *r); /* [0, 1) */
double season_normal(struct season_random *r);

/* Processes without a season. */
enum season_null {
    SEASON_WHITE,
    SEASON_WALK,   /* a random walk */
    SEASON_AR5,    /* y = .5 y' + e */
    SEASON_AR9,    /* .9 */
    SEASON_AR99,   /* .99 */
    SEASON_TREND,  /* .02 t + e */
    SEASON_SHIFT,  /* 8 more from some step between a fifth and four fifths on */
    SEASON_SPIKES, /* 20 more in one of a hundred steps */
    SEASON_HEAVY,  /* Student's t with two degrees of freedom */
    SEASON_PSEUDO, /* y = 1.85 y' - .9 y'': swings of about 28 steps, of no lasting phase */
    SEASON_NULLS
};
extern const char *const season_null_names[SEASON_NULLS];
void season_null(struct season_random *r, enum season_null kind, double *y, size_t n);

enum season_shape { SEASON_SINE, SEASON_SQUARE, SEASON_PEAK, SEASON_SHAPES };
extern const char *const season_shape_names[SEASON_SHAPES];

/* A season of variance `snr` at a random phase, AR(.5) noise of variance 1, a trend of .002. */
void season_single(struct season_random *r, enum season_shape shape, double period, double snr,
                   double *y, size_t n);

/* A day of 24 (amplitude 1.4), a week of seven levels of standard deviation `weekly`, AR(.5) noise
 * of standard deviation .7. */
void season_week(struct season_random *r, double weekly, double *y, size_t n);

#endif
