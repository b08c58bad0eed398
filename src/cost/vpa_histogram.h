/* The histogram of Kubernetes' Vertical Pod Autoscaler, plain or decaying, to the last rule.
 *
 *     linear        bucket i starts at i * first
 *     exponential   bucket i starts at first * (ratio^i - 1) / (ratio - 1)
 *     decaying      a sample at t weighs  weight * 2^((t - reference) / half_life)
 *
 * A percentile is the END of the bucket in which the cumulated weight reaches p * total (the start
 * of the last, which has no end).  A bucket below epsilon is empty.  When t is over 100 half-lives
 * after the reference, the reference moves to t, rounded to a whole half-life since year 1, and all
 * weights are scaled, which changes no percentile.
 * Source: github.com/kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util. */
#ifndef LL_COST_VPA_HISTOGRAM_H
#define LL_COST_VPA_HISTOGRAM_H

#include "base/err.h"
#include "base/time.h"

/* Buckets of the recommender's own CPU and memory histograms, and the most of any. */
enum { LL_VPA_BUCKETS = 176, LL_VPA_BUCKETS_MAX = 1 << 16 };

struct ll_vpa_buckets {
    size_t n;
    double first;   /* width of the first bucket, of every one when linear */
    double ratio;   /* of a bucket's width to the one before; 1 = linear */
    double epsilon; /* least weight that counts */
};

/* Every value above 0 (ratio above 1); the last bucket starts at or above max_value.  Fail with
 * LL_E_INVALID, and LL_E_RANGE above LL_VPA_BUCKETS_MAX buckets. */
LL_MUST_USE bool ll_vpa_histogram_linear(double max_value, double first, double epsilon,
                                         struct ll_vpa_buckets *out, struct ll_err *err);
LL_MUST_USE bool ll_vpa_histogram_exponential(double max_value, double first, double ratio,
                                              double epsilon, struct ll_vpa_buckets *out,
                                              struct ll_err *err);

/* LL_VPA_BUCKETS each: cores from 0.01 to 1,000, bytes from 1e7 to 1e12, 5 % wider each. */
struct ll_vpa_buckets ll_vpa_histogram_cpu(void);
struct ll_vpa_buckets ll_vpa_histogram_memory(void);

/* Values outside give the first or the last bucket; no NaN. */
size_t ll_vpa_histogram_bucket(const struct ll_vpa_buckets *b, double value);

/* bucket < b->n. */
double ll_vpa_histogram_start(const struct ll_vpa_buckets *b, size_t bucket);

struct ll_vpa_histogram {
    struct ll_vpa_buckets buckets;
    double *weight; /* borrowed: buckets.n of them, for as long as the histogram is used */
    double total;
    size_t min, max;   /* first and last bucket that is not empty; min > max when all are */
    ll_dur half_life;  /* 0 = plain */
    ll_time reference; /* a multiple of half_life since year 1 */
};

/* Empty; clears weight[0..b->n).  0 <= half_life <= 1,000 years. */
void ll_vpa_histogram_init(struct ll_vpa_histogram *h, const struct ll_vpa_buckets *b,
                           ll_dur half_life, double *weight);

/* False and unchanged when the value is not finite, the weight is negative or not finite (or no
 * longer is once it has decayed), or t is outside LL_TIME_MIN..MAX.  A plain one ignores t. */
bool ll_vpa_histogram_add(struct ll_vpa_histogram *h, double value, double weight, ll_time t);

/* What would fall below epsilon becomes 0. */
bool ll_vpa_histogram_subtract(struct ll_vpa_histogram *h, double value, double weight, ll_time t);

/* Adds all of `other`, whose reference may move (its distribution does not).  Fails with
 * LL_E_INVALID when buckets or half-life differ. */
LL_MUST_USE bool ll_vpa_histogram_merge(struct ll_vpa_histogram *h, struct ll_vpa_histogram *other,
                                        struct ll_err *err);

/* p below 0 counts as the minimum, above 1 as the maximum; 0 when empty. */
double ll_vpa_histogram_percentile(const struct ll_vpa_histogram *h, double p);

bool ll_vpa_histogram_empty(const struct ll_vpa_histogram *h);

/* The same buckets, half-life and reference, and weights equal to 1e-15. */
bool ll_vpa_histogram_equal(const struct ll_vpa_histogram *a, const struct ll_vpa_histogram *b);

/* min and max anew after weights became smaller. */
void ll_vpa_histogram_shrink(struct ll_vpa_histogram *h);

#endif
