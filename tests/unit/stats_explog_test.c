/* exp and log against those of the C library, which are right within a unit of the last place. */
#include <math.h>
#include <stdlib.h>

#include "stats/explog.h"
#include "support.h"

static double unit(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53;
}

START_TEST(logarithms_equal_those_of_the_library)
{
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        double u = unit(&seed), x = i % 3 == 0   ? ldexp(0.5 + u, (int)(u * 2000) - 1000)
                                    : i % 3 == 1 ? 0.5 + u
                                                 : 1 + 1e-6 * (u - 0.5);
        ck_assert_double_eq_tol(ll_explog_log(x), log(x), 4e-16 * fabs(log(x)));
    }
    ck_assert_double_eq(ll_explog_log(1), 0);
    ck_assert(ll_explog_log(0) == -INFINITY && ll_explog_log(INFINITY) == INFINITY);
    ck_assert(isnan(ll_explog_log(-1)) && isnan(ll_explog_log(NAN)));
    ck_assert_double_eq_tol(ll_explog_log(5e-324), -744.4400719213812, 1e-12);
}
END_TEST

START_TEST(powers_of_e_equal_those_of_the_library)
{
    uint64_t seed = 2;
    for (int i = 0; i < 200000; i++) {
        double x = (i % 2 ? 1400 : 2) * (unit(&seed) - 0.5);
        ck_assert_double_eq_tol(ll_explog_exp(x), exp(x), 5e-16 * exp(x));
    }
    ck_assert_double_eq(ll_explog_exp(0), 1);
    ck_assert_double_eq(ll_explog_exp(-800), 0);
    ck_assert_double_eq(ll_explog_exp(-INFINITY), 0);
    ck_assert_double_gt(ll_explog_exp(-745), 0); /* subnormal */
    ck_assert(ll_explog_exp(710) == INFINITY && isfinite(ll_explog_exp(709.7)) &&
              isnan(ll_explog_exp(NAN)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {logarithms_equal_those_of_the_library,
                                  powers_of_e_equal_those_of_the_library};
    return ll_test_run("stats_explog", tests, LL_LEN(tests));
}
