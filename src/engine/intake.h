/* The intake: labelled samples become Loadline's series, on one thread.
 *
 *     decode (HTTP thread or source) -> intake (mapper) -> store writer -> fold
 *
 * One mapper for what is pushed and scraped together, one for each Prometheus that is asked.
 * What a sender is told (done) comes after the commit: points under their own labels are stored
 * then, and so is the body of a request whose samples a mapper still works on. */
#ifndef LL_ENGINE_INTAKE_H
#define LL_ENGINE_INTAKE_H

#include "core/sample.h"

struct ll_engine;

/* What became of a set; valid during the call of done. */
struct ll_intake_result {
    bool committed;
    struct ll_err err; /* why not */
    size_t points, stored, mapped, unmatched, dropped;
    size_t refused[LL_REFUSAL_COUNT];
};

struct ll_intake_opts {
    const char *source; /* static, or living as long as the engine */
    enum ll_origin origin;
    ll_time received;
    struct ll_slice body; /* what the set was decoded from, for the inbox; copied; may be empty */
    char body_form;       /* '1': snappy and remote-write 1.0, '2': 2.0 */
    bool complete;        /* the set is all that its source has at this time */
    const struct ll_business *business; /* in the set's arena */
    size_t n_business;
};

/* Maps and commits a set, which is taken over unless this returns false (LL_E_BUSY: the queue
 * is full).  done is called exactly once, on the intake's or the writer's thread; NULL = nobody
 * asks. */
LL_MUST_USE bool ll_engine_intake(struct ll_engine *e, struct ll_labeled_set *set,
                                  const struct ll_intake_opts *opts,
                                  void (*done)(const struct ll_intake_result *r, void *ctx),
                                  void *ctx, struct ll_err *err);

#endif
