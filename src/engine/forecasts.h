/* The forecasts in force: one per (service, resource type) of the view, refitted once an hour.
 *
 * A thread of low priority reads the history, judges earlier forecasts by it and fits; the engine's
 * thread takes what comes into the book and sends it to the store.  What is handed out is immutable
 * and counted: 56 bytes a point and some 600 more, so 2 KB for a day of hours. */
#ifndef LL_ENGINE_FORECASTS_H
#define LL_ENGINE_FORECASTS_H

#include "core/forecasts.h"
#include "forecast/seasons.h"

struct ll_engine;

struct ll_held_forecast {
    struct ll_kept_forecast kept;            /* as the store has it */
    struct ll_slice part;                    /* that stood for the resource */
    struct ll_season season[LL_SEASONS_MAX]; /* steps of the history */
    size_t n_seasons;
    ll_time history_from; /* what it was fitted on: up to its origin */
    size_t history_steps; /* with data */
    double width_80; /* of the 80 % bounds, as a part of the width at `level`; NaN = not known */
    double fit_ms;
    ll_time newest; /* sample that the fit knew of */
};

struct ll_forecast_book {
    const struct ll_held_forecast *const *v; /* sorted by service, type */
    size_t n;
};

struct ll_forecasts_status {
    size_t held, backlog;
    ll_time oldest;            /* when the oldest held one was made; LL_TIME_NONE = none held */
    uint64_t fitted, failed;   /* failed: for want of data mostly */
    double fit_ms, fit_ms_sum; /* of the last, NaN before it; of all */
    uint64_t dropped;          /* fitted, held and not stored: the writer's queue was full */
};

/* Never NULL; release it soon. */
const struct ll_forecast_book *ll_engine_forecasts(struct ll_engine *e);
void ll_engine_forecasts_release(const struct ll_forecast_book *b);

/* The one of a series, or NULL; valid until the book is released. */
const struct ll_held_forecast *ll_forecast_book_find(const struct ll_forecast_book *b,
                                                     struct ll_slice service,
                                                     enum ll_resource_type type);

/* The same with a reference of its own, which ll_engine_forecast_release gives back. */
const struct ll_held_forecast *ll_engine_forecast(struct ll_engine *e, struct ll_slice service,
                                                  enum ll_resource_type type);
void ll_engine_forecast_release(const struct ll_held_forecast *f);

/* Which series must be fitted first: the higher number, 0 for all without a hook.  Called on the
 * engine's thread; set before ll_engine_start. */
typedef double ll_forecast_priority_fn(void *ctx, struct ll_slice service,
                                       enum ll_resource_type type);
void ll_engine_forecast_priority(struct ll_engine *e, ll_forecast_priority_fn *fn, void *ctx);

#endif
