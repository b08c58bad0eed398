#include "cmd/import_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"

enum { SERIES_MAX = 1 << 20, NAMES_BYTES = 256 << 20 };

struct series {
    struct ll_series_key key;
    enum ll_unit unit;
    bool primary;
    double *mean, *max, *capacity; /* one per step; NaN = none */
};

LL_VEC_DEFINE(series_list, struct series)

struct ll_import_cells {
    ll_time from;
    ll_dur step;
    size_t steps;
    struct series_list list;
    struct ll_map *by_key;
    struct ll_arena *names;
};

struct ll_import_cells *ll_import_cells_new(ll_time from, ll_time to, ll_dur step)
{
    LL_AUTO(ll_import_cells) c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    *c = (struct ll_import_cells){.from = from,
                                  .step = step,
                                  .steps = (size_t)((to - from) / step),
                                  .list = {.cap = SERIES_MAX},
                                  .by_key = ll_map_new((uint64_t)(uintptr_t)c, SERIES_MAX),
                                  .names = ll_arena_new(NAMES_BYTES)};
    if (!c->by_key || !c->names)
        return NULL;
    struct ll_import_cells *made = c;
    c = NULL;
    return made;
}

void ll_import_cells_free(struct ll_import_cells *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->list.n; i++)
        free(c->list.v[i].mean);
    series_list_fini(&c->list);
    ll_map_free(c->by_key);
    ll_arena_free(c->names);
    free(c);
}

static bool copy_name(struct ll_import_cells *c, struct ll_slice *name)
{
    const char *copy = ll_arena_copy(c->names, name->s, name->n);
    if (copy)
        name->s = copy;
    return copy != NULL;
}

static struct series *make(struct ll_import_cells *c, struct ll_slice key,
                           const struct ll_sample *s)
{
    struct series one = {.key = s->key, .unit = s->unit, .primary = s->primary};
    const char *kept = ll_arena_copy(c->names, key.s, key.n);
    if (!kept || !copy_name(c, &one.key.service) || !copy_name(c, &one.key.instance) ||
        !copy_name(c, &one.key.part))
        return NULL;
    one.mean = malloc(3 * c->steps * sizeof(double));
    if (!one.mean)
        return NULL;
    for (size_t i = 0; i < 3 * c->steps; i++)
        one.mean[i] = NAN;
    one.max = one.mean + c->steps;
    one.capacity = one.max + c->steps;
    struct series *in = series_list_push(&c->list, one);
    if (!in) {
        free(one.mean);
        return NULL;
    }
    return ll_map_put(c->by_key, (struct ll_slice){kept, key.n}, c->list.n - 1) ? in : NULL;
}

bool ll_import_cells_add(struct ll_import_cells *c, enum ll_import_kind kind,
                         const struct ll_sample *s)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n, i;
    ll_time past = s->t - c->from; /* the step that ends then is the one before */
    if (past <= 0 || past % c->step != 0 || (size_t)(past / c->step) > c->steps)
        return true;
    if (!isfinite(s->value) || s->value < 0 || !ll_series_key_bytes(&s->key, bytes, &n))
        return true;
    struct ll_slice key = {bytes, n};
    struct series *x = ll_map_get(c->by_key, key, &i) ? &c->list.v[i] : make(c, key, s);
    if (!x)
        return false;
    size_t at = (size_t)(past / c->step) - 1;
    x->max[at] = fmax(x->max[at], s->value);
    if (kind != LL_IMPORT_MEAN)
        return true;
    x->mean[at] = s->value;
    x->capacity[at] = s->capacity > 0 ? s->capacity : NAN;
    x->primary |= s->primary;
    return true;
}

size_t ll_import_cells_series(const struct ll_import_cells *c)
{
    return c->list.n;
}

struct ll_slice ll_import_cells_service(const struct ll_import_cells *c, size_t i)
{
    return c->list.v[i].key.service;
}

static struct ll_rollup_row row_of(const struct series *x, ll_dur step, ll_time t)
{
    return (struct ll_rollup_row){
        .key = x->key,
        .unit = x->unit,
        .primary = x->primary,
        .step = step,
        .rollup = {.t = t, .capacity = NAN, .max = -INFINITY, .p95 = -INFINITY}};
}

/* Steps [at, at + n) of a series as one row; count 0 = there is none. */
static struct ll_rollup_row roll(const struct ll_import_cells *c, const struct series *x, size_t at,
                                 size_t n)
{
    struct ll_rollup_row row = row_of(x, (ll_dur)n * c->step, c->from + (ll_time)at * c->step);
    struct ll_rollup *r = &row.rollup;
    double sum = 0, capacity = 0;
    uint32_t with_capacity = 0;
    for (size_t i = at; i < at + n; i++) {
        if (isnan(x->mean[i]))
            continue;
        r->count++;
        sum += x->mean[i];
        r->max = fmax(r->max, x->max[i]);
        r->p95 = fmax(r->p95, n == 1 ? x->max[i] : x->mean[i]);
        if (isnan(x->capacity[i]))
            continue;
        capacity += x->capacity[i];
        with_capacity++;
    }
    if (r->count)
        r->mean = sum / r->count;
    r->max = fmax(r->max, r->mean); /* which rounding may have put above */
    if (with_capacity)
        r->capacity = capacity / with_capacity;
    return row;
}

static bool give(const struct ll_import_cells *c, const struct series *x, size_t n,
                 bool (*fn)(void *ctx, const struct ll_rollup_row *row), void *ctx)
{
    for (size_t at = 0; at + n <= c->steps; at += n) {
        struct ll_rollup_row row = roll(c, x, at, n);
        if (row.rollup.count && !fn(ctx, &row))
            return false;
    }
    return true;
}

bool ll_import_cells_rows(const struct ll_import_cells *c,
                          bool (*fn)(void *ctx, const struct ll_rollup_row *row), void *ctx)
{
    const size_t hour = (size_t)(LL_HOUR / c->step);
    for (size_t i = 0; i < c->list.n; i++) {
        if (hour > 1 && !give(c, &c->list.v[i], 1, fn, ctx))
            return false;
        if (!give(c, &c->list.v[i], hour, fn, ctx))
            return false;
    }
    return true;
}
