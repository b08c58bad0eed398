/* What a PostgreSQL server is asked, and what becomes of its answers.  12 to 17, primary and
 * standby; a role that may only log in sees less, which is noted and never zero. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/postgres_private.h"
#include "os/clock.h"

/* Where the WAL is now: written on a primary, received on a standby. */
#define LSN                                                                                        \
    "case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end"

/* Sizes cost the server a look at every file: at most a twentieth of the time is spent on it. */
enum { SIZES_SHARE = 20, DATABASES_MAX = 200 };
#define SIZES_APART_MAX (10 * LL_MINUTE)

/* A sample in the making; what is left out is not known or does not apply. */
struct part {
    enum ll_resource_type type;
    enum ll_unit unit;
    const char *prefix, *name; /* of the part, with a blank between; NULL = none */
    const char *suffix;
    double value, capacity;
    ll_dur window;
    bool primary;
};

static void put(struct ll_postgres *p, const struct part *x)
{
    char part[LL_NAME_MAX + 1];
    const char *const words[] = {x->prefix, x->name, x->suffix};
    size_t n = 0;
    for (size_t i = 0; i < LL_LEN(words); i++) {
        size_t more = words[i] ? strlen(words[i]) : 0, gap = n > 0 && more > 0 ? 1 : 0;
        if (n + gap + more > LL_NAME_MAX)
            return; /* names of PostgreSQL have 63 bytes */
        memcpy(part + n, " ", gap);
        if (more)
            memcpy(part + n + gap, words[i], more);
        n += gap + more;
    }
    if (!isfinite(x->value) || x->value < 0 || !ll_utf8_valid(part, n))
        return;
    const struct ll_sample s = {
        .key = {.service = ll_slice_of(p->service),
                .instance = ll_slice_of(p->instance),
                .part = {part, n},
                .type = x->type},
        .unit = x->unit,
        .t = p->now,
        .value = x->value,
        .capacity = x->capacity > 0 && isfinite(x->capacity) ? x->capacity : (double)NAN,
        .max_value = NAN,
        .window = x->window,
        .primary = x->primary,
    };
    if (!ll_batch_add(p->out, &s))
        return; /* full */
}

/* Per second since the last reading; NaN at the first, and when it went backwards. */
static double rate(struct ll_postgres_counter *c, double value, ll_time mono, ll_dur *span)
{
    *span = mono - c->mono;
    double r =
        *span > 0 && value >= c->value ? (value - c->value) * 1000 / (double)*span : (double)NAN;
    *c = (struct ll_postgres_counter){value, mono};
    return r;
}

static bool is_true(const char *text)
{
    return text && *text == 't';
}

/* A restart or another server behind the same name: nothing is known of its counters. */
static void notice_restart(struct ll_postgres *p, double started, bool standby)
{
    if (p->started != started)
        p->transactions.value = NAN;
    if (p->started != started || p->standby != standby)
        p->wal.value = NAN;
    p->started = started;
    p->standby = standby;
}

static void put_rates(struct ll_postgres *p, double transactions, double wal)
{
    ll_dur span;
    double per_second = rate(&p->transactions, transactions, p->mono, &span);
    put(p, &(struct part){.type = LL_RESOURCE_API_CALLS,
                          .unit = LL_UNIT_CALLS_PER_SECOND,
                          .value = per_second,
                          .window = span,
                          .primary = true});
    per_second = rate(&p->wal, wal, p->mono, &span);
    put(p, &(struct part){.type = LL_RESOURCE_DISK,
                          .unit = LL_UNIT_BYTES_PER_SECOND,
                          .name = p->standby ? "wal received" : "wal written",
                          .value = per_second,
                          .window = span});
}

/* The server takes no more transactions this long before their numbers wrap. */
static double last_id(const struct ll_postgres *p)
{
    return 0x1p31 - (ll_libpq_version(p->pq) >= 140000 ? 3e6 : 1e6);
}

static void put_queue(struct ll_postgres *p, const char *name, double value, double capacity,
                      bool primary)
{
    put(p, &(struct part){.type = LL_RESOURCE_QUEUE_DEPTH,
                          .unit = LL_UNIT_ITEMS,
                          .name = name,
                          .value = value,
                          .capacity = capacity,
                          .primary = primary});
}

static void put_connections(struct ll_postgres *p, const char *state, double value, double capacity)
{
    put(p, &(struct part){.type = LL_RESOURCE_CONNECTIONS,
                          .unit = LL_UNIT_CONNECTIONS,
                          .name = state,
                          .value = value,
                          .capacity = capacity,
                          .primary = !state});
}

/* Client backends by state; states nobody is in are really zero. */
static bool take_states(struct ll_postgres *p, struct ll_err *err)
{
    static const char *const usual[] = {"active", "idle", "idle in transaction",
                                        "idle in transaction (aborted)"};
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!p->sees_stats)
        return true;
    if (!ll_libpq_query(p->pq,
                        "select state, count(*) from pg_stat_activity "
                        "where backend_type = 'client backend' group by 1",
                        p->until, &r, err))
        return false;
    double all = 0;
    unsigned seen = 0;
    for (int i = 0; i < ll_libpq_rows(r); i++) {
        const char *state = ll_libpq_text(r, i, 0);
        all += ll_libpq_number(r, i, 1);
        for (size_t k = 0; state && k < LL_LEN(usual); k++)
            seen |= strcmp(state, usual[k]) == 0 ? 1u << k : 0;
        if (state) /* it has none while it logs in */
            put_connections(p, state, ll_libpq_number(r, i, 1), NAN);
    }
    for (size_t k = 0; k < LL_LEN(usual); k++)
        if (!(seen & 1u << k))
            put_connections(p, usual[k], 0, NAN);
    put_connections(p, NULL, all, p->connections_max);
    return true;
}

static bool take_server(struct ll_postgres *p, struct ll_err *err)
{
    static const char sql[] =
        "select pg_is_in_recovery(), pg_has_role(current_user, 'pg_read_all_stats', 'usage'), "
        "has_function_privilege('pg_ls_waldir()', 'execute'), "
        "extract(epoch from pg_postmaster_start_time()), "
        "current_setting('max_connections')::float8 "
        "- current_setting('superuser_reserved_connections')::float8 "
        "- coalesce(current_setting('reserved_connections', true), '0')::float8, "
        "(select sum(xact_commit + xact_rollback) from pg_stat_database), "
        "(select sum(numbackends) from pg_stat_database where datid <> 0), "
        "(select max(age(datfrozenxid)) from pg_database), "
        "(select max(mxid_age(datminmxid)) from pg_database), "
        "(select count(*) from pg_locks where not granted), "
        "pg_wal_lsn_diff(" LSN ", '0/0')";
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!ll_libpq_query(p->pq, sql, p->until, &r, err))
        return false;
    p->sees_stats = is_true(ll_libpq_text(r, 0, 1));
    p->sees_wal = is_true(ll_libpq_text(r, 0, 2));
    notice_restart(p, ll_libpq_number(r, 0, 3), is_true(ll_libpq_text(r, 0, 0)));
    put_rates(p, ll_libpq_number(r, 0, 5), ll_libpq_number(r, 0, 10));
    put_queue(p, "waiting", ll_libpq_number(r, 0, 9), NAN, true);
    put_queue(p, "xid age", ll_libpq_number(r, 0, 7), last_id(p), false);
    put_queue(p, "multixact age", ll_libpq_number(r, 0, 8), last_id(p), false);
    p->connections_max = ll_libpq_number(r, 0, 4);
    if (!p->sees_stats)
        put_connections(p, NULL, ll_libpq_number(r, 0, 6), p->connections_max);
    return true;
}

static void put_lag(struct ll_postgres *p, const char *prefix, const char *name, double bytes,
                    double seconds)
{
    struct part x = {.type = LL_RESOURCE_QUEUE_DEPTH,
                     .unit = LL_UNIT_BYTES,
                     .prefix = prefix,
                     .name = name,
                     .value = bytes};
    put(p, &x);
    x.unit = LL_UNIT_SECONDS;
    x.suffix = "delay";
    x.value = seconds;
    put(p, &x);
}

/* A standby that has everything reports no delay after a while of nothing to do: it has none. */
static bool take_standbys(struct ll_postgres *p, struct ll_err *err)
{
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!p->sees_stats)
        return true;
    if (!ll_libpq_query(p->pq,
                        "select application_name || coalesce('@' || host(client_addr), ''), "
                        "max(greatest(pg_wal_lsn_diff(" LSN ", replay_lsn), 0)), "
                        "max(extract(epoch from replay_lag)) from pg_stat_replication "
                        "where state in ('streaming', 'catchup') and replay_lsn is not null "
                        "group by 1 order by 1 limit 100",
                        p->until, &r, err))
        return false;
    for (int i = 0; i < ll_libpq_rows(r); i++) {
        double bytes = ll_libpq_number(r, i, 1), seconds = ll_libpq_number(r, i, 2);
        if (isnan(seconds) && bytes == 0)
            seconds = 0;
        put_lag(p, "standby", ll_libpq_text(r, i, 0), bytes, seconds);
    }
    return true;
}

/* Replayed all that was received is no lag only while somebody sends. */
static bool take_replay(struct ll_postgres *p, struct ll_err *err)
{
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!p->standby)
        return true;
    if (!ll_libpq_query(p->pq,
                        "select exists(select 1 from pg_stat_wal_receiver), "
                        "pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), "
                        "extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())",
                        p->until, &r, err))
        return false;
    bool receives = is_true(ll_libpq_text(r, 0, 0));
    double bytes = ll_libpq_number(r, 0, 1), seconds = fmax(ll_libpq_number(r, 0, 2), 0);
    if (isnan(ll_libpq_number(r, 0, 2)))
        seconds = NAN;
    if (receives && bytes <= 0)
        bytes = seconds = 0;
    put_lag(p, "replay", NULL, receives ? bytes : (double)NAN, seconds);
    if (!receives)
        ll_postgres_note(p, "this standby receives nothing");
    return true;
}

static bool take_slots(struct ll_postgres *p, struct ll_err *err)
{
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!ll_libpq_query(p->pq,
                        "select slot_name, greatest(pg_wal_lsn_diff(" LSN ", restart_lsn), 0), "
                        "(select case when setting::float8 > 0 then setting::float8 * 1048576 end "
                        "from pg_settings where name = 'max_slot_wal_keep_size') "
                        "from pg_replication_slots where restart_lsn is not null "
                        "order by 2 desc, 1 limit 100",
                        p->until, &r, err))
        return false;
    for (int i = 0; i < ll_libpq_rows(r); i++)
        put(p, &(struct part){.type = LL_RESOURCE_DISK,
                              .unit = LL_UNIT_BYTES,
                              .prefix = "slot",
                              .name = ll_libpq_text(r, i, 0),
                              .value = ll_libpq_number(r, i, 1),
                              .capacity = ll_libpq_number(r, i, 2)});
    return true;
}

/* max_wal_size stands beside pg_wal and is not its capacity: a busy server recycles its files up
 * to there, and only ever nears it. */
static bool take_wal(struct ll_postgres *p, struct ll_err *err)
{
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!p->sees_wal)
        return true;
    if (!ll_libpq_query(p->pq,
                        "select sum(size), (select setting::float8 * 1048576 from pg_settings "
                        "where name = 'max_wal_size') from pg_ls_waldir()",
                        p->until, &r, err))
        return false;
    struct part x = {.type = LL_RESOURCE_DISK,
                     .unit = LL_UNIT_BYTES,
                     .name = "wal",
                     .value = ll_libpq_number(r, 0, 0)};
    put(p, &x);
    x.name = "wal max_wal_size";
    x.value = ll_libpq_number(r, 0, 1);
    put(p, &x);
    return true;
}

static void put_size(struct ll_postgres *p, const char *prefix, const char *name, double bytes)
{
    put(p, &(struct part){.type = LL_RESOURCE_DISK,
                          .unit = LL_UNIT_BYTES,
                          .prefix = prefix,
                          .name = name,
                          .value = bytes,
                          .primary = !prefix});
}

/* The sum stands for the disk where every database is seen; a part of it would mislead. */
static bool take_databases(struct ll_postgres *p, struct ll_err *err)
{
    char sql[512];
    LL_AUTO(ll_libpq_result) r = NULL;
    snprintf(
        sql, sizeof(sql),
        "select datname, datistemplate, case when %s or has_database_privilege(oid, 'connect') "
        "then pg_database_size(oid) end from pg_database order by 3 desc nulls last limit %d",
        p->sees_stats ? "true" : "false", DATABASES_MAX);
    if (!ll_libpq_query(p->pq, sql, p->until, &r, err))
        return false;
    double all = 0;
    int hidden = 0;
    for (int i = 0; i < ll_libpq_rows(r); i++) {
        double bytes = ll_libpq_number(r, i, 2);
        hidden += isnan(bytes);
        all += bytes;
        if (!is_true(ll_libpq_text(r, i, 1)))
            put_size(p, "database", ll_libpq_text(r, i, 0), bytes);
    }
    if (hidden)
        ll_postgres_note(p, "%d databases may not be seen", hidden);
    if (ll_libpq_rows(r) < DATABASES_MAX)
        put_size(p, NULL, NULL, all); /* not a number when one is missing */
    return true;
}

/* Exact sizes of the 2,000 that are large by the last count of their pages, or new. */
static bool take_tables(struct ll_postgres *p, struct ll_err *err)
{
    LL_AUTO(ll_libpq_result) r = NULL;
    if (!ll_libpq_query(p->pq,
                        "select current_database() || '.' || nspname || '.' || relname, "
                        "pg_total_relation_size(oid) from (select c.oid, n.nspname, c.relname "
                        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                        "where c.relkind in ('r', 'm') and c.relpersistence <> 't' "
                        "and n.nspname not in ('pg_catalog', 'information_schema') "
                        "order by c.relpages desc, c.oid desc limit 2000) t "
                        "order by 2 desc nulls last limit 20",
                        p->until, &r, err))
        return false;
    for (int i = 0; i < ll_libpq_rows(r); i++)
        put_size(p, "table", ll_libpq_text(r, i, 0), ll_libpq_number(r, i, 1));
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct ll_postgres *p, struct ll_err *err);
    bool size;
} questions[] = {
    {"connections", take_states, false}, {"standbys", take_standbys, false},
    {"replay", take_replay, false},      {"slots", take_slots, false},
    {"pg_wal", take_wal, false},         {"databases", take_databases, true},
    {"tables", take_tables, true}, /* last: they may be slow */
};

static void note_rights(struct ll_postgres *p)
{
    if (!p->sees_stats)
        ll_postgres_note(p,
                         "the role may not read statistics: no states of connections, no "
                         "standbys%s; GRANT pg_monitor to it",
                         p->sees_wal ? "" : ", no size of pg_wal");
    else if (!p->sees_wal)
        ll_postgres_note(p, "the role may not list pg_wal; GRANT pg_monitor to it");
}

bool ll_postgres_parts(struct ll_postgres *p, struct ll_err *err)
{
    p->note[0] = '\0';
    if (!take_server(p, err))
        return false;
    note_rights(p);
    bool sizes = p->mono >= p->sizes_at;
    ll_dur spent = 0;
    for (size_t i = 0; i < LL_LEN(questions) && ll_libpq_is_connected(p->pq); i++) {
        struct ll_err why;
        ll_time from = ll_clock_real().mono(NULL);
        if (questions[i].size && !sizes)
            continue;
        if (!questions[i].take(p, &why))
            ll_postgres_note(p, "%s: %.120s", questions[i].name, why.text);
        spent += questions[i].size ? ll_clock_real().mono(NULL) - from : 0;
    }
    if (sizes)
        p->sizes_at = p->mono + LL_MIN(spent * SIZES_SHARE, SIZES_APART_MAX);
    return true;
}
