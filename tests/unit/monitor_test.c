/* The monitor: seven operations, judgement, staleness, limits, forgetting, clock steps. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/monitor.h"

static const ll_time T0 = 1795484700000; /* 2026-11-24T01:45:00Z, a quarter hour */

static struct ll_threshold plain_threshold(void *ctx, struct ll_slice service, struct ll_slice tier,
                                           enum ll_resource_type type)
{
    (void)ctx;
    if (ll_slice_is(service, "strict") || ll_slice_is(tier, "gold"))
        return (struct ll_threshold){0.1, 0.2, 0.15, 0.05, 0};
    return ll_threshold_default(type);
}

static bool plain_service(void *ctx, struct ll_slice name, struct ll_service_meta *meta,
                          double *instances)
{
    (void)ctx;
    if (!ll_slice_is(name, "declared"))
        return false;
    meta->tier = LL_SLICE("gold");
    *instances = 7;
    return true;
}

static const struct ll_monitor_policy policy = {
    .threshold = plain_threshold, .service = plain_service, .interval = 15 * LL_SECOND};

static struct ll_monitor *m;
static struct ll_view *v;
static uint64_t sequence;

static void setup(void)
{
    m = ll_monitor_new(&(struct ll_monitor_opts){.seed = 1, .max_series = 50});
    v = NULL;
    sequence = 0;
}

static void teardown(void)
{
    ll_view_free(v);
    ll_monitor_free(m);
}

struct put {
    const char *service, *instance, *part;
    enum ll_resource_type type;
    double value, capacity;
    ll_time t;
    bool primary;
    double max;
};

static bool try_put(const struct put *p)
{
    const struct ll_sample s = {
        .key = {ll_slice_of(p->service), ll_slice_of(p->instance), ll_slice_of(p->part), p->type},
        .unit = ll_resource_unit(p->type),
        .t = p->t,
        .value = p->value,
        .capacity = p->capacity,
        .max_value = p->max > 0 ? p->max : NAN,
        .primary = p->primary,
    };
    return ll_monitor_record(m, &s, NULL);
}

static void put(const struct put *p)
{
    ck_assert(try_put(p));
}

static const struct ll_view *view_at(ll_time now)
{
    ll_view_free(v);
    v = ll_monitor_view(m, &policy, now, ++sequence);
    ck_assert_ptr_nonnull(v);
    return v;
}

static const struct ll_cell *cell(const char *service, enum ll_resource_type type)
{
    const struct ll_cell *c = ll_view_cell(v, ll_slice_of(service), type);
    ck_assert_ptr_nonnull(c);
    return c;
}

START_TEST(nothing_recorded_is_unknown_not_healthy)
{
    view_at(T0);
    ck_assert_int_eq(ll_view_health(v), LL_STATUS_UNKNOWN);
    ck_assert_uint_eq(v->n_cells, 0);
    ck_assert_str_eq(v->headline, "No data yet");
    ck_assert_ptr_null(ll_view_cell(v, LL_SLICE("a"), LL_RESOURCE_CPU));
}
END_TEST

START_TEST(a_cell_is_the_sum_over_instances_and_as_bad_as_the_worst)
{
    put(&(struct put){"db", "a", "", LL_RESOURCE_DISK, 95, 100, T0, true, 0});
    put(&(struct put){"db", "b", "", LL_RESOURCE_DISK, 5, 100, T0, true, 0});
    put(&(struct put){"db", "c", "", LL_RESOURCE_DISK, 5, 100, T0, true, 0});
    view_at(T0);
    const struct ll_cell *c = cell("db", LL_RESOURCE_DISK);
    ck_assert_double_eq(c->value, 105);
    ck_assert_double_eq(c->capacity, 300);
    ck_assert_double_eq_tol(c->utilization, 0.35, 1e-12);
    ck_assert_int_eq(c->reason, LL_REASON_ABOVE_CRITICAL);
    ck_assert(ll_slice_is(v->metrics[c->worst].key.instance, "a"));
    ck_assert_int_eq(v->overall, LL_STATUS_CRITICAL);
    ck_assert_double_eq(v->services[0].instances, 3);
    ck_assert_str_eq(v->services[0].instances_source, "data");
}
END_TEST

START_TEST(only_primary_parts_are_summed)
{
    put(&(struct put){"h", "a", "/", LL_RESOURCE_DISK, 10, 100, T0, true, 0});
    put(&(struct put){"h", "a", "/data", LL_RESOURCE_DISK, 85, 100, T0, false, 0});
    view_at(T0);
    const struct ll_cell *c = cell("h", LL_RESOURCE_DISK);
    ck_assert_double_eq(c->value, 10);
    ck_assert_int_eq(c->reason, LL_REASON_ABOVE_WARNING);
    ck_assert(ll_slice_is(v->metrics[c->worst].key.part, "/data"));
    struct ll_slice part;
    ck_assert(ll_view_primary_part(v, LL_SLICE("h"), LL_RESOURCE_DISK, &part));
    ck_assert(ll_slice_is(part, "/"));
}
END_TEST

START_TEST(without_a_mark_the_empty_part_is_primary)
{
    put(&(struct put){"q", "a", "", LL_RESOURCE_QUEUE_DEPTH, 10, 100, T0, false, 0});
    put(&(struct put){"q", "a", "orders", LL_RESOURCE_QUEUE_DEPTH, 30, 100, T0, false, 0});
    view_at(T0);
    ck_assert_double_eq(cell("q", LL_RESOURCE_QUEUE_DEPTH)->value, 10);
}
END_TEST

START_TEST(a_part_in_another_unit_never_stands_for_the_resource)
{
    const struct ll_sample s = {
        .key = {LL_SLICE("h"), LL_SLICE("a"), LL_SLICE("pressure"), LL_RESOURCE_CPU},
        .unit = LL_UNIT_RATIO,
        .t = T0,
        .value = 0.16,
        .capacity = NAN,
        .max_value = NAN,
    };
    ck_assert(ll_monitor_record(m, &s, NULL));
    view_at(T0);
    ck_assert(isnan(cell("h", LL_RESOURCE_CPU)->value));
    ck_assert(isnan(v->resources[LL_RESOURCE_CPU].value));
    struct ll_slice part;
    ck_assert(!ll_view_primary_part(v, LL_SLICE("h"), LL_RESOURCE_CPU, &part));
}
END_TEST

START_TEST(no_capacity_means_no_utilisation_and_no_problem)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_NETWORK, 10, NAN, T0, true, 0});
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    view_at(T0);
    const struct ll_cell *c = cell("h", LL_RESOURCE_NETWORK);
    ck_assert(isnan(c->utilization));
    ck_assert_double_eq(c->value, 10);
    ck_assert_int_eq(c->reason, LL_REASON_NO_CAPACITY);
    ck_assert_uint_eq(v->counts[LL_STATUS_UNKNOWN], 1);
    ck_assert_int_eq(v->overall, LL_STATUS_HEALTHY);
    ck_assert_uint_eq(v->n_top, 1);
}
END_TEST

START_TEST(stale_after_three_intervals_but_never_below_a_minute)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 3.9, 4, T0, true, 0});
    view_at(T0 + LL_MINUTE);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_ABOVE_CRITICAL);
    view_at(T0 + LL_MINUTE + 1);
    const struct ll_cell *c = cell("h", LL_RESOURCE_CPU);
    ck_assert_int_eq(c->reason, LL_REASON_STALE);
    ck_assert(c->stale);
    ck_assert(isnan(c->value));
    ck_assert_uint_eq(v->n_top, 0);
    ck_assert_int_eq(v->overall, LL_STATUS_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(v->sentence, "has sent nothing for 1 m"));
}
END_TEST

START_TEST(a_slow_sender_is_judged_by_its_own_cadence)
{
    for (int i = 0; i < 5; i++)
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0 + i * 5 * LL_MINUTE, true, 0});
    ll_time last = T0 + 20 * LL_MINUTE;
    view_at(last + 15 * LL_MINUTE);
    ck_assert(!cell("h", LL_RESOURCE_CPU)->stale);
    view_at(last + 15 * LL_MINUTE + 1);
    ck_assert(cell("h", LL_RESOURCE_CPU)->stale);
}
END_TEST

START_TEST(an_instance_that_is_gone_stops_being_a_problem)
{
    put(&(struct put){"h", "old", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    ll_time t = T0 + 5 * LL_MINUTE;
    put(&(struct put){"h", "new", "", LL_RESOURCE_CPU, 1, 4, t, true, 0});
    view_at(t);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_STALE);
    ck_assert_double_eq(cell("h", LL_RESOURCE_CPU)->value, 1); /* the fresh one only */
    t = T0 + 16 * LL_MINUTE;
    put(&(struct put){"h", "new", "", LL_RESOURCE_CPU, 1, 4, t, true, 0});
    view_at(t);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
    ck_assert_double_eq(v->services[0].instances, 1);
}
END_TEST

START_TEST(top_is_exact_and_in_order)
{
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "s%02d", i);
        put(&(struct put){name, "a", "", LL_RESOURCE_CPU, (i * 7) % 20, 20, T0, true, 0});
    }
    view_at(T0);
    const struct ll_metric *top[5];
    ck_assert_uint_eq(ll_view_top(v, 5, top), 5);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(top[i]->utilization, (19 - i) / 20.0, 1e-12);
    ck_assert_uint_eq(ll_view_top(v, 0, top), 0);
}
END_TEST

START_TEST(summary_adds_up_and_keeps_units_apart)
{
    put(&(struct put){"a", "x", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    put(&(struct put){"b", "x", "", LL_RESOURCE_CPU, 9, 12, T0, true, 0});
    put(&(struct put){"c", "x", "", LL_RESOURCE_CPU, 2, NAN, T0, true, 0});
    view_at(T0);
    const struct ll_resource_row *r = &v->resources[LL_RESOURCE_CPU];
    ck_assert(r->present && !v->resources[LL_RESOURCE_DISK].present);
    ck_assert_double_eq(r->value, 12);    /* all known demand */
    ck_assert_double_eq(r->capacity, 16); /* of those that have one */
    ck_assert_double_eq_tol(r->utilization, 10.0 / 16, 1e-9);
    ck_assert_uint_eq(r->services, 3);
    ck_assert_int_eq(r->reason, LL_REASON_ABOVE_WARNING);
    ck_assert(ll_slice_is(r->worst->service, "b"));
    ck_assert_double_eq_tol((double)r->spark[LL_VIEW_SPARK_POINTS - 1], 10.0 / 16, 1e-6);
    ck_assert(isnan(r->spark[0]));
}
END_TEST

START_TEST(thresholds_of_service_and_tier_apply)
{
    put(&(struct put){"strict", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    put(&(struct put){"declared", "a", "", LL_RESOURCE_CPU, 0.5, 4, T0, true, 0});
    put(&(struct put){"other", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    view_at(T0);
    ck_assert_int_eq(cell("strict", LL_RESOURCE_CPU)->reason, LL_REASON_ABOVE_CRITICAL);
    ck_assert_int_eq(cell("declared", LL_RESOURCE_CPU)->reason, LL_REASON_ABOVE_WARNING);
    ck_assert_int_eq(cell("other", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
    const struct ll_service_row *s = ll_view_service(v, LL_SLICE("declared"));
    ck_assert_double_eq(s->instances, 7);
    ck_assert_str_eq(s->instances_source, "inventory");
    ck_assert(ll_slice_is(s->meta.tier, "gold"));
}
END_TEST

/* A sample each 15 s with a view after each, as the daemon does. */
static ll_time run(ll_time t, ll_dur span, double value)
{
    for (ll_time end = t + span; t < end; t += 15 * LL_SECOND) {
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, value, 4, t, true, 0});
        view_at(t);
    }
    return t;
}

START_TEST(one_spike_is_not_under_provisioned_half_an_hour_is)
{
    ll_time t = run(T0, 40 * LL_MINUTE, 1);
    t = run(t, 2 * LL_MINUTE, 3.3); /* 82 %: above scale_up, below critical */
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_ABOVE_WARNING);
    run(t, 31 * LL_MINUTE, 3.3);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_UNDER_WINDOW);
    ck_assert_int_eq(v->overall, LL_STATUS_UNDER_PROVISIONED);
}
END_TEST

START_TEST(over_provisioned_needs_twenty_hours_of_proof)
{
    ll_time t = T0;
    for (; t < T0 + 19 * LL_HOUR; t += 5 * LL_MINUTE) {
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 0.4, 4, t, true, 0});
        view_at(t);
    }
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
    for (; t < T0 + 21 * LL_HOUR; t += 5 * LL_MINUTE) {
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 0.4, 4, t, true, 0});
        view_at(t);
    }
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_OVER_WINDOW);
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_CPU)->p95_7d, 0.1, 1e-6);
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_CPU)->peak_24h, 0.1, 1e-6);
}
END_TEST

START_TEST(a_unit_without_a_limit_is_not_over_provisioned)
{
    ll_time t = T0;
    for (; t < T0 + 21 * LL_HOUR; t += 5 * LL_MINUTE) {
        put(&(struct put){"host", "m1", "", LL_RESOURCE_CPU, 2.4, 4, t, true, 0});
        put(&(struct put){"cron", "m1", "", LL_RESOURCE_CPU, 0.1, 4, t, true, 0});
        put(&(struct put){"limited", "m1", "", LL_RESOURCE_CPU, 0.1, 2, t, true, 0});
        put(&(struct put){"elsewhere", "m2", "", LL_RESOURCE_CPU, 0.1, 4, t, true, 0});
        view_at(t);
    }
    ck_assert_int_eq(cell("cron", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
    ck_assert_int_eq(cell("limited", LL_RESOURCE_CPU)->reason, LL_REASON_OVER_WINDOW);
    ck_assert_int_eq(cell("elsewhere", LL_RESOURCE_CPU)->reason, LL_REASON_OVER_WINDOW);
}
END_TEST

START_TEST(network_is_judged_by_the_peak_of_its_window)
{
    put(&(struct put){"h", "a", "eth0 rx", LL_RESOURCE_NETWORK, 30, 100, T0, true, 90});
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 3.9});
    view_at(T0);
    ck_assert_int_eq(cell("h", LL_RESOURCE_NETWORK)->reason, LL_REASON_ABOVE_CRITICAL);
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_NETWORK)->utilization, 0.3, 1e-9);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
}
END_TEST

START_TEST(window_maximum_shows_in_the_peak)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 3.6});
    view_at(T0);
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_CPU)->utilization, 0.25, 1e-9);
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_CPU)->peak_24h, 0.9, 1e-6);
}
END_TEST

START_TEST(a_disk_that_fills_tells_when)
{
    ll_time t = T0;
    for (int i = 0; i <= 60; i++, t += 10 * LL_MINUTE)
        put(&(struct put){"h", "a", "/", LL_RESOURCE_DISK, 500 + i, 1000, t, true, 0});
    t -= 10 * LL_MINUTE;
    view_at(t); /* 560 of 1000, 6 an hour */
    const struct ll_limit *l = &v->limits[0];
    ck_assert_int_eq(l->state, LL_LIMIT_OK);
    ck_assert_double_eq_tol(l->trend_per_day, 144, 0.5);
    ck_assert_double_eq_tol(l->to_capacity_s, 440 / 6.0 * 3600, 0.01 * 3600 * 73);
    ck_assert_double_eq_tol(l->to_critical_s, 340 / 6.0 * 3600, 0.01 * 3600 * 57);
    ck_assert(isnan(l->to_ceiling_s));
    ck_assert_int_eq(cell("h", LL_RESOURCE_DISK)->reason, LL_REASON_FULL_SOON);
    ck_assert_ptr_eq(v->least_headroom, cell("h", LL_RESOURCE_DISK));
    ck_assert_ptr_nonnull(strstr(v->sentence, "is full in 3 d 1 h"));
}
END_TEST

START_TEST(a_daily_rhythm_is_not_a_trend)
{
    ll_time t = T0;
    for (int i = 0; i < 96 * 3; i++, t += 15 * LL_MINUTE) /* three days, rising since midday */
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 2 + sin(i / 96.0 * 6.283185), 4, t, true,
                          0});
    view_at(t - 15 * LL_MINUTE);
    ck_assert_int_eq(v->limits[0].state, LL_LIMIT_BEYOND);
    ck_assert(isnan(v->limits[0].to_critical_s));
}
END_TEST

START_TEST(too_little_history_is_learning)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    put(&(struct put){"h", "a", "", LL_RESOURCE_NETWORK, 1, NAN, T0, true, 0});
    view_at(T0);
    ck_assert_int_eq(v->limits[0].state, LL_LIMIT_LEARNING);
    ck_assert_int_eq(v->limits[1].state, LL_LIMIT_NO_CAPACITY);
}
END_TEST

START_TEST(series_are_bounded_and_the_silent_are_forgotten)
{
    char name[16];
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        put(&(struct put){name, "a", "", LL_RESOURCE_CPU, 1, 4, T0 + (i < 30 ? 0 : LL_HOUR), true,
                          0});
    }
    ck_assert(!try_put(&(struct put){"one more", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0}));
    ck_assert(try_put(&(struct put){"s3", "a", "", LL_RESOURCE_CPU, 2, 4, T0 + 1, true, 0}));
    view_at(T0 + 24 * LL_HOUR + 2);
    ck_assert_uint_eq(ll_monitor_series(m), 20);
    ck_assert_uint_eq(v->n_cells, 20);
    ck_assert_ptr_null(ll_view_cell(v, LL_SLICE("s3"), LL_RESOURCE_CPU));
    ck_assert_ptr_nonnull(ll_view_cell(v, LL_SLICE("s49"), LL_RESOURCE_CPU));
    put(&(struct put){"s49", "b", "", LL_RESOURCE_CPU, 1, 4, T0 + 24 * LL_HOUR, true, 0});
    put(&(struct put){"new", "a", "", LL_RESOURCE_CPU, 1, 4, T0 + 24 * LL_HOUR, true, 0});
    view_at(T0 + 24 * LL_HOUR + 3);
    ck_assert_uint_eq(cell("s49", LL_RESOURCE_CPU)->n, 2);
}
END_TEST

START_TEST(older_samples_do_not_replace_the_latest)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 2, 4, T0, true, 0});
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0 - LL_MINUTE, true, 0});
    view_at(T0);
    ck_assert_double_eq(cell("h", LL_RESOURCE_CPU)->value, 2);
}
END_TEST

START_TEST(clock_steps_make_nothing_stale_and_nothing_stuck)
{
    static const ll_dur steps[] = {LL_HOUR, -LL_HOUR,      LL_DAY,
                                   -LL_DAY, 3650 * LL_DAY, -3650 * LL_DAY};
    ll_time t = run(T0, 5 * LL_MINUTE, 1);
    for (size_t i = 0; i < LL_LEN(steps); i++) {
        t += steps[i];
        ll_monitor_clock_step(m, steps[i], t);
        view_at(t);
        ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_BELOW_WARNING);
        ck_assert_int_le(v->metrics[0].age, LL_MINUTE);
        put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 2 + (double)i / 100, 4, t, true, 0});
        view_at(t);
        ck_assert_double_eq(cell("h", LL_RESOURCE_CPU)->value, 2 + (double)i / 100);
    }
}
END_TEST

START_TEST(a_change_of_status_has_a_since)
{
    run(T0, 2 * LL_MINUTE, 1);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->since, LL_TIME_NONE);
    ll_time changed = T0 + 2 * LL_MINUTE;
    run(changed, 3 * LL_MINUTE, 3.7);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->since, changed);
    ck_assert_ptr_nonnull(strstr(v->sentence, "since 2 m"));
}
END_TEST

START_TEST(warming_restores_the_last_day)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    put(&(struct put){"h", "b", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    struct ll_monitor_warm w = {
        .key = {LL_SLICE("h"), LL_SLICE("a"), {"", 0}, LL_RESOURCE_CPU},
        .step = 5 * LL_MINUTE,
    };
    for (ll_time t = T0 - 23 * LL_HOUR; t < T0; t += 5 * LL_MINUTE) {
        w.rollup =
            (struct ll_rollup){.t = t, .mean = 2, .max = 3, .p95 = 2, .capacity = 4, .count = 20};
        w.key.instance = LL_SLICE("a");
        ll_monitor_warm(m, &w);
        w.rollup.mean = 0;
        w.rollup.max = 1;
        w.key.instance = LL_SLICE("b");
        ll_monitor_warm(m, &w);
        w.key.instance = LL_SLICE("never seen");
        ll_monitor_warm(m, &w);
    }
    ll_monitor_warm_end(m);
    view_at(T0);
    const struct ll_cell *c = cell("h", LL_RESOURCE_CPU);
    ck_assert_uint_eq(ll_monitor_series(m), 2);
    ck_assert_double_eq_tol(c->p95_7d, 0.25, 1e-6);  /* (2 + 0) / (4 + 4) */
    ck_assert_double_eq_tol(c->peak_24h, 0.5, 1e-6); /* (3 + 1) / (4 + 4), as it was live */
    const float *spark = v->resources[LL_RESOURCE_CPU].spark;
    ck_assert_double_eq_tol((double)spark[LL_VIEW_SPARK_POINTS - 2], 0.25, 1e-6);
}
END_TEST

static void warm(const char *service, const char *instance, const char *part,
                 enum ll_resource_type type, ll_dur step, ll_time t, double mean, double capacity)
{
    ll_monitor_warm(m,
                    &(struct ll_monitor_warm){.key = {ll_slice_of(service), ll_slice_of(instance),
                                                      ll_slice_of(part), type},
                                              .step = step,
                                              .rollup = {.t = t,
                                                         .mean = mean,
                                                         .max = mean,
                                                         .p95 = mean,
                                                         .capacity = capacity,
                                                         .count = 20}});
}

START_TEST(warming_takes_the_part_that_stood_for_the_resource)
{
    put(&(struct put){"api", "a", "orders", LL_RESOURCE_API_CALLS, 50, 100, T0, false, 0});
    put(&(struct put){"api", "a", "quotes", LL_RESOURCE_API_CALLS, 90, 100, T0, false, 0});
    put(&(struct put){"disk", "a", "", LL_RESOURCE_DISK, 90, 100, T0, false, 0});
    put(&(struct put){"disk", "a", "/", LL_RESOURCE_DISK, 20, 100, T0, true, 0});
    for (ll_time t = T0 - LL_DAY; t < T0; t += 5 * LL_MINUTE) {
        warm("api", "a", "orders", LL_RESOURCE_API_CALLS, 5 * LL_MINUTE, t, 50, 100);
        warm("api", "a", "quotes", LL_RESOURCE_API_CALLS, 5 * LL_MINUTE, t, 90, 100);
        warm("disk", "a", "", LL_RESOURCE_DISK, 5 * LL_MINUTE, t, 90, 100);
        warm("disk", "a", "/", LL_RESOURCE_DISK, 5 * LL_MINUTE, t, 20, 100);
    }
    ll_monitor_warm_end(m);
    view_at(T0);
    ck_assert_double_eq_tol(cell("api", LL_RESOURCE_API_CALLS)->p95_7d, 0.5, 1e-6);
    ck_assert_double_eq_tol(cell("disk", LL_RESOURCE_DISK)->p95_7d, 0.2, 1e-6);
}
END_TEST

START_TEST(warming_never_reads_an_unknown_capacity_as_none)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    put(&(struct put){"h", "b", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    ll_time t = T0 - LL_HOUR;
    warm("h", "a", "", LL_RESOURCE_CPU, 5 * LL_MINUTE, t, 3, 4);
    warm("h", "b", "", LL_RESOURCE_CPU, 5 * LL_MINUTE, t, 3, NAN);
    ll_monitor_warm_end(m);
    view_at(T0);
    ck_assert(isnan((double)v->resources[LL_RESOURCE_CPU].spark[LL_VIEW_SPARK_POINTS - 5]));
    ck_assert_double_eq_tol(cell("h", LL_RESOURCE_CPU)->peak_24h, 0.25, 1e-6); /* the live one */
}
END_TEST

START_TEST(under_provisioned_outlives_a_restart)
{
    put(&(struct put){"h", "a", "", LL_RESOURCE_CPU, 3.3, 4, T0, true, 0});
    for (ll_time t = T0 - 40 * LL_MINUTE; t < T0; t += 5 * LL_MINUTE)
        warm("h", "a", "", LL_RESOURCE_CPU, 5 * LL_MINUTE, t, 3.3, 4);
    ll_monitor_warm_end(m);
    view_at(T0);
    ck_assert_int_eq(cell("h", LL_RESOURCE_CPU)->reason, LL_REASON_UNDER_WINDOW);
}
END_TEST

START_TEST(the_hour_of_the_restart_is_not_one_sample)
{
    ll_time hour = T0 / LL_HOUR * LL_HOUR;
    put(&(struct put){"h", "a", "/", LL_RESOURCE_DISK, 1, 1000, hour - LL_MINUTE, true, 0});
    for (int i = 0; i < 8; i++)
        warm("h", "a", "/", LL_RESOURCE_DISK, LL_HOUR, hour - (8 - i) * LL_HOUR, 100 + 5 * i, 1000);
    ll_monitor_warm_end(m);
    put(&(struct put){"h", "a", "/", LL_RESOURCE_DISK, 140, 1000, hour, true, 0});
    view_at(hour);
    ck_assert_double_eq_tol(v->limits[0].trend_per_day, 120, 1e-6);
    ck_assert_double_eq_tol(v->limits[0].to_capacity_s, 860 / 5.0 * 3600, 1);
}
END_TEST

START_TEST(what_runs_on_the_host_is_not_added_to_it)
{
    put(&(struct put){"host", "vm1", "", LL_RESOURCE_CPU, 2, 2, T0, true, 0});
    put(&(struct put){"nginx", "vm1", "", LL_RESOURCE_CPU, 0.5, 2, T0, true, 0});
    put(&(struct put){"cron", "vm1", "", LL_RESOURCE_CPU, 0, 2, T0, true, 0});
    put(&(struct put){"far", "vm9", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    view_at(T0);
    const struct ll_resource_row *r = &v->resources[LL_RESOURCE_CPU];
    ck_assert_double_eq(r->value, 3);
    ck_assert_double_eq(r->capacity, 6);
    ck_assert_double_eq_tol(r->utilization, 0.5, 1e-9);
    ck_assert_double_eq_tol(r->peak_24h, 0.5, 1e-6);
    ck_assert_double_eq_tol((double)r->spark[LL_VIEW_SPARK_POINTS - 1], 0.5, 1e-6);
    ck_assert_uint_eq(r->services, 4);
    ck_assert(ll_slice_is(r->worst->service, "host"));
}
END_TEST

static void put_rate(const char *service, const char *part)
{
    const struct ll_sample s = {
        .key = {ll_slice_of(service), LL_SLICE("vm1"), ll_slice_of(part), LL_RESOURCE_DISK},
        .unit = LL_UNIT_BYTES_PER_SECOND,
        .t = T0,
        .value = 5,
        .capacity = NAN,
        .max_value = NAN,
    };
    ck_assert(ll_monitor_record(m, &s, NULL));
}

START_TEST(a_cell_without_a_sum_does_not_mix_units)
{
    put_rate("a-unit", "read");
    put_rate("a-unit", "write");
    put(&(struct put){"host", "vm1", "/", LL_RESOURCE_DISK, 20, 100, T0, true, 0});
    view_at(T0);
    const struct ll_resource_row *r = &v->resources[LL_RESOURCE_DISK];
    ck_assert(!r->mixed_units);
    ck_assert_int_eq(r->unit, LL_UNIT_BYTES);
    ck_assert_double_eq(r->value, 20);
    ck_assert_double_eq_tol(r->utilization, 0.2, 1e-9);
}
END_TEST

START_TEST(peaks_are_weighted_by_what_has_one)
{
    put(&(struct put){"b", "x", "", LL_RESOURCE_CPU, 1, 4, T0, true, 0});
    view_at(T0);
    put(&(struct put){"b", "x", "", LL_RESOURCE_CPU, 1, 4, T0 + LL_HOUR, true, 0});
    put(&(struct put){"a", "x", "", LL_RESOURCE_CPU, 50, 100, T0 + LL_HOUR, true, 0});
    put(&(struct put){"c", "x", "", LL_RESOURCE_CPU, 3, 4, T0 + LL_HOUR, true, 0});
    for (ll_time t = T0 - LL_HOUR; t < T0; t += 5 * LL_MINUTE) {
        warm("b", "x", "", LL_RESOURCE_CPU, 5 * LL_MINUTE, t, 1, 4);
        warm("c", "x", "", LL_RESOURCE_CPU, 5 * LL_MINUTE, t, 3, 4);
    }
    ll_monitor_warm_end(m);
    view_at(T0 + LL_HOUR); /* a has no closed quarter hour yet, and weighs nothing in them */
    ck_assert_double_eq_tol(v->resources[LL_RESOURCE_CPU].p95_7d, 0.5, 1e-6);
}
END_TEST

START_TEST(the_past_stays_when_the_data_stops)
{
    ll_time t = run(T0, LL_HOUR, 2);
    view_at(t + 10 * LL_MINUTE);
    const struct ll_resource_row *r = &v->resources[LL_RESOURCE_CPU];
    ck_assert(isnan(r->value) && isnan(r->utilization));
    ck_assert_double_eq_tol((double)r->spark[LL_VIEW_SPARK_POINTS - 3], 0.5, 1e-6);
    ck_assert_double_eq_tol(r->peak_24h, 0.5, 1e-6);
    ck_assert_double_eq_tol(r->p95_7d, 0.5, 1e-6);
}
END_TEST

START_TEST(views_outlive_the_monitor)
{
    put(&(struct put){"h", "a", "/", LL_RESOURCE_DISK, 1, 4, T0, true, 0});
    struct ll_view *kept = ll_monitor_view(m, &policy, T0, 1);
    ll_monitor_free(m);
    m = NULL;
    ck_assert(ll_slice_is(kept->metrics[0].key.part, "/"));
    ck_assert(ll_slice_is(kept->services[0].name, "h"));
    ll_view_free(kept);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("monitor");
    TCase *c = tcase_create("monitor");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, nothing_recorded_is_unknown_not_healthy);
    tcase_add_test(c, a_cell_is_the_sum_over_instances_and_as_bad_as_the_worst);
    tcase_add_test(c, only_primary_parts_are_summed);
    tcase_add_test(c, without_a_mark_the_empty_part_is_primary);
    tcase_add_test(c, a_part_in_another_unit_never_stands_for_the_resource);
    tcase_add_test(c, no_capacity_means_no_utilisation_and_no_problem);
    tcase_add_test(c, stale_after_three_intervals_but_never_below_a_minute);
    tcase_add_test(c, a_slow_sender_is_judged_by_its_own_cadence);
    tcase_add_test(c, an_instance_that_is_gone_stops_being_a_problem);
    tcase_add_test(c, top_is_exact_and_in_order);
    tcase_add_test(c, summary_adds_up_and_keeps_units_apart);
    tcase_add_test(c, thresholds_of_service_and_tier_apply);
    tcase_add_test(c, one_spike_is_not_under_provisioned_half_an_hour_is);
    tcase_add_test(c, over_provisioned_needs_twenty_hours_of_proof);
    tcase_add_test(c, a_unit_without_a_limit_is_not_over_provisioned);
    tcase_add_test(c, network_is_judged_by_the_peak_of_its_window);
    tcase_add_test(c, window_maximum_shows_in_the_peak);
    tcase_add_test(c, a_disk_that_fills_tells_when);
    tcase_add_test(c, a_daily_rhythm_is_not_a_trend);
    tcase_add_test(c, too_little_history_is_learning);
    tcase_add_test(c, series_are_bounded_and_the_silent_are_forgotten);
    tcase_add_test(c, older_samples_do_not_replace_the_latest);
    tcase_add_test(c, clock_steps_make_nothing_stale_and_nothing_stuck);
    tcase_add_test(c, a_change_of_status_has_a_since);
    tcase_add_test(c, warming_restores_the_last_day);
    tcase_add_test(c, warming_takes_the_part_that_stood_for_the_resource);
    tcase_add_test(c, warming_never_reads_an_unknown_capacity_as_none);
    tcase_add_test(c, under_provisioned_outlives_a_restart);
    tcase_add_test(c, the_hour_of_the_restart_is_not_one_sample);
    tcase_add_test(c, what_runs_on_the_host_is_not_added_to_it);
    tcase_add_test(c, a_cell_without_a_sum_does_not_mix_units);
    tcase_add_test(c, peaks_are_weighted_by_what_has_one);
    tcase_add_test(c, the_past_stays_when_the_data_stops);
    tcase_add_test(c, views_outlive_the_monitor);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
