/* The intake's mappers: one for all that is pushed and scraped, one for each Prometheus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/intake_private.h"

enum { REPORT_BYTES = 64 << 20 };

static const ll_dur alarm_every = LL_MINUTE, forget_after = 2 * LL_HOUR,
                    silent_after = 5 * LL_MINUTE;

void ll_intake_source_free(struct ll_intake_source *s)
{
    if (!s)
        return;
    ll_mapper_free(s->mapper);
    free(s);
}

static struct ll_mapper *new_mapper(const struct ll_intake *in, const char *name)
{
    const struct ll_config_collect *c = &in->pub->config->collect;
    return ll_mapper_new(&(struct ll_mapper_opts){.mapping = c->compiled,
                                                  .source = ll_slice_of(name),
                                                  .seed = in->e->seed,
                                                  .max_series = c->remote_write.max_series});
}

struct ll_intake_source *ll_intake_source(struct ll_intake *in, const char *name)
{
    for (size_t i = 0; i < in->n_sources; i++) {
        struct ll_intake_source *known = in->sources[i];
        if (strcmp(known->name, name) != 0)
            continue;
        if (!known->mapper)
            known->mapper = new_mapper(in, known->name);
        return known->mapper ? known : NULL;
    }
    if (in->n_sources == LL_LEN(in->sources))
        return NULL;
    struct ll_intake_source *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->last = LL_TIME_NONE;
    snprintf(s->name, sizeof(s->name), "%s", name);
    s->mapper = new_mapper(in, s->name);
    if (!s->mapper) {
        free(s);
        return NULL;
    }
    in->sources[in->n_sources++] = s;
    return s;
}

/* A metric that is not in the table takes the place of the least: heavy ones stay. */
void ll_intake_offend(struct ll_intake_source *s, struct ll_slice labels, size_t points)
{
    struct ll_slice name = ll_labels_get(labels, LL_LABELS_NAME);
    struct ll_intake_offender *least = NULL;
    name.n = LL_MIN(name.n, sizeof(s->offenders[0].metric) - 1);
    for (size_t i = 0; i < s->n_offenders; i++) {
        struct ll_intake_offender *o = &s->offenders[i];
        if (ll_slice_is(name, o->metric)) {
            o->points += points;
            return;
        }
        if (!least || o->points < least->points)
            least = o;
    }
    if (s->n_offenders < LL_LEN(s->offenders)) {
        least = &s->offenders[s->n_offenders++];
        least->points = 0;
    }
    memcpy(least->metric, name.s, name.n);
    least->metric[name.n] = '\0';
    least->points += points; /* space-saving: an upper bound (Metwally et al. 2005) */
}

static int by_points(const void *a, const void *b)
{
    const struct ll_intake_offender *x = a, *y = b;
    return (x->points < y->points) - (x->points > y->points);
}

void ll_intake_alarm(struct ll_intake *in, struct ll_intake_source *s)
{
    struct ll_engine *e = in->e;
    ll_time mono = e->clock.mono(e->clock.self);
    if (s->refused == s->alarmed || mono < s->alarm_at)
        return;
    qsort(s->offenders, s->n_offenders, sizeof(s->offenders[0]), by_points);
    struct ll_event ev = {.t = ll_engine_now(e), .kind = LL_EVENT_COLLECTOR, .type = -1};
    snprintf(ev.service, sizeof(ev.service), "%s", s->name);
    snprintf(ev.title, sizeof(ev.title), "The limit of series is reached");
    int n = snprintf(ev.detail, sizeof(ev.detail), "%llu samples of new series refused; most of",
                     (unsigned long long)(s->refused - s->alarmed));
    for (size_t i = 0; i < LL_MIN(s->n_offenders, (size_t)3) && n < (int)sizeof(ev.detail); i++)
        n += snprintf(ev.detail + n, sizeof(ev.detail) - (size_t)n, "%s %.60s", i ? "," : "",
                      s->offenders[i].metric);
    snprintf(ev.reason, sizeof(ev.reason), "SERIES_LIMIT");
    ll_engine_event(e, &ev);
    LL_LOG(LL_LOG_WARN, "series refused", LL_KV("source", s->name), LL_KV("detail", ev.detail));
    s->alarmed = s->refused;
    s->alarm_at = mono + alarm_every;
}

static bool is_configured(const struct ll_config *c, const char *name)
{
    for (size_t i = 0; i < c->collect.n_prometheus; i++)
        if (ll_slice_is(c->collect.prometheus[i].name, name))
            return true;
    return strcmp(name, LL_INTAKE_PUSHED) == 0 || strcmp(name, "scrape") == 0;
}

/* Mappers borrow the mapping: the configuration they came from stays until they are gone. */
static void renew(struct ll_intake *in, const struct ll_published *pub)
{
    const struct ll_published *before = in->pub;
    in->pub = pub;
    for (size_t i = 0; i < in->n_sources; i++) {
        ll_mapper_free(in->sources[i]->mapper);
        in->sources[i]->mapper = NULL;
    }
    ll_engine_release(before);
}

void ll_intake_follow(struct ll_intake *in)
{
    const struct ll_published *pub = ll_engine_acquire(in->e);
    const struct ll_config *c = pub->config;
    if (strcmp(in->followed, c->hash) == 0) {
        ll_engine_release(pub);
        return;
    }
    snprintf(in->followed, sizeof(in->followed), "%s", c->hash);
    bool same =
        in->pub && strcmp(in->pub->config->collect.mapping_hash, c->collect.mapping_hash) == 0;
    for (size_t i = in->n_sources; i-- > 0;)
        if (!is_configured(c, in->sources[i]->name)) {
            ll_intake_source_free(in->sources[i]);
            in->sources[i] = in->sources[--in->n_sources];
        }
    if (same)
        ll_engine_release(pub);
    else
        renew(in, pub);
}

static bool report_part(struct ll_arena *a, struct ll_intake_source *s,
                        struct ll_discovery_part *part)
{
    struct ll_discovery_offender *o = LL_ARENA_NEW(a, struct ll_discovery_offender, s->n_offenders);
    if (!o || !ll_mapper_report(s->mapper, a, &part->report))
        return false;
    qsort(s->offenders, s->n_offenders, sizeof(s->offenders[0]), by_points);
    for (size_t i = 0; i < s->n_offenders; i++) {
        size_t n = strlen(s->offenders[i].metric);
        const char *z = ll_arena_copy(a, s->offenders[i].metric, n);
        if (!z)
            return false;
        o[i] = (struct ll_discovery_offender){{z, n}, s->offenders[i].points};
    }
    part->offenders = o;
    part->n_offenders = s->n_offenders;
    part->points = s->points;
    part->refused = s->refused;
    return true;
}

/* Who pushes is not asked, so nobody else says whether it still does. */
static void report_pushed(struct ll_intake *in, const struct ll_intake_source *s)
{
    struct ll_engine *e = in->e;
    struct ll_collector_status st = {.kind = "remote_write"};
    if (strcmp(s->name, LL_INTAKE_PUSHED) != 0 || s->last == LL_TIME_NONE)
        return;
    snprintf(st.name, sizeof(st.name), "%s", s->name);
    st.up = e->clock.mono(e->clock.self) - s->last < silent_after;
    st.samples = (size_t)s->points;
    if (!st.up)
        snprintf(st.error, sizeof(st.error), "nothing came for five minutes");
    ll_engine_report(e, &st);
}

void ll_intake_publish(struct ll_intake *in)
{
    ll_time now = ll_engine_now(in->e);
    struct ll_discovery_ref *r = calloc(1, sizeof(*r));
    if (!r)
        return;
    atomic_init(&r->refs, 1);
    r->arena = ll_arena_new(REPORT_BYTES);
    struct ll_discovery_part *parts =
        r->arena ? LL_ARENA_NEW(r->arena, struct ll_discovery_part, in->n_sources) : NULL;
    bool ok = parts != NULL;
    size_t n = 0;
    for (size_t i = 0; i < in->n_sources && ok; i++) {
        if (!in->sources[i]->mapper)
            continue;
        ll_mapper_forget(in->sources[i]->mapper, now - forget_after);
        report_pushed(in, in->sources[i]);
        ok = report_part(r->arena, in->sources[i], &parts[n++]);
    }
    if (!ok) {
        ll_discovery_release(&r->d);
        return;
    }
    r->d = (struct ll_discovery){.generated = now, .parts = parts, .n_parts = n};
    pthread_mutex_lock(&in->lock);
    struct ll_discovery_ref *before = in->discovery;
    in->discovery = r;
    pthread_mutex_unlock(&in->lock);
    if (before)
        ll_discovery_release(&before->d);
}

const struct ll_discovery *ll_engine_discovery(struct ll_engine *e)
{
    static const struct ll_discovery none = {.generated = LL_TIME_NONE};
    struct ll_intake *in = e->intake;
    pthread_mutex_lock(&in->lock);
    struct ll_discovery_ref *r = in->discovery;
    if (r)
        atomic_fetch_add(&r->refs, 1);
    pthread_mutex_unlock(&in->lock);
    return r ? &r->d : &none;
}

void ll_discovery_release(const struct ll_discovery *d)
{
    if (!d || d->generated == LL_TIME_NONE)
        return;
    struct ll_discovery_ref *r = (struct ll_discovery_ref *)(uintptr_t)d;
    if (atomic_fetch_sub(&r->refs, 1) > 1)
        return;
    ll_arena_free(r->arena);
    free(r);
}
