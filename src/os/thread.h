/* Threads: started with a name, joined by their owner. */
#ifndef LL_OS_THREAD_H
#define LL_OS_THREAD_H

#include <pthread.h>

#include "base/err.h"

/* name: at most 15 bytes are kept, for ps and gdb.  All signals are blocked in it. */
LL_MUST_USE bool ll_thread_start(pthread_t *out, void *(*run)(void *), void *arg, const char *name,
                                 struct ll_err *err);

#endif
