#include <string.h>
#include <wchar.h>

#include "base/str.h"
#include "support.h"

START_TEST(slices_compare)
{
    ck_assert_uint_eq(ll_slice_of(NULL).n, 0);
    ck_assert_ptr_nonnull(ll_slice_of(NULL).s);
    ck_assert(ll_slice_eq((struct ll_slice){0}, LL_SLICE("")));
    ck_assert(ll_slice_is(LL_SLICE("abc"), "abc"));
    ck_assert(!ll_slice_is(LL_SLICE("abc"), "abd"));
    ck_assert(!ll_slice_is(LL_SLICE("abc"), "ab"));
    ck_assert(!ll_slice_is(LL_SLICE("ab\0c"), "ab"));
    ck_assert(ll_slice_ieq(LL_SLICE("QuEue_Depth"), "queue_dePTH"));
    ck_assert(!ll_slice_ieq(LL_SLICE("cpu"), "cpus"));
    ck_assert(!ll_slice_ieq(LL_SLICE("cpu"), "cqu"));
    ck_assert(!ll_slice_ieq(LL_SLICE("@["), "`{")); /* 32 apart, not letters */

    ck_assert_int_eq(ll_slice_cmp(LL_SLICE("a"), LL_SLICE("a")), 0);
    ck_assert_int_eq(ll_slice_cmp((struct ll_slice){0}, LL_SLICE("")), 0);
    ck_assert_int_lt(ll_slice_cmp(LL_SLICE("a"), LL_SLICE("b")), 0);
    ck_assert_int_lt(ll_slice_cmp(LL_SLICE("a"), LL_SLICE("ab")), 0);
    ck_assert_int_gt(ll_slice_cmp(LL_SLICE("ab"), LL_SLICE("a")), 0);
    ck_assert_int_gt(ll_slice_cmp(LL_SLICE("\xff"), LL_SLICE("a")), 0); /* unsigned bytes */
    ck_assert_int_lt(ll_slice_cmp((struct ll_slice){0}, LL_SLICE("a")), 0);
}
END_TEST

/* RFC 3629, section 4: the first and last of every row of the syntax, and their neighbours. */
static const struct {
    const char *bytes;
    size_t n;
    bool valid;
} utf8_cases[] = {
#define U(text, ok)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1, ok                                                                 \
    }
    U("", true),
    U("plain", true),
    U("\0", true),
    U("\x7f", true),
    U("\x80", false),
    U("\xbf", false),
    U("\xc0\x80", false), /* overlong NUL */
    U("\xc1\xbf", false),
    U("\xc2\x80", true),
    U("\xc2\x7f", false),
    U("\xc2\xc0", false),
    U("\xdf\xbf", true),
    U("\xc3", false),
    U("\xc3(", false),
    U("\xe0\x9f\xbf", false), /* overlong */
    U("\xe0\xa0\x80", true),
    U("\xe0\xbf\xbf", true),
    U("\xe1\x80\x80", true),
    U("\xec\xbf\xbf", true),
    U("\xed\x80\x80", true),
    U("\xed\x9f\xbf", true),
    U("\xed\xa0\x80", false), /* U+D800 */
    U("\xed\xbf\xbf", false), /* U+DFFF */
    U("\xee\x80\x80", true),
    U("\xef\xbf\xbf", true), /* U+FFFF is a code point */
    U("\xe2\x82", false),
    U("\xe2\x82(", false),
    U("\xe2(\xa1", false),
    U("\xf0\x8f\xbf\xbf", false), /* overlong */
    U("\xf0\x90\x80\x80", true),
    U("\xf3\xbf\xbf\xbf", true),
    U("\xf4\x8f\xbf\xbf", true),  /* U+10FFFF */
    U("\xf4\x90\x80\x80", false), /* beyond */
    U("\xf0\x90\x80", false),
    U("\xf0\x90\x80(", false),
    U("\xf5\x80\x80\x80", false),
    U("\xf8\x88\x80\x80\x80", false),
    U("\xfe", false),
    U("\xff", false),
    U("ok \xe2\x82\xac \xf0\x9f\x98\x80 end", true),
    U("ok \xe2\x82\xac \xff end", false),
#undef U
};

START_TEST(utf8_follows_rfc3629)
{
    for (size_t i = 0; i < LL_LEN(utf8_cases); i++)
        ck_assert_msg(ll_utf8_valid(utf8_cases[i].bytes, utf8_cases[i].n) == utf8_cases[i].valid,
                      "case %zu", i);
    ck_assert(ll_utf8_valid(NULL, 0));
    ck_assert_uint_eq(ll_str_utf8_next(NULL, 0), 0);
    ck_assert_uint_eq(ll_str_utf8_next("a", 1), 1);
    ck_assert_uint_eq(ll_str_utf8_next("\xe2\x82\xac!", 4), 3);
    ck_assert_uint_eq(ll_str_utf8_next("\xe2\x82\xac!", 2), 0);
}
END_TEST

/* Every code point, encoded by the formula of RFC 3629, section 3. */
START_TEST(utf8_takes_every_code_point_but_surrogates)
{
    for (unsigned c = 0; c <= 0x110000; c += c < 0x10000 ? 1 : 0x3f) {
        unsigned char b[4];
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (size_t k = 0; k < n; k++)
            b[k] = (unsigned char)(0x80 | ((c >> (6 * (n - 1 - k))) & 0x3f));
        unsigned first = n == 1 ? c : lead[n] | (c >> (6 * (n - 1)));
        b[0] = (unsigned char)first;
        bool good = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
        ck_assert_msg(ll_utf8_valid((const char *)b, n) == good, "U+%04X", c);
    }
}
END_TEST

START_TEST(builder_appends)
{
    struct ll_str b;
    ll_str_init(&b, 100000);
    ck_assert_str_eq(ll_str_z(&b), "");
    ll_str_addz(&b, "");
    ck_assert_str_eq(ll_str_z(&b), "");
    ll_str_addz(&b, "one");
    ll_str_addc(&b, ' ');
    ll_str_add(&b, "two!", 3);
    ll_str_addf(&b, " %d", 3);
    ck_assert_str_eq(ll_str_z(&b), "one two 3");

    char long_text[5000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    for (size_t n = 250; n < 260; n++) { /* round the size of the small buffer */
        size_t before = b.n;
        ll_str_addf(&b, "%.*s", (int)n, long_text);
        ck_assert_uint_eq(b.n, before + n);
        ck_assert_uint_eq(strlen(ll_str_z(&b)), b.n);
    }
    ll_str_addf(&b, "%s|", long_text);
    ck_assert(!b.failed);
    ck_assert_int_eq(b.s[b.n - 1], '|');
    ck_assert_uint_eq(strlen(b.s), b.n);

    ll_str_clear(&b);
    ck_assert_str_eq(ll_str_z(&b), "");
    ll_str_addz(&b, "again");
    ck_assert_str_eq(ll_str_z(&b), "again");
    ll_str_fini(&b);
    ll_str_clear(&b);
    ll_str_fini(&b);
}
END_TEST

START_TEST(builder_remembers_that_it_met_its_cap)
{
    struct ll_str b;
    ll_str_init(&b, 10);
    ll_str_addz(&b, "0123456789");
    ck_assert(!b.failed);
    ck_assert_str_eq(ll_str_z(&b), "0123456789");
    ll_str_addc(&b, 'x');
    ck_assert(b.failed);
    ll_str_clear(&b);
    ck_assert(!b.failed);
    ll_str_addz(&b, "12345678901"); /* too much as a whole: nothing of it */
    ck_assert(b.failed);
    ck_assert_uint_eq(b.n, 0);
    ll_str_addz(&b, "small"); /* nothing any more */
    ck_assert_uint_eq(b.n, 0);
    size_t n = 77;
    ck_assert_ptr_null(ll_str_take(&b, &n));
    ck_assert_uint_eq(n, 77);
    ck_assert(!b.failed && !b.s); /* and it can be used again */

    ll_str_addf(&b, "%0300d", 1);
    ck_assert(b.failed);
    ll_str_fini(&b);

    ll_str_init(&b, SIZE_MAX);
    ll_str_addz(&b, "x");
    ll_str_add(&b, "y", SIZE_MAX); /* refused before a byte is read */
    ck_assert(b.failed);
    ck_assert_str_eq(ll_str_z(&b), "x");
    ll_str_fini(&b);
}
END_TEST

START_TEST(builder_fails_on_what_cannot_be_encoded)
{
    struct ll_str b;
    ll_str_init(&b, 100);
    ll_str_addf(&b, "%lc", (wint_t)0x20ac); /* no such character in the C locale */
    ck_assert(b.failed);
    ll_str_fini(&b);
}
END_TEST

START_TEST(builder_hands_over)
{
    struct ll_str b;
    size_t n = 99;
    ll_str_init(&b, 0);
    char *s = ll_str_take(&b, &n);
    ck_assert_str_eq(s, "");
    ck_assert_uint_eq(n, 0);
    free(s);

    ll_str_init(&b, 100);
    ll_str_addz(&b, "mine");
    s = ll_str_take(&b, &n);
    ck_assert_str_eq(s, "mine");
    ck_assert_uint_eq(n, 4);
    ck_assert(!b.s && b.n == 0 && b.cap == 100);
    ll_str_addz(&b, "other");
    ck_assert_str_eq(s, "mine");
    free(s);
    ll_str_fini(&b);
}
END_TEST

START_TEST(builder_survives_the_end_of_memory)
{
    struct ll_str b;
    size_t n;
    ll_str_init(&b, 1000);
    ll_test_fail_alloc(1);
    ll_str_addz(&b, "lost");
    ck_assert(b.failed);
    ck_assert_str_eq(ll_str_z(&b), "");
    ll_str_fini(&b);
    ll_str_addz(&b, "kept");
    ll_test_fail_alloc(1);
    ll_str_addf(&b, "%0500d", 1);
    ck_assert(b.failed);
    ck_assert_str_eq(ll_str_z(&b), "kept");
    ck_assert_ptr_null(ll_str_take(&b, &n));
}
END_TEST

START_TEST(nearest_finds_what_was_meant)
{
    static const char *const words[] = {
        "status",   "top", "services",
        "forecast", "CPU", "a-candidate-of-more-than-64-letters-is-none-that-was-meant-at-all"};
    static const struct {
        const char *typed, *meant;
    } cases[] = {
        {"status", "status"},
        {"statsu", "status"}, /* a swap is one mistake */
        {"STATUS", "status"},
        {"stauts", "status"},
        {"satus", "status"},
        {"sttatus", "status"},
        {"stotas", "status"},
        {"stxtxx", NULL},
        {"tpo", "top"},
        {"tp", "top"},
        {"topp", "top"},
        {"xyz", NULL},
        {"x", NULL},
        {"", NULL},
        {"servces", "services"},
        {"forcast", "forecast"},
        {"cpu", "CPU"},
        {"cp", "CPU"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        const char *got = ll_str_nearest(ll_slice_of(cases[i].typed), words, LL_LEN(words));
        ck_assert_msg(got == cases[i].meant ||
                          (got && cases[i].meant && strcmp(got, cases[i].meant) == 0),
                      "'%s' gave '%s'", cases[i].typed, got ? got : "nothing");
    }
    char long_word[200];
    memset(long_word, 'a', sizeof(long_word));
    ck_assert_ptr_null(
        ll_str_nearest((struct ll_slice){long_word, sizeof(long_word)}, words, LL_LEN(words)));
    ck_assert_ptr_null(ll_str_nearest(LL_SLICE("x"), NULL, 0));
    static const char *const one_letter[] = {"a"}; /* "b" for "a" would be a wild guess */
    ck_assert_ptr_null(ll_str_nearest(LL_SLICE("b"), one_letter, 1));
    static const char *const two[] = {"metric", "metrics"}; /* the nearer, though it is later */
    ck_assert_str_eq(ll_str_nearest(LL_SLICE("metricss"), two, 2), "metrics");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        slices_compare,
        utf8_follows_rfc3629,
        utf8_takes_every_code_point_but_surrogates,
        builder_appends,
        builder_remembers_that_it_met_its_cap,
        builder_fails_on_what_cannot_be_encoded,
        builder_hands_over,
        builder_survives_the_end_of_memory,
        nearest_finds_what_was_meant,
    };
    return ll_test_run("base_str", tests, LL_LEN(tests));
}
