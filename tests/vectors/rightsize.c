/* Vectors of right-sizing: build/tests/vectors/rightsize FILE.json.
 *
 * values: numbers, null or NaN where a sample is missing; a list of lists is one for each replica.
 * weights: of each step; or the option half_life_h, from which they decay.
 * options: fields of struct ll_size_opts and ll_size_input, by the names of `option` below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/size.h"
#include "cost_check.h"

#define CONFIDENCE 1e-6
#define SHARE 5e-7 /* printed to six digits */

enum { REPLICAS_MAX = 256 };

struct made {
    struct ll_size_opts o;
    struct ll_size_input in;
    struct ll_size_history history;
    double *values[REPLICAS_MAX];
    double *weight;
    double peak;
};

static const json_t *get(const json_t *c, const char *key)
{
    return json_object_get(c, key);
}

static double *read_values(const json_t *list, size_t n, double *peak)
{
    double *v = calloc(n + 1, sizeof(*v));
    LL_ASSERT(v);
    for (size_t i = 0; i < n; i++) {
        const json_t *x = json_array_get(list, i);
        v[i] = json_is_number(x) ? json_number_value(x) : NAN;
        *peak = fmax(*peak, v[i]);
    }
    return v;
}

static bool read_samples(const json_t *c, struct made *m)
{
    const json_t *values = get(c, "values"), *list;
    const bool many = json_is_array(json_array_get(values, 0));
    size_t r;
    m->peak = NAN;
    m->history = (struct ll_size_history){
        .step = (ll_dur)(cost_check_number(c, "step_s", 3600) * (double)LL_SECOND)};
    if (m->history.step <= 0 || json_array_size(values) > (many ? REPLICAS_MAX : SIZE_MAX))
        return cost_check_fail("a step of %lld ms or too many replicas",
                               (long long)m->history.step);
    if (!many) {
        m->history.n = json_array_size(values);
        m->in.replicas = 1;
        m->values[0] = read_values(values, m->history.n, &m->peak);
        return true;
    }
    json_array_foreach(values, r, list)
    {
        m->history.n = LL_MAX(m->history.n, json_array_size(list));
    }
    json_array_foreach(values, r, list)
    {
        m->values[m->in.replicas++] = read_values(list, m->history.n, &m->peak);
    }
    return true;
}

static bool read_kind(const json_t *c, struct made *m)
{
    enum ll_resource_type type;
    if (!ll_resource_parse(ll_slice_of(cost_check_text(c, "kind")), &type))
        return cost_check_fail("no resource is called '%s'", cost_check_text(c, "kind"));
    m->o = ll_size_opts_default(type);
    return true;
}

/* By hours of age, or as given. */
static void weigh(struct made *m, const json_t *given, double half_life_hours)
{
    const size_t n = m->history.n;
    if (m->weight || (!given && !(half_life_hours > 0)))
        return;
    m->weight = calloc(n + 1, sizeof(*m->weight));
    LL_ASSERT(m->weight);
    for (size_t i = 0; i < n; i++) {
        const double age = (double)(n - 1 - i) * (double)m->history.step / (double)LL_HOUR;
        const double w =
            given ? json_number_value(json_array_get(given, i)) : exp2(-age / half_life_hours);
        m->weight[i] = isfinite(w) && w > 0 ? w : 0;
    }
    m->history.weight = m->weight;
}

/* true: the highest value. */
static double amount(const json_t *v, double otherwise)
{
    return json_is_true(v) ? otherwise : json_is_number(v) ? json_number_value(v) : NAN;
}

static bool option(struct made *m, const char *key, const json_t *v)
{
    const struct {
        const char *key;
        double *to;
    } numbers[] = {
        {"q", &m->o.q},
        {"percentile", &m->o.q},
        {"headroom", &m->o.headroom},
        {"quantum", &m->o.quantum},
        {"floor", &m->o.floor},
        {"max_down", &m->o.max_shrink},
        {"max_shrink", &m->o.max_shrink},
        {"hysteresis", &m->o.hysteresis},
        {"min_span_h", &m->o.min_span_hours},
        {"saturation", &m->o.saturated_at},
        {"saturated_at", &m->o.saturated_at},
        {"saturated_share", &m->o.saturated_share},
        {"saturated_growth", &m->o.saturated_growth},
        {"forecast", &m->in.forecast},
        {"forecast_p95", &m->in.forecast},
        {"regulatory", &m->in.regulatory},
        {"regulatory_floor", &m->in.regulatory},
        {"regulatory_multiple", &m->in.regulatory_multiple},
        {"historical_peak", &m->in.historical_peak},
        {"target", &m->in.horizontal.target},
        {"hpa_target", &m->in.horizontal.target},
        {"horizontal_target", &m->in.horizontal.target},
    };
    const struct {
        const char *key;
        bool *to;
    } flags[] = {
        {"throttled", &m->in.throttled},      {"queued", &m->in.throttled},
        {"at_min", &m->in.horizontal.at_min}, {"at_min_replicas", &m->in.horizontal.at_min},
        {"at_max", &m->in.horizontal.at_max}, {"at_max_replicas", &m->in.horizontal.at_max},
    };
    for (size_t i = 0; i < LL_LEN(numbers); i++) {
        if (strcmp(key, numbers[i].key) == 0) {
            *numbers[i].to = json_is_number(v) ? json_number_value(v) : NAN;
            return true;
        }
    }
    for (size_t i = 0; i < LL_LEN(flags); i++) {
        if (strcmp(key, flags[i].key) == 0) {
            *flags[i].to = json_is_true(v);
            return true;
        }
    }
    if (strcmp(key, "oom") == 0 || strcmp(key, "oom_used") == 0) {
        m->in.oom_used = json_is_false(v) ? NAN : amount(v, m->peak);
        return true;
    }
    if (strcmp(key, "oom_age_h") == 0) {
        m->in.oom_age = (ll_dur)(json_number_value(v) * (double)LL_HOUR);
        return true;
    }
    if (strcmp(key, "zones") == 0 || strcmp(key, "min_samples") == 0) {
        const size_t n = (size_t)fmax(json_number_value(v), 0);
        *key == 'z' ? (void)(m->o.zones = (unsigned)n) : (void)(m->o.min_samples = n);
        return true;
    }
    if (strcmp(key, "half_life_h") == 0) {
        weigh(m, NULL, json_number_value(v));
        return true;
    }
    if (strcmp(key, "tier") == 0 && json_is_string(v))
        return ll_tier_parse(ll_slice_of(json_string_value(v)), &m->o.tier);
    return false;
}

static bool read_options(const json_t *c, struct made *m)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)get(c, "options"), key, v)
    {
        if (!option(m, key, v))
            return cost_check_fail("the option '%s' is not known here", key);
    }
    return m->o.quantum > 0 || cost_check_fail("the quantum is not above 0");
}

static bool same_number(const json_t *expect, const char *key, double got, double absolute)
{
    return !get(expect, key) ||
           cost_check_near(key, got, cost_check_number(expect, key, NAN), 1e-9, absolute);
}

static bool same_text(const json_t *expect, const char *key, const char *got)
{
    return !get(expect, key) || cost_check_same(key, got, cost_check_text(expect, key));
}

static bool same_size(const json_t *e, const struct ll_size *s, double quantum)
{
    return cost_check_keys(e, "classification recommended confidence confidence_level samples "
                              "span_hours base peak saturated_fraction coverage imbalance reason "
                              "bound wanted") &&
           same_text(e, "classification", ll_sizing_name(s->sizing)) &&
           same_number(e, "recommended", s->recommended, quantum) &&
           same_number(e, "wanted", s->wanted, quantum) &&
           same_number(e, "confidence", s->confidence, CONFIDENCE) &&
           same_number(e, "samples", (double)s->samples, 0) &&
           same_number(e, "span_hours", s->span_hours, 0) && same_number(e, "base", s->base, 0) &&
           same_number(e, "peak", s->peak, 0) &&
           same_number(e, "saturated_fraction", s->saturated, SHARE) &&
           same_number(e, "coverage", s->coverage, SHARE) &&
           same_number(e, "imbalance", s->imbalance, SHARE) &&
           same_text(e, "confidence_level", ll_confidence_name(s->level)) &&
           same_text(e, "reason", ll_size_term_name(s->bound)) &&
           same_text(e, "bound", ll_size_term_name(s->bound));
}

static bool run(const json_t *c, struct made *m)
{
    m->in = (struct ll_size_input){
        .history = &m->history,
        .use = (const double *const *)m->values,
        .current = cost_check_number(c, "current", NAN),
        .forecast = NAN,
        .regulatory = NAN,
        .historical_peak = NAN,
        .oom_used = NAN,
    };
    if (!cost_check_keys(c, "name kind step_s current options values weights expect note origin") ||
        !read_kind(c, m) || !read_samples(c, m))
        return false;
    weigh(m, get(c, "weights"), 0);
    if (!read_options(c, m))
        return false;
    struct ll_size s;
    const struct ll_size_scratch scratch = {
        .values = calloc(m->history.n + 1, sizeof(*scratch.values)),
        .bases = calloc(m->in.replicas + 1, sizeof(*scratch.bases)),
    };
    LL_ASSERT(scratch.values && scratch.bases);
    ll_size_of(&m->in, &m->o, &scratch, &s);
    free(scratch.values);
    free(scratch.bases);
    return same_size(get(c, "expect"), &s, m->o.quantum);
}

int main(int argc, char **argv)
{
    json_t *root = cost_check_load(argc, argv);
    static struct made m;
    size_t i;
    const json_t *c;
    json_array_foreach(get(root, "cases"), i, c)
    {
        cost_check_case("rightsize", cost_check_name(c), run(c, &m));
        for (size_t r = 0; r < m.in.replicas; r++)
            free(m.values[r]);
        free(m.weight);
        memset(&m, 0, sizeof(m));
    }
    json_decref(root);
    return cost_check_end();
}
