/* Bodies of POST /metrics. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/ingest.h"

#define NOW ((ll_time)1795484700000)
#define GOOD "{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1}"

static struct ll_ingest *in;

static bool read_body(const char *body, struct ll_err *err)
{
    char *copy = strdup(body);
    ll_ingest_free(in);
    in = NULL;
    bool ok = ll_ingest_read(copy, strlen(copy), NOW, NOW - 15 * LL_DAY, NULL, &in, err);
    free(copy);
    return ok;
}

START_TEST(ingest_reads_every_field)
{
    ck_assert(read_body(
        "{\"metrics\":[{\"service\":\"db\",\"resource_type\":\"disk\",\"instance\":\"i1\","
        "\"part\":\"/data\",\"current_value\":3,\"capacity\":4.5,\"max_value\":3.5,"
        "\"window_seconds\":15,\"unit\":\"files\",\"primary\":true,\"timestamp\":1795484600.5}],"
        "\"business\":[{\"metric\":\"trades\",\"venue\":\"XNYS\",\"value\":-2}]}",
        NULL));
    const struct ll_sample *s = &in->batch->v[0];
    ck_assert_uint_eq(in->batch->n, 1);
    ck_assert(ll_slice_is(s->key.service, "db") && ll_slice_is(s->key.part, "/data"));
    ck_assert_int_eq(s->key.type, LL_RESOURCE_DISK);
    ck_assert_int_eq(s->unit, LL_UNIT_FILES);
    ck_assert_int_eq(s->t, 1795484600500);
    ck_assert(s->primary);
    ck_assert_int_eq(s->window, 15000);
    ck_assert_double_eq(s->capacity, 4.5);
    ck_assert_double_eq(s->max_value, 3.5);
    ck_assert_uint_eq(in->batch->n_business, 1);
    ck_assert_double_eq(in->batch->business[0].value, -2);
    ck_assert_int_eq(in->batch->business[0].t, NOW);
}
END_TEST

START_TEST(ingest_defaults_are_no_data_and_now)
{
    ck_assert(read_body("{\"metrics\":[{\"service\":\"a\",\"resource_type\":\"MEMORY\","
                        "\"current_value\":1,\"capacity\":null}]}",
                        NULL));
    ck_assert(isnan(in->batch->v[0].capacity) && isnan(in->batch->v[0].max_value));
    ck_assert_int_eq(in->batch->v[0].t, NOW);
    ck_assert_int_eq(in->batch->v[0].unit, LL_UNIT_BYTES);
    ck_assert(!in->batch->v[0].primary);
}
END_TEST

/* Each bad item stands between two good ones, and only it is refused. */
START_TEST(ingest_refuses_one_by_one)
{
    static const struct {
        const char *item, *why;
    } bad[] = {
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":-1}", "current_value"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":NaN}",
         "current_value is not a finite"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1e999}",
         "current_value is not a finite"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":\"1\"}",
         "current_value is not a number"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\"}", "current_value is missing"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"primary\":1}",
         "primary is neither true nor false"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":null}",
         "current_value is missing"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"capacity\":0}",
         "capacity"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"capacity\":-5}",
         "capacity"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"capacity\":Infinity}",
         "capacity"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":2,\"max_value\":1}",
         "max_value"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"window_seconds\":-1}",
         "window_seconds"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"unit\":\"corse\"}",
         "did you mean cores?"},
        {"{\"service\":\"a\",\"resource_type\":\"MEMRY\",\"current_value\":1}",
         "did you mean MEMORY?"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"curent_value\":1}",
         "did you mean 'current_value'?"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"x\":{\"y\":[1,{}]}}",
         "unknown field 'x'"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"current_value\":2}",
         "given twice"},
        {"{\"service\":7,\"resource_type\":\"CPU\",\"current_value\":1}",
         "service is not a string"},
        {"{\"service\":\"\",\"resource_type\":\"CPU\",\"current_value\":1}", "name"},
        {"{\"service\":\"a\\u0000b\",\"resource_type\":\"CPU\",\"current_value\":1}", "name"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"timestamp\":"
         "1795485400}",
         "ahead"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"timestamp\":1}",
         "retention"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"timestamp\":9e300}",
         "timestamp"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"timestamp\":\"soon\"}",
         "timestamp"},
        {"{\"service\":\"a\",\"resource_type\":\"CPU\",\"current_value\":1,\"timestamp\":[]}",
         "timestamp"},
        {"[1,[2]]", "not an object"},
        {"null", "not an object"},
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        char body[1024];
        struct ll_err err = {0};
        snprintf(body, sizeof(body), "{\"metrics\":[" GOOD ",%s," GOOD "]}", bad[i].item);
        ck_assert_msg(read_body(body, &err), "%s: %s", bad[i].item, err.text);
        ck_assert_msg(in->batch->n == 2, "%s", bad[i].item);
        ck_assert_uint_eq(in->n_refused, 1);
        ck_assert_uint_eq(in->refused[0].index, 1);
        ck_assert_msg(strstr(in->refused[0].reason, bad[i].why), "%s: %s", bad[i].item,
                      in->refused[0].reason);
        ck_assert_uint_eq(ll_ingest_accepted(in), 2);
    }
}
END_TEST

START_TEST(ingest_refuses_bodies_that_are_none)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"metrics\":{}}",
                                      "{\"metric\":[]}",
                                      "{\"metrics\":[],\"metrics\":[]}",
                                      "{\"metrics\":[" GOOD "]",
                                      "{\"metrics\":[" GOOD "]} x",
                                      "{\"metrics\":[" GOOD ",]}"};
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        ck_assert_msg(!read_body(bad[i], &err), "%s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_ptr_null(in);
    }
}
END_TEST

START_TEST(ingest_has_a_limit_of_items)
{
    size_t one = sizeof(GOOD) - 1, n = LL_BATCH_SAMPLES_MAX + 1;
    char *body = malloc((one + 1) * n + 32);
    struct ll_err err;
    char *at = stpcpy(body, "{\"metrics\":[");
    for (size_t i = 0; i < n; i++)
        at = stpcpy(stpcpy(at, i ? "," : ""), GOOD);
    stpcpy(at, "]}");
    ck_assert(!read_body(body, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert_ptr_nonnull(strstr(err.text, "20000"));
    free(body);
}
END_TEST

START_TEST(ingest_maps_the_stores_refusals_back)
{
    ck_assert(read_body("{\"metrics\":[7," GOOD "," GOOD "]}", NULL));
    struct ll_batch *b = in->batch;
    b->committed = true;
    b->refusal[1] = LL_REFUSAL_SERIES_LIMIT;
    ll_ingest_committed(in, b);
    ck_assert_uint_eq(ll_ingest_accepted(in), 1);
    ck_assert_uint_eq(in->refused[1].index, 2);
    struct ll_str text;
    ll_str_init(&text, 4096);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_ingest_render(&j, in);
    ll_json_out_close(&j, '}');
    ck_assert_str_eq(
        ll_str_z(&text),
        "{\"accepted\":1,\"rejected\":["
        "{\"index\":0,\"list\":\"metrics\",\"reason\":\"is not an object\"},"
        "{\"index\":2,\"list\":\"metrics\",\"reason\":\"the limit of series is reached\"}]}");
    ll_str_fini(&text);
    ll_ingest_free(in);
    in = NULL;
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_ingest");
    TCase *t = tcase_create("all");
    tcase_add_test(t, ingest_reads_every_field);
    tcase_add_test(t, ingest_defaults_are_no_data_and_now);
    tcase_add_test(t, ingest_refuses_one_by_one);
    tcase_add_test(t, ingest_refuses_bodies_that_are_none);
    tcase_add_test(t, ingest_has_a_limit_of_items);
    tcase_add_test(t, ingest_maps_the_stores_refusals_back);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
