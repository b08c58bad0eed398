/* Between the files of notifications; nobody else includes it. */
#ifndef LL_ENGINE_NOTICES_PRIVATE_H
#define LL_ENGINE_NOTICES_PRIVATE_H

#include "engine/internal.h"
#include "engine/notices.h"
#include "engine/scaling.h"
#include "notice/book.h"

enum { LL_NOTICES_RULES_MAX = 4096 };

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
    struct ll_notices_way way;
    ll_time seen_now;
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

/* notices_watch.c: what lasts, by what the engine shows now. */
void ll_notices_watch(struct ll_notices *n, ll_time now);

#endif
