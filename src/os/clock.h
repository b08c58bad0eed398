/* Where time comes from.  Nothing below this folder reads a clock; the engine is handed
 * one of these, real in the daemon and virtual in tests and simulations. */
#ifndef LL_OS_CLOCK_H
#define LL_OS_CLOCK_H

#include "base/time.h"

struct ll_clock {
    ll_time (*now)(void *self);  /* wall time, UTC; may step */
    ll_time (*mono)(void *self); /* only moves forward, also in suspend; for spans */
    void *self;
};

/* CLOCK_REALTIME and CLOCK_BOOTTIME. */
struct ll_clock ll_clock_real(void);

struct ll_clock_virtual {
    ll_time now, mono;
};

/* Reads *v, which the caller moves and keeps alive. */
struct ll_clock ll_clock_virtual(struct ll_clock_virtual *v);
void ll_clock_advance(struct ll_clock_virtual *v, ll_dur d);

#endif
