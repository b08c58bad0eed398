/* After a restart: the store's past becomes the monitor's memory again. */
#include "engine/internal.h"

static const ll_dur latest_span = 24 * LL_HOUR, rollup_span = 7 * LL_DAY;

struct warm_ctx {
    struct ll_engine *engine;
    ll_time now;
};

static void record(void *ctx, const struct ll_series_row *row, const struct ll_sample *s)
{
    struct warm_ctx *w = ctx;
    struct ll_sample x = *s;
    x.key = row->key;
    x.unit = row->unit;
    x.primary = row->primary;
    /* Written under a clock that was ahead: as the latest, it would hide all that comes. */
    if (ll_sample_check(&x, w->now, LL_TIME_MIN) == LL_REFUSAL_FUTURE)
        return;
    if (!ll_monitor_record(w->engine->monitor, &x, NULL))
        return; /* at the limit of series: the rest stays in the store */
}

/* Years of a large fleet take a while: a stop does not wait for them. */
static bool warm(void *ctx, const struct ll_series_row *row, ll_dur step, const struct ll_rollup *r)
{
    struct warm_ctx *w = ctx;
    if (r->t <= w->now) /* else written under a clock that was ahead */
        ll_monitor_warm(w->engine->monitor,
                        &(struct ll_monitor_warm){.key = row->key, .step = step, .rollup = *r});
    return !atomic_load(&w->engine->stopping);
}

bool ll_engine_warm_latest(struct ll_engine *e, struct ll_err *err)
{
    struct ll_store_reader *r = ll_engine_reader_take(e);
    if (!r)
        return ll_err_set(err, LL_E_STORAGE, "cannot open the store for reading");
    struct warm_ctx ctx = {e, e->clock.now(e->clock.self)};
    bool ok = r->ops->each_latest(r, ctx.now - latest_span, record, &ctx, err);
    ll_engine_reader_give(e, r);
    return ok;
}

/* As warm, of hours that are over: what came in the open one is in the monitor already. */
static bool warm_closed(void *ctx, const struct ll_series_row *row, ll_dur step,
                        const struct ll_rollup *r)
{
    const struct warm_ctx *w = ctx;
    return r->t + step > w->now ? !atomic_load(&w->engine->stopping) : warm(ctx, row, step, r);
}

void ll_engine_warm_imported(struct ll_engine *e)
{
    struct ll_store_reader *r = ll_engine_reader_take(e);
    if (!r)
        return;
    struct warm_ctx ctx = {e, e->clock.now(e->clock.self)};
    struct ll_err err;
    if (!r->ops->each_rollup(r, LL_HOUR, ctx.now - rollup_span, warm_closed, &ctx, &err))
        LL_LOG(LL_LOG_WARN, "what was imported could not be read", LL_KV("error", err.text));
    ll_monitor_warm_end(e->monitor);
    e->quiet = true;
    ll_engine_reader_give(e, r);
}

void ll_engine_warm_rollups(struct ll_engine *e)
{
    struct ll_store_reader *r = ll_engine_reader_take(e);
    if (!r)
        return;
    struct warm_ctx ctx = {e, e->clock.now(e->clock.self)};
    struct ll_err err;
    ll_time from = ctx.now - rollup_span;
    if (!r->ops->each_rollup(r, LL_HOUR, from, warm, &ctx, &err) ||
        !r->ops->each_rollup(r, 5 * LL_MINUTE, from, warm, &ctx, &err))
        LL_LOG(LL_LOG_WARN, "the past could not be read back", LL_KV("error", err.text));
    ll_monitor_warm_end(e->monitor);
    e->quiet = true;
    ll_engine_reader_give(e, r);
}
