#include "core/cost.h"

#include "core/names.h"

#define X(member, name) name,
static const char *const kinds[] = {LL_COST_KIND_TABLE(X)};
static const char *const sizings[] = {LL_SIZING_TABLE(X)};
static const char *const savings[] = {LL_SAVING_TABLE(X)};
static const char *const confidences[] = {LL_CONFIDENCE_TABLE(X)};
static const char *const tiers[] = {LL_TIER_TABLE(X)};
static const char *const cost_days[] = {LL_COST_DAY_TABLE(X)};
#undef X

LL_NAMES(cost_kind, ll_cost_kind, kinds)
LL_NAMES(sizing, ll_sizing, sizings)
LL_NAMES(saving, ll_saving, savings)
LL_NAMES(confidence, ll_confidence, confidences)
LL_NAMES(tier, ll_tier, tiers)
LL_NAMES(cost_day, ll_cost_day, cost_days)
