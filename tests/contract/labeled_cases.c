/* Points under their own labels: bit for bit, in order, within limits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_contract.h"

#define AT(seconds) (T0 + (seconds)*LL_SECOND)

/* What a reading gave: the labels as text, and points. */
struct kept {
    struct {
        char labels[200];
        ll_time t;
        uint64_t bits;
    } v[64];
    size_t n, calls, largest, stop_after; /* calls; 0 = never */
};

static bool keep(void *ctx, struct ll_slice labels, const struct ll_labeled_point *points, size_t n)
{
    struct kept *k = ctx;
    struct ll_str text;
    ll_str_init(&text, 1 << 20);
    ll_labels_text(labels, &text);
    for (size_t i = 0; i < n && k->n < LL_LEN(k->v); i++, k->n++) {
        snprintf(k->v[k->n].labels, sizeof(k->v[0].labels), "%s", ll_str_z(&text));
        k->v[k->n].t = points[i].t;
        k->v[k->n].bits = points[i].bits;
    }
    k->largest = LL_MAX(k->largest, n);
    k->calls++;
    ll_str_fini(&text);
    return k->stop_after == 0 || k->calls < k->stop_after;
}

static struct kept read_all(void)
{
    struct kept k = {.n = 0};
    const struct ll_labeled_query q = {.from = T0 - LL_DAY * 400, .to = T0 + LL_DAY * 400};
    ck_assert_msg(ops->each_labeled(reader(), &q, keep, &k, &err), "%s", err.text);
    return k;
}

/* A batch of labelled rows; each name is a metric with one label. */
static struct ll_batch *labeled_batch(size_t n)
{
    struct ll_batch *b = ll_batch_new(n, 0, LL_ORIGIN_PUSH); /* its memory goes with its size */
    ck_assert_ptr_nonnull(b);
    b->labeled = LL_ARENA_NEW(b->arena, struct ll_labeled_row, n);
    ck_assert_ptr_nonnull(b->labeled);
    return b;
}

static void add(struct ll_batch *b, const char *name, ll_time t, uint64_t bits)
{
    struct ll_label l[] = {{LL_LABELS_NAME, ll_slice_of(name)},
                           {LL_SLICE("job"), LL_SLICE("\"q\"\\\n\x01\xc3\xa9")}};
    char *at = ll_arena_alloc(b->arena, ll_labels_size(l, 2), 1);
    ck_assert_ptr_nonnull(at);
    char *end = ll_labels_write(l, 2, at);
    b->labeled[b->n_labeled++] =
        (struct ll_labeled_row){{at, (size_t)(end - at)}, {t, bits}, LL_REFUSAL_NONE};
}

static void append(struct ll_batch *b)
{
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
}

static enum ll_refusal put_bits(const char *name, ll_time t, uint64_t bits)
{
    struct ll_batch *b = labeled_batch(1);
    add(b, name, t, bits);
    append(b);
    enum ll_refusal why = b->labeled[0].refusal;
    ll_batch_free(b);
    return why;
}

static enum ll_refusal put_value(const char *name, ll_time t, double v)
{
    return put_bits(name, t, ll_labeled_bits(v));
}

START_TEST(every_bit_pattern_comes_back)
{
    static const uint64_t patterns[] = {
        UINT64_C(0x7ff0000000000002), UINT64_C(0x7ff8000000000001),
        UINT64_C(0xfff8000000000000), UINT64_C(0x7ff0000000000001),
        UINT64_C(0xffffffffffffffff), UINT64_C(0x8000000000000000),
        UINT64_C(0x0000000000000000), UINT64_C(0x0000000000000001),
        UINT64_C(0x800fffffffffffff), UINT64_C(0x0010000000000000),
        UINT64_C(0x7fefffffffffffff), UINT64_C(0x7ff0000000000000),
        UINT64_C(0xfff0000000000000), UINT64_C(0x3ff0000000000000),
        UINT64_C(0x3ff0000000000001), UINT64_C(0x433fffffffffffff), /* 2^53 - 1 */
        UINT64_C(0x4340000000000000),                               /* 2^53 */
        UINT64_C(0x4340000000000001),                               /* 2^53 + 2 */
        UINT64_C(0xc340000000000000), UINT64_C(0xc340000000000001),
        UINT64_C(0x43e0000000000000), /* 2^63: no int64 */
        UINT64_C(0xc3e0000000000000), UINT64_C(0x4059000000000000),
        UINT64_C(0xbff0000000000000), UINT64_C(0x3fb999999999999a),
        UINT64_C(0x40091eb851eb851f), UINT64_C(0x43d0000000000001),
    };
    struct ll_batch *b = labeled_batch(LL_LEN(patterns));
    for (size_t i = 0; i < LL_LEN(patterns); i++)
        add(b, "x", AT((ll_time)i), patterns[i]);
    append(b);
    ll_batch_free(b);
    reopen();
    struct kept k = read_all();
    ck_assert_uint_eq(k.n, LL_LEN(patterns));
    for (size_t i = 0; i < LL_LEN(patterns); i++) {
        ck_assert_msg(k.v[i].bits == patterns[i], "%zu: %016llx came back as %016llx", i,
                      (unsigned long long)patterns[i], (unsigned long long)k.v[i].bits);
        ck_assert_int_eq(k.v[i].t, AT((ll_time)i));
    }
    for (size_t i = 0; i < LL_LEN(patterns); i++) /* and each is known to be the same */
        ck_assert_int_eq(put_bits("x", AT((ll_time)i), patterns[i]), LL_REFUSAL_NONE);
    ck_assert_int_eq(stats().labeled_points, LL_LEN(patterns));
}
END_TEST

START_TEST(labels_come_back_as_they_were)
{
    put_value("a", T0, 1);
    put_value("b", T0, 2);
    reopen();
    put_value("a", AT(1), 3);
    struct kept k = read_all();
    ck_assert_uint_eq(k.n, 3);
    ck_assert_str_eq(k.v[0].labels, "a{job=\"\\\"q\\\"\\\\\\n\x01\xc3\xa9\"}");
    ck_assert_str_eq(k.v[1].labels, k.v[0].labels); /* the same series after a restart */
    ck_assert_int_eq(k.v[1].t, AT(1));
    ck_assert_int_eq(stats().labeled_series, 2);
    ck_assert_int_eq(stats().labeled_points, 3);
}
END_TEST

START_TEST(the_last_write_wins)
{
    put_value("a", T0, 1);
    ck_assert_int_eq(put_value("a", T0, 2), LL_REFUSAL_NONE);
    struct ll_batch *b = labeled_batch(3);
    add(b, "a", AT(1), ll_labeled_bits(7));
    add(b, "a", T0, ll_labeled_bits(3));
    add(b, "a", T0, ll_labeled_bits(4));
    append(b);
    ll_batch_free(b);
    struct kept k = read_all();
    ck_assert_uint_eq(k.n, 2);
    ck_assert_uint_eq(k.v[0].bits, ll_labeled_bits(4));
    ck_assert_int_eq(stats().labeled_points, 2);
}
END_TEST

START_TEST(what_comes_late_is_refused_by_its_reason)
{
    place_opts.out_of_order = LL_MINUTE;
    reopen();
    put_value("a", AT(100), 1);
    ck_assert_int_eq(put_value("a", AT(40), 2), LL_REFUSAL_NONE); /* within the window */
    put_value("a", AT(300), 3);
    reopen(); /* the newest is learned from the rows */
    ck_assert_int_eq(put_value("a", AT(90), 2), LL_REFUSAL_OUT_OF_ORDER);
    ck_assert_int_eq(put_value("a", AT(100), 2), LL_REFUSAL_DUPLICATE);
    ck_assert_int_eq(put_value("a", AT(100), 1), LL_REFUSAL_NONE); /* the same bits */
    ck_assert_int_eq(put_value("b", AT(90), 2), LL_REFUSAL_NONE);  /* another series */
    struct kept k = read_all();
    ck_assert_uint_eq(k.n, 4);
    ck_assert_uint_eq(k.v[1].bits, ll_labeled_bits(1));
    ck_assert_int_eq(stats().labeled_points, 4);
}
END_TEST

START_TEST(times_that_nobody_can_print_are_refused)
{
    put_value("a", T0, 1);
    ck_assert_int_eq(put_value("a", INT64_MAX, 1), LL_REFUSAL_FUTURE);
    ck_assert_int_eq(put_value("a", INT64_MIN, 1), LL_REFUSAL_TOO_OLD);
    ck_assert_int_eq(put_value("b", LL_TIME_MIN - 1, 1), LL_REFUSAL_TOO_OLD);
    ck_assert_int_eq(put_value("a", AT(1), 1), LL_REFUSAL_NONE);
    ck_assert_int_eq(stats().labeled_points, 2);
    ck_assert_int_eq(stats().labeled_series, 1);
}
END_TEST

START_TEST(the_limit_lets_known_series_flow)
{
    place_opts.max_labeled_series = 2;
    reopen();
    put_value("a", T0, 1);
    put_value("b", T0, 1);
    struct ll_batch *b = labeled_batch(3);
    add(b, "a", AT(1), 1);
    add(b, "c", AT(1), 1);
    add(b, "b", AT(1), 1);
    append(b);
    ck_assert_int_eq(b->labeled[0].refusal, LL_REFUSAL_NONE);
    ck_assert_int_eq(b->labeled[1].refusal, LL_REFUSAL_SERIES_LIMIT);
    ck_assert_int_eq(b->labeled[2].refusal, LL_REFUSAL_NONE);
    ll_batch_free(b);
    ck_assert_int_eq(stats().labeled_series, 2);
}
END_TEST

START_TEST(series_without_samples_make_room)
{
    place_opts.max_labeled_series = 3;
    place_opts.retain_raw = LL_DAY;
    reopen();
    put_value("a", T0, 1);
    put_value("b", AT(1), 1);
    put_value("c", AT(2), 1);
    ck_assert_int_eq(put_value("d", AT(3), 1), LL_REFUSAL_SERIES_LIMIT);
    put_value("b", T0 + 2 * LL_DAY, 2);
    settle_hours(T0 + 2 * LL_DAY);
    ck_assert_int_eq(stats().labeled_series, 1);
    ck_assert_int_eq(stats().labeled_points, 1);
    put_value("b", T0 + 2 * LL_DAY + 1, 3);
    ck_assert_int_eq(put_value("d", T0 + 2 * LL_DAY, 1), LL_REFUSAL_NONE);
    ck_assert_int_eq(put_value("a", T0 + 2 * LL_DAY, 1), LL_REFUSAL_NONE);
    reopen();
    struct kept k = read_all();
    ck_assert_uint_eq(k.n, 4);
    ck_assert_int_eq(strncmp(k.v[0].labels, "b{", 2), 0);
    ck_assert_int_eq(strncmp(k.v[2].labels, "d{", 2), 0);
    ck_assert_int_eq(strncmp(k.v[3].labels, "a{", 2), 0);
}
END_TEST

START_TEST(a_failed_append_keeps_nothing)
{
    put_value("a", T0, 1);
    struct ll_batch *b = labeled_batch(2);
    add(b, "a", AT(5), 1);
    add(b, "new", AT(5), 1);
    b->inbox = LL_SLICE("bytes");
    b->cursor_name = LL_SLICE("c");
    b->cursor_value = LL_SLICE("v");
    kind->break_writes(place, true);
    ck_assert(!ops->append(store, &b, 1, &err));
    kind->break_writes(place, false);
    ck_assert_int_eq(stats().labeled_points, 1);
    ck_assert_int_eq(stats().labeled_series, 1);
    append(b); /* memory follows: the series is made again */
    ll_batch_free(b);
    ck_assert_int_eq(stats().labeled_points, 3);
    ck_assert_int_eq(stats().labeled_series, 2);
    reopen();
    ck_assert_uint_eq(read_all().n, 3);
}
END_TEST

START_TEST(refused_rows_are_skipped_and_stay_refused)
{
    struct ll_batch *b = labeled_batch(2);
    add(b, "a", T0, 1);
    add(b, "b", T0, 1);
    b->labeled[0].refusal = LL_REFUSAL_FUTURE;
    append(b);
    ck_assert_int_eq(b->labeled[0].refusal, LL_REFUSAL_FUTURE);
    ck_assert_int_eq(b->labeled[1].refusal, LL_REFUSAL_NONE);
    ll_batch_free(b);
    ck_assert_int_eq(stats().labeled_series, 1);
}
END_TEST

static bool is_b(void *ctx, struct ll_slice labels)
{
    (void)ctx;
    return ll_slice_is(ll_labels_get(labels, LL_LABELS_NAME), "b");
}

START_TEST(a_reading_matches_and_is_bounded)
{
    for (int i = 0; i < 4; i++) {
        put_value("a", AT(i), i);
        put_value("b", AT(i), i);
    }
    struct kept k = {.n = 0};
    struct ll_labeled_query q = {.match = is_b, .from = AT(1), .to = AT(3)};
    ck_assert(ops->each_labeled(reader(), &q, keep, &k, &err));
    ck_assert_uint_eq(k.n, 2);
    ck_assert_int_eq(strncmp(k.v[0].labels, "b{", 2), 0);
    ck_assert_int_eq(k.v[0].t, AT(1));
    ck_assert_int_eq(k.v[1].t, AT(2));
}
END_TEST

START_TEST(a_long_reading_can_be_left_and_taken_up)
{
    enum { POINTS = 2 * LL_LABELED_CHUNK + 5 };
    struct ll_batch *b = labeled_batch(2 * POINTS);
    for (int i = 0; i < POINTS; i++) {
        add(b, "a", AT(i), (uint64_t)i);
        add(b, "b", AT(i), (uint64_t)i);
    }
    append(b);
    ll_batch_free(b);
    struct ll_store_pos pos = {0};
    const struct ll_labeled_query q = {.from = T0, .to = T0 + LL_DAY, .pos = &pos};
    size_t calls = 0, last_calls = 1;
    ll_time behind[2] = {0, 0};
    for (; last_calls > 0 && calls < 20; calls += last_calls) {
        struct kept k = {.stop_after = 1};
        ck_assert(ops->each_labeled(reader(), &q, keep, &k, &err));
        ck_assert_uint_le(k.largest, LL_LABELED_CHUNK);
        last_calls = k.calls;
        if (k.calls) {
            bool is_first = k.v[0].labels[0] == 'a';
            ck_assert_int_gt(k.v[0].t, behind[!is_first]); /* nothing twice */
            behind[!is_first] = pos.t - 1;
        }
    }
    ck_assert_uint_eq(calls, 6); /* three chunks of each, and then no more */
    ck_assert_int_eq(behind[0], AT(POINTS - 1));
    ck_assert_int_eq(behind[1], AT(POINTS - 1));
}
END_TEST

struct inbox {
    char v[8][16];
    ll_time at[8];
    size_t n;
};

static bool keep_inbox(void *ctx, ll_time received, struct ll_slice bytes)
{
    struct inbox *x = ctx;
    snprintf(x->v[x->n], sizeof(x->v[0]), "%.*s", (int)bytes.n, bytes.s);
    x->at[x->n++] = received;
    return true;
}

static struct inbox inbox_from(ll_time from)
{
    struct inbox x = {.n = 0};
    ck_assert_msg(ops->each_inbox(reader(), from, keep_inbox, &x, &err), "%s", err.text);
    return x;
}

static void receive(const char *bytes, ll_time t)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_PUSH);
    b->inbox = ll_slice_of(bytes);
    b->received = t;
    append(b);
    ll_batch_free(b);
}

START_TEST(the_inbox_is_kept_for_its_span)
{
    receive("one", T0);
    receive("two", T0 + LL_MINUTE);
    receive("three", T0 + 8 * LL_MINUTE);
    reopen();
    struct inbox x = inbox_from(T0 + LL_MINUTE);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.v[0], "two");
    ck_assert_int_eq(x.at[1], T0 + 8 * LL_MINUTE);
    settle(T0 + LL_STORE_INBOX_SPAN - 1);
    ck_assert_uint_eq(inbox_from(0).n, 3);
    settle(T0 + LL_STORE_INBOX_SPAN + 3 * LL_MINUTE);
    x = inbox_from(0);
    ck_assert_uint_eq(x.n, 1);
    ck_assert_str_eq(x.v[0], "three");
    settle(T0 + LL_HOUR);
    ck_assert_uint_eq(inbox_from(0).n, 0);
    receive("four", T0 + LL_HOUR);
    ck_assert_uint_eq(inbox_from(0).n, 1);
}
END_TEST

START_TEST(a_full_inbox_drops_its_oldest)
{
    enum { BODY = 40 << 10 };
    place_opts.max_inbox = 256 << 10;
    reopen();
    char *body = calloc(1, BODY);
    ck_assert_ptr_nonnull(body);
    for (int i = 0; i < 8; i++) {
        struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_PUSH);
        snprintf(body, BODY, "%d", i);
        b->inbox = (struct ll_slice){body, BODY};
        b->received = T0 + i;
        append(b);
        ll_batch_free(b);
        settle(T0 + i);
    }
    free(body);
    struct inbox x = inbox_from(0);
    ck_assert_uint_eq(x.n, 6); /* 240 KiB of 256 */
    ck_assert_int_eq(x.at[0], T0 + 2);
    ck_assert_int_eq(x.at[5], T0 + 7);
}
END_TEST

static const char *cursor(const char *name)
{
    static char text[64];
    LL_AUTO(ll_arena) a = ll_arena_new(4096);
    struct ll_slice v;
    ck_assert_msg(ops->cursor_get(reader(), ll_slice_of(name), a, &v, &err), "%s", err.text);
    snprintf(text, sizeof(text), "%.*s", (int)v.n, v.s);
    return text;
}

START_TEST(a_cursor_lands_with_its_rows)
{
    ck_assert_str_eq(cursor("import"), "");
    struct ll_batch *b = labeled_batch(1);
    add(b, "a", T0, 1);
    b->cursor_name = LL_SLICE("import");
    b->cursor_value = LL_SLICE("17");
    append(b);
    b->cursor_value = LL_SLICE("18");
    append(b);
    ll_batch_free(b);
    reopen();
    ck_assert_str_eq(cursor("import"), "18");
    ck_assert_str_eq(cursor("other"), "");
    ck_assert_int_eq(stats().labeled_points, 1);
}
END_TEST

TCase *labeled_cases(void)
{
    TCase *c = tcase_create("labeled");
    tcase_add_test(c, every_bit_pattern_comes_back);
    tcase_add_test(c, labels_come_back_as_they_were);
    tcase_add_test(c, the_last_write_wins);
    tcase_add_test(c, what_comes_late_is_refused_by_its_reason);
    tcase_add_test(c, times_that_nobody_can_print_are_refused);
    tcase_add_test(c, the_limit_lets_known_series_flow);
    tcase_add_test(c, series_without_samples_make_room);
    tcase_add_test(c, a_failed_append_keeps_nothing);
    tcase_add_test(c, refused_rows_are_skipped_and_stay_refused);
    tcase_add_test(c, a_reading_matches_and_is_bounded);
    tcase_add_test(c, a_long_reading_can_be_left_and_taken_up);
    tcase_add_test(c, the_inbox_is_kept_for_its_span);
    tcase_add_test(c, a_full_inbox_drops_its_oldest);
    tcase_add_test(c, a_cursor_lands_with_its_rows);
    return c;
}
