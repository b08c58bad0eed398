#include "cost/size_service.h"

#define IDLE_CPU 0.05
#define IDLE_NETWORK 0.02
#define IDLE_DAYS 7

bool ll_size_is_idle(const struct ll_size_idle *f)
{
    return f->full_cycle && f->days >= IDLE_DAYS && f->cpu_ratio <= IDLE_CPU &&
           f->network_ratio <= IDLE_NETWORK && f->connections == 0;
}

static size_t count(const struct ll_size *sizes, size_t n, enum ll_sizing which)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += sizes[i].sizing == which;
    return c;
}

enum ll_sizing ll_size_service(const struct ll_size *sizes, size_t n,
                               const struct ll_size_idle *idle)
{
    if (count(sizes, n, LL_SIZING_INSUFFICIENT_DATA) == n)
        return LL_SIZING_INSUFFICIENT_DATA;
    if (count(sizes, n, LL_SIZING_UNDER_PROVISIONED) > 0)
        return LL_SIZING_UNDER_PROVISIONED;
    if (idle && ll_size_is_idle(idle))
        return LL_SIZING_IDLE;
    return count(sizes, n, LL_SIZING_OVER_PROVISIONED) > 0 ? LL_SIZING_OVER_PROVISIONED
                                                           : LL_SIZING_OPTIMIZED;
}
