#include "scaling/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"

enum {
    KEY_MAX = 2 * LL_NAME_MAX + 8,
    METRIC_MAX = 2 * LL_NAME_MAX + 32,
    ENTRIES_MAX = 2 * LL_WATCH_CELLS_MAX
};

/* Instances that were seen so lately are expected to report, where nothing better is known. */
#define EXPECTED_FOR (10 * LL_MINUTE)
/* Fewer than this share of the expected ones is no answer. */
#define COVERAGE 0.8

struct instance {
    char *name; /* owned */
    size_t n;
    ll_time t, since; /* its newest sample, its first */
    double value, capacity;
    bool over; /* it has ended */
};
LL_VEC_DEFINE(instances, struct instance)

struct cell {
    char *key; /* owned: service, NUL, type, part */
    size_t key_n;
    char *metric; /* owned */
    enum ll_unit unit;
    struct instances instances;
    size_t at; /* where the last one was found: samples mostly come in the same order */
    struct ll_seen_sample samples[LL_WATCH_SAMPLES]; /* newest first */
    size_t n_samples;
};
LL_VEC_DEFINE(cells, struct cell)

struct ll_watch {
    struct ll_map *map;
    struct cells cells;
};

static size_t key_of(struct ll_slice service, enum ll_resource_type type, struct ll_slice part,
                     char buf[static KEY_MAX])
{
    LL_ASSERT(service.n <= LL_NAME_MAX && part.n <= LL_NAME_MAX);
    memcpy(buf, service.s, service.n);
    buf[service.n] = '\0';
    buf[service.n + 1] = (char)type;
    if (part.n)
        memcpy(buf + service.n + 2, part.s, part.n);
    return service.n + 2 + part.n;
}

struct ll_watch *ll_watch_new(uint64_t seed)
{
    struct ll_watch *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->map = ll_map_new(seed, ENTRIES_MAX);
    w->cells.cap = LL_WATCH_CELLS_MAX;
    if (w->map)
        return w;
    free(w);
    return NULL;
}

static void cell_fini(struct cell *c)
{
    for (size_t i = 0; i < c->instances.n; i++)
        free(c->instances.v[i].name);
    instances_fini(&c->instances);
    free(c->key);
    free(c->metric);
}

void ll_watch_free(struct ll_watch *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->cells.n; i++)
        cell_fini(&w->cells.v[i]);
    cells_fini(&w->cells);
    ll_map_free(w->map);
    free(w);
}

static char *copy(const char *s, size_t n)
{
    char *p = malloc(n + 1);
    if (!p)
        return NULL;
    if (n)
        memcpy(p, s, n);
    p[n] = '\0';
    return p;
}

static char *metric_text(struct ll_slice service, enum ll_resource_type type, struct ll_slice part)
{
    char text[METRIC_MAX];
    const int n =
        snprintf(text, sizeof(text), "%.*s %s%s%.*s", (int)service.n, service.s,
                 ll_resource_name(type), part.n ? " " : "", (int)part.n, part.n ? part.s : "");
    LL_ASSERT((size_t)n < sizeof(text));
    return copy(text, (size_t)n);
}

bool ll_watch_add(struct ll_watch *w, struct ll_slice service, enum ll_resource_type type,
                  struct ll_slice part, size_t *cell)
{
    char key[KEY_MAX];
    const size_t n = key_of(service, type, part, key);
    if (ll_map_get(w->map, (struct ll_slice){key, n}, cell))
        return true;
    struct cell c = {.key = copy(key, n),
                     .key_n = n,
                     .metric = metric_text(service, type, part),
                     .unit = ll_resource_unit(type),
                     .instances = {.cap = LL_WATCH_INSTANCES_MAX}};
    const size_t at = w->cells.n;
    if (!c.key || !c.metric || !cells_push(&w->cells, c)) {
        cell_fini(&c);
        return false;
    }
    if (!ll_map_put(w->map, (struct ll_slice){c.key, n}, at)) {
        w->cells.n--;
        cell_fini(&c);
        return false;
    }
    *cell = at;
    return true;
}

static struct instance *find(struct cell *c, struct ll_slice name)
{
    for (size_t k = 0; k < c->instances.n; k++) {
        const size_t i = (c->at + k) % c->instances.n;
        struct instance *x = &c->instances.v[i];
        if (x->n == name.n && (name.n == 0 || memcmp(x->name, name.s, name.n) == 0)) {
            c->at = i + 1;
            return x;
        }
    }
    return NULL;
}

static struct instance *find_or_add(struct cell *c, struct ll_slice name)
{
    struct instance *x = find(c, name);
    if (x)
        return x;
    struct instance fresh = {.name = copy(name.n ? name.s : "", name.n), .n = name.n};
    x = fresh.name ? instances_push(&c->instances, fresh) : NULL;
    if (!x) {
        free(fresh.name);
        return NULL;
    }
    x->t = LL_TIME_NONE;
    return x;
}

static bool record(struct cell *c, const struct ll_sample *s)
{
    struct instance *x = find_or_add(c, s->key.instance);
    if (!x || (x->t != LL_TIME_NONE && s->t < x->t))
        return false;
    if (x->t == LL_TIME_NONE || x->over)
        x->since = s->t;
    x->over = false;
    x->t = s->t;
    x->value = s->value;
    x->capacity = s->capacity;
    c->unit = s->unit;
    return true;
}

/* A part by its name, and the primary one also without. */
size_t ll_watch_record(struct ll_watch *w, const struct ll_sample *s, size_t *cells, size_t max)
{
    const struct ll_slice parts[] = {s->key.part, {"", 0}};
    const size_t n = s->primary && s->key.part.n > 0 ? 2 : 1;
    size_t changed = 0;
    for (size_t i = 0; i < n; i++) {
        char key[KEY_MAX];
        size_t at;
        const size_t bytes = key_of(s->key.service, s->key.type, parts[i], key);
        if (!ll_map_get(w->map, (struct ll_slice){key, bytes}, &at) || !record(&w->cells.v[at], s))
            continue;
        if (changed < max)
            cells[changed] = at;
        changed++;
    }
    return changed;
}

static void forget(struct cell *c, size_t i)
{
    free(c->instances.v[i].name);
    c->instances.v[i] = c->instances.v[--c->instances.n];
}

void ll_watch_end(struct ll_watch *w, const struct ll_series_end *e)
{
    const struct ll_slice parts[] = {e->key.part, {"", 0}};
    for (size_t i = 0; i < LL_LEN(parts); i++) {
        char key[KEY_MAX];
        size_t at;
        const size_t bytes = key_of(e->key.service, e->key.type, parts[i], key);
        if (!ll_map_get(w->map, (struct ll_slice){key, bytes}, &at))
            continue;
        struct cell *c = &w->cells.v[at];
        struct instance *x = find(c, e->key.instance);
        if (x && x->t <= e->t)
            x->over = true;
    }
}

void ll_watch_step(struct ll_watch *w, ll_dur by)
{
    for (size_t i = 0; i < w->cells.n; i++) {
        struct cell *c = &w->cells.v[i];
        for (size_t k = 0; k < c->instances.n; k++) {
            c->instances.v[k].t += by;
            c->instances.v[k].since += by;
        }
        for (size_t k = 0; k < c->n_samples; k++)
            c->samples[k].t += by;
    }
}

struct sum {
    double value, capacity;
    size_t fresh, lately;
    ll_time newest;
};

/* Capacity is known when it is known of every instance that reports. */
static struct sum add_up(struct cell *c, const struct ll_watch_ask *ask)
{
    struct sum s = {.newest = LL_TIME_NONE};
    ll_time since = LL_TIME_NONE, over = LL_TIME_NONE;
    for (size_t i = c->instances.n; i-- > 0;) {
        const struct instance *x = &c->instances.v[i];
        if (ask->now - x->t > LL_MAX(EXPECTED_FOR, ask->stale)) {
            forget(c, i);
            continue;
        }
        if (x->over) {
            over = over == LL_TIME_NONE ? x->t : LL_MAX(over, x->t);
            continue;
        }
        s.lately++;
        since = x->since;
        s.newest = s.newest == LL_TIME_NONE ? x->t : LL_MAX(s.newest, x->t);
        if (ask->now - x->t > ask->stale)
            continue;
        s.fresh++;
        s.value += x->value;
        s.capacity += x->capacity;
    }
    /* The only one that is left of several that reported together is not the whole service; one
     * that took another's place is. */
    if (s.lately == 1 && over != LL_TIME_NONE && since <= over)
        s.lately++;
    return s;
}

static void remember(struct cell *c, const struct sum *s, double fill)
{
    const bool same = c->n_samples > 0 && c->samples[0].t == s->newest;
    if (!same) {
        c->n_samples = LL_MIN(c->n_samples + 1, (size_t)LL_WATCH_SAMPLES);
        memmove(c->samples + 1, c->samples, (c->n_samples - 1) * sizeof(*c->samples));
    }
    c->samples[0] = (struct ll_seen_sample){s->newest, s->value * fill, s->capacity * fill};
}

static size_t expected(const struct ll_watch_ask *ask, const struct sum *s)
{
    /* One series for the whole service says nothing of its instances. */
    if (ask->expected < 0 || s->lately <= 1)
        return s->lately;
    return (size_t)ask->expected;
}

static enum ll_seen judge(const struct sum *s, size_t wanted)
{
    if (s->lately == 0)
        return LL_SEEN_MISSING;
    if (s->fresh == 0)
        return LL_SEEN_STALE;
    if ((double)s->fresh < COVERAGE * (double)wanted)
        return LL_SEEN_PARTIAL;
    return isfinite(s->value) ? LL_SEEN_OK : LL_SEEN_BROKEN;
}

void ll_watch_observe(struct ll_watch *w, size_t cell, const struct ll_watch_ask *ask,
                      struct ll_observation *out)
{
    struct cell *c = &w->cells.v[cell];
    const struct sum s = add_up(c, ask);
    const size_t wanted = expected(ask, &s);
    const enum ll_seen state = judge(&s, wanted);
    if (state == LL_SEEN_OK)
        remember(c, &s, wanted > s.fresh ? (double)wanted / (double)s.fresh : 1);
    *out = (struct ll_observation){
        .state = state,
        .metric = ll_slice_of(c->metric),
        .unit = c->unit,
        .samples = c->samples,
        .n_samples = c->n_samples,
        .instances = s.fresh,
        .expected = wanted,
    };
}

ll_time ll_watch_stale_at(const struct ll_watch *w, size_t cell, ll_dur stale, ll_time now)
{
    const struct cell *c = &w->cells.v[cell];
    ll_time first = LL_TIME_NONE;
    for (size_t i = 0; i < c->instances.n; i++) {
        const ll_time at = c->instances.v[i].t + stale + 1;
        if (at > now)
            first = first == LL_TIME_NONE ? at : LL_MIN(first, at);
    }
    return first;
}
