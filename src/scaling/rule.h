/* What a user declares: rules and their windows.  Plain data; config/rules_file.h reads it. Ratios,
 * not percent. */
#ifndef LL_SCALING_RULE_H
#define LL_SCALING_RULE_H

#include "scaling/target.h"

struct ll_formula; /* scaling/formula.h */

enum { LL_RULE_WINDOWS_MAX = 64, LL_RULE_STEPS_MAX = 8, LL_SATURATION_SAMPLES_MAX = 30 };

/* A window of time: state is a function of the time, so nothing is missed while we are down. */
enum ll_anchor { LL_ANCHOR_CRON, LL_ANCHOR_OPEN, LL_ANCHOR_CLOSE, LL_ANCHOR_EVENT };
enum ll_window_effect {
    LL_WINDOW_FLOOR,
    LL_WINDOW_EXACT,
    LL_WINDOW_MAX,
    LL_WINDOW_NO_SCALE_IN, /* blackout */
    LL_WINDOW_FREEZE       /* neither */
};

struct ll_scale_window {
    enum ll_anchor anchor;
    struct ll_slice cron;     /* LL_ANCHOR_CRON: when it begins, wall clock of zone */
    struct ll_slice zone;     /* IANA; empty = the calendar's, else UTC */
    struct ll_slice calendar; /* of the other anchors; empty = the rule's */
    struct ll_slice event;    /* LL_ANCHOR_EVENT: its name */
    ll_dur offset;            /* from the anchor; negative = before */
    ll_dur duration;          /* > 0 */
    ll_dur ramp;              /* a floor rises evenly over it; 0 = at once */
    enum ll_window_effect effect;
    int64_t amount;                /* of floor, exact, max */
    const struct ll_slice *except; /* local dates yyyy-mm-dd on which it does not begin */
    size_t n_except;
};

enum ll_threshold_form {
    LL_FORM_BANDS,
    LL_FORM_TARGET,
    LL_FORM_UNITS /* of an expression: its value is the number of units */
};
enum ll_rule_need { LL_NEED_REQUIRED, LL_NEED_ADVISORY };
enum ll_fallback { LL_FALLBACK_HOLD_IF_HIGHER, LL_FALLBACK_HOLD, LL_FALLBACK_UNITS };
enum ll_on_expiry { LL_EXPIRY_HOLD, LL_EXPIRY_EXECUTE };

/* A breach of at least `over` beyond the threshold changes by this much. */
struct ll_step {
    double over; /* ratio points, >= 0; rising */
    enum ll_rate_kind kind;
    int32_t value; /* > 0 */
};

/* What an expression takes of another rule of the same target. */
enum ll_use_what {
    LL_USE_UTILIZATION, /* ratio of the newest sample */
    LL_USE_VALUE,       /* the newest sample, in the resource's unit */
    LL_USE_CAPACITY,    /* and its capacity */
    LL_USE_UNITS        /* what it asks for; in LL_FORM_UNITS only */
};

struct ll_rule_use {
    struct ll_slice name; /* in the formula */
    struct ll_slice rule; /* its rule_id: THRESHOLD or PREDICTIVE, no expression */
    enum ll_use_what what;
};

/* Instead of samples of its own.  A value that is missing, and a result that is not a number or
 * negative, is no data: never 0. */
struct ll_rule_expression {
    struct ll_slice text;
    const struct ll_formula *formula; /* of it */
    const struct ll_rule_use *uses;
    size_t n_uses;
};

/* A load at its limit says no more how much is missing: while what waits for it grows, the step is
 * twice as large. */
struct ll_saturation {
    struct ll_slice
        waiting;      /* rule_id of the one that sees the queue or the latency; empty = none */
    double pinned;    /* from this utilisation; 0.95 */
    unsigned samples; /* each of so many is higher than the one before; 3 */
};

struct ll_scaling_rule {
    struct ll_slice rule_id, target, service;
    enum ll_resource_type type;
    struct ll_slice part;
    enum ll_policy policy;
    struct ll_slice calendar; /* code; empty = none */
    struct ll_threshold thresholds;
    double goal; /* utilisation that is aimed at; NaN = thresholds.scale_up */
    enum ll_rule_need need;
    struct ll_slice group;                       /* of its target; empty = none */
    bool input_only;                             /* asks for nothing: others use what it sees */
    const struct ll_rule_expression *expression; /* NULL = none */
    struct ll_saturation saturation;

    enum ll_threshold_form form;
    struct ll_step up[LL_RULE_STEPS_MAX], down[LL_RULE_STEPS_MAX]; /* none = proportional to goal */
    size_t n_up, n_down;
    unsigned k, n;                       /* k of the last n samples; 1 of 1 */
    double tolerance_up, tolerance_down; /* LL_FORM_TARGET; 0.1 */
    ll_dur startup, readiness;           /* HPA: cpu initialization, initial readiness delay */

    double quantile;   /* tau, in (0, 1) */
    ll_dur lead;       /* 0 = the target's learned or declared one */
    bool may_scale_in; /* PREDICTIVE: not only raise */
    double max_breach; /* beyond max by forecast, ratio; 0 */

    const struct ll_scale_window *windows;
    size_t n_windows;

    struct ll_rates in, out; /* n = 0 and window = 0: the target's */
    bool hpa_behavior;       /* behavior: hpa, as a target's */
    ll_dur cooldown_out;     /* 0 */
    ll_dur stale;            /* 0 = 2 check intervals + window, at least 60 s */
    enum ll_fallback fallback;
    ll_dur fallback_after; /* 3 min */
    int64_t fallback_units;
    unsigned max_reversals; /* per hour; 4 */

    enum ll_mode mode;
    enum ll_on_expiry on_expiry;
    ll_dur proposal_ttl;       /* 15 min */
    double second_person_over; /* a step over this ratio of current needs two; 0 = never */
    int64_t min, max;          /* of this rule; 0 = the target's */
    struct ll_slice owner, severity;
    uint32_t version; /* rises with every change; from 1 */
};

#endif
