/* What each status and each reason means: the one place that defines them.
 *
 * A status is judged per part, from fresh data with a known capacity, against the
 * thresholds that apply.  The table below is what `loadline doctor --explain-status`
 * prints and what the monitor follows. */
#ifndef LL_CORE_STATUS_H
#define LL_CORE_STATUS_H

#include "base/time.h"
#include "core/enums.h"

/* reason, name, status it leads to, meaning */
#define LL_REASON_TABLE(X)                                                                         \
    X(LL_REASON_BELOW_WARNING, "BELOW_WARNING", LL_STATUS_HEALTHY,                                 \
      "fresh, capacity known, and below warning_pct")                                              \
    X(LL_REASON_ABOVE_WARNING, "ABOVE_WARNING", LL_STATUS_WARNING,                                 \
      "the latest value is at or above warning_pct (network: its peak, where the sender tells "    \
      "it)")                                                                                       \
    X(LL_REASON_ABOVE_CRITICAL, "ABOVE_CRITICAL", LL_STATUS_CRITICAL,                              \
      "the latest value is at or above critical_pct (network: its peak)")                          \
    X(LL_REASON_FULL_SOON, "FULL_SOON", LL_STATUS_WARNING,                                         \
      "disk space: at the present trend full within 14 days")                                      \
    X(LL_REASON_FULL_VERY_SOON, "FULL_VERY_SOON", LL_STATUS_CRITICAL,                              \
      "disk space: at the present trend full within 3 days")                                       \
    X(LL_REASON_UNDER_WINDOW, "UNDER_WINDOW", LL_STATUS_UNDER_PROVISIONED,                         \
      "the service's utilisation was at or above scale_up_pct in at least 5 of the 6 "             \
      "five-minute means of the last 30 minutes")                                                  \
    X(LL_REASON_OVER_WINDOW, "OVER_WINDOW", LL_STATUS_OVER_PROVISIONED,                            \
      "the highest quarter-hour mean of the last 24 hours (at least 20 hours seen) was below "     \
      "scale_down_pct; for CPU, memory and API calls, and not for a unit without a limit of its "  \
      "own")                                                                                       \
    X(LL_REASON_STALE, "STALE", LL_STATUS_UNKNOWN, "no sample for max(3 intervals, 60 s)")         \
    X(LL_REASON_NO_CAPACITY, "NO_CAPACITY", LL_STATUS_UNKNOWN,                                     \
      "there are samples, but the capacity is not known, so neither is the utilisation")           \
    X(LL_REASON_NO_DATA, "NO_DATA", LL_STATUS_UNKNOWN, "there has been no sample")

#define X(member, name, status, meaning) member,
enum ll_reason { LL_REASON_TABLE(X) LL_REASON_COUNT };
#undef X

const char *ll_reason_name(enum ll_reason r);
enum ll_status ll_reason_status(enum ll_reason r);
const char *ll_reason_meaning(enum ll_reason r);
const char *ll_status_meaning(enum ll_status s);

/* Worse is larger: CRITICAL > UNDER_PROVISIONED > WARNING > UNKNOWN > OVER_PROVISIONED >
 * HEALTHY. */
int ll_status_severity(enum ll_status s);

/* As severity, but a part whose capacity nobody knows is not a problem: below HEALTHY. */
int ll_reason_severity(enum ll_reason r);

/* Stale = older than max(3 intervals, 60 s). */
ll_dur ll_status_stale_after(ll_dur interval);

#endif
