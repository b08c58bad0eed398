/* What lasts: a notice for each thing that the engine shows to be wrong, or to wait. */
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "core/units.h"
#include "engine/notices_private.h"
#include "scaling/rule.h"

static const enum ll_notice_kind watched[] = {
    LL_NOTICE_PROPOSAL, LL_NOTICE_UNKNOWN, LL_NOTICE_TARGET,   LL_NOTICE_HELD,
    LL_NOTICE_SOURCE,   LL_NOTICE_STORAGE, LL_NOTICE_FORECAST, LL_NOTICE_STATUS};

static struct ll_notice start(enum ll_notice_kind kind, ll_time at, const char *path)
{
    struct ll_notice x = {.kind = kind,
                          .severity = ll_notice_info(kind)->severity,
                          .at = at,
                          .deadline = LL_TIME_NONE};
    LL_NOTICE_PUT(x.path, ll_slice_of(path));
    return x;
}

static void of_service(struct ll_notice *x, const struct ll_view *v, struct ll_slice service)
{
    const struct ll_service_row *row = ll_view_service(v, service);
    LL_NOTICE_PUT(x->service, service);
    if (!row)
        return;
    LL_NOTICE_PUT(x->team, row->meta.team);
    LL_NOTICE_PUT(x->owner, row->meta.owner);
    LL_NOTICE_PUT(x->venue, row->meta.venue);
}

/* What a target says of itself goes before what its service's samples say. */
static void of_target(struct ll_notice *x, const struct ll_view *v, const struct ll_target *t)
{
    of_service(x, v, t->service);
    if (t->team.n)
        LL_NOTICE_PUT(x->team, t->team);
    if (t->owner.n)
        LL_NOTICE_PUT(x->owner, t->owner);
    if (t->venue.n)
        LL_NOTICE_PUT(x->venue, t->venue);
}

static void raise_it(struct ll_notices *n, const struct ll_notice *x, ll_time now)
{
    (void)ll_notice_book_raise(n->book, x, now); /* the book counts what it has no room for */
}

static int cut(struct ll_slice s, size_t most)
{
    return (int)LL_MIN(s.n, most);
}

static void watch_status(struct ll_notices *n, ll_time now)
{
    ll_engine_status(n->e, &n->status);
    if (n->status.writer.state == LL_WRITER_FAILED) {
        struct ll_notice x = start(LL_NOTICE_STORAGE, now, "");
        LL_NOTICE_PUT(x.key, LL_SLICE("storage"));
        LL_NOTICE_PUT(x.title, LL_SLICE("The database cannot be written"));
        LL_NOTICE_PUT(x.text, ll_slice_of(n->status.writer.err.text));
        raise_it(n, &x, now);
    }
    for (size_t i = 0; i < n->status.n_collectors; i++) {
        const struct ll_collector_status *s = &n->status.collectors[i];
        if (s->up)
            continue;
        struct ll_notice x =
            start(LL_NOTICE_SOURCE, s->last_success == LL_TIME_NONE ? now : s->last_success, "");
        snprintf(x.key, sizeof(x.key), "source/%s", s->name);
        snprintf(x.title, sizeof(x.title), "%s %s is down", s->kind, s->name);
        LL_NOTICE_PUT(x.text, ll_slice_of(s->error));
        raise_it(n, &x, now);
    }
}

static void watch_view(struct ll_notices *n, const struct ll_view *v, ll_time now)
{
    for (size_t i = 0; i < v->n_problems; i++) {
        const struct ll_cell *c = &v->cells[v->problems[i]];
        if (ll_reason_status(c->reason) != LL_STATUS_CRITICAL)
            continue;
        const struct ll_metric *m = &v->metrics[c->worst];
        char level[2 * LL_UNIT_TEXT_MAX];
        struct ll_notice x = start(LL_NOTICE_STATUS, c->since == LL_TIME_NONE ? now : c->since, "");
        of_service(&x, v, c->service);
        snprintf(x.key, sizeof(x.key), "status/%.*s/%s", cut(c->service, 128), c->service.s,
                 ll_resource_name(c->type));
        snprintf(x.title, sizeof(x.title), "%s: %.40s is critical", x.service,
                 ll_resource_label(c->type));
        ll_unit_format_of(m->unit, m->value, m->capacity, level);
        snprintf(x.text, sizeof(x.text), "%.*s%s%s: %s", cut(m->key.part, 100), m->key.part.s,
                 m->key.part.n ? " " : "", level, ll_reason_meaning(c->reason));
        raise_it(n, &x, now);
    }
}

/* What becomes of a proposal that nobody answers: as scaling does it. */
static bool is_made_then(const struct ll_scaling_book *b, const struct ll_held_target *t)
{
    bool execute = t->n_rules > 0 && !t->second_person && b->mode >= LL_MODE_APPROVE;
    for (size_t i = 0; i < t->n_rules; i++)
        execute =
            execute && (t->rules[i]->input_only || t->rules[i]->on_expiry == LL_EXPIRY_EXECUTE);
    return execute;
}

static const char *unanswered(const struct ll_notice *x)
{
    if (x->deadline == LL_TIME_NONE)
        return ". It waits until somebody answers.";
    return strcmp(x->on_expiry, "execute") == 0 ? ". If nobody answers it is made then."
                                                : ". If nobody answers nothing is changed.";
}

static void watch_action(struct ll_notices *n, const struct ll_scaling_book *b,
                         const struct ll_held_target *t, const struct ll_view *v, ll_time now)
{
    const struct ll_scaling_event *a = &t->action;
    const bool proposed = a->state == LL_ACTION_PROPOSED;
    if (a->action_id.n == 0 || (!proposed && a->state != LL_ACTION_UNKNOWN))
        return;
    struct ll_notice x =
        start(proposed ? LL_NOTICE_PROPOSAL : LL_NOTICE_UNKNOWN, a->created, "scaling");
    const struct ll_slice unit = t->target->unit.n ? t->target->unit : LL_SLICE("instances");
    const bool limited = proposed && a->expires > 0; /* 0 and LL_TIME_NONE: no end */
    of_target(&x, v, t->target);
    x.deadline = limited ? a->expires : LL_TIME_NONE;
    if (limited)
        snprintf(x.on_expiry, sizeof(x.on_expiry), "%s", is_made_then(b, t) ? "execute" : "hold");
    snprintf(x.key, sizeof(x.key), "%s/%.*s", proposed ? "proposal" : "unknown",
             cut(a->action_id, 150), a->action_id.s);
    snprintf(x.title, sizeof(x.title), "%.*s: %g to %g %.*s%s", cut(t->target->name, 60),
             t->target->name.s, a->from_value, a->to_value, cut(unit, 24), unit.s,
             proposed ? "?" : " is not confirmed");
    snprintf(x.text, sizeof(x.text), "%.*s%s", cut(a->reason, 300), a->reason.n ? a->reason.s : "",
             proposed ? unanswered(&x) : "");
    raise_it(n, &x, now);
}

static void watch_target(struct ll_notices *n, const struct ll_held_target *t,
                         const struct ll_view *v, ll_time now)
{
    if (!t->condition[0])
        return;
    struct ll_notice x = start(LL_NOTICE_TARGET, now, "scaling");
    of_target(&x, v, t->target);
    snprintf(x.key, sizeof(x.key), "target/%.*s", cut(t->target->name, 150), t->target->name.s);
    snprintf(x.title, sizeof(x.title), "Something is wrong with the target %.*s",
             cut(t->target->name, 80), t->target->name.s);
    LL_NOTICE_PUT(x.text, ll_slice_of(t->condition));
    raise_it(n, &x, now);
}

/* Holds that end when somebody looks after them; the others end by themselves. */
static bool needs_somebody(enum ll_bound b)
{
    static const enum ll_bound needy[] = {
        LL_BOUND_NO_DATA,  LL_BOUND_STALE,     LL_BOUND_PARTIAL, LL_BOUND_IMPLAUSIBLE,
        LL_BOUND_REQUIRED, LL_BOUND_CONTESTED, LL_BOUND_BREAKER, LL_BOUND_SCALED_TO_ZERO};
    for (size_t i = 0; i < LL_LEN(needy); i++)
        if (needy[i] == b)
            return true;
    return false;
}

static void watch_held(struct ll_notices *n, const struct ll_held_target *t,
                       const struct ll_view *v, ll_time now)
{
    const struct ll_decision *d = &t->last.d;
    if (d->now == 0 || d->verdict != LL_VERDICT_HELD || !needs_somebody(d->bound))
        return;
    struct ll_notice x = start(LL_NOTICE_HELD, now, "scaling");
    of_target(&x, v, t->target);
    snprintf(x.key, sizeof(x.key), "held/%.*s", cut(t->target->name, 150), t->target->name.s);
    snprintf(x.title, sizeof(x.title), "%.*s is held at %lld", cut(t->target->name, 80),
             t->target->name.s, (long long)d->current);
    LL_NOTICE_PUT(x.text, ll_slice_of(d->reason));
    raise_it(n, &x, now);
}

static size_t trusted_before(const struct ll_notices *n, uint64_t hash)
{
    size_t i = 0;
    while (i < n->n_trusted && n->trusted[i] != hash)
        i++;
    return i;
}

void ll_notices_trusted(struct ll_notices *n, struct ll_slice rule_id)
{
    const uint64_t hash = ll_map_hash(n->e->seed, rule_id.s, rule_id.n);
    if (trusted_before(n, hash) == n->n_trusted && n->n_trusted < LL_NOTICES_RULES_MAX)
        n->trusted[n->n_trusted++] = hash;
}

/* Demoted is what was trusted once: one that still has to earn it is no news. */
static void watch_rule(struct ll_notices *n, const struct ll_scaling_book *b,
                       const struct ll_held_rule *r, const struct ll_view *v, ll_time now)
{
    const struct ll_slice id = r->rule->rule_id;
    const uint64_t hash = ll_map_hash(n->e->seed, id.s, id.n);
    const bool before = trusted_before(n, hash) < n->n_trusted;
    if (r->rule->policy != LL_POLICY_PREDICTIVE)
        return;
    if (r->trusted)
        ll_notices_trusted(n, id);
    if (r->trusted || !before)
        return;
    struct ll_notice x = start(LL_NOTICE_FORECAST, now, "scaling");
    of_target(&x, v, b->targets[r->target]->target);
    snprintf(x.key, sizeof(x.key), "forecast/%.*s", cut(id, 150), id.s);
    snprintf(x.title, sizeof(x.title), "The forecast of rule %.*s is not trusted any more",
             cut(id, 64), id.s);
    LL_NOTICE_PUT(x.text, ll_slice_of(r->trust));
    raise_it(n, &x, now);
}

void ll_notices_watch(struct ll_notices *n, ll_time now)
{
    const struct ll_published *pub = ll_engine_acquire(n->e);
    const struct ll_scaling_book *b = ll_engine_scaling(n->e);
    for (size_t i = 0; i < LL_LEN(watched); i++)
        ll_notice_book_mark(n->book, watched[i]);
    watch_status(n, now);
    watch_view(n, pub->view, now);
    for (size_t i = 0; i < b->n_targets; i++) {
        watch_action(n, b, b->targets[i], pub->view, now);
        watch_target(n, b->targets[i], pub->view, now);
        watch_held(n, b->targets[i], pub->view, now);
    }
    for (size_t i = 0; i < b->n_rules; i++)
        watch_rule(n, b, &b->rules[i], pub->view, now);
    for (size_t i = 0; i < LL_LEN(watched); i++)
        ll_notice_book_sweep(n->book, watched[i], now);
    ll_engine_scaling_release(b);
    ll_engine_release(pub);
}
