/* Forecasts in force, and those on demand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/render_forecast.h"
#include "api/reply.h"
#include "api/sleep.h"
#include "base/num.h"

/* Rows of the tables in routes.c. */
enum { P_SERVICE, P_TYPE, P_HORIZON, P_FORMAT };

/* Points that begin before `end`. */
static size_t points_until(const struct ll_kept_forecast *f, ll_time end)
{
    size_t n = 0;
    while (n < f->n_points && ll_forecast_time_of(f, n) < end)
        n++;
    return n;
}

static void csv_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_addc(out, ',');
    if (isfinite(v))
        ll_str_add(out, text, ll_num_format(v, text));
}

static enum MHD_Result reply_csv(struct ll_request *r, const struct ll_kept_forecast *f, size_t n)
{
    char time[LL_TIME_TEXT_MAX];
    struct ll_str out;
    ll_str_init(&out, LL_RESPONSE_MAX);
    ll_str_addz(&out, "timestamp,predicted_value,confidence_lower,confidence_upper\r\n");
    for (size_t i = 0; i < n; i++) {
        ll_str_addz(&out, ll_time_format(ll_forecast_time_of(f, i), time));
        csv_number(&out, f->points[i].said.predicted);
        csv_number(&out, f->points[i].said.lower);
        csv_number(&out, f->points[i].said.upper);
        ll_str_addz(&out, "\r\n");
    }
    return ll_reply_send(
        r, &(struct ll_reply){.status = 200, .mime = "text/csv; charset=utf-8; header=present"},
        &out);
}

static const struct ll_held_forecast *find(struct ll_request *r)
{
    return ll_engine_forecast(r->api->engine, r->param[P_SERVICE].text,
                              (enum ll_resource_type)r->param[P_TYPE].resource);
}

static enum MHD_Result none_yet(struct ll_request *r)
{
    struct ll_slice service = r->param[P_SERVICE].text;
    ll_engine_forecast_wanted(r->api->engine, service,
                              (enum ll_resource_type)r->param[P_TYPE].resource);
    return ll_reply_problem(r, LL_E_NOT_FOUND,
                            "there is no forecast of %.*s %s: it is unknown, or has less than two "
                            "hours of data, or none for a day",
                            (int)service.n, service.s,
                            ll_resource_name((enum ll_resource_type)r->param[P_TYPE].resource));
}

static enum MHD_Result reply_forecast(struct ll_request *r, const struct ll_held_forecast *h,
                                      ll_dur asked)
{
    const struct ll_kept_forecast *f = &h->kept;
    size_t n = points_until(f, f->origin + asked);
    bool csv = r->param[P_FORMAT].given ? r->param[P_FORMAT].csv
                                        : ll_reply_accepts(r->header[LL_HEADER_ACCEPT], "text/csv");
    if (csv)
        return reply_csv(r, f, n);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    ll_render_forecast(&(struct ll_json_out){.out = &text}, f, n, h, ll_engine_now(r->api->engine));
    return ll_reply_json(r, &text);
}

/* What a request for a longer horizon waits for. */
struct waiting {
    const struct ll_held_forecast *held; /* NULL: err */
    struct ll_err err;
    ll_dur asked;
};

static void free_waiting(void *work)
{
    struct waiting *w = work;
    ll_engine_forecast_release(w->held);
    free(w);
}

/* On a thread that fits. */
static void answered(void *ctx, const struct ll_held_forecast *f, const struct ll_err *err)
{
    struct ll_request *r = ctx;
    struct waiting *w = r->work;
    w->held = f;
    if (!f)
        w->err = *err;
    ll_sleep_end(r);
}

static enum MHD_Result ask_longer(struct ll_request *r, ll_dur asked)
{
    struct ll_err err;
    struct waiting *w = calloc(1, sizeof(*w));
    if (!w)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for the request");
    w->asked = asked;
    r->work = w;
    r->work_free = free_waiting;
    if (!ll_sleep_begin(r, &err))
        return ll_reply_error(r, &err, 0);
    if (ll_engine_forecast_ask(r->api->engine, r->param[P_SERVICE].text,
                               (enum ll_resource_type)r->param[P_TYPE].resource, asked, answered, r,
                               &err))
        return MHD_YES;
    w->err = err;
    ll_sleep_end(r);
    return MHD_YES;
}

enum MHD_Result ll_handler_forecast_resume(struct ll_request *r)
{
    const struct waiting *w = r->work;
    return w->held ? reply_forecast(r, w->held, w->asked) : ll_reply_error(r, &w->err, 0);
}

enum MHD_Result ll_handler_forecast(struct ll_request *r)
{
    const struct ll_held_forecast *f = find(r);
    if (!f)
        return none_yet(r);
    ll_dur reach = f->kept.until - f->kept.origin;
    ll_dur asked =
        r->param[P_HORIZON].given ? (ll_dur)(r->param[P_HORIZON].number * (double)LL_HOUR) : reach;
    if (asked > reach) {
        ll_engine_forecast_release(f);
        f = ll_engine_forecast_longer(r->api->engine, r->param[P_SERVICE].text,
                                      (enum ll_resource_type)r->param[P_TYPE].resource, asked);
        if (!f)
            return ask_longer(r, asked);
    }
    enum MHD_Result done = reply_forecast(r, f, asked);
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
    ll_render_series(&j, f->kept.service, f->kept.type);
    ll_member_moment(&j, "from", f->kept.history_from);
    ll_member_moment(&j, "to", f->kept.origin);
    ll_json_out_key(&j, "step");
    ll_json_out_int(&j, f->kept.step / LL_SECOND);
    ll_member_count(&j, "steps_with_data", (size_t)f->kept.history_steps);
    ll_member_yes(&j, "seasonal", f->kept.n_seasons > 0);
    ll_json_out_key(&j, "periods");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < f->kept.n_seasons; i++) {
        ll_json_out_open(&j, '{');
        ll_member_number(&j, "steps", f->kept.seasons[i].steps);
        ll_member_number(&j, "seconds",
                         f->kept.seasons[i].steps * (double)f->kept.step / (double)LL_SECOND);
        ll_member_number(&j, "strength", f->kept.seasons[i].strength);
        ll_json_out_close(&j, '}');
    }
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_forecast_release(f);
    return ll_reply_json(r, &text);
}

static bool wanted(const struct ll_request *r, const struct ll_kept_forecast *f)
{
    return ll_identity_may(&r->who, f->service) &&
           (!r->param[P_SERVICE].given ||
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
        ll_render_series(&j, f->service, f->type);
        ll_member_word(&j, "unit", ll_unit_name(f->unit));
        ll_render_peak(&j, f);
        ll_render_forecast_id(&j, f->id);
        ll_member_yes(&j, "stale", ll_forecast_is_stale(f, ll_engine_now(r->api->engine)));
        ll_member_word(&j, "trust", ll_trust_name(b->v[i]->trust.kind));
        ll_member_moment(&j, "from", f->origin);
        ll_member_moment(&j, "to", f->until);
        ll_json_out_close(&j, '}');
    }
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_forecasts_release(b);
    return ll_reply_json(r, &text);
}
