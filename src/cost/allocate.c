#include "cost/allocate.h"

#include <math.h>

#include "stats/sum.h"

/* Of an item: what it costs, its part of its pool's idle, and its weight in what is shared. */
struct part {
    double own, idle, over, share;
};

struct sums {
    struct ll_sum own, idle, over, shared;
};

struct work {
    const struct ll_allocate_in *in;
    struct part *parts;                   /* [n_items] */
    struct ll_sum *kept_idle, *kept_over; /* [n_pools] */
    double *left_idle, *left_over;        /* [n_pools]: without weights to give them by */
    struct sums *groups;
    struct ll_sum filtered, unshared;
    double *loads, *weights; /* [n_pools][n_resources] */
    size_t *members;         /* [n_pools] items, [n_pools] kept ones */
};

static bool bad(struct ll_err *err, size_t i, const char *why)
{
    return ll_err_set(err, LL_E_INVALID, "allocation item %zu: %s", i, why);
}

static bool check_item(const struct ll_allocate_in *in, size_t i, struct ll_err *err)
{
    const struct ll_allocate_item *item = &in->items[i];
    if (item->group >= in->n_groups || item->pool >= in->n_pools)
        return bad(err, i, "its group or pool is not there");
    for (size_t r = 0; r < in->n_resources; r++)
        if (!isfinite(item->cost[r]))
            return bad(err, i, "a cost is not finite; leave out what is not known and count it");
    return true;
}

static bool check(const struct ll_allocate_in *in, struct ll_err *err)
{
    if (in->n_resources > LL_ALLOCATE_RESOURCES_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu resources, at most %d", in->n_resources,
                          LL_ALLOCATE_RESOURCES_MAX);
    if (!isfinite(in->overhead))
        return ll_err_set(err, LL_E_INVALID, "overhead %g is not finite", in->overhead);
    if (in->idle == LL_ALLOCATE_METRIC || (in->share == LL_ALLOCATE_METRIC && !in->group_metric))
        return ll_err_set(err, LL_E_INVALID, "sharing by a metric needs one, and idle has none");
    for (size_t k = 0; k < in->n_pools * in->n_resources; k++)
        if (isinf(in->assets[k]))
            return ll_err_set(err, LL_E_INVALID, "the cost of pool %zu is infinite",
                              k / in->n_resources);
    for (size_t g = 0; in->group_metric && g < in->n_groups; g++)
        if (!(in->group_metric[g] >= 0 && isfinite(in->group_metric[g])))
            return ll_err_set(err, LL_E_INVALID, "the metric of group %zu is not 0 or more", g);
    for (size_t i = 0; i < in->n_items; i++)
        if (!check_item(in, i, err))
            return false;
    return true;
}

/* A credit has no weight: with negative ones shares would leave [0, 1]. */
static double weight_of(const struct ll_allocate_in *in, const struct ll_allocate_item *item,
                        size_t r)
{
    return in->idle == LL_ALLOCATE_EVEN ? 1 : fmax(item->cost[r], 0);
}

static bool sum_pools(struct work *w, struct ll_arena *a)
{
    const struct ll_allocate_in *in = w->in;
    const size_t cells = in->n_pools * in->n_resources;
    struct ll_sum *loads = LL_ARENA_NEW(a, struct ll_sum, cells);
    struct ll_sum *weights = LL_ARENA_NEW(a, struct ll_sum, cells);
    if (!loads || !weights)
        return false;
    for (size_t i = 0; i < in->n_items; i++) {
        const struct ll_allocate_item *item = &in->items[i];
        w->members[2 * item->pool]++;
        w->members[2 * item->pool + 1] += item->shared || !item->dropped;
        for (size_t r = 0; r < in->n_resources; r++) {
            ll_sum_add(&loads[item->pool * in->n_resources + r], item->cost[r]);
            ll_sum_add(&weights[item->pool * in->n_resources + r], weight_of(in, item, r));
        }
    }
    for (size_t k = 0; k < cells; k++) {
        w->loads[k] = ll_sum_total(&loads[k]);
        w->weights[k] = ll_sum_total(&weights[k]);
    }
    return true;
}

/* Idle of the pool and resource; below 0 its workloads cost more than it does. */
static double idle_of(const struct work *w, size_t pool, size_t r)
{
    const size_t k = pool * w->in->n_resources + r;
    return isnan(w->in->assets[k]) ? 0 : w->in->assets[k] - w->loads[k];
}

static void leave_unweighted(struct work *w)
{
    for (size_t p = 0; p < w->in->n_pools; p++) {
        struct ll_sum idle = {0}, over = {0};
        for (size_t r = 0; r < w->in->n_resources; r++)
            if (!(w->weights[p * w->in->n_resources + r] > 0))
                ll_sum_add(idle_of(w, p, r) < 0 ? &over : &idle, idle_of(w, p, r));
        w->left_idle[p] = ll_sum_total(&idle);
        w->left_over[p] = ll_sum_total(&over);
    }
}

static void weigh_items(struct work *w)
{
    const struct ll_allocate_in *in = w->in;
    for (size_t i = 0; i < in->n_items; i++) {
        const struct ll_allocate_item *item = &in->items[i];
        struct ll_sum own = {0}, idle = {0}, over = {0};
        for (size_t r = 0; r < in->n_resources; r++) {
            const double all = w->weights[item->pool * in->n_resources + r];
            const double left = idle_of(w, item->pool, r);
            ll_sum_add(&own, item->cost[r]);
            if (all > 0)
                ll_sum_add(left < 0 ? &over : &idle, left * (weight_of(in, item, r) / all));
        }
        w->parts[i] =
            (struct part){ll_sum_total(&own), ll_sum_total(&idle), ll_sum_total(&over), 0};
    }
}

/* A group's weight in what is shared; within a group its items pay by what they cost. */
static double group_weight(const struct ll_allocate_in *in, size_t g, double cost, size_t payers)
{
    if (payers == 0)
        return 0;
    if (in->share == LL_ALLOCATE_METRIC)
        return in->group_metric[g];
    return in->share == LL_ALLOCATE_EVEN ? 1 : cost;
}

static bool weigh_shares(struct work *w, struct ll_arena *a)
{
    const struct ll_allocate_in *in = w->in;
    struct ll_sum *cost = LL_ARENA_NEW(a, struct ll_sum, in->n_groups), all = {0};
    size_t *payers = LL_ARENA_NEW(a, size_t, in->n_groups);
    if (!cost || !payers)
        return false;
    for (size_t i = 0; i < in->n_items; i++) {
        if (in->items[i].shared)
            continue;
        ll_sum_add(&cost[in->items[i].group], fmax(w->parts[i].own, 0));
        payers[in->items[i].group]++;
    }
    for (size_t g = 0; g < in->n_groups; g++)
        ll_sum_add(&all, group_weight(in, g, ll_sum_total(&cost[g]), payers[g]));
    const double total = ll_sum_total(&all);
    for (size_t i = 0; total > 0 && i < in->n_items; i++) {
        const size_t g = in->items[i].group;
        const double of_group = ll_sum_total(&cost[g]);
        if (in->items[i].shared)
            continue;
        const double within =
            of_group > 0 ? fmax(w->parts[i].own, 0) / of_group : 1.0 / (double)payers[g];
        w->parts[i].share = group_weight(in, g, of_group, payers[g]) / total * within;
    }
    return true;
}

/* What the shared items cost with overhead, and what lies idle beside them. */
struct shared {
    struct ll_sum own, idle, over;
    double paid, kept; /* shares that somebody, and somebody who is kept, pays */
};

static struct shared sum_shared(const struct work *w)
{
    struct shared s = {0};
    struct ll_sum paid = {0}, kept = {0};
    ll_sum_add(&s.own, w->in->overhead);
    for (size_t i = 0; i < w->in->n_items; i++) {
        const struct part *p = &w->parts[i];
        if (w->in->items[i].shared) {
            ll_sum_add(&s.own, p->own);
            ll_sum_add(&s.idle, p->idle);
            ll_sum_add(&s.over, p->over);
        } else {
            ll_sum_add(&paid, p->share);
            ll_sum_add(&kept, w->in->items[i].dropped ? 0 : p->share);
        }
    }
    s.paid = ll_sum_total(&paid);
    s.kept = ll_sum_total(&kept);
    return s;
}

/* A workload that pays: its own, its share, and its idle unless that stays with the pool. */
static void give(struct work *w, size_t i, const struct shared *s)
{
    const struct ll_allocate_item *item = &w->in->items[i];
    const struct part *p = &w->parts[i];
    const bool idle = w->in->idle != LL_ALLOCATE_NONE;
    double shared = p->share * ll_sum_total(&s->own);
    if (idle)
        shared += p->share * ll_sum_total(&s->idle) + p->share * ll_sum_total(&s->over);
    if (item->dropped) {
        ll_sum_add(&w->filtered, p->own);
        ll_sum_add(&w->filtered, shared);
        ll_sum_add(&w->filtered, p->idle);
        ll_sum_add(&w->filtered, p->over);
        return;
    }
    struct sums *g = &w->groups[item->group];
    ll_sum_add(&g->own, p->own);
    ll_sum_add(&g->shared, shared);
    ll_sum_add(idle ? &g->idle : &w->kept_idle[item->pool], p->idle);
    ll_sum_add(idle ? &g->over : &w->kept_over[item->pool], p->over);
}

/* Idle beside what is shared, where idle stays with its pool: as much of it is dropped as of the
 * shares.  Nobody to pay: it is all kept. */
static void keep_shared_idle(struct work *w, size_t i, const struct shared *s)
{
    const struct part *p = &w->parts[i];
    const size_t pool = w->in->items[i].pool;
    const double kept = s->paid > 0 ? s->kept / s->paid : 1;
    ll_sum_add(&w->kept_idle[pool], p->idle * kept);
    ll_sum_add(&w->kept_over[pool], p->over * kept);
    ll_sum_add(&w->filtered, p->idle * (1 - kept));
    ll_sum_add(&w->filtered, p->over * (1 - kept));
}

/* A pool that has workloads, all of them dropped, is dropped with what nobody could be given. */
static void keep_unweighted(struct work *w)
{
    for (size_t p = 0; p < w->in->n_pools; p++) {
        const bool gone = w->members[2 * p] > 0 && w->members[2 * p + 1] == 0;
        ll_sum_add(gone ? &w->filtered : &w->kept_idle[p], w->left_idle[p]);
        ll_sum_add(gone ? &w->filtered : &w->kept_over[p], w->left_over[p]);
    }
}

static void distribute(struct work *w)
{
    const struct shared s = sum_shared(w);
    for (size_t i = 0; i < w->in->n_items; i++) {
        if (!w->in->items[i].shared)
            give(w, i, &s);
        else if (w->in->idle == LL_ALLOCATE_NONE)
            keep_shared_idle(w, i, &s);
    }
    keep_unweighted(w);
    if (s.paid > 0)
        return;
    ll_sum_add(&w->unshared, ll_sum_total(&s.own));
    if (w->in->idle != LL_ALLOCATE_NONE) {
        ll_sum_add(&w->unshared, ll_sum_total(&s.idle));
        ll_sum_add(&w->unshared, ll_sum_total(&s.over));
    }
}

static bool collect(const struct work *w, struct ll_arena *out, struct ll_allocate_out *result)
{
    const struct ll_allocate_in *in = w->in;
    struct ll_allocate_group *groups = LL_ARENA_NEW(out, struct ll_allocate_group, in->n_groups);
    double *idle = LL_ARENA_NEW(out, double, in->n_pools);
    double *over = LL_ARENA_NEW(out, double, in->n_pools);
    struct ll_sum total = {0};
    if (!groups || !idle || !over)
        return false;
    for (size_t g = 0; g < in->n_groups; g++) {
        const struct sums *s = &w->groups[g];
        struct ll_allocate_group v = {.own = ll_sum_total(&s->own),
                                      .idle = ll_sum_total(&s->idle),
                                      .overcommit = ll_sum_total(&s->over),
                                      .shared = ll_sum_total(&s->shared)};
        v.total = v.own + v.idle + v.overcommit + v.shared;
        ll_sum_add(&total, v.total);
        groups[g] = v;
    }
    for (size_t p = 0; p < in->n_pools; p++) {
        ll_sum_add(&total, idle[p] = ll_sum_total(&w->kept_idle[p]));
        ll_sum_add(&total, over[p] = ll_sum_total(&w->kept_over[p]));
    }
    const double unshared = ll_sum_total(&w->unshared), filtered = ll_sum_total(&w->filtered);
    ll_sum_add(&total, unshared);
    ll_sum_add(&total, filtered);
    *result =
        (struct ll_allocate_out){groups, idle, over, unshared, filtered, ll_sum_total(&total)};
    return true;
}

bool ll_allocate(const struct ll_allocate_in *in, struct ll_arena *out,
                 struct ll_allocate_out *result, struct ll_err *err)
{
    if (!check(in, err))
        return false;
    const size_t cells = in->n_pools * in->n_resources;
    struct work w = {
        .in = in,
        .parts = LL_ARENA_NEW(out, struct part, in->n_items),
        .kept_idle = LL_ARENA_NEW(out, struct ll_sum, in->n_pools),
        .kept_over = LL_ARENA_NEW(out, struct ll_sum, in->n_pools),
        .left_idle = LL_ARENA_NEW(out, double, in->n_pools),
        .left_over = LL_ARENA_NEW(out, double, in->n_pools),
        .groups = LL_ARENA_NEW(out, struct sums, in->n_groups),
        .loads = LL_ARENA_NEW(out, double, cells),
        .weights = LL_ARENA_NEW(out, double, cells),
        .members = LL_ARENA_NEW(out, size_t, 2 * in->n_pools),
    };
    bool ok = w.parts && w.kept_idle && w.kept_over && w.left_idle && w.left_over && w.groups &&
              w.loads && w.weights && w.members && sum_pools(&w, out);
    if (ok) {
        leave_unweighted(&w);
        weigh_items(&w);
        ok = weigh_shares(&w, out);
    }
    if (ok) {
        distribute(&w);
        ok = collect(&w, out, result);
    }
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory to allocate %zu items", in->n_items);
}
