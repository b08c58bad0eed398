/* The mapper: any labels, values and times, closed and forgotten at any moment.  What it says must
 * be a sample that the store takes; half of a group is never a sample.
 *
 * Each step is some bytes: what to do, which metric, which labels, which value, which time. */
#include "mapping/mapper.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define T0 ((ll_time)1795484700000)

static const char *const extra_metrics[] = {"unknown",   "pool_used", "pool_size", "trades_total",
                                            "raw_total", "dropped",   ""};
static const char *const names[] = {"job",
                                    "instance",
                                    "mode",
                                    "cpu",
                                    "device",
                                    "fstype",
                                    "mountpoint",
                                    "namespace",
                                    "pod",
                                    "container",
                                    "owner_kind",
                                    "owner_name",
                                    "replicaset",
                                    "deployment",
                                    "statefulset",
                                    "phase",
                                    "condition",
                                    "resource",
                                    "volume",
                                    "persistentvolumeclaim",
                                    "cluster",
                                    "name",
                                    "created_by_kind",
                                    "created_by_name",
                                    "nodename",
                                    "host_network",
                                    "job_name",
                                    "queue",
                                    "state",
                                    "operstate"};
static const char *const values[] = {
    "a",          "b",          "h:1",   "user",         "idle",
    "iowait",     "0",          "1",     "eth0",         "ext4",
    "xfs",        "/",          "/data", "a-5d9c7b8f6d", "a-5d9c7b8f6d-x2x2x",
    "ReplicaSet", "Deployment", "Job",   "Node",         "<none>",
    "Failed",     "true",       "cpu",   "memory",       "POD",
    "a-29000000", "x.service",  "tmpfs", "up",           "down"};

struct input {
    const uint8_t *at, *end;
};

static uint8_t take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static struct ll_mapping *mapping; /* made once; the same for all inputs */
static struct ll_mapping_query *queries;
static size_t n_queries;

static void make_mapping(void)
{
    static const char *const pool[] = {"pool_used", NULL}, *const trades[] = {"trades_total", NULL},
                             *const raw[] = {"{__name__=~\"raw.*\"}", NULL},
                             *const dropped[] = {"dropped", NULL},
                             *const amended[] = {"{job=\"b\"}", NULL};
    static struct ll_mapping_rule rules[5];
    const char *const *const matches[] = {pool, trades, raw, dropped, amended};
    for (size_t i = 0; i < LL_LEN(rules); i++)
        rules[i] = (struct ll_mapping_rule){
            .match = matches[i], .resource_type = -1, .scale = NAN, .capacity = NAN};
    rules[0].service = "{job}";
    rules[0].resource_type = LL_RESOURCE_CONNECTIONS;
    rules[0].capacity_from = "pool_size";
    rules[0].combine = LL_MAPPING_MEAN;
    rules[1].business = "trades";
    rules[2].raw = true;
    rules[3].drop = true;
    rules[4].service = "s-{job}";
    rules[4].team = "{name}";
    struct ll_err err;
    LL_ASSERT(ll_mapping_new(rules, LL_LEN(rules), &mapping, &err));
    struct ll_mapping_query q;
    while (ll_mapping_query(mapping, n_queries, &q))
        n_queries++;
    queries = calloc(n_queries, sizeof(*queries));
    LL_ASSERT(queries);
    for (size_t i = 0; i < n_queries; i++)
        LL_ASSERT(ll_mapping_query(mapping, i, &queries[i]));
}

struct said {
    struct ll_mapper *mapper;
    ll_time now;
};

static bool is_name(struct ll_slice t)
{
    return t.n <= LL_NAME_MAX && ll_utf8_valid(t.s, t.n) && !(t.n && memchr(t.s, '\0', t.n));
}

static void on_sample(void *ctx, const struct ll_sample *s)
{
    const struct said *said = ctx;
    LL_ASSERT(ll_sample_check(s, said->now, 0) == LL_REFUSAL_NONE);
    LL_ASSERT(isnan(s->capacity) || s->capacity > 0);
}

static void on_end(void *ctx, const struct ll_series_end *e)
{
    (void)ctx;
    LL_ASSERT(e->key.service.n > 0 && is_name(e->key.service) && is_name(e->key.instance) &&
              is_name(e->key.part));
}

static void on_facts(void *ctx, const struct ll_service_facts *f)
{
    (void)ctx;
    LL_ASSERT(f->service.n > 0 && is_name(f->service) && is_name(f->meta.team));
}

static void on_business(void *ctx, const struct ll_business *b)
{
    (void)ctx;
    LL_ASSERT(isfinite(b->value) && ll_slice_is(b->metric, "trades"));
}

static struct ll_slice take_labels(struct input *in, char *buf, size_t size)
{
    struct ll_label v[8];
    size_t n = 0, which = take(in);
    which = (which << 8 | take(in)) % (n_queries + LL_LEN(extra_metrics));
    v[n++] = (struct ll_label){LL_LABELS_NAME, which < n_queries
                                                   ? queries[which].selector
                                                   : ll_slice_of(extra_metrics[which - n_queries])};
    for (size_t want = take(in) % 7; n <= want; n++)
        v[n] = (struct ll_label){ll_slice_of(names[take(in) % LL_LEN(names)]),
                                 ll_slice_of(values[take(in) % LL_LEN(values)])};
    struct ll_err err;
    if (!ll_labels_sort(v, &n, &err)) /* a name twice */
        n = 1;
    LL_ASSERT(ll_labels_size(v, n) <= size);
    return (struct ll_slice){buf, (size_t)(ll_labels_write(v, n, buf) - buf)};
}

static double take_value(struct input *in)
{
    static const double odd[] = {NAN, INFINITY, -1, 1e300, 9.3e18};
    uint8_t b = take(in);
    return b < 250 ? b : odd[b % LL_LEN(odd)];
}

static void put(struct said *s, struct input *in, const struct ll_mapper_out *out)
{
    char buf[1024];
    struct ll_slice labels = take_labels(in, buf, sizeof(buf));
    uint8_t how = take(in);
    enum ll_mapper_fate fate;
    bool raw;
    struct ll_mapper_series *series =
        ll_mapper_series(s->mapper, labels, (enum ll_labeled_kind)(how % 4), s->now, &fate, &raw);
    LL_ASSERT((series != NULL) == (fate == LL_MAPPER_MAPPED));
    for (int i = 0; series && i < 1 + (how >> 6); i++) {
        uint8_t back = take(in);
        struct ll_labeled_point p = {s->now - 1000 * (back % 32), ll_labeled_bits(take_value(in))};
        if (back >= 224)
            p.bits = LL_LABELED_STALE;
        else if (back >= 220)
            p.t = back % 2 ? INT64_MAX : INT64_MIN;
        ll_mapper_put(s->mapper, series, &p, out);
    }
}

static void report(const struct ll_mapper *m)
{
    struct ll_arena *arena = ll_arena_new(16 << 20);
    struct ll_mapper_report r;
    LL_ASSERT(arena && ll_mapper_report(m, arena, &r));
    LL_ASSERT(r.n_unmatched <= 500 && r.series == r.mapped + r.unmatched_series + r.dropped);
    for (size_t i = 0; i < r.n_services; i++)
        LL_ASSERT(r.services[i].facts.service.n > 0 && r.services[i].rule.s);
    ll_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    if (!mapping)
        make_mapping();
    struct said s = {.now = T0};
    s.mapper = ll_mapper_new(&(struct ll_mapper_opts){
        .mapping = mapping, .source = LL_SLICE("fuzz"), .seed = 1, .max_series = 1 + take(&in)});
    LL_ASSERT(s.mapper);
    const struct ll_mapper_out out = {&s, on_sample, on_end, on_facts, on_business};
    while (in.at < in.end) {
        uint8_t what = take(&in);
        if (what < 200)
            put(&s, &in, &out);
        else if (what < 220)
            s.now += 1000 * (what - 199);
        else if (what < 240)
            ll_mapper_close(s.mapper, s.now, (enum ll_mapper_round)(what % 3), &out);
        else if (what < 250)
            ll_mapper_forget(s.mapper, s.now - 10000 * (what - 240));
        else
            report(s.mapper);
    }
    ll_mapper_close(s.mapper, s.now, LL_MAPPER_COMPLETE_FACTS, &out);
    report(s.mapper);
    ll_mapper_free(s.mapper);
    return 0;
}
