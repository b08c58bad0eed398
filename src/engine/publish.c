/* Publication: a new immutable view replaces the last; readers hold references. */
#include <stdlib.h>

#include "engine/internal.h"

struct ll_shared_config *ll_engine_config_share(struct ll_config *c)
{
    struct ll_shared_config *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    atomic_init(&s->refs, 1);
    s->config = c;
    return s;
}

void ll_engine_config_release(struct ll_shared_config *c)
{
    if (!c || atomic_fetch_sub(&c->refs, 1) > 1)
        return;
    ll_calendars_unref(c->calendars);
    ll_config_free(c->config);
    free(c);
}

struct ll_shared_config *ll_engine_config_acquire(struct ll_engine *e)
{
    pthread_mutex_lock(&e->lock);
    struct ll_shared_config *c = e->config;
    atomic_fetch_add(&c->refs, 1);
    pthread_mutex_unlock(&e->lock);
    return c;
}

const struct ll_published *ll_engine_acquire(struct ll_engine *e)
{
    pthread_mutex_lock(&e->lock);
    struct ll_published_ref *p = e->published;
    atomic_fetch_add(&p->refs, 1);
    pthread_mutex_unlock(&e->lock);
    return &p->pub;
}

void ll_engine_release(const struct ll_published *pub)
{
    if (!pub)
        return;
    struct ll_published_ref *p = (struct ll_published_ref *)(uintptr_t)pub;
    if (atomic_fetch_sub(&p->refs, 1) > 1)
        return;
    ll_view_free(p->view);
    ll_engine_config_release(p->config);
    free(p);
}

static struct ll_threshold threshold_of(void *ctx, struct ll_slice service, struct ll_slice tier,
                                        enum ll_resource_type type)
{
    return ll_config_threshold(ctx, service, tier, type);
}

static bool service_of(void *ctx, struct ll_slice name, struct ll_service_meta *meta,
                       double *instances)
{
    const struct ll_config_service *s = ll_config_service(ctx, name);
    if (!s)
        return false;
    *meta = s->meta;
    *instances = s->instances;
    return true;
}

bool ll_engine_publish(struct ll_engine *e, struct ll_err *err)
{
    struct ll_monitor_policy policy = {.threshold = threshold_of,
                                       .service = service_of,
                                       .ctx = e->config->config,
                                       .interval = e->config->config->check_interval};
    struct ll_published_ref *p = calloc(1, sizeof(*p));
    /* Wall time as of the last look at the clock: a step since then is not yet in the monitor, and
     * would show as ages that nothing has. */
    ll_time now = e->seen_now + (e->clock.mono(e->clock.self) - e->seen_mono);
    struct ll_view *view = ll_monitor_view(e->monitor, &policy, now, e->sequence + 1);
    if (!p || !view) {
        free(p);
        ll_view_free(view);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a view of %zu series",
                          ll_monitor_series(e->monitor));
    }
    e->sequence++;
    atomic_init(&p->refs, 1);
    atomic_fetch_add(&e->config->refs, 1);
    p->config = e->config;
    p->view = view;
    p->pub = (struct ll_published){
        .view = view, .config = e->config->config, .calendars = e->config->calendars};

    struct ll_published_ref *before = e->published;
    if (before && !e->quiet)
        ll_engine_status_events(e, before->view, view);
    e->quiet = false;
    pthread_mutex_lock(&e->lock);
    e->published = p;
    e->status.series = view->n_metrics;
    pthread_mutex_unlock(&e->lock);
    if (before)
        ll_engine_release(&before->pub);
    pthread_mutex_lock(&e->lock); /* whoever takes itself off the list is not called again */
    if (e->published_fn)
        e->published_fn(e->published_ctx);
    pthread_mutex_unlock(&e->lock);
    return true;
}
