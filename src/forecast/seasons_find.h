/* One season found in what others left of a series. */
#ifndef LL_FORECAST_SEASONS_FIND_H
#define LL_FORECAST_SEASONS_FIND_H

#include "forecast/seasons.h"
#include "forecast/seasons_fold.h"
#include "forecast/seasons_lines.h"

struct ll_seasons_work {
    size_t n;
    double *x;           /* n: levelled, less what was found */
    double *rest, *sums; /* n; n + 2: of ll_seasons_work_prepare */
    double *scale;
    double span;        /* of what is in rest; 0 = nothing of x as it is */
    const bool *unseen; /* NULL = all were seen */
    struct ll_seasons_lines *lines;
};

struct ll_seasons_finding {
    double period;
    struct ll_seasons_gain gain;
};

/* Days in a week: 7 of the calendar, 5 of sessions. */
enum { LL_SEASONS_WEEKS = 2 };
extern const double ll_seasons_weeks[LL_SEASONS_WEEKS];

/* rest = x without its trend and with an even spread, for periods about `span`. */
struct ll_seasons_series ll_seasons_work_prepare(struct ll_seasons_work *w, double span);

/* The fundamental of the candidate that explains most, none of out[0..n_out) or their harmonics; of
 * a week its day when that is a season by itself.  False when none passes. */
bool ll_seasons_find(struct ll_seasons_work *w, const struct ll_season *out, size_t n_out,
                     struct ll_seasons_finding *found);

/* Does the day matter in a cycle of `days`?  x is without the day itself. */
bool ll_seasons_find_week(struct ll_seasons_work *w, double day, double days,
                          struct ll_seasons_finding *found);

/* Is the longer period a multiple of the shorter, but for 2 %? */
bool ll_seasons_multiple(double longer, double shorter);

#endif
