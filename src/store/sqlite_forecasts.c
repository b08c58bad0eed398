/* Forecasts with their points, and how they came out. */
#include "store/sqlite.h"
#include "store/sqlite_read.h"

enum { DROP_FORECASTS = 20, SUMS = 10 };

/* --- the write side --- */

static bool put_points(struct ll_sqlite_store *s, const struct ll_kept_forecast *f,
                       struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_FORECAST_POINT, err);
    for (size_t i = 0; st && i < f->n_points; i++) {
        const struct ll_kept_point *p = &f->points[i];
        sqlite3_bind_int64(st, 1, f->id);
        sqlite3_bind_int64(st, 2, p->step);
        sqlite3_bind_double(st, 3, p->said.predicted);
        sqlite3_bind_double(st, 4, p->said.lower); /* NaN binds NULL */
        sqlite3_bind_double(st, 5, p->said.upper);
        sqlite3_bind_double(st, 6, p->naive.predicted);
        sqlite3_bind_double(st, 7, p->naive.lower);
        sqlite3_bind_double(st, 8, p->naive.upper);
        if (!ll_sqlite_run(st, err))
            return false;
    }
    return st != NULL;
}

static bool put_lists(struct ll_sqlite_store *s, const struct ll_kept_forecast *f,
                      struct ll_err *err)
{
    sqlite3_stmt *season = ll_sqlite_stmt(s, LL_SQLITE_FORECAST_SEASON, err);
    sqlite3_stmt *effect = season ? ll_sqlite_stmt(s, LL_SQLITE_FORECAST_EFFECT, err) : NULL;
    for (size_t i = 0; effect && i < f->n_seasons; i++) {
        sqlite3_bind_int64(season, 1, f->id);
        sqlite3_bind_double(season, 2, f->seasons[i].steps);
        sqlite3_bind_double(season, 3, f->seasons[i].strength);
        if (!ll_sqlite_run(season, err))
            return false;
    }
    for (size_t i = 0; effect && i < f->n_effects; i++) {
        const struct ll_kept_effect *e = &f->effects[i];
        sqlite3_bind_int64(effect, 1, f->id);
        ll_sqlite_bind_slice(effect, 2, e->day_class);
        sqlite3_bind_double(effect, 3, e->factor);
        sqlite3_bind_int64(effect, 4, e->seen);
        sqlite3_bind_int64(effect, 5, e->of_pool);
        if (!ll_sqlite_run(effect, err))
            return false;
    }
    return effect != NULL;
}

static void bind_time(sqlite3_stmt *st, int at, ll_time t)
{
    if (t == LL_TIME_NONE)
        sqlite3_bind_null(st, at);
    else
        sqlite3_bind_int64(st, at, t);
}

static bool put_forecast(struct ll_sqlite_store *s, const struct ll_kept_forecast *f,
                         struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_FORECAST_PUT, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, f->id);
    ll_sqlite_bind_slice(st, 2, f->service);
    ll_sqlite_bind_slice(st, 3, ll_slice_of(ll_resource_name(f->type)));
    ll_sqlite_bind_slice(st, 4, ll_slice_of(ll_unit_name(f->unit)));
    sqlite3_bind_int64(st, 5, f->origin);
    sqlite3_bind_int64(st, 6, f->until);
    sqlite3_bind_int64(st, 7, f->step);
    sqlite3_bind_double(st, 8, f->level);
    ll_sqlite_bind_slice(st, 9, f->model);
    ll_sqlite_bind_slice(st, 10, f->reason);
    ll_sqlite_bind_slice(st, 11, f->calendar);
    sqlite3_bind_double(st, 12, f->peak);
    sqlite3_bind_int64(st, 13, f->peak_at);
    sqlite3_bind_double(st, 14, f->peak_upper);
    sqlite3_bind_double(st, 15, f->peak_above);
    sqlite3_bind_double(st, 16, f->capacity);
    sqlite3_bind_double(st, 17, f->scale);
    sqlite3_bind_double(st, 18, f->multiplier);
    sqlite3_bind_int64(st, 19, f->judged);
    sqlite3_bind_int64(st, 20, f->made);
    sqlite3_bind_int64(st, 21, f->lead);
    ll_sqlite_bind_slice(st, 22, f->part);
    sqlite3_bind_int64(st, 23, f->history_from);
    sqlite3_bind_int64(st, 24, f->history_steps);
    bind_time(st, 25, f->newest);
    for (int i = 0; i < LL_KEPT_LEVELS; i++)
        sqlite3_bind_double(st, 26 + i, f->shape[i]);
    return ll_sqlite_run(st, err) && put_points(s, f, err) && put_lists(s, f, err);
}

static void bind_sums(sqlite3_stmt *st, int at, const struct ll_accuracy_sums *x)
{
    const double v[SUMS] = {x->n,      x->abs_error, x->abs_actual, x->error,   x->n_scaled,
                            x->scaled, x->n_bounded, x->inside,     x->pinball, x->width};
    for (int i = 0; i < SUMS; i++)
        sqlite3_bind_double(st, at + i, v[i]);
}

static bool put_judgement(struct ll_sqlite_store *s, const struct ll_judgement *j,
                          struct ll_err *err)
{
    sqlite3_stmt *mark = ll_sqlite_stmt(s, LL_SQLITE_FORECAST_JUDGE, err);
    sqlite3_stmt *add = mark ? ll_sqlite_stmt(s, LL_SQLITE_ACCURACY_ADD, err) : NULL;
    if (!add)
        return false;
    sqlite3_bind_int64(mark, 1, j->forecast);
    sqlite3_bind_int64(mark, 2, (sqlite3_int64)1 << j->horizon);
    if (!ll_sqlite_run(mark, err))
        return false;
    if (sqlite3_changes(s->db) == 0 || !(j->said.n > 0))
        return true;
    ll_sqlite_bind_slice(add, 1, j->service);
    ll_sqlite_bind_slice(add, 2, ll_slice_of(ll_resource_name(j->type)));
    sqlite3_bind_int64(add, 3, j->ahead);
    sqlite3_bind_int64(add, 4, ll_time_day(j->t));
    bind_sums(add, 5, &j->said);
    bind_sums(add, 5 + SUMS, &j->naive);
    return ll_sqlite_run(add, err);
}

static bool put_venue_effect(struct ll_sqlite_store *s, const struct ll_venue_effect *v,
                             struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_VENUE_EFFECT, err);
    if (!st)
        return false;
    ll_sqlite_bind_slice(st, 1, v->calendar);
    ll_sqlite_bind_slice(st, 2, ll_slice_of(ll_resource_name(v->type)));
    ll_sqlite_bind_slice(st, 3, v->service);
    ll_sqlite_bind_slice(st, 4, v->day_class);
    sqlite3_bind_int64(st, 5, v->month);
    sqlite3_bind_double(st, 6, v->ratio);
    sqlite3_bind_int64(st, 7, (sqlite3_int64)v->days);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_double(st, 8 + i, v->part[i]);
    sqlite3_bind_double(st, 11, v->noise);
    sqlite3_bind_int64(st, 12, v->day);
    return ll_sqlite_run(st, err);
}

bool ll_sqlite_put_forecasts(struct ll_sqlite_store *s, const struct ll_batch *b,
                             struct ll_err *err)
{
    for (size_t i = 0; i < b->n_forecasts; i++)
        if (!put_forecast(s, &b->forecasts[i], err))
            return false;
    for (size_t i = 0; i < b->n_judgements; i++)
        if (!put_judgement(s, &b->judgements[i], err))
            return false;
    for (size_t i = 0; i < b->n_venue_effects; i++)
        if (!put_venue_effect(s, &b->venue_effects[i], err))
            return false;
    return true;
}

bool ll_sqlite_forecasts_drop(struct ll_sqlite_store *s, ll_time cutoff, bool *done,
                              struct ll_err *err)
{
    static const enum ll_sqlite_stmt_id ids[] = {
        LL_SQLITE_FORECAST_POINTS_DROP, LL_SQLITE_FORECAST_SEASONS_DROP,
        LL_SQLITE_FORECAST_EFFECTS_DROP, LL_SQLITE_FORECASTS_DROP};
    for (size_t i = 0; i < LL_LEN(ids); i++) {
        sqlite3_stmt *st = ll_sqlite_stmt(s, ids[i], err);
        if (!st)
            return false;
        sqlite3_bind_int64(st, 1, cutoff);
        sqlite3_bind_int64(st, 2, DROP_FORECASTS);
        if (!ll_sqlite_run(st, err))
            return false;
    }
    *done = sqlite3_changes(s->db) < DROP_FORECASTS;
    return true;
}

bool ll_sqlite_accuracy_drop(struct ll_sqlite_store *s, ll_time cutoff, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_ACCURACY_DROP, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, ll_time_day(cutoff));
    return ll_sqlite_run(st, err);
}

bool ll_sqlite_venue_effects_drop(struct ll_sqlite_store *s, ll_time cutoff, struct ll_err *err)
{
    sqlite3_stmt *st = ll_sqlite_stmt(s, LL_SQLITE_VENUE_EFFECTS_DROP, err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, ll_time_day(cutoff));
    return ll_sqlite_run(st, err);
}

/* --- the read side --- */

static bool read_points(sqlite3 *db, struct ll_kept_forecast *f, struct ll_arena *arena,
                        struct ll_err *err)
{
    int64_t n;
    char sql[96];
    sqlite3_snprintf(sizeof(sql), sql, "SELECT count(*) FROM forecast_points WHERE forecast=%lld",
                     (long long)f->id);
    if (!ll_sqlite_int(db, sql, &n, err))
        return false;
    struct ll_kept_point *v = LL_ARENA_NEW(arena, struct ll_kept_point, (size_t)LL_MAX(n, 1));
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the points of a forecast");
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db,
                           "SELECT step,predicted,lower,upper,naive,naive_lower,naive_upper "
                           "FROM forecast_points WHERE forecast=?1 ORDER BY step LIMIT ?2",
                           err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, f->id);
    sqlite3_bind_int64(st, 2, n);
    bool row;
    f->points = v;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        v[f->n_points++] = (struct ll_kept_point){
            .step = (uint32_t)sqlite3_column_int64(st, 0),
            .said = {ll_sqlite_real(st, 1), ll_sqlite_real(st, 2), ll_sqlite_real(st, 3)},
            .naive = {ll_sqlite_real(st, 4), ll_sqlite_real(st, 5), ll_sqlite_real(st, 6)}};
    }
    return false;
}

enum { SEASONS_MOST = 64, EFFECTS_MOST = 64 };

static bool read_seasons(sqlite3 *db, struct ll_kept_forecast *f, struct ll_arena *arena,
                         struct ll_err *err)
{
    struct ll_kept_season *v = LL_ARENA_NEW(arena, struct ll_kept_season, SEASONS_MOST);
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the seasons of a forecast");
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db,
                           "SELECT steps,strength FROM forecast_seasons WHERE forecast=?1 "
                           "ORDER BY strength DESC LIMIT ?2",
                           err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, f->id);
    sqlite3_bind_int64(st, 2, SEASONS_MOST);
    bool row;
    f->seasons = v;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        v[f->n_seasons++] =
            (struct ll_kept_season){ll_sqlite_real(st, 0), ll_sqlite_real(st, 1)};
    }
    return false;
}

static bool copy_text(sqlite3_stmt *st, int at, struct ll_arena *arena, struct ll_slice *out,
                      struct ll_err *err)
{
    struct ll_slice text = ll_sqlite_slice(st, at);
    char *copy = ll_arena_copy(arena, text.s, text.n);
    *out = (struct ll_slice){copy, text.n};
    return copy || ll_err_set(err, LL_E_MEMORY, "no memory for what the store says of a forecast");
}

static bool read_effects(sqlite3 *db, struct ll_kept_forecast *f, struct ll_arena *arena,
                         struct ll_err *err)
{
    struct ll_kept_effect *v = LL_ARENA_NEW(arena, struct ll_kept_effect, EFFECTS_MOST);
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the effects of a forecast");
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(db,
                           "SELECT class,factor,seen,of_pool FROM forecast_effects "
                           "WHERE forecast=?1 ORDER BY class LIMIT ?2",
                           err);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, f->id);
    sqlite3_bind_int64(st, 2, EFFECTS_MOST);
    bool row;
    f->effects = v;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        struct ll_kept_effect e = {.factor = ll_sqlite_real(st, 1),
                                   .seen = (unsigned)sqlite3_column_int64(st, 2),
                                   .of_pool = (unsigned)sqlite3_column_int64(st, 3)};
        if (!copy_text(st, 0, arena, &e.day_class, err))
            return false;
        v[f->n_effects++] = e;
    }
    return false;
}

static ll_time time_or_none(sqlite3_stmt *st, int at)
{
    return sqlite3_column_type(st, at) == SQLITE_NULL ? LL_TIME_NONE : sqlite3_column_int64(st, at);
}

static bool forecast_row(sqlite3_stmt *st, struct ll_kept_forecast *out, struct ll_err *err)
{
    *out = (struct ll_kept_forecast){
        .id = sqlite3_column_int64(st, 0),
        .service = ll_sqlite_slice(st, 1),
        .origin = sqlite3_column_int64(st, 4),
        .until = sqlite3_column_int64(st, 5),
        .step = sqlite3_column_int64(st, 6),
        .level = ll_sqlite_real(st, 7),
        .model = ll_sqlite_slice(st, 8),
        .reason = ll_sqlite_slice(st, 9),
        .calendar = ll_sqlite_slice(st, 10),
        .peak = ll_sqlite_real(st, 11),
        .peak_at = sqlite3_column_int64(st, 12),
        .peak_upper = ll_sqlite_real(st, 13),
        .peak_above = ll_sqlite_real(st, 14),
        .capacity = ll_sqlite_real(st, 15),
        .scale = ll_sqlite_real(st, 16),
        .multiplier = ll_sqlite_real(st, 17),
        .judged = (unsigned)sqlite3_column_int64(st, 18),
        .made = sqlite3_column_int64(st, 19),
        .lead = sqlite3_column_int64(st, 20),
        .part = ll_sqlite_slice(st, 21),
        .history_from = sqlite3_column_int64(st, 22),
        .history_steps = sqlite3_column_int64(st, 23),
        .newest = time_or_none(st, 24),
    };
    for (int i = 0; i < LL_KEPT_LEVELS; i++)
        out->shape[i] = ll_sqlite_real(st, 25 + i);
    return (ll_resource_parse(ll_sqlite_slice(st, 2), &out->type) &&
            ll_unit_parse(ll_sqlite_slice(st, 3), &out->unit) && out->step > 0)
               ? true
               : ll_err_set(err, LL_E_DAMAGED, "the forecast %lld has an unknown resource or unit",
                            (long long)out->id);
}

static const char forecasts_sql[] =
    "SELECT id,service,resource_type,unit,origin,until,step,level,model_used,reason,calendar,"
    "peak,peak_at,peak_upper,peak_above,capacity,scale,multiplier,judged,made,lead,part,"
    "history_from,history_steps,newest,half_50,half_80,half_90,half_95,half_99 FROM forecasts "
    "WHERE ";

/* A question of its own for each index. */
static const char *where(const struct ll_forecasts_query *q)
{
    if (q->id)
        return "id=?1 AND judged&?4<>?4 LIMIT ?5";
    if (q->latest)
        return "id IN (SELECT max(id) FROM forecasts GROUP BY service,resource_type) "
               "AND judged&?4<>?4 ORDER BY id DESC LIMIT ?5";
    if (q->service.n && q->type >= 0)
        return "service=?2 AND resource_type=?3 AND judged&?4<>?4 ORDER BY id DESC LIMIT ?5";
    return "(?2='' OR service=?2) AND (?3='' OR resource_type=?3) AND judged&?4<>?4 "
           "ORDER BY id DESC LIMIT ?5";
}

bool ll_sqlite_each_forecast(struct ll_store_reader *base, const struct ll_forecasts_query *q,
                             ll_store_forecast_fn *fn, void *ctx, struct ll_err *err)
{
    sqlite3 *db = ((struct ll_sqlite_reader *)base)->db;
    char sql[sizeof(forecasts_sql) + 128];
    sqlite3_snprintf(sizeof(sql), sql, "%s%s", forecasts_sql, where(q));
    LL_AUTO(sqlite3_stmt) st = ll_sqlite_prepare(db, sql, err);
    if (!st)
        return false;
    const char *type = q->type < 0 ? "" : ll_resource_name((enum ll_resource_type)q->type);
    const int64_t all = ((int64_t)1 << LL_JUDGEMENTS) - 1;
    sqlite3_bind_int64(st, 1, q->id);
    ll_sqlite_bind_slice(st, 2, q->service);
    ll_sqlite_bind_slice(st, 3, ll_slice_of(type));
    sqlite3_bind_int64(st, 4, q->unjudged ? all : (sqlite3_int64)1 << 62); /* a bit that none has */
    sqlite3_bind_int64(st, 5, (int64_t)LL_MIN(q->limit, (size_t)INT32_MAX));
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        struct ll_kept_forecast f;
        if (!row)
            return true;
        if (!forecast_row(st, &f, err))
            return false;
        LL_AUTO(ll_arena) arena = q->points ? ll_arena_new(SIZE_MAX / 2) : NULL;
        if (q->points && (!arena || !read_points(db, &f, arena, err) ||
                          !read_seasons(db, &f, arena, err) || !read_effects(db, &f, arena, err)))
            return arena ? false : ll_err_set(err, LL_E_MEMORY, "no memory for a forecast");
        if (!fn(ctx, &f))
            return true;
    }
    return false;
}

static struct ll_accuracy_sums read_sums(sqlite3_stmt *st, int at)
{
    double v[SUMS];
    for (int i = 0; i < SUMS; i++)
        v[i] = sqlite3_column_double(st, at + i);
    return (struct ll_accuracy_sums){.n = v[0],
                                     .abs_error = v[1],
                                     .abs_actual = v[2],
                                     .error = v[3],
                                     .n_scaled = v[4],
                                     .scaled = v[5],
                                     .n_bounded = v[6],
                                     .inside = v[7],
                                     .pinball = v[8],
                                     .width = v[9]};
}

bool ll_sqlite_each_accuracy(struct ll_store_reader *base, const struct ll_accuracy_query *q,
                             ll_store_accuracy_fn *fn, void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(
        ((struct ll_sqlite_reader *)base)->db,
        "SELECT service,resource_type,horizon,sum(hours),sum(abs_error),sum(abs_actual),"
        "sum(error),sum(hours_scaled),sum(scaled),sum(hours_bounded),sum(inside),sum(pinball),"
        "sum(width),sum(naive_hours),sum(naive_abs_error),sum(naive_abs_actual),sum(naive_error),"
        "sum(naive_hours_scaled),sum(naive_scaled),sum(naive_hours_bounded),sum(naive_inside),"
        "sum(naive_pinball),sum(naive_width) FROM forecast_accuracy WHERE (?1='' OR service=?1) "
        "AND (?2='' OR resource_type=?2) AND day BETWEEN ?3 AND ?4 "
        "GROUP BY service,resource_type,horizon ORDER BY service,resource_type,horizon",
        err);
    if (!st)
        return false;
    const char *type = q->type < 0 ? "" : ll_resource_name((enum ll_resource_type)q->type);
    ll_sqlite_bind_slice(st, 1, q->service);
    ll_sqlite_bind_slice(st, 2, ll_slice_of(type));
    sqlite3_bind_int64(st, 3, q->from_day);
    sqlite3_bind_int64(st, 4, q->to_day);
    bool row;
    while (ll_sqlite_step(st, &row, err)) {
        if (!row)
            return true;
        struct ll_accuracy_row a = {.service = ll_sqlite_slice(st, 0),
                                    .horizon = sqlite3_column_int64(st, 2),
                                    .said = read_sums(st, 3),
                                    .naive = read_sums(st, 3 + SUMS)};
        if (!ll_resource_parse(ll_sqlite_slice(st, 1), &a.type))
            return ll_err_set(err, LL_E_DAMAGED, "an accuracy of an unknown resource");
        if (!fn(ctx, &a))
            return true;
    }
    return false;
}

static bool venue_row(sqlite3_stmt *st, struct ll_venue_effect *out, struct ll_err *err)
{
    *out = (struct ll_venue_effect){.calendar = ll_sqlite_slice(st, 0),
                                    .service = ll_sqlite_slice(st, 2),
                                    .day_class = ll_sqlite_slice(st, 3),
                                    .month = sqlite3_column_int(st, 4),
                                    .ratio = ll_sqlite_real(st, 5),
                                    .days = (size_t)sqlite3_column_int64(st, 6),
                                    .part = {ll_sqlite_real(st, 7), ll_sqlite_real(st, 8),
                                             ll_sqlite_real(st, 9)},
                                    .noise = ll_sqlite_real(st, 10),
                                    .day = sqlite3_column_int64(st, 11)};
    return ll_resource_parse(ll_sqlite_slice(st, 1), &out->type) && out->month >= 0 &&
                   out->month <= 12
               ? true
               : ll_err_set(err, LL_E_DAMAGED, "an effect of an unknown resource or month");
}

bool ll_sqlite_each_venue_effect(struct ll_store_reader *base, ll_store_venue_effect_fn *fn,
                                 void *ctx, struct ll_err *err)
{
    LL_AUTO(sqlite3_stmt)
    st = ll_sqlite_prepare(((struct ll_sqlite_reader *)base)->db,
                           "SELECT calendar,resource_type,service,class,month,ratio,days,open,"
                           "middle,close,noise,day FROM venue_effects "
                           "ORDER BY calendar,resource_type,service,class,month",
                           err);
    bool row;
    while (st && ll_sqlite_step(st, &row, err)) {
        struct ll_venue_effect v;
        if (!row)
            return true;
        if (!venue_row(st, &v, err))
            return false;
        if (!fn(ctx, &v))
            return true;
    }
    return false;
}
