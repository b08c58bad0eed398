/* Rules and targets in force, with what was decided last. */
#include <stdio.h>

#include "api/handlers.h"
#include "api/members.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/scaling.h"
#include "base/num.h"

/* Rows of the tables in routes.c. */
enum { R_TARGET, R_SERVICE, R_LIMIT, R_CURSOR };

struct page {
    size_t from, limit, seen, shown;
    bool more;
};

static bool page_of(const struct ll_request *r, struct page *p)
{
    int64_t from = 0;
    const struct ll_param_value *limit = &r->param[R_LIMIT], *cursor = &r->param[R_CURSOR];
    if (cursor->given && (!ll_num_parse_int(cursor->text, &from) || from < 0))
        return false;
    const bool said = limit->given;
    *p = (struct page){.from = (size_t)from,
                       .limit = said ? (size_t)limit->integer : LL_SCALING_PAGE};
    return true;
}

/* Whether one that is asked for is on the page. */
static bool page_has(struct page *p)
{
    if (p->seen++ < p->from)
        return false;
    p->more = p->shown == p->limit;
    p->shown += !p->more;
    return !p->more;
}

static bool asked(const struct ll_request *r, int at, struct ll_slice value)
{
    return !r->param[at].given || ll_slice_eq(r->param[at].text, value);
}

/* Of a rule both what it looks at and what its target scales. */
static bool may_see(const struct ll_request *r, const struct ll_held_rule *rule,
                    const struct ll_held_target *t)
{
    return ll_identity_may(&r->who, t->target->service) &&
           (!rule || ll_identity_may(&r->who, rule->rule->service));
}

static void list_rules(struct ll_json_out *j, const struct ll_request *r,
                       const struct ll_scaling_book *b, struct page *p)
{
    for (size_t i = 0; i < b->n_rules && !p->more; i++) {
        const struct ll_held_target *t = b->targets[b->rules[i].target];
        if (asked(r, R_TARGET, t->target->name) && asked(r, R_SERVICE, b->rules[i].rule->service) &&
            may_see(r, &b->rules[i], t) && page_has(p))
            ll_scaling_show_rule(j, b, &b->rules[i]);
    }
}

static void list_targets(struct ll_json_out *j, const struct ll_request *r,
                         const struct ll_scaling_book *b, struct page *p)
{
    for (size_t i = 0; i < b->n_targets && !p->more; i++) {
        const struct ll_held_target *t = b->targets[i];
        if (asked(r, R_TARGET, t->target->name) && asked(r, R_SERVICE, t->target->service) &&
            may_see(r, NULL, t) && page_has(p))
            ll_scaling_show_target(j, b, t);
    }
}

typedef void list_fn(struct ll_json_out *j, const struct ll_request *r,
                     const struct ll_scaling_book *b, struct page *p);

static enum MHD_Result reply_list(struct ll_request *r, list_fn *list)
{
    struct page page;
    char next[32];
    if (!page_of(r, &page))
        return ll_reply_problem(r, LL_E_INVALID, "cursor is not one we gave out");
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    list(&j, r, b, &page);
    ll_json_out_close(&j, ']');
    ll_engine_scaling_release(b);
    snprintf(next, sizeof(next), "%zu", page.from + page.shown);
    ll_member_word(&j, "next_cursor", page.more ? next : NULL);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

enum MHD_Result ll_handler_rules(struct ll_request *r)
{
    return reply_list(r, list_rules);
}

enum MHD_Result ll_handler_targets(struct ll_request *r)
{
    return reply_list(r, list_targets);
}

static enum MHD_Result reply_versioned(struct ll_request *r, int64_t version, struct ll_str *text)
{
    char etag[32];
    snprintf(etag, sizeof(etag), "\"%lld\"", (long long)version);
    return ll_reply_send(
        r, &(struct ll_reply){.status = 200, .mime = "application/json", .etag = etag}, text);
}

static enum MHD_Result not_theirs(struct ll_request *r)
{
    char text[LL_SCOPE_TEXT_MAX];
    return ll_reply_problem(r, LL_E_DENIED,
                            "it is of another service than those that these credentials are "
                            "limited to: %s",
                            ll_scope_text(&r->who.scope, text));
}

static enum MHD_Result no_such(struct ll_request *r, const char *what)
{
    const struct ll_slice id = ll_request_id(r);
    return ll_reply_problem(r, LL_E_NOT_FOUND, "there is no %s '%.*s'", what,
                            (int)LL_MIN(id.n, (size_t)128), id.s);
}

enum MHD_Result ll_handler_rule(struct ll_request *r)
{
    struct ll_str text;
    int64_t version = 0;
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    const struct ll_held_rule *rule = ll_scaling_book_rule(b, ll_request_id(r));
    const bool may = rule && may_see(r, rule, b->targets[rule->target]);
    ll_str_init(&text, LL_RESPONSE_MAX);
    if (may) {
        ll_scaling_show_rule(&(struct ll_json_out){.out = &text}, b, rule);
        version = rule->version;
    }
    const bool found = rule != NULL;
    ll_engine_scaling_release(b);
    if (found && !may)
        return not_theirs(r);
    return found ? reply_versioned(r, version, &text) : no_such(r, "rule");
}

enum MHD_Result ll_handler_target(struct ll_request *r)
{
    struct ll_str text;
    int64_t version = 0;
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    const struct ll_held_target *t = ll_scaling_book_target(b, ll_request_id(r));
    const bool may = t && may_see(r, NULL, t);
    ll_str_init(&text, LL_RESPONSE_MAX);
    if (may) {
        ll_scaling_show_target(&(struct ll_json_out){.out = &text}, b, t);
        version = t->version;
    }
    const bool found = t != NULL;
    ll_engine_scaling_release(b);
    if (found && !may)
        return not_theirs(r);
    return found ? reply_versioned(r, version, &text) : no_such(r, "target");
}

/* What KEDA's metrics-api scaler reads.  What is not known is no number: the scaler then falls back
 * as it was told to, and never scales in for want of data. */
static const char *not_known(const struct ll_held_target *t)
{
    if (t->last.d.now == 0)
        return "nothing has been decided yet";
    if (!t->seen.known)
        return "the target's own count is not known";
    return t->last.d.winner < t->last.d.n_proposals ? NULL : "no rule has an answer";
}

/* Whoever reads it acts on it: what waits for a person, or is held, is not in it. */
static void show_desired(struct ll_json_out *j, const struct ll_decision *d)
{
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "desired");
    ll_json_out_int(j, d->at_once);
    ll_member_yes(j, "active", d->at_once > 0);
    ll_member_moment(j, "as_of", d->now);
    ll_member_moment(j, "valid_until", d->valid_until);
    ll_json_out_close(j, '}');
}

enum MHD_Result ll_handler_desired(struct ll_request *r)
{
    struct ll_str text;
    const struct ll_scaling_book *b = ll_engine_scaling(r->api->engine);
    const struct ll_held_rule *rule = ll_scaling_book_rule(b, ll_request_id(r));
    const struct ll_held_target *t = rule ? b->targets[rule->target] : NULL;
    const char *why = t ? not_known(t) : NULL;
    const bool may = t && may_see(r, rule, t);
    ll_str_init(&text, LL_RESPONSE_MAX);
    if (may && !why)
        show_desired(&(struct ll_json_out){.out = &text}, &t->last.d);
    ll_engine_scaling_release(b);
    if (!t)
        return no_such(r, "rule");
    if (!may)
        return not_theirs(r);
    return why ? ll_reply_problem(r, LL_E_SHORT, "%s", why) : ll_reply_json(r, &text);
}
