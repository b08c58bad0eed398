/* Money and risk: the frontier against every choice there is. */
#include <math.h>

#include "plan/whatif.h"
#include "stats/random.h"
#include "support.h"

enum { PATHS = 200, MAX = 256 };
static double open_peak[PATHS], closed_peak[PATHS];
static struct ll_whatif_choice out[MAX];
static struct ll_err err;

static struct ll_whatif_ask usual(uint64_t seed)
{
    for (size_t i = 0; i < PATHS; i++) {
        open_peak[i] = 1000 * exp(0.2 * ll_random_normal(&seed));
        closed_peak[i] = 300 * exp(0.2 * ll_random_normal(&seed));
    }
    return (struct ll_whatif_ask){.open = open_peak,
                                  .closed = closed_peak,
                                  .n = PATHS,
                                  .growth = 1,
                                  .carries = 100,
                                  .least = 1,
                                  .most = 30,
                                  .schedule = true,
                                  .open_share = 0.25,
                                  .price = 0.2,
                                  .commit_price = 0.08,
                                  .commit_max = 30};
}

static size_t frontier(const struct ll_whatif_ask *ask)
{
    size_t n = 0;
    struct ll_arena *scratch = ll_arena_new(16 << 20);
    ck_assert_msg(ll_whatif_frontier(ask, scratch, out, MAX, &n, &err), "%s", err.text);
    ll_arena_free(scratch);
    ck_assert(n > 0 && n <= MAX);
    return n;
}

START_TEST(each_next_one_is_cheaper_and_riskier)
{
    const struct ll_whatif_ask ask = usual(1);
    const size_t n = frontier(&ask);
    ck_assert(n > 5);
    ck_assert_double_eq(out[0].risk, 0);
    for (size_t i = 1; i < n; i++) {
        ck_assert(out[i].money < out[i - 1].money);
        ck_assert(out[i].risk > out[i - 1].risk);
    }
}
END_TEST

/* Every size, night size and commitment there is. */
static void beat(const struct ll_whatif_ask *ask, size_t n)
{
    struct ll_whatif_choice c;
    for (c.open = ask->least; c.open <= ask->most; c.open++) {
        for (c.closed = ask->schedule ? ask->least : c.open; c.closed <= c.open; c.closed++) {
            for (c.committed = 0; c.committed <= LL_MIN(ask->commit_max, c.open); c.committed++) {
                ck_assert(ll_whatif_tell(ask, &c, &err));
                for (size_t i = 0; i < n; i++)
                    ck_assert_msg(c.money >= out[i].money - 1e-6 || c.risk > out[i].risk - 1e-12,
                                  "%u/%u/%u beats choice %zu", c.open, c.closed, c.committed, i);
            }
        }
    }
}

START_TEST(nothing_beats_the_frontier)
{
    uint64_t seed = 17;
    for (int round = 0; round < 12; round++) {
        struct ll_whatif_ask ask = usual(100 + (uint64_t)round);
        ask.n = 40;
        ask.most = 14;
        ask.sites = (unsigned)round % 3;
        ask.growth = 0.5 + ll_random_unit(&seed) / 2;
        ask.open_share = ll_random_unit(&seed);
        ask.commit_price = 0.3 * ll_random_unit(&seed);
        ask.commit_max = (unsigned)ll_random_below(&seed, 14);
        ask.keeps = 5;
        ask.start_cost = round % 2;
        ask.starts = 21;
        ask.schedule = round % 4 != 0;
        const size_t n = frontier(&ask);
        beat(&ask, n);
        for (size_t i = 0; i < n; i++) {
            struct ll_whatif_choice c = out[i];
            ck_assert(ll_whatif_tell(&ask, &c, &err));
            ck_assert_double_eq_tol(c.money, out[i].money, 1e-9);
            ck_assert_double_eq_tol(c.risk, out[i].risk, 1e-12);
            ck_assert_double_eq_tol(c.stranded, out[i].stranded, 1e-12);
        }
    }
}
END_TEST

/* The cheapest at this risk or less. */
static double money_at(const struct ll_whatif_ask *ask, double risk)
{
    const size_t n = frontier(ask);
    double money = INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (out[i].risk <= risk)
            money = fmin(money, out[i].money);
    }
    return money;
}

START_TEST(each_way_to_save_saves_and_growth_costs)
{
    struct ll_whatif_ask ask = usual(3);
    const double all = money_at(&ask, 0.05);
    ask.schedule = false;
    const double by_day = money_at(&ask, 0.05);
    ck_assert(by_day > all);
    ask.commit_price = NAN;
    ck_assert(money_at(&ask, 0.05) > by_day);
    ask = usual(3);
    ask.growth = 1.4;
    ck_assert(money_at(&ask, 0.05) > all);
    ask = usual(3);
    ask.sites = 2;
    ck_assert(money_at(&ask, 0.05) > all);
    ask = usual(3);
    ask.price = 0.3;
    ck_assert(money_at(&ask, 0.05) > all);
}
END_TEST

START_TEST(a_commitment_is_known_to_strand)
{
    struct ll_whatif_ask ask = usual(4);
    struct ll_whatif_choice c = {.open = 20, .closed = 20, .committed = 20};
    ck_assert(ll_whatif_tell(&ask, &c, &err));
    ck_assert(c.stranded > 0.9);
    ck_assert_double_eq_tol(c.money, 730 * 20 * 0.08, 1e-9);
    c.committed = 1;
    ck_assert(ll_whatif_tell(&ask, &c, &err));
    ck_assert_double_eq(c.stranded, 0);
    ask.commit_price = NAN;
    ck_assert(!ll_whatif_tell(&ask, &c, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
}
END_TEST

START_TEST(a_floor_is_held_by_every_choice_or_none_is_offered)
{
    struct ll_whatif_ask ask = usual(5);
    ask.floor = 2200;
    const size_t n = frontier(&ask);
    for (size_t i = 0; i < n; i++)
        ck_assert(out[i].open >= 22);
    ask.floor = 3001;
    size_t kept = 42;
    struct ll_arena *scratch = ll_arena_new(1 << 20);
    ck_assert(!ll_whatif_frontier(&ask, scratch, out, MAX, &kept, &err));
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert_uint_eq(kept, 42);
    ll_arena_free(scratch);
}
END_TEST

static void refuse(const struct ll_whatif_ask *ask, enum ll_err_code code)
{
    size_t n = 42;
    struct ll_arena *scratch = ll_arena_new(2000);
    ck_assert(!ll_whatif_frontier(ask, scratch, out, MAX, &n, &err));
    ck_assert_int_eq(err.code, code);
    ck_assert_uint_eq(n, 42);
    ll_arena_free(scratch);
}

START_TEST(missing_prices_and_what_means_nothing_are_refused)
{
    const struct ll_whatif_ask good = usual(6);
    struct ll_whatif_ask a = good;
    refuse(&a, LL_E_MEMORY);
    a.price = NAN;
    refuse(&a, LL_E_INVALID);
    a = good, a.commit_price = -1;
    refuse(&a, LL_E_INVALID);
    a = good, a.carries = 0;
    refuse(&a, LL_E_RANGE);
    a = good, a.most = 1001;
    refuse(&a, LL_E_RANGE);
    a = good, a.least = 0;
    refuse(&a, LL_E_RANGE);
    a = good, a.n = 0;
    refuse(&a, LL_E_RANGE);
    a = good, a.open_share = NAN;
    refuse(&a, LL_E_RANGE);
    open_peak[7] = NAN;
    refuse(&good, LL_E_INVALID);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_next_one_is_cheaper_and_riskier,
                                  nothing_beats_the_frontier,
                                  each_way_to_save_saves_and_growth_costs,
                                  a_commitment_is_known_to_strand,
                                  a_floor_is_held_by_every_choice_or_none_is_offered,
                                  missing_prices_and_what_means_nothing_are_refused};
    return ll_test_run("plan_whatif", tests, LL_LEN(tests));
}
