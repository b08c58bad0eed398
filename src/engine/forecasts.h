/* The forecasts in force: one per (service, resource type) of the view, refitted once an hour.
 *
 * Threads of low priority read the history, judge earlier forecasts by it and fit; the engine's
 * thread takes what comes into the book and sends it to the store, from where a restart reads it
 * back.  What is handed out is immutable and counted: 56 bytes a point and some 800 more, so 2 KB
 * for a day of hours. */
#ifndef LL_ENGINE_FORECASTS_H
#define LL_ENGINE_FORECASTS_H

#include "core/demand.h"
#include "core/forecasts.h"

struct ll_engine;

struct ll_held_forecast {
    struct ll_kept_forecast kept; /* as the store has it */
    struct ll_trust trust;        /* in forecasts of the series, over 30 days at its lead time */
    double fit_ms;                /* NaN: not fitted in this life */
    bool restored;                /* read back from the store, not made anew since the start */
    bool on_demand;               /* for a request: not kept, so not judged */
};

struct ll_forecast_book {
    const struct ll_held_forecast *const *v; /* sorted by service, type */
    size_t n;
};

struct ll_forecasts_status {
    size_t held, backlog, workers;
    size_t trusted;            /* of the held */
    size_t restored;           /* of the held: read back at the start */
    ll_time oldest;            /* when the oldest held one was made; LL_TIME_NONE = none held */
    uint64_t fitted, failed;   /* failed: for want of data mostly */
    double fit_ms, fit_ms_sum; /* of the last, NaN before it; of all */
    uint64_t dropped;          /* fitted, held and not stored: the writer's queue was full */
    uint64_t on_demand;        /* made for requests beyond the usual horizon */
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

/* The quantile of the maximum of demand over [from, from + span), or why there is none: what a
 * decision of scaling takes as its input.  Any thread; a series without a usable forecast goes to
 * the front of those that wait for a fit. */
struct ll_demand_ask {
    struct ll_slice service;
    enum ll_resource_type type;
    ll_time from;
    ll_dur span;     /* > 0 */
    double quantile; /* in (0, 1) */
};
void ll_engine_demand(struct ll_engine *e, const struct ll_demand_ask *ask, struct ll_demand *out);

/* A forecast on demand, for a horizon beyond that in force.
 *
 * _longer: one that was made lately and reaches so far, or NULL; release it.
 * _ask: has one made, before all others; `answered` is called once, on another thread, with a
 * reference of its own or NULL and the reason.  Fails, and does not call, with LL_E_NOT_FOUND (no
 * such series), LL_E_RANGE (over forecast.max_horizon_hours), LL_E_BUSY (too many are asked for).
 */
typedef void ll_forecast_answer_fn(void *ctx, const struct ll_held_forecast *f,
                                   const struct ll_err *err);
const struct ll_held_forecast *ll_engine_forecast_longer(struct ll_engine *e,
                                                         struct ll_slice service,
                                                         enum ll_resource_type type,
                                                         ll_dur horizon);
LL_MUST_USE bool ll_engine_forecast_ask(struct ll_engine *e, struct ll_slice service,
                                        enum ll_resource_type type, ll_dur horizon,
                                        ll_forecast_answer_fn *answered, void *ctx,
                                        struct ll_err *err);

/* Somebody waits for it: if its fit is due it is the next. */
void ll_engine_forecast_wanted(struct ll_engine *e, struct ll_slice service,
                               enum ll_resource_type type);

/* Which series must be fitted first: the higher number, 0 for all without a hook.  And the lead
 * time of a series' target, 0 = forecast.lead_time.  Called on the engine's thread; set before
 * ll_engine_start. */
typedef double ll_forecast_priority_fn(void *ctx, struct ll_slice service,
                                       enum ll_resource_type type);
typedef ll_dur ll_forecast_lead_fn(void *ctx, struct ll_slice service, enum ll_resource_type type);
void ll_engine_forecast_priority(struct ll_engine *e, ll_forecast_priority_fn *fn, void *ctx);
void ll_engine_forecast_leads(struct ll_engine *e, ll_forecast_lead_fn *fn, void *ctx);

#endif
