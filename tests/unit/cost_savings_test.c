/* Savings and the waterfall: the rules one by one, and what must hold for every bill. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cost/savings.h"
#include "support.h"

static struct ll_saving_item item(const char *id, double current, double recommended)
{
    return (struct ll_saving_item){.id = ll_slice_of(id),
                                   .kind = LL_SAVING_RIGHTSIZE,
                                   .current = current,
                                   .recommended = recommended,
                                   .confidence = LL_CONFIDENCE_LOW,
                                   .realisable = true};
}

static double unit(uint64_t *state)
{
    return (double)(ll_test_random(state) >> 11) / 0x1p53;
}

static size_t find(const struct ll_saving_item *items, size_t n, double threshold,
                   struct ll_saving_found *out)
{
    size_t found = 99;
    struct ll_err err;
    ck_assert(ll_savings_find(items, n, threshold, out, &found, NULL, &err));
    return found;
}

START_TEST(thresholds_are_inclusive_and_order_is_by_amount_then_name)
{
    const struct ll_saving_item items[] = {item("b", 50, 45),  item("a", 0.30 * 100, 0.27 * 100),
                                           item("c", 10, 0),   item("d", 200, 190),
                                           item("e", 0, 0),    item("f", 100, 120),
                                           item("g", 100, 90), item("h", 9, 8.01)};
    struct ll_saving_found out[LL_LEN(items)];
    ck_assert_uint_eq(find(items, LL_LEN(items), 10, out), 4);
    const char *want[] = {"c", "g", "b", "a"};
    for (size_t i = 0; i < 4; i++)
        ck_assert(ll_slice_is(items[out[i].item].id, want[i]));
    ck_assert_uint_eq(find(items, LL_LEN(items), -5, out), 5);
    ck_assert_uint_eq(find(items, LL_LEN(items), 100, out), 1);
    ck_assert_uint_eq(find(items, LL_LEN(items), 100.5, out), 0);
}
END_TEST

START_TEST(a_threshold_that_is_no_number_is_refused_and_nothing_written)
{
    const struct ll_saving_item one = item("a", 10, 0);
    struct ll_saving_found out = {.item = 7};
    size_t found = 42;
    struct ll_err err;
    ck_assert(!ll_savings_find(&one, 1, NAN, &out, &found, NULL, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert_uint_eq(found, 42);
    ck_assert_uint_eq(out.item, 7);
}
END_TEST

START_TEST(a_missing_price_is_counted_and_is_no_saving)
{
    struct ll_saving_item items[] = {item("a", NAN, 0), item("b", 10, NAN), item("c", 10, 5),
                                     item("d", 10, 0)};
    items[3].confidence = LL_CONFIDENCE_NONE;
    struct ll_saving_found out[4];
    size_t found, unknown;
    struct ll_err err;
    ck_assert(ll_savings_find(items, 4, 0, out, &found, &unknown, &err));
    ck_assert_uint_eq(found, 1);
    ck_assert_uint_eq(unknown, 2);
}
END_TEST

START_TEST(what_is_committed_saves_nothing_until_it_ends)
{
    struct ll_saving_item x = item("a", 100, 40);
    x.committed = 70;
    x.disruption = 60;
    struct ll_saving_found out;
    ck_assert_uint_eq(find(&x, 1, 0, &out), 1);
    ck_assert_double_eq(out.gross, 60);
    ck_assert_double_eq(out.net, 30);
    ck_assert_double_eq(out.bill, 30);
    ck_assert_double_eq(out.payback_months, 2);
    x.realisable = false;
    ck_assert_uint_eq(find(&x, 1, 0, &out), 1);
    ck_assert_double_eq(out.bill, 0);
    ck_assert(isnan(out.payback_months));
}
END_TEST

START_TEST(steps_apply_in_their_order_to_what_is_left)
{
    const struct ll_waterfall_step steps[] = {
        {LL_SAVING_COMMIT, 0.35}, {LL_SAVING_RIGHTSIZE, 0.3}, {LL_SAVING_SCHEDULE, 0.4}};
    struct ll_waterfall w;
    struct ll_err err;
    ck_assert(ll_savings_waterfall(1000, 700, steps, 3, &w, &err));
    const double saving[] = {400, 180, 147}, net[] = {300, 0, 0};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq_tol(w.row[i].saving, saving[i], 1e-9);
        ck_assert_double_eq_tol(w.row[i].net, net[i], 1e-9);
    }
    ck_assert_int_eq(w.row[0].kind, LL_SAVING_SCHEDULE);
    ck_assert_double_eq_tol(w.total, 727, 1e-9);
    ck_assert_double_eq_tol(w.residual, 273, 1e-9);
    ck_assert_double_eq_tol(w.naive, 1050, 1e-9);
    ck_assert_double_eq_tol(w.net, 300, 1e-9);
}
END_TEST

START_TEST(a_credit_or_nothing_has_nothing_to_save)
{
    const struct ll_waterfall_step all = {LL_SAVING_TERMINATE, 1};
    struct ll_waterfall w;
    struct ll_err err;
    ck_assert(ll_savings_waterfall(-50, 0, &all, 1, &w, &err));
    ck_assert_double_eq(w.total, 0);
    ck_assert_double_eq(w.residual, -50);
    ck_assert(ll_savings_waterfall(0, 0, &all, 1, &w, &err));
    ck_assert_double_eq(w.total, 0);
    ck_assert(!ll_savings_waterfall(NAN, 0, &all, 1, &w, &err));
    ck_assert(!ll_savings_waterfall(1, -1, &all, 1, &w, &err));
    const struct ll_waterfall_step over = {LL_SAVING_SPOT, 1.01}, none = {LL_SAVING_SPOT, NAN};
    ck_assert(!ll_savings_waterfall(1, 0, &over, 1, &w, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert(!ll_savings_waterfall(1, 0, &none, 1, &w, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
}
END_TEST

START_TEST(no_bill_saves_more_than_it_costs)
{
    uint64_t seed = 1;
    for (int round = 0; round < 100000; round++) {
        struct ll_waterfall_step s[8];
        const size_t n = ll_test_random(&seed) % 9;
        for (size_t i = 0; i < n; i++)
            s[i] = (struct ll_waterfall_step){
                (enum ll_saving)(ll_test_random(&seed) % LL_SAVING_COUNT),
                round % 3 ? unit(&seed) : floor(2 * unit(&seed))};
        const double current = (unit(&seed) - 0.1) * pow(10, unit(&seed) * 12 - 3);
        const double committed = fmax(0, current) * unit(&seed) * 1.2;
        struct ll_waterfall w;
        struct ll_err err;
        ck_assert(ll_savings_waterfall(current, committed, s, n, &w, &err));
        const double slack = 1e-9 * fabs(current);
        if (!(w.total >= 0 && w.total <= fmax(0, current) + slack && w.net <= w.total + slack &&
              w.net >= 0 && w.net <= fmax(0, current - committed) + slack &&
              w.naive >= w.total - slack && fabs(w.total + w.residual - current) <= slack))
            ck_abort_msg("%g with %g committed: total %g net %g", current, committed, w.total,
                         w.net);
    }
}
END_TEST

enum { MANY = 60 };

static void fill(struct ll_saving_item *items, char names[][8], uint64_t *seed)
{
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], 8, "r%u", (unsigned)(ll_test_random(seed) % 20));
        /* Of one id all speak of the same cost. */
        const double current = 10 + 7 * (double)names[i][1] + 3 * (double)names[i][2];
        items[i] = item(names[i], current, floor(current * unit(seed) * 1.2));
        items[i].kind = (enum ll_saving)(ll_test_random(seed) % LL_SAVING_COUNT);
        items[i].committed = 0.3 * current;
        items[i].realisable = ll_test_random(seed) % 4 != 0;
    }
}

static struct ll_waterfall total_of(const struct ll_saving_item *items, bool realisable)
{
    struct ll_saving_found found[MANY];
    size_t order[MANY];
    struct ll_waterfall w;
    struct ll_err err;
    const size_t n = find(items, MANY, 5, found);
    ck_assert(ll_savings_total(items, found, n, realisable, order, &w, &err));
    return w;
}

START_TEST(totals_do_not_depend_on_the_order_of_the_rows)
{
    uint64_t seed = 7;
    for (int round = 0; round < 500; round++) {
        struct ll_saving_item items[MANY], moved[MANY];
        char names[MANY][8];
        fill(items, names, &seed);
        memcpy(moved, items, sizeof(items));
        for (size_t i = MANY; i-- > 1;) {
            const size_t j = ll_test_random(&seed) % (i + 1);
            const struct ll_saving_item held = moved[i];
            moved[i] = moved[j];
            moved[j] = held;
        }
        const struct ll_waterfall a = total_of(items, false), b = total_of(moved, false);
        ck_assert_double_eq_tol(a.total, b.total, 1e-9 * a.current);
        ck_assert_double_eq_tol(a.net, b.net, 1e-9 * a.current);
        ck_assert_double_eq_tol(a.current, b.current, 1e-9 * a.current);
        const struct ll_waterfall real = total_of(items, true);
        ck_assert_double_eq_tol(real.current, a.current, 1e-9 * a.current);
        ck_assert(real.total <= a.total + 1e-9 * a.current);
        ck_assert(a.total <= a.current && a.net <= a.total && a.naive >= a.total - 1e-6);
    }
}
END_TEST

static double amount(uint64_t *seed)
{
    switch (ll_test_random(seed) % 16) {
    case 0:
        return NAN;
    case 1:
        return -1000 * unit(seed); /* a credit */
    case 2:
        return 0;
    case 3:
        return INFINITY;
    default:
        return pow(10, 6 * unit(seed) - 1);
    }
}

enum { FEW = 8 };

static void fill_any(struct ll_saving_item *items, uint64_t *seed)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < FEW; i++) {
        items[i] = item(names[ll_test_random(seed) % 4], amount(seed), amount(seed));
        items[i].recommended = unit(seed) < 0.7 ? items[i].current * unit(seed) : amount(seed);
        items[i].kind = (enum ll_saving)(ll_test_random(seed) % LL_SAVING_COUNT);
        items[i].committed = unit(seed) < 0.2 ? NAN : fmax(0, items[i].current) * unit(seed);
        items[i].realisable = ll_test_random(seed) % 3 != 0;
        items[i].confidence = (enum ll_confidence)(ll_test_random(seed) % LL_CONFIDENCE_COUNT);
    }
}

/* What the ids cost at most: each once. */
static double cost_of(const struct ll_saving_item *items)
{
    double sum = 0;
    for (char name = 'a'; name <= 'd'; name++) {
        double most = 0;
        for (size_t i = 0; i < FEW; i++)
            most = items[i].id.s[0] == name && isfinite(items[i].current)
                       ? fmax(most, items[i].current)
                       : most;
        sum += most;
    }
    return sum;
}

/* Checks by one branch: an assertion of the framework each would take minutes. */
static bool sane(const struct ll_saving_found *f, const struct ll_saving_item *x)
{
    return f->pct <= 100 + 1e-9 && f->gross <= x->current && f->net >= 0 && f->net <= f->gross &&
           f->bill <= f->net;
}

static struct ll_waterfall whole(const struct ll_saving_item *items, bool realisable)
{
    struct ll_saving_found found[FEW];
    size_t order[FEW], n = 0;
    struct ll_waterfall w = {0};
    struct ll_err err;
    if (!ll_savings_find(items, FEW, 0, found, &n, NULL, &err) ||
        !ll_savings_total(items, found, n, realisable, order, &w, &err))
        ck_abort_msg("%s", err.text);
    for (size_t i = 0; i < n; i++) {
        if (!sane(&found[i], &items[found[i].item]))
            ck_abort_msg("%g of %g saved, %g of it net", found[i].gross,
                         items[found[i].item].current, found[i].net);
    }
    return w;
}

static bool adds_up(const struct ll_waterfall *w, double cost)
{
    const double slack = 1e-9 * w->current;
    double parts = 0;
    for (size_t i = 0; i < w->n; i++)
        parts += w->row[i].saving;
    return w->total >= 0 && w->total <= cost + slack && w->net >= 0 && w->net <= w->total + slack &&
           fabs(parts - w->total) <= slack && fabs(w->current - w->total - w->residual) <= slack;
}

START_TEST(no_random_bill_saves_more_than_it_costs)
{
    uint64_t seed = 31;
    for (int round = 0; round < 100000; round++) {
        struct ll_saving_item items[FEW], dear[FEW];
        fill_any(items, &seed);
        for (size_t i = 0; i < FEW; i++) { /* monotonic in price, and the same from the other end */
            dear[i] = items[FEW - 1 - i];
            dear[i].current *= 1.5;
            dear[i].recommended *= 1.5;
            dear[i].committed *= 1.5;
        }
        const struct ll_waterfall w = whole(items, false), real = whole(items, true),
                                  more = whole(dear, false);
        const double slack = 1e-9 * w.current;
        if (!adds_up(&w, cost_of(items)) || !adds_up(&real, cost_of(items)) ||
            real.total > w.total + slack || more.total < w.total - slack)
            ck_abort_msg("round %d: %g saved, %g realisable, %g when dearer", round, w.total,
                         real.total, more.total);
    }
}
END_TEST

START_TEST(a_commitment_that_is_not_known_promises_nothing)
{
    struct ll_saving_item one = item("a", 100, -50);
    one.committed = NAN;
    struct ll_saving_found found;
    size_t order;
    struct ll_waterfall w;
    struct ll_err err;
    ck_assert_uint_eq(find(&one, 1, 0, &found), 1);
    ck_assert_double_eq(found.gross, 100);
    ck_assert_double_eq(found.net, 0);
    ck_assert(ll_savings_total(&one, &found, 1, false, &order, &w, &err));
    ck_assert_double_eq(w.total, 100);
    ck_assert_double_eq(w.net, 0);
}
END_TEST

START_TEST(a_dearer_bill_saves_no_less)
{
    uint64_t seed = 9;
    for (int round = 0; round < 1000; round++) {
        struct ll_waterfall_step s[4];
        for (size_t i = 0; i < 4; i++)
            s[i] = (struct ll_waterfall_step){(enum ll_saving)i, unit(&seed)};
        const double current = 1000 * unit(&seed), committed = 500 * unit(&seed);
        struct ll_waterfall a, b;
        struct ll_err err;
        ck_assert(ll_savings_waterfall(current, committed, s, 4, &a, &err));
        ck_assert(ll_savings_waterfall(current * 1.5, committed, s, 4, &b, &err));
        ck_assert(b.total >= a.total && b.net >= a.net - 1e-9);
    }
}
END_TEST

START_TEST(one_name_with_too_many_ways_is_an_error)
{
    struct ll_saving_item items[LL_WATERFALL_STEPS_MAX + 1];
    struct ll_saving_found found[LL_WATERFALL_STEPS_MAX + 1];
    size_t order[LL_WATERFALL_STEPS_MAX + 1];
    for (size_t i = 0; i < LL_LEN(items); i++)
        items[i] = item("a", 100, 50);
    struct ll_waterfall w = {.n = 77};
    struct ll_err err;
    const size_t n = find(items, LL_LEN(items), 0, found);
    ck_assert(!ll_savings_total(items, found, n, false, order, &w, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert_uint_eq(w.n, 77);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {thresholds_are_inclusive_and_order_is_by_amount_then_name,
                                  a_threshold_that_is_no_number_is_refused_and_nothing_written,
                                  a_missing_price_is_counted_and_is_no_saving,
                                  what_is_committed_saves_nothing_until_it_ends,
                                  steps_apply_in_their_order_to_what_is_left,
                                  a_credit_or_nothing_has_nothing_to_save,
                                  no_bill_saves_more_than_it_costs,
                                  totals_do_not_depend_on_the_order_of_the_rows,
                                  no_random_bill_saves_more_than_it_costs,
                                  a_commitment_that_is_not_known_promises_nothing,
                                  a_dearer_bill_saves_no_less,
                                  one_name_with_too_many_ways_is_an_error};
    return ll_test_run("cost_savings", tests, LL_LEN(tests));
}
