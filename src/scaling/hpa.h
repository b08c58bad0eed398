/* Kubernetes' HorizontalPodAutoscaler v2, to the letter, first half: one metric -> replicas.
 *
 *     utilisation = floor(100 x sum of usage / sum of requests)      ratio = utilisation / target
 *     replicas    = ceil(ratio x ready pods), unless 1 - down <= ratio <= 1 + up
 *
 * Missing pods count as using their target when that scales in and nothing when it scales out;
 * unready pods nothing when it scales out; an answer that flips direction is no answer.  Sources:
 * "Horizontal Pod Autoscaling: algorithm details" of the Kubernetes documentation, KEP-4951, and
 * the controller's published test cases (Apache-2.0), which tests/vectors/hpa runs.  It is the
 * proposal stage of LL_FORM_TARGET and all of `behavior: hpa` (scaling/hpa_control.h).
 *
 * Amounts are thousandths (millicores, milli-units); sums saturate. */
#ifndef LL_SCALING_HPA_H
#define LL_SCALING_HPA_H

#include "base/err.h"
#include "base/time.h"

enum ll_pod_phase {
    LL_POD_RUNNING,
    LL_POD_PENDING,
    LL_POD_FAILED,
    LL_POD_UNLISTED /* a sample of a pod that is not among the target's */
};
enum ll_pod_ready { LL_POD_NOT_READY, LL_POD_READY, LL_POD_READY_UNKNOWN };

struct ll_hpa_pod { /* with the sample that one metric has of it */
    enum ll_pod_phase phase;
    enum ll_pod_ready ready;
    bool deleting;
    bool has_sample, has_request;
    ll_time start, last_transition; /* LL_TIME_NONE: no start time, never changed */
    ll_time sample_t;
    ll_dur sample_window;
    int64_t usage, request; /* thousandths */
};

/* A container's metric is LL_HPA_RESOURCE with that container's usage and request. */
enum ll_hpa_source { LL_HPA_RESOURCE, LL_HPA_PODS, LL_HPA_OBJECT, LL_HPA_EXTERNAL, LL_HPA_INVALID };
enum ll_hpa_goal {
    LL_HPA_UTILIZATION,   /* percent of requests */
    LL_HPA_AVERAGE_VALUE, /* thousandths per pod */
    LL_HPA_VALUE          /* thousandths */
};

struct ll_hpa_metric {
    enum ll_hpa_source source;
    enum ll_hpa_goal goal;
    int64_t target;
    bool cpu;    /* the grace of pods that start applies to CPU alone */
    bool failed; /* the source gave an error */
    const struct ll_hpa_pod *pods;
    size_t n_pods;
    const int64_t *values; /* of OBJECT (one) and EXTERNAL (summed) */
    size_t n_values;
};

struct ll_hpa_opts {
    double tolerance_up, tolerance_down;
    ll_dur startup;   /* cpu-initialization-period */
    ll_dur readiness; /* initial-readiness-delay */
    ll_time now;
};

struct ll_hpa_answer {
    int32_t replicas;
    bool has_utilization;
    int32_t utilization_pct;
    int64_t usage; /* what the metric's status shows: per pod for averages */
};

enum ll_hpa_group { LL_HPA_READY, LL_HPA_UNREADY, LL_HPA_MISSING, LL_HPA_IGNORED };
enum ll_hpa_group ll_hpa_group(const struct ll_hpa_pod *p, bool cpu, const struct ll_hpa_opts *o);

/* `current` is what the target is told to have, `observed` what its status says.  Fails with
 * LL_E_SHORT: no pods, no samples, none that match, a pod without a request; or LL_E_UNREACHABLE
 * when the source failed; LL_E_INVALID for a source that there is not. */
LL_MUST_USE bool ll_hpa_replicas(const struct ll_hpa_metric *m, int32_t current, int32_t observed,
                                 const struct ll_hpa_opts *o, struct ll_hpa_answer *out,
                                 struct ll_err *err);

#endif
