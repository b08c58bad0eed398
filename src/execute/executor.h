/* Executors: what reads and changes a target.  One table of functions a kind.
 *
 * An executor never decides.  Targets are absolute values; anything but a complete, understood
 * answer is UNKNOWN and is settled by reading the target, never by sending again blindly. */
#ifndef LL_EXECUTE_EXECUTOR_H
#define LL_EXECUTE_EXECUTOR_H

#include "base/arena.h"
#include "base/err.h"
#include "os/clock.h"
#include "scaling/place.h"

enum ll_outcome {
    LL_OUTCOME_OK,
    LL_OUTCOME_CONFLICT, /* the base changed: read and decide again */
    LL_OUTCOME_LATER,    /* 429, a rollout in progress: nothing was changed; see retry_after */
    LL_OUTCOME_REFUSED,  /* 401, 403, 404, invalid: stop and tell somebody */
    LL_OUTCOME_UNKNOWN   /* timeout, reset, 5xx, cut, HTML with 200: it may have been applied */
    /* A 503 is LATER to a read and, since proxies say it of requests they have passed on, UNKNOWN
     * with a retry_after to a change. */
};
const char *ll_outcome_name(enum ll_outcome o);

struct ll_executor;

/* What a target says of itself. */
struct ll_executor_seen {
    int64_t current;  /* what it is told to have */
    int64_t ready;    /* -1 = it does not say */
    int64_t min, max; /* its own range; -1 = it has none */
    char version[64]; /* for compare-and-set: resourceVersion; "" = it has none */
    char owner[64];   /* who owns the count: "HorizontalPodAutoscaler web"; "" = nobody */
};

struct ll_executor_action {
    struct ll_slice action_id; /* idempotency key; stable over retries */
    struct ll_slice target, service, reason;
    int64_t from, to;
    bool vertical;       /* a size, not a number of instances */
    const char *version; /* of what was seen; "" = none */
    int64_t epoch;
    ll_time expires; /* not to be acted on after it; LL_TIME_NONE = never expires */
};

struct ll_executor_ops {
    const char *name, *doc; /* as ll_place_kind_name */
    bool vertical, compare_and_set;

    /* Keeps *place by reference.  Fails with LL_E_CONFIG (files, URL) or LL_E_IO; no exchange. */
    bool (*open)(const struct ll_target_place *place, struct ll_executor **out, struct ll_err *err);
    void (*close)(struct ll_executor *x);

    /* Reads the target; *out is written on LL_OUTCOME_OK only, *err on all others. */
    enum ll_outcome (*observe)(struct ll_executor *x, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err);
    /* Asks for it once.  OK means confirmed by a complete answer, not that it is ready. */
    enum ll_outcome (*apply)(struct ll_executor *x, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err);
    /* What apply would send, for people: one line. */
    void (*plan)(struct ll_executor *x, const struct ll_executor_action *a, char *buf, size_t n);
};

struct ll_executor {
    const struct ll_executor_ops *ops;
    bool
        once; /* an unknown end is not followed by a second try: a command that is not idempotent */
    bool (*stop)(void *ctx); /* asked while waiting; true ends an exchange; NULL = never */
    void *stop_ctx;
};

/* In the order of enum ll_place_kind, LL_PLACE_KINDS of them. */
extern const struct ll_executor_ops *const ll_executors[LL_PLACE_KINDS];

/* By name; NULL when there is none. */
const struct ll_executor_ops *ll_executor_find(struct ll_slice name);

#endif
