#include "scaling/hpa_control.h"

static const char *const reasons[] = {
#define X(name, text) text,
    LL_HPA_REASONS(X)
#undef X
};

const char *ll_hpa_reason_name(enum ll_hpa_reason r)
{
    LL_ASSERT(r < LL_HPA_REASON_COUNT);
    return reasons[r];
}

/* In the place of the last one that is too old, else at the end. */
static void note(struct ll_hpa_recommendations *r, size_t old, int32_t replicas, ll_time now)
{
    const size_t at = old < r->n ? old : r->n < LL_HPA_LOG_MAX ? r->n : 0;
    r->v[at] = (struct ll_hpa_recommendation){.t = now, .replicas = replicas};
    r->n = LL_MAX(r->n, at + 1);
}

int32_t ll_hpa_stabilize(struct ll_hpa_recommendations *r, int32_t current, int32_t proposed,
                         ll_dur up, ll_dur down, ll_time now)
{
    int32_t lowest = proposed, highest = proposed;
    size_t old = SIZE_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct ll_hpa_recommendation *a = &r->v[i];
        if (a->t > now - up)
            lowest = LL_MIN(lowest, a->replicas);
        if (a->t > now - down)
            highest = LL_MAX(highest, a->replicas);
        if (a->t < now - up && a->t < now - down)
            old = i;
    }
    note(r, old, proposed, now);
    return LL_MIN(LL_MAX(current, lowest), highest);
}

int32_t ll_hpa_stabilize_down(struct ll_hpa_recommendations *r, int32_t proposed, ll_dur window,
                              ll_time now)
{
    int32_t highest = proposed;
    size_t old = SIZE_MAX;
    for (size_t i = 0; i < r->n; i++) {
        if (r->v[i].t < now - window)
            old = i;
        else
            highest = LL_MAX(highest, r->v[i].replicas);
    }
    note(r, old, proposed, now);
    return highest;
}

static enum ll_hpa_reason failure(const struct ll_hpa_input *in, size_t i)
{
    switch (in->metrics[i].source) {
    case LL_HPA_RESOURCE:
        return in->container && in->container[i] ? LL_HPA_REASON_NO_CONTAINER
                                                 : LL_HPA_REASON_NO_RESOURCE;
    case LL_HPA_PODS:
        return LL_HPA_REASON_NO_PODS;
    case LL_HPA_OBJECT:
        return LL_HPA_REASON_NO_OBJECT;
    case LL_HPA_EXTERNAL:
        return LL_HPA_REASON_NO_EXTERNAL;
    default: /* LL_HPA_INVALID */
        return LL_HPA_REASON_BAD_SOURCE;
    }
}

/* The highest answer.  A source that failed holds a scale-in; a scale-out goes on without it.
 * False when there is no answer. */
static bool of_metrics(const struct ll_hpa_input *in, int32_t *proposed, struct ll_hpa_result *out)
{
    size_t failed = 0;
    enum ll_hpa_reason first = LL_HPA_REASON_NONE;
    bool any = false;
    for (size_t i = 0; i < in->n_metrics; i++) {
        struct ll_hpa_answer a;
        struct ll_err err;
        if (!ll_hpa_replicas(&in->metrics[i], in->current, in->observed, &in->opts, &a, &err)) {
            if (failed++ == 0)
                first = failure(in, i);
            continue;
        }
        if (a.has_utilization) {
            out->has_utilization = true;
            out->utilization_pct = a.utilization_pct;
        }
        *proposed = any ? LL_MAX(*proposed, a.replicas) : a.replicas;
        any = true;
    }
    if (!any || (failed > 0 && *proposed < in->current)) {
        out->active = first;
        out->is_active = false;
        return false;
    }
    out->active = LL_HPA_REASON_VALID_METRIC;
    out->is_active = true;
    out->trouble = failed > 0 ? LL_HPA_PARTIAL : LL_HPA_FINE;
    return true;
}

static int32_t normalize(const struct ll_hpa_input *in, struct ll_hpa_state *s, int32_t proposed,
                         struct ll_hpa_result *out)
{
    const ll_time now = in->opts.now;
    const struct ll_hpa_behavior *b = in->behavior;
    const ll_dur down = b && b->down.window >= 0 ? b->down.window : in->window;
    const int32_t stable =
        b ? ll_hpa_stabilize(&s->recommendations, in->current, proposed, b->up.window, down, now)
          : ll_hpa_stabilize_down(&s->recommendations, proposed, in->window, now);
    out->able = stable == proposed                     ? LL_HPA_REASON_READY
                : b != NULL && proposed >= in->current ? LL_HPA_REASON_UP_STABILIZED
                                                       : LL_HPA_REASON_DOWN_STABILIZED;
    const int32_t desired =
        b ? ll_hpa_within_rates(in->current, stable, in->min, in->max, b, s, now, &out->limited)
          : ll_hpa_within_burst(in->current, stable, in->min, in->max, in->burst_factor,
                                in->burst_minimum, &out->limited);
    out->is_limited = desired != stable;
    return desired;
}

static void write_down(const struct ll_hpa_input *in, struct ll_hpa_state *s, int32_t desired,
                       struct ll_hpa_result *out)
{
    if (in->target_unwritable) {
        out->is_able = false;
        out->able = LL_HPA_REASON_NOT_RESCALED;
        out->trouble = LL_HPA_FATAL;
        return;
    }
    out->able = LL_HPA_REASON_RESCALED;
    out->rescale = true;
    out->desired = desired;
    if (!in->behavior)
        return;
    const bool up = desired > in->current;
    ll_hpa_note_event(up ? &s->up : &s->down, up ? &in->behavior->up : &in->behavior->down,
                      up ? desired - in->current : in->current - desired, in->opts.now);
}

void ll_hpa_reconcile(const struct ll_hpa_input *in, struct ll_hpa_state *s,
                      struct ll_hpa_result *out)
{
    *out = (struct ll_hpa_result){.desired = in->current, .is_able = true};
    if (in->target_unreadable) {
        out->is_able = false;
        out->able = LL_HPA_REASON_NO_SCALE;
        out->trouble = LL_HPA_FATAL;
        return;
    }
    out->able = LL_HPA_REASON_GOT_SCALE;
    if (!s->seen) {
        s->seen = true;
        note(&s->recommendations, SIZE_MAX, in->current, in->opts.now);
    }
    int32_t desired = 0;
    if (in->current == 0 && in->min != 0) {
        out->active = LL_HPA_REASON_DISABLED;
        return;
    }
    if (in->current > in->max) {
        desired = in->max;
    } else if (in->current < in->min) {
        desired = in->min;
    } else if (of_metrics(in, &desired, out)) {
        desired = normalize(in, s, LL_MAX(desired, 0), out);
    } else {
        out->trouble = LL_HPA_FATAL;
        return;
    }
    if (desired != in->current)
        write_down(in, s, desired, out);
}
