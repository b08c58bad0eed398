/* What decisions of scaling are told of demand to come, and why. */
#include <math.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/render_forecast.h"
#include "api/reply.h"

/* Rows of the table in routes.c. */
enum { D_SERVICE, D_TYPE, D_FROM, D_SPAN, D_QUANTILE };

static const double usual_quantile = 0.95;

static void body(struct ll_json_out *j, const struct ll_demand_ask *ask, const struct ll_demand *d)
{
    char text[LL_DEMAND_TEXT_MAX];
    ll_json_out_open(j, '{');
    ll_render_series(j, ask->service, ask->type);
    ll_member_word(j, "state", ll_demand_name(d->kind));
    ll_member_number(j, "value", d->value);
    ll_member_number(j, "said", d->said);
    ll_member_word(j, "unit", d->forecast ? ll_unit_name(d->unit) : NULL);
    ll_member_number(j, "quantile", d->quantile);
    ll_member_moment(j, "from", d->from);
    ll_member_moment(j, "to", d->to);
    ll_member_moment(j, "at", d->at);
    ll_render_forecast_id(j, d->forecast);
    ll_member_moment(j, "origin", d->origin);
    ll_member_moment(j, "made", d->made);
    ll_member_word(j, "model_used", d->forecast ? d->model : NULL);
    ll_member_word(j, "reason", ll_demand_text(d, text));
    ll_render_trust(j, &d->trust);
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_handler_demand(struct ll_request *r)
{
    const struct ll_param_value *p = r->param;
    const struct ll_demand_ask ask = {
        .service = p[D_SERVICE].text,
        .type = (enum ll_resource_type)p[D_TYPE].resource,
        .from = p[D_FROM].given ? p[D_FROM].time : ll_engine_now(r->api->engine),
        .span = p[D_SPAN].given ? p[D_SPAN].integer * LL_SECOND : LL_HOUR,
        .quantile = p[D_QUANTILE].given ? p[D_QUANTILE].number : usual_quantile};
    struct ll_demand d;
    struct ll_str text;
    ll_engine_demand(r->api->engine, &ask, &d);
    ll_str_init(&text, LL_RESPONSE_MAX);
    body(&(struct ll_json_out){.out = &text}, &ask, &d);
    return ll_reply_json(r, &text);
}
