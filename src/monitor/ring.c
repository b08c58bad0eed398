#include "monitor/ring.h"

#include <math.h>

static float *cell_of(const struct ll_ring *r, int64_t slot)
{
    int64_t n = (int64_t)r->n, at = slot % n;
    return &r->v[at < 0 ? at + n : at];
}

static void clear(struct ll_ring *r, int64_t from, int64_t to)
{
    if (to - from >= (int64_t)r->n)
        from = to - (int64_t)r->n;
    for (int64_t s = from; s < to; s++)
        *cell_of(r, s) = NAN;
}

void ll_ring_init(struct ll_ring *r, float *v, size_t n)
{
    *r = (struct ll_ring){.n = n, .v = v};
    for (size_t i = 0; i < n; i++)
        v[i] = NAN;
}

void ll_ring_set(struct ll_ring *r, int64_t slot, double value)
{
    if (!r->used || slot > r->newest) {
        if (r->used)
            clear(r, r->newest + 1, slot + 1);
        r->newest = slot;
        r->used = true;
    } else if (slot <= r->newest - (int64_t)r->n) {
        return;
    }
    *cell_of(r, slot) = (float)value;
}

void ll_ring_cut(struct ll_ring *r, int64_t last)
{
    if (!r->used || r->newest <= last)
        return;
    clear(r, last + 1, r->newest + 1);
    r->used = r->newest - last < (int64_t)r->n;
    r->newest = last;
}

double ll_ring_get(const struct ll_ring *r, int64_t slot)
{
    if (!r->used || slot > r->newest || slot <= r->newest - (int64_t)r->n)
        return NAN;
    return (double)*cell_of(r, slot);
}

size_t ll_ring_known(const struct ll_ring *r, int64_t last, size_t n, double *out)
{
    size_t k = 0;
    for (int64_t s = last - (int64_t)n + 1; s <= last; s++) {
        double v = ll_ring_get(r, s);
        if (!isnan(v))
            out[k++] = v;
    }
    return k;
}
