/* Savings that add up.
 *
 *     pct   = 100 (current - recommended) / current
 *     gross = current - recommended
 *     net   = min(gross, max(0, current - committed))    what the bill loses while the commitments
 *             already paid run on: the part that is not committed goes first
 *
 * One resource may be named by several opportunities, so sums of them mean nothing.  The waterfall
 * applies them in their order, each to what the ones before left:
 *
 *     saving[i] = fraction[i] residual[i-1],  residual[i] = residual[i-1] - saving[i]
 *
 * Invariant: 0 <= net total <= total <= current cost.  Money is per month; NaN = not known, which
 * makes no opportunity and is counted. */
#ifndef LL_COST_SAVINGS_H
#define LL_COST_SAVINGS_H

#include "base/err.h"
#include "base/str.h"
#include "core/cost.h"

/* Less than this much a month is not worth a line. */
#define LL_SAVINGS_MIN 1.00

/* One way to save on one thing. */
struct ll_saving_item {
    struct ll_slice id; /* of what costs: opportunities of one id overlap */
    enum ll_saving kind;
    double current, recommended; /* NaN: a price is missing */
    double committed;            /* of current: paid whether used or not; NaN = all may be */
    double disruption;           /* what carrying it out costs, once; NaN = not known */
    double risk;                 /* how likely it is regretted, in [0, 1]; NaN = not known */
    enum ll_confidence confidence;
    bool realisable; /* a node or unit goes away: else the cost only moves to idle */
};

struct ll_saving_found {
    size_t item; /* index of its item */
    double pct, gross, net;
    double bill;           /* net where it is realisable, else 0 */
    double payback_months; /* disruption / bill; 0 when free, NaN when not known or never */
};

/* find_savings: those with pct >= threshold (inclusive; below 0 counts as 0, above 100 finds
 * nothing), gross >= LL_SAVINGS_MIN and a confidence of at least LOW; greatest gross first (equal
 * to a millionth counts as equal), then by id, kind and place.  Fills out[0 .. n), returns how many
 * in *found and in *unknown (may be NULL) the items without a price.  Fails with LL_E_INVALID when
 * the threshold is NaN. */
LL_MUST_USE bool ll_savings_find(const struct ll_saving_item *items, size_t n, double threshold_pct,
                                 struct ll_saving_found *out, size_t *found, size_t *unknown,
                                 struct ll_err *err);

enum { LL_WATERFALL_STEPS_MAX = 32 };

struct ll_waterfall_step {
    enum ll_saving kind;
    double fraction; /* of what the steps before left, in [0, 1] */
};

struct ll_waterfall_row {
    enum ll_saving kind;
    double saving, net;
};

struct ll_waterfall {
    double current, residual, total, net;
    double naive; /* what adding the steps up would claim */
    size_t n;
    struct ll_waterfall_row row[LL_WATERFALL_STEPS_MAX]; /* in order of kinds; ties as given */
};

/* committed: of current, as above; 0 = nothing.  A current cost <= 0 saves nothing.  Fails with
 * LL_E_INVALID on a NaN, LL_E_RANGE on a fraction outside [0, 1] or a negative commitment,
 * LL_E_TOO_LARGE. */
LL_MUST_USE bool ll_savings_waterfall(double current, double committed,
                                      const struct ll_waterfall_step *steps, size_t n,
                                      struct ll_waterfall *out, struct ll_err *err);

/* The waterfall of a whole bill: the found opportunities by id, each id's costs once (the greatest
 * current and commitment its items name), row[kind] the sum over ids.  order: scratch of n_found.
 * Only what is realisable counts when `realisable` is set.  More than LL_WATERFALL_STEPS_MAX items
 * of one id are an error, LL_E_TOO_LARGE. */
LL_MUST_USE bool ll_savings_total(const struct ll_saving_item *items,
                                  const struct ll_saving_found *found, size_t n_found,
                                  bool realisable, size_t *order, struct ll_waterfall *out,
                                  struct ll_err *err);

#endif
