/* Kubernetes' HorizontalPodAutoscaler v2, to the letter, second half: what its controller makes of
 * the metrics' answers.
 *
 *     max over metrics -> stabilise -> rates and range -> write when different
 *
 * The unstabilised answer is what is remembered.  A current count of zero with min > 0 switches it
 * off; one outside [min, max] is corrected at once, without metrics, windows or rates.  Sources as
 * in scaling/hpa.h. */
#ifndef LL_SCALING_HPA_CONTROL_H
#define LL_SCALING_HPA_CONTROL_H

#include "scaling/hpa.h"
#include "scaling/rule.h"

enum { LL_HPA_LOG_MAX = 1024 };

struct ll_hpa_event { /* a change that was made */
    ll_time t;
    int32_t change; /* > 0, in its direction */
    bool outdated;  /* its place may be taken */
};

struct ll_hpa_recommendation {
    ll_time t;
    int32_t replicas;
};

/* Bounded logs in which what is outdated is replaced, so that they do not grow. */
struct ll_hpa_events {
    struct ll_hpa_event v[LL_HPA_LOG_MAX];
    size_t n;
};
struct ll_hpa_recommendations {
    struct ll_hpa_recommendation v[LL_HPA_LOG_MAX];
    size_t n;
};

struct ll_hpa_state {
    struct ll_hpa_events up, down;
    struct ll_hpa_recommendations recommendations;
    bool seen; /* recommendations were begun: else they begin with the current count */
};

#define LL_HPA_REASONS(X)                                                                          \
    X(NONE, "")                                                                                    \
    X(WITHIN_RANGE, "DesiredWithinRange")                                                          \
    X(TOO_FEW, "TooFewReplicas")                                                                   \
    X(TOO_MANY, "TooManyReplicas")                                                                 \
    X(UP_LIMIT, "ScaleUpLimit")                                                                    \
    X(DOWN_LIMIT, "ScaleDownLimit")                                                                \
    X(READY, "ReadyForNewScale")                                                                   \
    X(UP_STABILIZED, "ScaleUpStabilized")                                                          \
    X(DOWN_STABILIZED, "ScaleDownStabilized")                                                      \
    X(GOT_SCALE, "SucceededGetScale")                                                              \
    X(NO_SCALE, "FailedGetScale")                                                                  \
    X(RESCALED, "SucceededRescale")                                                                \
    X(NOT_RESCALED, "FailedUpdateScale")                                                           \
    X(VALID_METRIC, "ValidMetricFound")                                                            \
    X(DISABLED, "ScalingDisabled")                                                                 \
    X(NO_RESOURCE, "FailedGetResourceMetric")                                                      \
    X(NO_CONTAINER, "FailedGetContainerResourceMetric")                                            \
    X(NO_PODS, "FailedGetPodsMetric")                                                              \
    X(NO_OBJECT, "FailedGetObjectMetric")                                                          \
    X(NO_EXTERNAL, "FailedGetExternalMetric")                                                      \
    X(BAD_SOURCE, "InvalidMetricSourceType")

enum ll_hpa_reason {
#define X(name, text) LL_HPA_REASON_##name,
    LL_HPA_REASONS(X)
#undef X
        LL_HPA_REASON_COUNT
};
const char *ll_hpa_reason_name(enum ll_hpa_reason r);

struct ll_hpa_behavior {
    struct ll_rates up, down;
};

/* The most (up) or least that the policies allow, by what was added and removed in each one's
 * period. */
int32_t ll_hpa_rate_limit(bool up, int32_t current, const struct ll_hpa_events *ups,
                          const struct ll_hpa_events *downs, const struct ll_rates *rates,
                          ll_time now);

/* The sum of changes younger than `period`. */
int32_t ll_hpa_changed(const struct ll_hpa_events *e, ll_dur period, ll_time now);

/* Notes a change; what no policy looks at any more is marked, and the last such place taken. */
void ll_hpa_note_event(struct ll_hpa_events *e, const struct ll_rates *rates, int32_t change,
                       ll_time now);

/* Range and rates, without windows. */
int32_t ll_hpa_within_rates(int32_t current, int32_t proposed, int32_t min, int32_t max,
                            const struct ll_hpa_behavior *b, const struct ll_hpa_state *s,
                            ll_time now, enum ll_hpa_reason *why);
/* The same without a behavior: a burst of max(factor x current, minimum). */
int32_t ll_hpa_within_burst(int32_t current, int32_t proposed, int32_t min, int32_t max,
                            double factor, double minimum, enum ll_hpa_reason *why);

/* Windows of both directions; notes the proposal. */
int32_t ll_hpa_stabilize(struct ll_hpa_recommendations *r, int32_t current, int32_t proposed,
                         ll_dur up, ll_dur down, ll_time now);
/* Without a behavior: the highest answer of the window. */
int32_t ll_hpa_stabilize_down(struct ll_hpa_recommendations *r, int32_t proposed, ll_dur window,
                              ll_time now);

struct ll_hpa_input {
    int32_t min, max, current, observed;
    const struct ll_hpa_metric *metrics;
    const bool *container; /* per metric: it is a ContainerResource; NULL = none is */
    size_t n_metrics;
    struct ll_hpa_opts opts;
    const struct ll_hpa_behavior *behavior; /* NULL = none */
    ll_dur window;                          /* of scale-in without a behavior or its own window */
    double burst_factor, burst_minimum;
    bool target_unreadable, target_unwritable;
};

enum ll_hpa_trouble { LL_HPA_FINE, LL_HPA_PARTIAL, LL_HPA_FATAL };

struct ll_hpa_result {
    int32_t desired; /* current when nothing is to be written */
    bool rescale;
    enum ll_hpa_trouble trouble;
    enum ll_hpa_reason able, active, limited; /* NONE: that condition is not set */
    bool is_able, is_active, is_limited;
    bool has_utilization;
    int32_t utilization_pct; /* of the last utilisation metric that answered */
};

/* One pass of the controller; a change that was written is noted in s. */
void ll_hpa_reconcile(const struct ll_hpa_input *in, struct ll_hpa_state *s,
                      struct ll_hpa_result *out);

#endif
