/* When a resource is too small: dates, what to add, and what is refused. */
#include <math.h>

#include "core/cost.h"
#include "plan/plan.h"
#include "stats/random.h"
#include "support.h"

enum { N = 600, AHEAD = 740 };
static double peak[N];
static uint8_t kind[N + AHEAD];
static struct ll_plan plan;
static struct ll_err err;
static struct ll_arena *arena;

/* 1000 growing by 2 % a month, a third of it on closed days, of 2000; 2026-01-31 is today. */
static struct ll_plan_ask growing(double growth)
{
    uint64_t seed = 21;
    const ll_day first = ll_day_of(2026, 1, 31) - N + 1;
    for (size_t i = 0; i < N + AHEAD; i++)
        kind[i] = ll_day_weekday(first + (ll_day)i) >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN;
    for (size_t i = 0; i < N; i++)
        peak[i] = 1000 * (kind[i] == LL_COST_DAY_CLOSED ? 0.33 : 1) *
                  exp(growth * ((double)i - N) / 30.44 + 0.02 * ll_random_normal(&seed));
    struct ll_plan_ask ask = {.first = first,
                              .peak = peak,
                              .kind = kind,
                              .n = N,
                              .ahead = AHEAD,
                              .months = 24,
                              .capacity = 1200,
                              .critical = 0.85,
                              .ceiling = NAN,
                              .unit = 100,
                              .ever = NAN,
                              .seed = 1};
    for (size_t l = 0; l < LL_PLAN_LIMITS; l++)
        ask.near_s[l] = NAN;
    return ask;
}

static bool make(const struct ll_plan_ask *ask)
{
    ll_arena_free(arena);
    arena = ll_arena_new(8 << 20);
    return ll_plan_make(ask, arena, &plan, &err);
}

START_TEST(growth_reaches_capacity_when_it_should)
{
    struct ll_plan_ask ask = growing(0.02);
    ck_assert(make(&ask));
    /* The line reaches 1200 in ln 1.2 / 2 % = 9.1 months; the highest of noisy days before it. */
    const struct ll_plan_date *d = &plan.date[LL_PLAN_CAPACITY];
    const int months = 30, from = ll_day_of(2026, 1, 31);
    ck_assert_msg(d->p50 > from + 6 * months && d->p50 < from + 10 * months, "p50 %d days",
                  (int)(d->p50 - from));
    ck_assert(d->p90 <= d->p50);
    ck_assert(plan.date[LL_PLAN_CRITICAL].p50 < d->p50);
    ck_assert_double_eq_tol(plan.slope_pct, 2, 0.3);
    ck_assert_double_eq(d->reached, 1);
    ck_assert_int_eq(plan.date[LL_PLAN_CEILING].p90, LL_DAY_NONE); /* not known */
    ck_assert_int_eq(plan.date[LL_PLAN_MULTIPLE].p90, LL_DAY_NONE);
    ck_assert(!plan.low_confidence);
}
END_TEST

START_TEST(what_does_not_grow_has_no_date)
{
    const struct ll_plan_ask ask = growing(0);
    ck_assert(make(&ask));
    ck_assert_int_eq(plan.date[LL_PLAN_CAPACITY].p50, LL_DAY_NONE);
    ck_assert_int_eq(plan.date[LL_PLAN_CAPACITY].order50, LL_DAY_NONE);
    ck_assert(!plan.date[LL_PLAN_CAPACITY].late);
}
END_TEST

START_TEST(months_grow_and_units_are_whole)
{
    const struct ll_plan_ask ask = growing(0.02);
    ck_assert(make(&ask));
    ck_assert_uint_eq(plan.n, 24);
    ck_assert_int_eq(plan.month[0].until, ll_day_of(2026, 2, 28));
    ck_assert_int_eq(plan.month[23].until, ll_day_of(2028, 1, 31));
    for (unsigned k = 0; k < 24; k++) {
        const struct ll_plan_month *m = &plan.month[k];
        ck_assert(m->p50 <= m->p90 && m->add50 <= m->add90);
        ck_assert_double_eq(m->add90, floor(m->add90));
        ck_assert(m->need90 <= 1200 + m->add90 * 100 + 1e-6);
        ck_assert(m->add90 == 0 || m->need90 > 1200 + (m->add90 - 1) * 100);
        ck_assert(k == 0 || m->p90 >= plan.month[k - 1].p90);
        ck_assert_int_eq(m->bound, LL_PLAN_BY_DEMAND);
    }
}
END_TEST

START_TEST(orders_go_out_by_the_lead_time)
{
    struct ll_plan_ask ask = growing(0.02);
    ask.lead = 120 * LL_DAY + 1;
    ck_assert(make(&ask));
    const struct ll_plan_date *d = &plan.date[LL_PLAN_CAPACITY];
    ck_assert_int_eq(d->order90, d->p90 - 121);
    ck_assert_int_eq(d->order50, d->p50 - 121);
    ck_assert(!d->late);
    ask.lead = 400 * LL_DAY;
    ck_assert(make(&ask));
    ck_assert(plan.date[LL_PLAN_CAPACITY].late);
    ask.lead = 5 * LL_MINUTE; /* a pod: the day before */
    ck_assert(make(&ask));
    ck_assert_int_eq(plan.date[LL_PLAN_CAPACITY].order90, plan.date[LL_PLAN_CAPACITY].p90 - 1);
}
END_TEST

START_TEST(a_launch_brings_the_date_forward_and_new_racks_put_it_off)
{
    struct ll_plan_ask ask = growing(0.02);
    const ll_day launch = ll_day_of(2026, 4, 1);
    ck_assert(make(&ask));
    const ll_day was = plan.date[LL_PLAN_CAPACITY].p50;
    const struct ll_plan_change up = {launch, false, 1.3, 0, 1};
    ask.changes = &up;
    ask.n_changes = 1;
    ck_assert(make(&ask));
    ck_assert(plan.date[LL_PLAN_CAPACITY].p50 >= launch);
    ck_assert(plan.date[LL_PLAN_CAPACITY].p50 < launch + 7);
    const struct ll_plan_change racks = {launch, true, 1, 300, 1};
    ask.changes = &racks;
    ck_assert(make(&ask));
    ck_assert(plan.date[LL_PLAN_CAPACITY].p50 > was + 90);
    const struct ll_plan_change past = {ll_day_of(2026, 1, 31), false, 5, 0, 1};
    ask.changes = &past; /* in the history already */
    ck_assert(make(&ask));
    ck_assert_int_eq(plan.date[LL_PLAN_CAPACITY].p50, was);
}
END_TEST

START_TEST(what_may_come_moves_the_careful_date_only)
{
    struct ll_plan_ask ask = growing(0);
    const struct ll_plan_change maybe = {ll_day_of(2026, 4, 1), false, 1.5, 0, 0.3};
    ask.changes = &maybe;
    ask.n_changes = 1;
    ck_assert(make(&ask));
    const struct ll_plan_date *d = &plan.date[LL_PLAN_CAPACITY];
    ck_assert(d->p90 >= maybe.day && d->p90 < maybe.day + 4);
    ck_assert_int_eq(d->p50, LL_DAY_NONE);
    ck_assert_double_eq_tol(d->reached, 0.3, 0.05);
}
END_TEST

START_TEST(sites_and_multiples_are_floors)
{
    struct ll_plan_ask ask = growing(0);
    ask.sites = 2; /* one carries 600 of 1000 */
    ck_assert(make(&ask));
    ck_assert_double_eq(plan.usable, 600);
    ck_assert(plan.date[LL_PLAN_CAPACITY].p50 <= ll_day_of(2026, 2, 3));
    ck_assert_int_eq(plan.month[5].bound, LL_PLAN_BY_SITES);
    ck_assert_double_eq_tol(plan.month[5].need50, plan.month[5].p50 / 0.85 * 2, 1e-6);
    ask.sites = 1;
    ask.multiple = 2;
    ask.ever = 3000;
    ck_assert(make(&ask));
    ck_assert_int_eq(plan.month[0].bound, LL_PLAN_BY_MULTIPLE);
    ck_assert_double_eq(plan.month[0].need90, 6000);
    ck_assert_double_eq(plan.month[0].add90, 48);
    ck_assert_int_eq(plan.date[LL_PLAN_MULTIPLE].p50, ll_day_of(2026, 2, 1));
    ck_assert_int_eq(plan.date[LL_PLAN_CAPACITY].p50, LL_DAY_NONE);
}
END_TEST

START_TEST(what_the_monitor_sees_goes_first)
{
    struct ll_plan_ask ask = growing(0.02);
    ask.near_s[LL_PLAN_CAPACITY] = 3.5 * 86400;
    ask.lead = 10 * LL_DAY;
    ck_assert(make(&ask));
    const struct ll_plan_date *d = &plan.date[LL_PLAN_CAPACITY];
    ck_assert(d->near && d->late);
    ck_assert_int_eq(d->soonest, ll_day_of(2026, 2, 3));
    ck_assert(d->p90 > d->soonest);
    ck_assert(!plan.date[LL_PLAN_CRITICAL].near);
    ck_assert_int_eq(plan.date[LL_PLAN_CRITICAL].soonest, plan.date[LL_PLAN_CRITICAL].p90);
    ask.near_s[LL_PLAN_CAPACITY] = 1e12; /* a straight line of some hours, years ahead */
    ck_assert(make(&ask));
    ck_assert(!plan.date[LL_PLAN_CAPACITY].near);
}
END_TEST

START_TEST(a_service_is_as_late_as_its_worst_part)
{
    const struct ll_plan_date none = {.p50 = LL_DAY_NONE,
                                      .p90 = LL_DAY_NONE,
                                      .soonest = LL_DAY_NONE},
                              far = {.p50 = 200, .p90 = 100, .soonest = 100},
                              near = {.p50 = 300, .p90 = 90, .soonest = 90},
                              now = {.p50 = LL_DAY_NONE, .p90 = LL_DAY_NONE, .soonest = 5};
    const struct ll_plan_date parts[] = {none, far, near, now};
    ck_assert_uint_eq(ll_plan_worst(parts, 1), 1);
    ck_assert_uint_eq(ll_plan_worst(parts, 2), 1);
    ck_assert_uint_eq(ll_plan_worst(parts, 3), 2);
    ck_assert_uint_eq(ll_plan_worst(parts, 4), 3);
}
END_TEST

START_TEST(days_without_data_or_demand_are_no_zero)
{
    struct ll_plan_ask ask = growing(0.02);
    ck_assert(make(&ask));
    const double p50 = plan.month[11].p50;
    for (size_t i = 0; i < N; i++)
        peak[i] = i % 9 == 0 ? NAN : kind[i] == LL_COST_DAY_CLOSED ? 0 : peak[i];
    ck_assert(make(&ask));
    ck_assert_double_eq_tol(plan.month[11].p50, p50, 0.05 * p50);
    ck_assert(plan.zeros > 90);
    for (size_t i = 0; i < N; i++)
        peak[i] = 0;
    plan.n = 77;
    ck_assert(!make(&ask));
    ck_assert_int_eq(err.code, LL_E_SHORT);
    ck_assert_uint_eq(plan.n, 77);
}
END_TEST

static void refuse(struct ll_plan_ask ask, enum ll_err_code code)
{
    ck_assert(!make(&ask));
    ck_assert_int_eq(err.code, code);
    ck_assert(err.text[0] != 0);
}

START_TEST(what_means_nothing_is_refused)
{
    const struct ll_plan_ask good = growing(0.02);
    struct ll_plan_ask a = good;
    a.months = 25;
    refuse(a, LL_E_RANGE);
    a = good, a.capacity = NAN;
    refuse(a, LL_E_RANGE);
    a = good, a.critical = 1.1;
    refuse(a, LL_E_RANGE);
    a = good, a.unit = 0;
    refuse(a, LL_E_RANGE);
    a = good, a.ceiling = -1;
    refuse(a, LL_E_RANGE);
    a = good, a.multiple = INFINITY;
    refuse(a, LL_E_RANGE);
    a = good, a.lead = -1;
    refuse(a, LL_E_RANGE);
    a = good, a.ahead = 10;
    refuse(a, LL_E_RANGE);
    a = good, a.n = 0;
    refuse(a, LL_E_SHORT);
    const struct ll_plan_change never = {0, false, 1, 0, 0};
    a = good, a.changes = &never, a.n_changes = 1;
    refuse(a, LL_E_RANGE);
    peak[3] = -1;
    refuse(good, LL_E_INVALID);
    peak[3] = INFINITY;
    refuse(good, LL_E_INVALID);
}
END_TEST

START_TEST(memory_that_ends_is_an_error)
{
    const struct ll_plan_ask ask = growing(0.02);
    for (size_t cap = 1000; cap < 300000; cap += 20000) {
        struct ll_arena *small = ll_arena_new(cap);
        if (!ll_plan_make(&ask, small, &plan, &err))
            ck_assert_int_eq(err.code, LL_E_MEMORY);
        ll_arena_free(small);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {growth_reaches_capacity_when_it_should,
                                  what_does_not_grow_has_no_date,
                                  months_grow_and_units_are_whole,
                                  orders_go_out_by_the_lead_time,
                                  a_launch_brings_the_date_forward_and_new_racks_put_it_off,
                                  what_may_come_moves_the_careful_date_only,
                                  sites_and_multiples_are_floors,
                                  what_the_monitor_sees_goes_first,
                                  a_service_is_as_late_as_its_worst_part,
                                  days_without_data_or_demand_are_no_zero,
                                  what_means_nothing_is_refused,
                                  memory_that_ends_is_an_error};
    const int failed = ll_test_run("plan", tests, LL_LEN(tests));
    ll_arena_free(arena);
    return failed;
}
