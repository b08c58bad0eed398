/* One sentence: what was decided, and why not more or less. */
#include <stdio.h>

#include "scaling/stages.h"

/* What bound it: the last stage that changed the number, else the winner, else whoever is silent.
 */
static enum ll_bound bound_of(const struct ll_scaling_work *w, const char **text)
{
    const struct ll_decision *d = w->d;
    /* Observing and asking change nothing of the number. */
    const bool own = d->verdict == LL_VERDICT_OBSERVE || d->verdict == LL_VERDICT_PROPOSE;
    for (size_t i = own ? LL_STAGE_MODE : LL_STAGE_COUNT; i-- > 0;) {
        if (d->stages[i].bound == LL_BOUND_NONE)
            continue;
        *text = d->stages[i].text;
        return d->stages[i].bound;
    }
    if (d->winner < d->n_proposals) {
        *text = d->proposals[d->winner].text;
        return d->proposals[d->winner].bound;
    }
    for (size_t i = 0; i < d->n_proposals; i++) {
        if (d->proposals[i].state != LL_PROPOSAL_NONE)
            continue;
        *text = d->proposals[i].text;
        return d->proposals[i].bound;
    }
    *text = d->n_proposals ? d->proposals[0].text : "there is no rule";
    return d->n_proposals ? d->proposals[0].bound : LL_BOUND_NONE;
}

static void missing(struct ll_scaling_work *w)
{
    struct ll_decision *d = w->d;
    const struct ll_slice m = w->missing.what.n ? w->missing.what : LL_SLICE("a required rule");
    d->bound = w->missing.why;
    snprintf(d->reason, sizeof(d->reason), "held at %lld: %s (%.*s)", (long long)d->current,
             ll_bound_text(w->missing.why), (int)LL_MIN(m.n, 80), m.s);
}

void ll_scaling_explain(struct ll_scaling_work *w)
{
    struct ll_decision *d = w->d;
    const char *text = "";
    d->bound = bound_of(w, &text);
    if (d->to == d->current && w->missing.why != LL_BOUND_NONE && d->wanted <= d->current) {
        missing(w);
        return;
    }
    if (d->to == d->current) {
        snprintf(d->reason, sizeof(d->reason), "%s at %lld: %s",
                 d->verdict == LL_VERDICT_HELD ? "held" : "stays", (long long)d->current, text);
        return;
    }
    const char *winner = d->winner < d->n_proposals ? d->proposals[d->winner].text : "";
    snprintf(d->reason, sizeof(d->reason), "%s from %lld to %lld: %s%s%s",
             ll_direction_name(d->direction), (long long)d->current, (long long)d->to, winner,
             winner[0] && winner != text ? "; " : "", winner == text ? "" : text);
}
