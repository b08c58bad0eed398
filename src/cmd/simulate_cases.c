#include "cmd/simulate_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/market.h"
#include "config/yaml.h"
#include "os/file.h"

enum { ERRORS_MAX = 20, PEAK_SHARE = 20 };

/* --- steps --- */

static int by_time(const void *a, const void *b)
{
    const struct ll_point *x = a, *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

static int by_span(const void *a, const void *b)
{
    const ll_dur x = *(const ll_dur *)a, y = *(const ll_dur *)b;
    return (x > y) - (x < y);
}

/* Sorted, and of doubled stamps the last of the file; returns how many are left. */
static size_t sort_points(struct ll_point *p, size_t n)
{
    size_t kept = 0;
    bool sorted = true;
    for (size_t i = 1; i < n; i++)
        sorted = sorted && p[i - 1].t <= p[i].t;
    if (!sorted)
        qsort(p, n, sizeof(*p), by_time);
    for (size_t i = 0; i < n; i++) {
        if (kept && p[kept - 1].t == p[i].t)
            kept--;
        p[kept++] = p[i];
    }
    return kept;
}

/* The median distance of neighbours; 0 without any. */
static bool cadence(const struct ll_point *p, size_t n, ll_dur *out)
{
    ll_dur *d = calloc(n, sizeof(*d));
    if (!d)
        return false;
    for (size_t i = 1; i < n; i++)
        d[i - 1] = p[i].t - p[i - 1].t;
    qsort(d, n - 1, sizeof(*d), by_span);
    *out = n > 1 ? d[(n - 1) / 2] : 0;
    free(d);
    return true;
}

static void fill(const struct ll_point *p, size_t n, ll_dur apart, const struct ll_sim_demand *d,
                 double *v)
{
    size_t k = 0;
    for (size_t i = 0; i < d->n; i++) {
        const ll_time begin = d->start + (ll_dur)i * d->step, end = begin + d->step;
        double sum = 0;
        size_t here = 0;
        for (; k < n && p[k].t < end; k++, here++)
            sum += p[k].v;
        if (here)
            v[i] = sum / (double)here;
        else
            v[i] = k && begin - p[k - 1].t < apart + apart / 2 ? p[k - 1].v : (double)NAN;
    }
}

bool ll_simulate_steps(const struct ll_point *points, size_t n, ll_dur step,
                       struct ll_sim_demand *out, double **v, struct ll_err *err)
{
    ll_dur apart = 0;
    struct ll_point *p = malloc(LL_MAX(n, (size_t)1) * sizeof(*p));
    if (!p)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu points", n);
    if (n)
        memcpy(p, points, n * sizeof(*p));
    n = sort_points(p, n);
    bool ok = n > 1 ? cadence(p, n, &apart) || ll_err_set(err, LL_E_MEMORY, "no memory")
                    : ll_err_set(err, LL_E_SHORT, "a replay needs two values at least");
    if (ok) {
        step = step > 0 ? step : LL_MAX(LL_MIN(apart, LL_MINUTE), LL_SECOND);
        *out = (struct ll_sim_demand){.start = p[0].t - p[0].t % step, .step = step};
        const int64_t steps = (p[n - 1].t - out->start) / step + 1;
        ok = steps <= LL_SIM_STEPS_MAX ||
             ll_err_set(err, LL_E_RANGE, "%lld steps, at most %d: give a longer --step",
                        (long long)steps, LL_SIM_STEPS_MAX);
        out->n = (size_t)steps;
    }
    *v = ok ? malloc(out->n * sizeof(**v)) : NULL;
    if (*v)
        fill(p, n, apart, out, *v);
    else if (ok)
        ok = ll_err_set(err, LL_E_MEMORY, "no memory for %zu steps", out->n);
    out->v = *v;
    free(p);
    return ok;
}

/* --- cases --- */

static bool read_rules(const char *path, struct ll_rules_doc **out, struct ll_err *err)
{
    struct ll_err errs[ERRORS_MAX];
    struct ll_rules_text text = {.name = path};
    struct ll_rules_reading r = {.errs = errs, .max = LL_LEN(errs)};
    LL_AUTO(ll_arena) arena = ll_arena_new((size_t)4 * LL_YAML_BYTES_MAX);
    if (!arena)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the rules");
    if (!ll_yaml_read_file(path, LL_YAML_BYTES_MAX, arena, &text.text, err))
        return false;
    if (ll_rules_read(&r, &text, 1, out))
        return true;
    *err = errs[LL_MIN(r.n_errs, r.max) - 1];
    for (size_t i = 0; i + 1 < LL_MIN(r.n_errs, r.max); i++)
        ll_ctx_say("%s", errs[i].text);
    return false;
}

/* Whether the series is the demand of this target: its service's (and resource's, where both say
 * so), or one of its name. */
static bool fits(const struct ll_series_of_file *s, const struct ll_simulate_case *k,
                 enum ll_resource_type type)
{
    if (s->service)
        return ll_slice_is(k->target.service, s->service) && (s->type < 0 || s->type == (int)type);
    return ll_slice_is(k->target.name, s->name) || ll_slice_is(k->target.service, s->name);
}

static bool match(struct ll_simulate_case *k, const struct ll_series_file *f, size_t n_targets,
                  struct ll_err *err)
{
    const struct ll_capacity_model *m = &k->target.capacity;
    const enum ll_resource_type type =
        m->units_per_instance > 0 || k->n_rules == 0 ? m->driver : k->rules[0].type;
    const int name_n = (int)LL_MIN(k->target.name.n, 60);
    for (size_t i = 0; i < f->n; i++) {
        if (!fits(&f->v[i], k, type))
            continue;
        if (k->series)
            return ll_err_set(err, LL_E_INVALID,
                              "target '%.*s': '%.60s' and '%.60s' both fit; give it one series",
                              name_n, k->target.name.s, k->series->name, f->v[i].name);
        k->series = &f->v[i];
    }
    if (!k->series && f->n == 1 && n_targets == 1)
        k->series = &f->v[0];
    return k->series ||
           ll_err_set(err, LL_E_INVALID,
                      "target '%.*s': no series has its name or its service '%.*s'", name_n,
                      k->target.name.s, (int)LL_MIN(k->target.service.n, 60), k->target.service.s);
}

/* Room for all rules; each counts in a replay whatever its mode. */
static bool take_rules(struct ll_simulate_case *k, const struct ll_rules_doc *doc)
{
    struct ll_str name;
    k->rules = calloc(LL_MAX(doc->n_rules, (size_t)1), sizeof(*k->rules));
    if (!k->rules)
        return false;
    ll_str_init(&name, sizeof(k->policies));
    for (size_t i = 0; i < doc->n_rules; i++) {
        if (!ll_slice_eq(doc->rules[i].target, k->target.name))
            continue;
        ll_str_addz(&name, k->n_rules ? "+" : "");
        ll_str_addz(&name, ll_policy_name(doc->rules[i].policy));
        k->rules[k->n_rules] = doc->rules[i];
        k->rules[k->n_rules++].mode = LL_MODE_AUTO;
    }
    snprintf(k->policies, sizeof(k->policies), "%s", k->n_rules ? ll_str_z(&name) : "none");
    ll_str_fini(&name);
    return true;
}

static void size_units(struct ll_simulate_case *k, const struct ll_simulate_ask *ask)
{
    struct ll_capacity_model *m = &k->target.capacity;
    double peak = 0;
    for (size_t i = 0; i < k->demand.n; i++)
        peak = fmax(peak, k->v[i]);
    if (m->units_per_instance > 0)
        return;
    m->units_per_instance = ask->units > 0 ? ask->units : peak / PEAK_SHARE;
    m->driver = k->n_rules ? k->rules[0].type : m->driver;
    m->part = k->n_rules ? k->rules[0].part : m->part;
}

static bool source_of(struct ll_ctx *c, struct ll_simulate_cases *s, struct ll_simulate_case *k,
                      const struct ll_scaling_rule *r, size_t w, struct ll_schedule_source *src,
                      struct ll_err *err)
{
    const struct ll_scale_window *x = &r->windows[w];
    const struct ll_slice code = x->calendar.n ? x->calendar : r->calendar;
    if (!s->set && !ll_market_open(c, &s->set, err))
        return false;
    if (x->zone.n && !ll_calendars_zone(s->set, x->zone, &src->tz, err))
        return false;
    if (code.n && !ll_calendars_get(s->set, code, &src->calendar, err))
        return false;
    if (!src->tz && !src->calendar && !ll_calendars_zone(s->set, LL_SLICE("UTC"), &src->tz, err))
        return false;
    if (x->anchor != LL_ANCHOR_EVENT || !code.n)
        return true;
    struct ll_market_events **events =
        realloc(s->events, (s->n_events + 1) * sizeof(struct ll_market_events *));
    if (!events)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the events");
    s->events = events;
    const ll_day from =
        LL_MAX((ll_day)ll_time_day(k->demand.start) - 40, ll_calendar_from(src->calendar));
    const ll_time last = k->demand.start + (ll_dur)k->demand.n * k->demand.step;
    if (!ll_calendars_events(s->set, code, from, (ll_day)ll_time_day(last) + 400, LL_TIME_NONE,
                             &events[s->n_events], err))
        return false;
    src->events = events[s->n_events++];
    return true;
}

static bool take_sources(struct ll_ctx *c, struct ll_simulate_cases *s, struct ll_simulate_case *k,
                         struct ll_err *err)
{
    k->sources = calloc(LL_MAX(k->n_rules, (size_t)1), sizeof(struct ll_schedule_source *));
    if (!k->sources)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the windows");
    for (size_t i = 0; i < k->n_rules; i++) {
        const struct ll_scaling_rule *r = &k->rules[i];
        k->sources[i] = calloc(LL_MAX(r->n_windows, (size_t)1), sizeof(*k->sources[i]));
        if (!k->sources[i])
            return ll_err_set(err, LL_E_MEMORY, "no memory for the windows");
        for (size_t w = 0; w < r->n_windows; w++)
            if (!source_of(c, s, k, r, w, &k->sources[i][w], err))
                return ll_err_wrap(err, "rule '%.*s'", (int)LL_MIN(r->rule_id.n, 60), r->rule_id.s);
    }
    return true;
}

/* --- the autoscaler that is there already --- */

static bool read_theirs(const char *path, struct ll_kube_settings *out, struct ll_err *err)
{
    struct ll_str text;
    ll_str_init(&text, LL_KUBE_SETTINGS_BYTES_MAX);
    const bool ok =
        ll_file_read(path, LL_KUBE_SETTINGS_BYTES_MAX, &text, err) &&
        (ll_kube_settings_read(text.s, text.n, out, err) ||
         ll_err_wrap(err, "%s: it is to be what kubectl get hpa NAME -o json prints", path));
    ll_str_fini(&text);
    return ok;
}

/* declared: without the capacity that was made up for the replay, which no share refers to. */
static bool take_theirs(struct ll_simulate_cases *s, struct ll_simulate_case *k,
                        const struct ll_target *declared, struct ll_err *err)
{
    const bool single = s->doc->n_targets == 1;
    if (!single && !ll_kube_import_fits(&s->hpa, k->target.place))
        return true;
    k->theirs = calloc(1, sizeof(*k->theirs));
    if (!k->theirs)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the autoscaler");
    if (!ll_kube_import(&s->hpa, declared, k->target.capacity.driver, k->theirs, err))
        return false;
    k->theirs->target.capacity = k->target.capacity;
    snprintf(k->autoscaler, sizeof(k->autoscaler), "%s %.*s", s->hpa.cooldown ? "keda" : "hpa",
             LL_SIMULATE_NAME_MAX, s->hpa.name);
    for (size_t i = 0; i < k->theirs->n_left; i++)
        ll_ctx_say("%s: metric %s %s is not replayed: %s", k->autoscaler,
                   k->theirs->left[i].metric->source, k->theirs->left[i].metric->name,
                   k->theirs->left[i].why);
    return true;
}

static bool somebody_has_it(const struct ll_simulate_cases *s, struct ll_err *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].theirs)
            return true;
    return ll_err_set(err, LL_E_INVALID,
                      "no target of the rules is the %s '%s' that %s '%s' scales", s->hpa.of_kind,
                      s->hpa.of_name, s->hpa.kind, s->hpa.name);
}

static bool take_case(struct ll_ctx *c, const struct ll_simulate_ask *ask,
                      const struct ll_series_file *f, struct ll_simulate_cases *s,
                      const struct ll_target *t, struct ll_err *err)
{
    struct ll_simulate_case *k = &s->v[s->n++];
    k->target = *t;
    if (ask->boot_delay >= 0)
        k->target.boot_delay = ask->boot_delay;
    if (!take_rules(k, s->doc))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the rules");
    if (!match(k, f, s->doc->n_targets, err))
        return false;
    if (!ll_simulate_steps(k->series->points, k->series->n, ask->step, &k->demand, &k->v, err))
        return ll_err_wrap(err, "series '%.100s'", k->series->name);
    k->demand.from = (size_t)(ask->learn * (double)k->demand.n);
    struct ll_target declared = k->target;
    if (!(declared.capacity.units_per_instance > 0) && ask->units > 0)
        declared.capacity.units_per_instance = ask->units;
    size_units(k, ask);
    return take_sources(c, s, k, err) && (!ask->hpa || take_theirs(s, k, &declared, err));
}

bool ll_simulate_cases_read(struct ll_ctx *c, const struct ll_simulate_ask *ask,
                            const struct ll_series_file *f, struct ll_simulate_cases *out,
                            struct ll_err *err)
{
    *out = (struct ll_simulate_cases){0};
    if (!read_rules(ask->rules, &out->doc, err) ||
        (ask->hpa && !read_theirs(ask->hpa, &out->hpa, err)))
        return false;
    if (out->doc->n_targets == 0)
        return ll_err_set(err, LL_E_CONFIG, "%s: a replay needs targets", ask->rules);
    out->v = calloc(out->doc->n_targets, sizeof(*out->v));
    if (!out->v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu targets", out->doc->n_targets);
    for (size_t i = 0; i < out->doc->n_targets; i++)
        if (!take_case(c, ask, f, out, &out->doc->targets[i], err))
            return false;
    return !ask->hpa || somebody_has_it(out, err);
}

void ll_simulate_cases_fini(struct ll_simulate_cases *s)
{
    for (size_t i = 0; i < s->n; i++) {
        struct ll_simulate_case *k = &s->v[i];
        for (size_t r = 0; k->sources && r < k->n_rules; r++)
            free(k->sources[r]);
        free(k->sources);
        free(k->rules);
        free(k->theirs);
        free(k->v);
    }
    for (size_t i = 0; i < s->n_events; i++)
        ll_market_events_free(s->events[i]);
    free(s->events);
    free(s->v);
    ll_calendars_unref(s->set);
    ll_rules_free(s->doc);
    *s = (struct ll_simulate_cases){0};
}
