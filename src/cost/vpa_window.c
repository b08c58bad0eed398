#include "cost/vpa_window.h"

#include "cost/vpa.h"

static void next_window(struct ll_vpa_window *w, ll_time t, ll_dur interval)
{
    w->end += (t - w->end) / interval * interval + interval;
    w->peak_bytes = w->oom_bytes = 0;
}

static void take(struct ll_vpa_window *w, ll_time t, int64_t bytes, bool oom, ll_dur interval,
                 struct ll_vpa_change *change)
{
    w->last = t;
    if (w->end == LL_TIME_NONE)
        w->end = t;
    if (t >= w->end) {
        next_window(w, t, interval);
    } else {
        const int64_t old = LL_MAX(w->peak_bytes, w->oom_bytes);
        if (old == 0 || bytes <= old) /* a first peak of 0 stays, as in the original */
            return;
        change->removes = true;
        change->removed_bytes = old;
    }
    change->adds = true;
    change->added_bytes = bytes;
    change->at = w->end;
    *(oom ? &w->oom_bytes : &w->peak_bytes) = bytes;
}

bool ll_vpa_window_add(struct ll_vpa_window *w, ll_time t, int64_t bytes,
                       const struct ll_vpa_window_opts *o, struct ll_vpa_change *change)
{
    LL_ASSERT(o->interval > 0);
    *change = (struct ll_vpa_change){0};
    if (bytes < 0 || t < LL_TIME_MIN || t > LL_TIME_MAX || (w->last != LL_TIME_NONE && t < w->last))
        return false;
    take(w, t, bytes, false, o->interval, change);
    return true;
}

bool ll_vpa_window_oom(struct ll_vpa_window *w, ll_time t, int64_t request_bytes,
                       const struct ll_vpa_window_opts *o, struct ll_vpa_change *change,
                       struct ll_err *err)
{
    LL_ASSERT(o->interval > 0);
    *change = (struct ll_vpa_change){0};
    if (request_bytes < 0 || t < LL_TIME_MIN || t > LL_TIME_MAX)
        return ll_err_set(err, LL_E_INVALID, "out of memory with a request of %lld bytes",
                          (long long)request_bytes);
    if (w->last != LL_TIME_NONE && t < w->last - o->interval)
        return ll_err_set(err, LL_E_RANGE,
                          "out of memory %lld s before the newest sample is too old to count",
                          (long long)((w->last - t) / LL_SECOND));
    const int64_t used = LL_MAX(request_bytes, w->peak_bytes);
    const int64_t more = used + ll_vpa_amount(o->oom_min_bytes);
    const int64_t grown = ll_vpa_scale(used, o->oom_ratio);
    take(w, t, LL_MAX(more, grown), true, o->interval, change);
    return true;
}
