/* Forecasts that somebody waits for: on demand beyond the usual horizon, and those of decisions. */
#include <string.h>

#include "engine/forecasts_private.h"
#include "forecast/demand.h"

enum { ASKED_MAX = 32 }; /* that wait or are computed */

/* As long as what is in force was not made anew, and an hour at most. */
static bool is_good(const struct ll_held_forecast *longer, const struct ll_held_forecast *inforce,
                    ll_time now)
{
    ll_dur age = now - longer->kept.made;
    return age >= 0 && age < LL_HOUR && (!inforce || longer->kept.made >= inforce->kept.made);
}

const struct ll_held_forecast *ll_engine_forecast_longer(struct ll_engine *e,
                                                         struct ll_slice service,
                                                         enum ll_resource_type type, ll_dur horizon)
{
    struct ll_forecasts *f = e->forecasts;
    const struct ll_held_forecast *found = NULL, *inforce = ll_engine_forecast(e, service, type);
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < LL_FORECAST_LONGER && !found; i++) {
        const struct ll_held_forecast *h = f->longer[i];
        if (h && ll_forecast_order(h, service, type) == 0 &&
            h->kept.until - h->kept.origin >= horizon && is_good(h, inforce, ll_engine_now(e)))
            found = h;
    }
    if (found)
        ll_forecast_held_ref(found);
    pthread_mutex_unlock(&f->lock);
    ll_engine_forecast_release(inforce);
    return found;
}

/* Takes over one reference; the one before of its series goes, else the oldest. */
static void remember(struct ll_forecasts *f, const struct ll_held_forecast *h)
{
    size_t at = f->next_longer;
    for (size_t i = 0; i < LL_FORECAST_LONGER; i++)
        if (f->longer[i] && ll_forecast_order(f->longer[i], h->kept.service, h->kept.type) == 0)
            at = i;
    f->next_longer = (f->next_longer + (at == f->next_longer)) % LL_FORECAST_LONGER;
    ll_engine_forecast_release(f->longer[at]);
    f->longer[at] = h;
}

void ll_forecast_answered(struct ll_forecasts *f, struct ll_forecast_job *j)
{
    ll_forecast_answer_fn *answered = j->answered;
    void *ctx = j->ctx;
    pthread_mutex_lock(&f->lock);
    f->asked--;
    f->status.on_demand += j->held != NULL;
    if (j->held) {
        ll_forecast_held_ref(j->held);
        remember(f, j->held);
    }
    pthread_mutex_unlock(&f->lock);
    if (j->held)
        ll_forecast_held_ref(j->held); /* of who asked */
    j->answered = NULL;
    answered(ctx, j->held, &j->err);
    ll_forecast_job_free(j);
}

/* The job, or NULL with the reason. */
static struct ll_forecast_job *job_for(struct ll_engine *e, struct ll_slice service,
                                       enum ll_resource_type type, ll_dur horizon,
                                       struct ll_err *err)
{
    const struct ll_published *p = ll_engine_acquire(e);
    const struct ll_cell *cell = ll_view_cell(p->view, service, type);
    ll_dur most = LL_MAX(p->config->forecast.horizon_max, p->config->forecast_horizon);
    struct ll_forecast_job *j = NULL;
    if (!cell)
        ll_err_set(err, LL_E_NOT_FOUND, "there is no %s of '%.*s'", ll_resource_name(type),
                   (int)service.n, service.s);
    else if (horizon > most)
        ll_err_set(err, LL_E_RANGE,
                   "%g h are beyond what is forecast on demand, %g h: "
                   "forecast.max_horizon_hours sets it",
                   (double)horizon / (double)LL_HOUR, (double)most / (double)LL_HOUR);
    else if (!(j = ll_forecast_job_new(e->forecasts, p->view, cell,
                                       ((const struct ll_published_ref *)p)->config)))
        ll_err_set(err, LL_E_MEMORY, "no memory for a forecast");
    ll_engine_release(p);
    return j;
}

static bool admit(struct ll_forecasts *f, struct ll_err *err)
{
    pthread_mutex_lock(&f->lock);
    bool ok = f->asked < ASKED_MAX;
    f->asked += ok;
    pthread_mutex_unlock(&f->lock);
    return ok || ll_err_set(err, LL_E_BUSY, "%d forecasts on demand are waiting: try again later",
                            ASKED_MAX);
}

static void withdraw(struct ll_forecasts *f)
{
    pthread_mutex_lock(&f->lock);
    f->asked--;
    pthread_mutex_unlock(&f->lock);
}

bool ll_engine_forecast_ask(struct ll_engine *e, struct ll_slice service,
                            enum ll_resource_type type, ll_dur horizon,
                            ll_forecast_answer_fn *answered, void *ctx, struct ll_err *err)
{
    struct ll_forecasts *f = e->forecasts;
    if (!admit(f, err))
        return false;
    struct ll_forecast_job *j = job_for(e, service, type, horizon, err);
    if (!j) {
        withdraw(f);
        return false;
    }
    j->horizon = horizon;
    j->priority = LL_FORECAST_FIRST;
    j->answered = answered;
    j->ctx = ctx;
    if (ll_forecast_queue_put(f->queue, j))
        return true;
    j->answered = NULL;
    ll_forecast_job_free(j);
    withdraw(f);
    return ll_err_set(err, LL_E_BUSY, "the daemon is stopping");
}

void ll_engine_forecast_wanted(struct ll_engine *e, struct ll_slice service,
                               enum ll_resource_type type)
{
    char key[LL_NAME_MAX + 2];
    if (service.n > LL_NAME_MAX)
        return;
    key[0] = (char)type;
    memcpy(key + 1, service.s, service.n);
    ll_forecast_queue_raise(e->forecasts->queue, key, service.n + 1);
}

void ll_engine_demand(struct ll_engine *e, const struct ll_demand_ask *ask, struct ll_demand *out)
{
    static const struct ll_trust none = {
        .pinball = NAN, .naive = NAN, .coverage = NAN, .level = NAN};
    const struct ll_held_forecast *h = ll_engine_forecast(e, ask->service, ask->type);
    const struct ll_demand_window w = {.now = ll_engine_now(e),
                                       .from = ask->from,
                                       .to = ask->from + ask->span,
                                       .quantile = ask->quantile};
    ll_demand_read(h ? &h->kept : NULL, h ? &h->trust : &none, &w, out);
    ll_engine_forecast_release(h);
    if (out->kind == LL_DEMAND_MISSING || out->kind == LL_DEMAND_STALE)
        ll_engine_forecast_wanted(e, ask->service, ask->type);
}
