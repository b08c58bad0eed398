/* Rows of the audit log for what is not scaling. */
#ifndef LL_ENGINE_AUDIT_H
#define LL_ENGINE_AUDIT_H

#include "engine/scaling.h"

/* Queues a row of the audit log for a change that is none of scaling (those have their own): a
 * session, a reload.  Texts are cut at 4 KiB; detail is JSON.  From any thread; fails with
 * LL_E_BUSY or LL_E_MEMORY. */
LL_MUST_USE bool ll_engine_audit(struct ll_engine *e, const struct ll_asker *who,
                                 const char *action, struct ll_slice object, struct ll_slice detail,
                                 struct ll_err *err);

#endif
