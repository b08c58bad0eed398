/* One rounding of a decimal must not decide: 10 % of 0.30 is 9.999999999999998 %. */
#include "cost/savings.h"

#include <math.h>

#include "cost/rates.h"
#include "stats/sort.h"

static const double slack = 1e-9;

static double net_of(double gross, double current, double committed)
{
    if (isnan(committed))
        return 0;
    return fmin(gross, fmax(0, current - fmax(0, committed)));
}

static double payback(double disruption, double bill)
{
    if (disruption <= 0)
        return 0;
    return bill > 0 ? disruption / bill : NAN;
}

static bool found_of(const struct ll_saving_item *x, double threshold, struct ll_saving_found *out)
{
    /* What is recommended may be a credit: no more than the cost is saved. */
    const double recommended = x->recommended < 0 ? 0 : x->recommended;
    const double pct = ll_cost_savings_pct(x->current, recommended);
    const double gross = x->current - recommended;
    if (!isfinite(gross) || !(pct >= threshold - slack && gross >= LL_SAVINGS_MIN - slack))
        return false;
    if (x->confidence < LL_CONFIDENCE_LOW)
        return false;
    const double net = net_of(gross, x->current, x->committed);
    const double bill = x->realisable ? net : 0;
    *out = (struct ll_saving_found){.pct = pct,
                                    .gross = gross,
                                    .net = net,
                                    .bill = bill,
                                    .payback_months = payback(x->disruption, bill)};
    return true;
}

/* Savings compare by whole millionths, which is an order even where roundings differ. */
static int by_gain(const void *va, const void *vb, const void *ctx)
{
    const struct ll_saving_item *items = ctx;
    const struct ll_saving_found *a = va, *b = vb;
    const double x = round(a->gross * 1e6), y = round(b->gross * 1e6);
    const struct ll_saving_item *i = &items[a->item], *j = &items[b->item];
    const int id = ll_slice_cmp(i->id, j->id);
    if (x < y || x > y)
        return x > y ? -1 : 1;
    if (id != 0)
        return id;
    if (i->kind != j->kind)
        return i->kind < j->kind ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

bool ll_savings_find(const struct ll_saving_item *items, size_t n, double threshold_pct,
                     struct ll_saving_found *out, size_t *found, size_t *unknown,
                     struct ll_err *err)
{
    if (isnan(threshold_pct))
        return ll_err_set(err, LL_E_INVALID, "threshold_pct is not a number: give 0 to 100");
    const double threshold = fmax(0, threshold_pct);
    size_t k = 0, missing = 0;
    for (size_t i = 0; i < n; i++) {
        missing += isfinite(items[i].current) && isfinite(items[i].recommended) ? 0 : 1;
        if (threshold > 100 || !found_of(&items[i], threshold, &out[k]))
            continue;
        out[k++].item = i;
    }
    ll_sort(out, k, sizeof(*out), by_gain, items);
    *found = k;
    if (unknown)
        *unknown = missing;
    return true;
}
