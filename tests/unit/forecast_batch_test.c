/* The fast profile: bits that no neighbour and no width changes, and its parts against definitions
 * written out the slow way. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/batch.h"
#include "forecast/batch/block.h"

/* The kernels once more, wider than any machine's vectors: built for this test alone. */
extern const struct ll_batch_kernels ll_batch_kernels_32;

enum { N = 400, H = 30, DAY = 12, WEEK = 84, SERIES = 37, LEVELS = 3 };

static const double levels[LEVELS] = {0.5, 0.9, 0.99};
static uint64_t state;
static struct ll_arena *arena;

static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 0x1p53;
}

static float *made_up(size_t series, size_t n)
{
    float *y = malloc(series * n * sizeof(float));
    for (size_t i = 0; i < series; i++) {
        double level = 50 * uniform(), day = 20 * uniform(), slow = 0;
        for (size_t t = 0; t < n; t++) {
            slow = 0.8 * slow + uniform() - 0.5;
            y[i * n + t] = (float)(level + day * (1 + sin(2 * M_PI * (double)t / DAY)) +
                                   (t % WEEK < 60 ? 8 : 0) + 3 * slow);
        }
    }
    return y;
}

static const struct ll_batch_plan *plan_for(size_t n, size_t h, int m1, int m2, size_t lanes)
{
    const struct ll_batch_plan *p = NULL;
    const struct ll_batch_shape shape = {
        .n = n, .h = h, .season = {m1, m2}, .levels = levels, .n_levels = LEVELS, .lanes = lanes};
    struct ll_err err;
    if (!ll_batch_plan_make(&shape, arena, &p, &err))
        ck_assert_int_eq(err.code, LL_E_RANGE);
    return p;
}

struct answer {
    float *point, *lower, *upper, *weight;
};

/* In pieces of `piece` series. */
static struct answer ask(const struct ll_batch_plan *p, const float *y, size_t series, size_t piece)
{
    struct answer a = {malloc(series * p->h * sizeof(float)),
                       malloc(series * LEVELS * p->h * sizeof(float)),
                       malloc(series * LEVELS * p->h * sizeof(float)),
                       malloc(series * LL_BATCH_MEMBERS * sizeof(float))};
    void *scratch = malloc(ll_batch_scratch(p));
    memset(scratch, 0xab, ll_batch_scratch(p)); /* nothing may be read that was not written */
    for (size_t i = 0; i < series; i += piece) {
        const struct ll_batch_out out = {a.point + i * p->h, a.lower + i * LEVELS * p->h,
                                         a.upper + i * LEVELS * p->h,
                                         a.weight + i * LL_BATCH_MEMBERS};
        ll_batch_run(p, y + i * p->n, LL_MIN(piece, series - i), scratch, &out);
    }
    free(scratch);
    return a;
}

static void forget(struct answer a)
{
    free(a.point);
    free(a.lower);
    free(a.upper);
    free(a.weight);
}

static void same_bits(struct answer a, struct answer b, size_t series, size_t h)
{
    ck_assert_mem_eq(a.point, b.point, series * h * sizeof(float));
    ck_assert_mem_eq(a.lower, b.lower, series * LEVELS * h * sizeof(float));
    ck_assert_mem_eq(a.upper, b.upper, series * LEVELS * h * sizeof(float));
    ck_assert_mem_eq(a.weight, b.weight, series * LL_BATCH_MEMBERS * sizeof(float));
}

START_TEST(every_width_and_every_split_gives_the_same_bits)
{
    const size_t lanes[] = {8, 16}, pieces[] = {1, 3, 5, 8, 36};
    float *y = made_up(SERIES, N);
    for (size_t i = 0; i < 500; i++) /* gaps, spikes and a negative series here and there */
        y[(size_t)(uniform() * SERIES * N)] = i % 3 ? NAN : 400;
    for (size_t t = 0; t < N; t++)
        y[5 * N + t] -= 1000;
    const struct ll_batch_plan *narrow = plan_for(N, H, DAY, WEEK, 4);
    struct answer want = ask(narrow, y, SERIES, SERIES);
    for (size_t i = 0; i < LL_LEN(lanes); i++) {
        const struct ll_batch_plan *p = plan_for(N, H, DAY, WEEK, lanes[i]);
        if (!p) /* a width that this machine lacks */
            continue;
        ck_assert_uint_eq(ll_batch_lanes(p), lanes[i]);
        struct answer got = ask(p, y, SERIES, SERIES);
        same_bits(got, want, SERIES, H);
        forget(got);
    }
    struct ll_batch_plan wide = *narrow;
    wide.kernels = &ll_batch_kernels_32;
    struct answer got = ask(&wide, y, SERIES, SERIES);
    same_bits(got, want, SERIES, H);
    forget(got);
    for (size_t i = 0; i < LL_LEN(pieces); i++) {
        got = ask(plan_for(N, H, DAY, WEEK, 0), y, SERIES, pieces[i]);
        same_bits(got, want, SERIES, H);
        forget(got);
    }
    forget(want);
    free(y);
}
END_TEST

START_TEST(what_is_wrong_with_one_series_does_not_reach_another)
{
    float *y = made_up(SERIES, N), *odd = malloc(SERIES * N * sizeof(float));
    const struct ll_batch_plan *p = plan_for(N, H, DAY, WEEK, 0);
    memcpy(odd, y, SERIES * N * sizeof(float));
    for (size_t t = 0; t < N; t++) {
        odd[1 * N + t] = NAN;
        odd[2 * N + t] = t % 2 ? INFINITY : -INFINITY;
        odd[6 * N + t] = t % 7 ? 1e30f : -1e30f;
        odd[9 * N + t] = t < N - 1 ? NAN : 3;
        odd[13 * N + t] = 0;
        odd[14 * N + t] = t % 3 ? NAN : odd[14 * N + t];
    }
    struct answer a = ask(p, y, SERIES, SERIES), b = ask(p, odd, SERIES, SERIES);
    for (size_t i = 0; i < SERIES; i++) {
        if (memcmp(y + i * N, odd + i * N, N * sizeof(float)) == 0)
            ck_assert_mem_eq(a.point + i * H, b.point + i * H, H * sizeof(float));
        for (size_t t = 0; t < H; t++)
            ck_assert_msg(isfinite(b.point[i * H + t]) == (i != 1 && i != 2), "series %zu", i);
    }
    for (size_t t = 0; t < H; t++) {
        ck_assert_float_eq(b.point[9 * H + t], 3);
        ck_assert_float_eq(b.point[13 * H + t], 0);
    }
    forget(a);
    forget(b);
    free(y);
    free(odd);
}
END_TEST

static void check_sane(const struct answer *a, size_t series, size_t h, size_t n)
{
    for (size_t i = 0; i < series; i++) {
        double all = 0;
        for (size_t m = 0; m < LL_BATCH_MEMBERS; m++)
            all += (double)a->weight[i * LL_BATCH_MEMBERS + m];
        ck_assert_double_eq_tol(all, 1, 1e-5);
        for (size_t l = 0; l < LEVELS; l++)
            for (size_t t = 0; t < h; t++) {
                size_t at = (i * LEVELS + l) * h + t;
                float point = a->point[i * h + t];
                ck_assert_msg(isfinite(point) && isfinite(a->lower[at]) && isfinite(a->upper[at]),
                              "n %zu series %zu step %zu", n, i, t);
                ck_assert(a->lower[at] <= point && point <= a->upper[at]);
                ck_assert(l == 0 || a->lower[at] <= a->lower[at - h]);
                ck_assert(l == 0 || a->upper[at] >= a->upper[at - h]);
            }
    }
}

START_TEST(any_values_of_any_length_give_finite_forecasts)
{
    const size_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 12, 23, 24, 25, 36, 60, 100, 168, 170, 260, 336};
    const int seasons[][2] = {{0, 0}, {1, 0}, {2, 4}, {7, 0}, {DAY, WEEK}, {5, 7}, {24, 25}};
    enum { ODD = 8 };
    for (size_t i = 0; i < LL_LEN(lengths); i++)
        for (size_t k = 0; k < LL_LEN(seasons); k++) {
            size_t n = lengths[i], h = 1 + 5 * k;
            float y[ODD * 336];
            for (size_t t = 0; t < n; t++) {
                const float at[ODD] = {0,
                                       42,
                                       -1e30f,
                                       t % 5 ? 1e30f : 0,
                                       t == n / 2 ? 3e38f : 1e-38f,
                                       (float)uniform(),
                                       t % 4 ? NAN : (float)t,
                                       (float)exp((double)(t % 80))};
                for (size_t s = 0; s < ODD; s++)
                    y[s * n + t] = at[s];
            }
            const struct ll_batch_plan *p = plan_for(n, h, seasons[k][0], seasons[k][1], 0);
            ck_assert_ptr_nonnull(p);
            struct answer a = ask(p, y, ODD, ODD);
            check_sane(&a, ODD, h, n);
            for (size_t t = 0; t < h; t++) {
                ck_assert_float_eq(a.point[t], 0);
                ck_assert_float_eq_tol(a.point[h + t], 42, 1e-3f);
            }
            forget(a);
            ll_arena_reset(arena);
        }
}
END_TEST

START_TEST(a_regular_series_is_told_closely_and_its_interval_is_narrow)
{
    float y[2 * N];
    for (size_t t = 0; t < N; t++) {
        y[t] = (float)(100 + 10 * sin(2 * M_PI * (double)t / DAY) + (t % WEEK < 60 ? 30 : 0) +
                       0.5 * (uniform() - 0.5));
        y[N + t] = y[t] - 200; /* no logs */
    }
    struct answer a = ask(plan_for(N, H, DAY, WEEK, 0), y, 2, 2);
    for (size_t t = 0; t < H; t++) {
        double at = (double)(N + t);
        double want = 100 + 10 * sin(2 * M_PI * at / DAY) + ((N + t) % WEEK < 60 ? 30 : 0);
        ck_assert_double_eq_tol((double)a.point[t], want, 1);
        ck_assert_double_eq_tol((double)a.point[H + t], want - 200, 1);
        ck_assert(a.upper[2 * H + t] - a.lower[2 * H + t] < 6); /* level 0.99 */
        ck_assert(a.upper[2 * H + t] - a.lower[2 * H + t] > 0.3f);
    }
    forget(a);
}
END_TEST

/* STL as its authors wrote it (Cleveland et al. 1990), in doubles, each fit from its definition. */
static double loess_at(const double *y, size_t n, size_t width, int degree, double x)
{
    size_t q = LL_MIN(width, n), left = 0;
    if (width < n) {
        double from = x - (double)((width - 1) / 2);
        left = from < 0 ? 0 : (size_t)fmin(from, (double)(n - width));
    }
    double reach = fmax(x - (double)left, (double)(left + q - 1) - x), all = 0, w[2048];
    if (width > n)
        reach += (double)((width - n) / 2);
    for (size_t j = 0; j < q; j++) {
        double r = fabs((double)(left + j) - x) / reach;
        w[j] = r > 0.999 ? 0 : r <= 0.001 ? 1 : pow(1 - r * r * r, 3);
        all += w[j];
    }
    double mean_x = 0, mean_y = 0, sxx = 0, sxy = 0;
    for (size_t j = 0; j < q; j++) {
        w[j] /= all;
        mean_x += w[j] * (double)(left + j);
        mean_y += w[j] * y[left + j];
    }
    for (size_t j = 0; j < q; j++) {
        double d = (double)(left + j) - mean_x;
        sxx += w[j] * d * d;
        sxy += w[j] * d * y[left + j];
    }
    return degree && sqrt(sxx) > 0.001 * (double)(n - 1) ? mean_y + sxy / sxx * (x - mean_x)
                                                         : mean_y;
}

static void loess(const double *y, size_t n, size_t width, int degree, double *out)
{
    size_t jump = LL_MIN((width + 9) / 10, n > 1 ? n - 1 : 1), last = 0;
    for (size_t t = 0;; t = t + jump < n ? t + jump : n - 1) {
        out[t] = loess_at(y, n, width, degree, (double)t);
        for (size_t i = last + 1; i < t; i++)
            out[i] = out[last] + (out[t] - out[last]) * (double)(i - last) / (double)(t - last);
        last = t;
        if (t == n - 1)
            return;
    }
}

static void moving_mean(const double *x, size_t n, size_t m, double *out)
{
    for (size_t i = 0; i + m <= n; i++) {
        out[i] = 0;
        for (size_t k = 0; k < m; k++)
            out[i] += x[i + k] / (double)m;
    }
}

static size_t odd_from(double x)
{
    size_t k = (size_t)lround(x);
    return k + (k % 2 == 0);
}

static void stl(const double *y, size_t n, size_t m, size_t window, double *season)
{
    double trend[N] = {0}, rest[N], cycle[N + 2 * WEEK], a[N + 2 * WEEK], b[N + 2 * WEEK];
    for (int round = 0; round < 2; round++) {
        for (size_t t = 0; t < n; t++)
            rest[t] = y[t] - trend[t];
        for (size_t j = 0; j < m; j++) {
            double phase[N], smooth[N];
            size_t k = 0;
            for (size_t t = j; t < n; t += m)
                phase[k++] = rest[t];
            loess(phase, k, window, 0, smooth);
            cycle[j] = loess_at(phase, k, window, 0, -1);
            for (size_t i = 0; i < k; i++)
                cycle[j + (i + 1) * m] = smooth[i];
            cycle[j + (k + 1) * m] = loess_at(phase, k, window, 0, (double)k);
        }
        moving_mean(cycle, n + 2 * m, m, a);
        moving_mean(a, n + m + 1, m, b);
        moving_mean(b, n + 2, 3, a);
        loess(a, n, odd_from((double)m), 1, b);
        for (size_t t = 0; t < n; t++) {
            season[t] = cycle[m + t] - b[t];
            rest[t] = y[t] - season[t];
        }
        loess(rest, n, odd_from(ceil(1.5 * (double)m / (1 - 1.5 / (double)window))), 1, trend);
    }
}

START_TEST(mstl_equals_the_definition)
{
    enum { ROWS = 5 };
    float *y = made_up(ROWS, N), *got = malloc(3 * ROWS * N * sizeof(float));
    const struct ll_batch_plan *p = plan_for(N, H, DAY, WEEK, 0);
    void *scratch = malloc(ll_batch_scratch(p));
    float *const season[2] = {got, got + ROWS * N};
    ll_batch_decompose(p, y, ROWS, scratch, season, got + 2 * ROWS * N);
    for (size_t i = 0; i < ROWS; i++) {
        double left[N], s[2][N] = {{0}}, most = 0;
        for (size_t t = 0; t < N; t++)
            left[t] = (double)y[i * N + t];
        for (int round = 0; round < 2; round++)
            for (size_t k = 0; k < 2; k++) {
                for (size_t t = 0; t < N; t++)
                    left[t] += s[k][t];
                stl(left, N, k ? WEEK : DAY, 11 + 4 * k, s[k]);
                for (size_t t = 0; t < N; t++)
                    left[t] -= s[k][t];
            }
        for (size_t t = 0; t < N; t++)
            for (size_t k = 0; k < 3; k++) {
                double want = k < 2 ? s[k][t] : left[t];
                most = fmax(most, fabs((double)got[(k * ROWS + i) * N + t] - want));
            }
        ck_assert_double_lt(most, 1e-4); /* of values up to a hundred: single precision */
    }
    free(scratch);
    free(y);
    free(got);
}
END_TEST

START_TEST(logarithms_exponentials_and_ranks_are_right)
{
    for (int i = 0; i < 20000; i++) {
        ll_lanes x = {(float)exp(160 * (uniform() - 0.5)), 1, (float)uniform() + 1e-6f,
                      (float)(1 + 1e-4 * uniform())};
        ll_lanes l = ll_lanes_log(x), e = ll_lanes_exp(l);
        for (int k = 0; k < LL_LANES; k++) {
            ck_assert_double_eq_tol((double)l[k], log((double)x[k]),
                                    1e-7 + 1e-7 * fabs(log((double)x[k])));
            ck_assert_double_eq_tol((double)e[k] / exp((double)l[k]), 1, 3e-7);
        }
    }
    ll_lanes v[50], got;
    for (size_t i = 0; i < LL_LEN(v); i++)
        for (int k = 0; k < LL_LANES; k++)
            v[i][k] = (float)(floor(20 * uniform()) - 10);
    const ll_mask rank = {0, 10, 25, 49};
    ll_batch_select(v, LL_LEN(v), &rank, 32, &got);
    for (int k = 0; k < LL_LANES; k++) {
        int below = 0, upto = 0;
        for (size_t i = 0; i < LL_LEN(v); i++) {
            below += v[i][k] < got[k];
            upto += v[i][k] <= got[k];
        }
        ck_assert(below <= rank[k] && rank[k] < upto);
    }
}
END_TEST

START_TEST(a_shape_that_cannot_be_is_refused)
{
    const double bad = 1;
    const struct ll_batch_shape shapes[] = {{.n = 0, .h = 1},
                                            {.n = LL_BATCH_N_MAX + 1, .h = 1},
                                            {.n = 10, .h = 0},
                                            {.n = 10, .h = LL_BATCH_H_MAX + 1},
                                            {.n = 10, .h = 1, .lanes = 5},
                                            {.n = 10, .h = 1, .season = {7, 7}},
                                            {.n = 10, .h = 1, .season = {-1, 0}},
                                            {.n = 10, .h = 1, .levels = &bad, .n_levels = 1},
                                            {.n = 10, .h = 1, .levels = &bad, .n_levels = 9}};
    const struct ll_batch_plan *untouched = NULL;
    for (size_t i = 0; i < LL_LEN(shapes); i++) {
        struct ll_err err;
        ck_assert(!ll_batch_plan_make(&shapes[i], arena, &untouched, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    struct ll_arena *small = ll_arena_new(4096);
    const struct ll_batch_shape fine = {.n = 400, .h = 10, .season = {12, 84}};
    struct ll_err err;
    ck_assert(!ll_batch_plan_make(&fine, small, &untouched, &err));
    ck_assert_int_eq(err.code, LL_E_MEMORY);
    ck_assert_ptr_null(untouched);
    ll_arena_free(small);
}
END_TEST

static void before(void)
{
    state = 42;
    arena = ll_arena_new((size_t)1 << 28);
}

static void after(void)
{
    ll_arena_free(arena);
}

int main(void)
{
    Suite *s = suite_create("forecast_batch");
    TCase *c = tcase_create("batch");
    tcase_add_checked_fixture(c, before, after);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, every_width_and_every_split_gives_the_same_bits);
    tcase_add_test(c, what_is_wrong_with_one_series_does_not_reach_another);
    tcase_add_test(c, any_values_of_any_length_give_finite_forecasts);
    tcase_add_test(c, a_regular_series_is_told_closely_and_its_interval_is_narrow);
    tcase_add_test(c, mstl_equals_the_definition);
    tcase_add_test(c, logarithms_exponentials_and_ranks_are_right);
    tcase_add_test(c, a_shape_that_cannot_be_is_refused);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
