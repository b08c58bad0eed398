/* Writing what scaling keeps: rules, states, decisions, events, the audit. */
#include "store/sqlite_scaling.h"

#include <stdio.h>

enum { DROP_DECISIONS = 100 };

static bool put_rule(struct ll_sqlite_store *s, const struct ll_rule_row *r,
                     enum ll_row_refusal *why, struct ll_err *err)
{
    if (r->document.n > LL_RULE_DOCUMENT_MAX) {
        *why = LL_ROW_TOO_LARGE;
        return true;
    }
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_RULE_PUT, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, ll_slice_of(ll_rule_kind_name(r->kind)));
    ll_sqlite_bind_slice(st, 2, r->id);
    sqlite3_bind_int64(st, 3, r->version);
    ll_sqlite_bind_slice(st, 4, r->document);
    sqlite3_bind_int64(st, 5, r->deleted);
    ll_sqlite_bind_slice(st, 6, r->actor);
    sqlite3_bind_int64(st, 7, r->t);
    if (!ll_sqlite_run(st, err))
        return false;
    *why = sqlite3_changes(s->db) ? LL_ROW_TAKEN : LL_ROW_VERSION;
    return true;
}

static bool put_state(struct ll_sqlite_store *s, const struct ll_state_row *r,
                      enum ll_row_refusal *why, struct ll_err *err)
{
    if (r->state.n > LL_STATE_DOCUMENT_MAX) {
        *why = LL_ROW_TOO_LARGE;
        return true;
    }
    sqlite3_stmt *st =
        ll_sqlite_stmt(s, r->state.n ? LL_SQLITE_STATE_PUT : LL_SQLITE_STATE_DROP, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, r->target);
    if (r->state.n) {
        ll_sqlite_bind_slice(st, 2, r->state);
        sqlite3_bind_int64(st, 3, r->t);
    }
    return ll_sqlite_run(st, err);
}

/* The oldest decision goes if it is from before the cutoff, or there are too many bytes. */
static bool drop_decision(struct ll_sqlite_store *s, ll_time cutoff, bool *dropped,
                          struct ll_err *err)
{
    sqlite3_stmt *first = ll_sqlite_stmt(s, LL_SQLITE_DECISION_FIRST, err);
    sqlite3_stmt *drop = first ? ll_sqlite_stmt(s, LL_SQLITE_DECISION_DROP, err) : NULL;
    if (!drop)
        return false;
    bool ok = ll_sqlite_step(first, dropped, err);
    int64_t seq = 0, bytes = 0;
    if (ok && *dropped) {
        seq = sqlite3_column_int64(first, 0);
        bytes = sqlite3_column_int64(first, 2);
        *dropped =
            sqlite3_column_int64(first, 1) < cutoff || s->state.decision_bytes > s->max_decisions;
    }
    sqlite3_reset(first);
    if (!ok || !*dropped)
        return ok;
    sqlite3_bind_int64(drop, 1, seq);
    s->state.decision_bytes -= bytes;
    return ll_sqlite_run(drop, err);
}

bool ll_sqlite_decisions_drop(struct ll_sqlite_store *s, ll_time cutoff, bool *done,
                              struct ll_err *err)
{
    bool dropped = true;
    for (int i = 0; dropped && i < DROP_DECISIONS; i++)
        if (!drop_decision(s, cutoff, &dropped, err))
            return false;
    *done = !dropped;
    return true;
}

static bool put_decision(struct ll_sqlite_store *s, const struct ll_decision_row *r,
                         enum ll_row_refusal *why, struct ll_err *err)
{
    if (r->record.n > LL_DECISION_RECORD_MAX) {
        *why = LL_ROW_TOO_LARGE;
        return true;
    }
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_DECISION_PUT, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, r->id);
    sqlite3_bind_int64(st, 2, r->t);
    ll_sqlite_bind_slice(st, 3, r->target);
    ll_sqlite_bind_slice(st, 4, r->service);
    ll_sqlite_bind_slice(st, 5, r->verdict);
    sqlite3_bind_int64(st, 6, r->current);
    sqlite3_bind_int64(st, 7, r->to);
    ll_sqlite_bind_slice(st, 8, r->record);
    if (!ll_sqlite_run(st, err))
        return false;
    if (sqlite3_changes(s->db))
        s->state.decision_bytes += (int64_t)r->record.n;
    /* At once, and not at the next hour: a flood must not fill the disk meanwhile. */
    bool dropped = s->state.decision_bytes > s->max_decisions;
    while (dropped)
        if (!drop_decision(s, LL_TIME_NONE, &dropped, err))
            return false;
    return true;
}

static void bind_event(sqlite3_stmt *st, const struct ll_scaling_event *e)
{
    ll_sqlite_bind_slice(st, 1, e->action_id);
    ll_sqlite_bind_slice(st, 2, e->rule_id);
    ll_sqlite_bind_slice(st, 3, ll_slice_of(ll_direction_name(e->direction)));
    sqlite3_bind_double(st, 4, e->from_value);
    sqlite3_bind_double(st, 5, e->to_value);
    ll_sqlite_bind_slice(st, 6, e->reason);
    sqlite3_bind_int64(st, 7, e->t);
    ll_sqlite_bind_slice(st, 8, e->service);
    ll_sqlite_bind_slice(st, 9, ll_slice_of(ll_resource_name(e->type)));
    ll_sqlite_bind_slice(st, 10, ll_slice_of(ll_action_state_name(e->state)));
    sqlite3_bind_int64(st, 11, e->epoch);
    ll_sqlite_bind_slice(st, 12, e->decision);
    ll_sqlite_bind_slice(st, 13, e->target);
    ll_sqlite_bind_slice(st, 14, e->actor);
    sqlite3_bind_int64(st, 15, e->created ? e->created : e->t);
    sqlite3_bind_int64(st, 16, e->changed ? e->changed : e->t);
    if (e->expires)
        sqlite3_bind_int64(st, 17, e->expires);
    else
        sqlite3_bind_null(st, 17);
}

bool ll_sqlite_put_event(struct ll_sqlite_store *s, const struct ll_scaling_event *e,
                         enum ll_row_refusal *why, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_EVENT_PUT, err);
    if (!st)
        return false;
    bind_event(st, e);
    int rc = sqlite3_step(st);
    bool taken = rc == SQLITE_DONE && sqlite3_changes(s->db);
    *why = taken ? LL_ROW_TAKEN : LL_ROW_ENDED;
    if (rc == SQLITE_CONSTRAINT_UNIQUE) { /* scaling_events_open */
        *why = LL_ROW_OPEN_ACTION;
        rc = SQLITE_DONE;
    }
    bool ok = rc == SQLITE_DONE || ll_sqlite_fail(s->db, "writing a scaling event", err);
    sqlite3_reset(st);
    return ok;
}

static bool last_audit(struct ll_sqlite_store *s, struct ll_audit_row *a, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_AUDIT_LAST, err);
    bool row;
    if (!st || !ll_sqlite_step(st, &row, err))
        return false;
    struct ll_slice hash = row ? ll_sqlite_slice(st, 1) : LL_SLICE("");
    a->seq = 1 + (row ? sqlite3_column_int64(st, 0) : 0);
    snprintf(a->previous, sizeof(a->previous), "%.*s", (int)hash.n, hash.s);
    sqlite3_reset(st);
    return true;
}

/* The chain is closed here, where all that is audited comes one after another.  seq, previous and
 * hash are told even when the commit fails: they mean nothing then. */
static bool put_audit(struct ll_sqlite_store *s, struct ll_audit_row *a, enum ll_row_refusal *why,
                      struct ll_err *err)
{
    if (a->detail.n > LL_DECISION_RECORD_MAX) {
        *why = LL_ROW_TOO_LARGE;
        return true;
    }
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_AUDIT_PUT, err);
    if (!st || !last_audit(s, a, err))
        return false;
    ll_audit_hash(a, a->hash);
    sqlite3_bind_int64(st, 1, a->seq);
    sqlite3_bind_int64(st, 2, a->t);
    const struct ll_slice texts[] = {a->actor,
                                     a->role,
                                     a->address,
                                     a->action,
                                     a->object,
                                     a->detail,
                                     ll_slice_of(a->previous),
                                     ll_slice_of(a->hash)};
    for (size_t i = 0; i < LL_LEN(texts); i++)
        ll_sqlite_bind_slice(st, (int)i + 3, texts[i]);
    return ll_sqlite_run(st, err);
}

bool ll_sqlite_put_scaling(struct ll_sqlite_store *s, const struct ll_scaling_rows *rows,
                           enum ll_row_refusal *told, struct ll_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && rows && i < rows->n_rules; i++)
        ok = put_rule(s, &rows->rules[i], told++, err);
    for (size_t i = 0; ok && rows && i < rows->n_states; i++)
        ok = put_state(s, &rows->states[i], told++, err);
    for (size_t i = 0; ok && rows && i < rows->n_decisions; i++)
        ok = put_decision(s, &rows->decisions[i], told++, err);
    for (size_t i = 0; ok && rows && i < rows->n_events; i++)
        ok = ll_sqlite_put_event(s, &rows->events[i].event, told++, err);
    for (size_t i = 0; ok && rows && i < rows->n_audit; i++)
        ok = put_audit(s, &rows->audit[i], told++, err);
    return ok;
}

size_t ll_sqlite_count_scaling(const struct ll_scaling_rows *r)
{
    return r ? r->n_rules + r->n_states + r->n_decisions + r->n_events + r->n_audit : 0;
}

void ll_sqlite_tell_scaling(struct ll_scaling_rows *r, const enum ll_row_refusal *told)
{
    for (size_t i = 0; r && i < r->n_rules; i++)
        r->rules[i].refusal = *told++;
    for (size_t i = 0; r && i < r->n_states; i++)
        r->states[i].refusal = *told++;
    for (size_t i = 0; r && i < r->n_decisions; i++)
        r->decisions[i].refusal = *told++;
    for (size_t i = 0; r && i < r->n_events; i++)
        r->events[i].refusal = *told++;
    for (size_t i = 0; r && i < r->n_audit; i++)
        r->audit[i].refusal = *told++;
}
