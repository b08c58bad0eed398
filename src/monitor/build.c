/* Making a view: metrics, then cells, then services and resource types, then the verdict.
 * Each step reads only what the step before made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/judge.h"
#include "monitor/verdict.h"
#include "stats/quantile.h"

enum { ARENA_PER_SERIES = 4096, ARENA_BASE = 1 << 20 };

static const ll_dur gone_after = 15 * LL_MINUTE;

struct build {
    struct ll_monitor *m;
    const struct ll_monitor_policy *policy;
    struct ll_view *v;
    struct ll_metric *metrics;
    struct ll_limit *limits;
    struct ll_cell *cells;
    struct ll_service_row *services;
    size_t *top, *problems;
    ll_time now;
};

static bool copy_slice(struct ll_arena *a, struct ll_slice *s)
{
    char *z = ll_arena_copy(a, s->s, s->n);
    if (z)
        s->s = z;
    return z != NULL;
}

static struct ll_slice tier_of(const struct build *b, struct ll_slice service)
{
    struct ll_service_meta meta = {0};
    double instances;
    const struct ll_service_facts *found = ll_state_facts(b->m, service, b->now);
    b->policy->service(b->policy->ctx, service, &meta, &instances);
    return meta.tier.n || !found ? meta.tier : found->meta.tier;
}

static bool make_metric(struct build *b, size_t i, const struct ll_threshold *th)
{
    struct ll_series_state *s = b->m->sorted[i];
    struct ll_metric *x = &b->metrics[i];
    ll_dur age = b->now - s->t - s->step;
    ll_dur stale_after = ll_status_stale_after(ll_state_cadence(s, b->policy->interval));
    *x = (struct ll_metric){
        .key = s->key,
        .unit = s->unit,
        .primary = s->stands,
        .value = s->value,
        .capacity = s->capacity,
        .utilization = s->value / s->capacity, /* NaN stays NaN */
        .max_value = s->max_value,
        .window = s->window,
        .t = s->t,
        .age = LL_MAX(age, (ll_dur)0),
        .stale = s->ended || age > stale_after,
    };
    ll_state_trend(s, b->m->scratch);
    ll_judge_limit(s, th, &b->limits[i]);
    b->limits[i].metric = i;
    x->to_critical_s = b->limits[i].to_critical_s;
    x->to_capacity_s = b->limits[i].to_capacity_s;
    x->reason = ll_judge_part(x, th);
    return copy_slice(b->v->arena, &x->key.service) && copy_slice(b->v->arena, &x->key.instance) &&
           copy_slice(b->v->arena, &x->key.part);
}

/* A part that fell silent while others of the cell go on (a pod replaced, a disk taken
 * out) is a problem for a while and then gone; at once when its sender said that it ended. */
static bool is_gone(const struct build *b, size_t i, bool any_fresh)
{
    const struct ll_metric *x = &b->metrics[i];
    return x->stale && any_fresh && (b->m->sorted[i]->ended || b->now - x->t > gone_after);
}

static void sum_primary(const struct build *b, struct ll_cell *c, double *max)
{
    double value = 0, capacity = 0;
    size_t n = 0;
    *max = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct ll_metric *x = &b->metrics[c->first + i];
        if (!x->primary || x->stale)
            continue;
        c->unit = x->unit;
        value += x->value;
        capacity += x->capacity; /* one unknown makes the sum unknown */
        *max += isnan(x->max_value) ? x->value : x->max_value;
        n++;
    }
    c->value = n ? value : NAN;
    c->capacity = n ? capacity : NAN;
    c->utilization = c->value / c->capacity;
    *max = n ? *max / capacity : NAN;
}

static void judge_cell(struct build *b, struct ll_cell *c)
{
    bool any_fresh = false;
    for (size_t i = 0; i < c->n; i++)
        any_fresh |= !b->metrics[c->first + i].stale;
    c->stale = !any_fresh;
    c->worst = c->limiting = c->first;
    c->to_critical_s = NAN;
    int worst = -1;
    for (size_t i = 0; i < c->n; i++) {
        const struct ll_metric *x = &b->metrics[c->first + i];
        if (is_gone(b, c->first + i, any_fresh))
            continue;
        int severity = ll_reason_severity(x->reason);
        double u = b->metrics[c->worst].utilization;
        if (severity > worst || (severity == worst && x->utilization > u)) {
            worst = severity;
            c->worst = c->first + i;
        }
        if (!x->stale && !isnan(x->to_critical_s) && !(c->to_critical_s <= x->to_critical_s)) {
            c->to_critical_s = x->to_critical_s;
            c->limiting = c->first + i;
        }
    }
    c->reason = b->metrics[c->worst].reason;
}

/* The highest of the last 24 hours, by the hour. */
static double peak_24h(const struct ll_cell_state *s, ll_time now)
{
    double v[24];
    size_t n = ll_ring_known(&s->peaks, now / LL_HOUR, LL_LEN(v), v);
    double top = NAN;
    for (size_t i = 0; i < n; i++)
        top = fmax(top, v[i]);
    return top;
}

static double p95_7d(const struct ll_cell_state *s, ll_time now)
{
    double v[LL_STATE_QUARTERS];
    size_t n = ll_ring_known(&s->quarters, now / LL_STATE_QUARTER, LL_LEN(v), v);
    return ll_quantile(v, n, 0.95);
}

static void remember_cell(struct ll_cell_state *s, const struct ll_cell *c, double max, ll_time now)
{
    if (c->stale || isnan(c->utilization))
        return;
    ll_state_mean_add(&s->five, &s->fives, now / LL_STATE_FIVE, c->utilization);
    ll_state_mean_add(&s->quarter, &s->quarters, now / LL_STATE_QUARTER, c->utilization);
    double peak = ll_ring_get(&s->peaks, now / LL_HOUR);
    ll_ring_set(&s->peaks, now / LL_HOUR, isnan(peak) ? max : fmax(peak, max));
}

static void note_change(struct ll_cell_state *s, struct ll_cell *c, ll_time now)
{
    enum ll_status status = ll_reason_status(c->reason);
    if (s->judged && s->status != status)
        s->since = now;
    s->judged = true;
    s->status = status;
    c->since = s->since;
}

static void make_cell(struct build *b, struct ll_cell *c)
{
    struct ll_cell_state *s = b->m->cells[b->m->sorted[c->first]->cell];
    double max;
    c->unit = b->metrics[c->first].unit;
    sum_primary(b, c, &max);
    judge_cell(b, c);
    remember_cell(s, c, max, b->now);
    enum ll_reason window = ll_judge_window(s, &c->threshold, b->now);
    if (!c->stale && window != LL_REASON_BELOW_WARNING &&
        ll_reason_severity(window) > ll_reason_severity(c->reason))
        c->reason = window;
    c->peak_24h = peak_24h(s, b->now);
    c->p95_7d = p95_7d(s, b->now);
}

/* What a machine has one of: whoever runs on it takes from the same. */
static bool is_of_machine(enum ll_resource_type type)
{
    return type == LL_RESOURCE_CPU || type == LL_RESOURCE_MEMORY || type == LL_RESOURCE_NETWORK;
}

/* Units and containers are inside the host that reports them under its own instance name:
 * what they use is in its sum already.  True when all of the cell is. */
static bool is_inside_host(const struct build *b, const struct ll_cell *c)
{
    const struct ll_cell *host = ll_view_cell(b->v, LL_SLICE(LL_HOST_SERVICE), c->type);
    if (!is_of_machine(c->type) || !host || host == c || isnan(host->value))
        return false;
    for (size_t i = 0; i < c->n; i++) {
        bool found = false;
        for (size_t k = 0; k < host->n && !found; k++)
            found = ll_slice_eq(b->metrics[c->first + i].key.instance,
                                b->metrics[host->first + k].key.instance);
        if (!found)
            return false;
    }
    return true;
}

/* A unit without a limit of its own is measured against the whole machine: that it takes
 * little of it does not make it too large. */
static bool has_borrowed_capacity(const struct build *b, const struct ll_cell *c)
{
    const struct ll_cell *host = ll_view_cell(b->v, LL_SLICE(LL_HOST_SERVICE), c->type);
    return is_inside_host(b, c) && c->capacity >= host->capacity;
}

/* What needs all cells to be there: the last word on the status. */
static void settle_cells(struct build *b)
{
    for (size_t i = 0; i < b->v->n_cells; i++) {
        struct ll_cell *c = &b->cells[i];
        if (c->reason == LL_REASON_OVER_WINDOW && has_borrowed_capacity(b, c))
            c->reason = b->metrics[c->worst].reason;
        note_change(b->m->cells[b->m->sorted[c->first]->cell], c, b->now);
    }
}

static bool same_cell(const struct ll_series_key *a, const struct ll_series_key *b)
{
    return a->type == b->type && ll_slice_eq(a->service, b->service);
}

static bool make_cells(struct build *b)
{
    size_t n = b->m->n_series;
    for (size_t i = 0; i < n;) {
        const struct ll_series_key *key = &b->m->sorted[i]->key;
        struct ll_cell *c = &b->cells[b->v->n_cells++];
        *c = (struct ll_cell){.type = key->type, .first = i};
        c->threshold =
            b->policy->threshold(b->policy->ctx, key->service, tier_of(b, key->service), key->type);
        while (i < n && same_cell(&b->m->sorted[i]->key, key))
            i++;
        c->n = i - c->first;
        ll_state_mark_standing(b->m->sorted + c->first, c->n);
        for (size_t k = c->first; k < i; k++)
            if (!make_metric(b, k, &c->threshold))
                return false;
        c->service = b->metrics[c->first].key.service;
        make_cell(b, c);
    }
    settle_cells(b);
    return true;
}

static int by_slice(const void *a, const void *b)
{
    const struct ll_slice *x = a, *y = b;
    return ll_slice_cmp(*x, *y);
}

/* Distinct instances with fresh data. */
static double count_instances(struct build *b, const struct ll_service_row *row)
{
    size_t n = 0, distinct = 0, room = 0;
    for (size_t t = 0; t < LL_RESOURCE_COUNT; t++)
        room += row->cell[t] ? row->cell[t]->n : 0;
    struct ll_slice *names = LL_ARENA_NEW(b->v->arena, struct ll_slice, room);
    if (!names)
        return NAN;
    for (size_t t = 0; t < LL_RESOURCE_COUNT; t++) {
        const struct ll_cell *c = row->cell[t];
        for (size_t i = 0; c && i < c->n; i++)
            if (!b->metrics[c->first + i].stale)
                names[n++] = b->metrics[c->first + i].key.instance;
    }
    qsort(names, n, sizeof(*names), by_slice);
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || !ll_slice_eq(names[i], names[i - 1]);
    return n ? (double)distinct : NAN;
}

static bool copy_meta(struct ll_arena *a, struct ll_service_meta *m)
{
    return copy_slice(a, &m->environment) && copy_slice(a, &m->cluster) &&
           copy_slice(a, &m->namespace_) && copy_slice(a, &m->team) && copy_slice(a, &m->owner) &&
           copy_slice(a, &m->tier) && copy_slice(a, &m->venue) && copy_slice(a, &m->site);
}

/* The target's own count first, then the inventory, then who sends. */
static void set_instances(struct build *b, struct ll_service_row *row, double declared)
{
    bool told = row->facts && !isnan(row->facts->desired);
    row->instances_source = told ? "target" : isnan(declared) ? "data" : "inventory";
    row->instances = told              ? row->facts->desired
                     : isnan(declared) ? count_instances(b, row)
                                       : declared;
    if (!isnan(row->instances))
        b->v->instances += row->instances;
}

static bool copy_facts(struct build *b, struct ll_service_row *row)
{
    const struct ll_service_facts *known = ll_state_facts(b->m, row->name, b->now);
    if (!known)
        return true;
    struct ll_service_facts *f = LL_ARENA_NEW(b->v->arena, struct ll_service_facts, 1);
    if (!f)
        return false;
    *f = *known;
    row->facts = f;
    ll_state_fill_meta(&row->meta, &f->meta);
    return copy_slice(b->v->arena, &f->service) && copy_slice(b->v->arena, &f->source) &&
           copy_slice(b->v->arena, &f->kind) && copy_meta(b->v->arena, &f->meta);
}

static bool finish_service(struct build *b, struct ll_service_row *row)
{
    int worst = -1;
    row->status = LL_STATUS_UNKNOWN;
    row->headroom_s = NAN;
    row->instances = NAN;
    for (size_t t = 0; t < LL_RESOURCE_COUNT; t++) {
        const struct ll_cell *c = row->cell[t];
        if (!c)
            continue;
        if (ll_reason_severity(c->reason) > worst) {
            worst = ll_reason_severity(c->reason);
            row->status = ll_reason_status(c->reason);
        }
        if (!(row->headroom_s <= c->to_critical_s) && !isnan(c->to_critical_s))
            row->headroom_s = c->to_critical_s;
    }
    double declared = NAN;
    b->policy->service(b->policy->ctx, row->name, &row->meta, &declared);
    if (!copy_facts(b, row))
        return false;
    set_instances(b, row, declared);
    return copy_meta(b->v->arena, &row->meta);
}

static double highest_utilization(const struct ll_service_row *row)
{
    double top = -1;
    for (size_t t = 0; t < LL_RESOURCE_COUNT; t++)
        if (row->cell[t] && row->cell[t]->utilization > top)
            top = row->cell[t]->utilization;
    return top;
}

static int by_headroom(const void *a, const void *b)
{
    const struct ll_service_row *x = a, *y = b;
    double hx = isnan(x->headroom_s) ? INFINITY : x->headroom_s;
    double hy = isnan(y->headroom_s) ? INFINITY : y->headroom_s;
    if (hx != hy)
        return hx < hy ? -1 : 1;
    double ux = highest_utilization(x), uy = highest_utilization(y);
    if (ux != uy)
        return ux > uy ? -1 : 1;
    return ll_slice_cmp(x->name, y->name);
}

static bool make_services(struct build *b)
{
    struct ll_view *v = b->v;
    for (size_t i = 0; i < v->n_cells; i++) {
        const struct ll_cell *c = &b->cells[i];
        bool first = i == 0 || !ll_slice_eq(c->service, b->cells[i - 1].service);
        if (first)
            b->services[v->n_services++] = (struct ll_service_row){.name = c->service};
        b->services[v->n_services - 1].cell[c->type] = c;
    }
    for (size_t i = 0; i < v->n_services; i++)
        if (!finish_service(b, &b->services[i]))
            return false;
    if (v->n_services)
        qsort(b->services, v->n_services, sizeof(*b->services), by_headroom);
    return true;
}

/* What the parts of a resource's row are weighted by: the capacities that went in. */
struct weights {
    double now, peak, p95, spark[LL_VIEW_SPARK_POINTS];
};

/* The mean so far, and one more value of weight w; what is not known changes nothing. */
static double weigh(double mean, double *weight, double u, double w)
{
    if (isnan(u) || !(w > 0))
        return mean;
    double sum = isnan(mean) ? 0 : mean * *weight;
    *weight += w;
    return (sum + u * w) / *weight;
}

/* The capacity of a cell, the last known one of what is silent now: its past still counts. */
static double weight_of(const struct build *b, const struct ll_cell *c)
{
    double sum = 0;
    if (!isnan(c->capacity))
        return c->capacity;
    for (size_t i = 0; i < c->n && c->stale; i++)
        if (b->metrics[c->first + i].primary)
            sum += b->metrics[c->first + i].capacity;
    return sum;
}

static void add_spark(const struct build *b, const struct ll_cell *c, double *weight,
                      struct ll_resource_row *r)
{
    const struct ll_cell_state *s = b->m->cells[b->m->sorted[c->first]->cell];
    int64_t last = b->now / LL_STATE_QUARTER;
    const double w = weight_of(b, c);
    for (int64_t i = 0; i < LL_VIEW_SPARK_POINTS; i++) {
        int64_t slot = last - LL_VIEW_SPARK_POINTS + 1 + i;
        double u = ll_ring_get(&s->quarters, slot);
        if (isnan(u) && slot == s->quarter.slot)
            u = ll_state_mean_now(&s->quarter);
        r->spark[i] = (float)weigh((double)r->spark[i], &weight[i], u, w);
    }
}

static void start_resource(const struct build *b, const struct ll_cell *c,
                           struct ll_resource_row *r)
{
    *r = (struct ll_resource_row){.present = true,
                                  .unit = c->unit,
                                  .value = NAN,
                                  .capacity = NAN,
                                  .utilization = NAN,
                                  .peak_24h = NAN,
                                  .p95_7d = NAN,
                                  .to_critical_s = NAN,
                                  .reason = c->reason,
                                  .worst = c};
    for (size_t i = 0; i < LL_VIEW_SPARK_POINTS; i++)
        r->spark[i] = NAN;
    r->spark_t0 = (b->now / LL_STATE_QUARTER - LL_VIEW_SPARK_POINTS + 1) * LL_STATE_QUARTER;
}

/* What a row says of each cell, wherever it runs. */
static void judge_resource(const struct build *b, const struct ll_cell *c,
                           struct ll_resource_row *r)
{
    r->services++;
    r->series += c->n;
    for (size_t i = 0; i < c->n; i++)
        r->stale += b->metrics[c->first + i].stale;
    if (ll_reason_severity(c->reason) > ll_reason_severity(r->reason) ||
        (c->reason == r->reason && c->utilization > r->worst->utilization)) {
        r->reason = c->reason;
        r->worst = c;
    }
    if (!isnan(c->to_critical_s) && !(r->to_critical_s <= c->to_critical_s))
        r->to_critical_s = c->to_critical_s;
}

static void sum_resource(const struct build *b, const struct ll_cell *c, struct weights *w,
                         struct ll_resource_row *r)
{
    if (!isnan(c->value)) {
        if (isnan(r->value))
            r->unit = c->unit;
        r->mixed_units |= c->unit != r->unit;
        r->value = isnan(r->value) ? c->value : r->value + c->value;
    }
    if (!isnan(c->utilization))
        r->capacity = isnan(r->capacity) ? c->capacity : r->capacity + c->capacity;
    r->utilization = weigh(r->utilization, &w->now, c->utilization, c->capacity);
    r->peak_24h = weigh(r->peak_24h, &w->peak, c->peak_24h, weight_of(b, c));
    r->p95_7d = weigh(r->p95_7d, &w->p95, c->p95_7d, weight_of(b, c));
    add_spark(b, c, w->spark, r);
}

/* Capacities in different units weigh nothing against each other. */
static void finish_resource(struct ll_resource_row *r)
{
    r->warning = r->worst->threshold.warning;
    r->critical = r->worst->threshold.critical;
    if (!r->mixed_units)
        return;
    r->value = r->capacity = r->utilization = r->peak_24h = r->p95_7d = NAN;
    for (size_t i = 0; i < LL_VIEW_SPARK_POINTS; i++)
        r->spark[i] = NAN;
}

static void make_resources(struct build *b)
{
    struct weights weights[LL_RESOURCE_COUNT] = {0};
    for (size_t i = 0; i < b->v->n_cells; i++) {
        const struct ll_cell *c = &b->cells[i];
        struct ll_resource_row *r = &b->v->resources[c->type];
        if (!r->present)
            start_resource(b, c, r);
        judge_resource(b, c, r);
        if (!is_inside_host(b, c))
            sum_resource(b, c, &weights[c->type], r);
    }
    for (size_t t = 0; t < LL_RESOURCE_COUNT; t++)
        if (b->v->resources[t].present)
            finish_resource(&b->v->resources[t]);
}

struct rank {
    double utilization;
    size_t index;
};

static int by_utilization(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->utilization != y->utilization)
        return x->utilization > y->utilization ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool make_top(struct build *b)
{
    size_t n = 0;
    struct rank *ranks = LL_ARENA_NEW(b->v->arena, struct rank, b->v->n_metrics);
    if (!ranks)
        return false;
    for (size_t i = 0; i < b->v->n_metrics; i++)
        if (!b->metrics[i].stale && !isnan(b->metrics[i].utilization))
            ranks[n++] = (struct rank){b->metrics[i].utilization, i};
    qsort(ranks, n, sizeof(*ranks), by_utilization);
    b->v->n_top = LL_MIN(n, (size_t)LL_VIEW_TOP_MAX);
    for (size_t i = 0; i < b->v->n_top; i++)
        b->top[i] = ranks[i].index;
    return true;
}

static bool make_problems(struct build *b)
{
    size_t n = 0;
    struct rank *ranks = LL_ARENA_NEW(b->v->arena, struct rank, b->v->n_cells);
    if (!ranks)
        return false;
    int worst = 0;
    for (size_t i = 0; i < b->v->n_cells; i++) {
        const struct ll_cell *c = &b->cells[i];
        enum ll_status status = ll_reason_status(c->reason);
        int severity = ll_reason_severity(c->reason);
        b->v->counts[status]++;
        if (severity > worst) {
            worst = severity;
            b->v->overall = status;
        }
        if (status != LL_STATUS_HEALTHY && severity > 0)
            ranks[n++] = (struct rank){severity + fmin(fmax(c->utilization, 0), 9) / 10, i};
        if (!isnan(c->to_critical_s) &&
            (!b->v->least_headroom || c->to_critical_s < b->v->least_headroom->to_critical_s))
            b->v->least_headroom = c;
    }
    qsort(ranks, n, sizeof(*ranks), by_utilization);
    b->v->n_problems = n;
    for (size_t i = 0; i < n; i++)
        b->problems[i] = ranks[i].index;
    return true;
}

static bool make_arrays(struct build *b)
{
    struct ll_arena *a = b->v->arena;
    size_t n = b->m->n_series, cells = b->m->n_cells;
    b->metrics = LL_ARENA_NEW(a, struct ll_metric, n);
    b->limits = LL_ARENA_NEW(a, struct ll_limit, n);
    b->cells = LL_ARENA_NEW(a, struct ll_cell, cells);
    b->services = LL_ARENA_NEW(a, struct ll_service_row, cells);
    b->top = LL_ARENA_NEW(a, size_t, n);
    b->problems = LL_ARENA_NEW(a, size_t, cells);
    if (!b->metrics || !b->limits || !b->cells || !b->services || !b->top || !b->problems)
        return false;
    b->v->metrics = b->metrics;
    b->v->n_metrics = n;
    b->v->limits = b->limits;
    b->v->cells = b->cells;
    b->v->services = b->services;
    b->v->top = b->top;
    b->v->problems = b->problems;
    return true;
}

struct ll_view *ll_monitor_view(struct ll_monitor *m, const struct ll_monitor_policy *policy,
                                ll_time now, uint64_t sequence)
{
    ll_state_forget(m, now);
    ll_state_sort(m);
    struct ll_view *v = calloc(1, sizeof(*v));
    if (!v)
        return NULL;
    v->arena = ll_arena_new(ARENA_BASE + m->n_series * ARENA_PER_SERIES);
    v->now = now;
    v->sequence = sequence;
    v->overall = LL_STATUS_UNKNOWN;
    struct build b = {.m = m, .policy = policy, .v = v, .now = now};
    if (!v->arena || !make_arrays(&b) || !make_cells(&b) || !make_services(&b) || !make_top(&b) ||
        !make_problems(&b)) {
        ll_view_free(v);
        return NULL;
    }
    make_resources(&b);
    ll_verdict_write(v);
    return v;
}
