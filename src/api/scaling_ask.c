/* Commands of scaling: the connection sleeps until the engine says that it is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/audit.h"
#include "api/handlers.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"
#include "api/sleep.h"
#include "base/num.h"

enum { SAID_BYTES = 8 << 20 };

struct work {
    struct ll_scaling_said said;
    ll_scaling_then *then, *otherwise;
};

static void free_work(void *p)
{
    struct work *w = p;
    ll_arena_free(w->said.arena);
    free(w);
}

static struct ll_slice copied(struct ll_arena *a, struct ll_slice s)
{
    const char *p = ll_arena_copy(a, s.n ? s.s : "", s.n);
    return (struct ll_slice){p ? p : "", p ? s.n : 0};
}

static void copy_action(struct ll_arena *a, const struct ll_scaling_event *from,
                        struct ll_scaling_event *to)
{
    *to = *from;
    to->action_id = copied(a, from->action_id);
    to->rule_id = copied(a, from->rule_id);
    to->target = copied(a, from->target);
    to->service = copied(a, from->service);
    to->reason = copied(a, from->reason);
    to->actor = copied(a, from->actor);
    to->decision = copied(a, from->decision);
}

/* "body:3:14: what": the place has members of its own. */
static const char *without_place(const struct ll_err *e)
{
    char place[64];
    const int n = snprintf(place, sizeof(place), "body:%d:%d: ", e->line, e->column);
    return strncmp(e->text, place, (size_t)n) == 0 ? e->text + n : e->text;
}

static void copy_issues(const struct ll_scaling_answer *a, struct ll_issues *out)
{
    for (size_t i = 0; i < a->n_errs; i++) {
        ll_issues_add(out, "body", "", "%.159s", without_place(&a->errs[i]));
        if (i >= LL_ISSUES_MAX)
            continue;
        out->v[i].line = a->errs[i].line;
        out->v[i].column = a->errs[i].column;
    }
}

/* On the engine's thread. */
static void said(void *ctx, const struct ll_scaling_answer *a)
{
    struct ll_request *r = ctx;
    struct ll_scaling_said *s = &((struct work *)r->work)->said;
    s->ok = a->ok;
    s->err = a->err;
    copy_issues(a, &s->issues);
    copy_action(s->arena, &a->action, &s->action);
    struct ll_scaling_change *v =
        LL_ARENA_NEW(s->arena, struct ll_scaling_change, LL_MAX(a->n_changes, (size_t)1));
    if (v && a->n_changes)
        memcpy(v, a->changes, a->n_changes * sizeof(*v));
    s->changes = v;
    s->n_changes = v ? a->n_changes : 0;
    ll_sleep_end(r);
}

enum MHD_Result ll_scaling_ask(struct ll_request *r, struct ll_scaling_command *c,
                               ll_scaling_then *then, ll_scaling_then *otherwise)
{
    struct ll_err err;
    char address[LL_API_ADDRESS_TEXT_MAX];
    struct work *w = calloc(1, sizeof(*w));
    if (!w || !(w->said.arena = ll_arena_new(SAID_BYTES))) {
        free(w);
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for the request");
    }
    w->then = then;
    w->otherwise = otherwise ? otherwise : ll_scaling_refused;
    r->work = w;
    r->work_free = free_work;
    c->actor =
        (struct ll_asker){.name = ll_slice_of(r->who.name),
                          .role = ll_slice_of(ll_role_name(r->who.role)),
                          .address = ll_slice_of(ll_api_address_text(&r->conn->address, address)),
                          .authenticated = r->who.authenticated,
                          .scope = &r->who.scope};
    if (!ll_sleep_begin(r, &err))
        return ll_reply_error(r, &err, 0);
    if (ll_engine_scaling_do(r->api->engine, c, said, r, &err))
        return MHD_YES;
    w->said.err = err;
    ll_sleep_end(r);
    return MHD_YES;
}

/* Somebody was faster than who sent If-Match. */
static bool is_stale(const struct ll_request *r, const struct ll_err *err)
{
    return err->code == LL_E_CONFLICT && r->header[LL_HEADER_IF_MATCH].n > 0 &&
           strstr(err->text, "version") != NULL;
}

enum MHD_Result ll_scaling_refused(struct ll_request *r, const struct ll_scaling_said *said)
{
    if (said->issues.n > 0)
        return ll_reply_error_issues(r, &said->err, &said->issues);
    return ll_reply_error(r, &said->err, is_stale(r, &said->err) ? 412 : 0);
}

enum MHD_Result ll_handler_scaling_resume(struct ll_request *r)
{
    const struct work *w = r->work;
    return (w->said.ok ? w->then : w->otherwise)(r, &w->said);
}

bool ll_scaling_version(struct ll_request *r, size_t at, int64_t *version, enum MHD_Result *done)
{
    struct ll_slice tag = r->header[LL_HEADER_IF_MATCH];
    *version = r->param[at].given ? r->param[at].integer : -1;
    if (tag.n == 0 || ll_slice_is(tag, "*"))
        return true;
    if (tag.n > 2 && tag.s[0] == '"' && tag.s[tag.n - 1] == '"')
        tag = (struct ll_slice){tag.s + 1, tag.n - 2};
    int64_t of_tag;
    if (!ll_num_parse_int(tag, &of_tag) || of_tag < 0) {
        struct ll_err err;
        ll_err_set(&err, LL_E_CONFLICT, "If-Match is no ETag of a version");
        *done = ll_reply_error(r, &err, 412);
        return false;
    }
    if (r->param[at].given && *version != of_tag) {
        *done = ll_reply_problem(r, LL_E_INVALID, "If-Match and version differ");
        return false;
    }
    *version = of_tag;
    return true;
}
