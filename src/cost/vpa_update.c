#include "cost/vpa_update.h"

#include <math.h>

#define LEAST_AGE (12 * LL_HOUR)
#define LEAST_DIFFERENCE 0.1
#define QUICK_OOM (10 * LL_MINUTE)

static void judge(const struct ll_vpa_update_row *r, struct ll_vpa_update *out)
{
    if (r->request == LL_VPA_UPDATE_NONE) {
        out->grows = out->outside = true;
        return;
    }
    out->grows |= r->target > r->request;
    out->outside |= r->lower != LL_VPA_UPDATE_NONE && r->request < r->lower;
    out->outside |= r->upper != LL_VPA_UPDATE_NONE && r->request > r->upper;
}

void ll_vpa_update_priority(const struct ll_vpa_update_row *rows, size_t n,
                            struct ll_vpa_update *out)
{
    double request[LL_VPA_UPDATE_RESOURCES_MAX] = {0}, target[LL_VPA_UPDATE_RESOURCES_MAX] = {0};
    bool has[LL_VPA_UPDATE_RESOURCES_MAX] = {false};
    *out = (struct ll_vpa_update){0};
    for (size_t i = 0; i < n; i++) {
        const struct ll_vpa_update_row *r = &rows[i];
        LL_ASSERT(r->resource < LL_VPA_UPDATE_RESOURCES_MAX);
        if (r->target == LL_VPA_UPDATE_NONE)
            continue;
        judge(r, out);
        has[r->resource] = true;
        target[r->resource] += (double)r->target;
        request[r->resource] += r->request == LL_VPA_UPDATE_NONE ? 0 : (double)r->request;
    }
    for (size_t k = 0; k < LL_VPA_UPDATE_RESOURCES_MAX; k++) {
        const double of = fmax(request[k], 1);
        out->difference += has[k] ? fabs(of - target[k]) / of : 0;
    }
}

bool ll_vpa_update_before(const struct ll_vpa_update *a, const struct ll_vpa_update *b)
{
    return a->grows != b->grows ? a->grows : a->difference > b->difference;
}

bool ll_vpa_update_due(const struct ll_vpa_update *u, const struct ll_vpa_update_pod *pod)
{
    const bool quick = pod->oom_after >= 0 && pod->oom_after < QUICK_OOM;
    if (quick && u->difference == 0)
        return false;
    return u->outside || quick || (pod->age >= LEAST_AGE && u->difference >= LEAST_DIFFERENCE);
}
