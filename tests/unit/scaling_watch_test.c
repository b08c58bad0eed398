/* What rules see: sums over instances, and what is no data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scaling/watch.h"
#include "support.h"

#define T0 ((ll_time)1790000000000)
#define STALE (60 * LL_SECOND)

static struct ll_watch *w;
static size_t cell;

static void begin(void)
{
    w = ll_watch_new(3);
    ck_assert_ptr_nonnull(w);
    ck_assert(
        ll_watch_add(w, LL_SLICE("orders"), LL_RESOURCE_CPU, (struct ll_slice){"", 0}, &cell));
}

static void end(void)
{
    ll_watch_free(w);
}

static size_t feed(const char *instance, const char *part, double value, ll_time t)
{
    const struct ll_sample s = {
        .key = {LL_SLICE("orders"), ll_slice_of(instance), ll_slice_of(part), LL_RESOURCE_CPU},
        .unit = LL_UNIT_CORES,
        .t = t,
        .value = value,
        .capacity = 4,
        .max_value = NAN,
        .primary = true,
    };
    size_t cells[2];
    return ll_watch_record(w, &s, cells, 2);
}

static struct ll_observation look(ll_time now, int64_t expected)
{
    const struct ll_watch_ask ask = {now, STALE, expected};
    struct ll_observation o;
    ll_watch_observe(w, cell, &ask, &o);
    return o;
}

START_TEST(a_service_is_the_sum_of_its_instances)
{
    begin();
    for (int i = 0; i < 10; i++) {
        char name[8];
        snprintf(name, sizeof(name), "i%d", i);
        ck_assert_uint_eq(feed(name, "", 1.5, T0), 1);
    }
    const struct ll_observation o = look(T0, 10);
    ck_assert_int_eq(o.state, LL_SEEN_OK);
    ck_assert_double_eq(o.samples[0].value, 15);
    ck_assert_double_eq(o.samples[0].capacity, 40);
    ck_assert_uint_eq(o.instances, 10);
    end();
}
END_TEST

START_TEST(what_was_never_seen_is_missing)
{
    begin();
    const struct ll_observation o = look(T0, 3);
    ck_assert_int_eq(o.state, LL_SEEN_MISSING);
    ck_assert_uint_eq(o.n_samples, 0);
    end();
}
END_TEST

START_TEST(an_old_sample_is_stale_not_zero)
{
    begin();
    feed("a", "", 2, T0);
    ck_assert_int_eq(look(T0 + STALE, -1).state, LL_SEEN_OK);
    ck_assert_int_eq(ll_watch_stale_at(w, cell, STALE, T0), T0 + STALE + 1);
    ck_assert_int_eq(look(T0 + STALE + 1, -1).state, LL_SEEN_STALE);
    end();
}
END_TEST

/* 8 of 10 report: the others count as their mean.  7 of 10 say too little. */
START_TEST(a_few_that_are_silent_are_filled_in)
{
    begin();
    char name[8];
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "i%d", i);
        feed(name, "", 1, i < 8 ? T0 + 2 * STALE : T0);
    }
    struct ll_observation o = look(T0 + 2 * STALE, 10);
    ck_assert_int_eq(o.state, LL_SEEN_OK);
    ck_assert_double_eq_tol(o.samples[0].value, 10, 1e-12);
    const struct ll_series_end gone = {
        {LL_SLICE("orders"), LL_SLICE("i0"), {"", 0}, LL_RESOURCE_CPU}, T0 + 2 * STALE};
    ll_watch_end(w, &gone);
    o = look(T0 + 2 * STALE, 10);
    ck_assert_int_eq(o.state, LL_SEEN_PARTIAL);
    end();
}
END_TEST

START_TEST(one_series_for_the_whole_service_says_nothing_of_instances)
{
    begin();
    feed("", "", 7, T0);
    ck_assert_int_eq(look(T0, 12).state, LL_SEEN_OK);
    end();
}
END_TEST

static void over(const char *instance, ll_time t)
{
    ll_watch_end(w, &(struct ll_series_end){
                        {LL_SLICE("orders"), ll_slice_of(instance), {"", 0}, LL_RESOURCE_CPU}, t});
}

START_TEST(the_last_of_several_sources_is_not_the_service)
{
    begin();
    feed("a", "", 7, T0);
    feed("b", "", 7, T0);
    ck_assert_int_eq(look(T0, 2).state, LL_SEEN_OK);
    over("b", T0 + 1);
    feed("a", "", 7, T0 + 2);
    ck_assert_int_eq(look(T0 + 2, 2).state, LL_SEEN_PARTIAL);
    ck_assert_int_eq(look(T0 + 2, 1).state, LL_SEEN_OK); /* the target has one left itself */
    feed("b", "", 7, T0 + 3);
    ck_assert_int_eq(look(T0 + 3, 2).state, LL_SEEN_OK);
    end();
}
END_TEST

START_TEST(one_that_takes_the_place_of_another_is_the_service)
{
    begin();
    feed("a", "", 7, T0);
    over("a", T0 + 1);
    ck_assert_int_eq(look(T0 + 1, 8).state, LL_SEEN_MISSING);
    feed("b", "", 7, T0 + 2);
    ck_assert_int_eq(look(T0 + 2, 8).state, LL_SEEN_OK);
    end();
}
END_TEST

START_TEST(an_older_sample_changes_nothing)
{
    begin();
    feed("a", "", 2, T0);
    ck_assert_uint_eq(feed("a", "", 9, T0 - 1), 0);
    ck_assert_double_eq(look(T0, -1).samples[0].value, 2);
    end();
}
END_TEST

START_TEST(a_part_is_watched_by_its_name_and_the_primary_one_without)
{
    size_t named;
    begin();
    ck_assert(ll_watch_add(w, LL_SLICE("orders"), LL_RESOURCE_CPU, LL_SLICE("user"), &named));
    ck_assert_uint_eq(feed("a", "user", 3, T0), 2);
    ck_assert_double_eq(look(T0, -1).samples[0].value, 3);
    end();
}
END_TEST

START_TEST(sums_are_remembered_once_a_time)
{
    begin();
    feed("a", "", 1, T0);
    look(T0, -1);
    ck_assert_uint_eq(look(T0, -1).n_samples, 1);
    feed("a", "", 2, T0 + LL_SECOND);
    const struct ll_observation o = look(T0 + LL_SECOND, -1);
    ck_assert_uint_eq(o.n_samples, 2);
    ck_assert_double_eq(o.samples[1].value, 1);
    for (int i = 2; i < 2 * LL_WATCH_SAMPLES; i++) {
        feed("a", "", i, T0 + i * LL_SECOND);
        look(T0 + i * LL_SECOND, -1);
    }
    ck_assert_uint_eq(look(T0 + 100 * LL_SECOND, -1).n_samples, LL_WATCH_SAMPLES);
    end();
}
END_TEST

static void build_something(void)
{
    size_t at;
    ll_watch_free(NULL);
    struct ll_watch *x = ll_watch_new(1);
    if (!x)
        return;
    if (ll_watch_add(x, LL_SLICE("a"), LL_RESOURCE_CPU, LL_SLICE("p"), &at)) {
        const struct ll_sample s = {
            .key = {LL_SLICE("a"), LL_SLICE("i"), LL_SLICE("p"), LL_RESOURCE_CPU},
            .t = T0,
            .value = 1,
            .capacity = NAN,
        };
        ll_watch_record(x, &s, &at, 1);
    }
    for (int i = 0; i < 100; i++) {
        char name[8];
        snprintf(name, sizeof(name), "s%d", i);
        if (!ll_watch_add(x, ll_slice_of(name), LL_RESOURCE_CPU, (struct ll_slice){"", 0}, &at))
            break;
    }
    ll_watch_free(x);
}

START_TEST(without_memory_nothing_breaks)
{
    for (unsigned call = 1; call < 320; call++) {
        ll_test_fail_alloc(call);
        build_something();
        ll_test_fail_alloc(0);
    }
}
END_TEST

/* The same again is the same; what nobody watches, and more than the caller has room for. */
START_TEST(a_cell_is_watched_once)
{
    size_t again, parts[2] = {77, 77};
    begin();
    ck_assert(
        ll_watch_add(w, LL_SLICE("orders"), LL_RESOURCE_CPU, (struct ll_slice){"", 0}, &again));
    ck_assert_uint_eq(again, cell);
    ck_assert(ll_watch_add(w, LL_SLICE("orders"), LL_RESOURCE_CPU, LL_SLICE("user"), &again));
    const struct ll_sample s = {
        .key = {LL_SLICE("orders"), LL_SLICE("a"), LL_SLICE("user"), LL_RESOURCE_CPU},
        .t = T0,
        .value = 1,
        .capacity = 4,
        .primary = true,
    };
    ck_assert_uint_eq(ll_watch_record(w, &s, parts, 1), 2);
    ck_assert_uint_eq(parts[0], again);
    ck_assert_uint_eq(parts[1], 77);
    struct ll_sample other = s;
    other.key.service = LL_SLICE("quotes");
    ck_assert_uint_eq(ll_watch_record(w, &other, parts, 2), 0);
    end();
}
END_TEST

/* A series that ends is forgotten, a newer sample is not; what is long silent goes by itself. */
START_TEST(what_ended_is_forgotten)
{
    begin();
    struct ll_series_end e = {
        .key = {LL_SLICE("orders"), LL_SLICE("a"), (struct ll_slice){"", 0}, LL_RESOURCE_CPU},
        .t = T0 - 1};
    feed("a", "", 1, T0);
    feed("bb", "", 2, T0);
    feed("", "", 3, T0);
    feed("", "", 4, T0);
    feed("b", "", 0, T0 - LL_DAY); /* as long a name as another one */
    ck_assert_uint_eq(look(T0, -1).instances, 3);
    ll_watch_end(w, &e);
    ck_assert_uint_eq(look(T0, -1).instances, 3);
    e.t = T0;
    ll_watch_end(w, &e);
    ck_assert_double_eq(look(T0, -1).samples[0].value, 6);
    ll_watch_end(w, &e); /* again: there is none */
    e.key.service = LL_SLICE("quotes");
    ll_watch_end(w, &e);
    feed("bb", "", 2, T0 + LL_MINUTE);
    ck_assert_int_eq(ll_watch_stale_at(w, cell, STALE, T0), T0 + STALE + 1);
    ck_assert_int_eq(ll_watch_stale_at(w, cell, STALE, T0 + STALE + 1), T0 + LL_MINUTE + STALE + 1);
    ck_assert_int_eq(ll_watch_stale_at(w, cell, STALE, T0 + LL_HOUR), LL_TIME_NONE);
    ck_assert_uint_eq(look(T0 + LL_HOUR, -1).expected, 0);
    ck_assert_int_eq(look(T0 + LL_HOUR, -1).state, LL_SEEN_MISSING);
    end();
}
END_TEST

START_TEST(a_sum_without_end_is_broken)
{
    begin();
    feed("a", "", 1e308, T0);
    feed("b", "", 1e308, T0);
    ck_assert_int_eq(look(T0, -1).state, LL_SEEN_BROKEN);
    end();
}
END_TEST

START_TEST(a_long_name_is_cut_in_the_metric)
{
    char name[LL_NAME_MAX];
    size_t at;
    begin();
    memset(name, 'n', sizeof(name));
    const struct ll_slice whole = {name, sizeof(name)};
    ck_assert(ll_watch_add(w, whole, LL_RESOURCE_QUEUE_DEPTH, whole, &at));
    const struct ll_watch_ask ask = {T0, STALE, -1};
    struct ll_observation o;
    ll_watch_observe(w, at, &ask, &o);
    ck_assert_uint_eq(o.metric.n, 2 * LL_NAME_MAX + strlen(" QUEUE_DEPTH "));
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_service_is_the_sum_of_its_instances,
                                  what_was_never_seen_is_missing,
                                  an_old_sample_is_stale_not_zero,
                                  a_few_that_are_silent_are_filled_in,
                                  one_series_for_the_whole_service_says_nothing_of_instances,
                                  one_that_takes_the_place_of_another_is_the_service,
                                  the_last_of_several_sources_is_not_the_service,
                                  an_older_sample_changes_nothing,
                                  a_part_is_watched_by_its_name_and_the_primary_one_without,
                                  sums_are_remembered_once_a_time,
                                  without_memory_nothing_breaks,
                                  a_cell_is_watched_once,
                                  what_ended_is_forgotten,
                                  a_sum_without_end_is_broken,
                                  a_long_name_is_cut_in_the_metric};
    return ll_test_run("scaling_watch", tests, LL_LEN(tests));
}
