/* Pushed samples: the body of POST /metrics, read into a batch.
 *
 * One bad item is refused alone, with its index and the reason; its neighbours are kept.
 * Only what makes the whole body unreadable refuses all of it. */
#ifndef LL_API_INGEST_H
#define LL_API_INGEST_H

#include "api/counters.h"
#include "api/json_out.h"

struct ll_ingest_refused {
    uint32_t index;
    bool business;
    int counter;        /* enum ll_refusal, LL_COUNT_MALFORMED or LL_COUNT_SCOPE */
    const char *reason; /* in the arena */
};

struct ll_ingest {
    struct ll_batch *batch; /* NULL once it has been handed over */
    uint32_t *index;        /* of each sample of the batch, in the list it came in */
    size_t n_index;
    struct ll_ingest_refused *refused;
    size_t n_refused, size_refused;
    size_t items; /* of both lists */
    struct ll_arena *arena;

    /* After the hand-over. */
    bool committed;
    struct ll_err err;
};

struct ll_identity;

/* Reads body[0..n), which is changed.  oldest: what the retention still keeps; who: items of
 * services that it may not write to are refused, NULL = it may all.  Fails with
 * LL_E_INVALID, LL_E_RANGE, LL_E_TOO_LARGE (more than LL_BATCH_SAMPLES_MAX items) or
 * LL_E_MEMORY. */
LL_MUST_USE bool ll_ingest_read(char *body, size_t n, ll_time now, ll_time oldest,
                                const struct ll_identity *who, struct ll_ingest **out,
                                struct ll_err *err);
void ll_ingest_free(struct ll_ingest *in);
LL_AUTO_DEFINE(ll_ingest, ll_ingest_free)

/* Takes note of what became of the batch; called before the batch goes away. */
void ll_ingest_committed(struct ll_ingest *in, const struct ll_batch *b);

size_t ll_ingest_accepted(const struct ll_ingest *in);

/* "accepted" and "rejected", inside an open object. */
void ll_ingest_render(struct ll_json_out *j, const struct ll_ingest *in);

#endif
