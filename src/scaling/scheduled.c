/* Floors and counts of windows: what is open now is in the input, so that nothing is missed while
 * the daemon is down.  Where windows overlap the highest floor holds. */
#include "scaling/stages.h"

void ll_scaling_scheduled(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p)
{
    const struct ll_rule_input *r = &w->in->rules[rule];
    const struct ll_window_now *best = NULL;
    p->bound = LL_BOUND_NO_WINDOW;
    for (size_t i = 0; i < r->n_windows; i++) {
        const struct ll_window_now *x = &r->windows[i];
        if (x->open && x->window->effect <= LL_WINDOW_EXACT && (!best || x->amount > best->amount))
            best = x;
    }
    if (!best) {
        ll_scaling_say(p, "no answer: %s", ll_bound_text(p->bound));
        return;
    }
    char until[LL_TIME_TEXT_MAX];
    const bool exact = best->window->effect == LL_WINDOW_EXACT;
    p->state = exact ? LL_PROPOSAL_WANTS : LL_PROPOSAL_FLOOR;
    p->bound = LL_BOUND_NONE;
    p->want = LL_MAX(best->amount, 0);
    ll_scaling_say(p, "%s %lld until %s", exact ? "exactly" : "floor", (long long)p->want,
                   best->until == LL_TIME_NONE ? "its end" : ll_time_format(best->until, until));
}
