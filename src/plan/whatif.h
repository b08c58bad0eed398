/* What if demand grows so, sizes are these, nights are smaller, and some of it is committed: money
 * and risk of every choice, and those that nothing beats.
 *
 *     choice = units while open, units while closed, units committed
 *     money  = c K + p (h max(U - K, 0) + (1 - h) max(V - K, 0)) a month of 730 h, and s per unit
 *              and month whether it runs or not, and what its starts cost
 *     risk   = share of the paths whose peak passes what the units of that time carry, one site
 *              lost, once in the horizon
 *
 * The paths are those of a capacity plan (plan/plan.h) times the growth asked for.  The commitment
 * is the cheapest of none, V and U (what costs is linear in between), within `commit_max`: it is
 * never bought here.  `stranded` says how sure it is that some of it will not be needed. */
#ifndef LL_PLAN_WHATIF_H
#define LL_PLAN_WHATIF_H

#include "base/arena.h"
#include "base/err.h"

enum { LL_WHATIF_UNITS_MAX = 1000, LL_WHATIF_PATHS_MAX = 10000 };

struct ll_whatif_ask {
    const double *open, *closed; /* per path the highest demand, >= 0 */
    size_t n;                    /* paths */
    double growth;               /* of the paths; 1 = as planned */
    double carries;              /* demand that one unit carries at its target, > 0 */
    unsigned sites;              /* one of which may be lost; 0 and 1: none may */
    double floor;                /* demand to be carried at least, by all sites: a multiple; 0 */
    unsigned least, most;        /* units, at any time; 1 <= least <= most <= 1000 */
    bool schedule;               /* fewer units while closed may be tried */
    double open_share;           /* of the hours, with what starts before the open, in [0, 1] */
    double price, commit_price;  /* per unit and hour; commit_price NaN = none is offered */
    unsigned commit_max;         /* units */
    double keeps;                /* money per unit and month that bills while it is off: disks */
    double start_cost;           /* of one unit once */
    double starts;               /* per month of a unit that is off while closed */
};

struct ll_whatif_choice {
    unsigned open, closed, committed; /* units */
    double money;                     /* per month */
    double risk;                      /* in [0, 1] */
    double stranded;                  /* share of the paths that never need all that is committed */
};

/* The frontier, safest first: each next one is cheaper and riskier, and nothing is both cheaper and
 * safer than one of it.  Fills at most max; *n is how many there are.  Fails with LL_E_RANGE or
 * LL_E_INVALID (a price that is missing, a path that is no demand), LL_E_NOT_FOUND when even `most`
 * units do not carry the floor, LL_E_MEMORY. */
LL_MUST_USE bool ll_whatif_frontier(const struct ll_whatif_ask *ask, struct ll_arena *scratch,
                                    struct ll_whatif_choice *out, size_t max, size_t *n,
                                    struct ll_err *err);

/* What one choice costs and risks: of the present state, say.  c->open, closed and committed are
 * read, the rest is written. */
LL_MUST_USE bool ll_whatif_tell(const struct ll_whatif_ask *ask, struct ll_whatif_choice *c,
                                struct ll_err *err);

#endif
