/* Bands: from scale_up on more, down to scale_down less, between them nothing.
 *
 * k of the last n samples and the newest must agree; at critical one is enough.  A step is the
 * largest that the breach has earned; without steps the count is proportional to the goal, inwards
 * to the middle of the band at most, so that one change never causes the opposite one. */
#include <math.h>

#include "scaling/stages.h"

struct votes {
    size_t up, down, used, ignored;
};

static struct votes count(struct ll_scaling_work *w, const struct ll_observation *o,
                          const struct ll_scaling_load *l, const struct ll_scaling_rule *r)
{
    struct votes v = {0};
    if (r->expression) { /* of what is newest, which its inputs have believed already */
        const double u = l->utilization;
        return (struct votes){u >= r->thresholds.scale_up, u <= r->thresholds.scale_down,
                              r->expression->n_uses, 0};
    }
    const size_t n = LL_MIN((size_t)LL_MAX(r->n, 1u), o->n_samples);
    const ll_dur oldest = ll_scaling_stale_after(w, r) * (ll_dur)LL_MAX(r->n, 1u);
    for (size_t i = 0; i < n; i++) {
        const struct ll_seen_sample *s = &o->samples[i];
        const double u = s->value / s->capacity;
        if (s->t < LL_TIME_MIN || s->t > LL_TIME_MAX || w->in->now - s->t > oldest ||
            !(s->value >= 0) || !(s->capacity > 0) || isinf(u)) {
            v.ignored++;
            continue;
        }
        v.used++;
        ll_scaling_until(w, s->t + oldest + 1);
        v.up += u >= r->thresholds.scale_up;
        v.down += u <= r->thresholds.scale_down;
    }
    return v;
}

static int64_t step_units(const struct ll_step *s, int64_t base)
{
    if (s->kind == LL_RATE_UNITS)
        return s->value;
    return LL_MAX(1, ll_scaling_ceil((double)base * s->value / 100));
}

/* The largest of the steps that are reached: a higher breach never changes less. */
static int64_t largest(const struct ll_step *steps, size_t n, double breach, int64_t base)
{
    int64_t units = 0;
    for (size_t i = 0; i < n; i++)
        if (breach >= steps[i].over)
            units = LL_MAX(units, step_units(&steps[i], base));
    return units;
}

/* Units that are not ready yet count: a step goes from those that carry the load. */
static int64_t more(const struct ll_scaling_work *w, const struct ll_scaling_load *l,
                    const struct ll_proposal *p)
{
    const struct ll_scaling_rule *r = p->rule;
    int64_t want;
    if (w->current == 0)
        want = 1;
    else if (r->n_up > 0)
        want = ll_scaling_add(
            w->base, largest(r->up, r->n_up, l->utilization - r->thresholds.scale_up, w->base));
    else
        want = ll_scaling_need(w, l->utilization * l->cover * (double)w->base, 1, p->goal);
    return LL_MAX(w->current, ll_scaling_round_up(want, w->grain));
}

static int64_t less(const struct ll_scaling_work *w, const struct ll_scaling_load *l,
                    const struct ll_proposal *p)
{
    const struct ll_scaling_rule *r = p->rule;
    const double middle = (r->thresholds.scale_up + r->thresholds.scale_down) / 2;
    const double goal = LL_MIN(p->goal, middle);
    /* Instances that do not report are taken for busy. */
    const double filled = l->utilization * l->cover + (1 - l->cover) * LL_MAX(1.0, goal);
    int64_t want;
    if (r->n_down > 0)
        want = ll_scaling_add(
            w->current,
            -largest(r->down, r->n_down, r->thresholds.scale_down - l->utilization, w->current));
    else
        want = ll_scaling_need(w, filled * (double)w->base, 1, goal);
    return LL_MIN(w->current, ll_scaling_round_up(want, w->grain));
}

static void say(struct ll_proposal *p, const struct ll_scaling_load *l, const struct votes *v)
{
    const struct ll_threshold *t = &p->rule->thresholds;
    const double u = l->utilization;
    const char *band = u >= t->critical     ? "critical"
                       : u >= t->scale_up   ? "over scale_up"
                       : u >= t->warning    ? "warning"
                       : u <= t->scale_down ? "under scale_down"
                                            : "in band";
    const struct ll_rule_expression *x = p->rule->expression;
    ll_scaling_say(p, "%.*s%s%.1f %%, %s (%.0f to %.0f %%): %lld; %zu samples used, %zu ignored",
                   x ? (int)LL_MIN(x->text.n, (size_t)40) : 0, x ? x->text.s : "", x ? " = " : "",
                   u * 100, band, t->scale_down * 100, t->scale_up * 100, (long long)p->want,
                   v->used, v->ignored);
}

void ll_scaling_bands(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_scaling_rule *r = p->rule;
    const struct ll_threshold *t = &r->thresholds;
    const struct ll_scaling_load *l = &w->loads[rule];
    const struct ll_observation *o = &w->in->rules[rule].seen;
    const struct votes v = count(w, o, l, r);
    const size_t k = LL_MAX(r->k, 1u);
    /* Nothing is there to carry any load, whatever share of some capacity it is. */
    const bool none = w->current == 0 && o->samples[0].value > 0;
    const bool up = none || l->utilization >= t->scale_up;
    const bool down = !none && l->utilization <= t->scale_down;
    const bool at_once = l->utilization >= t->critical || w->current == 0;
    p->state = LL_PROPOSAL_WANTS;
    p->goal = r->goal > 0 ? r->goal : t->scale_up;
    p->demand = l->value;
    p->per_unit = l->per_unit;
    p->utilization = l->utilization;
    if (up && (v.up >= k || at_once))
        p->want = more(w, l, p);
    else if (down && v.down >= k)
        p->want = less(w, l, p);
    else
        p->bound = up || down ? LL_BOUND_SAMPLES : LL_BOUND_IN_BAND;
    say(p, l, &v);
}
