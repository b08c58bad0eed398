/* An autoscaler of Kubernetes as rules of ours, to be replayed beside our own; never to act.
 *
 * The target gets the autoscaler's range and rates and none of our limits of velocity, so that what
 * is replayed is what Kubernetes would do (behavior: hpa).  A metric becomes a rule of the form
 * target when its value is shared by the instances: percent of what is requested, where an instance
 * is taken to be full at its request, or so much for each, against units_per_instance. */
#ifndef LL_EXECUTE_KUBE_IMPORT_H
#define LL_EXECUTE_KUBE_IMPORT_H

#include "execute/kube_settings.h"

struct ll_kube_import {
    struct ll_target target; /* borrows from ours */
    struct ll_scaling_rule rules[LL_KUBE_METRICS_MAX];
    size_t n_rules;
    char name[LL_KUBE_METRICS_MAX][96]; /* of the rules: "hpa web: cpu" */
    struct {
        const struct ll_kube_metric *metric; /* of the settings */
        const char *why;
    } left[LL_KUBE_METRICS_MAX]; /* what is no rule, and why not */
    size_t n_left;
};

/* Whether the autoscaler is that of this place: by the kind and name it refers to. */
bool ll_kube_import_fits(const struct ll_kube_settings *s, const struct ll_target_place *place);

/* Demand is of `type`, in units of which ours carries capacity.units_per_instance an instance (NaN
 * = not known).  Fails with LL_E_INVALID when no metric can be a rule, or what comes of it is not
 * one that ll_scaling_rule_check takes. */
LL_MUST_USE bool ll_kube_import(const struct ll_kube_settings *s, const struct ll_target *ours,
                                enum ll_resource_type type, struct ll_kube_import *out,
                                struct ll_err *err);

#endif
