/* What was found and what was not, for people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mapping/kube.h"
#include "mapping/object.h"
#include "mapping/slots.h"

static void meta_of_labels(const struct ll_object *o, struct ll_service_meta *meta)
{
    static const struct {
        const char *label;
        size_t offset;
    } labels[] = {
        {"label_environment", offsetof(struct ll_service_meta, environment)},
        {"label_env", offsetof(struct ll_service_meta, environment)},
        {"label_team", offsetof(struct ll_service_meta, team)},
        {"label_owner", offsetof(struct ll_service_meta, owner)},
        {"label_tier", offsetof(struct ll_service_meta, tier)},
        {"label_app_kubernetes_io_component", offsetof(struct ll_service_meta, tier)},
        {"label_venue", offsetof(struct ll_service_meta, venue)},
        {"label_site", offsetof(struct ll_service_meta, site)},
    };
    const struct ll_mapper_series *s = ll_object_fact(o, LL_FACT_LABELS);
    for (size_t i = 0; s && i < LL_LEN(labels); i++) {
        struct ll_slice *to = (struct ll_slice *)(void *)((char *)meta + labels[i].offset);
        struct ll_slice v = ll_labels_get(s->labels, ll_slice_of(labels[i].label));
        if (to->n == 0 && v.n <= LL_NAME_MAX)
            *to = v;
    }
}

/* cluster and namespace of "cluster/namespace/name" */
static void meta_of_key(struct ll_slice text, struct ll_service_meta *meta)
{
    size_t end = text.n;
    while (end > 0 && text.s[end - 1] != '/')
        end--;
    if (end == 0)
        return;
    size_t from = --end;
    while (from > 0 && text.s[from - 1] != '/')
        from--;
    if (meta->namespace_.n == 0)
        meta->namespace_ = (struct ll_slice){text.s + from, end - from};
    if (meta->cluster.n == 0 && from > 1)
        meta->cluster = (struct ll_slice){text.s, from - 1};
}

void ll_found_facts(const struct ll_mapper *m, const struct ll_found *f,
                    struct ll_service_facts *out)
{
    *out = (struct ll_service_facts){
        .service = f->name,
        .source = m->source,
        .kind = ll_slice_of(f->kind),
        .meta = {f->meta[0], f->meta[1], f->meta[2], f->meta[3], f->meta[4], f->meta[5], f->meta[6],
                 f->meta[7]},
        .desired = NAN,
        .ready = NAN,
        .oldest_start = LL_TIME_NONE,
        .newest_start = LL_TIME_NONE,
        .t = f->t,
    };
    for (size_t i = 0; i < LL_RESOURCE_COUNT; i++)
        out->request[i] = out->limit[i] = NAN;
    const struct ll_object *o = f->workload ? f->workload : f->pods;
    if (!o)
        return;
    ll_kube_facts(f, out);
    meta_of_labels(o, &out->meta);
    meta_of_key(o->text, &out->meta);
}

struct writer {
    struct ll_arena *arena;
    bool failed;
};

static struct ll_slice keep(struct writer *w, struct ll_slice t)
{
    char *copy = w->failed ? NULL : ll_arena_copy(w->arena, t.n ? t.s : "", t.n);
    w->failed |= !copy;
    return copy ? (struct ll_slice){copy, t.n} : (struct ll_slice){"", 0};
}

static void keep_facts(struct writer *w, struct ll_service_facts *f)
{
    struct ll_slice *const texts[] = {&f->service,          &f->source,       &f->kind,
                                      &f->meta.environment, &f->meta.cluster, &f->meta.namespace_,
                                      &f->meta.team,        &f->meta.owner,   &f->meta.tier,
                                      &f->meta.venue,       &f->meta.site};
    for (size_t i = 0; i < LL_LEN(texts); i++)
        *texts[i] = keep(w, *texts[i]);
}

static size_t count_series(const struct ll_group *g)
{
    size_t n = 0;
    for (const struct ll_bind *b = g->members; b; b = b->next)
        n++;
    return n;
}

static int by_service(const void *a, const void *b)
{
    return ll_slice_cmp(((const struct ll_found_service *)a)->facts.service,
                        ((const struct ll_found_service *)b)->facts.service);
}

static int by_series(const void *a, const void *b)
{
    const struct ll_found_unmatched *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? 1 : -1;
    return ll_slice_cmp(x->metric, y->metric);
}

static bool has_data(const struct ll_found *f)
{
    return f->users > 0 && (f->resources || f->workload || f->pods);
}

static void write_services(const struct ll_mapper *m, struct writer *w, struct ll_mapper_report *r)
{
    size_t n = 0;
    for (const struct ll_found *f = m->all_found; f; f = f->next)
        n += has_data(f);
    struct ll_found_service *v = LL_ARENA_NEW(w->arena, struct ll_found_service, n);
    struct ll_map *at = ll_map_new(m->seed, n);
    w->failed |= !v || !at;
    for (const struct ll_found *f = m->all_found; f && !w->failed; f = f->next) {
        if (!has_data(f))
            continue;
        struct ll_found_service *s = &v[r->n_services];
        ll_found_facts(m, f, &s->facts);
        keep_facts(w, &s->facts);
        s->rule = keep(w, ll_slice_of(f->rule));
        s->resources = f->resources;
        w->failed |= !ll_map_put(at, f->name, r->n_services++);
    }
    for (const struct ll_group *g = m->all_groups; g && !w->failed; g = g->next) {
        size_t i;
        if (g->found && ll_map_get(at, g->found->name, &i))
            v[i].series += count_series(g);
    }
    ll_map_free(at);
    if (!w->failed)
        qsort(v, r->n_services, sizeof(*v), by_service);
    r->services = v;
}

static const char *reason_text(enum ll_unmatched_reason reason)
{
    static const char *const texts[] = {
        [LL_NO_RULE] = "no rule reads this metric",
        [LL_NOT_CHOSEN] = "rules read this metric, but not with these labels",
        [LL_NO_LABEL] = "a label that names the service or instance is not there",
    };
    return texts[reason];
}

/* A group that cannot be named yet, as an entry of its metric. */
static void write_waiting(const struct ll_group *g, struct writer *w, struct ll_found_unmatched *u)
{
    struct ll_str text, why;
    struct ll_slice labels = g->members->series->labels;
    ll_str_init(&text, 4 * LL_LABELS_BYTES_MAX);
    ll_str_init(&why, 4 * LL_NAME_MAX);
    ll_labels_text(labels, &text);
    struct ll_slice about = g->object->text;
    if (about.n && *about.s == '/')
        about = (struct ll_slice){about.s + 1, about.n - 1};
    ll_str_addf(&why, "no %s of %s %.*s yet", g->object->kind == LL_OBJECT_CLAIM ? "pod" : "owner",
                g->object->kind == LL_OBJECT_CLAIM ? "volume claim" : "pod", (int)about.n, about.s);
    u->metric = keep(w, ll_labels_get(labels, LL_LABELS_NAME));
    u->example = keep(w, (struct ll_slice){ll_str_z(&text), LL_MIN(text.n, (size_t)512)});
    u->reason = keep(w, (struct ll_slice){ll_str_z(&why), why.n});
    ll_str_fini(&text);
    ll_str_fini(&why);
}

static size_t find_entry(const struct ll_found_unmatched *v, size_t from, size_t n,
                         struct ll_slice metric)
{
    for (size_t i = from; i < n; i++)
        if (ll_slice_eq(v[i].metric, metric))
            return i;
    return n;
}

/* Metrics are few; one entry each stands for all its groups that wait. */
static size_t write_all_waiting(const struct ll_mapper *m, struct writer *w,
                                struct ll_found_unmatched *v, size_t n)
{
    size_t first = n;
    for (const struct ll_group *g = m->all_groups; g && !w->failed; g = g->next) {
        if (!g->waits || !g->members)
            continue;
        struct ll_slice metric = ll_labels_get(g->members->series->labels, LL_LABELS_NAME);
        size_t i = find_entry(v, first, n, metric);
        if (i == n) {
            if (n == LL_UNMATCHED_NAMES_MAX + LL_UNMATCHED_REPORTED)
                continue;
            write_waiting(g, w, &v[n++]);
        }
        v[i].series += count_series(g);
    }
    return n;
}

static void write_unmatched(const struct ll_mapper *m, struct writer *w, struct ll_mapper_report *r)
{
    const size_t size = LL_UNMATCHED_NAMES_MAX + LL_UNMATCHED_REPORTED;
    struct ll_found_unmatched *v = LL_ARENA_NEW(w->arena, struct ll_found_unmatched, size);
    size_t *counts = calloc(LL_UNMATCHED_NAMES_MAX + 1, sizeof(*counts)), n = 0;
    w->failed |= !v || !counts;
    for (size_t i = 0; !w->failed && i < m->n_slots; i++) {
        const struct ll_slot *s = &m->slots[i];
        if (!s->hash || s->series || s->fate == LL_SLOT_FORGOTTEN)
            continue;
        if (s->fate == LL_MAPPER_UNMATCHED) {
            counts[s->name]++;
            r->unmatched_series++;
        } else {
            r->dropped++;
        }
    }
    for (size_t i = 0; !w->failed && i < m->n_unmatched; i++)
        if (counts[i] > 0)
            v[n++] = (struct ll_found_unmatched){
                .metric = keep(w, ll_slice_of(m->unmatched[i].metric)),
                .example = keep(w, ll_slice_of(m->unmatched[i].example)),
                .reason = keep(w, ll_slice_of(reason_text(m->unmatched[i].reason))),
                .series = counts[i]};
    free(counts);
    if (w->failed)
        return;
    n = write_all_waiting(m, w, v, n);
    qsort(v, n, sizeof(*v), by_series);
    r->unmatched = v;
    r->n_unmatched = LL_MIN(n, (size_t)LL_UNMATCHED_REPORTED);
}

bool ll_mapper_report(const struct ll_mapper *m, struct ll_arena *out,
                      struct ll_mapper_report *report)
{
    struct writer w = {.arena = out};
    struct ll_mapper_report r = {.source = keep(&w, m->source),
                                 .mapped = m->n_series,
                                 .refused = m->refused,
                                 .late = m->late,
                                 .incomplete = m->incomplete,
                                 .expected = m->expected,
                                 .came = m->came};
    write_services(m, &w, &r);
    write_unmatched(m, &w, &r);
    if (w.failed)
        return false;
    r.series = r.mapped + r.unmatched_series + r.dropped;
    *report = r;
    return true;
}
