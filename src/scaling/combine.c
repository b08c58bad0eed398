/* One number from all proposals: the highest, so that scale-in needs everybody's consent; where a
 * group or a target says `all`, scale-out does too.  A person's count beats it.
 *
 * Who has no answer is left out: the guards hold scale-in for what is missing of a required rule,
 * and more is the safe side. */
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

/* Floors alone never lower: then nobody has won. */
static int64_t settled(const struct ll_scaling_work *w, int64_t want, bool answered, size_t *winner)
{
    if (answered)
        return above_zero(w, want);
    if (want <= w->current) {
        *winner = w->d->n_proposals;
        return w->current;
    }
    return want;
}

/* Whether it is combined; shadows: what is only shown, too. */
static bool asks(const struct ll_proposal *p, bool shadows)
{
    return p->state != LL_PROPOSAL_NONE && (!p->shadow || shadows) &&
           !(p->rule && p->rule->input_only);
}

static int64_t highest(const struct ll_scaling_work *w, enum ll_mode least, bool shadows,
                       size_t *winner)
{
    const struct ll_decision *d = w->d;
    int64_t want = -1;
    bool answered = false, override = false;
    *winner = d->n_proposals;
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (!asks(p, shadows) || mode_of(w, i) < least)
            continue;
        answered |= p->state == LL_PROPOSAL_WANTS;
        if (override || (!is_override(w, p) && p->want <= want))
            continue;
        override = is_override(w, p);
        want = p->want;
        *winner = i;
    }
    return settled(w, want, answered, winner);
}

/* --- where all must agree --- */

/* A rule in no group, and one whose group its target does not know, stands alone: n_groups. */
static size_t group_of(const struct ll_scaling_work *w, const struct ll_proposal *p)
{
    const struct ll_target *t = w->in->target;
    size_t g = 0;
    while (g < t->n_groups && !ll_slice_eq(t->groups[g].name, p->rule->group))
        g++;
    return g;
}

/* Schedules and people raise by themselves, as does what stands in for data. */
static bool votes(const struct ll_proposal *p)
{
    return p->rule && p->bound != LL_BOUND_FALLBACK &&
           (p->rule->policy == LL_POLICY_THRESHOLD || p->rule->policy == LL_POLICY_PREDICTIVE);
}

/* Whether the proposal is one of those that must agree. */
static bool bound_to(const struct ll_scaling_work *w, const struct ll_proposal *p)
{
    const struct ll_target *t = w->in->target;
    const size_t g = votes(p) ? group_of(w, p) : t->n_groups;
    return votes(p) && (t->combine == LL_CONSENT_ALL ||
                        (g < t->n_groups && t->groups[g].when == LL_CONSENT_ALL));
}

struct answer { /* of a rule, of a group */
    int64_t want;
    size_t of; /* the proposal */
    bool any, partial;
};

struct heard {
    struct answer lowest, highest;
};

/* Of too few instances an answer may raise; it binds nobody, as it would not by its silence. */
static void hear(struct heard *h, struct answer a)
{
    if (a.any && !a.partial && (!h->lowest.any || a.want < h->lowest.want))
        h->lowest = a;
    if (a.any && (!h->highest.any || a.want > h->highest.want))
        h->highest = a;
}

/* As far out as all want it; inwards the highest, which needs everybody anyway. */
static struct answer conclude(const struct ll_scaling_work *w, const struct heard *h,
                              enum ll_consent when)
{
    struct answer a = h->highest;
    a.partial = !h->lowest.any;
    if (when == LL_CONSENT_ANY || a.want <= w->current || a.partial)
        return a;
    a.want = LL_MAX(w->current, h->lowest.want);
    a.of = h->lowest.of;
    return a;
}

/* Where all must agree one who may not go as far as `least` wants what there is. */
static struct answer voice(const struct ll_scaling_work *w, size_t i, enum ll_mode least)
{
    const struct ll_proposal *p = &w->d->proposals[i];
    const bool partial = i < w->in->n_rules && w->loads[i].why == LL_BOUND_PARTIAL;
    if (mode_of(w, i) >= least)
        return (struct answer){p->want, i, true, partial};
    return (struct answer){w->current, i, bound_to(w, p), partial};
}

/* Groups first, then those who stand alone, then what raises by itself. */
static int64_t consented(const struct ll_scaling_work *w, enum ll_mode least, size_t *winner)
{
    const struct ll_target *t = w->in->target;
    const struct ll_decision *d = w->d;
    struct heard group[LL_TARGET_GROUPS_MAX] = {{.highest = {.any = false}}};
    struct heard all = {.highest = {.any = false}}, rest = all;
    bool answered = false;
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (!asks(p, false))
            continue;
        const size_t g = votes(p) ? group_of(w, p) : t->n_groups;
        answered |= p->state == LL_PROPOSAL_WANTS && mode_of(w, i) >= least;
        hear(g < t->n_groups ? &group[g] : votes(p) ? &all : &rest, voice(w, i, least));
    }
    for (size_t g = 0; g < t->n_groups; g++)
        hear(&all, conclude(w, &group[g], t->groups[g].when));
    hear(&rest, conclude(w, &all, t->combine));
    *winner = rest.highest.any ? rest.highest.of : d->n_proposals;
    return settled(w, rest.highest.any ? rest.highest.want : -1, answered, winner);
}

static bool needs_consent(const struct ll_scaling_work *w)
{
    const struct ll_target *t = w->in->target;
    bool all = t->combine == LL_CONSENT_ALL;
    for (size_t g = 0; g < t->n_groups; g++)
        all |= t->groups[g].when == LL_CONSENT_ALL;
    return all && !w->override;
}

static int64_t combine(const struct ll_scaling_work *w, enum ll_mode least, size_t *winner)
{
    return needs_consent(w) ? consented(w, least, winner) : highest(w, least, false, winner);
}

enum ll_mode ll_scaling_winner_mode(const struct ll_scaling_work *w)
{
    const struct ll_decision *d = w->d;
    const struct ll_proposal *won = &d->proposals[d->winner];
    enum ll_mode mode = mode_of(w, d->winner);
    if (!needs_consent(w) || !bound_to(w, won))
        return mode;
    for (size_t i = 0; i < d->n_proposals; i++) {
        const struct ll_proposal *p = &d->proposals[i];
        if (asks(p, false) && bound_to(w, p) &&
            (w->in->target->combine == LL_CONSENT_ALL || group_of(w, p) == group_of(w, won)))
            mode = LL_MIN(mode, mode_of(w, i));
    }
    return mode;
}

int64_t ll_scaling_combine_from(const struct ll_scaling_work *w, enum ll_mode mode, size_t *winner)
{
    int64_t want = combine(w, mode, winner);
    /* More than there may be is a wish for less, that the other stages see as such. */
    if (w->current > w->range.hi)
        want = LL_MIN(want, w->range.hi);
    return want;
}

int64_t ll_scaling_combine_all(const struct ll_scaling_work *w)
{
    size_t winner;
    return highest(w, LL_MODE_OFF, true, &winner);
}

static int64_t note_combined(const struct ll_scaling_work *w, int64_t before, int64_t want,
                             struct ll_stage_note *note)
{
    const struct ll_decision *d = w->d;
    size_t winner;
    const int64_t most = highest(w, LL_MODE_OFF, false, &winner);
    if (d->winner == d->n_proposals)
        return ll_scaling_note(note, before, want, LL_BOUND_NONE, "no rule asks for a change");
    if (want < most) {
        const struct ll_proposal *p = &d->proposals[d->winner];
        const struct ll_slice id = p->rule ? p->rule->rule_id : LL_SLICE("a person");
        return ll_scaling_note(note, before, want, LL_BOUND_CONSENT,
                               "%lld needs everybody's consent; %lld is as far as it goes, by %.*s",
                               (long long)most, (long long)want, (int)LL_MIN(id.n, (size_t)40),
                               id.s);
    }
    return ll_scaling_note(note, before, want, LL_BOUND_NONE, "the highest of %zu answers",
                           d->n_proposals);
}

int64_t ll_scaling_combine(const struct ll_scaling_work *w, int64_t before,
                           struct ll_stage_note *note)
{
    size_t winner;
    const int64_t asked = combine(w, LL_MODE_OFF, &winner);
    const int64_t want = ll_scaling_combine_from(w, LL_MODE_OFF, &winner);
    w->d->winner = winner;
    if (want != asked)
        return ll_scaling_note(note, before, want, w->range.hi_why, "%s: %lld is too many",
                               ll_bound_text(w->range.hi_why), (long long)w->current);
    return note_combined(w, before, want, note);
}
