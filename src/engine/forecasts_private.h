/* Forecasts inside the engine: jobs to the workers, results back. */
#ifndef LL_ENGINE_FORECASTS_PRIVATE_H
#define LL_ENGINE_FORECASTS_PRIVATE_H

#include <math.h>

#include "base/vec.h"
#include "engine/internal.h"
#include "forecast/effects.h"

enum { LL_FORECAST_WORKERS_MAX = 8, LL_FORECAST_LONGER = 32 };

/* Rolling accuracy goes so far back. */
enum { LL_FORECAST_ROLLING_DAYS = 30 };

/* Somebody waits for it. */
#define LL_FORECAST_FIRST INFINITY

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
    ll_dur lead;
    double priority;
    bool refit;   /* a forecast is there */
    uint64_t seq; /* of its order, and in its id */

    /* On demand: no judging, and the answer goes to who asked. */
    ll_dur horizon; /* 0 = that of the configuration */
    ll_forecast_answer_fn *answered;
    void *ctx;

    /* The answer. */
    struct ll_held_forecast *held; /* a reference; NULL: err says why */
    struct ll_judgement *judged;
    size_t n_judged;
    struct ll_effects *learned; /* on a calendar's grid; else NULL */
    struct ll_venue_effect *venue;
    size_t n_venue;
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

/* What is known of a series: when it was asked for last, and on which data. */
struct ll_forecast_slot {
    char *key;
    size_t key_n;
    int64_t round; /* an hour, shifted by the key: spreads them over it */
    ll_dur shift;
    ll_time newest;
    bool waiting; /* for its result */
};
LL_VEC_DEFINE(ll_forecast_slots, struct ll_forecast_slot)

struct ll_forecasts {
    struct ll_engine *e;
    struct ll_forecast_queue *queue;
    struct ll_forecast_pool *pool;
    pthread_t thread[LL_FORECAST_WORKERS_MAX];
    size_t n_workers, n_started;
    ll_forecast_priority_fn *priority;
    void *priority_ctx;
    ll_forecast_lead_fn *lead;
    void *lead_ctx;

    /* The engine's thread. */
    struct ll_map *map;
    struct ll_forecast_slots slots;
    bool again; /* the past has changed: all are due */
    size_t waiting;

    atomic_uint_fast64_t seq; /* of jobs */

    pthread_mutex_t lock; /* book, longer, asked, status */
    struct ll_forecast_book_ref *book;
    const struct ll_held_forecast
        *longer[LL_FORECAST_LONGER]; /* made on demand; each a reference */
    size_t next_longer, asked;
    struct ll_forecasts_status status;
};

/* forecast_held.c: one piece of memory with copies of all that k points to; NULL without any. */
struct ll_held_forecast *ll_forecast_hold(const struct ll_kept_forecast *k);
void ll_forecast_held_ref(const struct ll_held_forecast *f);
void ll_forecast_job_free(struct ll_forecast_job *j); /* who asked for it is told first */

/* forecast_book.c: a sorted array of counted pointers, swapped whole. */
struct ll_forecast_book_ref *ll_forecast_book_new(size_t n);
void ll_forecast_book_add(struct ll_forecast_book_ref *b, const struct ll_held_forecast *f);
const struct ll_forecast_book *ll_forecast_book_of(const struct ll_forecast_book_ref *b);
void ll_forecast_book_swap(struct ll_forecasts *f, struct ll_forecast_book_ref *b);
int ll_forecast_order(const struct ll_held_forecast *f, struct ll_slice service,
                      enum ll_resource_type type);
/* On the engine's thread: a new one with `add` (NULL = none), without the one before of its series
 * and without those that are over. */
void ll_forecast_book_turn(struct ll_forecasts *f, const struct ll_held_forecast *add);

/* forecast_longer.c: a worker has answered. */
void ll_forecast_answered(struct ll_forecasts *f, struct ll_forecast_job *j); /* takes it over */

/* forecast_restore.c: what the store has becomes the book, on the engine's thread. */
void ll_forecasts_restore(struct ll_forecasts *f);

/* forecast_pool.c: what classes of days do to series of one venue and resource type; any thread. */
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

/* forecasts.c: plan, again and take on the engine's thread; stop joins the threads that fit. */
struct ll_forecasts *ll_forecasts_new(struct ll_engine *e, size_t workers);
/* A job for a series of a view; NULL without memory.  Any thread: c is counted up. */
struct ll_forecast_job *ll_forecast_job_new(struct ll_forecasts *f, const struct ll_view *v,
                                            const struct ll_cell *cell, struct ll_shared_config *c);
struct ll_forecast_slot *ll_forecast_slot(struct ll_forecasts *f, const char *key, size_t n);
int64_t ll_forecast_round(const struct ll_forecast_slot *s, ll_time t);
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
/* Puts the job of that key before the others; false: none waits. */
bool ll_forecast_queue_raise(struct ll_forecast_queue *q, const char *key, size_t n);
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
