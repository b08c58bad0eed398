/* Transforms against the definition written out, and autocorrelation against its own. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/acf.h"
#include "stats/fft.h"

static uint64_t state = 7;

static double random_unit(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 0x1p53;
}

static void fill(double *x, size_t n)
{
    for (size_t t = 0; t < n; t++)
        x[t] = random_unit() - 0.4;
}

/* The largest difference to the sum over all t; the angle is reduced before it is scaled. */
static double worst_of_definition(const double *x, size_t n, const double *re, const double *im)
{
    double worst = 0;
    for (size_t k = 0; k < LL_FFT_BINS(n); k++) {
        long double r = 0, i = 0;
        for (size_t t = 0; t < n; t++) {
            long double angle = 2 * acosl(-1) * (long double)(k * t % n) / (long double)n;
            r += x[t] * cosl(angle);
            i -= x[t] * sinl(angle);
        }
        worst = fmax(worst, fmax(fabs((double)(re[k] - r)), fabs((double)(im[k] - i))));
    }
    return worst;
}

static const size_t lengths[] = {1,  2,  3,   4,   5,   6,   7,   8,   15,  16,   17,
                                 31, 32, 100, 128, 168, 251, 256, 512, 720, 1008, 1024};

START_TEST(every_length_equals_the_definition)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 24);
    double x[1024], re[513], im[513];
    for (size_t i = 0; i < LL_LEN(lengths); i++) {
        size_t n = lengths[i];
        struct ll_fft *f = ll_fft_new(n, a);
        ck_assert_ptr_nonnull(f);
        fill(x, n);
        ll_fft_forward(f, x, re, im);
        ck_assert_msg(worst_of_definition(x, n, re, im) < 1e-12 * sqrt((double)n), "n = %zu", n);
    }
}
END_TEST

START_TEST(there_and_back_is_the_same)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 24);
    double x[1024], back[1024], re[513], im[513];
    for (size_t i = 0; i < LL_LEN(lengths); i++) {
        size_t n = lengths[i];
        struct ll_fft *f = ll_fft_new(n, a);
        ck_assert_ptr_nonnull(f);
        fill(x, n);
        for (int round = 0; round < 2; round++) { /* a plan serves more than once */
            ll_fft_forward(f, x, re, im);
            ll_fft_inverse(f, re, im, back);
            for (size_t t = 0; t < n; t++)
                ck_assert_double_eq_tol(back[t], x[t], 1e-13);
        }
    }
}
END_TEST

START_TEST(autocorrelation_equals_the_sums_over_pairs)
{
    static const size_t sizes[] = {1, 2, 3, 50, 128, 333};
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 24);
    double x[333], r[333];
    for (size_t i = 0; i < LL_LEN(sizes); i++) {
        size_t n = sizes[i];
        struct ll_acf *c = ll_acf_new(n, a);
        ck_assert_ptr_nonnull(c);
        fill(x, n);
        ll_acf_run(c, x, r);
        double mean = 0, power = 0;
        for (size_t t = 0; t < n; t++)
            mean += x[t] / (double)n;
        for (size_t t = 0; t < n; t++)
            power += (x[t] - mean) * (x[t] - mean) / (double)n;
        ck_assert_double_eq(r[0], 1);
        for (size_t k = 1; k < n; k++) {
            double sum = 0;
            for (size_t t = 0; t + k < n; t++)
                sum += (x[t] - mean) * (x[t + k] - mean) / (double)(n - k);
            ck_assert_double_eq_tol(r[k], sum / power, 1e-11);
        }
    }
}
END_TEST

START_TEST(a_constant_has_no_autocorrelation)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    struct ll_acf *c = ll_acf_new(100, a);
    double x[100], r[100];
    ck_assert_ptr_nonnull(c);
    for (size_t t = 0; t < 100; t++)
        x[t] = 0.1;
    ll_acf_run(c, x, r);
    ck_assert_double_eq(r[0], 1);
    for (size_t k = 1; k < 100; k++)
        ck_assert_double_eq(r[k], 0);
}
END_TEST

START_TEST(without_memory_there_is_no_plan)
{
    for (size_t cap = 0; cap < 12000; cap += 16) {
        LL_AUTO(ll_arena) a = ll_arena_new(cap);
        if (ll_acf_new(50, a))
            return;
        ck_assert_ptr_null(ll_fft_new(300, a));
    }
    ck_abort_msg("no plan within 12 kB");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stats/fft");
    TCase *c = tcase_create("fft");
    tcase_add_test(c, every_length_equals_the_definition);
    tcase_add_test(c, there_and_back_is_the_same);
    tcase_add_test(c, autocorrelation_equals_the_sums_over_pairs);
    tcase_add_test(c, a_constant_has_no_autocorrelation);
    tcase_add_test(c, without_memory_there_is_no_plan);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
