#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "support.h"

START_TEST(arena_memory_is_zeroed_aligned_and_apart)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    uint64_t seed = 1;
    unsigned char *blocks[200];
    size_t sizes[200];
    for (size_t i = 0; i < LL_LEN(blocks); i++) {
        sizes[i] = ll_test_random(&seed) % (i % 20 == 0 ? 20000 : 300);
        blocks[i] = ll_arena_alloc(a, sizes[i], 1);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_uint_eq((uintptr_t)blocks[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < sizes[i]; k++)
            ck_assert_uint_eq(blocks[i][k], 0);
        memset(blocks[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < LL_LEN(blocks); i++)
        for (size_t k = 0; k < sizes[i]; k++)
            ck_assert_uint_eq(blocks[i][k], (unsigned char)(i + 1));
}
END_TEST

START_TEST(arena_cap_bounds_the_sum)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1024);
    for (int i = 0; i < 64; i++)
        ck_assert_ptr_nonnull(ll_arena_alloc(a, 16, 1));
    ck_assert_uint_eq(ll_arena_used(a), 1024);
    ck_assert_ptr_null(ll_arena_alloc(a, 1, 1));
    ck_assert_ptr_null(ll_arena_alloc(a, 0, 1));
    ck_assert_uint_eq(ll_arena_used(a), 1024);

    LL_AUTO(ll_arena) none = ll_arena_new(0);
    ck_assert_ptr_null(ll_arena_alloc(none, 1, 1));
}
END_TEST

START_TEST(arena_sizes_that_overflow_are_refused)
{
    LL_AUTO(ll_arena) a = ll_arena_new(SIZE_MAX);
    ck_assert_ptr_null(ll_arena_alloc(a, SIZE_MAX, 2));
    ck_assert_ptr_null(ll_arena_alloc(a, SIZE_MAX / 8 + 1, 8));
    for (size_t less = 0; less < 200; less++) /* once a block of a few bytes came of this */
        ck_assert_ptr_null(ll_arena_alloc(a, SIZE_MAX - less, 1));
    ck_assert_ptr_null(ll_arena_copy(a, "x", SIZE_MAX));
    ck_assert_uint_eq(ll_arena_used(a), 0);
}
END_TEST

START_TEST(arena_nothing_is_something)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 16);
    void *p = ll_arena_alloc(a, 0, 8), *q = ll_arena_alloc(a, 8, 0);
    ck_assert(p && q && p != q);
    ck_assert_str_eq(ll_arena_copy(a, NULL, 0), "");
    ck_assert_str_eq(ll_arena_copy(a, "abcdef", 3), "abc");
    ll_arena_free(NULL);
}
END_TEST

START_TEST(arena_reset_starts_afresh)
{
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    ll_arena_reset(a); /* before its first block */
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            double *v = LL_ARENA_NEW(a, double, 1000);
            ck_assert_ptr_nonnull(v);
            ck_assert(v[0] == 0 && v[999] == 0);
            v[0] = v[999] = 1;
        }
        ck_assert_uint_eq(ll_arena_used(a), 800000);
        ll_arena_reset(a);
        ck_assert_uint_eq(ll_arena_used(a), 0);
    }
}
END_TEST

START_TEST(arena_survives_the_end_of_memory)
{
    ll_test_fail_alloc(1);
    ck_assert_ptr_null(ll_arena_new(100));
    LL_AUTO(ll_arena) a = ll_arena_new(1 << 20);
    ll_test_fail_alloc(1);
    ck_assert_ptr_null(ll_arena_alloc(a, 10, 1));
    ck_assert_uint_eq(ll_arena_used(a), 0);
    ck_assert_str_eq(ll_arena_copy(a, "again", 5), "again");
    ll_test_fail_alloc(1);
    ck_assert_ptr_null(ll_arena_alloc(a, 100000, 1));
    ck_assert_ptr_null(ll_arena_copy(a, "x", 1 << 20));
}
END_TEST

LL_VEC_DEFINE(numbers, int)

START_TEST(vec_grows_to_its_cap)
{
    struct numbers x = {.cap = 1000};
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(*numbers_push(&x, i), i);
    ck_assert_ptr_null(numbers_push(&x, 1000));
    ck_assert_uint_eq(x.n, 1000);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(x.v[i], i);
    numbers_fini(&x);
    ck_assert(!x.v && x.n == 0 && x.size == 0 && x.cap == 1000);
    ck_assert_ptr_nonnull(numbers_push(&x, 1));
    numbers_fini(&x);

    struct numbers none = {0};
    ck_assert_ptr_null(numbers_push(&none, 1));
    numbers_fini(&none);
}
END_TEST

START_TEST(vec_survives_the_end_of_memory)
{
    struct numbers x = {.cap = 1000};
    for (int i = 0; i < 16; i++)
        ck_assert_ptr_nonnull(numbers_push(&x, i));
    ll_test_fail_alloc(1);
    ck_assert_ptr_null(numbers_push(&x, 16));
    ck_assert_uint_eq(x.n, 16);
    ck_assert_int_eq(x.v[15], 15);
    ck_assert_ptr_nonnull(numbers_push(&x, 16));
    numbers_fini(&x);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        arena_memory_is_zeroed_aligned_and_apart,
        arena_cap_bounds_the_sum,
        arena_sizes_that_overflow_are_refused,
        arena_nothing_is_something,
        arena_reset_starts_afresh,
        arena_survives_the_end_of_memory,
        vec_grows_to_its_cap,
        vec_survives_the_end_of_memory,
    };
    return ll_test_run("base_arena", tests, LL_LEN(tests));
}
