/* Inside the agent: what its two threads share, under one lock. */
#ifndef LL_AGENT_INTERNAL_H
#define LL_AGENT_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "agent/agent.h"
#include "agent/push.h"
#include "collect/collect.h"
#include "os/spool.h"

enum {
    LL_AGENT_BODY_BYTES = 512 << 10, /* of one push, and one record more */
    LL_AGENT_RECORDS = 512           /* in it */
};

/* How the other side is; a change of it is logged, an attempt is not. */
enum ll_agent_link {
    LL_AGENT_LINK_NEW,
    LL_AGENT_LINK_OK,
    LL_AGENT_LINK_DOWN,
    LL_AGENT_LINK_SHUT_OUT
};

struct ll_agent {
    struct ll_agent_opts opts;
    char url[2048], instance[LL_NAME_MAX + 1];
    ll_dur interval;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* on CLOCK_MONOTONIC */
    struct ll_spool *spool; /* under the lock, as are the counts */
    struct ll_agent_counts counts;
    atomic_bool stopping, give_up;
    _Atomic ll_time stop_by;                   /* mono; once stopping */
    _Atomic ll_time collector_tick, push_tick; /* mono */
    bool started, push_done;
    pthread_t collect_thread, push_thread;

    /* The collecting thread's. */
    struct ll_collector *host;
    ll_time sync_by; /* mono; LL_TIME_NONE = nothing waits for it */
    bool collector_failing, queue_failing, queue_full;
    uint64_t dropped_seen;

    /* The pushing thread's. */
    struct ll_http_client *http;
    struct ll_str body, packed;
    size_t records_max; /* of the next push */
    ll_dur backoff;
    unsigned doubts;
    enum ll_agent_link link;
    ll_time link_since;           /* mono */
    char reason[LL_ERR_TEXT_MAX]; /* of the last refusal that was logged */
    uint64_t damaged_seen;
    struct ll_spool_mark damaged; /* behind the last record that could not be unpacked */
};

ll_time ll_agent_mono(void);

/* Waits under the lock until `until` (mono), a change, or five seconds. */
void ll_agent_wait(struct ll_agent *a, ll_time until);

/* Measures and queues; *samples = how many.  False when there was nothing to queue. */
LL_MUST_USE bool ll_agent_collect(struct ll_agent *a, size_t *samples, struct ll_err *err);
void *ll_agent_collect_loop(void *agent);

/* Pushes once from the front of the queue; false when it is empty.  *wait = until the next. */
LL_MUST_USE bool ll_agent_push_next(struct ll_agent *a, struct ll_agent_result *out, ll_dur *wait);
void *ll_agent_push_loop(void *agent);

#endif
