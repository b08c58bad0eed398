/* The last stage: what may be done about the number.
 *
 * The winner's mode under the daemon's; pauses; a step so large that it needs two people. */
#include <math.h>

#include "scaling/stages.h"

static enum ll_mode mode_in_force(const struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    if (d->winner < w->in->n_rules) {
        const enum ll_mode mode = ll_scaling_winner_mode(w);
        /* A person's override is its own approval. */
        if (d->proposals[d->winner].rule->policy == LL_POLICY_MANUAL && mode == LL_MODE_APPROVE)
            return LL_MODE_AUTO;
        return mode;
    }
    if (d->winner < d->n_proposals || w->in->n_rules == 0)
        return LL_MIN(w->in->ceiling,
                      w->in->n_rules == 0 || w->level >= LL_MODE_APPROVE ? LL_MODE_AUTO : w->level);
    return w->level;
}

/* The limit of the winner's rule; of a change that no rule asked for the strictest one. */
static bool needs_two(const struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    double over = INFINITY;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const double one = w->in->rules[i].rule->second_person_over;
        if (one > 0 && ll_scaling_counts(w, i) && (d->winner >= w->in->n_rules || d->winner == i))
            over = LL_MIN(over, one);
    }
    const double step = fabs((double)d->to - (double)d->current);
    return step > over * (double)LL_MAX(d->current, 1);
}

static enum ll_direction direction(const struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    const bool vertical = w->in->target->vertical;
    if (d->to > d->current)
        return vertical ? LL_DIRECTION_SCALE_UP : LL_DIRECTION_SCALE_OUT;
    if (d->to < d->current)
        return vertical ? LL_DIRECTION_SCALE_DOWN : LL_DIRECTION_SCALE_IN;
    return LL_DIRECTION_NO_ACTION;
}

/* Approval after this comes too late: before what is expected minus the time to get ready. */
static ll_time decide_by(const struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    const ll_time now = w->in->now;
    if (d->winner >= w->in->n_rules)
        return now + 15 * LL_MINUTE;
    const struct ll_rule_input *r = &w->in->rules[d->winner];
    const ll_time end = now + (r->rule->proposal_ttl > 0 ? r->rule->proposal_ttl : 15 * LL_MINUTE);
    if (r->rule->policy != LL_POLICY_PREDICTIVE || r->ahead.at <= now)
        return end;
    const ll_dur lead =
        r->rule->lead > 0 ? r->rule->lead : ll_scaling_lead(w->next, w->in->target->boot_delay);
    return LL_MAX(now, LL_MIN(end, r->ahead.at - lead));
}

static enum ll_verdict unchanged(const struct ll_scaling_work *w)
{
    const bool held = w->d->wanted != w->d->current || w->missing.why != LL_BOUND_NONE ||
                      w->range.lo > w->d->current;
    return held ? LL_VERDICT_HELD : LL_VERDICT_NOTHING;
}

/* A rule in auto that won, and a floor of one that is not: the rest is asked for. */
static bool goes_too_far(const struct ll_scaling_work *w, int64_t at_once)
{
    const struct ll_decision *d = w->d;
    const bool person = w->override || (d->winner < w->in->n_rules &&
                                        d->proposals[d->winner].rule->policy == LL_POLICY_MANUAL);
    return !person && w->in->n_rules > 0 && d->to > d->current && at_once < d->to;
}

static void act(struct ll_scaling_work *w, int64_t at_once, struct ll_stage_note *note)
{
    static const enum ll_verdict verdicts[] = {[LL_MODE_OFF] = LL_VERDICT_HELD,
                                               [LL_MODE_OBSERVE] = LL_VERDICT_OBSERVE,
                                               [LL_MODE_APPROVE] = LL_VERDICT_PROPOSE,
                                               [LL_MODE_AUTO] = LL_VERDICT_ACT};
    struct ll_decision *d = w->d;
    const enum ll_mode mode = mode_in_force(w);
    d->verdict = verdicts[mode];
    d->second_person = mode >= LL_MODE_APPROVE && needs_two(w);
    if (d->second_person || (d->verdict == LL_VERDICT_ACT && goes_too_far(w, at_once)))
        d->verdict = LL_VERDICT_PROPOSE;
    if (d->verdict == LL_VERDICT_ACT)
        d->at_once = d->to;
    else if (d->verdict == LL_VERDICT_PROPOSE && d->to > d->current && !d->second_person)
        d->at_once = LL_MAX(d->current, LL_MIN(at_once, d->to));
    if (d->verdict == LL_VERDICT_PROPOSE)
        d->decide_by = decide_by(w);
    if (d->verdict != LL_VERDICT_ACT)
        ll_scaling_note(note, d->to, d->at_once, LL_BOUND_MODE, "mode %s%s", ll_mode_name(mode),
                        d->second_person ? ": so large a step needs two people" : "");
    else
        ll_scaling_note(note, d->to, d->to, LL_BOUND_NONE, NULL);
}

void ll_scaling_mode_stage(struct ll_scaling_work *w, int64_t at_once)
{
    struct ll_decision *d = w->d;
    struct ll_stage_note *note = &d->stages[LL_STAGE_MODE];
    const bool out = d->to > d->current;
    d->direction = direction(w);
    d->at_once = d->current;
    d->decide_by = LL_TIME_NONE;
    ll_scaling_until(w, w->in->pause.until);
    ll_scaling_until(w, w->next->pause.until);
    if (d->to == d->current) {
        d->verdict = unchanged(w);
        ll_scaling_note(note, d->to, d->to, LL_BOUND_NONE, NULL);
        return;
    }
    const bool by_all = ll_pause_state_holds(&w->in->pause, out, w->in->now);
    if (by_all || ll_pause_state_holds(&w->next->pause, out, w->in->now)) {
        const struct ll_pause_state *p = by_all ? &w->in->pause : &w->next->pause;
        char until[LL_TIME_TEXT_MAX];
        d->verdict = LL_VERDICT_HELD;
        ll_scaling_note(note, d->to, d->current, LL_BOUND_PAUSED, "paused by %.40s until %s",
                        p->actor, ll_time_format(p->until, until));
        return;
    }
    act(w, at_once, note);
}
