#include "execute/kube_behavior.h"

enum { SELECT, WINDOW, TOLERANCE, PER_DIRECTION };

/* What Kubernetes does without a behavior (autoscaling/v2, HPAScalingRules). */
static const struct ll_rates default_out = {
    .select = LL_RATE_MAX,
    .policy = {{LL_RATE_UNITS, 4, 15 * LL_SECOND}, {LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
    .n = 2};
static const struct ll_rates default_in = {.select = LL_RATE_MAX,
                                           .window = 5 * LL_MINUTE,
                                           .policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}},
                                           .n = 1};

#define V2(direction)                                                                              \
    {                                                                                              \
        "spec.behavior." direction ".selectPolicy",                                                \
            "spec.behavior." direction ".stabilizationWindowSeconds",                              \
            "spec.behavior." direction ".tolerance"                                                \
    }
#define KEDA "spec.advanced.horizontalPodAutoscalerConfig.behavior."
#define OF_KEDA(direction)                                                                         \
    {                                                                                              \
        KEDA direction ".selectPolicy", KEDA direction ".stabilizationWindowSeconds",              \
            KEDA direction ".tolerance"                                                            \
    }
#define V1(direction)                                                                              \
    {                                                                                              \
        direction ".SelectPolicy", direction ".StabilizationWindowSeconds", direction ".Tolerance" \
    }
static const struct {
    const char *value[2][PER_DIRECTION], *policies[2];
} paths[LL_KUBE_DIALECTS] = {
    [LL_KUBE_V2] = {{V2("scaleUp"), V2("scaleDown")},
                    {"spec.behavior.scaleUp.policies", "spec.behavior.scaleDown.policies"}},
    [LL_KUBE_KEDA] = {{OF_KEDA("scaleUp"), OF_KEDA("scaleDown")},
                      {KEDA "scaleUp.policies", KEDA "scaleDown.policies"}},
    [LL_KUBE_V1] = {{V1("ScaleUp"), V1("ScaleDown")}, {"ScaleUp.Policies", "ScaleDown.Policies"}},
};

void ll_kube_behavior_init(struct ll_kube_behavior *b)
{
    *b = (struct ll_kube_behavior){.out = {.rates = default_out, .tolerance = 0.1},
                                   .in = {.rates = default_in, .tolerance = 0.1}};
}

static bool is_policy(int64_t value, int64_t period)
{
    return value >= 1 && value <= INT32_MAX && period >= 1 && period <= 1800;
}

static bool policy_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct ll_kube_rates *r = ctx;
    struct ll_kube_value v[] = {{.path = "type"},          {.path = "Type"},
                                {.path = "value"},         {.path = "Value"},
                                {.path = "periodSeconds"}, {.path = "PeriodSeconds"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    int64_t value, period;
    if (!ll_kube_object(in, &shape, err) ||
        !ll_kube_count(&v[v[3].there ? 3 : 2], 0, &value, err) ||
        !ll_kube_count(&v[v[5].there ? 5 : 4], 0, &period, err))
        return false;
    if (!r->any)
        r->rates.n = 0;
    r->any = true;
    if (r->rates.n == LL_RATE_POLICIES_MAX || !is_policy(value, period))
        return ll_err_set(err, LL_E_INVALID,
                          "a scaling policy is outside what Kubernetes allows, or there are more "
                          "than %d",
                          LL_RATE_POLICIES_MAX);
    const bool share = ll_kube_is(&v[0], "Percent") || ll_kube_is(&v[1], "Percent");
    r->rates.policy[r->rates.n++] =
        (struct ll_rate_policy){.kind = share ? LL_RATE_PERCENT : LL_RATE_UNITS,
                                .value = (int32_t)value,
                                .period = period * LL_SECOND};
    return true;
}

void ll_kube_behavior_shape(enum ll_kube_dialect d, struct ll_kube_behavior *b,
                            struct ll_kube_value *values, struct ll_kube_list *lists)
{
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < PER_DIRECTION; k++)
            values[PER_DIRECTION * i + k] = (struct ll_kube_value){.path = paths[d].value[i][k]};
        lists[i] =
            (struct ll_kube_list){paths[d].policies[i], policy_item, i == 0 ? &b->out : &b->in};
    }
}

static bool take_tolerance(const struct ll_kube_value *v, double *out, struct ll_err *err)
{
    int64_t milli;
    if (!v->there || v->kind == LL_JSON_NULL)
        return true;
    if ((v->kind != LL_JSON_NUMBER && v->kind != LL_JSON_STRING) ||
        !ll_kube_quantity(v->text, true, &milli) || milli >= 1000)
        return ll_err_set(err, LL_E_INVALID, "%s is not a quantity under 1", v->path);
    *out = (double)milli / 1000;
    return true;
}

static bool take_direction(const struct ll_kube_value *v, struct ll_kube_rates *r,
                           struct ll_err *err)
{
    int64_t seconds;
    if (!ll_kube_count(&v[WINDOW], r->rates.window / LL_SECOND, &seconds, err) ||
        !take_tolerance(&v[TOLERANCE], &r->tolerance, err))
        return false;
    if (seconds > 3600)
        return ll_err_set(err, LL_E_INVALID, "a stabilisation window is over an hour");
    r->rates.window = seconds * LL_SECOND;
    if (v[SELECT].there)
        r->rates.select = ll_kube_is(&v[SELECT], "Min")        ? LL_RATE_MIN
                          : ll_kube_is(&v[SELECT], "Disabled") ? LL_RATE_DISABLED
                                                               : LL_RATE_MAX;
    return true;
}

bool ll_kube_behavior_take(const struct ll_kube_value *values, struct ll_kube_behavior *b,
                           struct ll_err *err)
{
    return take_direction(values, &b->out, err) &&
           take_direction(values + PER_DIRECTION, &b->in, err);
}
