/* GET /capacity-models: how demand becomes instances, target by target, as it is declared. */
#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/scaling.h"

static void model(struct ll_json_out *j, const struct ll_target *t, ll_time now)
{
    const struct ll_capacity_model *m = &t->capacity;
    const bool ends = m->expires != LL_TIME_NONE && m->expires > 0;
    ll_json_out_open(j, '{');
    ll_member_text(j, "target", t->name);
    ll_member_text(j, "service", t->service);
    ll_member_word(j, "driver", ll_resource_name(m->driver));
    ll_member_text(j, "part", m->part);
    ll_member_number(j, "units_per_instance", m->units_per_instance);
    ll_member_text(j, "source", m->source);
    ll_member_moment(j, "date", m->date);
    ll_member_moment(j, "expires", ends ? m->expires : LL_TIME_NONE);
    ll_member_yes(j, "expired", ends && now >= m->expires);
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_handler_capacity_models(struct ll_request *r)
{
    struct ll_str text;
    const ll_time now = ll_engine_now(r->api->engine);
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < b->n_targets; i++)
        if (b->targets[i]->target->capacity.units_per_instance > 0)
            model(&j, b->targets[i]->target, now);
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_scaling_release(b);
    return ll_reply_json(r, &text);
}
