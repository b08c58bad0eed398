/* Inside the source: what it remembers, and one poll. */
#ifndef LL_COLLECT_PROMQL_POLL_H
#define LL_COLLECT_PROMQL_POLL_H

#include "base/vec.h"
#include "collect/promql.h"
#include "collect/promql_ask.h"
#include "collect/promql_read.h"
#include "collect/promql_targets.h"

/* One thing that is asked for. */
struct ll_promql_entry {
    struct ll_mapping_query q;
    bool there;                  /* the server has such a metric, as far as is known */
    struct ll_labeled_set *last; /* a fact's last answer */
    ll_time last_mono;
};

struct ll_promql_source {
    struct ll_source base;
    struct ll_promql_opts o;
    struct ll_promql_entry *entries;
    struct ll_promql_business *business;
    ll_time *counted; /* the last interval of each; LL_TIME_NONE = none yet */
    struct ll_http_client *client;
    bool named; /* it is known which metrics there are */
    ll_time named_mono;
    size_t first; /* where the next poll begins: the last one came no further */
};

LL_VEC_DEFINE(ll_promql_counts, struct ll_business)

struct ll_promql_poll {
    struct ll_promql_source *s;
    struct ll_promql_server server;
    struct ll_labeled_set *set;
    struct ll_promql_counts counts;
    struct ll_promql_targets *targets; /* NULL = not known */
    ll_time t, mono;                   /* of the evaluation; when it began */
    ll_dur left;                       /* of the interval */
    ll_dur retry_after;
    const _Atomic bool *stop;
    bool end; /* no further question */
    size_t requests, failed, in_a_row, not_asked, gone;
    size_t fresh; /* series that came now; facts of before are not */
    size_t by_code[LL_E_COUNT];
    struct ll_promql_said said; /* of all answers */
    struct ll_err err;          /* the first failure */
};

/* One instant query, its series behind those of `into`.  opts need kind, name, max_series.  False
 * when it failed, which is counted under `what` then. */
bool ll_promql_query(struct ll_promql_poll *p, struct ll_slice what, struct ll_slice query,
                     ll_time at, const struct ll_promql_read_opts *opts,
                     struct ll_labeled_set *into);

/* What is asked otherwise than by a query; the answer is the caller's to read and free. */
bool ll_promql_get(struct ll_promql_poll *p, const char *path, const struct ll_str *form,
                   struct ll_http_response *out, struct ll_err *err);

/* Counts a failure, and ends the poll where more questions would only harm. */
void ll_promql_failed(struct ll_promql_poll *p, struct ll_slice what, const struct ll_err *err);

/* Asks for business metrics whose interval is over. */
void ll_promql_count(struct ll_promql_poll *p);

/* The sentence about what went wrong in part. */
void ll_promql_note(const struct ll_promql_poll *p, char *to, size_t size);

#endif
