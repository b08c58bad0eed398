/* Forecasts with their points, and how they came out. */
#include <math.h>
#include <string.h>

#include "store_contract.h"

enum { POINTS = 3 };

static const struct ll_kept_point points[POINTS] = {
    {0, {10, 8, 12}, {9, 7, 11}},
    {1, {20, NAN, NAN}, {NAN, NAN, NAN}},
    {5, {30, 25, 35}, {31, 26, 36}},
};

static const struct ll_kept_season seasons[] = {{24, 0.8}, {168, 0.1}};
static const struct ll_kept_effect effects[] = {{{"half", 4}, 0.45, 1, 12}};

static struct ll_kept_forecast forecast(int64_t id, const char *service, ll_time origin)
{
    return (struct ll_kept_forecast){.id = id,
                                     .service = ll_slice_of(service),
                                     .type = LL_RESOURCE_CPU,
                                     .unit = LL_UNIT_CORES,
                                     .origin = origin,
                                     .until = origin + 6 * LL_HOUR,
                                     .step = LL_HOUR,
                                     .level = 0.95,
                                     .model = LL_SLICE("auto"),
                                     .reason = LL_SLICE("seasons 24"),
                                     .calendar = LL_SLICE("XNYS"),
                                     .peak = 30,
                                     .peak_upper = 36,
                                     .peak_above = NAN,
                                     .peak_at = origin + 5 * LL_HOUR,
                                     .capacity = NAN,
                                     .scale = 2,
                                     .multiplier = 1.25,
                                     .shape = {0.3, 0.6, 0.8, 1, NAN},
                                     .lead = 2 * LL_HOUR,
                                     .made = origin + 1,
                                     .history_from = origin - LL_DAY,
                                     .history_steps = 24,
                                     .newest = origin - 7,
                                     .part = LL_SLICE("user"),
                                     .points = points,
                                     .n_points = POINTS,
                                     .seasons = seasons,
                                     .n_seasons = LL_LEN(seasons),
                                     .effects = effects,
                                     .n_effects = LL_LEN(effects)};
}

static void keep(const struct ll_kept_forecast *f, const struct ll_judgement *j, size_t n_j)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_ptr_nonnull(b);
    b->forecasts = f;
    b->n_forecasts = f ? 1 : 0;
    b->judgements = j;
    b->n_judgements = n_j;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
}

struct found {
    struct ll_kept_forecast f[8];
    struct ll_kept_point points[POINTS];
    struct ll_kept_season seasons[2];
    struct ll_kept_effect effects[1];
    char service[16], reason[32], part[16], day_class[16];
    size_t n, max;
};

static bool on_forecast(void *ctx, const struct ll_kept_forecast *f)
{
    struct found *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->f));
    x->f[x->n++] = *f;
    ck_assert_uint_lt(f->service.n, sizeof(x->service));
    memcpy(x->service, f->service.s, f->service.n);
    memcpy(x->reason, f->reason.s, f->reason.n);
    memcpy(x->part, f->part.s, f->part.n);
    if (f->n_seasons == 2)
        memcpy(x->seasons, f->seasons, sizeof(x->seasons));
    if (f->n_effects == 1) {
        x->effects[0] = f->effects[0];
        memcpy(x->day_class, f->effects[0].day_class.s, f->effects[0].day_class.n);
    }
    if (f->points && f->n_points == POINTS)
        memcpy(x->points, f->points, sizeof(x->points));
    return !x->max || x->n < x->max;
}

static struct found ask(struct ll_forecasts_query q)
{
    struct found x = {.n = 0};
    if (!q.limit)
        q.limit = 100;
    ck_assert_msg(ops->each_forecast(reader(), &q, on_forecast, &x, &err), "%s", err.text);
    return x;
}

START_TEST(a_forecast_comes_back_as_it_was)
{
    const struct ll_kept_forecast f = forecast(7, "gateway", T0);
    keep(&f, NULL, 0);
    reopen();
    struct found x = ask((struct ll_forecasts_query){.id = 7, .points = true});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.service, "gateway");
    ck_assert_str_eq(x.reason, "seasons 24");
    const struct ll_kept_forecast *g = &x.f[0];
    ck_assert_int_eq(g->type, LL_RESOURCE_CPU);
    ck_assert_int_eq(g->unit, LL_UNIT_CORES);
    ck_assert_int_eq(g->origin, T0);
    ck_assert_int_eq(g->until, T0 + 6 * LL_HOUR);
    ck_assert_int_eq(g->step, LL_HOUR);
    ck_assert_int_eq(g->made, T0 + 1);
    ck_assert_int_eq(g->peak_at, T0 + 5 * LL_HOUR);
    ck_assert_double_eq(g->peak, 30);
    ck_assert_double_eq(g->peak_upper, 36);
    ck_assert_double_nan(g->peak_above);
    ck_assert_double_eq(g->scale, 2);
    ck_assert_double_eq(g->multiplier, 1.25);
    ck_assert_uint_eq(g->judged, 0);
    ck_assert_str_eq(x.part, "user");
    ck_assert_int_eq(g->lead, 2 * LL_HOUR);
    ck_assert_int_eq(g->history_from, T0 - LL_DAY);
    ck_assert_int_eq(g->history_steps, 24);
    ck_assert_int_eq(g->newest, T0 - 7);
    ck_assert_double_eq(g->shape[2], 0.8);
    ck_assert_double_nan(g->shape[4]);
    ck_assert_uint_eq(g->n_seasons, 2);
    ck_assert_double_eq(x.seasons[0].steps, 24); /* the strongest first */
    ck_assert_double_eq(x.seasons[1].strength, 0.1);
    ck_assert_uint_eq(g->n_effects, 1);
    ck_assert_str_eq(x.day_class, "half");
    ck_assert_double_eq(x.effects[0].factor, 0.45);
    ck_assert_uint_eq(x.effects[0].seen, 1);
    ck_assert_uint_eq(x.effects[0].of_pool, 12);
    ck_assert_uint_eq(g->n_points, POINTS);
    ck_assert_uint_eq(x.points[2].step, 5);
    ck_assert_double_eq(x.points[2].said.upper, 35);
    ck_assert_double_eq(x.points[2].naive.lower, 26);
    ck_assert_double_nan(x.points[1].said.lower);
    ck_assert_double_nan(x.points[1].naive.predicted);
}
END_TEST

START_TEST(forecasts_are_found_by_series_the_newest_first)
{
    const struct ll_kept_forecast f[] = {forecast(1, "a", T0), forecast(2, "b", T0),
                                         forecast(3, "a", T0 + LL_HOUR)};
    for (size_t i = 0; i < LL_LEN(f); i++)
        keep(&f[i], NULL, 0);
    struct found x = ask((struct ll_forecasts_query){.service = LL_SLICE("a"), .type = -1});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.f[0].id, 3);
    ck_assert_int_eq(x.f[1].id, 1);
    ck_assert_ptr_null(x.f[0].points);
    x = ask((struct ll_forecasts_query){.type = LL_RESOURCE_CPU, .limit = 2});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.f[1].id, 2);
    x = ask((struct ll_forecasts_query){.service = LL_SLICE("a"), .type = LL_RESOURCE_DISK});
    ck_assert_uint_eq(x.n, 0);
    x = ask((struct ll_forecasts_query){.id = 4});
    ck_assert_uint_eq(x.n, 0);
    x = ask((struct ll_forecasts_query){.type = -1, .latest = true, .points = true});
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.f[0].id, 3); /* the older one of a is not the latest */
    ck_assert_int_eq(x.f[1].id, 2);
}
END_TEST

struct venue {
    struct ll_venue_effect v[4];
    char text[4][3][16];
    size_t n;
};

static bool on_venue_effect(void *ctx, const struct ll_venue_effect *v)
{
    struct venue *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    memcpy(x->text[x->n][0], v->calendar.s, v->calendar.n);
    memcpy(x->text[x->n][1], v->service.s, v->service.n);
    memcpy(x->text[x->n][2], v->day_class.s, v->day_class.n);
    x->v[x->n++] = *v;
    return true;
}

static void keep_venue(const struct ll_venue_effect *v, size_t n)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_ptr_nonnull(b);
    b->venue_effects = v;
    b->n_venue_effects = n;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
}

START_TEST(what_days_of_a_class_did_is_remembered)
{
    struct ll_venue_effect v[] = {{.calendar = LL_SLICE("XNYS"),
                                   .service = LL_SLICE("orders"),
                                   .day_class = LL_SLICE("half"),
                                   .type = LL_RESOURCE_API_CALLS,
                                   .ratio = 0.4,
                                   .days = 1,
                                   .part = {0.5, 1, 1.5},
                                   .noise = 0.1,
                                   .day = ll_time_day(T0)},
                                  {.calendar = LL_SLICE("XNYS"),
                                   .service = LL_SLICE("orders"),
                                   .day_class = LL_SLICE("half"),
                                   .type = LL_RESOURCE_API_CALLS,
                                   .month = 11,
                                   .ratio = 0.42,
                                   .days = 1,
                                   .part = {1, 1, 1},
                                   .day = ll_time_day(T0)}};
    keep_venue(v, 2);
    v[0].ratio = 0.5;
    v[0].days = 2;
    keep_venue(v, 1); /* in place of what it said before */
    reopen();
    struct venue x = {.n = 0};
    ck_assert(ops->each_venue_effect(reader(), on_venue_effect, &x, &err));
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.text[0][0], "XNYS");
    ck_assert_str_eq(x.text[0][1], "orders");
    ck_assert_str_eq(x.text[1][2], "half");
    ck_assert_int_eq(x.v[0].type, LL_RESOURCE_API_CALLS);
    ck_assert_double_eq(x.v[0].ratio, 0.5);
    ck_assert_uint_eq(x.v[0].days, 2);
    ck_assert_double_eq(x.v[0].part[2], 1.5);
    ck_assert_double_eq(x.v[0].noise, 0.1);
    ck_assert_int_eq(x.v[1].month, 11);
    settle_hours(T0 + 5 * 366 * LL_DAY); /* as long as hourly rollups */
    x.n = 0;
    ck_assert(ops->each_venue_effect(reader(), on_venue_effect, &x, &err));
    ck_assert_uint_eq(x.n, 0);
}
END_TEST

static struct ll_judgement judgement(int64_t id, unsigned horizon, ll_time t, double actual)
{
    struct ll_judgement j = {.forecast = id,
                             .service = LL_SLICE("a"),
                             .type = LL_RESOURCE_CPU,
                             .horizon = horizon,
                             .ahead = horizon < LL_JUDGED ? ll_judged[horizon] : 2 * LL_HOUR,
                             .t = t};
    ll_accuracy_add(&j.said, actual, &points[0].said, 2, 0.95);
    ll_accuracy_add(&j.naive, actual, &points[0].naive, 2, 0.95);
    return j;
}

struct sums {
    struct ll_accuracy_row v[8];
    size_t n;
};

static bool on_accuracy(void *ctx, const struct ll_accuracy_row *a)
{
    struct sums *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    x->v[x->n++] = *a;
    return true;
}

static struct sums accuracy(ll_time from, ll_time to)
{
    struct sums x = {.n = 0};
    const struct ll_accuracy_query q = {
        .type = -1, .from_day = ll_time_day(from), .to_day = ll_time_day(to)};
    ck_assert_msg(ops->each_accuracy(reader(), &q, on_accuracy, &x, &err), "%s", err.text);
    return x;
}

START_TEST(a_forecast_is_judged_once_at_each_horizon)
{
    const struct ll_kept_forecast f = forecast(1, "a", T0);
    keep(&f, NULL, 0);
    const struct ll_judgement j[] = {judgement(1, 0, T0, 11), judgement(1, 0, T0, 11),
                                     judgement(1, 1, T0, 14), judgement(9, 0, T0, 11)};
    keep(NULL, j, LL_LEN(j));
    keep(NULL, j, 1); /* sent again: it counts no more */
    struct sums x = accuracy(T0, T0);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.v[0].horizon, LL_HOUR);
    ck_assert_double_eq(x.v[0].said.n, 1);
    ck_assert_double_eq_tol(ll_accuracy_wape(&x.v[0].said), 1.0 / 11, 1e-12);
    ck_assert_double_eq_tol(ll_accuracy_mase(&x.v[0].said), 0.5, 1e-12);
    ck_assert_double_eq_tol(ll_accuracy_bias(&x.v[0].said), -1.0 / 11, 1e-12);
    ck_assert_double_eq(ll_accuracy_coverage(&x.v[0].said), 1);
    ck_assert_double_eq_tol(ll_accuracy_wape(&x.v[0].naive), 2.0 / 11, 1e-12);
    ck_assert_int_eq(x.v[1].horizon, 6 * LL_HOUR);
    ck_assert_double_eq(ll_accuracy_coverage(&x.v[1].said), 0);
    struct found left = ask((struct ll_forecasts_query){
        .service = LL_SLICE("a"), .type = LL_RESOURCE_CPU, .unjudged = true});
    ck_assert_uint_eq(left.n, 1);
    ck_assert_uint_eq(left.f[0].judged, 3);
    const struct ll_judgement last = judgement(1, 2, T0 + LL_DAY, 10);
    keep(NULL, &last, 1);
    left = ask((struct ll_forecasts_query){
        .service = LL_SLICE("a"), .type = LL_RESOURCE_CPU, .unjudged = true});
    ck_assert_uint_eq(left.n, 1); /* at its lead time not yet */
    const struct ll_judgement lead = judgement(1, LL_JUDGED_LEAD, T0 - LL_DAY, 10);
    keep(NULL, &lead, 1);
    ck_assert_int_eq(accuracy(T0 - LL_DAY, T0 - LL_DAY).v[0].horizon, 2 * LL_HOUR);
    left = ask((struct ll_forecasts_query){
        .service = LL_SLICE("a"), .type = LL_RESOURCE_CPU, .unjudged = true});
    ck_assert_uint_eq(left.n, 0);
    ck_assert_uint_eq(accuracy(T0, T0).n, 2);
    ck_assert_uint_eq(accuracy(T0, T0 + LL_DAY).n, 3);
    ck_assert_uint_eq(accuracy(T0 + LL_DAY, T0 + LL_DAY).n, 1);
}
END_TEST

START_TEST(what_is_over_and_judged_is_forgotten)
{
    for (int64_t i = 1; i <= 50; i++) {
        const struct ll_kept_forecast f = forecast(i, "a", T0);
        keep(&f, NULL, 0);
    }
    const struct ll_judgement j = judgement(1, 0, T0, 11);
    keep(NULL, &j, 1);
    const struct ll_kept_forecast late = forecast(51, "a", T0 + 3 * LL_DAY);
    keep(&late, NULL, 0);
    settle_hours(T0 + 3 * LL_DAY);
    struct found x = ask((struct ll_forecasts_query){.type = -1});
    ck_assert_uint_eq(x.n, 1);
    ck_assert_int_eq(x.f[0].id, 51);
    ck_assert_uint_eq(accuracy(T0, T0).n, 1); /* sums stay as long as 5-minute rollups */
    settle_hours(T0 + 91 * LL_DAY);
    ck_assert_uint_eq(accuracy(T0, T0).n, 0);
}
END_TEST

TCase *forecast_cases(void)
{
    TCase *c = tcase_create("forecasts");
    tcase_add_test(c, a_forecast_comes_back_as_it_was);
    tcase_add_test(c, what_days_of_a_class_did_is_remembered);
    tcase_add_test(c, forecasts_are_found_by_series_the_newest_first);
    tcase_add_test(c, a_forecast_is_judged_once_at_each_horizon);
    tcase_add_test(c, what_is_over_and_judged_is_forgotten);
    return c;
}
