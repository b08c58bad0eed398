#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "support.h"

START_TEST(err_set_fills_all_and_returns_false)
{
    struct ll_err err = {.line = 9, .column = 9};
    ck_assert(!ll_err_set(&err, LL_E_RANGE, "alpha %g is not in (0, 1]", 1.5));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert_int_eq(err.line, 0);
    ck_assert_int_eq(err.column, 0);
    ck_assert_str_eq(err.text, "alpha 1.5 is not in (0, 1]");

    ck_assert(!ll_err_set_at(&err, LL_E_CONFIG, 12, 7, "unknown key '%s'", "prot"));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_int_eq(err.line, 12);
    ck_assert_int_eq(err.column, 7);
    ck_assert_str_eq(err.text, "unknown key 'prot'");
}
END_TEST

START_TEST(err_wrap_puts_the_outermost_first_and_keeps_code_and_place)
{
    struct ll_err err;
    ll_err_set_at(&err, LL_E_NOT_FOUND, 3, 4, "no target '%s'", "a");
    ck_assert(!ll_err_wrap(&err, "rule '%s'", "r1"));
    ck_assert(!ll_err_wrap(&err, "loading %s", "rules.yaml"));
    ck_assert_str_eq(err.text, "loading rules.yaml: rule 'r1': no target 'a'");
    ck_assert_int_eq(err.code, LL_E_NOT_FOUND);
    ck_assert_int_eq(err.line, 3);
    ck_assert_int_eq(err.column, 4);
}
END_TEST

START_TEST(err_may_be_null)
{
    ck_assert(!ll_err_set(NULL, LL_E_IO, "x"));
    ck_assert(!ll_err_set_at(NULL, LL_E_IO, 1, 1, "x"));
    ck_assert(!ll_err_wrap(NULL, "x"));
}
END_TEST

START_TEST(err_arguments_may_point_into_it)
{
    struct ll_err err;
    ll_err_set(&err, LL_E_IO, "disk is gone");
    ll_err_set(&err, LL_E_STORAGE, "cannot write: %s", err.text);
    ck_assert_str_eq(err.text, "cannot write: disk is gone");
    ll_err_wrap(&err, "[%s]", err.text);
    ck_assert_str_eq(err.text, "[cannot write: disk is gone]: cannot write: disk is gone");
}
END_TEST

START_TEST(err_cuts_the_tail_of_long_texts)
{
    char outer[LL_ERR_TEXT_MAX + 100];
    for (size_t n = LL_ERR_TEXT_MAX - 8; n < LL_ERR_TEXT_MAX + 8; n++) {
        struct ll_err err;
        memset(outer, 'o', n);
        outer[n] = '\0';
        ll_err_set(&err, LL_E_IO, "inner");
        ll_err_wrap(&err, "%s", outer);
        size_t want = LL_MIN(n + strlen(": inner"), (size_t)LL_ERR_TEXT_MAX - 1);
        /* no room for a letter of the inner text: the outer one stands alone */
        if (n + 3 >= LL_ERR_TEXT_MAX)
            want = LL_MIN(n, (size_t)LL_ERR_TEXT_MAX - 1);
        ck_assert_uint_eq(strlen(err.text), want);
        ck_assert_int_eq(strncmp(err.text, outer, LL_MIN(n, (size_t)LL_ERR_TEXT_MAX - 1)), 0);
    }
    struct ll_err err;
    ll_err_set(&err, LL_E_IO, "%s", outer);
    ck_assert_uint_eq(strlen(err.text), LL_ERR_TEXT_MAX - 1);
}
END_TEST

START_TEST(err_text_is_printable_utf8)
{
    struct ll_err err;
    const char want[] = {'\'', 'a', '?', '[',    '3',    '1', 'm', '?',  '?', '?',
                         '?',  '?', '?', '\xc3', '\xa9', '?', '?', '\'', '\0'};
    ll_err_set(&err, LL_E_INVALID, "'%s'", "a\x1b[31m\r\n\t\x7f\xff\xc2\x9b\xc3\xa9\xe2\x82");
    ck_assert_str_eq(err.text, want);

    ll_err_set(&err, LL_E_INVALID, "'%.*s'", 3, "\xc3\xa9\xc3\xa9"); /* cut within a letter */
    ck_assert_str_eq(err.text, "'\xc3\xa9?'");

    /* cut within a letter by the limit of the text itself */
    char many[2 * LL_ERR_TEXT_MAX + 1];
    for (size_t i = 0; i < LL_ERR_TEXT_MAX; i++)
        memcpy(many + 2 * i, "\xc3\xa9", 3);
    ll_err_set(&err, LL_E_INVALID, "%s", many);
    ck_assert(ll_utf8_valid(err.text, strlen(err.text)));
    ll_err_wrap(&err, "x");
    ck_assert(ll_utf8_valid(err.text, strlen(err.text)));
}
END_TEST

START_TEST(err_table_is_complete_and_unique)
{
    for (int c = 0; c < LL_E_COUNT; c++) {
        const struct ll_err_info *info = ll_err_info((enum ll_err_code)c);
        ck_assert(info->name && info->meaning && *info->name && *info->meaning);
        ck_assert_int_ge(info->http_status, c == LL_E_OK ? 200 : 400);
        ck_assert_int_le(info->http_status, 599);
        ck_assert_int_ge(info->exit_code, c == LL_E_OK ? 0 : 1);
        for (int d = 0; d < c; d++)
            ck_assert_str_ne(info->name, ll_err_info((enum ll_err_code)d)->name);
        if (info->http_status == 503 || info->http_status == 429 || info->http_status == 504)
            ck_assert(info->retryable);
        if (info->http_status >= 400 && info->http_status < 429)
            ck_assert(!info->retryable);
    }
    ck_assert_int_eq(ll_err_info(LL_E_OK)->exit_code, 0);
    ck_assert_int_eq(ll_err_info(LL_E_CONFIG)->exit_code, 3);
    ck_assert_int_eq(ll_err_info(LL_E_BUSY)->http_status, 429);
    ck_assert_ptr_eq(ll_err_info(LL_E_COUNT), ll_err_info(LL_E_INTERNAL));
    ck_assert_ptr_eq(ll_err_info((enum ll_err_code) - 1), ll_err_info(LL_E_INTERNAL));
}
END_TEST

static void fail_an_assertion(void)
{
    LL_ASSERT(LL_E_OK == 1);
}

START_TEST(assertions_abort)
{
    ck_assert(ll_test_aborts(fail_an_assertion));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        err_set_fills_all_and_returns_false,
        err_wrap_puts_the_outermost_first_and_keeps_code_and_place,
        err_may_be_null,
        err_arguments_may_point_into_it,
        err_cuts_the_tail_of_long_texts,
        err_text_is_printable_utf8,
        err_table_is_complete_and_unique,
        assertions_abort,
    };
    return ll_test_run("base_err", tests, LL_LEN(tests));
}
