/* A histogram of the Vertical Pod Autoscaler as its VerticalPodAutoscalerCheckpoint keeps it:
 * weights scaled so that the largest is 10,000, rounded half up, those that come to 0 left out, the
 * total as it was.  Read back, total / (sum of the whole numbers) is the weight of one of them.
 * Source: github.com/kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util. */
#ifndef LL_COST_VPA_CHECKPOINT_H
#define LL_COST_VPA_CHECKPOINT_H

#include "cost/vpa_histogram.h"

enum { LL_VPA_CHECKPOINT_WEIGHT = 10000 };

struct ll_vpa_checkpoint_bucket {
    int64_t bucket;
    uint32_t weight;
};

struct ll_vpa_checkpoint {
    double total;
    ll_time reference;                        /* of a plain histogram LL_TIME_MIN */
    struct ll_vpa_checkpoint_bucket *buckets; /* the caller's */
    size_t n;
};

/* Fills buckets[0..n), ascending; there must be room for h->buckets.n. */
void ll_vpa_checkpoint_save(const struct ll_vpa_histogram *h,
                            struct ll_vpa_checkpoint_bucket *buckets,
                            struct ll_vpa_checkpoint *out);

/* Adds what was saved; the reference of a decaying one becomes the checkpoint's.  Fails with
 * LL_E_INVALID, the histogram untouched, when the total is negative or not finite, a bucket is not
 * one of the histogram's, or the reference is outside LL_TIME_MIN..MAX. */
LL_MUST_USE bool ll_vpa_checkpoint_load(struct ll_vpa_histogram *h,
                                        const struct ll_vpa_checkpoint *c, struct ll_err *err);

#endif
