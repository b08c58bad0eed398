#include "api/render.h"

#include <math.h>

#include "api/auth.h"

static void text(struct ll_json_out *j, const char *key, struct ll_slice value)
{
    ll_json_out_key(j, key);
    ll_json_out_text(j, value);
}

static void name(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

static void num(struct ll_json_out *j, const char *key, double value)
{
    ll_json_out_key(j, key);
    ll_json_out_num(j, value);
}

static void pct(struct ll_json_out *j, const char *key, double ratio)
{
    ll_json_out_key(j, key);
    ll_json_out_pct(j, ratio);
}

static void seconds(struct ll_json_out *j, const char *key, double s)
{
    ll_json_out_key(j, key);
    ll_json_out_seconds(j, s);
}

static void count(struct ll_json_out *j, const char *key, size_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, (int64_t)n);
}

static void flag(struct ll_json_out *j, const char *key, bool value)
{
    ll_json_out_key(j, key);
    ll_json_out_bool(j, value);
}

static void time_at(struct ll_json_out *j, const char *key, ll_time t)
{
    ll_json_out_key(j, key);
    ll_json_out_time(j, t);
}

static void status_of(struct ll_json_out *j, enum ll_reason reason)
{
    name(j, "status", ll_status_name(ll_reason_status(reason)));
    name(j, "status_reason", ll_reason_name(reason));
}

static double span_s(ll_dur d)
{
    return (double)d / (double)LL_SECOND;
}

void ll_render_key(struct ll_json_out *j, const struct ll_series_key *key)
{
    text(j, "service", key->service);
    name(j, "resource_type", ll_resource_name(key->type));
    text(j, "instance", key->instance);
    text(j, "part", key->part);
}

void ll_render_metric(struct ll_json_out *j, const struct ll_metric *m)
{
    ll_json_out_open(j, '{');
    ll_render_key(j, &m->key);
    flag(j, "primary", m->primary);
    name(j, "unit", ll_unit_name(m->unit));
    num(j, "current_value", m->value);
    num(j, "capacity", m->capacity);
    pct(j, "utilization_pct", m->utilization);
    num(j, "max_value", m->max_value);
    seconds(j, "window_seconds", m->window > 0 ? span_s(m->window) : (double)NAN);
    time_at(j, "timestamp", m->t);
    seconds(j, "age_seconds", span_s(m->age));
    flag(j, "stale", m->stale);
    status_of(j, m->reason);
    seconds(j, "time_to_limit_seconds", m->to_critical_s);
    ll_json_out_close(j, '}');
}

void ll_render_snapshot(struct ll_json_out *j, const struct ll_published *p, const char *boot)
{
    const struct ll_view *v = p->view;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "snapshot_id");
    struct ll_str id;
    ll_str_init(&id, 64);
    ll_str_addf(&id, "%s-%06llu", boot, (unsigned long long)v->sequence);
    ll_json_out_z(j, ll_str_z(&id));
    ll_str_fini(&id);
    count(j, "sequence", v->sequence);
    time_at(j, "timestamp", v->now);
    name(j, "overall_health", ll_status_name(v->overall));
    ll_json_out_key(j, "metrics");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < v->n_metrics; i++)
        ll_render_metric(j, &v->metrics[i]);
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

static void counts(struct ll_json_out *j, const struct ll_view *v)
{
    ll_json_out_key(j, "counts");
    ll_json_out_open(j, '{');
    for (int i = 0; i < LL_STATUS_COUNT; i++)
        count(j, ll_status_name((enum ll_status)i), v->counts[i]);
    ll_json_out_close(j, '}');
}

/* The numbers are those of the part the status comes from. */
static void problem(struct ll_json_out *j, const struct ll_view *v, const struct ll_cell *c)
{
    const struct ll_metric *m = &v->metrics[c->worst];
    ll_json_out_open(j, '{');
    ll_render_key(j, &m->key);
    status_of(j, c->reason);
    pct(j, "utilization_pct", m->utilization);
    num(j, "current_value", m->value);
    num(j, "capacity", m->capacity);
    name(j, "unit", ll_unit_name(m->unit));
    time_at(j, "since", c->since);
    seconds(j, "time_to_limit_seconds", c->to_critical_s);
    ll_json_out_close(j, '}');
}

void ll_render_health(struct ll_json_out *j, const struct ll_view *v)
{
    enum { WORST = 50 };
    ll_json_out_open(j, '{');
    name(j, "status", ll_status_name(ll_view_health(v)));
    time_at(j, "timestamp", v->now);
    count(j, "sequence", v->sequence);
    counts(j, v);
    ll_json_out_key(j, "worst");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < LL_MIN(v->n_problems, (size_t)WORST); i++)
        problem(j, v, &v->cells[v->problems[i]]);
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

/* What is worst in a cell; the service only where it is not said already. */
static void worst(struct ll_json_out *j, const struct ll_view *v, const struct ll_cell *c,
                  bool with_service)
{
    const struct ll_metric *m = &v->metrics[c->worst];
    ll_json_out_key(j, "worst");
    ll_json_out_open(j, '{');
    if (with_service)
        text(j, "service", m->key.service);
    text(j, "instance", m->key.instance);
    text(j, "part", m->key.part);
    pct(j, "utilization_pct", m->utilization);
    name(j, "status", ll_status_name(ll_reason_status(m->reason)));
    ll_json_out_close(j, '}');
}

/* From the first point that is known: a young daemon sends no hundred nulls. */
static void sparkline(struct ll_json_out *j, const struct ll_resource_row *r)
{
    enum { STEP_S = 900 };
    size_t from = 0;
    while (from < LL_VIEW_SPARK_POINTS && isnan(r->spark[from]))
        from++;
    ll_json_out_key(j, "sparkline");
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "t0");
    ll_json_out_int(j, r->spark_t0 / LL_SECOND + (int64_t)from * STEP_S);
    count(j, "step", STEP_S);
    ll_json_out_key(j, "utilization_pct");
    ll_json_out_open(j, '[');
    for (size_t i = from; i < LL_VIEW_SPARK_POINTS; i++)
        ll_json_out_num(j, round((double)r->spark[i] * 1e4) / 1e2);
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

static void resource(struct ll_json_out *j, const struct ll_view *v, enum ll_resource_type type)
{
    const struct ll_resource_row *r = &v->resources[type];
    ll_json_out_open(j, '{');
    name(j, "resource_type", ll_resource_name(type));
    name(j, "unit", ll_unit_name(r->unit));
    status_of(j, r->reason);
    num(j, "current_value", r->value);
    num(j, "capacity", r->capacity);
    pct(j, "utilization_pct", r->utilization);
    count(j, "services", r->services);
    count(j, "series", r->series);
    count(j, "stale", r->stale);
    pct(j, "warning_pct", r->warning);
    pct(j, "critical_pct", r->critical);
    pct(j, "p95_7d_pct", r->p95_7d);
    pct(j, "peak_24h_pct", r->peak_24h);
    seconds(j, "time_to_limit_seconds", r->to_critical_s);
    if (r->worst) {
        worst(j, v, r->worst, true);
    } else {
        ll_json_out_key(j, "worst");
        ll_json_out_null(j);
    }
    sparkline(j, r);
    ll_json_out_close(j, '}');
}

static void least_headroom(struct ll_json_out *j, const struct ll_view *v)
{
    const struct ll_cell *c = v->least_headroom;
    ll_json_out_key(j, "least_headroom");
    if (!c) {
        ll_json_out_null(j);
        return;
    }
    ll_json_out_open(j, '{');
    ll_render_key(j, &v->metrics[c->limiting].key);
    name(j, "kind", "critical");
    seconds(j, "seconds", c->to_critical_s);
    ll_json_out_close(j, '}');
}

void ll_render_summary(struct ll_json_out *j, const struct ll_published *p)
{
    const struct ll_view *v = p->view;
    ll_json_out_open(j, '{');
    count(j, "sequence", v->sequence);
    time_at(j, "timestamp", v->now);
    name(j, "environment", p->config->environment ? p->config->environment : "");
    name(j, "overall_health", ll_status_name(v->overall));
    counts(j, v);
    count(j, "cells", v->n_cells);
    count(j, "services", v->n_services);
    count(j, "series", v->n_metrics);
    num(j, "instances", v->instances);
    ll_json_out_key(j, "verdict");
    ll_json_out_open(j, '{');
    name(j, "status", ll_status_name(v->overall));
    name(j, "headline", v->headline);
    name(j, "sentence", v->sentence);
    ll_json_out_close(j, '}');
    least_headroom(j, v);
    ll_json_out_key(j, "resources");
    ll_json_out_open(j, '[');
    for (int i = 0; i < LL_RESOURCE_COUNT; i++)
        if (v->resources[i].present)
            resource(j, v, (enum ll_resource_type)i);
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
}

static void cell(struct ll_json_out *j, const struct ll_view *v, const struct ll_cell *c)
{
    ll_json_out_key(j, ll_resource_name(c->type));
    ll_json_out_open(j, '{');
    num(j, "current_value", c->value);
    num(j, "capacity", c->capacity);
    name(j, "unit", ll_unit_name(c->unit));
    pct(j, "utilization_pct", c->utilization);
    pct(j, "warning_pct", c->threshold.warning);
    pct(j, "critical_pct", c->threshold.critical);
    pct(j, "p95_7d_pct", c->p95_7d);
    pct(j, "peak_24h_pct", c->peak_24h);
    seconds(j, "time_to_limit_seconds", c->to_critical_s);
    status_of(j, c->reason);
    flag(j, "stale", c->stale);
    worst(j, v, c, false);
    ll_json_out_close(j, '}');
}

static void meta(struct ll_json_out *j, const struct ll_service_meta *m)
{
    text(j, "environment", m->environment);
    text(j, "cluster", m->cluster);
    text(j, "namespace", m->namespace_);
    text(j, "team", m->team);
    text(j, "owner", m->owner);
    text(j, "tier", m->tier);
    text(j, "venue", m->venue);
    text(j, "site", m->site);
}

/* {"CPU":6,"MEMORY":8589934592}: only what is known. */
static void amounts(struct ll_json_out *j, const char *key, const double v[LL_RESOURCE_COUNT])
{
    ll_json_out_key(j, key);
    ll_json_out_open(j, '{');
    for (int i = 0; i < LL_RESOURCE_COUNT; i++)
        if (!isnan(v[i]))
            num(j, ll_resource_name((enum ll_resource_type)i), v[i]);
    ll_json_out_close(j, '}');
}

void ll_render_facts(struct ll_json_out *j, const struct ll_service_facts *f,
                     struct ll_slice source)
{
    text(j, "kind", f->kind);
    text(j, "source", source);
    num(j, "desired", f->desired);
    num(j, "ready", f->ready);
    amounts(j, "requests", f->request);
    amounts(j, "limits", f->limit);
    time_at(j, "oldest_start", f->oldest_start);
    time_at(j, "newest_start", f->newest_start);
}

void ll_render_service(struct ll_json_out *j, const struct ll_view *v,
                       const struct ll_service_row *s)
{
    ll_json_out_open(j, '{');
    text(j, "service", s->name);
    meta(j, &s->meta);
    num(j, "instances", s->instances);
    name(j, "instances_source", s->instances_source);
    if (s->facts)
        ll_render_facts(j, s->facts, s->facts->source);
    name(j, "status", ll_status_name(s->status));
    seconds(j, "headroom_seconds", s->headroom_s);
    name(j, "headroom_kind", isnan(s->headroom_s) ? NULL : "critical");
    ll_json_out_key(j, "resources");
    ll_json_out_open(j, '{');
    for (int i = 0; i < LL_RESOURCE_COUNT; i++)
        if (s->cell[i])
            cell(j, v, s->cell[i]);
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

void ll_render_top(struct ll_json_out *j, const struct ll_view *v, const struct ll_identity *who,
                   size_t limit)
{
    ll_json_out_open(j, '[');
    for (size_t i = 0, shown = 0; i < v->n_top && shown < limit; i++) {
        const struct ll_metric *m = &v->metrics[v->top[i]];
        if (who && !ll_identity_may(who, m->key.service))
            continue;
        ll_render_metric(j, m);
        shown++;
    }
    ll_json_out_close(j, ']');
}

void ll_render_limit(struct ll_json_out *j, const struct ll_view *v, const struct ll_limit *l)
{
    const struct ll_metric *m = &v->metrics[l->metric];
    ll_json_out_open(j, '{');
    ll_render_key(j, &m->key);
    name(j, "unit", ll_unit_name(m->unit));
    num(j, "current_value", m->value);
    num(j, "capacity", m->capacity);
    seconds(j, "to_critical_seconds", l->to_critical_s);
    seconds(j, "to_capacity_seconds", l->to_capacity_s);
    seconds(j, "to_ceiling_seconds", l->to_ceiling_s);
    num(j, "trend_per_day", l->trend_per_day);
    name(j, "basis", l->basis);
    name(j, "state", ll_limit_state_name(l->state));
    ll_json_out_close(j, '}');
}
