#include "core/cost.h"

#include "base/defs.h"

#define X(member, name) name,
static const char *const kinds[] = {LL_COST_KIND_TABLE(X)};
static const char *const sizings[] = {LL_SIZING_TABLE(X)};
static const char *const savings[] = {LL_SAVING_TABLE(X)};
static const char *const confidences[] = {LL_CONFIDENCE_TABLE(X)};
static const char *const tiers[] = {LL_TIER_TABLE(X)};
static const char *const cost_days[] = {LL_COST_DAY_TABLE(X)};
#undef X

static const char *name_of(const char *const *names, size_t n, size_t i)
{
    return i < n ? names[i] : "?";
}

static bool find(const char *const *names, size_t n, struct ll_slice text, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (ll_slice_ieq(text, names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

const char *ll_cost_kind_name(enum ll_cost_kind v)
{
    return name_of(kinds, LL_LEN(kinds), v);
}

const char *ll_sizing_name(enum ll_sizing v)
{
    return name_of(sizings, LL_LEN(sizings), v);
}

const char *ll_saving_name(enum ll_saving v)
{
    return name_of(savings, LL_LEN(savings), v);
}

const char *ll_confidence_name(enum ll_confidence v)
{
    return name_of(confidences, LL_LEN(confidences), v);
}

const char *ll_tier_name(enum ll_tier v)
{
    return name_of(tiers, LL_LEN(tiers), v);
}

const char *ll_cost_day_name(enum ll_cost_day v)
{
    return name_of(cost_days, LL_LEN(cost_days), v);
}

bool ll_cost_kind_parse(struct ll_slice text, enum ll_cost_kind *out)
{
    size_t i = 0;
    if (!find(kinds, LL_LEN(kinds), text, &i))
        return false;
    *out = (enum ll_cost_kind)i;
    return true;
}

bool ll_sizing_parse(struct ll_slice text, enum ll_sizing *out)
{
    size_t i = 0;
    if (!find(sizings, LL_LEN(sizings), text, &i))
        return false;
    *out = (enum ll_sizing)i;
    return true;
}

bool ll_saving_parse(struct ll_slice text, enum ll_saving *out)
{
    size_t i = 0;
    if (!find(savings, LL_LEN(savings), text, &i))
        return false;
    *out = (enum ll_saving)i;
    return true;
}

bool ll_confidence_parse(struct ll_slice text, enum ll_confidence *out)
{
    size_t i = 0;
    if (!find(confidences, LL_LEN(confidences), text, &i))
        return false;
    *out = (enum ll_confidence)i;
    return true;
}

bool ll_tier_parse(struct ll_slice text, enum ll_tier *out)
{
    size_t i = 0;
    if (!find(tiers, LL_LEN(tiers), text, &i))
        return false;
    *out = (enum ll_tier)i;
    return true;
}

bool ll_cost_day_parse(struct ll_slice text, enum ll_cost_day *out)
{
    size_t i = 0;
    if (!find(cost_days, LL_LEN(cost_days), text, &i))
        return false;
    *out = (enum ll_cost_day)i;
    return true;
}
