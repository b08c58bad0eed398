/* Intervals: their parts by hand, and that they hold as often as they say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/interval.h"
#include "stats/normal.h"
#include "support.h"

enum { H = 24, ORIGINS = 6, RUNS = 150 };

static double noise(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53 - 0.5;
}

/* A portfolio that has made the errors given; its forecasts are 100 throughout. */
static struct ll_portfolio erred(double *error, double *hundred, size_t n_origins, size_t h)
{
    for (size_t i = 0; i < LL_MAX(n_origins, (size_t)1) * h; i++)
        hundred[i] = 100;
    return (struct ll_portfolio){.point = hundred,
                                 .error = error,
                                 .at_origin = hundred,
                                 .n_origins = n_origins,
                                 .h = h,
                                 .reach = h};
}

static struct ll_interval fit(const struct ll_portfolio *p, struct ll_arena *arena)
{
    struct ll_interval iv;
    struct ll_err err = {0};
    ck_assert_msg(ll_interval_fit(p, arena, &iv, &err), "%s", err.text);
    return iv;
}

START_TEST(equal_errors_give_their_size)
{
    double error[2 * H], hundred[2 * H];
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    for (size_t i = 0; i < 2 * H; i++)
        error[i] = i % 2 ? 3 : -3;
    struct ll_portfolio p = erred(error, hundred, 2, H);
    struct ll_interval iv = fit(&p, arena);
    ck_assert_uint_eq(iv.n_errors, 2 * H);
    ck_assert_double_eq(iv.scale[0], 3);
    double more = sqrt(2) - 1; /* for two origins; each band takes its part of it */
    ck_assert_double_eq_tol(ll_interval_half(&iv, 5, 0.5), 3 * (1 + 0.6 * more), 1e-9);
    ck_assert_double_eq_tol(ll_interval_half(&iv, 5, 0.8), 3 * (1 + 0.7 * more), 1e-9);
    /* 48 errors are 16 observations: too few for 99 %, so a normal's tail */
    ck_assert_double_eq_tol(ll_interval_half(&iv, 5, 0.99),
                            3 * (1 + 1.3 * more) * ll_normal_quantile(0.995) / sqrt(2 / M_PI),
                            1e-9);
}
END_TEST

START_TEST(the_scale_never_shrinks_with_distance)
{
    double error[ORIGINS * H], hundred[ORIGINS * H];
    uint64_t seed = 1;
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    for (size_t i = 0; i < ORIGINS * H; i++)
        error[i] = noise(&seed) * (double)(1 + i % H);
    struct ll_portfolio p = erred(error, hundred, ORIGINS, H);
    struct ll_interval iv = fit(&p, arena);
    for (size_t i = 1; i < H; i++)
        ck_assert_double_ge(iv.scale[i], iv.scale[i - 1]);
    ck_assert_double_gt(iv.scale[H - 1], 1.5 * iv.scale[0]);
    for (double level = 0.02; level < 0.998; level += 0.01) {
        double half = ll_interval_half(&iv, 3, level);
        ck_assert_double_ge(ll_interval_half(&iv, 3, level + 0.001), half);
        /* what lies half a band above is exceeded as often as it should be */
        double over = ll_interval_exceeds(&iv, 3, 100, 100 + half);
        double under = ll_interval_exceeds(&iv, 3, 100, 100 - half);
        ck_assert_double_eq_tol(over, 0.5 - 0.5 * level, 1e-6);
        ck_assert_double_eq_tol(under, 0.5 + 0.5 * level, 1e-6);
    }
    for (size_t l = 0; l < LL_LEVELS; l++)
        ck_assert_double_eq_tol(ll_interval_half(&iv, 3, ll_levels[l]), iv.q[l] * iv.scale[3],
                                1e-12);
}
END_TEST

START_TEST(no_errors_known_is_not_certainty)
{
    double error[H], hundred[H];
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_portfolio p = erred(error, hundred, 0, H);
    struct ll_interval iv = fit(&p, arena);
    ck_assert_uint_eq(iv.n_errors, 0);
    ck_assert_double_gt(ll_interval_half(&iv, 0, 0.95), 100);
    for (size_t i = 0; i < H; i++)
        error[i] = NAN;
    p = erred(error, hundred, 1, H);
    iv = fit(&p, arena);
    ck_assert_uint_eq(iv.n_errors, 0);
    for (size_t l = 0; l < LL_LEVELS; l++)
        ck_assert(isfinite(iv.q[l]));
}
END_TEST

START_TEST(without_any_error_the_band_is_closed)
{
    double error[2 * H] = {0}, hundred[2 * H];
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_portfolio p = erred(error, hundred, 2, H);
    struct ll_interval iv = fit(&p, arena);
    ck_assert_double_eq(ll_interval_half(&iv, 0, 0.99), 0);
    ck_assert_double_eq(ll_interval_exceeds(&iv, 0, 100, 100.001), 0);
    ck_assert_double_eq(ll_interval_exceeds(&iv, 0, 100, 99.999), 1);
    ck_assert_double_eq(ll_interval_exceeds(&iv, 0, 100, 100), 0.5);
}
END_TEST

START_TEST(one_error_in_one_step_is_enough)
{
    double error[1] = {-2}, hundred[1];
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    struct ll_portfolio p = erred(error, hundred, 1, 1);
    struct ll_interval iv = fit(&p, arena);
    double last = 0;
    for (size_t l = 0; l < LL_LEVELS; l++) {
        ck_assert(isfinite(iv.q[l]) && iv.q[l] >= last);
        last = iv.q[l];
    }
}
END_TEST

/* Errors of six origins; then the band against a seventh of the same kind, many times over. */
START_TEST(bands_hold_as_often_as_they_say)
{
    double error[ORIGINS * H], hundred[ORIGINS * H], inside[LL_LEVELS] = {0};
    uint64_t seed = 2;
    LL_AUTO(ll_arena) arena = ll_arena_new(1 << 20);
    for (size_t run = 0; run < RUNS; run++) {
        for (size_t i = 0; i < ORIGINS * H; i++)
            error[i] = 10 * ll_normal_quantile(0.5 + 0.999 * noise(&seed));
        struct ll_portfolio p = erred(error, hundred, ORIGINS, H);
        struct ll_interval iv = fit(&p, arena);
        for (size_t i = 0; i < H; i++) {
            double e = 10 * ll_normal_quantile(0.5 + 0.999 * noise(&seed));
            for (size_t l = 0; l < LL_LEVELS; l++)
                inside[l] += fabs(e) <= iv.q[l] * iv.scale[i];
        }
        ll_arena_reset(arena);
    }
    for (size_t l = 0; l < LL_LEVELS; l++) /* wider than stated: forecasts are not all alike */
        ck_assert_msg(inside[l] / (RUNS * H) > ll_levels[l] - 0.01 &&
                          inside[l] / (RUNS * H) < ll_levels[l] + 0.7 * (1 - ll_levels[l]) + 0.01,
                      "%g: %g", ll_levels[l], inside[l] / (RUNS * H));
}
END_TEST

/* Gibbs & Candes 2021: in the long run as many are covered as stated, whatever the errors do. */
START_TEST(adapting_brings_coverage_back)
{
    double m = 1, covered = 0;
    uint64_t seed = 3;
    for (int t = 0; t < 4000; t++) { /* the errors have become three times as large */
        bool in = fabs(3 * ll_normal_quantile(0.5 + 0.999 * noise(&seed))) <= 1.96 * m;
        m = ll_interval_adapt(m, in, 0.95, 0.03);
        covered += t >= 1000 && in;
    }
    ck_assert_double_eq_tol(covered / 3000, 0.95, 0.01);
    for (int t = 0; t < 10000; t++)
        m = ll_interval_adapt(m, true, 0.95, 0.05);
    ck_assert_double_eq(m, 0.1);
}
END_TEST

START_TEST(normal_quantiles_equal_those_of_tables)
{
    /* R 4.2.2: qnorm(c(0.5, 0.6, 0.9, 0.975, 0.999, 1e-10, 1e-300), digits 17) */
    const double p[] = {0.5, 0.6, 0.9, 0.975, 0.999, 1e-10, 1e-300};
    const double z[] = {0,
                        0.25334710313579972,
                        1.2815515655446004,
                        1.959963984540054,
                        3.0902323061678132,
                        -6.3613409024040557,
                        -37.047096299361201};
    for (size_t i = 0; i < LL_LEN(p); i++) {
        ck_assert_double_eq_tol(ll_normal_quantile(p[i]), z[i], 1e-13 * fmax(1, fabs(z[i])));
        if (i < 6)
            ck_assert_double_eq_tol(ll_normal_cdf(z[i]), p[i], 1e-14);
    }
    ck_assert(ll_normal_quantile(0) == -INFINITY && ll_normal_quantile(1) == INFINITY);
    ck_assert(isnan(ll_normal_quantile(1.5)) && isnan(ll_normal_quantile(NAN)));
}
END_TEST

START_TEST(memory_that_ends_is_told)
{
    double error[2 * H] = {0}, hundred[2 * H];
    LL_AUTO(ll_arena) arena = ll_arena_new(100);
    struct ll_portfolio p = erred(error, hundred, 2, H);
    struct ll_interval iv = {.n_errors = 77};
    struct ll_err err;
    ck_assert(!ll_interval_fit(&p, arena, &iv, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ck_assert_uint_eq(iv.n_errors, 77);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        equal_errors_give_their_size,     the_scale_never_shrinks_with_distance,
        no_errors_known_is_not_certainty, without_any_error_the_band_is_closed,
        one_error_in_one_step_is_enough,  bands_hold_as_often_as_they_say,
        adapting_brings_coverage_back,    normal_quantiles_equal_those_of_tables,
        memory_that_ends_is_told,
    };
    return ll_test_run("forecast_interval", tests, LL_LEN(tests));
}
