/* Peaks, latest samples, business counts, scaling events. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store_contract.h"

struct peaks {
    struct {
        char name[64];
        struct ll_peak p;
    } v[32];
    size_t n;
};

static void keep_peak(void *ctx, const struct ll_peak *p)
{
    struct peaks *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    snprintf(x->v[x->n].name, sizeof(x->v[0].name), "%.*s", (int)p->key.service.n,
             p->key.service.s);
    x->v[x->n++].p = *p;
}

static struct peaks peaks_of(const char *service, int type, int64_t from, int64_t to, size_t offset,
                             size_t limit)
{
    struct peaks x = {.n = 0};
    const struct ll_peaks_query q = {.service = ll_slice_of(service),
                                     .type = type,
                                     .from_day = from,
                                     .to_day = to,
                                     .offset = offset,
                                     .limit = limit};
    ck_assert_msg(ops->each_peak(reader(), &q, keep_peak, &x, &err), "%s", err.text);
    return x;
}

#define DAY0 ll_time_day(T0)

START_TEST(the_peak_of_a_day_is_kept_with_its_moment)
{
    struct ll_sample window = cpu("a", "i", T0 + 3000, 2);
    window.max_value = 9;
    window.window = 60 * LL_SECOND;
    window.capacity = 16;
    PUT(cpu("a", "i", T0, 5), cpu("a", "i", T0 + 1000, 7), cpu("a", "i", T0 + 2000, 6));
    PUT(window, cpu("a", "i", T0 + LL_DAY, 1));

    struct peaks x = peaks_of("", -1, 0, INT32_MAX, 0, 100);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_int_eq(x.v[0].p.day, DAY0 + 1); /* newest first */
    ck_assert_double_eq(x.v[0].p.value, 1);
    ck_assert_int_eq(x.v[1].p.day, DAY0);
    ck_assert_double_eq(x.v[1].p.value, 9);
    ck_assert_double_eq(x.v[1].p.capacity, 16);
    ck_assert_int_eq(x.v[1].p.at, T0 + 3000);
    ck_assert_int_eq(x.v[1].p.window, 60 * LL_SECOND);
    ck_assert_int_eq(x.v[1].p.unit, LL_UNIT_CORES);
}
END_TEST

START_TEST(the_first_of_equal_peaks_is_named)
{
    PUT(cpu("a", "", T0, 5), cpu("a", "", T0 + 1000, 5));
    ck_assert_int_eq(peaks_of("a", -1, 0, INT32_MAX, 0, 9).v[0].p.at, T0);
}
END_TEST

START_TEST(a_corrected_sample_corrects_the_peak)
{
    PUT(cpu("a", "", T0, 5), cpu("a", "", T0 + 1000, 90), cpu("a", "", T0 + 2000, 6));
    reopen();
    PUT(cpu("a", "", T0 + 1000, 1));
    struct peaks x = peaks_of("a", -1, 0, INT32_MAX, 0, 9);
    ck_assert_double_eq(x.v[0].p.value, 6);
    ck_assert_int_eq(x.v[0].p.at, T0 + 2000);
}
END_TEST

START_TEST(late_days_find_their_own_row)
{
    PUT(cpu("a", "", T0, 5), cpu("a", "", T0 + LL_DAY, 8));
    PUT(cpu("a", "", T0 + 1000, 6), cpu("a", "", T0 + LL_DAY + 1000, 7),
        cpu("a", "", T0 + 2000, 4));
    struct peaks x = peaks_of("a", -1, 0, INT32_MAX, 0, 9);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_double_eq(x.v[0].p.value, 8);
    ck_assert_double_eq(x.v[1].p.value, 6);
}
END_TEST

START_TEST(a_failed_append_leaves_the_ledger_alone)
{
    PUT(cpu("a", "", T0, 5));
    struct ll_sample high = cpu("a", "", T0 + 1, 50);
    struct ll_batch *b = batch_of(&high, 1);
    kind->break_writes(place, true);
    ck_assert(!ops->append(store, &b, 1, &err));
    kind->break_writes(place, false);
    ll_batch_free(b);
    PUT(cpu("a", "", T0 + 2, 20));
    ck_assert_double_eq(peaks_of("a", -1, 0, INT32_MAX, 0, 9).v[0].p.value, 20);
}
END_TEST

START_TEST(peaks_outlive_all_retention)
{
    place_opts.retain_raw = place_opts.retain_5m = place_opts.retain_1h = LL_HOUR;
    reopen();
    PUT(cpu("a", "", T0, 5), cpu("a", "", T0 + 9 * LL_DAY, 1));
    settle_hours(T0 + 9 * LL_DAY + 3 * LL_HOUR);
    settle_hours(T0 + 9 * LL_DAY + 5 * LL_HOUR);
    ck_assert_int_eq(stats().samples, 0);
    ck_assert_uint_eq(peaks_of("", -1, 0, INT32_MAX, 0, 9).n, 2);
}
END_TEST

START_TEST(the_ledger_can_be_filtered_and_paged)
{
    struct ll_sample memory = cpu("b", "", T0, 1);
    memory.key.type = LL_RESOURCE_MEMORY;
    PUT(cpu("a", "", T0, 1), cpu("b", "", T0, 2), cpu("c", "", T0, 3),
        cpu("a", "", T0 + LL_DAY, 4));
    PUT(memory);
    ck_assert_uint_eq(peaks_of("a", -1, 0, INT32_MAX, 0, 9).n, 2);
    ck_assert_uint_eq(peaks_of("", LL_RESOURCE_MEMORY, 0, INT32_MAX, 0, 9).n, 1);
    ck_assert_uint_eq(peaks_of("", LL_RESOURCE_CPU, DAY0, DAY0, 0, 9).n, 3);
    struct peaks page = peaks_of("", -1, 0, INT32_MAX, 1, 2);
    ck_assert_uint_eq(page.n, 2);
    ck_assert_str_eq(page.v[0].name, "a");
    ck_assert_str_eq(page.v[1].name, "b");
    ck_assert_uint_eq(peaks_of("", -1, 0, INT32_MAX, 9, 2).n, 0);
}
END_TEST

struct latest {
    struct ll_sample v[8];
    struct ll_series_row row[8];
    size_t n;
};

static void keep_sample(void *ctx, const struct ll_series_row *series, const struct ll_sample *s)
{
    struct latest *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    x->row[x->n] = *series;
    x->v[x->n++] = *s;
}

START_TEST(the_latest_sample_of_each_fresh_series)
{
    struct ll_sample c = cpu("c", "", T0 + 5000, 3);
    c.primary = false;
    c.capacity = NAN;
    c.unit = LL_UNIT_RATIO;
    PUT(cpu("a", "", T0, 1), cpu("a", "", T0 + 9000, 2), cpu("b", "", T0 + 1000, 9), c);
    struct latest x = {.n = 0};
    ck_assert(ops->each_latest(reader(), T0 + 5000, keep_sample, &x, &err));
    ck_assert_uint_eq(x.n, 2); /* b is too old */
    ck_assert_double_eq(x.v[0].value, 2);
    ck_assert_int_eq(x.v[0].t, T0 + 9000);
    ck_assert(x.row[0].primary);
    ck_assert(isnan(x.v[0].max_value));
    ck_assert(!x.row[1].primary);
    ck_assert(isnan(x.v[1].capacity));
    ck_assert_int_eq(x.row[1].unit, LL_UNIT_RATIO);
}
END_TEST

START_TEST(a_series_follows_what_its_sender_says_of_it)
{
    struct ll_sample s = cpu("a", "", T0, 1);
    s.primary = false;
    PUT(s);
    s.primary = true;
    s.t += 1000;
    PUT(s);
    reopen();
    struct latest x = {.n = 0};
    ck_assert(ops->each_latest(reader(), T0, keep_sample, &x, &err));
    ck_assert_uint_eq(x.n, 1);
    ck_assert(x.row[0].primary);
}
END_TEST

START_TEST(business_counts_are_written_with_the_samples)
{
    struct ll_batch *b = ll_batch_new(1, 2, LL_ORIGIN_PUSH);
    b->business[0] =
        (struct ll_business){LL_SLICE("trades"), LL_SLICE("a"), LL_SLICE("XNYS"), T0, 5};
    b->business[1] = (struct ll_business){LL_SLICE("trades"), {0}, {0}, T0, -2};
    b->n_business = 2;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text); /* again: the last wins */
    ll_batch_free(b);
}
END_TEST

struct events {
    char id[8][16];
    struct ll_scaling_event e[8];
    size_t n;
};

static void keep_event(void *ctx, const struct ll_scaling_event *e)
{
    struct events *x = ctx;
    snprintf(x->id[x->n], sizeof(x->id[0]), "%.*s", (int)e->action_id.n, e->action_id.s);
    x->e[x->n++] = *e;
}

static struct ll_scaling_event event(const char *id, const char *service, ll_time t)
{
    return (struct ll_scaling_event){.action_id = ll_slice_of(id),
                                     .rule_id = LL_SLICE("r"),
                                     .service = ll_slice_of(service),
                                     .reason = LL_SLICE("cpu above 80 %"),
                                     .state = LL_ACTION_PENDING,
                                     .decision = LL_SLICE("d1"),
                                     .direction = LL_DIRECTION_SCALE_OUT,
                                     .type = LL_RESOURCE_API_CALLS,
                                     .from_value = 8,
                                     .to_value = 12,
                                     .t = t,
                                     .epoch = 3};
}

static void put_event(const struct ll_scaling_event *e)
{
    ck_assert_msg(ops->append_event(store, e, &err), "%s", err.text);
}

START_TEST(events_come_back_newest_first)
{
    struct ll_scaling_event e[] = {event("e1", "a", T0), event("e2", "b", T0 + 1),
                                   event("e3", "a", T0 + 2)};
    for (size_t i = 0; i < LL_LEN(e); i++)
        put_event(&e[i]);
    reopen();
    struct events x = {.n = 0};
    ck_assert(ops->each_event(reader(), (struct ll_slice){0}, T0, 8, keep_event, &x, &err));
    ck_assert_uint_eq(x.n, 3);
    ck_assert_str_eq(x.id[0], "e3");
    ck_assert_int_eq(x.e[0].direction, LL_DIRECTION_SCALE_OUT);
    ck_assert_int_eq(x.e[0].type, LL_RESOURCE_API_CALLS);
    ck_assert_double_eq(x.e[0].to_value, 12);
    ck_assert_int_eq(x.e[0].epoch, 3);

    x.n = 0;
    ck_assert(ops->each_event(reader(), LL_SLICE("a"), T0 + 1, 8, keep_event, &x, &err));
    ck_assert_uint_eq(x.n, 1);
    x.n = 0;
    ck_assert(ops->each_event(reader(), (struct ll_slice){0}, T0, 2, keep_event, &x, &err));
    ck_assert_uint_eq(x.n, 2);
}
END_TEST

START_TEST(an_action_has_one_row_whose_state_changes)
{
    struct ll_scaling_event e = event("e1", "a", T0);
    put_event(&e);
    e.state = LL_ACTION_APPLIED;
    put_event(&e);
    struct events x = {.n = 0};
    ck_assert(ops->each_event(reader(), (struct ll_slice){0}, T0, 8, keep_event, &x, &err));
    ck_assert_uint_eq(x.n, 1);
    ck_assert_int_eq(x.e[0].state, LL_ACTION_APPLIED);
}
END_TEST

TCase *record_cases(void)
{
    TCase *c = tcase_create("records");
    tcase_add_test(c, the_peak_of_a_day_is_kept_with_its_moment);
    tcase_add_test(c, the_first_of_equal_peaks_is_named);
    tcase_add_test(c, a_corrected_sample_corrects_the_peak);
    tcase_add_test(c, late_days_find_their_own_row);
    tcase_add_test(c, a_failed_append_leaves_the_ledger_alone);
    tcase_add_test(c, peaks_outlive_all_retention);
    tcase_add_test(c, the_ledger_can_be_filtered_and_paged);
    tcase_add_test(c, the_latest_sample_of_each_fresh_series);
    tcase_add_test(c, a_series_follows_what_its_sender_says_of_it);
    tcase_add_test(c, business_counts_are_written_with_the_samples);
    tcase_add_test(c, events_come_back_newest_first);
    tcase_add_test(c, an_action_has_one_row_whose_state_changes);
    return c;
}
