#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "core/sample.h"
#include "support.h"

static const ll_time now = 1795484665000, oldest = 1795484665000 - 90 * LL_DAY;

static struct ll_sample good_sample(void)
{
    return (struct ll_sample){
        .key = {LL_SLICE("host"), LL_SLICE("vm1"), LL_SLICE("/"), LL_RESOURCE_DISK},
        .unit = LL_UNIT_BYTES,
        .t = now,
        .value = 5,
        .capacity = 10,
        .max_value = 6,
        .window = LL_MINUTE,
        .primary = true};
}

static char long_name[LL_NAME_MAX + 2]; /* 256 letters */

#define REFUSED(change, why)                                                                       \
    do {                                                                                           \
        struct ll_sample s = good_sample();                                                        \
        change;                                                                                    \
        ck_assert_int_eq(ll_sample_check(&s, now, oldest), why);                                   \
    } while (0)

START_TEST(samples_are_checked)
{
    const struct ll_slice too_long = {long_name, LL_NAME_MAX + 1},
                          longest = {long_name, LL_NAME_MAX};
    const struct ll_slice nul = {"a\0b", 3}, latin1 = {"B\xf6rse", 5};
    REFUSED((void)0, LL_REFUSAL_NONE);
    REFUSED(s.key.service = (struct ll_slice){0}, LL_REFUSAL_NAME);
    REFUSED(s.key.instance = (struct ll_slice){0}, LL_REFUSAL_NONE);
    REFUSED(s.key.part = (struct ll_slice){0}, LL_REFUSAL_NONE);
    REFUSED(s.key.service = too_long, LL_REFUSAL_NAME);
    REFUSED(s.key.instance = too_long, LL_REFUSAL_NAME);
    REFUSED(s.key.part = too_long, LL_REFUSAL_NAME);
    REFUSED(s.key.service = s.key.instance = s.key.part = longest, LL_REFUSAL_NONE);
    REFUSED(s.key.service = nul, LL_REFUSAL_NAME);
    REFUSED(s.key.instance = latin1, LL_REFUSAL_NAME);
    REFUSED(s.key.part = LL_SLICE("B\xc3\xb6rse"), LL_REFUSAL_NONE);

    REFUSED(s.value = NAN, LL_REFUSAL_VALUE); /* no data is not a sample, and never zero */
    REFUSED(s.value = INFINITY, LL_REFUSAL_VALUE);
    REFUSED(s.value = -0.001, LL_REFUSAL_VALUE);
    REFUSED(s.value = 0, LL_REFUSAL_NONE);
    REFUSED((s.value = 11, s.max_value = NAN), LL_REFUSAL_NONE); /* over capacity happens */
    REFUSED(s.capacity = NAN, LL_REFUSAL_NONE);
    REFUSED(s.capacity = 0, LL_REFUSAL_CAPACITY);
    REFUSED(s.capacity = -1, LL_REFUSAL_CAPACITY);
    REFUSED(s.capacity = INFINITY, LL_REFUSAL_CAPACITY);
    REFUSED(s.max_value = NAN, LL_REFUSAL_NONE);
    REFUSED(s.max_value = 5, LL_REFUSAL_NONE);
    REFUSED(s.max_value = 4.9, LL_REFUSAL_MAX);
    REFUSED(s.max_value = INFINITY, LL_REFUSAL_MAX);

    REFUSED(s.t = now + 10 * LL_MINUTE, LL_REFUSAL_NONE);
    REFUSED(s.t = now + 10 * LL_MINUTE + 1, LL_REFUSAL_FUTURE);
    REFUSED(s.t = INT64_MAX, LL_REFUSAL_FUTURE);
    REFUSED(s.t = oldest, LL_REFUSAL_NONE);
    REFUSED(s.t = oldest - 1, LL_REFUSAL_TOO_OLD);
    REFUSED(s.t = LL_TIME_NONE, LL_REFUSAL_TOO_OLD);
}
END_TEST

static void refusal_of_nothing(void)
{
    (void)ll_refusal_text(LL_REFUSAL_COUNT);
}

START_TEST(refusals_say_why)
{
    for (int r = 0; r < LL_REFUSAL_COUNT; r++)
        for (int other = 0; other < r; other++)
            ck_assert_str_ne(ll_refusal_text((enum ll_refusal)r),
                             ll_refusal_text((enum ll_refusal)other));
    ck_assert_ptr_nonnull(strstr(ll_refusal_text(LL_REFUSAL_VALUE), "current_value"));
    ck_assert(ll_test_aborts(refusal_of_nothing));
}
END_TEST

START_TEST(batch_copies_names)
{
    LL_AUTO(ll_batch) b = ll_batch_new(2, 3, LL_ORIGIN_PUSH);
    ck_assert_int_eq(b->origin, LL_ORIGIN_PUSH);
    ck_assert_str_eq(b->source, "push");
    ck_assert_ptr_nonnull(b->business);
    char service[] = "gateway", instance[] = "i-1";
    struct ll_sample s = good_sample();
    s.key.service = ll_slice_of(service);
    s.key.instance = ll_slice_of(instance);
    s.key.part = (struct ll_slice){0};
    ck_assert(ll_batch_add(b, &s));
    service[0] = instance[0] = 'X';
    ck_assert(ll_slice_is(b->v[0].key.service, "gateway"));
    ck_assert(ll_slice_is(b->v[0].key.instance, "i-1"));
    ck_assert_uint_eq(b->v[0].key.part.n, 0);
    ck_assert_double_eq(b->v[0].value, 5);
    ck_assert(b->v[0].primary && b->v[0].t == now && b->v[0].window == LL_MINUTE);
    ck_assert_int_eq(b->refusal[0], LL_REFUSAL_NONE);

    ck_assert(ll_batch_add(b, &s));
    ck_assert(!ll_batch_add(b, &s)); /* full */
    ck_assert_uint_eq(b->n, 2);
    ll_batch_free(NULL);
}
END_TEST

START_TEST(batch_has_its_limits)
{
    ck_assert_ptr_null(ll_batch_new(LL_BATCH_SAMPLES_MAX + 1, 0, LL_ORIGIN_PUSH));
    ck_assert_ptr_null(ll_batch_new(0, LL_BATCH_SAMPLES_MAX + 1, LL_ORIGIN_PUSH));
    ck_assert_ptr_null(ll_batch_new(SIZE_MAX, SIZE_MAX, LL_ORIGIN_PUSH));
    LL_AUTO(ll_batch) empty = ll_batch_new(0, 0, LL_ORIGIN_COLLECTOR);
    ck_assert_ptr_nonnull(empty);
    struct ll_sample s = good_sample();
    ck_assert(!ll_batch_add(empty, &s));
    LL_AUTO(ll_batch)
    largest = ll_batch_new(LL_BATCH_SAMPLES_MAX, LL_BATCH_SAMPLES_MAX, LL_ORIGIN_PUSH);
    ck_assert_ptr_nonnull(largest);
}
END_TEST

/* One hostile name must not take the room of the good samples behind it. */
START_TEST(batch_takes_all_its_samples_whatever_the_names)
{
    enum { SAMPLES = 500, HUGE_NAME = 1 << 20 };
    char *huge = malloc(HUGE_NAME);
    memset(huge, 'n', HUGE_NAME);
    LL_AUTO(ll_batch) b = ll_batch_new(SAMPLES, SAMPLES, LL_ORIGIN_PUSH);
    struct ll_sample s = good_sample();
    s.key.service = s.key.instance = s.key.part = (struct ll_slice){huge, HUGE_NAME};
    for (size_t i = 0; i < SAMPLES; i++)
        ck_assert(ll_batch_add(b, &s));
    free(huge);
    ck_assert_int_eq(ll_sample_check(&b->v[SAMPLES - 1], now, oldest), LL_REFUSAL_NAME);
    ck_assert_uint_eq(b->v[0].key.service.n, LL_NAME_MAX + 1);
    for (size_t i = 0; i < 3 * (size_t)SAMPLES; i++) /* and the names of the business counts */
        ck_assert_ptr_nonnull(ll_arena_copy(b->arena, long_name, LL_NAME_MAX));
}
END_TEST

START_TEST(batch_survives_the_end_of_memory)
{
    LL_AUTO(ll_batch) b = NULL;
    unsigned call = 1;
    for (; !b; call++) {
        ll_test_fail_alloc(call);
        b = ll_batch_new(1000, 1000, LL_ORIGIN_PUSH);
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(failed == !b);
        ck_assert_uint_lt(call, 20);
    }
    ck_assert_uint_gt(call, 3); /* batch, arena and blocks: all were refused once */

    struct ll_sample s = good_sample();
    s.key.service = s.key.instance = s.key.part = (struct ll_slice){long_name, LL_NAME_MAX};
    size_t failures = 0;
    while (b->n < b->size) {
        size_t n = b->n;
        ll_test_fail_alloc(1);
        if (!ll_batch_add(b, &s)) {
            failures++;
            ck_assert_uint_eq(b->n, n);
            ll_test_fail_alloc(0);
            if (!ll_batch_add(b, &s))
                break; /* names lost to a failure halfway count against the cap */
        }
    }
    ll_test_fail_alloc(0);
    ck_assert_uint_gt(failures, 0);
}
END_TEST

START_TEST(keys_order_by_each_field)
{
    const struct ll_series_key rows[] = {
        {LL_SLICE("a"), LL_SLICE("z"), LL_SLICE("z"), LL_RESOURCE_CPU},
        {LL_SLICE("a"), LL_SLICE(""), LL_SLICE(""), LL_RESOURCE_DISK},
        {LL_SLICE("a"), LL_SLICE("i"), LL_SLICE(""), LL_RESOURCE_DISK},
        {LL_SLICE("a"), LL_SLICE("i"), LL_SLICE("p"), LL_RESOURCE_DISK},
        {LL_SLICE("a"), LL_SLICE("j"), LL_SLICE(""), LL_RESOURCE_DISK},
        {LL_SLICE("aa"), LL_SLICE(""), LL_SLICE(""), LL_RESOURCE_CPU},
        {LL_SLICE("b"), LL_SLICE(""), LL_SLICE(""), LL_RESOURCE_CPU},
    };
    for (size_t i = 0; i < LL_LEN(rows); i++)
        for (size_t j = 0; j < LL_LEN(rows); j++) {
            int c = ll_series_key_cmp(&rows[i], &rows[j]);
            ck_assert_int_eq((c > 0) - (c < 0), (i > j) - (i < j));
        }
}
END_TEST

START_TEST(key_bytes_differ_where_keys_differ)
{
    static const char *const names[] = {"", "a", "b", "ab", "aa", "A", "a\xc3\xb6"};
    enum { N = LL_LEN(names), ALL = N * N * N * LL_RESOURCE_COUNT };
    static char bytes[ALL][LL_SERIES_KEY_TEXT_MAX];
    LL_AUTO(ll_map) seen = ll_map_new(1, ALL);
    for (size_t i = 0; i < ALL; i++) {
        struct ll_series_key k = {ll_slice_of(names[i % N]), ll_slice_of(names[i / N % N]),
                                  ll_slice_of(names[i / N / N % N]),
                                  (enum ll_resource_type)(i / N / N / N)};
        size_t n = 0, other = 0;
        ck_assert(ll_series_key_bytes(&k, bytes[i], &n));
        ck_assert(!ll_map_get(seen, (struct ll_slice){bytes[i], n}, &other));
        ck_assert(ll_map_put(seen, (struct ll_slice){bytes[i], n}, i));
    }
}
END_TEST

START_TEST(key_bytes_have_room_for_the_longest)
{
    char buf[LL_SERIES_KEY_TEXT_MAX];
    const struct ll_slice longest = {long_name, LL_NAME_MAX};
    struct ll_series_key k = {longest, longest, longest, LL_RESOURCE_API_CALLS};
    size_t n = 0;
    ck_assert(ll_series_key_bytes(&k, buf, &n));
    ck_assert_uint_eq(n, 1 + 3 * (LL_NAME_MAX + 1));
    k.part.n = LL_NAME_MAX + 1;
    n = 7;
    ck_assert(!ll_series_key_bytes(&k, buf, &n));
    ck_assert_uint_eq(n, 7);
}
END_TEST

int main(void)
{
    memset(long_name, 'n', sizeof(long_name) - 1);
    const TTest *const tests[] = {
        samples_are_checked,
        refusals_say_why,
        batch_copies_names,
        batch_has_its_limits,
        batch_takes_all_its_samples_whatever_the_names,
        batch_survives_the_end_of_memory,
        keys_order_by_each_field,
        key_bytes_differ_where_keys_differ,
        key_bytes_have_room_for_the_longest,
    };
    return ll_test_run("core_sample", tests, LL_LEN(tests));
}
