#include "collect/promql_targets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define NONE SIZE_MAX

enum { KEY_MAX = 1024 };

struct target {
    struct ll_slice labels, key;
    size_t next; /* of the same job and instance */
    bool gone;
};

struct ll_promql_targets {
    struct target *v;
    struct ll_map *first; /* job and instance -> index */
    struct ll_arena *keys;
    size_t n, down;
};

/* "job NUL instance"; 0 when they are too long, or both are missing. */
static size_t make_key(struct ll_slice labels, char key[static KEY_MAX])
{
    struct ll_slice job = ll_labels_get(labels, LL_SLICE("job"));
    struct ll_slice instance = ll_labels_get(labels, LL_SLICE("instance"));
    if (job.n + instance.n == 0 || job.n + instance.n + 1 > KEY_MAX)
        return 0;
    if (job.n)
        memcpy(key, job.s, job.n);
    key[job.n] = '\0';
    if (instance.n)
        memcpy(key + job.n + 1, instance.s, instance.n);
    return job.n + 1 + instance.n;
}

static bool is_gone(const struct ll_labeled_series *up, ll_time now, ll_dur fresh)
{
    double last = up->n ? ll_labeled_value(up->points[up->n - 1].bits) : NAN;
    return last <= 0 || last < (double)(now - fresh) / 1000; /* NaN: not known to be gone */
}

static bool add(struct ll_promql_targets *t, const struct ll_labeled_series *up, ll_time now,
                ll_dur fresh)
{
    char key[KEY_MAX];
    size_t n = make_key(up->labels, key), before = NONE;
    if (n == 0)
        return true;
    struct target *it = &t->v[t->n];
    const char *kept = ll_arena_copy(t->keys, key, n);
    if (!kept)
        return false;
    *it = (struct target){up->labels, {kept, n}, NONE, is_gone(up, now, fresh)};
    if (ll_map_get(t->first, it->key, &before))
        it->next = before;
    if (!ll_map_put(t->first, it->key, t->n))
        return false;
    t->down += it->gone;
    t->n++;
    return true;
}

struct ll_promql_targets *ll_promql_targets_new(const struct ll_labeled_set *ups, ll_time now,
                                                ll_dur fresh, uint64_t seed)
{
    LL_AUTO(ll_promql_targets) t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->v = calloc(ups->n + 1, sizeof(*t->v));
    t->first = ll_map_new(seed, ups->n + 1);
    t->keys = ll_arena_new((ups->n + 1) * (KEY_MAX + 16));
    if (!t->v || !t->first || !t->keys)
        return NULL;
    for (size_t i = 0; i < ups->n; i++)
        if (!add(t, &ups->v[i], now, fresh))
            return NULL;
    struct ll_promql_targets *made = t;
    t = NULL;
    return made;
}

void ll_promql_targets_free(struct ll_promql_targets *t)
{
    if (!t)
        return;
    free(t->v);
    ll_map_free(t->first);
    ll_arena_free(t->keys);
    free(t);
}

/* Every label of the target, its name aside, is one of the series. */
static bool is_of(struct ll_slice target, struct ll_slice series)
{
    struct ll_label want, have;
    while (ll_labels_next(&target, &want)) {
        if (ll_slice_eq(want.name, LL_LABELS_NAME))
            continue;
        bool found = false;
        while (!found && ll_labels_next(&series, &have)) /* both are sorted */
            found = ll_slice_eq(want.name, have.name);
        if (!found || !ll_slice_eq(want.value, have.value))
            return false;
    }
    return true;
}

bool ll_promql_targets_gone(const struct ll_promql_targets *t, struct ll_slice labels)
{
    char key[KEY_MAX];
    size_t n = make_key(labels, key), at = NONE;
    bool gone = false;
    if (n == 0 || !ll_map_get(t->first, (struct ll_slice){key, n}, &at))
        return false;
    for (; at != NONE; at = t->v[at].next) {
        if (!is_of(t->v[at].labels, labels))
            continue;
        if (!t->v[at].gone)
            return false;
        gone = true;
    }
    return gone;
}

size_t ll_promql_targets_down(const struct ll_promql_targets *t, size_t *all)
{
    *all = t->n;
    return t->down;
}
