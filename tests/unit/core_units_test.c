#include <float.h>
#include <math.h>
#include <string.h>

#include "core/units.h"
#include "support.h"

START_TEST(values_have_three_digits_and_a_unit)
{
    static const struct {
        enum ll_unit unit;
        double v;
        const char *want;
    } cases[] = {
        {LL_UNIT_CORES, 0.42, "0.42 cores"},
        {LL_UNIT_CORES, 16, "16.0 cores"},
        {LL_UNIT_CORES, 12345, "12345 cores"},
        {LL_UNIT_CORES, 0, "0 cores"},
        {LL_UNIT_BYTES, 0, "0 B"},
        {LL_UNIT_BYTES, 1023, "1023 B"},
        {LL_UNIT_BYTES, 1024, "1.00 KiB"},
        {LL_UNIT_BYTES, 18.2 * 0x1p30, "18.2 GiB"},
        {LL_UNIT_BYTES, 1024 * 1023.9, "1.00 MiB"}, /* never "1024 KiB" */
        {LL_UNIT_BYTES, 0x1p70, "1048576 PiB"},
        {LL_UNIT_BYTES, -2048, "-2.00 KiB"},
        {LL_UNIT_BYTES_PER_SECOND, 125e6, "125 MB/s"},
        {LL_UNIT_BYTES_PER_SECOND, 1e3, "1.00 kB/s"},
        {LL_UNIT_CALLS_PER_SECOND, 1234, "1.23 k/s"},
        {LL_UNIT_CALLS_PER_SECOND, 999.4, "999 /s"},
        {LL_UNIT_CALLS_PER_SECOND, 999.9, "1.00 k/s"},
        {LL_UNIT_CALLS_PER_SECOND, 999999, "1.00 M/s"},
        {LL_UNIT_OPERATIONS_PER_SECOND, 9.996, "10.0 /s"},
        {LL_UNIT_OPERATIONS_PER_SECOND, 99.96, "100 /s"},
        {LL_UNIT_ITEMS, 5, "5"},
        {LL_UNIT_CONNECTIONS, 2500, "2.50 k"},
        {LL_UNIT_FILES, 1e6, "1.00 Mfiles"},
        {LL_UNIT_RATIO, 0.412, "41.2 %"},
        {LL_UNIT_RATIO, 1, "100 %"},
        {LL_UNIT_SECONDS, 1.5, "1.50 s"},
        {LL_UNIT_BYTES, NAN, "-"},
        {LL_UNIT_BYTES, INFINITY, "-"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char text[LL_UNIT_TEXT_MAX];
        ck_assert_str_eq(ll_unit_format(cases[i].unit, cases[i].v, text), cases[i].want);
    }
}
END_TEST

START_TEST(value_and_capacity_share_a_scale)
{
    char text[2 * LL_UNIT_TEXT_MAX];
    ck_assert_str_eq(ll_unit_format_of(LL_UNIT_BYTES, 13.2 * 0x1p30, 0x1p34, text),
                     "13.2 of 16.0 GiB");
    ck_assert_str_eq(ll_unit_format_of(LL_UNIT_BYTES, 0x1p20, 0x1p34, text),
                     "1.00 MiB of 16.0 GiB");
    ck_assert_str_eq(ll_unit_format_of(LL_UNIT_CORES, 0.42, 2, text), "0.42 of 2.00 cores");
    ck_assert_str_eq(ll_unit_format_of(LL_UNIT_CORES, 0.42, NAN, text), "0.42 cores");
    ck_assert_str_eq(ll_unit_format_of(LL_UNIT_CORES, NAN, 2, text), "-");
}
END_TEST

START_TEST(absurd_values_stay_in_the_buffer)
{
    for (int u = 0; u < LL_UNIT_COUNT; u++) {
        char text[2 * LL_UNIT_TEXT_MAX];
        ck_assert_uint_lt(strlen(ll_unit_format((enum ll_unit)u, DBL_MAX, text)), LL_UNIT_TEXT_MAX);
        ll_unit_format_of((enum ll_unit)u, -DBL_MAX, DBL_MAX, text);
        ck_assert_uint_lt(strlen(text), sizeof(text));
    }
}
END_TEST

static void format_of_nothing(void)
{
    char text[LL_UNIT_TEXT_MAX];
    (void)ll_unit_format(LL_UNIT_COUNT, 1, text);
}

START_TEST(units_out_of_range_are_bugs)
{
    ck_assert(ll_test_aborts(format_of_nothing));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        values_have_three_digits_and_a_unit,
        value_and_capacity_share_a_scale,
        absurd_values_stay_in_the_buffer,
        units_out_of_range_are_bugs,
    };
    return ll_test_run("core_units", tests, LL_LEN(tests));
}
