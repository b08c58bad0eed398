#include "execute/kube_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "execute/executors.h"
#include "execute/kube.h"

/* What Kubernetes does without a behavior (autoscaling/v2, HPAScalingRules). */
static const struct ll_rates default_out = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_UNITS, 4, 15 * LL_SECOND}, {LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
    .n = 2};
static const struct ll_rates default_in = {.select = LL_RATE_MAX,
                                           .window = 5 * LL_MINUTE,
                                           .policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
                                           .n = 1};

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

/* Where a metric of each type keeps its name and its target. */
static const struct {
    const char *type, *name, *utilization, *average, *value;
} places[] = {
    {"Resource", "resource.name", "resource.target.averageUtilization",
     "resource.target.averageValue", "resource.target.value"},
    {"ContainerResource", "containerResource.name", "containerResource.target.averageUtilization",
     "containerResource.target.averageValue", "containerResource.target.value"},
    {"Pods", "pods.metric.name", "pods.target.averageUtilization", "pods.target.averageValue",
     "pods.target.value"},
    {"Object", "object.metric.name", "object.target.averageUtilization",
     "object.target.averageValue", "object.target.value"},
    {"External", "external.metric.name", "external.target.averageUtilization",
     "external.target.averageValue", "external.target.value"},
};
enum { PER_PLACE = 4, METRIC_VALUES = 1 + PER_PLACE * 5 };

static void take_metric(struct ll_kube_metric *m, const struct ll_kube_value *v)
{
    *m = (struct ll_kube_metric){.target = NAN};
    keep(m->source, sizeof(m->source), v[0].text);
    for (size_t i = 0; i < LL_LEN(places); i++) {
        const struct ll_kube_value *p = v + 1 + PER_PLACE * i;
        if (!ll_kube_is(&v[0], places[i].type))
            continue;
        keep(m->name, sizeof(m->name), p[0].text);
        for (size_t g = 0; g < 3; g++)
            if (!isnan(number(&p[1 + g]))) {
                m->goal = (enum ll_kube_goal)g;
                m->target = number(&p[1 + g]);
            }
    }
}

static bool metric_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct ll_kube_value v[METRIC_VALUES] = {{.path = "type"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = METRIC_VALUES};
    for (size_t i = 0; i < LL_LEN(places); i++) {
        struct ll_kube_value *p = v + 1 + PER_PLACE * i;
        p[0].path = places[i].name;
        p[1].path = places[i].utilization;
        p[2].path = places[i].average;
        p[3].path = places[i].value;
    }
    if (!ll_kube_object(in, &shape, err))
        return false;
    struct ll_kube_metric *m = next(ctx);
    if (m)
        take_metric(m, v);
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

/* One direction's policies as they come; the first one replaces the defaults. */
struct policies {
    struct ll_rates *rates;
    bool any;
};

static bool policy_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct policies *p = ctx;
    struct ll_kube_value v[] = {{.path = "type"}, {.path = "value"}, {.path = "periodSeconds"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    int64_t value, period;
    if (!ll_kube_object(in, &shape, err) || !ll_kube_count(&v[1], 0, &value, err) ||
        !ll_kube_count(&v[2], 0, &period, err))
        return false;
    if (!p->any)
        p->rates->n = 0;
    p->any = true;
    if (p->rates->n == LL_RATE_POLICIES_MAX || value < 1 || value > INT32_MAX || period < 1 ||
        period > 1800)
        return ll_err_set(err, LL_E_INVALID,
                          "a scaling policy is outside what Kubernetes allows, "
                          "or there are more than %d",
                          LL_RATE_POLICIES_MAX);
    p->rates->policy[p->rates->n++] = (struct ll_rate_policy){
        .kind = ll_kube_is(&v[0], "Percent") ? LL_RATE_PERCENT : LL_RATE_UNITS,
        .value = (int32_t)value,
        .period = period * LL_SECOND};
    return true;
}

static bool take_rates(const struct ll_kube_value *select, const struct ll_kube_value *window,
                       struct ll_rates *r, struct ll_err *err)
{
    int64_t seconds;
    if (!ll_kube_count(window, r->window / LL_SECOND, &seconds, err))
        return false;
    if (seconds > 3600)
        return ll_err_set(err, LL_E_INVALID, "a stabilisation window is over an hour");
    r->window = seconds * LL_SECOND;
    r->select = ll_kube_is(select, "Min")        ? LL_RATE_MIN
                : ll_kube_is(select, "Disabled") ? LL_RATE_DISABLED
                                                 : LL_RATE_MAX;
    return true;
}

#define KEDA_BEHAVIOR "spec.advanced.horizontalPodAutoscalerConfig.behavior"

enum {
    KIND,
    NAME,
    V_MIN,
    V_MAX,
    V_KEDA_MIN,
    V_KEDA_MAX,
    INTERVAL,
    COOLDOWN,
    OUT,
    KEDA_OUT = OUT + 4
};

static bool take(struct ll_kube_value *v, struct ll_kube_settings *s, struct ll_err *err)
{
    bool keda = ll_kube_is(&v[KIND], "ScaledObject");
    const struct ll_kube_value *b = v + (keda ? KEDA_OUT : OUT);
    int64_t interval = 0, cooldown = 0;
    if (!keda && !ll_kube_is(&v[KIND], "HorizontalPodAutoscaler"))
        return ll_err_set(err, LL_E_INVALID, "it is no HorizontalPodAutoscaler or ScaledObject");
    keep(s->kind, sizeof(s->kind), v[KIND].text);
    keep(s->name, sizeof(s->name), v[NAME].text);
    if (!ll_kube_count(&v[keda ? V_KEDA_MIN : V_MIN], keda ? 0 : 1, &s->min, err) ||
        !ll_kube_count(&v[keda ? V_KEDA_MAX : V_MAX], keda ? 100 : -1, &s->max, err) ||
        !ll_kube_count(&v[INTERVAL], keda ? 30 : 0, &interval, err) ||
        !ll_kube_count(&v[COOLDOWN], keda ? 300 : 0, &cooldown, err))
        return false;
    if (s->max < s->min || interval > 86400 || cooldown > 86400 * 365)
        return ll_err_set(err, LL_E_INVALID, "its range or its times make no sense");
    s->interval = interval * LL_SECOND;
    s->cooldown = cooldown * LL_SECOND;
    return take_rates(&b[0], &b[1], &s->out, err) && take_rates(&b[2], &b[3], &s->in, err);
}

bool ll_kube_settings_read(char *text, size_t n, struct ll_kube_settings *out, struct ll_err *err)
{
    struct ll_kube_settings s = {.out = default_out, .in = default_in};
    struct policies up = {.rates = &s.out}, down = {.rates = &s.in};
    struct ll_kube_value v[] = {
        [KIND] = {.path = "kind"},
        [NAME] = {.path = "metadata.name"},
        [V_MIN] = {.path = "spec.minReplicas"},
        [V_MAX] = {.path = "spec.maxReplicas"},
        [V_KEDA_MIN] = {.path = "spec.minReplicaCount"},
        [V_KEDA_MAX] = {.path = "spec.maxReplicaCount"},
        [INTERVAL] = {.path = "spec.pollingInterval"},
        [COOLDOWN] = {.path = "spec.cooldownPeriod"},
        [OUT] = {.path = "spec.behavior.scaleUp.selectPolicy"},
        {.path = "spec.behavior.scaleUp.stabilizationWindowSeconds"},
        {.path = "spec.behavior.scaleDown.selectPolicy"},
        {.path = "spec.behavior.scaleDown.stabilizationWindowSeconds"},
        [KEDA_OUT] = {.path = KEDA_BEHAVIOR ".scaleUp.selectPolicy"},
        {.path = KEDA_BEHAVIOR ".scaleUp.stabilizationWindowSeconds"},
        {.path = KEDA_BEHAVIOR ".scaleDown.selectPolicy"},
        {.path = KEDA_BEHAVIOR ".scaleDown.stabilizationWindowSeconds"},
    };
    const struct ll_kube_list lists[] = {
        {"spec.metrics", metric_item, &s},
        {"spec.triggers", trigger_item, &s},
        {"spec.behavior.scaleUp.policies", policy_item, &up},
        {"spec.behavior.scaleDown.policies", policy_item, &down},
        {KEDA_BEHAVIOR ".scaleUp.policies", policy_item, &up},
        {KEDA_BEHAVIOR ".scaleDown.policies", policy_item, &down},
    };
    const struct ll_kube_shape shape = {v, LL_LEN(v), lists, LL_LEN(lists)};
    if (!ll_kube_document(text, n, &shape, err) || !take(v, &s, err))
        return false;
    *out = s;
    return true;
}

enum ll_outcome ll_kube_settings_fetch(struct ll_executor *x, struct ll_kube_settings *out,
                                       ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube *k = (struct ll_kube *)x;
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    LL_ASSERT(x->ops == &ll_executor_kubernetes);
    enum ll_outcome got = ll_kube_floor_find(k, retry_after, err);
    if (got != LL_OUTCOME_OK)
        return got;
    const struct ll_place_kubernetes place = {
        .group_version =
            k->place->floor_of_keda ? LL_SLICE("keda.sh/v1alpha1") : LL_SLICE("autoscaling/v2"),
        .resource = k->place->floor_of_keda ? LL_SLICE("scaledobjects")
                                            : LL_SLICE("horizontalpodautoscalers"),
        .namespace_ = k->place->namespace_,
        .name = ll_slice_of(k->owner)};
    ll_kube_path(&place, "", path);
    const struct ll_kube_request req = {.path = path};
    got = ll_kube_client_do(&k->client, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !ll_kube_settings_read(http.body, http.n, out, err)) {
        ll_err_wrap(err, "GET %s", path);
        got = LL_OUTCOME_UNKNOWN;
    }
    ll_http_response_fini(&http);
    return got;
}
