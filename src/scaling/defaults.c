/* What a rule and a target are before anything is said of them. */
#include <math.h>

#include "scaling/stages.h"

void ll_scaling_rule_init(struct ll_scaling_rule *r, enum ll_resource_type type)
{
    *r = (struct ll_scaling_rule){.type = type,
                                  .policy = LL_POLICY_THRESHOLD,
                                  .thresholds = ll_threshold_default(type),
                                  .goal = NAN,
                                  .need = LL_NEED_REQUIRED,
                                  .saturation = {.pinned = 0.95, .samples = 3},
                                  .form = LL_FORM_BANDS,
                                  .k = 1,
                                  .n = 1,
                                  .tolerance_up = 0.1,
                                  .tolerance_down = 0.1,
                                  .startup = 5 * LL_MINUTE,
                                  .readiness = 30 * LL_SECOND,
                                  .quantile = 0.95,
                                  .fallback = LL_FALLBACK_HOLD_IF_HIGHER,
                                  .fallback_after = 3 * LL_MINUTE,
                                  .max_reversals = 4,
                                  .mode = LL_MODE_OBSERVE,
                                  .on_expiry = LL_EXPIRY_HOLD,
                                  .proposal_ttl = 15 * LL_MINUTE,
                                  .version = 1};
}

void ll_scaling_target_init(struct ll_target *t)
{
    *t = (struct ll_target){
        .unit = LL_SLICE("instances"),
        .min = 1,
        .granularity = 1,
        .boot_delay = 3 * LL_MINUTE,
        .price = NAN,
        .capacity = {.units_per_instance = NAN, .date = LL_TIME_NONE, .expires = LL_TIME_NONE},
        .in = ll_scaling_velocity_in,
        .out = ll_scaling_velocity_out,
        .idle = 5 * LL_MINUTE,
    };
    t->in.window = 5 * LL_MINUTE;
}
