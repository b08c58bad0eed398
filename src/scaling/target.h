/* What can be scaled: its range, its rates of change, its capacity, its groups of rules.
 *
 * Amounts are whole units of the target: instances (SCALE_OUT, SCALE_IN) or, on a vertical target,
 * its size (SCALE_UP, SCALE_DOWN: millicores, bytes, connections). */
#ifndef LL_SCALING_TARGET_H
#define LL_SCALING_TARGET_H

#include "core/records.h"
#include "core/scaling.h"

enum { LL_RATE_POLICIES_MAX = 4, LL_TARGET_RULES_MAX = 32, LL_TARGET_GROUPS_MAX = 8 };

/* Rates of change: autoscaling/v2 HPAScalingRules. */
enum ll_rate_kind { LL_RATE_UNITS, LL_RATE_PERCENT };
enum ll_rate_select { LL_RATE_MAX, LL_RATE_MIN, LL_RATE_DISABLED };

struct ll_rate_policy {
    enum ll_rate_kind kind;
    int32_t value; /* units, or percent of what there was at the period's start */
    ll_dur period;
};

struct ll_rates {
    enum ll_rate_select select;
    ll_dur window; /* stabilisation */
    struct ll_rate_policy policy[LL_RATE_POLICIES_MAX];
    size_t n;
};

struct ll_capacity_model {
    enum ll_resource_type driver; /* the demand signal, in its unit */
    struct ll_slice part;
    double units_per_instance; /* at 100 %; NaN = not known: the observed capacity per instance */
    struct ll_slice source;    /* declared, learned, load_test */
    ll_time date, expires;     /* LL_TIME_NONE = not given */
};

/* A budget that a target's instances eat of: 20 connections each of a pool of 400. */
struct ll_dependency {
    struct ll_slice service;
    enum ll_resource_type type;
    double per_instance, limit;
};

/* How answers become one.  ANY: the highest, so that one asks for more and all for less.  ALL: a
 * change in either direction needs everybody's consent, and goes as far as all want it to. */
enum ll_consent { LL_CONSENT_ANY, LL_CONSENT_ALL };

struct ll_rule_group {
    struct ll_slice name;
    enum ll_consent when;
};

struct ll_target {
    struct ll_slice name, service, unit; /* unit "instances" unless vertical */
    struct ll_slice kind;                /* executor: dry_run, kubernetes, aws_asg, webhook, exec */
    const struct ll_target_place *place; /* what the executor needs (execute/executor.h) */
    bool vertical;
    int64_t min, max;
    int64_t quota;       /* 0 = none */
    int64_t granularity; /* sizes are multiples of it; 1 */
    ll_dur boot_delay;   /* until it has been learned */
    double price;        /* per unit and hour, NaN = not given */
    struct ll_capacity_model capacity;
    const struct ll_dependency *dependencies;
    size_t n_dependencies;
    struct ll_rates in,
        out;           /* velocity; by default reliability's: in 20 % per 5 min, out x2 a min */
    bool hpa_behavior; /* behavior: hpa: rates as Kubernetes has them, no velocity limits */
    bool scale_to_zero;
    ll_dur idle;                        /* inactive so long before the last unit goes; 5 min */
    enum ll_consent combine;            /* of groups and of rules in none */
    const struct ll_rule_group *groups; /* of THRESHOLD and PREDICTIVE rules */
    size_t n_groups;
    struct ll_slice owner, team, venue;
};

#endif
