/* Right-sizing on good and on bad days; every recommendation says what bound it. */
#include "cost/size.h"
#include "cost/size_service.h"
#include "cost/size_text.h"
#include "cost_size_make.h"

#define MIB (1024.0 * 1024.0)
#define GIB (1024.0 * MIB)

static struct sized s;

START_TEST(each_term_binds_and_is_named)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    SIZED(&s, "OVER_PROVISIONED", "base", 2.3);
    s.use[0][7] = 3.6; /* an hour that P95 does not see */
    SIZED(&s, "OVER_PROVISIONED", "peak", 2.52);
    s.o.tier = LL_TIER_CRITICAL;
    SIZED(&s, "OPTIMIZED", "hysteresis", 4); /* 4.14 */
    ck_assert_double_eq_tol(s.got.wanted, 4.14, 1e-9);
    s.o.tier = LL_TIER_BATCH;
    SIZED(&s, "OVER_PROVISIONED", "base", 2.3);
    s.in.forecast = 3;
    SIZED(&s, "OVER_PROVISIONED", "forecast", 3);
    s.in.regulatory_multiple = 2;
    SIZED(&s, "UNDER_PROVISIONED", "regulatory", 7.2);
    s.in.historical_peak = 5;
    SIZED(&s, "UNDER_PROVISIONED", "regulatory", 10);
}
END_TEST

START_TEST(small_things_have_a_floor)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 0.001, 0.015);
    SIZED(&s, "OVER_PROVISIONED", "floor", 0.01);
    sized_make(&s, LL_RESOURCE_MEMORY, 336, 3 * MIB, 150 * MIB);
    SIZED(&s, "OVER_PROVISIONED", "floor", 100 * MIB);
    sized_make(&s, LL_RESOURCE_CONNECTIONS, 336, 0, 1);
    SIZED(&s, "OPTIMIZED", "floor", 1);
}
END_TEST

START_TEST(no_data_keeps_what_there_is)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, NAN, 4);
    SIZED(&s, "INSUFFICIENT_DATA", "no_data", 4);
    ck_assert(isnan(s.got.wanted) && isnan(s.got.base) && isnan(s.got.peak));
    ck_assert_double_eq(s.got.confidence, 0);
    ck_assert_int_eq(s.got.level, LL_CONFIDENCE_NONE);
    sized_make(&s, LL_RESOURCE_CPU, 0, 0, 4);
    SIZED(&s, "INSUFFICIENT_DATA", "no_data", 4);
    s.in.replicas = 0;
    SIZED(&s, "INSUFFICIENT_DATA", "no_data", 4);
    s.in.current = NAN;
    ck_assert(isnan(sized_run(&s)->recommended));
}
END_TEST

/* NaN, infinities, negative values and those beyond reason are gaps, never zeros. */
START_TEST(gaps_are_not_zeros)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, -1, 1e25, 1.7e308};
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    for (size_t i = 0; i < 250; i++)
        s.use[0][1 + i % 334] = bad[i % LL_LEN(bad)];
    SIZED(&s, "INSUFFICIENT_DATA", "too_little_data_to_shrink", 4);
    ck_assert_uint_eq(s.got.samples, 86);
    ck_assert_double_eq(s.got.base, 2);
    ck_assert_double_eq(s.got.peak, 2);
    ck_assert_double_eq(s.got.span_hours, 336);
    ck_assert_double_eq_tol(s.got.coverage, 86.0 / 336, 1e-12);
}
END_TEST

START_TEST(a_source_that_went_silent_lowers_confidence_a_late_start_shortens_the_span)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    for (size_t i = 168; i < 336; i++)
        s.use[0][i] = NAN;
    ck_assert_double_eq_tol(sized_run(&s)->confidence, 0.25, 1e-12); /* half of 14 d, half seen */
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    for (size_t i = 0; i < 168; i++)
        s.use[0][i] = NAN;
    ck_assert_double_eq_tol(sized_run(&s)->confidence, 0.5, 1e-12);
    ck_assert_double_eq(s.got.coverage, 1);
    ck_assert_double_eq(s.got.span_hours, 168);
}
END_TEST

START_TEST(what_is_young_may_grow_but_not_shrink)
{
    sized_make(&s, LL_RESOURCE_CPU, 20, 1, 4);
    SIZED(&s, "INSUFFICIENT_DATA", "too_little_data_to_shrink", 4);
    ck_assert_int_eq(s.got.level, LL_CONFIDENCE_LOW);
    ck_assert_double_eq_tol(s.got.wanted, 1.15, 1e-9);
    sized_make(&s, LL_RESOURCE_CPU, 20, 3, 2);
    SIZED(&s, "UNDER_PROVISIONED", "base", 3.45);
    /* Many samples of a short time are young too. */
    sized_make(&s, LL_RESOURCE_CPU, 1000, 1, 4);
    s.history.step = LL_MINUTE;
    SIZED(&s, "INSUFFICIENT_DATA", "too_little_data_to_shrink", 4);
}
END_TEST

START_TEST(no_capacity_can_only_grow_and_an_unknown_one_is_not_judged)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 0);
    SIZED(&s, "UNDER_PROVISIONED", "base", 2.3);
    ck_assert_double_eq(s.got.saturated, 0);
    sized_make(&s, LL_RESOURCE_CPU, 336, 0, 0);
    SIZED(&s, "UNDER_PROVISIONED", "floor", 0.01);
    static const double unknown[] = {NAN, INFINITY, -1};
    for (size_t i = 0; i < LL_LEN(unknown); i++) {
        sized_make(&s, LL_RESOURCE_CPU, 336, 2, unknown[i]);
        SIZED(&s, "INSUFFICIENT_DATA", "no_capacity", 2.3);
    }
}
END_TEST

START_TEST(what_is_saturated_says_only_at_least)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 2);
    SIZED(&s, "UNDER_PROVISIONED", "saturation", 3);
    ck_assert_double_eq(s.got.saturated, 1);
    sized_make(&s, LL_RESOURCE_CPU, 400, 0.5, 2);
    s.o.tier = LL_TIER_BATCH;
    for (size_t i = 0; i < 3; i++)
        s.use[0][i] = 1.96;
    SIZED(&s, "OVER_PROVISIONED", "max_shrink", 1); /* 0.75 % */
    s.use[0][3] = 1.96;
    SIZED(&s, "UNDER_PROVISIONED", "saturation", 3); /* 1 %, inclusive */
    sized_make(&s, LL_RESOURCE_CPU, 336, 0.5, 2);
    s.in.throttled = true;
    SIZED(&s, "UNDER_PROVISIONED", "saturation", 3);
}
END_TEST

/* After it has grown, the samples that were cut off at the old size neither make it grow for ever
 * nor shrink back to where it was too small. */
START_TEST(old_saturation_is_judged_by_the_size_of_its_time)
{
    static double capacity[SIZED_MAX];
    const double *const rows[] = {capacity};
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 3);
    s.in.capacity = rows;
    for (size_t i = 0; i < 336; i++)
        capacity[i] = 2;
    SIZED(&s, "OPTIMIZED", "saturation", 3);
    for (size_t i = 300; i < 336; i++) {
        capacity[i] = 3;
        s.use[0][i] = 2.2;
    }
    SIZED(&s, "OPTIMIZED", "saturation", 3);
}
END_TEST

START_TEST(lack_of_memory_counts_for_eight_days_and_does_not_run_away)
{
    sized_make(&s, LL_RESOURCE_MEMORY, 336, 1 * GIB, 1.25 * GIB);
    s.in.oom_used = 1.25 * GIB;                        /* what it had when it was ended */
    SIZED(&s, "UNDER_PROVISIONED", "oom", 1844 * MIB); /* 1.25 GiB * 1.2 * 1.2 */
    s.in.oom_used = 300 * MIB;
    SIZED(&s, "OPTIMIZED", "hysteresis", 1.25 * GIB);
    s.in.oom_used = 1.25 * GIB;
    s.in.oom_age = 8 * LL_DAY;
    SIZED(&s, "OPTIMIZED", "hysteresis", 1.25 * GIB);
    /* Of 60 MiB, 100 MiB more would be over twice of what was seen. */
    sized_make(&s, LL_RESOURCE_MEMORY, 336, 60 * MIB, 64 * MIB);
    s.o.floor = 0;
    s.in.oom_used = 64 * MIB;
    SIZED(&s, "UNDER_PROVISIONED", "oom", 154 * MIB);
}
END_TEST

START_TEST(a_shrink_is_at_most_half_at_once_and_ends_where_it_is_wanted)
{
    double size = 40;
    size_t steps = 0;
    for (; steps < 20; steps++) {
        sized_make(&s, LL_RESOURCE_CPU, 336, 2, size);
        if (sized_run(&s)->recommended == size)
            break;
        ck_assert_double_ge(s.got.recommended, size / 2);
        ck_assert_double_ge(s.got.recommended, 2.3);
        size = s.got.recommended;
    }
    ck_assert_double_eq_tol(size, 2.5, 0.21); /* within a tenth of 2.3 */
    ck_assert_uint_le(steps, 6);
}
END_TEST

START_TEST(the_law_knows_no_hysteresis_and_no_lack_of_data)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    s.in.regulatory = 4.2;
    SIZED(&s, "OPTIMIZED", "regulatory", 4.2);
    sized_make(&s, LL_RESOURCE_CPU, 20, 1, 4);
    s.in.regulatory = 4.2;
    SIZED(&s, "INSUFFICIENT_DATA", "regulatory", 4.2);
    sized_make(&s, LL_RESOURCE_CPU, 336, NAN, 4);
    s.in.regulatory_multiple = 2;
    s.in.historical_peak = 5;
    SIZED(&s, "UNDER_PROVISIONED", "regulatory", 10);
}
END_TEST

START_TEST(a_horizontal_rule_and_the_size_are_a_fixed_point)
{
    static const double targets[] = {0.3, 0.5, 0.65, 0.8, 0.97};
    for (size_t i = 0; i < LL_LEN(targets); i++) {
        sized_make(&s, LL_RESOURCE_CPU, 336, 4 * targets[i], 4);
        s.in.horizontal.target = targets[i];
        ck_assert_double_eq(sized_run(&s)->recommended, 4);
        s.in.horizontal.at_min = s.in.horizontal.at_max = true;
        ck_assert_double_eq(sized_run(&s)->recommended, 4);
    }
}
END_TEST

START_TEST(a_horizontal_rule_has_its_range_to_itself)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 1.2, 4);
    s.in.horizontal.target = 0.5;
    SIZED(&s, "OPTIMIZED", "horizontal", 4);
    s.in.horizontal.at_min = true;
    SIZED(&s, "OVER_PROVISIONED", "horizontal", 2.4);
    sized_make(&s, LL_RESOURCE_CPU, 336, 3, 4);
    s.in.horizontal.target = 0.5;
    SIZED(&s, "OPTIMIZED", "horizontal", 4);
    s.in.horizontal.at_max = true;
    SIZED(&s, "UNDER_PROVISIONED", "horizontal", 6);
    /* More instances do not help one that runs out of memory. */
    sized_make(&s, LL_RESOURCE_MEMORY, 336, 1 * GIB, 1 * GIB);
    s.in.horizontal.target = 0.8;
    s.in.oom_used = 1 * GIB;
    ck_assert_int_eq(sized_run(&s)->sizing, LL_SIZING_UNDER_PROVISIONED);
}
END_TEST

START_TEST(the_largest_instance_sets_the_size)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 1, 8);
    s.in.replicas = 3;
    for (size_t i = 0; i < 336; i++)
        s.use[2][i] = 5;
    SIZED(&s, "OVER_PROVISIONED", "base", 5.75);
    ck_assert_double_eq(s.got.imbalance, 5);
    ck_assert_uint_eq(s.got.samples, 336);
    /* Instances that follow one another make one history. */
    for (size_t i = 0; i < 336; i++) {
        s.use[0][i] = i < 100 ? 1 : NAN;
        s.use[1][i] = i >= 100 && i < 200 ? 1 : NAN;
        s.use[2][i] = i >= 200 ? 1 : NAN;
    }
    ck_assert_double_eq(sized_run(&s)->coverage, 1);
    ck_assert_double_eq(s.got.confidence, 1);
}
END_TEST

START_TEST(a_lost_zone_is_to_spare)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 10);
    s.o.zones = 3;
    s.o.max_shrink = 1;
    SIZED(&s, "OVER_PROVISIONED", "base", 3.45);
    s.o.zones = 1;
    SIZED(&s, "OVER_PROVISIONED", "base", 2.3);
}
END_TEST

START_TEST(the_highest_within_a_step_is_the_peak)
{
    static double highest[SIZED_MAX];
    const double *const rows[] = {highest};
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 8);
    for (size_t i = 0; i < 336; i++)
        highest[i] = i == 9 ? 6 : NAN;
    s.in.highest = rows;
    SIZED(&s, "OVER_PROVISIONED", "peak", 4.2);
    sized_make(&s, LL_RESOURCE_MEMORY, 336, 2 * GIB, 8 * GIB);
    s.in.highest = rows;
    highest[9] = 5 * GIB;
    SIZED(&s, "OVER_PROVISIONED", "base", 6 * GIB);
}
END_TEST

START_TEST(classes_of_days_are_not_mixed)
{
    static uint8_t day[SIZED_MAX];
    sized_make(&s, LL_RESOURCE_CPU, 336, 0.3, 8);
    s.o.tier = LL_TIER_BATCH;
    for (size_t i = 0; i < 336; i++) {
        day[i] = i % 24 == 10 ? LL_COST_DAY_OPEN : LL_COST_DAY_CLOSED;
        if (i % 24 == 10)
            s.use[0][i] = 4;
    }
    SIZED(&s, "OVER_PROVISIONED", "max_shrink", 4); /* 14 of 336 hours: P95 does not see them */
    s.history.day = day;
    SIZED(&s, "OVER_PROVISIONED", "base", 4.6);
}
END_TEST

START_TEST(a_history_without_month_end_and_expiry_is_half_sure)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    s.history.by_calendar = true;
    s.history.month_end = true;
    ck_assert_double_eq(sized_run(&s)->confidence, 0.5);
    s.history.quarter = true;
    ck_assert_double_eq(sized_run(&s)->confidence, 1);
}
END_TEST

START_TEST(a_service_is_what_its_resources_are)
{
    struct ll_size r[3] = {{.sizing = LL_SIZING_OPTIMIZED},
                           {.sizing = LL_SIZING_INSUFFICIENT_DATA},
                           {.sizing = LL_SIZING_OVER_PROVISIONED}};
    struct ll_size_idle idle = {
        .cpu_ratio = 0.05, .network_ratio = 0.02, .connections = 0, .days = 7, .full_cycle = true};
    ck_assert_int_eq(ll_size_service(r, 3, NULL), LL_SIZING_OVER_PROVISIONED);
    ck_assert_int_eq(ll_size_service(r, 3, &idle), LL_SIZING_IDLE);
    ck_assert_int_eq(ll_size_service(r, 2, NULL), LL_SIZING_OPTIMIZED);
    ck_assert_int_eq(ll_size_service(r + 1, 1, &idle), LL_SIZING_INSUFFICIENT_DATA);
    ck_assert_int_eq(ll_size_service(NULL, 0, &idle), LL_SIZING_INSUFFICIENT_DATA);
    r[0].sizing = LL_SIZING_UNDER_PROVISIONED;
    ck_assert_int_eq(ll_size_service(r, 3, &idle), LL_SIZING_UNDER_PROVISIONED);
}
END_TEST

START_TEST(what_is_not_known_is_not_idle)
{
    const struct ll_size_idle idle = {0, 0, 0, 7, true};
    ck_assert(ll_size_is_idle(&idle));
    struct ll_size_idle f = idle;
    f.cpu_ratio = NAN;
    ck_assert(!ll_size_is_idle(&f));
    f = idle;
    f.network_ratio = NAN;
    ck_assert(!ll_size_is_idle(&f));
    f = idle;
    f.connections = NAN;
    ck_assert(!ll_size_is_idle(&f));
    f = idle;
    f.connections = 1;
    ck_assert(!ll_size_is_idle(&f));
    f = idle;
    f.days = 6.9;
    ck_assert(!ll_size_is_idle(&f));
    f = idle;
    f.full_cycle = false;
    ck_assert(!ll_size_is_idle(&f));
}
END_TEST

static const char *why(void)
{
    static char buf[LL_SIZE_TEXT_MAX];
    return ll_size_text(sized_run(&s), &s.o, ll_resource_unit(LL_RESOURCE_CPU), buf);
}

START_TEST(a_sentence_says_why_with_its_figures)
{
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    ck_assert_str_eq(why(), "P95 of use 2.00 cores + 15 %");
    s.use[0][7] = 3.6;
    ck_assert_str_eq(why(), "the peak of 3.60 cores is protected (tier standard)");
    s.in.current = 2.6;
    ck_assert_str_eq(why(), "2.52 cores is wanted (peak), less than 10 % from the current size");
    s.in.current = 20;
    ck_assert_str_eq(why(), "2.52 cores is wanted (peak), at most 50 % less at once");
    s.in.throttled = true;
    ck_assert_str_eq(why(), "work was throttled or queued: use may be higher");
    sized_make(&s, LL_RESOURCE_CPU, 20, 1, 4);
    ck_assert_str_eq(why(), "20 samples over 20 h: to shrink takes 100 over 30 h");
    sized_make(&s, LL_RESOURCE_CPU, 50, 2, 2);
    ck_assert_str_eq(why(), "100 % of samples at the capacity: use may be higher");
    sized_make(&s, LL_RESOURCE_CPU, 0, 2, 2);
    ck_assert_str_eq(why(), "no samples");
}
END_TEST

START_TEST(every_term_has_a_name_and_a_sentence)
{
    char buf[LL_SIZE_TEXT_MAX];
    sized_make(&s, LL_RESOURCE_CPU, 336, 2, 4);
    sized_run(&s);
    for (int t = 0; t < LL_SIZE_TERM_COUNT; t++) {
        s.got.bound = (enum ll_size_term)t;
        ck_assert_uint_gt(strlen(ll_size_text(&s.got, &s.o, LL_UNIT_CORES, buf)), 5);
        ck_assert_str_ne(ll_size_term_name(s.got.bound), "?");
    }
    ck_assert_str_eq(ll_size_term_name(LL_SIZE_TERM_COUNT), "?");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_term_binds_and_is_named,
        small_things_have_a_floor,
        no_data_keeps_what_there_is,
        gaps_are_not_zeros,
        a_source_that_went_silent_lowers_confidence_a_late_start_shortens_the_span,
        what_is_young_may_grow_but_not_shrink,
        no_capacity_can_only_grow_and_an_unknown_one_is_not_judged,
        what_is_saturated_says_only_at_least,
        old_saturation_is_judged_by_the_size_of_its_time,
        lack_of_memory_counts_for_eight_days_and_does_not_run_away,
        a_shrink_is_at_most_half_at_once_and_ends_where_it_is_wanted,
        the_law_knows_no_hysteresis_and_no_lack_of_data,
        a_horizontal_rule_and_the_size_are_a_fixed_point,
        a_horizontal_rule_has_its_range_to_itself,
        the_largest_instance_sets_the_size,
        a_lost_zone_is_to_spare,
        the_highest_within_a_step_is_the_peak,
        classes_of_days_are_not_mixed,
        a_history_without_month_end_and_expiry_is_half_sure,
        a_service_is_what_its_resources_are,
        what_is_not_known_is_not_idle,
        a_sentence_says_why_with_its_figures,
        every_term_has_a_name_and_a_sentence};
    return ll_test_run("cost_size", tests, LL_LEN(tests));
}
