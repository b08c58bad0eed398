/* The maximum of the steps ahead: its parts by hand, and that its bounds hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/peak.h"
#include "stats/normal.h"
#include "support.h"

enum { H = 24, DAYS = 30, N = DAYS * H, ORIGINS = 6, RUNS = 400 };

/* A history of days, and a portfolio that said `said` of each hour of the last six and of the next.
 */
struct made {
    double y[N], error[ORIGINS * H], at_origin[ORIGINS * H], point[H], scale[H], factor[H];
    struct ll_portfolio p;
    struct ll_interval iv;
    struct ll_peak_ask ask;
};

static double noise(uint64_t *seed)
{
    return ll_normal_quantile(((double)(ll_test_random(seed) >> 11) + 0.5) / 0x1p53);
}

/* Each day rises to its peak at noon. */
static double of_day(double peak, size_t hour)
{
    return peak * (0.5 + 0.5 * sin(M_PI * (double)hour / H));
}

static void make(struct made *m, const double peak[DAYS], double said)
{
    memset(m, 0, sizeof(*m));
    m->p = (struct ll_portfolio){.point = m->point,
                                 .error = m->error,
                                 .at_origin = m->at_origin,
                                 .n_origins = ORIGINS,
                                 .h = H,
                                 .reach = H};
    for (size_t t = 0; t < N; t++)
        m->y[t] = of_day(peak[t / H], t % H);
    for (size_t i = 0; i < H; i++) {
        m->point[i] = of_day(said, i);
        m->factor[i] = 1;
    }
    for (size_t k = 0; k < ORIGINS; k++) {
        m->p.origin[k] = N - (ORIGINS - k) * H;
        for (size_t i = 0; i < H; i++) {
            m->at_origin[k * H + i] = of_day(said, i);
            m->error[k * H + i] = m->y[m->p.origin[k] + i] - m->at_origin[k * H + i];
        }
    }
    m->iv.scale = m->scale;
    m->ask = (struct ll_peak_ask){.portfolio = &m->p,
                                  .interval = &m->iv,
                                  .actual = m->y,
                                  .n = N,
                                  .m1 = H,
                                  .factor = m->factor,
                                  .floor = 0};
}

static struct ll_peak_ahead fit(const struct made *m)
{
    struct ll_peak_ahead p;
    ll_peak_fit(&m->ask, &p);
    return p;
}

static void steady(double peak[DAYS], double each)
{
    for (size_t d = 0; d < DAYS; d++)
        peak[d] = each;
}

START_TEST(what_always_came_is_certain)
{
    static struct made m;
    double peak[DAYS];
    steady(peak, 100);
    make(&m, peak, 100);
    struct ll_peak_ahead p = fit(&m);
    ck_assert_uint_eq(p.at, H / 2);
    for (size_t l = 0; l < LL_LEVELS; l++)
        ck_assert_double_eq_tol(ll_peak_quantile(&p, ll_levels[l], 1), 100, 1e-9);
    ck_assert_double_lt(ll_peak_exceeds(&p, 100.1, 1), 1e-6);
    ck_assert_double_gt(ll_peak_exceeds(&p, 99.9, 1), 1 - 1e-6);
}
END_TEST

/* The largest point is half of what came on every day: earlier days tell better. */
START_TEST(earlier_windows_correct_a_point_that_is_too_low)
{
    static struct made m;
    double peak[DAYS];
    steady(peak, 100);
    make(&m, peak, 50);
    struct ll_peak_ahead p = fit(&m);
    ck_assert_double_eq_tol(ll_peak_quantile(&p, 0.5, 1), 100, 1);
}
END_TEST

/* Days of the week differ, the point does not know: only the way that looks a week back is right.
 */
START_TEST(the_weekday_is_known)
{
    static struct made m;
    double peak[DAYS];
    for (size_t d = 0; d < DAYS; d++)
        peak[d] = d % 7 == 6 || d % 7 == DAYS % 7 ? 300 : 100; /* so will be the day ahead */
    make(&m, peak, 100);
    m.ask.m2 = 7 * H;
    struct ll_peak_ahead p = fit(&m);
    ck_assert_double_eq_tol(ll_peak_quantile(&p, 0.5, 1), 300, 15);
    m.ask.m2 = 0;
    p = fit(&m);
    ck_assert_double_lt(ll_peak_quantile(&p, 0.5, 1), 200);
}
END_TEST

static void make_varied(struct made *m, uint64_t *seed, double sd)
{
    double peak[DAYS];
    for (size_t d = 0; d < DAYS; d++)
        peak[d] = 100 * exp(sd * noise(seed));
    make(m, peak, 100);
    for (size_t i = 0; i < H; i++)
        m->scale[i] = 100 * sd * 0.8;
}

START_TEST(probabilities_and_bounds_say_the_same)
{
    static struct made m;
    uint64_t seed = 1;
    make_varied(&m, &seed, 0.3);
    struct ll_peak_ahead p = fit(&m);
    for (double widen = 0.5; widen < 3; widen *= 2) {
        double last = 0, median = ll_peak_quantile(&p, 0.5, widen);
        for (double level = 0.005; level < 0.999; level += 0.007) {
            double q = ll_peak_quantile(&p, level, widen);
            ck_assert_double_ge(q, last);
            last = q;
            if (q > 0)
                ck_assert_double_eq_tol(ll_peak_exceeds(&p, q, widen), 1 - level, 1e-9);
        }
        ck_assert_double_eq_tol(median, ll_peak_quantile(&p, 0.5, 1), 1e-9);
        ck_assert_double_eq_tol(ll_peak_quantile(&p, 0.95, widen) - median,
                                widen * (ll_peak_quantile(&p, 0.95, 1) - median), 1e-9);
    }
    ck_assert_double_gt(ll_peak_exceeds(&p, 1e9, 1), 0);
    ck_assert_double_lt(ll_peak_exceeds(&p, 1e9, 1), 1e-3);
    ck_assert(isnan(ll_peak_exceeds(&p, NAN, 1)));
}
END_TEST

START_TEST(a_days_factor_is_in_the_bounds_and_the_probability)
{
    static struct made m;
    uint64_t seed = 2;
    make_varied(&m, &seed, 0.2);
    struct ll_peak_ahead plain = fit(&m);
    for (size_t i = 0; i < H; i++)
        m.factor[i] = 1.8;
    struct ll_peak_ahead busy = fit(&m);
    for (size_t l = 0; l < LL_LEVELS; l++)
        ck_assert_double_eq_tol(ll_peak_quantile(&busy, ll_levels[l], 1),
                                1.8 * ll_peak_quantile(&plain, ll_levels[l], 1), 1e-9);
    for (double x = 50; x < 300; x += 10)
        ck_assert_double_eq_tol(ll_peak_exceeds(&busy, 1.8 * x, 1.3),
                                ll_peak_exceeds(&plain, x, 1.3), 1e-12);
    ck_assert_double_gt(ll_peak_exceeds(&busy, 150, 1), 3 * ll_peak_exceeds(&plain, 150, 1));
}
END_TEST

START_TEST(a_factor_can_move_the_peak_to_another_step)
{
    static struct made m;
    double peak[DAYS];
    steady(peak, 100);
    make(&m, peak, 100);
    m.factor[20] = 3;
    ck_assert_uint_eq(fit(&m).at, 20);
    for (size_t i = 0; i < H; i++) /* half a day, of which only the first hours are asked for */
        m.factor[i] = i < 6 ? 1 : (double)NAN;
    struct ll_peak_ahead p = fit(&m);
    ck_assert_uint_eq(p.at, 5);
    ck_assert_double_eq_tol(ll_peak_quantile(&p, 0.95, 1), of_day(100, 5), 1e-9);
    for (size_t i = 0; i < H; i++)
        m.factor[i] = NAN;
    p = fit(&m);
    ck_assert(isnan(ll_peak_quantile(&p, 0.95, 1)) && isnan(ll_peak_exceeds(&p, 1, 1)));
}
END_TEST

/* Peaks that differ from day to day, twenty thousand days of them. */
START_TEST(bounds_hold_about_as_often_as_they_say)
{
    static struct made m;
    uint64_t seed = 3;
    for (int kind = 0; kind < 3; kind++) {
        const double sd = kind == 0 ? 0.05 : kind == 1 ? 0.3 : 1;
        double under[LL_LEVELS] = {0}, stated = 0, came = 0;
        for (int run = 0; run < RUNS; run++) {
            make_varied(&m, &seed, sd);
            struct ll_peak_ahead p = fit(&m);
            for (int i = 0; i < 50; i++) {
                double top = 100 * exp(sd * noise(&seed)), capacity = 100 * exp(0.03 * i * sd);
                for (size_t l = 0; l < LL_LEVELS; l++)
                    under[l] += top <= ll_peak_quantile(&p, ll_levels[l], 1);
                stated += ll_peak_exceeds(&p, capacity, 1);
                came += top > capacity;
            }
        }
        const double n = RUNS * 50;
        ck_assert_double_eq_tol(under[0] / n, 0.5, 0.06);
        ck_assert_msg(under[3] / n > 0.93 && under[3] / n < 0.999, "%g: %g", sd, under[3] / n);
        ck_assert_double_gt(under[4] / n, 0.99);
        ck_assert_double_eq_tol(stated / n, came / n, 0.07);
    }
}
END_TEST

START_TEST(fewer_and_overlapping_origins_are_wider)
{
    static struct made m;
    double peak[DAYS];
    steady(peak, 100);
    make(&m, peak, 100);
    for (size_t i = 0; i < H; i++)
        m.scale[i] = 10;
    double six = fit(&m).spread, few = 1 + 2.3 / 64; /* freedom of six origins and two before */
    m.p.n_origins = 2;
    ck_assert_double_eq_tol(fit(&m).spread / six, sqrt(8. / 4) * (1 + 2.3 / 16) / few, 1e-9);
    m.p.n_origins = 0;
    ck_assert_double_eq_tol(fit(&m).spread / six, sqrt(8. / 2) * (1 + 2.3 / 4) / few, 1e-9);
    m.p.n_origins = ORIGINS; /* origins an hour apart: 24 steps of them go together */
    for (size_t k = 0; k < ORIGINS; k++)
        m.p.origin[k] = N - H - (ORIGINS - 1 - k);
    double freedom = 2 + 6. / 24;
    ck_assert_double_eq_tol(fit(&m).spread / six,
                            sqrt(8 / freedom) * (1 + 2.3 / (freedom * freedom)) / few, 1e-9);
}
END_TEST

/* One of the days before stood out ten thousandfold: not a bound of millions. */
START_TEST(bursts_do_not_state_what_never_was)
{
    static struct made m;
    double peak[DAYS];
    for (size_t d = 0; d < DAYS; d++)
        peak[d] = d % 3 ? 80 : 1e6;
    make(&m, peak, 80);
    for (size_t i = 0; i < H; i++)
        m.scale[i] = 1e5;
    struct ll_peak_ahead p = fit(&m);
    double q = ll_peak_quantile(&p, 0.95, 1);
    ck_assert_msg(q > 1e6 && q <= 3e6 * (1 + 1e-9), "%g", q);
    ck_assert_double_eq_tol(ll_peak_exceeds(&p, q, 1), 0.05, 1e-9);
}
END_TEST

START_TEST(a_unit_changes_nothing)
{
    static struct made m, large;
    uint64_t seed = 5, again = 5;
    make_varied(&m, &seed, 0.3);
    make_varied(&large, &again, 0.3);
    for (size_t t = 0; t < N; t++)
        large.y[t] *= 0x1p40;
    for (size_t i = 0; i < H; i++) {
        large.point[i] *= 0x1p40;
        large.scale[i] *= 0x1p40;
    }
    for (size_t i = 0; i < ORIGINS * H; i++) {
        large.error[i] *= 0x1p40;
        large.at_origin[i] *= 0x1p40;
    }
    struct ll_peak_ahead a = fit(&m), b = fit(&large);
    for (size_t l = 0; l < LL_LEVELS; l++) {
        double q = ll_peak_quantile(&a, ll_levels[l], 1) * 0x1p40;
        ck_assert_double_eq_tol(ll_peak_quantile(&b, ll_levels[l], 1) / q, 1, 1e-12);
    }
}
END_TEST

START_TEST(what_is_below_zero_and_what_is_unknown_is_answered)
{
    static struct made m;
    double peak[DAYS];
    for (size_t d = 0; d < DAYS; d++)
        peak[d] = d % 2 ? -20 : -10;
    make(&m, peak, -15);
    m.ask.floor = -INFINITY;
    struct ll_peak_ahead p = fit(&m);
    double median = ll_peak_quantile(&p, 0.5, 1);
    ck_assert(median > -12 && median < -4);
    ck_assert_double_gt(ll_peak_quantile(&p, 0.95, 1), median);
    for (size_t t = 0; t < N; t++)
        m.y[t] = NAN;
    for (size_t i = 0; i < ORIGINS * H; i++)
        m.error[i] = NAN;
    for (size_t i = 0; i < H; i++)
        m.scale[i] = 15;
    p = fit(&m);
    ck_assert(isfinite(ll_peak_quantile(&p, 0.5, 1)));
    ck_assert_double_gt(ll_peak_quantile(&p, 0.95, 1), 0); /* little is known */
    m.p.n_origins = 0;
    m.ask.n = 3; /* not even a window */
    p = fit(&m);
    ck_assert(isfinite(ll_peak_quantile(&p, 0.99, 1)));
}
END_TEST

START_TEST(the_least_and_the_largest_are_finite)
{
    static struct made m;
    double peak[DAYS];
    for (int kind = 0; kind < 3; kind++) {
        for (size_t d = 0; d < DAYS; d++)
            peak[d] = kind == 0 ? 0 : kind == 1 ? (d % 3 ? 1e-150 : 1e150) : 1e150;
        make(&m, peak, kind == 1 ? 1e-150 : peak[0]);
        for (size_t i = 0; i < H; i++)
            m.scale[i] = kind ? 1e149 : 0;
        struct ll_peak_ahead p = fit(&m);
        for (size_t l = 0; l < LL_LEVELS; l++)
            ck_assert_msg(isfinite(ll_peak_quantile(&p, ll_levels[l], 10)), "kind %d", kind);
        double over = ll_peak_exceeds(&p, 1e150, 1);
        ck_assert_msg(over >= 0 && over <= 1, "kind %d", kind);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_always_came_is_certain,
        earlier_windows_correct_a_point_that_is_too_low,
        the_weekday_is_known,
        probabilities_and_bounds_say_the_same,
        a_days_factor_is_in_the_bounds_and_the_probability,
        a_factor_can_move_the_peak_to_another_step,
        bounds_hold_about_as_often_as_they_say,
        fewer_and_overlapping_origins_are_wider,
        bursts_do_not_state_what_never_was,
        a_unit_changes_nothing,
        what_is_below_zero_and_what_is_unknown_is_answered,
        the_least_and_the_largest_are_finite,
    };
    return ll_test_run("forecast_peak", tests, LL_LEN(tests));
}
