/* One number from all proposals: the highest, so that scale-in needs everybody's consent; a
 * person's count beats it. */
#include <stdarg.h>
#include <stdio.h>

#include "scaling/stages.h"

int64_t ll_scaling_note(struct ll_stage_note *note, int64_t before, int64_t after,
                        enum ll_bound why, const char *fmt, ...)
{
    if (!note)
        return after;
    *note = (struct ll_stage_note){.before = before, .after = after, .bound = why};
    if (!fmt)
        return after;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(note->text, sizeof(note->text), fmt, ap);
    va_end(ap);
    return after;
}

static enum ll_mode mode_of(const struct ll_scaling_work *w, size_t proposal)
{
    return proposal < w->in->n_rules ? ll_scaling_mode_of(w, proposal) : LL_MODE_AUTO;
}

static bool is_override(const struct ll_scaling_work *w, const struct ll_proposal *p)
{
    return w->override && (!p->rule || p->rule->policy == LL_POLICY_MANUAL);
}

/* A target that may go to zero stays at one until it has been idle for long enough. */
static int64_t above_zero(const struct ll_scaling_work *w, int64_t want)
{
    const struct ll_target *t = w->in->target;
    const ll_time idle = w->next->idle_since;
    const bool may = t->scale_to_zero && w->current <= w->grain && idle != LL_TIME_NONE &&
                     w->in->now - idle >= t->idle;
    if (want >= w->grain || may || w->override || w->current == 0)
        return want;
    return w->grain;
}

static int64_t combine(const struct ll_scaling_work *w, enum ll_mode least, bool shadows,
                       size_t *winner)
{
    const struct ll_decision *d = w->d;
    int64_t want = -1;
    bool answered = false, override = false;
    *winner = d->n_proposals;
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (p->state == LL_PROPOSAL_NONE || (p->shadow && !shadows) || mode_of(w, i) < least)
            continue;
        if (override || (!is_override(w, p) && p->want <= want)) {
            answered |= p->state == LL_PROPOSAL_WANTS;
            continue;
        }
        override = is_override(w, p);
        answered |= p->state == LL_PROPOSAL_WANTS;
        want = p->want;
        *winner = i;
    }
    if (answered)
        return above_zero(w, want);
    /* Floors alone never lower. */
    if (want <= w->current) {
        *winner = d->n_proposals;
        return w->current;
    }
    return want;
}

int64_t ll_scaling_combine_from(const struct ll_scaling_work *w, enum ll_mode mode, size_t *winner)
{
    int64_t want = combine(w, mode, false, winner);
    /* More than there may be is a wish for less, that the other stages see as such. */
    if (w->current > w->range.hi)
        want = LL_MIN(want, w->range.hi);
    return want;
}

int64_t ll_scaling_combine_all(const struct ll_scaling_work *w)
{
    size_t winner;
    return combine(w, LL_MODE_OFF, true, &winner);
}

int64_t ll_scaling_combine(const struct ll_scaling_work *w, int64_t before,
                           struct ll_stage_note *note)
{
    size_t winner;
    const int64_t asked = combine(w, LL_MODE_OFF, false, &winner);
    const int64_t want = ll_scaling_combine_from(w, LL_MODE_OFF, &winner);
    if (note)
        w->d->winner = winner;
    if (want != asked)
        return ll_scaling_note(note, before, want, w->range.hi_why, "%s: %lld is too many",
                               ll_bound_text(w->range.hi_why), (long long)w->current);
    if (winner == w->d->n_proposals)
        return ll_scaling_note(note, before, want, LL_BOUND_NONE, "no rule asks for a change");
    return ll_scaling_note(note, before, want, LL_BOUND_NONE, "the highest of %zu answers",
                           w->d->n_proposals);
}
