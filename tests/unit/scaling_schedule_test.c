/* Cron expressions and windows of time, on New York's clock and the calendar XNYS. */
#include <string.h>

#include "calendar/events.h"
#include "config/calendars.h"
#include "scaling/cron.h"
#include "scaling/schedule.h"
#include "support.h"

static struct ll_calendars *set;
static const struct ll_calendar *xnys;
static const struct ll_tz *new_york;

static void open_set(void)
{
    const struct ll_calendars_options o = {.to = ll_day_of(2028, 12, 31)};
    struct ll_err err;
    if (set)
        return;
    ck_assert_msg(ll_calendars_open(&o, &set, &err), "%s", err.text);
    ck_assert_msg(ll_calendars_get(set, LL_SLICE("XNYS"), &xnys, &err), "%s", err.text);
    ck_assert_msg(ll_calendars_zone(set, LL_SLICE("America/New_York"), &new_york, &err), "%s",
                  err.text);
}

static ll_time at(const char *text)
{
    ll_time t;
    ck_assert(ll_time_parse(ll_slice_of(text), &t, NULL));
    return t;
}

static void is_time(ll_time got, const char *wanted)
{
    char text[LL_TIME_TEXT_MAX];
    ck_assert_msg(got == at(wanted), "%s, expected %s",
                  got == LL_TIME_NONE ? "none" : ll_time_format(got, text), wanted);
}

static struct ll_cron cron(const char *text)
{
    struct ll_cron c;
    struct ll_err err;
    ck_assert_msg(ll_cron_parse(ll_slice_of(text), &c, &err), "%s", err.text);
    return c;
}

static struct ll_window_now look(const struct ll_scale_window *w, const char *now)
{
    open_set();
    const struct ll_schedule_source src = {.calendar = xnys, .tz = new_york};
    struct ll_window_now n;
    struct ll_err err;
    ck_assert_msg(ll_schedule_at(w, &src, at(now), &n, &err), "%s", err.text);
    return n;
}

START_TEST(a_skipped_time_comes_right_after_the_change)
{
    open_set();
    const struct ll_cron c = cron("30 2 * * *");
    const ll_time t = ll_cron_next(&c, new_york, at("2026-03-08T06:00:00Z"));
    is_time(t, "2026-03-08T07:00:00Z"); /* 03:00 EDT: there is no 02:30 */
    is_time(ll_cron_next(&c, new_york, t), "2026-03-09T06:30:00Z");
}
END_TEST

START_TEST(a_repeated_time_comes_once)
{
    open_set();
    const struct ll_cron c = cron("30 1 * * *");
    const ll_time t = ll_cron_next(&c, new_york, at("2026-11-01T04:00:00Z"));
    is_time(t, "2026-11-01T05:30:00Z");
    is_time(ll_cron_next(&c, new_york, t), "2026-11-02T06:30:00Z");
    is_time(ll_cron_last(&c, new_york, at("2026-11-01T06:45:00Z"), 0), "2026-11-01T05:30:00Z");
}
END_TEST

START_TEST(every_hour_follows_real_time)
{
    open_set();
    const struct ll_cron c = cron("30 * * * *");
    is_time(ll_cron_next(&c, new_york, at("2026-11-01T05:30:00Z")), "2026-11-01T06:30:00Z");
    is_time(ll_cron_next(&c, new_york, at("2026-03-08T06:30:00Z")), "2026-03-08T07:30:00Z");
}
END_TEST

/* Walking back finds what walking on finds. */
START_TEST(the_last_time_is_the_next_one_of_before)
{
    static const char *const texts[] = {"*/7 * * * *",   "13 3,17 * * 1-5", "0 0 29 2 *",
                                        "5 1 1-7 * 0",   "30 2 * 3,11 *",   "59 23 31 12 *",
                                        "*/20 1-2 * * *"};
    uint64_t seed = 7;
    open_set();
    for (size_t i = 0; i < LL_LEN(texts); i++) {
        const struct ll_cron c = cron(texts[i]);
        for (int k = 0; k < 40; k++) {
            const ll_time t = at("2025-01-01T00:00:00Z") +
                              (ll_time)(ll_test_random(&seed) % (uint64_t)(3 * 365 * LL_DAY));
            const ll_time next = ll_cron_next(&c, new_york, t);
            ck_assert_int_gt(next, t);
            ck_assert_int_eq(ll_cron_last(&c, new_york, next, t), next);
            const ll_time before = ll_cron_last(&c, new_york, next - 1, t - 9 * 366 * LL_DAY);
            ck_assert_msg(before <= t, "%s skips one", texts[i]);
        }
    }
}
END_TEST

START_TEST(what_is_no_expression_is_refused_with_its_place)
{
    static const struct {
        const char *text;
        int column;
    } bad[] = {{"", 1},
               {"* * * *", 8},
               {"60 * * * *", 1},
               {"* 24 * * *", 3},
               {"1,,2 * * * *", 3},
               {"*/0 * * * *", 4},
               {"5-1 * * * *", 4},
               {"* * * * MOND", 9},
               {"* * * * * *", 11},
               {"@bogus", 1},
               {"*/-5 * * * *", 3},
               {"1001 * * * *", 4},
               {"1-x * * * *", 3},
               {"1-99 * * * *", 3},
               {"* * 0 * *", 5},
               {"*/x * * * *", 3},
               {"5x * * * *", 2},
               {"5{ * * * *", 2},
               {"* * * XYZ *", 7},
               {"x * * * *", 1},
               {"{ * * * *", 1},
               {"_ * * * *", 1},
               {"* * * * sux", 9},
               {"\t*\t*", 5},
               {"@", 1},
               {"@a-word-that-is-much-longer-than-any-of-them-could-be", 1}};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        struct ll_cron c;
        struct ll_err err;
        ck_assert_msg(!ll_cron_parse(ll_slice_of(bad[i].text), &c, &err), "%s", bad[i].text);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_msg(err.column == bad[i].column, "%s: column %d", bad[i].text, err.column);
    }
}
END_TEST

START_TEST(all_forms_of_an_expression_are_read)
{
    static const struct {
        const char *text;
        uint64_t minute;
        uint32_t weekday;
    } good[] = {{"?\t*\t*\t*\t7 \t", 0xfffffffffffffff, 1},
                {"55/2 * * JAN-dec Mon", 0xa80000000000000, 2},
                {" 0 0 1 jul ? ", 1, 0x7f},
                {"@WEEKLY", 1, 1},
                {"@hourly ", 1, 0x7f},
                {"1,3-5 * * * sat", 0x3a, 0x40}};
    for (size_t i = 0; i < LL_LEN(good); i++) {
        const struct ll_cron c = cron(good[i].text);
        ck_assert_msg(c.minute == good[i].minute, "%s: %llx", good[i].text,
                      (unsigned long long)c.minute);
        ck_assert_msg((c.weekday & 0x7f) == good[i].weekday, "%s: %x", good[i].text, c.weekday);
    }
    char text[LL_CRON_BYTES_MAX + 2];
    struct ll_cron c;
    struct ll_err err;
    memset(text, ' ', sizeof(text));
    memcpy(text, "* * * * *", 9);
    ck_assert(ll_cron_parse((struct ll_slice){text, LL_CRON_BYTES_MAX}, &c, &err));
    ck_assert(!ll_cron_parse((struct ll_slice){text, LL_CRON_BYTES_MAX + 1}, &c, &err));
}
END_TEST

/* Every hour of some days: the clock is real time, the day is the zone's. */
START_TEST(every_hour_of_a_day_ends_with_it)
{
    open_set();
    const struct ll_cron c = cron("30 * 1 * *");
    is_time(ll_cron_next(&c, new_york, at("2026-12-01T03:45:00Z")), "2026-12-01T05:30:00Z");
    is_time(ll_cron_next(&c, new_york, at("2026-12-02T04:45:00Z")), "2027-01-01T05:30:00Z");
    is_time(ll_cron_last(&c, new_york, at("2026-12-01T05:15:00Z"), 0), "2026-11-02T04:30:00Z");
    is_time(ll_cron_last(&c, new_york, at("2026-12-01T05:30:30Z"), 0), "2026-12-01T05:30:00Z");
    ck_assert_int_eq(
        ll_cron_last(&c, new_york, at("2026-12-01T05:15:00Z"), at("2026-11-20T00:00:00Z")),
        LL_TIME_NONE);
    ck_assert_int_eq(
        ll_cron_last(&c, new_york, at("2026-12-01T05:45:00Z"), at("2026-12-01T05:40:00Z")),
        LL_TIME_NONE);
}
END_TEST

START_TEST(a_day_that_never_comes_never_comes)
{
    open_set();
    const struct ll_cron c = cron("0 0 30 2 *");
    ck_assert_int_eq(ll_cron_next(&c, new_york, at("2026-01-01T00:00:00Z")), LL_TIME_NONE);
    const struct ll_scale_window w = {
        .anchor = LL_ANCHOR_CRON, .cron = LL_SLICE("0 0 30 2 *"), .duration = LL_HOUR};
    const struct ll_window_now n = look(&w, "2026-03-01T00:00:00Z");
    ck_assert(!n.open);
    ck_assert_int_eq(n.next, LL_TIME_NONE);
}
END_TEST

/* Each of its openings is excepted, so many in a row that the search ends. */
START_TEST(a_window_that_is_always_excepted_never_opens)
{
    const struct ll_slice day = LL_SLICE("2026-11-30");
    const struct ll_scale_window w = {.anchor = LL_ANCHOR_CRON,
                                      .cron = LL_SLICE("* 12 * * *"),
                                      .duration = LL_MINUTE,
                                      .except = &day,
                                      .n_except = 1};
    is_time(look(&w, "2026-11-30T16:59:00Z").next, "2026-12-01T17:00:00Z");
    const struct ll_scale_window every = {.anchor = LL_ANCHOR_CRON,
                                          .cron = LL_SLICE("* * * * *"),
                                          .duration = LL_MINUTE,
                                          .except = &day,
                                          .n_except = 1};
    ck_assert_int_eq(look(&every, "2026-11-30T05:00:30Z").next, LL_TIME_NONE);
    const struct ll_window_now last = look(&every, "2026-12-01T04:59:30Z");
    ck_assert(!last.open);
    is_time(last.next, "2026-12-01T05:00:00Z");
}
END_TEST

START_TEST(before_the_first_session_nothing_is_open)
{
    struct ll_scale_window w = {.anchor = LL_ANCHOR_OPEN, .duration = 400 * LL_DAY};
    ck_assert(!look(&w, "1700-01-01T00:00:00Z").open);
    ck_assert(look(&w, "2026-11-28T00:00:00Z").open);
    w.anchor = LL_ANCHOR_CRON; /* longer than the span between two openings */
    w.cron = LL_SLICE("0 9 * * *");
    ck_assert(look(&w, "2026-11-28T00:00:00Z").open);
}
END_TEST

START_TEST(a_ramp_to_nothing_has_no_steps)
{
    struct ll_scale_window w = {.anchor = LL_ANCHOR_CRON,
                                .cron = LL_SLICE("0 9 * * *"),
                                .duration = LL_HOUR,
                                .ramp = 10 * LL_MINUTE};
    const struct ll_window_now n = look(&w, "2026-11-30T14:05:00Z");
    ck_assert(n.open);
    ck_assert_int_eq(n.amount, 0);
    is_time(n.next, "2026-11-30T15:00:00Z");
    w.amount = 5;
    is_time(look(&w, "2026-11-30T14:10:00Z").next, "2026-11-30T15:00:00Z");
}
END_TEST

START_TEST(a_window_opens_before_the_market_does)
{
    const struct ll_scale_window w = {
        .anchor = LL_ANCHOR_OPEN, .offset = -30 * LL_MINUTE, .duration = 2 * LL_HOUR, .amount = 16};
    ck_assert(!look(&w, "2026-11-27T13:59:59Z").open);
    is_time(look(&w, "2026-11-27T13:59:59Z").next, "2026-11-27T14:00:00Z");
    const struct ll_window_now n = look(&w, "2026-11-27T14:00:00Z");
    ck_assert(n.open);
    ck_assert_int_eq(n.amount, 16);
    is_time(n.until, "2026-11-27T16:00:00Z");
    ck_assert(!look(&w, "2026-11-27T16:00:00Z").open);
    /* No session on Thanksgiving, nor on Saturday: the next is Monday's. */
    ck_assert(!look(&w, "2026-11-26T14:30:00Z").open);
    is_time(look(&w, "2026-11-27T16:00:00Z").next, "2026-11-30T14:00:00Z");
}
END_TEST

START_TEST(a_window_at_the_close_comes_earlier_on_a_half_day)
{
    const struct ll_scale_window w = {.anchor = LL_ANCHOR_CLOSE,
                                      .offset = -15 * LL_MINUTE,
                                      .duration = 45 * LL_MINUTE,
                                      .effect = LL_WINDOW_NO_SCALE_IN};
    ck_assert(look(&w, "2026-11-27T17:50:00Z").open); /* closes at 13:00 EST */
    ck_assert(!look(&w, "2026-11-30T17:50:00Z").open);
    ck_assert(look(&w, "2026-11-30T20:50:00Z").open);
}
END_TEST

START_TEST(an_excepted_day_does_not_open)
{
    const struct ll_slice days[] = {LL_SLICE("2026-11-30")};
    const struct ll_scale_window w = {.anchor = LL_ANCHOR_CRON,
                                      .cron = LL_SLICE("0 9 * * 1-5"),
                                      .duration = LL_HOUR,
                                      .except = days,
                                      .n_except = 1};
    ck_assert(!look(&w, "2026-11-30T14:30:00Z").open);
    is_time(look(&w, "2026-11-28T00:00:00Z").next, "2026-12-01T14:00:00Z");
}
END_TEST

START_TEST(a_window_over_midnight_is_one_window)
{
    const struct ll_scale_window w = {
        .anchor = LL_ANCHOR_CRON, .cron = LL_SLICE("0 22 * * 5"), .duration = 8 * LL_HOUR};
    const struct ll_window_now n = look(&w, "2026-11-28T08:00:00Z"); /* Saturday 03:00 EST */
    ck_assert(n.open);
    is_time(n.since, "2026-11-28T03:00:00Z");
    is_time(n.until, "2026-11-28T11:00:00Z");
}
END_TEST

/* State is a function of time: every step of the ramp is where `next` said it would be. */
START_TEST(a_ramp_climbs_in_the_steps_it_announces)
{
    const struct ll_scale_window w = {
        .anchor = LL_ANCHOR_OPEN, .duration = 2 * LL_HOUR, .ramp = 10 * LL_MINUTE, .amount = 7};
    const struct ll_schedule_source src = {.calendar = xnys, .tz = new_york};
    ll_time t = at("2026-11-30T14:30:00Z");
    int64_t amount = 0;
    open_set();
    for (int i = 0; amount < 7; i++) {
        struct ll_window_now n, before;
        ck_assert_int_lt(i, 8);
        ck_assert(ll_schedule_at(&w, &src, t, &n, NULL));
        ck_assert(ll_schedule_at(&w, &src, t - 1, &before, NULL));
        ck_assert_int_eq(n.amount, amount + 1);
        ck_assert_int_eq(before.open ? before.amount : 0, amount);
        amount = n.amount;
        t = n.next;
    }
    ck_assert_int_eq(look(&w, "2026-11-30T14:45:00Z").amount, 7);
}
END_TEST

START_TEST(a_window_without_what_it_needs_is_refused)
{
    const struct ll_schedule_source nothing = {0};
    const struct ll_scale_window open = {.anchor = LL_ANCHOR_OPEN, .duration = LL_HOUR};
    const struct ll_scale_window endless = {.anchor = LL_ANCHOR_OPEN};
    struct ll_window_now n;
    struct ll_err err;
    open_set();
    const struct ll_schedule_source src = {.calendar = xnys};
    ck_assert(!ll_schedule_at(&open, &nothing, 0, &n, &err));
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert(!ll_schedule_at(&endless, &src, 0, &n, &err));
    const struct ll_scale_window event = {
        .anchor = LL_ANCHOR_EVENT, .event = LL_SLICE("us_fomc"), .duration = LL_HOUR};
    ck_assert(!ll_schedule_at(&event, &src, 0, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "us_fomc"));
    const struct ll_schedule_source zone = {.tz = new_york};
    ck_assert(!ll_schedule_at(&open, &zone, 0, &n, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "open or close needs a calendar"));
}
END_TEST

START_TEST(a_window_at_an_event_opens_at_its_time)
{
    open_set();
    LL_AUTO(ll_market_events) events = NULL;
    struct ll_err err;
    ck_assert_msg(ll_calendars_events(set, LL_SLICE("XNYS"), ll_day_of(2025, 1, 1),
                                      ll_day_of(2026, 12, 31), LL_TIME_NONE, &events, &err),
                  "%s", err.text);
    const struct ll_market_event *e = ll_market_events_next(events, at("2026-02-01T00:00:00Z"));
    ck_assert_ptr_nonnull(e);
    const struct ll_scale_window w = {.anchor = LL_ANCHOR_EVENT,
                                      .event = e->name,
                                      .offset = -LL_MINUTE,
                                      .duration = 10 * LL_MINUTE};
    const struct ll_schedule_source src = {.calendar = xnys, .events = events};
    struct ll_window_now n;
    ck_assert(ll_schedule_at(&w, &src, e->time, &n, &err));
    ck_assert(n.open);
    ck_assert_int_eq(n.since, e->time - LL_MINUTE);
    ck_assert(ll_schedule_at(&w, &src, e->time + 9 * LL_MINUTE, &n, &err));
    ck_assert(!n.open || n.since > e->time);
    ck_assert(ll_schedule_at(&w, &src, e->time - LL_DAY, &n, &err));
    ck_assert(!n.open);
    ck_assert_int_eq(n.next, e->time - LL_MINUTE);
    ck_assert(ll_schedule_at(&w, &src, e->time + LL_DAY, &n, &err)); /* it lies among those ahead */
    ck_assert(!n.open);
    /* In the last of all it is open, and nothing comes after it but its end. */
    const struct ll_market_event *of, *last = NULL;
    const size_t all =
        ll_market_events_all_between(events, ll_day_of(2025, 1, 1), ll_day_of(2026, 12, 31), &of);
    for (size_t i = 0; i < all; i++)
        if (ll_slice_eq(of[i].name, e->name))
            last = &of[i];
    ck_assert(ll_schedule_at(&w, &src, last->time, &n, &err));
    ck_assert(n.open);
    ck_assert_int_eq(n.next, last->time + 9 * LL_MINUTE);
    /* Far from all of them, in the first and in the last of the years. */
    ck_assert(ll_schedule_at(&w, &src, at("2020-01-01T00:00:00Z"), &n, &err));
    ck_assert(!n.open);
    ck_assert(ll_schedule_at(&w, &src, at("2028-06-01T00:00:00Z"), &n, &err));
    ck_assert_int_eq(n.next, LL_TIME_NONE);
}
END_TEST

/* A day without a time of day is nothing that a window could open at. */
START_TEST(an_event_without_time_opens_nothing)
{
    open_set();
    const ll_day days[] = {ll_day_of(2026, 11, 30)};
    const struct ll_event_rule rule = {.id = LL_SLICE("review"),
                                       .class = LL_SLICE("other"),
                                       .base = LL_EVENT_LIST,
                                       .date = {.from = days[0], .to = days[0]},
                                       .dates = days,
                                       .n_dates = 1,
                                       .announced_to = LL_DAY_LAST};
    const struct ll_event_rules rules = {
        .name = LL_SLICE("own"), .calendar = LL_SLICE("XNYS"), .rules = &rule, .n = 1};
    const struct ll_market_events_source events_of = {.rules = &rules,
                                                      .calendar = xnys,
                                                      .from = days[0] - 10,
                                                      .to = days[0] + 10,
                                                      .known_at = LL_TIME_NONE};
    LL_AUTO(ll_market_events) events = NULL;
    struct ll_err err;
    struct ll_window_now n;
    ck_assert_msg(ll_market_events_compile(&events_of, &events, &err), "%s", err.text);
    const struct ll_market_event *e;
    ck_assert_uint_eq(ll_market_events_all_between(events, days[0], days[0], &e), 1);
    ck_assert_int_eq(e->time, LL_TIME_NONE);
    const struct ll_scale_window w = {
        .anchor = LL_ANCHOR_EVENT, .event = rule.id, .duration = 30 * LL_DAY};
    const struct ll_schedule_source src = {.calendar = xnys, .events = events};
    ck_assert(ll_schedule_at(&w, &src, at("2026-11-30T15:00:00Z"), &n, &err));
    ck_assert(!n.open);
    ck_assert_int_eq(n.next, LL_TIME_NONE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_skipped_time_comes_right_after_the_change,
                                  a_repeated_time_comes_once,
                                  every_hour_follows_real_time,
                                  the_last_time_is_the_next_one_of_before,
                                  what_is_no_expression_is_refused_with_its_place,
                                  all_forms_of_an_expression_are_read,
                                  every_hour_of_a_day_ends_with_it,
                                  a_day_that_never_comes_never_comes,
                                  a_window_that_is_always_excepted_never_opens,
                                  before_the_first_session_nothing_is_open,
                                  a_ramp_to_nothing_has_no_steps,
                                  a_window_opens_before_the_market_does,
                                  a_window_at_the_close_comes_earlier_on_a_half_day,
                                  an_excepted_day_does_not_open,
                                  a_window_over_midnight_is_one_window,
                                  a_ramp_climbs_in_the_steps_it_announces,
                                  a_window_without_what_it_needs_is_refused,
                                  a_window_at_an_event_opens_at_its_time,
                                  an_event_without_time_opens_nothing};
    const int failed = ll_test_run("scaling_schedule", tests, LL_LEN(tests));
    ll_calendars_unref(set);
    return failed;
}
