/* Rows of scaling on their way to the store, and back with what became of them. */
#ifndef LL_ENGINE_SCALING_KEEP_H
#define LL_ENGINE_SCALING_KEEP_H

#include "engine/scaling_private.h"

/* scaling_keep.c: rows for the store.  `done` is called on the engine's thread with what became of
 * the rows; NULL = nobody waits. */
struct ll_scaling_kept {
    bool committed;
    const struct ll_scaling_rows *rows;
    const struct ll_err *err;
};
typedef void ll_scaling_kept_fn(struct ll_scaling *s, void *ctx, const struct ll_scaling_kept *k);
struct ll_scaling_keep; /* rows being gathered */
struct ll_scaling_keep *ll_scaling_keep_new(struct ll_scaling *s);
struct ll_arena *ll_scaling_keep_arena(struct ll_scaling_keep *k);
void ll_scaling_keep_event(struct ll_scaling_keep *k, const struct ll_scaling_event *e);
void ll_scaling_keep_decision(struct ll_scaling_keep *k, const struct ll_decision_row *d);
void ll_scaling_keep_state(struct ll_scaling_keep *k, struct ll_slice target,
                           const struct ll_scaling_state *state);
void ll_scaling_keep_audit(struct ll_scaling_keep *k, const struct ll_audit_row *a);
void ll_scaling_keep_rule(struct ll_scaling_keep *k, const struct ll_rule_row *r);
void ll_scaling_keep_daemon(struct ll_scaling_keep *k, struct ll_slice text);
void ll_scaling_keep_drop(struct ll_scaling_keep *k); /* NULL too */
/* Takes it over; false when the writer's queue is full (done is not called). */
LL_MUST_USE bool ll_scaling_keep_send(struct ll_scaling_keep *k, ll_scaling_kept_fn *done,
                                      void *ctx);
/* In a round its rows, else rows of their own, which _done sends. */
struct ll_scaling_keep *ll_scaling_keep_some(struct ll_scaling *s);
void ll_scaling_keep_done(struct ll_scaling *s, struct ll_scaling_keep *k);
void ll_scaling_round_flush(struct ll_scaling *s);
void ll_scaling_kept(struct ll_scaling *s, void *message); /* of LL_MSG_KEPT */
void ll_scaling_kept_drop(void *message);                  /* NULL too */

#endif
