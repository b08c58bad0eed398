/* What sources say of services beside samples; the newest word of each service counts. */
#include <stdlib.h>
#include <string.h>

#include "monitor/state.h"

enum { SLICES = 3 + sizeof(struct ll_service_meta) / sizeof(struct ll_slice) };

static const ll_dur believed_for = 15 * LL_MINUTE;

/* The texts of a record, each of which may be empty. */
static void slices_of(struct ll_service_facts *f, struct ll_slice *out[SLICES])
{
    struct ll_slice *const all[SLICES] = {
        &f->service,      &f->source,          &f->kind,      &f->meta.environment,
        &f->meta.cluster, &f->meta.namespace_, &f->meta.team, &f->meta.owner,
        &f->meta.tier,    &f->meta.venue,      &f->meta.site,
    };
    memcpy(out, all, sizeof(all));
}

static size_t bytes_of(const struct ll_service_facts *f)
{
    struct ll_service_facts copy = *f;
    struct ll_slice *texts[SLICES];
    size_t n = 0;
    slices_of(&copy, texts);
    for (size_t i = 0; i < SLICES; i++)
        n += texts[i]->n;
    return n;
}

static struct ll_facts_state *copy_facts(const struct ll_service_facts *f)
{
    size_t n = bytes_of(f);
    struct ll_facts_state *s = malloc(sizeof(*s) + n);
    if (!s)
        return NULL;
    s->facts = *f;
    struct ll_slice *texts[SLICES];
    slices_of(&s->facts, texts);
    char *to = s->text;
    for (size_t i = 0; i < SLICES; i++) {
        if (texts[i]->n)
            memcpy(to, texts[i]->s, texts[i]->n);
        texts[i]->s = to;
        to += texts[i]->n;
    }
    return s;
}

static bool make_room(struct ll_monitor *m)
{
    if (m->n_facts < m->size_facts)
        return true;
    size_t size = LL_MIN(m->size_facts ? m->size_facts * 2 : 64, m->max_series);
    struct ll_facts_state **v =
        size > m->n_facts ? realloc(m->facts, size * sizeof(struct ll_facts_state *)) : NULL;
    if (!v)
        return false;
    m->facts = v;
    m->size_facts = size;
    return true;
}

bool ll_monitor_describe(struct ll_monitor *m, const struct ll_service_facts *f)
{
    size_t i;
    bool known = ll_map_get(m->by_service, f->service, &i);
    if (known && m->facts[i]->facts.t > f->t)
        return true;
    struct ll_facts_state *s = copy_facts(f);
    if (!s)
        return false;
    if (known) { /* the map's key is the old record's text */
        ll_map_remove(m->by_service, f->service);
        free(m->facts[i]);
    } else if (make_room(m)) {
        i = m->n_facts++;
    } else {
        free(s);
        return false;
    }
    m->facts[i] = s;
    bool put = ll_map_put(m->by_service, s->facts.service, i);
    if (!put) { /* keeps the array dense */
        free(s);
        m->facts[i] = m->facts[--m->n_facts];
        if (i < m->n_facts)
            LL_ASSERT(ll_map_put(m->by_service, m->facts[i]->facts.service, i));
    }
    return put;
}

const struct ll_service_facts *ll_state_facts(const struct ll_monitor *m, struct ll_slice service,
                                              ll_time now)
{
    size_t i;
    if (!ll_map_get(m->by_service, service, &i))
        return NULL;
    const struct ll_service_facts *f = &m->facts[i]->facts;
    return now - f->t <= believed_for ? f : NULL;
}

void ll_state_forget_facts(struct ll_monitor *m, ll_time before)
{
    for (size_t i = m->n_facts; i-- > 0;) {
        struct ll_facts_state *s = m->facts[i], *last = m->facts[m->n_facts - 1];
        if (s->facts.t >= before)
            continue;
        ll_map_remove(m->by_service, s->facts.service);
        m->facts[i] = last;
        m->n_facts--;
        if (last != s)
            LL_ASSERT(ll_map_put(m->by_service, last->facts.service, i));
        free(s);
    }
}

static void fill(struct ll_slice *own, struct ll_slice found)
{
    if (own->n == 0)
        *own = found;
}

void ll_state_fill_meta(struct ll_service_meta *own, const struct ll_service_meta *found)
{
    fill(&own->environment, found->environment);
    fill(&own->cluster, found->cluster);
    fill(&own->namespace_, found->namespace_);
    fill(&own->team, found->team);
    fill(&own->owner, found->owner);
    fill(&own->tier, found->tier);
    fill(&own->venue, found->venue);
    fill(&own->site, found->site);
}
