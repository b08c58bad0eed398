/* Each model against numbers that were had another way: by hand, by R, or by a series whose future
 * is known; and all of them against odd data. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/gram.h"
#include "forecast/kit.h"
#include "forecast/search.h"
#include "forecast/ses.h"
#include "forecast/solve.h"
#include "support.h"

enum { N_MAX = 1400, H = 50 };

/* In a block of exactly the size that is promised, so that a sanitizer sees what goes beyond. */
static void run(const struct ll_model *m, struct ll_fit f, double *out)
{
    size_t bytes = ll_model_scratch(f.origin[f.n_origins - 1], f.h);
    f.scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    memset(f.scratch, 0xff, bytes); /* NaN everywhere: it is not cleared */
    ll_model_run(m, &f, out);
    free(f.scratch);
}

/* What the model named says after all of y. */
static void ahead(const char *name, const double *y, size_t n, size_t h, int m1, int m2,
                  double *out)
{
    const struct ll_model *m = ll_model_find(name);
    ck_assert_msg(m != NULL, "%s", name);
    run(m,
        (struct ll_fit){.y = y,
                        .n_fit = n,
                        .origin = &n,
                        .n_origins = 1,
                        .h = h,
                        .m1 = m1,
                        .m2 = m2,
                        .alpha = NAN},
        out);
}

static double noise(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53 - 0.5;
}

static const double day_shape[6] = {3, -1, 4, -7, 2, -1};

/* Of two weeks it is not known what their week is: what was taken for one was noise, and the
 * backtest before it had judged a model without. */
START_TEST(a_long_season_needs_three_cycles)
{
    static const char *const names[] = {"double-seasonal", "mstl"};
    static double y[N_MAX], with[H], without[H];
    uint64_t seed = 4;
    for (size_t t = 0; t < 336; t++)
        y[t] = 50 + day_shape[t % 6] + 10 * noise(&seed);
    for (size_t k = 0; k < LL_LEN(names); k++) {
        ahead(names[k], y, 84, H, 6, 42, with);
        ahead(names[k], y, 84, H, 6, 0, without);
        ck_assert_msg(memcmp(with, without, sizeof(with)) == 0, "%s", names[k]);
        ahead(names[k], y, 126, H, 6, 42, with);
        ahead(names[k], y, 126, H, 6, 0, without);
        ck_assert_msg(memcmp(with, without, sizeof(with)) != 0, "%s", names[k]);
    }
}
END_TEST

/* Errors fade over a part of the day, not over so many steps. */
START_TEST(errors_follow_each_other_by_the_day)
{
    ck_assert_double_eq(ll_kit_phi_max(0.98, 24), 0.98);
    ck_assert_double_eq(ll_kit_phi_max(0.98, 7), 0.98);
    ck_assert_double_eq_tol(pow(ll_kit_phi_max(0.98, 288), 288), pow(0.98, 24), 0.01);
}
END_TEST

static const double aelec[] = {445.36, 453.20, 454.41, 422.38, 456.04, 440.39,
                               425.19, 486.21, 500.43, 521.28, 508.95, 488.89,
                               509.87, 456.72, 473.82, 525.95, 549.83, 542.34};

START_TEST(names_are_found_and_in_order)
{
    for (size_t i = 0; i < ll_models_n; i++) {
        ck_assert_ptr_eq(ll_model_find(ll_models[i]->name), ll_models[i]);
        ck_assert(ll_models[i]->title && ll_models[i]->source);
        if (i > 0)
            ck_assert_int_lt(strcmp(ll_models[i - 1]->name, ll_models[i]->name), 0);
    }
    ck_assert_ptr_null(ll_model_find("auto"));
}
END_TEST

START_TEST(seasonal_naive_repeats_the_last_season)
{
    const double y[] = {9, 9, 1, 2, 3};
    double out[5];
    ahead("seasonal-naive", y, 5, 5, 3, 0, out);
    const double want[] = {1, 2, 3, 1, 2};
    for (size_t i = 0; i < 5; i++)
        ck_assert_double_eq(out[i], want[i]);
    ahead("seasonal-naive", y, 5, 2, 0, 0, out);
    ck_assert_double_eq(out[1], 3);
    ahead("seasonal-naive", y, 2, 2, 3, 0, out); /* no season is known yet */
    ck_assert_double_eq(out[0], 9);
}
END_TEST

START_TEST(moving_average_is_the_mean_of_its_window)
{
    const double y[] = {100, 1, 2, 3, 6};
    double out[2];
    size_t n = 5;
    struct ll_fit f = {.y = y, .n_fit = n, .origin = &n, .n_origins = 1, .h = 2, .window = 4};
    run(ll_model_find("moving-average"), f, out);
    ck_assert_double_eq(out[0], 3);
    ck_assert_double_eq(out[1], 3);
    f.window = 0; /* the longest season */
    f.m1 = 2;
    run(ll_model_find("moving-average"), f, out);
    ck_assert_double_eq(out[0], 4.5);
}
END_TEST

/* R 4.2.2, forecast 8.20: ses(y, initial = "simple", alpha = 0.5)$mean */
START_TEST(smoothing_with_a_given_alpha_equals_r)
{
    double out[2];
    size_t n = LL_LEN(aelec);
    const struct ll_fit f = {
        .y = aelec, .n_fit = n, .origin = &n, .n_origins = 1, .h = 2, .alpha = 0.5};
    run(ll_model_find("exponential-smoothing"), f, out);
    ck_assert_double_eq_tol(out[0], 533.98806961059574, 1e-9);
    ck_assert_double_eq(out[1], out[0]);
}
END_TEST

static double ses_errors(const double *y, size_t n, double alpha, double phi)
{
    double level = ll_kit_mean(y, LL_MIN(n, (size_t)LL_SES_START)), before = 0, sum = 0;
    for (size_t t = 0; t < n; t++) {
        double e = y[t] - level;
        sum += (e - phi * before) * (e - phi * before);
        before = e;
        level += alpha * e;
    }
    return sum;
}

START_TEST(the_fitted_alpha_is_as_good_as_any_on_a_grid)
{
    uint64_t seed = 7;
    for (int round = 0; round < 20; round++) {
        double y[300], level = 10, carried = 0, best = INFINITY;
        for (size_t t = 0; t < LL_LEN(y); t++) {
            level += 0.3 * round / 20.0 * noise(&seed);
            carried = 0.5 * carried + noise(&seed);
            y[t] = level + carried;
        }
        struct ll_ses s = ll_ses_fit(y, LL_LEN(y), 1, 0.95);
        for (int a = 1; a <= 100; a++)
            for (int p = 0; p <= 95; p++)
                best = fmin(best, ses_errors(y, LL_LEN(y), a / 100.0, p / 100.0));
        ck_assert_double_le(ses_errors(y, LL_LEN(y), s.alpha, s.phi), best * 1.005);
    }
}
END_TEST

START_TEST(rolling_forgets_only_what_no_longer_counts)
{
    double y[N_MAX], level = 5;
    uint64_t seed = 3;
    const struct ll_ses s = {.alpha = 0.2, .start = 5};
    for (size_t t = 0; t < N_MAX; t++) {
        y[t] = 5 + noise(&seed);
        level += 0.2 * (y[t] - level);
    }
    ck_assert_double_eq_tol(ll_ses_roll(&s, y, N_MAX).level, level, 1e-13);
}
END_TEST

START_TEST(a_straight_line_goes_on)
{
    double y[120], out[H];
    const char *const names[] = {"linear-trend", "holt", "holt-winters", "fourier"};
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 50 + 0.75 * (double)t;
    for (size_t k = 0; k < LL_LEN(names); k++) {
        ahead(names[k], y, LL_LEN(y), H, 0, 0, out);
        for (size_t i = 0; i < H; i++)
            ck_assert_msg(fabs(out[i] - (50 + 0.75 * (double)(120 + i))) < 1e-4,
                          "%s: step %zu is %g", names[k], i, out[i]);
    }
}
END_TEST

/* R: lm(y ~ t) on the same values, predict at t = 19, 20, 21. */
START_TEST(the_line_through_values_equals_r)
{
    double out[3];
    ahead("linear-trend", aelec, LL_LEN(aelec), 3, 0, 0, out);
    double sxy = 0, mean = 0;
    for (size_t t = 0; t < 18; t++)
        mean += aelec[t] / 18;
    for (size_t t = 0; t < 18; t++)
        sxy += ((double)t - 8.5) * (aelec[t] - mean);
    ck_assert_double_eq_tol(out[0], mean + sxy / 484.5 * 9.5, 1e-9);
    /* thetaf(y) of forecast 8.20 rises by 2.834892 a step: half of this slope */
    ck_assert_double_eq_tol(out[1] - out[0], 2 * 2.834891640867, 1e-8);
    ahead("theta", aelec, LL_LEN(aelec), 3, 0, 0, out);
    ck_assert_double_eq_tol(out[2] - out[1], 2.834891640867, 1e-8);
}
END_TEST

START_TEST(a_damped_trend_fades_as_it_should)
{
    double y[60], level = 20, slope = 4, out[20];
    for (size_t t = 0; t < LL_LEN(y); t++) {
        slope *= 0.95;
        level += slope;
        y[t] = level;
    }
    ahead("damped", y, LL_LEN(y), 20, 0, 0, out);
    for (size_t i = 0; i < 20; i++) {
        slope *= 0.95;
        level += slope;
        ck_assert_double_eq_tol(out[i], level, 1.5);
    }
}
END_TEST

START_TEST(a_pure_season_comes_again)
{
    double y[240], out[H];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 100 + day_shape[t % 6];
    for (size_t k = 0; k < ll_models_n; k++) {
        if (!(ll_models[k]->flags & (LL_MODEL_MEMBER | LL_MODEL_SEASON)))
            continue;
        ahead(ll_models[k]->name, y, LL_LEN(y), H, 6, 0, out);
        for (size_t i = 0; i < H; i++)
            ck_assert_msg(fabs(out[i] - (100 + day_shape[i % 6])) < 0.05, "%s: step %zu is %g",
                          ll_models[k]->name, i, out[i]);
    }
}
END_TEST

START_TEST(a_line_with_a_season_goes_on)
{
    double y[240], out[H];
    const char *const names[] = {"holt-winters", "seasonal-ar"};
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 100 + 0.5 * (double)t + day_shape[t % 6];
    for (size_t k = 0; k < LL_LEN(names); k++) {
        ahead(names[k], y, LL_LEN(y), H, 6, 0, out);
        for (size_t i = 0; i < H; i++)
            ck_assert_msg(fabs(out[i] - (220 + 0.5 * (double)i + day_shape[i % 6])) < 0.5,
                          "%s: step %zu is %g", names[k], i, out[i]);
    }
}
END_TEST

/* Two weekdays off: what needs a week finds it, and the day alone is not enough. */
START_TEST(two_seasons_come_again)
{
    double y[42 * 8], out[42];
    const char *const names[] = {"ar", "double-seasonal", "mstl", "robust-profile"};
    uint64_t seed = 5;
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = (t / 6 % 7 < 5 ? 100 : 60) + day_shape[t % 6] + 0.2 * noise(&seed);
    for (size_t k = 0; k < LL_LEN(names); k++) {
        double error = 0;
        ahead(names[k], y, LL_LEN(y), 42, 6, 42, out);
        for (size_t i = 0; i < 42; i++)
            error += fabs(out[i] - ((i / 6 < 5 ? 100 : 60) + day_shape[i % 6])) / 42;
        ck_assert_msg(error < 1, "%s: %g", names[k], error);
    }
}
END_TEST

START_TEST(waves_are_fitted_exactly)
{
    double y[200], out[H];
    for (size_t t = 0; t < LL_LEN(y) + H; t++) {
        double x = (double)t,
               v = 7 + 0.1 * x + 3 * sin(2 * M_PI * x / 24) - cos(2 * M_PI * 2 * x / 24);
        if (t < LL_LEN(y))
            y[t] = v;
        else
            out[t - LL_LEN(y)] = v;
    }
    double got[H];
    ahead("fourier", y, LL_LEN(y), H, 24, 0, got);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_eq_tol(got[i], out[i], 1e-4);
}
END_TEST

/* A noise-free AR(2): a sinusoid obeys y[t] = 2 cos(w) y[t-1] - y[t-2]. */
START_TEST(autoregression_carries_a_sinusoid_on)
{
    double y[400], out[H];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 10 + sin(0.37 * (double)t);
    ahead("ar", y, LL_LEN(y), 20, 0, 0, out);
    for (size_t i = 0; i < 20; i++)
        ck_assert_double_eq_tol(out[i], 10 + sin(0.37 * (double)(400 + i)), 0.05);
}
END_TEST

/* Against least squares written out the slow way: six lags, ridge 1e-3 a row, values scaled. */
START_TEST(autoregression_equals_the_normal_equations)
{
    enum { P = 6, N = 300 };
    double y[N], z[N], a[(P + 1) * (P + 1)] = {0}, b[P + 1] = {0}, mean = 0, sd = 0, out[1];
    uint64_t seed = 11;
    for (size_t t = 0; t < N; t++)
        y[t] = 5 + (t ? 0.6 * (y[t - 1] - 5) : 0) + noise(&seed);
    for (size_t t = 0; t < N; t++)
        mean += y[t] / N;
    for (size_t t = 0; t < N; t++)
        sd += (y[t] - mean) * (y[t] - mean) / N;
    for (size_t t = 0; t < N; t++)
        z[t] = (y[t] - mean) / sqrt(sd);
    for (size_t t = P; t < N; t++) {
        double x[P + 1] = {1};
        for (size_t j = 1; j <= P; j++)
            x[j] = z[t - j];
        for (size_t i = 0; i <= P; i++) {
            b[i] += x[i] * z[t];
            for (size_t j = 0; j <= P; j++)
                a[i * (P + 1) + j] += x[i] * x[j];
        }
    }
    for (size_t i = 1; i <= P; i++)
        a[i * (P + 1) + i] += 1e-3 * (N - P);
    ck_assert(ll_solve_spd(a, b, P + 1));
    double want = b[0];
    for (size_t j = 1; j <= P; j++)
        want += b[j] * z[N - j];
    ahead("ar", y, N, 1, 0, 0, out);
    ck_assert_double_eq_tol(out[0], want * sqrt(sd) + mean, 1e-6);
}
END_TEST

/* Shared, slid and extended sums against each row written out. */
START_TEST(lag_products_equal_those_of_the_rows)
{
    enum { N = 900, FROM = 340, Q = 12 };
    static const size_t lag[Q - 1] = {1, 2, 3, 23, 24, 25, 48, 167, 168, 169, 336};
    static struct ll_gram g;
    double w[N], a[Q * Q] = {0}, want[Q] = {0}, got[LL_COLUMNS_MAX];
    uint64_t seed = 13;
    for (size_t t = 0; t < N; t++)
        w[t] = sin((double)t * 0.26) + noise(&seed);
    for (size_t t = FROM; t < N; t++) {
        double x[Q] = {1};
        for (size_t j = 1; j < Q; j++)
            x[j] = w[t - lag[j - 1]];
        for (size_t i = 0; i < Q; i++) {
            want[i] += x[i] * w[t];
            for (size_t j = 0; j <= i; j++)
                a[i * Q + j] += x[i] * x[j];
        }
    }
    ll_gram_build(&g, w, FROM, 700, lag, Q - 1);
    ll_gram_extend(&g, N);
    ck_assert_uint_eq(g.rows, N - FROM);
    for (size_t i = 1, k = 0; i < Q; i++) {
        ck_assert_double_eq_tol(g.sum[i], a[i * Q], 1e-10);
        ck_assert_double_eq_tol(g.product[k++].sum, want[i], 1e-10);
        for (size_t j = 1; j <= i; j++)
            ck_assert_double_eq_tol(g.product[k++].sum, a[i * Q + j], 1e-10);
    }
    ck_assert(ll_gram_solve(&g, 0, got) && ll_solve_spd(a, want, Q));
    for (size_t i = 0; i < Q; i++)
        ck_assert_double_eq_tol(got[i], want[i], 1e-6);
}
END_TEST

/* The last origin by a fit of its own: nearly what a run apart says, and the others untouched. */
START_TEST(a_renewed_fit_is_one_on_everything)
{
    static double y[800], together[3 * H], before[2 * H], apart[H];
    const size_t origin[] = {600, 624, 800};
    const char *const names[] = {"ar", "seasonal-ar"};
    uint64_t seed = 6;
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 50 + 10 * sin((double)t * 2 * M_PI / 24) + 4 * noise(&seed);
    for (size_t k = 0; k < LL_LEN(names); k++) {
        const struct ll_model *m = ll_model_find(names[k]);
        struct ll_fit f = {.y = y,
                           .n_fit = 600,
                           .origin = origin,
                           .n_origins = 3,
                           .renew = true,
                           .h = H,
                           .m1 = 24,
                           .m2 = 168,
                           .alpha = NAN};
        run(m, f, together);
        f.renew = false;
        f.n_origins = 2;
        run(m, f, before);
        ck_assert(memcmp(together, before, sizeof(before)) == 0);
        f.n_fit = 800;
        f.origin = &origin[2];
        f.n_origins = 1;
        run(m, f, apart);
        for (size_t i = 0; i < H; i++)
            ck_assert_double_eq_tol(together[2 * H + i], apart[i], 0.02);
    }
}
END_TEST

START_TEST(a_spike_does_not_move_the_robust_profile)
{
    double y[240], out[6];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 100 + day_shape[t % 6];
    y[239] = y[230] = y[100] = 1e6;
    ahead("robust-profile", y, LL_LEN(y), 6, 6, 0, out);
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq_tol(out[i], 100 + day_shape[i], 1e-9);
}
END_TEST

START_TEST(intermittent_demand_is_chance_times_size)
{
    double y[200], out[3];
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = t % 4 == 3 ? 8 : 0;
    ahead("tsb", y, LL_LEN(y), 3, 0, 0, out);
    ck_assert_double_eq_tol(out[0], 2, 0.2);
    ck_assert_double_eq(out[0], out[2]);
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 5;
    ahead("tsb", y, LL_LEN(y), 1, 0, 0, out);
    ck_assert_double_eq_tol(out[0], 5, 1e-12);
    memset(y, 0, sizeof(y));
    ahead("tsb", y, LL_LEN(y), 1, 0, 0, out);
    ck_assert_double_eq(out[0], 0);
}
END_TEST

static void fill(double *y, size_t n, int kind, uint64_t *seed)
{
    for (size_t t = 0; t < n; t++)
        switch (kind) {
        case 0:
            y[t] = 0;
            break;
        case 1:
            y[t] = 42;
            break;
        case 2:
            y[t] = t % 97 == 5 ? 1e9 : 0;
            break;
        case 3:
            y[t] = (t % 2 ? 1 : -1) * 1e300;
            break;
        case 4:
            y[t] = 1e-300 * noise(seed);
            break;
        case 5:
            y[t] = t < n / 2 ? 1 : 1e12;
            break;
        case 6:
            y[t] = exp(0.02 * (double)t);
            break;
        case 7:
            y[t] = 100 + 1e-9 * noise(seed);
            break;
        default:
            y[t] = 10 + 5 * sin((double)t * 2 * M_PI / 24) + noise(seed);
            break;
        }
}

START_TEST(odd_data_give_finite_answers)
{
    static double y[N_MAX], out[2 * H];
    const size_t lengths[] = {1, 2, 3, 4, 7, 10, 25, 48, 60, 61, 100, 169, 337, 700, N_MAX};
    const int seasons[][2] = {{0, 0},    {1, 0},   {2, 0},   {2, 4},    {7, 0},
                              {24, 168}, {24, 36}, {168, 0}, {1399, 0}, {3, 1398}};
    uint64_t seed = 1;
    for (size_t k = 0; k < ll_models_n; k++)
        for (size_t l = 0; l < LL_LEN(lengths); l++)
            for (size_t s = 0; s < LL_LEN(seasons); s++) {
                int kind = (int)((k + l + s) % 9);
                size_t origin[2] = {(lengths[l] + 1) / 2, lengths[l]};
                fill(y, lengths[l], kind, &seed);
                const struct ll_fit f = {.y = y,
                                         .n_fit = origin[0],
                                         .origin = origin,
                                         .n_origins = 2,
                                         .h = H,
                                         .m1 = seasons[s][0],
                                         .m2 = seasons[s][1],
                                         .alpha = NAN};
                run(ll_models[k], f, out);
                for (size_t i = 0; i < 2 * H; i++)
                    ck_assert_msg(isfinite(out[i]), "%s: kind %d, n %zu, seasons %d %d, step %zu",
                                  ll_models[k]->name, kind, lengths[l], f.m1, f.m2, i);
            }
}
END_TEST

/* A backtest is worth nothing when a model peeps: what comes after an origin must not matter to
 * it, nor what comes after the fit to the first. */
START_TEST(nothing_behind_an_origin_matters)
{
    static double y[600], other[600], a[3 * H], b[3 * H];
    const size_t origin[] = {450, 474, 525}, n = 600;
    uint64_t seed = 9;
    fill(y, n, 8, &seed);
    for (size_t k = 0; k < ll_models_n; k++)
        for (size_t o = 0; o < 3; o++) {
            struct ll_fit f = {.y = y,
                               .n_fit = 450,
                               .origin = origin,
                               .n_origins = 3,
                               .h = H,
                               .m1 = 24,
                               .m2 = 168,
                               .alpha = NAN};
            run(ll_models[k], f, a);
            memcpy(other, y, sizeof(y));
            for (size_t t = origin[o]; t < n; t++)
                other[t] = 3 * y[t] + 7;
            f.y = other;
            run(ll_models[k], f, b);
            for (size_t i = 0; i < (o + 1) * H; i++)
                ck_assert_msg(a[i] == b[i], "%s: origin %zu, value %zu: %.17g, then %.17g",
                              ll_models[k]->name, origin[o], i, a[i], b[i]);
        }
}
END_TEST

static void bowl(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double score[LL_CANDIDATES])
{
    const double *at = ctx;
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        double x = p[0][i] - at[0], y = p[1][i] - at[1], z = p[2][i] - at[2];
        score[i] = p[0][i] > 0.9 ? NAN : 1 + x * x + 2 * y * y + 0.5 * z * z + 0.3 * x * y;
    }
}

START_TEST(the_search_finds_the_bottom_of_a_bowl)
{
    uint64_t seed = 2;
    for (int round = 0; round < 50; round++) {
        double at[3], best[LL_PARAMS_MAX];
        for (int d = 0; d < 3; d++)
            at[d] = 0.45 + 0.7 * noise(&seed);
        const struct ll_search s = {
            .dims = 3, .high = {1, 1, 1}, .spread = 3, .rounds = 8, .score = bowl, .ctx = at};
        double least = ll_search_least(&s, best);
        ck_assert_double_lt(least, 1.005);
        ck_assert_double_eq_tol(best[0], at[0], 0.05);
    }
}
END_TEST

START_TEST(what_is_not_positive_definite_is_refused)
{
    double a[4] = {1, 0, 2, 1}, b[2] = {1, 1};
    ck_assert(!ll_solve_spd(a, b, 2));
    double good[4] = {4, 0, 2, 3}, x[2] = {2, 5}; /* [4 2; 2 3] x = [2 5] */
    ck_assert(ll_solve_spd(good, x, 2));
    ck_assert_double_eq_tol(x[0], -0.5, 1e-15);
    ck_assert_double_eq_tol(x[1], 2, 1e-15);
}
END_TEST

START_TEST(centred_means_keep_whole_cycles_at_the_edges)
{
    const double y[] = {1, 2, 3, 4, 5, 6, 7};
    double sums[8], out[7];
    ll_kit_centred_mean(y, 7, 3, sums, out);
    const double want[] = {2, 2, 3, 4, 5, 6, 6};
    for (size_t t = 0; t < 7; t++)
        ck_assert_double_eq_tol(out[t], want[t], 1e-15);
    ll_kit_centred_mean(y, 2, 5, sums, out);
    ck_assert_double_eq(out[1], 1.5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_long_season_needs_three_cycles,
        errors_follow_each_other_by_the_day,
        names_are_found_and_in_order,
        seasonal_naive_repeats_the_last_season,
        moving_average_is_the_mean_of_its_window,
        smoothing_with_a_given_alpha_equals_r,
        the_fitted_alpha_is_as_good_as_any_on_a_grid,
        rolling_forgets_only_what_no_longer_counts,
        a_straight_line_goes_on,
        the_line_through_values_equals_r,
        a_damped_trend_fades_as_it_should,
        a_pure_season_comes_again,
        a_line_with_a_season_goes_on,
        two_seasons_come_again,
        waves_are_fitted_exactly,
        autoregression_carries_a_sinusoid_on,
        autoregression_equals_the_normal_equations,
        lag_products_equal_those_of_the_rows,
        a_renewed_fit_is_one_on_everything,
        a_spike_does_not_move_the_robust_profile,
        intermittent_demand_is_chance_times_size,
        odd_data_give_finite_answers,
        nothing_behind_an_origin_matters,
        the_search_finds_the_bottom_of_a_bowl,
        what_is_not_positive_definite_is_refused,
        centred_means_keep_whole_cycles_at_the_edges,
    };
    return ll_test_run("forecast_models", tests, LL_LEN(tests));
}
