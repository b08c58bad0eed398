/* Which machine type to rent: the cheapest that is large enough.
 *
 * Of equal prices the smaller (fewer CPUs, then less memory), then the first by name.  A type
 * without a price is no candidate, and is counted. */
#ifndef LL_COST_INSTANCE_H
#define LL_COST_INSTANCE_H

#include "base/err.h"
#include "base/str.h"

struct ll_instance_type {
    struct ll_slice provider, region, name, arch;
    double vcpu, mem_gib, gpu;
    double hourly; /* of the kind of price that is asked about; NaN or below 0 = not known */
};

/* What is needed; an empty slice fits all. */
struct ll_instance_need {
    struct ll_slice provider, region, arch;
    struct ll_slice family; /* what the name begins with */
    double vcpu, mem_gib, gpu;
};

/* Several of one type that hold the need together. */
struct ll_instance_choice {
    size_t type;  /* its index */
    size_t count; /* instances */
    double hourly;
};

/* One instance that holds all of it.  Fails with LL_E_INVALID when the need is not a number >= 0,
 * LL_E_NOT_FOUND when no type fits.  unpriced may be NULL. */
LL_MUST_USE bool ll_instance_choose(const struct ll_instance_type *types, size_t n,
                                    const struct ll_instance_need *need,
                                    struct ll_instance_choice *out, size_t *unpriced,
                                    struct ll_err *err);

/* The cheapest `max` ways of `count` instances of one type, at most max_count; cheapest first, of
 * equal ones the fewer, then as above.  A GPU need is of each instance.  Returns how many.  Fails
 * as above, but finding none is no failure. */
LL_MUST_USE bool ll_instance_alternatives(const struct ll_instance_type *types, size_t n,
                                          const struct ll_instance_need *need, size_t max_count,
                                          struct ll_instance_choice *out, size_t max, size_t *found,
                                          struct ll_err *err);

#endif
