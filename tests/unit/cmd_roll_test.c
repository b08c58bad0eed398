/* Rolling rows of a file to buckets. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/roll.h"
#include "support.h"

#define T0 ((ll_time)1763942400000)

static struct {
    struct ll_rollup_row v[64];
    char service[64][16];
    size_t n, fail_at;
} got;

static bool take(void *ctx, const struct ll_rollup_row *r, struct ll_err *err)
{
    (void)ctx;
    if (got.n + 1 == got.fail_at)
        return ll_err_set(err, LL_E_IO, "no more");
    snprintf(got.service[got.n], sizeof(got.service[0]), "%.*s", (int)r->key.service.n,
             r->key.service.s);
    got.v[got.n++] = *r;
    return true;
}

static struct ll_sample at(const char *service, ll_dur t, double v)
{
    return (struct ll_sample){.key = {.service = ll_slice_of(service)},
                              .t = T0 + t,
                              .value = v,
                              .capacity = NAN,
                              .max_value = NAN};
}

static const char *add(struct ll_roll *r, struct ll_sample s)
{
    const char *why;
    struct ll_err err;
    ck_assert_msg(ll_roll_add(r, &s, &why, &err), "%s", err.text);
    return why;
}

START_TEST(rows_become_both_kinds_of_buckets)
{
    LL_AUTO(ll_roll) r = ll_roll_new(1, take, NULL);
    struct ll_err err;
    got.n = got.fail_at = 0;
    for (int i = 0; i < 20; i++) {
        struct ll_sample s = at("a", i * 15 * LL_SECOND, i + 1);
        s.capacity = i % 2 ? 10 : NAN;
        s.max_value = i == 3 ? 50 : NAN;
        ck_assert_ptr_null(add(r, s));
    }
    ck_assert_uint_eq(got.n, 0);
    ck_assert_ptr_null(add(r, at("a", 5 * LL_MINUTE, 7)));
    ck_assert_uint_eq(got.n, 1);
    ck_assert(ll_roll_end(r, &err));
    ck_assert_uint_eq(got.n, 3);
    const struct ll_rollup *b = &got.v[0].rollup;
    ck_assert_int_eq(got.v[0].step, 5 * LL_MINUTE);
    ck_assert_int_eq(b->t, T0);
    ck_assert_double_eq(b->mean, 10.5);
    ck_assert_double_eq(b->max, 50);
    ck_assert_double_eq(b->p95, 19); /* nearest rank of 20 */
    ck_assert_double_eq(b->capacity, 10);
    ck_assert_uint_eq(b->count, 20);
    ck_assert_int_eq(got.v[2].step, LL_HOUR);
    ck_assert_uint_eq(got.v[2].rollup.count, 21);
    ck_assert_double_eq(got.v[2].rollup.mean, 217.0 / 21);
    ck_assert_double_eq(got.v[1].rollup.count, 1);
    ck_assert(isnan(got.v[1].rollup.capacity));
}
END_TEST

START_TEST(series_are_kept_apart_in_any_order)
{
    LL_AUTO(ll_roll) r = ll_roll_new(1, take, NULL);
    struct ll_err err;
    got.n = got.fail_at = 0;
    for (int i = 0; i < 3; i++) { /* all at one time, then on: how an export by time is */
        add(r, at("a", i * LL_HOUR, 1));
        add(r, at("b", i * LL_HOUR, 2));
    }
    ck_assert(ll_roll_end(r, &err));
    ck_assert_uint_eq(got.n, 12);
    for (size_t i = 0; i < got.n; i++) {
        ck_assert_double_eq(got.v[i].rollup.mean, got.service[i][0] == 'a' ? 1 : 2);
        ck_assert_uint_eq(got.v[i].rollup.count, 1);
    }
}
END_TEST

START_TEST(rows_out_of_order_are_refused)
{
    LL_AUTO(ll_roll) r = ll_roll_new(1, take, NULL);
    got.n = got.fail_at = 0;
    ck_assert_ptr_null(add(r, at("a", LL_HOUR, 1)));
    ck_assert_ptr_null(add(r, at("a", LL_HOUR + LL_MINUTE, 1)));
    ck_assert_ptr_null(add(r, at("a", LL_HOUR, 1))); /* the same bucket is well */
    const char *why = add(r, at("a", 0, 1));
    ck_assert_ptr_nonnull(why);
    ck_assert_ptr_nonnull(strstr(why, "time order"));
    ck_assert_ptr_null(add(r, at("a", LL_HOUR + 10 * LL_MINUTE, 1)));
    ck_assert_ptr_nonnull(add(r, at("a", LL_HOUR, 1))); /* its five minutes were given */
    ck_assert_uint_eq(got.n, 1);
    ck_assert_uint_eq(got.v[0].rollup.count, 3);
}
END_TEST

START_TEST(a_failure_of_the_taker_ends_it)
{
    LL_AUTO(ll_roll) r = ll_roll_new(1, take, NULL);
    const char *why;
    struct ll_err err;
    got.n = 0;
    got.fail_at = 1;
    const struct ll_sample first = at("a", 0, 1), second = at("a", LL_HOUR, 1);
    ck_assert(ll_roll_add(r, &first, &why, &err));
    ck_assert(!ll_roll_add(r, &second, &why, &err));
    ck_assert_int_eq(err.code, LL_E_IO);
}
END_TEST

START_TEST(memory_may_end)
{
    for (unsigned n = 1, ended = true; ended; n++) {
        struct ll_err err = {0};
        const char *why;
        got.n = got.fail_at = 0;
        ll_test_fail_alloc(n);
        struct ll_roll *r = ll_roll_new(1, take, NULL);
        bool ok = r != NULL;
        for (int i = 0; ok && i < 40; i++) {
            char name[8];
            snprintf(name, sizeof(name), "s%d", i % 20);
            const struct ll_sample s = at(name, i, 1);
            ok = ll_roll_add(r, &s, &why, &err);
        }
        ended = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert_msg(ok == !ended, "allocation %u", n);
        ll_roll_free(r);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {rows_become_both_kinds_of_buckets,
                                  series_are_kept_apart_in_any_order, rows_out_of_order_are_refused,
                                  a_failure_of_the_taker_ends_it, memory_may_end};
    return ll_test_run("cmd_roll", tests, LL_LEN(tests));
}
