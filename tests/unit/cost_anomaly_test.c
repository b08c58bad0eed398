/* Days that cost what they should not, and days that only look so. */
#include <math.h>

#include "cost/anomaly.h"
#include "support.h"

enum { N = 180, MAX = 16 };
static struct ll_anomaly_day days[N];
static struct ll_anomaly_event found[MAX];
static double scratch[LL_ANOMALY_SCRATCH(N)];

/* 1000 on open days, 600 on closed ones, within 2 %. */
static void usual(void)
{
    uint64_t seed = 11;
    for (size_t t = 0; t < N; t++) {
        const double noise = (double)(ll_test_random(&seed) % 400) / 1e4 - 0.02;
        days[t] =
            (struct ll_anomaly_day){.cost = (t % 7 >= 5 ? 600 : 1000) * (1 + noise),
                                    .count = NAN,
                                    .kind = t % 7 >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN,
                                    .weekday = (uint8_t)(t % 7)};
    }
}

static size_t find(size_t provisional)
{
    size_t n = 99;
    struct ll_err err;
    const struct ll_anomaly_ask ask = {.days = days, .n = N, .provisional = provisional};
    ck_assert(ll_anomaly_find(&ask, scratch, found, MAX, &n, &err));
    return n;
}

START_TEST(weekends_are_no_anomalies)
{
    usual();
    ck_assert_uint_eq(find(2), 0);
}
END_TEST

START_TEST(one_dear_day_is_a_spike)
{
    usual();
    days[120].cost *= 2;
    ck_assert_uint_eq(find(2), 1);
    ck_assert_int_eq(found[0].what, LL_ANOMALY_SPIKE);
    ck_assert_uint_eq(found[0].first, 120);
    ck_assert_uint_eq(found[0].last, 120);
    ck_assert(found[0].excess > 900 && found[0].excess < 1100);
    ck_assert(!found[0].provisional && !found[0].explained);
}
END_TEST

START_TEST(a_level_that_stays_is_one_shift)
{
    usual();
    for (size_t t = 100; t < N; t++)
        days[t].cost *= 1.4;
    ck_assert_uint_eq(find(2), 1);
    ck_assert_int_eq(found[0].what, LL_ANOMALY_SHIFT);
    ck_assert_uint_eq(found[0].first, 100);
    ck_assert(found[0].last < 100 + 60); /* by then it is the new usual */
}
END_TEST

START_TEST(a_cheap_week_is_found_too)
{
    usual();
    for (size_t t = 105; t < 110; t++)
        days[t].cost *= 0.5;
    ck_assert_uint_eq(find(2), 1);
    ck_assert_int_eq(found[0].what, LL_ANOMALY_SHIFT);
    ck_assert(found[0].excess < 0);
}
END_TEST

START_TEST(a_slow_rise_is_a_drift)
{
    usual();
    for (size_t t = 100; t < N; t++)
        days[t].cost *= 1 + 0.01 * (double)(t - 100);
    ck_assert(find(2) >= 1);
    ck_assert_int_eq(found[0].what, LL_ANOMALY_DRIFT);
    ck_assert(found[0].found >= 100 && found[0].found <= 130);
}
END_TEST

START_TEST(more_trades_explain_more_cost)
{
    usual();
    for (size_t t = 0; t < N; t++)
        days[t].count = days[t].kind == LL_COST_DAY_OPEN ? 1e6 : 0;
    days[120].cost *= 2;
    days[120].count *= 2;
    ck_assert_uint_eq(find(2), 1);
    ck_assert(found[0].explained);
    days[120].count /= 2;
    ck_assert_uint_eq(find(2), 1);
    ck_assert(!found[0].explained);
}
END_TEST

START_TEST(known_days_and_missing_days_are_not_judged)
{
    usual();
    days[120].cost *= 2;
    days[120].suppressed = true;
    days[121].cost = NAN;
    ck_assert_uint_eq(find(2), 0);
    for (size_t t = 0; t < N; t++)
        days[t].cost = NAN;
    ck_assert_uint_eq(find(2), 0);
}
END_TEST

START_TEST(too_few_days_alike_judge_nobody)
{
    usual();
    days[100].kind = LL_COST_DAY_HALF; /* the first of its kind, and cheap */
    days[100].cost = 300;
    ck_assert_uint_eq(find(2), 0);
}
END_TEST

START_TEST(the_newest_days_are_provisional_and_small_money_is_no_word)
{
    usual();
    days[N - 1].cost *= 3;
    ck_assert_uint_eq(find(2), 1);
    ck_assert(found[0].provisional);
    ck_assert_uint_eq(find(0), 1);
    ck_assert(!found[0].provisional);
    for (size_t t = 0; t < N; t++)
        days[t].cost /= 250; /* 4.00 a day: three times that is 8.00 more */
    ck_assert_uint_eq(find(2), 0);
}
END_TEST

START_TEST(what_is_no_amount_is_refused)
{
    usual();
    size_t n = 42;
    struct ll_err err;
    struct ll_anomaly_ask ask = {.days = days, .n = N, .min_abs = NAN};
    ck_assert(!ll_anomaly_find(&ask, scratch, found, MAX, &n, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ask.min_abs = 0;
    days[5].cost = INFINITY;
    ck_assert(!ll_anomaly_find(&ask, scratch, found, MAX, &n, &err));
    ck_assert_uint_eq(n, 42);
}
END_TEST

START_TEST(those_who_made_it_come_first)
{
    usual();
    static double parts[3 * N];
    for (size_t t = 0; t < N; t++) {
        parts[t] = days[t].cost * 0.7;
        parts[N + t] = days[t].cost * 0.3;
        parts[2 * N + t] = t == 120 ? 200 : NAN; /* new */
    }
    parts[N + 120] += 900;
    days[120].cost += 1100;
    ck_assert_uint_eq(find(2), 1);
    struct ll_anomaly_part by[3];
    const struct ll_anomaly_ask ask = {.days = days, .n = N};
    ll_anomaly_attribute(&ask, &found[0], parts, 3, by);
    ck_assert_uint_eq(by[0].part, 1);
    ck_assert_uint_eq(by[1].part, 2);
    ck_assert_double_eq(by[1].excess, 200);
    ck_assert(by[0].excess > 850);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {weekends_are_no_anomalies,
                                  one_dear_day_is_a_spike,
                                  a_level_that_stays_is_one_shift,
                                  a_cheap_week_is_found_too,
                                  a_slow_rise_is_a_drift,
                                  more_trades_explain_more_cost,
                                  known_days_and_missing_days_are_not_judged,
                                  too_few_days_alike_judge_nobody,
                                  the_newest_days_are_provisional_and_small_money_is_no_word,
                                  what_is_no_amount_is_refused,
                                  those_who_made_it_come_first};
    return ll_test_run("cost_anomaly", tests, LL_LEN(tests));
}
