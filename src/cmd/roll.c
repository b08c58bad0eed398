#include "cmd/roll.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"

LL_VEC_DEFINE(values, double)

static const ll_dur steps[2] = {5 * LL_MINUTE, LL_HOUR};

struct bucket {
    ll_time t; /* LL_TIME_NONE = not open */
    double sum, max, capacity;
    size_t with_capacity;
    struct values values; /* their memory is kept for the next bucket */
};

struct series {
    struct ll_series_key key; /* into text */
    enum ll_unit unit;
    struct bucket open[2];
    size_t key_n;
    char text[]; /* key for the map, then the names */
};

LL_VEC_DEFINE(series_vec, struct series *)

struct ll_roll {
    ll_roll_fn *fn;
    void *ctx;
    struct ll_map *map;
    struct series_vec series;
};

struct ll_roll *ll_roll_new(uint64_t seed, ll_roll_fn *fn, void *ctx)
{
    struct ll_roll *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->fn = fn;
    r->ctx = ctx;
    r->series.cap = LL_ROLL_SERIES_MAX;
    r->map = ll_map_new(seed, LL_ROLL_SERIES_MAX);
    if (r->map)
        return r;
    free(r);
    return NULL;
}

void ll_roll_free(struct ll_roll *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->series.n; i++) {
        for (size_t k = 0; k < LL_LEN(steps); k++)
            values_fini(&r->series.v[i]->open[k].values);
        free(r->series.v[i]);
    }
    series_vec_fini(&r->series);
    ll_map_free(r->map);
    free(r);
}

static struct ll_slice keep(char **at, struct ll_slice s)
{
    if (s.n)
        memcpy(*at, s.s, s.n);
    struct ll_slice kept = {*at, s.n};
    *at += s.n;
    return kept;
}

static struct series *make(struct ll_roll *r, const struct ll_sample *s, struct ll_slice key)
{
    const struct ll_series_key *k = &s->key;
    struct series *x = calloc(1, sizeof(*x) + key.n + k->service.n + k->instance.n + k->part.n + 1);
    if (!x)
        return NULL;
    char *at = x->text;
    struct ll_slice kept = keep(&at, key);
    x->key_n = key.n;
    x->key = (struct ll_series_key){keep(&at, k->service), keep(&at, k->instance),
                                    keep(&at, k->part), k->type};
    x->unit = s->unit;
    for (size_t i = 0; i < LL_LEN(steps); i++) {
        x->open[i].t = LL_TIME_NONE;
        x->open[i].values.cap = LL_ROLL_VALUES_MAX;
    }
    if (series_vec_push(&r->series, x) && ll_map_put(r->map, kept, r->series.n - 1))
        return x;
    r->series.n -= r->series.n > 0 && r->series.v[r->series.n - 1] == x;
    free(x);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool give(struct ll_roll *r, struct series *x, size_t level, struct ll_err *err)
{
    struct bucket *b = &x->open[level];
    const size_t n = b->values.n;
    if (b->t == LL_TIME_NONE || n == 0)
        return true;
    qsort(b->values.v, n, sizeof(double), by_value);
    const struct ll_rollup_row row = {
        .key = x->key,
        .unit = x->unit,
        .step = steps[level],
        .rollup = {.t = b->t,
                   .mean = b->sum / (double)n,
                   .max = b->max,
                   .p95 = b->values.v[(n * 95 + 99) / 100 - 1],
                   .count = (uint32_t)n,
                   .capacity =
                       b->with_capacity ? b->capacity / (double)b->with_capacity : (double)NAN}};
    b->t = LL_TIME_NONE;
    b->values.n = 0;
    return r->fn(r->ctx, &row, err);
}

/* The bucket that t falls into, which may close the one before. */
static bool open_at(struct ll_roll *r, struct series *x, size_t level, ll_time t,
                    struct ll_err *err)
{
    struct bucket *b = &x->open[level];
    const ll_time start = ll_time_floor(t, steps[level]);
    if (b->t == start)
        return true;
    if (!give(r, x, level, err))
        return false;
    b->t = start;
    b->sum = b->capacity = 0;
    b->max = -INFINITY;
    b->with_capacity = 0;
    return true;
}

static bool add(struct bucket *b, const struct ll_sample *s, struct ll_err *err)
{
    if (!values_push(&b->values, s->value))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the values of an hour");
    b->sum += s->value;
    b->max = fmax(b->max, isnan(s->max_value) ? s->value : s->max_value);
    if (!isnan(s->capacity)) {
        b->capacity += s->capacity;
        b->with_capacity++;
    }
    return true;
}

bool ll_roll_add(struct ll_roll *r, const struct ll_sample *s, const char **why, struct ll_err *err)
{
    char bytes[LL_SERIES_KEY_TEXT_MAX];
    size_t n, i;
    *why = NULL;
    if (!ll_series_key_bytes(&s->key, bytes, &n)) {
        *why = ll_refusal_text(LL_REFUSAL_NAME);
        return true;
    }
    struct series *x = NULL;
    if (ll_map_get(r->map, (struct ll_slice){bytes, n}, &i))
        x = r->series.v[i];
    else if (r->series.n == LL_ROLL_SERIES_MAX)
        *why = "more than 100000 series in one file";
    else if (!(x = make(r, s, (struct ll_slice){bytes, n})))
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu series", r->series.n);
    if (!x)
        return true;
    for (size_t k = 0; k < LL_LEN(steps) && !*why; k++) {
        const struct bucket *b = &x->open[k];
        if (b->t != LL_TIME_NONE && s->t < b->t)
            *why = "not in time order: rows of a series must be sorted by time";
        else if (b->t == ll_time_floor(s->t, steps[k]) && b->values.n == LL_ROLL_VALUES_MAX)
            *why = "more than 36000 values of a series in an hour";
    }
    for (size_t k = 0; !*why && k < LL_LEN(steps); k++)
        if (!open_at(r, x, k, s->t, err) || !add(&x->open[k], s, err))
            return false;
    return true;
}

bool ll_roll_end(struct ll_roll *r, struct ll_err *err)
{
    for (size_t i = 0; i < r->series.n; i++)
        for (size_t k = 0; k < LL_LEN(steps); k++)
            if (!give(r, r->series.v[i], k, err))
                return false;
    return true;
}
