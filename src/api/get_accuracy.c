/* Forecasts that are kept, and how they came out. */
#include <math.h>
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/render_forecast.h"
#include "api/reply.h"
#include "base/num.h"
#include "forecast/trust.h"

enum { ROLLING_DAYS = 30, HISTORY_ARENA = 4 << 20 };
static const double usual_level = 0.95; /* of the bounds, when no forecast in force tells */

/* Rows of the table in routes.c. */
enum { A_SERVICE, A_TYPE, A_DAYS };
enum { P_SERVICE, P_TYPE, P_HORIZON, P_MADE_BY, P_FORMAT };

static bool path_id(const struct ll_request *r, int64_t *id)
{
    static const size_t skip = sizeof("/api/v1/forecasts/") - 1;
    struct ll_slice rest = {r->path.s + skip, r->path.n - skip};
    const char *end = memchr(rest.s, '/', rest.n);
    if (end)
        rest.n = (size_t)(end - rest.s);
    return ll_num_parse_int(rest, id) && *id > 0;
}

/* One answer of the store, made while its row is there. */
struct kept {
    struct ll_request *r;
    struct ll_store_reader *other; /* for the actuals; NULL = the forecast itself is wanted */
    struct ll_str text;
    bool found, ok;
    struct ll_err err;
};

static bool on_forecast(void *ctx, const struct ll_kept_forecast *f)
{
    struct kept *k = ctx;
    k->found = true;
    k->ok = ll_identity_check(&k->r->who, f->service, &k->err);
    ll_render_forecast(&(struct ll_json_out){.out = &k->text}, f, f->n_points, NULL, 0);
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
    k->ok = ll_identity_check(&k->r->who, f->service, &k->err) && compare(k, f, &said, &naive);
    ll_json_out_open(&j, '{');
    ll_render_forecast_id(&j, f->id);
    ll_render_series(&j, f->service, f->type);
    ll_member_count(&j, "points", f->n_points);
    ll_render_measures(&j, &said, &naive);
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
enum MHD_Result ll_handler_forecast_made_by(struct ll_request *r)
{
    const struct ll_param_value *p = r->param;
    struct kept k = {.r = r};
    char time[LL_TIME_TEXT_MAX];
    const struct ll_forecasts_query q = {.service = p[P_SERVICE].text,
                                         .type = p[P_TYPE].resource,
                                         .made_by = LL_MAX(p[P_MADE_BY].time, (ll_time)1),
                                         .points = true,
                                         .limit = 1};
    if (p[P_HORIZON].given || (p[P_FORMAT].given && p[P_FORMAT].csv))
        return ll_reply_problem(r, LL_E_INVALID,
                                "made_by gives the whole forecast, as JSON: leave out "
                                "horizon_hours and format=csv");
    if (read_kept(&k, &q, false))
        return ll_reply_json(r, &k.text);
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

/* A list of rows, and the forecasts in force, which say at what horizon they are needed. */
struct rows {
    struct ll_json_out *out;
    const struct ll_forecast_book *book;
};

static bool accuracy_row(void *ctx, const struct ll_accuracy_row *a)
{
    const struct rows *x = ctx;
    struct ll_json_out *j = x->out;
    const struct ll_held_forecast *h = ll_forecast_book_find(x->book, a->service, a->type);
    double level = h ? h->kept.level : usual_level;
    struct ll_trust t = ll_trust_judge(&a->said, &a->naive, level, a->horizon);
    ll_json_out_open(j, '{');
    ll_render_series(j, a->service, a->type);
    ll_member_number(j, "hours_ahead", ll_render_hours(a->horizon));
    ll_member_yes(j, "lead", h && h->kept.lead == a->horizon);
    ll_render_measures(j, &a->said, &a->naive);
    ll_render_trust(j, &t);
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
    struct rows rows = {&j, ll_engine_forecasts(r->api->engine)};
    bool ok = reader->ops->each_accuracy(reader, &q, accuracy_row, &rows, &err);
    ll_engine_forecasts_release(rows.book);
    ll_engine_reader_give(r->api->engine, reader);
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    if (ok)
        return ll_reply_json(r, &text);
    ll_str_fini(&text);
    return ll_reply_error(r, &err, 0);
}
