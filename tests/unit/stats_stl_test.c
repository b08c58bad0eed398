/* Decompositions against R's (tests/vectors/stl), and what must hold of any. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "stats/loess.h"
#include "stats/stl.h"

enum { ROWS = 1000, COLUMNS = 5 };

struct vector {
    double v[COLUMNS][ROWS]; /* y, trend, seasons */
    size_t n, columns;
};

static size_t fields(char *line, double *out)
{
    size_t n = 0;
    for (char *p = line, *end; n < COLUMNS && *p; p = *end ? end + 1 : end) {
        end = p + strcspn(p, ",\n");
        ck_assert(ll_num_parse((struct ll_slice){p, (size_t)(end - p)}, &out[n++]));
    }
    return n;
}

static void load(const char *name, struct vector *v)
{
    char path[512], line[512];
    snprintf(path, sizeof(path), "%s/%s.csv", LL_TEST_VECTORS, name);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s", path);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
    v->n = 0;
    while (v->n < ROWS && fgets(line, sizeof(line), f)) {
        double row[COLUMNS];
        v->columns = fields(line, row);
        for (size_t c = 0; c < v->columns; c++)
            v->v[c][v->n] = row[c];
        v->n++;
    }
    fclose(f);
}

static void same(const struct vector *v, size_t column, const double *got, double tolerance,
                 const char *name)
{
    double scale = 0;
    for (size_t i = 0; i < v->n; i++)
        scale = fmax(scale, fabs(v->v[0][i]));
    for (size_t i = 0; i < v->n; i++)
        ck_assert_msg(fabs(got[i] - v->v[column][i]) <= tolerance * scale,
                      "%s: column %zu, row %zu: %.10g, not %.10g", name, column, i, got[i],
                      v->v[column][i]);
}

static const struct {
    const char *name;
    int period, window;
    bool robust;
} stls[] = {
    {"stl-24-11", 24, 11, false},
    {"stl-24-10", 24, 10, false},
    {"stl-7-periodic", 7, LL_STL_PERIODIC, false},
    {"stl-7-11-robust", 7, 11, true},
    {"stl-7-periodic-robust", 7, LL_STL_PERIODIC, true},
    {"stl-2-7", 2, 7, false},
};

START_TEST(stl_equals_that_of_r)
{
    static struct vector v;
    double season[ROWS], trend[ROWS];
    for (size_t i = 0; i < LL_LEN(stls); i++) {
        LL_AUTO(ll_arena) a = ll_arena_new(1 << 24);
        struct ll_stl *s;
        load(stls[i].name, &v);
        ck_assert(ll_stl_new(v.n, stls[i].period, stls[i].window, a, &s, NULL));
        for (int round = 0; round < 2; round++) { /* nothing is left of the first */
            ll_stl_run(s, v.v[0], stls[i].robust, season, trend);
            same(&v, 1, trend, stls[i].robust ? 1e-4 : 1e-7, stls[i].name);
            same(&v, 2, season, stls[i].robust ? 1e-4 : 1e-7, stls[i].name);
        }
    }
}
END_TEST

static const struct {
    const char *name;
    int periods[3];
    size_t n;
} mstls[] = {
    {"mstl-24", {24}, 1},
    {"mstl-24-168", {24, 168}, 2},
    {"mstl-7-21-90", {7, 21, 90}, 3},
};

START_TEST(mstl_equals_that_of_r)
{
    static struct vector v;
    static double seasons[3 * ROWS], trend[ROWS];
    for (size_t i = 0; i < LL_LEN(mstls); i++) {
        LL_AUTO(ll_arena) a = ll_arena_new(1 << 24);
        struct ll_mstl *m;
        load(mstls[i].name, &v);
        ck_assert_uint_eq(v.columns, 2 + mstls[i].n);
        ck_assert(ll_mstl_new(v.n, mstls[i].periods, mstls[i].n, a, &m, NULL));
        ll_mstl_run(m, v.v[0], seasons, trend);
        same(&v, 1, trend, 1e-7, mstls[i].name);
        for (size_t k = 0; k < mstls[i].n; k++)
            same(&v, 2 + k, seasons + k * v.n, 1e-7, mstls[i].name);
    }
}
END_TEST

START_TEST(periods_without_two_cycles_are_refused)
{
    static const struct {
        size_t n;
        int period;
    } bad[] = {{48, 24}, {0, 2}, {3, 2}, {100, 1}, {100, 0}, {100, -3}, {100, 51}};
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_stl *s = NULL;
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert(!ll_stl_new(bad[i].n, bad[i].period, 11, a, &s, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    ck_assert_ptr_null(s);
    ck_assert(ll_stl_new(49, 24, 11, a, &s, &err));
}
END_TEST

START_TEST(odd_series_stay_finite)
{
    double y[60], season[60], trend[60];
    static const double heights[] = {0, 7, 1e149, -1e149, 1e-300};
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_stl *s;
    ck_assert(ll_stl_new(60, 7, 11, a, &s, NULL));
    for (size_t i = 0; i < 2 * LL_LEN(heights); i++) {
        for (size_t t = 0; t < 60; t++) /* constants, and one spike */
            y[t] = i % 2 ? heights[i / 2] : t == 30 ? heights[i / 2] : 0;
        for (int robust = 0; robust < 2; robust++) {
            ll_stl_run(s, y, robust, season, trend);
            for (size_t t = 0; t < 60; t++)
                ck_assert(isfinite(season[t]) && isfinite(trend[t]));
        }
    }
}
END_TEST

START_TEST(loess_leaves_lines_alone)
{
    double x[83], out[83];
    for (size_t t = 0; t < LL_LEN(x); t++)
        x[t] = 5 - 0.25 * (double)t;
    for (size_t n = 1; n <= LL_LEN(x); n += 9)
        for (size_t window = 3; window < 200; window += 14)
            for (size_t jump = 1; jump < 90; jump += 11) {
                LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
                struct ll_loess l;
                ck_assert(ll_loess_init(&l, n, window, 1, jump, a));
                ll_loess_run(&l, x, NULL, 1, 1, out);
                for (size_t t = 0; t < n; t++)
                    ck_assert_double_eq_tol(out[t], x[t], 1e-10);
            }
}
END_TEST

START_TEST(without_memory_there_is_no_plan)
{
    static const int periods[] = {7, 21};
    for (size_t cap = 0; cap < 1 << 20; cap += 509) {
        LL_AUTO(ll_arena) a = ll_arena_new(cap);
        struct ll_mstl *m;
        struct ll_err err;
        if (ll_mstl_new(100, periods, 2, a, &m, &err))
            return;
        ck_assert_int_eq(err.code, LL_E_MEMORY);
    }
    ck_abort_msg("no plan within 1 MB");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stats/stl");
    TCase *c = tcase_create("stl");
    tcase_add_test(c, stl_equals_that_of_r);
    tcase_add_test(c, mstl_equals_that_of_r);
    tcase_add_test(c, periods_without_two_cycles_are_refused);
    tcase_add_test(c, odd_series_stay_finite);
    tcase_add_test(c, loess_leaves_lines_alone);
    tcase_add_test(c, without_memory_there_is_no_plan);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
