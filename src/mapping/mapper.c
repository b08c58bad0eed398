#include "mapping/mapper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mapping/state.h"

enum {
    MAX_SERIES = 200000,
    BYTES_PER_SERIES = 2048,
    BYTES_FIRST = 8 << 20,
    FIRST_SLOTS = 256,
    COVERAGE_PCT = 80
};

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
    m->slots = calloc(FIRST_SLOTS, sizeof(*m->slots));
    m->n_slots = m->slots ? FIRST_SLOTS : 0;
    m->groups = ll_map_new(m->seed, SIZE_MAX);
    m->objects = ll_map_new(m->seed, SIZE_MAX);
    m->found = ll_map_new(m->seed, SIZE_MAX);
    m->names = ll_map_new(m->seed, SIZE_MAX);
    m->unmatched = calloc(LL_UNMATCHED_NAMES_MAX, sizeof(*m->unmatched));
    return m->slots && m->groups && m->objects && m->found && m->names && m->unmatched;
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
    for (size_t i = 0; m->unmatched && i < m->n_unmatched; i++) {
        free(m->unmatched[i].metric);
        free(m->unmatched[i].example);
    }
    free(m->unmatched);
    ll_map_free(m->groups);
    ll_map_free(m->objects);
    ll_map_free(m->found);
    ll_map_free(m->names);
    free(m->slots);
    free((void *)m->source.s);
    free(m);
}

/* The slot of the set, or the empty one where it would go. */
static struct ll_slot *find_slot(const struct ll_mapper *m, uint64_t hash, struct ll_slice labels)
{
    size_t mask = m->n_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct ll_slot *s = &m->slots[i];
        if (s->hash == 0 ||
            (s->hash == hash && (!s->series || ll_slice_eq(s->series->labels, labels))))
            return s;
    }
}

/* Into n slots; of what is no series only what was seen since. */
static bool rebuild(struct ll_mapper *m, size_t n, uint32_t since)
{
    struct ll_slot *old = m->slots;
    size_t n_old = m->n_slots;
    struct ll_slot *slots = calloc(n, sizeof(*slots));
    if (!slots)
        return false;
    m->slots = slots;
    m->n_slots = n;
    m->used_slots = m->n_other = 0;
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].hash == 0 || (!old[i].series && old[i].seen < since))
            continue;
        size_t at = old[i].hash & (n - 1);
        while (slots[at].hash)
            at = (at + 1) & (n - 1);
        slots[at] = old[i];
        m->used_slots++;
        m->n_other += !old[i].series;
    }
    free(old);
    return true;
}

static struct ll_slot *free_slot(struct ll_mapper *m, uint64_t hash, struct ll_slice labels)
{
    if ((m->used_slots + 1) * 10 > m->n_slots * 7 && !rebuild(m, m->n_slots * 2, 0))
        return NULL;
    return find_slot(m, hash, labels);
}

static uint32_t age_of(const struct ll_mapper *m, ll_time now)
{
    if (m->birth == LL_TIME_NONE || now < m->birth)
        return 0;
    return (uint32_t)LL_MIN((now - m->birth) / 1000 + 1, (ll_dur)UINT32_MAX);
}

static char *copy_text(struct ll_slice t)
{
    char *z = malloc(t.n + 1);
    if (!z)
        return NULL;
    if (t.n)
        memcpy(z, t.s, t.n);
    z[t.n] = '\0';
    return z;
}

static char *example_of(struct ll_slice labels)
{
    struct ll_str text;
    ll_str_init(&text, 4 * LL_LABELS_BYTES_MAX);
    ll_labels_text(labels, &text);
    size_t n = LL_MIN(text.n, (size_t)512);
    while (n > 0 && n < text.n && ((unsigned char)text.s[n] & 0xc0) == 0x80)
        n--;
    char *z = text.failed ? NULL : copy_text((struct ll_slice){ll_str_z(&text), n});
    ll_str_fini(&text);
    return z;
}

/* Index of the name among the unmatched; LL_UNMATCHED_NAMES_MAX where there is no room. */
static size_t name_of(struct ll_mapper *m, struct ll_slice labels, enum ll_unmatched_reason reason)
{
    struct ll_slice metric = ll_labels_get(labels, LL_LABELS_NAME);
    size_t at;
    if (metric.n > LL_NAME_MAX)
        metric.n = LL_NAME_MAX;
    while (metric.n && !ll_utf8_valid(metric.s, metric.n))
        metric.n--;
    if (ll_map_get(m->names, metric, &at)) {
        if (m->unmatched[at].reason < reason)
            m->unmatched[at].reason = reason; /* the one that says more */
        return at;
    }
    if (m->n_unmatched == LL_UNMATCHED_NAMES_MAX)
        return LL_UNMATCHED_NAMES_MAX;
    struct ll_unmatched_name name = {copy_text(metric), example_of(labels), reason};
    if (!name.metric || !name.example ||
        !ll_map_put(m->names, (struct ll_slice){name.metric, metric.n}, m->n_unmatched)) {
        free(name.metric);
        free(name.example);
        return LL_UNMATCHED_NAMES_MAX;
    }
    m->unmatched[m->n_unmatched] = name;
    return m->n_unmatched++;
}

/* A series that no output is made of: known by its hash from now on. */
static void remember_other(struct ll_mapper *m, uint64_t hash, struct ll_slice labels,
                           enum ll_mapper_fate fate, enum ll_unmatched_reason reason)
{
    if (m->n_other >= m->max_series)
        return; /* looked at anew each time, and not counted */
    struct ll_slot *slot = free_slot(m, hash, labels);
    if (!slot)
        return;
    size_t name = fate == LL_MAPPER_UNMATCHED ? name_of(m, labels, reason) : 0;
    *slot = (struct ll_slot){
        .hash = hash, .seen = age_of(m, m->now), .name = (uint16_t)name, .fate = (uint8_t)fate};
    m->used_slots++;
    m->n_other++;
}

/* What a series is to be bound to. */
struct plan {
    struct {
        const struct ll_reader *reader;
        struct ll_group *group;
        struct ll_object *object;
        uint8_t what;
        bool counter;
    } v[LL_BINDS_MAX];
    size_t n;
    bool known, chosen; /* some reader has its metric; and its labels */
    bool memory;        /* ended */
};

static void plan_group(struct ll_mapper *m, struct plan *p, const struct ll_output *o, size_t term,
                       bool counter, const struct ll_compiled_rule *rule, struct ll_slice labels)
{
    p->known = p->chosen = true;
    if (p->n == LL_BINDS_MAX)
        return;
    struct ll_group *g = ll_group_find(m, o, rule, labels);
    if (!g)
        return;
    p->v[p->n].group = g;
    p->v[p->n].what = (uint8_t)term;
    p->v[p->n++].counter = counter;
}

static void plan_object(struct ll_mapper *m, struct plan *p, enum ll_object_kind kind,
                        const struct ll_template *key, enum ll_fact fact, const char *workload,
                        struct ll_slice labels)
{
    char buf[LL_NAME_MAX + 1];
    size_t n;
    p->known = p->chosen = true;
    if (p->n == LL_BINDS_MAX || !ll_template_expand(key, labels, m->source, buf, &n))
        return;
    struct ll_object *o = ll_object_find(m, kind, (struct ll_slice){buf, n}, true);
    if (!o)
        return;
    if (workload)
        o->workload = workload;
    p->v[p->n].object = o;
    p->v[p->n++].what = (uint8_t)fact;
}

static bool rule_counts_up(const struct ll_compiled_rule *rule, struct ll_slice metric)
{
    return ll_mapping_counts_up(rule->given->value, metric);
}

/* Capacities of rules: series of any rule or none. */
static void plan_joins(struct ll_mapper *m, struct plan *p, struct ll_slice labels)
{
    for (size_t i = 0; i < m->mapping->n_rules; i++) {
        const struct ll_compiled_rule *r = &m->mapping->rules[i];
        if (r->joins && ll_selector_match_from(r->capacity_from, labels, m->source)) {
            char buf[LL_NAME_MAX + 1];
            size_t n;
            p->known = p->chosen = true;
            if (p->n == LL_BINDS_MAX || !ll_template_expand(&r->join, labels, m->source, buf, &n))
                continue;
            struct ll_str text;
            ll_str_init(&text, 2 * LL_NAME_MAX);
            ll_str_addf(&text, "%zu\n%s", i, buf);
            struct ll_object *o =
                text.failed
                    ? NULL
                    : ll_object_find(m, LL_OBJECT_JOIN, (struct ll_slice){text.s, text.n}, true);
            ll_str_fini(&text);
            if (o) {
                p->v[p->n].object = o;
                p->v[p->n++].what = LL_FACT_CAPACITY;
            }
        }
    }
}

static void plan_builtins(struct ll_mapper *m, struct plan *p, const struct ll_compiled_rule *rule,
                          struct ll_slice labels)
{
    const struct ll_reader *r =
        ll_mapping_readers(m->mapping, ll_labels_get(labels, LL_LABELS_NAME));
    p->known |= r != NULL;
    for (; r; r = r->next == SIZE_MAX ? NULL : &m->mapping->readers[r->next]) {
        if (r->where && !ll_selector_match(r->where, labels))
            continue;
        if (r->fact)
            plan_object(m, p, r->fact->object, &r->key, r->fact->fact, r->fact->kind, labels);
        else
            plan_group(m, p, r->output, r->term, r->counter, rule, labels);
    }
}

static struct ll_mapper_series *make_series(struct ll_mapper *m, const struct plan *p,
                                            struct ll_slice labels, uint64_t hash)
{
    struct ll_mapper_series *s = ll_mapper_alloc(m, sizeof(*s) + p->n * sizeof(s->b[0]) + labels.n);
    struct ll_slot *slot = s ? free_slot(m, hash, labels) : NULL;
    if (!slot) {
        ll_mapper_dealloc(m, s, sizeof(*s) + p->n * sizeof(s->b[0]) + labels.n);
        return NULL;
    }
    *slot = (struct ll_slot){.hash = hash, .series = s};
    m->used_slots++;
    m->n_series++;
    char *copy = (char *)&s->b[p->n];
    if (labels.n)
        memcpy(copy, labels.s, labels.n);
    s->labels = (struct ll_slice){copy, labels.n};
    s->hash = hash;
    s->t = LL_TIME_NONE;
    s->n = (uint8_t)p->n;
    s->next = m->series;
    if (m->series)
        m->series->prev = s;
    m->series = s;
    return s;
}

static void push_fact(struct ll_object *o, struct ll_bind *b)
{
    b->next = o->facts;
    if (o->facts)
        o->facts->prev = b;
    o->facts = b;
}

static void bind_all(struct ll_mapper_series *s, const struct plan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct ll_bind *b = &s->b[i];
        *b = (struct ll_bind){.series = s,
                              .group = p->v[i].group,
                              .object = p->v[i].object,
                              .what = p->v[i].what,
                              .counter = p->v[i].counter};
        s->any_fact |= b->object != NULL;
        s->any_term |= b->group != NULL;
        if (b->group)
            ll_group_join(b->group, b);
        else
            push_fact(b->object, b);
    }
}

static struct ll_mapper_series *meet(struct ll_mapper *m, struct ll_slice labels, uint64_t hash,
                                     enum ll_mapper_fate *fate)
{
    struct plan p = {.n = 0};
    const struct ll_compiled_rule *rule = ll_mapping_rule_of(m->mapping, m->source, labels);
    if (rule && rule->given->drop) {
        remember_other(m, hash, labels, *fate = LL_MAPPER_DROPPED, LL_NO_RULE);
        return NULL;
    }
    if (m->n_series >= m->max_series) {
        m->refused++;
        *fate = LL_MAPPER_REFUSED;
        return NULL;
    }
    bool business = rule && rule->business.set, raw = rule && rule->given->raw;
    plan_joins(m, &p, labels);
    if (rule && rule->output)
        plan_group(m, &p, rule->output, 0,
                   rule_counts_up(rule, ll_labels_get(labels, LL_LABELS_NAME)), rule, labels);
    else if (!business)
        plan_builtins(m, &p, rule, labels);
    if (p.n == 0 && !business && !raw) {
        remember_other(m, hash, labels, *fate = LL_MAPPER_UNMATCHED,
                       !p.known ? LL_NO_RULE : (p.chosen ? LL_NO_LABEL : LL_NOT_CHOSEN));
        return NULL;
    }
    struct ll_mapper_series *s = make_series(m, &p, labels, hash);
    if (!s) {
        m->refused++;
        *fate = LL_MAPPER_REFUSED;
        return NULL;
    }
    s->rule = rule;
    s->business = business;
    s->raw = raw;
    bind_all(s, &p);
    *fate = LL_MAPPER_MAPPED;
    return s;
}

struct ll_mapper_series *ll_mapper_series(struct ll_mapper *m, struct ll_slice labels,
                                          enum ll_labeled_kind kind, ll_time now,
                                          enum ll_mapper_fate *fate, bool *raw)
{
    uint64_t hash = ll_map_hash(m->seed, labels.s, labels.n) | (uint64_t)1 << 63;
    const struct ll_slot *slot = find_slot(m, hash, labels);
    m->now = LL_MIN(LL_MAX(now, LL_TIME_MIN), LL_TIME_MAX);
    if (m->birth == LL_TIME_NONE)
        m->birth = m->now;
    struct ll_mapper_series *s = slot->series;
    if (slot->hash && !s && slot->fate != LL_SLOT_FORGOTTEN) {
        *fate = (enum ll_mapper_fate)slot->fate;
        *raw = false;
        m->slots[slot - m->slots].seen = age_of(m, m->now);
        return NULL;
    }
    if (!s)
        s = meet(m, labels, hash, fate);
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
        ll_facts_of(m, f, &facts);
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
    struct ll_bind **head = b->group ? &b->group->members : &b->object->facts;
    if (b->prev)
        b->prev->next = b->next;
    else
        *head = b->next;
    if (b->next)
        b->next->prev = b->prev;
    if (b->object)
        ll_object_changed(m, b->object);
    else if (b->series->state == LL_SERIES_LIVE)
        b->group->live--;
    else if (b->series->state == LL_SERIES_MET)
        b->group->met--;
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
    struct ll_slot *slot = find_slot(m, s->hash, s->labels);
    slot->series = NULL;
    slot->seen = 0;
    slot->fate = LL_SLOT_FORGOTTEN;
    m->n_series--;
    free_series(m, s);
}

static void forget_names(struct ll_mapper *m)
{
    uint32_t counts[LL_UNMATCHED_NAMES_MAX + 1] = {0};
    for (size_t i = 0; i < m->n_slots; i++)
        if (m->slots[i].hash && !m->slots[i].series && m->slots[i].fate == LL_MAPPER_UNMATCHED)
            counts[m->slots[i].name]++;
    /* Numbers are kept: slots hold them.  A name nobody has makes room at the end only. */
    while (m->n_unmatched > 0 && counts[m->n_unmatched - 1] == 0) {
        struct ll_unmatched_name *last = &m->unmatched[--m->n_unmatched];
        (void)ll_map_remove(m->names, ll_slice_of(last->metric));
        free(last->metric);
        free(last->example);
        *last = (struct ll_unmatched_name){NULL, NULL, LL_NO_RULE};
    }
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
    size_t n = FIRST_SLOTS;
    while ((m->used_slots - forgotten + 1) * 10 > n * 7)
        n *= 2;
    /* Without memory the table stays as it is: forgotten slots are taken again. */
    (void)rebuild(m, n, LL_MAX(age_of(m, before), 1u));
    forget_names(m);
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
