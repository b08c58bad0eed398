/* Forecasts: those in force, those kept, how they came out. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "base/num.h"

enum { ROLLING_DAYS = 30, HISTORY_ARENA = 4 << 20 };

/* Rows of the tables in routes.c. */
enum { P_SERVICE, P_TYPE, P_HORIZON, P_MADE_BY, P_FORMAT };
enum { A_SERVICE, A_TYPE, A_DAYS };

static void id_member(struct ll_json_out *j, int64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)id); /* beyond what a double keeps */
    ll_member_word(j, "forecast_id", text);
}

static double hours(ll_dur d)
{
    return (double)d / (double)LL_HOUR;
}

static void names(struct ll_json_out *j, struct ll_slice service, enum ll_resource_type type)
{
    ll_member_text(j, "service", service);
    ll_member_word(j, "resource_type", ll_resource_name(type));
}

static ll_time time_of(const struct ll_kept_forecast *f, size_t i)
{
    return f->origin + (ll_dur)f->points[i].step * f->step;
}

/* Points that begin before `end`. */
static size_t points_until(const struct ll_kept_forecast *f, ll_time end)
{
    size_t n = 0;
    while (n < f->n_points && time_of(f, n) < end)
        n++;
    return n;
}

/* Narrower bounds round the same value; what was not below zero stays so. */
static void bounds_80(struct ll_json_out *j, const struct ll_stated *s, double width)
{
    double half = (s->upper - s->predicted) * width, lower = s->predicted - half;
    ll_member_number(j, "lower_80", s->lower >= 0 ? fmax(lower, 0) : lower);
    ll_member_number(j, "upper_80", s->predicted + half);
}

/* width_80: as in ll_held_forecast; NaN = the bounds at 80 % are left out. */
static void points(struct ll_json_out *j, const struct ll_kept_forecast *f, size_t n,
                   double width_80)
{
    ll_json_out_key(j, "points");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        const struct ll_stated *s = &f->points[i].said;
        ll_json_out_open(j, '{');
        ll_member_moment(j, "timestamp", time_of(f, i));
        ll_member_number(j, "predicted_value", s->predicted);
        ll_member_number(j, "confidence_lower", s->lower);
        ll_member_number(j, "confidence_upper", s->upper);
        if (isfinite(width_80))
            bounds_80(j, s, width_80);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

static void peak_members(struct ll_json_out *j, const struct ll_kept_forecast *f)
{
    ll_member_moment(j, "timestamp", f->peak_at);
    ll_member_number(j, "value", f->peak);
    ll_member_number(j, "upper_95", f->peak_upper);
    ll_member_number(j, "capacity", f->capacity);
    ll_member_number(j, "exceeds_capacity", f->peak_above);
}

static void body(struct ll_json_out *j, const struct ll_kept_forecast *f, size_t n, double width_80)
{
    ll_json_out_open(j, '{');
    id_member(j, f->id);
    names(j, f->service, f->type);
    ll_member_word(j, "unit", ll_unit_name(f->unit));
    ll_member_number(j, "horizon_hours",
                     n ? hours(time_of(f, n - 1) + f->step - f->origin) : (double)NAN);
    ll_member_moment(j, "made", f->made);
    ll_member_moment(j, "origin", f->origin);
    ll_json_out_key(j, "step");
    ll_json_out_int(j, f->step / LL_SECOND);
    ll_member_number(j, "level", f->level);
    ll_member_text(j, "model_used", f->model);
    ll_member_text(j, "reason", f->reason);
    ll_json_out_key(j, "calendar");
    if (f->calendar.n)
        ll_json_out_text(j, f->calendar);
    else
        ll_json_out_null(j);
    ll_member_number(j, "interval_multiplier", f->multiplier);
    ll_json_out_key(j, "peak");
    ll_json_out_open(j, '{');
    peak_members(j, f);
    ll_json_out_close(j, '}');
    points(j, f, n, width_80);
    ll_json_out_close(j, '}');
}

static void csv_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_addc(out, ',');
    if (isfinite(v))
        ll_str_add(out, text, ll_num_format(v, text));
}

static void csv_body(struct ll_str *out, const struct ll_kept_forecast *f, size_t n)
{
    char time[LL_TIME_TEXT_MAX];
    ll_str_addz(out, "timestamp,predicted_value,confidence_lower,confidence_upper\r\n");
    for (size_t i = 0; i < n; i++) {
        ll_str_addz(out, ll_time_format(time_of(f, i), time));
        csv_number(out, f->points[i].said.predicted);
        csv_number(out, f->points[i].said.lower);
        csv_number(out, f->points[i].said.upper);
        ll_str_addz(out, "\r\n");
    }
}

static bool wants_csv(const struct ll_request *r)
{
    return r->param[P_FORMAT].given ? r->param[P_FORMAT].csv
                                    : ll_reply_accepts(r->header[LL_HEADER_ACCEPT], "text/csv");
}

static enum MHD_Result reply_text(struct ll_request *r, bool csv, struct ll_str *text)
{
    if (!csv)
        return ll_reply_json(r, text);
    return ll_reply_send(
        r, &(struct ll_reply){.status = 200, .mime = "text/csv; charset=utf-8; header=present"},
        text);
}

static const struct ll_held_forecast *find(struct ll_request *r)
{
    return ll_engine_forecast(r->api->engine, r->param[P_SERVICE].text,
                              (enum ll_resource_type)r->param[P_TYPE].resource);
}

static enum MHD_Result none_yet(struct ll_request *r)
{
    struct ll_slice service = r->param[P_SERVICE].text;
    return ll_reply_problem(r, LL_E_NOT_FOUND,
                            "there is no forecast of %.*s %s: it is unknown, or has less than two "
                            "hours of data, or none for a day",
                            (int)service.n, service.s,
                            ll_resource_name((enum ll_resource_type)r->param[P_TYPE].resource));
}

static enum MHD_Result reply_forecast(struct ll_request *r, const struct ll_held_forecast *held)
{
    const struct ll_kept_forecast *f = &held->kept;
    ll_dur reach = f->until - f->origin;
    ll_dur asked =
        r->param[P_HORIZON].given ? (ll_dur)(r->param[P_HORIZON].number * (double)LL_HOUR) : reach;
    if (asked > reach)
        return ll_reply_problem(r, LL_E_RANGE,
                                "the forecast reaches %g h: forecast_horizon_hours sets how far",
                                hours(reach));
    size_t n = points_until(f, f->origin + asked);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    if (wants_csv(r))
        csv_body(&text, f, n);
    else
        body(&(struct ll_json_out){.out = &text}, f, n, held->width_80);
    return reply_text(r, wants_csv(r), &text);
}

static enum MHD_Result ask_made_by(struct ll_request *r);

enum MHD_Result ll_handler_forecast(struct ll_request *r)
{
    if (r->param[P_MADE_BY].given)
        return ask_made_by(r);
    const struct ll_held_forecast *f = find(r);
    if (!f)
        return none_yet(r);
    enum MHD_Result done = reply_forecast(r, f);
    ll_engine_forecast_release(f);
    return done;
}

enum MHD_Result ll_handler_seasonality(struct ll_request *r)
{
    const struct ll_held_forecast *f = find(r);
    if (!f)
        return none_yet(r);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    names(&j, f->kept.service, f->kept.type);
    ll_member_moment(&j, "from", f->history_from);
    ll_member_moment(&j, "to", f->kept.origin);
    ll_json_out_key(&j, "step");
    ll_json_out_int(&j, f->kept.step / LL_SECOND);
    ll_member_count(&j, "steps_with_data", f->history_steps);
    ll_member_yes(&j, "seasonal", f->n_seasons > 0);
    ll_json_out_key(&j, "periods");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < f->n_seasons; i++) {
        ll_json_out_open(&j, '{');
        ll_member_number(&j, "steps", f->season[i].steps);
        ll_member_number(&j, "seconds",
                         f->season[i].steps * (double)f->kept.step / (double)LL_SECOND);
        ll_member_number(&j, "strength", f->season[i].strength);
        ll_json_out_close(&j, '}');
    }
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_forecast_release(f);
    return ll_reply_json(r, &text);
}

static bool wanted(const struct ll_request *r, const struct ll_kept_forecast *f)
{
    return (!r->param[P_SERVICE].given ||
            ll_slice_cmp(r->param[P_SERVICE].text, f->service) == 0) &&
           (!r->param[P_TYPE].given || r->param[P_TYPE].resource == (int)f->type);
}

enum MHD_Result ll_handler_expected_peaks(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_forecast_book *b = ll_engine_forecasts(r->api->engine);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < b->n; i++) {
        const struct ll_kept_forecast *f = &b->v[i]->kept;
        if (!wanted(r, f))
            continue;
        ll_json_out_open(&j, '{');
        names(&j, f->service, f->type);
        ll_member_word(&j, "unit", ll_unit_name(f->unit));
        peak_members(&j, f);
        id_member(&j, f->id);
        ll_member_moment(&j, "from", f->origin);
        ll_member_moment(&j, "to", f->until);
        ll_json_out_close(&j, '}');
    }
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_forecasts_release(b);
    return ll_reply_json(r, &text);
}

/* --- what is kept --- */

static bool path_id(const struct ll_request *r, int64_t *id)
{
    static const size_t skip = sizeof("/api/v1/forecasts/") - 1;
    struct ll_slice rest = {r->path.s + skip, r->path.n - skip};
    const char *end = memchr(rest.s, '/', rest.n);
    if (end)
        rest.n = (size_t)(end - rest.s);
    return ll_num_parse_int(rest, id) && *id > 0;
}

static void measures(struct ll_json_out *j, const struct ll_accuracy_sums *s)
{
    double wape = ll_accuracy_wape(s);
    ll_member_number(j, "compared", s->n);
    ll_member_number(j, "accuracy", isnan(wape) ? wape : fmax(0, 1 - wape));
    ll_member_number(j, "wape", wape);
    ll_member_number(j, "mase", ll_accuracy_mase(s));
    ll_member_number(j, "bias", ll_accuracy_bias(s));
    ll_member_number(j, "coverage", ll_accuracy_coverage(s));
    ll_member_number(j, "pinball", ll_accuracy_pinball(s));
}

static void both(struct ll_json_out *j, const struct ll_accuracy_sums *said,
                 const struct ll_accuracy_sums *naive)
{
    measures(j, said);
    ll_json_out_key(j, "seasonal_naive");
    ll_json_out_open(j, '{');
    measures(j, naive);
    ll_json_out_close(j, '}');
}

/* One answer of the store, made while its row is there. */
struct kept {
    struct ll_request *r;
    struct ll_store_reader *other; /* for the actuals; NULL = the forecast itself is wanted */
    bool csv;
    struct ll_str text;
    bool found, ok;
    struct ll_err err;
};

static bool on_forecast(void *ctx, const struct ll_kept_forecast *f)
{
    struct kept *k = ctx;
    k->found = true;
    if (k->csv)
        csv_body(&k->text, f, f->n_points);
    else
        body(&(struct ll_json_out){.out = &k->text}, f, f->n_points, (double)NAN);
    return false;
}

/* Step by step, as far as its steps are over. */
static bool compare(struct kept *k, const struct ll_kept_forecast *f, struct ll_accuracy_sums *said,
                    struct ll_accuracy_sums *naive)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(HISTORY_ARENA);
    struct ll_slice part = LL_SLICE("");
    struct ll_history h = {0};
    const struct ll_published *p = ll_engine_acquire(k->r->api->engine);
    ll_view_primary_part(p->view, f->service, f->type, &part);
    const struct ll_history_query q = {
        .service = f->service,
        .type = f->type,
        .any_instance = true,
        .part = part,
        .from = f->origin,
        .to = LL_MIN(f->until, ll_time_floor(ll_engine_now(k->r->api->engine), f->step)),
        .step = f->step};
    bool ok = arena ? q.from >= q.to || k->other->ops->history(k->other, &q, arena, &h, &k->err)
                    : ll_err_set(&k->err, LL_E_MEMORY, "no memory to compare");
    ll_engine_release(p);
    for (size_t i = 0; ok && i < f->n_points && f->points[i].step < h.n; i++) {
        double actual = h.value[f->points[i].step];
        ll_accuracy_add(said, actual, &f->points[i].said, f->scale, f->level);
        ll_accuracy_add(naive, actual, &f->points[i].naive, f->scale, f->level);
    }
    return ok;
}

static bool on_accuracy_of(void *ctx, const struct ll_kept_forecast *f)
{
    struct kept *k = ctx;
    struct ll_accuracy_sums said = {0}, naive = {0};
    struct ll_json_out j = {.out = &k->text};
    k->found = true;
    k->ok = compare(k, f, &said, &naive);
    ll_json_out_open(&j, '{');
    id_member(&j, f->id);
    names(&j, f->service, f->type);
    ll_member_count(&j, "points", f->n_points);
    both(&j, &said, &naive);
    ll_json_out_close(&j, '}');
    return false;
}

/* Fills k->text from the one row; false with k->text empty when there is none, or on an error. */
static bool read_kept(struct kept *k, const struct ll_forecasts_query *q, bool accuracy)
{
    struct ll_engine *e = k->r->api->engine;
    struct ll_store_reader *reader = ll_engine_reader_take(e);
    k->other = accuracy ? ll_engine_reader_take(e) : NULL;
    k->ok = true;
    ll_str_init(&k->text, LL_RESPONSE_MAX);
    if (!reader || (accuracy && !k->other))
        k->ok = ll_err_set(&k->err, LL_E_MEMORY, "no reader of the store can be had now");
    else
        k->ok = reader->ops->each_forecast(reader, q, accuracy ? on_accuracy_of : on_forecast, k,
                                           &k->err) &&
                k->ok;
    if (k->other)
        ll_engine_reader_give(e, k->other);
    if (reader)
        ll_engine_reader_give(e, reader);
    if (k->ok && k->found)
        return true;
    ll_str_fini(&k->text);
    return false;
}

static enum MHD_Result ask_kept(struct ll_request *r, bool accuracy)
{
    struct kept k = {.r = r};
    struct ll_forecasts_query q = {.type = -1, .points = true, .limit = 1};
    if (!path_id(r, &q.id))
        return ll_reply_problem(r, LL_E_NOT_FOUND, "that is not the id of a forecast");
    if (read_kept(&k, &q, accuracy))
        return ll_reply_json(r, &k.text);
    return k.ok ? ll_reply_problem(r, LL_E_NOT_FOUND, "no forecast %lld is kept (any more)",
                                   (long long)q.id)
                : ll_reply_error(r, &k.err, 0);
}

/* What was said of a series by then: the newest one that was made so early and is still kept. */
static enum MHD_Result ask_made_by(struct ll_request *r)
{
    const struct ll_param_value *p = r->param;
    struct kept k = {.r = r, .csv = wants_csv(r)};
    char time[LL_TIME_TEXT_MAX];
    const struct ll_forecasts_query q = {.service = p[P_SERVICE].text,
                                         .type = p[P_TYPE].resource,
                                         .made_by = LL_MAX(p[P_MADE_BY].time, (ll_time)1),
                                         .points = true,
                                         .limit = 1};
    if (p[P_HORIZON].given)
        return ll_reply_problem(r, LL_E_INVALID, "horizon_hours and made_by exclude each other");
    if (read_kept(&k, &q, false))
        return reply_text(r, k.csv, &k.text);
    if (!k.ok)
        return ll_reply_error(r, &k.err, 0);
    return ll_reply_problem(r, LL_E_NOT_FOUND, "no forecast of %.*s %s made by %s is kept",
                            (int)q.service.n, q.service.s,
                            ll_resource_name((enum ll_resource_type)q.type),
                            ll_time_format(q.made_by, time));
}

enum MHD_Result ll_handler_kept_forecast(struct ll_request *r)
{
    return ask_kept(r, false);
}

enum MHD_Result ll_handler_forecast_accuracy(struct ll_request *r)
{
    return ask_kept(r, true);
}

static bool accuracy_row(void *ctx, const struct ll_accuracy_row *a)
{
    struct ll_json_out *j = ctx;
    ll_json_out_open(j, '{');
    names(j, a->service, a->type);
    ll_member_number(j, "hours_ahead", hours(a->horizon));
    both(j, &a->said, &a->naive);
    ll_json_out_close(j, '}');
    return !j->out->failed;
}

enum MHD_Result ll_handler_accuracy(struct ll_request *r)
{
    const struct ll_param_value *p = r->param;
    int64_t days = p[A_DAYS].given ? p[A_DAYS].integer : ROLLING_DAYS;
    int64_t today = ll_time_day(ll_engine_now(r->api->engine));
    const struct ll_accuracy_query q = {.service =
                                            p[A_SERVICE].given ? p[A_SERVICE].text : LL_SLICE(""),
                                        .type = p[A_TYPE].given ? p[A_TYPE].resource : -1,
                                        .from_day = today - days + 1,
                                        .to_day = today};
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");
    struct ll_err err;
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "days");
    ll_json_out_int(&j, days);
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    bool ok = reader->ops->each_accuracy(reader, &q, accuracy_row, &j, &err);
    ll_engine_reader_give(r->api->engine, reader);
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    if (ok)
        return ll_reply_json(r, &text);
    ll_str_fini(&text);
    return ll_reply_error(r, &err, 0);
}
