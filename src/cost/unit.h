/* cost_per_trade: what one trade, order or message costs.
 *
 *     direct = C_direct / N,  allocated = (C_direct + C_shared) / N,
 *     full   = (C_direct + C_shared + C_idle) / N                     N <= 0 -> NaN
 *     marginal = slope of daily cost on N over open days, fixed = its intercept
 *     change = C0 (1/N1 - 1/N0)  [volume] + (C1 - C0) / N1  [cost: price + quantity]
 *
 * A row is what one trade date (or one phase of it) cost and did.  Closed days have costs and no
 * trades: they belong to the full figure.  A row with an unknown cost or count is left out of both
 * sides and counted.  Bills arrive a day or two late and are corrected: `provisional`. */
#ifndef LL_COST_UNIT_H
#define LL_COST_UNIT_H

#include "base/time.h"
#include "core/cost.h"

struct ll_unit_row {
    double direct, shared, idle; /* money; NaN = not known; may be negative: credits */
    double count;                /* of the metric, busts taken off; NaN = not known */
    enum ll_cost_day kind;       /* of its trade date */
    unsigned group;              /* the caller's: a phase, a service, a month */
};

struct ll_unit_cost {
    double cost, count;             /* sums that the figures stand on; cost: all three kinds */
    double direct, allocated, full; /* per unit; NaN without trades */
    size_t rows, missing;           /* counted; left out */
};

/* All rows. */
struct ll_unit_cost ll_unit_cost(const struct ll_unit_row *rows, size_t n);
/* Those of one group. */
struct ll_unit_cost ll_unit_cost_group(const struct ll_unit_row *rows, size_t n, unsigned group);

/* Rows of one each trade date: the marginal cost of one more. */
enum { LL_UNIT_MARGINAL_MIN = 20 };
struct ll_unit_marginal {
    double slope, fixed, r2; /* NaN: fewer than 20 open days, or always the same count */
    double error;            /* of the slope: its standard deviation */
    size_t days;
};
struct ll_unit_marginal ll_unit_marginal(const struct ll_unit_row *rows, size_t n);

/* Why the full figure changed from one window to the next. */
struct ll_unit_change {
    double total, volume, cost; /* total = volume + cost; NaN when either window has no trades */
    double price, quantity;     /* of cost; NaN without the cost at old prices */
};
/* at_old_prices: what the second window's quantities would have cost then; NaN = not known. */
struct ll_unit_change ll_unit_change(const struct ll_unit_cost *was, const struct ll_unit_cost *is,
                                     double at_old_prices);

/* Between which the full figure lies with 95 %: the days drawn anew in blocks of a week, 1000
 * times.  NaN below 10 rows.  chosen is scratch of LL_UNIT_DRAWS doubles. */
enum { LL_UNIT_DRAWS = 1000, LL_UNIT_ROWS_MIN = 10 };
struct ll_unit_interval {
    double low, high;
};
struct ll_unit_interval ll_unit_interval(const struct ll_unit_row *rows, size_t n, uint64_t seed,
                                         double *chosen);

/* Whether a window that ended at `to` may still change: younger than 48 h, or a correction of it
 * arrived after what is shown was added up. */
bool ll_unit_provisional(ll_time to, ll_time now, bool corrected_later);

#endif
