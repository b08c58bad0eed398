#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/table.h"
#include "cmd/text.h"

static struct ll_str out;
static char buf[LL_TEXT_MAX];

static void setup(void)
{
    ll_str_init(&out, 1 << 20);
}

static void teardown(void)
{
    ll_str_fini(&out);
}

static const char *cut(const char *s, size_t width, bool utf8)
{
    ll_str_clear(&out);
    ll_text_add(&out, s, width, utf8);
    return ll_str_z(&out);
}

START_TEST(text_is_cut_by_columns_not_bytes)
{
    ck_assert_str_eq(cut("grün und blau", 20, true), "grün und blau");
    ck_assert_str_eq(cut("grün und blau", 5, true), "grün…");
    ck_assert_str_eq(cut("grün und blau", 6, false), "gr?n..");
    ck_assert_str_eq(cut("abc", 0, true), "abc");
    ck_assert_str_eq(cut("abcdef", 2, false), "a.");
    ck_assert_str_eq(cut("abcdef", 1, true), "…");
}
END_TEST

START_TEST(control_characters_and_broken_utf8_become_question_marks)
{
    ck_assert_str_eq(cut("a\033[2J\tb\177", 0, true), "a?[2J?b?");
    ck_assert_str_eq(cut("x\xc2\x9by", 0, true), "x??y"); /* C1: CSI in one character */
    ck_assert_str_eq(cut("\xff\xc3", 0, true), "??");
    ck_assert_uint_eq(ll_text_width("\xff\xc3"), 2);
    ck_assert_str_eq(cut("\xe2\x82", 0, true), "??");
}
END_TEST

START_TEST(no_data_is_a_dash_and_zero_is_a_zero)
{
    const struct ll_ctx plain = {0}, utf8 = {.utf8 = true};
    ck_assert_str_eq(ll_text_percent(&plain, NAN, buf), "-");
    ck_assert_str_eq(ll_text_percent(&utf8, NAN, buf), "–");
    ck_assert_str_eq(ll_text_percent(&plain, 0, buf), "0.00 %");
    ck_assert_str_eq(ll_text_percent(&plain, 9.999, buf), "10.0 %");
    ck_assert_str_eq(ll_text_percent(&plain, 41.26, buf), "41.3 %");
    ck_assert_str_eq(ll_text_percent(&plain, 99.97, buf), "100 %");
    ck_assert_str_eq(ll_text_span(&plain, NAN, buf), "-");
    ck_assert_str_eq(ll_text_span(&plain, INFINITY, buf), "-");
    ck_assert_str_eq(ll_text_span(&plain, 0, buf), "now");
    ck_assert_str_eq(ll_text_span(&plain, 64500, buf), "17 h 55 m");
    ck_assert_str_eq(ll_text_amount(&plain, "bytes", NAN, buf), "-");
    ck_assert_str_eq(ll_text_amount(&plain, "no such unit", 1, buf), "-");
    ck_assert_str_eq(ll_text_amount_of(&plain, "connections", 352, 400, buf), "352 of 400");
}
END_TEST

START_TEST(sparklines_show_gaps_and_peaks)
{
    const double v[] = {0, 25, NAN, 50, 100, 130};
    ll_text_spark(&out, v, 6, 100, 6, true);
    ck_assert_str_eq(ll_str_z(&out), "▁▃ ▅██");
    ll_str_clear(&out);
    ll_text_spark(&out, v, 6, 100, 6, false);
    ck_assert_str_eq(ll_str_z(&out), "_: =##");
    ll_str_clear(&out);
    ll_text_spark(&out, v, 6, 100, 3, false); /* the maximum of each pair */
    ck_assert_str_eq(ll_str_z(&out), ":=#");
    ll_str_clear(&out);
    ll_text_spark(&out, v, 0, 100, 3, false);
    ck_assert_str_eq(ll_str_z(&out), "");
}
END_TEST

static const struct ll_column columns[] = {
    {.key = "name", .title = "NAME", .flex = true},
    {.key = "value", .title = "VALUE", .right = true},
    {.key = "extra", .title = "EXTRA", .wide = true},
    {.key = NULL, .title = "SPARK", .spare = true},
    {.key = "hidden", .title = NULL},
};

static void print(struct ll_ctx *c, enum ll_form form, int width)
{
    struct ll_err err;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    ck_assert_ptr_nonnull(t);
    *c = (struct ll_ctx){.form = form, .width = width};
    ll_str_init(&c->out, 1 << 20);
    ll_table_cell(t, "a, \"b\" and more", NULL, LL_TINT_NONE);
    ll_table_number(t, "1.5 k", 1500, LL_TINT_NONE);
    ll_table_cell(t, "x", NULL, LL_TINT_NONE);
    ll_table_cell(t, "~~~~", NULL, LL_TINT_NONE);
    ll_table_cell(t, "", "h", LL_TINT_NONE);
    ll_table_cell(t, "c", NULL, LL_TINT_NONE);
    ll_table_number(t, "-", NAN, LL_TINT_NONE);
    for (int i = 0; i < 3; i++)
        ll_table_cell(t, "", NULL, LL_TINT_NONE);
    ck_assert_uint_eq(ll_table_rows(t), 2);
    ck_assert(ll_table_print(t, c, &err));
}

START_TEST(tables_are_aligned_and_fit)
{
    struct ll_ctx c;
    print(&c, LL_FORM_TABLE, 80);
    ck_assert_str_eq(ll_str_z(&c.out), "NAME             VALUE  SPARK\n"
                                       "a, \"b\" and more  1.5 k  ~~~~\n"
                                       "c                    -\n");
    ll_str_fini(&c.out);
    print(&c, LL_FORM_TABLE, 22); /* first the spare column goes, then the name is cut */
    ck_assert_str_eq(ll_str_z(&c.out), "NAME             VALUE\n"
                                       "a, \"b\" and more  1.5 k\n"
                                       "c                    -\n");
    ll_str_fini(&c.out);
    print(&c, LL_FORM_TABLE, 17);
    ck_assert_str_eq(ll_str_z(&c.out), "NAME        VALUE\n"
                                       "a, \"b\" a..  1.5 k\n"
                                       "c               -\n");
    ll_str_fini(&c.out);
    print(&c, LL_FORM_WIDE, 0);
    ck_assert_ptr_nonnull(strstr(ll_str_z(&c.out), "EXTRA"));
    ll_str_fini(&c.out);
}
END_TEST

START_TEST(csv_has_raw_values_quoted_as_needed)
{
    struct ll_ctx c;
    print(&c, LL_FORM_CSV, 10);
    ck_assert_str_eq(ll_str_z(&c.out), "name,value,extra,hidden\n"
                                       "\"a, \"\"b\"\" and more\",1500,x,h\n"
                                       "c,,,\n");
    ll_str_fini(&c.out);
}
END_TEST

START_TEST(statuses_have_words_and_unknown_ones_are_unknown)
{
    ck_assert_str_eq(ll_text_status("HEALTHY"), "OK");
    ck_assert_str_eq(ll_text_status("critical"), "CRIT");
    ck_assert_str_eq(ll_text_status("SOMETHING_NEW"), "UNKN");
    ck_assert_int_eq(ll_text_status_tint("SOMETHING_NEW"), LL_TINT_DIM);
    ck_assert_str_eq(ll_text_resource("API_CALLS"), "API calls");
    ck_assert_str_eq(ll_text_resource("GPU"), "GPU");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cmd_text");
    TCase *c = tcase_create("cmd_text");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, text_is_cut_by_columns_not_bytes);
    tcase_add_test(c, control_characters_and_broken_utf8_become_question_marks);
    tcase_add_test(c, no_data_is_a_dash_and_zero_is_a_zero);
    tcase_add_test(c, sparklines_show_gaps_and_peaks);
    tcase_add_test(c, tables_are_aligned_and_fit);
    tcase_add_test(c, csv_has_raw_values_quoted_as_needed);
    tcase_add_test(c, statuses_have_words_and_unknown_ones_are_unknown);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
