/* Rules of the configuration. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mapping_feed.h"
#include "support.h"

#define T0 ((ll_time)1795484700000)
#define MATCH(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

#define SAYS(f, start, rest)                                                                       \
    do {                                                                                           \
        const char *line_ = ll_feed_line(f, start);                                                \
        ck_assert_msg(line_ != NULL, "nobody said '%s':\n%s", start, ll_str_z(&(f)->said));        \
        ck_assert_str_eq(line_ + strlen(start), rest);                                             \
    } while (0)

static void round_of(struct ll_feed *f, ll_time t, const char *text)
{
    ll_feed_put(f, t, text);
    ll_feed_close(f, t, LL_MAPPER_COMPLETE_FACTS);
}

START_TEST(a_rule_says_what_a_metric_means)
{
    struct ll_mapping_rule r = ll_feed_rule(MATCH("pool_used{app!=\"\"}"));
    r.service = "{app}";
    r.instance = "{instance|host}";
    r.part = "{pool}";
    r.resource_type = LL_RESOURCE_CONNECTIONS;
    r.scale = 2;
    r.capacity = 50;
    struct ll_feed f;
    ll_feed_init(&f, &r, 1);
    round_of(&f, T0,
             "pool_used{app=\"shop\",pool=\"a\",instance=\"h:1\",shard=\"1\"} 5\n"
             "pool_used{app=\"shop\",pool=\"a\",instance=\"h:1\",shard=\"2\"} 7\n"
             "pool_used{app=\"shop\",pool=\"b\",instance=\"h:1\"} 1\n"
             "pool_used{pool=\"b\",instance=\"h:1\"} 1\n");
    SAYS(&f, "shop CONNECTIONS h [a]", " connections 24 of 50 @1795484700000");
    SAYS(&f, "shop CONNECTIONS h [b]", " connections 2 of 50 @1795484700000");
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_fini(&f);
}
END_TEST

START_TEST(values_are_combined_as_asked)
{
    static const enum ll_mapping_combine hows[] = {LL_MAPPING_SUM, LL_MAPPING_MAX, LL_MAPPING_MEAN};
    static const char *const want[] = {" items 9 of - primary @1795484700000",
                                       " items 6 of - primary @1795484700000",
                                       " items 3 of - primary @1795484700000"};
    for (size_t i = 0; i < LL_LEN(hows); i++) {
        struct ll_mapping_rule r = ll_feed_rule(MATCH("depth"));
        r.service = "s";
        r.instance = "i";
        r.resource_type = LL_RESOURCE_QUEUE_DEPTH;
        r.combine = hows[i];
        struct ll_feed f;
        ll_feed_init(&f, &r, 1);
        round_of(&f, T0, "depth{a=\"1\"} 1\ndepth{a=\"2\"} 2\ndepth{a=\"3\"} 6\n");
        SAYS(&f, "s QUEUE_DEPTH i []", want[i]);
        ll_feed_fini(&f);
    }
}
END_TEST

START_TEST(counters_are_told_by_name_or_word)
{
    struct ll_mapping_rule rules[3] = {ll_feed_rule(MATCH("calls_total")),
                                       ll_feed_rule(MATCH("calls_count")),
                                       ll_feed_rule(MATCH("gauge_total"))};
    for (size_t i = 0; i < 3; i++) {
        rules[i].service = i == 0 ? "auto" : i == 1 ? "counter" : "gauge";
        rules[i].instance = "i";
        rules[i].resource_type = LL_RESOURCE_API_CALLS;
        rules[i].value = i == 0 ? LL_MAPPING_AUTO : i == 1 ? LL_MAPPING_COUNTER : LL_MAPPING_GAUGE;
    }
    struct ll_feed f;
    ll_feed_init(&f, rules, 3);
    round_of(&f, T0, "calls_total{} 100\ncalls_count{} 100\ngauge_total{} 100\n");
    round_of(&f, T0 + 10000, "calls_total{} 150\ncalls_count{} 150\ngauge_total{} 150\n");
    SAYS(&f, "auto API_CALLS i []", " calls_per_second 5 of - primary @1795484710000");
    SAYS(&f, "counter API_CALLS i []", " calls_per_second 5 of - primary @1795484710000");
    SAYS(&f, "gauge API_CALLS i []", " calls_per_second 150 of - primary @1795484710000");
    ll_feed_fini(&f);
}
END_TEST

/* What a rule leaves out stays as the built-in ones have it. */
START_TEST(a_rule_amends_built_in_ones)
{
    struct ll_mapping_rule rules[2] = {ll_feed_rule(MATCH("{job=\"node\",instance=~\"db.*\"}")),
                                       ll_feed_rule(MATCH("{job=\"node\"}"))};
    rules[0].service = "databases";
    rules[0].team = "storage";
    rules[0].environment = "{env}";
    rules[0].tier = "gold";
    rules[1].service = "never for db";
    struct ll_feed f;
    ll_feed_init(&f, rules, 2);
#define NODE(i)                                                                                    \
    "node_memory_MemTotal_bytes{job=\"node\",instance=\"" i ":1\",env=\"prod\"} 10\n"              \
    "node_memory_MemAvailable_bytes{job=\"node\",instance=\"" i ":1\",env=\"prod\"} 4\n"
    round_of(&f, T0, NODE("db1") NODE("web1"));
    SAYS(&f, "databases MEMORY db1 []", " bytes 6 of 10 primary @1795484700000");
    SAYS(&f, "never for db MEMORY web1 []", " bytes 6 of 10 primary @1795484700000");
    ck_assert_ptr_nonnull(
        strstr(ll_feed_line(&f, "facts databases"), "team storage owner  tier gold"));
    ck_assert_ptr_nonnull(strstr(ll_feed_line(&f, "facts databases"), "env prod"));
    ll_feed_fini(&f);
}
END_TEST

START_TEST(a_pods_service_can_be_called_otherwise)
{
    struct ll_mapping_rule r = ll_feed_rule(MATCH("{namespace=\"shop\"}"));
    r.service = "shop/{container}";
    struct ll_feed f;
    ll_feed_init(&f, &r, 1);
    round_of(
        &f, T0,
        "kube_pod_owner{namespace=\"shop\",pod=\"a-0\",owner_kind=\"StatefulSet\",owner_name=\"a\"}"
        " 1\n"
        "container_memory_working_set_bytes{namespace=\"shop\",pod=\"a-0\",container=\"x\"} 5\n");
    SAYS(&f, "shop/x MEMORY a-0 []", " bytes 5 of - primary @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(capacity_comes_from_other_series)
{
    struct ll_mapping_rule rules[2] = {ll_feed_rule(MATCH("pool_used")),
                                       ll_feed_rule(MATCH("slots_used"))};
    rules[0].service = "{app}";
    rules[0].instance = "{instance|host}";
    rules[0].resource_type = LL_RESOURCE_CONNECTIONS;
    rules[0].capacity_from = "pool_size"; /* joined on app and instance */
    rules[1].service = "{app}";
    rules[1].instance = "all";
    rules[1].resource_type = LL_RESOURCE_QUEUE_DEPTH;
    rules[1].capacity_from = "{__name__=\"slots_max\",kind=\"hard\"}";
    rules[1].on = (const char *const[]){"app", NULL};
    struct ll_feed f;
    ll_feed_init(&f, rules, 2);
    round_of(&f, T0,
             "pool_used{app=\"a\",instance=\"h:1\",x=\"1\"} 5\n"
             "pool_size{app=\"a\",instance=\"h:1\",y=\"9\"} 20\n"
             "pool_size{app=\"b\",instance=\"h:1\"} 30\n"
             "slots_used{app=\"a\",instance=\"h:1\"} 1\n"
             "slots_max{app=\"a\",kind=\"hard\",instance=\"z\"} 8\n"
             "slots_max{app=\"a\",kind=\"soft\",instance=\"z\"} 6\n");
    SAYS(&f, "a CONNECTIONS h []", " connections 5 of 20 primary @1795484700000");
    SAYS(&f, "a QUEUE_DEPTH all []", " items 1 of 8 primary @1795484700000");
    ck_assert_uint_eq(f.samples, 2);
    ll_feed_fini(&f);
}
END_TEST

START_TEST(events_are_counted)
{
    struct ll_mapping_rule rules[2] = {ll_feed_rule(MATCH("trades_total")),
                                       ll_feed_rule(MATCH("orders"))};
    rules[0].business = "trades";
    rules[0].service = "{app}";
    rules[0].venue = "{mic}";
    rules[1].business = "orders";
    struct ll_feed f;
    ll_feed_init(&f, rules, 2);
    round_of(&f, T0, "trades_total{app=\"m\",mic=\"XLON\"} 100\norders{} -3\n");
    ck_assert_uint_eq(f.business, 1); /* a counter's first value tells nothing */
    SAYS(&f, "business orders service  venue ", " -3 @1795484700000");
    round_of(&f, T0 + 60000, "trades_total{app=\"m\",mic=\"XLON\"} 175\n");
    SAYS(&f, "business trades service m venue XLON", " 75 @1795484760000");
    round_of(&f, T0 + 120000, "trades_total{app=\"m\",mic=\"XLON\"} 5\n"); /* reset */
    ck_assert_uint_eq(f.business, 2);
    ck_assert_uint_eq(f.samples, 0);
    ll_feed_fini(&f);
}
END_TEST

static enum ll_mapper_fate fate_of(struct ll_feed *f, const char *series, bool *raw)
{
    struct ll_str labels;
    enum ll_mapper_fate fate;
    ll_str_init(&labels, LL_LABELS_BYTES_MAX);
    ll_feed_labels(series, &labels);
    (void)ll_mapper_series(f->mapper, (struct ll_slice){labels.s, labels.n}, LL_LABELED_UNKNOWN, T0,
                           &fate, raw);
    ll_str_fini(&labels);
    return fate;
}

START_TEST(series_are_kept_raw_or_dropped)
{
    struct ll_mapping_rule rules[3] = {ll_feed_rule(MATCH("{job=\"bad\"}")),
                                       ll_feed_rule(MATCH("{job=\"raw\"}", "special")),
                                       ll_feed_rule(MATCH("{job=\"plain\"}"))};
    rules[0].drop = true;
    rules[1].raw = true;
    struct ll_feed f;
    ll_feed_init(&f, rules, 3);
    for (int i = 0; i < 2; i++) { /* met, and known */
        bool raw = true;
        ck_assert_int_eq(fate_of(&f, "redis_connected_clients{job=\"bad\",instance=\"h\"}", &raw),
                         LL_MAPPER_DROPPED);
        ck_assert(!raw);
        ck_assert_int_eq(fate_of(&f, "redis_connected_clients{job=\"raw\",instance=\"h\"}", &raw),
                         LL_MAPPER_MAPPED);
        ck_assert(raw);
        ck_assert_int_eq(fate_of(&f, "special{}", &raw), LL_MAPPER_MAPPED);
        ck_assert(raw);
        ck_assert_int_eq(fate_of(&f, "redis_connected_clients{job=\"plain\",instance=\"h\"}", &raw),
                         LL_MAPPER_MAPPED);
        ck_assert(!raw);
        ck_assert_int_eq(fate_of(&f, "other{job=\"plain\"}", &raw), LL_MAPPER_UNMATCHED);
        ck_assert(!raw);
    }
    round_of(&f, T0, "redis_connected_clients{job=\"raw\",instance=\"h\"} 5\n");
    SAYS(&f, "raw CONNECTIONS h []", " connections 5 of - primary @1795484700000");
    ll_feed_fini(&f);
}
END_TEST

START_TEST(wrong_rules_are_refused_with_their_number)
{
    struct ll_mapping_rule good = ll_feed_rule(MATCH("a")), r;
    static const char *const on[] = {"x", NULL}, *const none[] = {NULL},
                             *const open[] = {"a{", NULL};
    struct {
        struct ll_mapping_rule rule;
        const char *text;
    } cases[9];
    size_t n = 0;
#define CASE(change, message)                                                                      \
    do {                                                                                           \
        r = good;                                                                                  \
        change;                                                                                    \
        cases[n].rule = r;                                                                         \
        cases[n++].text = message;                                                                 \
    } while (0)
    CASE(r.match = none, "match: no selector is given");
    CASE(r.match = open, "match 'a{'");
    CASE(r.service = "{x", "service");
    CASE(r.scale = 0, "scale: 0");
    CASE(r.capacity = -1, "capacity: -1");
    CASE(r.on = on, "on is given without capacity_from");
    CASE((r.capacity = 1, r.capacity_from = "b"), "both given");
    CASE((r.resource_type = LL_RESOURCE_CPU, r.unit = "furlongs"), "'furlongs' is not a unit");
    CASE(r.capacity_from = "b{", "capacity_from");
    for (size_t i = 0; i < n; i++) {
        struct ll_mapping_rule rules[2] = {good, cases[i].rule};
        struct ll_mapping *m = NULL;
        struct ll_err err = {0};
        ck_assert(!ll_mapping_new(rules, 2, &m, &err));
        ck_assert_ptr_null(m);
        ck_assert_int_eq(err.code, LL_E_CONFIG);
        ck_assert_int_eq(err.line, 2);
        ck_assert_msg(strstr(err.text, cases[i].text) != NULL, "%s", err.text);
        ck_assert_msg(strstr(err.text, "mapping rule 2") == err.text, "%s", err.text);
    }
}
END_TEST

static const struct ll_mapping_query *query_of(const struct ll_mapping *m, const char *selector)
{
    static struct ll_mapping_query q;
    for (size_t i = 0; ll_mapping_query(m, i, &q); i++)
        if (ll_slice_is(q.selector, selector))
            return &q;
    return NULL;
}

START_TEST(a_prometheus_is_asked_once_for_each_metric)
{
    struct ll_mapping_rule rules[4] = {
        ll_feed_rule(MATCH("calls_total{app=\"x\"}", "depth")), ll_feed_rule(MATCH("{job=\"y\"}")),
        ll_feed_rule(MATCH("trades_total")), ll_feed_rule(MATCH("dropped"))};
    rules[0].service = "x";
    rules[0].resource_type = LL_RESOURCE_API_CALLS;
    rules[0].capacity_from = "calls_max";
    rules[1].team = "only amends";
    rules[2].business = "trades";
    rules[3].drop = true;
    struct ll_mapping *m = NULL;
    struct ll_mapping_query q;
    struct ll_err err;
    ck_assert(ll_mapping_new(rules, 4, &m, &err));
    ck_assert(query_of(m, "node_cpu_seconds_total")->counter);
    ck_assert(!query_of(m, "node_memory_MemTotal_bytes")->counter);
    ck_assert(!query_of(m, "node_memory_MemTotal_bytes")->fact);
    ck_assert(query_of(m, "kube_pod_owner")->fact);
    ck_assert(query_of(m, "calls_total{app=\"x\"}")->counter);
    ck_assert(ll_slice_is(query_of(m, "calls_total{app=\"x\"}")->name, "calls_total"));
    ck_assert(!query_of(m, "depth")->counter);
    ck_assert(query_of(m, "calls_max")->fact);
    ck_assert(!query_of(m, "trades_total")->counter); /* counts, not rates */
    ck_assert_ptr_null(query_of(m, "{job=\"y\"}"));
    ck_assert_ptr_null(query_of(m, "dropped"));
    for (size_t i = 0; ll_mapping_query(m, i, &q); i++) {
        struct ll_mapping_query other;
        for (size_t k = i + 1; ll_mapping_query(m, k, &other); k++)
            ck_assert(!ll_slice_eq(q.selector, other.selector));
    }
    ll_mapping_free(m);
}
END_TEST

/* The reference names every metric that a built-in rule reads, as code. */
START_TEST(the_reference_names_every_metric)
{
    FILE *in = fopen(LL_SOURCE_ROOT "/docs/reference/mapping.md", "r");
    ck_assert_ptr_nonnull(in);
    static char text[1 << 17];
    size_t n = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    text[n] = '\0';
    struct ll_mapping *m = NULL;
    struct ll_mapping_query q;
    struct ll_err err;
    ck_assert(ll_mapping_new(NULL, 0, &m, &err));
    size_t i = 0;
    for (; ll_mapping_query(m, i, &q); i++) {
        char name[128];
        snprintf(name, sizeof(name), "`%.*s`", (int)q.name.n, q.name.s);
        ck_assert_msg(strstr(text, name) != NULL, "%s is not in the reference", name);
    }
    ck_assert_uint_gt(i, 100);
    ll_mapping_free(m);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_rule_says_what_a_metric_means,
                                  values_are_combined_as_asked,
                                  counters_are_told_by_name_or_word,
                                  a_rule_amends_built_in_ones,
                                  a_pods_service_can_be_called_otherwise,
                                  capacity_comes_from_other_series,
                                  events_are_counted,
                                  series_are_kept_raw_or_dropped,
                                  wrong_rules_are_refused_with_their_number,
                                  a_prometheus_is_asked_once_for_each_metric,
                                  the_reference_names_every_metric};
    return ll_test_run("mapping_rules", tests, LL_LEN(tests));
}
