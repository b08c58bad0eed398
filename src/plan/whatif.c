#include "plan/whatif.h"

#include <math.h>

#include "core/cost.h"

static bool amount(double x)
{
    return x >= 0 && isfinite(x);
}

static bool check_money(const struct ll_whatif_ask *a, struct ll_err *err)
{
    if (!amount(a->price))
        return ll_err_set(err, LL_E_INVALID, "a price of %g: give what a unit costs per hour",
                          a->price);
    if (!isnan(a->commit_price) && !amount(a->commit_price))
        return ll_err_set(err, LL_E_INVALID, "a committed price of %g is not an amount",
                          a->commit_price);
    if (!amount(a->keeps) || !amount(a->start_cost) || !amount(a->starts))
        return ll_err_set(err, LL_E_INVALID, "%g a month, %g a start, %g starts: not amounts",
                          a->keeps, a->start_cost, a->starts);
    return true;
}

static bool check(const struct ll_whatif_ask *a, struct ll_err *err)
{
    if (a->least < 1 || a->least > a->most || a->most > LL_WHATIF_UNITS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%u to %u units: give 1 to %d", a->least, a->most,
                          (int)LL_WHATIF_UNITS_MAX);
    if (a->n < 1 || a->n > LL_WHATIF_PATHS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu paths: give 1 to %d", a->n,
                          (int)LL_WHATIF_PATHS_MAX);
    if (!(a->carries > 0 && isfinite(a->carries)) || !amount(a->growth) || !amount(a->floor))
        return ll_err_set(err, LL_E_RANGE, "a unit that carries %g, growth %g, floor %g",
                          a->carries, a->growth, a->floor);
    if (!(a->open_share >= 0 && a->open_share <= 1))
        return ll_err_set(err, LL_E_RANGE, "the open share %g is not in [0, 1]", a->open_share);
    for (size_t i = 0; i < a->n; i++) {
        if (!amount(a->open[i]) || !amount(a->closed[i]))
            return ll_err_set(err, LL_E_INVALID, "path %zu has a peak that is no demand", i + 1);
    }
    return check_money(a, err);
}

/* Units a demand needs, one site lost; LL_WHATIF_UNITS_MAX + 1 for all that are too many.  A
 * rounding of the last place is no unit. */
static unsigned needed(const struct ll_whatif_ask *a, double demand)
{
    const double left = a->sites > 1 ? (a->sites - 1.0) / a->sites : 1;
    const double units = ceil(demand * a->growth / (a->carries * left) - 1e-9);
    return (unsigned)fmin(fmax(units, 0), LL_WHATIF_UNITS_MAX + 1);
}

static double money_of(const struct ll_whatif_ask *a, unsigned open, unsigned closed, unsigned k)
{
    const double more_open = open > k ? open - k : 0, more_closed = closed > k ? closed - k : 0;
    const double rented = a->open_share * more_open + (1 - a->open_share) * more_closed;
    const double started = open > closed ? open - closed : 0;
    const double committed = k > 0 ? a->commit_price * k : 0;
    return LL_HOURS_PER_MONTH * (committed + a->price * rented) + a->keeps * LL_MAX(open, closed) +
           a->starts * a->start_cost * started;
}

static unsigned cheapest_commitment(const struct ll_whatif_ask *a, unsigned open, unsigned closed)
{
    const unsigned most = isnan(a->commit_price) ? 0 : a->commit_max;
    const unsigned tries[] = {LL_MIN(LL_MIN(open, closed), most),
                              LL_MIN(LL_MAX(open, closed), most)};
    unsigned best = 0;
    for (size_t i = 0; i < LL_LEN(tries); i++) {
        if (money_of(a, open, closed, tries[i]) < money_of(a, open, closed, best))
            best = tries[i];
    }
    return best;
}

static double stranded(const struct ll_whatif_ask *a, unsigned committed)
{
    size_t paths = 0;
    for (size_t i = 0; i < a->n; i++)
        paths += LL_MAX(needed(a, a->open[i]), needed(a, a->closed[i])) < committed ? 1 : 0;
    return (double)paths / (double)a->n;
}

bool ll_whatif_tell(const struct ll_whatif_ask *a, struct ll_whatif_choice *c, struct ll_err *err)
{
    if (!check(a, err))
        return false;
    if (c->committed > 0 && isnan(a->commit_price))
        return ll_err_set(err, LL_E_INVALID, "%u units committed, without a price for them",
                          c->committed);
    size_t short_of = 0;
    for (size_t i = 0; i < a->n; i++)
        short_of += needed(a, a->open[i]) > c->open || needed(a, a->closed[i]) > c->closed ? 1 : 0;
    c->risk = (double)short_of / (double)a->n;
    c->money = money_of(a, c->open, c->closed, c->committed);
    c->stranded = stranded(a, c->committed);
    return true;
}

/* carried[u * side + v]: paths that u units open and v units closed carry. */
struct table {
    uint32_t *carried;
    size_t side;
};

static bool fill(const struct ll_whatif_ask *a, struct ll_arena *scratch, struct table *t,
                 struct ll_err *err)
{
    t->side = (size_t)a->most + 1;
    t->carried = LL_ARENA_NEW(scratch, uint32_t, t->side * t->side);
    if (!t->carried)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %u units", a->most);
    for (size_t i = 0; i < a->n; i++) {
        const unsigned u = needed(a, a->open[i]), v = needed(a, a->closed[i]);
        if (u <= a->most && v <= a->most)
            t->carried[u * t->side + v]++;
    }
    for (size_t u = 0; u < t->side; u++) {
        for (size_t v = 1; v < t->side; v++)
            t->carried[u * t->side + v] += t->carried[u * t->side + v - 1];
    }
    for (size_t u = 1; u < t->side; u++) {
        for (size_t v = 0; v < t->side; v++)
            t->carried[u * t->side + v] += t->carried[(u - 1) * t->side + v];
    }
    return true;
}

/* For each number of paths that fail the cheapest choice. */
static void keep_cheapest(const struct ll_whatif_ask *a, const struct table *t, unsigned least,
                          struct ll_whatif_choice *best)
{
    for (unsigned u = least; u <= a->most; u++) {
        for (unsigned v = a->schedule ? a->least : u; v <= u; v++) {
            const size_t fails = a->n - t->carried[u * t->side + v];
            const unsigned k = cheapest_commitment(a, u, v);
            const double money = money_of(a, u, v, k);
            if (best[fails].open > 0 && best[fails].money <= money)
                continue;
            best[fails] = (struct ll_whatif_choice){.open = u,
                                                    .closed = v,
                                                    .committed = k,
                                                    .money = money,
                                                    .risk = (double)fails / (double)a->n};
        }
    }
}

bool ll_whatif_frontier(const struct ll_whatif_ask *a, struct ll_arena *scratch,
                        struct ll_whatif_choice *out, size_t max, size_t *n, struct ll_err *err)
{
    struct table t;
    if (!check(a, err))
        return false;
    const double floor_units = ceil(a->floor / a->carries - 1e-9);
    if (floor_units > a->most)
        return ll_err_set(err, LL_E_NOT_FOUND, "%u units carry %g, the floor is %g: allow more",
                          a->most, a->most * a->carries, a->floor);
    struct ll_whatif_choice *best = LL_ARENA_NEW(scratch, struct ll_whatif_choice, a->n + 1);
    if (!best)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu paths", a->n);
    if (!fill(a, scratch, &t, err))
        return false;
    keep_cheapest(a, &t, LL_MAX(a->least, (unsigned)floor_units), best);
    double money = INFINITY;
    size_t k = 0;
    for (size_t fails = 0; fails <= a->n; fails++) {
        if (best[fails].open == 0 || best[fails].money >= money)
            continue;
        money = best[fails].money;
        if (k < max) {
            out[k] = best[fails];
            out[k].stranded = stranded(a, out[k].committed);
        }
        k++;
    }
    *n = k;
    return true;
}
