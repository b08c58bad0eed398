#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/notices_private.h"
#include "os/http_client.h"
#include "os/thread.h"
#include "scaling/rule.h"

enum { QUEUE = 256, AT_ONCE = 64 };

static const ll_dur look_every = LL_SECOND, step_back = 5 * LL_SECOND;

struct ll_notices *ll_notices_new(struct ll_engine *e)
{
    struct ll_notices *n = calloc(1, sizeof(*n));
    if (!n)
        return NULL;
    n->e = e;
    atomic_init(&n->stopping, false);
    atomic_init(&n->lost, 0);
    pthread_mutex_init(&n->lock, NULL);
    n->queue = ll_queue_new(QUEUE);
    if (n->queue)
        return n;
    ll_notices_free(n);
    return NULL;
}

void ll_notices_free(struct ll_notices *n)
{
    void *item;
    if (!n)
        return;
    while (n->queue && ll_queue_pop(n->queue, &item, 1, 0))
        free(item);
    ll_queue_free(n->queue);
    ll_notice_book_free(n->book);
    ll_engine_config_release(n->config);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

/* --- what the engine's thread hands over --- */

static void hand_over(struct ll_notices *n, const struct ll_notices_event *event)
{
    struct ll_notices_event *copy = malloc(sizeof(*copy));
    if (copy) {
        *copy = *event;
        if (ll_queue_push(n->queue, copy))
            return;
    }
    free(copy);
    atomic_fetch_add(&n->lost, 1);
}

static const char *unit_of(const struct ll_target *t, char buf[static 64])
{
    snprintf(buf, 64, "%.*s", (int)LL_MIN(t->unit.n, (size_t)63), t->unit.n ? t->unit.s : "");
    return t->unit.n ? buf : "instances";
}

static void ended_proposal(struct ll_notices_event *x, const struct ll_scaling_event *e)
{
    x->ends = true;
    snprintf(x->notice.key, sizeof(x->notice.key), "proposal/%.*s", (int)e->action_id.n,
             e->action_id.s);
    snprintf(x->ending, sizeof(x->ending), "%s%s%.*s", ll_action_state_name(e->state),
             e->reason.n ? ": " : "", (int)LL_MIN(e->reason.n, (size_t)160),
             e->reason.n ? e->reason.s : "");
}

bool ll_notices_of_action(const struct ll_target *t, const struct ll_scaling_event *e,
                          struct ll_notices_event *x)
{
    *x = (struct ll_notices_event){.notice = {.at = e->changed, .deadline = LL_TIME_NONE}};
    struct ll_notice *to = &x->notice;
    char unit[64];
    const bool applied = e->state == LL_ACTION_APPLIED;
    if (e->state == LL_ACTION_EXPIRED || e->state == LL_ACTION_REJECTED ||
        e->state == LL_ACTION_SUPERSEDED) {
        ended_proposal(x, e);
        return true;
    }
    if (!applied && e->state != LL_ACTION_FAILED && e->state != LL_ACTION_NOT_APPLIED)
        return false;
    to->kind = applied ? LL_NOTICE_APPLIED : LL_NOTICE_FAILED;
    to->severity = ll_notice_info(to->kind)->severity;
    snprintf(to->key, sizeof(to->key), "action/%.*s", (int)e->action_id.n, e->action_id.s);
    snprintf(to->title, sizeof(to->title), "%.*s: %g to %g %s %s",
             (int)LL_MIN(t->name.n, (size_t)60), t->name.s, e->from_value, e->to_value,
             unit_of(t, unit), applied ? "done" : "failed");
    LL_NOTICE_PUT(to->text, e->reason);
    LL_NOTICE_PUT(to->service, t->service);
    LL_NOTICE_PUT(to->team, t->team);
    LL_NOTICE_PUT(to->owner, t->owner);
    LL_NOTICE_PUT(to->venue, t->venue);
    LL_NOTICE_PUT(to->path, LL_SLICE("scaling"));
    return true;
}

void ll_notices_action(struct ll_notices *n, const struct ll_target *t,
                       const struct ll_scaling_event *e)
{
    struct ll_notices_event x;
    if (ll_notices_of_action(t, e, &x))
        hand_over(n, &x);
}

void ll_notices_calendar(struct ll_notices *n, struct ll_slice code, const char *title,
                         const char *text)
{
    const ll_time now = ll_engine_now(n->e);
    struct ll_notices_event x = {.notice = {.kind = LL_NOTICE_CALENDAR,
                                            .severity = LL_SEVERITY_WARNING,
                                            .at = now,
                                            .deadline = LL_TIME_NONE}};
    snprintf(x.notice.key, sizeof(x.notice.key), "calendar/%.*s", (int)LL_MIN(code.n, (size_t)100),
             code.s);
    LL_NOTICE_PUT(x.notice.title, ll_slice_of(title));
    LL_NOTICE_PUT(x.notice.text, ll_slice_of(text));
    LL_NOTICE_PUT(x.notice.path, LL_SLICE("calendars"));
    hand_over(n, &x);
}

/* --- the thread --- */

bool ll_notices_stopped(void *notices)
{
    return atomic_load(&((struct ll_notices *)notices)->stopping);
}

/* The configuration in force; false without memory, or when nobody is to be told. */
static bool follow(struct ll_notices *n, ll_time now)
{
    struct ll_shared_config *c = ll_engine_config_acquire(n->e);
    const struct ll_notice_policy *p = &c->config->notifications;
    const bool first = !n->book;
    if (first)
        n->book = ll_notice_book_new(p);
    else if (c != n->config || now < n->seen_now - step_back)
        ll_notice_book_follow(n->book, p);
    n->seen_now = now;
    ll_engine_config_release(n->config);
    n->config = c;
    if (first && n->book)
        ll_notices_restore(n, now);
    if (p->n_receivers == 0)
        n->seen = now; /* nobody is told of it later */
    return n->book && p->n_receivers > 0;
}

void ll_notices_take(struct ll_notices *n, const struct ll_notices_event *x, ll_time now)
{
    if (x->ends)
        ll_notice_book_clear(n->book, ll_slice_of(x->notice.key), x->ending, now);
    else
        (void)ll_notice_book_raise(n->book, &x->notice, now); /* the book counts */
    n->seen = LL_MAX(n->seen, LL_MIN(x->notice.at, now));
}

struct ll_notice_sender ll_notices_sender(const struct ll_config *c,
                                          const struct ll_notice_receiver *to, ll_time now)
{
    return (struct ll_notice_sender){.external_url = c->web.external_url,
                                     .environment = c->environment,
                                     .receiver = to->name,
                                     .now = now};
}

static const char *kind_name(enum ll_receiver_kind k)
{
    static const char *const names[] = {[LL_RECEIVER_WEBHOOK] = "webhook",
                                        [LL_RECEIVER_SLACK] = "slack",
                                        [LL_RECEIVER_EMAIL] = "email",
                                        [LL_RECEIVER_ALERTMANAGER] = "alertmanager"};
    return names[k];
}

static void show(struct ll_notices *n, ll_time now)
{
    const struct ll_notice_policy *p = &n->config->config->notifications;
    pthread_mutex_lock(&n->lock);
    struct ll_notices_status *s = &n->shown;
    s->n_receivers = n->book ? p->n_receivers : 0;
    s->open = n->book ? ll_notice_book_open(n->book) : 0;
    s->silenced = n->book ? ll_notice_book_silenced(n->book, now) : 0;
    s->lost = atomic_load(&n->lost) + (n->book ? ll_notice_book_overflow(n->book) : 0);
    for (size_t i = 0; i < s->n_receivers; i++) {
        LL_NOTICE_PUT(s->receivers[i].name, p->receivers[i].name);
        s->receivers[i].kind = kind_name(p->receivers[i].kind);
        ll_notice_book_counts(n->book, i, now, &s->receivers[i].counts);
    }
    pthread_mutex_unlock(&n->lock);
}

static void drain(struct ll_notices *n, ll_dur wait, bool wanted)
{
    void *items[AT_ONCE];
    const size_t got = ll_queue_pop(n->queue, items, AT_ONCE, wait);
    for (size_t i = 0; i < got; i++) {
        if (wanted)
            ll_notices_take(n, items[i], ll_engine_now(n->e));
        free(items[i]);
    }
}

static void *run(void *ctx)
{
    struct ll_notices *n = ctx;
    while (!ll_notices_stopped(n)) {
        bool wanted = follow(n, ll_engine_now(n->e));
        drain(n, look_every, wanted); /* or until a message came back */
        const ll_time now = ll_engine_now(n->e);
        wanted = follow(n, now);
        if (n->book)
            ll_notices_collect(n);
        if (wanted) {
            ll_notices_watch(n, now);
            drain(n, 0, true);  /* how that ended which is not shown any more */
            ll_notices_save(n); /* before it is told, and before it is shown that it was */
            while (ll_notices_post(n))
                ;
        }
        show(n, now);
    }
    ll_notices_posts_end(n);
    if (n->book && n->config->config->notifications.n_receivers > 0)
        ll_notices_save(n);
    return NULL;
}

bool ll_notices_start(struct ll_notices *n, struct ll_err *err)
{
    return n->started = ll_thread_start(&n->thread, run, n, "notices", err);
}

void ll_notices_stop(struct ll_notices *n)
{
    if (!n || !n->started)
        return;
    atomic_store(&n->stopping, true);
    ll_queue_wake(n->queue);
    pthread_join(n->thread, NULL);
    n->started = false;
}

/* --- what others ask --- */

void ll_engine_notices_status(struct ll_engine *e, struct ll_notices_status *out)
{
    pthread_mutex_lock(&e->notices->lock);
    *out = e->notices->shown;
    pthread_mutex_unlock(&e->notices->lock);
}

bool ll_engine_notify_test(struct ll_engine *e, struct ll_slice receiver,
                           struct ll_notices_reply *out, struct ll_err *err)
{
    struct ll_notices_way way = {.stop = ll_notices_stopped, .stop_ctx = e->notices};
    struct ll_shared_config *c = ll_engine_config_acquire(e);
    const bool ok = ll_notices_test(&way, c->config, receiver, ll_engine_now(e), out, err);
    ll_http_client_free(way.http);
    ll_engine_config_release(c);
    return ok;
}

bool ll_notices_test(struct ll_notices_way *w, const struct ll_config *c, struct ll_slice receiver,
                     ll_time now, struct ll_notices_reply *out, struct ll_err *err)
{
    const struct ll_notice_policy *p = &c->notifications;
    if (p->n_receivers == 0)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "nobody is told of anything: notifications.receivers is empty");
    for (size_t i = 0; i < p->n_receivers; i++)
        if (receiver.n == 0 || ll_slice_eq(p->receivers[i].name, receiver)) {
            const struct ll_notice_sender s = ll_notices_sender(c, &p->receivers[i], now);
            ll_notices_send_test(w, &p->receivers[i], &s, out);
            return true;
        }
    return ll_err_set(err, LL_E_NOT_FOUND, "there is no receiver '%.*s' in notifications.receivers",
                      (int)LL_MIN(receiver.n, (size_t)128), receiver.s);
}
