#include "mapping/preview.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "mapping/mapper.h"

enum { SOURCES_MAX = 128, OUTPUTS_MAX = 4 << 20, LABELS = LL_LABELS_MAX + 1 };

/* One instance of a part, under one of the mappings. */
struct output {
    struct ll_slice service, part, instance;
    enum ll_resource_type type;
    bool after;
};

LL_VEC_DEFINE(outputs, struct output)

struct side {
    const struct ll_mapping *mapping;
    bool after;
    struct ll_mapper *mappers[SOURCES_MAX];
    struct ll_slice sources[SOURCES_MAX];
    size_t n;
    struct ll_preview_count count;
};

struct work {
    struct ll_arena *arena;
    struct outputs found;
    const struct side *side; /* whose results come */
    uint64_t seed;
    bool failed;
};

static void take_sample(void *ctx, const struct ll_sample *s)
{
    struct work *w = ctx;
    struct output o = {.type = s->key.type, .after = w->side->after};
    const struct ll_slice from[] = {s->key.service, s->key.part, s->key.instance};
    struct ll_slice *const to[] = {&o.service, &o.part, &o.instance};
    for (size_t i = 0; i < LL_LEN(from); i++) {
        const char *z = ll_arena_copy(w->arena, from[i].s, from[i].n);
        w->failed |= !z;
        *to[i] = (struct ll_slice){z ? z : "", z ? from[i].n : 0};
    }
    w->failed |= !outputs_push(&w->found, o);
}

static void take_end(void *ctx, const struct ll_series_end *e)
{
    (void)ctx;
    (void)e;
}

static void take_facts(void *ctx, const struct ll_service_facts *f)
{
    (void)ctx;
    (void)f;
}

static void take_business(void *ctx, const struct ll_business *b)
{
    (void)ctx;
    (void)b;
}

static struct ll_mapper *mapper_of(struct work *w, struct side *s, struct ll_slice source)
{
    for (size_t i = 0; i < s->n; i++)
        if (ll_slice_eq(s->sources[i], source))
            return s->mappers[i];
    if (s->n == SOURCES_MAX)
        return NULL;
    struct ll_mapper *m = ll_mapper_new(
        &(struct ll_mapper_opts){.mapping = s->mapping, .source = source, .seed = w->seed});
    if (!m)
        return NULL;
    s->sources[s->n] = source;
    s->mappers[s->n++] = m;
    return m;
}

static void side_fini(struct side *s)
{
    for (size_t i = 0; i < s->n; i++)
        ll_mapper_free(s->mappers[i]);
}

/* The labels without the one that names the source. */
static bool split(struct work *w, struct ll_slice set, struct ll_slice *labels,
                  struct ll_slice *source)
{
    struct ll_label v[LABELS], l;
    size_t n = 0;
    *source = LL_SLICE("");
    while (n < LABELS && ll_labels_next(&set, &l)) {
        if (ll_slice_is(l.name, "__source__"))
            *source = l.value;
        else
            v[n++] = l;
    }
    size_t bytes = ll_labels_size(v, n);
    char *to = ll_arena_alloc(w->arena, bytes, 1);
    if (!to)
        return false;
    ll_labels_write(v, n, to);
    *labels = (struct ll_slice){to, bytes};
    return true;
}

/* Rates are made already, and no value is zero: a recipe fails for no other reason than names. */
static enum ll_labeled_kind kind_of(enum ll_labeled_kind k)
{
    return k == LL_LABELED_COUNTER ? LL_LABELED_RATE : k;
}

static bool feed(struct work *w, struct side *s, const struct ll_labeled_series *x,
                 struct ll_slice labels, struct ll_slice source)
{
    const struct ll_mapper_out out = {w, take_sample, take_end, take_facts, take_business};
    enum ll_mapper_fate fate;
    bool raw;
    struct ll_mapper *m = mapper_of(w, s, source);
    if (!m)
        return false;
    w->side = s;
    struct ll_mapper_series *series = ll_mapper_series(m, labels, kind_of(x->kind), 0, &fate, &raw);
    s->count.mapped += fate == LL_MAPPER_MAPPED;
    s->count.unmatched += fate == LL_MAPPER_UNMATCHED;
    s->count.dropped += fate == LL_MAPPER_DROPPED;
    if (fate == LL_MAPPER_MAPPED && series)
        ll_mapper_put(
            m, series,
            &(struct ll_labeled_point){0, x->n ? x->points[x->n - 1].bits : ll_labeled_bits(1)},
            &out);
    return !w->failed;
}

static void close_side(struct work *w, struct side *s)
{
    const struct ll_mapper_out out = {w, take_sample, take_end, take_facts, take_business};
    w->side = s;
    for (size_t i = 0; i < s->n; i++)
        ll_mapper_close(s->mappers[i], 0, LL_MAPPER_COMPLETE, &out);
}

static int by_row(const void *pa, const void *pb)
{
    const struct output *a = pa, *b = pb;
    int c = ll_slice_cmp(a->service, b->service);
    if (c == 0)
        c = (a->type > b->type) - (a->type < b->type);
    if (c == 0)
        c = ll_slice_cmp(a->part, b->part);
    if (c == 0)
        c = (a->after > b->after) - (a->after < b->after);
    return c ? c : ll_slice_cmp(a->instance, b->instance);
}

static bool same_row(const struct output *a, const struct output *b)
{
    return a->type == b->type && ll_slice_eq(a->service, b->service) &&
           ll_slice_eq(a->part, b->part);
}

static bool same_output(const struct output *a, const struct output *b)
{
    return same_row(a, b) && a->after == b->after && ll_slice_eq(a->instance, b->instance);
}

/* The next row of the sorted outputs; *same: the instances are the very same. */
static struct ll_preview_row row_at(const struct outputs *f, size_t *i, bool *same)
{
    const struct output *first = &f->v[*i];
    struct ll_preview_row row = {first->service, first->part, first->type, 0, 0};
    size_t begin = *i, middle = 0;
    for (; *i < f->n && same_row(first, &f->v[*i]); ++*i) {
        if (f->v[*i].after && row.after == 0)
            middle = *i;
        *(f->v[*i].after ? &row.after : &row.before) += 1;
    }
    *same = row.before == row.after;
    for (size_t k = 0; k < row.before && *same; k++)
        *same = ll_slice_eq(f->v[begin + k].instance, f->v[middle + k].instance);
    return row;
}

static bool diff(struct work *w, struct ll_preview *res)
{
    struct outputs *f = &w->found;
    size_t kept = 0;
    if (f->n)
        qsort(f->v, f->n, sizeof(*f->v), by_row);
    for (size_t i = 0; i < f->n; i++)
        if (kept == 0 || !same_output(&f->v[kept - 1], &f->v[i]))
            f->v[kept++] = f->v[i];
    f->n = kept;
    struct ll_preview_row *rows = LL_ARENA_NEW(w->arena, struct ll_preview_row, kept);
    if (!rows)
        return false;
    struct ll_slice last[2] = {{NULL, 0}, {NULL, 0}};
    for (size_t i = 0; i < f->n;) {
        bool same;
        struct ll_preview_row row = row_at(f, &i, &same);
        struct ll_preview_count *counts[] = {&res->before, &res->after};
        const size_t n[] = {row.before, row.after};
        for (size_t k = 0; k < LL_LEN(n); k++) {
            counts[k]->outputs += n[k];
            counts[k]->services += n[k] > 0 && !(last[k].s && ll_slice_eq(last[k], row.service));
            if (n[k] > 0)
                last[k] = row.service;
        }
        if (same)
            res->same++;
        else
            rows[res->n++] = row;
    }
    res->rows = rows;
    return true;
}

bool ll_preview(const struct ll_labeled_set *known, const struct ll_mapping *before,
                const struct ll_mapping *after, uint64_t seed, struct ll_arena *out,
                struct ll_preview *res, struct ll_err *err)
{
    struct work w = {.arena = out, .found = {.cap = OUTPUTS_MAX}, .seed = seed};
    struct side sides[] = {{.mapping = before}, {.mapping = after, .after = true}};
    bool ok = true;
    for (size_t i = 0; i < known->n && ok; i++) {
        struct ll_slice labels, source;
        ok = split(&w, known->v[i].labels, &labels, &source);
        for (size_t k = 0; k < LL_LEN(sides) && ok; k++)
            ok = feed(&w, &sides[k], &known->v[i], labels, source);
    }
    struct ll_preview made = {0};
    for (size_t k = 0; k < LL_LEN(sides); k++) {
        if (ok)
            close_side(&w, &sides[k]);
        side_fini(&sides[k]);
    }
    made.before = sides[0].count;
    made.after = sides[1].count;
    ok = ok && !w.failed && diff(&w, &made);
    outputs_fini(&w.found);
    if (!ok)
        return ll_err_set(err, LL_E_MEMORY, "no memory to compare %zu series", known->n);
    *res = made;
    return true;
}
