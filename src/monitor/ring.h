/* A ring of floats addressed by absolute slot number: what happened in slot 12345.
 *
 * Holds the newest n slots; setting a newer one forgets the oldest, and a slot that was
 * never set is NaN.  Slots may come in any order; those too old are ignored. */
#ifndef LL_MONITOR_RING_H
#define LL_MONITOR_RING_H

#include "base/defs.h"

struct ll_ring {
    int64_t newest; /* the largest slot set; meaningless while empty */
    size_t n;
    bool used;
    float *v; /* n floats, owned by whoever made the ring */
};

void ll_ring_init(struct ll_ring *r, float *v, size_t n);
void ll_ring_set(struct ll_ring *r, int64_t slot, double value);
double ll_ring_get(const struct ll_ring *r, int64_t slot); /* NaN outside */

/* Forgets every slot after `last`. */
void ll_ring_cut(struct ll_ring *r, int64_t last);

/* Copies slots (last - n, last] that are not NaN, oldest first; returns how many. */
size_t ll_ring_known(const struct ll_ring *r, int64_t last, size_t n, double *out);

#endif
