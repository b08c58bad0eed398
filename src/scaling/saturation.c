/* A load at its limit: what it would be without the limit is not to be seen, so a step by its size
 * is too small.  While what waits for it grows from sample to sample the step is doubled.  A queue
 * that nobody sees doubles nothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scaling/stages.h"

static bool grows(struct ll_scaling_work *w, size_t rule, size_t n)
{
    const struct ll_observation *o = &w->in->rules[rule].seen;
    const ll_dur oldest =
        ll_scaling_stale_after(w, w->in->rules[rule].rule) * (ll_dur)LL_MAX(n, (size_t)1);
    if (w->loads[rule].why_value != LL_BOUND_NONE || n < 2 || o->n_samples < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct ll_seen_sample *s = &o->samples[i];
        if (!(s->value >= 0) || isinf(s->value) || s->t < LL_TIME_MIN || w->in->now - s->t > oldest)
            return false;
        if (i > 0 && !(o->samples[i - 1].value > s->value && o->samples[i - 1].t > s->t))
            return false;
        ll_scaling_until(w, s->t + oldest + 1);
    }
    return true;
}

void ll_scaling_saturate(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_saturation *s = &p->rule->saturation;
    if (s->waiting.n == 0 || w->current == 0 || p->want <= w->current ||
        !(w->loads[rule].utilization >= s->pinned))
        return;
    const size_t at = ll_scaling_rule_of(w, s->waiting);
    if (at == w->in->n_rules || !grows(w, at, s->samples))
        return;
    p->want = ll_scaling_round_up(ll_scaling_add(p->want, p->want - w->current), w->grain);
    p->bound = LL_BOUND_SATURATED;
    const size_t said = strlen(p->text);
    snprintf(p->text + said, sizeof(p->text) - said, "; '%.*s' grows, so twice the step: %lld",
             (int)LL_MIN(s->waiting.n, (size_t)40), s->waiting.s, (long long)p->want);
}
