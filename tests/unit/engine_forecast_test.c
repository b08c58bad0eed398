/* Forecasts of the engine with the real store: imported history, a fit, what came, its judgement.
 */
#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/forecasts_private.h"

enum { DAYS = 30 };

static char dir[64];
static struct ll_engine *e;

/* A real clock whose wall time can be stepped by another thread. */
static _Atomic ll_dur stepped;

static ll_time stepped_now(void *self)
{
    struct ll_clock real = ll_clock_real();
    (void)self;
    return real.now(real.self) + stepped;
}

static void open_engine(const char *key, const char *value)
{
    struct ll_err err;
    struct ll_config *c;
    const struct ll_config_flag flags[] = {{"storage.path", dir},
                                           {"collect.host.enabled", "false"},
                                           {"check-interval-seconds", "1"},
                                           {key, value}};
    const struct ll_config_source src = {.flags = flags, .n_flags = key ? 4 : 3};
    ck_assert_msg(ll_config_load(&src, &c, &err), "%s", err.text);
    struct ll_clock clock = ll_clock_real();
    clock.now = stepped_now;
    const struct ll_engine_opts opts = {
        .config = c, .clock = clock, .store = ll_stores[0], .seed = 7};
    ck_assert_msg(ll_engine_new(&opts, &e, &err), "%s", err.text);
    ck_assert_msg(ll_engine_start(e, &err), "%s", err.text);
}

static void setup(void)
{
    stepped = 0;
    snprintf(dir, sizeof(dir), "/tmp/ll-forecast-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
    char command[128];
    ll_engine_free(e);
    e = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static atomic_int acks;

static void on_ack(const struct ll_batch *b, void *ctx)
{
    (void)ctx;
    ck_assert(b->committed);
    atomic_fetch_add(&acks, 1);
}

static void send(struct ll_batch *b)
{
    struct ll_err err;
    int before = atomic_load(&acks);
    b->received = ll_engine_now(e);
    ck_assert_msg(ll_engine_ingest(e, b, on_ack, NULL, &err), "%s", err.text);
    for (int i = 0; i < 600000 && atomic_load(&acks) == before; i++)
        pause_ms(1);
    ck_assert_int_gt(atomic_load(&acks), before);
}

/* 100 on average, 140 at 06:00 UTC, with a little that no model knows. */
static double rhythm(ll_time t)
{
    uint64_t x = (uint64_t)(t / LL_HOUR) * 0x9e3779b97f4a7c15u;
    double noise = (double)(x >> 40) / (double)(1 << 24) - 0.5;
    return 100 + 40 * sin(6.283185307179586 * (double)(t % LL_DAY) / (double)LL_DAY) + 4 * noise;
}

static const struct ll_series_key key = {
    .service = {"orders", 6}, .instance = {"i1", 2}, .type = LL_RESOURCE_API_CALLS};

static struct ll_series_key key_of(const char *service)
{
    struct ll_series_key k = key;
    k.service = ll_slice_of(service);
    return k;
}

/* What a series did at a time. */
typedef double value_fn(ll_time t);

static void import_series(const char *service, ll_time now, int days, value_fn *value)
{
    const struct ll_series_key of = key_of(service);
    struct ll_batch *b = ll_batch_new((size_t)days * 48, 0, LL_ORIGIN_PUSH); /* for its arena */
    ll_time end = ll_time_floor(now, LL_HOUR);
    b->rollups = LL_ARENA_NEW(b->arena, struct ll_rollup_row, (size_t)days * 24);
    ck_assert_ptr_nonnull(b->rollups);
    for (int i = 0; i < days * 24; i++) {
        ll_time t = end - (days * 24 - i) * LL_HOUR;
        double v = value(t);
        b->rollups[b->n_rollups++] = (struct ll_rollup_row){
            .key = of,
            .unit = LL_UNIT_CALLS_PER_SECOND,
            .primary = true,
            .step = LL_HOUR,
            .rollup = {.t = t, .mean = v, .max = v, .p95 = v, .capacity = 150, .count = 60}};
    }
    send(b);
}

static void import(ll_time now)
{
    import_series("orders", now, DAYS, rhythm);
}

static void push_series(const char *service, ll_time from, ll_time to, ll_dur step, value_fn *value)
{
    const struct ll_series_key of = key_of(service);
    size_t n = (size_t)((to - from) / step);
    struct ll_batch *b = ll_batch_new(n, 0, LL_ORIGIN_PUSH);
    for (size_t i = 0; i < n; i++) {
        const struct ll_sample s = {.key = of,
                                    .unit = LL_UNIT_CALLS_PER_SECOND,
                                    .t = from + (ll_dur)i * step,
                                    .value = value(from + (ll_dur)i * step),
                                    .capacity = 150,
                                    .max_value = NAN,
                                    .primary = true};
        ck_assert(ll_batch_add(b, &s));
    }
    send(b);
}

static void push(ll_time from, ll_time to, ll_dur step)
{
    push_series("orders", from, to, step, rhythm);
}

/* Newer than what was there before the clock was stepped: the monitor moves that along. */
static void push_now(void)
{
    ll_time now = ll_engine_now(e);
    push(now, now + LL_SECOND, LL_SECOND);
}

/* A forecast made after `after`, in this life. */
static const struct ll_held_forecast *wait_for_series(const char *service, ll_time after)
{
    for (int i = 0; i < 600000; i++) {
        const struct ll_held_forecast *f =
            ll_engine_forecast(e, ll_slice_of(service), LL_RESOURCE_API_CALLS);
        if (f && f->kept.made > after && !f->restored)
            return f;
        if (f)
            ll_engine_forecast_release(f);
        pause_ms(1);
    }
    return NULL;
}

static const struct ll_held_forecast *wait_for(ll_time after)
{
    return wait_for_series("orders", after);
}

START_TEST(an_imported_rhythm_is_forecast)
{
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->kept.origin, ll_time_floor(f->kept.made, LL_HOUR));
    ck_assert_int_eq(f->kept.step, LL_HOUR);
    ck_assert_uint_eq(f->kept.n_points, 24);
    ck_assert_uint_ge(f->kept.n_seasons, 1);
    ck_assert_double_eq_tol(f->kept.seasons[0].steps, 24, 0.05);
    double worst = 0;
    size_t inside = 0;
    for (size_t i = 0; i < f->kept.n_points; i++) {
        const struct ll_kept_point *p = &f->kept.points[i];
        double v = rhythm(f->kept.origin + (ll_dur)p->step * LL_HOUR);
        ck_assert_uint_eq(p->step, i);
        worst = fmax(worst, fabs(p->said.predicted - v));
        inside += v >= p->said.lower && v <= p->said.upper;
        ck_assert(isfinite(p->naive.predicted));
    }
    ck_assert_double_lt(worst, 8);
    ck_assert_uint_ge(inside, 20);
    ck_assert_double_eq_tol(f->kept.peak, 140, 6);
    ck_assert_double_ge(f->kept.peak_upper, f->kept.peak);
    ck_assert(f->kept.peak_above >= 0 && f->kept.peak_above < 0.3);
    ck_assert_int_eq(f->kept.peak_above <= 0.05, f->kept.peak_upper <= 150);
    ck_assert_double_eq(f->kept.multiplier, 1);
    ck_assert_int_eq(f->kept.history_steps, DAYS * 24);
    ck_assert_int_eq(f->kept.lead, LL_HOUR);
    ck_assert_uint_eq(f->kept.judged, 1u << LL_JUDGED_LEAD); /* an hour is judged anyway */
    ck_assert(!f->restored);
    ck_assert_int_eq(f->trust.kind, LL_TRUST_UNMEASURED);
    ll_engine_forecast_release(f);
}
END_TEST

struct sums {
    struct ll_accuracy_row v[LL_JUDGEMENTS];
    size_t n;
};

static bool on_accuracy(void *ctx, const struct ll_accuracy_row *a)
{
    struct sums *s = ctx;
    ck_assert_uint_lt(s->n, LL_LEN(s->v));
    s->v[s->n++] = *a;
    return true;
}

static struct sums accuracy(size_t wanted)
{
    const struct ll_accuracy_query q = {.type = -1, .to_day = INT32_MAX};
    struct sums s = {.n = 0};
    for (int i = 0; i < 10000 && s.n < wanted; i++) {
        struct ll_store_reader *r = ll_engine_reader_take(e);
        s.n = 0;
        ck_assert(r->ops->each_accuracy(r, &q, on_accuracy, &s, NULL));
        ll_engine_reader_give(e, r);
        pause_ms(1);
    }
    return s;
}

START_TEST(what_came_judges_what_was_said)
{
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_time origin = f->kept.origin, made = f->kept.made;
    ll_engine_forecast_release(f);
    ck_assert_uint_eq(accuracy(0).n, 0);

    stepped = 7 * LL_HOUR;
    push(origin, origin + 7 * LL_HOUR, 5 * LL_MINUTE);
    push_now();
    f = wait_for(LL_MAX(made, origin + 7 * LL_HOUR));
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(f->kept.origin, origin + 7 * LL_HOUR);
    ck_assert(f->kept.multiplier != 1); /* two hours have taught it */
    /* of the widened peak both: the bound, and how often it is over the capacity of 150 */
    ck_assert_int_eq(f->kept.peak_above <= 0.05, f->kept.peak_upper <= 150);
    ll_engine_forecast_release(f);
    struct sums s = accuracy(2);
    ck_assert_uint_eq(s.n, 2);
    ck_assert_int_eq(s.v[0].horizon, LL_HOUR);
    ck_assert_int_eq(s.v[1].horizon, 6 * LL_HOUR);
    for (size_t i = 0; i < s.n; i++) {
        ck_assert_double_eq(s.v[i].said.n, 1);
        ck_assert_double_lt(ll_accuracy_wape(&s.v[i].said), 0.12);
        ck_assert_double_eq(s.v[i].naive.n, 1);
        ck_assert_double_eq(s.v[i].said.n_scaled, 1);
    }
}
END_TEST

START_TEST(the_lead_time_is_judged_beside_the_others)
{
    open_engine("forecast.lead-time", "90m");
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->kept.lead, 2 * LL_HOUR); /* whole steps */
    ck_assert_uint_eq(f->kept.judged, 0);
    ll_time origin = f->kept.origin, made = f->kept.made;
    ll_engine_forecast_release(f);
    stepped = 7 * LL_HOUR;
    push(origin, origin + 7 * LL_HOUR, 5 * LL_MINUTE);
    push_now();
    f = wait_for(LL_MAX(made, origin + 7 * LL_HOUR));
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->trust.ahead, 2 * LL_HOUR);
    ck_assert_double_eq(f->trust.hours, 1);
    ck_assert_int_eq(f->trust.kind, LL_TRUST_UNMEASURED);
    ll_engine_forecast_release(f);
    struct sums s = accuracy(3);
    ck_assert_uint_eq(s.n, 3);
    ck_assert_int_eq(s.v[1].horizon, 2 * LL_HOUR);
    ck_assert_double_eq(s.v[1].said.n, 1);
    ck_assert_double_eq(s.v[1].naive.n, 1);
}
END_TEST

struct latest {
    int64_t id;
    size_t n_points;
};

static bool on_latest(void *ctx, const struct ll_kept_forecast *f)
{
    struct latest *l = ctx;
    l->id = f->id;
    l->n_points = f->n_points;
    return false;
}

static struct latest stored(void)
{
    const struct ll_forecasts_query q = {.type = -1, .latest = true, .points = true, .limit = 1};
    struct latest l = {0};
    for (int i = 0; i < 600000 && !l.id; i++) {
        struct ll_store_reader *r = ll_engine_reader_take(e);
        ck_assert(r->ops->each_forecast(r, &q, on_latest, &l, NULL));
        ll_engine_reader_give(e, r);
        pause_ms(1);
    }
    return l;
}

static const struct ll_held_forecast *wait_for_any(void)
{
    for (int i = 0; i < 600000; i++) {
        const struct ll_held_forecast *f = ll_engine_forecast(e, key.service, key.type);
        if (f)
            return f;
        pause_ms(1);
    }
    return NULL;
}

static void restart(void)
{
    ll_engine_free(e);
    e = NULL;
    open_engine(NULL, NULL);
}

START_TEST(a_restart_goes_on_with_what_was_kept)
{
    struct ll_engine_status st;
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    ck_assert_uint_eq(stored().n_points, 24);
    restart();
    int64_t id = stored().id;
    f = wait_for_any();
    ck_assert_ptr_nonnull(f);
    ck_assert(f->restored);
    ck_assert_int_eq(f->kept.id, id);
    ck_assert_uint_eq(f->kept.n_points, 24);
    ck_assert_uint_ge(f->kept.n_seasons, 1);
    ck_assert_int_eq(f->kept.history_steps, DAYS * 24);
    ck_assert_double_gt(f->kept.shape[0], 0);
    ck_assert_double_nan(f->fit_ms);
    ll_time origin = f->kept.origin, made = f->kept.made;
    ll_engine_forecast_release(f);
    pause_ms(3000); /* ticks pass: nothing newer came, so nothing is fitted */
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.forecasts.held, 1);
    ck_assert_uint_eq(st.forecasts.restored, 1);
    ck_assert_uint_eq(st.forecasts.fitted, 0);

    stepped = 7 * LL_HOUR;
    push(origin, origin + 7 * LL_HOUR, 5 * LL_MINUTE);
    push_now();
    f = wait_for(LL_MAX(made, origin + 7 * LL_HOUR));
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    struct sums s = accuracy(2);
    ck_assert_uint_eq(s.n, 2);
    ck_assert_double_ge(s.v[0].said.n, 1); /* what the life before said is judged in this one */
    ck_assert_double_ge(s.v[1].said.n, 1);
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.forecasts.restored, 0);
}
END_TEST

START_TEST(what_is_over_is_not_read_back)
{
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    push(now - 20 * LL_HOUR, now, LL_MINUTE);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    stored();
    stepped = 25 * LL_HOUR;
    restart();
    pause_ms(1000);
    ck_assert_ptr_null(ll_engine_forecast(e, key.service, key.type));
    stepped = -2 * LL_HOUR; /* the clock was ahead then */
    restart();
    pause_ms(1000);
    ck_assert_ptr_null(ll_engine_forecast(e, key.service, key.type));
}
END_TEST

/* One answer of another thread. */
struct answer {
    const struct ll_held_forecast *held;
    struct ll_err err;
    atomic_bool come;
};

static void on_answer(void *ctx, const struct ll_held_forecast *f, const struct ll_err *err)
{
    struct answer *a = ctx;
    a->held = f;
    if (!f)
        a->err = *err;
    atomic_store(&a->come, true);
}

static void wait_answer(struct answer *a)
{
    for (int i = 0; i < 60000 && !atomic_load(&a->come); i++)
        pause_ms(1);
    ck_assert(atomic_load(&a->come));
}

START_TEST(a_longer_horizon_is_computed_on_demand)
{
    struct ll_err err;
    struct ll_engine_status st;
    struct answer a = {0}, again = {0};
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    ck_assert_ptr_null(ll_engine_forecast_longer(e, key.service, key.type, 72 * LL_HOUR));
    ck_assert(ll_engine_forecast_ask(e, key.service, key.type, 72 * LL_HOUR, on_answer, &a, &err));
    wait_answer(&a);
    ck_assert_ptr_nonnull(a.held);
    ck_assert(a.held->on_demand);
    ck_assert_int_eq(a.held->kept.id, 0);
    ck_assert_uint_eq(a.held->kept.n_points, 72);
    for (size_t i = 0; i < a.held->kept.n_points; i++) {
        const struct ll_kept_point *p = &a.held->kept.points[i];
        ck_assert_double_eq_tol(p->said.predicted,
                                rhythm(a.held->kept.origin + (ll_dur)p->step * LL_HOUR), 12);
    }
    /* The next who asks has it at once, and for less too; what is in force stays. */
    f = ll_engine_forecast_longer(e, key.service, key.type, 48 * LL_HOUR);
    ck_assert_ptr_eq(f, a.held);
    ll_engine_forecast_release(f);
    ll_engine_forecast_release(a.held);
    f = wait_for(0);
    ck_assert_uint_eq(f->kept.n_points, 24);
    ll_engine_forecast_release(f);
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.forecasts.on_demand, 1);
    ck_assert_uint_eq(stored().n_points, 24); /* not kept: nothing to judge */

    ck_assert(
        !ll_engine_forecast_ask(e, key.service, key.type, 337 * LL_HOUR, on_answer, &again, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert_ptr_nonnull(strstr(err.text, "forecast.max_horizon_hours"));
    ck_assert(
        !ll_engine_forecast_ask(e, LL_SLICE("nobody"), key.type, LL_HOUR, on_answer, &again, &err));
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert(!atomic_load(&again.come));
}
END_TEST

START_TEST(steps_too_fine_for_a_horizon_are_told)
{
    struct ll_err err;
    struct answer a = {0};
    open_engine("forecast.max-horizon-hours", "700");
    ll_time now = ll_engine_now(e);
    push(now - 20 * LL_HOUR, now, LL_MINUTE);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    ck_assert(ll_engine_forecast_ask(e, key.service, key.type, 600 * LL_HOUR, on_answer, &a, &err));
    wait_answer(&a);
    ck_assert_ptr_null(a.held);
    ck_assert_int_eq(a.err.code, LL_E_RANGE);
    ck_assert_ptr_nonnull(strstr(a.err.text, "ask for 341"));
}
END_TEST

static struct ll_demand demand(ll_dur from, ll_dur span)
{
    struct ll_demand d;
    const struct ll_demand_ask ask = {.service = key.service,
                                      .type = key.type,
                                      .from = ll_engine_now(e) + from,
                                      .span = span,
                                      .quantile = 0.95};
    ll_engine_demand(e, &ask, &d);
    return d;
}

/* Two days of hours in which forecasts did well, and seasonal naive did not. */
static void put_accuracy(ll_time now)
{
    enum { HOURS = 48 };
    struct ll_batch *b = ll_batch_new(HOURS * 64, 0, LL_ORIGIN_COLLECTOR);
    struct ll_kept_forecast *f = LL_ARENA_NEW(b->arena, struct ll_kept_forecast, HOURS);
    struct ll_judgement *j = LL_ARENA_NEW(b->arena, struct ll_judgement, HOURS);
    ck_assert(f && j);
    for (int i = 0; i < HOURS; i++) {
        f[i] = (struct ll_kept_forecast){.id = i + 1,
                                         .service = key.service,
                                         .type = key.type,
                                         .unit = LL_UNIT_CALLS_PER_SECOND,
                                         .origin = now - (HOURS - i) * LL_HOUR,
                                         .until = now,
                                         .step = LL_HOUR,
                                         .level = 0.95,
                                         .multiplier = 1,
                                         .judged = 14,
                                         .lead = LL_HOUR};
        j[i] = (struct ll_judgement){.forecast = i + 1,
                                     .service = key.service,
                                     .type = key.type,
                                     .ahead = LL_HOUR,
                                     .t = f[i].origin};
        ll_accuracy_add(&j[i].said, 100, &(struct ll_stated){101, i % 20 ? 95 : 101, 105}, 1, 0.95);
        ll_accuracy_add(&j[i].naive, 100, &(struct ll_stated){120, 60, 180}, 1, 0.95);
    }
    b->forecasts = f;
    b->n_forecasts = HOURS;
    b->judgements = j;
    b->n_judgements = HOURS;
    send(b);
}

START_TEST(a_decision_is_told_of_demand_or_why_not)
{
    open_engine(NULL, NULL);
    struct ll_demand d = demand(0, LL_HOUR);
    ck_assert_int_eq(d.kind, LL_DEMAND_MISSING);
    ck_assert_double_nan(d.value);
    ll_time now = ll_engine_now(e);
    import(now);
    push(now - LL_SECOND, now, LL_SECOND);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_time made = f->kept.made;
    ll_engine_forecast_release(f);
    d = demand(0, 2 * LL_HOUR);
    ck_assert_int_eq(d.kind, LL_DEMAND_UNTRUSTED); /* nothing has come yet to tell */
    ck_assert_double_nan(d.value);
    ck_assert(isfinite(d.said));
    put_accuracy(now);
    stepped = 2 * LL_HOUR;
    push(now + LL_HOUR, now + LL_HOUR + LL_MINUTE, LL_MINUTE);
    f = wait_for(made + LL_HOUR);
    ck_assert_ptr_nonnull(f);
    ck_assert_msg(f->trust.kind == LL_TRUST_TRUSTED, "%s", ll_trust_name(f->trust.kind));
    ck_assert_double_ge(f->trust.hours, 48);
    d = demand(0, 2 * LL_HOUR);
    ck_assert_int_eq(d.kind, LL_DEMAND_KNOWN);
    ck_assert_int_eq(d.forecast, f->kept.id);
    ck_assert_int_eq(d.origin, f->kept.origin);
    double top = fmax(rhythm(d.from), rhythm(d.to));
    ck_assert_double_ge(d.value, top - 8);
    ck_assert_double_le(d.value, top + 40);
    ll_engine_forecast_release(f);
    d = demand(0, 30 * LL_HOUR);
    ck_assert_int_eq(d.kind, LL_DEMAND_BEYOND);
    stepped = 6 * LL_HOUR; /* no sample since */
    d = demand(0, LL_HOUR);
    ck_assert_int_eq(d.kind, LL_DEMAND_STALE);
    ck_assert_double_nan(d.value);

    restart(); /* what came before it still counts */
    f = wait_for_any();
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->trust.kind, LL_TRUST_TRUSTED);
    ll_engine_forecast_release(f);
}
END_TEST

START_TEST(several_threads_fit_side_by_side)
{
    enum { SERIES = 12 };
    char name[SERIES][16];
    struct ll_engine_status st;
    open_engine("forecast.workers", "3");
    ll_time now = ll_engine_now(e);
    for (int i = 0; i < SERIES; i++) {
        snprintf(name[i], sizeof(name[i]), "service-%d", i);
        push_series(name[i], now - 4 * LL_HOUR, now, LL_MINUTE, rhythm);
    }
    for (int i = 0; i < SERIES; i++) {
        const struct ll_held_forecast *f = wait_for_series(name[i], 0);
        ck_assert_ptr_nonnull(f);
        ll_engine_forecast_release(f);
    }
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.forecasts.workers, 3);
    ck_assert_uint_eq(st.forecasts.held, SERIES);
}
END_TEST

/* Load of New York's sessions (14:30 to 21:00 UTC in winter); the 27th of November 2026 is a half
 * day of two fifths. */
static double session_load(ll_time t)
{
    struct ll_civil c = ll_time_civil(t);
    int minute = c.hour * 60 + c.minute;
    bool weekend = (ll_time_day(t) + 4) % 7 == 0 || (ll_time_day(t) + 4) % 7 == 6;
    bool holiday = c.month == 11 && c.day == 26;
    bool half = (c.month == 11 && c.day == 27) || (c.month == 12 && c.day == 24);
    if (weekend || holiday || minute < 14 * 60 || minute >= (half ? 18 : 21) * 60)
        return 0;
    uint64_t x = (uint64_t)(t / LL_HOUR) * 0x9e3779b97f4a7c15u;
    return (half ? 0.4 : 1) * (100 + 4 * (double)(x >> 40) / (double)(1 << 24));
}

static const struct ll_kept_effect *effect_of(const struct ll_held_forecast *f, const char *name)
{
    for (size_t i = 0; i < f->kept.n_effects; i++)
        if (ll_slice_is(f->kept.effects[i].day_class, name))
            return &f->kept.effects[i];
    return NULL;
}

START_TEST(days_of_a_venue_are_learned_together)
{
    struct ll_err err;
    ll_time at;
    ck_assert(ll_time_parse(LL_SLICE("2026-12-23T20:30:00Z"), &at, &err));
    stepped = at - ll_clock_real().now(ll_clock_real().self);
    open_engine("calendars.use", "XNYS");
    ll_time now = ll_engine_now(e);
    import_series("orders", now, 42, session_load);
    import_series("quotes", now, 42, session_load);
    push_series("orders", now - LL_SECOND, now, LL_SECOND, session_load);
    push_series("quotes", now - LL_SECOND, now, LL_SECOND, session_load);
    const struct ll_held_forecast *f = wait_for_series("orders", 0);
    ck_assert_ptr_nonnull(f);
    ck_assert(ll_slice_is(f->kept.calendar, "XNYS"));
    const struct ll_kept_effect *half = effect_of(f, "half"); /* Christmas Eve is ahead */
    ck_assert_ptr_nonnull(half);
    ck_assert_uint_eq(half->seen, 1);
    ck_assert_double_lt(half->factor, 0.8);
    ll_engine_forecast_release(f);
    f = wait_for_series("quotes", 0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    stepped += LL_HOUR;
    now += LL_HOUR;
    push_series("orders", now - LL_SECOND, now, LL_SECOND, session_load);
    f = wait_for_series("orders", now - LL_MINUTE);
    ck_assert_ptr_nonnull(f);
    half = effect_of(f, "half");
    ck_assert_ptr_nonnull(half);
    ck_assert_uint_eq(half->seen, 1);
    ck_assert_uint_eq(half->of_pool, 1); /* that of quotes, not its own again */
    ck_assert_double_lt(half->factor, 0.6);
    ll_engine_forecast_release(f);
}
END_TEST

START_TEST(nothing_new_is_not_forecast_again)
{
    struct ll_engine_status st;
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    push(now - 20 * LL_HOUR, now, LL_MINUTE); /* no import: that makes all of them due again */
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ll_engine_forecast_release(f);
    stepped = 3 * LL_HOUR;
    for (int i = 0; i < 30; i++) { /* ticks pass */
        push(now - LL_MINUTE, now, LL_MINUTE);
        pause_ms(100);
    }
    ll_engine_status(e, &st);
    ck_assert_uint_eq(st.forecasts.fitted, 1);
    ck_assert_uint_eq(st.forecasts.held, 1);
    ck_assert_uint_eq(st.forecasts.backlog, 0);
    ck_assert_double_gt(st.forecasts.fit_ms, 0);
}
END_TEST

START_TEST(a_short_past_is_forecast_in_finer_steps)
{
    open_engine("forecast-horizon-hours", "2");
    ll_time now = ll_engine_now(e);
    push(now - 20 * LL_HOUR, now, LL_MINUTE);
    const struct ll_held_forecast *f = wait_for(0);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->kept.step, 5 * LL_MINUTE);
    ck_assert_uint_eq(f->kept.n_points, 24);
    ll_engine_forecast_release(f);
}
END_TEST

START_TEST(too_little_is_no_forecast_and_said)
{
    struct ll_engine_status st;
    open_engine(NULL, NULL);
    ll_time now = ll_engine_now(e);
    push(now - 10 * LL_MINUTE, now, LL_MINUTE);
    for (int i = 0; i < 10000; i++) {
        ll_engine_status(e, &st);
        if (st.forecasts.failed)
            break;
        pause_ms(1);
    }
    ck_assert_uint_eq(st.forecasts.failed, 1);
    ck_assert_uint_eq(st.forecasts.held, 0);
    ck_assert_ptr_null(ll_engine_forecast(e, key.service, key.type));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("engine_forecast");
    TCase *c = tcase_create("engine");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 120);
    tcase_add_test(c, an_imported_rhythm_is_forecast);
    tcase_add_test(c, what_came_judges_what_was_said);
    tcase_add_test(c, the_lead_time_is_judged_beside_the_others);
    tcase_add_test(c, a_restart_goes_on_with_what_was_kept);
    tcase_add_test(c, what_is_over_is_not_read_back);
    tcase_add_test(c, a_longer_horizon_is_computed_on_demand);
    tcase_add_test(c, steps_too_fine_for_a_horizon_are_told);
    tcase_add_test(c, a_decision_is_told_of_demand_or_why_not);
    tcase_add_test(c, several_threads_fit_side_by_side);
    tcase_add_test(c, days_of_a_venue_are_learned_together);
    tcase_add_test(c, nothing_new_is_not_forecast_again);
    tcase_add_test(c, a_short_past_is_forecast_in_finer_steps);
    tcase_add_test(c, too_little_is_no_forecast_and_said);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    SRunner *r = srunner_create(suite());
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
