/* What classes of days do to series of one venue and resource type.
 *
 * A history of six weeks has seen few half days and fewer year ends.  Here each series of a
 * calendar leaves what it has seen of each class, and that stays when its days leave the history:
 * the store keeps it.  The prior of a series is the pool of all others of its venue and type, and
 * of its own what its history does not show any more.  Types apart: an expiry that doubles orders
 * does nothing to memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/forecasts_private.h"

enum { VENUES_MAX = 1024, MEMBERS_MAX = 512, EVIDENCE_MAX = LL_FORECAST_NEWS_MAX };

struct evidence {
    char day_class[LL_GRID_EVENT_NAME_MAX];
    int month; /* 0 = of the class */
    double ratio, part[LL_EFFECT_PARTS];
    size_t days;
    bool in_history; /* the last fit saw it itself */
};
LL_VEC_DEFINE(evidence_vec, struct evidence)

struct member {
    char *service;
    size_t service_n;
    double noise;
    struct evidence_vec seen;
};
LL_VEC_DEFINE(member_vec, struct member)

struct venue {
    char *calendar;
    size_t calendar_n;
    enum ll_resource_type type;
    struct member_vec members;
};
LL_VEC_DEFINE(venue_vec, struct venue)

struct ll_forecast_pool {
    pthread_mutex_t lock;
    struct venue_vec venues;
};

struct ll_forecast_pool *ll_forecast_pool_new(void)
{
    struct ll_forecast_pool *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->venues.cap = VENUES_MAX;
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

void ll_forecast_pool_free(struct ll_forecast_pool *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->venues.n; i++) {
        struct venue *v = &p->venues.v[i];
        for (size_t k = 0; k < v->members.n; k++) {
            free(v->members.v[k].service);
            evidence_vec_fini(&v->members.v[k].seen);
        }
        member_vec_fini(&v->members);
        free(v->calendar);
    }
    venue_vec_fini(&p->venues);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* --- who is where --- */

static bool is_text(const char *s, size_t n, struct ll_slice t)
{
    return n == t.n && (n == 0 || memcmp(s, t.s, n) == 0);
}

static char *copy_of(struct ll_slice t)
{
    char *s = malloc(t.n + 1);
    if (s && t.n)
        memcpy(s, t.s, t.n);
    return s;
}

static struct venue *venue_of(struct ll_forecast_pool *p, const struct ll_forecast_member *m,
                              bool make)
{
    for (size_t i = 0; i < p->venues.n; i++)
        if (p->venues.v[i].type == m->type &&
            is_text(p->venues.v[i].calendar, p->venues.v[i].calendar_n, m->calendar))
            return &p->venues.v[i];
    struct venue v = {.calendar = make ? copy_of(m->calendar) : NULL,
                      .calendar_n = m->calendar.n,
                      .type = m->type,
                      .members.cap = MEMBERS_MAX};
    struct venue *at = v.calendar ? venue_vec_push(&p->venues, v) : NULL;
    if (!at)
        free(v.calendar);
    return at;
}

static struct member *member_of(struct venue *v, struct ll_slice service)
{
    for (size_t i = 0; i < v->members.n; i++)
        if (is_text(v->members.v[i].service, v->members.v[i].service_n, service))
            return &v->members.v[i];
    struct member m = {
        .service = copy_of(service), .service_n = service.n, .seen.cap = EVIDENCE_MAX};
    struct member *at = m.service ? member_vec_push(&v->members, m) : NULL;
    if (!at)
        free(m.service);
    return at;
}

static struct evidence *find(struct member *m, const char *day_class, int month)
{
    for (size_t i = 0; i < m->seen.n; i++)
        if (m->seen.v[i].month == month && strcmp(m->seen.v[i].day_class, day_class) == 0)
            return &m->seen.v[i];
    return NULL;
}

/* --- the prior --- */

/* Which class of the effects that is, an event of its own when there is room; 0: none. */
static size_t class_of(struct ll_effects *e, const char *day_class)
{
    const struct ll_grid g = {.event = e->event, .n_events = e->n_events};
    for (size_t k = 1; k < LL_GRID_CLASSES + e->n_events; k++)
        if (strcmp(ll_grid_class_name(&g, k), day_class) == 0)
            return k;
    if (e->n_events == LL_GRID_EVENTS_MAX)
        return 0;
    snprintf(e->event[e->n_events].name, sizeof(e->event->name), "%s", day_class);
    return LL_GRID_CLASSES + e->n_events++;
}

/* A member's evidence as what the forecaster learns; of its own only what it does not see. */
static void effects_of(const struct member *m, bool own, struct ll_effects *out)
{
    ll_effects_none(out);
    out->noise = m->noise;
    for (size_t i = 0; i < m->seen.n; i++) {
        const struct evidence *s = &m->seen.v[i];
        size_t k = own && s->in_history ? 0 : class_of(out, s->day_class);
        if (!k)
            continue;
        struct ll_effect *e = s->month ? &out->half[s->month - 1] : &out->of[k];
        e->own = s->ratio;
        e->n = s->days;
        memcpy(e->part, s->part, sizeof(e->part));
    }
}

void ll_forecast_pool_prior(struct ll_forecast_pool *p, const struct ll_forecast_member *m,
                            struct ll_effects *out)
{
    struct ll_effects one;
    ll_effects_none(out);
    pthread_mutex_lock(&p->lock);
    const struct venue *v = venue_of(p, m, false);
    for (size_t i = 0; v && i < v->members.n; i++) {
        const struct member *x = &v->members.v[i];
        effects_of(x, is_text(x->service, x->service_n, m->service), &one);
        ll_effects_pool(out, &one);
    }
    pthread_mutex_unlock(&p->lock);
    /* A month's half days count by how they differ from all: without these they say nothing. */
    for (size_t i = 0; !out->of[LL_GRID_CLASS_HALF].n && i < LL_LEN(out->half); i++)
        out->half[i].n = 0;
}

/* --- what a fit has seen --- */

static bool differs(double a, double b)
{
    return !(a - b < 1e-9 && b - a < 1e-9);
}

/* What is news of it; NULL: it was known, or there is no room. */
static const struct evidence *put(struct member *m, const char *day_class, int month,
                                  const struct ll_effect *e)
{
    struct evidence *at = find(m, day_class, month);
    struct evidence x = {.month = month, .ratio = e->own, .days = e->n, .in_history = true};
    snprintf(x.day_class, sizeof(x.day_class), "%s", day_class);
    memcpy(x.part, e->part, sizeof(x.part));
    if (!at)
        return evidence_vec_push(&m->seen, x);
    bool news = at->days != x.days || differs(at->ratio, x.ratio);
    *at = x;
    return news ? at : NULL;
}

/* A row for the store; names are the caller's. */
static struct ll_venue_effect row_of(const struct ll_forecast_member *who, const struct member *m,
                                     const struct evidence *s, const char *day_class, int64_t day)
{
    return (struct ll_venue_effect){.calendar = who->calendar,
                                    .service = who->service,
                                    .day_class = ll_slice_of(day_class),
                                    .type = who->type,
                                    .month = s->month,
                                    .ratio = s->ratio,
                                    .days = s->days,
                                    .part = {s->part[0], s->part[1], s->part[2]},
                                    .noise = m->noise,
                                    .day = day};
}

static size_t take(struct member *m, const struct ll_forecast_member *who,
                   const struct ll_effects *e, int64_t day,
                   struct ll_venue_effect out[static LL_FORECAST_NEWS_MAX])
{
    const struct ll_grid g = {.event = e->event, .n_events = e->n_events};
    const char *half = ll_grid_class_name(&g, LL_GRID_CLASS_HALF);
    size_t n = 0;
    m->noise = e->noise;
    for (size_t i = 0; i < m->seen.n; i++)
        m->seen.v[i].in_history = false;
    for (size_t k = 1; k < LL_GRID_CLASSES + e->n_events; k++) {
        const char *name = ll_grid_class_name(&g, k);
        const struct evidence *s = e->of[k].n ? put(m, name, 0, &e->of[k]) : NULL;
        if (s)
            out[n++] = row_of(who, m, s, name, day);
    }
    for (int month = 1; month <= 12; month++) {
        const struct ll_effect *of = &e->half[month - 1];
        const struct evidence *s = of->n ? put(m, half, month, of) : NULL;
        if (s)
            out[n++] = row_of(who, m, s, half, day);
    }
    return n;
}

size_t ll_forecast_pool_take(struct ll_forecast_pool *p, const struct ll_forecast_member *m,
                             const struct ll_effects *learned, int64_t day,
                             struct ll_venue_effect out[static LL_FORECAST_NEWS_MAX])
{
    pthread_mutex_lock(&p->lock);
    struct venue *v = venue_of(p, m, true);
    struct member *x = v ? member_of(v, m->service) : NULL;
    size_t n = x ? take(x, m, learned, day, out) : 0;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void ll_forecast_pool_restore(struct ll_forecast_pool *p, const struct ll_venue_effect *row)
{
    const struct ll_forecast_member m = {row->calendar, row->service, row->type};
    char name[LL_GRID_EVENT_NAME_MAX];
    struct ll_effect e = {
        .own = row->ratio, .n = row->days, .part = {row->part[0], row->part[1], row->part[2]}};
    if (!(row->ratio > 0) || !row->days || row->day_class.n >= sizeof(name))
        return;
    snprintf(name, sizeof(name), "%.*s", (int)row->day_class.n, row->day_class.s);
    pthread_mutex_lock(&p->lock);
    struct venue *v = venue_of(p, &m, true);
    struct member *x = v ? member_of(v, m.service) : NULL;
    if (x) {
        x->noise = row->noise;
        put(x, name, row->month, &e);
    }
    pthread_mutex_unlock(&p->lock);
}
