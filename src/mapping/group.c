/* Groups: values of one time become one sample. */
#include "mapping/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mapping/choose.h"
#include "mapping/kube.h"
#include "mapping/naming.h"
#include "mapping/object.h"

/* A limit above this is "unlimited" written as a number: file-max is 2^63 - 1. */
static const double absurd = 1e12;

enum { KEY_MAX = 7 * (LL_NAME_MAX + 1) };

/* Names of a group as its key has them, one behind the other. */
struct names {
    char buf[KEY_MAX];
    size_t n;
    struct ll_slice service, instance, part;
};

static struct ll_slice take_text(struct names *k, const struct ll_template *t,
                                 const struct ll_mapper *m, struct ll_slice labels, bool *ok)
{
    size_t n = 0;
    char *to = k->buf + k->n;
    *ok = *ok && ll_template_expand(t, labels, m->source, to, &n);
    if (!*ok)
        return (struct ll_slice){"", 0};
    k->n += n + 1;
    return (struct ll_slice){to, n};
}

static const struct ll_template *text_of(const struct ll_template *own,
                                         const struct ll_rule_text *given)
{
    return given && given->set ? &given->t : own;
}

/* Series that were scraped twice, by two jobs or two Prometheis, must not be added up. */
static void take_scope(struct names *k, const char *label, struct ll_slice labels)
{
    struct ll_slice v = ll_labels_get(labels, ll_slice_of(label));
    v.n = LL_MIN(v.n, (size_t)LL_NAME_MAX);
    if (v.n)
        memcpy(k->buf + k->n, v.s, v.n);
    k->n += v.n;
    k->buf[k->n++] = '\0';
}

static bool make_names(const struct ll_mapper *m, const struct ll_output *o,
                       const struct ll_compiled_rule *r, struct ll_slice labels, struct names *k)
{
    bool ok = true;
    k->n = 0;
    k->service = take_text(k, text_of(&o->service, r ? &r->service : NULL), m, labels, &ok);
    k->instance = take_text(k, text_of(&o->instance, r ? &r->instance : NULL), m, labels, &ok);
    k->part = take_text(k, text_of(&o->part, r ? &r->part : NULL), m, labels, &ok);
    if (!ok)
        return false;
    bool by_template = o->recipe->naming == LL_NAMING_PLAIN || o->recipe->naming == LL_NAMING_NODE;
    take_scope(k, by_template ? "" : "job", labels);
    take_scope(k, "prometheus_replica", labels);
    take_scope(k, "__replica__", labels);
    return !by_template || k->service.n > 0;
}

/* The object that a group's name comes from, by the labels of its key. */
static const struct {
    enum ll_object_kind kind;
    const char *labels[3];
} objects[] = {
    [LL_NAMING_PLAIN] = {LL_OBJECT_TARGET, {"job", "instance"}},
    [LL_NAMING_NODE] = {LL_OBJECT_TARGET, {"job", "instance"}},
    [LL_NAMING_POD] = {LL_OBJECT_POD, {"cluster", "namespace", "pod"}},
    [LL_NAMING_CLAIM] = {LL_OBJECT_CLAIM, {"cluster", "namespace", "persistentvolumeclaim"}},
};

/* Whether the labels are there; a cluster need not be, and of a target nothing. */
static bool has_object(const struct ll_output *o, struct ll_slice labels)
{
    const char *const *names = objects[o->recipe->naming].labels;
    size_t bytes = 2;
    for (size_t i = 0; i < 3 && names[i]; i++) {
        size_t n = ll_labels_get(labels, ll_slice_of(names[i])).n;
        if (n == 0 && i > 0 && names[2])
            return false;
        bytes += n;
    }
    return bytes <= LL_NAME_MAX;
}

static struct ll_object *object_of(struct ll_mapper *m, const struct ll_output *o,
                                   struct ll_slice labels, bool make)
{
    const char *const *names = objects[o->recipe->naming].labels;
    char buf[LL_NAME_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < 3 && names[i]; i++) {
        struct ll_slice v = ll_labels_get(labels, ll_slice_of(names[i]));
        if (i > 0)
            buf[n++] = '/';
        if (v.n)
            memcpy(buf + n, v.s, v.n);
        n += v.n;
    }
    return ll_object_find(m, objects[o->recipe->naming].kind, (struct ll_slice){buf, n}, make);
}

static struct ll_object *join_of(struct ll_mapper *m, const struct ll_compiled_rule *r,
                                 struct ll_slice labels, bool make)
{
    char buf[LL_NAME_MAX + 1];
    size_t n;
    if (!ll_template_expand(&r->join, labels, m->source, buf, &n))
        return NULL;
    struct ll_str text;
    ll_str_init(&text, 2 * LL_NAME_MAX);
    ll_str_addf(&text, "%zu\n%s", (size_t)(r - m->mapping->rules), buf);
    struct ll_object *o =
        text.failed ? NULL
                    : ll_object_find(m, LL_OBJECT_JOIN, (struct ll_slice){text.s, text.n}, make);
    ll_str_fini(&text);
    return o;
}

static size_t size_of(const struct ll_output *o, size_t key)
{
    return sizeof(struct ll_group) + LL_ROUNDS * o->n_terms * sizeof(struct ll_term_sum) + key;
}

/* The same text in the copy of the names. */
static struct ll_slice moved(const struct names *k, const char *copy, struct ll_slice s)
{
    return (struct ll_slice){copy + (s.s - k->buf), s.n};
}

static void link_object(struct ll_group *g, struct ll_object *o)
{
    g->object = o;
    g->sibling = o->groups;
    o->groups = g;
    o->users++;
    o->strong += !(g->output->recipe->flags & LL_RECIPE_WEAK);
}

static struct ll_group *make_group(struct ll_mapper *m, const struct ll_output *o,
                                   const struct ll_compiled_rule *rule, struct ll_slice key,
                                   const struct names *k)
{
    struct ll_group *g = ll_mapper_alloc(m, size_of(o, key.n));
    if (!g)
        return NULL;
    struct ll_term_sum *terms = (struct ll_term_sum *)(g + 1);
    for (size_t i = 0; i < LL_ROUNDS; i++)
        g->rounds[i].terms = terms + i * o->n_terms;
    char *copy = (char *)(terms + LL_ROUNDS * o->n_terms);
    memcpy(copy, key.s, key.n);
    g->output = o;
    g->rule = rule;
    g->key = (struct ll_slice){copy, key.n};
    g->done = g->emitted = g->began = g->lacks = LL_TIME_NONE;
    const char *texts = copy + (key.n - k->n); /* the names end the key */
    g->service = moved(k, texts, k->service);
    g->instance = moved(k, texts, k->instance);
    g->part = moved(k, texts, k->part);
    if (!ll_map_put(m->groups, g->key, (size_t)(uintptr_t)g)) {
        ll_mapper_dealloc(m, g, size_of(o, key.n));
        return NULL;
    }
    g->next = m->all_groups;
    if (m->all_groups)
        m->all_groups->prev = g;
    m->all_groups = g;
    return g;
}

enum ll_group_search ll_group_find(struct ll_mapper *m, const struct ll_output *o,
                                   const struct ll_compiled_rule *rule, struct ll_slice labels,
                                   bool make, struct ll_group **out)
{
    struct names k;
    if (!make_names(m, o, rule, labels, &k) || !has_object(o, labels))
        return LL_GROUP_NAMELESS;
    struct ll_object *object = object_of(m, o, labels, make);
    struct ll_object *join = rule && rule->joins ? join_of(m, rule, labels, make) : NULL;
    if (!object || (rule && rule->joins && !join))
        return LL_GROUP_NO_ROOM;
    char buf[KEY_MAX + 64];
    const struct {
        const void *output, *rule, *object, *join;
    } head = {o, rule, object, join};
    memcpy(buf, &head, sizeof(head));
    memcpy(buf + sizeof(head), k.buf, k.n);
    struct ll_slice key = {buf, sizeof(head) + k.n};
    size_t at;
    if (ll_map_get(m->groups, key, &at)) {
        *out = (struct ll_group *)(uintptr_t)at;
        return LL_GROUP_FOUND;
    }
    struct ll_group *g = make ? make_group(m, o, rule, key, &k) : NULL;
    if (!g)
        return LL_GROUP_NO_ROOM;
    link_object(g, object);
    g->join = join;
    if (join)
        join->users++;
    *out = g;
    return LL_GROUP_FOUND;
}

static void unlink_object(struct ll_group *g)
{
    struct ll_object *o = g->object;
    if (!o)
        return;
    struct ll_group **at = &o->groups;
    while (*at != g)
        at = &(*at)->sibling;
    *at = g->sibling;
    o->users--;
    o->strong -= !(g->output->recipe->flags & LL_RECIPE_WEAK);
    if (g->join)
        g->join->users--;
}

static void unlink_busy(struct ll_mapper *m, const struct ll_group *g)
{
    if (!g->is_busy)
        return;
    struct ll_group **at = &m->busy;
    while (*at != g)
        at = &(*at)->busy;
    *at = g->busy;
}

void ll_group_free(struct ll_mapper *m, struct ll_group *g)
{
    unlink_object(g);
    unlink_busy(m, g);
    (void)ll_map_remove(m->groups, g->key);
    if (g->found)
        g->found->users--;
    if (g->prev)
        g->prev->next = g->next;
    else
        m->all_groups = g->next;
    if (g->next)
        g->next->prev = g->prev;
    ll_mapper_dealloc(m, g->said, g->said_n);
    ll_mapper_dealloc(m, g, size_of(g->output, g->key.n));
}

void ll_group_join(struct ll_group *g, struct ll_bind *b)
{
    b->next = g->members;
    if (g->members)
        g->members->prev = b;
    g->members = b;
    g->met++;
}

static bool is_async(const struct ll_group *g)
{
    return g->output->recipe->flags & LL_RECIPE_ASYNC;
}

void ll_group_begin(struct ll_group *g, ll_time t)
{
    g->live++;
    g->began = LL_MAX(g->began, t);
    for (size_t i = 0; i < LL_ROUNDS && !is_async(g); i++)
        if (g->rounds[i].open && g->rounds[i].t < t)
            g->rounds[i].extra--;
}

static bool is_before(const struct ll_group *g, const struct ll_round *a, const struct ll_round *b)
{
    return is_async(g) ? (int32_t)(a->number - b->number) < 0 : a->t < b->t;
}

static struct ll_round *oldest(struct ll_group *g)
{
    struct ll_round *found = NULL;
    for (size_t i = 0; i < LL_ROUNDS; i++)
        if (g->rounds[i].open && (!found || is_before(g, &g->rounds[i], found)))
            found = &g->rounds[i];
    return found;
}

static bool has_all(const struct ll_group *g, const struct ll_round *r)
{
    return (int64_t)r->came >= (int64_t)g->live + r->extra;
}

/* Nothing can be added to it any more: all have come, or all are at a later one. */
static bool is_over(const struct ll_group *g, const struct ll_round *r)
{
    for (size_t i = 0; i < LL_ROUNDS; i++) {
        const struct ll_round *other = &g->rounds[i];
        if (other->open && !is_before(g, other, r) && !other->grew && g->met == 0 &&
            has_all(g, other))
            return true;
    }
    return false;
}

struct result {
    double value, capacity;
};

static double term_value(const struct ll_term_sum *s, enum ll_recipe_how how)
{
    switch (how) {
    case LL_RECIPE_COUNT:
        return s->n + s->bad;
    case LL_RECIPE_MAX:
        return s->max;
    case LL_RECIPE_MEAN:
        return (s->hi + s->lo) / s->n;
    case LL_RECIPE_SUM:
        break;
    }
    return s->hi + s->lo;
}

/* Present, absent, or there and not known. */
enum presence { PRESENT, ABSENT, UNKNOWN };

static enum presence presence_of(const struct ll_term_sum *s, enum ll_recipe_how how)
{
    if (s->n + s->bad == 0)
        return ABSENT;
    return s->bad > 0 && how != LL_RECIPE_COUNT ? UNKNOWN : PRESENT;
}

struct sums {
    double value, size, capacity, limit;
    bool any, weighs, limits;
};

static bool add_term(const struct ll_group *g, const struct ll_round *r, size_t i, struct sums *s)
{
    const struct ll_recipe_term *t = &g->output->recipe->terms[i];
    const struct ll_term_sum *sum = &r->terms[i];
    enum presence presence = presence_of(sum, t->how);
    bool optional = t->flags & LL_TERM_OPTIONAL;
    if (t->flags & LL_TERM_FALLBACK && presence_of(&r->terms[i - 1], LL_RECIPE_COUNT) == PRESENT)
        return true;
    s->weighs |= t->capacity != 0;
    s->limits |= (t->flags & LL_TERM_LIMIT) != 0;
    if (presence != PRESENT) {
        if (t->capacity != 0)
            s->capacity = NAN;
        return optional && (presence == ABSENT || t->value == 0);
    }
    double x = term_value(sum, t->how);
    if (t->flags & LL_TERM_VETO)
        return !(x > 0);
    if (t->flags & LL_TERM_LIMIT && x > 0 && x < absurd &&
        (!(t->flags & LL_TERM_IF_LATCHED) || g->latched))
        s->limit = fmin(s->limit, x); /* NaN is none yet */
    s->any |= t->value != 0;
    s->value += t->value * x;
    s->size += fabs(t->value * x);
    s->capacity += t->capacity * x;
    return true;
}

static double own_capacity(const struct ll_group *g, const struct ll_round *r, const struct sums *s)
{
    const struct ll_recipe *recipe = g->output->recipe;
    if (recipe->flags & (LL_RECIPE_POD_CPU | LL_RECIPE_POD_MEMORY))
        return ll_kube_capacity(g->object, recipe->flags & LL_RECIPE_POD_MEMORY, r->terms[0].n);
    if (recipe->capacity > 0)
        return recipe->capacity;
    if (s->limits)
        return s->limit;
    return s->weighs ? s->capacity : NAN;
}

static double capacity_of(const struct ll_group *g, const struct ll_round *r, const struct sums *s,
                          double scale)
{
    double capacity = own_capacity(g, r, s) * fabs(scale);
    if (g->join)
        capacity = ll_object_sum(g->join, LL_FACT_CAPACITY, NULL) * fabs(scale);
    if (g->rule && !isnan(g->rule->given->capacity))
        capacity = g->rule->given->capacity;
    return isfinite(capacity) && capacity > 0 ? capacity : NAN;
}

static bool is_about_exporter(const struct ll_group *g)
{
    return g->output->recipe->flags & LL_RECIPE_WEAK && g->object->strong > 0 &&
           !(g->rule && g->rule->service.set);
}

static bool evaluate(const struct ll_group *g, const struct ll_round *r, struct result *out)
{
    const struct ll_recipe *recipe = g->output->recipe;
    struct sums s = {.value = recipe->plus, .limit = NAN};
    double scale = g->rule && !isnan(g->rule->given->scale) ? g->rule->given->scale : 1;
    for (size_t i = 0; i < g->output->n_terms; i++)
        if (!add_term(g, r, i, &s))
            return false;
    if (!s.any || (recipe->flags & LL_RECIPE_NEEDS_LATCH && !g->latched) || is_about_exporter(g))
        return false;
    double value = s.value * scale, capacity = capacity_of(g, r, &s, scale);
    if (value < 0 && (recipe->plus < 0 || value > -1e-9 * s.size))
        value = 0; /* differences of doubles */
    if (!(isfinite(value) && value >= 0))
        return false;
    if (isnan(capacity) && recipe->flags & LL_RECIPE_NEEDS_CAPACITY)
        return false;
    if (recipe->flags & LL_RECIPE_CLAMP && value > capacity)
        value = capacity;
    *out = (struct result){value, capacity};
    return true;
}

static void latch(struct ll_group *g, const struct ll_round *r)
{
    for (size_t i = 0; i < g->output->n_terms; i++)
        if (g->output->recipe->terms[i].flags & LL_TERM_LATCH && r->terms[i].bad == 0 &&
            r->terms[i].hi > 0)
            g->latched = true;
}

void ll_group_hide(struct ll_mapper *m, struct ll_group *g, ll_time t,
                   const struct ll_mapper_out *out)
{
    if (!g->said)
        return;
    struct ll_slice service = ll_slice_of(g->said), instance = ll_slice_of(g->said + service.n + 1);
    struct ll_slice part = ll_slice_of(instance.s + instance.n + 1);
    if (out->end)
        out->end(out->ctx, &(struct ll_series_end){
                               .key = {service, instance, part, g->output->recipe->type}, .t = t});
    ll_mapper_dealloc(m, g->said, g->said_n);
    g->said = NULL;
    g->said_n = 0;
}

/* Notes what the series is called; one that was called otherwise has ended. */
static bool note_said(struct ll_mapper *m, struct ll_group *g, const struct ll_named *n, ll_time t,
                      const struct ll_mapper_out *out)
{
    const struct ll_slice names[] = {n->found->name, n->instance, n->part};
    size_t size = names[0].n + names[1].n + names[2].n + 3, at = 0;
    bool same = g->said && g->said_n == size;
    for (size_t i = 0; same && i < LL_LEN(names); at += names[i++].n + 1)
        same = memcmp(g->said + at, names[i].s, names[i].n) == 0 && !g->said[at + names[i].n];
    if (same)
        return true;
    char *said = ll_mapper_alloc(m, size); /* zeroed */
    if (!said)
        return false;
    at = 0;
    for (size_t i = 0; i < LL_LEN(names); at += names[i++].n + 1)
        if (names[i].n)
            memcpy(said + at, names[i].s, names[i].n);
    ll_group_hide(m, g, t, out);
    g->said = said;
    g->said_n = size;
    return true;
}

static void note_found(struct ll_mapper *m, struct ll_group *g, struct ll_found *f, ll_time t)
{
    f->resources |= 1u << g->output->recipe->type;
    f->t = LL_MAX(f->t, t);
    if (g->found == f)
        return;
    if (g->found)
        g->found->users--;
    g->found = f;
    f->users++;
    if (!f->rule)
        f->rule = g->rule && (g->rule->output || g->rule->service.set) ? g->rule->name
                                                                       : g->output->recipe->rule;
    if (g->members)
        ll_found_meta(m, f, g->rule, g->members->series->labels);
    f->dirty = true;
}

static void say_sample(struct ll_mapper *m, struct ll_group *g, const struct ll_round *r,
                       const struct result *x, const struct ll_named *n,
                       const struct ll_mapper_out *out)
{
    if (!note_said(m, g, n, r->t, out))
        return;
    note_found(m, g, n->found, r->t);
    g->emitted = r->t;
    struct ll_sample s = {
        .key = {n->found->name, n->instance, n->part, g->output->recipe->type},
        .unit = g->output->recipe->unit,
        .t = r->t,
        .value = x->value,
        .capacity = x->capacity,
        .max_value = NAN,
        .window = r->window,
        .primary = ll_choose_primary(m, g),
    };
    if (out->sample)
        out->sample(out->ctx, &s);
}

static void shut(struct ll_group *g, struct ll_round *r)
{
    r->open = false;
    g->done = LL_MAX(g->done, r->t);
}

/* A series of it was refused not long ago: a sum without it would be too low. */
static bool lacks_member(const struct ll_mapper *m, const struct ll_group *g)
{
    return g->lacks != LL_TIME_NONE && m->now - g->lacks < LL_SERIES_GAP;
}

/* False when the name is not known yet: the round stays. */
static bool finish(struct ll_mapper *m, struct ll_group *g, struct ll_round *r,
                   const struct ll_mapper_out *out)
{
    struct result x;
    struct ll_named n;
    latch(g, r);
    if (!has_all(g, r) || lacks_member(m, g)) {
        m->incomplete++;
        shut(g, r);
        return true;
    }
    if (!evaluate(g, r, &x)) {
        shut(g, r);
        return true;
    }
    if (!ll_choose_shows(g)) {
        ll_group_hide(m, g, r->t, out);
        shut(g, r);
        return true;
    }
    enum ll_naming naming = ll_naming_of(m, g, &n);
    g->waits = naming == LL_NAME_WAITS;
    if (g->waits)
        return false;
    if (naming == LL_NAME_NEVER)
        ll_group_hide(m, g, r->t, out);
    else if (r->t > g->done || g->done == LL_TIME_NONE)
        say_sample(m, g, r, &x, &n, out);
    shut(g, r);
    return true;
}

void ll_group_settle(struct ll_mapper *m, struct ll_group *g, bool all,
                     const struct ll_mapper_out *out)
{
    for (struct ll_round *r = oldest(g); r && (all || is_over(g, r)); r = oldest(g))
        if (!finish(m, g, r, out))
            return;
}

/* A round that nobody uses; the oldest has to go when there is none. */
static struct ll_round *free_round(struct ll_mapper *m, struct ll_group *g,
                                   const struct ll_mapper_out *out)
{
    for (size_t i = 0; i < LL_ROUNDS; i++)
        if (!g->rounds[i].open)
            return &g->rounds[i];
    struct ll_round *r = oldest(g);
    if (!finish(m, g, r, out)) {
        m->incomplete++;
        shut(g, r);
    }
    return r;
}

static struct ll_round *open_round(struct ll_mapper *m, struct ll_group *g, ll_time t,
                                   const struct ll_mapper_out *out)
{
    struct ll_round *r = free_round(m, g, out);
    struct ll_term_sum *terms = r->terms;
    g->current = (uint8_t)(r - g->rounds);
    *r = (struct ll_round){.t = t, .number = ++g->round, .open = true, .terms = terms};
    memset(terms, 0, g->output->n_terms * sizeof(*terms));
    /* Members that began later than t are not of it. */
    for (const struct ll_bind *b = g->members; b && !is_async(g) && t < g->began; b = b->next)
        r->extra -= b->series->state == LL_SERIES_LIVE && b->series->began > t;
    if (!g->is_busy) {
        g->is_busy = true;
        g->busy = m->busy;
        m->busy = g;
    }
    return r;
}

static struct ll_round *round_at(struct ll_mapper *m, struct ll_group *g, ll_time t,
                                 const struct ll_mapper_out *out)
{
    bool older = true;
    size_t open = 0;
    if (g->rounds[g->current].open && g->rounds[g->current].t == t)
        return &g->rounds[g->current];
    for (size_t i = 0; i < LL_ROUNDS; i++) {
        if (!g->rounds[i].open)
            continue;
        if (g->rounds[i].t == t) {
            g->current = (uint8_t)i;
            return &g->rounds[i];
        }
        older = older && t < g->rounds[i].t;
        open++;
    }
    bool late = (g->done != LL_TIME_NONE && t <= g->done) || (older && open == LL_ROUNDS);
    if (late) {
        m->late++;
        return NULL;
    }
    return open_round(m, g, t, out);
}

/* Where times differ within a scrape, a round is: each member once. */
static struct ll_round *round_of(struct ll_mapper *m, struct ll_bind *b, ll_time t,
                                 const struct ll_mapper_out *out)
{
    struct ll_group *g = b->group;
    struct ll_round *last = NULL;
    for (size_t i = 0; i < LL_ROUNDS; i++)
        if (g->rounds[i].open && g->rounds[i].number == g->round)
            last = &g->rounds[i];
    bool full = last && !last->grew && has_all(g, last); /* it waits for a name */
    if (last && b->round == last->number && !full)
        ll_group_settle(m, g, true, out);
    if (!last || full || b->round == g->round)
        last = open_round(m, g, t, out);
    b->round = last->number;
    last->t = LL_MAX(last->t, t);
    return last;
}

static void add(struct ll_term_sum *s, double v)
{
    double sum = s->hi + v, part = sum - s->hi;
    s->lo += (s->hi - (sum - part)) + (v - part);
    s->hi = sum;
    s->max = s->n == 0 ? v : fmax(s->max, v);
    s->n++;
}

void ll_group_put(struct ll_mapper *m, struct ll_bind *b, const struct ll_group_point *p,
                  const struct ll_mapper_out *out)
{
    struct ll_group *g = b->group;
    struct ll_round *r = is_async(g) ? round_of(m, b, p->t, out) : round_at(m, g, p->t, out);
    if (!r)
        return;
    r->came++;
    r->touched = m->now;
    r->grew |= p->grew;
    r->window = LL_MAX(r->window, p->window);
    struct ll_term_sum *s = &r->terms[b->what];
    if (p->nothing)
        ; /* the first value of a counter that came to others */
    else if (isfinite(p->v))
        add(s, p->v);
    else
        s->bad++;
    if (has_all(g, r) && !r->grew)
        ll_group_settle(m, g, false, out);
}

void ll_group_end(struct ll_mapper *m, struct ll_bind *b, ll_time t,
                  const struct ll_mapper_out *out)
{
    struct ll_group *g = b->group;
    g->live--;
    for (size_t i = 0; i < LL_ROUNDS; i++) {
        struct ll_round *r = &g->rounds[i];
        if (r->open)
            r->extra += is_async(g) ? b->round == r->number : r->t < t;
    }
    ll_group_settle(m, g, g->live == 0 && g->met == 0, out);
    if (g->live == 0)
        ll_group_hide(m, g, t, out);
}
