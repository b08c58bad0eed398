/* What was found where: /discovery, and the series behind it for `check mapping`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/audit.h"
#include "api/handlers.h"
#include "api/render.h"
#include "api/reply.h"
#include "engine/discovery.h"

static void name(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

static void text(struct ll_json_out *j, const char *key, struct ll_slice value)
{
    ll_json_out_key(j, key);
    ll_json_out_text(j, value);
}

static void count(struct ll_json_out *j, const char *key, uint64_t n)
{
    ll_json_out_key(j, key);
    ll_json_out_int(j, (int64_t)n);
}

static void number(struct ll_json_out *j, const char *key, double v)
{
    ll_json_out_key(j, key);
    ll_json_out_num(j, v);
}

static void time_at(struct ll_json_out *j, const char *key, ll_time t)
{
    ll_json_out_key(j, key);
    ll_json_out_time(j, t);
}

/* The mapper's part of a source: its own, or the one that all scrape jobs share. */
static const struct ll_discovery_part *part_of(const struct ll_discovery *d,
                                               const struct ll_collector_status *s)
{
    struct ll_slice want = ll_slice_of(strcmp(s->kind, "scrape") == 0 ? "scrape" : s->name);
    for (size_t i = 0; i < d->n_parts; i++)
        if (ll_slice_eq(d->parts[i].report.source, want))
            return &d->parts[i];
    return NULL;
}

/* Share of the series it should have that came in the last complete round. */
static double coverage(const struct ll_mapper_report *r)
{
    return r->expected ? 100.0 * (double)LL_MIN(r->came, r->expected) / (double)r->expected
                       : (double)NAN;
}

static void part(struct ll_json_out *j, const struct ll_discovery_part *p)
{
    const struct ll_mapper_report *r = &p->report;
    count(j, "series", r->series);
    count(j, "mapped", r->mapped);
    count(j, "unmatched", r->unmatched_series);
    count(j, "dropped", r->dropped);
    count(j, "refused", p->refused);
    number(j, "coverage_pct", coverage(r));
    ll_json_out_key(j, "offenders");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < LL_MIN(p->n_offenders, (size_t)10); i++) {
        ll_json_out_open(j, '{');
        text(j, "metric", p->offenders[i].metric);
        count(j, "points", p->offenders[i].points);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

static const char *state_of(const struct ll_collector_status *s)
{
    if (s->up)
        return "up";
    return s->last_success == LL_TIME_NONE && !s->error[0] ? "waiting" : "down";
}

static void source(struct ll_json_out *j, const struct ll_collector_status *s,
                   const struct ll_discovery_part *p)
{
    ll_json_out_open(j, '{');
    name(j, "name", s->name);
    name(j, "kind", s->kind);
    name(j, "url", s->url[0] ? s->url : NULL);
    name(j, "state", state_of(s));
    time_at(j, "last_success", s->last_success);
    number(j, "interval_seconds", s->interval > 0 ? (double)s->interval / 1000 : (double)NAN);
    number(j, "duration_ms", s->duration_ms);
    count(j, "points", s->samples);
    if (p)
        part(j, p);
    name(j, "error", s->error[0] ? s->error : NULL);
    name(j, "note", s->note[0] ? s->note : NULL);
    ll_json_out_close(j, '}');
}

static void sources(struct ll_json_out *j, struct ll_engine *e, const struct ll_discovery *d)
{
    struct ll_engine_status *s = malloc(sizeof(*s));
    ll_json_out_key(j, "sources");
    ll_json_out_open(j, '[');
    if (s) {
        ll_engine_status(e, s);
        for (size_t i = 0; i < s->n_collectors; i++)
            source(j, &s->collectors[i], part_of(d, &s->collectors[i]));
    }
    ll_json_out_close(j, ']');
    free(s);
}

static void found(struct ll_json_out *j, const struct ll_mapper_report *r,
                  const struct ll_found_service *s)
{
    ll_json_out_open(j, '{');
    text(j, "service", s->facts.service);
    text(j, "rule", s->rule);
    ll_render_facts(j, &s->facts, r->source);
    ll_json_out_key(j, "resources");
    ll_json_out_open(j, '[');
    for (unsigned i = 0; i < LL_RESOURCE_COUNT; i++)
        if (s->resources & 1u << i)
            ll_json_out_z(j, ll_resource_name((enum ll_resource_type)i));
    ll_json_out_close(j, ']');
    count(j, "series", s->series);
    ll_json_out_close(j, '}');
}

static void unmatched(struct ll_json_out *j, const struct ll_mapper_report *r,
                      const struct ll_found_unmatched *u)
{
    ll_json_out_open(j, '{');
    text(j, "metric", u->metric);
    count(j, "series", u->series);
    text(j, "reason", u->reason);
    text(j, "example", u->example);
    text(j, "source", r->source);
    ll_json_out_close(j, '}');
}

static void lists(struct ll_json_out *j, const struct ll_discovery *d)
{
    ll_json_out_key(j, "services");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < d->n_parts; i++)
        for (size_t k = 0; k < d->parts[i].report.n_services; k++)
            found(j, &d->parts[i].report, &d->parts[i].report.services[k]);
    ll_json_out_close(j, ']');
    ll_json_out_key(j, "unmatched");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < d->n_parts; i++)
        for (size_t k = 0; k < d->parts[i].report.n_unmatched; k++)
            unmatched(j, &d->parts[i].report, &d->parts[i].report.unmatched[k]);
    ll_json_out_close(j, ']');
}

enum MHD_Result ll_handler_discovery(struct ll_request *r)
{
    struct ll_str out;
    ll_str_init(&out, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &out};
    const struct ll_discovery *d = ll_engine_discovery(r->api->engine);
    ll_json_out_open(&j, '{');
    time_at(&j, "generated", d->generated);
    sources(&j, r->api->engine, d);
    lists(&j, d);
    ll_json_out_close(&j, '}');
    ll_discovery_release(d);
    return ll_reply_json(r, &out);
}

enum MHD_Result ll_handler_tap(struct ll_request *r)
{
    struct ll_err err;
    return ll_api_audit(r, &r->who, "tap.open", "discovery", &err) &&
                   ll_engine_tap(r->api->engine, &err)
               ? ll_reply_empty(r, &(struct ll_reply){.status = 204})
               : ll_reply_error(r, &err, 0);
}

/* One line a series. */
static void line(struct ll_str *out, const struct ll_labeled_series *s)
{
    static const char *const kinds[] = {[LL_LABELED_UNKNOWN] = "unknown",
                                        [LL_LABELED_GAUGE] = "gauge",
                                        [LL_LABELED_COUNTER] = "counter",
                                        [LL_LABELED_RATE] = "rate"};
    struct ll_json_out j = {.out = out};
    ll_json_out_open(&j, '{');
    name(&j, "kind", kinds[s->kind]);
    number(&j, "value", s->n ? ll_labeled_value(s->points[s->n - 1].bits) : (double)NAN);
    ll_json_out_key(&j, "labels");
    ll_labels_json(s->labels, out);
    ll_str_addz(out, "}\n");
}

enum MHD_Result ll_handler_tapped(struct ll_request *r)
{
    struct ll_err err;
    struct ll_labeled_set *set;
    struct ll_str out;
    if (!ll_engine_tapped(r->api->engine, &set, &err))
        return ll_reply_error(r, &err, 0);
    ll_str_init(&out, LL_RESPONSE_MAX);
    for (size_t i = 0; i < set->n && !out.failed; i++)
        line(&out, &set->v[i]);
    ll_labeled_set_free(set);
    return ll_reply_send(r, &(struct ll_reply){.status = 200, .mime = "application/x-ndjson"},
                         &out);
}

enum MHD_Result ll_handler_mapping(struct ll_request *r)
{
    struct ll_str out;
    ll_str_init(&out, LL_RESPONSE_MAX);
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    ll_config_show_mapping(p->config, &out);
    ll_engine_release(p);
    return ll_reply_send(r, &(struct ll_reply){.status = 200, .mime = "application/yaml"}, &out);
}
