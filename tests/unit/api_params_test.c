/* Query parameters. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "api/params.h"
#include "core/enums.h"

static const struct ll_param table[] = {{"service", LL_PARAM_TEXT, true, 0, 0, ""},
                                        {"resource_type", LL_PARAM_RESOURCE, false, 0, 0, ""},
                                        {"from", LL_PARAM_TIME, false, 0, 0, ""},
                                        {"limit", LL_PARAM_INT, false, 1, 100, ""},
                                        {"hours", LL_PARAM_NUMBER, false, 0.5, 10, ""},
                                        {"format", LL_PARAM_FORMAT, false, 0, 0, ""},
                                        {0}};

static struct ll_param_value v[LL_PARAMS_MAX];
static struct ll_issues issues;
static char text[512];
static struct ll_query q;

static bool check(const char *query)
{
    strncpy(text, query, sizeof(text) - 1);
    ck_assert(ll_params_split(text, strlen(text), &q, NULL));
    return ll_params_check(table, &q, 1000000, v, &issues);
}

START_TEST(params_reads_each_type)
{
    ck_assert(check("service=a%20b+c&resource_type=cpu&from=now-1s&limit=7&hours=2.5&format=CSV"));
    ck_assert(ll_slice_is(v[0].text, "a b c"));
    ck_assert_int_eq(v[1].resource, LL_RESOURCE_CPU);
    ck_assert_int_eq(v[2].time, 999000);
    ck_assert_int_eq(v[3].integer, 7);
    ck_assert_double_eq(v[4].number, 2.5);
    ck_assert(v[5].csv);
    ck_assert(check("service=x&from=2026-11-24"));
    ck_assert_int_eq(v[2].time, 1795478400000);
    ck_assert(!v[3].given && v[1].resource == -1);
}
END_TEST

START_TEST(params_complains_by_name)
{
    static const struct {
        const char *query, *path, *word;
    } bad[] = {
        {"", "service", "required"},
        {"service=", "service", "empty"},
        {"service=a&servic=b", "servic", "unknown"},
        {"service=a&limit=0", "limit", "between"},
        {"service=a&limit=101", "limit", "between"},
        {"service=a&limit=1.5", "limit", "whole number"},
        {"service=a&limit=99999999999999999999", "limit", "whole number"},
        {"service=a&hours=nan", "hours", "number"},
        {"service=a&hours=1e999", "hours", "number"},
        {"service=a&resource_type=CPUS", "resource_type", "none of"},
        {"service=a&from=yesterday", "from", ""},
        {"service=a&from=2026-13-45", "from", ""},
        {"service=a&format=xml", "format", "neither"},
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!check(bad[i].query), "%s", bad[i].query);
        ck_assert_str_eq(issues.v[0].path, bad[i].path);
        ck_assert_msg(strstr(issues.v[0].message, bad[i].word), "%s: %s", bad[i].query,
                      issues.v[0].message);
    }
    ck_assert(!check("service=a&servic=b"));
    ck_assert_str_eq(issues.v[0].hint, "did you mean 'service'?");
    ck_assert(!check("service=a&resource_type=MEMORI"));
    ck_assert_str_eq(issues.v[0].hint, "did you mean MEMORY?");
}
END_TEST

START_TEST(params_split_is_strict)
{
    static const char *const bad[] = {"a=%",   "a=%4",    "a=%zz",     "a=%00",
                                      "a=%ff", "a=1&a=2", "%61=1&a=2", "a=%c0%80"};
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        strncpy(text, bad[i], sizeof(text) - 1);
        ck_assert_msg(!ll_params_split(text, strlen(text), &q, &err), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
    strncpy(text, "&&a&b=&c=d=e&", sizeof(text) - 1);
    ck_assert(ll_params_split(text, strlen(text), &q, &err));
    ck_assert_uint_eq(q.n, 3);
    ck_assert(ll_slice_is(q.v[2].value, "d=e"));
}
END_TEST

START_TEST(params_are_bounded)
{
    size_t n = 0;
    for (int i = 0; i <= LL_PARAMS_MAX; i++) {
        text[n++] = 'a';
        text[n++] = (char)('a' + i);
        text[n++] = '&';
    }
    ck_assert(!ll_params_split(text, n, &q, NULL));
    char many[] = "a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1";
    ck_assert(ll_params_split(many, strlen(many), &q, NULL));
    ck_assert(!ll_params_check(table, &q, 0, v, &issues));
    ck_assert_uint_eq(issues.n, 12); /* all counted, eight kept */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_params");
    TCase *t = tcase_create("all");
    tcase_add_test(t, params_reads_each_type);
    tcase_add_test(t, params_complains_by_name);
    tcase_add_test(t, params_split_is_strict);
    tcase_add_test(t, params_are_bounded);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
