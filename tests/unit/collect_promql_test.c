/* Answers of a Prometheus in memory: what the tests over HTTP do not reach. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collect/promql_ask.h"
#include "collect/promql_read.h"
#include "collect/promql_targets.h"
#include "support.h"

#define NOW ((ll_time)1795484700000)

static struct ll_labeled_set *set;
static struct ll_promql_said said;
static struct ll_err err;

static void setup(void)
{
    set = ll_labeled_set_new(4, 1 << 20);
    ck_assert_ptr_nonnull(set);
    err = (struct ll_err){0};
}

static void teardown(void)
{
    ll_labeled_set_free(set);
}

static bool read_as(const char *text, struct ll_promql_read_opts o)
{
    char *copy = strdup(text);
    o.from = o.matrix ? NOW - LL_HOUR : NOW;
    o.to = NOW;
    o.exact = !o.matrix;
    o.max_series = 3;
    o.max_points = o.matrix ? 3 : 1;
    bool ok = ll_promql_read(copy, strlen(copy), &o, set, &said, &err);
    free(copy);
    return ok;
}

#define VECTOR(rows)                                                                               \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" rows "]}}"
#define MATRIX(rows)                                                                               \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" rows "]}}"
#define UP(of) "{\"metric\":{\"job\":\"" of "\"},\"value\":[1795484699.9,\"0.5\"]}"

static struct ll_slice label(size_t i, const char *name)
{
    return ll_labels_get(set->v[i].labels, ll_slice_of(name));
}

START_TEST(promql_read_puts_the_name_back_and_gives_one_time)
{
    const struct ll_promql_read_opts o = {.kind = LL_LABELED_RATE, .name = LL_SLICE("cpu")};
    ck_assert(read_as(VECTOR(UP("a") "," UP("b")), o));
    ck_assert_uint_eq(set->n, 2);
    ck_assert(ll_slice_is(label(0, "__name__"), "cpu") && ll_slice_is(label(1, "job"), "b"));
    ck_assert_int_eq(set->v[0].points[0].t, NOW);
    ck_assert_double_eq(ll_labeled_value(set->v[0].points[0].bits), 0.5);
    ck_assert_int_eq(set->v[0].kind, LL_LABELED_RATE);
}
END_TEST

START_TEST(promql_read_takes_all_or_nothing)
{
    const struct ll_promql_read_opts o = {.kind = LL_LABELED_GAUGE};
    ck_assert(read_as(VECTOR(UP("a")), o));
    static const char *const bad[] = {
        VECTOR(UP("b") ",7"),
        VECTOR(UP("b") ",{\"metric\":{}}"),
        VECTOR(UP("b") ",{\"metric\":{\"a\":1},\"value\":[1795484700,\"1\"]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1795484700,1]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1795484700,\"0x1\"]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1795484700,\"\"]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1795484700,\"1\",2]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1795480000,\"1\"]}"),
        VECTOR(UP("b") ",{\"metric\":{},\"value\":[1e999,\"1\"]}"),
        "{\"status\":\"success\",\"data\":{\"result\":[" UP("b"),
        "{\"status\":\"success\",\"data\":{\"result\":[" UP("b") "]}} x",
        "{\"data\":{\"result\":[" UP("b") "]}}",
        "{\"status\":\"success\",\"data\":{}}",
        "{\"status\":\"success\"}",
        "{}",
        "[]",
        "",
        MATRIX("{\"metric\":{},\"values\":[[1795484700,\"1\"]]}"),
    };
    for (size_t i = 0; i < LL_LEN(bad); i++) {
        err = (struct ll_err){0};
        ck_assert_msg(!read_as(bad[i], o), "taken: %s", bad[i]);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_uint_eq(set->n, 1);
        ck_assert_uint_eq(set->points, 1);
    }
    ck_assert(!read_as(VECTOR(UP("b") "," UP("c") "," UP("d") "," UP("e")), o));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert_uint_eq(set->n, 1);
}
END_TEST

START_TEST(promql_read_knows_no_data_from_data)
{
    const struct ll_promql_read_opts o = {.kind = LL_LABELED_GAUGE};
    ck_assert(read_as(VECTOR("{\"metric\":{\"a\":\"1\"},\"value\":[1795484700,\"NaN\"]},"
                             "{\"metric\":{\"a\":\"2\"},\"value\":[1795484700,\"-Inf\"]},"
                             "{\"metric\":{\"a\":\"3\"},\"histogram\":[1795484700,{}]}"),
                      o));
    ck_assert_uint_eq(set->n, 2);
    ck_assert(isnan(ll_labeled_value(set->v[0].points[0].bits)));
    ck_assert(ll_labeled_value(set->v[1].points[0].bits) < 0);
    ck_assert_uint_eq(said.histograms, 1);
}
END_TEST

START_TEST(promql_read_takes_ranges_in_order_only)
{
    const struct ll_promql_read_opts o = {.matrix = true, .kind = LL_LABELED_GAUGE};
    ck_assert(
        read_as(MATRIX("{\"metric\":{},\"values\":[[1795484100,\"1\"],[1795484400,\"2\"]]}"), o));
    ck_assert_uint_eq(set->v[0].n, 2);
    ck_assert_int_eq(set->v[0].points[1].t, NOW - 5 * LL_MINUTE);
    ck_assert(
        !read_as(MATRIX("{\"metric\":{},\"values\":[[1795484400,\"1\"],[1795484400,\"2\"]]}"), o));
    ck_assert(!read_as(MATRIX("{\"metric\":{},\"values\":[[1795484100,\"1\"],[1795484200,\"1\"],"
                              "[1795484300,\"1\"],[1795484400,\"2\"]]}"),
                       o));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);
    ck_assert(!read_as(VECTOR(UP("a")), o));
}
END_TEST

START_TEST(promql_read_survives_the_end_of_memory)
{
    const struct ll_promql_read_opts o = {.kind = LL_LABELED_GAUGE};
    const char text[] = VECTOR(UP("a") "," UP("b"));
    const struct ll_promql_read_opts all = {
        .from = NOW, .to = NOW, .exact = true, .kind = o.kind, .max_series = 3, .max_points = 1};
    bool failed = true;
    unsigned n = 1;
    for (; failed; n++) {
        char copy[sizeof(text)];
        memcpy(copy, text, sizeof(text));
        ll_test_fail_alloc(n);
        bool ok = ll_promql_read(copy, sizeof(text) - 1, &all, set, &said, &err);
        failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ck_assert(ok != failed);
        ck_assert_uint_eq(set->n, ok ? 2 : 0);
        ck_assert(ok || err.code == LL_E_MEMORY);
    }
    ck_assert_uint_gt(n, 3);
}
END_TEST

START_TEST(promql_narrow_adds_matchers_where_they_belong)
{
    static const char *const cases[][3] = {
        {"up", "a=\"b\"", "up{a=\"b\"}"},
        {"up{x=\"y\"}", "a=\"b\"", "up{x=\"y\",a=\"b\"}"},
        {"up{x=\"y\", }", "a=\"b\"", "up{x=\"y\",a=\"b\"}"},
        {"up{}", "a=\"b\"", "up{a=\"b\"}"},
        {"{x=\"y\"} ", "a=\"b\"", "{x=\"y\",a=\"b\"}"},
        {"up", "", "up"},
        {"", "a=\"b\"", "{a=\"b\"}"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_str out;
        ll_str_init(&out, 200);
        ll_promql_narrow(&out, ll_slice_of(cases[i][0]), cases[i][1]);
        ck_assert_str_eq(ll_str_z(&out), cases[i][2]);
        ll_str_fini(&out);
    }
}
END_TEST

START_TEST(promql_form_escapes)
{
    struct ll_str out;
    ll_str_init(&out, 200);
    ll_promql_form(&out, "query", LL_SLICE("a{b=\"\xc3\xa9&+\"}"));
    ll_promql_form_time(&out, "time", 1795484700007);
    ck_assert_str_eq(ll_str_z(&out), "query=a%7Bb%3D%22%C3%A9%26%2B%22%7D&time=1795484700.007");
    ll_str_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("collect_promql");
    TCase *reads = tcase_create("read");
    tcase_add_checked_fixture(reads, setup, teardown);
    tcase_add_test(reads, promql_read_puts_the_name_back_and_gives_one_time);
    tcase_add_test(reads, promql_read_takes_all_or_nothing);
    tcase_add_test(reads, promql_read_knows_no_data_from_data);
    tcase_add_test(reads, promql_read_takes_ranges_in_order_only);
    tcase_add_test(reads, promql_read_survives_the_end_of_memory);
    tcase_add_test(reads, promql_narrow_adds_matchers_where_they_belong);
    tcase_add_test(reads, promql_form_escapes);
    suite_add_tcase(suite, reads);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
