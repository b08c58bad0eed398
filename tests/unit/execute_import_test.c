/* An autoscaler's settings as rules of ours: metrics, rates, tolerance, and what is no rule. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "execute/kube_import.h"
#include "scaling/decide.h"
#include "support.h"

static struct ll_err err;
static struct ll_kube_settings settings;
static struct ll_kube_import import;
static char buffer[1 << 14];

#define HPA(spec)                                                                                  \
    "{\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"web\"},\"spec\":{"             \
    "\"scaleTargetRef\":{\"kind\":\"Deployment\",\"name\":\"orders\"},\"minReplicas\":2,"          \
    "\"maxReplicas\":10" spec "}}"
#define KEDA(spec)                                                                                 \
    "{\"kind\":\"ScaledObject\",\"metadata\":{\"name\":\"web\"},\"spec\":{\"scaleTargetRef\":{"    \
    "\"name\":\"orders\"}" spec "}}"
#define METRICS(items) ",\"metrics\":[" items "]"
#define CPU(percent)                                                                               \
    "{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":{\"type\":"                  \
    "\"Utilization\",\"averageUtilization\":" percent "}}}"
#define PODS(name, value)                                                                          \
    "{\"type\":\"Pods\",\"pods\":{\"metric\":{\"name\":\"" name "\"},\"target\":{\"type\":"        \
    "\"AverageValue\",\"averageValue\":\"" value "\"}}}"

static bool read(const char *text)
{
    snprintf(buffer, sizeof(buffer), "%s", text);
    return ll_kube_settings_read(buffer, strlen(buffer), &settings, &err);
}

/* Beside a target whose instances are full at `units` of `type`. */
static bool take(const char *text, enum ll_resource_type type, double units)
{
    struct ll_target ours;
    ll_scaling_target_init(&ours);
    ours.name = LL_SLICE("orders");
    ours.service = LL_SLICE("orders");
    ours.kind = LL_SLICE("kubernetes");
    ours.min = 1;
    ours.max = 50;
    ours.quota = 7;
    ours.granularity = 5;
    ours.capacity.driver = type;
    ours.capacity.units_per_instance = units;
    ck_assert_msg(read(text), "%s", err.text);
    return ll_kube_import(&settings, &ours, type, &import, &err);
}

START_TEST(a_percentage_is_the_utilisation_that_is_aimed_at)
{
    ck_assert_msg(take(HPA(METRICS(CPU("60"))), LL_RESOURCE_CPU, NAN), "%s", err.text);
    ck_assert_uint_eq(import.n_rules, 1);
    const struct ll_scaling_rule *r = &import.rules[0];
    ck_assert_int_eq(r->form, LL_FORM_TARGET);
    ck_assert_double_eq(r->goal, 0.6);
    ck_assert_int_eq(r->mode, LL_MODE_AUTO);
    ck_assert_str_eq(import.name[0], "hpa web: cpu");
    ck_assert(ll_slice_is(r->rule_id, "hpa web: cpu"));
    ck_assert(ll_slice_is(r->target, "orders"));
}
END_TEST

START_TEST(a_share_is_a_utilisation_of_what_an_instance_takes)
{
    ck_assert_msg(take(HPA(METRICS(PODS("rps", "1500m"))), LL_RESOURCE_API_CALLS, 2), "%s",
                  err.text);
    ck_assert_double_eq(import.rules[0].goal, 0.75);
    ck_assert_str_eq(import.name[0], "hpa web: rps");
    ck_assert(!take(HPA(METRICS(PODS("rps", "1500m"))), LL_RESOURCE_API_CALLS, NAN));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert_ptr_nonnull(strstr(err.text, "units_per_instance"));
}
END_TEST

START_TEST(without_metrics_it_aims_at_what_kubernetes_does)
{
    ck_assert_msg(take(HPA(""), LL_RESOURCE_CPU, NAN), "%s", err.text);
    ck_assert_double_eq(import.rules[0].goal, 0.8);
}
END_TEST

START_TEST(its_range_and_rates_replace_ours)
{
    ck_assert_msg(take(HPA(METRICS(CPU("60"))), LL_RESOURCE_CPU, NAN), "%s", err.text);
    const struct ll_target *t = &import.target;
    ck_assert_int_eq(t->min, 2);
    ck_assert_int_eq(t->max, 10);
    ck_assert(t->hpa_behavior);
    ck_assert_int_eq(t->quota, 0);
    ck_assert_int_eq(t->granularity, 1);
    /* autoscaling/v2, HPAScalingRules: the greater of 4 pods and 100 % in 15 s; 300 s of the past
     */
    ck_assert_uint_eq(t->out.n, 2);
    ck_assert_int_eq(t->out.policy[0].kind, LL_RATE_UNITS);
    ck_assert_int_eq(t->out.policy[0].value, 4);
    ck_assert_int_eq(t->out.policy[1].kind, LL_RATE_PERCENT);
    ck_assert_int_eq(t->out.policy[1].value, 100);
    ck_assert_int_eq(t->out.policy[1].period, 15 * LL_SECOND);
    ck_assert_int_eq(t->out.window, 0);
    ck_assert_int_eq(t->out.select, LL_RATE_MAX);
    ck_assert_uint_eq(t->in.n, 1);
    ck_assert_int_eq(t->in.window, 5 * LL_MINUTE);
    ck_assert_int_eq(import.rules[0].thresholds.cooldown, 0);
    ck_assert_uint_eq(import.rules[0].max_reversals, UINT_MAX);
}
END_TEST

START_TEST(behavior_replaces_what_it_names_and_nothing_else)
{
    ck_assert(take(HPA(",\"behavior\":{\"scaleUp\":{\"stabilizationWindowSeconds\":30,"
                       "\"policies\":[{\"type\":\"Pods\",\"value\":2,\"periodSeconds\":60}]},"
                       "\"scaleDown\":{\"selectPolicy\":\"Disabled\"}}"),
                   LL_RESOURCE_CPU, NAN));
    const struct ll_target *t = &import.target;
    ck_assert_uint_eq(t->out.n, 1);
    ck_assert_int_eq(t->out.policy[0].value, 2);
    ck_assert_int_eq(t->out.policy[0].period, LL_MINUTE);
    ck_assert_int_eq(t->out.window, 30 * LL_SECOND);
    ck_assert_int_eq(t->in.select, LL_RATE_DISABLED);
    ck_assert_uint_eq(t->in.n, 1);
    ck_assert_int_eq(t->in.window, 5 * LL_MINUTE);
}
END_TEST

START_TEST(tolerance_is_of_each_direction)
{
    ck_assert(take(HPA(METRICS(CPU("60"))), LL_RESOURCE_CPU, NAN));
    ck_assert_double_eq(import.rules[0].tolerance_up, 0.1);
    ck_assert_double_eq(import.rules[0].tolerance_down, 0.1);
    ck_assert(take(HPA(",\"behavior\":{\"scaleUp\":{\"tolerance\":\"0\"},"
                       "\"scaleDown\":{\"tolerance\":\"50m\"}}"),
                   LL_RESOURCE_CPU, NAN));
    ck_assert_double_eq(import.rules[0].tolerance_up, 0);
    ck_assert_double_eq(import.rules[0].tolerance_down, 0.05);
    ck_assert(!read(HPA(",\"behavior\":{\"scaleUp\":{\"tolerance\":\"1\"}}")));
    ck_assert(!read(HPA(",\"behavior\":{\"scaleUp\":{\"tolerance\":true}}")));
}
END_TEST

START_TEST(policies_outside_what_kubernetes_allows_are_refused)
{
    static const char *const bad[] = {
        HPA(",\"behavior\":{\"scaleUp\":{\"policies\":[{\"type\":\"Pods\",\"value\":0,"
            "\"periodSeconds\":15}]}}"),
        HPA(",\"behavior\":{\"scaleUp\":{\"policies\":[{\"type\":\"Pods\",\"value\":1,"
            "\"periodSeconds\":1801}]}}"),
        HPA(",\"behavior\":{\"scaleDown\":{\"stabilizationWindowSeconds\":3601}}"),
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!read(bad[i]), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
}
END_TEST

START_TEST(what_stands_in_annotations_of_v1_is_the_same)
{
    ck_assert_msg(
        take("{\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"name\":\"web\",\"annotations\":"
             "{\"autoscaling.alpha.kubernetes.io/metrics\":\"[{\\\"type\\\":\\\"Pods\\\","
             "\\\"pods\\\":{\\\"metricName\\\":\\\"rps\\\",\\\"targetAverageValue\\\":\\\"1\\\"}}]"
             "\",\"autoscaling.alpha.kubernetes.io/behavior\":\"{\\\"ScaleDown\\\":{"
             "\\\"StabilizationWindowSeconds\\\":120,\\\"Policies\\\":[{\\\"Type\\\":"
             "\\\"Percent\\\",\\\"Value\\\":10,\\\"PeriodSeconds\\\":60}]}}\"}},\"spec\":{"
             "\"maxReplicas\":10,\"targetCPUUtilizationPercentage\":50}}",
             LL_RESOURCE_API_CALLS, 2),
        "%s", err.text);
    ck_assert_uint_eq(import.n_rules, 2);
    ck_assert_str_eq(import.name[0], "hpa web: cpu");
    ck_assert_double_eq(import.rules[0].goal, 0.5);
    ck_assert_str_eq(import.name[1], "hpa web: rps");
    ck_assert_double_eq(import.rules[1].goal, 0.5);
    ck_assert_int_eq(import.target.min, 1);
    ck_assert_int_eq(import.target.in.window, 2 * LL_MINUTE);
    ck_assert_int_eq(import.target.in.policy[0].kind, LL_RATE_PERCENT);
    ck_assert_int_eq(import.target.in.policy[0].value, 10);
}
END_TEST

START_TEST(a_scaled_object_is_the_same_and_may_go_to_zero)
{
    ck_assert_msg(take(KEDA(",\"cooldownPeriod\":60,\"maxReplicaCount\":9,\"triggers\":[{\"type\":"
                            "\"prometheus\",\"metadata\":{\"threshold\":\"80\"}}],\"advanced\":{"
                            "\"horizontalPodAutoscalerConfig\":{\"behavior\":{\"scaleDown\":{"
                            "\"stabilizationWindowSeconds\":45}}}}"),
                       LL_RESOURCE_API_CALLS, 100),
                  "%s", err.text);
    ck_assert_str_eq(import.name[0], "keda web: prometheus");
    ck_assert_double_eq(import.rules[0].goal, 0.8);
    ck_assert_int_eq(import.target.min, 0);
    ck_assert_int_eq(import.target.max, 9);
    ck_assert(import.target.scale_to_zero);
    ck_assert_int_eq(import.target.idle, LL_MINUTE);
    ck_assert_int_eq(import.target.in.window, 45 * LL_SECOND);
}
END_TEST

START_TEST(what_cannot_be_replayed_is_said)
{
    static const struct {
        const char *metric, *why;
    } cases[] = {
        {"{\"type\":\"External\",\"external\":{\"metric\":{\"name\":\"depth\"},\"target\":{"
         "\"type\":\"Value\",\"value\":\"2k\"}}}",
         "of the whole"},
        {"{\"type\":\"Resource\",\"resource\":{\"name\":\"memory\",\"target\":{\"type\":"
         "\"Utilization\",\"averageUtilization\":70}}}",
         "does not follow"},
        {"{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":{\"type\":"
         "\"AverageValue\",\"averageValue\":\"500m\"}}}",
         "another resource"},
        {"{\"type\":\"Pods\",\"pods\":{\"metric\":{\"name\":\"x\"},\"target\":{}}}", "a number"},
    };
    char text[2048];
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        snprintf(text, sizeof(text), HPA(METRICS("%s,%s")), cases[i].metric, PODS("rps", "1"));
        ck_assert_msg(take(text, LL_RESOURCE_API_CALLS, 2), "%s", err.text);
        ck_assert_uint_eq(import.n_rules, 1);
        ck_assert_uint_eq(import.n_left, 1);
        ck_assert_msg(strstr(import.left[0].why, cases[i].why) != NULL, "%s", import.left[0].why);
        snprintf(text, sizeof(text), HPA(METRICS("%s")), cases[i].metric);
        ck_assert(!take(text, LL_RESOURCE_API_CALLS, 2));
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
}
END_TEST

START_TEST(it_is_of_what_it_refers_to)
{
    struct ll_target_place place = {.kind = LL_PLACE_KUBERNETES};
    place.kubernetes.name = LL_SLICE("orders");
    place.kubernetes.resource = LL_SLICE("deployments");
    ck_assert(read(HPA("")));
    ck_assert(ll_kube_import_fits(&settings, &place));
    place.kubernetes.resource = LL_SLICE("statefulsets");
    ck_assert(!ll_kube_import_fits(&settings, &place));
    place.kubernetes.resource = LL_SLICE("deployments");
    place.kubernetes.name = LL_SLICE("web");
    ck_assert(!ll_kube_import_fits(&settings, &place));
    place.kind = LL_PLACE_AWS_ASG;
    ck_assert(!ll_kube_import_fits(&settings, &place));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_percentage_is_the_utilisation_that_is_aimed_at,
        a_share_is_a_utilisation_of_what_an_instance_takes,
        without_metrics_it_aims_at_what_kubernetes_does,
        its_range_and_rates_replace_ours,
        behavior_replaces_what_it_names_and_nothing_else,
        tolerance_is_of_each_direction,
        policies_outside_what_kubernetes_allows_are_refused,
        what_stands_in_annotations_of_v1_is_the_same,
        a_scaled_object_is_the_same_and_may_go_to_zero,
        what_cannot_be_replayed_is_said,
        it_is_of_what_it_refers_to,
    };
    return ll_test_run("execute_import", tests, LL_LEN(tests));
}
