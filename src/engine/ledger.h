/* The ledger: what people say of money and plans, as documents by kind and name.
 *
 * Every version stays in the store; what is in force is a book: immutable, counted, swapped whole.
 * A document is put with a row of the audit log and comes into force when both are on disk.  The
 * text is the caller's to check before: the ledger keeps it as it is. */
#ifndef LL_ENGINE_LEDGER_H
#define LL_ENGINE_LEDGER_H

#include "core/scaling_rows.h"
#include "engine/scaling.h"

enum { LL_LEDGER_DOCUMENTS_MAX = 4096, LL_LEDGER_BYTES_MAX = 64 << 20 };

struct ll_ledger_document {
    enum ll_rule_kind kind;
    struct ll_slice id, text, actor;
    int64_t version;
    bool deleted; /* it is none any more; its versions go on from here */
    ll_time t;    /* of this version */
};

struct ll_ledger_book {
    const struct ll_ledger_document *documents; /* by kind, id */
    size_t n;
};

/* Never NULL; release it soon. */
const struct ll_ledger_book *ll_engine_ledger(struct ll_engine *e);
void ll_engine_ledger_release(const struct ll_ledger_book *b);

/* NULL when there is none, or it was deleted. */
const struct ll_ledger_document *ll_ledger_find(const struct ll_ledger_book *b,
                                                enum ll_rule_kind kind, struct ll_slice id);

struct ll_ledger_put {
    enum ll_rule_kind kind;
    struct ll_slice id;
    struct ll_slice text; /* ignored when it is deleted */
    bool deleted;
    int64_t version; /* of what is replaced; 0 = of nothing, < 0 = whichever */
    struct ll_asker actor;
};

struct ll_ledger_kept {
    bool ok;
    int64_t version;   /* of the document now */
    struct ll_err err; /* LL_E_CONFLICT: somebody else changed it; LL_E_STORAGE */
};

/* Slices are copied.  done is called once, on the store writer's thread, when it is durable and in
 * force or has failed.  Fails, and done is not called, with LL_E_CONFLICT (another version),
 * LL_E_NOT_FOUND (deletes what is not there), LL_E_TOO_LARGE, LL_E_BUSY, LL_E_MEMORY. */
LL_MUST_USE bool ll_engine_ledger_put(struct ll_engine *e, const struct ll_ledger_put *p,
                                      void (*done)(void *ctx, const struct ll_ledger_kept *k),
                                      void *ctx, struct ll_err *err);

#endif
