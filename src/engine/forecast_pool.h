/* What classes of days do to series of one venue and resource type; safe for any thread. */
#ifndef LL_ENGINE_FORECAST_POOL_H
#define LL_ENGINE_FORECAST_POOL_H

#include "core/forecasts.h"
#include "forecast/effects.h"

struct ll_forecast_pool;
struct ll_forecast_pool *ll_forecast_pool_new(void);
void ll_forecast_pool_free(struct ll_forecast_pool *p);
void ll_forecast_pool_restore(struct ll_forecast_pool *p, const struct ll_venue_effect *v);

/* Of which series, and where. */
struct ll_forecast_member {
    struct ll_slice calendar, service;
    enum ll_resource_type type;
};
/* What all others of its venue have seen, and what it saw itself before its history began. */
void ll_forecast_pool_prior(struct ll_forecast_pool *p, const struct ll_forecast_member *m,
                            struct ll_effects *out);
/* Takes what a series has learned; what is news is written to out, whose texts are those of m and
 * learned, and counted. */
enum { LL_FORECAST_NEWS_MAX = LL_GRID_CLASSES + LL_GRID_EVENTS_MAX + 12 };
size_t ll_forecast_pool_take(struct ll_forecast_pool *p, const struct ll_forecast_member *m,
                             const struct ll_effects *learned, int64_t day,
                             struct ll_venue_effect out[static LL_FORECAST_NEWS_MAX]);

#endif
