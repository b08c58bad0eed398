#include "execute/kube_import.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "execute/kube.h"
#include "scaling/decide.h"

static bool is_scaled_object(const struct ll_kube_settings *s)
{
    return strcmp(s->kind, "ScaledObject") == 0;
}

bool ll_kube_import_fits(const struct ll_kube_settings *s, const struct ll_target_place *place)
{
    const struct ll_place_kubernetes *k = &place->kubernetes;
    return place->kind == LL_PLACE_KUBERNETES && ll_slice_is(k->name, s->of_name) &&
           ll_kube_is_kind_of(ll_slice_of(s->of_kind), k->resource);
}

/* cpu, memory: by its name, or as KEDA has it by the trigger's type. */
static const char *resource_of(const struct ll_kube_metric *m)
{
    const bool of_pods =
        strcmp(m->source, "Resource") == 0 || strcmp(m->source, "ContainerResource") == 0;
    if (of_pods)
        return m->name;
    return strcmp(m->source, "cpu") == 0 || strcmp(m->source, "memory") == 0 ? m->source : NULL;
}

static bool is_resource(const char *resource, const char *name, enum ll_resource_type type,
                        enum ll_resource_type wanted)
{
    return resource && strcmp(resource, name) == 0 && type == wanted;
}

/* The utilisation that a metric aims at, of the demand's own capacity; NULL, or why it has none. */
static const char *goal_of(const struct ll_kube_metric *m, enum ll_resource_type type, double units,
                           double *goal)
{
    const char *resource = resource_of(m);
    const bool same = is_resource(resource, "cpu", type, LL_RESOURCE_CPU) ||
                      is_resource(resource, "memory", type, LL_RESOURCE_MEMORY);
    if (!(m->target > 0))
        return "it has no target that is a number";
    if (m->goal == LL_KUBE_GOAL_VALUE)
        return "its value is of the whole, and does not fall when instances come";
    *goal = m->goal == LL_KUBE_GOAL_UTILIZATION ? m->target / 100 : m->target / units;
    if (m->goal == LL_KUBE_GOAL_UTILIZATION)
        return same || (resource && strcmp(resource, "cpu") == 0)
                   ? NULL
                   : "its utilisation does not follow this demand";
    if (resource && !same)
        return "it is a share of another resource than this demand";
    return units > 0 ? NULL : "units_per_instance is not known, so its share is no utilisation";
}

static void add_rule(struct ll_kube_import *out, const struct ll_kube_settings *s,
                     const struct ll_kube_metric *m, enum ll_resource_type type, double goal)
{
    struct ll_scaling_rule *r = &out->rules[out->n_rules];
    char *name = out->name[out->n_rules++];
    const char *resource = resource_of(m);
    snprintf(name, sizeof(out->name[0]), "%s %s: %s", is_scaled_object(s) ? "keda" : "hpa", s->name,
             m->name[0] ? m->name
             : resource ? resource
                        : m->source);
    ll_scaling_rule_init(r, type);
    r->rule_id = ll_slice_of(name);
    r->target = out->target.name;
    r->service = out->target.service;
    r->part = out->target.capacity.part;
    r->form = LL_FORM_TARGET;
    r->goal = goal;
    r->tolerance_up = s->tolerance_out;
    r->tolerance_down = s->tolerance_in;
    r->thresholds.cooldown = 0;
    r->max_reversals = UINT_MAX; /* Kubernetes has no budget of them */
    r->mode = LL_MODE_AUTO;
}

static void take_target(struct ll_kube_import *out, const struct ll_kube_settings *s,
                        const struct ll_target *ours)
{
    struct ll_target *t = &out->target;
    *t = *ours;
    t->min = s->min;
    t->max = s->max;
    t->out = s->out;
    t->in = s->in;
    t->hpa_behavior = true;
    t->granularity = 1;
    t->quota = 0;
    t->dependencies = NULL;
    t->n_dependencies = 0;
    t->scale_to_zero = s->min == 0;
    t->idle = is_scaled_object(s) ? LL_MIN(s->cooldown, 7 * LL_DAY) : t->idle;
}

bool ll_kube_import(const struct ll_kube_settings *s, const struct ll_target *ours,
                    enum ll_resource_type type, struct ll_kube_import *out, struct ll_err *err)
{
    *out = (struct ll_kube_import){.n_rules = 0};
    take_target(out, s, ours);
    for (size_t i = 0; i < s->n_metrics; i++) {
        double goal = NAN;
        const char *why = goal_of(&s->metric[i], type, ours->capacity.units_per_instance, &goal);
        if (!why) {
            add_rule(out, s, &s->metric[i], type, goal);
            continue;
        }
        out->left[out->n_left].metric = &s->metric[i];
        out->left[out->n_left++].why = why;
    }
    if (out->n_rules == 0)
        return ll_err_set(err, LL_E_INVALID, "%s %s: none of its metrics can be replayed: %s",
                          s->kind, s->name, out->n_left ? out->left[0].why : "it has none");
    if (!ll_scaling_target_check(&out->target, err))
        return ll_err_wrap(err, "%s %s", s->kind, s->name);
    for (size_t i = 0; i < out->n_rules; i++)
        if (!ll_scaling_rule_check(&out->rules[i], &out->target, err))
            return ll_err_wrap(err, "%s %s", s->kind, s->name);
    return true;
}
