#include "cost/costs.h"

#include <math.h>

#include "cost/rates.h"
#include "stats/sum.h"

/* Of one usage while it is added up. */
struct tally {
    struct ll_sum billed, used; /* money */
    struct ll_sum amount, of;   /* units used where capacity is known, and that capacity */
    double hours, unknown, unpriced;
    double rate; /* money an hour, at the last hour that is known */
    struct ll_price_found price;
};

static bool bad(struct ll_err *err, size_t i, const char *why)
{
    return ll_err_set(err, LL_E_INVALID, "cost of usage %zu: %s", i, why);
}

static bool check(const struct ll_costs_in *in, struct ll_err *err)
{
    if (in->to <= in->from)
        return ll_err_set(err, LL_E_INVALID, "the period ends before it begins");
    if (!isfinite(in->overhead))
        return ll_err_set(err, LL_E_INVALID, "overhead %g is not finite", in->overhead);
    for (size_t i = 0; i < in->n_usages; i++)
        if (in->usages[i].service >= in->n_services ||
            (size_t)in->usages[i].type >= LL_RESOURCE_COUNT)
            return bad(err, i, "its service or resource type is not there");
    return true;
}

/* Sums of hours of one price, of units: none is negative, so that plain sums lose no more than a
 * rounding each. */
struct hours_sum {
    double billed, used, amount, of;
    double hours, unknown;
    double last; /* the units of the last hour that is known */
};

static double hours_in(const struct ll_costs_in *in, ll_time at)
{
    if (at >= in->from && at + LL_HOUR <= in->to) /* nearly all */
        return 1;
    return ll_cost_hours(at, at + LL_HOUR, in->from, in->to);
}

/* False when units are negative or infinite. */
static inline bool sum_hour(const struct ll_cost_usage *u, size_t i, double hours, bool by_use,
                            struct hours_sum *s)
{
    const double a = u->allocated ? u->allocated[i] : (double)NAN, used = u->used[i];
    const double q = by_use || isnan(a) ? used : a;
    if (isnan(q)) {
        s->unknown += hours;
        return true;
    }
    if (!(q >= 0) || isinf(q) || used < 0 || isinf(used))
        return false;
    s->hours += hours;
    s->last = q;
    s->billed += q * hours;
    s->used += (isnan(used) || used > q ? q : used) * hours;
    if (!isnan(used) && a > 0) {
        s->amount += used * hours;
        s->of += a * hours;
    }
    return true;
}

/* Hours [i, end) of one price. */
static bool add_hours(const struct ll_costs_in *in, const struct ll_cost_usage *u, size_t i,
                      size_t end, struct tally *t)
{
    const struct ll_price_unit *unit = ll_price_unit(u->type);
    const double price = t->price.unit * unit->scale;
    struct hours_sum s = {.last = (double)NAN};
    for (; i < end; i++) {
        const double hours = hours_in(in, u->t0 + (ll_time)i * LL_HOUR);
        if (hours > 0 && !sum_hour(u, i, hours, unit->by_use, &s))
            return false;
    }
    t->hours += s.hours;
    t->unknown += s.unknown;
    ll_sum_add(&t->amount, s.amount);
    ll_sum_add(&t->of, s.of);
    if (isnan(price)) {
        t->unpriced += s.hours;
        return true;
    }
    if (s.hours > 0)
        t->rate = s.last * price;
    ll_sum_add(&t->billed, s.billed * price);
    ll_sum_add(&t->used, s.used * price);
    return true;
}

static bool add_usage(const struct ll_costs_in *in, const struct ll_cost_usage *u, struct tally *t)
{
    struct ll_price_ask ask = {.service = in->services[u->service].name,
                               .instance_type = u->instance_type,
                               .type = u->type,
                               .kind = in->kind};
    *t = (struct tally){.rate = (double)NAN};
    for (size_t i = 0; i < u->n;) {
        ask.t = u->t0 + (ll_time)i * LL_HOUR;
        t->price = ll_prices_find(in->prices, &ask);
        size_t end = u->n;
        if (t->price.until != LL_TIME_MAX) {
            const ll_time until = (t->price.until - u->t0 + LL_HOUR - 1) / LL_HOUR;
            end = until < (ll_time)u->n ? LL_MAX((size_t)until, i + 1) : u->n;
        }
        if (!add_hours(in, u, i, end, t))
            return false;
        i = end;
    }
    return true;
}

static struct ll_resource_cost row_of(const struct ll_cost_usage *u, const struct tally *t)
{
    const double of = ll_sum_total(&t->of);
    const bool priced = t->unpriced == 0 && t->price.price != NULL;
    struct ll_resource_cost r = {
        .service = u->service,
        .type = u->type,
        .hourly_cost = priced ? t->rate : (double)NAN,
        .monthly_cost = priced ? ll_cost_monthly_rate(t->rate) : (double)NAN,
        .period_cost = priced ? ll_sum_total(&t->billed) : (double)NAN,
        .used_cost = priced ? ll_sum_total(&t->used) : (double)NAN,
        .utilization_pct = of > 0 ? 100 * ll_sum_total(&t->amount) / of : (double)NAN,
        .hours = t->hours,
        .unknown_hours = t->unknown,
        .priced = priced,
        .stale = priced && t->price.stale,
        .kind = t->price.kind,
    };
    r.idle_cost = r.period_cost - r.used_cost;
    return r;
}

struct work {
    struct ll_resource_cost *rows;
    struct ll_allocate_item *items;
    double *cost;   /* [n_services][LL_RESOURCE_COUNT]: used */
    double *assets; /* the same: all */
    double *metric;
};

/* Each service is a pool of its own: what it has allocated is what it leaves idle. */
static bool tally_all(const struct ll_costs_in *in, struct work *w, struct ll_costs *out,
                      struct ll_err *err)
{
    for (size_t i = 0; i < in->n_usages; i++) {
        struct tally t;
        const struct ll_cost_usage *u = &in->usages[i];
        if (!add_usage(in, u, &t))
            return bad(err, i, "units are negative or infinite");
        const struct ll_resource_cost r = w->rows[i] = row_of(u, &t);
        out->unpriced += !r.priced;
        out->stale += r.stale;
        out->unknown += r.unknown_hours > 0;
        if (!r.priced)
            continue;
        const size_t cell = u->service * LL_RESOURCE_COUNT + (size_t)u->type;
        w->cost[cell] += r.used_cost;
        w->assets[cell] += r.period_cost;
        out->by_resource[u->type] += r.period_cost;
    }
    return true;
}

static bool too_large(struct ll_err *err)
{
    return ll_err_set(err, LL_E_RANGE, "the costs add up to more than a number can hold");
}

static bool holds(const struct work *w, size_t cells, double overhead, struct ll_err *err)
{
    for (size_t k = 0; k < cells; k++)
        if (!isfinite(w->assets[k]) || !isfinite(w->cost[k]))
            return too_large(err);
    return isfinite(overhead) || too_large(err);
}

static bool allocate(const struct ll_costs_in *in, struct work *w, struct ll_arena *arena,
                     struct ll_costs *out, struct ll_err *err)
{
    struct ll_allocate_out shares;
    for (size_t s = 0; s < in->n_services; s++) {
        w->items[s] = (struct ll_allocate_item){.group = s,
                                                .pool = s,
                                                .cost = w->cost + s * LL_RESOURCE_COUNT,
                                                .shared = in->services[s].shared,
                                                .dropped = in->services[s].dropped};
        w->metric[s] = in->services[s].metric;
    }
    const struct ll_allocate_in ask = {
        .items = w->items,
        .assets = w->assets,
        .n_items = in->n_services,
        .n_pools = in->n_services,
        .n_groups = in->n_services,
        .n_resources = LL_RESOURCE_COUNT,
        .idle = in->idle,
        .share = in->share,
        .group_metric = w->metric,
        .overhead = in->overhead * ll_cost_hours(in->from, in->to, in->from, in->to),
    };
    if (!holds(w, in->n_services * LL_RESOURCE_COUNT, ask.overhead, err) ||
        !ll_allocate(&ask, arena, &shares, err))
        return false;
    struct ll_service_cost *rows = LL_ARENA_NEW(arena, struct ll_service_cost, in->n_services);
    if (!rows)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the costs of %zu services",
                          in->n_services);
    struct ll_sum idle = {0}, over = {0};
    for (size_t s = 0; s < in->n_services; s++) {
        const struct ll_allocate_group *g = &shares.groups[s];
        rows[s] = (struct ll_service_cost){s, g->own, g->idle, g->overcommit, g->shared, g->total};
        ll_sum_add(&idle, shares.idle[s]);
        ll_sum_add(&over, shares.overcommit[s]);
    }
    out->services = rows;
    out->total = shares.total;
    out->idle = ll_sum_total(&idle);
    out->overcommit = ll_sum_total(&over);
    out->shared = shares.shared;
    out->filtered = shares.filtered;
    out->overhead = ask.overhead;
    return isfinite(out->total) || too_large(err);
}

bool ll_costs_calculate(const struct ll_costs_in *in, struct ll_arena *arena,
                        struct ll_costs *result, struct ll_err *err)
{
    if (!check(in, err))
        return false;
    const size_t cells = in->n_services * LL_RESOURCE_COUNT;
    struct work w = {
        .rows = LL_ARENA_NEW(arena, struct ll_resource_cost, in->n_usages),
        .items = LL_ARENA_NEW(arena, struct ll_allocate_item, in->n_services),
        .cost = LL_ARENA_NEW(arena, double, cells),
        .assets = LL_ARENA_NEW(arena, double, cells),
        .metric = LL_ARENA_NEW(arena, double, in->n_services),
    };
    struct ll_costs out = {.resources = w.rows};
    if (!w.rows || !w.items || !w.cost || !w.assets || !w.metric)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the costs of %zu services",
                          in->n_services);
    if (!tally_all(in, &w, &out, err) || !allocate(in, &w, arena, &out, err))
        return false;
    *result = out;
    return true;
}
