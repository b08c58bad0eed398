#include "cost/vpa_checkpoint.h"

#include <math.h>

void ll_vpa_checkpoint_save(const struct ll_vpa_histogram *h,
                            struct ll_vpa_checkpoint_bucket *buckets, struct ll_vpa_checkpoint *out)
{
    double most = 0;
    size_t n = 0;
    for (size_t i = h->min; i <= h->max; i++)
        most = fmax(most, h->weight[i]);
    for (size_t i = h->min; i <= h->max && most > 0; i++) {
        const double w = floor(h->weight[i] * (LL_VPA_CHECKPOINT_WEIGHT / most) + 0.5);
        if (w > 0)
            buckets[n++] = (struct ll_vpa_checkpoint_bucket){(int64_t)i, (uint32_t)w};
    }
    *out = (struct ll_vpa_checkpoint){
        .total = h->total, .reference = h->reference, .buckets = buckets, .n = n};
}

static bool check(const struct ll_vpa_histogram *h, const struct ll_vpa_checkpoint *c, double *sum,
                  struct ll_err *err)
{
    *sum = 0;
    if (!(isfinite(c->total) && c->total >= 0))
        return ll_err_set(err, LL_E_INVALID, "the checkpoint's total weight is %g", c->total);
    if (h->half_life > 0 && (c->reference < LL_TIME_MIN || c->reference > LL_TIME_MAX))
        return ll_err_set(err, LL_E_INVALID, "the checkpoint's reference time %lld is no time",
                          (long long)c->reference);
    for (size_t i = 0; i < c->n; i++) {
        const int64_t b = c->buckets[i].bucket;
        if (b < 0 || (uint64_t)b >= h->buckets.n)
            return ll_err_set(err, LL_E_INVALID,
                              "the checkpoint has a bucket %lld; the histogram has 0 to %zu",
                              (long long)b, h->buckets.n - 1);
        *sum += c->buckets[i].weight;
    }
    return true;
}

bool ll_vpa_checkpoint_load(struct ll_vpa_histogram *h, const struct ll_vpa_checkpoint *c,
                            struct ll_err *err)
{
    double sum;
    if (!check(h, c, &sum, err))
        return false;
    if (h->half_life > 0)
        h->reference = c->reference;
    if (sum == 0)
        return true;
    const double ratio = c->total / sum;
    for (size_t i = 0; i < c->n; i++) {
        const size_t b = (size_t)c->buckets[i].bucket;
        h->weight[b] += c->buckets[i].weight * ratio;
        h->min = LL_MIN(h->min, b);
        h->max = LL_MAX(h->max, b);
    }
    h->total += c->total;
    /* A bucket near epsilon may be below it after rounding, and would make all look empty:
     * kubernetes/autoscaler 7726. */
    ll_vpa_histogram_shrink(h);
    return true;
}
