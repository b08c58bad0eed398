/* What was forecast, compared with what came. */
#ifndef LL_ENGINE_FORECAST_JUDGE_H
#define LL_ENGINE_FORECAST_JUDGE_H

#include "engine/forecasts_private.h"
#include "forecast/series.h"

struct ll_forecast_judge {
    struct ll_store_reader *reader;
    const struct ll_forecast_job *job;
    const struct ll_series *series; /* the history, to its end */
    ll_time now;
    struct ll_arena *arena; /* for judgements */
    ll_dur lead;            /* whose rolling sums are wanted */
    double multiplier;      /* in: ignored; out: of the next forecast's bounds */
    struct ll_judgement *v;
    size_t n;
    struct ll_accuracy_sums said, naive; /* out: of the lead, over the rolling days */
};
LL_MUST_USE bool ll_forecast_judge(struct ll_forecast_judge *g, struct ll_err *err);

/* The hour of a stored forecast that ends ll_forecast_ahead(f, horizon) after its origin; y: n
 * actuals a step from `from` on, NaN = none.  False when less than half of its steps are known. */
bool ll_forecast_compare(const struct ll_kept_forecast *f, unsigned horizon, ll_time from,
                         const double *y, size_t n, struct ll_judgement *out);

#endif
