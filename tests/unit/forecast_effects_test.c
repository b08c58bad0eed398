/* Effects of days: what is learned from the past of a grid, and what it is worth later. */
#include "forecast_make.h"
#include "support.h"

/* A smile of seven hours with a little noise, the same at every call. */
static double smile(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    static const double by_hour[24] = {
        [9] = 60, [10] = 120, [11] = 90, [12] = 80, [13] = 80, [14] = 100, [15] = 160};
    uint64_t state = (uint64_t)t;
    double noise = (double)(ll_test_random(&state) % 1000) / 1000 - 0.5;
    return is_open(c, t, step) ? by_hour[ll_tz_civil(ll_calendar_tz(c), t).hour] * (1 + 0.1 * noise)
                               : (double)NAN;
}

/* Half days: the last two hours are as usual the last two of the day, and all is less: in December
 * by half, else by a fifth. */
static double with_half_days(const struct ll_calendar *c, ll_time t, ll_dur step)
{
    struct ll_calendar_moment m;
    double v = smile(c, t, step);
    if (isnan(v) || !ll_calendar_at(c, t + step - 1, &m) || !m.session ||
        !(m.session->flags & LL_SESSION_HALF))
        return v;
    struct ll_civil local = ll_tz_civil(ll_calendar_tz(c), t);
    v = local.hour < 11 ? v : smile(c, t + 3 * LL_HOUR, step);
    return v * (local.month == 12 ? 0.5 : 0.8);
}

static struct ll_grid half_days(const struct venue *v, const char *from, const char *to,
                                struct ll_arena *a)
{
    struct ll_series s = series_of(v->c, from, to, LL_HOUR, with_half_days);
    struct ll_grid g = grid_of(&s, 70, v->c, v->events, a);
    series_end(&s);
    ck_assert_int_eq(g.kind, LL_GRID_SESSION);
    return g;
}

START_TEST(half_days_are_learned_by_their_slots)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_grid g = half_days(&v, "2016-01-01T05:00Z", "2020-12-19T05:00Z", a);
    struct ll_effects e;
    ll_effects_learn(&g, NULL, &e);
    /* 3 July 2017 to 2019, the day after Thanksgiving, 24 December 2018 and 2019 */
    ck_assert_uint_eq(e.of[LL_GRID_CLASS_HALF].n, 10);
    ck_assert_uint_eq(e.half[6].n, 3);
    ck_assert_uint_eq(e.half[10].n, 5);
    ck_assert_uint_eq(e.half[11].n, 2);
    ck_assert_double_eq_tol(e.half[11].own, 0.5, 0.02);
    ck_assert_double_eq_tol(e.half[10].own, 0.8, 0.02);
    ck_assert_double_gt(e.half[11].factor, e.half[11].own); /* shrunk towards all half days */
    ck_assert_double_lt(e.half[11].factor, 0.66);
    ck_assert_double_eq_tol(e.half[10].factor, 0.8, 0.03);
    ck_assert_double_eq_tol(e.of[LL_GRID_CLASS_WITCHING].factor, 1, 0.02);
    ck_assert_double_eq(e.of[LL_GRID_CLASS_REGULAR].factor, 1);
    ck_assert_double_lt(e.noise, 0.05);
    ck_assert_double_gt(e.of[LL_GRID_CLASS_HALF].spread, 0.1);
    venue_close(&v);
}
END_TEST

/* Christmas Eve is the fourth session ahead: its factor there, none around it. */
START_TEST(effects_are_taken_out_and_put_back)
{
    struct venue v = venue_open("XNYS");
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    struct ll_grid g = half_days(&v, "2016-01-01T05:00Z", "2020-12-19T05:00Z", a);
    struct ll_effects e;
    ll_effects_learn(&g, NULL, &e);
    double ahead[35];
    for (size_t i = 0; i < LL_LEN(ahead); i++)
        ahead[i] = 100;
    ll_effects_apply(&e, &g, g.n, g.n + LL_LEN(ahead), 1, ahead);
    for (size_t i = 21; i < 28; i++)
        if (g.t[g.n + i] != LL_TIME_NONE)
            ck_assert_double_eq(ahead[i], 100 * e.half[11].factor);
    ck_assert_double_eq(ahead[0], 100 * e.of[g.day_class[g.n]].factor);
    double *y = LL_ARENA_NEW(a, double, g.n);
    memcpy(y, g.y, g.n * sizeof(*y));
    ll_effects_apply(&e, &g, 0, g.n, -1, y);
    for (size_t i = 0; i < g.n; i++)
        if (g.day_class[i] == LL_GRID_CLASS_HALF && !isnan(y[i]))
            ck_assert_double_gt(y[i], g.y[i] * 1.15);
    ll_effects_apply(&e, &g, 0, g.n, 1, y);
    for (size_t i = 0; i < g.n; i++)
        ck_assert(isnan(y[i]) ? isnan(g.y[i]) : fabs(y[i] / g.y[i] - 1) < 1e-12);
    venue_close(&v);
}
END_TEST

/* Six weeks of days alike on a grid made by hand: `per` slots, classes by day. */
enum { DAYS = 60, SLOTS = 4 };
struct hand {
    double y[DAYS * SLOTS];
    ll_time t[DAYS * SLOTS];
    uint8_t class[DAYS * SLOTS];
    int32_t day[DAYS * SLOTS];
    struct ll_grid_event event[2];
    struct ll_grid g;
};

static void hand_make(struct hand *x, enum ll_grid_kind kind)
{
    *x = (struct hand){.event = {{"promotion"}, {"migration"}}};
    for (size_t i = 0; i < LL_LEN(x->y); i++) {
        x->day[i] = (int32_t)(i / SLOTS);
        x->t[i] = (ll_time)i * LL_HOUR;
        x->y[i] = 100 + (double)(i * 7 % 13); /* little noise */
    }
    x->g = (struct ll_grid){.kind = kind,
                            .y = x->y,
                            .n = LL_LEN(x->y),
                            .t = x->t,
                            .day_class = x->class,
                            .day = x->day,
                            .event = x->event,
                            .n_events = LL_LEN(x->event)};
}

static void hand_day(struct hand *x, size_t day, uint8_t class, double factor)
{
    for (size_t i = day * SLOTS; i < (day + 1) * SLOTS; i++) {
        x->class[i] = class;
        x->y[i] *= factor;
    }
}

START_TEST(events_count_from_the_second_time)
{
    struct hand x;
    struct ll_effects e;
    hand_make(&x, LL_GRID_SESSION);
    hand_day(&x, 20, LL_GRID_CLASSES, 3);
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_uint_eq(e.of[LL_GRID_CLASSES].n, 1);
    ck_assert_double_eq(e.of[LL_GRID_CLASSES].factor, 1);
    ck_assert_double_eq_tol(e.of[LL_GRID_CLASSES].own, 3, 0.2);
    ck_assert(isnan(e.of[LL_GRID_CLASSES].spread));
    hand_day(&x, 40, LL_GRID_CLASSES, 3);
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_uint_eq(e.of[LL_GRID_CLASSES].n, 2);
    ck_assert_double_gt(e.of[LL_GRID_CLASSES].factor, 2);
    ck_assert_double_lt(e.of[LL_GRID_CLASSES].factor, 3);
    ck_assert_double_eq(e.of[LL_GRID_CLASSES + 1].factor, 1);
    ck_assert_uint_eq(e.of[LL_GRID_CLASSES + 1].n, 0);
    ck_assert_str_eq(e.event[1].name, "migration");
}
END_TEST

/* A regular day of ten times its load among those before, and a class of which one day was odd. */
START_TEST(outliers_hardly_count)
{
    struct hand x;
    struct ll_effects e;
    hand_make(&x, LL_GRID_SESSION);
    for (size_t day = 15; day < DAYS; day += 5)
        hand_day(&x, day, LL_GRID_CLASS_EXPIRY, day == 30 ? 20 : 1.5);
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_double_eq_tol(e.of[LL_GRID_CLASS_EXPIRY].own, 1.5, 0.1);
    ck_assert_double_eq_tol(e.of[LL_GRID_CLASS_EXPIRY].factor, 1.5, 0.15);
    ck_assert_uint_eq(e.of[LL_GRID_CLASS_EXPIRY].n, 9);
}
END_TEST

/* What is small against the noise of a day is left alone. */
START_TEST(noise_is_no_effect)
{
    struct hand x;
    struct ll_effects e;
    uint64_t state = 7;
    hand_make(&x, LL_GRID_SESSION);
    for (size_t day = 0; day < DAYS; day++)
        hand_day(&x, day, day % 20 == 19 ? LL_GRID_CLASS_MONTH_END : LL_GRID_CLASS_REGULAR,
                 exp((double)(ll_test_random(&state) % 2000) / 1000 - 1));
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_double_gt(e.noise, 0.3);
    const struct ll_effect *m = &e.of[LL_GRID_CLASS_MONTH_END];
    ck_assert_uint_eq(m->n, 3);
    ck_assert_double_le(fabs(log(m->factor)), fabs(log(m->own)) * 0.67);
}
END_TEST

START_TEST(others_of_the_venue_are_a_prior)
{
    struct hand x;
    struct ll_effects e, pool, own;
    hand_make(&x, LL_GRID_SESSION);
    for (size_t day = 15; day < DAYS; day += 10) {
        hand_day(&x, day, LL_GRID_CLASS_HALF, 0.5);
        hand_day(&x, day + 1, LL_GRID_CLASSES + 1, 2);
    }
    ll_effects_learn(&x.g, NULL, &e);
    ll_effects_none(&pool);
    ll_effects_pool(&pool, &e);
    ll_effects_pool(&pool, &e);
    ck_assert_uint_eq(pool.of[LL_GRID_CLASS_HALF].n, 2 * e.of[LL_GRID_CLASS_HALF].n);
    ck_assert_uint_eq(pool.n_events, 1);
    ck_assert_str_eq(pool.event[0].name, "migration");
    /* A young series without such days, its events in another order. */
    hand_make(&x, LL_GRID_SESSION);
    x.event[0] = (struct ll_grid_event){"migration"};
    x.event[1] = (struct ll_grid_event){"promotion"};
    ll_effects_learn(&x.g, &pool, &own);
    ck_assert_double_eq_tol(own.of[LL_GRID_CLASS_HALF].factor, 0.5, 0.06);
    ck_assert_uint_eq(own.of[LL_GRID_CLASS_HALF].n, 0);
    ck_assert_uint_eq(own.of[LL_GRID_CLASS_HALF].pooled, 10);
    ck_assert_double_eq_tol(own.of[LL_GRID_CLASSES].factor, 2, 0.2);
    ck_assert_double_eq(own.of[LL_GRID_CLASSES + 1].factor, 1);
    ck_assert_double_eq_tol(own.half[0].factor, 0.5, 0.06);
}
END_TEST

/* Expiries load the open and the close, and nothing between. */
START_TEST(parts_of_a_day_have_their_own)
{
    struct hand x;
    struct ll_effects e;
    hand_make(&x, LL_GRID_SESSION);
    x.g.n = DAYS / 3 * 12;
    x.g.season[0] = 12;
    x.g.season[1] = 60;
    x.g.n_seasons = 2;
    for (size_t i = 0; i < LL_LEN(x.y); i++) {
        x.day[i] = (int32_t)(i / 12);
        if (x.day[i] % 4 != 3)
            continue;
        x.class[i] = LL_GRID_CLASS_WITCHING;
        x.y[i] *= i % 12 == 0 ? 2 : i % 12 == 11 ? 3 : 1;
    }
    ll_effects_learn(&x.g, NULL, &e);
    double day[12];
    for (size_t i = 0; i < 12; i++)
        day[i] = 1;
    ll_effects_apply(&e, &x.g, 36, 48, 1, day);
    ck_assert(day[0] > 1.4 && day[0] < 2);
    ck_assert(day[11] > 1.8 && day[11] < 3);
    for (size_t i = 1; i < 11; i++)
        ck_assert_double_eq_tol(day[i], 1, 0.15);
}
END_TEST

/* An event that was seen once by each of two series is no evidence yet. */
START_TEST(pools_do_not_count_single_events)
{
    struct hand x;
    struct ll_effects e, pool;
    hand_make(&x, LL_GRID_SESSION);
    hand_day(&x, 20, LL_GRID_CLASSES, 3);
    ll_effects_learn(&x.g, NULL, &e);
    ll_effects_none(&pool);
    ll_effects_pool(&pool, &e);
    ll_effects_pool(&pool, &e);
    ck_assert_uint_eq(pool.n_events, 0);
    ck_assert_double_eq(pool.of[LL_GRID_CLASSES].factor, 1);
}
END_TEST

/* On local time a closed Monday is measured by Mondays, not by the quiet days before it. */
START_TEST(closed_days_are_measured_by_their_weekday)
{
    struct hand x;
    struct ll_effects e;
    hand_make(&x, LL_GRID_LOCAL);
    for (size_t day = 0; day < DAYS; day++)
        hand_day(&x, day, LL_GRID_CLASS_REGULAR, day % 7 >= 5 ? 0.2 : 1);
    hand_day(&x, 35, LL_GRID_CLASS_CLOSED, 0.4);
    hand_day(&x, 49, LL_GRID_CLASS_CLOSED, 0.4);
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_uint_eq(e.of[LL_GRID_CLASS_CLOSED].n, 2);
    ck_assert_double_eq_tol(e.of[LL_GRID_CLASS_CLOSED].own, 0.4, 0.03);
    ck_assert_double_lt(e.noise, 0.1);
}
END_TEST

/* A series may begin and end in the middle of a day of a class. */
START_TEST(only_whole_days_count)
{
    struct hand x;
    struct ll_effects e;
    hand_make(&x, LL_GRID_SESSION);
    hand_day(&x, 0, LL_GRID_CLASS_HALF, 0.5);
    hand_day(&x, 50, LL_GRID_CLASS_HALF, 0.5);
    x.g.n = 50 * SLOTS + 2;
    x.g.h = LL_LEN(x.y) - x.g.n;
    ll_effects_learn(&x.g, NULL, &e);
    ck_assert_uint_eq(e.of[LL_GRID_CLASS_HALF].n, 0);
    ck_assert_double_eq(e.of[LL_GRID_CLASS_HALF].factor, 1);
}
END_TEST

START_TEST(odd_values_give_finite_factors)
{
    static const double odd[] = {0, NAN, INFINITY, 1e300, 1e-300, -5};
    for (size_t k = 0; k < LL_LEN(odd); k++)
        for (int regular = 0; regular < 2; regular++) {
            struct hand x;
            struct ll_effects e, pool;
            hand_make(&x, LL_GRID_SESSION);
            for (size_t day = 15; day < DAYS; day += 9)
                hand_day(&x, day, LL_GRID_CLASS_EXPIRY, 1);
            for (size_t i = 0; i < LL_LEN(x.y); i++)
                if ((x.class[i] == LL_GRID_CLASS_REGULAR) == regular)
                    x.y[i] = odd[k];
            ll_effects_learn(&x.g, NULL, &e);
            ll_effects_none(&pool);
            ll_effects_pool(&pool, &e);
            ll_effects_learn(&x.g, &pool, &e);
            for (size_t i = 0; i < LL_LEN(e.of); i++)
                ck_assert(e.of[i].factor >= 0.009 && e.of[i].factor <= 101);
        }
}
END_TEST

START_TEST(the_clock_has_no_effects)
{
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA);
    const double y[] = {1, 2, 3};
    const struct ll_series s = {.step = LL_HOUR, .y = y, .n = 3};
    struct ll_grid g = grid_of(&s, 2, NULL, NULL, a);
    struct ll_effects e;
    double out[] = {4, 5};
    ll_effects_learn(&g, NULL, &e);
    ll_effects_apply(&e, &g, 3, 5, 1, out);
    ck_assert_double_eq(out[0], 4);
    ck_assert_double_eq(out[1], 5);
    ck_assert_uint_eq(e.n_events, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {half_days_are_learned_by_their_slots,
                                  effects_are_taken_out_and_put_back,
                                  events_count_from_the_second_time,
                                  outliers_hardly_count,
                                  noise_is_no_effect,
                                  others_of_the_venue_are_a_prior,
                                  parts_of_a_day_have_their_own,
                                  pools_do_not_count_single_events,
                                  closed_days_are_measured_by_their_weekday,
                                  only_whole_days_count,
                                  odd_values_give_finite_factors,
                                  the_clock_has_no_effects};
    return ll_test_run("forecast_effects", tests, LL_LEN(tests));
}
