/* The guards: what forbids a change whatever the rules ask for.
 *
 * Of the whole target: its count is not known, an action has not ended, the last ones failed,
 * somebody set it to zero, people fight over it, a freeze.  Of scale-out: its cooldown.  Of
 * scale-in: data that is missing, stale, partial or implausible, instances that are not ready, a
 * cooldown, a blackout, a freeze, a change by somebody else, the budget of removals.
 *
 * Where a person has set a count, that person answers for what the data does not say; everything
 * else holds. */
#include "scaling/stages.h"

static const struct ll_slice nobody;

static void hold(struct ll_scaling_hold *h, bool cond, enum ll_bound why, ll_time until,
                 struct ll_slice what)
{
    if (cond && h->why == LL_BOUND_NONE)
        *h = (struct ll_scaling_hold){.why = why, .until = until, .what = what};
}

static bool in_force(ll_time until, ll_time now)
{
    return until != LL_TIME_NONE && now < until;
}

/* A pause always ends; one that does not say when is in force. */
static bool pause_on(const struct ll_pause_state *p, ll_time now)
{
    return p->what != LL_PAUSE_NONE && (p->until == LL_TIME_NONE || now < p->until);
}

/* Until when a target is left alone that somebody else changed again and again. */
static ll_time fight_ends(const struct ll_scaling_state *s)
{
    unsigned n = 0;
    for (size_t i = s->n_changes; i-- > 0;)
        if (s->changes[i].foreign && ++n == LL_SCALING_FIGHT)
            return LL_MIN(s->contested, s->changes[i].t + LL_SCALING_FIGHT_SPAN);
    return LL_TIME_NONE;
}

/* Until when windows of this effect are open; LL_TIME_NONE = none is. */
static bool window_open(const struct ll_scaling_work *w, enum ll_window_effect effect,
                        ll_time *until)
{
    bool open = false;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_rule_input *r = &w->in->rules[i];
        for (size_t k = 0; k < r->n_windows && ll_scaling_counts(w, i); k++) {
            const struct ll_window_now *x = &r->windows[k];
            if (!x->open || x->window->effect != effect)
                continue;
            *until = open ? LL_MAX(*until, x->until) : x->until;
            open = true;
        }
    }
    return open;
}

static void of_everything(const struct ll_scaling_work *w, struct ll_scaling_hold *h)
{
    const struct ll_scaling_state *s = w->next;
    const ll_time now = w->in->now;
    ll_time until = LL_TIME_NONE;
    const bool frozen = window_open(w, LL_WINDOW_FREEZE, &until);
    hold(h, !w->in->seen.known, LL_BOUND_TARGET_UNKNOWN, LL_TIME_NONE, nobody);
    hold(h, w->in->open_action, LL_BOUND_OPEN_ACTION, LL_TIME_NONE, nobody);
    hold(h, in_force(s->breaker, now), LL_BOUND_BREAKER, s->breaker, nobody);
    hold(h, w->current == 0 && !s->scaled_to_zero && !ll_scaling_manual_on(w),
         LL_BOUND_SCALED_TO_ZERO, LL_TIME_NONE, nobody);
    const ll_time fight = fight_ends(s);
    hold(h, in_force(fight, now), LL_BOUND_CONTESTED, fight, nobody);
    hold(h, frozen, LL_BOUND_FREEZE, until, nobody);
    hold(h, pause_on(&s->freeze, now) && s->freeze.what == LL_PAUSE_BOTH, LL_BOUND_FREEZE,
         s->freeze.until, ll_slice_of(s->freeze.actor));
}

static void of_data(const struct ll_scaling_work *w, struct ll_scaling_hold *h)
{
    if (w->override)
        return;
    hold(h, w->missing.why != LL_BOUND_NONE, w->missing.why, w->missing.until, w->missing.what);
    hold(h, w->next->implausible > 0, LL_BOUND_IMPLAUSIBLE, LL_TIME_NONE, nobody);
    hold(h, w->in->seen.ready >= 0 && w->in->seen.ready < w->current, LL_BOUND_WARMING,
         LL_TIME_NONE, nobody);
    hold(h, in_force(w->next->cooldown_in, w->in->now), LL_BOUND_COOLDOWN_IN, w->next->cooldown_in,
         nobody);
}

static void of_scale_in(const struct ll_scaling_work *w, struct ll_scaling_hold *h)
{
    const struct ll_scaling_state *s = w->next;
    const ll_time now = w->in->now;
    ll_time until = LL_TIME_NONE;
    const bool blackout = window_open(w, LL_WINDOW_NO_SCALE_IN, &until);
    of_data(w, h);
    hold(h, blackout, LL_BOUND_BLACKOUT, until, nobody);
    hold(h, pause_on(&s->freeze, now) && s->freeze.what == LL_PAUSE_IN, LL_BOUND_FREEZE,
         s->freeze.until, ll_slice_of(s->freeze.actor));
    hold(h, in_force(s->contested, now), LL_BOUND_CONTESTED, s->contested, nobody);
}

void ll_scaling_guards_prepare(struct ll_scaling_work *w)
{
    struct ll_scaling_holds *g = &w->holds;
    const struct ll_scaling_state *s = w->next;
    const ll_time now = w->in->now;
    const bool frozen_out = pause_on(&s->freeze, now) && s->freeze.what == LL_PAUSE_OUT;
    of_everything(w, &g->floor);
    hold(&g->floor, frozen_out, LL_BOUND_FREEZE, s->freeze.until, ll_slice_of(s->freeze.actor));
    of_everything(w, &g->in);
    of_scale_in(w, &g->in);
    g->out = g->floor;
    hold(&g->out, in_force(s->cooldown_out, now) && w->current > 0 && !w->override,
         LL_BOUND_COOLDOWN_OUT, s->cooldown_out, nobody);
    g->removal = w->in->removal_left;
}

static int64_t held(const struct ll_scaling_work *w, int64_t before,
                    const struct ll_scaling_hold *h, struct ll_stage_note *note)
{
    char until[LL_TIME_TEXT_MAX];
    const bool ends = h->until != LL_TIME_NONE;
    return ll_scaling_note(note, before, w->current, h->why, "held: %s%s%.*s%s%s%s",
                           ll_bound_text(h->why), h->what.n ? " (" : "", (int)LL_MIN(h->what.n, 40),
                           h->what.n ? h->what.s : "", h->what.n ? ")" : "", ends ? ", until " : "",
                           ends ? ll_time_format(h->until, until) : "");
}

int64_t ll_scaling_guard(const struct ll_scaling_work *w, int64_t before,
                         struct ll_stage_note *note)
{
    const struct ll_scaling_holds *g = &w->holds;
    if (before > w->current && g->out.why != LL_BOUND_NONE)
        return held(w, before, &g->out, note);
    if (before < w->current && g->in.why != LL_BOUND_NONE)
        return held(w, before, &g->in, note);
    if (g->removal >= 0 && before < w->current - g->removal / w->grain * w->grain)
        return ll_scaling_note(note, before, w->current - g->removal / w->grain * w->grain,
                               LL_BOUND_BUDGET, "%lld may leave now, of all targets together",
                               (long long)g->removal);
    return ll_scaling_note(note, before, before, LL_BOUND_NONE, NULL);
}
