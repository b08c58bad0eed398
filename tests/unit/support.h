/* What the unit tests of the lower floors share: one main, reproducible numbers, code that must
 * abort, and memory that ends at a chosen call. */
#ifndef LL_TESTS_UNIT_SUPPORT_H
#define LL_TESTS_UNIT_SUPPORT_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/defs.h"

/* int main(void) { return ll_test_run("base_map", tests, LL_LEN(tests)); } */
static inline int ll_test_run(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine. */
static inline uint64_t ll_test_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* True when fn ends in abort(); runs in a child. */
bool ll_test_aborts(void (*fn)(void));

/* The call-th malloc, calloc or realloc from now on fails, once; 0 = none.  Check
 * allocates too: disarm before an assertion.  Needs the link arguments of alloc_dep. */
void ll_test_fail_alloc(unsigned call);

/* True when the failure asked for has happened. */
bool ll_test_alloc_failed(void);

#endif
