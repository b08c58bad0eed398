/* Our JSON writer and reader. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/json_out.h"
#include "base/json_in.h"

static bool reads(const char *text, size_t n, bool nonfinite, struct ll_err *err)
{
    char *copy = malloc(n + 1);
    struct ll_json_in in;
    struct ll_json_tok tok = {.kind = LL_JSON_NULL};
    bool ok = true;
    memcpy(copy, text, n);
    ll_json_in_init(&in, copy, n);
    in.allow_nonfinite = nonfinite;
    while (ok && tok.kind != LL_JSON_END)
        ok = ll_json_in_next(&in, &tok, err);
    free(copy);
    return ok;
}

START_TEST(json_in_takes_what_is_json)
{
    static const char *const good[] = {"{}",
                                       "[]",
                                       " 1 ",
                                       "\"\"",
                                       "null",
                                       "true",
                                       "-0",
                                       "0.5e+10",
                                       "[1,2,[3,{\"a\":[]}]]",
                                       "{\"a\":1,\"b\":[{}]}",
                                       "\"\\u00e9\\ud83d\\ude00\\n\\/\"",
                                       "\"\xc3\xa9\"",
                                       "1e999",
                                       "\t\r\n[ ]\n"};
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(good); i++)
        ck_assert_msg(reads(good[i], strlen(good[i]), false, &err), "%s: %s", good[i], err.text);
}
END_TEST

START_TEST(json_in_refuses_what_is_not)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "{",
                                      "[",
                                      "}",
                                      "]",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\":1,}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{a:1}",
                                      "{1:1}",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "-",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "nul",
                                      "True",
                                      "'a'",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"a",
                                      "\"\n\"",
                                      "\"\xff\"",
                                      "\"\xc0\x80\"",
                                      "\"\xed\xa0\x80\"",
                                      "[1 2]",
                                      "[1}",
                                      "{\"a\":1]",
                                      "1 2",
                                      "[] x",
                                      "NaN",
                                      "-Infinity",
                                      "[NaN]",
                                      "{\"a\":1 \"b\":2}",
                                      "[\"a\",",
                                      "\xef\xbb\xbf[]",
                                      "--1",
                                      "[1,,2]"};
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!reads(bad[i], strlen(bad[i]), false, &err), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
}
END_TEST

START_TEST(json_in_bounds_the_depth)
{
    char text[200] = {0};
    struct ll_err err;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    ck_assert(reads(text, 128, false, &err));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    ck_assert(!reads(text, 130, false, &err));
    ck_assert_int_eq(err.code, LL_E_RANGE);
    ck_assert_ptr_nonnull(strstr(err.text, "column 65"));
}
END_TEST

START_TEST(json_in_tells_the_place_and_decodes_in_place)
{
    char text[] = "{\"a\\tb\":\"x\\u00e9y\",\n \"n\":-1.5e3, \"big\":-1e999, \"nan\":NaN}";
    struct ll_json_in in;
    struct ll_json_tok t;
    struct ll_err err;
    ll_json_in_init(&in, text, strlen(text));
    in.allow_nonfinite = true;
    ck_assert(ll_json_in_next(&in, &t, &err) && t.kind == LL_JSON_OBJECT && t.depth == 0);
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_slice_is(t.text, "a\tb"));
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_slice_is(t.text, "x\xc3\xa9y"));
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_json_in_next(&in, &t, &err));
    ck_assert_double_eq(t.number, -1500);
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_json_in_next(&in, &t, &err));
    ck_assert(isinf(t.number) && t.number < 0);
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_json_in_next(&in, &t, &err));
    ck_assert_int_eq(t.kind, LL_JSON_NONFINITE);
    ck_assert(ll_json_in_next(&in, &t, &err) && t.kind == LL_JSON_OBJECT_END && t.depth == 0);
    ck_assert(ll_json_in_next(&in, &t, &err) && t.kind == LL_JSON_END);

    char bad[] = "[1,\n  x]";
    ll_json_in_init(&in, bad, strlen(bad));
    ck_assert(ll_json_in_next(&in, &t, &err) && ll_json_in_next(&in, &t, &err));
    ck_assert(!ll_json_in_next(&in, &t, &err));
    ck_assert_int_eq(err.line, 2);
    ck_assert_int_eq(err.column, 3);
}
END_TEST

START_TEST(json_in_skips_a_value_whole)
{
    char text[] = "{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":7}";
    struct ll_json_in in;
    struct ll_json_tok t;
    ll_json_in_init(&in, text, strlen(text));
    ck_assert(ll_json_in_next(&in, &t, NULL) && ll_json_in_next(&in, &t, NULL));
    ck_assert(ll_json_in_next(&in, &t, NULL) && ll_json_in_skip(&in, &t, NULL));
    ck_assert(ll_json_in_next(&in, &t, NULL) && ll_slice_is(t.text, "d"));
    ck_assert(ll_json_in_next(&in, &t, NULL) && ll_json_in_skip(&in, &t, NULL));
    ck_assert_double_eq(t.number, 7);
    ck_assert(ll_json_in_next(&in, &t, NULL) && t.kind == LL_JSON_OBJECT_END);
}
END_TEST

START_TEST(json_out_writes_commas_escapes_and_null)
{
    struct ll_str b;
    ll_str_init(&b, 4096);
    struct ll_json_out j = {.out = &b};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "a");
    ll_json_out_open(&j, '[');
    ll_json_out_num(&j, 1.5);
    ll_json_out_num(&j, NAN);
    ll_json_out_num(&j, INFINITY);
    ll_json_out_open(&j, '{');
    ll_json_out_close(&j, '}');
    ll_json_out_pct(&j, 0.21);
    ll_json_out_close(&j, ']');
    ll_json_out_key(&j, "t");
    ll_json_out_text(&j, LL_SLICE("q\"\\\n\x01<\xc3\xa9"));
    ll_json_out_key(&j, "bad");
    ll_json_out_text(&j, LL_SLICE("x\xff"));
    ll_json_out_key(&j, "never");
    ll_json_out_time(&j, LL_TIME_NONE);
    ll_json_out_key(&j, "no");
    ll_json_out_z(&j, NULL);
    ll_json_out_close(&j, '}');
    ck_assert_str_eq(ll_str_z(&b),
                     "{\"a\":[1.5,null,null,{},21],\"t\":\"q\\\"\\\\\\n\\u0001\\u003c\xc3\xa9\","
                     "\"bad\":\"x\xef\xbf\xbd\",\"never\":null,\"no\":null}");
    ck_assert(reads(ll_str_z(&b), b.n, false, NULL));
    ll_str_fini(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_json");
    TCase *t = tcase_create("all");
    tcase_add_test(t, json_in_takes_what_is_json);
    tcase_add_test(t, json_in_refuses_what_is_not);
    tcase_add_test(t, json_in_bounds_the_depth);
    tcase_add_test(t, json_in_tells_the_place_and_decodes_in_place);
    tcase_add_test(t, json_in_skips_a_value_whole);
    tcase_add_test(t, json_out_writes_commas_escapes_and_null);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
