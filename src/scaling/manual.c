/* A person's override: a count, or a floor with a ceiling, until it ends.  A count beats every
 * other proposal, but neither the target's range nor the limits of its rates. */
#include <string.h>

#include "scaling/stages.h"

bool ll_scaling_manual_on(const struct ll_scaling_work *w)
{
    return w->next->manual.set && w->in->now < w->next->manual.until;
}

void ll_scaling_manual(const struct ll_scaling_work *w, struct ll_proposal *p)
{
    const struct ll_manual *m = &w->next->manual;
    if (!ll_scaling_manual_on(w)) {
        p->state = LL_PROPOSAL_NONE;
        p->bound = LL_BOUND_NO_OVERRIDE;
        ll_scaling_say(p, "no answer: %s", ll_bound_text(p->bound));
        return;
    }
    char until[LL_TIME_TEXT_MAX];
    p->state = m->exact ? LL_PROPOSAL_WANTS : LL_PROPOSAL_FLOOR;
    p->want = LL_MAX(m->floor, 0);
    ll_scaling_say(p, "%s %lld by %.40s until %s", m->exact ? "count" : "floor", (long long)p->want,
                   m->actor, ll_time_format(m->until, until));
}
