#include "mapping/mapper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mapping/group.h"
#include "mapping/kube.h"
#include "mapping/meet.h"
#include "mapping/object.h"
#include "mapping/slots.h"

enum { MAX_SERIES = 200000, BYTES_PER_SERIES = 2048, BYTES_FIRST = 8 << 20, COVERAGE_PCT = 80 };

void *ll_mapper_alloc(struct ll_mapper *m, size_t n)
{
    if (n > m->cap_bytes - m->bytes)
        return NULL;
    void *p = calloc(1, n);
    if (p)
        m->bytes += n;
    return p;
}

void ll_mapper_dealloc(struct ll_mapper *m, void *p, size_t n)
{
    if (!p)
        return;
    m->bytes -= n;
    free(p);
}

/* How far a point may lie before the receiver's clock, as ll_sample_check has it. */
#define AHEAD (10 * LL_MINUTE)

static bool make_tables(struct ll_mapper *m)
{
    m->groups = ll_map_new(m->seed, SIZE_MAX);
    m->objects = ll_map_new(m->seed, SIZE_MAX);
    m->found = ll_map_new(m->seed, SIZE_MAX);
    return ll_slots_make(m) && m->groups && m->objects && m->found;
}

struct ll_mapper *ll_mapper_new(const struct ll_mapper_opts *opts)
{
    LL_AUTO(ll_mapper) m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->mapping = opts->mapping;
    m->seed = opts->seed;
    m->max_series = opts->max_series ? opts->max_series : MAX_SERIES;
    m->cap_bytes = BYTES_FIRST + m->max_series * BYTES_PER_SERIES;
    m->birth = m->newest = LL_TIME_NONE;
    m->complete = 1;
    char *source = malloc(opts->source.n + 1);
    m->source.s = source;
    if (!source)
        return NULL;
    if (opts->source.n)
        memcpy(source, opts->source.s, opts->source.n);
    m->source.n = opts->source.n;
    if (!make_tables(m))
        return NULL;
    struct ll_mapper *made = m;
    m = NULL;
    return made;
}

static void free_series(struct ll_mapper *m, struct ll_mapper_series *s)
{
    ll_mapper_dealloc(m, s, sizeof(*s) + s->n * sizeof(s->b[0]) + s->labels.n);
}

void ll_mapper_free(struct ll_mapper *m)
{
    if (!m)
        return;
    while (m->series) {
        struct ll_mapper_series *next = m->series->next;
        free_series(m, m->series);
        m->series = next;
    }
    while (m->all_groups)
        ll_group_free(m, m->all_groups);
    while (m->all_objects)
        ll_object_free(m, m->all_objects);
    while (m->all_found)
        ll_found_free(m, m->all_found);
    ll_slots_free(m);
    ll_map_free(m->groups);
    ll_map_free(m->objects);
    ll_map_free(m->found);
    free((void *)m->source.s);
    free(m);
}

struct ll_mapper_series *ll_mapper_series(struct ll_mapper *m, struct ll_slice labels,
                                          enum ll_labeled_kind kind, ll_time now,
                                          enum ll_mapper_fate *fate, bool *raw)
{
    uint64_t hash = ll_map_hash(m->seed, labels.s, labels.n) | (uint64_t)1 << 63;
    const struct ll_slot *slot = ll_slots_find(m, hash, labels);
    m->now = LL_MIN(LL_MAX(now, LL_TIME_MIN), LL_TIME_MAX);
    if (m->birth == LL_TIME_NONE)
        m->birth = m->now;
    struct ll_mapper_series *s = slot->series;
    if (slot->hash && !s && slot->fate != LL_SLOT_FORGOTTEN) {
        *fate = (enum ll_mapper_fate)slot->fate;
        *raw = false;
        m->slots[slot - m->slots].seen = ll_slots_age(m, m->now);
        return NULL;
    }
    if (!s)
        s = ll_meet_series(m, labels, hash, fate);
    else
        *fate = LL_MAPPER_MAPPED;
    *raw = s && s->raw;
    if (!s)
        return NULL;
    s->seen = m->now;
    if (kind != LL_LABELED_UNKNOWN)
        s->kind = kind;
    return s;
}

static void begin(struct ll_mapper_series *s, ll_time t)
{
    for (size_t i = 0; i < s->n; i++) {
        struct ll_group *g = s->b[i].group;
        if (!g)
            continue;
        if (s->state == LL_SERIES_MET)
            g->met--;
        ll_group_begin(g, t);
    }
    s->state = LL_SERIES_LIVE;
    s->began = t;
}

static void end_series(struct ll_mapper *m, struct ll_mapper_series *s, ll_time t,
                       const struct ll_mapper_out *out)
{
    if (s->state != LL_SERIES_LIVE)
        return;
    s->state = LL_SERIES_ENDED;
    s->t = LL_MAX(t, s->t);
    for (size_t i = 0; i < s->n; i++) {
        struct ll_bind *b = &s->b[i];
        if (b->group)
            ll_group_end(m, b, t, out);
        else
            ll_object_changed(m, b->object);
    }
}

/* The rate of a counter since its last value; NaN when it says nothing. */
static double rate_of(const struct ll_mapper_series *s, ll_time t, double v)
{
    if (s->state != LL_SERIES_LIVE || t - s->t > LL_SERIES_GAP || !(v >= s->v))
        return NAN;
    return (v - s->v) * 1000 / (double)(t - s->t);
}

static struct ll_slice expand(const struct ll_mapper *m, const struct ll_rule_text *t,
                              struct ll_slice labels, char buf[static LL_NAME_MAX + 1])
{
    size_t n = 0;
    if (!t->set || !ll_template_expand(&t->t, labels, m->source, buf, &n))
        n = 0;
    return (struct ll_slice){buf, n};
}

/* Counts of an event: what a counter rose by, or a gauge as it is. */
static void put_business(const struct ll_mapper *m, const struct ll_mapper_series *s, ll_time t,
                         double v, const struct ll_mapper_out *out)
{
    const struct ll_compiled_rule *r = s->rule;
    char metric[LL_NAME_MAX + 1], service[LL_NAME_MAX + 1], venue[LL_NAME_MAX + 1];
    struct ll_business b = {.metric = expand(m, &r->business, s->labels, metric),
                            .service = expand(m, &r->service, s->labels, service),
                            .venue = expand(m, &r->meta[6], s->labels, venue),
                            .t = t};
    bool counter =
        s->kind == LL_LABELED_COUNTER ||
        (s->kind != LL_LABELED_RATE &&
         ll_mapping_counts_up(r->given->value, ll_labels_get(s->labels, LL_LABELS_NAME)));
    b.value = v;
    if (counter)
        b.value = s->state == LL_SERIES_LIVE && t - s->t <= LL_HOUR && v >= s->v ? v - s->v : NAN;
    if (!isnan(r->given->scale))
        b.value *= r->given->scale;
    if (isfinite(b.value) && b.metric.n && out->business)
        out->business(out->ctx, &b);
}

static bool is_counter(const struct ll_mapper_series *s, const struct ll_bind *b)
{
    if (s->kind == LL_LABELED_RATE ||
        b->group->output->recipe->terms[b->what].how == LL_RECIPE_COUNT)
        return false;
    return b->counter || (s->rule && s->rule->output && s->kind == LL_LABELED_COUNTER &&
                          s->rule->given->value == LL_MAPPING_AUTO);
}

/* Not again, not behind what was said already, and at a time that can be: one far ahead would
 * make every later point late. */
static bool is_next(const struct ll_mapper *m, const struct ll_mapper_series *s, ll_time t)
{
    return t > s->t && t >= LL_TIME_MIN && t <= LL_TIME_MAX && t - m->now <= AHEAD;
}

void ll_mapper_put(struct ll_mapper *m, struct ll_mapper_series *s,
                   const struct ll_labeled_point *p, const struct ll_mapper_out *out)
{
    s->complete = m->complete;
    if (!is_next(m, s, p->t)) {
        m->late++;
        return;
    }
    if (p->t > m->newest)
        m->newest = p->t;
    if (p->bits == LL_LABELED_STALE) {
        end_series(m, s, p->t, out);
        return;
    }
    double v = ll_labeled_value(p->bits);
    enum ll_series_state before = s->state;
    double rate = rate_of(s, p->t, v);
    ll_dur span = before == LL_SERIES_LIVE ? p->t - s->t : 0;
    if (s->business)
        put_business(m, s, p->t, v, out);
    if (before != LL_SERIES_LIVE)
        begin(s, p->t);
    bool changed = before != LL_SERIES_LIVE || !(s->v == v);
    s->t = p->t;
    s->v = v;
    for (size_t i = 0; i < s->n; i++) {
        struct ll_bind *b = &s->b[i];
        if (!b->group) {
            if (changed)
                ll_object_changed(m, b->object);
            continue;
        }
        bool counter = is_counter(s, b);
        bool grew = before != LL_SERIES_LIVE;
        ll_group_put(
            m, b,
            &(struct ll_group_point){
                .t = p->t,
                .v = counter ? rate : v,
                .window = counter ? span : 0,
                .grew = grew,
                .nothing = counter && grew && b->group->output->recipe->flags & LL_RECIPE_LOOSE,
            },
            out);
    }
}

/* Series of values, or of facts too, that did not come in the round that is over. */
static bool is_asked(const struct ll_mapper_series *s, bool facts)
{
    return s->state == LL_SERIES_LIVE && (s->any_term || s->business || (facts && s->any_fact));
}

static void end_absent(struct ll_mapper *m, bool facts, const struct ll_mapper_out *out)
{
    m->expected = m->came = 0;
    for (const struct ll_mapper_series *s = m->series; s; s = s->next)
        if (is_asked(s, facts)) {
            m->expected++;
            m->came += s->complete == m->complete;
        }
    bool enough = m->came * 100 >= m->expected * COVERAGE_PCT;
    for (struct ll_mapper_series *s = m->series; enough && s; s = s->next)
        if (is_asked(s, facts) && s->complete != m->complete)
            end_series(m, s, LL_MAX(m->newest, s->t + 1), out);
    m->complete++;
}

static bool has_open(const struct ll_group *g)
{
    for (size_t i = 0; i < LL_ROUNDS; i++)
        if (g->rounds[i].open)
            return true;
    return false;
}

static bool is_silent(const struct ll_group *g, ll_time now)
{
    for (size_t i = 0; i < LL_ROUNDS; i++)
        if (g->rounds[i].open && now - g->rounds[i].touched < LL_ROUND_SILENCE &&
            now >= g->rounds[i].touched)
            return false;
    return true;
}

/* Members that a round waited for in vain for long are gone. */
static void end_lost(struct ll_mapper *m, struct ll_group *g, const struct ll_mapper_out *out)
{
    ll_time newest = LL_TIME_NONE;
    for (const struct ll_bind *b = g->members; b; b = b->next)
        if (b->series->state == LL_SERIES_LIVE)
            newest = LL_MAX(newest, b->series->t);
    for (struct ll_bind *b = g->members; b; b = b->next)
        if (b->series->state == LL_SERIES_LIVE && newest - b->series->t > LL_SERIES_GAP)
            end_series(m, b->series, newest, out);
}

static void say_facts(struct ll_mapper *m, const struct ll_mapper_out *out)
{
    for (struct ll_found *f = m->all_found; f; f = f->next) {
        if (!f->dirty || f->t == LL_TIME_NONE)
            continue;
        if ((f->workload || f->pods) && !ll_kube_knows(f))
            continue; /* kube-state-metrics restarts, or it is gone: what was said stays */
        f->dirty = false;
        struct ll_service_facts facts;
        ll_found_facts(m, f, &facts);
        if (out->facts)
            out->facts(out->ctx, &facts);
    }
}

void ll_mapper_close(struct ll_mapper *m, ll_time now, enum ll_mapper_round round,
                     const struct ll_mapper_out *out)
{
    bool complete = round != LL_MAPPER_WAITING;
    m->now = LL_MIN(LL_MAX(now, LL_TIME_MIN), LL_TIME_MAX);
    if (complete)
        end_absent(m, round == LL_MAPPER_COMPLETE_FACTS, out);
    ll_kube_refresh(m, out);
    struct ll_group **at = &m->busy;
    while (*at) {
        struct ll_group *g = *at;
        if (complete || is_silent(g, m->now)) {
            size_t incomplete = m->incomplete;
            ll_group_settle(m, g, true, out);
            if (m->incomplete != incomplete)
                end_lost(m, g, out);
        } else {
            ll_group_settle(m, g, false, out);
        }
        if (has_open(g)) {
            at = &g->busy;
        } else {
            *at = g->busy;
            g->is_busy = false;
        }
    }
    ll_kube_refresh(m, out);
    say_facts(m, out);
}

static void unbind(struct ll_mapper *m, struct ll_bind *b)
{
    struct ll_group *g = b->group;
    struct ll_object *o = b->object;
    LL_ASSERT(g || o); /* bound to one of the two */
    struct ll_bind **head = g ? &g->members : &o->facts;
    if (b->prev)
        b->prev->next = b->next;
    else
        *head = b->next;
    if (b->next)
        b->next->prev = b->prev;
    if (!g)
        ll_object_changed(m, o);
    else if (b->series->state == LL_SERIES_LIVE)
        g->live--;
    else if (b->series->state == LL_SERIES_MET)
        g->met--;
}

static void forget_series(struct ll_mapper *m, struct ll_mapper_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        unbind(m, &s->b[i]);
    if (s->prev)
        s->prev->next = s->next;
    else
        m->series = s->next;
    if (s->next)
        s->next->prev = s->prev;
    /* The slot stays until the table is built anew; it must not be read through. */
    struct ll_slot *slot = ll_slots_find(m, s->hash, s->labels);
    slot->series = NULL;
    slot->seen = 0;
    slot->fate = LL_SLOT_FORGOTTEN;
    m->n_series--;
    free_series(m, s);
}

void ll_mapper_forget(struct ll_mapper *m, ll_time before)
{
    struct ll_mapper_series *next = NULL;
    size_t forgotten = 0;
    for (struct ll_mapper_series *s = m->series; s; s = next) {
        next = s->next;
        if (s->seen < before) {
            forget_series(m, s);
            forgotten++;
        }
    }
    size_t n = LL_TABLE_FIRST;
    while ((m->used_slots - forgotten + 1) * 10 > n * 7)
        n *= 2;
    /* Without memory the table stays as it is: forgotten slots are taken again. */
    (void)ll_slots_rebuild(m, n, LL_MAX(ll_slots_age(m, before), 1u));
    ll_slots_forget_names(m);
    for (struct ll_group *g = m->all_groups, *g_next = NULL; g; g = g_next) {
        g_next = g->next;
        if (!g->members && !has_open(g))
            ll_group_free(m, g);
    }
    for (struct ll_object *o = m->all_objects, *o_next = NULL; o; o = o_next) {
        o_next = o->next;
        if (!o->facts && o->users == 0)
            ll_object_free(m, o);
    }
    for (struct ll_found *f = m->all_found, *f_next = NULL; f; f = f_next) {
        f_next = f->next;
        if (f->users == 0)
            ll_found_free(m, f);
    }
}
