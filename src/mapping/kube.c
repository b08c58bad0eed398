/* Kubernetes: from pods to what owns them, and what kube-state-metrics says of both.
 *
 * A fact that has ended is still the latest known where no live one is there: a restart of
 * kube-state-metrics must not take the names away. */
#include "mapping/kube.h"

#include <math.h>
#include <string.h>

#include "mapping/group.h"
#include "mapping/object.h"

/* What an owner is called: kinds are static here, labels go away. */
static const char *const kinds[] = {
    "CloneSet", "CronJob",     "DaemonSet", "Deployment", "DeploymentConfig",
    "Job",      "Node",        "Pod",       "ReplicaSet", "ReplicationController",
    "Rollout",  "StatefulSet",
};

static const char *kind_of(struct ll_slice kind)
{
    for (size_t i = 0; i < LL_LEN(kinds); i++)
        if (ll_slice_is(kind, kinds[i]))
            return kinds[i];
    return "other";
}

/* "cluster/namespace/name": names of Kubernetes have no slash, clusters may. */
static struct ll_slice prefix_of(struct ll_slice text)
{
    while (text.n > 0 && text.s[text.n - 1] != '/')
        text.n--;
    return text;
}

struct ll_slice ll_kube_name(const struct ll_object *o)
{
    size_t n = prefix_of(o->text).n;
    return (struct ll_slice){o->text.s + n, o->text.n - n};
}

struct owner {
    struct ll_slice kind, name;
    bool guessed;
};

static bool is_none(struct ll_slice t)
{
    return t.n == 0 || ll_slice_is(t, "<none>");
}

static bool owner_in(const struct ll_object *o, enum ll_fact fact, const char *kind,
                     const char *name, struct owner *out)
{
    const struct ll_mapper_series *s = ll_object_fact(o, fact);
    if (!s)
        return false;
    *out = (struct owner){.kind = ll_labels_get(s->labels, ll_slice_of(kind)),
                          .name = ll_labels_get(s->labels, ll_slice_of(name))};
    return true;
}

/* The text up to the last dash when what follows is of those letters and that long. */
static bool strip(struct ll_slice *name, const char *letters, size_t least, size_t most)
{
    size_t n = name->n;
    while (n > 0 && strchr(letters, name->s[n - 1]) && name->s[n - 1])
        n--;
    size_t tail = name->n - n;
    if (n < 2 || name->s[n - 1] != '-' || tail < least || tail > most)
        return false;
    name->n = n - 1;
    return true;
}

static struct ll_object *find_owner(struct ll_mapper *m, enum ll_object_kind kind,
                                    struct ll_slice prefix, struct ll_slice name)
{
    char buf[2 * LL_NAME_MAX];
    if (prefix.n + name.n > sizeof(buf))
        return NULL;
    memcpy(buf, prefix.s, prefix.n);
    memcpy(buf + prefix.n, name.s, name.n);
    return ll_object_find(m, kind, (struct ll_slice){buf, prefix.n + name.n}, false);
}

/* What owns the owner.  Where that is not known the name still tells: a Deployment's ReplicaSet
 * is its name and a hash (of letters that make no words), a CronJob's Job its name and minutes. */
static void climb(struct ll_mapper *m, struct ll_slice prefix, struct owner *o)
{
    bool job = ll_slice_is(o->kind, "Job");
    if (!job && !ll_slice_is(o->kind, "ReplicaSet"))
        return;
    struct owner above;
    const struct ll_object *object =
        find_owner(m, job ? LL_OBJECT_JOB : LL_OBJECT_REPLICASET, prefix, o->name);
    if (object && owner_in(object, LL_FACT_OWNER, "owner_kind", "owner_name", &above)) {
        if (!is_none(above.kind) && !is_none(above.name))
            *o = above;
        return;
    }
    if (job ? strip(&o->name, "0123456789", 8, 11)
            : strip(&o->name, "bcdfghjklmnpqrstvwxz2456789", 5, 10)) {
        o->kind = job ? LL_SLICE("CronJob") : LL_SLICE("Deployment");
        o->guessed = true;
    }
}

static bool owner_of(struct ll_mapper *m, const struct ll_object *pod, struct owner *o)
{
    if (!owner_in(pod, LL_FACT_OWNER, "owner_kind", "owner_name", o) &&
        !owner_in(pod, LL_FACT_INFO, "created_by_kind", "created_by_name", o))
        return false;
    struct ll_slice name = ll_kube_name(pod);
    if (is_none(o->kind) || is_none(o->name)) {
        *o = (struct owner){.kind = LL_SLICE("Pod"), .name = name};
    } else if (ll_slice_is(o->kind, "Node")) { /* a static pod: its name ends in the node's */
        struct ll_slice node = o->name;
        if (name.n > node.n + 1 && name.s[name.n - node.n - 1] == '-' &&
            memcmp(name.s + name.n - node.n, node.s, node.n) == 0)
            name.n -= node.n + 1;
        o->name = name;
    } else {
        climb(m, prefix_of(pod->text), o);
    }
    return true;
}

/* cluster/namespace/name, without the cluster where there is none. */
static struct ll_found *service_of(struct ll_mapper *m, struct ll_slice prefix,
                                   struct ll_slice name)
{
    char buf[LL_NAME_MAX];
    if (prefix.n && *prefix.s == '/') {
        prefix.s++;
        prefix.n--;
    }
    if (prefix.n + name.n > sizeof(buf))
        return NULL;
    memcpy(buf, prefix.s, prefix.n);
    memcpy(buf + prefix.n, name.s, name.n);
    return ll_found_get(m, (struct ll_slice){buf, prefix.n + name.n});
}

static void enter(struct ll_object *o, struct ll_found *f)
{
    if (o->found == f)
        return;
    ll_object_leave(o);
    o->found = f;
    f->users++;
    f->dirty = true;
    if (o->kind == LL_OBJECT_WORKLOAD) {
        if (!f->workload)
            f->workload = o;
        return;
    }
    o->found_next = f->pods;
    if (f->pods)
        f->pods->found_prev = o;
    f->pods = o;
}

/* Whether any series of the fact is above zero; live ones before ended ones. */
static bool is_set(const struct ll_object *o, enum ll_fact fact)
{
    return ll_object_sum(o, fact, NULL) > 0;
}

enum ll_naming ll_kube_pod(struct ll_mapper *m, struct ll_object *pod)
{
    if (is_set(pod, LL_FACT_OVER))
        return LL_NAME_NEVER;
    if (pod->found && pod->version == m->owners + 1)
        return LL_NAMED;
    struct owner o;
    struct ll_found *f = owner_of(m, pod, &o) ? service_of(m, prefix_of(pod->text), o.name) : NULL;
    if (!f)
        return LL_NAME_WAITS;
    enter(pod, f);
    f->kind = kind_of(o.kind);
    if (!f->rule || f->guessed)
        f->rule = o.guessed ? "kubernetes (owner guessed by name)" : "kubernetes";
    f->guessed = o.guessed;
    pod->version = m->owners + 1;
    return LL_NAMED;
}

bool ll_kube_pod_of_claim(struct ll_mapper *m, const struct ll_object *claim,
                          struct ll_object **pod, struct ll_slice *volume)
{
    const struct ll_mapper_series *s = ll_object_fact(claim, LL_FACT_CLAIM);
    if (!s)
        return false;
    *volume = ll_labels_get(s->labels, LL_SLICE("volume"));
    *pod = find_owner(m, LL_OBJECT_POD, prefix_of(claim->text),
                      ll_labels_get(s->labels, LL_SLICE("pod")));
    return *pod != NULL;
}

double ll_kube_capacity(const struct ll_object *pod, bool memory, size_t containers)
{
    size_t n = 0, all = 0;
    (void)ll_object_sum(pod, LL_FACT_CONTAINER, &all);
    all = all ? all : containers;
    double limit = ll_object_sum(pod, memory ? LL_FACT_LIMIT_MEMORY : LL_FACT_LIMIT_CPU, &n);
    if (n > 0 && n >= all)
        return limit;
    return ll_object_sum(pod, memory ? LL_FACT_REQUEST_MEMORY : LL_FACT_REQUEST_CPU, NULL);
}

static double fact_value(const struct ll_object *o, enum ll_fact fact)
{
    const struct ll_mapper_series *s = o ? ll_object_fact(o, fact) : NULL;
    return s ? s->v : NAN;
}

/* Sums over pods: requests of those that have one; limits only where all have one. */
struct pods {
    double request[2], limit[2], ready;
    size_t n, with_ready;
    bool unlimited[2];
    ll_time oldest, newest;
};

static void add_pod(struct pods *all, const struct ll_object *pod)
{
    static const enum ll_fact requests[] = {LL_FACT_REQUEST_CPU, LL_FACT_REQUEST_MEMORY};
    static const enum ll_fact limits[] = {LL_FACT_LIMIT_CPU, LL_FACT_LIMIT_MEMORY};
    size_t containers = 0;
    (void)ll_object_sum(pod, LL_FACT_CONTAINER, &containers);
    for (size_t i = 0; i < LL_LEN(requests); i++) {
        size_t n = 0;
        double request = ll_object_sum(pod, requests[i], NULL);
        double limit = ll_object_sum(pod, limits[i], &n);
        if (!isnan(request))
            all->request[i] = isnan(all->request[i]) ? request : all->request[i] + request;
        if (n == 0 || n < containers)
            all->unlimited[i] = true;
        else
            all->limit[i] = isnan(all->limit[i]) ? limit : all->limit[i] + limit;
    }
    double ready = fact_value(pod, LL_FACT_READY), start = fact_value(pod, LL_FACT_START);
    all->n++;
    all->with_ready += isnan(ready) ? 0 : 1;
    all->ready += ready > 0 ? 1 : 0;
    if (start > 0 && start < 1e11) {
        ll_time t = (ll_time)(start * 1000);
        all->oldest = all->oldest == LL_TIME_NONE ? t : LL_MIN(all->oldest, t);
        all->newest = LL_MAX(all->newest, t);
    }
}

static bool is_alive(const struct ll_object *o)
{
    for (const struct ll_bind *b = o->facts; b; b = b->next)
        if (b->series->state == LL_SERIES_LIVE)
            return true;
    return false;
}

void ll_kube_facts(const struct ll_found *f, struct ll_service_facts *out)
{
    struct pods all = {
        .request = {NAN, NAN}, .limit = {NAN, NAN}, .oldest = LL_TIME_NONE, .newest = LL_TIME_NONE};
    for (const struct ll_object *pod = f->pods; pod; pod = pod->found_next)
        if (is_alive(pod) && !is_set(pod, LL_FACT_OVER))
            add_pod(&all, pod);
    out->desired = fact_value(f->workload, LL_FACT_DESIRED);
    out->ready = fact_value(f->workload, LL_FACT_WORKLOAD_READY);
    if (isnan(out->ready))
        out->ready = fact_value(f->workload, LL_FACT_WORKLOAD_AVAILABLE);
    if (isnan(out->ready) && all.n > 0 && all.with_ready == all.n)
        out->ready = all.ready;
    static const enum ll_resource_type types[] = {LL_RESOURCE_CPU, LL_RESOURCE_MEMORY};
    for (size_t i = 0; i < LL_LEN(types); i++) {
        out->request[types[i]] = all.request[i];
        out->limit[types[i]] = all.unlimited[i] ? NAN : all.limit[i];
    }
    out->oldest_start = all.oldest;
    out->newest_start = all.newest;
}

bool ll_kube_knows(const struct ll_found *f)
{
    if (f->workload && is_alive(f->workload))
        return true;
    for (const struct ll_object *pod = f->pods; pod; pod = pod->found_next)
        if (is_alive(pod))
            return true;
    return false;
}

static void refresh(struct ll_mapper *m, struct ll_object *o, const struct ll_mapper_out *out)
{
    if (o->kind == LL_OBJECT_POD) {
        bool over = ll_kube_pod(m, o) == LL_NAME_NEVER;
        for (struct ll_group *g = o->groups; g && over; g = g->sibling)
            ll_group_hide(m, g, m->newest, out);
    } else if (!o->found) {
        struct ll_found *f = service_of(m, prefix_of(o->text), ll_kube_name(o));
        if (f) {
            enter(o, f);
            f->kind = o->workload;
            f->rule = "kubernetes";
        }
    }
    if (o->found) {
        o->found->dirty = true;
        o->found->t = LL_MAX(o->found->t, m->newest);
    }
}

void ll_kube_refresh(struct ll_mapper *m, const struct ll_mapper_out *out)
{
    while (m->dirty) {
        struct ll_object *o = m->dirty;
        m->dirty = o->dirty_next;
        o->dirty = false;
        refresh(m, o, out);
    }
    if (m->refreshed == m->owners)
        return;
    m->refreshed = m->owners;
    for (struct ll_object *o = m->all_objects; o; o = o->next)
        if (o->kind == LL_OBJECT_POD && o->version != m->owners + 1)
            (void)ll_kube_pod(m, o);
}
