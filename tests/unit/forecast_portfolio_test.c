/* The portfolio: origins, weights, weighted medians, what it does with odd and short series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/combine.h"
#include "forecast/interval.h"
#include "forecast/portfolio.h"
#include "support.h"

enum { N = 800, H = 48 };

static double noise(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53 - 0.5;
}

static void daily(double *y, size_t n, double spread, uint64_t seed)
{
    for (size_t t = 0; t < n; t++)
        y[t] = 100 + 30 * sin(2 * M_PI * (double)t / 24) + (t % 168 < 120 ? 20 : 0) +
               spread * noise(&seed);
}

static struct ll_portfolio_ask ask_of(const double *y, size_t n, size_t h)
{
    return (struct ll_portfolio_ask){.clean = y,
                                     .filled = y,
                                     .actual = y,
                                     .n = n,
                                     .h = h,
                                     .origins = 6,
                                     .m1 = 24,
                                     .m2 = 168,
                                     .floor = -INFINITY,
                                     .ceiling = INFINITY,
                                     .alpha = NAN};
}

static struct ll_portfolio run(const struct ll_portfolio_ask *ask, struct ll_arena *arena)
{
    struct ll_portfolio p;
    struct ll_err err = {0};
    ck_assert_msg(ll_portfolio_run(ask, arena, &p, &err), "%s", err.text);
    return p;
}

START_TEST(medians_by_hand)
{
    const double v[] = {5, 1, 3}, even[] = {1, 1, 1}, heavy[] = {1, 4, 1}, none[] = {0, 0, 1};
    ck_assert_double_eq(ll_combine_median(v, even, 3), 3);
    ck_assert_double_eq(ll_combine_median(v, heavy, 3), 1);
    ck_assert_double_eq(ll_combine_median(v, none, 3), 3);

    double out;
    ll_combine(v, 1, even, 3, 1, &out);
    ck_assert_double_eq(out, 3);
    ll_combine(v, 1, even, 2, 1, &out); /* halfway between 1 and 5 */
    ck_assert_double_eq(out, 3);
    /* in order 1, 3, 5 with weights 4, 1, 1: they stand at 2, 4.5 and 5.5; half is 3 */
    ll_combine(v, 1, heavy, 3, 1, &out);
    ck_assert_double_eq_tol(out, 1 + 2 * (3 - 2) / 2.5, 1e-15);
    ll_combine(v, 1, none, 3, 1, &out);
    ck_assert_double_eq(out, 3);
}
END_TEST

/* Against sorting from scratch at each step, with numpy.interp's rule. */
static double slow_median(const double *v, size_t stride, const double *w, size_t n)
{
    double x[16], y[16], all = 0, below = 0;
    bool used[16] = {false};
    for (size_t i = 0; i < n; i++)
        all += w[i];
    for (size_t i = 0; i < n; i++) {
        size_t least = n;
        for (size_t j = 0; j < n; j++)
            if (!used[j] && (least == n || v[j * stride] < v[least * stride]))
                least = j;
        used[least] = true;
        x[i] = (below + 0.5 * w[least]) / all;
        y[i] = v[least * stride];
        below += w[least];
    }
    if (x[0] >= 0.5)
        return y[0];
    for (size_t i = 1; i < n; i++)
        if (x[i] >= 0.5)
            return y[i - 1] + (y[i] - y[i - 1]) * (0.5 - x[i - 1]) / (x[i] - x[i - 1]);
    return y[n - 1];
}

START_TEST(combining_equals_sorting_each_step)
{
    double v[10 * 100], w[10], out[100];
    uint64_t seed = 4;
    for (size_t i = 0; i < LL_LEN(v); i++)
        v[i] = noise(&seed);
    for (size_t j = 0; j < 10; j++)
        w[j] = 0.51 + noise(&seed);
    ll_combine(v, 100, w, 10, 100, out);
    for (size_t i = 0; i < 100; i++)
        ck_assert_double_eq_tol(out[i], slow_median(v + i, 100, w, 10), 1e-12);
}
END_TEST

START_TEST(origins_are_a_season_apart_and_the_last_sees_the_whole_horizon)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 1);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    struct ll_portfolio p = run(&ask, arena);
    ck_assert_uint_eq(p.n_origins, 6);
    for (size_t k = 0; k < 6; k++)
        ck_assert_uint_eq(p.origin[k], N - H - (5 - k) * 24);
    for (size_t k = 0; k < p.n_origins; k++)
        for (size_t i = 0; i < H; i++)
            ck_assert_double_eq(p.error[k * H + i], y[p.origin[k] + i] - p.at_origin[k * H + i]);
}
END_TEST

START_TEST(many_origins_are_as_many_as_models_take)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 1);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    ask.origins = 1000;
    struct ll_portfolio p = run(&ask, arena);
    ck_assert_uint_eq(p.n_origins, 15); /* and the forecast's own */
    ck_assert_uint_eq(p.origin[0], N - H - 14 * 24);
    for (size_t i = 0; i < 15 * H; i++)
        ck_assert(isfinite(p.error[i]));
    ask.origins = 0; /* none wanted, one is needed */
    p = run(&ask, arena);
    ck_assert_uint_eq(p.n_origins, 1);
}
END_TEST

START_TEST(weights_are_one_in_all_and_favour_the_best)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 2);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    struct ll_portfolio p = run(&ask, arena);
    double all = 0;
    ck_assert_uint_eq(p.n_members, 10);
    for (size_t j = 0; j < p.n_members; j++) {
        all += p.member[j].weight;
        ck_assert_double_ge(p.member[j].mae, p.member[p.best].mae);
        ck_assert_double_le(p.member[j].weight, p.member[p.best].weight);
    }
    ck_assert_double_eq_tol(all, 1, 1e-12);
    ck_assert_str_eq(p.member[p.naive].model->name, "seasonal-naive");
    double mae = 0;
    for (size_t i = 0; i < H; i++)
        mae += fabs(p.error[5 * H + i]) / H;
    ck_assert_double_lt(mae, 5); /* the noise alone has 2.5 */
}
END_TEST

START_TEST(an_exact_season_is_forecast_exactly)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 0, 0);
    struct ll_portfolio_ask ask = ask_of(y, 792, H);
    struct ll_portfolio p = run(&ask, arena);
    double want[N + H];
    daily(want, 792 + H, 0, 0);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_eq_tol(p.point[i], want[792 + i], 1);
}
END_TEST

START_TEST(a_constant_stays_what_it_is)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    for (size_t c = 0; c < 3; c++) {
        for (size_t t = 0; t < N; t++)
            y[t] = c == 0 ? 0 : c == 1 ? 7.5 : -3;
        struct ll_portfolio_ask ask = ask_of(y, N, H);
        struct ll_portfolio p = run(&ask, arena);
        for (size_t i = 0; i < H; i++)
            ck_assert_double_eq_tol(p.point[i], y[0], 1e-9);
    }
}
END_TEST

START_TEST(bounds_are_kept)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 3);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    ask.floor = 95;
    ask.ceiling = 120;
    struct ll_portfolio p = run(&ask, arena);
    for (size_t i = 0; i < H; i++)
        ck_assert(p.point[i] >= 95 && p.point[i] <= 120);
    for (size_t i = 0; i < p.n_origins * H; i++)
        ck_assert(p.at_origin[i] >= 95 && p.at_origin[i] <= 120);
}
END_TEST

START_TEST(one_model_alone_is_that_model)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 4);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    ask.only = ll_model_find("seasonal-naive");
    struct ll_portfolio p = run(&ask, arena);
    ck_assert_uint_eq(p.n_members, 1);
    ck_assert_double_eq(p.member[0].weight, 1);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_eq(p.point[i], y[N - 24 + i % 24]);
    ask.only = ll_model_find("holt");
    p = run(&ask, arena);
    ck_assert_int_eq(p.best, 0);
    ck_assert_int_eq(p.naive, -1);
}
END_TEST

START_TEST(logs_need_nothing_below_zero)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 5);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    y[10] = 0; /* still in logs, a little above */
    struct ll_portfolio p = run(&ask, arena);
    ck_assert_uint_eq(p.n_members, 10);
    for (size_t i = 0; i < H; i++)
        ck_assert(fabs(p.point[i] - 115) < 70);
    y[10] = -1e-9;
    p = run(&ask, arena);
    ck_assert_uint_eq(p.n_members, 7);
    for (size_t j = 0; j < p.n_members; j++)
        ck_assert(!p.member[j].log);
}
END_TEST

START_TEST(actuals_that_are_not_known_do_not_count)
{
    static double y[N], actual[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 6);
    memcpy(actual, y, sizeof(y));
    for (size_t t = N - 20; t < N; t++)
        actual[t] = NAN;
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    ask.actual = actual;
    struct ll_portfolio p = run(&ask, arena);
    for (size_t i = 0; i < H; i++)
        ck_assert(isnan(p.error[5 * H + i]) == (i >= H - 20));
    ck_assert(isfinite(p.member[p.best].mae));
    for (size_t t = 0; t < N; t++)
        actual[t] = NAN;
    p = run(&ask, arena); /* nothing to measure by: all weigh alike */
    ck_assert_int_eq(p.best, -1);
    ck_assert_double_eq_tol(p.member[3].weight, 1 / (double)p.n_members, 1e-12);
    ck_assert(isfinite(p.point[0]));
}
END_TEST

/* One or two steps ahead there are few errors; the bands hold all the same. */
START_TEST(short_horizons_have_bands_that_hold)
{
    static double y[N];
    enum { RUNS = 60 };
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    for (size_t h = 1; h <= 2; h++) {
        double within[LL_LEVELS] = {0};
        for (size_t run_no = 0; run_no < RUNS; run_no++) {
            daily(y, N, 30, 100 + run_no);
            struct ll_portfolio_ask ask = ask_of(y, N - 2, h);
            struct ll_portfolio p = run(&ask, arena);
            struct ll_interval iv;
            ck_assert(ll_interval_fit(&p, arena, &iv, NULL));
            ck_assert_uint_ge(iv.n_errors, 6 * 24);
            for (size_t l = 0; l < LL_LEVELS; l++)
                within[l] += fabs(y[N - 3 + h] - p.point[h - 1]) <=
                             ll_interval_half(&iv, h - 1, ll_levels[l]);
            ll_arena_reset(arena);
        }
        ck_assert_msg(within[0] / RUNS > 0.3 && within[0] / RUNS < 0.75, "50 %%: %g",
                      within[0] / RUNS);
        ck_assert_msg(within[1] / RUNS > 0.6 && within[1] / RUNS < 0.97, "80 %%: %g",
                      within[1] / RUNS);
        ck_assert_msg(within[3] / RUNS > 0.85, "95 %%: %g", within[3] / RUNS);
    }
}
END_TEST

/* What is said of the first steps does not hang on how much further was asked for. */
START_TEST(the_next_step_is_the_same_for_all_short_horizons)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 21);
    struct ll_portfolio_ask one = ask_of(y, N, 1), day = ask_of(y, N, 24);
    struct ll_portfolio a = run(&one, arena), b = run(&day, arena);
    ck_assert_uint_eq(a.reach, 24);
    ck_assert_double_eq(a.point[0], b.point[0]);
}
END_TEST

START_TEST(short_series_are_answered)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(256 << 20);
    daily(y, N, 10, 7);
    for (size_t n = 1; n < 200; n += n < 12 ? 1 : 13)
        for (size_t h = 1; h < 300; h = 3 * h + 1) {
            struct ll_portfolio_ask ask = ask_of(y, n, h);
            ask.m2 = n > 100 ? 168 : 0;
            struct ll_portfolio p = run(&ask, arena);
            for (size_t k = 0; k < p.n_origins; k++)
                ck_assert(p.origin[k] >= 1 && p.origin[k] < n);
            for (size_t i = 0; i < h; i++)
                ck_assert(isfinite(p.point[i]));
            ck_assert(n < 3 || isfinite(p.member[p.best].mae));
            ll_arena_reset(arena);
        }
}
END_TEST

/* The largest values that a series may have, and such that a model runs away with. */
START_TEST(huge_values_are_answered_finitely)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    for (int kind = 0; kind < 4; kind++) {
        for (size_t t = 0; t < N; t++)
            y[t] = kind == 0   ? (t % 2 ? 1e150 : -1e150)
                   : kind == 1 ? pow(10, (double)t * 150 / N)
                   : kind == 2 ? (t % 50 ? 1e-150 : 1e150)
                               : (t > N - 60 ? 1e150 : 0);
        struct ll_portfolio_ask ask = ask_of(y, N, H);
        struct ll_portfolio p = run(&ask, arena);
        struct ll_interval iv;
        ck_assert(ll_interval_fit(&p, arena, &iv, NULL));
        for (size_t i = 0; i < H; i++)
            ck_assert_msg(isfinite(p.point[i]) && isfinite(iv.scale[i]), "kind %d", kind);
        for (size_t l = 0; l < LL_LEVELS; l++)
            ck_assert_msg(isfinite(iv.q[l]), "kind %d", kind);
        ll_arena_reset(arena);
    }
}
END_TEST

START_TEST(the_same_question_has_the_same_answer)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    LL_AUTO(ll_arena) other = ll_arena_new(64 << 20);
    daily(y, N, 10, 8);
    struct ll_portfolio_ask ask = ask_of(y, N, H);
    struct ll_portfolio a = run(&ask, arena);
    ck_assert_ptr_nonnull(ll_arena_alloc(other, 1, 24)); /* elsewhere in memory */
    struct ll_portfolio b = run(&ask, other);
    ck_assert(memcmp(a.point, b.point, H * sizeof(double)) == 0);
    ck_assert(memcmp(a.error, b.error, 6 * H * sizeof(double)) == 0);
}
END_TEST

/* A forecast made with one compiler for one processor is made again with another: FNV-1a over all
 * that comes out.  A model that changes on purpose changes this number. */
START_TEST(all_machines_answer_the_same_bits)
{
    static const double shape[] = {0, 1, 3, 6, 7, 4, 2, 1};
    static double y[640];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    uint64_t seed = 12, hash = 0xcbf29ce484222325u;
    for (size_t t = 0; t < LL_LEN(y); t++)
        y[t] = 10 + shape[t % 8] * (t % 56 < 40 ? 2 : 1) + noise(&seed);
    struct ll_portfolio_ask ask = ask_of(y, LL_LEN(y), 20);
    ask.m1 = 8;
    ask.m2 = 56;
    struct ll_portfolio p = run(&ask, arena);
    for (size_t i = 0; i < 20 * sizeof(double); i++)
        hash = (hash ^ ((const unsigned char *)p.point)[i]) * 0x100000001b3u;
    for (size_t i = 0; i < p.n_origins * 20 * sizeof(double); i++)
        hash = (hash ^ ((const unsigned char *)p.error)[i]) * 0x100000001b3u;
    ck_assert_msg(hash == 0xe2d01177b6e1e03au, "0x%llx", (unsigned long long)hash);
}
END_TEST

START_TEST(scaling_the_series_scales_the_forecast)
{
    static double y[N], big[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    daily(y, N, 10, 9);
    for (size_t t = 0; t < N; t++)
        big[t] = 4096 * y[t];
    struct ll_portfolio_ask ask = ask_of(y, N, H), ask_big = ask_of(big, N, H);
    struct ll_portfolio a = run(&ask, arena), b = run(&ask_big, arena);
    for (size_t i = 0; i < H; i++)
        ck_assert_double_eq_tol(b.point[i] / 4096, a.point[i], 1e-6);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    static double y[N];
    LL_AUTO(ll_arena) arena = ll_arena_new(64 << 20);
    LL_AUTO(ll_arena) small = ll_arena_new(20000);
    struct ll_portfolio p = {.h = 77};
    struct ll_err err;
    daily(y, N, 10, 9);
    struct ll_portfolio_ask ask = ask_of(y, N, 0);
    ck_assert(!ll_portfolio_run(&ask, arena, &p, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ask.h = LL_HORIZON_MAX + 1;
    ck_assert(!ll_portfolio_run(&ask, arena, &p, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ask.h = H;
    ck_assert(!ll_portfolio_run(&ask, small, &p, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ask.n = 0;
    ck_assert(!ll_portfolio_run(&ask, arena, &p, &err));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(p.h, 77); /* untouched on failure */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        medians_by_hand,
        combining_equals_sorting_each_step,
        origins_are_a_season_apart_and_the_last_sees_the_whole_horizon,
        many_origins_are_as_many_as_models_take,
        weights_are_one_in_all_and_favour_the_best,
        an_exact_season_is_forecast_exactly,
        a_constant_stays_what_it_is,
        bounds_are_kept,
        one_model_alone_is_that_model,
        logs_need_nothing_below_zero,
        actuals_that_are_not_known_do_not_count,
        short_horizons_have_bands_that_hold,
        the_next_step_is_the_same_for_all_short_horizons,
        short_series_are_answered,
        huge_values_are_answered_finitely,
        the_same_question_has_the_same_answer,
        all_machines_answer_the_same_bits,
        scaling_the_series_scales_the_forecast,
        what_cannot_be_is_refused,
    };
    return ll_test_run("forecast_portfolio", tests, LL_LEN(tests));
}
