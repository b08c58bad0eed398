/* Pages of metrics: places of faults, kinds, limits, numbers, memory that ends.  The verdicts are
 * tested by tests/vectors/metrics.py. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "collect/exposition.h"
#include "support.h"

enum { MANY = 64 };

/* The samples of a page, as text. */
struct seen {
    char text[MANY][256];
    enum ll_labeled_kind kind[MANY];
    enum ll_exposition_type type[MANY];
    uint64_t bits[MANY];
    bool has_time[MANY];
    ll_time t[MANY];
    size_t n;
};

static bool take(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct seen *seen = ctx;
    struct ll_str set, text;
    if (seen->n == MANY)
        return ll_err_set(err, LL_E_INTERNAL, "enough");
    ll_str_init(&set, 1 << 16);
    ll_str_init(&text, 1 << 16);
    ll_labels_encode(s->labels, s->n, &set);
    ll_labels_text((struct ll_slice){ll_str_z(&set), set.n}, &text);
    snprintf(seen->text[seen->n], sizeof(seen->text[0]), "%s", ll_str_z(&text));
    seen->kind[seen->n] = s->kind;
    seen->type[seen->n] = s->type;
    seen->bits[seen->n] = s->bits;
    seen->has_time[seen->n] = s->has_time;
    seen->t[seen->n++] = s->t;
    ll_str_fini(&set);
    ll_str_fini(&text);
    return true;
}

static bool parse(const char *page, size_t n, enum ll_exposition_format f, bool strict,
                  struct seen *seen, struct ll_err *err)
{
    const struct ll_exposition_opts opts = {
        .format = f, .strict = strict, .on_sample = take, .ctx = seen};
    *err = (struct ll_err){0};
    seen->n = 0;
    return ll_exposition_parse((struct ll_slice){page, n}, &opts, err);
}

static struct seen *new_seen(void)
{
    struct seen *seen = calloc(1, sizeof(*seen));
    ck_assert_ptr_nonnull(seen);
    return seen;
}

START_TEST(samples_have_their_labels_sorted)
{
    static const char page[] = "z{c=\"3\",a=\"1\",empty=\"\",b=\"x\\\"\\\\\\ny\"} 1 1700000000123\n"
                               "{\"dots.in.name\", k = \"v\"} -2e3\n";
    struct seen *s = new_seen();
    struct ll_err err;
    ck_assert_msg(parse(page, sizeof(page) - 1, LL_EXPOSITION_TEXT, true, s, &err), "%s", err.text);
    ck_assert_uint_eq(s->n, 2);
    ck_assert_str_eq(s->text[0], "z{a=\"1\",b=\"x\\\"\\\\\\ny\",c=\"3\"}");
    ck_assert_str_eq(s->text[1], "{\"dots.in.name\",k=\"v\"}");
    ck_assert(s->has_time[0] && s->t[0] == 1700000000123 && !s->has_time[1]);
    ck_assert_double_eq(ll_labeled_value(s->bits[1]), -2000);
    free(s);
}
END_TEST

START_TEST(types_say_what_rises)
{
    static const struct {
        const char *page;
        enum ll_exposition_format format;
        enum ll_exposition_type type;
        enum ll_labeled_kind kind;
    } cases[] = {
        {"a 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_UNKNOWN, LL_LABELED_UNKNOWN},
        {"a_total 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_UNKNOWN, LL_LABELED_UNKNOWN},
        {"# TYPE a gauge\na 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_GAUGE, LL_LABELED_GAUGE},
        {"# TYPE a counter\na 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_COUNTER, LL_LABELED_COUNTER},
        {"# TYPE a COUNTER\na 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_COUNTER, LL_LABELED_COUNTER},
        {"# TYPE a counter\nab 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_UNKNOWN, LL_LABELED_UNKNOWN},
        {"# TYPE a untyped\na 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_UNKNOWN, LL_LABELED_UNKNOWN},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_HISTOGRAM,
         LL_LABELED_COUNTER},
        {"# TYPE a summary\na_sum 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_SUMMARY,
         LL_LABELED_COUNTER},
        {"# TYPE a summary\na{quantile=\"0.5\"} 1\n", LL_EXPOSITION_TEXT, LL_EXPOSITION_SUMMARY,
         LL_LABELED_GAUGE},
        {"# TYPE a counter\na_total 1\n# EOF\n", LL_EXPOSITION_OM, LL_EXPOSITION_COUNTER,
         LL_LABELED_COUNTER},
        {"# TYPE a counter\na_created 1\n# EOF\n", LL_EXPOSITION_OM, LL_EXPOSITION_COUNTER,
         LL_LABELED_GAUGE},
        {"# TYPE a info\na_info{x=\"y\"} 1\n# EOF", LL_EXPOSITION_OM, LL_EXPOSITION_INFO,
         LL_LABELED_GAUGE},
        {"# TYPE a stateset\na{a=\"on\"} 1\n# EOF", LL_EXPOSITION_OM, LL_EXPOSITION_STATESET,
         LL_LABELED_GAUGE},
    };
    struct seen *s = new_seen();
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        for (int strict = 0; strict < 2; strict++) {
            ck_assert_msg(
                parse(cases[i].page, strlen(cases[i].page), cases[i].format, strict, s, &err),
                "%s: %s", cases[i].page, err.text);
            ck_assert_uint_eq(s->n, 1);
            ck_assert_msg(s->type[0] == cases[i].type && s->kind[0] == cases[i].kind,
                          "%s gave %d %d", cases[i].page, (int)s->type[0], (int)s->kind[0]);
        }
    }
    free(s);
}
END_TEST

START_TEST(faults_have_their_place)
{
    static const struct {
        const char *page;
        enum ll_exposition_format format;
        int line, column;
        const char *said;
    } cases[] = {
        {"a 1\nb{x=1} 2\n", LL_EXPOSITION_TEXT, 2, 5, "double quotes"},
        {"a 1\nb 0x1\n", LL_EXPOSITION_TEXT, 2, 3, "'0x1' is no value"},
        {"a 1\r\n", LL_EXPOSITION_TEXT, 1, 4, "carriage return"},
        {"a 1 2 3\n", LL_EXPOSITION_TEXT, 1, 7, "goes on"},
        {"a 1 1.5\n", LL_EXPOSITION_TEXT, 1, 5, "milliseconds"},
        {"<html>\n", LL_EXPOSITION_TEXT, 1, 1, "name"},
        {"# TYPE a thing\n", LL_EXPOSITION_TEXT, 1, 10, "'thing' is no type"},
        {"a 1\n# TYPE a gauge\n", LL_EXPOSITION_TEXT, 2, 1, "after its samples"},
        {"a{b=\"1\",b=\"2\"} 1\n", LL_EXPOSITION_TEXT, 1, 1, "'b' is there twice"},
        {"a{__name__=\"b\"} 1\n", LL_EXPOSITION_TEXT, 1, 15, "__name__"},
        {"a{b=\"x\n\"} 1\n", LL_EXPOSITION_TEXT, 1, 5, "not closed"},
        {"a{b=\"\\t\"} 1\n", LL_EXPOSITION_TEXT, 1, 7, "escape"},
        {"a 1", LL_EXPOSITION_TEXT, 1, 4, "line feed"},
        {"{a=\"b\"} 1\n", LL_EXPOSITION_TEXT, 1, 1, "no name"},
        {"", LL_EXPOSITION_OM, 1, 1, "# EOF"},
        {"a 1\n\n# EOF\n", LL_EXPOSITION_OM, 2, 1, "empty line"},
        {"a  1\n# EOF\n", LL_EXPOSITION_OM, 1, 3, "value is missing"},
        {"# a comment\n# EOF\n", LL_EXPOSITION_OM, 1, 1, "no comments"},
        {"# EOF\na 1\n", LL_EXPOSITION_OM, 1, 6, "after # EOF"},
        {"# UNIT a s\n# EOF\n", LL_EXPOSITION_OM, 1, 10, "_s, its unit"},
        {"# TYPE a counter\na_total -1\n# EOF\n", LL_EXPOSITION_OM, 2, 9, "never negative"},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 1\n# EOF\n", LL_EXPOSITION_OM, 3, 1, "+Inf"},
        {"# TYPE a gauge\nb 1\n# TYPE a gauge\n# EOF\n", LL_EXPOSITION_OM, 3, 1, "stand together"},
        {"a 1 # {t=\"u\"} 1\n# EOF\n", LL_EXPOSITION_OM, 1, 1, "exemplars"},
        {"a{b=\"1\",} 1\n# EOF\n", LL_EXPOSITION_OM, 1, 9, "comma"},
    };
    struct seen *s = new_seen();
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const char *page = cases[i].page;
        ck_assert_msg(!parse(page, strlen(page), cases[i].format, true, s, &err), "%s", page);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_msg(err.line == cases[i].line && err.column == cases[i].column, "%s: %d:%d %s",
                      page, err.line, err.column, err.text);
        ck_assert_msg(strstr(err.text, cases[i].said) != NULL, "%s: %s", page, err.text);
    }
    free(s);
}
END_TEST

/* What a scrape takes and the linter does not. */
START_TEST(a_scrape_is_lenient)
{
    static const struct {
        const char *page;
        enum ll_exposition_format format;
        size_t samples;
    } cases[] = {
        {"a 1", LL_EXPOSITION_TEXT, 1},
        {"a 1\n# TYPE a gauge\n# TYPE a gauge\n", LL_EXPOSITION_TEXT, 1},
        {"a{b=\"\\t\"} 1\n", LL_EXPOSITION_TEXT, 1},
        {"a{b=\"x\ny\"} 1\nc 2\n", LL_EXPOSITION_TEXT, 2},
        {"# TYPE a summary\na{quantile=\"x\"} 1\n", LL_EXPOSITION_TEXT, 1},
        {"# TYPE a counter\na_total -1\n# EOF\n", LL_EXPOSITION_OM, 1},
        {"a 1\nb 1\na{x=\"y\"} 1\n# EOF\n", LL_EXPOSITION_OM, 3},
        {"a{b=\"1\",} 1\n# EOF", LL_EXPOSITION_OM, 1},
    };
    struct seen *s = new_seen();
    struct ll_err err;
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const char *page = cases[i].page;
        ck_assert_msg(!parse(page, strlen(page), cases[i].format, true, s, &err), "%s", page);
        ck_assert_msg(parse(page, strlen(page), cases[i].format, false, s, &err), "%s: %s", page,
                      err.text);
        ck_assert_uint_eq(s->n, cases[i].samples);
    }
    free(s);
}
END_TEST

START_TEST(times_and_values_keep_their_bits)
{
    static const char page[] = "a NaN 0.0015\nb -0 -1.5\nc +inf 1e300\nd 1e-320\n# EOF\n";
    struct seen *s = new_seen();
    struct ll_err err;
    ck_assert_msg(parse(page, sizeof(page) - 1, LL_EXPOSITION_OM, true, s, &err), "%s", err.text);
    ck_assert_uint_eq(s->bits[0], UINT64_C(0x7ff8000000000001));
    ck_assert_uint_eq(s->bits[1], UINT64_C(1) << 63);
    ck_assert(isinf(ll_labeled_value(s->bits[2])));
    ck_assert_double_eq(ll_labeled_value(s->bits[3]), 1e-320);
    ck_assert_int_eq(s->t[0], 1);
    ck_assert_int_eq(s->t[1], -1500);
    ck_assert_int_eq(s->t[2], INT64_MAX);
    free(s);
}
END_TEST

START_TEST(limits_are_kept)
{
    struct seen *s = new_seen();
    struct ll_err err = {0};
    struct ll_exposition_opts opts = {.max_samples = 2, .on_sample = take, .ctx = s};
    ck_assert(ll_exposition_parse(LL_SLICE("a 1\nb 1\n"), &opts, &err));
    ck_assert(!ll_exposition_parse(LL_SLICE("a 1\nb 1\nc 1\n"), &opts, &err));
    ck_assert(err.code == LL_E_TOO_LARGE && err.line == 3);
    opts = (struct ll_exposition_opts){.max_bytes = 8, .on_sample = take, .ctx = s};
    ck_assert(ll_exposition_parse(LL_SLICE("a 1\nb 1\n"), &opts, &err));
    ck_assert(!ll_exposition_parse(LL_SLICE("a 1\nb 10\n"), &opts, &err));
    ck_assert_int_eq(err.code, LL_E_TOO_LARGE);

    struct ll_str page;
    for (int pairs = 127; pairs <= 128; pairs++) { /* the name is one more */
        ll_str_init(&page, 1 << 20);
        ll_str_addz(&page, "a{");
        for (int i = 0; i < pairs; i++)
            ll_str_addf(&page, "l%d=\"v\",", i);
        ll_str_addz(&page, "} 1\n");
        s->n = 0;
        bool ok = parse(page.s, page.n, LL_EXPOSITION_TEXT, false, s, &err);
        ck_assert_msg(ok == (pairs == 127), "%d labels: %s", pairs, err.text);
        ck_assert(ok || err.code == LL_E_RANGE);
        ll_str_fini(&page);
    }
    for (int quoted = 0; quoted < 2; quoted++) { /* one value that is too long, plain and escaped */
        ll_str_init(&page, 1 << 20);
        ll_str_addz(&page, quoted ? "a{b=\"\\n" : "a{b=\"");
        for (int i = 0; i < LL_LABELS_BYTES_MAX; i++)
            ll_str_addc(&page, 'x');
        ll_str_addz(&page, "\"} 1\n");
        ck_assert(!parse(page.s, page.n, LL_EXPOSITION_TEXT, false, s, &err));
        ck_assert_int_eq(err.code, LL_E_RANGE);
        ck_assert_int_eq(err.line, 1);
        ll_str_fini(&page);
    }
    free(s);
}
END_TEST

START_TEST(numbers_are_those_of_go)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "+1",
                                       "1.",
                                       ".5",
                                       "00.10",
                                       "1e22",
                                       "1e23",
                                       "1E-5",
                                       "1e+5",
                                       "123456789012345678",
                                       "9007199254740993",
                                       "0.1",
                                       "1e-400",
                                       "4.9e-324",
                                       "1.7976931348623157e308",
                                       "12345678901234567890.123456789",
                                       "179769313486231570000000000000000000000"};
    static const char *const bad[] = {
        "",      "+",   "-",  ".",    "e5",   "1e",   "1e+",   "1e5.", "0x1", "1_0", "1 ",   " 1",
        "1e999", "--1", "1f", "nanx", "+nan", "-nan", "infin", "1,5",  "0b1", "i",   "1.1.1"};
    double v;
    for (size_t i = 0; i < LL_LEN(good); i++) {
        ck_assert_msg(ll_exposition_number(ll_slice_of(good[i]), &v), "%s", good[i]);
        ck_assert_msg(v == strtod(good[i], NULL), "%s gave %.17g", good[i], v);
    }
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(!ll_exposition_number(ll_slice_of(bad[i]), &v), "'%s'", bad[i]);
    ck_assert(ll_exposition_number(LL_SLICE("nAn"), &v) && isnan(v));
    ck_assert(ll_exposition_number(LL_SLICE("-Infinity"), &v) && v == -INFINITY);
}
END_TEST

/* The short way to a double gives what the long one gives. */
START_TEST(numbers_are_exact)
{
    uint64_t state = 11;
    for (int i = 0; i < 50000; i++) {
        char text[64];
        uint64_t r = ll_test_random(&state), m = ll_test_random(&state) >> (r >> 58);
        int e = (int)(r % 60) - 30;
        if (i % 3 == 0)
            snprintf(text, sizeof(text), "%llue%d", (unsigned long long)m, e);
        else
            snprintf(text, sizeof(text), "%llu.%02ue%d", (unsigned long long)m, (unsigned)(r % 100),
                     e);
        double v;
        ck_assert_msg(ll_exposition_number(ll_slice_of(text), &v), "%s", text);
        ck_assert_msg(v == strtod(text, NULL), "%s gave %.17g", text, v);
    }
}
END_TEST

static bool drop(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    (void)ctx, (void)s, (void)err;
    return true;
}

START_TEST(memory_may_end_anywhere)
{
    static const char page[] = "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 2\n"
                               "# TYPE b gauge\nb{x=\"\\n\"} 1\n# EOF\n";
    const struct ll_exposition_opts opts = {
        .format = LL_EXPOSITION_OM, .strict = true, .on_sample = drop};
    for (unsigned call = 1;; call++) {
        struct ll_err err = {0};
        ll_test_fail_alloc(call);
        bool ok = ll_exposition_parse((struct ll_slice){page, sizeof(page) - 1}, &opts, &err);
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        if (!failed) {
            ck_assert(ok && call > 3);
            return;
        }
        ck_assert(!ok && err.code == LL_E_MEMORY);
    }
}
END_TEST

START_TEST(a_caller_can_stop)
{
    struct seen *s = new_seen();
    struct ll_err err;
    struct ll_str page;
    ll_str_init(&page, 1 << 16);
    for (int i = 0; i < MANY + 1; i++)
        ll_str_addf(&page, "m%d 1\n", i);
    ck_assert(!parse(page.s, page.n, LL_EXPOSITION_TEXT, false, s, &err));
    ck_assert_int_eq(err.code, LL_E_INTERNAL);
    ck_assert_uint_eq(s->n, MANY);
    ll_str_fini(&page);
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        samples_have_their_labels_sorted, types_say_what_rises,
        faults_have_their_place,          a_scrape_is_lenient,
        times_and_values_keep_their_bits, limits_are_kept,
        numbers_are_those_of_go,          numbers_are_exact,
        memory_may_end_anywhere,          a_caller_can_stop,
    };
    return ll_test_run("collect_exposition", tests, LL_LEN(tests));
}
