#include "scaling/hpa.h"

#include <math.h>

/* What goes into a ratio: samples of pods that count, and how the others would be filled in. */
struct tally {
    size_t ready, unready, missing;
    size_t samples; /* of pods that are ready or not listed */
    size_t matched; /* of those with a request */
    int64_t usage, request;
    int64_t missing_request, unready_request;
};

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (b > 0 ? INT64_MAX : INT64_MIN) : sum;
}

/* As a conversion to int32 that saturates. */
static int32_t ceil_int(double v)
{
    return v >= INT32_MAX ? INT32_MAX : v <= INT32_MIN ? INT32_MIN : (int32_t)ceil(v);
}

static bool within(const struct ll_hpa_opts *o, double ratio)
{
    return 1 - o->tolerance_down <= ratio && ratio <= 1 + o->tolerance_up;
}

static bool starting(const struct ll_hpa_pod *p, const struct ll_hpa_opts *o)
{
    if (p->ready == LL_POD_READY_UNKNOWN || p->start == LL_TIME_NONE)
        return true;
    if (p->start + o->startup > o->now)
        return p->ready == LL_POD_NOT_READY || p->sample_t < p->last_transition + p->sample_window;
    return p->ready == LL_POD_NOT_READY && p->start + o->readiness > p->last_transition;
}

enum ll_hpa_group ll_hpa_group(const struct ll_hpa_pod *p, bool cpu, const struct ll_hpa_opts *o)
{
    if (p->deleting || p->phase == LL_POD_FAILED)
        return LL_HPA_IGNORED;
    if (p->phase == LL_POD_PENDING)
        return LL_HPA_UNREADY;
    if (!p->has_sample)
        return LL_HPA_MISSING;
    return cpu && starting(p, o) ? LL_HPA_UNREADY : LL_HPA_READY;
}

static void count_sample(struct tally *t, const struct ll_hpa_pod *p)
{
    t->samples++;
    t->matched++;
    t->usage = add(t->usage, p->usage);
    t->request = add(t->request, p->request);
}

static void count(struct tally *t, const struct ll_hpa_pod *p, enum ll_hpa_group group)
{
    switch (group) {
    case LL_HPA_READY:
        t->ready++;
        count_sample(t, p);
        break;
    case LL_HPA_UNREADY:
        t->unready++;
        t->unready_request = add(t->unready_request, p->request);
        break;
    case LL_HPA_MISSING:
        t->missing++;
        t->missing_request = add(t->missing_request, p->request);
        break;
    default: /* LL_HPA_IGNORED */
        break;
    }
}

static bool tally_pods(const struct ll_hpa_metric *m, const struct ll_hpa_opts *o, bool requests,
                       struct tally *t, struct ll_err *err)
{
    size_t listed = 0;
    for (size_t i = 0; i < m->n_pods; i++) {
        const struct ll_hpa_pod *p = &m->pods[i];
        if (p->phase == LL_POD_UNLISTED) {
            t->samples++;
            /* Its value counts where there are no requests to match it with. */
            if (!requests)
                t->usage = add(t->usage, p->usage);
            continue;
        }
        if (requests && !p->has_request)
            return ll_err_set(err, LL_E_SHORT, "missing request for a container of pod %zu", i);
        listed++;
        count(t, p, ll_hpa_group(p, m->cpu, o));
    }
    if (listed == 0)
        return ll_err_set(err, LL_E_SHORT,
                          "no pods returned by selector while calculating replica count");
    if (t->samples == 0)
        return ll_err_set(err, LL_E_SHORT,
                          "did not receive metrics for targeted pods (pods might be unready)");
    return true;
}

/* v x by_this / over, without overflow on the way; saturates. */
static int64_t times(int64_t v, int64_t by_this, int64_t over)
{
    int64_t whole, rest;
    if (__builtin_mul_overflow(v / over, by_this, &whole) ||
        __builtin_mul_overflow(v % over, by_this, &rest))
        return INT64_MAX;
    return add(whole, rest / over);
}

/* Whole percent first, as the controller has it: 55.9 % of a target of 55 % is within 0 %. */
static double utilization(const struct tally *t, int64_t target, int32_t *pct)
{
    const int64_t whole = times(t->usage, 100, t->request ? t->request : 1);
    *pct = whole > INT32_MAX ? INT32_MAX : (int32_t)whole;
    return (double)*pct / (double)target;
}

static double average(const struct tally *t, int64_t target, int64_t *mean)
{
    *mean = t->usage / (int64_t)t->samples; /* there is one: tally_pods */
    return (double)*mean / (double)target;
}

static double ratio_of(const struct ll_hpa_metric *m, const struct tally *t)
{
    int32_t pct;
    int64_t mean;
    return m->goal == LL_HPA_UTILIZATION ? utilization(t, m->target, &pct)
                                         : average(t, m->target, &mean);
}

/* What the pods that tell nothing are taken to use: enough to hold a scale-in, nothing to justify
 * a scale-out. */
static void fill_missing(const struct ll_hpa_metric *m, double ratio, struct tally *t)
{
    if (ratio == 1)
        return;
    t->samples += t->missing;
    t->request = add(t->request, t->missing_request);
    if (ratio > 1)
        return;
    if (m->goal != LL_HPA_UTILIZATION) {
        for (size_t i = 0; i < t->missing; i++)
            t->usage = add(t->usage, m->target);
        return;
    }
    const int64_t pct = m->target > 100 ? m->target : 100;
    t->usage = add(t->usage, times(t->missing_request, pct, 100));
}

static int32_t refilled(const struct ll_hpa_metric *m, struct tally t, double ratio,
                        int32_t current, const struct ll_hpa_opts *o)
{
    const bool up_with_unready = t.unready > 0 && ratio > 1;
    if (t.missing > 0)
        fill_missing(m, ratio, &t);
    if (up_with_unready) {
        t.samples += t.unready;
        t.request = add(t.request, t.unready_request);
    }
    const double again = ratio_of(m, &t);
    if (within(o, again) || (ratio < 1 && again > 1) || (ratio > 1 && again < 1))
        return current;
    const int32_t replicas = ceil_int(again * (double)t.samples);
    if ((again < 1 && replicas > current) || (again > 1 && replicas < current))
        return current;
    return replicas;
}

static int32_t of_pods(const struct ll_hpa_metric *m, const struct tally *t, double ratio,
                       int32_t current, const struct ll_hpa_opts *o)
{
    if (t->missing > 0 || (t->unready > 0 && ratio > 1))
        return refilled(m, *t, ratio, current, o);
    return within(o, ratio) ? current : ceil_int(ratio * (double)t->ready);
}

static bool per_pod(const struct ll_hpa_metric *m, int32_t current, const struct ll_hpa_opts *o,
                    struct ll_hpa_answer *out, struct ll_err *err)
{
    const bool requests = m->goal == LL_HPA_UTILIZATION;
    struct tally t = {0};
    if (!tally_pods(m, o, requests, &t, err))
        return false;
    struct ll_hpa_answer a = {.has_utilization = requests};
    double ratio;
    if (requests) {
        if (t.request == 0)
            return ll_err_set(err, LL_E_SHORT, "no metrics returned matched known pods");
        ratio = utilization(&t, m->target, &a.utilization_pct);
        a.usage = t.usage / (int64_t)t.matched;
    } else {
        ratio = average(&t, m->target, &a.usage);
    }
    a.replicas = of_pods(m, &t, ratio, current, o);
    *out = a;
    return true;
}

static bool ready_pods(const struct ll_hpa_metric *m, size_t *out, struct ll_err *err)
{
    size_t listed = 0, ready = 0;
    for (size_t i = 0; i < m->n_pods; i++) {
        const struct ll_hpa_pod *p = &m->pods[i];
        listed += p->phase != LL_POD_UNLISTED;
        ready += p->phase == LL_POD_RUNNING && p->ready == LL_POD_READY;
    }
    if (listed == 0)
        return ll_err_set(err, LL_E_SHORT,
                          "unable to calculate ready pods: no pods returned by selector while "
                          "calculating replica count");
    *out = ready;
    return true;
}

/* From zero there is no tolerance: any load brings an instance. */
static bool of_value(const struct ll_hpa_metric *m, int64_t usage, int32_t current,
                     const struct ll_hpa_opts *o, struct ll_hpa_answer *out, struct ll_err *err)
{
    const double ratio = (double)usage / (double)m->target;
    int32_t replicas = current;
    if (current == 0) {
        replicas = ceil_int(ratio);
    } else if (!within(o, ratio)) {
        size_t ready = 0;
        if (!ready_pods(m, &ready, err))
            return false;
        replicas = ceil_int(ratio * (double)ready);
    }
    *out = (struct ll_hpa_answer){.replicas = replicas, .usage = usage};
    return true;
}

static int64_t share(int64_t usage, int32_t observed)
{
    if (usage == INT64_MAX || observed == 0)
        return observed == 0 && usage != INT64_MAX ? 0 : INT64_MAX;
    return (int64_t)ceil((double)usage / (double)observed);
}

static bool of_average(const struct ll_hpa_metric *m, int64_t usage, int32_t observed,
                       const struct ll_hpa_opts *o, struct ll_hpa_answer *out)
{
    const double ratio = (double)usage / ((double)m->target * (double)observed);
    *out = (struct ll_hpa_answer){
        .replicas = within(o, ratio) ? observed : ceil_int((double)usage / (double)m->target),
        .usage = share(usage, observed),
    };
    return true;
}

static bool of_object(const struct ll_hpa_metric *m, int32_t current, int32_t observed,
                      const struct ll_hpa_opts *o, struct ll_hpa_answer *out, struct ll_err *err)
{
    int64_t usage = 0;
    for (size_t i = 0; i < m->n_values; i++)
        usage = add(usage, m->values[i]);
    return m->goal == LL_HPA_VALUE ? of_value(m, usage, current, o, out, err)
                                   : of_average(m, usage, observed, o, out);
}

static bool has_samples(const struct ll_hpa_metric *m)
{
    if (m->source == LL_HPA_OBJECT || m->source == LL_HPA_EXTERNAL)
        return m->n_values > 0;
    for (size_t i = 0; i < m->n_pods; i++) {
        if (m->pods[i].has_sample || m->pods[i].phase == LL_POD_UNLISTED)
            return true;
    }
    return false;
}

static const char *api_of(enum ll_hpa_source source)
{
    switch (source) {
    case LL_HPA_RESOURCE:
        return "resource";
    case LL_HPA_EXTERNAL:
        return "external";
    default:
        return "custom";
    }
}

bool ll_hpa_replicas(const struct ll_hpa_metric *m, int32_t current, int32_t observed,
                     const struct ll_hpa_opts *o, struct ll_hpa_answer *out, struct ll_err *err)
{
    if (m->source == LL_HPA_INVALID)
        return ll_err_set(err, LL_E_INVALID, "unknown metric source type");
    if (m->failed)
        return ll_err_set(err, LL_E_UNREACHABLE, "unable to get metric: the %s metrics API failed",
                          api_of(m->source));
    if (!has_samples(m))
        return ll_err_set(err, LL_E_SHORT,
                          "unable to get metrics: no metrics returned from %s metrics API",
                          api_of(m->source));
    return m->source == LL_HPA_OBJECT || m->source == LL_HPA_EXTERNAL
               ? of_object(m, current, observed, o, out, err)
               : per_pod(m, current, o, out, err);
}
