/* The way in for labelled samples: mapped, committed, answered. */
#ifndef LL_ENGINE_INTAKE_H
#define LL_ENGINE_INTAKE_H

#include "core/labeled.h"
#include "core/sample.h"

struct ll_engine;

/* What a labelled set became, on the writer's thread or earlier; valid during the call. */
struct ll_intake_result {
    bool committed;
    struct ll_err err;                         /* why not */
    size_t stored, mapped, unmatched, dropped; /* points */
    size_t refused[LL_REFUSAL_COUNT];
};

struct ll_intake_opts {
    const char *source;
    enum ll_origin origin;
    ll_time received;
    struct ll_slice body; /* in a form that can be decoded again, for the inbox; copied */
    char body_form;       /* '1' snappy and 1.0, '2' snappy and 2.0 */
    bool complete;        /* all that the source has at this time is in the set */
};

/* Maps and commits a set; takes it over unless it returns false (LL_E_BUSY: the queue is full).
 * done is called exactly once, when all of it is durable or has failed. */
LL_MUST_USE bool ll_engine_intake(struct ll_engine *e, struct ll_labeled_set *set,
                                  const struct ll_intake_opts *opts,
                                  void (*done)(const struct ll_intake_result *r, void *ctx),
                                  void *ctx, struct ll_err *err);

#endif
