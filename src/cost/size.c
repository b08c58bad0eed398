#include "cost/size.h"

#include <math.h>

#include "base/defs.h"
#include "cost/size_scan.h"

#define MIB (1024.0 * 1024.0)
#define OVER 0.9
#define UNDER 1.1
#define STANDARD_PEAK 0.7

const char *ll_size_term_name(enum ll_size_term t)
{
#define X(member, name) name,
    static const char *const names[] = {LL_SIZE_TERM_TABLE(X)};
#undef X
    return (size_t)t < LL_LEN(names) ? names[t] : "?";
}

struct ll_size_opts ll_size_opts_default(enum ll_resource_type type)
{
    const bool bytes = type == LL_RESOURCE_MEMORY || type == LL_RESOURCE_DISK;
    const double quantum = type == LL_RESOURCE_CPU ? 0.001 : bytes ? MIB : 1;
    return (struct ll_size_opts){
        .q = bytes ? 1 : 0.95,
        .headroom = bytes ? 0.20 : 0.15,
        .quantum = quantum,
        .floor = type == LL_RESOURCE_CPU      ? 0.01
                 : type == LL_RESOURCE_MEMORY ? 100 * MIB
                                              : quantum,
        .max_shrink = 0.5,
        .hysteresis = 0.1,
        .min_span_hours = 30,
        .min_samples = 100,
        .saturated_at = 0.98,
        .saturated_share = 0.01,
        .saturated_growth = 1.5,
        .oom_ratio = 1.2,
        .oom_more = 100 * MIB,
        .oom_cap = 2,
        .oom_expiry = 8 * LL_DAY,
        .tier = LL_TIER_STANDARD,
        .base_of_peaks = bytes,
    };
}

double ll_size_at_target(double use, double target)
{
    LL_ASSERT(target > 0);
    return use / target;
}

enum ll_confidence ll_size_level(double confidence)
{
    if (confidence >= 0.8)
        return LL_CONFIDENCE_HIGH;
    if (confidence >= 0.5)
        return LL_CONFIDENCE_MEDIUM;
    return confidence > 0 ? LL_CONFIDENCE_LOW : LL_CONFIDENCE_NONE;
}

/* A rounding above a whole multiple is one. */
static double round_up(double x, double quantum)
{
    return ceil(x / quantum - 1e-9) * quantum;
}

/* The largest term so far; of equal ones the first. */
struct most {
    double value; /* NaN before one */
    enum ll_size_term term;
};

static void at_least(struct most *m, double value, enum ll_size_term term)
{
    if (!isfinite(value) || value <= m->value)
        return;
    m->value = value;
    m->term = term;
}

static bool has_oom(const struct ll_size_input *in, const struct ll_size_opts *o)
{
    return in->oom_used > 0 && in->oom_age >= 0 && in->oom_age < o->oom_expiry;
}

static double oom_base(const struct ll_size_input *in, const struct ll_size_opts *o,
                       const struct ll_size_seen *s)
{
    const double raised = fmax(in->oom_used * o->oom_ratio, in->oom_used + o->oom_more);
    /* So that one end by lack of memory does not feed the next. */
    const double cap = o->oom_cap * fmax(s->peak, in->oom_used);
    return o->oom_cap > 0 ? fmin(raised, cap) : raised;
}

static double peak_factor(const struct ll_size_opts *o)
{
    if (o->tier == LL_TIER_CRITICAL)
        return 1 + o->headroom;
    return o->tier == LL_TIER_STANDARD ? STANDARD_PEAK : 0;
}

static double regulatory(const struct ll_size_input *in, const struct ll_size_seen *s)
{
    const double given = in->regulatory > 0 ? in->regulatory : NAN;
    if (!(in->regulatory_multiple > 0))
        return given;
    return fmax(given, in->regulatory_multiple * fmax(s->peak, in->historical_peak));
}

static double saturated(const struct ll_size_input *in, const struct ll_size_opts *o,
                        const struct ll_size_seen *s)
{
    double reached = in->throttled ? in->current : NAN;
    if (s->saturated >= o->saturated_share)
        reached = fmax(reached, s->saturated_highest);
    return reached * o->saturated_growth;
}

/* What ordinary use asks for. */
static void want_base(const struct ll_size_input *in, const struct ll_size_opts *o, double use,
                      double spare, struct most *m)
{
    if (in->horizontal.target > 0)
        at_least(m, ll_size_at_target(use, in->horizontal.target) * spare, LL_SIZE_HORIZONTAL);
    else if (in->vpa > 0)
        at_least(m, in->vpa * spare, LL_SIZE_VPA);
    else
        at_least(m, use * (1 + o->headroom) * spare, LL_SIZE_BASE);
}

static double spare_of(const struct ll_size_opts *o)
{
    return o->zones > 1 ? (double)o->zones / (double)(o->zones - 1) : 1;
}

/* Demand that more instances would meet as well. */
static void want_demand(const struct ll_size_input *in, const struct ll_size_opts *o,
                        const struct ll_size_seen *s, struct most *m)
{
    const double spare = spare_of(o);
    want_base(in, o, s->base, spare, m);
    at_least(m, s->peak * peak_factor(o) * spare, LL_SIZE_PEAK);
    if (in->forecast > 0)
        at_least(m, in->forecast * spare, LL_SIZE_FORECAST);
}

/* What no number of instances does away with. */
static void want_each(const struct ll_size_input *in, const struct ll_size_opts *o,
                      const struct ll_size_seen *s, struct most *m)
{
    if (has_oom(in, o))
        at_least(m, oom_base(in, o, s) * (1 + o->headroom) * spare_of(o), LL_SIZE_OOM);
    at_least(m, regulatory(in, s), LL_SIZE_REGULATORY);
    at_least(m, saturated(in, o, s), LL_SIZE_SATURATION);
    if (!isnan(m->value))
        at_least(m, o->floor, LL_SIZE_FLOOR);
}

static void round_most(const struct ll_size_opts *o, struct most *m)
{
    if (!isnan(m->value))
        m->value = round_up(m->value, o->quantum);
}

/* A horizontal rule meets demand with more instances, and has fewer before this shrinks. */
static struct most leave_to_rule(const struct ll_size_input *in, const struct ll_size_opts *o,
                                 const struct ll_size_seen *s)
{
    struct most m = {.value = NAN};
    want_demand(in, o, s, &m);
    if (m.value > in->current && !in->horizontal.at_max)
        m = (struct most){in->current, LL_SIZE_HORIZONTAL};
    want_each(in, o, s, &m);
    if (m.value < in->current && !in->horizontal.at_min)
        return (struct most){in->current, LL_SIZE_HORIZONTAL};
    if (m.value != in->current)
        round_most(o, &m);
    return m;
}

static void keep(struct ll_size *out, double current, enum ll_size_term why)
{
    out->recommended = current;
    out->bound = why;
}

/* Without data it would shrink on nothing; otherwise not by too much at once. */
static void shrink(const struct ll_size_opts *o, double current, struct ll_size *out)
{
    const double least = round_up(current * (1 - o->max_shrink), o->quantum);
    if (least > out->recommended)
        keep(out, LL_MIN(least, current), LL_SIZE_MAX_SHRINK);
}

static void classify(const struct ll_size_input *in, const struct ll_size_opts *o,
                     struct ll_size *out)
{
    const double a = in->current;
    const bool young = out->samples < o->min_samples || out->span_hours < o->min_span_hours;
    if (out->recommended > UNDER * a) {
        out->sizing = LL_SIZING_UNDER_PROVISIONED;
    } else if (young) {
        out->sizing = LL_SIZING_INSUFFICIENT_DATA;
        keep(out, a, LL_SIZE_TOO_LITTLE);
    } else if (out->recommended < OVER * a) {
        out->sizing = LL_SIZING_OVER_PROVISIONED;
        shrink(o, a, out);
    } else {
        out->sizing = LL_SIZING_OPTIMIZED;
    }
    if (out->recommended != a && fabs(out->recommended - a) < o->hysteresis * a)
        keep(out, a, LL_SIZE_HYSTERESIS);
}

/* The law knows neither hysteresis nor lack of data. */
static void obey(const struct ll_size_input *in, const struct ll_size_opts *o,
                 const struct ll_size_seen *s, struct ll_size *out)
{
    const double least = regulatory(in, s);
    if (isfinite(least) && least > out->recommended)
        keep(out, round_up(least, o->quantum), LL_SIZE_REGULATORY);
}

static void decide(const struct ll_size_input *in, const struct ll_size_opts *o,
                   const struct ll_size_seen *s, struct ll_size *out)
{
    struct most m = {.value = NAN};
    want_demand(in, o, s, &m);
    want_each(in, o, s, &m);
    round_most(o, &m);
    out->term = m.term;
    out->wanted = m.value;
    out->sizing = LL_SIZING_INSUFFICIENT_DATA;
    if (isnan(m.value)) {
        keep(out, in->current, LL_SIZE_NO_DATA);
        out->term = LL_SIZE_NO_DATA;
        return;
    }
    if (!(isfinite(in->current) && in->current >= 0)) {
        keep(out, m.value, LL_SIZE_NO_CAPACITY);
        return;
    }
    if (in->horizontal.target > 0)
        m = leave_to_rule(in, o, s);
    keep(out, m.value, m.term);
    classify(in, o, out);
    obey(in, o, s, out);
}

void ll_size_of(const struct ll_size_input *in, const struct ll_size_opts *o,
                const struct ll_size_scratch *scratch, struct ll_size *out)
{
    struct ll_size_seen s;
    LL_ASSERT(in->history->step > 0 && o->quantum > 0);
    ll_size_scan(in, o, scratch, &s);
    *out = (struct ll_size){
        .base = s.base,
        .peak = s.peak,
        .saturated = s.saturated,
        .imbalance = s.imbalance,
        .confidence = s.confidence,
        .level = ll_size_level(s.confidence),
        .span_hours = s.span_hours,
        .coverage = s.coverage,
        .samples = s.samples,
    };
    decide(in, o, &s, out);
}
