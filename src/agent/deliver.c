/* The pushing thread: from the front of the queue, oldest first, until it is empty. */
#include <string.h>
#include <sys/random.h>

#include "agent/internal.h"
#include "agent/record.h"
#include "os/log.h"
#include "os/notify.h"

enum {
    SAMPLES = 5000, /* of one push */
    DOUBTS_MAX = 5  /* pushes of one record that somebody refused who is no Loadline */
};

#define BACKOFF_MIN LL_SECOND
#define BACKOFF_MAX LL_MINUTE
#define RETRY_AFTER_MAX (10 * LL_MINUTE)

/* What goes into one push. */
struct parcel {
    size_t samples, records;
    struct ll_spool_mark mark; /* behind it */
};

static bool add_record(struct ll_agent *a, struct parcel *p, struct ll_spool_mark mark)
{
    struct ll_err err;
    size_t before = a->body.n, samples = 0;
    if (p->records)
        ll_str_addc(&a->body, ',');
    if (!ll_agent_record_unpack((struct ll_slice){a->packed.s, a->packed.n}, &a->body, &samples,
                                &err)) {
        a->body.n = before;
        a->body.failed = false;
        if (err.code != LL_E_DAMAGED)
            return false;
        if (mark.segment > a->damaged.segment ||
            (mark.segment == a->damaged.segment && mark.offset > a->damaged.offset)) {
            a->damaged = mark; /* it is met at every attempt, and counted once */
            a->counts.damaged_bytes += a->packed.n;
        }
        p->mark = mark;
        return true;
    }
    if (p->records && (a->body.n > LL_AGENT_BODY_BYTES || p->samples + samples > SAMPLES)) {
        a->body.n = before; /* the next push begins with it */
        return false;
    }
    p->samples += samples;
    p->records++;
    p->mark = mark;
    return true;
}

static void fill(struct ll_agent *a, struct parcel *p)
{
    ll_str_clear(&a->body);
    ll_str_addz(&a->body, "{\"metrics\":[");
    pthread_mutex_lock(&a->lock);
    struct ll_spool_mark mark = ll_spool_begin(a->spool);
    *p = (struct parcel){.mark = mark};
    ll_str_clear(&a->packed);
    while (p->records < a->records_max && ll_spool_next(a->spool, &mark, &a->packed) &&
           add_record(a, p, mark))
        ll_str_clear(&a->packed);
    if (p->records == 0)
        ll_spool_acknowledge(a->spool, p->mark); /* nothing but damage */
    pthread_mutex_unlock(&a->lock);
    ll_str_addz(&a->body, "]}");
}

static void done_with(struct ll_agent *a, const struct parcel *p, size_t delivered, size_t refused)
{
    pthread_mutex_lock(&a->lock);
    ll_spool_acknowledge(a->spool, p->mark);
    a->counts.delivered += delivered;
    a->counts.refused += refused;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

static double random_ratio(void)
{
    uint32_t r = 0;
    if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
        r = UINT32_MAX / 2;
    return r / ((double)UINT32_MAX + 1);
}

/* Doubled each time and spread, so that many agents do not come back as one. */
static ll_dur next_wait(struct ll_agent *a, ll_dur retry_after)
{
    if (retry_after > 0) { /* it knows better */
        ll_dur w = LL_MIN(retry_after, RETRY_AFTER_MAX);
        return w + (ll_dur)((double)LL_MIN(w, BACKOFF_MAX) * random_ratio() / 4);
    }
    a->backoff = LL_MIN(a->backoff ? a->backoff * 2 : BACKOFF_MIN, BACKOFF_MAX);
    return (ll_dur)((double)a->backoff * (0.5 + random_ratio()));
}

static void tell_link(struct ll_agent *a, enum ll_agent_link link, const struct ll_err *err)
{
    if (a->link == link)
        return;
    ll_dur seconds = (ll_agent_mono() - a->link_since) / LL_SECOND;
    struct ll_agent_counts c;
    ll_agent_counts(a, &c);
    if (link == LL_AGENT_LINK_OK)
        LL_LOG(LL_LOG_INFO, a->link == LL_AGENT_LINK_NEW ? "delivering" : "delivering again",
               LL_KV("to", a->url), LL_KVI("after_seconds", seconds),
               LL_KVI("queued_records", c.queued));
    else if (link == LL_AGENT_LINK_DOWN)
        LL_LOG(LL_LOG_WARN, "not delivered, samples are kept until they are", LL_KV("to", a->url),
               LL_KV("error", err->text), LL_KVI("queued_records", c.queued));
    else
        LL_LOG(LL_LOG_ERROR, "the receiver does not let this agent in, samples are kept",
               LL_KV("to", a->url), LL_KV("error", err->text));
    ll_notify_send(link == LL_AGENT_LINK_OK     ? "STATUS=delivering"
                   : link == LL_AGENT_LINK_DOWN ? "STATUS=the receiver does not take samples"
                                                : "STATUS=the receiver does not let this agent in");
    a->link = link;
    a->link_since = ll_agent_mono();
}

/* Once per reason, not per sample. */
static void tell_refusals(struct ll_agent *a, size_t samples, const struct ll_err *err)
{
    if (samples == 0 || strcmp(a->reason, err->text) == 0)
        return;
    memcpy(a->reason, err->text, sizeof(a->reason));
    LL_LOG(LL_LOG_WARN, "samples were refused and are dropped", LL_KV("to", a->url),
           LL_KVI("samples", samples), LL_KV("reason", err->text));
}

static void tell_damage(struct ll_agent *a)
{
    struct ll_agent_counts c;
    ll_agent_counts(a, &c);
    if (c.damaged_bytes > a->damaged_seen)
        LL_LOG(LL_LOG_WARN, "a damaged place in the queue was stepped over",
               LL_KV("path", a->opts.queue_path),
               LL_KVI("bytes", c.damaged_bytes - a->damaged_seen));
    a->damaged_seen = c.damaged_bytes;
}

/* The parcel will not be taken as it is: smaller ones, and one that cannot be made smaller goes. */
static ll_dur give_way(struct ll_agent *a, const struct parcel *p, const struct ll_agent_result *r)
{
    bool doubtful = r->outcome == LL_AGENT_DOUBTFUL;
    if (r->outcome != LL_AGENT_REFUSED && p->records > 1) {
        a->records_max = p->records / 2;
        return 0;
    }
    if (doubtful && ++a->doubts < DOUBTS_MAX) {
        tell_link(a, LL_AGENT_LINK_DOWN, &r->err);
        return next_wait(a, r->retry_after);
    }
    a->doubts = 0;
    done_with(a, p, 0, p->samples);
    tell_refusals(a, p->samples, &r->err);
    if (doubtful)
        return next_wait(a, r->retry_after);
    tell_link(a, LL_AGENT_LINK_OK, &r->err);
    return 0;
}

static ll_dur act_on(struct ll_agent *a, const struct parcel *p, const struct ll_agent_result *r)
{
    switch (r->outcome) {
    case LL_AGENT_DELIVERED:
        a->backoff = 0;
        a->doubts = 0;
        a->records_max = LL_MIN(a->records_max * 2, (size_t)LL_AGENT_RECORDS);
        done_with(a, p, r->accepted, r->rejected);
        tell_refusals(a, r->rejected, &r->err);
        tell_link(a, LL_AGENT_LINK_OK, &r->err);
        return 0;
    case LL_AGENT_TOO_MUCH:
    case LL_AGENT_DOUBTFUL:
    case LL_AGENT_REFUSED:
        return give_way(a, p, r);
    case LL_AGENT_SHUT_OUT:
        tell_link(a, LL_AGENT_LINK_SHUT_OUT, &r->err);
        return next_wait(a, r->retry_after);
    case LL_AGENT_LATER:
        break;
    }
    tell_link(a, LL_AGENT_LINK_DOWN, &r->err);
    return next_wait(a, r->retry_after);
}

static bool must_stop(void *agent)
{
    const struct ll_agent *a = agent;
    return a->give_up;
}

static ll_dur time_for_push(const struct ll_agent *a)
{
    if (!a->stopping)
        return a->opts.timeout;
    return LL_MIN(a->opts.timeout, LL_MAX(a->stop_by - ll_agent_mono(), LL_SECOND / 10));
}

bool ll_agent_push_next(struct ll_agent *a, struct ll_agent_result *out, ll_dur *wait)
{
    struct parcel p;
    a->records_max = LL_MAX(a->records_max, 1);
    fill(a, &p);
    tell_damage(a);
    if (p.records == 0)
        return false;
    const struct ll_agent_push push = {.url = a->url,
                                       .instance = a->instance,
                                       .access = &a->opts.access,
                                       .timeout = time_for_push(a),
                                       .stop = must_stop,
                                       .ctx = a};
    ll_agent_push(&push, &a->http, (struct ll_slice){a->body.s, a->body.n}, p.samples, out);
    pthread_mutex_lock(&a->lock);
    a->counts.pushes++;
    a->counts.failed_pushes += out->outcome != LL_AGENT_DELIVERED;
    pthread_mutex_unlock(&a->lock);
    *wait = act_on(a, &p, out);
    return true;
}

/* Until `wait` has passed, or something is queued. */
static void rest(struct ll_agent *a, bool sent, ll_dur wait)
{
    pthread_mutex_lock(&a->lock);
    bool empty = ll_spool_stats(a->spool).records == 0;
    if (!sent && !empty && wait == 0)
        wait = BACKOFF_MIN; /* there was no memory for it */
    ll_time until = ll_agent_mono() + wait;
    while (!a->stopping && (wait > 0 ? ll_agent_mono() < until : empty)) {
        ll_agent_wait(a, wait > 0 ? until : INT64_MAX);
        a->push_tick = ll_agent_mono();
        empty = ll_spool_stats(a->spool).records == 0;
    }
    pthread_mutex_unlock(&a->lock);
}

void *ll_agent_push_loop(void *agent)
{
    struct ll_agent *a = agent;
    struct ll_agent_result r;
    for (;;) {
        bool last = a->stopping; /* then one failure is enough */
        ll_dur wait = 0;
        a->push_tick = ll_agent_mono();
        bool sent = ll_agent_push_next(a, &r, &wait);
        if (last && (!sent || wait > 0 || ll_agent_mono() >= a->stop_by))
            break;
        rest(a, sent, wait);
    }
    pthread_mutex_lock(&a->lock);
    a->push_done = true;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    return NULL;
}
