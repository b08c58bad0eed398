#include "core/demand.h"

#include <math.h>
#include <stdio.h>

const char *ll_trust_name(enum ll_trust_kind k)
{
    static const char *const names[] = {
#define X(name, text) text,
        LL_TRUST_TABLE(X)
#undef X
    };
    return names[k];
}

const char *ll_demand_name(enum ll_demand_kind k)
{
    static const char *const names[] = {
#define X(name, text, sentence) text,
        LL_DEMAND_TABLE(X)
#undef X
    };
    return names[k];
}

const char *ll_trust_text(const struct ll_trust *t, char buf[static LL_TRUST_TEXT_MAX])
{
    if (!(t->hours > 0))
        snprintf(buf, LL_TRUST_TEXT_MAX, "no hour %.3g h ahead has come yet",
                 (double)t->ahead / (double)LL_HOUR);
    else
        snprintf(buf, LL_TRUST_TEXT_MAX,
                 "%.3g h ahead: pinball loss %.4g against %.4g of seasonal naive, %.0f %% of %.0f "
                 "hours within bounds of %.0f %%",
                 (double)t->ahead / (double)LL_HOUR, t->pinball, t->naive, t->coverage * 100,
                 t->hours, t->level * 100);
    return buf;
}

const char *ll_demand_text(const struct ll_demand *d, char buf[static LL_DEMAND_TEXT_MAX])
{
    static const char *const sentences[] = {
#define X(name, text, sentence) sentence,
        LL_DEMAND_TABLE(X)
#undef X
    };
    char trust[LL_TRUST_TEXT_MAX];
    if (d->kind == LL_DEMAND_KNOWN || d->kind == LL_DEMAND_UNTRUSTED)
        snprintf(buf, LL_DEMAND_TEXT_MAX, "%s%s%s (%s)", sentences[d->kind],
                 d->kind == LL_DEMAND_KNOWN ? "" : ": ", ll_trust_text(&d->trust, trust),
                 ll_trust_name(d->trust.kind));
    else
        snprintf(buf, LL_DEMAND_TEXT_MAX, "%s", sentences[d->kind]);
    return buf;
}
