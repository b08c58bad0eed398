#include "core/labeled.h"

#include <stdlib.h>

struct ll_labeled_set *ll_labeled_set_new(size_t size, size_t cap_bytes)
{
    LL_AUTO(ll_labeled_set) s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->size = LL_MAX(size, (size_t)16);
    s->v = calloc(s->size, sizeof(*s->v));
    s->arena = ll_arena_new(cap_bytes);
    if (!s->v || !s->arena)
        return NULL;
    struct ll_labeled_set *made = s;
    s = NULL;
    return made;
}

void ll_labeled_set_free(struct ll_labeled_set *s)
{
    if (!s)
        return;
    ll_arena_free(s->arena);
    free(s->v);
    free(s);
}

size_t ll_labeled_set_bytes(const struct ll_labeled_set *s)
{
    return s->size * sizeof(*s->v) + ll_arena_used(s->arena);
}

static bool make_room(struct ll_labeled_set *s)
{
    if (s->n < s->size)
        return true;
    struct ll_labeled_series *v = realloc(s->v, s->size * 2 * sizeof(*v));
    if (!v)
        return false;
    s->v = v;
    s->size *= 2;
    return true;
}

bool ll_labeled_set_add(struct ll_labeled_set *s, const struct ll_label *labels, size_t n_labels,
                        enum ll_labeled_kind kind, const struct ll_labeled_point *points,
                        size_t n_points)
{
    size_t bytes = ll_labels_size(labels, n_labels);
    char *set = ll_arena_alloc(s->arena, bytes, 1);
    struct ll_labeled_point *copy = LL_ARENA_NEW(s->arena, struct ll_labeled_point, n_points);
    if (!set || !copy || !make_room(s))
        return false;
    ll_labels_write(labels, n_labels, set);
    if (n_points)
        memcpy(copy, points, n_points * sizeof(*copy));
    s->v[s->n++] = (struct ll_labeled_series){{set, bytes}, kind, copy, n_points};
    s->points += n_points;
    return true;
}
