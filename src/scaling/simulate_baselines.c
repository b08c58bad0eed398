#include <math.h>
#include <stdlib.h>

#include "scaling/fleet.h"
#include "scaling/hpa_control.h"

enum { PODS_MAX = 1024 };

static const char *const names[] = {
#define X(member, name) name,
    LL_SIM_BASELINE_TABLE(X)
#undef X
};

const char *ll_sim_baseline_name(enum ll_sim_baseline b)
{
    LL_ASSERT(b < LL_SIM_BASELINES);
    return names[b];
}

/* Kubernetes' defaults: autoscaling/v2 behavior, controller-manager flags. */
static const struct ll_hpa_behavior defaults = {
    .up = {.select = LL_RATE_MAX,
           .policy = {{LL_RATE_UNITS, 4, 15 * LL_SECOND}, {LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
           .n = 2},
    .down = {.select = LL_RATE_MAX,
             .window = 5 * LL_MINUTE,
             .policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
             .n = 1},
};

struct baseline {
    enum ll_sim_baseline which;
    struct ll_fleet fleet;
    int64_t still;  /* of the static ones */
    int64_t *ahead; /* of the oracle: the most that is needed until what it asks for is there */
    struct ll_hpa_state hpa;
    struct ll_hpa_pod pods[PODS_MAX];
};

static int64_t static_count(const struct ll_fleet *f, bool peak)
{
    double sum = 0, n = 0;
    int64_t most = 1;
    for (size_t i = f->demand->from; i < f->demand->n; i++) {
        const int64_t need = ll_fleet_need(f, f->demand->v[i]);
        most = LL_MAX(most, need);
        sum += isnan(f->demand->v[i]) ? 0 : (double)need;
        n += !isnan(f->demand->v[i]);
    }
    return peak ? most : (int64_t)ceil(n > 0 ? sum / n : 1);
}

/* The highest need of [i, i + reach], for every i: a deque of falling needs. */
static bool look_ahead(struct baseline *b, struct ll_err *err)
{
    const struct ll_sim_demand *d = b->fleet.demand;
    const size_t reach = (size_t)((b->fleet.boot + d->step - 1) / d->step) + 1;
    size_t *queue = calloc(d->n, sizeof(*queue));
    b->ahead = calloc(d->n, sizeof(*b->ahead));
    if (!queue || !b->ahead) {
        free(queue);
        return ll_err_set(err, LL_E_MEMORY, "no memory for the oracle");
    }
    size_t head = d->n, tail = d->n; /* grows downwards: queue[head..tail) */
    for (size_t i = d->n; i-- > 0;) {
        const int64_t need = ll_fleet_need(&b->fleet, d->v[i]);
        while (head < tail && ll_fleet_need(&b->fleet, d->v[queue[head]]) <= need)
            head++;
        queue[--head] = i;
        while (queue[tail - 1] > i + reach)
            tail--;
        b->ahead[i] = ll_fleet_need(&b->fleet, d->v[queue[tail - 1]]);
    }
    free(queue);
    return true;
}

static void make_pods(struct baseline *b, double demand, ll_time now)
{
    const struct ll_fleet *f = &b->fleet;
    const double units = f->o->target->capacity.units_per_instance;
    const double share = demand / (double)LL_MAX(f->ready, 1) / units;
    for (int64_t i = 0; i < f->told && i < PODS_MAX; i++) {
        const bool ready = i < f->ready;
        b->pods[i] = (struct ll_hpa_pod){
            .ready = ready ? LL_POD_READY : LL_POD_NOT_READY,
            .phase = ready ? LL_POD_RUNNING : LL_POD_PENDING,
            .has_sample = ready,
            .has_request = true,
            .start = now - LL_DAY,
            .last_transition = now - LL_DAY,
            .sample_t = now,
            .usage = (int64_t)(share * 1000 + 0.5),
            .request = 1000,
        };
    }
}

static int64_t reactive(struct baseline *b, double demand, ll_time now)
{
    const struct ll_fleet *f = &b->fleet;
    if (isnan(demand))
        return f->told;
    make_pods(b, demand, now);
    const struct ll_hpa_metric m = {
        .goal = LL_HPA_UTILIZATION,
        .target = (int64_t)((f->o->goal > 0 ? f->o->goal : 0.7) * 100 + 0.5),
        .cpu = true,
        .pods = b->pods,
        .n_pods = (size_t)LL_MIN(f->told, (int64_t)PODS_MAX),
    };
    const struct ll_hpa_input in = {
        .min = (int32_t)LL_MAX(f->o->target->min, 1),
        .max = (int32_t)LL_MIN(f->o->target->max, (int64_t)PODS_MAX),
        .current = (int32_t)f->told,
        .observed = (int32_t)f->told,
        .metrics = &m,
        .n_metrics = 1,
        .opts = {0.1, 0.1, 5 * LL_MINUTE, 30 * LL_SECOND, now},
        .behavior = &defaults,
        .window = 5 * LL_MINUTE,
    };
    struct ll_hpa_result r;
    ll_hpa_reconcile(&in, &b->hpa, &r);
    return r.desired;
}

static int64_t decide(struct baseline *b, size_t step, ll_time now)
{
    const struct ll_target *t = b->fleet.o->target;
    switch (b->which) {
    case LL_SIM_REACTIVE:
        return reactive(b, b->fleet.demand->v[step], now);
    case LL_SIM_ORACLE:
        return LL_MIN(LL_MAX(b->ahead[step], LL_MAX(t->min, 1)), t->max);
    default:
        return b->still;
    }
}

static bool start(struct baseline *b, struct ll_err *err)
{
    struct ll_fleet *f = &b->fleet;
    const int64_t first = ll_fleet_need(f, f->demand->v[0]);
    b->still = static_count(f, b->which == LL_SIM_STATIC_PEAK);
    f->told = LL_MIN(LL_MAX(first, LL_MAX(f->o->target->min, 1)), f->o->target->max);
    if (b->which == LL_SIM_STATIC_PEAK || b->which == LL_SIM_STATIC_MEAN)
        f->told = b->still;
    f->ready = f->told;
    return b->which != LL_SIM_ORACLE || look_ahead(b, err);
}

bool ll_simulate_baseline(enum ll_sim_baseline which, const struct ll_sim_opts *o,
                          const struct ll_sim_demand *demand, ll_sim_step_fn *each, void *ctx,
                          struct ll_sim_result *out, struct ll_err *err)
{
    struct baseline *b = calloc(1, sizeof(*b));
    if (!b)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a replay");
    b->which = which;
    bool ok = ll_fleet_init(&b->fleet, o, demand, err) && start(b, err);
    for (size_t step = 0; ok && step < demand->n; step++) {
        const ll_time now = demand->start + (ll_dur)step * demand->step;
        ll_fleet_boot(&b->fleet, now);
        ll_fleet_score(&b->fleet, step);
        ll_fleet_tell(&b->fleet, decide(b, step, now), now, step >= demand->from);
        if (each)
            each(ctx, step, NULL, b->fleet.told, b->fleet.ready);
    }
    if (ok)
        ll_fleet_result(&b->fleet, ll_sim_baseline_name(which), out);
    free(b->ahead);
    free(b);
    return ok;
}
