/* What a trade costs: the figures, the split of a change, and days that tell nothing. */
#include <math.h>

#include "calendar/rules.h"
#include "cost/unit.h"
#include "support.h"

static struct ll_unit_row row(double direct, double shared, double idle, double count)
{
    return (struct ll_unit_row){direct, shared, idle, count, LL_COST_DAY_OPEN, 0};
}

START_TEST(closed_days_cost_and_trade_nothing)
{
    const struct ll_unit_row rows[] = {row(100, 50, 50, 1000), row(60, 20, 20, 0)};
    const struct ll_unit_cost u = ll_unit_cost(rows, 2);
    ck_assert_double_eq_tol(u.direct, 0.16, 1e-12);
    ck_assert_double_eq_tol(u.allocated, 0.23, 1e-12);
    ck_assert_double_eq_tol(u.full, 0.30, 1e-12);
    ck_assert_double_eq_tol(u.cost, 300, 1e-9);
    ck_assert_uint_eq(u.rows, 2);
}
END_TEST

START_TEST(no_trades_have_no_price_each)
{
    const struct ll_unit_row none = row(10, 0, 0, 0), busts = row(10, 0, 0, -5);
    ck_assert(isnan(ll_unit_cost(&none, 1).full));
    ck_assert_double_eq(ll_unit_cost(&none, 1).cost, 10);
    ck_assert(isnan(ll_unit_cost(&busts, 1).direct));
    ck_assert(isnan(ll_unit_cost(&none, 0).full));
    ck_assert(isnan(ll_unit_cost(&none, 0).cost));
}
END_TEST

START_TEST(what_is_not_known_is_left_out_on_both_sides)
{
    const struct ll_unit_row rows[] = {row(100, 0, 0, 100), row(NAN, 0, 0, 900),
                                       row(900, 0, 0, NAN), row(INFINITY, 0, 0, 1)};
    const struct ll_unit_cost u = ll_unit_cost(rows, 4);
    ck_assert_double_eq(u.full, 1);
    ck_assert_uint_eq(u.missing, 3);
    ck_assert_uint_eq(u.rows, 1);
}
END_TEST

START_TEST(phases_have_figures_of_their_own)
{
    struct ll_unit_row rows[] = {row(10, 0, 0, 5), row(30, 0, 0, 3), row(10, 0, 0, 5)};
    rows[0].group = rows[2].group = LL_PHASE_OPENING_AUCTION;
    rows[1].group = LL_PHASE_REGULAR;
    ck_assert_double_eq(ll_unit_cost_group(rows, 3, LL_PHASE_OPENING_AUCTION).full, 2);
    ck_assert_double_eq(ll_unit_cost_group(rows, 3, LL_PHASE_REGULAR).full, 10);
    ck_assert(isnan(ll_unit_cost_group(rows, 3, LL_PHASE_POST).full));
}
END_TEST

START_TEST(marginal_cost_is_the_slope_over_open_days)
{
    struct ll_unit_row rows[30];
    for (size_t i = 0; i < 30; i++)
        rows[i] = row(400, 100, 500 + 0.002 * 1e6 * (double)i, 1e6 * (double)i);
    rows[3].kind = LL_COST_DAY_CLOSED;
    rows[3].direct = 1e9; /* must not count */
    const struct ll_unit_marginal m = ll_unit_marginal(rows, 30);
    ck_assert_double_eq_tol(m.slope, 0.002, 1e-12);
    ck_assert_double_eq_tol(m.fixed, 1000, 1e-6);
    ck_assert_double_eq_tol(m.r2, 1, 1e-12);
    ck_assert_uint_eq(m.days, 29);
    ck_assert(isnan(ll_unit_marginal(rows, 20).slope)); /* 19 open days */
    for (size_t i = 0; i < 30; i++)
        rows[i].count = 7.1;
    ck_assert(isnan(ll_unit_marginal(rows, 30).slope));
}
END_TEST

START_TEST(a_change_is_split_and_its_parts_add_up)
{
    uint64_t seed = 3;
    for (int i = 0; i < 100000; i++) {
        const struct ll_unit_row a = row(1e4 * (double)(ll_test_random(&seed) % 1000), 5, 7,
                                         1 + (double)(ll_test_random(&seed) % 100000)),
                                 b = row(1e4 * (double)(ll_test_random(&seed) % 1000), 5, 7,
                                         1 + (double)(ll_test_random(&seed) % 100000));
        const struct ll_unit_cost was = ll_unit_cost(&a, 1), is = ll_unit_cost(&b, 1);
        const struct ll_unit_change c = ll_unit_change(&was, &is, 1234.5);
        const double slack = 1e-9 * (was.full + is.full + was.cost / is.count + 1);
        ck_assert_double_eq_tol(c.total, c.volume + c.cost, slack);
        ck_assert_double_eq_tol(c.cost, c.price + c.quantity, slack);
    }
    const struct ll_unit_row none = row(1, 0, 0, 0), one = row(1, 0, 0, 1);
    const struct ll_unit_cost was = ll_unit_cost(&none, 1), is = ll_unit_cost(&one, 1);
    ck_assert(isnan(ll_unit_change(&was, &is, 1).total));
    ck_assert(isnan(ll_unit_change(&is, &is, NAN).price));
    ck_assert_double_eq(ll_unit_change(&is, &is, NAN).total, 0);
}
END_TEST

START_TEST(the_interval_holds_the_figure_and_widens_with_noise)
{
    struct ll_unit_row rows[60];
    double chosen[LL_UNIT_DRAWS];
    uint64_t seed = 5;
    for (size_t i = 0; i < 60; i++)
        rows[i] = row(1000 + (double)(ll_test_random(&seed) % 200), 0, 0, 1000);
    const double full = ll_unit_cost(rows, 60).full;
    const struct ll_unit_interval a = ll_unit_interval(rows, 60, 1, chosen);
    ck_assert(a.low < full && full < a.high);
    const struct ll_unit_interval again = ll_unit_interval(rows, 60, 1, chosen);
    ck_assert_double_eq(a.low, again.low);
    for (size_t i = 0; i < 60; i += 2)
        rows[i].direct *= 3;
    const struct ll_unit_interval b = ll_unit_interval(rows, 60, 1, chosen);
    ck_assert(b.high - b.low > a.high - a.low);
    ck_assert(isnan(ll_unit_interval(rows, 9, 1, chosen).low));
}
END_TEST

START_TEST(a_young_window_is_provisional)
{
    const ll_time now = 1000 * LL_DAY;
    ck_assert(ll_unit_provisional(now - 47 * LL_HOUR, now, false));
    ck_assert(!ll_unit_provisional(now - 48 * LL_HOUR, now, false));
    ck_assert(ll_unit_provisional(now - 48 * LL_HOUR, now, true));
    ck_assert(ll_unit_provisional(now + LL_DAY, now, false)); /* half in the future */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {closed_days_cost_and_trade_nothing,
                                  no_trades_have_no_price_each,
                                  what_is_not_known_is_left_out_on_both_sides,
                                  phases_have_figures_of_their_own,
                                  marginal_cost_is_the_slope_over_open_days,
                                  a_change_is_split_and_its_parts_add_up,
                                  the_interval_holds_the_figure_and_widens_with_noise,
                                  a_young_window_is_provisional};
    return ll_test_run("cost_unit", tests, LL_LEN(tests));
}
