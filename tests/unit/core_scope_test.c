/* Which services somebody may see: patterns, and what they do not let through. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/scope.h"

START_TEST(scope_patterns)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"order-*", "order-gateway", true},
        {"order-*", "order-", true},
        {"order-*", "orders", false},
        {"order-*", "x-order-a", false},
        {"*", "", true},
        {"*", "a", true},
        {"", "", true},
        {"", "a", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"a?c", "abbc", false},
        {"*a*b", "xaxbxb", true},
        {"*a*b", "xaxbxc", false},
        {"**b", "b", true},
        {"a*", "A", false},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
        {"\xc3\xa9*", "\xc3\xa9t\xc3\xa9", true},
        {"*-eu", "quotes-eu-eu", true},
        {"*-eu", "quotes-eu-us", false},
    };
    for (size_t i = 0; i < LL_LEN(rows); i++)
        ck_assert_msg(ll_scope_matches(ll_slice_of(rows[i].pattern), ll_slice_of(rows[i].name)) ==
                          rows[i].matches,
                      "%s %s", rows[i].pattern, rows[i].name);
}
END_TEST

/* What a matcher that tries each star anew needs ages for. */
START_TEST(scope_many_stars_are_cheap)
{
    char pattern[201], name[256];
    for (size_t i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    memset(name, 'a', sizeof(name));
    name[255] = 'b';
    ck_assert(!ll_scope_matches((struct ll_slice){pattern, 200}, (struct ll_slice){name, 256}));
}
END_TEST

START_TEST(scope_limits)
{
    struct ll_scope s = {0};
    char buf[LL_SCOPE_TEXT_MAX];
    struct ll_err err;
    ck_assert(ll_scope_may(&s, LL_SLICE("x")) && ll_scope_may(&s, LL_SLICE("")));
    ck_assert_str_eq(ll_scope_text(&s, buf), "*");
    s.limited = true; /* limited to nothing */
    ck_assert(!ll_scope_may(&s, LL_SLICE("x")));
    ck_assert_str_eq(ll_scope_text(&s, buf), "none");
    ck_assert(!ll_scope_add(&s, LL_SLICE(""), &err));
    ck_assert(!ll_scope_add(&s, LL_SLICE("a\nb"), &err)); /* would be two */
    ck_assert_int_eq(err.code, LL_E_INVALID);
    ck_assert(ll_scope_add(&s, LL_SLICE("order-*"), &err));
    ck_assert(ll_scope_add(&s, LL_SLICE("quotes"), &err));
    ck_assert(ll_scope_may(&s, LL_SLICE("order-gateway")) && ll_scope_may(&s, LL_SLICE("quotes")));
    ck_assert(!ll_scope_may(&s, LL_SLICE("quotes2")) && !ll_scope_may(&s, LL_SLICE("")));
    ck_assert_str_eq(ll_scope_text(&s, buf), "order-*, quotes");
}
END_TEST

START_TEST(scope_is_bounded)
{
    struct ll_scope s = {0};
    struct ll_err err;
    char buf[LL_SCOPE_TEXT_MAX];
    size_t n = 0;
    while (ll_scope_add(&s, LL_SLICE("service-number-*"), &err))
        n++;
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert_uint_eq(n, (LL_SCOPE_BYTES_MAX - 1) / 17);
    const char *text = ll_scope_text(&s, buf);
    ck_assert_uint_lt(strlen(text), LL_SCOPE_TEXT_MAX);
    ck_assert_str_eq(text + strlen(text) - 3, "\xe2\x80\xa6");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_scope");
    TCase *t = tcase_create("scope");
    tcase_add_test(t, scope_patterns);
    tcase_add_test(t, scope_many_stars_are_cheap);
    tcase_add_test(t, scope_limits);
    tcase_add_test(t, scope_is_bounded);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
