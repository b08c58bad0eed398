#include "forecast/trust.h"

#include <math.h>

static const double better = 0.95, apart_most = 0.05;
static const double rounding = 1e-9; /* 90 % of 95 % is within 5 points */

static enum ll_trust_kind kind_of(const struct ll_trust *t)
{
    if (!(t->hours >= LL_TRUST_HOURS_MIN))
        return LL_TRUST_UNMEASURED;
    if (t->pinball > better * t->naive) /* false where naive is NaN */
        return LL_TRUST_LOSES;
    if (t->coverage < t->level - apart_most - rounding)
        return LL_TRUST_NARROW;
    return t->coverage > t->level + apart_most + rounding ? LL_TRUST_WIDE : LL_TRUST_TRUSTED;
}

struct ll_trust ll_trust_judge(const struct ll_accuracy_sums *said,
                               const struct ll_accuracy_sums *naive, double level, ll_dur ahead)
{
    struct ll_trust t = {.ahead = ahead,
                         .hours = said->n_bounded,
                         .pinball = ll_accuracy_pinball(said),
                         .naive = ll_accuracy_pinball(naive),
                         .coverage = ll_accuracy_coverage(said),
                         .level = level};
    t.kind = kind_of(&t);
    return t;
}
