/* The settings of an autoscaler in Kubernetes, read only: so that its rule can be simulated beside
 * ours before anything is changed. */
#ifndef LL_EXECUTE_KUBE_SETTINGS_H
#define LL_EXECUTE_KUBE_SETTINGS_H

#include "execute/executor.h"
#include "scaling/rule.h"

enum { LL_KUBE_METRICS_MAX = 16, LL_KUBE_SETTINGS_BYTES_MAX = 4 << 20 };

enum ll_kube_goal {
    LL_KUBE_GOAL_UTILIZATION,   /* percent of the requests */
    LL_KUBE_GOAL_AVERAGE_VALUE, /* a pod's share */
    LL_KUBE_GOAL_VALUE          /* the whole */
};

struct ll_kube_metric {
    char source[24]; /* Resource, ContainerResource, Pods, Object, External; a trigger's type */
    char name[64];   /* cpu, or the metric's; "" = it has none */
    enum ll_kube_goal goal;
    double target; /* NaN = it is not a number here */
};

struct ll_kube_settings {
    char kind[32], name[64];       /* HorizontalPodAutoscaler or ScaledObject */
    char of_kind[64], of_name[64]; /* what it scales */
    int64_t min, max;
    struct ll_kube_metric metric[LL_KUBE_METRICS_MAX];
    size_t n_metrics, n_more; /* n_more: there is no room for */
    struct ll_rates out, in;  /* its behavior, with Kubernetes' defaults for what it does not say */
    double tolerance_out, tolerance_in; /* 0.1, unless it says so (Kubernetes 1.33) */
    ll_dur interval, cooldown;          /* of a ScaledObject; 0 = an HPA */
};

/* An object of autoscaling/v2 or v1, or keda.sh/v1alpha1; text[0..n) is changed.  v1 keeps what it
 * has no fields for in annotations, which are read too.  Fails with LL_E_INVALID. */
LL_MUST_USE bool ll_kube_settings_read(char *text, size_t n, struct ll_kube_settings *out,
                                       struct ll_err *err);

/* Asks the cluster for that of a target of kind kubernetes: its owner_name, or what refers to it.
 * A ScaledObject when floor_of_keda is set, else an HPA.  Nothing is changed. */
enum ll_outcome ll_kube_settings_fetch(struct ll_executor *x, struct ll_kube_settings *out,
                                       ll_dur *retry_after, struct ll_err *err);

#endif
