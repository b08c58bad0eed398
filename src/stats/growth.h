/* Growth of a daily quantity over months: where its line goes, and how sure that is.
 *
 *     y[t] = kind[t] + slope s(t) + sum of steps and bends + yearly waves + e[t]
 *     s(t) = t up to the last day; beyond it damped: sum of damping^k   (Gardner & McKenzie 1985)
 *
 * Least squares on days of up to eight kinds (open, half, closed ...), each with a level of its
 * own, so that a holiday is no dip.  Steps (a level that changed) and bends (a slope that changed)
 * are added one by one where they lower
 *
 *     n w ln(SSE / n) + ln(n) (terms + 2 changes)     (Schwarz 1978; a place counts as two terms)
 *
 * w = (1 - r) / (1 + r) for errors that follow each other with r.  Single days far from their
 * neighbours of the same kind do not bend the line (Hampel 1974) but stay among the errors.  For
 * proportional growth the caller gives logarithms.
 *
 * Paths into the future draw the coefficients from their covariance, errors as blocks of two weeks
 * from the past (Kuensch 1989), further steps at half the pace that the past had them, and where
 * the history is too short to show one a yearly wave as the caller thinks it may be. */
#ifndef LL_STATS_GROWTH_H
#define LL_STATS_GROWTH_H

#include "base/defs.h"

enum {
    LL_GROWTH_KINDS = 8,
    LL_GROWTH_CHANGES = 6,
    LL_GROWTH_TERMS = LL_GROWTH_KINDS + 1 + 4 + LL_GROWTH_CHANGES,
    LL_GROWTH_DAYS_MIN = 14,
    LL_GROWTH_WAVES_FROM = 540, /* days with data: fewer do not tell a year from a trend */
    LL_GROWTH_DAYS_MAX = 4096
};

struct ll_growth_days {
    const double *y;     /* NaN = no data */
    const uint8_t *kind; /* of each day, < LL_GROWTH_KINDS */
    size_t n;            /* <= LL_GROWTH_DAYS_MAX */
    int32_t first;       /* day since 1970 of y[0]: the phase of the year */
};

struct ll_growth_change {
    bool bend; /* else a step */
    size_t at; /* first day of it */
    double size;
};

struct ll_growth {
    size_t n, used, held; /* days; with data; of these held as outliers */
    int32_t first;
    int waves;                 /* yearly: 0, 1 or 2 */
    int term[LL_GROWTH_KINDS]; /* of each kind; one that was never seen has the commonest one's */
    size_t n_kinds, n_changes, n_terms;
    struct ll_growth_change change[LL_GROWTH_CHANGES];
    double beta[LL_GROWTH_TERMS];                   /* coefficients */
    double root[LL_GROWTH_TERMS * LL_GROWTH_TERMS]; /* Cholesky factor of X'X, rows */
    double sigma, follow; /* of the errors: deviation, correlation with the day before */
    double slope;         /* per day, at the end */
    double unseen; /* deviation of a yearly wave that so few days cannot tell; 0, the caller's */
    const double *error; /* in scratch: n_error errors in their order, outliers whole */
    size_t n_error;
};

#define LL_GROWTH_SCRATCH(n) (2 * (n))

/* False with fewer than LL_GROWTH_DAYS_MIN days of data; *out untouched then.  scratch holds
 * LL_GROWTH_SCRATCH(n) and lives as long as *out is used.  Yearly waves need 18 months, changes
 * two. */
LL_MUST_USE bool ll_growth_fit(const struct ll_growth_days *days, double *scratch,
                               struct ll_growth *out);

/* The line at day t (from 0; n is the first after the data); damping in (0, 1] per day. */
double ll_growth_line(const struct ll_growth *g, size_t t, unsigned kind, double damping);

/* What all paths of the same h days ahead share: rows holds LL_GROWTH_ROWS(h). */
#define LL_GROWTH_ROWS(h) ((h)*LL_GROWTH_TERMS)
void ll_growth_ahead(const struct ll_growth *g, const uint8_t *kind, size_t h, double damping,
                     double *rows);

/* One path: out[i] is day n + i, i < h. */
void ll_growth_path(const struct ll_growth *g, const double *rows, size_t h, uint64_t *seed,
                    double *out);

#endif
