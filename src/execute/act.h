/* One action, carried out at most once.
 *
 *     read; from differs -> SUPERSEDED      already at to -> APPLIED
 *     send once; OK -> read back            CONFLICT -> SUPERSEDED: decide again; with versions,
 *     read first: still at from -> it was the status only, ask the new version (3 times)
 *     UNKNOWN -> read (3 tries, backing off): at to -> APPLIED; at from -> resend once with the
 *     same id (never an exec that is not idempotent, never what is to be left alone for a while,
 *     nothing that has expired); else SUPERSEDED (somebody else's)
 *     a target that cannot be read after something was sent -> UNKNOWN
 *
 * What could not be read at first, or lies outside the target's own range, is never sent.
 * The intent is durable before ll_act_run is called (the engine sees to it); after a crash
 * ll_act_settle reads the target before anything is sent. */
#ifndef LL_EXECUTE_ACT_H
#define LL_EXECUTE_ACT_H

#include "core/scaling.h"
#include "execute/executor.h"

struct ll_act_result {
    enum ll_action_state state; /* APPLIED, NOT_APPLIED, FAILED, SUPERSEDED, UNKNOWN */
    enum ll_outcome outcome;    /* of the last exchange */
    int64_t seen;               /* the count last read; -1 = none */
    ll_dur retry_after;
    unsigned sent; /* requests that may have changed something */
    char text[200];
};

struct ll_act_opts {
    struct ll_clock clock;
    void (*sleep)(void *ctx, ll_dur d); /* NULL = really; a test's own otherwise */
    bool (*stop)(void *ctx);            /* the daemon ends: leaves UNKNOWN behind; may be NULL */
    void *ctx;
};

void ll_act_run(struct ll_executor *x, const struct ll_executor_action *a,
                const struct ll_act_opts *o, struct ll_act_result *out);
/* After a restart: only reads.  PENDING that was never sent ends NOT_APPLIED or APPLIED. */
void ll_act_settle(struct ll_executor *x, const struct ll_executor_action *a,
                   const struct ll_act_opts *o, struct ll_act_result *out);

#endif
