/* The HorizontalPodAutoscaler's arithmetic where the vectors of Kubernetes' own tests do not reach:
 * overflow, empty logs and full ones, each reason for no answer. */
#include <string.h>

#include "scaling/hpa_control.h"
#include "support.h"

#define T0 ((ll_time)1795484700000)

static struct ll_hpa_pod pods[8];
static struct ll_hpa_metric m;
static struct ll_hpa_opts o;
static struct ll_hpa_answer a;

/* Two ready pods that use half of what they requested, against a target of 50 %. */
static void begin(void)
{
    o = (struct ll_hpa_opts){0.1, 0.1, 5 * LL_MINUTE, 30 * LL_SECOND, T0};
    for (size_t i = 0; i < LL_LEN(pods); i++)
        pods[i] = (struct ll_hpa_pod){.ready = LL_POD_READY,
                                      .has_sample = true,
                                      .has_request = true,
                                      .start = T0 - LL_DAY,
                                      .last_transition = T0 - LL_DAY,
                                      .sample_t = T0,
                                      .usage = 500,
                                      .request = 1000};
    m = (struct ll_hpa_metric){.target = 50, .pods = pods, .n_pods = 2};
}

static int32_t replicas(int32_t current)
{
    struct ll_err err = {0};
    ck_assert_msg(ll_hpa_replicas(&m, current, current, &o, &a, &err), "%s", err.text);
    return a.replicas;
}

static void ck_none(const char *says)
{
    struct ll_err err = {0};
    ck_assert_msg(!ll_hpa_replicas(&m, 2, 2, &o, &a, &err), "%d, not: %s", a.replicas, says);
    ck_assert_msg(strstr(err.text, says) != NULL, "'%s' in: %s", says, err.text);
}

START_TEST(sums_saturate)
{
    begin();
    pods[0].usage = pods[1].usage = INT64_MAX;
    ck_assert_int_eq(replicas(2), 85899346); /* INT32_MAX % of 50 %, twice */
    ck_assert_int_eq(a.utilization_pct, INT32_MAX);
    pods[0].request = 1;
    pods[1].request = 0; /* 100 x usage overflows before it is divided */
    ck_assert_int_gt(replicas(2), 2);
    pods[0].usage = INT64_MAX - 1;
    pods[1].usage = 0;
    pods[0].request = INT64_MAX;
    ck_assert_int_eq(replicas(2), 85899346); /* the rest overflows */
    const int64_t values[] = {INT64_MAX, 1}, less[] = {INT64_MIN, -1};
    m = (struct ll_hpa_metric){.source = LL_HPA_EXTERNAL,
                               .goal = LL_HPA_AVERAGE_VALUE,
                               .target = 1,
                               .values = values,
                               .n_values = 2};
    ck_assert_int_eq(replicas(2), INT32_MAX);
    ck_assert_int_eq(a.usage, INT64_MAX);
    m.values = less;
    ck_assert_int_eq(replicas(2), INT32_MIN);
    m.n_values = 1;
    ck_assert_int_eq(replicas(0), INT32_MIN);
    ck_assert_int_eq(a.usage, 0); /* of none observed */
    m.values = values;
    ck_assert_int_eq(replicas(0), INT32_MAX);
    ck_assert_int_eq(a.usage, INT64_MAX);
}
END_TEST

START_TEST(no_answer_says_why)
{
    begin();
    pods[0].has_request = false;
    ck_none("missing request for a container of pod 0");
    pods[0].has_request = true;
    pods[0].request = pods[1].request = 0;
    ck_none("no metrics returned matched known pods");
    pods[0].phase = pods[1].phase = LL_POD_UNLISTED;
    ck_none("no pods returned by selector");
    pods[0].phase = LL_POD_RUNNING;
    pods[0].deleting = true;
    m.goal = LL_HPA_AVERAGE_VALUE;
    m.n_pods = 1;
    ck_none("did not receive metrics for targeted pods");
    pods[0].phase = LL_POD_UNLISTED;
    pods[0].has_sample = false;
    ck_none("no pods returned by selector");
    pods[0].phase = LL_POD_RUNNING;
    ck_none("no metrics returned from resource metrics API");
    m.source = LL_HPA_PODS;
    ck_none("no metrics returned from custom metrics API");
    m.n_pods = 0;
    ck_none("no metrics returned from custom metrics API");
    m.source = LL_HPA_EXTERNAL;
    ck_none("no metrics returned from external metrics API");
    m.failed = true;
    ck_none("the external metrics API failed");
    m.source = LL_HPA_INVALID;
    ck_none("unknown metric source type");
    const int64_t value = 900;
    m = (struct ll_hpa_metric){.source = LL_HPA_OBJECT,
                               .goal = LL_HPA_VALUE,
                               .target = 300,
                               .values = &value,
                               .n_values = 1};
    ck_none("unable to calculate ready pods");
    ck_assert_int_eq(replicas(0), 3); /* from zero nobody has to be ready */
}
END_TEST

START_TEST(ready_pods_carry_a_value)
{
    const int64_t value = 900;
    begin();
    m = (struct ll_hpa_metric){.source = LL_HPA_OBJECT,
                               .goal = LL_HPA_VALUE,
                               .target = 300,
                               .pods = pods,
                               .n_pods = 4,
                               .values = &value,
                               .n_values = 1};
    pods[1].ready = LL_POD_NOT_READY;
    pods[2].phase = LL_POD_PENDING;
    pods[3].phase = LL_POD_UNLISTED;
    ck_assert_int_eq(replicas(3), 3);
    m.target = 880;
    ck_assert_int_eq(replicas(3), 3); /* within the tolerance */
}
END_TEST

START_TEST(a_sample_of_no_listed_pod_counts_without_requests)
{
    begin();
    m.goal = LL_HPA_AVERAGE_VALUE;
    m.target = 250;
    pods[1].phase = LL_POD_UNLISTED;
    ck_assert_int_eq(replicas(1), 2);
    ck_assert_int_eq(a.usage, 500);
}
END_TEST

/* No pod has one; a sum of 0 is refused, but the filled one could come to it. */
START_TEST(a_request_below_nothing_divides_by_nothing)
{
    begin();
    pods[1].has_sample = false;
    pods[1].request = -1000;
    pods[0].usage = 100;
    ck_assert_int_lt(replicas(2), 2);
}
END_TEST

START_TEST(what_is_missing_holds_both_ways)
{
    begin();
    m.n_pods = 3;
    pods[2].has_sample = false;
    pods[0].usage = pods[1].usage = 250; /* half of the goal: the third at its request */
    ck_assert_int_eq(replicas(3), 3);
    pods[0].usage = pods[1].usage =
        400; /* with the third at its request it is more than the goal */
    ck_assert_int_eq(replicas(3), 3);
    pods[0].usage = pods[1].usage = 600; /* 120 %; the third at none: 80 % is the other way */
    ck_assert_int_eq(replicas(3), 3);
    pods[0].usage = pods[1].usage = 1000;
    ck_assert_int_eq(replicas(3), 4);
    pods[0].usage = pods[1].usage = 500; /* just so */
    ck_assert_int_eq(replicas(3), 3);
    m.goal = LL_HPA_AVERAGE_VALUE;
    m.target = 500;
    pods[0].usage = pods[1].usage = 100; /* the third at the target */
    ck_assert_int_eq(replicas(3), 2);
    pods[0].usage = pods[1].usage = 800;
    ck_assert_int_eq(replicas(3), 3); /* 533 of 500 */
    m.goal = LL_HPA_UTILIZATION;
    m.target = 150; /* over a request */
    pods[0].usage = pods[1].usage = 750;
    ck_assert_int_eq(replicas(3), 2);
    pods[0].usage = pods[1].usage = 1200; /* 80 %; the third at 150 %: 100 % */
    ck_assert_int_eq(replicas(3), 3);
    pods[2].request = 9000; /* one that is so much larger turns it */
    pods[0].usage = pods[1].usage = 1300;
    o.tolerance_down = 0;
    o.tolerance_up = 0;
    ck_assert_int_eq(replicas(3), 3);
}
END_TEST

/* Less is no more, and more no less, whatever the filled samples make of it. */
START_TEST(a_filled_answer_does_not_pass_what_there_is)
{
    begin();
    m.n_pods = 8;
    pods[0].usage = pods[1].usage = 100;
    for (size_t i = 2; i < 8; i++)
        pods[i].has_sample = false;
    m.target = 150;
    ck_assert_int_eq(replicas(2), 2); /* of 8 samples at 77 %: 7 */
    for (size_t i = 0; i < 8; i++)
        pods[i].usage = 2500;
    ck_assert_int_eq(replicas(8), 8);
    m.n_pods = 3;
    ck_assert_int_eq(replicas(30), 30); /* 4 would be less */
}
END_TEST

START_TEST(pods_that_start_are_not_ready)
{
    begin();
    struct ll_hpa_pod *p = &pods[0];
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_READY);
    p->ready = LL_POD_READY_UNKNOWN;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_UNREADY);
    ck_assert_int_eq(ll_hpa_group(p, false, &o), LL_HPA_READY);
    p->ready = LL_POD_READY;
    p->start = LL_TIME_NONE;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_UNREADY);
    p->start = T0 - LL_MINUTE;
    p->last_transition = T0 - 30 * LL_SECOND;
    p->sample_window = LL_MINUTE;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_UNREADY); /* its window began before */
    p->sample_window = 0;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_READY);
    p->ready = LL_POD_NOT_READY;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_UNREADY);
    p->start = T0 - LL_HOUR;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_READY); /* it was ready once */
    p->last_transition = p->start;
    ck_assert_int_eq(ll_hpa_group(p, true, &o), LL_HPA_UNREADY);
}
END_TEST

/* --- the controller --- */

static struct ll_hpa_state state;
static struct ll_hpa_input in;
static struct ll_hpa_behavior behavior;
static struct ll_hpa_metric metrics[3];

static void control(void)
{
    begin();
    memset(&state, 0, sizeof(state));
    metrics[0] = metrics[1] = metrics[2] = m;
    behavior = (struct ll_hpa_behavior){
        .up = {.policy = {{LL_RATE_UNITS, 4, 15 * LL_SECOND}}, .n = 1},
        .down = {.policy = {{LL_RATE_PERCENT, 100, 15 * LL_SECOND}}, .n = 1, .window = -1}};
    in = (struct ll_hpa_input){.min = 1,
                               .max = 10,
                               .current = 2,
                               .observed = 2,
                               .metrics = metrics,
                               .n_metrics = 1,
                               .opts = o,
                               .behavior = &behavior,
                               .window = 5 * LL_MINUTE,
                               .burst_factor = 2,
                               .burst_minimum = 4};
}

static struct ll_hpa_result reconciled(void)
{
    struct ll_hpa_result r;
    ll_hpa_reconcile(&in, &state, &r);
    return r;
}

START_TEST(each_source_has_its_failure)
{
    static const struct {
        enum ll_hpa_source source;
        bool container;
        enum ll_hpa_reason reason;
        const char *name;
    } sources[] = {
        {LL_HPA_RESOURCE, false, LL_HPA_REASON_NO_RESOURCE, "FailedGetResourceMetric"},
        {LL_HPA_RESOURCE, true, LL_HPA_REASON_NO_CONTAINER, "FailedGetContainerResourceMetric"},
        {LL_HPA_PODS, false, LL_HPA_REASON_NO_PODS, "FailedGetPodsMetric"},
        {LL_HPA_OBJECT, false, LL_HPA_REASON_NO_OBJECT, "FailedGetObjectMetric"},
        {LL_HPA_EXTERNAL, false, LL_HPA_REASON_NO_EXTERNAL, "FailedGetExternalMetric"},
        {LL_HPA_INVALID, false, LL_HPA_REASON_BAD_SOURCE, "InvalidMetricSourceType"}};
    for (size_t i = 0; i < LL_LEN(sources); i++) {
        control();
        metrics[0].source = metrics[1].source = sources[i].source;
        metrics[0].failed = metrics[1].failed = true;
        in.n_metrics = 2;
        for (int given = 0; given < 2; given++) {
            in.container = given ? (const bool[]){sources[i].container, false} : NULL;
            const struct ll_hpa_result r = reconciled();
            ck_assert_int_eq(r.trouble, LL_HPA_FATAL);
            ck_assert(!r.is_active);
            if (given)
                ck_assert_str_eq(ll_hpa_reason_name(r.active), sources[i].name);
        }
    }
}
END_TEST

START_TEST(the_highest_of_the_metrics_counts)
{
    control();
    in.n_metrics = 2;
    struct ll_hpa_pod busy[2] = {pods[0], pods[1]};
    busy[0].usage = busy[1].usage = 1000;
    metrics[1].pods = busy;
    ck_assert_int_eq(reconciled().desired, 4);
    metrics[0].failed = true; /* more goes on without it */
    const struct ll_hpa_result r = reconciled();
    ck_assert_int_eq(r.desired, 4);
    ck_assert_int_eq(r.trouble, LL_HPA_PARTIAL);
    busy[0].usage = busy[1].usage = 100; /* less does not */
    ck_assert_int_eq(reconciled().trouble, LL_HPA_FATAL);
}
END_TEST

START_TEST(a_target_that_is_off_or_deaf)
{
    control();
    in.target_unreadable = true;
    ck_assert_int_eq(reconciled().able, LL_HPA_REASON_NO_SCALE);
    in.target_unreadable = false;
    in.current = 0;
    ck_assert_int_eq(reconciled().active, LL_HPA_REASON_DISABLED);
    in.min = 0;
    ck_assert_int_ne(reconciled().active, LL_HPA_REASON_DISABLED);
    in.current = 11;
    in.target_unwritable = true;
    ck_assert_int_eq(reconciled().able, LL_HPA_REASON_NOT_RESCALED);
    in.target_unwritable = false;
    ck_assert_int_eq(reconciled().desired, 10);
    ck_assert_uint_eq(state.down.n, 1);
    in.behavior = NULL;
    in.min = 2;
    in.current = 1;
    ck_assert_int_eq(reconciled().desired, 2);
    ck_assert_uint_eq(state.up.n, 0); /* without a behavior nothing is noted */
}
END_TEST

START_TEST(windows_hold_both_ways)
{
    control();
    behavior.up.window = LL_MINUTE;
    pods[0].usage = pods[1].usage = 1000;
    struct ll_hpa_result r = reconciled();
    ck_assert_int_eq(r.able, LL_HPA_REASON_UP_STABILIZED);
    control();
    pods[0].usage = pods[1].usage = 100;
    ck_assert_int_eq(reconciled().able, LL_HPA_REASON_DOWN_STABILIZED);
    control();
    behavior.down.window = 0;
    pods[0].usage = pods[1].usage = 100;
    ck_assert_int_eq(reconciled().desired, 1);
    control();
    in.behavior = NULL;
    pods[0].usage = pods[1].usage = 100;
    ck_assert_int_eq(reconciled().able, LL_HPA_REASON_DOWN_STABILIZED);
    control();
    in.behavior = NULL;
    pods[0].usage = pods[1].usage = 2000;
    in.current = 4;
    r = reconciled();
    ck_assert_int_eq(r.desired, 8);
}
END_TEST

START_TEST(a_full_log_begins_anew)
{
    static struct ll_hpa_recommendations log;
    static struct ll_hpa_events events;
    const struct ll_rates none = {0}, minute = {.policy = {{LL_RATE_UNITS, 1, LL_MINUTE}}, .n = 1};
    for (int i = 0; i < LL_HPA_LOG_MAX + 2; i++) {
        ll_hpa_stabilize_down(&log, i, LL_DAY, T0 + i);
        ll_hpa_note_event(&events, &minute, i + 1, T0);
    }
    ck_assert_uint_eq(log.n, LL_HPA_LOG_MAX);
    ck_assert_int_eq(log.v[0].replicas, LL_HPA_LOG_MAX + 1);
    ck_assert_uint_eq(events.n, LL_HPA_LOG_MAX);
    ck_assert_int_eq(events.v[0].change, LL_HPA_LOG_MAX + 2);
    ll_hpa_note_event(&events, &none, 5, T0 + 1); /* no period: all is outdated */
    ck_assert_int_eq(events.v[LL_HPA_LOG_MAX - 1].change, 5);
}
END_TEST

START_TEST(limits_saturate)
{
    const struct ll_hpa_events none = {.n = 0};
    struct ll_rates r = {.policy = {{LL_RATE_PERCENT, INT32_MAX, LL_MINUTE}}, .n = 1};
    ck_assert_int_eq(ll_hpa_rate_limit(true, INT32_MAX, &none, &none, &r, T0), INT32_MAX);
    ck_assert_int_eq(ll_hpa_rate_limit(false, INT32_MAX, &none, &none, &r, T0), INT32_MIN);
    r.select = LL_RATE_DISABLED;
    ck_assert_int_eq(ll_hpa_rate_limit(true, 7, &none, &none, &r, T0), 7);
    enum ll_hpa_reason why;
    ck_assert_int_eq(ll_hpa_within_burst(INT32_MAX, 5, 1, 10, 8, 4, &why), 5);
    ck_assert_int_eq(ll_hpa_within_burst(3, 20, 1, 10, 2, 4, &why), 6);
    ck_assert_int_eq(why, LL_HPA_REASON_UP_LIMIT);
    ck_assert_int_eq(ll_hpa_within_burst(8, 20, 1, 10, 2, 4, &why), 10);
    ck_assert_int_eq(why, LL_HPA_REASON_TOO_MANY);
    ck_assert_int_eq(ll_hpa_within_burst(3, 0, 1, 10, 2, 4, &why), 1);
    ck_assert_int_eq(why, LL_HPA_REASON_TOO_FEW);
    control();
    state.up = none;
    ck_assert_int_eq(ll_hpa_within_rates(8, 20, 1, 10, &behavior, &state, T0, &why), 10);
    ck_assert_int_eq(why, LL_HPA_REASON_TOO_MANY);
    ck_assert_int_eq(ll_hpa_within_rates(3, 20, 1, 10, &behavior, &state, T0, &why), 7);
    ck_assert_int_eq(why, LL_HPA_REASON_UP_LIMIT);
    ck_assert_int_eq(ll_hpa_within_rates(3, 0, 1, 10, &behavior, &state, T0, &why), 1);
    ck_assert_int_eq(why, LL_HPA_REASON_TOO_FEW);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sums_saturate,
        no_answer_says_why,
        ready_pods_carry_a_value,
        a_sample_of_no_listed_pod_counts_without_requests,
        a_request_below_nothing_divides_by_nothing,
        what_is_missing_holds_both_ways,
        a_filled_answer_does_not_pass_what_there_is,
        pods_that_start_are_not_ready,
        each_source_has_its_failure,
        the_highest_of_the_metrics_counts,
        a_target_that_is_off_or_deaf,
        windows_hold_both_ways,
        a_full_log_begins_anew,
        limits_saturate,
    };
    return ll_test_run("scaling_hpa", tests, LL_LEN(tests));
}
