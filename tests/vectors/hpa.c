/* Runs cases of Kubernetes' HorizontalPodAutoscaler: hpa FILE.json
 *
 * The file's format is in tests/vectors/hpa/README.md.  A line for each failure, then "N passed, M
 * failed"; exit 1 on failure, 2 when the file cannot be read. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scaling/hpa_control.h"

enum { PODS_MAX = 4096, VALUES_MAX = 1024, METRICS_MAX = 16, RETRIES = 5 };

/* Far from zero, so that ages of a day stay positive. */
#define NOW ((ll_time)1700000000000)

struct fixture {
    struct ll_hpa_pod pods[METRICS_MAX][PODS_MAX];
    int64_t values[METRICS_MAX][VALUES_MAX];
    struct ll_hpa_metric metrics[METRICS_MAX];
    bool container[METRICS_MAX];
    size_t n_metrics;
    struct ll_hpa_state state;
    struct ll_hpa_behavior behavior;
};

static struct fixture fx;
static char why[512];

static bool fail(const char *what, const char *got, const char *wanted)
{
    snprintf(why, sizeof(why), "%s: got %s, expected %s", what, got, wanted);
    return false;
}

static bool same_int(const char *what, int64_t got, int64_t wanted)
{
    char a[32], b[32];
    snprintf(a, sizeof(a), "%lld", (long long)got);
    snprintf(b, sizeof(b), "%lld", (long long)wanted);
    return got == wanted || fail(what, a, b);
}

/* Numbers over 2^53 are strings. */
static int64_t int_of(const json_t *v)
{
    return json_is_string(v) ? strtoll(json_string_value(v), NULL, 10)
           : json_is_real(v) ? (int64_t)json_real_value(v)
                             : json_integer_value(v);
}

static int64_t get_int(const json_t *o, const char *key)
{
    return int_of(json_object_get(o, key));
}

static const char *get_text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool has(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return v && !json_is_null(v);
}

static ll_time before(const json_t *o, const char *key)
{
    return NOW - (ll_time)(json_number_value(json_object_get(o, key)) * 1000);
}

static ll_dur seconds(const json_t *o, const char *key)
{
    return (ll_dur)(json_number_value(json_object_get(o, key)) * 1000);
}

static enum ll_pod_phase phase_of(const char *text)
{
    return strcmp(text, "Pending") == 0  ? LL_POD_PENDING
           : strcmp(text, "Failed") == 0 ? LL_POD_FAILED
                                         : LL_POD_RUNNING;
}

static struct ll_hpa_pod pod_of(const json_t *p, double request_share)
{
    const json_t *ready = json_object_get(p, "ready");
    const bool has_start = has(p, "start_age_s");
    struct ll_hpa_pod pod = {
        .phase = phase_of(get_text(p, "phase")),
        .ready = json_is_true(ready)    ? LL_POD_READY
                 : json_is_false(ready) ? LL_POD_NOT_READY
                                        : LL_POD_READY_UNKNOWN,
        .deleting = json_is_true(json_object_get(p, "deleting")),
        .start = has_start ? before(p, "start_age_s") : LL_TIME_NONE,
        .last_transition = NOW,
        .has_request = has(p, "request_milli"),
        .request = (int64_t)((double)get_int(p, "request_milli") * request_share),
    };
    if (has(p, "last_transition_age_s"))
        pod.last_transition = before(p, "last_transition_age_s");
    /* A day stands for "long ago": such a pod has not changed since it began. */
    if (has_start && get_int(p, "last_transition_age_s") == 86400)
        pod.last_transition = pod.start;
    return pod;
}

static size_t find_pod(const json_t *pods, const char *name)
{
    size_t i;
    const json_t *p;
    json_array_foreach(pods, i, p) if (strcmp(get_text(p, "name"), name) == 0) return i;
    return SIZE_MAX;
}

static void add_sample(struct ll_hpa_pod *pods, size_t *n, const json_t *listed, const json_t *s)
{
    size_t at = find_pod(listed, get_text(s, "pod"));
    if (at == SIZE_MAX) {
        at = (*n)++;
        pods[at] = (struct ll_hpa_pod){.phase = LL_POD_UNLISTED};
    }
    pods[at].has_sample = true;
    pods[at].usage = get_int(s, has(s, "usage_milli") ? "usage_milli" : "value_milli");
    pods[at].sample_t = before(s, "age_s");
    pods[at].sample_window = seconds(s, "window_s");
}

static enum ll_hpa_source source_of(const char *type)
{
    static const struct {
        const char *name;
        enum ll_hpa_source source;
    } sources[] = {{"Resource", LL_HPA_RESOURCE},
                   {"ContainerResource", LL_HPA_RESOURCE},
                   {"Pods", LL_HPA_PODS},
                   {"Object", LL_HPA_OBJECT},
                   {"External", LL_HPA_EXTERNAL}};
    for (size_t i = 0; i < LL_LEN(sources); i++) {
        if (strcmp(type, sources[i].name) == 0)
            return sources[i].source;
    }
    return LL_HPA_INVALID;
}

static size_t read_pods(size_t at, const json_t *listed, const json_t *samples, double share)
{
    size_t n = 0, i;
    const json_t *v;
    json_array_foreach(listed, i, v) if (n < PODS_MAX / 2) fx.pods[at][n++] = pod_of(v, share);
    json_array_foreach(samples, i, v) if (n < PODS_MAX) add_sample(fx.pods[at], &n, listed, v);
    return n;
}

static void read_metric(const json_t *m, const json_t *listed)
{
    const size_t at = fx.n_metrics++;
    const json_t *target = json_object_get(m, "target"), *samples = json_object_get(m, "samples");
    const char *goal = get_text(target, "type");
    struct ll_hpa_metric *out = &fx.metrics[at];
    *out = (struct ll_hpa_metric){
        .source = source_of(get_text(m, "type")),
        .goal = strcmp(goal, "Utilization") == 0 ? LL_HPA_UTILIZATION
                : strcmp(goal, "Value") == 0     ? LL_HPA_VALUE
                                                 : LL_HPA_AVERAGE_VALUE,
        .target = get_int(target, has(target, "percent") ? "percent" : "milli"),
        .cpu = strcmp(get_text(m, "resource"), "cpu") == 0,
        .failed = json_is_true(json_object_get(m, "fetch_error")),
        .pods = fx.pods[at],
        .values = fx.values[at],
    };
    fx.container[at] = strcmp(get_text(m, "type"), "ContainerResource") == 0;
    const json_t *share = json_object_get(m, "container_request_share");
    const bool per_pod = out->source == LL_HPA_RESOURCE || out->source == LL_HPA_PODS;
    out->n_pods =
        read_pods(at, listed, per_pod ? samples : NULL, share ? json_number_value(share) : 1);
    size_t i;
    const json_t *v;
    if (!per_pod)
        json_array_foreach(samples, i, v) if (out->n_values < VALUES_MAX)
            fx.values[at][out->n_values++] = get_int(v, "value_milli");
}

static struct ll_hpa_opts opts_of(const json_t *c)
{
    const json_t *tolerance = json_object_get(c, "tolerance");
    return (struct ll_hpa_opts){
        .tolerance_up = json_number_value(json_object_get(tolerance, "scale_up")),
        .tolerance_down = json_number_value(json_object_get(tolerance, "scale_down")),
        .startup = seconds(c, "cpu_initialization_period_s"),
        .readiness = seconds(c, "initial_readiness_delay_s"),
        .now = NOW,
    };
}

static struct ll_rates rates_of(const json_t *r)
{
    const char *select = get_text(r, "select_policy");
    struct ll_rates out = {
        .select = strcmp(select, "Min") == 0        ? LL_RATE_MIN
                  : strcmp(select, "Disabled") == 0 ? LL_RATE_DISABLED
                                                    : LL_RATE_MAX,
        .window = has(r, "stabilization_s") ? seconds(r, "stabilization_s") : -1,
    };
    size_t i;
    const json_t *p;
    json_array_foreach(json_object_get(r, "policies"), i, p) if (out.n < LL_RATE_POLICIES_MAX)
        out.policy[out.n++] = (struct ll_rate_policy){
        .kind = strcmp(get_text(p, "type"), "Percent") == 0 ? LL_RATE_PERCENT : LL_RATE_UNITS,
        .value = (int32_t)get_int(p, "value"),
        .period = seconds(p, "period_s"),
    };
    return out;
}

static void read_events(const json_t *list, struct ll_hpa_events *out)
{
    size_t i;
    const json_t *e;
    out->n = 0;
    json_array_foreach(list, i, e) out->v[out->n++] = (struct ll_hpa_event){
        .t = before(e, "age_s"),
        .change = (int32_t)get_int(e, "change"),
        .outdated = json_is_true(json_object_get(e, "outdated")),
    };
}

static void read_state(const json_t *c)
{
    memset(&fx.state, 0, sizeof(fx.state));
    read_events(json_object_get(c, "scale_up_events"), &fx.state.up);
    read_events(json_object_get(c, "scale_down_events"), &fx.state.down);
    struct ll_hpa_recommendations *to = &fx.state.recommendations;
    size_t i;
    const json_t *r;
    fx.state.seen = has(c, "recommendations");
    json_array_foreach(json_object_get(c, "recommendations"), i, r) to->v[to->n++] =
        (struct ll_hpa_recommendation){.t = before(r, "age_s"),
                                       .replicas = (int32_t)get_int(r, "replicas")};
}

static bool read_behavior(const json_t *c)
{
    const json_t *b = json_object_get(c, "behavior");
    if (!json_is_object(b))
        return false;
    fx.behavior.up = rates_of(json_object_get(b, "scale_up"));
    fx.behavior.down = rates_of(json_object_get(b, "scale_down"));
    fx.behavior.up.window = LL_MAX(fx.behavior.up.window, 0);
    return true;
}

static bool same_condition(const json_t *wanted, const char *name, bool is, enum ll_hpa_reason r)
{
    const json_t *pair = json_object_get(wanted, name);
    if (!pair)
        return true;
    char got[64], want[64];
    snprintf(got, sizeof(got), "%s %s", is ? "True" : "False", ll_hpa_reason_name(r));
    snprintf(want, sizeof(want), "%s %s", json_string_value(json_array_get(pair, 0)),
             json_string_value(json_array_get(pair, 1)));
    return strcmp(got, want) == 0 || fail(name, got, want);
}

static const char *action_of(const struct ll_hpa_result *r, int32_t current)
{
    return !r->rescale ? "none" : r->desired > current ? "scale_up" : "scale_down";
}

static bool same_result(const json_t *c, const struct ll_hpa_result *r, int32_t current)
{
    static const char *const troubles[] = {"none", "partial", "fatal"};
    const json_t *conditions = json_object_get(c, "expected_conditions");
    const char *trouble = has(c, "expected_error") ? get_text(c, "expected_error") : "none";
    const char *action = action_of(r, current);
    if (!same_int("desired", r->desired, get_int(c, "expected_desired_replicas")))
        return false;
    if (strcmp(action, get_text(c, "expected_action")) != 0)
        return fail("action", action, get_text(c, "expected_action"));
    if (strcmp(trouble, troubles[r->trouble]) != 0)
        return fail("error", troubles[r->trouble], trouble);
    if (has(c, "expected_cpu_utilization_pct") &&
        !same_int("utilization", r->utilization_pct, get_int(c, "expected_cpu_utilization_pct")))
        return false;
    return same_condition(conditions, "AbleToScale", r->is_able, r->able) &&
           same_condition(conditions, "ScalingActive", r->is_active, r->active) &&
           same_condition(conditions, "ScalingLimited", r->is_limited, r->limited);
}

static bool run_reconcile(const json_t *c)
{
    size_t i;
    const json_t *m;
    fx.n_metrics = 0;
    json_array_foreach(json_object_get(c, "metrics"), i, m) if (i < METRICS_MAX)
        read_metric(m, json_object_get(c, "pods"));
    read_state(c);
    const struct ll_hpa_input in = {
        .min = (int32_t)get_int(c, "min_replicas"),
        .max = (int32_t)get_int(c, "max_replicas"),
        .current = (int32_t)get_int(c, "current_replicas"),
        .observed = (int32_t)get_int(c, "observed_replicas"),
        .metrics = fx.metrics,
        .container = fx.container,
        .n_metrics = fx.n_metrics,
        .opts = opts_of(c),
        .behavior = read_behavior(c) ? &fx.behavior : NULL,
        .window = seconds(c, "downscale_stabilization_s"),
        .burst_factor = json_number_value(json_object_get(c, "scale_up_limit_factor")),
        .burst_minimum = json_number_value(json_object_get(c, "scale_up_limit_minimum")),
        .target_unreadable = json_is_true(json_object_get(c, "target_read_error")),
        .target_unwritable = json_is_true(json_object_get(c, "target_update_error")) ||
                             get_int(c, "target_update_conflicts") >= RETRIES,
    };
    struct ll_hpa_result r;
    ll_hpa_reconcile(&in, &fx.state, &r);
    return same_result(c, &r, in.current);
}

static bool same_usage(const json_t *c, const struct ll_hpa_answer *a)
{
    static const char *const keys[] = {"expected_raw_value_milli", "expected_usage_milli"};
    for (size_t i = 0; i < LL_LEN(keys); i++) {
        if (has(c, keys[i]) && !same_int(keys[i], a->usage, get_int(c, keys[i])))
            return false;
    }
    return !has(c, "expected_utilization_pct") ||
           same_int("utilization", a->utilization_pct, get_int(c, "expected_utilization_pct"));
}

static bool run_replica_calc(const json_t *c)
{
    fx.n_metrics = 0;
    read_metric(json_object_get(c, "metric"), json_object_get(c, "pods"));
    const struct ll_hpa_opts o = opts_of(c);
    const int32_t current = (int32_t)get_int(c, "current_replicas");
    const int32_t observed =
        has(c, "observed_replicas") ? (int32_t)get_int(c, "observed_replicas") : current;
    struct ll_hpa_answer a;
    struct ll_err err;
    const char *error = get_text(c, "expected_error");
    if (!ll_hpa_replicas(&fx.metrics[0], current, observed, &o, &a, &err))
        return (*error && strstr(err.text, error)) || fail("error", err.text, error);
    if (*error)
        return fail("error", "none", error);
    return same_int("desired", a.replicas, get_int(c, "expected_desired_replicas")) &&
           same_usage(c, &a);
}

static bool same_limit(const json_t *c, int32_t got, enum ll_hpa_reason reason)
{
    const char *wanted = get_text(c, "expected_limit_reason"), *name = ll_hpa_reason_name(reason);
    return same_int("desired", got, get_int(c, "expected_desired_replicas")) &&
           (!*wanted || strcmp(name, wanted) == 0 || fail("reason", name, wanted));
}

static bool run_normalize(const json_t *c)
{
    enum ll_hpa_reason reason;
    const int32_t got = ll_hpa_within_burst(
        (int32_t)get_int(c, "current_replicas"), (int32_t)get_int(c, "proposed_replicas"),
        (int32_t)get_int(c, "min_replicas"), (int32_t)get_int(c, "max_replicas"),
        json_number_value(json_object_get(c, "scale_up_limit_factor")),
        json_number_value(json_object_get(c, "scale_up_limit_minimum")), &reason);
    return same_limit(c, got, reason);
}

static bool run_rate(const json_t *c)
{
    enum ll_hpa_reason reason;
    read_state(c);
    read_behavior(c);
    const int32_t got = ll_hpa_within_rates(
        (int32_t)get_int(c, "current_replicas"), (int32_t)get_int(c, "proposed_replicas"),
        (int32_t)get_int(c, "min_replicas"), (int32_t)get_int(c, "max_replicas"), &fx.behavior,
        &fx.state, NOW, &reason);
    return same_limit(c, got, reason);
}

static bool run_policy_limit(const json_t *c)
{
    read_state(c);
    const struct ll_rates rates = rates_of(json_object_get(c, "rules"));
    const int32_t got = ll_hpa_rate_limit(strcmp(get_text(c, "direction"), "up") == 0,
                                          (int32_t)get_int(c, "current_replicas"), &fx.state.up,
                                          &fx.state.down, &rates, NOW);
    return same_int("limit", got, get_int(c, "expected_limit"));
}

static bool run_stabilize_down(const json_t *c)
{
    read_state(c);
    const int32_t got =
        ll_hpa_stabilize_down(&fx.state.recommendations, (int32_t)get_int(c, "proposed_replicas"),
                              seconds(c, "downscale_stabilization_s"), NOW);
    return same_int("desired", got, get_int(c, "expected_desired_replicas")) &&
           same_int("log", (int64_t)fx.state.recommendations.n, get_int(c, "expected_log_length"));
}

static bool run_stabilize(const json_t *c)
{
    read_state(c);
    const int32_t got = ll_hpa_stabilize(
        &fx.state.recommendations, (int32_t)get_int(c, "current_replicas"),
        (int32_t)get_int(c, "proposed_replicas"), seconds(c, "scale_up_stabilization_s"),
        seconds(c, "scale_down_stabilization_s"), NOW);
    if (!same_int("desired", got, get_int(c, "expected_desired_replicas")))
        return false;
    const json_t *stored = json_object_get(c, "expected_stored_recommendations"), *v;
    size_t i;
    json_array_foreach(stored, i, v) if (!same_int("stored", fx.state.recommendations.v[i].replicas,
                                                   int_of(v))) return false;
    return !json_is_array(stored) || same_int("stored", (int64_t)fx.state.recommendations.n,
                                              (int64_t)json_array_size(stored));
}

static bool run_event_store(const json_t *c)
{
    struct ll_hpa_events *e = &fx.state.up;
    read_events(json_object_get(c, "previous_events"), e);
    const int32_t changed = ll_hpa_changed(e, seconds(c, "change_period_s"), NOW);
    if (!same_int("change", changed, get_int(c, "expected_change_in_period")))
        return false;
    /* Without a behavior nothing is kept. */
    if (has(c, "rules")) {
        const struct ll_rates rates = rates_of(json_object_get(c, "rules"));
        ll_hpa_note_event(e, &rates, (int32_t)get_int(c, "replica_change"), NOW);
    }
    const json_t *wanted = json_object_get(c, "expected_events"), *v;
    size_t i;
    json_array_foreach(wanted, i,
                       v) if (!same_int("event", e->v[i].change, get_int(v, "change")) ||
                              !same_int("outdated", e->v[i].outdated,
                                        json_is_true(json_object_get(v, "outdated")))) return false;
    return same_int("events", (int64_t)e->n, (int64_t)json_array_size(wanted));
}

static bool named(const json_t *list, const char *name)
{
    size_t i;
    const json_t *v;
    json_array_foreach(list, i, v) if (strcmp(json_string_value(v), name) == 0) return true;
    return false;
}

static bool run_group(const json_t *c)
{
    static const char *const keys[] = {"", "expected_unready", "expected_missing",
                                       "expected_ignored"};
    const json_t *listed = json_object_get(c, "pods");
    const struct ll_hpa_opts o = opts_of(c);
    const bool cpu = strcmp(get_text(c, "resource"), "cpu") == 0;
    read_pods(0, listed, json_object_get(c, "samples"), 1);
    int64_t ready = 0;
    for (size_t i = 0; i < json_array_size(listed); i++) {
        const char *name = get_text(json_array_get(listed, i), "name");
        const enum ll_hpa_group g = ll_hpa_group(&fx.pods[0][i], cpu, &o);
        ready += g == LL_HPA_READY;
        for (size_t k = LL_HPA_UNREADY; k <= LL_HPA_IGNORED; k++) {
            if (named(json_object_get(c, keys[k]), name) != (g == k))
                return fail(keys[k], g == k ? name : "others", g == k ? "others" : name);
        }
    }
    return same_int("ready", ready, get_int(c, "expected_ready_count"));
}

static const struct {
    const char *name;
    bool (*run)(const json_t *c);
} kinds[] = {{"reconcile", run_reconcile},
             {"replica_calc", run_replica_calc},
             {"normalize_no_behavior", run_normalize},
             {"normalize_behavior_rate", run_rate},
             {"policy_limit", run_policy_limit},
             {"stabilize_no_behavior", run_stabilize_down},
             {"stabilize_behavior", run_stabilize},
             {"scale_event_store", run_event_store},
             {"group_pods", run_group}};

static bool run(const json_t *c)
{
    for (size_t i = 0; i < LL_LEN(kinds); i++) {
        if (strcmp(get_text(c, "kind"), kinds[i].name) == 0)
            return kinds[i].run(c);
    }
    return fail("kind", get_text(c, "kind"), "one that is known");
}

int main(int argc, char **argv)
{
    json_error_t e = {.line = -1};
    json_t *doc = argc == 2 ? json_load_file(argv[1], 0, &e) : NULL;
    if (!doc) {
        fprintf(stderr, argc == 2 ? "%s: line %d: %s\n" : "usage: hpa FILE.json\n", argv[argc - 1],
                e.line, e.text);
        return 2;
    }
    size_t passed = 0, failed = 0, i;
    const json_t *c;
    json_array_foreach(json_object_get(doc, "cases"), i, c)
    {
        const bool ok = run(c);
        passed += ok;
        failed += !ok;
        if (!ok)
            printf("%s: %s\n", get_text(c, "name"), why);
    }
    json_decref(doc);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0;
}
