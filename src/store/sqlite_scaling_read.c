/* Reading what scaling keeps.  An empty text or a limit of 0 in a question means all. */
#include <stdio.h>

#include "store/sqlite_read.h"

static sqlite3 *db_of(struct ll_store_reader *base)
{
    return ((struct ll_sqlite_reader *)base)->db;
}

static int64_t limit_of(size_t limit)
{
    return limit == 0 || limit > INT32_MAX ? -1 : (int64_t)limit; /* -1: SQLite's all */
}

static int64_t end_of(int64_t to)
{
    return to == 0 ? INT64_MAX : to;
}

bool ll_sqlite_each_rule(struct ll_store_reader *base, const struct ll_rules_query *q,
                         ll_store_rule_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        db_of(base),
        "SELECT kind,id,version,document,deleted,actor,t FROM scaling_rules r "
        "WHERE (?1='' OR kind=?1) AND (?2='' OR id=?2) AND (?3 OR (deleted=0 AND version="
        "(SELECT max(version) FROM scaling_rules WHERE kind=r.kind AND id=r.id))) "
        "ORDER BY kind,id,version",
        err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(
        st, 1, ll_slice_of(q->kind < 0 ? "" : ll_rule_kind_name((enum ll_rule_kind)q->kind)));
    ll_sqlite_bind_slice(st, 2, q->id);
    sqlite3_bind_int64(st, 3, q->versions);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        enum ll_rule_kind kind;
        if (!ll_rule_kind_parse(ll_sqlite_slice(st, 0), &kind))
            continue; /* a newer program's */
        const struct ll_rule_row r = {
            .kind = kind,
            .id = ll_sqlite_slice(st, 1),
            .version = sqlite3_column_int64(st, 2),
            .document = ll_sqlite_slice(st, 3),
            .deleted = sqlite3_column_int64(st, 4) != 0,
            .actor = ll_sqlite_slice(st, 5),
            .t = sqlite3_column_int64(st, 6),
        };
        if (!fn(ctx, &r))
            return true;
    }
    return false;
}

bool ll_sqlite_each_state(struct ll_store_reader *base, ll_store_state_fn *fn, void *ctx,
                          struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db_of(base), "SELECT target,state,t FROM scaling_state ORDER BY target",
                           err);
    bool row;
    while (st && ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        const struct ll_state_row r = {.target = ll_sqlite_slice(st, 0),
                                       .state = ll_sqlite_slice(st, 1),
                                       .t = sqlite3_column_int64(st, 2)};
        if (!fn(ctx, &r))
            return true;
    }
    return false;
}

static bool event_row(sqlite3_stmt *st, struct ll_scaling_event *out, struct ll_err *err)
{
    struct ll_scaling_event e = {
        .action_id = ll_sqlite_slice(st, 0),
        .rule_id = ll_sqlite_slice(st, 1),
        .from_value = ll_sqlite_real(st, 3),
        .to_value = ll_sqlite_real(st, 4),
        .reason = ll_sqlite_slice(st, 5),
        .t = sqlite3_column_int64(st, 6),
        .service = ll_sqlite_slice(st, 7),
        .epoch = sqlite3_column_int64(st, 10),
        .decision = ll_sqlite_slice(st, 11),
        .target = ll_sqlite_slice(st, 12),
        .actor = ll_sqlite_slice(st, 13),
        .created = sqlite3_column_int64(st, 14),
        .changed = sqlite3_column_int64(st, 15),
        .expires = sqlite3_column_int64(st, 16), /* NULL is 0 */
    };
    if (!ll_direction_parse(ll_sqlite_slice(st, 2), &e.direction) ||
        !ll_resource_parse(ll_sqlite_slice(st, 8), &e.type) ||
        !ll_action_state_parse(ll_sqlite_slice(st, 9), &e.state))
        return ll_err_set(err, LL_E_DAMAGED,
                          "the scaling event '%.*s' has an unknown direction, resource or state",
                          (int)LL_MIN(e.action_id.n, (size_t)80), e.action_id.s);
    *out = e;
    return true;
}

static const char actions_sql[] =
    "SELECT action_id,rule_id,direction,from_value,to_value,reason,t,service,resource_type,state,"
    "epoch,decision,target,actor,created,changed,expires FROM scaling_events "
    "WHERE t>=?1 AND t<?2 AND (?3='' OR action_id=?3) AND (?4='' OR service=?4) AND "
    "(?5='' OR target=?5) AND (?6='' OR state=?6) AND %s ORDER BY t DESC,action_id LIMIT ?7";

bool ll_sqlite_each_action(struct ll_store_reader *base, const struct ll_actions_query *q,
                           ll_store_action_fn *fn, void *ctx, struct ll_err *err)
{
    /* A condition of its own for each index that narrows: the planner does not see through OR. */
    const char *narrow = q->action_id.n  ? "action_id=?3"
                         : q->open       ? "state IN ('pending','unknown')"
                         : q->state >= 0 ? "state=?6"
                         : q->service.n  ? "service=?4"
                                         : "1";
    char sql[sizeof(actions_sql) + 64];
    snprintf(sql, sizeof(sql), actions_sql, narrow);
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db_of(base), sql, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, q->from);
    sqlite3_bind_int64(st, 2, end_of(q->to));
    ll_sqlite_bind_slice(st, 3, q->action_id);
    ll_sqlite_bind_slice(st, 4, q->service);
    ll_sqlite_bind_slice(st, 5, q->target);
    ll_sqlite_bind_slice(
        st, 6,
        ll_slice_of(q->state < 0 ? "" : ll_action_state_name((enum ll_action_state)q->state)));
    sqlite3_bind_int64(st, 7, limit_of(q->limit));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        struct ll_scaling_event e;
        if (!row)
            return true;
        if (!event_row(st, &e, err))
            return false;
        if (!fn(ctx, &e))
            return true;
    }
    return false;
}

struct events {
    ll_store_event_fn *fn;
    void *ctx;
};

static bool on_event(void *ctx, const struct ll_scaling_event *e)
{
    const struct events *x = ctx;
    x->fn(x->ctx, e);
    return true;
}

bool ll_sqlite_each_event(struct ll_store_reader *base, struct ll_slice service, ll_time from,
                          size_t limit, ll_store_event_fn *fn, void *ctx, struct ll_err *err)
{
    const struct ll_actions_query q = {
        .service = service, .state = -1, .from = from, .limit = limit};
    struct events x = {fn, ctx};
    return limit == 0 || ll_sqlite_each_action(base, &q, on_event, &x, err);
}

static const char decisions_sql[] =
    "SELECT id,t,target,service,verdict,current,\"to\",%s FROM scaling_decisions "
    "WHERE t>=?1 AND t<?2 AND (?3='' OR id=?3) AND (?4='' OR service=?4) AND "
    "(?5='' OR target=?5) AND %s ORDER BY t DESC,seq DESC LIMIT ?6";

bool ll_sqlite_each_decision(struct ll_store_reader *base, const struct ll_decisions_query *q,
                             ll_store_decision_fn *fn, void *ctx, struct ll_err *err)
{
    const char *narrow = q->id.n ? "id=?3" : q->target.n ? "target=?5" : "1";
    char sql[sizeof(decisions_sql) + 64];
    snprintf(sql, sizeof(sql), decisions_sql, q->records || q->id.n ? "record" : "''", narrow);
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db_of(base), sql, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, q->from);
    sqlite3_bind_int64(st, 2, end_of(q->to));
    ll_sqlite_bind_slice(st, 3, q->id);
    ll_sqlite_bind_slice(st, 4, q->service);
    ll_sqlite_bind_slice(st, 5, q->target);
    sqlite3_bind_int64(st, 6, limit_of(q->limit));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        const struct ll_decision_row r = {
            .id = ll_sqlite_slice(st, 0),
            .t = sqlite3_column_int64(st, 1),
            .target = ll_sqlite_slice(st, 2),
            .service = ll_sqlite_slice(st, 3),
            .verdict = ll_sqlite_slice(st, 4),
            .current = sqlite3_column_int64(st, 5),
            .to = sqlite3_column_int64(st, 6),
            .record = ll_sqlite_slice(st, 7),
        };
        if (!fn(ctx, &r))
            return true;
    }
    return false;
}

static struct ll_audit_row audit_row(sqlite3_stmt *st)
{
    struct ll_audit_row a = {
        .seq = sqlite3_column_int64(st, 0),
        .t = sqlite3_column_int64(st, 1),
        .actor = ll_sqlite_slice(st, 2),
        .role = ll_sqlite_slice(st, 3),
        .address = ll_sqlite_slice(st, 4),
        .action = ll_sqlite_slice(st, 5),
        .object = ll_sqlite_slice(st, 6),
        .detail = ll_sqlite_slice(st, 7),
    };
    struct ll_slice previous = ll_sqlite_slice(st, 8), hash = ll_sqlite_slice(st, 9);
    snprintf(a.previous, sizeof(a.previous), "%.*s", (int)LL_MIN(previous.n, (size_t)INT16_MAX),
             previous.s);
    snprintf(a.hash, sizeof(a.hash), "%.*s", (int)LL_MIN(hash.n, (size_t)INT16_MAX), hash.s);
    return a;
}

bool ll_sqlite_each_audit(struct ll_store_reader *base, const struct ll_audit_query *q,
                          ll_store_audit_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        db_of(base),
        q->newest_first
            ? "SELECT seq,t,actor,role,address,action,object,detail,previous,hash FROM audit "
              "WHERE seq>=?1 AND seq<?2 AND (?3='' OR object=?3) ORDER BY seq DESC LIMIT ?4"
            : "SELECT seq,t,actor,role,address,action,object,detail,previous,hash FROM audit "
              "WHERE seq>=?1 AND seq<?2 AND (?3='' OR object=?3) ORDER BY seq LIMIT ?4",
        err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, q->from);
    sqlite3_bind_int64(st, 2, end_of(q->to));
    ll_sqlite_bind_slice(st, 3, q->object);
    sqlite3_bind_int64(st, 4, limit_of(q->limit));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        const struct ll_audit_row a = audit_row(st);
        if (!fn(ctx, &a))
            return true;
    }
    return false;
}
