/* What others see of scaling: immutable, counted, swapped whole.  A target that did not change is
 * shared by one book and the next. */
#include <stdlib.h>
#include <string.h>

#include "engine/scaling_private.h"

enum { HELD_BYTES_MAX = 1 << 20 };

struct ll_held_target_ref {
    struct ll_held_target held; /* first: what is handed out points here */
    atomic_uint refs;
    struct ll_arena *arena;
    struct ll_rules_set *set;
};

struct ll_scaling_book_ref {
    struct ll_scaling_book book; /* first */
    atomic_uint refs;
    struct ll_rules_set *set;
    const struct ll_held_target **targets;
    struct ll_held_rule *rules;
};

void ll_scaling_held_unref(struct ll_held_target_ref *h)
{
    if (!h || atomic_fetch_sub(&h->refs, 1) > 1)
        return;
    ll_arena_free(h->arena);
    ll_rules_set_unref(h->set);
    free(h);
}

static struct ll_slice copied(struct ll_arena *a, struct ll_slice s)
{
    const char *p = ll_arena_copy(a, s.n ? s.s : "", s.n);
    return (struct ll_slice){p ? p : "", p ? s.n : 0};
}

static bool copy_decision(struct ll_held_target_ref *h, const struct ll_live_target *t,
                          const struct ll_decision *d)
{
    struct ll_held_decision *to = &h->held.last;
    to->d = *d;
    to->d.proposals = LL_ARENA_NEW(h->arena, struct ll_proposal, LL_MAX(d->n_proposals, (size_t)1));
    if (!to->d.proposals)
        return false;
    if (d->n_proposals)
        memcpy(to->d.proposals, d->proposals, d->n_proposals * sizeof(*d->proposals));
    memcpy(to->id, t->decision_id, sizeof(to->id));
    return true;
}

static void copy_action(struct ll_held_target_ref *h, const struct ll_live_target *t)
{
    struct ll_scaling_event *e = &h->held.action;
    *e = t->action;
    e->action_id = copied(h->arena, e->action_id);
    e->rule_id = copied(h->arena, e->rule_id);
    e->reason = copied(h->arena, e->reason);
    e->actor = copied(h->arena, e->actor);
    e->decision = copied(h->arena, e->decision);
    h->held.open_action = e->action_id.n > 0 && ll_action_open(e->state);
}

static bool copy_rules(struct ll_held_target_ref *h, const struct ll_live_target *t)
{
    const struct ll_scaling_rule **v =
        LL_ARENA_NEW(h->arena, const struct ll_scaling_rule *, LL_MAX(t->n_rules, (size_t)1));
    if (!v)
        return false;
    for (size_t i = 0; i < t->n_rules; i++)
        v[i] = t->rules[i].rule;
    h->held.rules = v;
    h->held.n_rules = t->n_rules;
    return true;
}

static void copy_state(struct ll_scaling *s, struct ll_held_target_ref *h,
                       const struct ll_live_target *t)
{
    const struct ll_rule_origin *o = &s->set->targets[t->index];
    struct ll_held_target *x = &h->held;
    x->target = t->target;
    x->version = o->version;
    x->source = o->source;
    x->seen = t->seen;
    memcpy(x->condition, t->condition, sizeof(x->condition));
    x->cooldown_out = t->state.cooldown_out;
    x->cooldown_in = t->state.cooldown_in;
    x->manual = t->state.manual;
    x->pause = t->state.pause;
    x->freeze = t->state.freeze;
    x->lead = ll_scaling_lead(&t->state, t->target->boot_delay);
    x->lead_n = t->state.lead_n;
}

void ll_scaling_hold(struct ll_scaling *s, struct ll_live_target *t, const struct ll_decision *d)
{
    struct ll_held_target_ref *h = calloc(1, sizeof(*h));
    if (!h)
        return;
    atomic_init(&h->refs, 1);
    h->arena = ll_arena_new(HELD_BYTES_MAX);
    h->set = s->set;
    ll_rules_set_ref(s->set);
    bool ok = h->arena && copy_rules(h, t);
    if (ok && !d && t->held && t->held->set == s->set)
        d = &t->held->held.last.d;
    if (ok && d)
        ok = copy_decision(h, t, d);
    if (!ok) {
        ll_scaling_held_unref(h);
        return;
    }
    copy_state(s, h, t);
    copy_action(h, t);
    h->held.second_person = ll_scaling_needs_two(t, d);
    ll_scaling_held_unref(t->held);
    t->held = h;
    t->changed = true;
}

static void book_free(struct ll_scaling_book_ref *b)
{
    for (size_t i = 0; i < b->book.n_targets; i++)
        ll_scaling_held_unref((struct ll_held_target_ref *)(uintptr_t)b->targets[i]);
    ll_rules_set_unref(b->set);
    free(b->targets);
    free(b->rules);
    free(b);
}

void ll_engine_scaling_release(const struct ll_scaling_book *book)
{
    struct ll_scaling_book_ref *b = (struct ll_scaling_book_ref *)(uintptr_t)book;
    if (b && atomic_fetch_sub(&b->refs, 1) == 1)
        book_free(b);
}

const struct ll_scaling_book *ll_engine_scaling(struct ll_engine *e)
{
    struct ll_scaling *s = e->scaling;
    pthread_mutex_lock(&s->lock);
    struct ll_scaling_book_ref *b = s->book;
    atomic_fetch_add(&b->refs, 1);
    pthread_mutex_unlock(&s->lock);
    return &b->book;
}

static int by_id(const void *a, const void *b)
{
    const struct ll_held_rule *x = a, *y = b;
    return ll_slice_cmp(x->rule->rule_id, y->rule->rule_id);
}

static void rule_of(struct ll_scaling *s, size_t target, const struct ll_live_rule *live,
                    struct ll_held_rule *out)
{
    const struct ll_rule_origin *o = &s->set->rules[live->index];
    *out = (struct ll_held_rule){.rule = live->rule,
                                 .version = o->version,
                                 .source = o->source,
                                 .target = target,
                                 .trusted = live->ahead.trusted};
    const char *text = live->trouble[0] ? live->trouble : live->reason;
    memcpy(out->trust, text, LL_MIN(strlen(text), sizeof(out->trust) - 1));
}

static bool fill(struct ll_scaling *s, struct ll_scaling_book_ref *b)
{
    b->targets = calloc(LL_MAX(s->n_targets, (size_t)1), sizeof(void *));
    b->rules = calloc(LL_MAX(s->set->doc->n_rules, (size_t)1), sizeof(*b->rules));
    if (!b->targets || !b->rules)
        return false;
    for (size_t i = 0; i < s->n_targets; i++) {
        struct ll_live_target *t = &s->targets[i];
        if (!t->held || t->changed)
            ll_scaling_hold(s, t, NULL);
        if (!t->held)
            return false;
        atomic_fetch_add(&t->held->refs, 1);
        b->targets[b->book.n_targets++] = &t->held->held;
        for (size_t r = 0; r < t->n_rules; r++)
            rule_of(s, i, &t->rules[r], &b->rules[b->book.n_rules++]);
        t->changed = false;
    }
    qsort(b->rules, b->book.n_rules, sizeof(*b->rules), by_id);
    return true;
}

static void count(struct ll_scaling *s)
{
    struct ll_scaling_status *c = &s->counted;
    c->targets = s->n_targets;
    c->rules = s->set->doc->n_rules;
    c->open_actions = c->proposals = c->unknown = 0;
    for (size_t i = 0; i < s->n_targets; i++) {
        const struct ll_scaling_event *a = &s->targets[i].action;
        if (a->action_id.n == 0)
            continue;
        c->proposals += a->state == LL_ACTION_PROPOSED;
        c->open_actions += ll_action_open(a->state);
        c->unknown += a->state == LL_ACTION_UNKNOWN;
    }
}

const struct ll_decision *ll_scaling_held_decision(const struct ll_held_target_ref *h)
{
    return &h->held.last.d;
}

const struct ll_scaling_book *ll_scaling_book_of(struct ll_scaling *s)
{
    return &s->book->book;
}

void ll_scaling_publish(struct ll_scaling *s)
{
    struct ll_scaling_book_ref *b = calloc(1, sizeof(*b));
    if (!b)
        return;
    atomic_init(&b->refs, 1);
    b->set = s->set;
    ll_rules_set_ref(s->set);
    if (!fill(s, b)) {
        book_free(b);
        return;
    }
    b->book.targets = b->targets;
    b->book.rules = b->rules;
    b->book.mode = s->mode;
    b->book.pause = s->pause;
    b->book.made = ll_engine_now(s->e);
    count(s);
    pthread_mutex_lock(&s->lock);
    struct ll_scaling_book_ref *before = s->book;
    s->book = b;
    s->status = s->counted;
    pthread_mutex_unlock(&s->lock);
    if (before)
        ll_engine_scaling_release(&before->book);
}

const struct ll_held_rule *ll_scaling_book_rule(const struct ll_scaling_book *b,
                                                struct ll_slice rule_id)
{
    size_t lo = 0, hi = b->n_rules;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (ll_slice_cmp(b->rules[mid].rule->rule_id, rule_id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->n_rules && ll_slice_eq(b->rules[lo].rule->rule_id, rule_id) ? &b->rules[lo]
                                                                               : NULL;
}

const struct ll_held_target *ll_scaling_book_target(const struct ll_scaling_book *b,
                                                    struct ll_slice name)
{
    size_t lo = 0, hi = b->n_targets;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (ll_slice_cmp(b->targets[mid]->target->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->n_targets && ll_slice_eq(b->targets[lo]->target->name, name) ? b->targets[lo]
                                                                                : NULL;
}

const struct ll_rules_doc *ll_scaling_book_doc(const struct ll_scaling_book *b)
{
    return ((const struct ll_scaling_book_ref *)b)->set->doc;
}
