/* The pipeline.  See scaling/decide.h; the stages are in files of their names. */
#include "scaling/decide.h"

#include <string.h>

#include "scaling/stages.h"

static ll_scaling_step_fn *const steps[LL_STAGE_COUNT] = {
    [LL_STAGE_COMBINE] = ll_scaling_combine,  [LL_STAGE_STABILIZE] = ll_scaling_stabilize,
    [LL_STAGE_RATE] = ll_scaling_rate,        [LL_STAGE_GUARD] = ll_scaling_guard,
    [LL_STAGE_RANGE] = ll_scaling_range_step, [LL_STAGE_FLAP] = ll_scaling_flap,
};

/* From combine's number to the result, without one stage (LL_STAGE_COUNT = with all). */
static int64_t run(const struct ll_scaling_work *w, int64_t x, enum ll_stage without,
                   struct ll_stage_note *notes)
{
    for (size_t i = LL_STAGE_STABILIZE; i < LL_STAGE_MODE; i++)
        if (i != without)
            x = steps[i](w, x, notes ? &notes[i] : NULL);
    return x;
}

static void counterfactuals(struct ll_scaling_work *w)
{
    struct ll_decision *d = w->d;
    for (size_t i = LL_STAGE_STABILIZE; i < LL_STAGE_MODE; i++)
        d->without[i] = run(w, d->wanted, (enum ll_stage)i, NULL);
    d->without[LL_STAGE_COMBINE] = run(w, ll_scaling_combine_all(w), LL_STAGE_COUNT, NULL);
    d->without[LL_STAGE_MODE] = d->to;
    /* Without guards the floors are not held either. */
    struct ll_scaling_work free = *w;
    free.holds = (struct ll_scaling_holds){.removal = -1};
    d->without[LL_STAGE_GUARD] = run(&free, d->wanted, LL_STAGE_GUARD, NULL);
}

/* What bound the number now may bind it no longer, or otherwise, when these have passed. */
static void validity(struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    if (d->wanted == d->current && d->to == d->current && w->range.lo <= d->current)
        return;
    ll_scaling_until(w, w->rate_end);
    ll_scaling_until(w, w->window_lo_end);
    ll_scaling_until(w, w->window_hi_end);
    ll_scaling_until(w, w->holds.in.until);
    ll_scaling_until(w, w->holds.out.until);
    ll_scaling_until(w, w->holds.floor.until);
}

/* What rules in auto ask for by themselves, and how far the floors of those alone reach. */
static int64_t alone(const struct ll_scaling_work *w)
{
    size_t winner;
    struct ll_scaling_work autos = *w;
    ll_scaling_range_prepare(&autos, LL_MODE_AUTO);
    const int64_t want = ll_scaling_combine_from(&autos, LL_MODE_AUTO, &winner);
    return run(&autos, want, LL_STAGE_COUNT, NULL);
}

static void decide(struct ll_scaling_work *w)
{
    struct ll_decision *d = w->d;
    ll_scaling_observe(w);
    d->now = w->in->now;
    d->current = w->current;
    ll_scaling_propose(w);
    ll_scaling_flap_prepare(w);
    ll_scaling_stabilize_prepare(w);
    ll_scaling_rates_prepare(w);
    ll_scaling_guards_prepare(w);
    ll_scaling_range_prepare(w, LL_MODE_OFF);
    d->wanted = ll_scaling_combine(w, w->current, &d->stages[LL_STAGE_COMBINE]);
    d->to = run(w, d->wanted, LL_STAGE_COUNT, d->stages);
    counterfactuals(w);
    ll_scaling_mode_stage(w, alone(w));
    ll_scaling_explain(w);
    validity(w);
    d->valid_until = w->until;
    if (w->in->seen.known)
        ll_scaling_answer(w->next, w->in->now, d->wanted);
}

bool ll_scaling_decide(const struct ll_scaling_input *in, const struct ll_scaling_state *state,
                       struct ll_arena *out, struct ll_decision *d, struct ll_scaling_state *next,
                       struct ll_err *err)
{
    LL_ASSERT(next != state);
    struct ll_scaling_load *loads = LL_ARENA_NEW(out, struct ll_scaling_load, in->n_rules);
    struct ll_proposal *proposals = LL_ARENA_NEW(out, struct ll_proposal, in->n_rules + 1);
    if (!loads || !proposals)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a decision over %zu rules", in->n_rules);
    *next = *state;
    *d = (struct ll_decision){.proposals = proposals, .n_proposals = in->n_rules};
    struct ll_scaling_work w = {
        .in = in, .next = next, .d = d, .loads = loads, .until = LL_TIME_MAX};
    decide(&w);
    return true;
}
