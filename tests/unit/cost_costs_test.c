/* calculate_costs: rates and periods, prices that change, what is not known, and conservation. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "cost/costs.h"

enum { HOURS = 48, BYTES = 4 << 20, TRIALS = 3000, SERVICES = 6, USAGES = 20 };

#define T0 ((ll_time)1767225600000) /* 2026-01-01T00:00:00Z */
#define VCPU 0.031611
#define GIB 1073741824.0

static struct ll_prices *prices;
static struct ll_arena *arena;
static double allocated[HOURS], used[HOURS];

static void setup(void)
{
    struct ll_err err;
    prices = ll_prices_new();
    arena = ll_arena_new(BYTES);
    ck_assert(prices && arena && ll_prices_add_defaults(prices, &err));
    for (size_t i = 0; i < HOURS; i++) {
        allocated[i] = 4;
        used[i] = 1;
    }
}

static void teardown(void)
{
    ll_prices_free(prices);
    ll_arena_free(arena);
}

static const struct ll_cost_service one = {.name = {"a", 1}};

static struct ll_cost_usage usage(enum ll_resource_type type)
{
    return (struct ll_cost_usage){
        .type = type, .t0 = T0, .n = HOURS, .allocated = allocated, .used = used};
}

static struct ll_costs_in input(const struct ll_cost_usage *u, ll_time from, ll_time to)
{
    return (struct ll_costs_in){.from = from,
                                .to = to,
                                .services = &one,
                                .n_services = 1,
                                .usages = u,
                                .n_usages = 1,
                                .prices = prices,
                                .kind = LL_PRICE_BEST};
}

static struct ll_costs costs_of(const struct ll_costs_in *in)
{
    struct ll_err err;
    struct ll_costs c;
    ck_assert_msg(ll_costs_calculate(in, arena, &c, &err), "%s", err.text);
    return c;
}

START_TEST(a_rate_is_by_the_month_and_a_period_by_its_hours)
{
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    const struct ll_costs_in in = input(&u, T0, T0 + 2 * LL_DAY);
    const struct ll_costs c = costs_of(&in);
    const struct ll_resource_cost *r = &c.resources[0];
    ck_assert_double_eq_tol(r->hourly_cost, 4 * VCPU, 1e-12);
    ck_assert_double_eq_tol(r->monthly_cost, 4 * VCPU * 730, 1e-9);
    ck_assert_double_eq_tol(r->period_cost, 4 * VCPU * 48, 1e-9);
    ck_assert_double_eq_tol(r->used_cost, VCPU * 48, 1e-9);
    ck_assert_double_eq_tol(r->idle_cost, 3 * VCPU * 48, 1e-9);
    ck_assert_double_eq_tol(r->utilization_pct, 25, 1e-9);
    ck_assert_double_eq_tol(c.total, 4 * VCPU * 48, 1e-9);
    ck_assert_double_eq_tol(c.services[0].own + c.idle, c.total, 1e-9);
    ck_assert(r->priced && r->kind == LL_COST_LIST && c.unpriced == 0);
}
END_TEST

START_TEST(hours_are_clipped_to_the_period)
{
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    const struct ll_costs_in in = input(&u, T0 + LL_HOUR / 2, T0 + 3 * LL_HOUR);
    ck_assert_double_eq_tol(costs_of(&in).total, 4 * VCPU * 2.5, 1e-12);
}
END_TEST

START_TEST(a_price_changes_within_the_period)
{
    struct ll_err err;
    struct ll_price p = LL_PRICE_NONE;
    p.scope = LL_PRICE_RESOURCE;
    p.type = LL_RESOURCE_CPU;
    p.unit[LL_COST_CONTRACTED] = 1;
    p.from = T0 + LL_DAY;
    p.as_of = T0;
    p.currency = LL_SLICE("USD");
    ck_assert(ll_prices_add(prices, &p, &err));
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    const struct ll_costs_in in = input(&u, T0, T0 + 2 * LL_DAY);
    const struct ll_costs c = costs_of(&in);
    ck_assert_double_eq_tol(c.total, 4 * VCPU * 24 + 4 * 24, 1e-9);
    ck_assert_double_eq(c.resources[0].hourly_cost, 4);
    ck_assert_int_eq(c.resources[0].kind, LL_COST_CONTRACTED);
}
END_TEST

START_TEST(what_is_not_known_is_counted_and_not_guessed)
{
    used[3] = allocated[3] = NAN;
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    const struct ll_costs_in in = input(&u, T0, T0 + 4 * LL_DAY); /* half in the future */
    const struct ll_costs c = costs_of(&in);
    ck_assert_double_eq_tol(c.total, 4 * VCPU * 47, 1e-9);
    ck_assert_double_eq(c.resources[0].hours, 47);
    ck_assert_double_eq(c.resources[0].unknown_hours, 1);
    ck_assert_uint_eq(c.unknown, 1);
}
END_TEST

START_TEST(what_has_no_price_is_null)
{
    const struct ll_cost_usage u = usage(LL_RESOURCE_API_CALLS);
    const struct ll_costs_in in = input(&u, T0, T0 + LL_DAY);
    const struct ll_costs c = costs_of(&in);
    ck_assert(isnan(c.resources[0].hourly_cost) && isnan(c.resources[0].period_cost));
    ck_assert(!c.resources[0].priced);
    ck_assert_uint_eq(c.unpriced, 1);
    ck_assert_double_eq(c.total, 0);
}
END_TEST

START_TEST(traffic_is_billed_by_use_and_has_no_idle)
{
    for (size_t i = 0; i < HOURS; i++)
        used[i] = GIB / 3600; /* bytes a second: a GiB an hour */
    const struct ll_cost_usage u = usage(LL_RESOURCE_NETWORK);
    const struct ll_costs_in in = input(&u, T0, T0 + LL_DAY);
    const struct ll_costs c = costs_of(&in);
    ck_assert_double_eq_tol(c.total, 0.01 * 24, 1e-9);
    ck_assert_double_eq(c.idle, 0);
}
END_TEST

START_TEST(without_a_capacity_the_use_is_billed)
{
    struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    u.allocated = NULL;
    const struct ll_costs_in in = input(&u, T0, T0 + LL_DAY);
    const struct ll_costs c = costs_of(&in);
    ck_assert_double_eq_tol(c.total, VCPU * 24, 1e-9);
    ck_assert(isnan(c.resources[0].utilization_pct));
}
END_TEST

START_TEST(old_prices_are_told)
{
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    const struct ll_costs_in in = input(&u, T0, T0 + LL_DAY); /* the defaults are of 2024 */
    ck_assert_uint_eq(costs_of(&in).stale, 1);
}
END_TEST

START_TEST(what_means_nothing_is_refused)
{
    struct ll_err err;
    struct ll_costs c;
    struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    struct ll_costs_in in = input(&u, T0, T0);
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    in = input(&u, T0, T0 + LL_DAY);
    in.overhead = INFINITY;
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    in.overhead = 0;
    u.service = 1;
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    u.service = 0;
    allocated[5] = -1;
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    allocated[5] = INFINITY;
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    allocated[5] = 1e308;
    allocated[6] = 1e308;
    in.overhead = 1e308;
    ck_assert(!ll_costs_calculate(&in, arena, &c, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
}
END_TEST

static uint64_t state = 3;

static double random_below(double n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53 * n;
}

START_TEST(the_parts_are_the_bill_under_every_option)
{
    static double a[USAGES][HOURS], b[USAGES][HOURS];
    static const enum ll_resource_type types[] = {LL_RESOURCE_CPU, LL_RESOURCE_MEMORY,
                                                  LL_RESOURCE_DISK, LL_RESOURCE_NETWORK,
                                                  LL_RESOURCE_QUEUE_DEPTH};
    for (int t = 0; t < TRIALS; t++) {
        struct ll_cost_service services[SERVICES];
        struct ll_cost_usage usages[USAGES];
        ll_arena_reset(arena);
        for (size_t s = 0; s < SERVICES; s++)
            services[s] = (struct ll_cost_service){.name = LL_SLICE("s"),
                                                   .shared = random_below(1) < 0.2,
                                                   .dropped = random_below(1) < 0.3,
                                                   .metric = floor(random_below(3))};
        for (size_t i = 0; i < USAGES; i++) {
            for (size_t h = 0; h < HOURS; h++) {
                a[i][h] = random_below(1) < 0.1 ? (double)NAN : random_below(1e11);
                b[i][h] = random_below(1) < 0.1 ? (double)NAN : random_below(1e11);
            }
            usages[i] = (struct ll_cost_usage){.service = (size_t)random_below(SERVICES),
                                               .type = types[(size_t)random_below(5)],
                                               .t0 = T0,
                                               .n = (size_t)random_below(HOURS),
                                               .allocated = random_below(1) < 0.1 ? NULL : a[i],
                                               .used = b[i]};
        }
        struct ll_costs_in in = {.from = T0 + (ll_time)random_below(LL_DAY),
                                 .to = T0 + LL_DAY + (ll_time)random_below(LL_DAY),
                                 .services = services,
                                 .n_services = SERVICES,
                                 .usages = usages,
                                 .n_usages = (size_t)random_below(USAGES + 1),
                                 .prices = prices,
                                 .kind = LL_PRICE_BEST,
                                 .overhead = random_below(5),
                                 .idle = (enum ll_allocate_split)random_below(3),
                                 .share = (enum ll_allocate_split)random_below(4)};
        const struct ll_costs c = costs_of(&in);
        double parts = c.idle + c.overcommit + c.shared + c.filtered, bill = c.overhead;
        for (size_t s = 0; s < SERVICES; s++)
            parts += c.services[s].total;
        for (size_t i = 0; i < in.n_usages; i++)
            bill += c.resources[i].priced ? c.resources[i].period_cost : 0;
        double by_resource = c.overhead;
        for (size_t k = 0; k < LL_RESOURCE_COUNT; k++)
            by_resource += c.by_resource[k];
        ck_assert_msg(fabs(parts - bill) <= 1e-9 * (1 + bill), "trial %d: %.17g, bill %.17g", t,
                      parts, bill);
        ck_assert(fabs(c.total - bill) <= 1e-9 * (1 + bill));
        ck_assert(fabs(by_resource - bill) <= 1e-9 * (1 + bill));
    }
}
END_TEST

START_TEST(a_higher_price_never_costs_less)
{
    const struct ll_cost_usage u = usage(LL_RESOURCE_CPU);
    double before = 0;
    for (double unit = 0.5; unit < 4; unit += 0.5) {
        struct ll_err err;
        struct ll_price p = LL_PRICE_NONE;
        LL_AUTO(ll_prices) book = ll_prices_new();
        p.scope = LL_PRICE_SERVICE;
        p.name = LL_SLICE("a");
        p.type = LL_RESOURCE_CPU;
        p.unit[LL_COST_EFFECTIVE] = unit;
        p.currency = LL_SLICE("USD");
        ck_assert(ll_prices_add(book, &p, &err));
        struct ll_costs_in in = input(&u, T0, T0 + LL_DAY);
        in.prices = book;
        const double total = costs_of(&in).total;
        ck_assert(total > before);
        before = total;
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cost_costs");
    TCase *t = tcase_create("costs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 0);
    tcase_add_test(t, a_rate_is_by_the_month_and_a_period_by_its_hours);
    tcase_add_test(t, hours_are_clipped_to_the_period);
    tcase_add_test(t, a_price_changes_within_the_period);
    tcase_add_test(t, what_is_not_known_is_counted_and_not_guessed);
    tcase_add_test(t, what_has_no_price_is_null);
    tcase_add_test(t, traffic_is_billed_by_use_and_has_no_idle);
    tcase_add_test(t, without_a_capacity_the_use_is_billed);
    tcase_add_test(t, old_prices_are_told);
    tcase_add_test(t, what_means_nothing_is_refused);
    tcase_add_test(t, the_parts_are_the_bill_under_every_option);
    tcase_add_test(t, a_higher_price_never_costs_less);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
