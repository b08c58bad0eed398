/* The flap budget: reversals of the last hour.  When it is used up, scale-in that would be another
 * one waits, and the window of scale-in is doubled until it was quiet for two hours.  Scale-out
 * never waits for it. */
#include "scaling/stages.h"

static unsigned budget(const struct ll_scaling_work *w)
{
    unsigned least = 0;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const unsigned max = w->in->rules[i].rule->max_reversals;
        if (max > 0 && ll_scaling_counts(w, i))
            least = least ? LL_MIN(least, max) : max;
    }
    return least ? least : LL_SCALING_REVERSALS;
}

/* Ours alone: what somebody else did is not our flapping. */
void ll_scaling_flap_prepare(struct ll_scaling_work *w)
{
    const struct ll_scaling_state *s = w->next;
    ll_time oldest = LL_TIME_NONE;
    bool any = false;
    for (size_t i = 0; i < s->n_changes; i++) {
        const struct ll_change *c = &s->changes[i];
        if (c->foreign || c->to == c->from)
            continue;
        const bool out = c->to > c->from;
        if (any && out != w->last_out && w->in->now - c->t < LL_SCALING_FLAP_SPAN) {
            oldest = w->reversals++ == 0 ? c->t : oldest;
        }
        w->last_out = out;
        any = true;
    }
    w->reversals_max = budget(w);
    if (w->reversals >= w->reversals_max) {
        w->next->widened = w->in->now + LL_SCALING_WIDENED;
        ll_scaling_until(w, oldest + LL_SCALING_FLAP_SPAN);
    } else {
        ll_scaling_until(w, w->next->widened);
    }
}

int64_t ll_scaling_flap(const struct ll_scaling_work *w, int64_t before, struct ll_stage_note *note)
{
    if (before >= w->current || !w->last_out || w->reversals < w->reversals_max)
        return ll_scaling_note(note, before, before, LL_BOUND_NONE, NULL);
    return ll_scaling_note(note, before, w->current, LL_BOUND_FLAP,
                           "%u reversals in the last hour, %u are the budget", w->reversals,
                           w->reversals_max);
}
