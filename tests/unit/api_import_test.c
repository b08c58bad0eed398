/* The body of POST /import. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/counters.h"
#include "api/import.h"

#define NOW ((ll_time)1795484700000)
#define ROW                                                                                        \
    "\"service\":\"db\",\"resource_type\":\"CPU\",\"step\":300,\"t\":1795480200,\"mean\":2,"       \
    "\"max\":3,\"count\":20"

static struct ll_import *im;

static bool read_body(const char *body, struct ll_err *err)
{
    const struct ll_import_limits limits = {NOW, 90 * LL_DAY, 5 * 365 * LL_DAY};
    char *copy = strdup(body);
    ll_import_free(im);
    im = NULL;
    bool ok = ll_import_read(copy, strlen(copy), &limits, &im, err);
    free(copy);
    return ok;
}

static void teardown(void)
{
    ll_import_free(im);
    im = NULL;
}

START_TEST(import_reads_every_field)
{
    ck_assert(read_body("{\"cursor\":{\"name\":\"prom\",\"value\":\"17\"},\"rollups\":[{" ROW
                        ",\"instance\":\"i\",\"part\":\"p\",\"unit\":\"ratio\",\"p95\":2.5,"
                        "\"capacity\":8},{\"service\":\"b\",\"resource_type\":\"memory\","
                        "\"step\":3600,\"t\":\"2026-11-24T00:00:00Z\",\"mean\":0,\"max\":0,"
                        "\"count\":1,\"capacity\":null},{" ROW
                        ",\"part\":\"/\",\"primary\":true},{" ROW ",\"primary\":false}]}",
                        NULL));
    const struct ll_batch *b = im->batch;
    ck_assert_uint_eq(b->n_rollups, 4);
    const struct ll_rollup_row *r = b->rollups;
    ck_assert(ll_slice_is(r[0].key.service, "db") && ll_slice_is(r[0].key.instance, "i") &&
              ll_slice_is(r[0].key.part, "p"));
    ck_assert_int_eq(r[0].unit, LL_UNIT_RATIO);
    ck_assert_int_eq(r[0].step, 5 * LL_MINUTE);
    ck_assert_int_eq(r[0].rollup.t, 1795480200000);
    ck_assert_double_eq(r[0].rollup.p95, 2.5);
    ck_assert_double_eq(r[0].rollup.capacity, 8);
    ck_assert_uint_eq(r[0].rollup.count, 20);
    ck_assert(!r[0].primary && r[1].primary && r[2].primary && !r[3].primary);
    ck_assert_int_eq(r[1].step, LL_HOUR);
    ck_assert_int_eq(r[1].unit, LL_UNIT_BYTES);
    ck_assert(isnan(r[1].rollup.capacity));
    ck_assert(ll_slice_is(b->cursor_name, "prom") && ll_slice_is(b->cursor_value, "17"));
}
END_TEST

/* Each bad row stands between two good ones, and only it is refused. */
START_TEST(import_refuses_one_by_one)
{
    static const struct {
        const char *row, *reason;
    } cases[] = {
        {"7", "not an object"},
        {"{" ROW ",\"colour\":1}", "unknown field 'colour'"},
        {"{" ROW ",\"primary\":1}", "primary is not true or false"},
        {"{\"service\":\"a\"}", "resource_type is missing"},
        {"{" ROW ",\"service\":3}", "service is not a string"},
        {"{" ROW ",\"resource_type\":\"GPU\"}", "resource_type is not known"},
        {"{" ROW ",\"unit\":\"furlong\"}", "unit is not known"},
        {"{" ROW ",\"step\":60}", "step is neither"},
        {"{" ROW ",\"t\":1795480201}", "not the start of a bucket"},
        {"{" ROW ",\"t\":\"yesterday\"}", "t is not a time"},
        {"{" ROW ",\"t\":1795486500}", "more than 10 minutes ahead"},
        {"{" ROW ",\"t\":1695480000}", "older than the retention"},
        {"{" ROW ",\"mean\":NaN}", "mean is not a finite number"},
        {"{" ROW ",\"mean\":-1}", "not a finite number >= 0"},
        {"{" ROW ",\"mean\":4}", "max_value is not"},
        {"{" ROW ",\"p95\":4}", "p95 is not between"},
        {"{" ROW ",\"capacity\":0}", "capacity is not"},
        {"{" ROW ",\"count\":0}", "count is not between"},
        {"{" ROW ",\"service\":\"\"}", "a name is empty"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        char body[2000];
        struct ll_err err = {0};
        snprintf(body, sizeof(body), "{\"rollups\":[{%s},%s,{%s}]}", ROW, cases[i].row, ROW);
        ck_assert_msg(read_body(body, &err), "case %zu: %s", i, err.text);
        ck_assert_uint_eq(im->batch->n_rollups, 2);
        ck_assert_uint_eq(im->n_refused, 1);
        ck_assert_uint_eq(im->refused[0].index, 1);
        ck_assert_msg(strstr(im->refused[0].reason, cases[i].reason), "case %zu: %s", i,
                      im->refused[0].reason);
        ck_assert_uint_eq(ll_import_accepted(im), 2);
    }
}
END_TEST

START_TEST(import_refuses_bodies_that_are_none)
{
    static const char *const bodies[] = {"",
                                         "[]",
                                         "{\"rollups\":{}}",
                                         "{\"rows\":[]}",
                                         "{\"rollups\":[],\"rollups\":[]}",
                                         "{\"rollups\":[{]}",
                                         "{\"cursor\":7}",
                                         "{\"cursor\":{\"name\":1}}",
                                         "{\"cursor\":{\"place\":\"x\"}}",
                                         "{\"rollups\":[]} x"};
    for (size_t i = 0; i < LL_LEN(bodies); i++) {
        struct ll_err err = {0};
        ck_assert_msg(!read_body(bodies[i], &err), "case %zu", i);
        ck_assert_int_eq(err.code, LL_E_INVALID);
    }
}
END_TEST

START_TEST(import_maps_the_stores_refusals_back)
{
    ck_assert(read_body("{\"rollups\":[7,{" ROW "},{" ROW "}]}", NULL));
    struct ll_batch *b = im->batch;
    b->committed = true;
    b->rollups[1].refusal = LL_REFUSAL_SERIES_LIMIT;
    ll_import_committed(im, b);
    ck_assert(im->committed);
    ck_assert_uint_eq(im->n_refused, 2);
    ck_assert_uint_eq(im->refused[1].index, 2);
    ck_assert_int_eq(im->refused[1].counter, LL_REFUSAL_SERIES_LIMIT);
    ck_assert_uint_eq(ll_import_accepted(im), 1);
    struct ll_str text;
    ll_str_init(&text, 4096);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_import_render(&j, im);
    ll_json_out_close(&j, '}');
    ck_assert_str_eq(ll_str_z(&text),
                     "{\"accepted\":1,\"rejected\":[{\"index\":0,\"list\":\"rollups\","
                     "\"reason\":\"is not an object\"},{\"index\":2,\"list\":\"rollups\","
                     "\"reason\":\"the limit of series is reached\"}]}");
    ll_str_fini(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_import");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, import_reads_every_field);
    tcase_add_test(t, import_refuses_one_by_one);
    tcase_add_test(t, import_refuses_bodies_that_are_none);
    tcase_add_test(t, import_maps_the_stores_refusals_back);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
