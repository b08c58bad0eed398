/* Vectors of Kubernetes' Vertical Pod Autoscaler: build/tests/vectors/vpa FILE.json. */
#include "cost/vpa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/vpa_checkpoint.h"
#include "cost/vpa_update.h"
#include "cost_check.h"

#define MIB (1024.0 * 1024.0)
#define REL 1e-12

enum { WINDOW_OPS_MAX = 64 };

static double weights[3][LL_VPA_BUCKETS_MAX];

static const json_t *get(const json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static double at(const json_t *list, size_t i)
{
    return json_number_value(json_array_get(list, i));
}

static ll_time seconds(double s)
{
    return (ll_time)(s * (double)LL_SECOND);
}

static bool read_buckets(const json_t *o, struct ll_vpa_buckets *out)
{
    struct ll_err err = {0};
    const double max = cost_check_number(o, "max_value", 0);
    const double epsilon = cost_check_number(o, "epsilon", 0);
    const bool linear = strcmp(cost_check_text(o, "kind"), "linear") == 0;
    const bool ok =
        linear ? ll_vpa_histogram_linear(max, cost_check_number(o, "bucket_size", 0), epsilon, out,
                                         &err)
               : ll_vpa_histogram_exponential(max, cost_check_number(o, "first_bucket_size", 0),
                                              cost_check_number(o, "ratio", 0), epsilon, out, &err);
    return ok || cost_check_fail("%s", err.text);
}

static bool make(const json_t *c, size_t slot, struct ll_vpa_histogram *h)
{
    struct ll_vpa_buckets b;
    if (!read_buckets(get(c, "options"), &b))
        return false;
    const double half_life = cost_check_number(c, "half_life_s", 0);
    ll_vpa_histogram_init(h, &b, seconds(half_life), weights[slot]);
    return true;
}

static bool run_op(struct ll_vpa_histogram *h, const json_t *op)
{
    const char *name = json_string_value(json_array_get(op, 0));
    const ll_time t = seconds(at(op, 3));
    if (name && strcmp(name, "add") == 0)
        return ll_vpa_histogram_add(h, at(op, 1), at(op, 2), t) || cost_check_fail("refused");
    if (name && strcmp(name, "sub") == 0)
        return ll_vpa_histogram_subtract(h, at(op, 1), at(op, 2), t) || cost_check_fail("refused");
    return cost_check_fail("no such operation");
}

static bool run_ops(struct ll_vpa_histogram *h, const json_t *ops)
{
    size_t i;
    const json_t *op;
    json_array_foreach(ops, i, op)
    {
        if (!run_op(h, op))
            return false;
    }
    return true;
}

/* Days of one value each: by the week, or so many open and then so many closed. */
static bool run_generator(struct ll_vpa_histogram *h, const json_t *g)
{
    if (!g)
        return true;
    const bool weekly = cost_check_has(g, "days");
    const double open = cost_check_number(g, "open_days", 0);
    const double days =
        weekly ? cost_check_number(g, "days", 0) : open + cost_check_number(g, "closed_days", 0);
    const double high = cost_check_number(g, weekly ? "weekday_value" : "open_value", NAN);
    const double low = cost_check_number(g, weekly ? "weekend_value" : "closed_value", NAN);
    const double step = cost_check_number(g, "step_s", 3600);
    const double start = cost_check_number(g, "start_s", 0);
    for (size_t i = 0; (double)i * step < days * 86400; i++) {
        const size_t day = (size_t)((double)i * step / 86400);
        const bool is_high = weekly ? day % 7 < 5 : (double)day < open;
        if (!ll_vpa_histogram_add(h, is_high ? high : low, cost_check_number(g, "weight", 1),
                                  seconds(start + (double)i * step)))
            return cost_check_fail("sample %zu is refused", i);
    }
    return true;
}

static bool same_percentiles(const struct ll_vpa_histogram *h, const json_t *wanted)
{
    size_t i;
    const json_t *pair;
    json_array_foreach(wanted, i, pair)
    {
        char what[32];
        snprintf(what, sizeof(what), "P%g", 100 * at(pair, 0));
        if (!cost_check_near(what, ll_vpa_histogram_percentile(h, at(pair, 0)), at(pair, 1), REL,
                             0))
            return false;
    }
    return true;
}

static bool run_percentiles(const json_t *c)
{
    struct ll_vpa_histogram h;
    return cost_check_keys(c, "name origin options half_life_s ops ops_generator percentiles") &&
           make(c, 0, &h) && run_ops(&h, get(c, "ops")) &&
           run_generator(&h, get(c, "ops_generator")) &&
           same_percentiles(&h, get(c, "percentiles"));
}

static bool run_bucketing(const json_t *c)
{
    struct ll_vpa_buckets b;
    if (!read_buckets(get(c, "options"), &b) ||
        !cost_check_near("num_buckets", (double)b.n, cost_check_number(c, "num_buckets", NAN), 0,
                         0))
        return false;
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)get(c, "bucket_start"), key, v)
    {
        const size_t i = strtoul(key, NULL, 10);
        if (i >= b.n ||
            !cost_check_near(key, ll_vpa_histogram_start(&b, i), json_number_value(v), REL, 0))
            return cost_check_fail("there is no bucket %zu", i);
    }
    size_t k;
    json_array_foreach(get(c, "find_bucket"), k, v)
    {
        if (!cost_check_near("bucket", (double)ll_vpa_histogram_bucket(&b, at(v, 0)), at(v, 1), 0,
                             0))
            return false;
    }
    return true;
}

static bool run_emptiness(const json_t *c)
{
    struct ll_vpa_histogram h;
    size_t i;
    const json_t *s;
    if (!make(c, 0, &h))
        return false;
    json_array_foreach(get(c, "steps"), i, s)
    {
        if (get(s, "op") && !run_op(&h, get(s, "op")))
            return false;
        if (!cost_check_flag("empty", ll_vpa_histogram_empty(&h),
                             json_is_true(get(s, "expect_empty"))))
            return false;
    }
    return true;
}

static bool run_merge(const json_t *c)
{
    struct ll_vpa_histogram a, b, whole;
    struct ll_err err = {0};
    if (!make(c, 0, &a) || !make(c, 1, &b) || !make(c, 2, &whole) || !run_ops(&a, get(c, "h1")) ||
        !run_ops(&b, get(c, "h2")) || !run_ops(&whole, get(c, "equals_histogram_of")))
        return false;
    if (!ll_vpa_histogram_merge(&a, &b, &err))
        return cost_check_fail("%s", err.text);
    return ll_vpa_histogram_equal(&a, &whole) || cost_check_fail("the histograms differ");
}

/* The histogram of the original's tests of checkpoints. */
static void make_plain(size_t slot, struct ll_vpa_histogram *h)
{
    struct ll_vpa_buckets b = {0};
    const bool ok = ll_vpa_histogram_linear(10, 1, 1e-15, &b, NULL);
    LL_ASSERT(ok);
    ll_vpa_histogram_init(h, &b, 0, weights[slot]);
}

static bool load_checkpoint(const json_t *c, const json_t *load)
{
    static struct ll_vpa_checkpoint_bucket kept[LL_VPA_BUCKETS];
    struct ll_vpa_histogram h;
    struct ll_vpa_checkpoint p = {.total = cost_check_number(load, "total_weight", NAN),
                                  .reference = LL_TIME_MIN,
                                  .buckets = kept};
    struct ll_err err = {0};
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)get(load, "buckets"), key, v)
    {
        if (p.n < LL_LEN(kept))
            kept[p.n++] = (struct ll_vpa_checkpoint_bucket){strtoll(key, NULL, 10),
                                                            (uint32_t)json_integer_value(v)};
    }
    make_plain(0, &h);
    return cost_check_flag("error", !ll_vpa_checkpoint_load(&h, &p, &err),
                           json_is_true(get(c, "error")));
}

static bool same_checkpoint(const json_t *c, const struct ll_vpa_checkpoint *p)
{
    if (cost_check_has(c, "total_weight") &&
        !cost_check_near("total", p->total, cost_check_number(c, "total_weight", NAN), REL, 0))
        return false;
    const json_t *buckets = get(c, "buckets");
    if (!buckets)
        return true;
    for (size_t i = 0; i < p->n; i++) {
        char key[24];
        snprintf(key, sizeof(key), "%lld", (long long)p->buckets[i].bucket);
        if (!cost_check_near(key, p->buckets[i].weight, cost_check_number(buckets, key, NAN), 0, 0))
            return false;
    }
    return cost_check_near("buckets", (double)p->n, (double)json_object_size(buckets), 0, 0);
}

static bool run_checkpoint(const json_t *c)
{
    static struct ll_vpa_checkpoint_bucket kept[LL_VPA_BUCKETS];
    struct ll_vpa_checkpoint p;
    struct ll_vpa_histogram h, back;
    struct ll_err err = {0};
    if (get(c, "load"))
        return load_checkpoint(c, get(c, "load"));
    make_plain(0, &h);
    make_plain(1, &back);
    if (!run_ops(&h, get(c, "ops")))
        return false;
    ll_vpa_checkpoint_save(&h, kept, &p);
    if (!same_checkpoint(c, &p))
        return false;
    if (!ll_vpa_checkpoint_load(&back, &p, &err))
        return cost_check_fail("%s", err.text);
    return !cost_check_has(c, "expect_nonempty_after_roundtrip") ||
           cost_check_flag("not empty", !ll_vpa_histogram_empty(&back),
                           json_is_true(get(c, "expect_nonempty_after_roundtrip")));
}

static bool same_percentile(const json_t *c, const char *samples, const char *percentile,
                            const char *expect, struct ll_vpa_buckets b, double unit)
{
    struct ll_vpa_histogram h;
    size_t i;
    const json_t *v;
    ll_vpa_histogram_init(&h, &b, LL_DAY, weights[0]);
    json_array_foreach(get(c, samples), i, v)
    {
        if (!ll_vpa_histogram_add(&h, json_number_value(v), 1, 0))
            return cost_check_fail("sample %zu is refused", i);
    }
    const double p = ll_vpa_histogram_percentile(&h, cost_check_number(c, percentile, NAN));
    return cost_check_near(expect, (double)ll_vpa_amount(p * unit) / unit,
                           cost_check_number(c, expect, NAN),
                           cost_check_number(c, "max_rel_error", REL), 0);
}

struct estimate {
    const json_t *c;
    double confidence;
    bool confident; /* the case multiplies by it */
};

/* base in whole amounts, as the original's estimators pass it on. */
static int64_t estimate(const struct estimate *e, double base, double least, double share)
{
    int64_t amount = ll_vpa_amount(base);
    if (e->confident)
        amount = ll_vpa_confident(amount, cost_check_number(e->c, "multiplier", 0),
                                  cost_check_number(e->c, "exponent", 0), e->confidence);
    return LL_MAX(amount, ll_vpa_scale(ll_vpa_amount(least), share));
}

static bool same_amount(const json_t *c, const char *key, int64_t got, double unit)
{
    return !cost_check_has(c, key) ||
           cost_check_near(key, (double)got, round(cost_check_number(c, key, NAN) * unit), 0, 0);
}

static bool run_estimator(const json_t *c)
{
    if (cost_check_has(c, "cpu_samples_cores"))
        return same_percentile(c, "cpu_samples_cores", "cpu_percentile", "expect_cpu_cores",
                               ll_vpa_histogram_cpu(), 1000) &&
               same_percentile(c, "mem_samples", "mem_percentile", "expect_mem",
                               ll_vpa_histogram_memory(), 1);
    const double n = cost_check_number(c, "samples", 0);
    const double gap = cost_check_number(c, "sample_gap_min", 0);
    const double interval = cost_check_number(c, "interval_min", 1440);
    const struct estimate e = {
        .c = c,
        .confidence = ll_vpa_confidence(n > 0 ? 0 : LL_TIME_NONE, seconds(60 * gap * (n - 1)),
                                        (int64_t)n, seconds(60 * interval)),
        .confident = cost_check_has(c, "multiplier"),
    };
    const double share = 1 / cost_check_number(c, "containers", 1);
    const double least_cpu = fmax(cost_check_number(c, "min_cpu_cores", 0) * 1000,
                                  cost_check_number(c, "pod_min_cpu_mcores", 0));
    const double least_memory =
        fmax(cost_check_number(c, "min_mem", 0), cost_check_number(c, "pod_min_mem_mib", 0) * MIB);
    const int64_t cpu =
        estimate(&e, cost_check_number(c, "base_cpu_cores", 0) * 1000, least_cpu, share);
    const int64_t memory = estimate(&e, cost_check_number(c, "base_mem", 0), least_memory, share);
    if (cost_check_has(c, "expect_confidence") &&
        !cost_check_near("confidence", e.confidence, cost_check_number(c, "expect_confidence", NAN),
                         REL, 0))
        return false;
    return same_amount(c, "expect_cpu_cores", cpu, 1000) &&
           same_amount(c, "expect_cpu_amount", cpu, 1) &&
           same_amount(c, "expect_cpu_mcores", cpu, 1) && same_amount(c, "expect_mem", memory, 1);
}

static bool same_multiplier(const json_t *c, const char *key, double k, double exponent,
                            double confidence)
{
    const int64_t unit = (int64_t)1e12;
    return !cost_check_has(c, key) ||
           cost_check_near(key, (double)ll_vpa_confident(unit, k, exponent, confidence) / 1e12,
                           cost_check_number(c, key, NAN), REL, 2e-12);
}

static bool run_multiplier(const json_t *c)
{
    const double minutes =
        cost_check_number(c, "history_minutes", cost_check_number(c, "history_days", NAN) * 1440);
    const double confidence = ll_vpa_confidence(0, seconds(minutes * 60), (int64_t)minutes, LL_DAY);
    return same_multiplier(c, "upper", 1, 1, confidence) &&
           same_multiplier(c, "lower", 0.001, -2, confidence);
}

static bool cpu_value(const json_t *g, size_t i, double *out)
{
    const char *name = cost_check_text(g, "generator");
    *out = cost_check_number(g, "value", NAN);
    if (strcmp(name, "constant") == 0)
        return true;
    *out = i % 20 == 0 ? 4 : 0.2;
    return strcmp(name, "every_20th_4_else_0.2") == 0 ||
           cost_check_fail("the generator '%s' is not known here", name);
}

static bool feed_cpu(struct ll_vpa *v, const json_t *g)
{
    const double start = cost_check_number(g, "start_s", 0), n = cost_check_number(g, "count", 0);
    for (size_t i = 0; (double)i < n; i++) {
        double value;
        if (!cpu_value(g, i, &value))
            return false;
        const double t = start + (double)i * cost_check_number(g, "step_s", 60);
        if (!ll_vpa_cpu(v, seconds(t), value))
            return cost_check_fail("CPU sample %zu is refused", i);
    }
    return true;
}

static struct ll_vpa_config read_config(const json_t *d)
{
    struct ll_vpa_config c = ll_vpa_config_default();
    const json_t *p = get(d, "percentiles");
    if (json_array_size(p) == 3) {
        c.cpu_lower = c.memory_lower = at(p, 0);
        c.cpu_target = c.memory_target = at(p, 1);
        c.cpu_upper = c.memory_upper = at(p, 2);
    }
    c.margin_ratio = cost_check_number(d, "margin", c.margin_ratio);
    c.cpu_interval = c.memory_interval =
        seconds(3600 * cost_check_number(d, "confidence_interval_h", 24));
    c.pod_min_millicores = cost_check_number(d, "min_cpu_mcores", c.pod_min_millicores);
    c.pod_min_mib = cost_check_number(d, "min_mem_mib", c.pod_min_mib);
    return c;
}

static bool same_bound(const json_t *expect, const char *which, int64_t cpu, int64_t memory)
{
    const json_t *b = get(expect, which);
    char what[2][40];
    snprintf(what[0], sizeof(what[0]), "%s CPU", which);
    snprintf(what[1], sizeof(what[1]), "%s memory", which);
    return cost_check_near(what[0], (double)cpu, cost_check_number(b, "cpu_mcores", NAN), 0, 0) &&
           cost_check_near(what[1], (double)memory, cost_check_number(b, "memory_bytes", NAN), 0,
                           0);
}

static bool run_full(const json_t *c)
{
    static struct ll_vpa v;
    struct ll_vpa_opts o = ll_vpa_opts_default();
    struct ll_vpa_recommendation r;
    const json_t *in = get(c, "input"), *expect = get(c, "expect"), *p;
    const struct ll_vpa_config config = read_config(get(c, "defaults"));
    size_t i;
    o.cpu_half_life = o.memory_half_life =
        seconds(3600 * cost_check_number(get(c, "defaults"), "half_life_h", 24));
    ll_vpa_init(&v, &o, 0);
    if (!feed_cpu(&v, get(in, "cpu")))
        return false;
    json_array_foreach(get(in, "memory_peaks"), i, p)
    {
        if (!ll_vpa_histogram_add(&v.memory, at(p, 0), 1, seconds(at(p, 1))))
            return cost_check_fail("memory peak %zu is refused", i);
    }
    const double confidence = ll_vpa_confidence(v.first, v.last, v.samples, config.cpu_interval);
    ll_vpa_recommend(&v, &config, (size_t)cost_check_number(c, "containers", 1), &r);
    return cost_check_near("confidence", confidence, cost_check_number(c, "confidence", confidence),
                           REL, 0) &&
           same_bound(expect, "lower", r.cpu.lower, r.memory.lower) &&
           same_bound(expect, "target", r.cpu.target, r.memory.target) &&
           same_bound(expect, "upper", r.cpu.upper, r.memory.upper);
}

/* What a case of memory windows has done to the histogram so far. */
struct windows {
    struct ll_vpa_window w;
    struct ll_vpa_window_opts o;
    struct ll_vpa_change ops[WINDOW_OPS_MAX];
    size_t n;
    struct ll_err err;
};

static bool feed(struct windows *s, const char *kind, ll_time t, int64_t bytes)
{
    struct ll_vpa_change c = {0};
    const bool oom = strncmp(kind, "oom", 3) == 0;
    const bool ok = oom ? ll_vpa_window_oom(&s->w, t, bytes, &s->o, &c, &s->err)
                        : ll_vpa_window_add(&s->w, t, bytes, &s->o, &c);
    if (ok && s->n < WINDOW_OPS_MAX)
        s->ops[s->n++] = c;
    return ok || cost_check_fail("a sample at %lld s is refused", (long long)(t / LL_SECOND));
}

static bool feed_events(struct windows *s, const json_t *events)
{
    size_t i;
    const json_t *e;
    json_array_foreach(events, i, e)
    {
        const char *kind = json_string_value(json_array_get(e, 0));
        if (!kind)
            return cost_check_fail("event %zu has no kind", i);
        const double unit = strstr(kind, "mib") ? MIB : 1;
        if (!feed(s, kind, seconds(at(e, 1)), (int64_t)(at(e, 2) * unit)))
            return false;
    }
    return true;
}

static bool same_op(const json_t *wanted, size_t i, const char *name, int64_t bytes, ll_time t)
{
    const json_t *op = json_array_get(wanted, i);
    const char *want = json_string_value(json_array_get(op, 0));
    return cost_check_same("operation", name, want ? want : "none") &&
           cost_check_near("bytes", (double)bytes, at(op, 1), 0, 0) &&
           cost_check_near("time", (double)t, at(op, 2) * (double)LL_SECOND, 0, 0);
}

static bool same_ops(const struct windows *s, const json_t *wanted)
{
    size_t k = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct ll_vpa_change *c = &s->ops[i];
        if (c->removes && !same_op(wanted, k++, "sub", c->removed_bytes, c->at))
            return false;
        if (c->adds && !same_op(wanted, k++, "add", c->added_bytes, c->at))
            return false;
    }
    return cost_check_near("operations", (double)k, (double)json_array_size(wanted), 0, 0);
}

static double peak_mib(const struct windows *s)
{
    return (double)LL_MAX(s->w.peak_bytes, s->w.oom_bytes) / MIB;
}

static bool same_peaks(struct windows *s, const json_t *requests, const json_t *peaks)
{
    size_t i;
    const json_t *r;
    json_array_foreach(requests, i, r)
    {
        if (!feed(s, "oom", 0, (int64_t)(json_number_value(r) * MIB)) ||
            !cost_check_near("peak in MiB", peak_mib(s), at(peaks, i), 0, 0))
            return false;
    }
    return true;
}

static bool same_refusal(struct windows *s, const json_t *c)
{
    struct ll_vpa_change change;
    const double sample = cost_check_number(c, "sample_mib", 0) * MIB;
    if (!feed(s, "mem", 0, (int64_t)sample))
        return false;
    const bool ok = ll_vpa_window_oom(&s->w, seconds(cost_check_number(c, "oom_at_s", 0)),
                                      (int64_t)sample, &s->o, &change, &s->err);
    return cost_check_same("outcome", ok ? "kept" : "error", cost_check_text(c, "expect"));
}

static bool same_end(const struct windows *s, const json_t *c)
{
    return (!cost_check_has(c, "expect_hist_ops") || same_ops(s, get(c, "expect_hist_ops"))) &&
           (!cost_check_has(c, "expect_final_peak_mib") ||
            cost_check_near("peak in MiB", peak_mib(s),
                            cost_check_number(c, "expect_final_peak_mib", NAN), 0, 0)) &&
           (!cost_check_has(c, "expect_window_end_s") ||
            cost_check_near("window end", (double)(s->w.end / LL_SECOND),
                            cost_check_number(c, "expect_window_end_s", NAN), 0, 0));
}

static bool run_window(const json_t *c)
{
    struct windows s = {.w = LL_VPA_WINDOW_NEW, .o = ll_vpa_opts_default().window};
    if (!cost_check_keys(c, "name origin events expect_hist_ops request_mib expect_sample_mib "
                            "ooms_request_mib expect_peaks_mib sample_mib oom_at_s expect "
                            "expect_final_peak_mib expect_window_end_s note"))
        return false;
    if (cost_check_has(c, "oom_at_s"))
        return same_refusal(&s, c);
    if (cost_check_has(c, "request_mib"))
        return feed(&s, "oom", 0, (int64_t)(cost_check_number(c, "request_mib", 0) * MIB)) &&
               cost_check_near("sample in MiB", peak_mib(&s),
                               cost_check_number(c, "expect_sample_mib", NAN), 0, 0);
    return feed_events(&s, get(c, "events")) &&
           same_peaks(&s, get(c, "ooms_request_mib"), get(c, "expect_peaks_mib")) &&
           same_end(&s, c);
}

static bool run_expiry(const json_t *c)
{
    static struct ll_vpa v;
    const struct ll_vpa_opts o = ll_vpa_opts_default();
    const bool empty = json_is_true(get(c, "empty"));
    const double age = cost_check_number(c, empty ? "created_age_h" : "last_sample_age_h", NAN);
    const ll_time then = seconds(-3600 * age);
    ll_vpa_init(&v, &o, then);
    if (!empty && !ll_vpa_cpu(&v, then, 1))
        return cost_check_fail("the sample is refused");
    return cost_check_flag("expired", ll_vpa_expired(&v, 0), json_is_true(get(c, "expired")));
}

static int64_t milli(const json_t *c, const char *which, const char *resource, size_t i)
{
    const json_t *v = json_array_get(get(get(c, which), resource), i);
    return json_is_number(v) ? (int64_t)round(json_number_value(v) * 1000) : LL_VPA_UPDATE_NONE;
}

static bool run_update(const json_t *c)
{
    struct ll_vpa_update_row rows[64];
    struct ll_vpa_update u;
    size_t n = 0, resource = 0;
    const char *key;
    json_t *list;
    const json_t *expect = get(c, "expect");
    if (!cost_check_keys(c, "name origin requests targets lower upper expect note") ||
        !cost_check_keys(expect, "resource_diff scale_up outside_range"))
        return false;
    json_object_foreach((json_t *)get(c, "targets"), key, list)
    {
        for (size_t i = 0; i < json_array_size(list) && n < LL_LEN(rows); i++)
            rows[n++] = (struct ll_vpa_update_row){
                resource, milli(c, "requests", key, i), milli(c, "targets", key, i),
                milli(c, "lower", key, i), milli(c, "upper", key, i)};
        resource++;
    }
    ll_vpa_update_priority(rows, n, &u);
    return cost_check_near("resource_diff", u.difference,
                           cost_check_number(expect, "resource_diff", NAN), REL, 0) &&
           cost_check_flag("scale_up", u.grows, json_is_true(get(expect, "scale_up"))) &&
           cost_check_flag("outside_range", u.outside, json_is_true(get(expect, "outside_range")));
}

static const struct {
    const char *section, *part; /* part: where the cases are within the section, or NULL */
    bool (*run)(const json_t *c);
} kinds[] = {
    {"bucketing", NULL, run_bucketing},
    {"percentiles", NULL, run_percentiles},
    {"emptiness", NULL, run_emptiness},
    {"decaying", NULL, run_percentiles},
    {"decaying_merge", NULL, run_merge},
    {"checkpoint", NULL, run_checkpoint},
    {"estimators", "cases", run_estimator},
    {"estimators", "bounds_multipliers", run_multiplier},
    {"full_recommendation", NULL, run_full},
    {"memory_windows", "cases", run_window},
    {"expiry", NULL, run_expiry},
    {"update_priority", "cases", run_update},
};

/* A row that only words a rule is no case. */
static bool is_rule(const json_t *c)
{
    return cost_check_has(c, "rule") && !cost_check_has(c, "name");
}

int main(int argc, char **argv)
{
    json_t *root = cost_check_load(argc, argv);
    for (size_t k = 0; k < LL_LEN(kinds); k++) {
        const json_t *cases = get(root, kinds[k].section), *c;
        size_t i;
        if (kinds[k].part)
            cases = get(cases, kinds[k].part);
        json_array_foreach(cases, i, c)
        {
            if (!is_rule(c))
                cost_check_case(kinds[k].section, cost_check_name(c), kinds[k].run(c));
        }
    }
    json_decref(root);
    return cost_check_end();
}
