/* Forecasts of a replay: they know the past alone, and are right as often as they say. */
#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/simulate_ahead.h"

enum { STEPS = 12 * 1440 };

static double v[STEPS], other[STEPS];
static struct ll_sim_demand demand = {
    .start = (ll_time)1795478400000, .step = LL_MINUTE, .v = v, .n = STEPS};

static double chance(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (double)(*x >> 11) / 9007199254740992.0;
}

/* Days with an open at 14:30 that triples demand, and noise of 15 %. */
static void make(double *out)
{
    uint64_t x = 88172645463325252U;
    for (size_t i = 0; i < STEPS; i++) {
        const size_t minute = i % 1440;
        const double shape = minute >= 870 && minute < 1260 ? 300 : 100;
        out[i] = shape * (1 + 0.3 * (chance(&x) - 0.5));
    }
}

static void ask(const struct ll_sim_demand *d, size_t steps, double tau,
                struct ll_demand_ahead *out)
{
    struct ll_simulate_ahead *a = ll_simulate_ahead_new(d, 20);
    ck_assert_ptr_nonnull(a);
    for (size_t i = 0; i < steps; i++)
        ll_simulate_ahead(a, i, 4 * LL_MINUTE, tau, &out[i]);
    ll_simulate_ahead_free(a);
}

START_TEST(the_future_is_not_known)
{
    struct ll_demand_ahead *a = calloc(STEPS, sizeof(*a)), *b = calloc(STEPS, sizeof(*b));
    struct ll_sim_demand changed = demand;
    const size_t at = STEPS / 2;
    make(v);
    make(other);
    for (size_t i = at + 1; i < STEPS; i++)
        other[i] = 10 * v[i] + 7;
    changed.v = other;
    ask(&demand, STEPS, 0.9, a);
    ask(&changed, STEPS, 0.9, b);
    for (size_t i = 0; i <= at; i++)
        ck_assert_double_eq(a[i].demand, b[i].demand);
    ck_assert_double_ne(a[at + 10].demand, b[at + 10].demand);
    free(a);
    free(b);
}
END_TEST

static double most(size_t i)
{
    double m = 0;
    for (size_t k = i; k <= i + 4 && k < STEPS; k++)
        m = fmax(m, v[k]);
    return m;
}

START_TEST(it_is_right_as_often_as_it_says)
{
    static const double taus[] = {0.8, 0.9, 0.95};
    struct ll_demand_ahead *a = calloc(STEPS, sizeof(*a));
    double before = 0;
    make(v);
    for (size_t t = 0; t < 3; t++) {
        size_t held = 0, n = 0;
        double sum = 0;
        ask(&demand, STEPS, taus[t], a);
        for (size_t i = STEPS / 2; i < STEPS - 5; i++, n++) {
            ck_assert(a[i].known && a[i].trusted);
            ck_assert(a[i].demand >= v[i]);
            held += most(i) <= a[i].demand;
            sum += a[i].demand;
        }
        const double share = (double)held / (double)n;
        ck_assert_msg(fabs(share - taus[t]) < 0.03, "tau %g: %g", taus[t], share);
        ck_assert(sum > before);
        before = sum;
    }
    free(a);
}
END_TEST

START_TEST(the_open_is_seen_coming)
{
    struct ll_demand_ahead *a = calloc(STEPS, sizeof(*a));
    make(v);
    ask(&demand, STEPS, 0.8, a);
    for (size_t day = 6; day < 12; day++) {
        ck_assert_double_lt(a[day * 1440 + 860].demand, 180); /* ten minutes before: not yet */
        ck_assert_double_gt(a[day * 1440 + 867].demand, 200); /* three before: in time to boot */
    }
    free(a);
}
END_TEST

START_TEST(odd_data_is_answered_finitely)
{
    struct ll_demand_ahead *a = calloc(STEPS, sizeof(*a));
    make(v);
    for (size_t i = 0; i < STEPS; i++) {
        if (i % 1000 < 50)
            v[i] = NAN;
        else if (i % 1000 < 100)
            v[i] = 0;
        else if (i % 1000 == 500)
            v[i] = 1e12;
    }
    ask(&demand, STEPS, 0.95, a);
    for (size_t i = 0; i < STEPS; i++) {
        ck_assert_int_eq(a[i].known, !isnan(v[i]));
        ck_assert(!a[i].known || (isfinite(a[i].demand) && a[i].demand >= v[i]));
    }
    free(a);
}
END_TEST

START_TEST(the_first_steps_are_not_trusted)
{
    struct ll_demand_ahead a[200];
    make(v);
    ask(&demand, 200, 0.95, a);
    ck_assert(a[0].known && !a[0].trusted && a[0].made <= 0);
    ck_assert(!a[50].trusted && a[199].trusted);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine_ahead");
    TCase *t = tcase_create("ahead");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, the_future_is_not_known);
    tcase_add_test(t, it_is_right_as_often_as_it_says);
    tcase_add_test(t, the_open_is_seen_coming);
    tcase_add_test(t, odd_data_is_answered_finitely);
    tcase_add_test(t, the_first_steps_are_not_trusted);
    suite_add_tcase(s, t);
    SRunner *run = srunner_create(s);
    srunner_run_all(run, CK_NORMAL);
    const int failed = srunner_ntests_failed(run);
    srunner_free(run);
    return failed != 0;
}
