#include "cost/vpa.h"

#include <math.h>

/* How far the bounds are widened while little is known. */
#define UPPER_MULTIPLIER 1.0
#define UPPER_EXPONENT 1.0
#define LOWER_MULTIPLIER 0.001
#define LOWER_EXPONENT -2.0
#define MIB (1024.0 * 1024.0)

int64_t ll_vpa_amount(double x)
{
    if (x > (double)LL_VPA_AMOUNT_MAX)
        return LL_VPA_AMOUNT_MAX;
    return x > 0 ? (int64_t)x : 0;
}

int64_t ll_vpa_scale(int64_t amount, double factor)
{
    return ll_vpa_amount((double)amount * factor);
}

int64_t ll_vpa_margin(int64_t amount, double fraction)
{
    return amount + ll_vpa_scale(amount, fraction);
}

int64_t ll_vpa_confident(int64_t amount, double multiplier, double exponent, double confidence)
{
    return ll_vpa_scale(amount, pow(1 + multiplier / confidence, exponent));
}

double ll_vpa_confidence(ll_time first, ll_time last, int64_t samples, ll_dur interval)
{
    LL_ASSERT(interval > 0);
    const double span = first == LL_TIME_NONE ? 0 : (double)(last - first) / (double)interval;
    const double minutes = (double)interval / (double)LL_MINUTE;
    return fmin(span, (double)samples / minutes);
}

struct ll_vpa_opts ll_vpa_opts_default(void)
{
    return (struct ll_vpa_opts){
        .cpu_half_life = LL_DAY,
        .memory_half_life = LL_DAY,
        .window = {.interval = LL_DAY, .oom_ratio = 1.2, .oom_min_bytes = 100 * MIB},
        .window_count = 8,
    };
}

void ll_vpa_init(struct ll_vpa *v, const struct ll_vpa_opts *o, ll_time created)
{
    const struct ll_vpa_buckets cpu = ll_vpa_histogram_cpu(), memory = ll_vpa_histogram_memory();
    v->opts = *o;
    v->window = LL_VPA_WINDOW_NEW;
    v->first = v->last = LL_TIME_NONE;
    v->created = created;
    v->samples = 0;
    ll_vpa_histogram_init(&v->cpu, &cpu, o->cpu_half_life, v->cpu_weight);
    ll_vpa_histogram_init(&v->memory, &memory, o->memory_half_life, v->memory_weight);
}

bool ll_vpa_cpu(struct ll_vpa *v, ll_time t, double cores)
{
    if (!(isfinite(cores) && cores >= 0) || (v->last != LL_TIME_NONE && t <= v->last))
        return false;
    const double whole = (double)ll_vpa_amount(cores * 1000) / 1000;
    if (!ll_vpa_histogram_add(&v->cpu, whole, LL_VPA_SAMPLE_WEIGHT, t))
        return false;
    v->first = v->first == LL_TIME_NONE ? t : v->first;
    v->last = t;
    v->samples++;
    return true;
}

static void apply(struct ll_vpa *v, const struct ll_vpa_change *c)
{
    if (c->removes)
        ll_vpa_histogram_subtract(&v->memory, (double)c->removed_bytes, 1, c->at);
    if (c->adds)
        ll_vpa_histogram_add(&v->memory, (double)c->added_bytes, 1, c->at);
}

bool ll_vpa_memory(struct ll_vpa *v, ll_time t, int64_t bytes)
{
    struct ll_vpa_change c;
    const bool taken = ll_vpa_window_add(&v->window, t, bytes, &v->opts.window, &c);
    apply(v, &c);
    return taken;
}

bool ll_vpa_oom(struct ll_vpa *v, ll_time t, int64_t request_bytes, struct ll_err *err)
{
    struct ll_vpa_change c;
    if (!ll_vpa_window_oom(&v->window, t, request_bytes, &v->opts.window, &c, err))
        return false;
    apply(v, &c);
    return true;
}

bool ll_vpa_merge(struct ll_vpa *v, struct ll_vpa *other, struct ll_err *err)
{
    if (v->memory.half_life != other->memory.half_life)
        return ll_err_set(err, LL_E_INVALID, "the half-lives of memory differ");
    if (!ll_vpa_histogram_merge(&v->cpu, &other->cpu, err) ||
        !ll_vpa_histogram_merge(&v->memory, &other->memory, err))
        return false;
    if (v->first == LL_TIME_NONE || (other->first != LL_TIME_NONE && other->first < v->first))
        v->first = other->first;
    v->last = LL_MAX(v->last, other->last);
    v->samples += other->samples;
    return true;
}

bool ll_vpa_expired(const struct ll_vpa *v, ll_time now)
{
    const ll_time since = v->samples == 0 ? v->created : v->last;
    return now - since >= v->opts.window.interval * v->opts.window_count;
}

struct ll_vpa_config ll_vpa_config_default(void)
{
    return (struct ll_vpa_config){
        .cpu_lower = 0.5,
        .cpu_target = 0.9,
        .cpu_upper = 0.95,
        .memory_lower = 0.5,
        .memory_target = 0.9,
        .memory_upper = 0.95,
        .margin_ratio = 0.15,
        .cpu_interval = LL_DAY,
        .memory_interval = LL_DAY,
        .pod_min_millicores = 25,
        .pod_min_mib = 250,
    };
}

static int64_t estimate(const struct ll_vpa_histogram *h, double p, double unit, double margin)
{
    return ll_vpa_margin(ll_vpa_amount(ll_vpa_histogram_percentile(h, p) * unit), margin);
}

static struct ll_vpa_bounds bounds(int64_t lower, int64_t target, int64_t upper, double confidence,
                                   int64_t least)
{
    lower = ll_vpa_confident(lower, LOWER_MULTIPLIER, LOWER_EXPONENT, confidence);
    upper = ll_vpa_confident(upper, UPPER_MULTIPLIER, UPPER_EXPONENT, confidence);
    return (struct ll_vpa_bounds){LL_MAX(lower, least), LL_MAX(target, least),
                                  LL_MAX(upper, least)};
}

void ll_vpa_recommend(const struct ll_vpa *v, const struct ll_vpa_config *c, size_t containers,
                      struct ll_vpa_recommendation *out)
{
    LL_ASSERT(containers > 0);
    const double share = 1 / (double)containers, m = c->margin_ratio, milli = 1000;
    const int64_t least_cpu =
        ll_vpa_scale(ll_vpa_amount(c->pod_min_millicores * 0.001 * milli), share);
    const int64_t least_memory = ll_vpa_scale(ll_vpa_amount(c->pod_min_mib * MIB), share);
    out->cpu = bounds(estimate(&v->cpu, c->cpu_lower, milli, m),
                      estimate(&v->cpu, c->cpu_target, milli, m),
                      estimate(&v->cpu, c->cpu_upper, milli, m),
                      ll_vpa_confidence(v->first, v->last, v->samples, c->cpu_interval), least_cpu);
    out->memory = bounds(
        estimate(&v->memory, c->memory_lower, 1, m), estimate(&v->memory, c->memory_target, 1, m),
        estimate(&v->memory, c->memory_upper, 1, m),
        ll_vpa_confidence(v->first, v->last, v->samples, c->memory_interval), least_memory);
}
