#include "cost/vpa_histogram.h"

#include <math.h>
#include <string.h>

enum { DECAY_EXPONENT_MAX = 100, EXPONENT_LIMIT = 100000 };

#define SAME_WEIGHT 1e-15
#define HALF_LIFE_MAX (1000 * 366 * LL_DAY)

/* The original counts nanoseconds in 64 bits: longer spans are this long. */
#define SPAN_MAX ((ll_dur)9223372036854)

static bool count_buckets(double n, size_t *out, struct ll_err *err)
{
    if (!(n <= LL_VPA_BUCKETS_MAX))
        return ll_err_set(err, LL_E_RANGE, "%g buckets are over the limit of %d", n,
                          LL_VPA_BUCKETS_MAX);
    *out = (size_t)n;
    return true;
}

bool ll_vpa_histogram_linear(double max_value, double first, double epsilon,
                             struct ll_vpa_buckets *out, struct ll_err *err)
{
    size_t n = 0;
    if (!(max_value > 0 && first > 0 && epsilon > 0))
        return ll_err_set(err, LL_E_INVALID,
                          "a histogram to %g in steps of %g with epsilon %g: all must be above 0",
                          max_value, first, epsilon);
    if (!count_buckets(ceil(max_value / first) + 1, &n, err))
        return false;
    *out = (struct ll_vpa_buckets){.n = n, .first = first, .ratio = 1, .epsilon = epsilon};
    return true;
}

bool ll_vpa_histogram_exponential(double max_value, double first, double ratio, double epsilon,
                                  struct ll_vpa_buckets *out, struct ll_err *err)
{
    size_t n = 0;
    if (!(max_value > 0 && first > 0 && ratio > 1 && epsilon > 0))
        return ll_err_set(err, LL_E_INVALID,
                          "a histogram to %g from %g with ratio %g and epsilon %g: all must be "
                          "above 0, the ratio above 1",
                          max_value, first, ratio, epsilon);
    if (!count_buckets(ceil(log(max_value * (ratio - 1) / first + 1) / log(ratio)) + 1, &n, err))
        return false;
    *out = (struct ll_vpa_buckets){.n = n, .first = first, .ratio = ratio, .epsilon = epsilon};
    return true;
}

/* epsilon: a thousandth of the least weight of a sample, 0.1. */
static struct ll_vpa_buckets own_buckets(double max_value, double first)
{
    struct ll_vpa_buckets b;
    const bool ok = ll_vpa_histogram_exponential(max_value, first, 1.05, 0.001 * 0.1, &b, NULL);
    LL_ASSERT(ok && b.n == LL_VPA_BUCKETS);
    return b;
}

struct ll_vpa_buckets ll_vpa_histogram_cpu(void)
{
    return own_buckets(1000, 0.01);
}

struct ll_vpa_buckets ll_vpa_histogram_memory(void)
{
    return own_buckets(1e12, 1e7);
}

size_t ll_vpa_histogram_bucket(const struct ll_vpa_buckets *b, double value)
{
    if (!(value >= b->first))
        return 0;
    const double i = b->ratio > 1 ? log(value * (b->ratio - 1) / b->first + 1) / log(b->ratio)
                                  : value / b->first;
    return i < (double)b->n ? (size_t)i : b->n - 1;
}

double ll_vpa_histogram_start(const struct ll_vpa_buckets *b, size_t bucket)
{
    LL_ASSERT(bucket < b->n);
    if (bucket == 0)
        return 0;
    return b->ratio > 1 ? b->first * (pow(b->ratio, (double)bucket) - 1) / (b->ratio - 1)
                        : (double)bucket * b->first;
}

void ll_vpa_histogram_init(struct ll_vpa_histogram *h, const struct ll_vpa_buckets *b,
                           ll_dur half_life, double *weight)
{
    LL_ASSERT(b->n > 0 && half_life >= 0 && half_life <= HALF_LIFE_MAX);
    memset(weight, 0, b->n * sizeof(*weight));
    *h = (struct ll_vpa_histogram){.buckets = *b,
                                   .weight = weight,
                                   .min = b->n - 1,
                                   .half_life = half_life,
                                   .reference = LL_TIME_MIN};
}

void ll_vpa_histogram_shrink(struct ll_vpa_histogram *h)
{
    while (h->weight[h->min] < h->buckets.epsilon && h->min < h->buckets.n - 1)
        h->min++;
    while (h->weight[h->max] < h->buckets.epsilon && h->max > 0)
        h->max--;
}

static void scale(struct ll_vpa_histogram *h, double factor)
{
    for (size_t i = 0; i < h->buckets.n; i++) /* those below epsilon as well */
        h->weight[i] *= factor;
    h->total *= factor;
    ll_vpa_histogram_shrink(h);
}

/* Halves go up; the count begins in year 1. */
static ll_time whole_half_life(const struct ll_vpa_histogram *h, ll_time t)
{
    const ll_dur since = t - LL_TIME_MIN, rest = since % h->half_life;
    return rest < h->half_life - rest ? t - rest : t - rest + h->half_life;
}

static void move_reference(struct ll_vpa_histogram *h, ll_time t)
{
    const ll_time to = whole_half_life(h, t);
    const ll_dur span = LL_MAX(LL_MIN(h->reference - to, SPAN_MAX), -SPAN_MAX);
    const double exponent = floor((double)span / (double)h->half_life + 0.5);
    scale(h, ldexp(1, (int)fmax(fmin(exponent, EXPONENT_LIMIT), -EXPONENT_LIMIT)));
    h->reference = to;
}

static double decay(struct ll_vpa_histogram *h, ll_time t)
{
    if (h->half_life == 0)
        return 1;
    if (t - h->reference > DECAY_EXPONENT_MAX * h->half_life)
        move_reference(h, t);
    return exp2((double)(t - h->reference) / (double)h->half_life);
}

static bool usable(const struct ll_vpa_histogram *h, double value, double weight, ll_time t)
{
    return isfinite(value) && isfinite(weight) && weight >= 0 &&
           (h->half_life == 0 || (t >= LL_TIME_MIN && t <= LL_TIME_MAX));
}

bool ll_vpa_histogram_add(struct ll_vpa_histogram *h, double value, double weight, ll_time t)
{
    if (!usable(h, value, weight, t))
        return false;
    const double w = weight * decay(h, t);
    if (!isfinite(h->total + w))
        return false;
    const size_t i = ll_vpa_histogram_bucket(&h->buckets, value);
    h->weight[i] += w;
    h->total += w;
    if (h->weight[i] >= h->buckets.epsilon) {
        h->min = LL_MIN(h->min, i);
        h->max = LL_MAX(h->max, i);
    }
    return true;
}

static double less(double value, double by, double epsilon)
{
    value -= by;
    return value < epsilon ? 0 : value;
}

bool ll_vpa_histogram_subtract(struct ll_vpa_histogram *h, double value, double weight, ll_time t)
{
    if (!usable(h, value, weight, t))
        return false;
    const double w = weight * decay(h, t);
    if (!isfinite(w))
        return false;
    const size_t i = ll_vpa_histogram_bucket(&h->buckets, value);
    h->total = less(h->total, w, h->buckets.epsilon);
    h->weight[i] = less(h->weight[i], w, h->buckets.epsilon);
    ll_vpa_histogram_shrink(h);
    return true;
}

static bool same_buckets(const struct ll_vpa_buckets *a, const struct ll_vpa_buckets *b)
{
    return a->n == b->n && a->first == b->first && a->ratio == b->ratio && a->epsilon == b->epsilon;
}

bool ll_vpa_histogram_merge(struct ll_vpa_histogram *h, struct ll_vpa_histogram *other,
                            struct ll_err *err)
{
    if (!same_buckets(&h->buckets, &other->buckets))
        return ll_err_set(err, LL_E_INVALID, "histograms of %zu and %zu buckets cannot be merged",
                          h->buckets.n, other->buckets.n);
    if (h->half_life != other->half_life)
        return ll_err_set(err, LL_E_INVALID,
                          "histograms with half-lives of %lld and %lld ms cannot be merged",
                          (long long)h->half_life, (long long)other->half_life);
    if (h->half_life > 0 && h->reference < other->reference)
        move_reference(h, other->reference);
    else if (h->half_life > 0 && other->reference < h->reference)
        move_reference(other, h->reference);
    for (size_t i = other->min; i <= other->max; i++)
        h->weight[i] += other->weight[i];
    h->total += other->total;
    h->min = LL_MIN(h->min, other->min);
    h->max = LL_MAX(h->max, other->max);
    return true;
}

bool ll_vpa_histogram_empty(const struct ll_vpa_histogram *h)
{
    return h->weight[h->min] < h->buckets.epsilon;
}

double ll_vpa_histogram_percentile(const struct ll_vpa_histogram *h, double p)
{
    if (ll_vpa_histogram_empty(h))
        return 0;
    const double threshold = p * h->total;
    double sum = 0;
    size_t i = h->min;
    for (; i < h->max; i++) {
        sum += h->weight[i];
        if (sum >= threshold)
            break;
    }
    return ll_vpa_histogram_start(&h->buckets, LL_MIN(i + 1, h->buckets.n - 1));
}

bool ll_vpa_histogram_equal(const struct ll_vpa_histogram *a, const struct ll_vpa_histogram *b)
{
    if (!same_buckets(&a->buckets, &b->buckets) || a->half_life != b->half_life ||
        a->reference != b->reference || a->min != b->min || a->max != b->max)
        return false;
    for (size_t i = a->min; i <= a->max; i++) {
        if (!(fabs(a->weight[i] - b->weight[i]) <= SAME_WEIGHT))
            return false;
    }
    return true;
}
