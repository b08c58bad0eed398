/* Wrong credentials per address: ten within a minute, then a pause.
 * Bounded; when it is full the entry that ends first gives way. */
#ifndef LL_API_TRIES_H
#define LL_API_TRIES_H

#include "api/conns.h"

enum { LL_TRIES_ADDRESSES = 512 };

struct ll_try {
    struct ll_address address;
    ll_time since; /* monotonic */
    unsigned n;
};

struct ll_tries {
    struct ll_try v[LL_TRIES_ADDRESSES];
    size_t n;
};

/* Whether this address has had its tries; *wait = until it may try again. */
bool ll_tries_blocked(const struct ll_tries *t, const struct ll_address *a, unsigned limit,
                      ll_time mono, ll_dur *wait);
void ll_tries_count(struct ll_tries *t, const struct ll_address *a, ll_time mono);

#endif
