/* Reads of the past, through a reader of the store. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/render.h"
#include "api/reply.h"
#include "base/num.h"

enum { POINTS_DEFAULT = 500, HISTORY_ARENA = 16 << 20, PEAKS_PAGE = 200, PEAK_DAYS = 365 };

/* Rows of history_params and peaks_params in routes.c. */
enum { P_SERVICE, P_TYPE, P_INSTANCE, P_PART, P_FROM, P_TO, P_HOURS, P_STEP, P_FORMAT };
enum { L_SERVICE, L_TYPE, L_FROM, L_TO, L_LIMIT, L_CURSOR };

/* Steps people read easily, in seconds. */
static const int64_t nice_steps[] = {1,     5,     10,    15,     30,    60,   120,
                                     300,   600,   900,   1800,   3600,  7200, 10800,
                                     21600, 43200, 86400, 172800, 604800};

/* Not finer than the samples come: that would be mostly gaps. */
static ll_dur choose_step(ll_dur span, ll_dur least)
{
    for (size_t i = 0; i < LL_LEN(nice_steps); i++)
        if (nice_steps[i] * LL_SECOND >= least &&
            span / (nice_steps[i] * LL_SECOND) < POINTS_DEFAULT)
            return nice_steps[i] * LL_SECOND;
    int64_t days = span / LL_DAY / POINTS_DEFAULT + 1;
    return days * LL_DAY;
}

static ll_dur check_interval(const struct ll_request *r)
{
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    ll_dur interval = p->config->check_interval;
    ll_engine_release(p);
    return interval;
}

static bool choose_span(const struct ll_request *r, struct ll_history_query *q, struct ll_err *err)
{
    const struct ll_param_value *p = r->param;
    ll_time now = ll_engine_now(r->api->engine);
    q->to = p[P_TO].given ? p[P_TO].time : now;
    double hours = p[P_HOURS].given ? p[P_HOURS].number : 24;
    if (p[P_FROM].given && p[P_HOURS].given)
        return ll_err_set(err, LL_E_INVALID, "from and hours exclude each other");
    q->from = p[P_FROM].given ? p[P_FROM].time : q->to - (ll_dur)(hours * (double)LL_HOUR);
    if (q->from >= q->to)
        return ll_err_set(err, LL_E_RANGE, "from is not before to");
    q->step = p[P_STEP].given ? p[P_STEP].integer * LL_SECOND
                              : choose_step(q->to - q->from, check_interval(r));
    if ((q->to - q->from) / q->step >= LL_HISTORY_POINTS_MAX - 1)
        return ll_err_set(err, LL_E_RANGE,
                          "step %lld s gives more than %d points; take a larger one",
                          (long long)(q->step / LL_SECOND), LL_HISTORY_POINTS_MAX);
    return true;
}

/* Without a part: the one that stands for the resource.  It is copied: the view goes. */
static void choose_part(const struct ll_request *r, struct ll_history_query *q,
                        char part[static LL_NAME_MAX])
{
    if (r->param[P_PART].given) {
        q->part = r->param[P_PART].text;
        return;
    }
    struct ll_slice primary = LL_SLICE("");
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    if (ll_view_primary_part(p->view, q->service, q->type, &primary) && primary.n > 0)
        memcpy(part, primary.s, LL_MIN(primary.n, (size_t)LL_NAME_MAX));
    q->part = (struct ll_slice){part, LL_MIN(primary.n, (size_t)LL_NAME_MAX)};
    ll_engine_release(p);
}

static double utilization(const struct ll_history *h, size_t i)
{
    return h->capacity[i] > 0 ? h->value[i] / h->capacity[i] : (double)NAN;
}

static void column(struct ll_json_out *j, const char *name, const double *v, size_t n)
{
    ll_json_out_key(j, name);
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++)
        ll_json_out_num(j, v[i]);
    ll_json_out_close(j, ']');
}

static void render_history(struct ll_json_out *j, const struct ll_history_query *q,
                           const struct ll_history *h)
{
    static const char *const sources[] = {"raw", "5m", "1h"};
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "service");
    ll_json_out_text(j, q->service);
    ll_json_out_key(j, "resource_type");
    ll_json_out_z(j, ll_resource_name(q->type));
    ll_json_out_key(j, "instance");
    if (q->any_instance)
        ll_json_out_null(j);
    else
        ll_json_out_text(j, q->instance);
    ll_json_out_key(j, "part");
    ll_json_out_text(j, q->part);
    ll_json_out_key(j, "unit");
    ll_json_out_z(j, ll_unit_name(h->unit));
    ll_json_out_key(j, "t0");
    ll_json_out_int(j, h->t0 / LL_SECOND);
    ll_json_out_key(j, "step");
    ll_json_out_int(j, h->step / LL_SECOND);
    ll_json_out_key(j, "source");
    ll_json_out_z(j, sources[h->source]);
    ll_json_out_key(j, "columns");
    ll_json_out_open(j, '{');
    column(j, "value", h->value, h->n);
    column(j, "max", h->max, h->n);
    column(j, "capacity", h->capacity, h->n);
    ll_json_out_key(j, "utilization_pct");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < h->n; i++)
        ll_json_out_pct(j, utilization(h, i));
    ll_json_out_close(j, ']');
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

static void csv_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_addc(out, ',');
    if (isfinite(v))
        ll_str_add(out, text, ll_num_format(v, text));
}

/* An empty field is no data. */
static void render_csv(struct ll_str *out, const struct ll_history *h)
{
    char time[LL_TIME_TEXT_MAX];
    ll_str_addz(out, "timestamp,value,max,capacity,utilization_pct\r\n");
    for (size_t i = 0; i < h->n; i++) {
        ll_str_addz(out, ll_time_format(h->t0 + (ll_dur)i * h->step, time));
        csv_number(out, h->value[i]);
        csv_number(out, h->max[i]);
        csv_number(out, h->capacity[i]);
        csv_number(out, round(utilization(h, i) * 1e6) / 1e4);
        ll_str_addz(out, "\r\n");
    }
}

static enum MHD_Result reply_history(struct ll_request *r, const struct ll_history_query *q,
                                     const struct ll_history *h)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    bool csv = r->param[P_FORMAT].given ? r->param[P_FORMAT].csv
                                        : ll_reply_accepts(r->header[LL_HEADER_ACCEPT], "text/csv");
    if (csv) {
        render_csv(&text, h);
        return ll_reply_send(
            r, &(struct ll_reply){.status = 200, .mime = "text/csv; charset=utf-8; header=present"},
            &text);
    }
    struct ll_json_out j = {.out = &text};
    render_history(&j, q, h);
    return ll_reply_json(r, &text);
}

enum MHD_Result ll_handler_history(struct ll_request *r)
{
    char part[LL_NAME_MAX];
    struct ll_err err;
    struct ll_history_query q = {.service = r->param[P_SERVICE].text,
                                 .type = (enum ll_resource_type)r->param[P_TYPE].resource,
                                 .any_instance = !r->param[P_INSTANCE].given,
                                 .instance = r->param[P_INSTANCE].text};
    if (!choose_span(r, &q, &err))
        return ll_reply_error(r, &err, 0);
    choose_part(r, &q, part);

    LL_AUTO(ll_arena) arena = ll_arena_new(HISTORY_ARENA);
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    struct ll_history h = {0};
    bool ok = arena && reader && reader->ops->history(reader, &q, arena, &h, &err);
    if (reader)
        ll_engine_reader_give(r->api->engine, reader);
    if (!arena || !reader)
        return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");
    if (!ok)
        return ll_reply_error(r, &err, 0);
    if (!h.found)
        return ll_reply_problem(
            r, LL_E_NOT_FOUND, "no series %.*s %s%s%.*s%s%.*s", (int)q.service.n, q.service.s,
            ll_resource_name(q.type), q.any_instance ? "" : " of instance ", (int)q.instance.n,
            q.any_instance ? "" : q.instance.s, q.part.n ? " part " : "", (int)q.part.n, q.part.s);
    return reply_history(r, &q, &h);
}

struct peaks {
    struct ll_json_out *j;
    size_t limit, shown;
    bool more;
};

static void peak_row(void *ctx, const struct ll_peak *p)
{
    struct peaks *rows = ctx;
    char date[LL_TIME_TEXT_MAX];
    struct ll_json_out *j = rows->j;
    if (rows->shown == rows->limit) {
        rows->more = true;
        return;
    }
    rows->shown++;
    ll_json_out_open(j, '{');
    ll_render_key(j, &p->key);
    ll_json_out_key(j, "unit");
    ll_json_out_z(j, ll_unit_name(p->unit));
    ll_json_out_key(j, "date");
    ll_json_out_z(j, ll_time_format_date(p->day * LL_DAY, date));
    ll_json_out_key(j, "value");
    ll_json_out_num(j, p->value);
    ll_json_out_key(j, "at");
    ll_json_out_time(j, p->at);
    ll_json_out_key(j, "window_seconds");
    ll_json_out_seconds(j, p->window > 0 ? (double)p->window / (double)LL_SECOND : (double)NAN);
    ll_json_out_key(j, "capacity");
    ll_json_out_num(j, p->capacity);
    ll_json_out_close(j, '}');
}

static bool peaks_query(const struct ll_request *r, struct ll_peaks_query *q, struct ll_err *err)
{
    const struct ll_param_value *p = r->param;
    int64_t from = 0;
    if (p[L_CURSOR].given && (!ll_num_parse_int(p[L_CURSOR].text, &from) || from < 0))
        return ll_err_set(err, LL_E_INVALID, "cursor is not one we gave out");
    ll_time now = ll_engine_now(r->api->engine);
    ll_time to = p[L_TO].given ? p[L_TO].time : now;
    *q = (struct ll_peaks_query){
        .service = p[L_SERVICE].given ? p[L_SERVICE].text : LL_SLICE(""),
        .type = p[L_TYPE].given ? p[L_TYPE].resource : -1,
        .from_day = ll_time_day(p[L_FROM].given ? p[L_FROM].time : to - PEAK_DAYS * LL_DAY),
        .to_day = ll_time_day(to),
        .offset = (size_t)from,
        .limit = p[L_LIMIT].given ? (size_t)p[L_LIMIT].integer : PEAKS_PAGE};
    return q->from_day <= q->to_day ? true : ll_err_set(err, LL_E_RANGE, "from is after to");
}

enum MHD_Result ll_handler_peaks(struct ll_request *r)
{
    struct ll_err err;
    struct ll_peaks_query q;
    if (!peaks_query(r, &q, &err))
        return ll_reply_error(r, &err, 0);
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");

    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    struct peaks rows = {.j = &j, .limit = q.limit};
    q.limit++; /* one more tells whether there is a next page */
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    bool ok = reader->ops->each_peak(reader, &q, peak_row, &rows, &err);
    ll_engine_reader_give(r->api->engine, reader);
    ll_json_out_close(&j, ']');
    char cursor[32];
    snprintf(cursor, sizeof(cursor), "%zu", q.offset + rows.shown);
    ll_json_out_key(&j, "next_cursor");
    ll_json_out_z(&j, rows.more ? cursor : NULL);
    ll_json_out_close(&j, '}');
    if (ok)
        return ll_reply_json(r, &text);
    ll_str_fini(&text);
    return ll_reply_error(r, &err, 0);
}
