/* Expressions: rules that see what others see, through a formula.
 *
 * What they give to bands and target tracking is a utilisation, else the number of units itself.
 * One value that is missing makes the whole no data, as does a result that is not a number or
 * negative; one of too few instances makes it partial. */
#include <math.h>

#include "scaling/formula.h"
#include "scaling/stages.h"

size_t ll_scaling_rule_of(const struct ll_scaling_work *w, struct ll_slice rule_id)
{
    size_t i = 0;
    while (i < w->in->n_rules && !ll_slice_eq(w->in->rules[i].rule->rule_id, rule_id))
        i++;
    return i;
}

bool ll_scaling_feeds(const struct ll_scaling_work *w, size_t rule)
{
    const struct ll_slice id = w->in->rules[rule].rule->rule_id;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        const struct ll_rule_expression *x = w->in->rules[i].rule->expression;
        for (size_t k = 0; x && k < x->n_uses; k++)
            if (ll_slice_eq(x->uses[k].rule, id) && ll_scaling_counts(w, i))
                return true;
    }
    return false;
}

/* Whether the use says something before there are proposals. */
static bool by_sample(const struct ll_scaling_work *w, const struct ll_rule_use *u, size_t at)
{
    return u->what != LL_USE_UNITS || w->in->rules[at].rule->policy == LL_POLICY_THRESHOLD;
}

static bool is_input(const struct ll_scaling_work *w, size_t at)
{
    return at < w->in->n_rules && !w->in->rules[at].rule->expression;
}

static double value_of(const struct ll_scaling_work *w, const struct ll_rule_use *u)
{
    const size_t at = ll_scaling_rule_of(w, u->rule);
    const struct ll_proposal *p = &w->d->proposals[at];
    switch (u->what) {
    case LL_USE_UTILIZATION:
        return w->loads[at].utilization;
    case LL_USE_VALUE:
        return w->loads[at].value;
    case LL_USE_CAPACITY:
        return w->loads[at].capacity;
    default: /* LL_USE_UNITS */
        break;
    }
    /* What stands in for data, or has not earned trust, is no answer to build on. */
    const bool answers = p->state != LL_PROPOSAL_NONE && p->bound != LL_BOUND_FALLBACK &&
                         p->bound != LL_BOUND_UNTRUSTED;
    return answers ? (double)p->want : NAN;
}

static double result(const struct ll_scaling_work *w, const struct ll_rule_expression *x)
{
    double v[LL_FORMULA_NAMES_MAX];
    for (size_t i = 0; i < x->n_uses; i++)
        v[i] = value_of(w, &x->uses[i]);
    return ll_formula_eval(x->formula, v);
}

static void lacks(struct ll_scaling_load *l, enum ll_bound why, struct ll_slice what)
{
    if (why == LL_BOUND_NONE || (l->why != LL_BOUND_NONE && l->why != LL_BOUND_PARTIAL) ||
        (why == LL_BOUND_PARTIAL && l->why == LL_BOUND_PARTIAL))
        return;
    l->why = why;
    l->metric = what;
}

void ll_scaling_expression_load(struct ll_scaling_work *w, size_t rule)
{
    const struct ll_rule_expression *x = w->in->rules[rule].rule->expression;
    struct ll_scaling_load *l = &w->loads[rule];
    l->metric = x->text;
    for (size_t i = 0; i < x->n_uses; i++) {
        const size_t at = ll_scaling_rule_of(w, x->uses[i].rule);
        if (!is_input(w, at)) {
            lacks(l, LL_BOUND_NO_DATA, x->uses[i].rule);
            continue;
        }
        if (!by_sample(w, &x->uses[i], at))
            continue;
        l->t = LL_MAX(l->t, w->loads[at].t);
        lacks(l, x->uses[i].what == LL_USE_VALUE ? w->loads[at].why_value : w->loads[at].why,
              x->uses[i].rule);
        l->cover = LL_MIN(l->cover, w->loads[at].cover);
    }
    if ((l->why != LL_BOUND_NONE && l->why != LL_BOUND_PARTIAL) ||
        w->in->rules[rule].rule->form == LL_FORM_UNITS)
        return;
    const double v = result(w, x);
    if (!(v >= 0) || (isinf(v) && w->current > 0))
        lacks(l, LL_BOUND_NO_DATA, x->text);
    else
        l->utilization = v;
}

/* All that it stands on is at rest. */
bool ll_scaling_at_rest(const struct ll_scaling_work *w, size_t rule)
{
    const struct ll_rule_expression *x = w->in->rules[rule].rule->expression;
    bool rest = w->loads[rule].why == LL_BOUND_NONE && (x || w->loads[rule].value == 0);
    for (size_t i = 0; x && rest && i < x->n_uses; i++)
        rest = w->loads[ll_scaling_rule_of(w, x->uses[i].rule)].value == 0;
    return rest;
}

void ll_scaling_units(struct ll_scaling_work *w, struct ll_proposal *p)
{
    const struct ll_rule_expression *x = p->rule->expression;
    const int n = (int)LL_MIN(x->text.n, (size_t)80);
    const double v = result(w, x);
    if (v >= 0 && !isinf(v)) {
        p->state = LL_PROPOSAL_WANTS;
        p->want = ll_scaling_round_up(ll_scaling_ceil(v), w->grain);
        ll_scaling_say(p, "%.*s = %.4g: %lld", n, x->text.s, v, (long long)p->want);
        return;
    }
    p->bound = LL_BOUND_NO_DATA;
    ll_scaling_say(p, "no answer: %.*s is no amount", n, x->text.s);
    if (!p->shadow && p->rule->need == LL_NEED_REQUIRED && w->missing.why == LL_BOUND_NONE)
        w->missing = (struct ll_scaling_hold){
            .why = LL_BOUND_REQUIRED, .until = LL_TIME_NONE, .what = x->text};
}
