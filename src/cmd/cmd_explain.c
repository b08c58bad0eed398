/* Why a target has the size it has: the stages of a decision, in their order, each with the number
 * it left, and what would have been without it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"
#include "os/zone.h"

enum { ARROW_AT = 62 };

struct explained {
    json_t *target;   /* NULL when a decision was named */
    json_t *decision; /* GET /decisions/ID; NULL: none was recorded */
    json_t *replay;   /* with --replay */
};

static void fini(struct explained *x)
{
    json_decref(x->target);
    json_decref(x->decision);
    json_decref(x->replay);
}

/* "  3 combine    the highest of 2 answers                 -> 16" */
static void add_stage(struct ll_ctx *c, size_t number, const char *name, const char *text,
                      double to, double without)
{
    struct ll_str line;
    ll_str_init(&line, 1024);
    if (number)
        ll_str_addf(&line, "  %zu %-10s ", number, name);
    else
        ll_str_addf(&line, "    %-10s ", name);
    ll_text_add(&line, text, 0, c->utf8);
    const size_t width = ll_text_width(ll_str_z(&line)); /* nothing is cut */
    ll_text_pad(&c->out, ll_str_z(&line), LL_MAX(width, (size_t)ARROW_AT), false, c->utf8);
    ll_str_fini(&line);
    if (!isnan(to))
        ll_str_addf(&c->out, " -> %.0f", to);
    if (!isnan(without) && without != to)
        ll_str_addf(&c->out, "   (without it %.0f)", without);
    ll_str_addc(&c->out, '\n');
}

static void add_proposals(struct ll_ctx *c, const json_t *decision)
{
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(decision, "proposals"), i, p)
    {
        const bool none = strcmp(ll_json_text(p, "state"), "none") == 0;
        struct ll_str text;
        ll_str_init(&text, 1024);
        ll_str_addf(&text, "%s: %s%s", ll_json_text(p, "rule_id"), ll_json_text(p, "text"),
                    ll_json_is_true(p, "shadow") ? " [not combined]" : "");
        add_stage(c, i == 0 ? 1 : 0, i == 0 ? "signals" : "", ll_str_z(&text),
                  none ? (double)NAN : ll_json_number(p, "want"), NAN);
        ll_str_fini(&text);
    }
}

static void add_stages(struct ll_ctx *c, const json_t *decision)
{
    size_t i;
    json_t *s;
    const double to = ll_json_number(decision, "to");
    json_array_foreach(json_object_get(decision, "stages"), i, s)
    {
        const char *text = ll_json_text(s, "text"), *bound = ll_json_text(s, "bound");
        const double without = ll_json_number(s, "without");
        add_stage(c, i + 2, ll_json_text(s, "stage"),
                  text[0]                      ? text
                  : strcmp(bound, "none") == 0 ? "changes nothing"
                                               : bound,
                  ll_json_number(s, "after"), without == to ? (double)NAN : without);
    }
}

static void add_head(struct ll_ctx *c, const json_t *row)
{
    char at[LL_ZONE_TEXT_MAX];
    ll_text_add(&c->out, ll_json_text(row, "target"), 0, c->utf8);
    ll_str_addf(&c->out, ": %.0f", ll_json_number(row, "current"));
    if (ll_json_number(row, "to") != ll_json_number(row, "current"))
        ll_str_addf(&c->out, " -> %.0f", ll_json_number(row, "to"));
    ll_str_addf(&c->out, ", %s (decision %s, %s)\n", ll_json_text(row, "verdict"),
                ll_json_text(row, "decision_id"),
                ll_zone_format(ll_json_time(row, "timestamp"), LL_ZONE_FULL, at));
}

/* What the target itself said last, where something is wrong with it. */
static void add_condition(struct ll_ctx *c, const struct explained *x)
{
    const char *text = ll_json_text(x->target, "condition");
    if (!text[0])
        return;
    ll_str_addz(&c->out, "  target: ");
    ll_text_add(&c->out, text, 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

/* What can be done about it, where something waits. */
static void add_waiting(struct ll_ctx *c, const struct explained *x)
{
    const json_t *a = json_object_get(x->target, "action");
    if (strcmp(ll_json_text(a, "state"), "proposed") != 0)
        return;
    ll_str_addf(&c->out, "  approve: loadline proposals approve %s     by %s\n",
                ll_json_text(a, "action_id"), ll_json_text(a, "expires"));
}

static void add_replay(struct ll_ctx *c, const json_t *replay)
{
    if (!replay)
        return;
    if (ll_json_is_true(replay, "same")) {
        ll_str_addz(&c->out, "  replayed: the same\n");
        return;
    }
    ll_str_addz(&c->out, "  replayed: differs, ");
    ll_text_add(&c->out, ll_json_text(replay, "differs"), 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

static void add_reason(struct ll_ctx *c, const json_t *d)
{
    ll_str_addz(&c->out, "  ");
    ll_text_add(&c->out, ll_json_text(d, "reason"), 0, c->utf8);
    ll_str_addc(&c->out, '\n');
}

static bool print(struct ll_ctx *c, const struct explained *x, struct ll_err *err)
{
    const json_t *last = json_object_get(x->target, "last");
    if (c->form == LL_FORM_JSON) {
        LL_AUTO_JSON whole = json_pack("{s:O*, s:O*, s:O*}", "target", x->target, "decision",
                                       x->decision, "replay", x->replay);
        ll_json_print(c, whole);
        return true;
    }
    if (!x->decision && !json_is_object(last))
        return ll_err_set(err, LL_E_SHORT, "nothing has been decided about it yet");
    const json_t *row = x->decision ? x->decision : last;
    const json_t *d = json_object_get(json_object_get(x->decision, "record"), "decision");
    if (!x->decision) /* no change of what was said: it needs no record */
        json_object_set((json_t *)last, "target", json_object_get(x->target, "name"));
    add_head(c, row);
    add_reason(c, d ? d : last);
    add_proposals(c, d);
    add_stages(c, d);
    add_condition(c, x);
    add_waiting(c, x);
    add_replay(c, x->replay);
    return true;
}

static bool find(struct ll_ctx *c, const char *name, struct explained *x, struct ll_err *err)
{
    if (ll_scaling_ask_target(c, name, &x->target, err)) {
        const char *id = ll_json_text(json_object_get(x->target, "last"), "decision_id");
        return !id[0] || ll_scaling_ask_get(c, "decisions", id, &x->decision, err);
    }
    if (err->code != LL_E_NOT_FOUND)
        return false;
    return ll_scaling_ask_get(c, "decisions", name, &x->decision, err) ||
           (err->code == LL_E_NOT_FOUND
                ? ll_err_set(err, LL_E_NOT_FOUND, "there is no rule, target or decision '%.128s'",
                             name)
                : false);
}

static bool replay(struct ll_ctx *c, struct explained *x, struct ll_err *err)
{
    struct ll_str path;
    if (!ll_args_bool(c->args, "replay"))
        return true;
    if (!x->decision)
        return ll_err_set(err, LL_E_SHORT, "no decision was recorded that could be replayed");
    ll_str_init(&path, LL_SCALING_PATH_MAX);
    ll_str_addz(&path, "/api/v1/decisions");
    ll_client_segment(&path, ll_json_text(x->decision, "decision_id"));
    ll_str_addz(&path, "/replay");
    const bool ok = ll_client_get(c, ll_str_z(&path), &x->replay, err);
    ll_str_fini(&path);
    if (ok && !ll_json_is_true(x->replay, "same"))
        c->exit_code = 1;
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct explained x = {0};
    const bool ok =
        find(c, c->args->positionals[0], &x, err) && replay(c, &x, err) && print(c, &x, err);
    fini(&x);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "replay",
     .type = LL_FLAG_BOOL,
     .doc = "decide again from the record and compare; exits 1 when it differs"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "NAME", .kind = LL_POSITIONAL_TEXT, .doc = "a rule, a target or the id of a decision"},
    {0}};

const struct ll_command ll_cmd_explain = {
    .name = "explain",
    .group = "Scaling",
    .doc = "say why a target has the size it has, stage by stage",
    .about = "Each stage shows the number it left; (without it N) is what the result had been had "
             "that stage not been. A target or rule means its last recorded decision.",
    .examples = {{"loadline explain order-gateway", "why so many"},
                 {"loadline explain 8f2c --replay", "the same decision, computed again"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
