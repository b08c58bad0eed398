/* Messages on their way: each on a thread of its own, at most one a receiver, so that one that
 * hangs keeps nobody else waiting.  A thread has copies of all it tells. */
#include <stdlib.h>
#include <string.h>

#include "engine/notices_private.h"
#include "os/http_client.h"
#include "os/thread.h"

struct copy {
    struct ll_notice notice;
    char ending[192];
};

struct ll_notices_post {
    struct ll_notices *n;
    struct ll_shared_config *config; /* whose receiver it is */
    struct ll_notice_message m;
    char to[128];
    struct copy *copies;
    struct ll_notices_way way;
    struct ll_notices_reply reply;
    pthread_t thread;
    atomic_bool done;
};

static void post_free(struct ll_notices_post *p)
{
    if (!p)
        return;
    ll_http_client_free(p->way.http);
    ll_engine_config_release(p->config);
    free(p->m.items);
    free(p->copies);
    free(p);
}

static void copy_item(struct ll_notices_post *p, size_t i, const struct ll_notice_item *from)
{
    struct copy *c = &p->copies[i];
    c->notice = *from->notice;
    ll_notice_put(c->ending, sizeof(c->ending), ll_slice_of(from->ending));
    p->m.items[i] = *from;
    p->m.items[i].notice = &c->notice;
    p->m.items[i].ending = c->ending;
}

/* Takes a reference of the configuration over; NULL without memory. */
static struct ll_notices_post *post_new(struct ll_notices *n, struct ll_shared_config *config,
                                        const struct ll_notice_message *m)
{
    struct ll_notices_post *p = calloc(1, sizeof(*p));
    struct ll_notice_item *items = calloc(m->n, sizeof(*items));
    struct copy *copies = calloc(m->n, sizeof(*copies));
    if (!p || !items || !copies) {
        free(p);
        free(items);
        free(copies);
        return NULL;
    }
    p->n = n;
    p->config = config;
    p->m = *m;
    p->m.items = items;
    p->copies = copies;
    p->way = (struct ll_notices_way){.stop = ll_notices_stopped, .stop_ctx = n};
    ll_notice_put(p->to, sizeof(p->to), ll_slice_of(m->to));
    p->m.to = p->to;
    atomic_init(&p->done, false);
    for (size_t i = 0; i < m->n; i++)
        copy_item(p, i, &m->items[i]);
    return p;
}

static void *run(void *ctx)
{
    struct ll_notices_post *p = ctx;
    const struct ll_config *c = p->config->config;
    const struct ll_notice_receiver *to = &c->notifications.receivers[p->m.receiver];
    const struct ll_notice_sender s = ll_notices_sender(c, to, p->m.at);
    ll_notices_send(&p->way, to, &s, &p->m, &p->reply);
    atomic_store(&p->done, true);
    ll_queue_wake(p->n->queue);
    return NULL;
}

static struct ll_notices_post **free_place(struct ll_notices *n)
{
    for (size_t i = 0; i < LL_LEN(n->posts); i++)
        if (!n->posts[i])
            return &n->posts[i];
    return NULL;
}

bool ll_notices_post(struct ll_notices *n)
{
    struct ll_err err;
    struct ll_notice_message m;
    struct ll_notices_post **place = free_place(n);
    const ll_time now = ll_engine_now(n->e);
    if (!place || ll_notices_stopped(n))
        return false;
    struct ll_shared_config *c = ll_engine_config_acquire(n->e);
    if (c != n->config || !ll_notice_book_due(n->book, now, &m)) {
        ll_engine_config_release(c); /* another configuration is followed first */
        return false;
    }
    struct ll_notices_post *p = post_new(n, c, &m);
    if (p && ll_thread_start(&p->thread, run, p, "notice", &err)) {
        *place = p;
        return true;
    }
    if (p)
        post_free(p);
    else
        ll_engine_config_release(c);
    ll_notice_book_result(n->book, &m, LL_NOTICE_LATER, 0, "no thread for it", now);
    return false;
}

static void log_reply(const struct ll_notices_post *p)
{
    const char *event = ll_notice_info(p->m.kind)->name;
    if (p->reply.result == LL_NOTICE_DELIVERED)
        LL_LOG(LL_LOG_INFO, "notification delivered", LL_KV("receiver", p->to),
               LL_KV("event", event), LL_KVI("notices", p->m.n));
    else
        LL_LOG(LL_LOG_WARN, "notification not delivered", LL_KV("receiver", p->to),
               LL_KV("event", event), LL_KVI("notices", p->m.n), LL_KV("error", p->reply.text));
}

static void come_back(struct ll_notices *n, struct ll_notices_post *p)
{
    pthread_join(p->thread, NULL);
    if (p->reply.result == LL_NOTICE_DELIVERED || !ll_notices_stopped(n))
        log_reply(p); /* else it was broken off by ourselves */
    ll_notice_book_result(n->book, &p->m, p->reply.result, p->reply.retry_after, p->reply.text,
                          ll_engine_now(n->e));
    post_free(p);
}

void ll_notices_collect(struct ll_notices *n)
{
    for (size_t i = 0; i < LL_LEN(n->posts); i++) {
        if (!n->posts[i] || !atomic_load(&n->posts[i]->done))
            continue;
        come_back(n, n->posts[i]);
        n->posts[i] = NULL;
    }
}

void ll_notices_posts_end(struct ll_notices *n)
{
    for (size_t i = 0; i < LL_LEN(n->posts); i++) {
        struct ll_notices_post *p = n->posts[i];
        if (!p)
            continue;
        n->posts[i] = NULL;
        come_back(n, p);
    }
}
