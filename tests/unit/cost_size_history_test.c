/* Histories as a calendar sees them: closures forget nothing, kinds of day stay apart. */
#include <math.h>
#include <string.h>

#include "calendar_make.h"
#include "cost/size_history.h"
#include "cost/size_vpa.h"
#include "support.h"

enum { HOURS_MAX = 120 * 24 };

static double weight[HOURS_MAX];
static uint8_t day[HOURS_MAX];
static struct ll_size_history h;

/* In UTC, 09:30 to 16:00; Friday 2026-11-27 closes at 13:00. */
static struct made calendar(void)
{
    static struct ll_cal_rule special;
    special = (struct ll_cal_rule){
        .id = LL_SLICE("early"), .month = 11, .mday = 27, .times = make_times(0, HM(13, 0), 0, 0)};
    make_rules(&special, 1);
    struct make m = make_calendar();
    m.rules.special = &special;
    m.rules.n_special = 1;
    return make_it(&m);
}

static void history(const struct ll_calendar *c, const char *from, const char *to, double half_life)
{
    const struct ll_size_history_opts o = {
        .from = make_time(from),
        .step = LL_HOUR,
        .n = (size_t)((make_time(to) - make_time(from)) / LL_HOUR),
        .calendar = c,
        .half_life_hours = half_life,
    };
    ck_assert_uint_le(o.n, HOURS_MAX);
    ll_size_history_make(&o, weight, day, &h);
}

START_TEST(age_is_counted_in_open_hours)
{
    struct made m = calendar();
    history(m.c, "2026-11-02T00:00Z", "2026-11-06T16:00Z", 6.5);
    ck_assert_double_eq_tol(weight[10], exp2(-(4 * 6.5 + 5) / 6.5), 1e-12); /* Monday 10:00 */
    ck_assert_double_eq_tol(weight[h.n - 1], 1, 1e-12);
    const double friday = weight[h.n - 3], monday = weight[10];
    history(m.c, "2026-11-02T00:00Z", "2026-11-09T09:00Z", 6.5); /* over the weekend */
    ck_assert_double_eq(weight[10], monday);
    ck_assert_double_eq(weight[4 * 24 + 13], friday);
    ck_assert_double_eq(weight[h.n - 1], 1);
    make_end(&m);
}
END_TEST

START_TEST(kinds_of_day_are_told_apart)
{
    struct made m = calendar();
    history(m.c, "2026-11-26T00:00Z", "2026-11-29T00:00Z", 0);
    ck_assert_int_eq(day[8], LL_COST_DAY_CLOSED);
    ck_assert_int_eq(day[9], LL_COST_DAY_OPEN); /* from 09:30 */
    ck_assert_int_eq(day[15], LL_COST_DAY_OPEN);
    ck_assert_int_eq(day[16], LL_COST_DAY_CLOSED);
    ck_assert_int_eq(day[24 + 12], LL_COST_DAY_HALF);
    ck_assert_int_eq(day[24 + 13], LL_COST_DAY_CLOSED);
    ck_assert_int_eq(day[48 + 12], LL_COST_DAY_CLOSED);
    for (size_t i = 0; i < h.n; i++)
        ck_assert_double_eq(weight[i], 1);
    make_end(&m);
}
END_TEST

START_TEST(month_ends_and_quarters_are_looked_for)
{
    struct made m = calendar();
    history(m.c, "2026-11-02T00:00Z", "2026-11-30T00:00Z", 0);
    ck_assert(h.by_calendar && !h.month_end && !h.quarter);
    history(m.c, "2026-11-02T00:00Z", "2026-11-30T15:00Z", 0);
    ck_assert(!h.month_end); /* its last session is not over */
    history(m.c, "2026-11-02T00:00Z", "2026-11-30T16:00Z", 0);
    ck_assert(h.month_end && !h.quarter);
    history(m.c, "2026-11-30T12:00Z", "2026-12-19T00:00Z", 0);
    ck_assert(!h.month_end && h.quarter); /* Friday 2026-12-18 */
    history(m.c, "2026-12-20T00:00Z", "2027-03-19T10:00Z", 0);
    ck_assert(h.month_end && !h.quarter);
    make_end(&m);
}
END_TEST

START_TEST(without_a_calendar_all_hours_count)
{
    history(NULL, "2026-11-02T00:00Z", "2026-11-03T00:00Z", 12);
    ck_assert(!h.by_calendar && h.day == NULL);
    ck_assert_double_eq_tol(weight[11], 0.5, 1e-12);
    struct made m = calendar();
    history(m.c, "1999-11-02T00:00Z", "1999-11-03T00:00Z", 12); /* before its first day */
    ck_assert_double_eq_tol(weight[11], 0.5, 1e-12);
    ck_assert_int_eq(day[3], LL_COST_DAY_OPEN);
    make_end(&m);
}
END_TEST

/* Ten sessions of 4 cores, then five days closed: half a core. */
START_TEST(a_closure_that_the_autoscaler_forgets_over_is_remembered)
{
    static double use[HOURS_MAX];
    static const double *rows[] = {use};
    static struct ll_size_vpa_room vpa;
    static struct ll_weighted values[HOURS_MAX];
    double bases[1];
    struct ll_cal_rule holidays[] = {{.id = LL_SLICE("a"), .month = 11, .mday = 16},
                                     {.id = LL_SLICE("b"), .month = 11, .mday = 17},
                                     {.id = LL_SLICE("c"), .month = 11, .mday = 18}};
    make_rules(holidays, LL_LEN(holidays));
    struct make mk = make_calendar();
    mk.rules.holidays = holidays;
    mk.rules.n_holidays = LL_LEN(holidays);
    mk.hours.times = make_times(HM(0, 30), HM(23, 30), 0, 0);
    struct made m = make_it(&mk);
    history(m.c, "2026-11-02T00:00Z", "2026-11-19T00:00Z", 24);
    for (size_t i = 0; i < h.n; i++)
        use[i] = day[i] == LL_COST_DAY_CLOSED ? 0.5 : 4;
    const struct ll_size_input in = {.history = &h, .replicas = 1, .use = rows, .current = 10};
    struct ll_size_opts o = ll_size_opts_default(LL_RESOURCE_CPU);
    struct ll_size got;
    o.tier = LL_TIER_BATCH;
    ll_size_of(&in, &o, &(struct ll_size_scratch){values, bases}, &got);
    ck_assert_double_eq(got.base, 4);
    ck_assert_double_eq_tol(got.wanted, 4.6, 1e-9);

    const struct ll_vpa_opts vo = ll_vpa_opts_default();
    const struct ll_vpa_config vc = ll_vpa_config_default();
    const double target =
        ll_size_vpa_target(&in, LL_RESOURCE_CPU, make_time("2026-11-02T00:00Z"), &vo, &vc, &vpa);
    ck_assert_double_eq_tol(target, 0.587, 1e-9); /* 0.511 + 15 %, in whole millicores */
    struct ll_size_input by_vpa = in;
    by_vpa.vpa = target;
    ll_size_of(&by_vpa, &o, &(struct ll_size_scratch){values, bases}, &got);
    ck_assert_str_eq(ll_size_term_name(got.term), "vpa");
    ck_assert_double_eq_tol(got.wanted, 0.587, 1e-9);
    make_end(&m);
}
END_TEST

START_TEST(the_autoscaler_without_samples_says_nothing)
{
    static double use[24], memory[48];
    const double *rows[] = {use}, *two[] = {memory, memory};
    static struct ll_size_vpa_room room;
    const struct ll_vpa_opts vo = ll_vpa_opts_default();
    const struct ll_vpa_config vc = ll_vpa_config_default();
    const struct ll_size_history day_long = {.step = LL_HOUR, .n = 24};
    const struct ll_size_history two_days = {.step = LL_HOUR, .n = 48};
    for (size_t i = 0; i < 24; i++)
        use[i] = i % 2 ? NAN : -1;
    for (size_t i = 0; i < 48; i++)
        memory[i] = 1e9;
    struct ll_size_input in = {.history = &day_long, .replicas = 1, .use = rows};
    ck_assert(isnan(ll_size_vpa_target(&in, LL_RESOURCE_CPU, 0, &vo, &vc, &room)));
    in = (struct ll_size_input){.history = &two_days, .replicas = 2, .use = two};
    const double target = ll_size_vpa_target(&in, LL_RESOURCE_MEMORY, 0, &vo, &vc, &room);
    ck_assert_double_ge(target, 1.15e9);
    ck_assert_double_le(target, 1.15e9 * 1.06); /* the end of its bucket */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {age_is_counted_in_open_hours,
                                  kinds_of_day_are_told_apart,
                                  month_ends_and_quarters_are_looked_for,
                                  without_a_calendar_all_hours_count,
                                  a_closure_that_the_autoscaler_forgets_over_is_remembered,
                                  the_autoscaler_without_samples_says_nothing};
    return ll_test_run("cost_size_history", tests, LL_LEN(tests));
}
