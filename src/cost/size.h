/* How large something should be, from how it was used, and which term says so.
 *
 *     base     P_q of use, decayed or by class of day; MEMORY and DISK: the highest daily peak
 *     oom      max(base, used * 1.2, used + 100 MiB), at most twice the highest use, for 8 days
 *     wanted = max(base (1 + h), k peak, forecast, regulatory, floor), rounded up to a quantum
 *     k      = 1 + h critical, 0.7 standard, 0 batch;  N-1 of Z zones: use * Z / (Z - 1)
 *
 * A sample at >= 98 % of the capacity it was taken under says only "at least that".  Where 1 % of
 * them are so, wanted is at least 1.5 times the highest capacity that was reached; where work was
 * throttled or queued, 1.5 times the current one.
 *
 * Under a horizontal rule on the same resource the size is a fixed point: base / target takes the
 * place of base (1 + h); the rule's own range of instances is left to it, so that the size shrinks
 * only at its least and grows only at its most.
 *
 * A change is told when it is >= 10 %; a shrink of at most half, and only from 100 samples over
 * 30 h.  With nothing but a gap the size stays.  What a regulation asks for holds without these.
 *
 * Invariants: a changed size is at least k * peak (or grows, where more instances meet the peak);
 * it does not fall when use rises; carried out under the same use it comes to rest without turning
 * back. */
#ifndef LL_COST_SIZE_H
#define LL_COST_SIZE_H

#include "core/cost.h"
#include "stats/weighted.h"

/* The term that bound a recommendation. */
#define LL_SIZE_TERM_TABLE(X)                                                                      \
    X(LL_SIZE_BASE, "base")                                                                        \
    X(LL_SIZE_VPA, "vpa") /* in place of base (1 + h) */                                           \
    X(LL_SIZE_OOM, "oom")                                                                          \
    X(LL_SIZE_PEAK, "peak")                                                                        \
    X(LL_SIZE_FORECAST, "forecast")                                                                \
    X(LL_SIZE_REGULATORY, "regulatory")                                                            \
    X(LL_SIZE_FLOOR, "floor")                                                                      \
    X(LL_SIZE_SATURATION, "saturation")                                                            \
    X(LL_SIZE_HORIZONTAL, "horizontal") /* what the horizontal rule holds */                       \
    X(LL_SIZE_MAX_SHRINK, "max_shrink") /* the most it may shrink at once */                       \
    X(LL_SIZE_HYSTERESIS, "hysteresis") /* a change too small to make */                           \
    X(LL_SIZE_TOO_LITTLE, "too_little_data_to_shrink")                                             \
    X(LL_SIZE_NO_DATA, "no_data")                                                                  \
    X(LL_SIZE_NO_CAPACITY, "no_capacity") /* the current size is not known */

/* What is above it is no sample, so that no product of samples overflows. */
#define LL_SIZE_SAMPLE_MAX 1e24

#define X(member, name) member,
enum ll_size_term { LL_SIZE_TERM_TABLE(X) LL_SIZE_TERM_COUNT };
#undef X

/* A static name; a value out of range gives "?". */
const char *ll_size_term_name(enum ll_size_term t);

/* What the steps of a history are, for all that share a calendar: cost/size_history.h makes one. */
struct ll_size_history {
    ll_dur step; /* > 0 */
    size_t n;
    const double *weight;    /* of each step, finite, >= 0; NULL = all alike */
    const uint8_t *day;      /* enum ll_cost_day of each step; NULL = one class */
    bool by_calendar;        /* confidence is halved unless both are covered: */
    bool month_end, quarter; /* a month's last session, a quarter's expiry */
};

struct ll_size_opts {
    double q; /* of base, in (0, 1] */
    double headroom;
    double quantum; /* sizes are whole multiples, > 0 */
    double floor;
    double max_shrink; /* at once, of the current size, in [0, 1] */
    double hysteresis; /* least change that is told */
    double min_span_hours;
    size_t min_samples;
    double saturated_at, saturated_share, saturated_growth;
    double oom_ratio, oom_more, oom_cap; /* oom_cap: times the highest use; 0 = none */
    ll_dur oom_expiry;
    enum ll_tier tier;
    unsigned zones;     /* below 2: none is to spare */
    bool base_of_peaks; /* from the highest of each step */
};

/* CPU: P95, 15 %, 1 m, 10 m.  MEMORY: the highest, 20 %, 1 MiB, 100 MiB.  DISK the same with a
 * floor of 1 MiB.  Others as CPU in whole units, at least 1. */
struct ll_size_opts ll_size_opts_default(enum ll_resource_type type);

/* NaN in a figure: not known; NaN or 0 behind `current`: none. */
struct ll_size_input {
    const struct ll_size_history *history;
    size_t replicas;               /* instances; a size is of one */
    const double *const *use;      /* [replicas][history->n], NaN = no sample; negative counts so */
    const double *const *highest;  /* within each step; NULL = as use */
    const double *const *capacity; /* at each step; NULL = current */
    double current;                /* size of one instance */
    double vpa;                    /* target of the Vertical Pod Autoscaler: cost/size_vpa.h */
    double forecast;               /* P95 until the next review */
    double regulatory;             /* the least the law asks for */
    double regulatory_multiple;    /* of the highest use, at least historical_peak; 0 = none */
    double historical_peak;
    double oom_used; /* when it last ran out of memory */
    ll_dur oom_age;
    bool throttled; /* or queued: use would have been higher */
    struct {
        double target; /* use / size the rule holds; 0 = there is no such rule */
        bool at_min, at_max;
    } horizontal;
};

struct ll_size {
    enum ll_sizing sizing;   /* never IDLE: that is of a service, cost/size_service.h */
    enum ll_size_term bound; /* what the recommendation is */
    enum ll_size_term term;  /* what wanted is */
    enum ll_confidence level;
    double recommended; /* NaN when nothing is known */
    double wanted;      /* before shrinks, hysteresis and lack of data hold it */
    double base, peak;  /* of the largest instance; NaN without samples */
    double saturated;   /* share of samples at the capacity */
    double imbalance;   /* the largest instance's base / the median one's */
    double confidence;  /* in [0, 1] */
    double span_hours, coverage;
    size_t samples; /* steps that some instance has a sample of */
};

/* Room the caller lends: history->n values, and a base of each replica. */
struct ll_size_scratch {
    struct ll_weighted *values;
    double *bases;
};

void ll_size_of(const struct ll_size_input *in, const struct ll_size_opts *o,
                const struct ll_size_scratch *scratch, struct ll_size *out);

/* The size at which `use` is `target` of it, target > 0. */
double ll_size_at_target(double use, double target);

/* HIGH from 0.8, MEDIUM from 0.5, LOW above 0. */
enum ll_confidence ll_size_level(double confidence);

#endif
