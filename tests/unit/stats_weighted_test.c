/* Weighted percentiles against sorting and adding up. */
#include <math.h>
#include <string.h>

#include "stats/weighted.h"
#include "support.h"

enum { MANY = 3000 };

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct ll_weighted *)a)->x, y = ((const struct ll_weighted *)b)->x;
    return (x > y) - (x < y);
}

/* The definition, word for word. */
static double sorted(const struct ll_weighted *v, size_t n, double q)
{
    static struct ll_weighted s[MANY];
    double total = 0, sum = 0;
    memcpy(s, v, n * sizeof(*v));
    qsort(s, n, sizeof(*s), by_value);
    for (size_t i = 0; i < n; i++)
        total += s[i].w;
    for (size_t i = 0; i < n; i++) {
        sum += s[i].w;
        if (s[i].w > 0 && sum >= q * total - 1e-12 * total)
            return s[i].x;
    }
    return NAN;
}

static double uniform(uint64_t *seed)
{
    return (double)(ll_test_random(seed) >> 11) / 9007199254740992.0;
}

/* Ties, weights of 0, outliers that leave all others in one cell, values beyond any cell. */
static double value(uint64_t *seed, int shape)
{
    const double u = uniform(seed);
    switch (shape) {
    case 0:
        return u;
    case 1:
        return floor(u * 5);
    case 2:
        return u < 0.01 ? 1e12 : u * 1e-3;
    case 3:
        return exp(200 * (u - 0.5));
    default:
        return u < 0.5 ? -1.7e308 * u : 1.7e308 * u;
    }
}

START_TEST(equals_sorting)
{
    static struct ll_weighted v[MANY], copy[MANY];
    static const double qs[] = {0, 0.001, 0.5, 0.9, 0.95, 0.99, 1};
    uint64_t seed = 11;
    for (int round = 0; round < 1500; round++) {
        const size_t n = 1 + (size_t)(uniform(&seed) * (round % 7 == 0 ? MANY - 1 : 60));
        for (size_t i = 0; i < n; i++) {
            v[i].x = value(&seed, round % 5);
            /* Powers of two: their sums have no order. */
            v[i].w = round % 3 == 0 ? 1 : ldexp(1, (int)(uniform(&seed) * 8)) - 1;
        }
        for (size_t k = 0; k < LL_LEN(qs); k++) {
            memcpy(copy, v, sizeof(copy));
            const double want = sorted(v, n, qs[k]), got = ll_weighted_percentile(copy, n, qs[k]);
            ck_assert_msg(got == want || (isnan(got) && isnan(want)),
                          "round %d, n %zu, q %g: %g, expected %g", round, n, qs[k], got, want);
        }
    }
}
END_TEST

START_TEST(is_a_value_that_was_there)
{
    struct ll_weighted v[] = {{1, 1}, {2, 1}, {3, 1}, {4, 1}};
    ck_assert_double_eq(ll_weighted_percentile(v, 4, 0.5), 2);
    ck_assert_double_eq(ll_weighted_percentile(v, 4, 0.51), 3);
    ck_assert_double_eq(ll_weighted_percentile(v, 4, 1), 4);
    ck_assert_double_eq(ll_weighted_percentile(v, 4, 0), 1);
}
END_TEST

/* 0.1 + 0.2 + 0.3 > 0.6 in binary: half of the weight is reached all the same. */
START_TEST(roundings_of_weights_do_not_shift_it)
{
    struct ll_weighted v[] = {{1, 0.1}, {2, 0.2}, {3, 0.3}};
    ck_assert_double_eq(ll_weighted_percentile(v, 3, 0.5), 2);
}
END_TEST

START_TEST(nothing_that_weighs_is_no_number)
{
    struct ll_weighted v[] = {{1, 0}, {2, 0}};
    ck_assert(isnan(ll_weighted_percentile(v, 2, 0.5)));
    ck_assert(isnan(ll_weighted_percentile(v, 0, 0.5)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {equals_sorting, is_a_value_that_was_there,
                                  roundings_of_weights_do_not_shift_it,
                                  nothing_that_weighs_is_no_number};
    return ll_test_run("stats_weighted", tests, LL_LEN(tests));
}
