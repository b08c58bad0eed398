/* A request that waits for the store writer: its connection sleeps meanwhile. */
#ifndef LL_API_SLEEP_H
#define LL_API_SLEEP_H

#include "api/context.h"

/* Puts the connection to sleep: call it before the work is handed over, since the answer may come
 * at once.  Fails with LL_E_STORAGE when the daemon is stopping; *err then says so. */
LL_MUST_USE bool ll_sleep_begin(struct ll_request *r, struct ll_err *err);

/* Wakes it, on any thread; the request may be gone when this returns. */
void ll_sleep_end(struct ll_request *r);

#endif
