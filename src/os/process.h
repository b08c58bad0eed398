/* This process: its limits and its signals. */
#ifndef LL_OS_PROCESS_H
#define LL_OS_PROCESS_H

#include "base/err.h"
#include "base/time.h"

/* For the daemon, before threads start: umask 077, no core dumps, not traceable by others,
 * SIGPIPE ignored, one heap arena and small thread stacks. */
void ll_process_harden(void);

/* Blocks the signals (a list ending with 0) in this thread and all it will start, and gives a
 * descriptor that becomes readable when one arrives; -1 and *err on failure. */
int ll_process_signals(const int *signals, struct ll_err *err);

/* The next signal; 0 when `wait` (< 0: for ever) passed without. */
int ll_process_signal_wait(int fd, ll_dur wait);

/* Back to the default action, at once, for one that was taken by ll_process_signals. */
void ll_process_signal_default(int signal);

/* Open files this process may have; NaN when it cannot be told. */
double ll_process_file_limit(void);

/* True when the kernel's clock is kept right by NTP or the like. */
bool ll_process_clock_synchronised(void);

/* Ends the process with `status` when it is still there after `limit`. */
void ll_process_deadline(ll_dur limit, int status);

#endif
