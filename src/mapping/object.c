/* Objects and services: found by name, kept while something leads to them. */
#include "mapping/object.h"

#include <math.h>
#include <string.h>

enum { KEY_MAX = 2 * LL_NAME_MAX + 2 };

struct ll_object *ll_object_find(struct ll_mapper *m, enum ll_object_kind kind,
                                 struct ll_slice text, bool make)
{
    char key[KEY_MAX];
    size_t at;
    if (text.n + 1 > sizeof(key))
        return NULL;
    key[0] = (char)('A' + (int)kind);
    if (text.n)
        memcpy(key + 1, text.s, text.n);
    if (ll_map_get(m->objects, (struct ll_slice){key, text.n + 1}, &at))
        return (struct ll_object *)(uintptr_t)at;
    struct ll_object *o = make ? ll_mapper_alloc(m, sizeof(*o) + text.n + 1) : NULL;
    if (!o)
        return NULL;
    memcpy(o + 1, key, text.n + 1);
    o->kind = kind;
    o->key = (struct ll_slice){(char *)(o + 1), text.n + 1};
    o->text = (struct ll_slice){o->key.s + 1, text.n};
    if (!ll_map_put(m->objects, o->key, (size_t)(uintptr_t)o)) {
        ll_mapper_dealloc(m, o, sizeof(*o) + text.n + 1);
        return NULL;
    }
    o->next = m->all_objects;
    if (m->all_objects)
        m->all_objects->prev = o;
    m->all_objects = o;
    return o;
}

static void unlink_dirty(struct ll_mapper *m, const struct ll_object *o)
{
    if (!o->dirty)
        return;
    struct ll_object **at = &m->dirty;
    while (*at != o)
        at = &(*at)->dirty_next;
    *at = o->dirty_next;
}

void ll_object_leave(struct ll_object *o)
{
    struct ll_found *f = o->found;
    if (!f)
        return;
    if (o->kind == LL_OBJECT_WORKLOAD) {
        if (f->workload == o)
            f->workload = NULL;
    } else {
        if (o->found_prev)
            o->found_prev->found_next = o->found_next;
        else
            f->pods = o->found_next;
        if (o->found_next)
            o->found_next->found_prev = o->found_prev;
        o->found_next = o->found_prev = NULL;
    }
    f->users--;
    f->dirty = true;
    o->found = NULL;
}

void ll_object_free(struct ll_mapper *m, struct ll_object *o)
{
    ll_object_leave(o);
    unlink_dirty(m, o);
    (void)ll_map_remove(m->objects, o->key);
    if (o->prev)
        o->prev->next = o->next;
    else
        m->all_objects = o->next;
    if (o->next)
        o->next->prev = o->prev;
    ll_mapper_dealloc(m, o, sizeof(*o) + o->key.n);
}

void ll_object_changed(struct ll_mapper *m, struct ll_object *o)
{
    if (o->kind == LL_OBJECT_REPLICASET || o->kind == LL_OBJECT_JOB)
        m->owners++;
    if (o->found)
        o->found->dirty = true;
    o->version = 0;
    if (o->dirty || (o->kind != LL_OBJECT_POD && o->kind != LL_OBJECT_WORKLOAD))
        return;
    o->dirty = true;
    o->dirty_next = m->dirty;
    m->dirty = o;
}

/* Whether any series of the fact is live: then only those count. */
static bool any_live(const struct ll_object *o, enum ll_fact fact)
{
    for (const struct ll_bind *b = o->facts; b; b = b->next)
        if (b->what == fact && b->series->state == LL_SERIES_LIVE)
            return true;
    return false;
}

static bool counts(const struct ll_bind *b, enum ll_fact fact, bool live)
{
    return b->what == fact &&
           (live ? b->series->state == LL_SERIES_LIVE : b->series->state == LL_SERIES_ENDED);
}

const struct ll_mapper_series *ll_object_fact(const struct ll_object *o, enum ll_fact fact)
{
    bool live = any_live(o, fact);
    const struct ll_mapper_series *latest = NULL;
    for (const struct ll_bind *b = o->facts; b; b = b->next)
        if (counts(b, fact, live) &&
            (!latest || b->series->t > latest->t ||
             (b->series->t == latest->t && ll_slice_cmp(b->series->labels, latest->labels) < 0)))
            latest = b->series;
    return latest;
}

/* A container's number that an earlier series of the list tells already: kube-state-metrics is
 * scraped twice. */
static bool is_told(const struct ll_object *o, const struct ll_bind *b, bool live)
{
    if (b->what < LL_FACT_CONTAINER || b->what > LL_FACT_LIMIT_MEMORY)
        return false;
    struct ll_slice name = ll_labels_get(b->series->labels, LL_SLICE("container"));
    for (const struct ll_bind *other = o->facts; other != b; other = other->next)
        if (counts(other, (enum ll_fact)b->what, live) &&
            ll_slice_eq(ll_labels_get(other->series->labels, LL_SLICE("container")), name))
            return true;
    return false;
}

double ll_object_sum(const struct ll_object *o, enum ll_fact fact, size_t *n)
{
    bool live = any_live(o, fact);
    double sum = 0;
    size_t found = 0;
    for (const struct ll_bind *b = o->facts; b; b = b->next)
        if (counts(b, fact, live) && !is_told(o, b, live)) {
            sum += b->series->v;
            found++;
        }
    if (n)
        *n = found;
    return found ? sum : NAN;
}

static void copy_slice(struct ll_mapper *m, struct ll_slice *to, struct ll_slice from)
{
    if (ll_slice_eq(*to, from))
        return;
    char *copy = from.n ? ll_mapper_alloc(m, from.n) : NULL;
    if (from.n && !copy)
        return;
    if (from.n)
        memcpy(copy, from.s, from.n);
    ll_mapper_dealloc(m, (void *)to->s, to->n);
    *to = (struct ll_slice){copy, from.n};
}

struct ll_found *ll_found_get(struct ll_mapper *m, struct ll_slice name)
{
    size_t at;
    if (name.n == 0 || name.n > LL_NAME_MAX)
        return NULL;
    if (ll_map_get(m->found, name, &at))
        return (struct ll_found *)(uintptr_t)at;
    struct ll_found *f = ll_mapper_alloc(m, sizeof(*f) + name.n);
    if (!f)
        return NULL;
    memcpy(f + 1, name.s, name.n);
    f->name = (struct ll_slice){(char *)(f + 1), name.n};
    f->t = LL_TIME_NONE;
    f->dirty = true;
    if (!ll_map_put(m->found, f->name, (size_t)(uintptr_t)f)) {
        ll_mapper_dealloc(m, f, sizeof(*f) + name.n);
        return NULL;
    }
    f->next = m->all_found;
    if (m->all_found)
        m->all_found->prev = f;
    m->all_found = f;
    return f;
}

void ll_found_free(struct ll_mapper *m, struct ll_found *f)
{
    (void)ll_map_remove(m->found, f->name);
    for (size_t i = 0; i < LL_META_COUNT; i++)
        ll_mapper_dealloc(m, (void *)f->meta[i].s, f->meta[i].n);
    if (f->prev)
        f->prev->next = f->next;
    else
        m->all_found = f->next;
    if (f->next)
        f->next->prev = f->prev;
    ll_mapper_dealloc(m, f, sizeof(*f) + f->name.n);
}

/* Labels that mean what the metadata is called, where no rule says better. */
static struct ll_slice usual_label(struct ll_slice labels, size_t meta)
{
    static const char *const names[LL_META_COUNT][3] = {
        {"environment", "env", NULL}, {"cluster", NULL, NULL},      {"namespace", NULL, NULL},
        {"team", NULL, NULL},         {"owner", NULL, NULL},        {"tier", NULL, NULL},
        {"venue", NULL, NULL},        {"site", "datacenter", NULL},
    };
    struct ll_slice v = {"", 0};
    for (size_t i = 0; i < 3 && names[meta][i] && v.n == 0; i++)
        v = ll_labels_get(labels, ll_slice_of(names[meta][i]));
    return v;
}

void ll_found_meta(struct ll_mapper *m, struct ll_found *f, const struct ll_compiled_rule *rule,
                   struct ll_slice labels)
{
    for (size_t i = 0; i < LL_META_COUNT; i++) {
        char buf[LL_NAME_MAX + 1];
        size_t n;
        struct ll_slice v = usual_label(labels, i);
        bool given = rule && rule->meta[i].set &&
                     ll_template_expand(&rule->meta[i].t, labels, m->source, buf, &n);
        if (given)
            v = (struct ll_slice){buf, n};
        if (v.n && v.n <= LL_NAME_MAX && (given || f->meta[i].n == 0))
            copy_slice(m, &f->meta[i], v);
    }
}
