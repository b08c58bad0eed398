#include "api/tries.h"

#include <string.h>

static bool same(const struct ll_address *a, const struct ll_address *b)
{
    return memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

bool ll_tries_blocked(const struct ll_tries *t, const struct ll_address *a, unsigned limit,
                      ll_time mono, ll_dur *wait)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct ll_try *x = &t->v[i];
        if (!same(&x->address, a) || mono - x->since >= LL_MINUTE || x->n < limit)
            continue;
        *wait = x->since + LL_MINUTE - mono;
        return true;
    }
    return false;
}

void ll_tries_count(struct ll_tries *t, const struct ll_address *a, ll_time mono)
{
    struct ll_try *oldest = NULL;
    for (size_t i = 0; i < t->n; i++) {
        struct ll_try *x = &t->v[i];
        if (same(&x->address, a)) {
            if (mono - x->since >= LL_MINUTE)
                *x = (struct ll_try){.address = *a, .since = mono};
            x->n++;
            return;
        }
        if (!oldest || x->since < oldest->since)
            oldest = x;
    }
    struct ll_try *slot = t->n < LL_TRIES_ADDRESSES ? &t->v[t->n++] : oldest;
    *slot = (struct ll_try){.address = *a, .since = mono, .n = 1};
}
