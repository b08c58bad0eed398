/* Growth: what it finds in series that are known, and what its paths do. */
#include <math.h>

#include "stats/growth.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "support.h"

enum { N = 800, AHEAD = 365 };
static double y[N], scratch[LL_GROWTH_SCRATCH(N)];
static double rows[LL_GROWTH_ROWS(AHEAD)];
static uint8_t kind[N + AHEAD];
static struct ll_growth g;

/* Open 0, closed -1, and noise of 0.02. */
static void flat(size_t n)
{
    uint64_t seed = 4;
    for (size_t t = 0; t < N + AHEAD; t++)
        kind[t] = t % 7 >= 5;
    for (size_t t = 0; t < n; t++)
        y[t] = 5 - kind[t] + 0.02 * ll_random_normal(&seed);
}

static void fit(size_t n)
{
    const struct ll_growth_days days = {y, kind, n, 19539};
    ck_assert(ll_growth_fit(&days, scratch, &g));
}

START_TEST(a_flat_series_has_kinds_and_no_changes)
{
    flat(N);
    fit(N);
    ck_assert_uint_eq(g.n_changes, 0);
    ck_assert_int_eq(g.waves, 0);
    ck_assert_double_eq_tol(g.slope * 365, 0, 0.01);
    ck_assert_double_eq_tol(ll_growth_line(&g, N + 30, 0, 1), 5, 0.02);
    ck_assert_double_eq_tol(ll_growth_line(&g, N + 30, 1, 1), 4, 0.02);
    ck_assert_double_eq_tol(g.sigma, 0.02, 0.003);
}
END_TEST

START_TEST(a_step_is_found_on_its_day)
{
    flat(N);
    for (size_t t = 333; t < N; t++)
        y[t] += 0.25;
    fit(N);
    ck_assert_uint_eq(g.n_changes, 1);
    ck_assert(!g.change[0].bend);
    ck_assert_uint_eq(g.change[0].at, 333);
    ck_assert_double_eq_tol(g.change[0].size, 0.25, 0.02);
}
END_TEST

START_TEST(a_bend_changes_the_slope)
{
    flat(N);
    for (size_t t = 400; t < N; t++)
        y[t] += 0.004 * (double)(t - 400);
    fit(N);
    ck_assert_double_eq_tol(g.slope, 0.004, 0.0003);
    ck_assert_double_eq_tol(ll_growth_line(&g, N + 100, 0, 1), 5 + 0.004 * 500, 0.1);
    /* Damped, it rises by less, and not for ever. */
    const double near = ll_growth_line(&g, N + 100, 0, 0.99),
                 far = ll_growth_line(&g, N + 5000, 0, 0.99);
    ck_assert(near < 5 + 0.004 * 500 && near > 5 + 0.004 * 400);
    ck_assert(far < 5 + 0.004 * (400 + 110));
}
END_TEST

START_TEST(a_year_is_told_from_a_trend)
{
    flat(N);
    for (size_t t = 0; t < N; t++)
        y[t] += 0.2 * sin(2 * M_PI * (double)t / 365.25) + 0.0005 * (double)t;
    fit(N);
    ck_assert_int_eq(g.waves, 1);
    ck_assert_double_eq_tol(g.slope, 0.0005, 0.0001);
    ck_assert_double_eq_tol(ll_growth_line(&g, N + 90, 0, 1),
                            5 + 0.2 * sin(2 * M_PI * (N + 90) / 365.25) + 0.0005 * (N + 90), 0.03);
}
END_TEST

START_TEST(single_days_do_not_bend_the_line)
{
    flat(N);
    for (size_t t = 300; t < N; t += 100)
        y[t] += 2;
    fit(N);
    ck_assert_uint_eq(g.n_changes, 0);
    ck_assert(g.held >= 5);
    ck_assert_double_eq_tol(ll_growth_line(&g, N, 0, 1), 5, 0.02);
    double most = 0;
    for (size_t i = 0; i < g.n_error; i++)
        most = fmax(most, g.error[i]);
    ck_assert(most > 1.9); /* but they may come again */
}
END_TEST

START_TEST(gaps_and_kinds_never_seen_are_no_zero)
{
    flat(N);
    for (size_t t = 50; t < 150; t++)
        y[t] = NAN;
    fit(N);
    ck_assert_uint_eq(g.used, N - 100);
    ck_assert_double_eq_tol(ll_growth_line(&g, N, 0, 1), 5, 0.02);
    ck_assert_double_eq_tol(ll_growth_line(&g, N, 5, 1), ll_growth_line(&g, N, 0, 1), 1e-12);
    const struct ll_growth_days few = {y, kind, 13, 0};
    g.n = 42;
    ck_assert(!ll_growth_fit(&few, scratch, &g));
    ck_assert_uint_eq(g.n, 42);
}
END_TEST

START_TEST(constants_and_extremes_stay_finite)
{
    static double path[AHEAD];
    uint64_t seed = 1;
    const double values[] = {0, 7, 1e300, -1e300, 1e-300};
    for (size_t v = 0; v < LL_LEN(values); v++) {
        flat(N);
        for (size_t t = 0; t < N; t++)
            y[t] = values[v];
        fit(N);
        ll_growth_ahead(&g, kind, AHEAD, 1, rows);
        ll_growth_path(&g, rows, AHEAD, &seed, path);
        if (fabs(values[v]) > 1e200)
            continue; /* squares overflow: the caller's logarithms do not */
        for (size_t i = 0; i < AHEAD; i++)
            ck_assert_double_eq_tol(path[i], values[v], 1e-6 * fabs(values[v]) + 1e-9);
    }
}
END_TEST

/* Of what really came, 80 % lies in the middle 80 % of the paths. */
START_TEST(paths_cover_what_comes)
{
    static double path[90], sums[300];
    unsigned inside = 0;
    enum { SERIES = 60 };
    for (uint64_t s = 0; s < SERIES; s++) {
        uint64_t seed = 900 + s;
        double actual = 0, level = 0;
        flat(0);
        for (size_t t = 0; t < 490; t++) {
            level = 0.6 * level + 0.02 * ll_random_normal(&seed);
            const double v = 5 - kind[t] + level + 0.0003 * (double)t;
            if (t < 400)
                y[t] = v;
            else
                actual += v;
        }
        fit(400);
        ll_growth_ahead(&g, kind + 400, 90, 1, rows);
        for (size_t p = 0; p < LL_LEN(sums); p++) {
            ll_growth_path(&g, rows, 90, &seed, path);
            sums[p] = 0;
            for (size_t i = 0; i < 90; i++)
                sums[p] += path[i];
        }
        inside += actual >= ll_quantile(sums, LL_LEN(sums), 0.1) &&
                  actual <= ll_quantile(sums, LL_LEN(sums), 0.9);
    }
    ck_assert_msg(inside >= SERIES * 65 / 100 && inside <= SERIES * 95 / 100, "%u of %d inside",
                  inside, SERIES);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_flat_series_has_kinds_and_no_changes,
                                  a_step_is_found_on_its_day,
                                  a_bend_changes_the_slope,
                                  a_year_is_told_from_a_trend,
                                  single_days_do_not_bend_the_line,
                                  gaps_and_kinds_never_seen_are_no_zero,
                                  constants_and_extremes_stay_finite,
                                  paths_cover_what_comes};
    return ll_test_run("stats_growth", tests, LL_LEN(tests));
}
