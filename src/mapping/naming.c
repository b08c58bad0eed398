/* How a group's series is called. */
#include "mapping/naming.h"

#include <string.h>

#include "mapping/kube.h"
#include "mapping/object.h"

static struct ll_slice node_name(const struct ll_group *g)
{
    const struct ll_mapper_series *s = ll_object_fact(g->object, LL_FACT_NODENAME);
    struct ll_slice name =
        s ? ll_labels_get(s->labels, LL_SLICE("nodename")) : (struct ll_slice){"", 0};
    return name.n && name.n <= LL_NAME_MAX ? name : g->instance;
}

static enum ll_naming by_template(struct ll_mapper *m, const struct ll_group *g,
                                  struct ll_named *out)
{
    bool known = g->found && ll_slice_eq(g->found->name, g->service);
    out->found = known ? g->found : ll_found_get(m, g->service);
    out->part = g->part;
    out->instance = g->instance;
    if (g->output->recipe->naming == LL_NAMING_NODE && !(g->rule && g->rule->instance.set))
        out->instance = node_name(g);
    return out->found ? LL_NAMED : LL_NAME_WAITS;
}

static bool on_host_network(const struct ll_object *pod)
{
    const struct ll_mapper_series *s = ll_object_fact(pod, LL_FACT_INFO);
    return s && ll_slice_is(ll_labels_get(s->labels, LL_SLICE("host_network")), "true");
}

static enum ll_naming by_pod(struct ll_mapper *m, const struct ll_group *g, struct ll_object *pod,
                             struct ll_named *out)
{
    enum ll_naming naming = ll_kube_pod(m, pod);
    if (naming != LL_NAMED)
        return naming;
    if (g->output->recipe->flags & LL_RECIPE_NOT_HOST_NETWORK && on_host_network(pod))
        return LL_NAME_NEVER; /* it is the host's traffic */
    out->found = g->service.n ? ll_found_get(m, g->service) : pod->found;
    out->instance = g->instance.n ? g->instance : ll_kube_name(pod);
    out->part = g->part;
    return out->found ? LL_NAMED : LL_NAME_WAITS;
}

static enum ll_naming by_claim(struct ll_mapper *m, const struct ll_group *g, struct ll_named *out)
{
    struct ll_object *pod;
    struct ll_slice volume;
    if (!ll_kube_pod_of_claim(m, g->object, &pod, &volume))
        return LL_NAME_WAITS;
    enum ll_naming naming = by_pod(m, g, pod, out);
    if (naming != LL_NAMED || (g->rule && g->rule->part.set))
        return naming;
    if (volume.n + g->part.n > LL_NAME_MAX)
        return LL_NAME_NEVER;
    if (volume.n)
        memcpy(out->buf, volume.s, volume.n);
    if (g->part.n)
        memcpy(out->buf + volume.n, g->part.s, g->part.n);
    out->part = (struct ll_slice){out->buf, volume.n + g->part.n};
    return LL_NAMED;
}

enum ll_naming ll_naming_of(struct ll_mapper *m, struct ll_group *g, struct ll_named *out)
{
    switch (g->output->recipe->naming) {
    case LL_NAMING_POD:
        return by_pod(m, g, g->object, out);
    case LL_NAMING_CLAIM:
        return by_claim(m, g, out);
    case LL_NAMING_PLAIN:
    case LL_NAMING_NODE:
        break;
    }
    return by_template(m, g, out);
}
