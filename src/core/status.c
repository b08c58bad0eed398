#include "core/status.h"

static const struct {
    const char *name;
    enum ll_status status;
    const char *meaning;
} reasons[] = {
#define X(member, name, status, meaning) [member] = {name, status, meaning},
    LL_REASON_TABLE(X)
#undef X
};

static const struct {
    int severity;
    const char *meaning;
} statuses[] = {
    [LL_STATUS_HEALTHY] = {1, "enough headroom, no action needed"},
    [LL_STATUS_WARNING] = {4, "little headroom now, or a limit in sight: plan"},
    [LL_STATUS_CRITICAL] = {6, "at its limit now, or within days: act"},
    [LL_STATUS_OVER_PROVISIONED] = {2, "far below its capacity for a whole day: could be smaller"},
    [LL_STATUS_UNDER_PROVISIONED] = {5, "too small for its load for half an hour: needs to grow"},
    [LL_STATUS_UNKNOWN] = {3, "no or stale data, or a capacity nobody knows: never read as zero"},
};

const char *ll_reason_name(enum ll_reason r)
{
    LL_ASSERT((size_t)r < LL_LEN(reasons));
    return reasons[r].name;
}

enum ll_status ll_reason_status(enum ll_reason r)
{
    LL_ASSERT((size_t)r < LL_LEN(reasons));
    return reasons[r].status;
}

const char *ll_reason_meaning(enum ll_reason r)
{
    LL_ASSERT((size_t)r < LL_LEN(reasons));
    return reasons[r].meaning;
}

const char *ll_status_meaning(enum ll_status s)
{
    LL_ASSERT((size_t)s < LL_LEN(statuses));
    return statuses[s].meaning;
}

int ll_status_severity(enum ll_status s)
{
    LL_ASSERT((size_t)s < LL_LEN(statuses));
    return statuses[s].severity;
}

int ll_reason_severity(enum ll_reason r)
{
    return r == LL_REASON_NO_CAPACITY ? 0 : ll_status_severity(ll_reason_status(r));
}

ll_dur ll_status_stale_after(ll_dur interval)
{
    return LL_MAX(3 * interval, LL_MINUTE);
}
