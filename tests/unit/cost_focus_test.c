/* FOCUS: real rows of the official sample with their sums, and exports that break it. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/focus.h"
#include "stats/sum.h"

struct seen {
    struct ll_sum cost[LL_COST_KIND_COUNT];
    int64_t unknown[LL_COST_KIND_COUNT], rows, charges[LL_FOCUS_CHARGES];
    struct ll_sum compute, aws, first_of_september;
    struct ll_focus_row last;
    int64_t stop_at;
};

static bool note(void *ctx, const struct ll_focus_row *r)
{
    struct seen *s = ctx;
    for (size_t k = 0; k < LL_COST_KIND_COUNT; k++)
        if (isnan(r->cost[k]))
            s->unknown[k]++;
        else
            ll_sum_add(&s->cost[k], r->cost[k]);
    s->charges[r->charge]++;
    if (ll_slice_is(r->category, "Compute"))
        ll_sum_add(&s->compute, r->cost[LL_COST_BILLED]);
    if (ll_slice_is(r->provider, "AWS"))
        ll_sum_add(&s->aws, r->cost[LL_COST_BILLED]);
    if (r->from >= 1725148800000 && r->from < 1725148800000 + LL_DAY)
        ll_sum_add(&s->first_of_september, r->cost[LL_COST_BILLED]);
    s->last = *r;
    return ++s->rows != s->stop_at;
}

static bool read_text(const char *text, size_t piece, struct seen *s, struct ll_focus **out,
                      struct ll_err *err)
{
    const size_t n = strlen(text);
    const int64_t stop = s->stop_at;
    *s = (struct seen){.stop_at = stop};
    struct ll_focus *f = ll_focus_new(note, s);
    ck_assert_ptr_nonnull(f);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i += piece)
        ok = ll_focus_feed(f, (struct ll_slice){text + i, LL_MIN(piece, n - i)}, err);
    ok = ok && ll_focus_end(f, err);
    if (out)
        *out = f;
    else
        ll_focus_free(f);
    return ok;
}

static int64_t count_of(const struct ll_focus *f, enum ll_focus_breach what, const char *column)
{
    const struct ll_focus_breach_row *rows;
    const size_t n = ll_focus_breaches(f, &rows);
    for (size_t i = 0; i < n; i++)
        if (rows[i].what == what && strcmp(rows[i].column, column) == 0)
            return rows[i].count;
    return 0;
}

static char *sample(void)
{
    FILE *file = fopen(LL_SOURCE_ROOT "/tests/vectors/cost/focus_1_0_subset.csv", "rb");
    ck_assert_ptr_nonnull(file);
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(text);
    ck_assert(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void check_sum(const struct ll_sum *s, double want)
{
    ck_assert_msg(fabs(ll_sum_total(s) - want) <= 1e-9 * fabs(want), "%.17g is not %.17g",
                  ll_sum_total(s), want);
}

/* The sums are of exact decimals. */
START_TEST(the_sample_has_its_sums)
{
    char *text = sample();
    const size_t pieces[] = {1 << 20, 4096, 7};
    for (size_t i = 0; i < LL_LEN(pieces); i++) {
        struct seen s = {0};
        struct ll_err err;
        ck_assert_msg(read_text(text, pieces[i], &s, NULL, &err), "%s", err.text);
        ck_assert_int_eq(s.rows, 186);
        check_sum(&s.cost[LL_COST_BILLED], 2.75902182409);
        check_sum(&s.cost[LL_COST_EFFECTIVE], -0.02348581414);
        check_sum(&s.cost[LL_COST_LIST], 2.62970084629);
        check_sum(&s.cost[LL_COST_CONTRACTED], -0.02373960674);
        check_sum(&s.compute, 1.62343049530);
        check_sum(&s.aws, 0.24543371350);
        check_sum(&s.first_of_september, 0.00329069490);
        ck_assert_int_eq(s.unknown[LL_COST_CONTRACTED], 7);
        ck_assert_int_eq(s.unknown[LL_COST_BILLED], 0);
        ck_assert_int_eq(s.charges[LL_FOCUS_USAGE], 183);
        ck_assert_int_eq(s.charges[LL_FOCUS_CREDIT], 1);
        ck_assert_int_eq(s.charges[LL_FOCUS_ADJUSTMENT], 2);
    }
    free(text);
}
END_TEST

/* Counted apart from this code. */
START_TEST(what_the_sample_breaks_is_listed)
{
    char *text = sample();
    struct seen s = {0};
    struct ll_err err;
    struct ll_focus *f;
    ck_assert(read_text(text, 4096, &s, &f, &err));
    ck_assert_int_eq(count_of(f, LL_FOCUS_TIME_FORM, "ChargePeriodStart"), 186);
    ck_assert_int_eq(count_of(f, LL_FOCUS_TIME_FORM, "ChargePeriodEnd"), 186);
    ck_assert_int_eq(count_of(f, LL_FOCUS_NULL, "ContractedCost"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_CASE, "ChargeFrequency"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EMPTY, "ResourceName"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EMPTY, "SkuPriceId"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EMPTY, "CommitmentDiscountId"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EMPTY, "PricingCategory"), 7);
    ck_assert_int_eq(count_of(f, LL_FOCUS_LIST_SUM, "ListCost"), 31);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EFFECTIVE, "EffectiveCost"), 89);
    ck_assert_int_eq(count_of(f, LL_FOCUS_UNKNOWN_COLUMN, "Id"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_WORD, "ChargeCategory"), 0);
    ll_focus_free(f);
    free(text);
}
END_TEST

#define HEADER                                                                                     \
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,"          \
    "ChargePeriodEnd,ChargeCategory,ChargeClass,ProviderName,ServiceName,ServiceCategory,"         \
    "PricingQuantity,PricingUnit,x_team\n"
#define ROW                                                                                        \
    "1.5,1,2,1.5,USD,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,Usage,NULL,P,S,Compute,NULL,"       \
    "Hours,t\n"

START_TEST(a_row_is_what_it_says)
{
    struct seen s = {0};
    struct ll_err err;
    struct ll_focus *f;
    const struct ll_focus_breach_row *rows;
    ck_assert(read_text(HEADER ROW, 1 << 20, &s, &f, &err));
    ck_assert_double_eq(s.last.cost[LL_COST_BILLED], 1.5);
    ck_assert_double_eq(s.last.cost[LL_COST_EFFECTIVE], 1);
    ck_assert_int_eq(s.last.from, 1767225600000);
    ck_assert_int_eq(s.last.to, 1767225600000 + LL_HOUR);
    ck_assert(isnan(s.last.pricing_quantity) && isnan(s.last.list_unit_price));
    ck_assert(!s.last.correction && s.last.charge == LL_FOCUS_USAGE);
    ck_assert_uint_eq(ll_focus_breaches(f, &rows), 0);
    ll_focus_free(f);
}
END_TEST

START_TEST(what_is_broken_is_taken_and_counted)
{
    struct seen s = {0};
    struct ll_err err;
    struct ll_focus *f;
    const char *text =
        HEADER "x,1,2,1,USD,yesterday,2026-01-01T01:00:00Z,usage,CORRECTION,P,S,Compute,1,,t\n"
               "1,1\n" ROW "2,nan,2,1,USD,2026-01-02T00:00:00Z,2026-01-01T00:00:00Z,Gift,NULL,"
               "NULL,S,Compute,1,Hours,t\n";
    ck_assert_msg(read_text(text, 5, &s, &f, &err), "%s", err.text);
    ck_assert_int_eq(s.rows, 3);
    ck_assert_int_eq(count_of(f, LL_FOCUS_NUMBER, "BilledCost"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_NUMBER, "EffectiveCost"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_TIME, "ChargePeriodStart"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_CASE, "ChargeCategory"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_CASE, "ChargeClass"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_EMPTY, "PricingUnit"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_NOT_CSV, ""), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_WORD, "ChargeCategory"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_NULL, "ProviderName"), 1);
    ck_assert_int_eq(count_of(f, LL_FOCUS_PERIOD, "ChargePeriodEnd"), 1);
    ck_assert_int_eq(s.last.charge, LL_FOCUS_UNSAID);
    check_sum(&s.cost[LL_COST_BILLED], 3.5);
    ck_assert_int_eq(s.unknown[LL_COST_BILLED], 1);
    ll_focus_free(f);
}
END_TEST

START_TEST(what_cannot_be_summed_is_refused)
{
    struct seen s = {0};
    struct ll_err err;
    ck_assert(!read_text("", 1, &s, NULL, &err) && err.code == LL_E_INVALID);
    ck_assert(!read_text("a,b\n1,2\n", 1, &s, NULL, &err) && err.code == LL_E_INVALID);
    ck_assert_ptr_nonnull(strstr(err.text, "BilledCost"));
    ck_assert(!read_text("BilledCost,BilledCost\n", 1, &s, NULL, &err));
    const char *two = HEADER ROW "1.5,1,2,1.5,EUR,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,"
                                 "Usage,NULL,P,S,Compute,NULL,Hours,t\n";
    ck_assert(!read_text(two, 64, &s, NULL, &err) && err.code == LL_E_CONFLICT);
    ck_assert_ptr_nonnull(strstr(err.text, "line 3"));
}
END_TEST

START_TEST(a_reader_may_have_enough)
{
    struct seen s = {.stop_at = 1};
    struct ll_err err;
    ck_assert(read_text(HEADER ROW ROW ROW, 16, &s, NULL, &err));
    ck_assert_int_eq(s.rows, 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cost_focus");
    TCase *t = tcase_create("focus");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, the_sample_has_its_sums);
    tcase_add_test(t, what_the_sample_breaks_is_listed);
    tcase_add_test(t, a_row_is_what_it_says);
    tcase_add_test(t, what_is_broken_is_taken_and_counted);
    tcase_add_test(t, what_cannot_be_summed_is_refused);
    tcase_add_test(t, a_reader_may_have_enough);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
