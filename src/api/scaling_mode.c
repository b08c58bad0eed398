/* How far Loadline may go: its mode, pauses and freezes. */
#include "api/fields.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"

/* Rows of the table in routes.c. */
enum { M_DRY_RUN };

static void count_modes(struct ll_json_out *j, const struct ll_identity *who,
                        const struct ll_scaling_book *b)
{
    size_t n[LL_MODE_COUNT] = {0};
    for (size_t i = 0; i < b->n_rules; i++)
        n[b->rules[i].rule->mode] += ll_identity_may(who, b->rules[i].rule->service);
    ll_json_out_key(j, "rules");
    ll_json_out_open(j, '{');
    for (int i = 0; i < LL_MODE_COUNT; i++)
        ll_member_count(j, ll_mode_name((enum ll_mode)i), n[i]);
    ll_json_out_close(j, '}');
}

static void show_held(struct ll_json_out *j, const struct ll_identity *who,
                      const struct ll_scaling_book *b)
{
    ll_json_out_key(j, "targets");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < b->n_targets; i++) {
        const struct ll_held_target *t = b->targets[i];
        const bool held = t->pause.what != LL_PAUSE_NONE || t->freeze.what != LL_PAUSE_NONE;
        if (!held || !ll_identity_may(who, t->target->service))
            continue;
        ll_json_out_open(j, '{');
        ll_member_text(j, "target", t->target->name);
        ll_scaling_show_pause(j, "pause", &t->pause);
        ll_scaling_show_pause(j, "freeze", &t->freeze);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

enum MHD_Result ll_handler_mode(struct ll_request *r)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    ll_json_out_open(&j, '{');
    ll_member_word(&j, "mode", ll_mode_name(b->mode));
    ll_scaling_show_pause(&j, "pause", &b->pause);
    count_modes(&j, &r->who, b);
    show_held(&j, &r->who, b);
    ll_json_out_close(&j, '}');
    ll_engine_scaling_release(b);
    return ll_reply_json(r, &text);
}

static enum MHD_Result then_mode(struct ll_request *r, const struct ll_scaling_said *said)
{
    (void)said;
    return ll_handler_mode(r);
}

enum MHD_Result ll_handler_mode_put(struct ll_request *r)
{
    enum { MODE, RULE };
    static const struct ll_field table[] = {
        {"mode", LL_FIELD_TEXT, true}, {"rule_id", LL_FIELD_TEXT, false}, {0}};
    struct ll_field_value v[LL_LEN(table)];
    struct ll_err err;
    struct ll_scaling_command c = {.verb = LL_SCALING_MODE, .version = -1};
    if (!ll_fields_read(r, table, v, &err))
        return ll_reply_error(r, &err, 0);
    if (!ll_mode_parse(v[MODE].text, &c.mode))
        return ll_reply_problem(r, LL_E_INVALID,
                                "mode: '%.*s' is none of off, observe, approve, auto",
                                (int)LL_MIN(v[MODE].text.n, (size_t)40), v[MODE].text.s);
    c.id = v[RULE].text;
    c.dry_run = r->param[M_DRY_RUN].given && r->param[M_DRY_RUN].yes;
    return ll_scaling_ask(r, &c, then_mode, NULL);
}

static enum MHD_Result put_pause(struct ll_request *r, enum ll_scaling_verb verb)
{
    enum { WHAT, UNTIL, REASON, TARGET };
    static const struct ll_field table[] = {{"what", LL_FIELD_TEXT, true},
                                            {"until", LL_FIELD_TIME, false},
                                            {"reason", LL_FIELD_TEXT, false},
                                            {"target", LL_FIELD_TEXT, false},
                                            {0}};
    struct ll_field_value v[LL_LEN(table)];
    struct ll_err err;
    struct ll_scaling_command c = {.verb = verb};
    if (!ll_fields_read(r, table, v, &err))
        return ll_reply_error(r, &err, 0);
    if (!ll_pause_parse(v[WHAT].text, &c.pause))
        return ll_reply_problem(r, LL_E_INVALID, "what: '%.*s' is none of in, out, both, none",
                                (int)LL_MIN(v[WHAT].text.n, (size_t)40), v[WHAT].text.s);
    c.until = v[UNTIL].given ? v[UNTIL].time : LL_TIME_NONE;
    c.reason = v[REASON].text;
    c.id = v[TARGET].text;
    return ll_scaling_ask(r, &c, then_mode, NULL);
}

enum MHD_Result ll_handler_pause(struct ll_request *r)
{
    return put_pause(r, LL_SCALING_PAUSE);
}

enum MHD_Result ll_handler_freeze(struct ll_request *r)
{
    return put_pause(r, LL_SCALING_FREEZE);
}
