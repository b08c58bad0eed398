#include "scaling/fleet.h"

#include <math.h>

enum { UNDER_TIME, OVER_TIME, UNDER, OVER, UNSTABLE, SLO_TIME, SLO_DEMAND, HOURS };

bool ll_fleet_init(struct ll_fleet *f, const struct ll_sim_opts *o,
                   const struct ll_sim_demand *demand, struct ll_err *err)
{
    const double units = o->target->capacity.units_per_instance;
    const double goal = o->goal > 0 ? o->goal : 0.7;
    if (demand->n == 0 || demand->n > LL_SIM_STEPS_MAX || demand->step <= 0)
        return ll_err_set(err, LL_E_RANGE, "%zu steps of %lld ms cannot be replayed: 1 to %d steps",
                          demand->n, (long long)demand->step, LL_SIM_STEPS_MAX);
    if (!(units > 0))
        return ll_err_set(err, LL_E_SHORT,
                          "target '%.*s': give capacity.units_per_instance for a replay",
                          (int)o->target->name.n, o->target->name.s);
    *f = (struct ll_fleet){
        .boot = o->target->boot_delay,
        .o = o,
        .demand = demand,
        .per_instance = units * goal,
        .slo = (o->slo > 0 ? o->slo : 0.85) * units,
    };
    return true;
}

int64_t ll_fleet_need(const struct ll_fleet *f, double demand)
{
    const double need = ceil(demand / f->per_instance);
    return need > 0 ? (int64_t)fmin(need, LL_SIM_INSTANCES_MAX) : 0; /* NaN: none */
}

void ll_fleet_boot(struct ll_fleet *f, ll_time now)
{
    size_t done = 0;
    while (done < f->n_booting && f->booting[done].ready_at <= now)
        f->ready += f->booting[done++].n;
    f->n_booting -= done;
    for (size_t i = 0; i < f->n_booting; i++)
        f->booting[i] = f->booting[i + done];
}

static int64_t sign(int64_t v)
{
    return (v > 0) - (v < 0);
}

void ll_fleet_score(struct ll_fleet *f, size_t step)
{
    const double v = f->demand->v[step];
    const double hours = (double)f->demand->step / (double)LL_HOUR;
    const int64_t need = ll_fleet_need(f, v);
    if (step >= f->demand->from)
        f->sums[HOURS] += (double)f->told * hours;
    if (step >= f->demand->from && !isnan(v)) {
        const double share = (double)(need - f->ready) / (double)LL_MAX(need, 1);
        const bool over = v > f->slo * (double)f->ready;
        f->steps++;
        f->sums[UNDER_TIME] += f->ready < need;
        f->sums[OVER_TIME] += f->ready > need;
        f->sums[UNDER] += fmax(share, 0);
        f->sums[OVER] += fmax(-share, 0);
        f->sums[UNSTABLE] += sign(f->ready - f->last_ready) != sign(need - f->last_need);
        f->sums[SLO_TIME] += over;
        f->sums[SLO_DEMAND] += over ? v : 0;
        f->weight += v;
    }
    if (!isnan(v))
        f->last_need = need;
    f->last_ready = f->ready;
}

static void add_batch(struct ll_fleet *f, int64_t n, ll_time now)
{
    if (f->boot <= 0) {
        f->ready += n;
        return;
    }
    const struct ll_fleet_batch b = {now + f->boot, n};
    if (f->n_booting < LL_FLEET_BATCHES) {
        f->booting[f->n_booting++] = b;
        return;
    }
    /* So many at once: the last one waits for the newest. */
    f->booting[f->n_booting - 1].n += n;
    f->booting[f->n_booting - 1].ready_at = b.ready_at;
}

static void give_back(struct ll_fleet *f, int64_t n)
{
    while (n > 0 && f->n_booting > 0) {
        struct ll_fleet_batch *last = &f->booting[f->n_booting - 1];
        const int64_t part = LL_MIN(n, last->n);
        last->n -= part;
        n -= part;
        f->n_booting -= last->n == 0;
    }
    f->ready -= n;
}

void ll_fleet_tell(struct ll_fleet *f, int64_t count, ll_time now, bool scored)
{
    const int64_t change = count - f->told;
    if (change == 0)
        return;
    if (change > 0)
        add_batch(f, change, now);
    else
        give_back(f, -change);
    f->told = count;
    if (scored) {
        f->actions++;
        f->reversals += f->last_direction != 0 && f->last_direction != sign(change);
    }
    f->last_direction = sign(change);
}

void ll_fleet_result(const struct ll_fleet *f, const char *name, struct ll_sim_result *out)
{
    const double n = f->steps ? (double)f->steps : NAN;
    *out = (struct ll_sim_result){
        .name = name,
        .under_time = f->sums[UNDER_TIME] / n,
        .over_time = f->sums[OVER_TIME] / n,
        .under_accuracy = f->sums[UNDER] / n,
        .over_accuracy = f->sums[OVER] / n,
        .instability = f->sums[UNSTABLE] / n,
        .slo_time = f->sums[SLO_TIME] / n,
        .slo_violation = f->weight > 0 ? f->sums[SLO_DEMAND] / f->weight : 0,
        .instance_hours = f->sums[HOURS],
        .cost = f->sums[HOURS] * f->o->target->price,
        .actions = f->actions,
        .reversals = f->reversals,
        .steps = f->steps,
    };
}
