#include "core/records.h"

static const struct ll_threshold defaults[] = {
    [LL_RESOURCE_CPU] = {0.70, 0.85, 0.80, 0.30, 5 * LL_MINUTE},
    [LL_RESOURCE_MEMORY] = {0.80, 0.90, 0.85, 0.40, 10 * LL_MINUTE},
    [LL_RESOURCE_DISK] = {0.80, 0.90, 0.85, 0.30, 60 * LL_MINUTE},
    [LL_RESOURCE_NETWORK] = {0.70, 0.85, 0.80, 0.20, 5 * LL_MINUTE},
    [LL_RESOURCE_CONNECTIONS] = {0.75, 0.88, 0.85, 0.30, 5 * LL_MINUTE},
    [LL_RESOURCE_QUEUE_DEPTH] = {0.70, 0.85, 0.80, 0.10, 5 * LL_MINUTE},
    [LL_RESOURCE_API_CALLS] = {0.70, 0.85, 0.80, 0.30, 5 * LL_MINUTE},
};

struct ll_threshold ll_threshold_default(enum ll_resource_type type)
{
    LL_ASSERT((size_t)type < LL_LEN(defaults));
    return defaults[type];
}
