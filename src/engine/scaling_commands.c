/* What people ask for: one command after the other, each durable before it is answered.
 *
 * A change of rules is read and checked whole before anything is kept, and comes into force when it
 * is on disk; the next command waits for it, so that no change is made from an older state. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "engine/scaling_command.h"
#include "engine/scaling_may.h"
#include "engine/scaling_stored.h"

enum { COMMAND_BYTES = 2 << 20, WAITING_MAX = 256, DETAIL_MAX = 2048 };

/* --- in and out --- */

static void command_free(struct ll_scaling_command_run *c)
{
    if (!c)
        return;
    ll_scaling_stored_free(c->stored);
    ll_rules_set_unref(c->set);
    ll_arena_free(c->arena);
    free(c);
}

struct ll_slice ll_scaling_command_copy(struct ll_arena *a, struct ll_slice s)
{
    const char *p = ll_arena_copy(a, s.n ? s.s : "", s.n);
    return (struct ll_slice){p ? p : "", p ? s.n : 0};
}

static struct ll_scaling_command_run *command_new(const struct ll_scaling_command *from)
{
    struct ll_scaling_command_run *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->arena = ll_arena_new(COMMAND_BYTES);
    if (!c->arena) {
        free(c);
        return NULL;
    }
    c->c = *from;
    c->c.id = ll_scaling_command_copy(c->arena, from->id);
    c->c.text = ll_scaling_command_copy(c->arena, from->text);
    c->c.reason = ll_scaling_command_copy(c->arena, from->reason);
    c->c.actor.name = ll_scaling_command_copy(c->arena, from->actor.name);
    c->c.actor.role = ll_scaling_command_copy(c->arena, from->actor.role);
    c->c.actor.address = ll_scaling_command_copy(c->arena, from->actor.address);
    if (from->actor.scope)
        c->scope = *from->actor.scope;
    c->c.actor.scope = &c->scope;
    return c;
}

bool ll_engine_scaling_do(struct ll_engine *e, const struct ll_scaling_command *from,
                          void (*done)(void *ctx, const struct ll_scaling_answer *a), void *ctx,
                          struct ll_err *err)
{
    struct ll_scaling_command_run *c = command_new(from);
    if (!c)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a command");
    c->done = done;
    c->ctx = ctx;
    if (ll_engine_post_command(e, c))
        return true;
    command_free(c);
    return ll_err_set(err, LL_E_BUSY, "the engine is busy: try again");
}

static void finish(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    c->answer.changes = c->changes;
    c->done(c->ctx, &c->answer);
    command_free(c);
    s->commanding = false;
}

static bool fail(struct ll_scaling_command_run *c, const struct ll_err *err)
{
    c->answer.ok = false;
    c->answer.err = *err;
    return false;
}

bool ll_scaling_command_fail(struct ll_scaling_command_run *c, enum ll_err_code code,
                             const char *fmt, ...)
{
    char text[LL_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    ll_err_set(&c->answer.err, code, "%s", text);
    c->answer.ok = false;
    return false;
}

static const char *const verbs[] = {
    [LL_SCALING_APPLY] = "rules.apply",       [LL_SCALING_DELETE] = "rules.delete",
    [LL_SCALING_MODE] = "mode.set",           [LL_SCALING_PAUSE] = "pause.set",
    [LL_SCALING_FREEZE] = "freeze.set",       [LL_SCALING_OVERRIDE] = "override.set",
    [LL_SCALING_COOLDOWN] = "cooldown.set",   [LL_SCALING_APPROVE] = "action.approve",
    [LL_SCALING_REJECT] = "action.reject",    [LL_SCALING_EXECUTE] = "action.execute",
    [LL_SCALING_EVALUATE] = "rules.evaluate",
};

/* One row for each command that changes something; detail is a JSON object's members. */
void ll_scaling_command_audit(struct ll_scaling *s, struct ll_scaling_command_run *c,
                              struct ll_scaling_keep *k, const char *members)
{
    char detail[DETAIL_MAX];
    snprintf(detail, sizeof(detail), "{%s}", members);
    const struct ll_audit_row row = {
        .t = ll_engine_now(s->e),
        .actor = c->c.actor.name,
        .role = c->c.actor.role,
        .address = c->c.actor.address,
        .action = ll_slice_of(verbs[c->c.verb]),
        .object = c->c.id,
        .detail = ll_slice_of(detail),
    };
    ll_scaling_keep_audit(k, &row);
}

static void kept(struct ll_scaling *s, void *ctx, const struct ll_scaling_kept *k);

bool ll_scaling_command_keep(struct ll_scaling *s, struct ll_scaling_command_run *c,
                             struct ll_scaling_keep *k)
{
    (void)s;
    if (k && ll_scaling_keep_send(k, kept, c))
        return true;
    return ll_scaling_command_fail(c, LL_E_BUSY, "storage is busy: nothing was changed, try again");
}

/* --- rules --- */

static struct ll_scaling_change *note(struct ll_scaling_command_run *c, enum ll_rule_kind kind,
                                      struct ll_slice id, enum ll_changed what, int64_t version)
{
    struct ll_scaling_change *x = &c->changes[c->answer.n_changes++];
    x->kind = kind;
    x->what = what;
    x->version = version;
    memcpy(x->id, id.s, LL_MIN(id.n, sizeof(x->id) - 1));
    return x;
}

static bool from_file(const struct ll_scaling *s, enum ll_rule_kind kind, struct ll_slice id)
{
    const struct ll_rules_doc *d = s->set->doc;
    for (size_t i = 0; kind == LL_KIND_TARGET && i < d->n_targets; i++)
        if (ll_slice_eq(d->targets[i].name, id))
            return ll_slice_is(s->set->targets[i].source, "file");
    for (size_t i = 0; kind == LL_KIND_RULE && i < d->n_rules; i++)
        if (ll_slice_eq(d->rules[i].rule_id, id))
            return ll_slice_is(s->set->rules[i].source, "file");
    return false;
}

/* Whoever may set `auto` may change what acts by itself. */
static bool may_auto(struct ll_scaling_command_run *c, struct ll_slice rule_id)
{
    if (c->c.actor.authenticated && ll_slice_is(c->c.actor.role, "admin"))
        return true;
    return ll_scaling_command_fail(
        c, LL_E_DENIED, "rule '%.*s': mode auto %s", (int)rule_id.n, rule_id.s,
        c->c.actor.authenticated ? "needs the role admin"
                                 : "needs authentication: set web.config_file");
}

static bool put_one(struct ll_scaling *s, struct ll_scaling_command_run *c,
                    struct ll_scaling_keep *k, enum ll_rule_kind kind, struct ll_slice id,
                    enum ll_mode mode, struct ll_str *text)
{
    const struct ll_stored_document *old = ll_scaling_stored_find(c->stored, kind, id);
    if (from_file(s, kind, id))
        return ll_scaling_command_fail(c, LL_E_CONFLICT,
                                       "%s '%.*s' is declared in a file: change it there",
                                       ll_rule_kind_name(kind), (int)id.n, id.s);
    if (old && old->document && strcmp(old->document, ll_str_z(text)) == 0) {
        note(c, kind, id, LL_CHANGE_NONE, old->version);
        return true;
    }
    if (mode == LL_MODE_AUTO && !may_auto(c, id))
        return false;
    if (c->c.version >= 0 && (old && old->document ? old->version : 0) != c->c.version)
        return ll_scaling_command_fail(
            c, LL_E_CONFLICT, "%s '%.*s' is at version %lld, not %lld", ll_rule_kind_name(kind),
            (int)id.n, id.s, (long long)(old ? old->version : 0), (long long)c->c.version);
    const int64_t version = (old ? old->version : 0) + 1;
    note(c, kind, id, old && old->document ? LL_CHANGE_CHANGED : LL_CHANGE_ADDED, version);
    const struct ll_rule_row row = {.kind = kind,
                                    .id = id,
                                    .version = version,
                                    .document = {ll_str_z(text), text->n},
                                    .actor = c->c.actor.name,
                                    .t = ll_engine_now(s->e)};
    ll_scaling_keep_rule(k, &row);
    return ll_scaling_stored_put(c->stored, kind, id, ll_str_z(text), version) ||
           ll_scaling_command_fail(c, LL_E_MEMORY, "no memory for the rules");
}

static bool put_all(struct ll_scaling *s, struct ll_scaling_command_run *c,
                    struct ll_scaling_keep *k, const struct ll_rules_doc *d)
{
    struct ll_str text;
    bool ok = true;
    ll_str_init(&text, LL_RULE_DOCUMENT_MAX);
    for (size_t i = 0; ok && i < d->n_targets; i++) {
        ll_str_clear(&text);
        ll_rules_write_target(&d->targets[i], &text);
        ok = put_one(s, c, k, LL_KIND_TARGET, d->targets[i].name, LL_MODE_OFF, &text);
    }
    for (size_t i = 0; ok && i < d->n_rules; i++) {
        ll_str_clear(&text);
        ll_rules_write_rule(&d->rules[i], &text);
        ok = put_one(s, c, k, LL_KIND_RULE, d->rules[i].rule_id, d->rules[i].mode, &text);
    }
    ll_str_fini(&text);
    return ok;
}

/* All of it as it will be, read anew: what does not hold together is refused here. */
static bool read_whole(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_err err;
    return ll_scaling_read(s->e->config->config, c->stored, &c->set, &err) || fail(c, &err);
}

static void changes_text(const struct ll_scaling_command_run *c, char buf[static DETAIL_MAX - 16])
{
    size_t at = (size_t)snprintf(buf, DETAIL_MAX - 16, "\"changed\":[");
    bool first = true;
    for (size_t i = 0; i < c->answer.n_changes && at + LL_NAME_MAX + 8 < DETAIL_MAX - 32; i++) {
        if (c->changes[i].what == LL_CHANGE_NONE)
            continue;
        struct ll_str id;
        ll_str_init(&id, 4 * LL_NAME_MAX);
        ll_json_text_quote(&id, ll_slice_of(c->changes[i].id));
        at += (size_t)snprintf(buf + at, DETAIL_MAX - 16 - at, "%s%.600s", first ? "" : ",",
                               ll_str_z(&id));
        ll_str_fini(&id);
        first = false;
    }
    snprintf(buf + LL_MIN(at, (size_t)DETAIL_MAX - 18), 2, "]");
}

static bool store_rules(struct ll_scaling *s, struct ll_scaling_command_run *c,
                        struct ll_scaling_keep *k)
{
    char members[DETAIL_MAX - 16];
    if (!read_whole(s, c)) {
        ll_scaling_keep_drop(k);
        return false;
    }
    bool changed = false;
    for (size_t i = 0; i < c->answer.n_changes; i++)
        changed |= c->changes[i].what != LL_CHANGE_NONE;
    if (c->c.dry_run || !changed) {
        ll_scaling_keep_drop(k);
        c->answer.ok = true;
        return false;
    }
    changes_text(c, members);
    ll_scaling_command_audit(s, c, k, members);
    return ll_scaling_command_keep(s, c, k);
}

static enum ll_rules_form form_of(const struct ll_scaling_command *c)
{
    if (!c->alone)
        return LL_RULES_WHOLE;
    return c->kind == LL_KIND_RULE ? LL_RULES_RULE : LL_RULES_TARGET;
}

static bool is_named(struct ll_scaling_command_run *c, const struct ll_rules_doc *d)
{
    const struct ll_slice name =
        c->c.kind == LL_KIND_RULE ? d->rules[0].rule_id : d->targets[0].name;
    return ll_slice_eq(name, c->c.id) ||
           ll_scaling_command_fail(c, LL_E_INVALID, "the document is of %s '%.*s', not of '%.*s'",
                                   ll_rule_kind_name(c->c.kind), (int)name.n, name.s,
                                   (int)c->c.id.n, c->c.id.s);
}

static bool apply(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_rules_reading r = {.form = form_of(&c->c),
                                 .known = s->set->doc,
                                 .config = s->e->config->config,
                                 .errs = c->errs,
                                 .max = LL_COMMAND_ERRS};
    const struct ll_rules_text text = {c->c.text, "body"};
    LL_AUTO(ll_rules_doc) d = NULL;
    if (!ll_rules_read(&r, &text, 1, &d)) {
        c->answer.errs = c->errs;
        c->answer.n_errs = LL_MIN(r.n_errs, r.max);
        return fail(c, &c->errs[0]);
    }
    if ((c->c.alone && !is_named(c, d)) ||
        !ll_scaling_may_put(&c->scope, s->set->doc, d, &c->answer.err))
        return false;
    c->changes = LL_ARENA_NEW(c->arena, struct ll_scaling_change,
                              LL_MAX(d->n_targets + d->n_rules, (size_t)1));
    c->stored = ll_scaling_stored_copy(s->stored);
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!c->changes || !c->stored || !k || !put_all(s, c, k, d)) {
        ll_scaling_keep_drop(k);
        return c->answer.err.code
                   ? false
                   : ll_scaling_command_fail(c, LL_E_MEMORY, "no memory for the rules");
    }
    return store_rules(s, c, k);
}

static bool delete (struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    const struct ll_scaling_rule *user =
        c->c.kind == LL_KIND_RULE ? ll_rules_user_of(s->set->doc, c->c.id) : NULL;
    const struct ll_stored_document *old = ll_scaling_stored_find(s->stored, c->c.kind, c->c.id);
    if (!(c->c.kind == LL_KIND_RULE ? ll_scaling_may_rule : ll_scaling_may_target)(
            &c->scope, s->set->doc, c->c.id, &c->answer.err))
        return false;
    if (from_file(s, c->c.kind, c->c.id))
        return ll_scaling_command_fail(c, LL_E_CONFLICT,
                                       "%s '%.*s' is declared in a file: take it out there",
                                       ll_rule_kind_name(c->c.kind), (int)c->c.id.n, c->c.id.s);
    if (!old || !old->document)
        return ll_scaling_command_fail(c, LL_E_NOT_FOUND, "there is no %s '%.*s'",
                                       ll_rule_kind_name(c->c.kind), (int)c->c.id.n, c->c.id.s);
    if (c->c.version >= 0 && old->version != c->c.version)
        return ll_scaling_command_fail(c, LL_E_CONFLICT, "it is at version %lld, not %lld",
                                       (long long)old->version, (long long)c->c.version);
    if (user)
        return ll_scaling_command_fail(c, LL_E_CONFLICT,
                                       "the rule '%.*s' uses it: change that one first",
                                       (int)user->rule_id.n, user->rule_id.s);
    c->changes = LL_ARENA_NEW(c->arena, struct ll_scaling_change, 1);
    c->stored = ll_scaling_stored_copy(s->stored);
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!c->changes || !c->stored || !k ||
        !ll_scaling_stored_put(c->stored, c->c.kind, c->c.id, NULL, old->version + 1)) {
        ll_scaling_keep_drop(k);
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory for the rules");
    }
    const struct ll_rule_row row = {.kind = c->c.kind,
                                    .id = c->c.id,
                                    .version = old->version + 1,
                                    .document = ll_slice_of(old->document),
                                    .deleted = true,
                                    .actor = c->c.actor.name,
                                    .t = ll_engine_now(s->e)};
    note(c, c->c.kind, c->c.id, LL_CHANGE_DELETED, row.version);
    ll_scaling_keep_rule(k, &row);
    return store_rules(s, c, k);
}

/* --- the daemon's switches --- */

static struct ll_live_target *target_of(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_live_target *t = ll_scaling_find(s, c->c.id);
    if (!t)
        ll_scaling_command_fail(c, LL_E_NOT_FOUND, "there is no target '%.*s'", (int)c->c.id.n,
                                c->c.id.s);
    return t && ll_scaling_may(&c->scope, t->target->service, &c->answer.err) ? t : NULL;
}

static struct ll_live_target *target_of_rule(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    if (!ll_scaling_may_rule(&c->scope, s->set->doc, c->c.id, &c->answer.err))
        return NULL;
    for (size_t i = 0; i < s->n_targets; i++)
        for (size_t r = 0; r < s->targets[i].n_rules; r++)
            if (ll_slice_eq(s->targets[i].rules[r].rule->rule_id, c->c.id))
                return &s->targets[i];
    ll_scaling_command_fail(c, LL_E_NOT_FOUND, "there is no rule '%.*s'", (int)c->c.id.n,
                            c->c.id.s);
    return NULL;
}

static void put(char *buf, size_t size, struct ll_slice text)
{
    const size_t n = LL_MIN(text.n, size - 1);
    memcpy(buf, text.s, n);
    buf[n] = '\0';
}

static bool keep_daemon(struct ll_scaling *s, struct ll_scaling_command_run *c, const char *members)
{
    struct ll_str text;
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!k)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    ll_str_init(&text, 4096);
    ll_scaling_stored_write_daemon(c->stored, &text);
    ll_scaling_keep_daemon(k, (struct ll_slice){ll_str_z(&text), text.n});
    ll_str_fini(&text);
    ll_scaling_command_audit(s, c, k, members);
    return ll_scaling_command_keep(s, c, k);
}

/* A rule's mode is part of its document: a new version of it. */
static bool rule_mode(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    for (size_t i = 0; i < s->set->doc->n_rules; i++) {
        struct ll_scaling_rule rule = s->set->doc->rules[i];
        struct ll_str text;
        if (!ll_slice_eq(rule.rule_id, c->c.id))
            continue;
        rule.mode = c->c.mode;
        ll_str_init(&text, LL_RULE_DOCUMENT_MAX);
        ll_str_addz(&text, "{\"rules\":[");
        ll_rules_write_rule(&rule, &text);
        ll_str_addz(&text, "]}");
        c->c.text = ll_scaling_command_copy(c->arena, (struct ll_slice){ll_str_z(&text), text.n});
        ll_str_fini(&text);
        return apply(s, c);
    }
    return ll_scaling_command_fail(c, LL_E_NOT_FOUND, "there is no rule '%.*s'", (int)c->c.id.n,
                                   c->c.id.s);
}

static bool set_mode(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    char members[64];
    if (c->c.id.n)
        return ll_scaling_may_rule(&c->scope, s->set->doc, c->c.id, &c->answer.err) &&
               rule_mode(s, c);
    if (!ll_scaling_may_all(&c->scope, &c->answer.err))
        return false;
    if (c->c.mode == LL_MODE_AUTO &&
        (!c->c.actor.authenticated || !ll_slice_is(c->c.actor.role, "admin") ||
         ll_scaling_ceiling(s->e->config->config, LL_MODE_AUTO) != LL_MODE_AUTO))
        return ll_scaling_command_fail(
            c, LL_E_DENIED,
            "mode auto needs the role admin, authentication (web.config_file) and "
            "enable_auto_scaling: true");
    c->stored = ll_scaling_stored_copy(s->stored);
    if (!c->stored)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    c->stored->has_mode = true;
    c->stored->mode = c->c.mode;
    if (c->c.dry_run) {
        c->answer.ok = true;
        return false;
    }
    snprintf(members, sizeof(members), "\"from\":\"%s\",\"to\":\"%s\"", ll_mode_name(s->mode),
             ll_mode_name(c->c.mode));
    return keep_daemon(s, c, members);
}

static struct ll_pause_state pause_of(const struct ll_scaling_command_run *c)
{
    struct ll_pause_state p = {.what = c->c.pause, .until = c->c.until};
    if (p.what == LL_PAUSE_NONE)
        p.until = LL_TIME_NONE;
    put(p.actor, sizeof(p.actor), c->c.actor.name);
    put(p.reason, sizeof(p.reason), c->c.reason);
    return p;
}

static bool check_until(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    if (c->c.pause == LL_PAUSE_NONE)
        return true;
    if (c->c.until == LL_TIME_NONE || c->c.until <= ll_engine_now(s->e))
        return ll_scaling_command_fail(c, LL_E_INVALID,
                                       "until must be a time to come: a pause always ends");
    return c->c.reason.n > 0 ||
           ll_scaling_command_fail(c, LL_E_INVALID, "reason is missing: why is it paused");
}

static bool keep_state(struct ll_scaling *s, struct ll_scaling_command_run *c,
                       struct ll_live_target *t, const char *members)
{
    struct ll_scaling_keep *k = ll_scaling_keep_new(s);
    if (!k)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    ll_scaling_keep_state(k, t->target->name, &t->state);
    ll_scaling_command_audit(s, c, k, members);
    t->dirty = t->changed = s->any_dirty = true;
    return ll_scaling_command_keep(s, c, k);
}

static bool set_pause(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    char members[1024];
    const struct ll_pause_state p = pause_of(c);
    if (!check_until(s, c))
        return false;
    ll_scaling_pause_text(&p, members, sizeof(members));
    if (c->c.id.n) {
        struct ll_live_target *t = target_of(s, c);
        if (!t)
            return false;
        if (c->c.verb == LL_SCALING_FREEZE)
            t->state.freeze = p;
        else
            t->state.pause = p;
        return keep_state(s, c, t, members);
    }
    if (!ll_scaling_may_all(&c->scope, &c->answer.err))
        return false;
    c->stored = ll_scaling_stored_copy(s->stored);
    if (!c->stored)
        return ll_scaling_command_fail(c, LL_E_MEMORY, "no memory");
    c->stored->pause = p;
    return keep_daemon(s, c, members);
}

static bool set_override(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    char members[256];
    struct ll_live_target *t = target_of(s, c);
    struct ll_manual m = c->c.manual;
    if (!t)
        return false;
    if (m.set && m.until <= ll_engine_now(s->e))
        return ll_scaling_command_fail(c, LL_E_INVALID,
                                       "until must be a time to come: an override always ends");
    if (m.set && (m.floor < 0 || m.floor > t->target->max || (m.exact && m.ceiling != m.floor) ||
                  (m.ceiling > 0 && m.ceiling < m.floor)))
        return ll_scaling_command_fail(
            c, LL_E_RANGE, "%lld to %lld is not within 0 and max_instances %lld",
            (long long)m.floor, (long long)m.ceiling, (long long)t->target->max);
    put(m.actor, sizeof(m.actor), c->c.actor.name);
    put(m.reason, sizeof(m.reason), c->c.reason);
    t->state.manual = m;
    snprintf(members, sizeof(members), "\"set\":%s,\"floor\":%lld,\"ceiling\":%lld,\"until\":%lld",
             m.set ? "true" : "false", (long long)m.floor, (long long)m.ceiling,
             m.set ? (long long)m.until : 0);
    return keep_state(s, c, t, members);
}

static bool set_cooldown(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    char members[64];
    struct ll_live_target *t = target_of_rule(s, c);
    const ll_time until = ll_engine_now(s->e) + c->c.span;
    if (!t)
        return false;
    if (c->c.span < 0 || c->c.span > LL_DAY)
        return ll_scaling_command_fail(c, LL_E_RANGE,
                                       "a cooldown of %lld s is not within 0 and a day",
                                       (long long)(c->c.span / LL_SECOND));
    t->state.cooldown_out = t->state.cooldown_in = c->c.span ? until : LL_TIME_NONE;
    snprintf(members, sizeof(members), "\"seconds\":%lld", (long long)(c->c.span / LL_SECOND));
    return keep_state(s, c, t, members);
}

static bool evaluate(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    if (c->c.id.n) {
        struct ll_live_target *t = target_of(s, c);
        if (!t)
            return false;
        t->dirty = true;
    } else if (!ll_scaling_may_all(&c->scope, &c->answer.err)) {
        return false;
    }
    for (size_t i = 0; c->c.id.n == 0 && i < s->n_targets; i++)
        s->targets[i].dirty = true;
    s->any_dirty = true;
    ll_scaling_run(s);
    ll_scaling_publish(s); /* who asked sees it */
    c->answer.ok = true;
    return false;
}

/* --- one after the other --- */

/* True: its answer comes when it is durable.  False: it is complete. */
static bool start(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    switch (c->c.verb) {
    case LL_SCALING_APPLY:
        return apply(s, c);
    case LL_SCALING_DELETE:
        return delete (s, c);
    case LL_SCALING_MODE:
        return set_mode(s, c);
    case LL_SCALING_PAUSE:
    case LL_SCALING_FREEZE:
        return set_pause(s, c);
    case LL_SCALING_OVERRIDE:
        return set_override(s, c);
    case LL_SCALING_COOLDOWN:
        return set_cooldown(s, c);
    case LL_SCALING_APPROVE:
    case LL_SCALING_EXECUTE:
        return ll_scaling_command_approve(s, c);
    case LL_SCALING_REJECT:
        return ll_scaling_command_reject(s, c);
    case LL_SCALING_EVALUATE:
        return evaluate(s, c);
    }
    return ll_scaling_command_fail(c, LL_E_INTERNAL, "a command that there is not");
}

static void next_command(struct ll_scaling *s)
{
    while (!s->commanding && s->waiting) {
        struct ll_scaling_command_run *c = s->waiting;
        s->waiting = c->next;
        s->n_waiting--;
        if (!s->waiting)
            s->last_waiting = NULL;
        s->commanding = true;
        if (!start(s, c))
            finish(s, c);
    }
}

static bool in_force(struct ll_scaling *s, struct ll_scaling_command_run *c)
{
    struct ll_err err;
    if (c->stored) {
        ll_scaling_stored_free(s->stored);
        s->stored = c->stored;
        c->stored = NULL;
        s->pause = s->stored->pause;
        if (s->stored->has_mode)
            s->mode = ll_scaling_ceiling(s->e->config->config, s->stored->mode);
    }
    if (!c->set)
        return true;
    if (!ll_scaling_use(s, c->set, &err))
        return fail(c, &err);
    c->set = NULL;
    return true;
}

static enum ll_row_refusal refused(const struct ll_scaling_rows *rows)
{
    for (size_t i = 0; i < rows->n_rules; i++)
        if (rows->rules[i].refusal != LL_ROW_TAKEN)
            return rows->rules[i].refusal;
    return LL_ROW_TAKEN;
}

static void kept(struct ll_scaling *s, void *ctx, const struct ll_scaling_kept *k)
{
    struct ll_scaling_command_run *c = ctx;
    const enum ll_row_refusal why = k->committed ? refused(k->rows) : LL_ROW_TAKEN;
    if (!k->committed)
        fail(c, k->err);
    else if (why != LL_ROW_TAKEN)
        ll_scaling_command_fail(c, LL_E_CONFLICT, "%s", ll_row_refusal_text(why));
    else if (in_force(s, c))
        c->answer.ok = true;
    for (size_t i = 0; i < s->n_targets; i++)
        s->targets[i].dirty = s->targets[i].changed = true;
    s->any_dirty = true;
    ll_scaling_publish(s); /* what it changed is seen by whoever is told that it was */
    finish(s, c);
    next_command(s);
}

void ll_scaling_command(struct ll_scaling *s, void *command)
{
    struct ll_scaling_command_run *c = command;
    if (s->n_waiting >= WAITING_MAX) {
        ll_scaling_command_fail(c, LL_E_BUSY, "%d commands wait: try again", WAITING_MAX);
        c->done(c->ctx, &c->answer);
        command_free(c);
        return;
    }
    c->next = NULL;
    if (s->last_waiting)
        ((struct ll_scaling_command_run *)s->last_waiting)->next = c;
    else
        s->waiting = c;
    s->last_waiting = c;
    s->n_waiting++;
    next_command(s);
}

static void drop(void *command)
{
    struct ll_scaling_command_run *c = command;
    ll_scaling_command_fail(c, LL_E_BUSY, "the daemon ends");
    c->done(c->ctx, &c->answer);
    command_free(c);
}

void ll_scaling_command_drop(void *command)
{
    if (command)
        drop(command);
}

void ll_scaling_commands_drop(struct ll_scaling *s)
{
    while (s->waiting) {
        struct ll_scaling_command_run *c = s->waiting;
        s->waiting = c->next;
        drop(c);
    }
}
