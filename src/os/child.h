/* Another program, run once, within limits.
 *
 * No shell: argv[0] is a path.  It gets the environment given and no other, /dev/null or the bytes
 * given on standard input, default signals, no descriptor of ours, and a process group of its own.
 * At the time limit the group gets SIGTERM and, a grace later, SIGKILL; when we are killed, it is.
 * What it prints is kept up to a cap and read past it. */
#ifndef LL_OS_CHILD_H
#define LL_OS_CHILD_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { LL_CHILD_OUTPUT_MAX = 64 << 10 };

struct ll_child_opts {
    char *const *argv, *const *env; /* NULL ends each */
    struct ll_slice input;
    ll_dur timeout;          /* 0 = 30 s */
    ll_dur grace;            /* between SIGTERM and SIGKILL; 0 = 2 s */
    bool (*stop)(void *ctx); /* true ends it as the time limit does; NULL = nothing does */
    void *ctx;
};

struct ll_child_end {
    enum { LL_CHILD_EXITED, LL_CHILD_SIGNALED, LL_CHILD_TIMED_OUT, LL_CHILD_STOPPED } how;
    int code;               /* exit code, or the signal */
    struct ll_str out, err; /* at most LL_CHILD_OUTPUT_MAX bytes each */
    bool cut;               /* more came than was kept of out */
};

/* Runs it and waits for its end.  Fails with LL_E_NOT_FOUND, LL_E_DENIED or LL_E_IO when it could
 * not be started; nothing ran then and *out is untouched. */
LL_MUST_USE bool ll_child_run(const struct ll_child_opts *o, struct ll_child_end *out,
                              struct ll_err *err);
void ll_child_end_fini(struct ll_child_end *e);

#endif
