/* The ledger's life, for the engine. */
#ifndef LL_ENGINE_LEDGER_PRIVATE_H
#define LL_ENGINE_LEDGER_PRIVATE_H

#include "engine/ledger.h"

struct ll_ledger;

struct ll_ledger *ll_ledger_new(struct ll_engine *e);
void ll_ledger_free(struct ll_ledger *l); /* NULL too; the writer has ended */
/* What the store has; before anything is put. */
LL_MUST_USE bool ll_ledger_restore(struct ll_ledger *l, struct ll_err *err);

#endif
