#include "cost/efficiency.h"

#include <math.h>

#include "stats/sum.h"

double ll_efficiency_target(enum ll_resource_type type, enum ll_tier tier)
{
    if (type == LL_RESOURCE_MEMORY || type == LL_RESOURCE_DISK)
        return 0.80;
    return tier == LL_TIER_CRITICAL ? 0.50 : 0.65;
}

double ll_efficiency_ratio(double allocated, double used)
{
    if (allocated > 0)
        return used / allocated;
    return used > 0 ? 1 : NAN;
}

static bool is_amount(double x)
{
    return isfinite(x) && x >= 0;
}

static bool is_known(const struct ll_efficiency_row *r)
{
    return is_amount(r->allocated) && is_amount(r->used) && is_amount(r->cost) && r->target > 0 &&
           r->target <= 1;
}

void ll_efficiency_of(const struct ll_efficiency_row *rows, size_t n, struct ll_efficiency *out)
{
    struct ll_sum cost = {0}, raw = {0}, score = {0}, over = {0};
    *out = (struct ll_efficiency){0};
    for (size_t i = 0; i < n; i++) {
        const struct ll_efficiency_row *r = &rows[i];
        const double ratio = ll_efficiency_ratio(r->allocated, r->used);
        if (!is_known(r) || isinf(ratio)) {
            out->unknown++;
        } else if (isnan(ratio)) {
            out->skipped++;
        } else {
            ll_sum_add(&cost, r->cost);
            ll_sum_add(&raw, r->cost * ratio);
            ll_sum_add(&score, r->cost * fmin(1, ratio / r->target));
            ll_sum_add(&over, r->cost * fmax(0, ratio - 1));
        }
    }
    const double total = ll_sum_total(&cost);
    out->raw = total > 0 ? ll_sum_total(&raw) / total : NAN;
    out->score = total > 0 ? 100 * ll_sum_total(&score) / total : NAN;
    out->overload = total > 0 ? ll_sum_total(&over) / total : NAN;
}
