/* Rollups that were made elsewhere, and how they stand beside samples of our own. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store_contract.h"

#define M5 (5 * LL_MINUTE)

static struct ll_rollup_row row(const char *service, ll_dur step, ll_time t, double mean,
                                double max)
{
    return (struct ll_rollup_row){
        .key = {.service = ll_slice_of(service), .type = LL_RESOURCE_CPU},
        .unit = LL_UNIT_CORES,
        .primary = true,
        .step = step,
        .rollup = {.t = t, .mean = mean, .max = max, .p95 = max, .capacity = 8, .count = 20}};
}

static void import(struct ll_rollup_row *rows, size_t n)
{
    struct ll_batch *b = ll_batch_new(0, 0, LL_ORIGIN_PUSH);
    b->rollups = rows;
    b->n_rollups = n;
    ck_assert_msg(ops->append(store, &b, 1, &err), "%s", err.text);
    ll_batch_free(b);
}
#define IMPORT(...)                                                                                \
    import((struct ll_rollup_row[]){__VA_ARGS__},                                                  \
           sizeof((struct ll_rollup_row[]){__VA_ARGS__}) / sizeof(struct ll_rollup_row))

START_TEST(an_imported_past_is_history_at_any_step)
{
    for (int i = 0; i < 24; i++)
        IMPORT(row("a", M5, T0 + i * M5, i < 12 ? 2 : 4, 5));
    IMPORT(row("a", LL_HOUR, T0, 2, 5), row("a", LL_HOUR, T0 + LL_HOUR, 4, 5));
    const ll_dur steps[] = {LL_MINUTE, M5, 30 * LL_MINUTE, LL_HOUR};
    for (size_t k = 0; k < LL_LEN(steps); k++) {
        struct ll_history h = history("a", "", T0, T0 + 2 * LL_HOUR, steps[k]);
        ck_assert(h.found);
        for (size_t i = 0; i < h.n; i++) {
            ck_assert_double_eq(h.value[i], i < h.n / 2 ? 2 : 4);
            ck_assert_double_eq(h.max[i], 5);
            ck_assert_double_eq(h.capacity[i], 8);
        }
        h = history("a", "", T0 + 2 * LL_HOUR, T0 + 3 * LL_HOUR, steps[k]);
        ck_assert(isnan(h.value[0]));
    }
    ck_assert_int_eq(stats().samples, 0);
}
END_TEST

START_TEST(a_raw_part_and_an_imported_part_are_one_line)
{
    /* Raw from T0 on each minute, imported for two hours before it and an overlap of an hour. */
    struct ll_sample s[120];
    for (size_t i = 0; i < LL_LEN(s); i++)
        s[i] = cpu("a", "", T0 + (ll_time)i * LL_MINUTE, 10);
    put(s, LL_LEN(s));
    settle(T0 + 2 * LL_HOUR + LL_MINUTE);
    for (int i = -24; i < 0; i++)
        IMPORT(row("a", M5, T0 + i * M5, 2, 3));
    IMPORT(row("a", LL_HOUR, T0 - 2 * LL_HOUR, 2, 3), row("a", LL_HOUR, T0 - LL_HOUR, 2, 3));
    for (int again = 0; again < 2; again++) {
        const ll_dur steps[] = {LL_MINUTE, M5, 10 * LL_MINUTE, LL_HOUR};
        for (size_t k = 0; k < LL_LEN(steps); k++) {
            struct ll_history h = history("a", "", T0 - 2 * LL_HOUR, T0 + 2 * LL_HOUR, steps[k]);
            for (size_t i = 0; i < h.n; i++)
                ck_assert_msg(h.value[i] == (i < h.n / 2 ? 2 : 10), "step %lld, point %zu: %g",
                              (long long)steps[k], i, h.value[i]);
        }
        settle(T0 + 3 * LL_HOUR); /* passes leave it alone */
        reopen();
    }
}
END_TEST

START_TEST(an_instance_with_only_rollups_counts_beside_one_with_samples)
{
    struct ll_sample s[60];
    for (size_t i = 0; i < LL_LEN(s); i++)
        s[i] = cpu("a", "raw", T0 + (ll_time)i * LL_MINUTE, 10);
    put(s, LL_LEN(s));
    settle(T0 + 30 * LL_MINUTE + LL_MINUTE);
    for (int i = 0; i < 12; i++) {
        struct ll_rollup_row r = row("a", M5, T0 + i * M5, 5, 6);
        r.key.instance = LL_SLICE("imported");
        IMPORT(r);
    }
    const ll_dur steps[] = {LL_MINUTE, M5, LL_HOUR}; /* no hours were imported */
    for (size_t k = 0; k < LL_LEN(steps); k++) {
        struct ll_history h = history("a", NULL, T0, T0 + LL_HOUR, steps[k]);
        for (size_t i = 0; i < h.n; i++)
            ck_assert_msg(h.value[i] == 15, "step %lld, point %zu: %g", (long long)steps[k], i,
                          h.value[i]);
    }
}
END_TEST

START_TEST(what_raw_samples_say_is_not_counted_twice)
{
    /* The bucket is imported, then samples of it arrive: they alone are shown and rolled. */
    IMPORT(row("a", M5, T0, 2, 3), row("a", LL_HOUR, T0, 2, 3));
    PUT(cpu("a", "", T0 + LL_MINUTE, 10));
    struct ll_history h = history("a", "", T0, T0 + M5, M5);
    ck_assert_double_eq(h.value[0], 10);
    ck_assert_double_eq(history("a", "", T0, T0 + LL_HOUR, LL_HOUR).value[0], 10);
    PUT(cpu("a", "", T0 + 2 * LL_HOUR, 1));
    settle(T0 + 3 * LL_HOUR);
    ck_assert_double_eq(history("a", "", T0, T0 + M5, M5).value[0], 10);
    ck_assert_double_eq(history("a", "", T0, T0 + LL_HOUR, LL_HOUR).value[0], 10);
}
END_TEST

START_TEST(a_gap_of_raw_samples_stays_a_gap)
{
    struct ll_sample s[4] = {cpu("a", "", T0, 1), cpu("a", "", T0 + 4 * LL_MINUTE, 1),
                             cpu("a", "", T0 + 20 * LL_MINUTE, 1),
                             cpu("a", "", T0 + 21 * LL_MINUTE, 1)};
    put(s, LL_LEN(s));
    settle(T0 + 3 * LL_HOUR);
    struct ll_history h = history("a", "", T0, T0 + 22 * LL_MINUTE, LL_MINUTE);
    for (size_t i = 0; i < h.n; i++)
        ck_assert_int_eq(isnan(h.value[i]), !(i == 0 || i == 4 || i >= 20));
}
END_TEST

START_TEST(imported_rows_replace_and_are_idempotent)
{
    IMPORT(row("a", M5, T0, 2, 3));
    IMPORT(row("a", M5, T0, 4, 5));
    IMPORT(row("a", M5, T0, 4, 5));
    struct rollups r;
    rollups_of(M5, 0, &r);
    ck_assert_uint_eq(r.n, 1);
    ck_assert_double_eq(r.v[0].r.mean, 4);
    ck_assert_uint_eq(r.v[0].r.count, 20);
}
END_TEST

static void on_peak(void *ctx, const struct ll_peak *p)
{
    *(struct ll_peak *)ctx = *p;
}

static struct ll_peak peak(void)
{
    struct ll_peak p = {.value = NAN};
    const struct ll_peaks_query q = {.type = -1, .to_day = INT32_MAX, .limit = 1};
    ck_assert(ops->each_peak(reader(), &q, on_peak, &p, &err));
    return p;
}

START_TEST(the_ledger_follows_imports)
{
    IMPORT(row("a", M5, T0, 2, 3), row("a", M5, T0 + M5, 2, 7), row("a", LL_HOUR, T0, 2, 7));
    ck_assert_double_eq(peak().value, 7);
    ck_assert_int_eq(peak().at, T0 + M5);
    ck_assert_int_eq(peak().window, M5);
    PUT(cpu("a", "", T0 + LL_HOUR, 9));
    ck_assert_double_eq(peak().value, 9);
    IMPORT(row("a", M5, T0 + 2 * M5, 2, 8));
    ck_assert_double_eq(peak().value, 9);
}
END_TEST

START_TEST(a_bad_row_is_refused_alone)
{
    struct ll_rollup_row rows[] = {row("a", M5, T0, 2, 3),        row("a", M5, T0 + 1, 2, 3),
                                   row("a", LL_MINUTE, T0, 2, 3), row("a", M5, T0 + M5, NAN, 3),
                                   row("a", M5, T0, 2, INFINITY), row("a", M5, T0, 2, 3),
                                   row("b", M5, T0, 2, 3)};
    rows[4].rollup.p95 = 2;
    rows[5].rollup.capacity = -1;
    place_opts.max_series = 1;
    reopen();
    import(rows, LL_LEN(rows));
    const enum ll_refusal want[] = {LL_REFUSAL_NONE,        LL_REFUSAL_BUCKET, LL_REFUSAL_BUCKET,
                                    LL_REFUSAL_VALUE,       LL_REFUSAL_MAX,    LL_REFUSAL_CAPACITY,
                                    LL_REFUSAL_SERIES_LIMIT};
    for (size_t i = 0; i < LL_LEN(rows); i++)
        ck_assert_int_eq(rows[i].refusal, want[i]);
    ck_assert_int_eq(stats().series, 1);
}
END_TEST

START_TEST(a_known_series_keeps_its_unit)
{
    PUT(cpu("a", "", T0, 1));
    struct ll_rollup_row r = row("a", M5, T0 - LL_HOUR, 2, 3);
    r.unit = LL_UNIT_RATIO;
    IMPORT(r);
    ck_assert_int_eq(history("a", "", T0, T0 + LL_MINUTE, LL_MINUTE).unit, LL_UNIT_CORES);
    ck_assert_int_eq(stats().oldest, T0); /* of samples */
}
END_TEST

struct counts {
    char text[8][64];
    double v[8];
    size_t n;
};

static bool keep_count(void *ctx, const struct ll_business *b)
{
    struct counts *x = ctx;
    snprintf(x->text[x->n], sizeof(x->text[0]), "%.*s/%.*s/%.*s", (int)b->metric.n, b->metric.s,
             (int)b->service.n, b->service.s, (int)b->venue.n, b->venue.s);
    x->v[x->n++] = b->value;
    return x->n < LL_LEN(x->v);
}

static struct counts counts_of(struct ll_business_query q)
{
    struct counts x = {.n = 0};
    ck_assert_msg(ops->each_business(reader(), &q, keep_count, &x, &err), "%s", err.text);
    return x;
}

START_TEST(business_counts_are_correctable_and_filtered)
{
    struct ll_batch *b = ll_batch_new(0, 4, LL_ORIGIN_PUSH);
    b->business[0] = (struct ll_business){LL_SLICE("trades"), LL_SLICE("a"), LL_SLICE("XNYS"),
                                          T0 + LL_MINUTE, 5};
    b->business[1] = (struct ll_business){LL_SLICE("orders"), {0}, {0}, T0, 2};
    b->n_business = 2;
    ck_assert(ops->append(store, &b, 1, &err));
    b->business[0].value = 7; /* the last write wins */
    ck_assert(ops->append(store, &b, 1, &err));
    ll_batch_free(b);
    const struct ll_business_query all = {.from = T0, .to = T0 + LL_HOUR, .limit = 100};
    struct counts x = counts_of(all);
    ck_assert_uint_eq(x.n, 2);
    ck_assert_str_eq(x.text[0], "orders//"); /* in time order */
    ck_assert_str_eq(x.text[1], "trades/a/XNYS");
    ck_assert_double_eq(x.v[1], 7);
    struct ll_business_query q = all;
    q.venue = LL_SLICE("XNYS");
    ck_assert_uint_eq(counts_of(q).n, 1);
    q.metric = LL_SLICE("orders");
    ck_assert_uint_eq(counts_of(q).n, 0);
    q = all;
    q.to = T0 + 1;
    ck_assert_uint_eq(counts_of(q).n, 1);
    q = all;
    q.limit = 1;
    ck_assert_uint_eq(counts_of(q).n, 1);
}
END_TEST

struct taken {
    char service[64][8];
    double v[64];
    size_t n, stop;
};

static bool take(void *ctx, const struct ll_sample *s)
{
    struct taken *x = ctx;
    ck_assert_uint_lt(x->n, LL_LEN(x->v));
    snprintf(x->service[x->n], sizeof(x->service[0]), "%.*s", (int)s->key.service.n,
             s->key.service.s);
    x->v[x->n++] = s->value;
    return x->n % x->stop != 0;
}

START_TEST(samples_are_read_in_pieces)
{
    for (int i = 0; i < 5; i++)
        PUT(cpu("a", "", T0 + i, i), cpu("b", "", T0 + i, 10 + i));
    struct ll_store_pos pos = {0};
    struct ll_samples_query q = {.type = -1, .from = T0, .to = T0 + 4, .pos = &pos};
    struct taken x = {.stop = 3};
    for (size_t before = SIZE_MAX; x.n != before;) {
        before = x.n;
        ck_assert(ops->each_sample(reader(), &q, take, &x, &err));
    }
    ck_assert_uint_eq(x.n, 8);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_str_eq(x.service[i], i < 4 ? "a" : "b");
        ck_assert_double_eq(x.v[i], i < 4 ? (double)i : (double)(10 + i - 4));
    }
    x = (struct taken){.stop = 60};
    q = (struct ll_samples_query){
        .service = LL_SLICE("b"), .type = LL_RESOURCE_CPU, .from = T0 + 1, .to = T0 + 3};
    ck_assert(ops->each_sample(reader(), &q, take, &x, &err));
    ck_assert_uint_eq(x.n, 2);
    q.type = LL_RESOURCE_DISK;
    ck_assert(ops->each_sample(reader(), &q, take, &x, &err));
    ck_assert_uint_eq(x.n, 2);
}
END_TEST

TCase *import_cases(void)
{
    TCase *c = tcase_create("imports");
    tcase_add_test(c, an_imported_past_is_history_at_any_step);
    tcase_add_test(c, a_raw_part_and_an_imported_part_are_one_line);
    tcase_add_test(c, an_instance_with_only_rollups_counts_beside_one_with_samples);
    tcase_add_test(c, what_raw_samples_say_is_not_counted_twice);
    tcase_add_test(c, a_gap_of_raw_samples_stays_a_gap);
    tcase_add_test(c, imported_rows_replace_and_are_idempotent);
    tcase_add_test(c, the_ledger_follows_imports);
    tcase_add_test(c, a_bad_row_is_refused_alone);
    tcase_add_test(c, a_known_series_keeps_its_unit);
    tcase_add_test(c, business_counts_are_correctable_and_filtered);
    tcase_add_test(c, samples_are_read_in_pieces);
    return c;
}
