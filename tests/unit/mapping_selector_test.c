#include <string.h>

#include "mapping/selector.h"
#include "mapping/template.h"
#include "mapping_feed.h"
#include "support.h"

/* Whether the selector takes the series; -1 when it cannot be read. */
static int takes(const char *selector, const char *series)
{
    struct ll_selector *s = NULL;
    struct ll_err err = {0};
    struct ll_str labels;
    if (!ll_selector_parse(ll_slice_of(selector), &s, &err))
        return -1;
    ll_str_init(&labels, LL_LABELS_BYTES_MAX);
    ll_feed_labels(series, &labels);
    int taken = ll_selector_match(s, (struct ll_slice){labels.s, labels.n});
    ll_str_fini(&labels);
    ll_selector_free(s);
    return taken;
}

START_TEST(operators_are_those_of_promql)
{
    static const struct {
        const char *selector, *series;
        int want;
    } cases[] = {
        {"up", "up{}", 1},
        {"up", "down{}", 0},
        {"up{job=\"a\"}", "up{job=\"a\"}", 1},
        {"up{job=\"a\"}", "up{job=\"b\"}", 0},
        {"{job=\"a\"}", "x{job=\"a\"}", 1},
        {"up{job!=\"a\"}", "up{}", 1},
        {"up{job!=\"a\"}", "up{job=\"a\"}", 0},
        {"up{job=\"\"}", "up{}", 1},
        {"up{job=\"\"}", "up{job=\"a\"}", 0},
        {"up{job=~\"a|b\"}", "up{job=\"b\"}", 1},
        {"up{job=~\"a|b\"}", "up{job=\"ab\"}", 0}, /* anchored on both sides */
        {"up{job=~\"b\"}", "up{job=\"abc\"}", 0},
        {"up{job=~\".*b.*\"}", "up{job=\"abc\"}", 1},
        {"up{job!~\"a.*\"}", "up{job=\"abc\"}", 0},
        {"up{job!~\"a.*\"}", "up{}", 1},
        {"up{job=~\"\"}", "up{}", 1},
        {"up{job=~\".\"}", "up{job=\"\u00e4\"}", 1}, /* one character, not two bytes */
        {"up{job=~\"(?i)ABC\"}", "up{job=\"abc\"}", 1},
        {" up { job = 'a' , } ", "up{job=\"a\"}", 1},
        {"up{job='a',job='b'}", "up{job=\"a\"}", 0},
        {"up{job=`a\\d`}", "up{job=\"a\\\\d\"}", 1},
        {"up{job=~`a\\d`}", "up{job=\"a5\"}", 1},
        {"up{job=~\"a\\\\d\"}", "up{job=\"a5\"}", 1},
        {"up{job=\"\\x61\\142\\u0063\\U00000064\"}", "up{job=\"abcd\"}", 1},
        {"{__name__=\"up\"}", "up{}", 1},
        {"{__name__=~\"u.\"}", "up{}", 1},
        {"{\"up\",job=\"a\"}", "up{job=\"a\"}", 1},
        {"{\"a.b\"=\"c\"}", "up{a.b=\"c\"}", 1},
        {"a:b:c", "a:b:c{}", 1},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++)
        ck_assert_msg(takes(cases[i].selector, cases[i].series) == cases[i].want, "%s of %s",
                      cases[i].selector, cases[i].series);
}
END_TEST

START_TEST(errors_say_where)
{
    static const struct {
        const char *selector;
        int column;
        const char *text;
    } cases[] = {
        {"", 1, "a metric name or '{' was expected"},
        {"{}", 1, "at least one matcher must not accept the empty value"},
        {"{a=\"\"}", 1, "at least one matcher must not accept the empty value"},
        {"{a=~\".*\"}", 1, "at least one matcher must not accept the empty value"},
        {"{a!=\"b\"}", 1, "at least one matcher must not accept the empty value"},
        {"up{job\"a\"}", 7, "one of = != =~ !~ was expected"},
        {"up{job=a}", 8, "a text in quotes was expected"},
        {"up{job=\"a}", 8, "the quote is not closed"},
        {"up{job=\"a\" b=\"c\"}", 12, "',' or '}' was expected"},
        {"up{job=\"a\"", 11, "',' or '}' was expected"},
        {"up} ", 3, "the selector should end here"},
        {"up[5m]", 3, "the selector should end here"},
        {"up{job=\"\\q\"}", 10, "an escape that is not known"},
        {"up{job=\"\\xff\"}", 14, "the text is not UTF-8"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_selector *s = NULL;
        struct ll_err err = {0};
        ck_assert(!ll_selector_parse(ll_slice_of(cases[i].selector), &s, &err));
        ck_assert_ptr_null(s);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_str_eq(err.text, cases[i].text);
        ck_assert_msg(err.column == cases[i].column, "%s: column %d", cases[i].selector,
                      err.column);
    }
    ck_assert_int_eq(takes("up{a=~\"(\"}", "up{}"), -1);
    ck_assert_int_eq(takes("up{a=~\"(?C1)x\"}", "up{}"), 0); /* no callouts are set: harmless */
}
END_TEST

/* Patterns that take exponential time elsewhere end soon, and are then no match. */
START_TEST(no_pattern_hangs)
{
    char series[300] = "up{a=\"";
    memset(series + 6, 'a', 200);
    memcpy(series + 206, "!\"}", 4);
    static const char *const bad[] = {
        "up{a=~\"(a+)+\"}",  "up{a=~\"(a|aa)+$\"}",
        "up{a=~\"(a*)*b\"}", "up{a=~\"(.*)(.*)(.*)(.*)(.*)(.*)(.*)x\"}",
        "up{a!~\"(a+)+\"}",  "up{a=~\"(?:(?:(?:a*)*)*)*b\"}"};
    for (size_t i = 0; i < LL_LEN(bad); i++)
        ck_assert_msg(takes(bad[i], series) == 0, "%s", bad[i]);
}
END_TEST

START_TEST(sizes_are_limited)
{
    static char long_text[LL_SELECTOR_BYTES_MAX + 10];
    memset(long_text, 'a', sizeof(long_text) - 1);
    ck_assert_int_eq(takes(long_text, "up{}"), -1);
    char pattern[2100] = "up{a=~\"";
    memset(pattern + 7, 'x', 1500);
    memcpy(pattern + 1507, "\"}", 3);
    ck_assert_int_eq(takes(pattern, "up{}"), -1);
    struct ll_str many;
    ll_str_init(&many, 4096);
    ll_str_addz(&many, "up{");
    for (int i = 0; i < LL_SELECTOR_MATCHERS_MAX; i++)
        ll_str_addf(&many, "a%d=\"\",", i);
    ll_str_addz(&many, "}");
    ck_assert_int_eq(takes(ll_str_z(&many), "up{}"), -1); /* the name is one more */
    ll_str_fini(&many);
    ck_assert_int_eq(
        takes("up{a=~\"((((((((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))"
              "))))))))))))\"}",
              "up{}"),
        -1);
}
END_TEST

START_TEST(a_selector_knows_its_metric)
{
    static const struct {
        const char *selector, *name;
    } cases[] = {{"up{a=\"b\"}", "up"},
                 {"{__name__=\"x\"}", "x"},
                 {"{a=\"b\"}", ""},
                 {"{__name__=~\"x\"}", ""},
                 {"{\"a.b\"}", "a.b"}};
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        struct ll_selector *s = NULL;
        struct ll_err err;
        ck_assert(ll_selector_parse(ll_slice_of(cases[i].selector), &s, &err));
        ck_assert(ll_slice_is(ll_selector_name(s), cases[i].name));
        ll_selector_free(s);
    }
}
END_TEST

static const char *expanded(const char *text, const char *series)
{
    static char buf[LL_NAME_MAX + 1];
    LL_AUTO(ll_arena) a = ll_arena_new(4096);
    struct ll_template t;
    struct ll_err err;
    struct ll_str labels;
    size_t n;
    if (!ll_template_parse(ll_slice_of(text), a, &t, &err))
        return "wrong";
    ll_str_init(&labels, LL_LABELS_BYTES_MAX);
    ll_feed_labels(series, &labels);
    bool ok =
        ll_template_expand(&t, (struct ll_slice){labels.s, labels.n}, LL_SLICE("src"), buf, &n);
    ll_str_fini(&labels);
    return ok ? buf : "nothing";
}

START_TEST(templates_need_their_labels)
{
    static const char *const series = "x{job=\"j\",instance=\"10.0.0.1:9100\",name=\"a.service\","
                                      "six=\"[::1]:80\",url=\"http://h:1/p\"}";
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"{job}", "j"},
        {"a/{job}/b", "a/j/b"},
        {"{instance|host}", "10.0.0.1"},
        {"{six|host}", "::1"},
        {"{url|host}", "h"},
        {"{name|unit}", "a"},
        {"{job|unit}", "j"},
        {"{__source__}:{job}", "src:j"},
        {"{gone}", "nothing"},
        {"{gone?}", ""},
        {"{gone?}{job}", "j"},
        {"{{job}", "{job}"},
        {"{job", "wrong"},
        {"{}", "wrong"},
        {"{a b}", "wrong"},
        {"{job|upper}", "wrong"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++)
        ck_assert_str_eq(expanded(cases[i].text, series), cases[i].want);
}
END_TEST

START_TEST(hosts_lose_their_ports)
{
    static const struct {
        const char *address, *host;
    } cases[] = {{"a:1", "a"},
                 {"a", "a"},
                 {"", ""},
                 {"::1", "::1"},
                 {"fe80::1", "fe80::1"},
                 {"[fe80::1]:9", "fe80::1"},
                 {"[fe80::1", "[fe80::1"},
                 {":80", ":80"},
                 {"https://x.y/z", "x.y"}};
    for (size_t i = 0; i < LL_LEN(cases); i++)
        ck_assert_msg(ll_slice_is(ll_template_host(ll_slice_of(cases[i].address)), cases[i].host),
                      "%s", cases[i].address);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {operators_are_those_of_promql,
                                  errors_say_where,
                                  no_pattern_hangs,
                                  sizes_are_limited,
                                  a_selector_knows_its_metric,
                                  templates_need_their_labels,
                                  hosts_lose_their_ports};
    return ll_test_run("mapping_selector", tests, LL_LEN(tests));
}
