/* Rules, targets and what people ask of them: each is a command that the engine does. */
#include <stdio.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"

/* Rows of the tables in routes.c. */
enum { A_DRY_RUN };            /* POST /rules */
enum { P_DRY_RUN, P_VERSION }; /* PUT and DELETE */
enum { E_TARGET };             /* POST /evaluate */

static const char *const change_names[] = {
    [LL_CHANGE_NONE] = "unchanged",
    [LL_CHANGE_ADDED] = "added",
    [LL_CHANGE_CHANGED] = "changed",
    [LL_CHANGE_DELETED] = "deleted",
};

static enum MHD_Result reply_changes(struct ll_request *r, const struct ll_scaling_said *said)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "changes");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < said->n_changes; i++) {
        const struct ll_scaling_change *c = &said->changes[i];
        ll_json_out_open(&j, '{');
        ll_member_word(&j, "kind", ll_rule_kind_name(c->kind));
        ll_member_word(&j, "id", c->id);
        ll_member_word(&j, "change", change_names[c->what]);
        ll_json_out_key(&j, "version");
        ll_json_out_int(&j, c->version);
        ll_json_out_close(&j, '}');
    }
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

static struct ll_slice body_of(const struct ll_request *r)
{
    return (struct ll_slice){r->body.s ? r->body.s : "", r->body.n};
}

static bool is_dry(const struct ll_request *r, int at)
{
    return r->param[at].given && r->param[at].yes;
}

enum MHD_Result ll_handler_rules_apply(struct ll_request *r)
{
    struct ll_scaling_command c = {.verb = LL_SCALING_APPLY,
                                   .text = body_of(r),
                                   .version = -1,
                                   .dry_run = is_dry(r, A_DRY_RUN)};
    return ll_scaling_ask(r, &c, reply_changes, NULL);
}

static enum MHD_Result change_one(struct ll_request *r, struct ll_scaling_command *c)
{
    enum MHD_Result done;
    if (!ll_scaling_version(r, P_VERSION, &c->version, &done))
        return done;
    c->id = ll_request_id(r);
    c->dry_run = is_dry(r, P_DRY_RUN);
    return ll_scaling_ask(r, c, reply_changes, NULL);
}

enum MHD_Result ll_handler_rule_put(struct ll_request *r)
{
    struct ll_scaling_command c = {
        .verb = LL_SCALING_APPLY, .kind = LL_KIND_RULE, .alone = true, .text = body_of(r)};
    return change_one(r, &c);
}

enum MHD_Result ll_handler_rule_delete(struct ll_request *r)
{
    struct ll_scaling_command c = {.verb = LL_SCALING_DELETE, .kind = LL_KIND_RULE};
    return change_one(r, &c);
}

enum MHD_Result ll_handler_target_put(struct ll_request *r)
{
    struct ll_scaling_command c = {
        .verb = LL_SCALING_APPLY, .kind = LL_KIND_TARGET, .alone = true, .text = body_of(r)};
    return change_one(r, &c);
}

enum MHD_Result ll_handler_target_delete(struct ll_request *r)
{
    struct ll_scaling_command c = {.verb = LL_SCALING_DELETE, .kind = LL_KIND_TARGET};
    return change_one(r, &c);
}

/* --- what a person asks of a target --- */

static enum MHD_Result reply_target(struct ll_request *r, struct ll_slice name)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    const struct ll_held_target *t = ll_scaling_book_target(b, name);
    if (t)
        ll_scaling_show_target(&(struct ll_json_out){.out = &text}, b, t);
    ll_engine_scaling_release(b);
    return t ? ll_reply_json(r, &text)
             : ll_reply_problem(r, LL_E_NOT_FOUND, "the target was deleted meanwhile");
}

static enum MHD_Result then_target(struct ll_request *r, const struct ll_scaling_said *said)
{
    (void)said;
    return reply_target(r, ll_request_id(r));
}

static enum MHD_Result then_target_of_rule(struct ll_request *r, const struct ll_scaling_said *said)
{
    (void)said;
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    const struct ll_held_rule *rule = ll_scaling_book_rule(b, ll_request_id(r));
    if (rule)
        ll_scaling_show_target(&(struct ll_json_out){.out = &text}, b, b->targets[rule->target]);
    ll_engine_scaling_release(b);
    return rule ? ll_reply_json(r, &text)
                : ll_reply_problem(r, LL_E_NOT_FOUND, "the rule was deleted meanwhile");
}

enum MHD_Result ll_handler_cooldown(struct ll_request *r)
{
    static const struct ll_field table[] = {{"seconds", LL_FIELD_INT, true}, {0}};
    struct ll_field_value v[LL_LEN(table)];
    struct ll_err err;
    if (!ll_fields_read(r, table, v, &err))
        return ll_reply_error(r, &err, 0);
    if (v[0].integer < 0 || v[0].integer > LL_DAY / LL_SECOND)
        return ll_reply_problem(r, LL_E_RANGE, "seconds: %lld is not within 0 and a day",
                                (long long)v[0].integer);
    struct ll_scaling_command c = {
        .verb = LL_SCALING_COOLDOWN, .id = ll_request_id(r), .span = v[0].integer * LL_SECOND};
    return ll_scaling_ask(r, &c, then_target_of_rule, NULL);
}

static bool read_override(struct ll_request *r, struct ll_scaling_command *c, struct ll_err *err)
{
    enum { COUNT, FLOOR, CEILING, EXPIRES, REASON };
    static const struct ll_field table[] = {
        {"count", LL_FIELD_INT, false},   {"floor", LL_FIELD_INT, false},
        {"ceiling", LL_FIELD_INT, false}, {"expires_at", LL_FIELD_TIME, true},
        {"reason", LL_FIELD_TEXT, true},  {0}};
    struct ll_field_value v[LL_LEN(table)];
    if (!ll_fields_read(r, table, v, err))
        return false;
    const bool exact = v[COUNT].given, range = v[FLOOR].given || v[CEILING].given;
    if (exact == range)
        return ll_err_set(err, LL_E_INVALID, "give either count, or floor and ceiling");
    if (v[CEILING].given && v[CEILING].integer < 1)
        return ll_err_set(err, LL_E_RANGE, "ceiling is less than 1: use count for 0");
    c->reason = v[REASON].text;
    c->manual = (struct ll_manual){.set = true,
                                   .exact = exact,
                                   .floor = exact ? v[COUNT].integer : v[FLOOR].integer,
                                   .ceiling = exact ? v[COUNT].integer : v[CEILING].integer,
                                   .until = v[EXPIRES].time};
    return true;
}

enum MHD_Result ll_handler_override_put(struct ll_request *r)
{
    struct ll_err err;
    struct ll_scaling_command c = {.verb = LL_SCALING_OVERRIDE, .id = ll_request_id(r)};
    if (!read_override(r, &c, &err))
        return ll_reply_error(r, &err, 0);
    return ll_scaling_ask(r, &c, then_target, NULL);
}

enum MHD_Result ll_handler_override_delete(struct ll_request *r)
{
    struct ll_scaling_command c = {.verb = LL_SCALING_OVERRIDE, .id = ll_request_id(r)};
    return ll_scaling_ask(r, &c, then_target, NULL);
}

static enum MHD_Result then_evaluated(struct ll_request *r, const struct ll_scaling_said *said)
{
    (void)said;
    const bool all = !r->param[E_TARGET].given;
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    for (size_t i = 0; i < b->n_targets; i++)
        if (all || ll_slice_eq(b->targets[i]->target->name, r->param[E_TARGET].text))
            ll_scaling_show_decided(&j, b->targets[i]);
    ll_json_out_close(&j, ']');
    ll_json_out_close(&j, '}');
    ll_engine_scaling_release(b);
    return ll_reply_json(r, &text);
}

enum MHD_Result ll_handler_evaluate(struct ll_request *r)
{
    struct ll_scaling_command c = {.verb = LL_SCALING_EVALUATE};
    if (r->param[E_TARGET].given)
        c.id = r->param[E_TARGET].text;
    return ll_scaling_ask(r, &c, then_evaluated, NULL);
}
