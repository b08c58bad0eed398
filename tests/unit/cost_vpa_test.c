/* The Vertical Pod Autoscaler's recommender where its published vectors do not go: bad input. */
#include <math.h>

#include "cost/vpa.h"
#include "cost/vpa_checkpoint.h"
#include "cost/vpa_update.h"
#include "support.h"

static struct ll_vpa v, w;

static void start(void)
{
    const struct ll_vpa_opts o = ll_vpa_opts_default();
    ll_vpa_init(&v, &o, 0);
    ll_vpa_init(&w, &o, 0);
}

START_TEST(samples_that_are_none_are_refused)
{
    start();
    ck_assert(!ll_vpa_cpu(&v, 1000, NAN));
    ck_assert(!ll_vpa_cpu(&v, 1000, INFINITY));
    ck_assert(!ll_vpa_cpu(&v, 1000, -0.1));
    ck_assert(!ll_vpa_memory(&v, 1000, -1));
    ck_assert(ll_vpa_cpu(&v, 1000, 0.5));
    ck_assert(!ll_vpa_cpu(&v, 1000, 0.5)); /* not newer */
    ck_assert(!ll_vpa_cpu(&v, 999, 0.5));
    ck_assert_int_eq(v.samples, 1);
    ck_assert(!ll_vpa_histogram_add(&v.cpu, 1, -1, 2000));
    ck_assert(!ll_vpa_histogram_add(&v.cpu, 1, NAN, 2000));
    ck_assert(!ll_vpa_histogram_add(&v.cpu, 1, 1, LL_TIME_MAX + 1));
    ck_assert_double_gt(v.cpu.total, 0);
}
END_TEST

START_TEST(without_samples_the_minimum_is_recommended)
{
    start();
    struct ll_vpa_recommendation r;
    const struct ll_vpa_config c = ll_vpa_config_default();
    ll_vpa_recommend(&v, &c, 2, &r);
    ck_assert_int_eq(r.cpu.lower, 12);
    ck_assert_int_eq(r.cpu.target, 12);
    ck_assert_int_eq(r.cpu.upper, 12);
    ck_assert_int_eq(r.memory.target, 125 << 20);
}
END_TEST

START_TEST(amounts_are_cut_and_bounded)
{
    ck_assert_int_eq(ll_vpa_amount(NAN), 0);
    ck_assert_int_eq(ll_vpa_amount(-5), 0);
    ck_assert_int_eq(ll_vpa_amount(12.99), 12);
    ck_assert_int_eq(ll_vpa_amount(INFINITY), LL_VPA_AMOUNT_MAX);
    ck_assert_int_eq(ll_vpa_confident(100, 1, 1, 0), LL_VPA_AMOUNT_MAX);
    ck_assert_int_eq(ll_vpa_confident(100, 0.001, -2, 0), 0);
}
END_TEST

START_TEST(two_halves_make_the_whole)
{
    static struct ll_vpa whole;
    const struct ll_vpa_opts o = ll_vpa_opts_default();
    uint64_t seed = 3;
    start();
    ll_vpa_init(&whole, &o, 0);
    for (ll_time t = 1; t < 3000; t++) {
        const double x = (double)(ll_test_random(&seed) % 4000) / 1000;
        ck_assert(ll_vpa_cpu(t % 2 ? &v : &w, t * LL_MINUTE, x));
        ck_assert(ll_vpa_cpu(&whole, t * LL_MINUTE, x));
    }
    ck_assert(ll_vpa_merge(&v, &w, NULL));
    ck_assert_int_eq(v.samples, whole.samples);
    ck_assert_int_eq(v.first, whole.first);
    ck_assert_int_eq(v.last, whole.last);
    for (int q = 0; q <= 100; q++)
        ck_assert_double_eq(ll_vpa_histogram_percentile(&v.cpu, q / 100.0),
                            ll_vpa_histogram_percentile(&whole.cpu, q / 100.0));
}
END_TEST

START_TEST(what_differs_is_not_merged)
{
    struct ll_vpa_opts o = ll_vpa_opts_default();
    struct ll_err err;
    start();
    o.memory_half_life = 2 * LL_DAY;
    ll_vpa_init(&w, &o, 0);
    ck_assert(ll_vpa_cpu(&w, 1000, 1));
    ck_assert(!ll_vpa_merge(&v, &w, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert(ll_vpa_histogram_empty(&v.cpu));
    struct ll_vpa_histogram h;
    double weight[LL_VPA_BUCKETS];
    const struct ll_vpa_buckets memory = ll_vpa_histogram_memory();
    ll_vpa_histogram_init(&h, &memory, LL_DAY, weight);
    ck_assert(!ll_vpa_histogram_merge(&v.cpu, &h, &err));
}
END_TEST

START_TEST(a_damaged_checkpoint_changes_nothing)
{
    struct ll_vpa_checkpoint_bucket b[] = {{LL_VPA_BUCKETS, 1}};
    struct ll_vpa_checkpoint c = {.total = 1, .reference = 0, .buckets = b, .n = 1};
    struct ll_err err;
    start();
    ck_assert(ll_vpa_cpu(&v, 1000, 1));
    const double total = v.cpu.total;
    ck_assert(!ll_vpa_checkpoint_load(&v.cpu, &c, &err));
    b[0].bucket = 3;
    c.total = NAN;
    ck_assert(!ll_vpa_checkpoint_load(&v.cpu, &c, &err));
    c.total = 1;
    c.reference = LL_TIME_MAX + 1;
    ck_assert(!ll_vpa_checkpoint_load(&v.cpu, &c, &err));
    ck_assert_double_eq(v.cpu.total, total);
}
END_TEST

START_TEST(histograms_are_bounded)
{
    struct ll_vpa_buckets b;
    struct ll_err err;
    ck_assert(!ll_vpa_histogram_linear(1e9, 1, 1e-4, &b, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_vpa_histogram_linear(NAN, 1, 1e-4, &b, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert(!ll_vpa_histogram_exponential(1000, 0.01, 1, 1e-4, &b, &err));
    ck_assert(!ll_vpa_histogram_exponential(1000, 0.01, 1 + 1e-12, 1e-4, &b, &err));
    b = ll_vpa_histogram_cpu();
    ck_assert_uint_eq(ll_vpa_histogram_bucket(&b, INFINITY), b.n - 1);
    ck_assert_uint_eq(ll_vpa_histogram_bucket(&b, -INFINITY), 0);
}
END_TEST

/* A century later the old samples weigh nothing, and nothing overflows. */
START_TEST(a_long_silence_forgets_all)
{
    start();
    ck_assert(ll_vpa_cpu(&v, 0, 8));
    ck_assert(ll_vpa_cpu(&v, 100 * 366 * LL_DAY, 0.5));
    ck_assert(isfinite(v.cpu.total));
    ck_assert_double_lt(ll_vpa_histogram_percentile(&v.cpu, 1), 0.6);
    ck_assert(!ll_vpa_expired(&v, 100 * 366 * LL_DAY + 7 * LL_DAY));
    ck_assert(ll_vpa_expired(&v, 100 * 366 * LL_DAY + 8 * LL_DAY));
}
END_TEST

/* What has not yet the least weight that counts decays with the rest. */
START_TEST(what_is_below_epsilon_decays_too)
{
    start();
    const ll_time later = 200 * LL_DAY;
    ck_assert(ll_vpa_histogram_add(&v.cpu, 8, 5e-5, 0));
    ck_assert(ll_vpa_histogram_empty(&v.cpu));
    ck_assert(ll_vpa_histogram_add(&v.cpu, 0.5, 0.1, later));
    ck_assert(ll_vpa_histogram_add(&v.cpu, 8, 6e-5, later));
    ck_assert_double_lt(ll_vpa_histogram_percentile(&v.cpu, 1), 0.6);
}
END_TEST

START_TEST(pods_are_updated_when_due)
{
    const struct ll_vpa_update small = {.difference = 0.09}, large = {.difference = 0.1},
                               outside = {.outside = true, .difference = 0.01}, none = {0};
    const struct ll_vpa_update_pod young = {.age = LL_HOUR, .oom_after = -1},
                                   old = {.age = 12 * LL_HOUR, .oom_after = -1},
                                   quick = {.age = LL_HOUR, .oom_after = 9 * LL_MINUTE};
    ck_assert(!ll_vpa_update_due(&large, &young));
    ck_assert(ll_vpa_update_due(&large, &old));
    ck_assert(!ll_vpa_update_due(&small, &old));
    ck_assert(ll_vpa_update_due(&outside, &young));
    ck_assert(ll_vpa_update_due(&small, &quick));
    ck_assert(!ll_vpa_update_due(&none, &quick));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {samples_that_are_none_are_refused,
                                  without_samples_the_minimum_is_recommended,
                                  amounts_are_cut_and_bounded,
                                  two_halves_make_the_whole,
                                  what_differs_is_not_merged,
                                  a_damaged_checkpoint_changes_nothing,
                                  histograms_are_bounded,
                                  a_long_silence_forgets_all,
                                  what_is_below_epsilon_decays_too,
                                  pods_are_updated_when_due};
    return ll_test_run("cost_vpa", tests, LL_LEN(tests));
}
