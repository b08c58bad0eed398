#include "cost/commitment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cost.h"
#include "stats/sum.h"

/* 1 - c/p is rounded, and so are shares of hours. */
#define TOLERANCE 1e-12

static bool check(const struct ll_commitment_ask *ask, struct ll_err *err)
{
    if (ask->n == 0 || ask->n > LL_COMMITMENT_HOURS_MAX)
        return ll_err_set(err, LL_E_RANGE, "commitment: %zu hours of demand, not 1 to %d", ask->n,
                          LL_COMMITMENT_HOURS_MAX);
    if (!(ask->on_demand > 0 && isfinite(ask->on_demand)) ||
        !(ask->committed >= 0 && isfinite(ask->committed)))
        return ll_err_set(err, LL_E_RANGE,
                          "commitment: prices %g on demand and %g committed, where the first must "
                          "be over 0 and the other 0 or more",
                          ask->on_demand, ask->committed);
    if (!(ask->existing >= 0 && isfinite(ask->existing) && floor(ask->existing) == ask->existing))
        return ll_err_set(err, LL_E_RANGE, "commitment: %g existing units", ask->existing);
    for (size_t i = 0; i < ask->n; i++)
        if (!(ask->demand[i] >= 0 && isfinite(ask->demand[i])))
            return ll_err_set(err, LL_E_RANGE, "commitment: a demand of %g in hour %zu",
                              ask->demand[i], i);
    return true;
}

/* What the existing units leave. */
static double left(const struct ll_commitment_ask *ask, size_t i)
{
    return fmax(ask->demand[i] - ask->existing, 0);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

static void measure(const struct ll_commitment_ask *ask, double units, struct ll_commitment *out)
{
    struct ll_sum demand = {0}, used = {0}, over = {0};
    size_t last = 0;
    for (size_t i = 0; i < ask->n; i++) {
        const double d = left(ask, i);
        ll_sum_add(&demand, d);
        ll_sum_add(&used, fmin(d, units));
        ll_sum_add(&over, fmax(d - units, 0));
        last += d >= units;
    }
    const double hours = (double)ask->n;
    *out = (struct ll_commitment){
        .units = units,
        .cost = ask->committed * units * hours + ask->on_demand * ll_sum_total(&over),
        .on_demand_cost = ask->on_demand * ll_sum_total(&demand),
        .coverage = ratio(ll_sum_total(&used), ll_sum_total(&demand)),
        .utilization = ratio(ll_sum_total(&used), units * hours),
        .marginal_utilization = units > 0 ? (double)last / hours : (double)NAN,
        .break_even = ask->committed / ask->on_demand,
    };
    out->savings_pct = 100 * ratio(out->on_demand_cost - out->cost, out->on_demand_cost);
}

bool ll_commitment_of(const struct ll_commitment_ask *ask, double units, struct ll_commitment *out,
                      struct ll_err *err)
{
    if (!check(ask, err))
        return false;
    if (!(units >= 0 && isfinite(units) && floor(units) == units))
        return ll_err_set(err, LL_E_RANGE, "commitment: %g is no number of units", units);
    measure(ask, units, out);
    return true;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Demand may be fractional, units are whole: the best lies beside the quantile. */
static double best_units(const struct ll_commitment_ask *ask, double *sorted)
{
    const double fractile = 1 - ask->committed / ask->on_demand;
    if (!(fractile > 0))
        return 0;
    for (size_t i = 0; i < ask->n; i++)
        sorted[i] = left(ask, i);
    qsort(sorted, ask->n, sizeof(*sorted), ascending);
    const double rank = ceil(fractile * (double)ask->n - TOLERANCE * (double)ask->n);
    const double at = sorted[(size_t)LL_MIN(fmax(rank, 1), (double)ask->n) - 1];
    struct ll_commitment low, high;
    measure(ask, floor(at), &low);
    measure(ask, ceil(at), &high);
    return high.cost < low.cost ? ceil(at) : floor(at);
}

bool ll_commitment_best(const struct ll_commitment_ask *ask, double *scratch,
                        struct ll_commitment *out, struct ll_err *err)
{
    if (!check(ask, err))
        return false;
    measure(ask, best_units(ask, scratch), out);
    return true;
}

bool ll_commitment_regret(const struct ll_commitment_ask *ask, double units, double *scratch,
                          double *regret, struct ll_err *err)
{
    struct ll_commitment best, given;
    if (!ll_commitment_best(ask, scratch, &best, err) || !ll_commitment_of(ask, units, &given, err))
        return false;
    *regret = fmax(given.cost - best.cost, 0);
    return true;
}

double ll_commitment_rate(double upfront, double monthly, double interest, double months)
{
    if (!(interest > -1) || !(months > 0))
        return (double)NAN;
    const double annuity =
        interest == 0 ? 1 / months : interest / -expm1(-months * log1p(interest));
    return (upfront * annuity + monthly) / LL_HOURS_PER_MONTH;
}

double ll_commitment_step(double target, double bought, double answer_3d, double answer_30d)
{
    const double wanted = fmin(target, fmin(answer_3d, answer_30d));
    return fmax(0, fmin(wanted - bought, ceil(target / 12 - TOLERANCE)));
}

double ll_commitment_spot_rate(double price, double interruptions, double restart_cost,
                               double lost_work)
{
    return price + interruptions * (restart_cost + lost_work);
}
