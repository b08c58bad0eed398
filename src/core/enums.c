#include "core/enums.h"

#include "core/names.h"

#define X(member, name) [member] = name,
static const char *const resources[] = {LL_RESOURCE_TABLE(X)};
static const char *const directions[] = {LL_DIRECTION_TABLE(X)};
static const char *const policies[] = {LL_POLICY_TABLE(X)};
static const char *const statuses[] = {LL_STATUS_TABLE(X)};
static const char *const unit_names[] = {LL_UNIT_TABLE(X)};
#undef X

LL_NAMES(resource, ll_resource_type, resources)
LL_NAMES(direction, ll_direction, directions)
LL_NAMES(policy, ll_policy, policies)
LL_NAMES(status, ll_status, statuses)
LL_NAMES(unit, ll_unit, unit_names)

static const struct {
    const char *label;
    enum ll_unit unit;
} resource_facts[] = {
    [LL_RESOURCE_CPU] = {"CPU", LL_UNIT_CORES},
    [LL_RESOURCE_MEMORY] = {"Memory", LL_UNIT_BYTES},
    [LL_RESOURCE_DISK] = {"Disk", LL_UNIT_BYTES},
    [LL_RESOURCE_NETWORK] = {"Network", LL_UNIT_BYTES_PER_SECOND},
    [LL_RESOURCE_CONNECTIONS] = {"Connections", LL_UNIT_CONNECTIONS},
    [LL_RESOURCE_QUEUE_DEPTH] = {"Queue depth", LL_UNIT_ITEMS},
    [LL_RESOURCE_API_CALLS] = {"API calls", LL_UNIT_CALLS_PER_SECOND},
};

enum ll_unit ll_resource_unit(enum ll_resource_type type)
{
    LL_ASSERT((size_t)type < LL_LEN(resource_facts));
    return resource_facts[type].unit;
}

const char *ll_resource_label(enum ll_resource_type type)
{
    LL_ASSERT((size_t)type < LL_LEN(resource_facts));
    return resource_facts[type].label;
}
