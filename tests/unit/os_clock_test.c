#include <time.h>

#include "os/clock.h"
#include "support.h"

START_TEST(virtual_clock_moves_only_when_moved)
{
    struct ll_clock_virtual v = {.now = 1000, .mono = 5};
    struct ll_clock clock = ll_clock_virtual(&v);
    ck_assert_int_eq(clock.now(clock.self), 1000);
    ck_assert_int_eq(clock.mono(clock.self), 5);
    ll_clock_advance(&v, LL_HOUR);
    ck_assert_int_eq(clock.now(clock.self), 1000 + LL_HOUR);
    ck_assert_int_eq(clock.mono(clock.self), 5 + LL_HOUR);
    v.now -= LL_DAY; /* wall time steps; spans do not notice */
    ck_assert_int_eq(clock.now(clock.self), 1000 + LL_HOUR - LL_DAY);
    ck_assert_int_eq(clock.mono(clock.self), 5 + LL_HOUR);
}
END_TEST

START_TEST(real_clock_is_the_time)
{
    struct ll_clock clock = ll_clock_real();
    ll_time before = (ll_time)time(NULL) * LL_SECOND;
    ll_time now = clock.now(clock.self);
    ck_assert_int_ge(now, before - LL_SECOND); /* time() may lag by a tick */
    ck_assert_int_lt(now, before + 10 * LL_SECOND);
    ll_time last = clock.mono(clock.self);
    for (int i = 0; i < 1000; i++) {
        ll_time next = clock.mono(clock.self);
        ck_assert_int_ge(next, last);
        last = next;
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {virtual_clock_moves_only_when_moved, real_clock_is_the_time};
    return ll_test_run("os_clock", tests, LL_LEN(tests));
}
