/* Pieces of the engine's forecasts: the queue, the pool of a venue, how an hour is compared. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/forecast_judge.h"
#include "engine/forecast_pool.h"

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

START_TEST(what_somebody_waits_for_is_the_next)
{
    struct ll_forecast_queue *q = ll_forecast_queue_new();
    static const uint64_t wanted[] = {3, 2, 0, 1};
    for (uint64_t i = 0; i < 4; i++) {
        struct ll_forecast_job *j = job(i, i == 2 ? 7 : 0, false);
        j->key[0] = LL_RESOURCE_CPU;
        j->key[1] = (char)('a' + i);
        j->key_n = 2;
        ck_assert(ll_forecast_queue_put(q, j));
    }
    ck_assert(ll_forecast_queue_raise(q, (char[]){LL_RESOURCE_CPU, 'd'}, 2));
    ck_assert(!ll_forecast_queue_raise(q, (char[]){LL_RESOURCE_DISK, 'd'}, 2));
    for (size_t i = 0; i < LL_LEN(wanted); i++) {
        struct ll_forecast_job *j = ll_forecast_queue_take(q);
        ck_assert_uint_eq(j->seq, wanted[i]);
        ll_forecast_job_free(j);
    }
    ll_forecast_queue_free(q);
}
END_TEST

static void on_answer(void *ctx, const struct ll_held_forecast *f, const struct ll_err *err)
{
    ck_assert_ptr_null(f);
    *(struct ll_err *)ctx = *err;
}

START_TEST(who_asked_is_told_of_a_stop)
{
    struct ll_forecast_queue *q = ll_forecast_queue_new();
    struct ll_err told = {0};
    struct ll_forecast_job *j = job(0, 0, false);
    j->answered = on_answer;
    j->ctx = &told;
    ck_assert(ll_forecast_queue_put(q, j));
    ll_forecast_queue_close(q);
    ll_forecast_queue_free(q);
    ck_assert_int_eq(told.code, LL_E_BUSY);
}
END_TEST

/* One half day in November of 0.4, and an event seen twice. */
static struct ll_effects learned(double ratio, bool half)
{
    struct ll_effects e_;
    ll_effects_none(&e_);
    e_.noise = 0.05;
    e_.n_events = 1;
    snprintf(e_.event[0].name, sizeof(e_.event[0].name), "drill");
    e_.of[LL_GRID_CLASSES] = (struct ll_effect){.own = 1.5, .n = 2, .part = {1, 1, 1}};
    if (half) {
        e_.of[LL_GRID_CLASS_HALF] = (struct ll_effect){.own = ratio, .n = 1, .part = {1, 1, 1}};
        e_.half[10] = e_.of[LL_GRID_CLASS_HALF];
    }
    return e_;
}

static struct ll_forecast_member member(const char *service, enum ll_resource_type type)
{
    return (struct ll_forecast_member){LL_SLICE("XNYS"), ll_slice_of(service), type};
}

static size_t take(struct ll_forecast_pool *p, const char *service, const struct ll_effects *l,
                   struct ll_venue_effect *news)
{
    const struct ll_forecast_member m = member(service, LL_RESOURCE_API_CALLS);
    return ll_forecast_pool_take(p, &m, l, 20000, news);
}

static struct ll_effects prior(struct ll_forecast_pool *p, const char *service,
                               enum ll_resource_type type)
{
    struct ll_effects out;
    const struct ll_forecast_member m = member(service, type);
    ll_forecast_pool_prior(p, &m, &out);
    return out;
}

START_TEST(a_venue_pools_what_its_series_have_seen)
{
    struct ll_forecast_pool *p = ll_forecast_pool_new();
    struct ll_venue_effect news[LL_FORECAST_NEWS_MAX];
    struct ll_effects a = learned(0.4, true), b = learned(0.5, true), none = learned(0, false);
    ck_assert_uint_eq(take(p, "a", &a, news), 3); /* the class, its month, the event */
    ck_assert(ll_slice_is(news[0].day_class, "half") && ll_slice_is(news[1].day_class, "drill"));
    ck_assert_int_eq(news[2].month, 11);
    ck_assert_double_eq(news[2].ratio, 0.4);
    ck_assert_uint_eq(take(p, "a", &a, news), 0); /* known */
    take(p, "b", &b, news);
    struct ll_effects x = prior(p, "c", LL_RESOURCE_API_CALLS);
    ck_assert_uint_eq(x.of[LL_GRID_CLASS_HALF].n, 2);
    ck_assert_double_eq_tol(x.of[LL_GRID_CLASS_HALF].own, sqrt(0.4 * 0.5), 1e-9);
    ck_assert_uint_eq(x.half[10].n, 2);
    ck_assert_uint_eq(x.n_events, 1);
    ck_assert_str_eq(x.event[0].name, "drill");
    x = prior(p, "a", LL_RESOURCE_API_CALLS); /* of itself it knows by its own history */
    ck_assert_uint_eq(x.of[LL_GRID_CLASS_HALF].n, 1);
    ck_assert_double_eq_tol(x.of[LL_GRID_CLASS_HALF].own, 0.5, 1e-9);
    x = prior(p, "c", LL_RESOURCE_MEMORY); /* another resource lives by other days */
    ck_assert_uint_eq(x.of[LL_GRID_CLASS_HALF].n, 0);

    take(p, "a", &none, news); /* November has left its history: remembered, for itself too */
    x = prior(p, "a", LL_RESOURCE_API_CALLS);
    ck_assert_uint_eq(x.of[LL_GRID_CLASS_HALF].n, 2);
    ck_assert_uint_eq(prior(p, "c", LL_RESOURCE_API_CALLS).of[LL_GRID_CLASS_HALF].n, 2);
    ll_forecast_pool_free(p);
}
END_TEST

START_TEST(a_pool_is_restored_from_its_rows)
{
    struct ll_forecast_pool *p = ll_forecast_pool_new(), *q = ll_forecast_pool_new();
    struct ll_venue_effect news[LL_FORECAST_NEWS_MAX];
    struct ll_effects a = learned(0.4, true);
    const struct ll_forecast_member m = member("a", LL_RESOURCE_API_CALLS);
    size_t n = ll_forecast_pool_take(p, &m, &a, 20000, news);
    for (size_t i = 0; i < n; i++)
        ll_forecast_pool_restore(q, &news[i]);
    struct ll_effects x = prior(p, "b", LL_RESOURCE_API_CALLS);
    struct ll_effects y = prior(q, "b", LL_RESOURCE_API_CALLS);
    ck_assert_double_eq(x.of[LL_GRID_CLASS_HALF].factor, y.of[LL_GRID_CLASS_HALF].factor);
    ck_assert_double_eq(x.of[LL_GRID_CLASSES].factor, y.of[LL_GRID_CLASSES].factor);
    ck_assert_uint_eq(y.half[10].n, 1);
    const struct ll_venue_effect wrong = {.calendar = m.calendar,
                                          .service = LL_SLICE("z"),
                                          .day_class = LL_SLICE("half"),
                                          .type = LL_RESOURCE_API_CALLS,
                                          .month = 11,
                                          .ratio = 0.1,
                                          .days = 3};
    struct ll_forecast_pool *r = ll_forecast_pool_new();
    ll_forecast_pool_restore(r, &wrong); /* a month without its class says nothing */
    ck_assert_uint_eq(prior(r, "b", LL_RESOURCE_API_CALLS).half[10].n, 0);
    ll_forecast_pool_free(p);
    ll_forecast_pool_free(q);
    ll_forecast_pool_free(r);
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

int main(void)
{
    Suite *s = suite_create("engine_forecast_parts");
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, the_urgent_come_first);
    tcase_add_test(parts, what_somebody_waits_for_is_the_next);
    tcase_add_test(parts, who_asked_is_told_of_a_stop);
    tcase_add_test(parts, a_venue_pools_what_its_series_have_seen);
    tcase_add_test(parts, a_pool_is_restored_from_its_rows);
    tcase_add_test(parts, an_hour_is_compared_by_its_mean);
    suite_add_tcase(s, parts);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
