/* Random targets, rules and traces through the real decision: whatever comes, no guard is broken.
 *
 * LL_TRACES says how many (default 3000), LL_SEED the first one's; a failure prints the seed of its
 * trace, which alone repeats it. */
#include <stdio.h>

#include "base/str.h"
#include "scaling/formula.h"
#include "scaling_make.h"

enum { STEPS = 12, HISTORY = 64 };

struct past {
    ll_time t;
    int64_t from, to;
};

struct trace {
    struct made m;
    uint64_t random;
    struct past past[HISTORY]; /* every change of the count, ours and others' */
    size_t n_past;
    double busy[MADE_RULES];
    unsigned dropped; /* new samples for which scale-in must still wait */
    struct ll_dependency dependency;
    struct ll_rule_group groups[2];
    struct ll_formula formula;
    struct ll_rule_use uses[2];
    struct ll_rule_expression expression;
    bool falls; /* more of what the formula takes may be less of what it gives */
    int64_t count_at_start;
};

static uint64_t seed;
static unsigned long decisions, acted, in_count;

static uint64_t below(struct trace *x, uint64_t n)
{
    return ll_test_random(&x->random) % n;
}

static bool chance(struct trace *x, unsigned percent)
{
    return below(x, 100) < percent;
}

static double uniform(struct trace *x, double lo, double hi)
{
    return lo + (hi - lo) * (double)(ll_test_random(&x->random) >> 11) / 9007199254740992.0;
}

#define HOLDS(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            printf("LL_SEED=%llu LL_TRACES=1: %s\n", (unsigned long long)seed, #cond);             \
            printf("  %s\n", x->m.d.reason);                                                       \
            ck_abort_msg("%s (seed %llu)", #cond, (unsigned long long)seed);                       \
        }                                                                                          \
    } while (0)

/* --- what a trace is made of --- */

static void random_rates(struct trace *x, struct ll_rates *r)
{
    r->window = (ll_dur)below(x, 600) * LL_SECOND;
    r->select = (enum ll_rate_select)below(x, 3);
    r->n = below(x, 3);
    for (size_t i = 0; i < r->n; i++)
        r->policy[i] = (struct ll_rate_policy){.kind = (enum ll_rate_kind)below(x, 2),
                                               .value = 1 + (int32_t)below(x, 100),
                                               .period = (1 + (ll_dur)below(x, 600)) * LL_SECOND};
}

static void random_steps(struct trace *x, struct ll_step *steps, size_t *n)
{
    double over = 0;
    *n = below(x, 4);
    for (size_t i = 0; i < *n; i++, over += uniform(x, 0.01, 0.2))
        steps[i] =
            (struct ll_step){over, (enum ll_rate_kind)below(x, 2), 1 + (int32_t)below(x, 20)};
}

#define LONG "whose-name-is-so-long-that-no-sentence-has-room-for-all-of-it-and-cuts-it"
static const char *const rule_names[] = {"1-" LONG, "2-" LONG, "3-" LONG, "4-" LONG};
static const char *const metrics[] = {"", "gateway API_CALLS", "gateway " LONG " API_CALLS"};
static const char *const group_names[] = {"", "one", "two"};

static void random_rule(struct trace *x)
{
    static const enum ll_policy policies[] = {LL_POLICY_THRESHOLD, LL_POLICY_THRESHOLD,
                                              LL_POLICY_PREDICTIVE, LL_POLICY_SCHEDULED};
    struct ll_scaling_rule *r = made_rule(&x->m, policies[below(x, LL_LEN(policies))]);
    if (chance(x, 50))
        r->rule_id = ll_slice_of(rule_names[x->m.in.n_rules - 1]);
    x->m.input[x->m.in.n_rules - 1].seen.metric = ll_slice_of(metrics[below(x, LL_LEN(metrics))]);
    r->form = (enum ll_threshold_form)below(x, 2);
    r->need = chance(x, 80) ? LL_NEED_REQUIRED : LL_NEED_ADVISORY;
    r->mode = chance(x, 70) ? LL_MODE_AUTO : (enum ll_mode)below(x, LL_MODE_COUNT);
    r->n = 1 + (unsigned)below(x, 4);
    r->k = 1 + (unsigned)below(x, r->n);
    if (chance(x, 30))
        random_steps(x, r->up, &r->n_up);
    if (chance(x, 30))
        random_steps(x, r->down, &r->n_down);
    if (chance(x, 20))
        random_rates(x, &r->in);
    if (chance(x, 20))
        random_rates(x, &r->out);
    r->hpa_behavior = chance(x, 10);
    if (r->policy != LL_POLICY_SCHEDULED) {
        r->input_only = chance(x, 10);
        r->group = r->input_only ? LL_SLICE("") : ll_slice_of(group_names[below(x, 3)]);
    }
    r->goal = chance(x, 50) ? NAN : uniform(x, 0.45, 0.8);
    r->fallback = (enum ll_fallback)below(x, 3);
    r->fallback_units = 1 + (int64_t)below(x, 20);
    r->may_scale_in = chance(x, 30);
    r->max_breach = chance(x, 20) ? uniform(x, 0, 0.5) : 0;
    if (chance(x, 20))
        r->max = x->m.target.min + (int64_t)below(x, 20);
    r->max_reversals = 1 + (unsigned)below(x, 4);
}

static void random_target(struct trace *x)
{
    struct ll_target *t = &x->m.target;
    t->scale_to_zero = chance(x, 20);
    t->min = t->scale_to_zero ? 0 : 1 + (int64_t)below(x, 5);
    t->max = t->min + 1 + (int64_t)below(x, 60);
    t->quota = chance(x, 20) ? t->min + 1 + (int64_t)below(x, 40) : 0;
    t->idle = (ll_dur)below(x, 600) * LL_SECOND;
    if (chance(x, 20)) {
        x->dependency = (struct ll_dependency){.per_instance = 20, .limit = uniform(x, 200, 2000)};
        t->dependencies = &x->dependency;
        t->n_dependencies = 1;
    }
    if (chance(x, 30))
        t->capacity.units_per_instance = uniform(x, 50, 200);
    t->capacity.driver = LL_RESOURCE_API_CALLS;
    t->combine = chance(x, 30) ? LL_CONSENT_ALL : LL_CONSENT_ANY;
    for (size_t i = 0; i < 2; i++)
        x->groups[i] =
            (struct ll_rule_group){ll_slice_of(group_names[i + 1]), (enum ll_consent)below(x, 2)};
    t->groups = x->groups;
    t->n_groups = below(x, 3);
}

/* A rule over what one or two others see. */
static void random_expression(struct trace *x)
{
    static const struct {
        const char *text;
        size_t names;
        bool falls;
    } texts[] = {
        {"max(a, b)", 2, false},
        {"min(a, b) * 2", 2, false},
        {"a + b * 0.5", 2, false},
        {"avg(a, b, 1)", 2, false},
        {"a / 1.5", 1, false},
        {"a * a", 1, false},
        {"max(a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, b)", 2,
         false},
        {"a / b", 2, true},
        {"a - b", 2, true},
        {"1 / a", 1, true}};
    const size_t at = below(x, LL_LEN(texts)), n = x->m.in.n_rules;
    const struct ll_slice names[] = {LL_SLICE("a"), LL_SLICE("b")};
    struct ll_err err;
    random_rule(x);
    struct ll_scaling_rule *r = &x->m.rule[n];
    r->policy = LL_POLICY_THRESHOLD;
    r->input_only = false;
    r->k = r->n = 1;
    r->form = (enum ll_threshold_form)below(x, 3);
    for (size_t i = 0; i < texts[at].names; i++) {
        const struct ll_scaling_rule *of = &x->m.rule[below(x, n)];
        x->uses[i] = (struct ll_rule_use){
            names[i], of->policy == LL_POLICY_SCHEDULED ? LL_SLICE("nobody") : of->rule_id,
            (enum ll_use_what)below(x, r->form == LL_FORM_UNITS ? 4 : 3)};
    }
    HOLDS(ll_formula_parse(ll_slice_of(texts[at].text), names, texts[at].names, &x->formula, &err));
    x->expression = (struct ll_rule_expression){ll_slice_of(texts[at].text), &x->formula, x->uses,
                                                texts[at].names};
    x->falls = texts[at].falls;
    r->expression = &x->expression;
}

static void random_links(struct trace *x)
{
    const size_t n = x->m.in.n_rules;
    if (n < MADE_RULES && chance(x, 30))
        random_expression(x);
    for (size_t i = 0; i < n; i++)
        if (x->m.rule[i].policy == LL_POLICY_THRESHOLD && chance(x, 15))
            x->m.rule[i].saturation = (struct ll_saturation){
                x->m.rule[below(x, n)].rule_id, uniform(x, 0.5, 1), 2 + (unsigned)below(x, 3)};
}

static void random_windows(struct trace *x)
{
    for (size_t i = 0; i < 2 && chance(x, 30); i++)
        made_window(&x->m, below(x, x->m.in.n_rules), (enum ll_window_effect)below(x, 5),
                    (int64_t)below(x, 40));
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        x->m.input[i].n_windows = 0;
    if (chance(x, 40)) /* all of one rule: they share an array */
        for (size_t k = 1 + below(x, 2), r = below(x, x->m.in.n_rules); k > 0; k--)
            made_window(&x->m, r, (enum ll_window_effect)below(x, 5), (int64_t)below(x, 40));
}

static void random_state(struct trace *x)
{
    struct ll_scaling_state *s = &x->m.state;
    if (chance(x, 20))
        s->seen_since = LL_TIME_NONE;
    if (chance(x, 10))
        s->cooldown_in = MADE_NOW + (ll_dur)below(x, 600) * LL_SECOND;
    if (chance(x, 10))
        s->cooldown_out = MADE_NOW + (ll_dur)below(x, 600) * LL_SECOND;
    if (chance(x, 5))
        s->breaker = MADE_NOW + (ll_dur)below(x, 600) * LL_SECOND;
    if (chance(x, 10))
        s->manual = (struct ll_manual){.set = true,
                                       .exact = chance(x, 50),
                                       .floor = (int64_t)below(x, 40),
                                       .ceiling = (int64_t)below(x, 40),
                                       .until = MADE_NOW + (ll_dur)below(x, 3600) * LL_SECOND};
    if (chance(x, 10))
        s->freeze = (struct ll_pause_state){.what = (enum ll_pause)below(x, LL_PAUSE_COUNT),
                                            .until = MADE_NOW + (ll_dur)below(x, 600) * LL_SECOND};
    s->scaled_to_zero = x->m.in.seen.current == 0 && chance(x, 80);
    s->expected = x->m.in.seen.current;
}

static void begin(struct trace *x)
{
    struct ll_arena *arena = x->m.arena;
    memset(x, 0, sizeof(*x));
    x->random = seed;
    made_init(&x->m);
    ll_arena_free(x->m.arena);
    x->m.arena = arena;
    random_target(x);
    const int64_t current = (int64_t)below(x, (uint64_t)x->m.target.max + 5);
    x->m.in.seen.current = x->m.in.seen.ready = x->count_at_start = current;
    for (size_t i = 1 + below(x, 3); i > 0; i--)
        random_rule(x);
    random_links(x);
    random_windows(x);
    random_state(x);
    x->m.in.ceiling = chance(x, 90) ? LL_MODE_AUTO : (enum ll_mode)below(x, LL_MODE_COUNT);
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        x->busy[i] = uniform(x, 0.1, 1.2) * (double)LL_MAX(current, 1);
}

/* A new sample in front of the older ones. */
static void feed(struct trace *x, size_t i, double value)
{
    struct ll_seen_sample *s = x->m.sample[i];
    struct ll_observation *o = &x->m.input[i].seen;
    const int64_t current = x->m.in.seen.current;
    memmove(s + 1, s, (MADE_SAMPLES - 1) * sizeof(s[0]));
    s[0] = (struct ll_seen_sample){.t = x->m.in.now - (ll_dur)below(x, 20) * LL_SECOND,
                                   .value = value,
                                   .capacity = current > 0     ? 100 * (double)current
                                               : chance(x, 50) ? NAN
                                                               : 0};
    o->n_samples = LL_MIN(o->n_samples + 1, (size_t)MADE_SAMPLES);
    o->instances = o->expected = (size_t)current;
    o->state = LL_SEEN_OK;
}

static void spoil(struct trace *x, size_t i)
{
    struct ll_observation *o = &x->m.input[i].seen;
    struct ll_seen_sample *s = x->m.sample[i];
    switch (below(x, 8)) {
    case 0:
        o->state = LL_SEEN_MISSING;
        break;
    case 1:
        o->state = LL_SEEN_STALE;
        break;
    case 2:
        o->state = LL_SEEN_BROKEN;
        break;
    case 3:
        o->state = LL_SEEN_PARTIAL;
        break;
    case 4:
        s[0].value = chance(x, 50) ? NAN : INFINITY;
        break;
    case 5:
        s[0].t = x->m.in.now - LL_HOUR;
        break;
    case 6:
        s[0].value = -1;
        break;
    default:
        o->expected = o->instances * 2 + 1;
        break;
    }
}

/* value: what needs no capacity. */
static bool sees_well(const struct trace *x, size_t i, bool value)
{
    const struct ll_observation *o = &x->m.input[i].seen;
    const struct ll_seen_sample *s = &o->samples[0];
    return o->state == LL_SEEN_OK && o->n_samples > 0 && s->value >= 0 && !isinf(s->value) &&
           (value || s->capacity > 0 || x->m.in.seen.current == 0) &&
           x->m.in.now - s->t <= LL_MINUTE && (double)o->instances >= 0.8 * (double)o->expected;
}

static bool counts(const struct trace *x, size_t i)
{
    enum ll_mode top = LL_MODE_OFF, mine = LL_MIN(x->m.rule[i].mode, x->m.in.ceiling);
    for (size_t k = 0; k < x->m.in.n_rules; k++)
        if (!x->m.rule[k].input_only)
            top = LL_MAX(top, LL_MIN(x->m.rule[k].mode, x->m.in.ceiling));
    return !x->m.rule[i].input_only && (mine == top || mine >= LL_MODE_APPROVE);
}

/* The one that the expression uses; n_rules = there is none of that name. */
static size_t used_by(const struct trace *x, const struct ll_rule_use *u)
{
    size_t i = 0;
    while (i < x->m.in.n_rules && !ll_slice_eq(x->m.rule[i].rule_id, u->rule))
        i++;
    return i;
}

/* Whether an expression that counts takes from the rule. */
static bool feeds(const struct trace *x, size_t rule)
{
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        for (size_t k = 0; x->m.rule[i].expression && k < x->expression.n_uses; k++)
            if (counts(x, i) && used_by(x, &x->uses[k]) == rule)
                return true;
    return false;
}

/* All that a rule stands on is seen. */
static bool stands(const struct trace *x, size_t rule)
{
    bool well = true;
    if (!x->m.rule[rule].expression)
        return sees_well(x, rule, false);
    for (size_t k = 0; k < x->expression.n_uses; k++) {
        const struct ll_rule_use *u = &x->uses[k];
        const size_t i = used_by(x, u);
        if (i == x->m.in.n_rules)
            return false;
        const struct ll_demand_ahead *a = &x->m.input[i].ahead;
        if (u->what == LL_USE_UNITS && x->m.rule[i].policy == LL_POLICY_PREDICTIVE)
            well &= a->known && a->trusted;
        else
            well &= sees_well(x, i, u->what == LL_USE_VALUE);
    }
    return well;
}

static void remember(struct trace *x, int64_t from, int64_t to)
{
    if (from != to && x->n_past < HISTORY)
        x->past[x->n_past++] = (struct past){x->m.in.now, from, to};
}

static void observe(struct trace *x)
{
    struct made *m = &x->m;
    m->in.now += (ll_dur)(1 + below(x, chance(x, 80) ? 30 : 600)) * LL_SECOND;
    if (chance(x, 5)) { /* somebody else */
        const int64_t to = (int64_t)below(x, (uint64_t)m->target.max + 3);
        m->in.seen.current = m->in.seen.ready = to;
    }
    m->in.seen.known = chance(x, 97);
    m->in.open_action = chance(x, 3);
    /* What nobody could see happened when it was seen. */
    if (m->in.seen.known && !m->in.open_action)
        remember(x, m->state.expected, m->in.seen.current);
    m->in.removal_left = chance(x, 80) ? -1 : (int64_t)below(x, 4);
    m->in.seen.ready =
        chance(x, 90) ? m->in.seen.current : (int64_t)below(x, (uint64_t)m->in.seen.current + 1);
    bool drop = false, any = false;
    for (size_t i = 0; i < m->in.n_rules; i++) {
        const double before = m->sample[i][0].value;
        x->busy[i] *= uniform(x, 0.6, 1.5);
        if (chance(x, 4))
            x->busy[i] *= 0.01;
        if (chance(x, 90))
            feed(x, i, chance(x, 4) ? 0 : x->busy[i] * 100);
        if (chance(x, 8))
            spoil(x, i);
        made_ahead(m, i, uniform(x, 0, 60) * 100);
        m->input[i].ahead.known = chance(x, 90);
        m->input[i].ahead.trusted = chance(x, 80);
        const struct ll_observation *o = &m->input[i].seen;
        const bool own = counts(x, i) && m->rule[i].policy == LL_POLICY_THRESHOLD &&
                         !m->rule[i].expression && sees_well(x, i, false);
        const bool fresh = (own || (feeds(x, i) && sees_well(x, i, true))) &&
                           o->samples[0].t > m->state.last_demand_t;
        any |= fresh;
        drop |= fresh && o->n_samples > 1 && before > 0 && !isinf(before) &&
                o->samples[1].value == before && o->samples[0].value < 0.1 * before &&
                (o->samples[1].capacity > 0 || m->in.seen.current == 0);
    }
    if (any)
        x->dropped = drop ? 3 : x->dropped > 0 ? x->dropped - 1 : 0;
}

/* --- what must hold --- */

static bool overridden(const struct trace *x)
{
    return x->m.state.manual.set && x->m.state.manual.exact &&
           x->m.in.now < x->m.state.manual.until;
}

static int64_t ceiling(const struct trace *x)
{
    const struct ll_target *t = &x->m.target;
    int64_t hi = t->max;
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        if (x->m.rule[i].policy == LL_POLICY_PREDICTIVE)
            hi = LL_MAX(hi, (int64_t)((double)t->max * (1 + x->m.rule[i].max_breach) + 1e-9));
    if (t->quota > 0)
        hi = LL_MIN(hi, t->quota);
    if (t->n_dependencies)
        hi = LL_MIN(hi, (int64_t)(x->dependency.limit / x->dependency.per_instance));
    return hi;
}

static void keeps_the_range(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    const int64_t hi = ceiling(x);
    HOLDS(d->to >= 0);
    HOLDS(d->to <= LL_MAX(hi, d->current));
    if (d->to < d->current)
        HOLDS(d->to >= LL_MIN(x->m.target.min, hi));
    if (!x->m.target.scale_to_zero && d->to < d->current)
        HOLDS(d->to >= LL_MIN(1, hi));
}

static void believes_only_data(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    if (overridden(x))
        return;
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        if (counts(x, i) && x->m.rule[i].policy == LL_POLICY_THRESHOLD &&
            x->m.rule[i].need == LL_NEED_REQUIRED && !stands(x, i)) {
            HOLDS(d->to >= d->current); /* P7 */
            HOLDS(d->to != d->current || d->verdict == LL_VERDICT_HELD);
        }
    HOLDS(x->dropped == 0 || d->to >= d->current); /* P8 */
}

static void keeps_the_guards(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    const struct ll_scaling_input *in = &x->m.in;
    const struct ll_scaling_state *s = &x->m.state;
    if (!in->seen.known || in->open_action || (s->breaker != LL_TIME_NONE && in->now < s->breaker))
        HOLDS(d->to == d->current);
    if (in->removal_left >= 0)
        HOLDS(d->current - d->to <= in->removal_left);
    if (s->freeze.what != LL_PAUSE_NONE && in->now < s->freeze.until) {
        HOLDS(s->freeze.what == LL_PAUSE_OUT || d->to >= d->current);
        HOLDS(s->freeze.what == LL_PAUSE_IN || d->to <= d->current);
    }
    for (size_t i = 0; i < in->n_rules; i++)
        for (size_t k = 0; k < x->m.input[i].n_windows && counts(x, i); k++) {
            const enum ll_window_effect e = x->m.input[i].windows[k].window->effect;
            HOLDS(e < LL_WINDOW_NO_SCALE_IN || d->to >= d->current);
            HOLDS(e != LL_WINDOW_FREEZE || d->to == d->current);
        }
    if (s->cooldown_in != LL_TIME_NONE && in->now < s->cooldown_in && !overridden(x))
        HOLDS(d->to >= d->current);
    if (in->seen.known && in->seen.ready < in->seen.current && !overridden(x))
        HOLDS(d->to >= d->current);
}

/* Whether the velocity is the limit: a rule that counts has no rates of its own. */
static bool has_velocity(const struct trace *x, bool out)
{
    size_t rules = 0, own = 0;
    for (size_t i = 0; i < x->m.in.n_rules; i++) {
        const struct ll_rates *r = out ? &x->m.rule[i].out : &x->m.rule[i].in;
        rules += counts(x, i);
        own += counts(x, i) && (r->n > 0 || r->select == LL_RATE_DISABLED);
    }
    return own < rules || rules == 0;
}

static int64_t count_at(const struct trace *x, ll_time t)
{
    int64_t count = x->count_at_start;
    for (size_t i = 0; i < x->n_past && x->past[i].t <= t; i++)
        count = x->past[i].to;
    return count;
}

/* P9, from the trace's own record: what left within five minutes, what came within one. */
static void keeps_the_velocity(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    int64_t left = LL_MAX(d->current - d->to, 0), came = LL_MAX(d->to - d->current, 0);
    for (size_t i = 0; i < x->n_past; i++) {
        const struct past *p = &x->past[i];
        if (x->m.in.now - p->t < 5 * LL_MINUTE)
            left += LL_MAX(p->from - p->to, 0);
        if (x->m.in.now - p->t < LL_MINUTE)
            came += LL_MAX(p->to - p->from, 0);
    }
    const int64_t then = count_at(x, x->m.in.now - 5 * LL_MINUTE);
    if (d->to < d->current && has_velocity(x, false))
        HOLDS(left <= LL_MAX(1, then / 5));
    /* A floor is kept at once. */
    if (d->to > d->current && has_velocity(x, true) &&
        d->stages[LL_STAGE_RANGE].after <= d->stages[LL_STAGE_RANGE].before)
        HOLDS(came <= LL_MAX(4, count_at(x, x->m.in.now - LL_MINUTE)));
}

static void says_what_it_does(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    HOLDS(d->reason[0] != 0);
    HOLDS(d->valid_until > d->now);
    HOLDS((d->to == d->current) ==
          (d->verdict == LL_VERDICT_NOTHING ||
           (d->verdict == LL_VERDICT_HELD && d->direction == LL_DIRECTION_NO_ACTION)));
    HOLDS(d->verdict != LL_VERDICT_ACT || d->at_once == d->to);
    HOLDS(d->verdict == LL_VERDICT_ACT || d->at_once == d->current ||
          (d->verdict == LL_VERDICT_PROPOSE && d->at_once <= d->to));
    HOLDS(d->verdict < LL_VERDICT_PROPOSE || x->m.in.ceiling >= LL_MODE_APPROVE);
    if (x->m.in.ceiling < LL_MODE_AUTO && !x->m.state.manual.set)
        HOLDS(d->verdict != LL_VERDICT_ACT && d->at_once == d->current);
    int64_t at = d->current;
    for (size_t i = 0; i < LL_STAGE_MODE; i++) {
        HOLDS(d->stages[i].before == at);
        HOLDS((d->stages[i].bound == LL_BOUND_NONE) || d->stages[i].text[0]);
        at = d->stages[i].after;
    }
    HOLDS(at == d->to);
}

static void again(struct trace *x, const struct ll_scaling_state *s, ll_time t, int64_t to)
{
    const ll_time now = x->m.in.now;
    const struct ll_decision kept = x->m.d;
    struct ll_scaling_state next;
    struct ll_err err;
    x->m.in.now = t;
    if (!ll_scaling_decide(&x->m.in, s, x->m.arena, &x->m.d, &next, &err))
        ck_abort_msg("%s", err.text);
    if (x->m.d.to != to)
        printf("  %lld ms earlier: %s\n", (long long)(t - now), kept.reason);
    HOLDS(x->m.d.to == to);
    x->m.in.now = now;
    x->m.d = kept;
}

/* Until valid_until the answer is the same, whether this one was remembered or not. */
static void stays_valid(struct trace *x)
{
    const struct ll_decision *d = &x->m.d;
    const ll_dur span = LL_MIN(d->valid_until - d->now, 2 * LL_HOUR);
    const ll_time t = d->now + (ll_dur)below(x, (uint64_t)span);
    again(x, &x->m.state, t, d->to);
    again(x, &x->m.next, t, d->to);
    again(x, &x->m.next, d->now + span - 1, d->to);
}

static void survives_a_restart(struct trace *x)
{
    struct ll_str text;
    struct ll_scaling_state s;
    struct ll_err err;
    ll_str_init(&text, LL_STATE_BYTES_MAX);
    ll_scaling_state_write(&x->m.state, &text);
    HOLDS(!text.failed);
    if (!ll_scaling_state_read((struct ll_slice){text.s, text.n}, x->m.in.now, &s, &err))
        ck_abort_msg("%s (seed %llu)", err.text, (unsigned long long)seed);
    ll_str_fini(&text);
    again(x, &s, x->m.in.now, x->m.d.to);
}

/* Whether its growth doubles a step: of two samples the older one says the contrary. */
static bool waits(const struct trace *x, size_t rule)
{
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        if (ll_slice_eq(x->m.rule[i].saturation.waiting, x->m.rule[rule].rule_id))
            return true;
    return false;
}

/* More load, in one rule or all, asks for no less. */
static void rises_with_load(struct trace *x)
{
    struct ll_seen_sample kept[MADE_RULES][MADE_SAMPLES];
    struct ll_decision low = x->m.d;
    struct ll_scaling_state next;
    struct ll_err err;
    if (low.stages[LL_STAGE_GUARD].bound == LL_BOUND_IMPLAUSIBLE || x->falls)
        return;
    memcpy(kept, x->m.sample, sizeof(kept));
    for (size_t i = 0; i < x->m.in.n_rules; i++)
        for (size_t k = 0; k < (waits(x, i) ? 1 : MADE_SAMPLES); k++)
            if (x->m.sample[i][k].value >= 0 && chance(x, 70))
                x->m.sample[i][k].value += chance(x, 50) ? uniform(x, 0, 20) : uniform(x, 0, 2000);
    if (!ll_scaling_decide(&x->m.in, &x->m.state, x->m.arena, &x->m.d, &next, &err))
        ck_abort_msg("%s", err.text);
    if (x->m.d.to < low.to)
        printf("  with less load: %s\n", low.reason);
    HOLDS(x->m.d.to >= low.to);
    memcpy(x->m.sample, kept, sizeof(kept));
    x->m.d = low;
}

static void apply(struct trace *x)
{
    struct made *m = &x->m;
    decisions++;
    m->state = m->next;
    if (m->d.at_once == m->d.current)
        return;
    acted++;
    in_count += m->d.at_once < m->d.current;
    remember(x, m->d.current, m->d.at_once);
    ll_scaling_note_applied(&m->state, m->d.current, m->d.at_once, m->in.now);
    m->in.seen.current = m->d.at_once;
    if (chance(x, 50))
        ll_scaling_note_ready(&m->state, true, 0, (ll_dur)below(x, 300) * LL_SECOND, m->in.now);
}

static void one_trace(struct trace *x)
{
    begin(x);
    for (size_t i = 0; i < STEPS; i++) {
        observe(x);
        made_decide(&x->m);
        keeps_the_range(x);
        believes_only_data(x);
        keeps_the_guards(x);
        keeps_the_velocity(x);
        says_what_it_does(x);
        if (chance(x, 20))
            stays_valid(x);
        if (chance(x, 20))
            rises_with_load(x);
        if (chance(x, 2))
            survives_a_restart(x);
        apply(x);
    }
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(no_guard_is_ever_broken)
{
    static struct trace x;
    const uint64_t first = number_of("LL_SEED", 1), n = number_of("LL_TRACES", 3000);
    x.m.arena = ll_arena_new(1 << 20);
    ck_assert_ptr_nonnull(x.m.arena);
    for (seed = first; seed < first + n; seed++)
        one_trace(&x);
    made_fini(&x.m);
    printf("%llu traces from seed %llu: %lu decisions, %lu acted on, %lu of these scaled in\n",
           (unsigned long long)n, (unsigned long long)first, decisions, acted, in_count);
    ck_assert(n < 100 || (acted > n / 10 && in_count > n / 100)); /* they tried something */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {no_guard_is_ever_broken};
    return ll_test_run("scaling_property", tests, LL_LEN(tests));
}
