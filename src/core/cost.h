/* The nouns of cost that every floor shares.  Money is a double in the price book's one currency;
 * what is not known is NaN inside and null outside, never 0.  Names print as here and are read in
 * any case.  Definitions: FinOps FOCUS 1.2 (cost kinds), Kubernetes VPA and AWS Compute Optimizer
 * (sizing), each in the header that computes it. */
#ifndef LL_CORE_COST_H
#define LL_CORE_COST_H

#include "base/time.h"
#include "core/enums.h"

/* What a unit costs, four ways kept apart. */
#define LL_COST_KIND_TABLE(X)                                                                      \
    X(LL_COST_LIST, "list")             /* the public price */                                     \
    X(LL_COST_CONTRACTED, "contracted") /* after negotiated discounts */                           \
    X(LL_COST_EFFECTIVE, "effective")   /* commitments spread over what they cover */              \
    X(LL_COST_BILLED, "billed")         /* as on the invoice */

/* How well something is sized; the first that holds, in this order. */
#define LL_SIZING_TABLE(X)                                                                         \
    X(LL_SIZING_INSUFFICIENT_DATA, "INSUFFICIENT_DATA")                                            \
    X(LL_SIZING_UNDER_PROVISIONED, "UNDER_PROVISIONED")                                            \
    X(LL_SIZING_IDLE, "IDLE")                                                                      \
    X(LL_SIZING_OVER_PROVISIONED, "OVER_PROVISIONED")                                              \
    X(LL_SIZING_OPTIMIZED, "OPTIMIZED")

/* The ways to save, in the order they are applied: each on what the ones before leave. */
#define LL_SAVING_TABLE(X)                                                                         \
    X(LL_SAVING_TERMINATE, "terminate")                                                            \
    X(LL_SAVING_SCHEDULE, "schedule")                                                              \
    X(LL_SAVING_RIGHTSIZE, "rightsize")                                                            \
    X(LL_SAVING_CONSOLIDATE, "consolidate")                                                        \
    X(LL_SAVING_SPOT, "spot")                                                                      \
    X(LL_SAVING_COMMIT, "commit")

/* How far a figure may be relied on. */
#define LL_CONFIDENCE_TABLE(X)                                                                     \
    X(LL_CONFIDENCE_NONE, "NONE")                                                                  \
    X(LL_CONFIDENCE_LOW, "LOW")                                                                    \
    X(LL_CONFIDENCE_MEDIUM, "MEDIUM")                                                              \
    X(LL_CONFIDENCE_HIGH, "HIGH")

/* How critical a service is: how much of its peak is kept. */
#define LL_TIER_TABLE(X)                                                                           \
    X(LL_TIER_CRITICAL, "critical")                                                                \
    X(LL_TIER_STANDARD, "standard")                                                                \
    X(LL_TIER_BATCH, "batch")

/* A day of a service's calendar, as costs and peaks are compared. */
#define LL_COST_DAY_TABLE(X)                                                                       \
    X(LL_COST_DAY_OPEN, "open")                                                                    \
    X(LL_COST_DAY_HALF, "half")                                                                    \
    X(LL_COST_DAY_EXPIRY, "expiry")                                                                \
    X(LL_COST_DAY_CLOSED, "closed")

#define X(member, name) member,
enum ll_cost_kind { LL_COST_KIND_TABLE(X) LL_COST_KIND_COUNT };
enum ll_sizing { LL_SIZING_TABLE(X) LL_SIZING_COUNT };
enum ll_saving { LL_SAVING_TABLE(X) LL_SAVING_COUNT };
enum ll_confidence { LL_CONFIDENCE_TABLE(X) LL_CONFIDENCE_COUNT };
enum ll_tier { LL_TIER_TABLE(X) LL_TIER_COUNT };
enum ll_cost_day { LL_COST_DAY_TABLE(X) LL_COST_DAY_COUNT };
#undef X

/* Hours of a month where a rate is told by the month: 8,760 / 12.  A period is never priced by it.
 */
#define LL_HOURS_PER_MONTH 730.0

/* Static names; a value out of range gives "?". */
const char *ll_cost_kind_name(enum ll_cost_kind v);
const char *ll_sizing_name(enum ll_sizing v);
const char *ll_saving_name(enum ll_saving v);
const char *ll_confidence_name(enum ll_confidence v);
const char *ll_tier_name(enum ll_tier v);
const char *ll_cost_day_name(enum ll_cost_day v);

/* False when the text names none; *out untouched then. */
LL_MUST_USE bool ll_cost_kind_parse(struct ll_slice text, enum ll_cost_kind *out);
LL_MUST_USE bool ll_sizing_parse(struct ll_slice text, enum ll_sizing *out);
LL_MUST_USE bool ll_saving_parse(struct ll_slice text, enum ll_saving *out);
LL_MUST_USE bool ll_confidence_parse(struct ll_slice text, enum ll_confidence *out);
LL_MUST_USE bool ll_tier_parse(struct ll_slice text, enum ll_tier *out);
LL_MUST_USE bool ll_cost_day_parse(struct ll_slice text, enum ll_cost_day *out);

#endif
