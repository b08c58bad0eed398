#include "engine/actors.h"

#include <stdlib.h>
#include <string.h>

#include "os/thread.h"

struct ll_actor {
    atomic_uint refs;
    struct ll_target_place place; /* its texts are the owner's */
    void *owner;
    void (*release)(void *owner);
    struct ll_executor *x;       /* of the thread that has its job */
    bool busy;                   /* a thread has a job of it; under the lock of `ll_actors` */
    struct ll_actor_job *behind; /* jobs that came meanwhile, oldest first; likewise */
};

struct ll_actors {
    struct ll_engine *e;
    struct ll_queue *queue;
    atomic_bool stopping;
    atomic_size_t busy;
    pthread_mutex_t lock; /* threads; busy and behind of each actor */
    pthread_t threads[LL_ACTORS_THREADS];
    size_t n_threads;
};

struct ll_actor *ll_actor_new(const struct ll_target_place *place, void *owner,
                              void (*release)(void *owner))
{
    struct ll_actor *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    atomic_init(&a->refs, 1);
    a->place = *place;
    a->owner = owner;
    a->release = release;
    return a;
}

bool ll_actor_remembers(const struct ll_actor *a, const struct ll_target_place *place)
{
    return place->kind == LL_PLACE_DRY_RUN && a->place.kind == LL_PLACE_DRY_RUN &&
           a->place.dry_run.current == place->dry_run.current;
}

void ll_actor_ref(struct ll_actor *a)
{
    atomic_fetch_add(&a->refs, 1);
}

void ll_actor_unref(struct ll_actor *a)
{
    if (!a || atomic_fetch_sub(&a->refs, 1) > 1)
        return;
    if (a->x)
        a->x->ops->close(a->x);
    if (a->release)
        a->release(a->owner);
    free(a);
}

void ll_actor_job_free(struct ll_actor_job *j)
{
    if (!j)
        return;
    ll_actor_unref(j->actor);
    free(j);
}

static bool stopped(void *ctx)
{
    return atomic_load(&((struct ll_actors *)ctx)->stopping);
}

static bool opened(struct ll_actors *as, struct ll_actor *a, struct ll_err *err)
{
    if (!a->x && !ll_executors[a->place.kind]->open(&a->place, &a->x, err))
        return false;
    a->x->stop = stopped;
    a->x->stop_ctx = as;
    return true;
}

static void refuse(struct ll_actor_job *j)
{
    j->outcome = LL_OUTCOME_REFUSED;
    j->result = (struct ll_act_result){
        /* It may have been sent before a restart: not known, while it cannot be read. */
        .state = j->verb == LL_ACTOR_SETTLE ? LL_ACTION_UNKNOWN : LL_ACTION_FAILED,
        .outcome = LL_OUTCOME_REFUSED,
        .seen = -1};
    memcpy(j->result.text, j->err.text, LL_MIN(sizeof(j->result.text), sizeof(j->err.text)));
    j->result.text[sizeof(j->result.text) - 1] = '\0';
}

static void work_on(struct ll_actors *as, struct ll_actor_job *j)
{
    if (!opened(as, j->actor, &j->err)) {
        refuse(j);
        return;
    }
    struct ll_executor *x = j->actor->x;
    const struct ll_executor_action a = {
        .action_id = ll_slice_of(j->action_id),
        .target = ll_slice_of(j->name),
        .service = ll_slice_of(j->service),
        .reason = ll_slice_of(j->reason),
        .from = j->from,
        .to = j->to,
        .vertical = j->vertical,
        .version = "",
        .epoch = j->epoch,
        .expires = j->expires,
    };
    const struct ll_act_opts o = {.clock = as->e->clock, .stop = stopped, .ctx = as};
    if (j->verb == LL_ACTOR_OBSERVE)
        j->outcome = x->ops->observe(x, &j->seen, &j->retry_after, &j->err);
    else if (j->verb == LL_ACTOR_ACT)
        ll_act_run(x, &a, &o, &j->result);
    else
        ll_act_settle(x, &a, &o, &j->result);
}

static void answer(struct ll_actors *as, struct ll_actor_job *j)
{
    while (!ll_engine_post_actor(as->e, j)) {
        if (atomic_load(&as->stopping)) {
            ll_actor_job_free(j);
            return;
        }
        ll_engine_sleep(as->e, as->e->clock.mono(as->e->clock.self) + 100);
    }
}

/* An executor is for one job at a time: one that reads a target that hangs is not given the change
 * too.  False: another thread has the actor, and takes the job when it is free. */
static bool begin(struct ll_actors *as, struct ll_actor_job *j)
{
    struct ll_actor *a = j->actor;
    pthread_mutex_lock(&as->lock);
    const bool mine = !a->busy;
    a->busy = true;
    struct ll_actor_job **end = &a->behind;
    while (!mine && *end)
        end = &(*end)->next;
    if (!mine)
        *end = j;
    pthread_mutex_unlock(&as->lock);
    return mine;
}

/* The next job of that actor; NULL = none, and it is free. */
static struct ll_actor_job *end(struct ll_actors *as, struct ll_actor *a)
{
    pthread_mutex_lock(&as->lock);
    struct ll_actor_job *next = a->behind;
    a->busy = next != NULL;
    if (next)
        a->behind = next->next;
    pthread_mutex_unlock(&as->lock);
    return next;
}

static void *work(void *ctx)
{
    struct ll_actors *as = ctx;
    void *item;
    while (!atomic_load(&as->stopping)) {
        if (ll_queue_pop(as->queue, &item, 1, LL_SECOND) == 0)
            continue;
        struct ll_actor_job *j = item;
        if (!begin(as, j))
            continue;
        while (j) {
            atomic_fetch_add(&as->busy, 1);
            work_on(as, j);
            atomic_fetch_sub(&as->busy, 1);
            struct ll_actor_job *next = end(as, j->actor);
            answer(as, j);
            j = next;
        }
    }
    return NULL;
}

struct ll_actors *ll_actors_new(struct ll_engine *e)
{
    struct ll_actors *as = calloc(1, sizeof(*as));
    if (!as)
        return NULL;
    as->e = e;
    pthread_mutex_init(&as->lock, NULL);
    as->queue = ll_queue_new(LL_ACTORS_QUEUE);
    if (as->queue)
        return as;
    ll_actors_free(as);
    return NULL;
}

/* One more when all are busy: a daemon without targets has none. */
static void grow(struct ll_actors *as)
{
    struct ll_err err;
    pthread_mutex_lock(&as->lock);
    const size_t idle = as->n_threads - LL_MIN(as->n_threads, atomic_load(&as->busy));
    if (as->n_threads < LL_ACTORS_THREADS && ll_queue_length(as->queue) > idle) {
        if (ll_thread_start(&as->threads[as->n_threads], work, as, "execute", &err))
            as->n_threads++;
        else
            LL_LOG(LL_LOG_ERROR, "no thread for an executor", LL_KV("error", err.text));
    }
    pthread_mutex_unlock(&as->lock);
}

bool ll_actors_put(struct ll_actors *as, struct ll_actor_job *j)
{
    if (!ll_queue_push(as->queue, j))
        return false;
    grow(as);
    return true;
}

void ll_actors_stop(struct ll_actors *as)
{
    if (!as)
        return;
    atomic_store(&as->stopping, true);
    ll_queue_close(as->queue);
    for (size_t i = 0; i < as->n_threads; i++)
        pthread_join(as->threads[i], NULL);
    as->n_threads = 0;
}

void ll_actors_free(struct ll_actors *as)
{
    void *item;
    if (!as)
        return;
    ll_actors_stop(as);
    while (as->queue && ll_queue_pop(as->queue, &item, 1, 0))
        ll_actor_job_free(item);
    ll_queue_free(as->queue);
    pthread_mutex_destroy(&as->lock);
    free(as);
}

void ll_actors_status(struct ll_actors *as, size_t *threads, size_t *busy)
{
    pthread_mutex_lock(&as->lock);
    *threads = as->n_threads;
    pthread_mutex_unlock(&as->lock);
    *busy = atomic_load(&as->busy);
}
