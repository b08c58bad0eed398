/* Between the files of notifications; nobody else includes it. */
#ifndef LL_ENGINE_NOTICES_PRIVATE_H
#define LL_ENGINE_NOTICES_PRIVATE_H

#include "engine/internal.h"
#include "engine/notices.h"
#include "engine/scaling.h"
#include "notice/book.h"

/* A few more than receivers: one that was taken out of the configuration may still hang. */
enum { LL_NOTICES_RULES_MAX = 4096, LL_NOTICES_POSTS = LL_NOTICE_RECEIVERS_MAX + 8 };

struct ll_notices_post; /* notices_post.c: a message on its way, on a thread of its own */

struct ll_notices {
    struct ll_engine *e;
    struct ll_queue *queue; /* of struct ll_notices_event */
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    atomic_uint_fast64_t lost; /* events */

    /* The thread's. */
    struct ll_shared_config *config;
    struct ll_notice_book *book;
    struct ll_notices_post *posts[LL_NOTICES_POSTS];
    ll_time seen_now;
    ll_time seen;                           /* what happened until then is in the book */
    uint64_t kept;                          /* the book's changes that are on disk */
    bool keep_failed;                       /* and was said */
    struct ll_engine_status status;         /* too large for a stack */
    uint64_t trusted[LL_NOTICES_RULES_MAX]; /* hashes of rules whose forecast was trusted */
    size_t n_trusted;

    pthread_mutex_t lock;
    struct ll_notices_status shown;
};

struct ll_notices_event {
    struct ll_notice notice; /* what happened; or the key of what ended */
    bool ends;
    char ending[192];
};

/* notices.c */
bool ll_notices_stopped(void *notices);
void ll_notices_take(struct ll_notices *n, const struct ll_notices_event *x, ll_time now);
/* What an action's state tells; false = nothing. */
bool ll_notices_of_action(const struct ll_target *t, const struct ll_scaling_event *e,
                          struct ll_notices_event *out);
struct ll_notice_sender ll_notices_sender(const struct ll_config *c,
                                          const struct ll_notice_receiver *to, ll_time now);

/* notices_watch.c: what lasts, by what the engine shows now. */
void ll_notices_watch(struct ll_notices *n, ll_time now);
/* The forecast of that rule was trusted once. */
void ll_notices_trusted(struct ll_notices *n, struct ll_slice rule_id);

/* notices_post.c.  Starts what is due; true when something was started. */
bool ll_notices_post(struct ll_notices *n);
void ll_notices_collect(struct ll_notices *n);   /* what came back */
void ll_notices_posts_end(struct ll_notices *n); /* waits; stopping must be set */

/* notices_keep.c: the book on disk. */
void ll_notices_restore(struct ll_notices *n, ll_time now);
void ll_notices_save(struct ll_notices *n);

#endif
