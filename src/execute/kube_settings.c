#include "execute/kube_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "execute/executors.h"
#include "execute/kube.h"
#include "execute/kube_behavior.h"

static void keep(char *out, size_t size, struct ll_slice text)
{
    ll_exchange_text(text, out, size);
}

/* "0.5", 7 or "500m" as a number; NaN when it is none. */
static double number(const struct ll_kube_value *v)
{
    int64_t milli;
    if (!v->there || (v->kind != LL_JSON_NUMBER && v->kind != LL_JSON_STRING) ||
        !ll_kube_quantity(v->text, true, &milli))
        return NAN;
    return (double)milli / 1000;
}

static struct ll_kube_metric *next(struct ll_kube_settings *s)
{
    if (s->n_metrics == LL_KUBE_METRICS_MAX) {
        s->n_more++;
        return NULL;
    }
    return &s->metric[s->n_metrics++];
}

/* Where a metric of each type keeps its name and its target: percent, a pod's share, the whole; and
 * where autoscaling/v1 does in its annotation. */
enum { IN_V2, IN_V1, FORMS };
enum { NAME_OF, UTILIZATION, AVERAGE, VALUE, PER_FORM };
enum { PER_PLACE = FORMS * PER_FORM };
#define NEW(key, name)                                                                             \
    {                                                                                              \
        key "." name, key ".target.averageUtilization", key ".target.averageValue",                \
            key ".target.value"                                                                    \
    }
#define OLD(key, name, average, value)                                                             \
    {                                                                                              \
        key "." name, key ".targetAverageUtilization", key "." average, key "." value              \
    }
static const struct {
    const char *type, *path[FORMS][PER_FORM];
} places[] = {
    {"Resource",
     {NEW("resource", "name"), OLD("resource", "name", "targetAverageValue", "targetValue")}},
    {"ContainerResource",
     {NEW("containerResource", "name"),
      OLD("containerResource", "name", "targetAverageValue", "targetValue")}},
    {"Pods",
     {NEW("pods", "metric.name"), OLD("pods", "metricName", "targetAverageValue", "targetValue")}},
    {"Object",
     {NEW("object", "metric.name"), OLD("object", "metricName", "averageValue", "targetValue")}},
    {"External",
     {NEW("external", "metric.name"),
      OLD("external", "metricName", "targetAverageValue", "targetValue")}},
};
enum { METRIC_VALUES = 1 + PER_PLACE * 5 };

static void take_form(struct ll_kube_metric *m, const struct ll_kube_value *p)
{
    if (p[NAME_OF].there)
        keep(m->name, sizeof(m->name), p[NAME_OF].text);
    for (size_t g = 0; g < 3; g++)
        if (!isnan(number(&p[UTILIZATION + g]))) {
            m->goal = (enum ll_kube_goal)g;
            m->target = number(&p[UTILIZATION + g]);
        }
}

static bool metric_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct ll_kube_value v[METRIC_VALUES] = {{.path = "type"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = METRIC_VALUES};
    for (size_t i = 0; i < LL_LEN(places); i++)
        for (size_t k = 0; k < PER_PLACE; k++)
            v[1 + PER_PLACE * i + k].path = places[i].path[k / PER_FORM][k % PER_FORM];
    if (!ll_kube_object(in, &shape, err))
        return false;
    struct ll_kube_metric *m = next(ctx);
    if (!m)
        return true;
    *m = (struct ll_kube_metric){.target = NAN};
    keep(m->source, sizeof(m->source), v[0].text);
    for (size_t i = 0; i < LL_LEN(places); i++)
        if (ll_kube_is(&v[0], places[i].type))
            for (size_t form = 0; form < FORMS; form++)
                take_form(m, &v[1 + PER_PLACE * i + PER_FORM * form]);
    return true;
}

/* Of KEDA: how many units of the metric one instance is for, in whichever word the trigger has. */
static bool trigger_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct ll_kube_value v[] = {{.path = "type"},
                                {.path = "metricType"},
                                {.path = "metadata.value"},
                                {.path = "metadata.threshold"},
                                {.path = "metadata.targetValue"},
                                {.path = "metadata.metricName"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    if (!ll_kube_object(in, &shape, err))
        return false;
    struct ll_kube_metric *m = next(ctx);
    if (!m)
        return true;
    *m = (struct ll_kube_metric){.target = NAN};
    keep(m->source, sizeof(m->source), v[0].text);
    keep(m->name, sizeof(m->name), v[5].text);
    m->goal = ll_kube_is(&v[1], "Utilization") ? LL_KUBE_GOAL_UTILIZATION
              : ll_kube_is(&v[1], "Value")     ? LL_KUBE_GOAL_VALUE
                                               : LL_KUBE_GOAL_AVERAGE_VALUE;
    for (size_t i = 2; i < 5 && isnan(m->target); i++)
        m->target = number(&v[i]);
    return true;
}

enum {
    KIND,
    NAME,
    OF_KIND,
    OF_NAME,
    V_MIN,
    V_MAX,
    V_CPU,
    V_METRICS,
    V_BEHAVIOR,
    V_KEDA_MIN,
    V_KEDA_MAX,
    INTERVAL,
    COOLDOWN,
    OF_V2,
    OF_KEDA = OF_V2 + LL_KUBE_BEHAVIOR_VALUES,
    VALUES = OF_KEDA + LL_KUBE_BEHAVIOR_VALUES
};
#define ANNOTATION "metadata.annotations.autoscaling.alpha.kubernetes.io/"

static const char *const value_paths[OF_V2] = {
    [KIND] = "kind",
    [NAME] = "metadata.name",
    [OF_KIND] = "spec.scaleTargetRef.kind",
    [OF_NAME] = "spec.scaleTargetRef.name",
    [V_MIN] = "spec.minReplicas",
    [V_MAX] = "spec.maxReplicas",
    [V_CPU] = "spec.targetCPUUtilizationPercentage",
    [V_METRICS] = ANNOTATION "metrics",
    [V_BEHAVIOR] = ANNOTATION "behavior",
    [V_KEDA_MIN] = "spec.minReplicaCount",
    [V_KEDA_MAX] = "spec.maxReplicaCount",
    [INTERVAL] = "spec.pollingInterval",
    [COOLDOWN] = "spec.cooldownPeriod",
};

/* What is being read: the settings, and where it is. */
struct reading {
    struct ll_kube_settings s;
    struct ll_kube_behavior behavior;
    char *text;
};

/* The text of an annotation lies in the document, and may be changed like it. */
static char *in_place(const struct reading *r, const struct ll_kube_value *v)
{
    return r->text + (v->text.s - r->text);
}

static void add_cpu(struct ll_kube_settings *s, int64_t percent)
{
    struct ll_kube_metric *m = next(s);
    if (m)
        *m =
            (struct ll_kube_metric){.source = "Resource", .name = "cpu", .target = (double)percent};
}

static bool take_list(char *text, size_t n, struct ll_kube_settings *s, struct ll_err *err)
{
    struct ll_json_in in;
    struct ll_json_tok tok;
    ll_json_in_init(&in, text, n);
    if (!ll_json_in_next(&in, &tok, err))
        return false;
    if (tok.kind != LL_JSON_ARRAY)
        return ll_err_set(err, LL_E_INVALID, "it is not a list");
    for (;;) {
        if (!ll_json_in_next(&in, &tok, err))
            return false;
        if (tok.kind == LL_JSON_ARRAY_END)
            return ll_json_in_next(&in, &tok, err);
        if (tok.kind != LL_JSON_OBJECT)
            return ll_err_set(err, LL_E_INVALID, "something in it is not an object");
        if (!metric_item(s, &in, err))
            return false;
    }
}

/* autoscaling/v1 has a field for CPU alone; the rest stands in annotations. */
static bool take_v1(struct reading *r, const struct ll_kube_value *v, struct ll_err *err)
{
    struct ll_kube_value b[LL_KUBE_BEHAVIOR_VALUES];
    struct ll_kube_list lists[LL_KUBE_BEHAVIOR_LISTS];
    const struct ll_kube_shape shape = {b, LL_LEN(b), lists, LL_LEN(lists)};
    int64_t percent = 0;
    if (!ll_kube_count(&v[V_CPU], 0, &percent, err))
        return false;
    if (percent > 0)
        add_cpu(&r->s, percent);
    if (v[V_METRICS].text.n &&
        !take_list(in_place(r, &v[V_METRICS]), v[V_METRICS].text.n, &r->s, err))
        return ll_err_wrap(err, "%s", v[V_METRICS].path);
    if (!v[V_BEHAVIOR].text.n)
        return true;
    ll_kube_behavior_shape(LL_KUBE_V1, &r->behavior, b, lists);
    if (!ll_kube_document(in_place(r, &v[V_BEHAVIOR]), v[V_BEHAVIOR].text.n, &shape, err) ||
        !ll_kube_behavior_take(b, &r->behavior, err))
        return ll_err_wrap(err, "%s", v[V_BEHAVIOR].path);
    return true;
}

static bool take_range(const struct ll_kube_value *v, bool keda, struct ll_kube_settings *s,
                       struct ll_err *err)
{
    int64_t interval = 0, cooldown = 0;
    if (!ll_kube_count(&v[keda ? V_KEDA_MIN : V_MIN], keda ? 0 : 1, &s->min, err) ||
        !ll_kube_count(&v[keda ? V_KEDA_MAX : V_MAX], keda ? 100 : -1, &s->max, err) ||
        !ll_kube_count(&v[INTERVAL], keda ? 30 : 0, &interval, err) ||
        !ll_kube_count(&v[COOLDOWN], keda ? 300 : 0, &cooldown, err))
        return false;
    if (s->max < s->min || interval > 86400 || cooldown > 86400 * 365)
        return ll_err_set(err, LL_E_INVALID, "its range or its times make no sense");
    s->interval = interval * LL_SECOND;
    s->cooldown = cooldown * LL_SECOND;
    return true;
}

static bool take(struct reading *r, const struct ll_kube_value *v, struct ll_err *err)
{
    struct ll_kube_settings *s = &r->s;
    const bool keda = ll_kube_is(&v[KIND], "ScaledObject");
    if (!keda && !ll_kube_is(&v[KIND], "HorizontalPodAutoscaler"))
        return ll_err_set(err, LL_E_INVALID, "it is no HorizontalPodAutoscaler or ScaledObject");
    keep(s->kind, sizeof(s->kind), v[KIND].text);
    keep(s->name, sizeof(s->name), v[NAME].text);
    keep(s->of_kind, sizeof(s->of_kind),
         v[OF_KIND].there ? v[OF_KIND].text : LL_SLICE("Deployment"));
    keep(s->of_name, sizeof(s->of_name), v[OF_NAME].text);
    if (!take_range(v, keda, s, err) || (!keda && !take_v1(r, v, err)) ||
        !ll_kube_behavior_take(v + (keda ? OF_KEDA : OF_V2), &r->behavior, err))
        return false;
    if (!keda && s->n_metrics == 0)
        add_cpu(s, 80); /* Kubernetes' own default */
    s->out = r->behavior.out.rates;
    s->in = r->behavior.in.rates;
    s->tolerance_out = r->behavior.out.tolerance;
    s->tolerance_in = r->behavior.in.tolerance;
    return true;
}

bool ll_kube_settings_read(char *text, size_t n, struct ll_kube_settings *out, struct ll_err *err)
{
    struct reading r = {.text = text};
    struct ll_kube_value v[VALUES];
    struct ll_kube_list lists[2 + 2 * LL_KUBE_BEHAVIOR_LISTS] = {
        {"spec.metrics", metric_item, &r.s}, {"spec.triggers", trigger_item, &r.s}};
    const struct ll_kube_shape shape = {v, VALUES, lists, LL_LEN(lists)};
    for (size_t i = 0; i < OF_V2; i++)
        v[i] = (struct ll_kube_value){.path = value_paths[i]};
    ll_kube_behavior_init(&r.behavior);
    ll_kube_behavior_shape(LL_KUBE_V2, &r.behavior, v + OF_V2, lists + 2);
    ll_kube_behavior_shape(LL_KUBE_KEDA, &r.behavior, v + OF_KEDA, lists + 4);
    if (!ll_kube_document(text, n, &shape, err) || !take(&r, v, err))
        return false;
    *out = r.s;
    return true;
}

static enum ll_outcome fetch(struct ll_kube *k, struct ll_slice group_version,
                             struct ll_kube_settings *out, ll_dur *retry_after, struct ll_err *err)
{
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    const struct ll_place_kubernetes place = {
        .group_version = group_version,
        .resource = k->place->floor_of_keda ? LL_SLICE("scaledobjects")
                                            : LL_SLICE("horizontalpodautoscalers"),
        .namespace_ = k->place->namespace_,
        .name = ll_slice_of(k->owner)};
    ll_kube_path(&place, "", path);
    const struct ll_kube_request req = {.path = path};
    enum ll_outcome got = ll_kube_client_do(&k->client, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !ll_kube_settings_read(http.body, http.n, out, err)) {
        ll_err_wrap(err, "GET %s", path);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_http_response_fini(&http);
    return got;
}

enum ll_outcome ll_kube_settings_fetch(struct ll_executor *x, struct ll_kube_settings *out,
                                       ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube *k = (struct ll_kube *)x;
    LL_ASSERT(x->ops == &ll_executor_kubernetes);
    enum ll_outcome got = ll_kube_floor_find(k, retry_after, err);
    if (got != LL_OUTCOME_OK)
        return got;
    if (k->place->floor_of_keda)
        return fetch(k, LL_SLICE("keda.sh/v1alpha1"), out, retry_after, err);
    got = fetch(k, LL_SLICE("autoscaling/v2"), out, retry_after, err);
    /* Kubernetes before 1.23 has no v2. */
    return got == LL_OUTCOME_REFUSED && err->code == LL_E_NOT_FOUND
               ? fetch(k, LL_SLICE("autoscaling/v1"), out, retry_after, err)
               : got;
}
