#include "cost/size_vpa.h"

#include <math.h>

/* True when some sample was used. */
static bool feed(const struct ll_size_input *in, size_t r, enum ll_resource_type type, ll_time from,
                 struct ll_vpa *v)
{
    bool any = false;
    for (size_t i = 0; i < in->history->n; i++) {
        const ll_time t = from + (ll_dur)i * in->history->step;
        const double x = in->use[r][i];
        if (!(x >= 0 && x <= LL_SIZE_SAMPLE_MAX))
            continue;
        any |=
            type == LL_RESOURCE_CPU ? ll_vpa_cpu(v, t, x) : ll_vpa_memory(v, t, ll_vpa_amount(x));
    }
    return any;
}

double ll_size_vpa_target(const struct ll_size_input *in, enum ll_resource_type type, ll_time from,
                          const struct ll_vpa_opts *o, const struct ll_vpa_config *c,
                          struct ll_size_vpa_room *room)
{
    LL_ASSERT(type == LL_RESOURCE_CPU || type == LL_RESOURCE_MEMORY);
    struct ll_vpa_recommendation r;
    bool any = false;
    ll_vpa_init(&room->all, o, from);
    for (size_t i = 0; i < in->replicas; i++) {
        ll_vpa_init(&room->one, o, from);
        any |= feed(in, i, type, from, &room->one);
        const bool ok = ll_vpa_merge(&room->all, &room->one, NULL);
        LL_ASSERT(ok); /* the options are the same */
    }
    if (!any)
        return NAN;
    ll_vpa_recommend(&room->all, c, 1, &r);
    return type == LL_RESOURCE_CPU ? (double)r.cpu.target / 1000 : (double)r.memory.target;
}
