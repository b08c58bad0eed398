/* Memory that ends at any call: nothing crashes, nothing leaks, nothing false is said. */
#include <math.h>
#include <string.h>

#include "mapping_feed.h"
#include "support.h"

#define T0 ((ll_time)1795484700000)

static const char *const lines[] = {
    "node_uname_info{job=\"n\",instance=\"h:1\",nodename=\"web\"} 1",
    "node_cpu_seconds_total{job=\"n\",instance=\"h:1\",cpu=\"0\",mode=\"user\"} 1",
    "node_cpu_seconds_total{job=\"n\",instance=\"h:1\",cpu=\"0\",mode=\"system\"} 1",
    "node_cpu_seconds_total{job=\"n\",instance=\"h:1\",cpu=\"0\",mode=\"idle\"} 1",
    "node_memory_MemTotal_bytes{job=\"n\",instance=\"h:1\",env=\"prod\"} 10",
    "node_memory_MemAvailable_bytes{job=\"n\",instance=\"h:1\",env=\"prod\"} 4",
    "kube_pod_owner{namespace=\"s\",pod=\"w-5d9c7b8f6d-x\",owner_kind=\"ReplicaSet\",owner_name="
    "\"w-5d9c7b8f6d\"} 1",
    "kube_deployment_spec_replicas{namespace=\"s\",deployment=\"w\"} 1",
    "kube_deployment_labels{namespace=\"s\",deployment=\"w\",label_team=\"t\"} 1",
    "container_memory_working_set_bytes{namespace=\"s\",pod=\"w-5d9c7b8f6d-x\",container=\"c\"} 5",
    "kube_pod_spec_volumes_persistentvolumeclaims_info{namespace=\"s\",pod=\"w-5d9c7b8f6d-x\","
    "volume=\"v\",persistentvolumeclaim=\"p\"} 1",
    "kubelet_volume_stats_used_bytes{namespace=\"s\",persistentvolumeclaim=\"p\"} 5",
    "kubelet_volume_stats_available_bytes{namespace=\"s\",persistentvolumeclaim=\"p\"} 5",
    "pool_used{app=\"a\",instance=\"h:1\"} 5",
    "pool_size{app=\"a\",instance=\"h:1\"} 9",
    "trades_total{app=\"a\"} 5",
    "unknown_metric{a=\"b\"} 5",
    "dropped{} 5",
};

static struct {
    char labels[512];
    size_t n;
    double value;
} series[LL_LEN(lines)];

static void prepare(void)
{
    struct ll_str labels;
    ll_str_init(&labels, LL_LABELS_BYTES_MAX);
    for (size_t i = 0; i < LL_LEN(lines); i++) {
        series[i].value = strtod(ll_feed_labels(lines[i], &labels), NULL);
        ck_assert_uint_le(labels.n, sizeof(series[i].labels));
        memcpy(series[i].labels, labels.s, labels.n);
        series[i].n = labels.n;
    }
    ll_str_fini(&labels);
}

static void on_sample(void *ctx, const struct ll_sample *s)
{
    size_t *samples = ctx;
    ++*samples;
    LL_ASSERT(isfinite(s->value) && s->value >= 0 && s->key.service.n > 0);
    if (ll_slice_is(s->key.service, "n") && s->key.type == LL_RESOURCE_MEMORY)
        LL_ASSERT(s->value == 6 && s->capacity == 10); /* never half of it */
    if (ll_slice_is(s->key.service, "n") && s->key.type == LL_RESOURCE_CPU && !s->key.part.n)
        LL_ASSERT(s->value == 0.2 && s->capacity == 1);
}

/* What could not be remembered is refused now and met again later: so the second half of the
 * rounds, with memory, says everything. */
static size_t scenario(const struct ll_mapping_rule *rules, size_t n)
{
    struct ll_mapping *mapping = NULL;
    struct ll_err err = {0};
    size_t samples = 0;
    const struct ll_mapper_out out = {.ctx = &samples, .sample = on_sample};
    if (!ll_mapping_new(rules, n, &mapping, &err)) {
        LL_ASSERT(err.code == LL_E_MEMORY);
        return 0;
    }
    struct ll_mapper *m = ll_mapper_new(&(struct ll_mapper_opts){.mapping = mapping});
    for (int round = 0; m && round < 4; round++) {
        ll_time t = T0 + round * 10000;
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = 0; i < LL_LEN(series); i++) {
                enum ll_mapper_fate fate;
                bool raw;
                struct ll_mapper_series *s =
                    ll_mapper_series(m, (struct ll_slice){series[i].labels, series[i].n},
                                     LL_LABELED_UNKNOWN, t, &fate, &raw);
                bool cpu = i > 0 && i < 4; /* a counter */
                struct ll_labeled_point p = {t,
                                             ll_labeled_bits(series[i].value + (cpu ? round : 0))};
                LL_ASSERT(s || fate != LL_MAPPER_MAPPED);
                if (s && pass == 1)
                    ll_mapper_put(m, s, &p, &out);
            }
        ll_mapper_close(m, t, LL_MAPPER_COMPLETE_FACTS, &out);
        struct ll_arena *arena = ll_arena_new(1 << 20);
        struct ll_mapper_report report;
        if (arena && ll_mapper_report(m, arena, &report))
            LL_ASSERT(report.n_services <= 4);
        ll_arena_free(arena);
    }
    if (m)
        ll_mapper_forget(m, INT64_MAX);
    ll_mapper_free(m);
    ll_mapping_free(mapping);
    return samples;
}

START_TEST(memory_may_end_anywhere)
{
    static const char *const pool[] = {"pool_used", NULL}, *const trades[] = {"trades_total", NULL},
                             *const dropped[] = {"dropped", NULL};
    struct ll_mapping_rule rules[] = {ll_feed_rule(pool), ll_feed_rule(trades),
                                      ll_feed_rule(dropped)};
    rules[0].service = "{app}";
    rules[0].resource_type = LL_RESOURCE_CONNECTIONS;
    rules[0].capacity_from = "pool_size";
    rules[1].business = "trades";
    rules[2].drop = true;
    prepare();
    size_t all = scenario(rules, LL_LEN(rules)), calls = 0;
    ck_assert_uint_ge(all, 4);
    for (unsigned call = 1;; call++) {
        ll_test_fail_alloc(call);
        size_t samples = scenario(rules, LL_LEN(rules));
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert_uint_le(samples, all);
        if (!failed)
            break;
        calls++;
    }
    ck_assert_uint_gt(calls, 100);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {memory_may_end_anywhere};
    return ll_test_run("mapping_faults", tests, LL_LEN(tests));
}
