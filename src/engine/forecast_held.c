/* Forecasts that are handed out: counted, and of one piece. */
#include <stdlib.h>
#include <string.h>

#include "engine/forecasts_private.h"

struct held_ref {
    struct ll_held_forecast held; /* first: what is handed out points here */
    atomic_uint refs;
};

void ll_engine_forecast_release(const struct ll_held_forecast *f)
{
    struct held_ref *h = (struct held_ref *)(uintptr_t)f;
    if (h && atomic_fetch_sub(&h->refs, 1) == 1)
        free(h);
}

void ll_forecast_held_ref(const struct ll_held_forecast *f)
{
    atomic_fetch_add(&((struct held_ref *)(uintptr_t)f)->refs, 1);
}

/* The next `size` bytes of the piece, with a copy of v in them. */
static void *put(char **at, const void *v, size_t size)
{
    void *copy = *at;
    if (size)
        memcpy(copy, v, size);
    *at += size;
    return copy;
}

static void put_text(char **at, struct ll_slice *s)
{
    s->s = put(at, s->s, s->n);
}

static size_t bytes_of(const struct ll_kept_forecast *k)
{
    size_t n = k->n_points * sizeof(*k->points) + k->n_seasons * sizeof(*k->seasons) +
               k->n_effects * sizeof(*k->effects);
    n += k->service.n + k->model.n + k->reason.n + k->calendar.n + k->part.n + 1;
    for (size_t i = 0; i < k->n_effects; i++)
        n += k->effects[i].day_class.n;
    return n;
}

struct ll_held_forecast *ll_forecast_hold(const struct ll_kept_forecast *k)
{
    struct held_ref *h = calloc(1, sizeof(*h) + bytes_of(k));
    if (!h)
        return NULL;
    char *at = (char *)(h + 1);
    struct ll_kept_forecast *to = &h->held.kept;
    *to = *k;
    to->points = put(&at, k->points, k->n_points * sizeof(*k->points));
    to->seasons = put(&at, k->seasons, k->n_seasons * sizeof(*k->seasons));
    struct ll_kept_effect *effects = put(&at, k->effects, k->n_effects * sizeof(*k->effects));
    to->effects = effects;
    struct ll_slice *const texts[] = {&to->service, &to->model, &to->reason, &to->calendar,
                                      &to->part};
    for (size_t i = 0; i < LL_LEN(texts); i++)
        put_text(&at, texts[i]);
    for (size_t i = 0; i < k->n_effects; i++)
        put_text(&at, &effects[i].day_class);
    atomic_init(&h->refs, 1);
    h->held.fit_ms = NAN;
    return &h->held;
}

void ll_forecast_job_free(struct ll_forecast_job *j)
{
    if (!j)
        return;
    if (j->answered) { /* nobody did: it was thrown away with the queue */
        ll_err_set(&j->err, LL_E_BUSY, "the daemon is stopping");
        j->answered(j->ctx, NULL, &j->err);
    }
    ll_engine_forecast_release(j->held);
    ll_engine_config_release(j->config);
    free(j->judged);
    free(j->learned);
    free(j->venue);
    free(j);
}
