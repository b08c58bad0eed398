#include "scaling/place.h"

static const char *const names[LL_PLACE_KINDS] = {
    [LL_PLACE_DRY_RUN] = "dry_run",       [LL_PLACE_AWS_ASG] = "aws_asg", [LL_PLACE_EXEC] = "exec",
    [LL_PLACE_KUBERNETES] = "kubernetes", [LL_PLACE_WEBHOOK] = "webhook",
};

const char *ll_place_kind_name(enum ll_place_kind k)
{
    LL_ASSERT(k < LL_PLACE_KINDS);
    return names[k];
}
