/* Which rules are in force: a set becomes live targets, and states move over by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/scaling_private.h"

/* Events are looked up so far around the day on which a set came into force. */
enum { EVENT_DAYS = 500 };

void ll_rules_set_ref(struct ll_rules_set *s)
{
    atomic_fetch_add(&s->refs, 1);
}

void ll_rules_set_unref(struct ll_rules_set *s)
{
    if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
        return;
    ll_rules_free(s->doc);
    free(s);
}

static void release_set(void *owner)
{
    ll_rules_set_unref(owner);
}

static void rule_fini(struct ll_live_rule *r)
{
    for (size_t i = 0; r->events && i < r->rule->n_windows; i++)
        ll_market_events_free(r->events[i]);
    free(r->events);
    free(r->sources);
    free(r->windows);
}

static void target_fini(struct ll_live_target *t)
{
    for (size_t i = 0; i < t->n_rules; i++)
        rule_fini(&t->rules[i]);
    free(t->rules);
    ll_actor_unref(t->actor);
    ll_scaling_held_unref(t->held);
}

void ll_scaling_targets_free(struct ll_live_target *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        target_fini(&v[i]);
    free(v);
}

/* By name: the book's order. */
static int by_name(const void *a, const void *b)
{
    const struct ll_live_target *x = a, *y = b;
    return ll_slice_cmp(x->target->name, y->target->name);
}

static struct ll_live_target *find_in(struct ll_live_target *v, size_t n, struct ll_slice name)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (ll_slice_cmp(v[mid].target->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && ll_slice_eq(v[lo].target->name, name) ? &v[lo] : NULL;
}

struct ll_live_target *ll_scaling_find(struct ll_scaling *s, struct ll_slice name)
{
    return find_in(s->targets, s->n_targets, name);
}

bool ll_scaling_source(struct ll_calendars *set, const struct ll_scaling_rule *rule, size_t i,
                       ll_day today, struct ll_schedule_source *src,
                       struct ll_market_events **events, struct ll_err *err)
{
    const struct ll_scale_window *w = &rule->windows[i];
    const struct ll_slice code = w->calendar.n ? w->calendar : rule->calendar;
    if (w->zone.n && !ll_calendars_zone(set, w->zone, &src->tz, err))
        return false;
    if (code.n && !ll_calendars_get(set, code, &src->calendar, err))
        return false;
    if (!src->tz && !src->calendar && !ll_calendars_zone(set, LL_SLICE("UTC"), &src->tz, err))
        return false;
    if (w->anchor != LL_ANCHOR_EVENT || !code.n)
        return true;
    if (!ll_calendars_events(set, code, today - EVENT_DAYS, today + EVENT_DAYS, LL_TIME_NONE,
                             events, err))
        return false;
    src->events = *events;
    return true;
}

static bool windows_of(struct ll_scaling *s, struct ll_live_rule *r)
{
    const size_t n = r->rule->n_windows;
    const ll_day today = (ll_day)(ll_engine_now(s->e) / LL_DAY);
    struct ll_err err;
    r->windows_until = LL_TIME_NONE;
    if (n == 0)
        return true;
    r->sources = calloc(n, sizeof(*r->sources));
    r->events = calloc(n, sizeof(struct ll_market_events *));
    r->windows = calloc(n, sizeof(*r->windows));
    if (!r->sources || !r->events || !r->windows)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!ll_scaling_source(s->e->config->calendars, r->rule, i, today, &r->sources[i],
                               &r->events[i], &err)) {
            snprintf(r->trouble, sizeof(r->trouble), "%.190s", err.text);
            break;
        }
    }
    return true;
}

static bool looks_at_samples(const struct ll_scaling_rule *r)
{
    return (r->policy == LL_POLICY_THRESHOLD || r->policy == LL_POLICY_PREDICTIVE) &&
           !r->expression;
}

static bool rule_init(struct ll_scaling *s, struct ll_live_rule *live,
                      const struct ll_scaling_rule *rule, size_t index)
{
    *live = (struct ll_live_rule){.rule = rule, .index = index, .cell = SIZE_MAX};
    if (looks_at_samples(rule) &&
        !ll_watch_add(s->watch, rule->service, rule->type, rule->part, &live->cell))
        return false;
    return windows_of(s, live);
}

/* A rule by the target it names. */
struct named {
    struct ll_slice target;
    size_t rule;
};

static int by_target(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int c = ll_slice_cmp(x->target, y->target);
    return c ? c : (x->rule > y->rule) - (x->rule < y->rule);
}

static struct named *sorted_rules(const struct ll_rules_doc *doc)
{
    struct named *v = calloc(LL_MAX(doc->n_rules, (size_t)1), sizeof(*v));
    if (!v)
        return NULL;
    for (size_t i = 0; i < doc->n_rules; i++)
        v[i] = (struct named){doc->rules[i].target, i};
    qsort(v, doc->n_rules, sizeof(*v), by_target);
    return v;
}

/* *next: the first of `order` that no target before has taken; targets come by name. */
static bool rules_of(struct ll_scaling *s, const struct ll_rules_doc *doc,
                     const struct named *order, size_t *next, struct ll_live_target *t)
{
    while (*next < doc->n_rules && ll_slice_cmp(order[*next].target, t->target->name) < 0)
        ++*next;
    size_t end = *next;
    while (end < doc->n_rules && ll_slice_eq(order[end].target, t->target->name))
        end++;
    t->rules = calloc(LL_MAX(end - *next, (size_t)1), sizeof(*t->rules));
    if (!t->rules)
        return false;
    for (; *next < end; ++*next) {
        const size_t i = order[*next].rule;
        if (!rule_init(s, &t->rules[t->n_rules], &doc->rules[i], i))
            return false;
        t->n_rules++;
    }
    return true;
}

/* What was remembered of it, when the set before had it too. */
static void take_over(struct ll_live_target *t, const struct ll_live_target *old)
{
    t->state = old->state;
    t->seen = old->seen;
    memcpy(t->condition, old->condition, sizeof(t->condition));
    memcpy(t->decision_id, old->decision_id, sizeof(t->decision_id));
    t->recorded = old->recorded;
    t->unsaved = old->unsaved;
    if (old->action.action_id.n)
        ll_scaling_action_set(t, &old->action);
    t->acting = old->acting; /* its job's answer finds it by its name */
    t->settle_at = old->settle_at;
}

static void target_init(struct ll_scaling *s, struct ll_live_target *t,
                        const struct ll_target *target, size_t index)
{
    *t = (struct ll_live_target){
        .target = target,
        .index = index,
        .seen = {.current = -1, .ready = -1, .t = LL_TIME_NONE},
        .dirty = true,
        .changed = true,
        .due = LL_TIME_MIN,
        .settle_at = LL_TIME_NONE,
        .rejected_until = LL_TIME_NONE,
    };
    ll_scaling_state_init(&t->state);
    const struct ll_live_target *old = find_in(s->targets, s->n_targets, target->name);
    if (old)
        take_over(t, old);
}

/* A rehearsal goes on from its count when other rules come, and holds on to none of them. */
static bool dry_actor_of(const struct ll_scaling *s, struct ll_live_target *t)
{
    const struct ll_live_target *old = find_in(s->targets, s->n_targets, t->target->name);
    if (old && old->actor && ll_actor_remembers(old->actor, t->target->place)) {
        ll_actor_ref(old->actor);
        t->actor = old->actor;
    } else {
        t->actor = ll_actor_new(t->target->place, NULL, NULL);
    }
    return t->actor != NULL;
}

static bool actor_of(const struct ll_scaling *s, struct ll_live_target *t, struct ll_rules_set *set)
{
    if (t->target->place->kind == LL_PLACE_DRY_RUN)
        return dry_actor_of(s, t);
    t->actor = ll_actor_new(t->target->place, set, release_set);
    if (t->actor)
        ll_rules_set_ref(set);
    return t->actor != NULL;
}

static int by_cell(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

/* cell -> targets, for samples. */
static bool watchers_of(const struct ll_live_target *v, size_t n, size_t (**out)[2], size_t *n_out)
{
    size_t most = 1, k = 0;
    for (size_t i = 0; i < n; i++)
        most += v[i].n_rules;
    size_t(*w)[2] = calloc(most, sizeof(*w));
    if (!w)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < v[i].n_rules; r++)
            if (v[i].rules[r].cell != SIZE_MAX) {
                w[k][0] = v[i].rules[r].cell;
                w[k++][1] = i;
            }
    qsort(w, k, sizeof(*w), by_cell);
    *out = w;
    *n_out = k;
    return true;
}

static bool build(struct ll_scaling *s, struct ll_rules_set *set, struct ll_live_target *v)
{
    const struct ll_rules_doc *doc = set->doc;
    struct named *order = sorted_rules(doc);
    size_t next = 0;
    bool ok = order != NULL;
    for (size_t i = 0; i < doc->n_targets; i++)
        target_init(s, &v[i], &doc->targets[i], i);
    qsort(v, doc->n_targets, sizeof(*v), by_name);
    for (size_t i = 0; ok && i < doc->n_targets; i++) {
        ll_scaling_action_point(&v[i]); /* its texts have moved with it */
        ok = actor_of(s, &v[i], set) && rules_of(s, doc, order, &next, &v[i]);
    }
    free(order);
    return ok;
}

bool ll_scaling_use(struct ll_scaling *s, struct ll_rules_set *set, struct ll_err *err)
{
    const size_t n = set->doc->n_targets;
    struct ll_live_target *v = calloc(LL_MAX(n, (size_t)1), sizeof(*v));
    size_t(*watchers)[2] = NULL;
    size_t n_watchers = 0;
    if (!v || !build(s, set, v) || !watchers_of(v, n, &watchers, &n_watchers)) {
        if (v)
            ll_scaling_targets_free(v, n);
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu targets and %zu rules", n,
                          set->doc->n_rules);
    }
    ll_scaling_targets_free(s->targets, s->n_targets);
    free(s->watchers);
    ll_rules_set_unref(s->set);
    s->targets = v;
    s->n_targets = n;
    s->watchers = watchers;
    s->n_watchers = n_watchers;
    s->set = set;
    s->generation++;
    s->units_counted = s->leaving_counted = false;
    s->any_dirty = true;
    s->next_due = LL_TIME_MIN;
    return true;
}
