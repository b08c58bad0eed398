/* Rows of an import: what follows from means, maxima and minima of a window's steps. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "cmd/import_cells.h"
#include "cmd/import_pace.h"

#define T0 ((ll_time)1795478400000) /* a whole hour */

static struct ll_import_cells *cells;
static struct ll_rollup_row rows[64];
static size_t n_rows;

static void setup(void)
{
    cells = ll_import_cells_new(T0, T0 + 2 * LL_HOUR, 5 * LL_MINUTE);
    ck_assert_ptr_nonnull(cells);
    n_rows = 0;
}

static void teardown(void)
{
    ll_import_cells_free(cells);
}

static void add(enum ll_import_kind kind, int step, double value, double capacity)
{
    const struct ll_sample s = {
        .key = {LL_SLICE("db"), LL_SLICE("a"), LL_SLICE(""), LL_RESOURCE_CPU},
        .unit = LL_UNIT_CORES,
        .t = T0 + (step + 1) * 5 * LL_MINUTE,
        .value = value,
        .capacity = capacity,
        .primary = true};
    ck_assert(ll_import_cells_add(cells, kind, &s));
}

static bool keep(void *ctx, const struct ll_rollup_row *row)
{
    (void)ctx;
    ck_assert_uint_lt(n_rows, LL_LEN(rows));
    rows[n_rows++] = *row;
    return true;
}

START_TEST(import_cells_roll_an_hour_from_what_there_is)
{
    add(LL_IMPORT_MEAN, 0, 1, 4);
    add(LL_IMPORT_MAX, 0, 3, 4);
    add(LL_IMPORT_MIN, 0, 0.5, 4);
    add(LL_IMPORT_MEAN, 7, 2, NAN);
    add(LL_IMPORT_MIN, 7, 5, NAN); /* total less available, where that was least */
    ck_assert(ll_import_cells_rows(cells, keep, NULL));
    ck_assert_uint_eq(n_rows, 3);
    ck_assert_int_eq(rows[0].rollup.t, T0);
    ck_assert_int_eq(rows[0].step, 5 * LL_MINUTE);
    ck_assert_double_eq(rows[0].rollup.max, 3);
    ck_assert_double_eq(rows[0].rollup.p95, 3);
    ck_assert_double_eq(rows[0].rollup.capacity, 4);
    ck_assert_int_eq(rows[1].rollup.t, T0 + 35 * LL_MINUTE);
    ck_assert_double_eq(rows[1].rollup.max, 5);
    ck_assert(isnan(rows[1].rollup.capacity));
    ck_assert_int_eq(rows[2].step, LL_HOUR);
    ck_assert_int_eq(rows[2].rollup.t, T0);
    ck_assert_uint_eq(rows[2].rollup.count, 2);
    ck_assert_double_eq(rows[2].rollup.mean, 1.5);
    ck_assert_double_eq(rows[2].rollup.max, 5);
    ck_assert_double_eq(rows[2].rollup.p95, 2);
    ck_assert_double_eq(rows[2].rollup.capacity, 4);
    ck_assert(rows[2].primary && rows[2].unit == LL_UNIT_CORES);
}
END_TEST

START_TEST(import_cells_make_no_row_of_what_is_missing)
{
    add(LL_IMPORT_MAX, 3, 9, NAN); /* a maximum without a mean */
    add(LL_IMPORT_MEAN, 4, NAN, NAN);
    add(LL_IMPORT_MEAN, 5, -1, NAN);
    add(LL_IMPORT_MEAN, 5, INFINITY, NAN);
    add(LL_IMPORT_MEAN, -1, 1, NAN); /* the step before the window */
    add(LL_IMPORT_MEAN, 24, 1, NAN); /* and behind it */
    ck_assert(ll_import_cells_rows(cells, keep, NULL));
    ck_assert_uint_eq(n_rows, 0);
}
END_TEST

START_TEST(import_cells_never_round_a_mean_above_its_maximum)
{
    for (int i = 0; i < 24; i++)
        add(LL_IMPORT_MEAN, i, 0.1, 0.3);
    ck_assert(ll_import_cells_rows(cells, keep, NULL));
    ck_assert_uint_eq(n_rows, 26);
    for (size_t i = 0; i < n_rows; i++) {
        const struct ll_rollup *r = &rows[i].rollup;
        ck_assert(r->mean <= r->max && r->p95 <= r->max);
        ck_assert_double_eq_tol(r->mean, 0.1, 1e-15);
    }
}
END_TEST

START_TEST(import_pace_waits_longer_each_time_but_not_for_ever)
{
    ck_assert_int_eq(ll_import_pace_backoff(0, 0), LL_SECOND);
    ck_assert_int_eq(ll_import_pace_backoff(3, 0), 8 * LL_SECOND);
    ck_assert_int_eq(ll_import_pace_backoff(60, 0), LL_MINUTE);
    ck_assert_int_eq(ll_import_pace_backoff(0, 17 * LL_SECOND), 17 * LL_SECOND);
    ck_assert_int_eq(ll_import_pace_backoff(0, LL_DAY), 10 * LL_MINUTE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cmd_import");
    TCase *rolls = tcase_create("cells");
    tcase_add_checked_fixture(rolls, setup, teardown);
    tcase_add_test(rolls, import_cells_roll_an_hour_from_what_there_is);
    tcase_add_test(rolls, import_cells_make_no_row_of_what_is_missing);
    tcase_add_test(rolls, import_cells_never_round_a_mean_above_its_maximum);
    tcase_add_test(rolls, import_pace_waits_longer_each_time_but_not_for_ever);
    suite_add_tcase(suite, rolls);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
