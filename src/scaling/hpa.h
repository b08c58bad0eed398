/* Kubernetes' HorizontalPodAutoscaler v2, to the letter: the proposal stage of LL_FORM_TARGET and
 * of `behavior: hpa`.  Source: the algorithm as documented ("Horizontal Pod Autoscaling", details)
 * and its published test cases (Apache-2.0), which tests/vectors/hpa runs.
 *
 * Amounts are thousandths (millicores, milli-units); sums saturate. */
#ifndef LL_SCALING_HPA_H
#define LL_SCALING_HPA_H

#include "scaling/state.h"

enum ll_pod_phase { LL_POD_RUNNING, LL_POD_PENDING, LL_POD_FAILED };
enum ll_pod_ready { LL_POD_NOT_READY, LL_POD_READY, LL_POD_READY_UNKNOWN };

struct ll_hpa_pod {
    enum ll_pod_phase phase;
    enum ll_pod_ready ready;
    bool deleting;
    bool has_sample, has_request;
    ll_time start, last_transition; /* LL_TIME_NONE: no start time */
    ll_time sample_t;
    ll_dur sample_window;
    int64_t usage, request; /* thousandths */
};

#endif
