/* What the coming months will cost: days, floors, steps that are known, and what is refused. */
#include <math.h>

#include "cost/forecast.h"
#include "stats/random.h"
#include "support.h"

enum { N = 600, AHEAD = 420 };
static double cost[N];
static uint8_t kind[N + AHEAD];
static struct ll_cost_forecast f;
static struct ll_err err;
static ll_day first;

/* 300 committed; beside it 1000 on open days and 200 on closed ones. */
static struct ll_cost_forecast_ask usual(const char *last)
{
    ll_day end;
    uint64_t seed = 8;
    ck_assert(ll_day_parse(ll_slice_of(last), &end, &err));
    first = end - N + 1;
    for (size_t i = 0; i < N + AHEAD; i++)
        kind[i] = ll_day_weekday(first + (ll_day)i) >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN;
    for (size_t i = 0; i < N; i++)
        cost[i] =
            300 + (kind[i] == LL_COST_DAY_OPEN ? 1000 : 200) * exp(0.02 * ll_random_normal(&seed));
    return (struct ll_cost_forecast_ask){.first = first,
                                         .cost = cost,
                                         .kind = kind,
                                         .n = N,
                                         .ahead = AHEAD,
                                         .months = 3,
                                         .committed = 300,
                                         .seed = 1};
}

static bool run(const struct ll_cost_forecast_ask *ask)
{
    struct ll_arena *arena = ll_arena_new(8 << 20);
    const bool ok = ll_cost_forecast(ask, arena, &f, &err);
    ll_arena_free(arena);
    return ok;
}

/* Of the days of a month, what they cost here. */
static double expected(int year, int month, double open, double closed)
{
    double sum = 0;
    for (int d = 1; d <= ll_month_days(year, month); d++)
        sum += ll_day_weekday(ll_day_of(year, month, d)) >= 5 ? closed : open;
    return sum;
}

static void near(double a, double b, double share)
{
    ck_assert_msg(fabs(a - b) <= share * fabs(b), "%g is not within %g of %g", a, share, b);
}

START_TEST(months_are_sums_of_their_own_days)
{
    const struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ck_assert(run(&ask));
    ck_assert_uint_eq(f.n, 3);
    ck_assert_int_eq(f.month[0].month, 2);
    ck_assert_uint_eq(f.month[0].days, 28);
    ck_assert_double_eq_tol(f.month[0].committed, 28 * 300, 1e-6);
    near(f.month[0].p50, expected(2026, 2, 1300, 500), 0.02);
    near(f.month[1].p50, expected(2026, 3, 1300, 500), 0.02);
    for (unsigned k = 0; k < 3; k++) {
        const struct ll_cost_month *m = &f.month[k];
        ck_assert(m->low95 <= m->p10 && m->p10 < m->p50 && m->p50 < m->p90 && m->p90 <= m->high95);
    }
    ck_assert(f.logs && !f.low_confidence);
    /* Bounds of months do not add up to those of the whole: errors are not all of one side. */
    ck_assert(f.p90 - f.p10 <= 3 * 2 * (f.month[0].p90 - f.month[0].p10) * 1.2);
    near(f.p50, f.month[0].p50 + f.month[1].p50 + f.month[2].p50, 0.01);
}
END_TEST

START_TEST(a_month_that_has_begun_keeps_what_is_known)
{
    struct ll_cost_forecast_ask ask = usual("2026-02-20");
    cost[N - 3] = NAN; /* the 18th */
    ask.months = 1;
    ck_assert(run(&ask));
    ck_assert_int_eq(f.month[0].month, 2);
    ck_assert_uint_eq(f.month[0].known, 19);
    ck_assert_uint_eq(f.month[0].missing, 1);
    ck_assert_double_eq_tol(f.month[0].committed, 28 * 300, 1e-6);
    near(f.month[0].p50, expected(2026, 2, 1300, 500), 0.01);
    ck_assert(f.month[0].p10 > f.month[0].actual);
}
END_TEST

START_TEST(steps_that_are_known_enter_on_their_day)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ck_assert(run(&ask));
    const double february = f.month[0].p50, march = f.month[1].p50;
    const struct ll_cost_event events[] = {{ll_day_of(2026, 3, 1), 1.10, 0},
                                           {ll_day_of(2026, 3, 1), 1, 50}};
    ask.events = events;
    ask.n_events = 2;
    ck_assert(run(&ask));
    ck_assert_double_eq_tol(f.month[0].p50, february, 1e-6);
    near(f.month[1].p50, march + 0.10 * (march - 31 * 300) + 31 * 50, 0.002);
}
END_TEST

START_TEST(what_is_committed_is_a_floor)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    static double ahead[AHEAD];
    for (size_t i = 0; i < AHEAD; i++)
        ahead[i] = i < 28 ? 300 : 0; /* it ends */
    const struct ll_cost_event off = {ll_day_of(2026, 2, 1), 0, -1000};
    ask.events = &off;
    ask.n_events = 1;
    ask.committed_ahead = ahead;
    ck_assert(run(&ask));
    ck_assert_double_eq_tol(f.month[0].p10, 28 * 300, 1e-6);
    ck_assert_double_eq_tol(f.month[0].p90, 28 * 300, 1e-6);
    ck_assert_double_eq(f.month[1].committed, 0);
}
END_TEST

START_TEST(a_higher_price_never_costs_less)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    double was = 0;
    for (int i = 0; i < 5; i++) {
        const struct ll_cost_event e = {first, 0.8 + 0.2 * i, 0};
        ask.events = &e;
        ask.n_events = 1;
        ck_assert(run(&ask));
        ck_assert(f.p50 > was);
        was = f.p50;
    }
}
END_TEST

START_TEST(credits_have_no_logarithm_and_no_floor)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ask.committed = 0;
    for (size_t i = 0; i < N; i++)
        cost[i] -= i % 2 ? 2000 : 0;
    ck_assert(run(&ask));
    ck_assert(!f.logs && isnan(f.slope_pct));
    ck_assert_double_eq_tol(f.month[0].p50, expected(2026, 2, 1300, 500) - 28 * 1000, 1500);
    ck_assert(f.month[0].p10 < 0);
}
END_TEST

START_TEST(a_year_that_was_not_seen_twice_is_less_sure)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ck_assert(run(&ask));
    const double sure = f.month[2].p90 - f.month[2].p10;
    ask.first += 200;
    ask.cost += 200;
    ask.kind += 200;
    ask.n -= 200;
    ck_assert(run(&ask));
    ck_assert(!f.low_confidence);
    ck_assert(f.month[2].p90 - f.month[2].p10 > 1.5 * sure);
}
END_TEST

START_TEST(a_short_history_says_so_and_a_shorter_one_is_refused)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ask.first += N - 40;
    ask.cost += N - 40;
    ask.kind += N - 40;
    ask.n = 40;
    ck_assert(run(&ask));
    ck_assert(f.low_confidence);
    near(f.month[0].p50, expected(2026, 2, 1300, 500), 0.1);
    ask.first += 27;
    ask.cost += 27;
    ask.kind += 27;
    ask.n = 13;
    f.n = 77;
    ck_assert(!run(&ask));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(f.n, 77);
}
END_TEST

START_TEST(what_means_nothing_is_an_error)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ask.months = 0;
    ck_assert(!run(&ask));
    ask.months = 37;
    ck_assert(!run(&ask));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ask.months = 14; /* more than the days ahead */
    ck_assert(!run(&ask));
    ask.months = 3;
    ask.committed = NAN;
    ck_assert(!run(&ask));
    ask.committed = 300;
    const struct ll_cost_event bad = {first, -1, 0};
    ask.events = &bad;
    ask.n_events = 1;
    ck_assert(!run(&ask));
    ask.n_events = 0;
    cost[7] = INFINITY;
    ck_assert(!run(&ask));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    for (size_t i = 0; i < N; i++)
        cost[i] = 300; /* never more than committed: linear, and flat */
    ck_assert(run(&ask));
    ck_assert_double_eq_tol(f.month[0].p90, 28 * 300, 1);
}
END_TEST

START_TEST(the_same_question_has_the_same_answer_and_memory_may_end)
{
    struct ll_cost_forecast_ask ask = usual("2026-01-31");
    ck_assert(run(&ask));
    const double p90 = f.p90;
    ck_assert(run(&ask));
    ck_assert_double_eq(f.p90, p90);
    struct ll_arena *small = ll_arena_new(4096);
    ck_assert(!ll_cost_forecast(&ask, small, &f, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ll_arena_free(small);
}
END_TEST

START_TEST(days_ahead_reach_to_the_end_of_the_month)
{
    ck_assert_uint_eq(ll_cost_forecast_ahead(ll_day_of(2026, 1, 31), 1), 28);
    ck_assert_uint_eq(ll_cost_forecast_ahead(ll_day_of(2026, 2, 20), 1), 8);
    ck_assert_uint_eq(ll_cost_forecast_ahead(ll_day_of(2026, 12, 30), 2), 1 + 31);
    ck_assert_uint_eq(ll_cost_forecast_ahead(ll_day_of(2023, 12, 31), 3), 31 + 29 + 31);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {months_are_sums_of_their_own_days,
                                  a_month_that_has_begun_keeps_what_is_known,
                                  steps_that_are_known_enter_on_their_day,
                                  what_is_committed_is_a_floor,
                                  a_higher_price_never_costs_less,
                                  credits_have_no_logarithm_and_no_floor,
                                  a_year_that_was_not_seen_twice_is_less_sure,
                                  a_short_history_says_so_and_a_shorter_one_is_refused,
                                  what_means_nothing_is_an_error,
                                  the_same_question_has_the_same_answer_and_memory_may_end,
                                  days_ahead_reach_to_the_end_of_the_month};
    return ll_test_run("cost_forecast", tests, LL_LEN(tests));
}
