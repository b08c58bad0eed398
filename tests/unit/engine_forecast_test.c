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
    for (int i = 0; i < 20000 && atomic_load(&acks) == before; i++)
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

static void import(ll_time now)
{
    struct ll_batch *b = ll_batch_new(DAYS * 48, 0, LL_ORIGIN_PUSH); /* room for its arena */
    ll_time end = ll_time_floor(now, LL_HOUR);
    b->rollups = LL_ARENA_NEW(b->arena, struct ll_rollup_row, DAYS * 24);
    ck_assert_ptr_nonnull(b->rollups);
    for (int i = 0; i < DAYS * 24; i++) {
        ll_time t = end - (DAYS * 24 - i) * LL_HOUR;
        double v = rhythm(t);
        b->rollups[b->n_rollups++] = (struct ll_rollup_row){
            .key = key,
            .unit = LL_UNIT_CALLS_PER_SECOND,
            .primary = true,
            .step = LL_HOUR,
            .rollup = {.t = t, .mean = v, .max = v, .p95 = v, .capacity = 150, .count = 60}};
    }
    send(b);
}

static void push(ll_time from, ll_time to, ll_dur step)
{
    size_t n = (size_t)((to - from) / step);
    struct ll_batch *b = ll_batch_new(n, 0, LL_ORIGIN_PUSH);
    for (size_t i = 0; i < n; i++) {
        const struct ll_sample s = {.key = key,
                                    .unit = LL_UNIT_CALLS_PER_SECOND,
                                    .t = from + (ll_dur)i * step,
                                    .value = rhythm(from + (ll_dur)i * step),
                                    .capacity = 150,
                                    .max_value = NAN,
                                    .primary = true};
        ck_assert(ll_batch_add(b, &s));
    }
    send(b);
}

/* A forecast made after `after`. */
static const struct ll_held_forecast *wait_for(ll_time after)
{
    for (int i = 0; i < 60000; i++) {
        const struct ll_held_forecast *f = ll_engine_forecast(e, key.service, key.type);
        if (f && f->kept.made > after)
            return f;
        if (f)
            ll_engine_forecast_release(f);
        pause_ms(1);
    }
    return NULL;
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
    ck_assert_double_eq_tol(f->kept.seasons[0].steps, 24, 0.01);
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
    struct ll_accuracy_row v[LL_JUDGED];
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
    f = wait_for(LL_MAX(made, origin + 7 * LL_HOUR));
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(f->kept.origin, origin + 7 * LL_HOUR);
    ck_assert(f->kept.multiplier != 1); /* two hours have taught it */
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

static struct ll_forecast_job *job(uint64_t seq, double priority, bool refit)
{
    struct ll_forecast_job *j = calloc(1, sizeof(*j));
    *j = (struct ll_forecast_job){.seq = seq, .priority = priority, .refit = refit};
    return j;
}

START_TEST(the_urgent_come_first)
{
    struct ll_forecast_queue *q = ll_forecast_queue_new();
    struct ll_forecast_job *jobs[] = {job(0, 0, true), job(1, 0, false), job(2, 5, true),
                                      job(3, 0, true), job(4, 0, false)};
    static const uint64_t wanted[] = {2, 1, 4, 0, 3};
    for (size_t i = 0; i < LL_LEN(jobs); i++)
        ck_assert(ll_forecast_queue_put(q, jobs[i]));
    ck_assert_uint_eq(ll_forecast_queue_length(q), LL_LEN(jobs));
    for (size_t i = 0; i < LL_LEN(jobs); i++) {
        struct ll_forecast_job *j = ll_forecast_queue_take(q);
        ck_assert_uint_eq(j->seq, wanted[i]);
        ll_forecast_job_free(j);
    }
    ll_forecast_queue_close(q);
    ck_assert_ptr_null(ll_forecast_queue_take(q));
    ll_forecast_queue_free(q);
}
END_TEST

START_TEST(an_hour_is_compared_by_its_mean)
{
    struct ll_kept_point p[24];
    double y[24];
    for (uint32_t i = 0; i < 24; i++) {
        p[i] = (struct ll_kept_point){i, {i, i - 1.0, i + 1.0}, {0, -1, 1}};
        y[i] = i + 2;
    }
    const struct ll_kept_forecast f = {.origin = 7 * 5 * LL_MINUTE,
                                       .step = 5 * LL_MINUTE,
                                       .level = 0.9,
                                       .scale = 4,
                                       .points = p,
                                       .n_points = 24};
    struct ll_judgement j;
    ck_assert(ll_forecast_compare(&f, 0, f.origin, y, 24, &j));
    ck_assert_double_eq(j.said.abs_actual, 7.5); /* of 2 .. 13 */
    ck_assert_double_eq(j.said.error, -2);
    ck_assert_double_eq(j.said.scaled, 0.5);
    ck_assert_double_eq(j.said.inside, 0);
    ck_assert_double_eq(j.naive.abs_error, 7.5);
    for (size_t i = 0; i < 5; i++)
        y[i] = NAN;
    ck_assert(ll_forecast_compare(&f, 0, f.origin, y, 24, &j));
    ck_assert_double_eq(j.said.error, -2); /* only what is known on both sides */
    y[5] = y[6] = NAN;
    ck_assert(!ll_forecast_compare(&f, 0, f.origin, y, 24, &j));
    ck_assert(!ll_forecast_compare(&f, 1, f.origin, y, 24, &j)); /* beyond its horizon */
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
    tcase_add_test(c, nothing_new_is_not_forecast_again);
    tcase_add_test(c, a_short_past_is_forecast_in_finer_steps);
    tcase_add_test(c, too_little_is_no_forecast_and_said);
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, the_urgent_come_first);
    tcase_add_test(parts, an_hour_is_compared_by_its_mean);
    suite_add_tcase(s, c);
    suite_add_tcase(s, parts);
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
