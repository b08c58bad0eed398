/* Forecasts and how they came out, as JSON: what the routes about them share. */
#ifndef LL_API_RENDER_FORECAST_H
#define LL_API_RENDER_FORECAST_H

#include "api/json_out.h"
#include "engine/forecasts.h"

double ll_render_hours(ll_dur d);

/* Members of an open object. */
void ll_render_forecast_id(struct ll_json_out *j, int64_t id); /* 0: null */
void ll_render_series(struct ll_json_out *j, struct ll_slice service, enum ll_resource_type type);
void ll_render_peak(struct ll_json_out *j, const struct ll_kept_forecast *f);
void ll_render_trust(struct ll_json_out *j, const struct ll_trust *t);
void ll_render_measures(struct ll_json_out *j, const struct ll_accuracy_sums *said,
                        const struct ll_accuracy_sums *naive);

ll_time ll_forecast_time_of(const struct ll_kept_forecast *f, size_t i);
bool ll_forecast_is_stale(const struct ll_kept_forecast *f, ll_time now);

/* The whole object with its first n points.  held: it is in force (or made on demand), and what is
 * known of it beyond the row; NULL = as it was kept. */
void ll_render_forecast(struct ll_json_out *j, const struct ll_kept_forecast *f, size_t n,
                        const struct ll_held_forecast *held, ll_time now);

#endif
