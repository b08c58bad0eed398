/* Between the files of the intake (internal to the folder). */
#ifndef LL_ENGINE_INTAKE_PRIVATE_H
#define LL_ENGINE_INTAKE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/discovery.h"
#include "engine/intake.h"
#include "engine/internal.h"

#define LL_INTAKE_PUSHED "remote-write" /* the source of what senders push */

enum {
    LL_INTAKE_QUEUE = 512,
    LL_INTAKE_BYTES = 256 << 20, /* of sets that wait */
    LL_INTAKE_BACKLOG = 256,     /* batches that wait for the store to work again */
    LL_INTAKE_SAMPLES = 4096,    /* of one batch of results */
    LL_INTAKE_BUSINESS = 256,
    LL_INTAKE_FACTS = 1024,
    LL_INTAKE_ENDS = 1024,
    LL_INTAKE_OFFENDERS = 256
};

/* One request's way to its answer: the batches that carry it, counted. */
struct ll_delivery {
    atomic_size_t left;
    void (*done)(const struct ll_intake_result *r, void *ctx);
    void *ctx;
    struct ll_intake_result mine;   /* the intake's, until it lets go */
    struct ll_intake_result theirs; /* the writer's, summed as batches are acknowledged */
};

struct ll_intake_wait;

enum ll_intake_what { LL_INTAKE_SET, LL_INTAKE_TAP, LL_INTAKE_ASKED };

struct ll_intake_msg {
    enum ll_intake_what what;
    struct ll_intake_wait *wait; /* of LL_INTAKE_ASKED */
    struct ll_labeled_set *set;
    struct ll_intake_opts opts;
    char *body; /* form and bytes; NULL = none */
    size_t body_n, bytes;
    void (*done)(const struct ll_intake_result *r, void *ctx);
    void *ctx;
};

struct ll_intake_offender {
    char metric[128];
    uint64_t points;
};

/* A mapper and what is counted beside it. */
struct ll_intake_source {
    char name[64];
    struct ll_mapper *mapper;
    uint64_t points, refused;
    ll_time last; /* mono, when something came; LL_TIME_NONE = never */
    struct ll_intake_offender offenders[LL_INTAKE_OFFENDERS];
    size_t n_offenders;
    uint64_t alarmed; /* refused, when the last alarm was raised */
    ll_time alarm_at; /* mono: the earliest next one */
};

/* Labels of all that passed since it was opened. */
struct ll_intake_tap {
    struct ll_labeled_set *set; /* NULL = closed */
    struct ll_map *seen;
    ll_time until; /* mono */
    bool full;
};

struct ll_discovery_ref {
    struct ll_discovery d; /* first: what is handed out points here */
    atomic_uint refs;
    struct ll_arena *arena;
};

struct ll_intake {
    struct ll_engine *e;
    struct ll_queue *queue;
    atomic_size_t bytes; /* of sets in the queue */
    pthread_t thread;
    bool started;

    /* The thread's own. */
    const struct ll_published *pub; /* holds the configuration the mappers were made from */
    struct ll_intake_source *sources[LL_COLLECTORS_MAX];
    size_t n_sources;
    struct ll_batch *b;           /* being filled with results; NULL = none yet */
    struct ll_delivery *delivery; /* whose results they are; NULL = nobody waits */
    bool failed;                  /* memory ended while filling */
    struct ll_intake_tap tap;
    char followed[17]; /* hash of the configuration last looked at */
    ll_time report_at; /* mono */

    pthread_mutex_t lock;                     /* over what follows */
    struct ll_batch *backlog, **backlog_tail; /* could not be committed: tried again */
    size_t n_backlog;
    struct ll_discovery_ref *discovery;
};

/* intake_batch.c: results on their way to the store. */
void ll_intake_begin(struct ll_intake *in, struct ll_delivery *d);
/* Pushes what was gathered. */
void ll_intake_flush(struct ll_intake *in);
struct ll_mapper_out ll_intake_out(struct ll_intake *in);
/* Points under their own labels, with the memory they stand in, and the body; taken over. */
void ll_intake_keep(struct ll_intake *in, struct ll_labeled_row *rows, size_t n,
                    struct ll_labeled_set *set, char *body, size_t body_n);
/* One batch less to wait for; tells the sender after the last. */
void ll_intake_release(struct ll_delivery *d);
/* Called by the engine when a batch of the intake could not be committed; takes it over. */
void ll_intake_again(struct ll_intake *in, struct ll_batch *b);
/* Pushes the backlog once more. */
void ll_intake_retry(struct ll_intake *in);

/* intake.c: maps a set of remote-write whose points are stored already. */
void ll_intake_map_again(struct ll_intake *in, const struct ll_labeled_set *set, ll_time received);
/* intake_replay.c: once, before anything else is mapped. */
void ll_intake_replay(struct ll_intake *in);

/* intake_tap.c */
void ll_intake_tap_begin(struct ll_intake *in);
void ll_intake_tap_series(struct ll_intake *in, const char *source,
                          const struct ll_labeled_series *s);
void ll_intake_tap_tick(struct ll_intake *in);
void ll_intake_tap_end(struct ll_intake *in);
void ll_intake_answer(struct ll_intake *in, struct ll_intake_wait *w);
void ll_intake_unanswered(struct ll_intake_wait *w); /* NULL too */

/* intake_source.c */
struct ll_intake_source *ll_intake_source(struct ll_intake *in, const char *name);
void ll_intake_source_free(struct ll_intake_source *s);
void ll_intake_offend(struct ll_intake_source *s, struct ll_slice labels, size_t points);
/* Follows the configuration: a mapping that changed makes new mappers. */
void ll_intake_follow(struct ll_intake *in);
void ll_intake_alarm(struct ll_intake *in, struct ll_intake_source *s);
void ll_intake_publish(struct ll_intake *in);

#endif
