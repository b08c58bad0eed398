/* Forecasts inside the engine: jobs to the worker, results back. */
#ifndef LL_ENGINE_FORECASTS_PRIVATE_H
#define LL_ENGINE_FORECASTS_PRIVATE_H

#include "engine/internal.h"

/* Goes out as a question and comes back with its answer; owns all. */
struct ll_forecast_job {
    char key[LL_NAME_MAX + 2]; /* the type's byte, the service */
    size_t key_n;
    char part[LL_NAME_MAX + 1];
    size_t part_n;
    enum ll_unit unit;
    double capacity;
    ll_time newest;                  /* sample of the cell */
    struct ll_shared_config *config; /* a reference */
    double priority;
    bool refit;   /* a forecast is there */
    uint64_t seq; /* of its order, and in its id */

    /* The answer. */
    struct ll_held_forecast *held; /* a reference; NULL: err says why */
    struct ll_judgement *judged;
    size_t n_judged;
    double fit_ms;
    struct ll_err err;
};

static inline struct ll_slice ll_forecast_job_service(const struct ll_forecast_job *j)
{
    return (struct ll_slice){j->key + 1, j->key_n - 1};
}

static inline enum ll_resource_type ll_forecast_job_type(const struct ll_forecast_job *j)
{
    return (enum ll_resource_type)j->key[0];
}

void ll_forecast_held_ref(const struct ll_held_forecast *f);
void ll_forecast_job_free(struct ll_forecast_job *j);

/* forecasts.c: plan, again and take on the engine's thread; stop joins the thread that fits. */
struct ll_forecasts *ll_forecasts_new(struct ll_engine *e);
LL_MUST_USE bool ll_forecasts_start(struct ll_forecasts *f, struct ll_err *err);
void ll_forecasts_stop(struct ll_forecasts *f); /* NULL too */
void ll_forecasts_free(struct ll_forecasts *f);
void ll_forecasts_plan(struct ll_forecasts *f);  /* queues what is due */
void ll_forecasts_again(struct ll_forecasts *f); /* the past has changed: all are due */
void ll_forecasts_take(struct ll_forecasts *f, struct ll_forecast_job *r); /* takes it over */
void ll_forecasts_status(struct ll_forecasts *f, struct ll_forecasts_status *out);

/* engine.c: a result for the engine's thread; false when its queue is full. */
LL_MUST_USE bool ll_engine_post_forecast(struct ll_engine *e, struct ll_forecast_job *r);

/* forecast_queue.c: jobs, the most urgent first; any thread. */
struct ll_forecast_queue;
struct ll_forecast_queue *ll_forecast_queue_new(void);
void ll_forecast_queue_free(struct ll_forecast_queue *q); /* with what waits */
LL_MUST_USE bool ll_forecast_queue_put(struct ll_forecast_queue *q, struct ll_forecast_job *j);
struct ll_forecast_job *ll_forecast_queue_take(struct ll_forecast_queue *q); /* NULL: closed */
void ll_forecast_queue_close(struct ll_forecast_queue *q);
size_t ll_forecast_queue_length(struct ll_forecast_queue *q);

/* forecast_fit.c: reads, judges, fits. */
void ll_forecast_fit(struct ll_engine *e, struct ll_forecast_job *j);

/* forecast_judge.c: compares what was forecast with what came. */
struct ll_forecast_judge {
    struct ll_store_reader *reader;
    const struct ll_forecast_job *job;
    const struct ll_series *series; /* the history, to its end */
    ll_time now;
    struct ll_arena *arena; /* for judgements */
    double multiplier;      /* in: ignored; out: of the next forecast's bounds */
    struct ll_judgement *v;
    size_t n;
};
LL_MUST_USE bool ll_forecast_judge(struct ll_forecast_judge *g, struct ll_err *err);

/* The hour of a stored forecast that ends ll_judged[horizon] after its origin; y: n actuals a step
 * from `from` on, NaN = none.  False when less than half of its steps are known. */
bool ll_forecast_compare(const struct ll_kept_forecast *f, unsigned horizon, ll_time from,
                         const double *y, size_t n, struct ll_judgement *out);

#endif
