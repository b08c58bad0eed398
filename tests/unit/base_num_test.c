#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "support.h"

START_TEST(numbers_are_read)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"1", 1},
        {"-1.5", -1.5},
        {"+3", 3},
        {".5", 0.5},
        {"5.", 5},
        {"007", 7},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e-3", 0.0015},
        {"0.1", 0.1},
        {"1e308", 1e308},
        {"1e-400", 0},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"9007199254740993", 9007199254740992.0}, /* to even */
        {"1.7976931348623157e308", DBL_MAX},
        {"0.100000000000000005551115123125782702118158340454101562500000", 0.1},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        double v = 42;
        ck_assert_msg(ll_num_parse(ll_slice_of(cases[i].text), &v), "%s", cases[i].text);
        ck_assert_msg(v == cases[i].value, "%s gave %.17g", cases[i].text, v);
    }
}
END_TEST

START_TEST(other_numbers_are_refused)
{
    static const char *const cases[] = {
        "",
        " 1",
        "1 ",
        "1,5",
        "0x10",
        "1p3",
        "inf",
        "-inf",
        "Infinity",
        "nan",
        "NaN",
        "1e",
        "1e+",
        "e5",
        ".",
        "-",
        "+",
        "--1",
        "1-2",
        "1.2.3",
        "1e5.5",
        "1e999",
        "-1e999",
        "1_000",
        "1f",
        "\xd9\xa1",
        "1.79769313486231590e308",
        "0.100000000000000005551115123125782702118158340454101562500000000", /* 64 bytes */
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        double v = 42;
        ck_assert_msg(!ll_num_parse(ll_slice_of(cases[i]), &v), "%s", cases[i]);
        ck_assert_double_eq(v, 42);
    }
    double v = 42;
    ck_assert(!ll_num_parse((struct ll_slice){0}, &v));
    ck_assert(!ll_num_parse(LL_SLICE("1\0"), &v));
    ck_assert(!ll_num_parse(LL_SLICE("1\0002"), &v));
    ck_assert(ll_num_parse((struct ll_slice){"123", 2}, &v)); /* no byte behind the slice */
    ck_assert_double_eq(v, 12);
}
END_TEST

START_TEST(integers_are_read_to_their_limits)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"42", 42},
        {"-42", -42},
        {"00000000000000000012", 12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        "1.0",
        "1e3",
        " 1",
        "1 ",
        "0x1",
        "1-",
        "--1",
        "/",
        ":",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "000000000000000000001",
    };
    for (size_t i = 0; i < LL_LEN(good); i++) {
        int64_t v = 1;
        ck_assert_msg(ll_num_parse_int(ll_slice_of(good[i].text), &v), "%s", good[i].text);
        ck_assert_int_eq(v, good[i].value);
    }
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        int64_t v = 1;
        ck_assert_msg(!ll_num_parse_int(ll_slice_of(bad[i]), &v), "%s", bad[i]);
        ck_assert_int_eq(v, 1);
    }
    int64_t v;
    ck_assert(!ll_num_parse_int((struct ll_slice){0}, &v));
}
END_TEST

START_TEST(sizes_are_exact)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } good[] = {
        {"0", 0},
        {"4096", 4096},
        {"4096B", 4096},
        {"512MiB", 536870912},
        {"1.5GiB", 1610612736},
        {"10GB", 10000000000},
        {"1KiB", 1024},
        {"2TiB", 2199023255552},
        {"3kB", 3000},
        {"3KB", 3000},
        {"7MB", 7000000},
        {"1TB", 1000000000000},
        {".5KiB", 512},
        {"1.001kB", 1001}, /* 1000.9999... was cut to 1000 */
        {"4.35GB", 4350000000},
        {"9007199254740993", 9007199254740993}, /* 2^53 + 1 */
        {"9007199254740993B", 9007199254740993},
        {"4611686018427387903", 4611686018427387903}, /* 2^62 - 1 */
        {"4194303TiB", 4194303 * ((int64_t)1 << 40)},
    };
    for (size_t i = 0; i < LL_LEN(good); i++) {
        int64_t v = -1;
        ck_assert_msg(ll_num_parse_size(ll_slice_of(good[i].text), &v, NULL), "%s", good[i].text);
        ck_assert_msg(v == good[i].bytes, "%s gave %lld", good[i].text, (long long)v);
    }
}
END_TEST

START_TEST(other_sizes_are_refused_by_name)
{
    static const char *const bad[] = {
        "",
        "MiB",
        "-1",
        "+1",
        "1.5",
        "1.5B",
        "0.5",
        "1..5MiB",
        ".MiB",
        "1e3",
        "10 GB",
        "10gb",
        "10Mi",
        "10MIB",
        "10M",
        "1PiB",
        "1k",
        "1KiBB",
        "1B5",
        "1\xc2\xb5",
        "4611686018427387904",
        "4194304TiB",
        "99999999999999999999TiB",
        "5000000.5TiB",
        "8388608.5TiB",
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        int64_t v = -1;
        struct ll_err err = {0};
        ck_assert_msg(!ll_num_parse_size(ll_slice_of(bad[i]), &v, &err), "%s", bad[i]);
        ck_assert_int_eq(v, -1);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
    }
    int64_t v;
    ck_assert(!ll_num_parse_size((struct ll_slice){0}, &v, NULL));
}
END_TEST

static void check_round_trip(double v)
{
    char text[LL_NUM_TEXT_MAX];
    double back = 0;
    size_t n = ll_num_format(v, text);
    bool same = n == strlen(text) && ll_num_parse((struct ll_slice){text, n}, &back) &&
                memcmp(&back, &v, sizeof(v)) == 0;
    if (!same) /* an assertion for each would be slow */
        ck_abort_msg("%a became %s", v, text);
}

START_TEST(doubles_come_back_bit_for_bit)
{
    uint64_t seed = 11;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = ll_test_random(&seed);
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (isfinite(v))
            check_round_trip(v);
        check_round_trip((double)(int64_t)bits / 1000); /* what measurements look like */
        check_round_trip((double)(bits % 2000000) / 1000);
    }
    static const double edges[] = {0,          -0.0,      1,    DBL_MAX, -DBL_MAX,
                                   DBL_MIN,    0x1p-1074, 0.1,  1e15,    999999999999999,
                                   1e15 + 0.5, 1e22,      1e23, 0x1p53,  0x1p63};
    for (size_t i = 0; i < LL_LEN(edges); i++)
        check_round_trip(edges[i]);
}
END_TEST

START_TEST(doubles_print_short)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "1"},
        {-12, "-12"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e21, "1e+21"},
        {270553174016, "270553174016"},
        {21.5, "21.5"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char text[LL_NUM_TEXT_MAX];
        ck_assert_uint_eq(ll_num_format(cases[i].v, text), strlen(cases[i].text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

/* glibc has no locale with a comma unless one was generated; the test builds its own when
 * localedef can, and always checks that the thread's locale is left as it was. */
START_TEST(numbers_do_not_follow_the_locale)
{
    char dir[] = "/tmp/loadline-locale-XXXXXX", command[200], text[LL_NUM_TEXT_MAX];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(command, sizeof(command), "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>&1 >%s/log",
             dir, dir);
    bool built = system(command) == 0;
    setenv("LOCPATH", dir, 1);
    if (built)
        ck_assert_ptr_nonnull(setlocale(LC_ALL, "de_DE.UTF-8"));
    locale_t mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double v = 0;

    ll_num_format(1234.5, text);
    ck_assert_str_eq(text, "1234.5");
    ll_num_format(0.1 + 0.2, text);
    ck_assert_str_eq(text, "0.30000000000000004");
    ck_assert(ll_num_parse(LL_SLICE("2.5"), &v));
    ck_assert_double_eq(v, 2.5);
    ck_assert(!ll_num_parse(LL_SLICE("2,5"), &v));
    ck_assert(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    uselocale(mine);
    ll_num_format(1234.5, text);
    ck_assert(uselocale(LC_GLOBAL_LOCALE) == mine);

    setlocale(LC_ALL, "C");
    snprintf(command, sizeof(command), "rm -r %s", dir);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        numbers_are_read,    other_numbers_are_refused,        integers_are_read_to_their_limits,
        sizes_are_exact,     other_sizes_are_refused_by_name,  doubles_come_back_bit_for_bit,
        doubles_print_short, numbers_do_not_follow_the_locale,
    };
    return ll_test_run("base_num", tests, LL_LEN(tests));
}
