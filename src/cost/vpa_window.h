/* Memory as the Vertical Pod Autoscaler sees it: one peak per window of 24 hours, stamped with the
 * window's end; what ran out of memory counts as a peak of
 *
 *     max(used + 100 MiB, used * 1.2),   used = max(request, usage peak of this window)
 *
 * and never feeds the next one.  A higher peak of the same window takes the lower one's place.
 * Source: github.com/kubernetes/autoscaler, .../pkg/recommender/model/container.go. */
#ifndef LL_COST_VPA_WINDOW_H
#define LL_COST_VPA_WINDOW_H

#include "base/err.h"
#include "base/time.h"

struct ll_vpa_window {
    ll_time end;  /* of the current window, not in it; LL_TIME_NONE before the first sample */
    ll_time last; /* of the newest sample */
    int64_t peak_bytes, oom_bytes;
};

#define LL_VPA_WINDOW_NEW ((struct ll_vpa_window){.end = LL_TIME_NONE, .last = LL_TIME_NONE})

struct ll_vpa_window_opts {
    ll_dur interval;      /* > 0 */
    double oom_ratio;     /* 1.2 */
    double oom_min_bytes; /* 100 MiB */
};

/* What to do to the histogram of peaks, at time `at`. */
struct ll_vpa_change {
    bool removes, adds;
    int64_t removed_bytes, added_bytes;
    ll_time at;
};

/* False when the sample is negative or older than the newest; *change is then empty. */
bool ll_vpa_window_add(struct ll_vpa_window *w, ll_time t, int64_t bytes,
                       const struct ll_vpa_window_opts *o, struct ll_vpa_change *change);

/* Fails with LL_E_RANGE when the event is more than one interval older than the newest sample, and
 * with LL_E_INVALID on a negative request; *change is then empty. */
LL_MUST_USE bool ll_vpa_window_oom(struct ll_vpa_window *w, ll_time t, int64_t request_bytes,
                                   const struct ll_vpa_window_opts *o, struct ll_vpa_change *change,
                                   struct ll_err *err);

#endif
