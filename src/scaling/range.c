/* The range: floors of the target, of schedules and of people below; maximum, ceilings, quota and
 * what dependencies can carry above.
 *
 * What is below is raised at once, faster than any rate.  What is above is absolute for scale-out,
 * but lowers nothing by itself: more than there may be is scaled in through windows, rates and
 * guards (combine.c), for a lowered maximum is no reason to drop capacity blindly. */
#include <math.h>

#include "scaling/stages.h"

static void cut(struct ll_scaling_range *r, int64_t hi, enum ll_bound why)
{
    if (hi >= r->hi)
        return;
    r->hi = LL_MAX(hi, 0);
    r->hi_why = why;
}

static void raise(struct ll_scaling_range *r, int64_t lo, enum ll_bound why)
{
    if (lo <= r->lo)
        return;
    r->lo = lo;
    r->lo_why = why;
}

/* The widest of the rules' own ranges: what one rule may not ask for another may. */
static int64_t highest_max(const struct ll_scaling_work *w)
{
    const int64_t max = w->in->target->max;
    int64_t hi = -1;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_scaling_rule *r = w->in->rules[i].rule;
        if (ll_scaling_counts(w, i))
            hi = LL_MAX(hi, r->max > 0 ? LL_MIN(r->max, max) : max);
    }
    return hi < 0 ? max : hi;
}

/* As far as forecasts ask, within what each may breach the maximum by. */
static int64_t with_breach(const struct ll_scaling_work *w, int64_t hi)
{
    int64_t most = hi;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_proposal *p = &w->d->proposals[i];
        if (p->rule->policy != LL_POLICY_PREDICTIVE || p->shadow || p->state == LL_PROPOSAL_NONE ||
            !(p->rule->max_breach > 0))
            continue;
        const double beyond = floor((double)hi * (1 + p->rule->max_breach) + 1e-9);
        most = LL_MAX(most, LL_MIN(p->want, (int64_t)beyond));
    }
    return most;
}

/* No ceiling of a schedule or a person is below the target's own minimum.  Ceilings hold whoever
 * they are of; floors are of rules that are at least in `mode`. */
static void by_windows(struct ll_scaling_work *w, int64_t min, enum ll_mode mode)
{
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_rule_input *r = &w->in->rules[i];
        for (size_t k = 0; k < r->n_windows; k++) {
            const struct ll_window_now *x = &r->windows[k];
            ll_scaling_until(w, x->next);
            if (!x->open || !ll_scaling_counts(w, i))
                continue;
            const enum ll_window_effect e = x->window->effect;
            const bool may = ll_scaling_mode_of(w, i) >= mode;
            if (may && (e == LL_WINDOW_FLOOR || e == LL_WINDOW_EXACT))
                raise(&w->range, x->amount, LL_BOUND_FLOOR);
            if (e == LL_WINDOW_MAX || e == LL_WINDOW_EXACT)
                cut(&w->range, LL_MAX(x->amount, min), LL_BOUND_CEILING);
        }
    }
}

/* A person beats schedules, but neither the target's own ends nor its quota. */
static void by_person(struct ll_scaling_work *w, int64_t min, int64_t max)
{
    const struct ll_manual *m = &w->next->manual;
    struct ll_scaling_range *r = &w->range;
    if (!ll_scaling_manual_on(w))
        return;
    ll_scaling_until(w, m->until);
    if (m->exact) {
        r->lo = LL_MAX(min, LL_MIN(m->floor, max));
        r->hi = r->lo;
        r->lo_why = r->lo == m->floor ? LL_BOUND_FLOOR : LL_BOUND_MIN;
        r->hi_why = r->lo == m->floor ? LL_BOUND_CEILING : LL_BOUND_MAX;
        return;
    }
    raise(r, m->floor, LL_BOUND_FLOOR);
    if (m->floor > r->hi) {
        r->hi = LL_MIN(m->floor, max);
        r->hi_why = LL_BOUND_MAX;
    }
    if (m->ceiling > 0) {
        cut(r, LL_MAX(m->ceiling, min), LL_BOUND_CEILING);
        r->lo = LL_MIN(r->lo, r->hi);
    }
}

static void by_limits(const struct ll_target *t, struct ll_scaling_range *r)
{
    if (t->quota > 0)
        cut(r, t->quota, LL_BOUND_QUOTA);
    for (size_t i = 0; i < t->n_dependencies; i++) {
        const struct ll_dependency *d = &t->dependencies[i];
        if (d->per_instance > 0 && d->limit >= 0 && d->limit / d->per_instance < 1e15)
            cut(r, (int64_t)floor(d->limit / d->per_instance + 1e-9), LL_BOUND_DEPENDENCY);
    }
}

/* What the target and its rules never go below. */
static int64_t lowest(const struct ll_scaling_work *w, enum ll_mode mode)
{
    const struct ll_target *t = w->in->target;
    int64_t min = w->level < mode ? 0 : LL_MAX(t->min, t->scale_to_zero ? 0 : 1);
    for (size_t i = 0; i < w->in->n_rules; i++)
        if (ll_scaling_counts(w, i) && ll_scaling_mode_of(w, i) >= mode)
            min = LL_MAX(min, w->in->rules[i].rule->min);
    return min;
}

void ll_scaling_range_prepare(struct ll_scaling_work *w, enum ll_mode mode)
{
    const struct ll_target *t = w->in->target;
    struct ll_scaling_range *r = &w->range;
    const int64_t min = lowest(w, mode), max = with_breach(w, highest_max(w));
    *r = (struct ll_scaling_range){min, max, LL_BOUND_MIN, LL_BOUND_MAX};
    by_windows(w, min, mode);
    /* Where a schedule's floor and ceiling cross, more is the safe side. */
    if (r->lo > r->hi)
        r->hi = LL_MIN(r->lo, max);
    by_person(w, min, max);
    by_limits(t, r);
    r->lo = ll_scaling_round_up(r->lo, w->grain);
    r->hi = r->hi / w->grain * w->grain;
    r->lo = LL_MIN(r->lo, r->hi);
}

/* Sizes are multiples of the grain: upwards. */
static int64_t aligned(const struct ll_scaling_work *w, int64_t v)
{
    if (v == w->current)
        return v;
    const int64_t up = ll_scaling_round_up(v, w->grain);
    return v < w->current ? LL_MIN(up, w->current) : up; /* the upper end is one of them */
}

int64_t ll_scaling_range_step(const struct ll_scaling_work *w, int64_t before,
                              struct ll_stage_note *note)
{
    const struct ll_scaling_range *r = &w->range;
    if (before < r->lo) {
        if (r->lo > w->current && w->holds.floor.why != LL_BOUND_NONE)
            return ll_scaling_note(note, before, LL_MAX(before, w->current), w->holds.floor.why,
                                   "the floor of %lld waits: %s", (long long)r->lo,
                                   ll_bound_text(w->holds.floor.why));
        return ll_scaling_note(note, before, r->lo, r->lo_why, "%s: not below %lld",
                               ll_bound_text(r->lo_why), (long long)r->lo);
    }
    const int64_t most = LL_MAX(r->hi, w->current);
    if (before > most)
        return ll_scaling_note(note, before, most, r->hi_why, "%s: not above %lld",
                               ll_bound_text(r->hi_why), (long long)r->hi);
    return ll_scaling_note(note, before, aligned(w, before), LL_BOUND_NONE, NULL);
}
