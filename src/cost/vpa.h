/* The recommendation of Kubernetes' Vertical Pod Autoscaler for one container, exactly.
 *
 *     target = P90 of the decayed usage + 15 %; memory: of the peaks of each 24 h
 *     lower  = (P50 + 15 %) * (1 + 0.001 / c)^-2      upper = (P95 + 15 %) * (1 + 1 / c)
 *     c      = min(last - first sample, samples * 1 min) / 24 h, of CPU samples only
 *     each at least the pod's minimum / containers
 *
 * Amounts are whole: millicores and bytes, cut toward zero after each step, at most 1e14.
 * Source: github.com/kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/logic, model.
 */
#ifndef LL_COST_VPA_H
#define LL_COST_VPA_H

#include "cost/vpa_histogram.h"
#include "cost/vpa_window.h"

#define LL_VPA_AMOUNT_MAX ((int64_t)100000000000000)
#define LL_VPA_SAMPLE_WEIGHT 0.1 /* of a CPU sample; a memory peak weighs 1 */

/* Cut toward zero, 0 to LL_VPA_AMOUNT_MAX; NaN gives 0. */
int64_t ll_vpa_amount(double x);

/* As the original multiplies amounts. */
int64_t ll_vpa_scale(int64_t amount, double factor);

/* amount + amount * fraction. */
int64_t ll_vpa_margin(int64_t amount, double fraction);

/* amount * (1 + multiplier / confidence)^exponent; confidence 0 gives the most or 0. */
int64_t ll_vpa_confident(int64_t amount, double multiplier, double exponent, double confidence);

/* min(span, samples minutes) / interval; interval > 0. */
double ll_vpa_confidence(ll_time first, ll_time last, int64_t samples, ll_dur interval);

struct ll_vpa_opts {
    ll_dur cpu_half_life, memory_half_life;
    struct ll_vpa_window_opts window;
    int window_count; /* without a sample for so many windows it is forgotten */
};

struct ll_vpa_opts ll_vpa_opts_default(void);

/* All that is remembered of one container.  It points into itself: not to be copied. */
struct ll_vpa {
    struct ll_vpa_opts opts;
    struct ll_vpa_histogram cpu, memory; /* cores, bytes */
    struct ll_vpa_window window;
    ll_time first, last; /* of CPU samples; LL_TIME_NONE before one */
    ll_time created;
    int64_t samples; /* of CPU */
    double cpu_weight[LL_VPA_BUCKETS], memory_weight[LL_VPA_BUCKETS];
};

void ll_vpa_init(struct ll_vpa *v, const struct ll_vpa_opts *o, ll_time created);

/* False when the sample is not used: not finite, negative, or not newer than the last one. */
bool ll_vpa_cpu(struct ll_vpa *v, ll_time t, double cores);
bool ll_vpa_memory(struct ll_vpa *v, ll_time t, int64_t bytes);

/* Fails as ll_vpa_window_oom. */
LL_MUST_USE bool ll_vpa_oom(struct ll_vpa *v, ll_time t, int64_t request_bytes, struct ll_err *err);

/* Adds what is remembered of another container of the same kind; fails as the histograms' merge,
 * v untouched. */
LL_MUST_USE bool ll_vpa_merge(struct ll_vpa *v, struct ll_vpa *other, struct ll_err *err);

/* No CPU sample (or none ever, since it was created) for window_count windows. */
bool ll_vpa_expired(const struct ll_vpa *v, ll_time now);

struct ll_vpa_config {
    double cpu_lower, cpu_target, cpu_upper; /* percentiles in [0, 1] */
    double memory_lower, memory_target, memory_upper;
    double margin_ratio;
    ll_dur cpu_interval, memory_interval; /* of the confidence */
    double pod_min_millicores, pod_min_mib;
};

struct ll_vpa_config ll_vpa_config_default(void);

struct ll_vpa_bounds {
    int64_t lower, target, upper;
};

struct ll_vpa_recommendation {
    struct ll_vpa_bounds cpu;    /* millicores */
    struct ll_vpa_bounds memory; /* bytes */
};

/* containers > 0: how many the pod has. */
void ll_vpa_recommend(const struct ll_vpa *v, const struct ll_vpa_config *c, size_t containers,
                      struct ll_vpa_recommendation *out);

#endif
