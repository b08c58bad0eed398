#include "execute/executors.h"

const struct ll_executor_ops *const ll_executors[LL_PLACE_KINDS] = {
    [LL_PLACE_DRY_RUN] = &ll_executor_dry_run, [LL_PLACE_AWS_ASG] = &ll_executor_aws_asg,
    [LL_PLACE_EXEC] = &ll_executor_exec,       [LL_PLACE_KUBERNETES] = &ll_executor_kubernetes,
    [LL_PLACE_WEBHOOK] = &ll_executor_webhook,
};

const char *ll_outcome_name(enum ll_outcome o)
{
    static const char *const names[] = {
        [LL_OUTCOME_OK] = "ok",           [LL_OUTCOME_CONFLICT] = "conflict",
        [LL_OUTCOME_LATER] = "later",     [LL_OUTCOME_REFUSED] = "refused",
        [LL_OUTCOME_UNKNOWN] = "unknown",
    };
    return (size_t)o < LL_LEN(names) ? names[o] : "?";
}

const struct ll_executor_ops *ll_executor_find(struct ll_slice name)
{
    for (size_t i = 0; i < LL_PLACE_KINDS; i++)
        if (ll_slice_is(name, ll_executors[i]->name))
            return ll_executors[i];
    return NULL;
}
