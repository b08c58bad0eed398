/* Imported history: the body of POST /import, buckets that a client rolled, read into a batch.
 *
 * As with pushed samples one bad item is refused alone, with its index and the reason. */
#ifndef LL_API_IMPORT_H
#define LL_API_IMPORT_H

#include "api/json_out.h"
#include "core/records.h"

struct ll_import_refused {
    uint32_t index;
    int counter;        /* enum ll_refusal or LL_COUNT_MALFORMED */
    const char *reason; /* in the arena, or static */
};

struct ll_import {
    struct ll_batch *batch; /* NULL once it has been handed over */
    uint32_t *index;        /* of each row of the batch, in the list it came in */
    struct ll_import_refused *refused;
    size_t n_refused, size_refused, items;
    struct ll_arena *arena;

    /* After the hand-over. */
    bool committed;
    struct ll_err err;
};

/* When a bucket is too new or too old to be kept. */
struct ll_import_limits {
    ll_time now;
    ll_dur retain_5m, retain_1h;
};

/* Reads body[0..n), which is changed.  Fails with LL_E_INVALID, LL_E_RANGE, LL_E_TOO_LARGE (more
 * than LL_BATCH_SAMPLES_MAX rows) or LL_E_MEMORY. */
LL_MUST_USE bool ll_import_read(char *body, size_t n, const struct ll_import_limits *limits,
                                struct ll_import **out, struct ll_err *err);
void ll_import_free(struct ll_import *im);
LL_AUTO_DEFINE(ll_import, ll_import_free)

/* Takes note of what became of the batch; called before the batch goes away. */
void ll_import_committed(struct ll_import *im, const struct ll_batch *b);

size_t ll_import_accepted(const struct ll_import *im);

/* "accepted" and "rejected", inside an open object. */
void ll_import_render(struct ll_json_out *j, const struct ll_import *im);

#endif
