/* Grids: weeks of real venues around daylight saving and holidays, local time, horizons. */
#include "forecast_make.h"
#include "support.h"

/* Hour of the day on the venue's clock while it trades, else no data. */
static double local_hour(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    return is_open(c, t, step) ? ll_tz_civil(ll_calendar_tz(c), t).hour : (double)NAN;
}

/* The same with minutes: 9.5 at half past nine. */
static double local_clock(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    struct ll_civil x = ll_tz_civil(ll_calendar_tz(c), t);
    return is_open(c, t, step) ? x.hour + x.minute / 60.0 : (double)NAN;
}

/* A load that never sleeps: 100 and the hour. */
static double always(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    (void)step;
    return 100 + ll_tz_civil(ll_calendar_tz(c), t).hour;
}

static void check_rows(const struct ll_grid *g, size_t rows, size_t slots, double first)
{
    ck_assert_uint_eq(g->n, rows * slots);
    for (size_t i = 0; i < g->n; i++) {
        ck_assert_double_eq(g->y[i], first + (double)(i % slots));
        ck_assert_int_eq(g->day[i], (int)(i / slots));
    }
}

/* New York changes on 8 March and 1 November 2026: opens move by an hour UTC, slots do not. */
START_TEST(slots_stay_over_daylight_saving)
{
    struct venue v = venue_open("XNYS");
    static const struct {
        const char *from, *to;
        size_t sessions;
    } spans[] = {{"2026-03-02T00:00Z", "2026-03-21T00:00Z", 15},
                 {"2026-10-19T00:00Z", "2026-11-14T00:00Z", 20}};
    for (size_t k = 0; k < LL_LEN(spans); k++) {
        LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
        struct ll_series s = series_of(v.c, spans[k].from, spans[k].to, LL_HOUR, local_hour);
        struct ll_grid g = grid_of(&s, 7, v.c, NULL, a);
        ck_assert_int_eq(g.kind, LL_GRID_SESSION);
        ck_assert_uint_eq(g.n_seasons, 2);
        ck_assert_int_eq(g.season[0], 7);
        ck_assert_int_eq(g.season[1], 35);
        check_rows(&g, spans[k].sessions, 7, 9);
        ck_assert_uint_eq(g.h, 7);
        series_end(&s);
    }
    venue_close(&v);
}
END_TEST

/* Thanksgiving is 26 November 2026, the day after ends at one. */
START_TEST(half_day_lacks_its_middle)
{
    static const double friday[] = {9, 10, NAN, NAN, NAN, 11, 12};
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2026-11-09T00:00Z", "2026-11-28T00:00Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, 7, v.c, v.events, a);
    ck_assert_uint_eq(g.n, 14 * 7);
    for (size_t i = 0; i < 7; i++) {
        size_t at = 13 * 7 + i;
        ck_assert_int_eq(isnan(g.y[at]), isnan(friday[i]));
        ck_assert_int_eq(g.t[at] == LL_TIME_NONE, isnan(friday[i]));
        if (!isnan(friday[i]))
            ck_assert_double_eq(g.y[at], friday[i]);
        ck_assert_uint_eq(g.day_class[at], LL_GRID_CLASS_HALF);
        ck_assert_uint_eq(g.day_class[at - 7], LL_GRID_CLASS_PRE_HOLIDAY);
        ck_assert_int_eq(g.day[at], 13);
    }
    ck_assert_int_eq(g.t[13 * 7 + 6], make_time("2026-11-27T17:00Z"));
    series_end(&s);
    venue_close(&v);
}
END_TEST

/* 18 December 2026 is a witching day, the 24th a half day; 1 January is closed. */
START_TEST(christmas_has_its_classes)
{
    static const struct {
        const char *date;
        uint8_t class;
    } days[] = {
        {"2026-12-17", LL_GRID_CLASS_REGULAR},      {"2026-12-18", LL_GRID_CLASS_WITCHING},
        {"2026-12-23", LL_GRID_CLASS_REGULAR},      {"2026-12-24", LL_GRID_CLASS_HALF},
        {"2026-12-28", LL_GRID_CLASS_YEAR_END},     {"2026-12-31", LL_GRID_CLASS_YEAR_END},
        {"2027-01-04", LL_GRID_CLASS_POST_HOLIDAY}, {"2027-01-05", LL_GRID_CLASS_REGULAR},
        {"2027-01-15", LL_GRID_CLASS_EXPIRY},       {"2027-01-29", LL_GRID_CLASS_MONTH_END}};
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2026-12-07T00:00Z", "2027-01-30T00:00Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, 7, v.c, v.events, a);
    for (size_t k = 0; k < LL_LEN(days); k++) {
        ll_time noon = make_day(days[k].date) * LL_DAY + 15 * LL_HOUR;
        bool seen = false;
        for (size_t i = 0; i < g.n; i++)
            if (g.t[i] == noon) {
                seen = true;
                ck_assert_msg(g.day_class[i] == days[k].class, "%s is %s", days[k].date,
                              ll_grid_class_name(&g, g.day_class[i]));
            }
        ck_assert(seen);
    }
    series_end(&s);
    venue_close(&v);
}
END_TEST

/* From Wednesday's close: four hours on Friday, then Monday, with nothing on Thursday. */
START_TEST(horizon_goes_over_a_holiday)
{
    static const char *const times[] = {"2026-11-27T14:00Z", "2026-11-27T15:00Z",
                                        "2026-11-27T16:00Z", "2026-11-27T17:00Z",
                                        "2026-11-30T14:00Z", "2026-11-30T15:00Z"};
    static const size_t steps[] = {0, 1, 5, 6, 7, 8};
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2026-11-09T00:00Z", "2026-11-25T21:00Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, LL_LEN(times), v.c, v.events, a);
    ck_assert_uint_eq(g.n_ahead, LL_LEN(times));
    ck_assert_uint_eq(g.h, 9);
    for (size_t i = 0; i < LL_LEN(times); i++) {
        ck_assert_int_eq(g.ahead[i].t, make_time(times[i]));
        ck_assert_uint_eq(g.ahead[i].step, g.n + steps[i]);
        ck_assert_int_eq(g.t[g.ahead[i].step], g.ahead[i].t);
    }
    ck_assert_uint_eq(g.day_class[g.n + 2], LL_GRID_CLASS_HALF);
    ck_assert_int_eq(g.t[g.n + 2], LL_TIME_NONE);
    series_end(&s);
    venue_close(&v);
}
END_TEST

/* Tokyo pauses from 11:30 to 12:30; its close moved to 15:30 in November 2024. */
START_TEST(break_is_left_out)
{
    static const double day[] = {9, 9.5, 10, 10.5, 11, 12.5, 13, 13.5, 14, 14.5, 15};
    struct venue v = venue_open("XTKS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2024-10-27T15:00Z", "2024-12-01T15:00Z", 30 * LL_MINUTE, local_clock);
    struct ll_grid g = grid_of(&s, 11, v.c, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_SESSION);
    ck_assert_int_eq(g.season[0], 11);
    for (size_t i = 0; i < 11; i++)
        ck_assert_double_eq(g.y[g.n - 11 + i], day[i]);
    /* Ten steps before the change: the one in the middle is not there. */
    ck_assert_double_eq(g.y[0], 9);
    ck_assert_double_eq(g.y[4], 11);
    ck_assert(isnan(g.y[5]));
    ck_assert_double_eq(g.y[6], 12.5);
    ck_assert_double_eq(g.y[10], 14.5);
    series_end(&s);
    venue_close(&v);
}
END_TEST

START_TEST(series_may_start_and_end_in_session)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2026-11-09T17:00Z", "2026-11-12T16:00Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, 6, v.c, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_SESSION);
    ck_assert_uint_eq(g.n, 4 + 7 + 7 + 2);
    ck_assert_double_eq(g.y[0], 12);
    ck_assert_double_eq(g.y[4], 9);
    ck_assert_int_eq(g.day[3], 0);
    ck_assert_int_eq(g.day[4], 1);
    ck_assert_double_eq(g.y[g.n - 1], 10);
    ck_assert_uint_eq(g.h, 6);
    ck_assert_int_eq(g.ahead[0].t, make_time("2026-11-12T16:00Z"));
    ck_assert_int_eq(g.ahead[5].t, make_time("2026-11-13T14:00Z"));
    ck_assert_int_eq(g.day[g.n + 5], 4);
    series_end(&s);
    venue_close(&v);
}
END_TEST

/* Steps that begin at 17 minutes past: the one that holds the open counts. */
START_TEST(steps_need_not_meet_the_open)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(v.c, "2026-10-19T03:17Z", "2026-11-14T03:17Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, 7, v.c, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_SESSION);
    check_rows(&g, 20, 7, 9);
    series_end(&s);
    venue_close(&v);
}
END_TEST

START_TEST(slots_of_every_cadence)
{
    static const struct {
        ll_dur step;
        int slots, week;
        size_t seasons;
    } of[] = {{5 * LL_MINUTE, 78, 390, 2},
              {30 * LL_MINUTE, 13, 65, 2},
              {LL_HOUR, 7, 35, 2},
              {LL_DAY, 5, 0, 1}};
    struct venue v = venue_open("XNYS");
    for (size_t k = 0; k < LL_LEN(of); k++) {
        LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
        struct ll_series s =
            series_of(v.c, "2026-02-23T00:00Z", "2026-03-21T00:00Z", of[k].step, local_clock);
        struct ll_grid g = grid_of(&s, 3, v.c, NULL, a);
        ck_assert_int_eq(g.kind, LL_GRID_SESSION);
        ck_assert_uint_eq(g.n_seasons, of[k].seasons);
        ck_assert_int_eq(g.season[0], of[k].slots);
        ck_assert_int_eq(g.season[1], of[k].week);
        size_t slots = of[k].step == LL_DAY ? 1 : (size_t)of[k].slots;
        ck_assert_uint_eq(g.n, 20 * slots);
        for (size_t i = slots; i < g.n && slots > 1; i++)
            ck_assert_double_eq(g.y[i], g.y[i - slots]);
        series_end(&s);
    }
    venue_close(&v);
}
END_TEST

START_TEST(all_hours_are_local_time)
{
    struct venue v = venue_open("24-7");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s = series_of(v.c, "2026-11-09T05:00Z", "2026-11-20T05:00Z", LL_HOUR, always);
    struct ll_grid g = grid_of(&s, 24, v.c, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_LOCAL);
    ck_assert_uint_eq(g.n, s.n);
    ck_assert_uint_eq(g.h, 24);
    ck_assert_int_eq(g.season[0], 24);
    ck_assert_int_eq(g.season[1], 168);
    for (size_t i = 0; i < g.n; i++)
        ck_assert_double_eq(g.y[i], s.y[i]);
    series_end(&s);
    venue_close(&v);
}
END_TEST

static const char new_york[] = "EST5EDT,M3.2.0,M11.1.0";

/* Every step shows the hour of its place, except the one that spring skips. */
START_TEST(local_time_skips_an_hour_in_spring)
{
    struct made city = city_open(new_york);
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(city.c, "2026-03-06T05:00Z", "2026-03-11T04:00Z", LL_HOUR, always);
    struct ll_grid g = grid_of(&s, 5, city.c, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_LOCAL);
    ck_assert_uint_eq(g.n, s.n + 1);
    for (size_t i = 0; i < g.n; i++) {
        bool skipped = i == 2 * 24 + 2;
        ck_assert_int_eq(isnan(g.y[i]), skipped);
        ck_assert_int_eq(g.t[i] == LL_TIME_NONE, skipped);
        ck_assert_int_eq(g.day[i], (int)(i / 24));
        if (!skipped)
            ck_assert_double_eq(g.y[i], 100 + (double)(i % 24));
    }
    series_end(&s);
    make_end(&city);
}
END_TEST

static double counting(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    (void)c;
    return (double)(t / step % 1000);
}

START_TEST(local_time_repeats_an_hour_in_autumn)
{
    struct made city = city_open(new_york);
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(city.c, "2026-10-31T04:00Z", "2026-11-03T05:00Z", LL_HOUR, counting);
    struct ll_grid g = grid_of(&s, 1, city.c, NULL, a);
    ck_assert_uint_eq(g.n, s.n - 1);
    ck_assert_double_eq(g.y[24], s.y[24]);
    ck_assert_double_eq(g.y[25], (s.y[25] + s.y[26]) / 2);
    ck_assert_double_eq(g.y[26], s.y[27]);
    ck_assert_int_eq(g.t[25], make_time("2026-11-01T05:00Z"));
    series_end(&s);
    make_end(&city);
}
END_TEST

/* Both hours are forecast, by the same step; what is history already is not asked again. */
START_TEST(horizon_has_both_hours_of_autumn)
{
    struct made city = city_open(new_york);
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(city.c, "2026-10-20T04:00Z", "2026-11-01T04:00Z", LL_HOUR, always);
    struct ll_grid g = grid_of(&s, 24, city.c, NULL, a);
    ck_assert_uint_eq(g.h, 23);
    ck_assert_uint_eq(g.ahead[1].step, g.n + 1);
    ck_assert_uint_eq(g.ahead[2].step, g.n + 1);
    ck_assert_uint_eq(g.ahead[3].step, g.n + 2);
    ck_assert_int_eq(g.ahead[2].t - g.ahead[1].t, LL_HOUR);
    struct ll_series more =
        series_of(city.c, "2026-10-20T04:00Z", "2026-11-01T06:00Z", LL_HOUR, always);
    g = grid_of(&more, 1, city.c, NULL, a);
    ck_assert_uint_eq(g.h, 1);
    ck_assert_uint_eq(g.ahead[0].step, g.n);
    series_end(&more);
    series_end(&s);
    make_end(&city);
}
END_TEST

/* The same five minutes twice in a series that begins there. */
START_TEST(series_may_start_in_the_repeated_hour)
{
    struct made city = city_open(new_york);
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s =
        series_of(city.c, "2026-11-01T05:50Z", "2026-11-01T09:00Z", 5 * LL_MINUTE, counting);
    struct ll_grid g = grid_of(&s, 12, city.c, NULL, a);
    ck_assert_uint_eq(g.n, s.n - 12);
    ck_assert_double_eq(g.y[0], (s.y[0] + s.y[12]) / 2);
    ck_assert_double_eq(g.y[2], s.y[14]);
    ck_assert_uint_eq(g.h, 12);
    series_end(&s);
    make_end(&city);
}
END_TEST

/* Half as much at night is load: the series stays on local time, with its closed days. */
static double day_and_night(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    return is_open(c, t, step) ? 100 : 50;
}

static double day_and_noise(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    return is_open(c, t, step) ? 100 : 0.5;
}

/* A job of an hour at two in the morning. */
static double day_and_batch(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    return is_open(c, t, step) || ll_tz_civil(ll_calendar_tz(c), t).hour == 2 ? 100 : 0;
}

START_TEST(load_when_closed_decides)
{
    struct venue v = venue_open("XNYS");
    static const struct {
        value_at *fn;
        enum ll_grid_kind kind;
    } of[] = {{day_and_night, LL_GRID_LOCAL},
              {day_and_noise, LL_GRID_SESSION},
              {day_and_batch, LL_GRID_LOCAL}};
    for (size_t k = 0; k < LL_LEN(of); k++) {
        LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
        struct ll_series s =
            series_of(v.c, "2026-11-16T05:00Z", "2026-12-01T05:00Z", LL_HOUR, of[k].fn);
        struct ll_grid g = grid_of(&s, 24, v.c, NULL, a);
        ck_assert_int_eq(g.kind, of[k].kind);
        if (g.kind == LL_GRID_LOCAL) {
            ck_assert_uint_eq(g.day_class[10 * 24], LL_GRID_CLASS_CLOSED); /* Thanksgiving */
            ck_assert_uint_eq(g.day_class[11 * 24], LL_GRID_CLASS_HALF);
            ck_assert_uint_eq(g.day_class[12 * 24], LL_GRID_CLASS_REGULAR); /* Saturday */
        }
        series_end(&s);
    }
    venue_close(&v);
}
END_TEST

/* One session proves nothing, and neither do zeros. */
static double zeros(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    (void)c, (void)t, (void)step;
    return 0;
}

START_TEST(little_evidence_is_local_time)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series one =
        series_of(v.c, "2026-11-16T00:00Z", "2026-11-17T10:00Z", LL_HOUR, local_hour);
    struct ll_series none =
        series_of(v.c, "2026-11-16T00:00Z", "2026-11-27T10:00Z", LL_HOUR, zeros);
    const struct ll_series empty = {.t0 = one.t0, .step = LL_HOUR};
    ck_assert_int_eq(grid_of(&one, 3, v.c, NULL, a).kind, LL_GRID_LOCAL);
    ck_assert_int_eq(grid_of(&none, 3, v.c, NULL, a).kind, LL_GRID_LOCAL);
    ck_assert_uint_eq(grid_of(&empty, 3, v.c, NULL, a).h, 3);
    series_end(&one);
    series_end(&none);
    venue_close(&v);
}
END_TEST

START_TEST(clock_without_a_calendar)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_series s = series_of(v.c, "2026-11-09T05:00Z", "2026-11-11T05:00Z", LL_HOUR, always);
    struct ll_grid g = grid_of(&s, 6, NULL, NULL, a);
    ck_assert_int_eq(g.kind, LL_GRID_CLOCK);
    ck_assert_uint_eq(g.n, 48);
    ck_assert_uint_eq(g.n_seasons, 0);
    ck_assert_int_eq(g.day[0], 0);
    ck_assert_int_eq(g.day[19], 1);
    ck_assert_int_eq(g.ahead[5].t, s.t0 + 53 * LL_HOUR);
    ck_assert_uint_eq(g.day_class[50], LL_GRID_CLASS_REGULAR);
    s.step = 7 * LL_DAY;
    ck_assert_int_eq(grid_of(&s, 6, v.c, NULL, a).kind, LL_GRID_CLOCK);
    series_end(&s);
    venue_close(&v);
}
END_TEST

/* Two load tests, one of them on a Saturday. */
START_TEST(events_are_classes_by_name)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    const ll_day dates[] = {make_day("2026-11-11"), make_day("2026-11-14"), make_day("2026-11-17")};
    const struct ll_event_rule rules[] = {{.id = LL_SLICE("load_test"),
                                           .class = LL_SLICE("test"),
                                           .base = LL_EVENT_LIST,
                                           .date = {.from = LL_DAY_NONE, .to = LL_DAY_LAST},
                                           .dates = dates,
                                           .n_dates = LL_LEN(dates),
                                           .announced_to = LL_DAY_LAST},
                                          {.id = LL_SLICE("expiry"),
                                           .class = LL_SLICE("expiry"),
                                           .base = LL_EVENT_LIST,
                                           .date = {.from = LL_DAY_NONE, .to = LL_DAY_LAST},
                                           .dates = dates,
                                           .n_dates = 1,
                                           .announced_to = LL_DAY_LAST}};
    const struct ll_event_rules all = {.name = LL_SLICE("t"), .rules = rules, .n = LL_LEN(rules)};
    const struct ll_market_events_source src = {.rules = &all,
                                                .calendar = v.c,
                                                .from = make_day("2026-11-01"),
                                                .to = make_day("2026-12-31"),
                                                .known_at = LL_TIME_NONE};
    struct ll_market_events *e = NULL;
    struct ll_err err;
    ck_assert_msg(ll_market_events_compile(&src, &e, &err), "%s", err.text);
    struct ll_series s =
        series_of(v.c, "2026-11-09T00:00Z", "2026-11-17T00:00Z", LL_HOUR, local_hour);
    struct ll_grid g = grid_of(&s, 7, v.c, e, a);
    ck_assert_uint_eq(g.n_events, 1);
    ck_assert_uint_eq(g.day_class[2 * 7], LL_GRID_CLASSES);
    ck_assert_uint_eq(g.day_class[3 * 7], LL_GRID_CLASS_REGULAR);
    ck_assert_uint_eq(g.day_class[g.n], LL_GRID_CLASSES);
    ck_assert_str_eq(ll_grid_class_name(&g, g.day_class[g.n]), "load_test");
    ck_assert_str_eq(ll_grid_class_name(&g, LL_GRID_CLASS_YEAR_END), "year_end");
    ll_market_events_free(e);
    series_end(&s);
    venue_close(&v);
}
END_TEST

START_TEST(refuses_what_the_calendar_does_not_cover)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_grid g = {.n = 42};
    struct ll_err err;
    struct ll_series s =
        series_of(v.c, "2030-12-02T00:00Z", "2030-12-31T12:00Z", LL_HOUR, local_hour);
    ck_assert(ll_grid_make(&s, 7, v.c, NULL, a, &g, &err));
    g.n = 42;
    ck_assert(!ll_grid_make(&s, 8, v.c, NULL, a, &g, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert_uint_eq(g.n, 42); /* untouched on failure */
    struct ll_series night =
        series_of(v.c, "2030-12-02T00:00Z", "2030-12-31T12:00Z", LL_HOUR, day_and_night);
    ck_assert(!ll_grid_make(&night, 48, v.c, NULL, a, &g, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    const struct ll_series bad[] = {{.step = LL_HOUR}, {.step = 0, .y = s.y, .n = 3}};
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert(!ll_grid_make(&bad[i], 0, v.c, NULL, a, &g, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
    }
    series_end(&s);
    series_end(&night);
    venue_close(&v);
}
END_TEST

static uint64_t seed = 1;

static uint64_t below(uint64_t n)
{
    return ll_test_random(&seed) % n;
}

static double mostly(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    uint64_t state = (uint64_t)t;
    bool lost = ll_test_random(&state) % 10 == 0;
    return lost || !is_open(c, t, LL_MIN(step, 6 * LL_HOUR)) ? (double)NAN : 100;
}

/* What holds of any grid. */
static void check_grid(const struct ll_series *s, const struct ll_grid *g, size_t horizon)
{
    ll_time end = s->t0 + (ll_time)s->n * s->step, last = LL_TIME_NONE;
    size_t had = 0, has = 0;
    ck_assert_uint_eq(g->n_ahead, horizon);
    for (size_t i = 0; i < g->n + g->h; i++) {
        ck_assert_uint_lt(g->day_class[i], LL_GRID_CLASSES + g->n_events);
        ck_assert_int_ge(g->day[i], i ? g->day[i - 1] : 0);
        if (g->t[i] == LL_TIME_NONE)
            continue;
        ck_assert_int_gt(g->t[i], last);
        last = g->t[i];
        if (i < g->n)
            ck_assert_int_lt(last, end);
    }
    last = end - 1;
    for (size_t i = 0; i < horizon; i++) {
        ck_assert_int_gt(g->ahead[i].t, last);
        last = g->ahead[i].t;
        ck_assert(g->ahead[i].step >= g->n && g->ahead[i].step < g->n + g->h);
        if (g->kind == LL_GRID_SESSION)
            ck_assert_int_eq(g->t[g->ahead[i].step], last);
    }
    for (size_t i = 0; i < s->n; i++)
        had += isnan(s->y[i]) ? 0 : 1;
    for (size_t i = 0; i < g->n; i++)
        has += isnan(g->y[i]) ? 0 : 1;
    ck_assert_uint_le(has, had);
    /* Two hours in one; days of an hour more than those of today. */
    ck_assert_uint_ge(has * 20, had * (g->kind == LL_GRID_SESSION ? 17 : 18));
}

START_TEST(any_grid_is_sound)
{
    static const char *const codes[] = {"XNYS", "XTKS", "XHKG", "CMES-EQUITY", "FX245",
                                        "24-5", "24-7", "XSAU", "XASX"};
    static const ll_dur steps[] = {5 * LL_MINUTE, 7 * LL_MINUTE, 30 * LL_MINUTE, LL_HOUR,
                                   2 * LL_HOUR,   6 * LL_HOUR,   LL_DAY};
    for (size_t k = 0; k < LL_LEN(codes); k++) {
        struct venue v = venue_open(codes[k]);
        for (int i = 0; i < 25; i++) {
            LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
            ll_dur step = steps[below(LL_LEN(steps))];
            size_t n = below(step < LL_HOUR ? 1500 : 400) + 1, horizon = below(100);
            struct ll_series s = {.t0 = make_day("2022-01-01") * LL_DAY, .step = step, .n = n};
            s.t0 += (ll_time)below(5 * 365 * 24 * 60) * LL_MINUTE;
            double *y = LL_ARENA_NEW(a, double, n);
            for (size_t j = 0; j < n; j++)
                y[j] = mostly(v.c, s.t0 + (ll_time)j * step, step);
            s.y = y;
            struct ll_grid g = grid_of(&s, horizon, v.c, v.events, a);
            check_grid(&s, &g, horizon);
        }
        venue_close(&v);
    }
}
END_TEST

/* Whatever place memory ends at. */
START_TEST(says_when_memory_ends)
{
    struct venue v = venue_open("XNYS");
    static value_at *const fns[] = {local_hour, day_and_night};
    for (size_t k = 0; k < 2 * LL_LEN(fns); k++) {
        struct ll_series s =
            series_of(v.c, "2026-11-09T00:00Z", "2026-11-20T00:00Z", LL_HOUR, fns[k / 2]);
        const struct ll_calendar *c = k % 2 ? v.c : NULL;
        size_t failed = 0;
        for (size_t cap = 0; cap < 1 << 20; cap += 256) {
            LL_AUTO(ll_arena) a = ll_arena_new(cap + 1);
            struct ll_grid g = {.n = 42};
            struct ll_err err;
            if (ll_grid_make(&s, 7, c, v.events, a, &g, &err))
                break;
            failed++;
            ck_assert_int_eq(err.code, LL_E_MEMORY);
            ck_assert_uint_eq(g.n, 42);
        }
        ck_assert_uint_gt(failed, 4);
        ck_assert_uint_lt(failed, 1 << 12);
        series_end(&s);
    }
    venue_close(&v);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {slots_stay_over_daylight_saving,
                                  half_day_lacks_its_middle,
                                  christmas_has_its_classes,
                                  horizon_goes_over_a_holiday,
                                  break_is_left_out,
                                  series_may_start_and_end_in_session,
                                  steps_need_not_meet_the_open,
                                  slots_of_every_cadence,
                                  all_hours_are_local_time,
                                  local_time_skips_an_hour_in_spring,
                                  local_time_repeats_an_hour_in_autumn,
                                  horizon_has_both_hours_of_autumn,
                                  series_may_start_in_the_repeated_hour,
                                  load_when_closed_decides,
                                  little_evidence_is_local_time,
                                  clock_without_a_calendar,
                                  events_are_classes_by_name,
                                  refuses_what_the_calendar_does_not_cover,
                                  any_grid_is_sound,
                                  says_when_memory_ends};
    return ll_test_run("forecast_grid", tests, LL_LEN(tests));
}
