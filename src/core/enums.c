#include "core/enums.h"

#define X(member, name) [member] = name,
static const char *const resources[] = {LL_RESOURCE_TABLE(X)};
static const char *const directions[] = {LL_DIRECTION_TABLE(X)};
static const char *const policies[] = {LL_POLICY_TABLE(X)};
static const char *const statuses[] = {LL_STATUS_TABLE(X)};
static const char *const unit_names[] = {LL_UNIT_TABLE(X)};
#undef X

static const char *name_of(const char *const *names, size_t n, size_t v)
{
    return v < n ? names[v] : "?";
}

static bool value_of(const char *const *names, size_t n, struct ll_slice text, size_t *v)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_ieq(text, names[i])) {
            *v = i;
            return true;
        }
    return false;
}

#define NAMES(fn, type, table)                                                                     \
    const char *ll_##fn##_name(enum type v)                                                        \
    {                                                                                              \
        return name_of(table, LL_LEN(table), (size_t)v);                                           \
    }                                                                                              \
    bool ll_##fn##_parse(struct ll_slice text, enum type *out)                                     \
    {                                                                                              \
        size_t v;                                                                                  \
        if (!value_of(table, LL_LEN(table), text, &v))                                             \
            return false;                                                                          \
        *out = (enum type)v;                                                                       \
        return true;                                                                               \
    }

NAMES(resource, ll_resource_type, resources)
NAMES(direction, ll_direction, directions)
NAMES(policy, ll_policy, policies)
NAMES(status, ll_status, statuses)
NAMES(unit, ll_unit, unit_names)

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
