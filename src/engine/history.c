/* The past of one resource, asked for as people ask: by hours. */
#include <stdlib.h>

#include "engine/internal.h"

enum { POINTS = 500 };

static const ll_dur steps[] = {
    LL_SECOND, 15 * LL_SECOND, LL_MINUTE, 5 * LL_MINUTE, 15 * LL_MINUTE,
    LL_HOUR,   6 * LL_HOUR,    LL_DAY,    7 * LL_DAY,
};

ll_dur ll_engine_history_step(ll_dur span, size_t points)
{
    for (size_t i = 0; i < LL_LEN(steps); i++)
        if (span / steps[i] < (ll_dur)points)
            return steps[i];
    return steps[LL_LEN(steps) - 1];
}

static bool primary_part(struct ll_engine *e, struct ll_slice service, enum ll_resource_type type,
                         struct ll_arena *out, struct ll_slice *part)
{
    const struct ll_published *pub = ll_engine_acquire(e);
    bool found = ll_view_primary_part(pub->view, service, type, part);
    if (found)
        part->s = ll_arena_copy(out, part->s, part->n);
    ll_engine_release(pub);
    return found && part->s;
}

bool ll_engine_history(struct ll_engine *e, struct ll_slice service, enum ll_resource_type type,
                       double hours, struct ll_arena *out, struct ll_history *res,
                       struct ll_err *err)
{
    if (!(hours > 0 && hours <= 10 * 366 * 24))
        return ll_err_set(err, LL_E_RANGE, "hours %g is not in (0, 87840]", hours);
    ll_dur span = (ll_dur)(hours * (double)LL_HOUR);
    ll_time now = ll_engine_now(e);
    struct ll_history_query q = {.service = service,
                                 .type = type,
                                 .any_instance = true,
                                 .from = now - span,
                                 .to = now + 1,
                                 .step = ll_engine_history_step(span, POINTS)};
    if (!primary_part(e, service, type, out, &q.part))
        return ll_err_set(err, LL_E_NOT_FOUND, "service '%.*s' has no %s", (int)service.n,
                          service.s, ll_resource_name(type));
    struct ll_store_reader *r = ll_engine_reader_take(e);
    if (!r)
        return ll_err_set(err, LL_E_STORAGE, "cannot open the store for reading");
    bool ok = r->ops->history(r, &q, out, res, err);
    ll_engine_reader_give(e, r);
    return ok;
}
