/* Actions and decisions that are kept, the audit log, and what people say to proposals. */
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"
#include "base/num.h"

enum { ACTION_SPAN_H = 7 * 24, DECISION_ARENA = 4 << 20 };

/* Rows of the tables in routes.c. */
enum { L_SERVICE, L_TARGET, L_HOURS, L_LIMIT, L_CURSOR, L_STATE };
enum { U_OBJECT, U_LIMIT, U_CURSOR, U_NEWEST };

/* --- pages --- */

bool ll_scaling_place_read(struct ll_slice cursor, struct ll_scaling_place *out)
{
    int64_t t = 0, skip = 0;
    const char *dot = cursor.n ? memchr(cursor.s, '.', cursor.n) : NULL;
    if (!dot)
        return false;
    const size_t n = (size_t)(dot - cursor.s);
    if (!ll_num_parse_int((struct ll_slice){cursor.s, n}, &t) || t < LL_TIME_MIN ||
        t >= LL_TIME_MAX ||
        !ll_num_parse_int((struct ll_slice){dot + 1, cursor.n - n - 1}, &skip) || skip < 0)
        return false;
    *out = (struct ll_scaling_place){t, (size_t)skip};
    return true;
}

bool ll_scaling_place_pass(struct ll_scaling_place *p, ll_time t, size_t *skipped)
{
    if (t == p->t && *skipped < p->skip) {
        ++*skipped;
        return false;
    }
    p->skip = t == p->t ? p->skip + 1 : 1;
    *skipped = p->skip; /* none of the following is one that was shown */
    p->t = t;
    return true;
}

struct rows {
    struct ll_json_out *j;
    const struct ll_identity *who; /* sees rows of its services only */
    struct ll_scaling_place place;
    size_t limit, shown, skipped;
    bool more;
};

/* False: the page is full.  *show says whether the row is one of it. */
static bool next_row(struct rows *x, ll_time t, bool *show)
{
    struct ll_scaling_place next = x->place;
    size_t skipped = x->skipped;
    *show = ll_scaling_place_pass(&next, t, &skipped);
    if (*show && x->shown == x->limit) {
        x->more = true;
        return false;
    }
    x->place = next;
    x->skipped = skipped;
    x->shown += *show;
    return true;
}

static bool rows_begin(struct ll_request *r, struct rows *x, struct ll_json_out *j)
{
    const struct ll_param_value *p = r->param;
    *x = (struct rows){.j = j,
                       .who = &r->who,
                       .place = {.t = LL_TIME_NONE},
                       .limit = p[L_LIMIT].given ? (size_t)p[L_LIMIT].integer : LL_SCALING_PAGE};
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "items");
    ll_json_out_open(j, '[');
    return !p[L_CURSOR].given || ll_scaling_place_read(p[L_CURSOR].text, &x->place);
}

static void rows_end(struct rows *x)
{
    char cursor[LL_SCALING_CURSOR_MAX];
    ll_json_out_close(x->j, ']');
    snprintf(cursor, sizeof(cursor), "%lld.%zu", (long long)x->place.t, x->place.skip);
    ll_member_word(x->j, "next_cursor", x->more ? cursor : NULL);
    ll_json_out_close(x->j, '}');
}

static struct ll_slice text_at(const struct ll_request *r, int at)
{
    return r->param[at].given ? r->param[at].text : LL_SLICE("");
}

/* From when to when a page looks; a row of the cursor's own time may be left. */
static void span_of(const struct ll_request *r, const struct rows *x, ll_time *from, ll_time *to)
{
    const bool said = r->param[L_HOURS].given;
    const double hours = said ? r->param[L_HOURS].number : ACTION_SPAN_H;
    *from = ll_engine_now(r->api->engine) - (ll_dur)(hours * (double)LL_HOUR);
    *to = x->place.t == LL_TIME_NONE ? 0 : x->place.t + 1;
}

static enum MHD_Result no_reader(struct ll_request *r, struct ll_str *text)
{
    ll_str_fini(text);
    return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");
}

static enum MHD_Result reply_rows(struct ll_request *r, bool ok, const struct ll_err *err,
                                  struct ll_str *text)
{
    if (ok)
        return ll_reply_json(r, text);
    ll_str_fini(text);
    return ll_reply_error(r, err, 0);
}

/* --- actions --- */

static bool add_action(void *ctx, const struct ll_scaling_event *e)
{
    struct rows *x = ctx;
    bool show;
    if (!ll_identity_may(x->who, e->service))
        return true;
    if (!next_row(x, e->t, &show))
        return false;
    if (show)
        ll_scaling_show_action(x->j, e);
    return !x->j->out->failed;
}

static bool state_of(const struct ll_request *r, int *state)
{
    enum ll_action_state s;
    *state = -1;
    if (!r->param[L_STATE].given)
        return true;
    if (!ll_action_state_parse(r->param[L_STATE].text, &s))
        return false;
    *state = (int)s;
    return true;
}

enum MHD_Result ll_handler_actions(struct ll_request *r)
{
    struct ll_err err;
    struct ll_str text;
    struct rows rows;
    struct ll_actions_query q = {.service = text_at(r, L_SERVICE), .target = text_at(r, L_TARGET)};
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const bool place = rows_begin(r, &rows, &j);
    if (!place || !state_of(r, &q.state)) {
        ll_str_fini(&text);
        return ll_reply_problem(r, LL_E_INVALID,
                                place ? "state is none of those of actions"
                                      : "cursor is not one we gave out");
    }
    span_of(r, &rows, &q.from, &q.to);
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return no_reader(r, &text);
    const bool ok = reader->ops->each_action(reader, &q, add_action, &rows, &err);
    ll_engine_reader_give(r->api->engine, reader);
    rows_end(&rows);
    return reply_rows(r, ok, &err, &text);
}

static enum MHD_Result then_action(struct ll_request *r, const struct ll_scaling_said *said)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    ll_scaling_show_action(&(struct ll_json_out){.out = &text}, &said->action);
    return ll_reply_json(r, &text);
}

/* Why it does not wait any more; and the target as it is now, so that nobody need ask again. */
static void show_base(struct ll_json_out *j, const void *ctx)
{
    const struct ll_held_target *t = ctx;
    ll_json_out_key(j, "current");
    if (t && t->seen.known)
        ll_json_out_int(j, t->seen.current);
    else
        ll_json_out_null(j);
}

struct ended {
    struct ll_request *r;
    const struct ll_err *said;
    enum MHD_Result done;
    bool found;
};

/* What becomes of one that does not wait, and what to do instead. */
static void say_ended(const struct ll_scaling_event *e, struct ll_err *err)
{
    const int n = (int)LL_MIN(e->reason.n, (size_t)200);
    if (e->state == LL_ACTION_OBSERVED)
        ll_err_set(err, LL_E_CONFLICT,
                   "it was only observed and never waited for an answer: set the rule's mode to "
                   "approve, or override the target's count");
    else if (e->state == LL_ACTION_EXPIRED)
        ll_err_set(err, LL_E_CONFLICT,
                   "it has expired, nobody answered in time: if it is still needed it is proposed "
                   "anew; or override the target's count");
    else
        ll_err_set(err, LL_E_CONFLICT, "the action is %s, it does not wait any more: %.*s",
                   ll_action_state_name(e->state), n, e->reason.s);
}

static bool reply_ended(void *ctx, const struct ll_scaling_event *e)
{
    struct ended *x = ctx;
    struct ll_err err;
    x->found = true;
    if (!ll_identity_check(&x->r->who, e->service, &err)) {
        x->done = ll_reply_error(x->r, &err, 0);
        return false;
    }
    if (x->said->code == LL_E_CONFLICT)
        err = *x->said;
    else if (e->state == LL_ACTION_PROPOSED) /* its end is on its way */
        ll_err_set(&err, LL_E_CONFLICT, "the action does not wait any more");
    else
        say_ended(e, &err);
    const struct ll_scaling_book *b = ll_engine_scaling(x->r->api->engine);
    x->done = ll_reply_error_with(x->r, &err, show_base, ll_scaling_book_target(b, e->target));
    ll_engine_scaling_release(b);
    return false;
}

/* One that has ended is a conflict, not unknown. */
static enum MHD_Result no_action(struct ll_request *r, const struct ll_scaling_said *said)
{
    struct ll_err err;
    struct ended x = {.r = r, .said = &said->err};
    const struct ll_actions_query q = {.action_id = ll_request_id(r), .state = -1, .limit = 1};
    const bool ask = said->err.code == LL_E_NOT_FOUND || said->err.code == LL_E_CONFLICT;
    struct ll_store_reader *reader = ask ? ll_engine_reader_take(r->api->engine) : NULL;
    if (!reader)
        return ll_scaling_refused(r, said);
    const bool ok = reader->ops->each_action(reader, &q, reply_ended, &x, &err);
    ll_engine_reader_give(r->api->engine, reader);
    return ok && x.found ? x.done : ll_scaling_refused(r, said);
}

static enum MHD_Result to_action(struct ll_request *r, enum ll_scaling_verb verb)
{
    struct ll_scaling_command c = {.verb = verb, .id = ll_request_id(r)};
    return ll_scaling_ask(r, &c, then_action, no_action);
}

enum MHD_Result ll_handler_approve(struct ll_request *r)
{
    return to_action(r, LL_SCALING_APPROVE);
}

enum MHD_Result ll_handler_reject(struct ll_request *r)
{
    return to_action(r, LL_SCALING_REJECT);
}

enum MHD_Result ll_handler_execute(struct ll_request *r)
{
    return to_action(r, LL_SCALING_EXECUTE);
}

/* --- decisions --- */

/* The members of a decision's row. */
static void decision_members(struct ll_json_out *j, const struct ll_decision_row *d)
{
    ll_member_text(j, "decision_id", d->id);
    ll_member_moment(j, "timestamp", d->t);
    ll_member_text(j, "target", d->target);
    ll_member_text(j, "service", d->service);
    ll_member_text(j, "verdict", d->verdict);
    ll_json_out_key(j, "current");
    ll_json_out_int(j, d->current);
    ll_json_out_key(j, "to");
    ll_json_out_int(j, d->to);
}

static bool add_decision(void *ctx, const struct ll_decision_row *d)
{
    struct rows *x = ctx;
    bool show;
    if (!ll_identity_may(x->who, d->service))
        return true;
    if (!next_row(x, d->t, &show))
        return false;
    if (!show)
        return true;
    ll_json_out_open(x->j, '{');
    decision_members(x->j, d);
    ll_json_out_close(x->j, '}');
    return !x->j->out->failed;
}

enum MHD_Result ll_handler_decisions(struct ll_request *r)
{
    struct ll_err err;
    struct ll_str text;
    struct rows rows;
    struct ll_decisions_query q = {.service = text_at(r, L_SERVICE),
                                   .target = text_at(r, L_TARGET)};
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    if (!rows_begin(r, &rows, &j)) {
        ll_str_fini(&text);
        return ll_reply_problem(r, LL_E_INVALID, "cursor is not one we gave out");
    }
    span_of(r, &rows, &q.from, &q.to);
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return no_reader(r, &text);
    const bool ok = reader->ops->each_decision(reader, &q, add_decision, &rows, &err);
    ll_engine_reader_give(r->api->engine, reader);
    rows_end(&rows);
    return reply_rows(r, ok, &err, &text);
}

/* The record of the decision that the path names, in the arena; NULL = answered already. */
static struct ll_arena *find_decision(struct ll_request *r, struct ll_decision_row *row,
                                      enum MHD_Result *done)
{
    struct ll_err err;
    struct ll_arena *arena = ll_arena_new(DECISION_ARENA);
    if (!arena) {
        *done = ll_reply_problem(r, LL_E_MEMORY, "no memory for the record");
        return NULL;
    }
    if (ll_engine_decision(r->api->engine, ll_request_id(r), arena, row, &err) &&
        ll_identity_check(&r->who, row->service, &err))
        return arena;
    ll_arena_free(arena);
    *done = ll_reply_error(r, &err, 0);
    return NULL;
}

enum MHD_Result ll_handler_decision(struct ll_request *r)
{
    struct ll_decision_row row;
    enum MHD_Result done = MHD_NO;
    LL_AUTO(ll_arena) arena = find_decision(r, &row, &done);
    if (!arena)
        return done;
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    decision_members(&j, &row);
    ll_json_out_key(&j, "record");
    if (row.record.n)
        ll_json_out_raw(&j, row.record.s, row.record.n);
    else
        ll_json_out_null(&j);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

static void show_replay(struct ll_json_out *j, const struct ll_decision_row *row, bool same,
                        const char *differs, const struct ll_decision *d)
{
    struct ll_str decided;
    ll_str_init(&decided, LL_DECISION_RECORD_MAX);
    ll_scaling_decision_write(d, &decided);
    ll_json_out_open(j, '{');
    ll_member_text(j, "decision_id", row->id);
    ll_member_yes(j, "same", same);
    ll_member_word(j, "differs", same ? NULL : differs);
    ll_json_out_key(j, "decision");
    ll_json_out_raw(j, ll_str_z(&decided), decided.n);
    ll_json_out_close(j, '}');
    j->out->failed |= decided.failed;
    ll_str_fini(&decided);
}

enum MHD_Result ll_handler_replay(struct ll_request *r)
{
    char differs[160] = "";
    bool same = false;
    struct ll_err err;
    struct ll_decision d;
    struct ll_decision_row row;
    enum MHD_Result done = MHD_NO;
    LL_AUTO(ll_arena) arena = find_decision(r, &row, &done);
    if (!arena)
        return done;
    if (!ll_scaling_replay(row.record, arena, &d, &same, differs, &err))
        return ll_reply_error(r, &err, 0);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    show_replay(&(struct ll_json_out){.out = &text}, &row, same, differs, &d);
    return ll_reply_json(r, &text);
}

/* --- audit --- */

struct audited {
    struct ll_json_out *j;
    size_t limit, shown;
    int64_t last;
    bool more;
};

static bool add_audit(void *ctx, const struct ll_audit_row *a)
{
    struct audited *x = ctx;
    struct ll_json_out *j = x->j;
    if (x->shown == x->limit) {
        x->more = true;
        return false;
    }
    x->shown++;
    x->last = a->seq;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "seq");
    ll_json_out_int(j, a->seq);
    ll_member_moment(j, "timestamp", a->t);
    ll_member_text(j, "actor", a->actor);
    ll_member_text(j, "role", a->role);
    ll_member_text(j, "address", a->address);
    ll_member_text(j, "action", a->action);
    ll_member_text(j, "object", a->object);
    ll_member_text(j, "detail", a->detail); /* as it was hashed */
    ll_member_word(j, "previous", a->previous);
    ll_member_word(j, "hash", a->hash);
    ll_json_out_close(j, '}');
    return !j->out->failed;
}

static bool audit_query(const struct ll_request *r, struct ll_audit_query *q)
{
    int64_t at = 0;
    const struct ll_param_value *p = r->param;
    *q = (struct ll_audit_query){.object = text_at(r, U_OBJECT)};
    q->newest_first = p[U_NEWEST].given && p[U_NEWEST].yes;
    if (p[U_CURSOR].given && (!ll_num_parse_int(p[U_CURSOR].text, &at) || at < 1))
        return false;
    q->from = q->newest_first ? 0 : at;
    q->to = q->newest_first ? at : 0;
    return true;
}

enum MHD_Result ll_handler_audit(struct ll_request *r)
{
    char cursor[32];
    struct ll_err err;
    struct ll_audit_query q;
    if (!audit_query(r, &q))
        return ll_reply_problem(r, LL_E_INVALID, "cursor is not one we gave out");
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const bool said = r->param[U_LIMIT].given;
    struct audited x = {.j = &j,
                        .limit = said ? (size_t)r->param[U_LIMIT].integer : LL_SCALING_PAGE};
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return no_reader(r, &text);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    const bool ok = reader->ops->each_audit(reader, &q, add_audit, &x, &err);
    ll_engine_reader_give(r->api->engine, reader);
    ll_json_out_close(&j, ']');
    snprintf(cursor, sizeof(cursor), "%lld", (long long)(q.newest_first ? x.last : x.last + 1));
    ll_member_word(&j, "next_cursor", x.more ? cursor : NULL);
    ll_json_out_close(&j, '}');
    return reply_rows(r, ok, &err, &text);
}
