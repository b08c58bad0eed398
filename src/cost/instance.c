#include "cost/instance.h"

#include <math.h>

#include "base/defs.h"

static bool check(const struct ll_instance_need *need, struct ll_err *err)
{
    if (need->vcpu >= 0 && need->mem_gib >= 0 && need->gpu >= 0 && isfinite(need->vcpu) &&
        isfinite(need->mem_gib) && isfinite(need->gpu))
        return true;
    return ll_err_set(err, LL_E_INVALID,
                      "%g CPUs, %g GiB and %g GPUs are no need: each must be a number from 0",
                      need->vcpu, need->mem_gib, need->gpu);
}

static bool is(struct ll_slice wanted, struct ll_slice has)
{
    return wanted.n == 0 || ll_slice_eq(wanted, has);
}

static bool begins(struct ll_slice name, struct ll_slice with)
{
    return with.n <= name.n && ll_slice_eq((struct ll_slice){name.s, with.n}, with);
}

static bool suits(const struct ll_instance_type *t, const struct ll_instance_need *need)
{
    return is(need->provider, t->provider) && is(need->region, t->region) &&
           is(need->arch, t->arch) && begins(t->name, need->family) && t->gpu >= need->gpu &&
           t->vcpu > 0 && t->mem_gib > 0;
}

static int by_size(const struct ll_instance_type *a, const struct ll_instance_type *b)
{
    if (a->vcpu != b->vcpu)
        return a->vcpu < b->vcpu ? -1 : 1;
    if (a->mem_gib != b->mem_gib)
        return a->mem_gib < b->mem_gib ? -1 : 1;
    return ll_slice_cmp(a->name, b->name);
}

static bool is_better(const struct ll_instance_type *types, const struct ll_instance_choice *a,
                      const struct ll_instance_choice *b)
{
    if (a->hourly != b->hourly)
        return a->hourly < b->hourly;
    if (a->count != b->count)
        return a->count < b->count;
    return by_size(&types[a->type], &types[b->type]) < 0;
}

bool ll_instance_choose(const struct ll_instance_type *types, size_t n,
                        const struct ll_instance_need *need, struct ll_instance_choice *out,
                        size_t *unpriced, struct ll_err *err)
{
    struct ll_instance_choice best = {0};
    size_t without = 0;
    if (!check(need, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct ll_instance_type *t = &types[i];
        if (!suits(t, need) || t->vcpu < need->vcpu || t->mem_gib < need->mem_gib)
            continue;
        const struct ll_instance_choice c = {.type = i, .count = 1, .hourly = t->hourly};
        if (!(t->hourly >= 0))
            without++;
        else if (best.count == 0 || is_better(types, &c, &best))
            best = c;
    }
    if (unpriced)
        *unpriced = without;
    if (best.count == 0)
        return ll_err_set(err, LL_E_NOT_FOUND,
                          "no type of %zu has %g CPUs, %g GiB and %g GPUs with a price: widen the "
                          "need or import prices (%zu that fit have none)",
                          n, need->vcpu, need->mem_gib, need->gpu, without);
    *out = best;
    return true;
}

static double count_for(const struct ll_instance_type *t, const struct ll_instance_need *need)
{
    return fmax(1, fmax(ceil(need->vcpu / t->vcpu), ceil(need->mem_gib / t->mem_gib)));
}

bool ll_instance_alternatives(const struct ll_instance_type *types, size_t n,
                              const struct ll_instance_need *need, size_t max_count,
                              struct ll_instance_choice *out, size_t max, size_t *found,
                              struct ll_err *err)
{
    if (!check(need, err))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < n && max > 0; i++) {
        if (!suits(&types[i], need) || !(types[i].hourly >= 0))
            continue;
        const double count = count_for(&types[i], need);
        if (count > (double)max_count)
            continue;
        const struct ll_instance_choice c = {i, (size_t)count, count * types[i].hourly};
        if (kept == max && !is_better(types, &c, &out[max - 1]))
            continue;
        size_t k = kept < max ? kept++ : max - 1;
        for (; k > 0 && is_better(types, &c, &out[k - 1]); k--)
            out[k] = out[k - 1];
        out[k] = c;
    }
    *found = kept;
    return true;
}
