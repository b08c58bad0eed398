/* The strict subset: what is read, and where and how the rest is refused. */
#include <unistd.h>

#include "config/yaml.h"
#include "config_support.h"

static struct ll_arena *arena;

static void setup(void)
{
    arena = ll_arena_new(LL_YAML_ARENA_MAX);
}

static void teardown(void)
{
    ll_arena_free(arena);
}

static struct ll_yaml_node *parse(const char *text)
{
    struct ll_yaml_node *root = NULL;
    struct ll_err err = {0};
    bool ok = ll_yaml_parse(ll_slice_of(text), "t.yml", arena, &root, &err);
    ck_assert_msg(ok, "%s", err.text);
    return root;
}

static struct ll_yaml_node *get(const struct ll_yaml_node *n, const char *key)
{
    return ll_yaml_get(n, ll_slice_of(key));
}

static const struct refusal refusals[] = {
    {"a: &x 1\n", 1, 4, "anchors (&name) are not supported"},
    {"a: &x {b: 1}\n", 1, 4, "anchors"},
    {"a: &x [1]\n", 1, 4, "anchors"},
    {"a: 1\nb: *x\n", 2, 4, "aliases (*name) are not supported"},
    {"a: !!int 1\n", 1, 4, "tags (!type) are not supported"},
    {"a: !x {}\n", 1, 4, "tags"},
    {"a: ! 1\n", 1, 4, "tags"},
    {"a:\n  <<: {b: 1}\n", 2, 3, "merge keys (<<) are not supported"},
    {"%YAML 1.2\n---\na: 1\n", 1, 1, "directives"},
    {"%TAG ! tag:x,2026:\n---\na: 1\n", 1, 1, "directives"},
    {"a: 1\n---\nb: 2\n", 2, 1, "a second document"},
    {"a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is already on line 1"},
    {"a: {b: 1, c: 2, b: 3}\n", 1, 17, "the key 'b' is already on line 1"},
    {"- a: 1\n- a: 1\n  a: 2\n", 3, 3, "the key 'a' is already on line 2"},
    {"\"a\": 1\na: 2\n", 2, 1, "the key 'a' is already on line 1"},
    {"[a]: 1\n", 1, 1, "a key must be text"},
    {"? {a: 1}\n: 2\n", 1, 3, "a key must be text"},
    {"\"\": 1\n", 1, 1, "a key is missing before ':'"},
    {"a:\n\tb: 1\n", 2, 1, "a tab cannot indent: use spaces"},
    {"a: @b\n", 1, 4, "a value cannot start with '@': quote it"},
    {"a: `b`\n", 1, 4, "a value cannot start with '`': quote it"},
    {"a: b: c\n", 1, 5, "mapping values are not allowed"},
    {"a: [1, 2\n", 2, 1, "did not find expected ',' or ']'"},
    {"a: 'x\n", 2, 1, "unexpected end of stream"},
    {"a: 1\n b: 2\n", 2, 3, "mapping values are not allowed"},
    {"a: \"\\q\"\n", 1, 5, "unknown escape"},
    {"x: 1\na: \xff\n", 2, 4, "not UTF-8"},
    {"a: \x01\n", 1, 4, "not UTF-8 text without control characters"},
    {"\xef\xbb\xbf"
     "a: @b\n",
     1, 5, "a value cannot start with '@'"},
};

START_TEST(refuses_what_the_subset_leaves_out)
{
    const struct refusal *r = &refusals[_i];
    struct ll_yaml_node *root = NULL;
    struct ll_err err = {0};
    bool ok = ll_yaml_parse(ll_slice_of(r->text), "t.yml", arena, &root, &err);
    check_refusal(r, ok, &err);
    ck_assert_ptr_null(root); /* untouched on failure */
}
END_TEST

START_TEST(keeps_text_style_and_place)
{
    struct ll_yaml_node *root = parse("# c\na: 15\nb:\n  - 'x y'\n  - {c: \"\\u00e9\"}\n");
    ck_assert_int_eq(root->kind, LL_YAML_MAP);
    ck_assert_uint_eq(root->n, 2);
    struct ll_yaml_node *a = get(root, "a"), *b = get(root, "b");
    ck_assert(ll_slice_is(a->text, "15") && a->style == LL_YAML_PLAIN);
    ck_assert(a->place.line == 2 && a->place.column == 4);
    ck_assert(a->key_place.line == 2 && a->key_place.column == 1);
    ck_assert_int_eq(b->kind, LL_YAML_LIST);
    ck_assert(ll_slice_is(b->first->text, "x y") && b->first->style == LL_YAML_QUOTED);
    ck_assert(b->first->place.line == 4 && b->first->place.column == 5);
    ck_assert(ll_slice_is(get(b->last, "c")->text, "\xc3\xa9"));
    ck_assert_ptr_null(get(root, "z"));
}
END_TEST

START_TEST(reads_json)
{
    struct ll_yaml_node *root =
        parse("{\n\t\"a\": [1, 2.5, true, null],\n\t\"b\": {\"c\": \"x\\/y\\n\"}\n}\n");
    ck_assert_uint_eq(get(root, "a")->n, 4);
    ck_assert(ll_yaml_is_null(get(root, "a")->last));
    ck_assert(ll_slice_is(get(get(root, "b"), "c")->text, "x/y\n"));
}
END_TEST

START_TEST(reads_characters_that_json_writes_as_two_escapes)
{
    struct ll_yaml_node *root = NULL;
    struct ll_err err = {0};
    root =
        parse("{\"a\":\"x\\ud83d\\uDE00y\",\"b\":\"\\\\ud83d\\\\ude00\",\"c\":\"\\uD800\\uDC00\"}");
    ck_assert(ll_slice_is(get(root, "a")->text, "x\xf0\x9f\x98\x80y"));
    ck_assert(ll_slice_is(get(root, "b")->text, "\\ud83d\\ude00")); /* backslashes of their own */
    ck_assert(ll_slice_is(get(root, "c")->text, "\xf0\x90\x80\x80"));
    root = parse("a: '\\ud83d\\ude00'\n"); /* YAML: as it stands */
    ck_assert(ll_slice_is(get(root, "a")->text, "\\ud83d\\ude00"));
    ck_assert(!ll_yaml_parse(LL_SLICE("{\"a\":\"\\ud83d\"}"), "t.yml", arena, &root, &err));
}
END_TEST

START_TEST(an_empty_document_is_an_empty_map)
{
    static const char *const empty[] = {"",      "\n",         "# only a comment\n",
                                        "---\n", "---\n...\n", "~\n"};
    for (size_t i = 0; i < LL_LEN(empty); i++) {
        struct ll_yaml_node *root = parse(empty[i]);
        ck_assert_int_eq(root->kind, LL_YAML_MAP);
        ck_assert_uint_eq(root->n, 0);
    }
}
END_TEST

START_TEST(null_is_plain_and_quoted_is_text)
{
    struct ll_yaml_node *root = parse("a:\nb: ~\nc: null\nd: NULL\ne: \"\"\nf: 'null'\n");
    ck_assert(ll_yaml_is_null(get(root, "a")) && ll_yaml_is_null(get(root, "b")));
    ck_assert(ll_yaml_is_null(get(root, "c")) && ll_yaml_is_null(get(root, "d")));
    ck_assert(!ll_yaml_is_null(get(root, "e")) && !ll_yaml_is_null(get(root, "f")));
}
END_TEST

static bool parse_n(const char *text, size_t n, struct ll_err *err)
{
    struct ll_yaml_node *root = NULL;
    return ll_yaml_parse((struct ll_slice){text, n}, "t.yml", arena, &root, err);
}

START_TEST(depth_has_a_limit)
{
    char text[2 * LL_YAML_DEPTH_MAX + 3];
    struct ll_err err = {0};
    for (size_t depth = LL_YAML_DEPTH_MAX; depth <= LL_YAML_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert(parse_n(text, 2 * depth, &err) == (depth == LL_YAML_DEPTH_MAX));
    }
    ck_assert_ptr_nonnull(strstr(err.text, "t.yml:1:65: nested deeper than 64 levels"));
}
END_TEST

START_TEST(size_and_number_of_values_have_limits)
{
    struct ll_err err = {0};
    size_t n = LL_YAML_BYTES_MAX + 1;
    char *text = malloc(n);
    memset(text, ' ', n);
    ck_assert(parse_n(text, n - 1, &err));
    ck_assert(!parse_n(text, n, &err));
    ck_assert_str_eq(err.text, "t.yml:1:1: larger than 1 MiB");
    for (size_t i = 0; i < n; i++)
        text[i] = i == 0 ? '[' : i % 2 ? '1' : ',';
    ck_assert(!parse_n(text, n - 1, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "more than 100000 values"));
    free(text);
}
END_TEST

/* Nothing may take time that grows with the square of the size. */
START_TEST(many_keys_are_quick)
{
    struct ll_str b;
    ll_str_init(&b, LL_YAML_BYTES_MAX);
    for (int i = 0; i < 60000; i++)
        ll_str_addf(&b, "k%d: 1\n", i);
    struct ll_err err = {0};
    ck_assert_msg(parse_n(b.s, b.n, &err), "%s", err.text);
    ll_str_addz(&b, "k0: 1\n");
    ck_assert(!parse_n(b.s, b.n, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "60001:1: the key 'k0' is already on line 1"));
    ll_str_fini(&b);
}
END_TEST

START_TEST(underlay_adds_only_what_is_missing)
{
    struct ll_yaml_node *base = parse("a: {x: 1, m: {p: 1}}\nl: [1]\nt: 1\n");
    struct ll_yaml_node *under =
        parse("a: {x: 2, y: 3, m: {p: 2, q: 4}}\nl: [7, 8]\nt: {u: 1}\nn: 5\n");
    ll_yaml_underlay(base, under);
    struct ll_yaml_node *a = get(base, "a"), *m = get(a, "m");
    ck_assert(ll_slice_is(get(a, "x")->text, "1") && ll_slice_is(get(a, "y")->text, "3"));
    ck_assert(ll_slice_is(get(m, "p")->text, "1") && ll_slice_is(get(m, "q")->text, "4"));
    ck_assert_uint_eq(get(base, "l")->n, 1); /* lists are not joined */
    ck_assert_int_eq(get(base, "t")->kind, LL_YAML_SCALAR);
    ck_assert(ll_slice_is(get(base, "n")->text, "5"));
    ck_assert_uint_eq(base->n, 4);
}
END_TEST

START_TEST(without_memory_it_fails_cleanly)
{
    const char *text = "a: [1, 2, {b: c}]\nd: {e: f}\n";
    size_t failed = 0;
    for (size_t cap = 0; cap < 8192; cap += 48) {
        LL_AUTO(ll_arena) small = ll_arena_new(cap);
        struct ll_yaml_node *root = NULL;
        struct ll_err err = {0};
        if (ll_yaml_parse(ll_slice_of(text), "t.yml", small, &root, &err))
            continue;
        ck_assert_int_eq(err.code, LL_E_MEMORY);
        ck_assert_ptr_null(root);
        failed++;
    }
    ck_assert_uint_gt(failed, 10);
}
END_TEST

START_TEST(files_are_read_within_limits)
{
    char path[] = "/tmp/ll-yaml-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "a: 1\n", 5), 5);
    close(fd);
    struct ll_slice text = {0};
    struct ll_err err = {0};
    ck_assert(ll_yaml_read_file(path, 5, arena, &text, &err) && ll_slice_is(text, "a: 1\n"));
    ck_assert(!ll_yaml_read_file(path, 4, arena, &text, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "larger than 4 bytes"));
    LL_AUTO(ll_arena) none = ll_arena_new(0);
    ck_assert(!ll_yaml_read_file(path, 5, none, &text, &err) && err.code == LL_E_MEMORY);
    unlink(path);
    ck_assert(!ll_yaml_read_file(path, 5, arena, &text, &err) && err.code == LL_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
    ck_assert(!ll_yaml_read_file("/", 5, arena, &text, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "Is a directory"));
}
END_TEST

START_TEST(messages_stay_whole)
{
    char long_name[600], text[LL_YAML_PLACE_TEXT_MAX], shown[LL_YAML_QUOTE_MAX];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    struct ll_yaml_place p = {.from = LL_YAML_FROM_FILE, .line = 7, .column = 9, .name = long_name};
    ll_yaml_place_text(&p, text);
    ck_assert_ptr_nonnull(strstr(text, "xx:7:9"));
    ck_assert_int_eq(strncmp(text, "...x", 4), 0);
    ck_assert_str_eq(ll_yaml_quote(LL_SLICE("a\nb\x7f"), shown), "a?b?");
    const char *umlauts = "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                          "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                          "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4x\xc3\xa4\xc3\xa4";
    ll_yaml_quote(ll_slice_of(umlauts), shown);
    ck_assert(ll_utf8_valid(shown, strlen(shown)));
    ck_assert_ptr_nonnull(strstr(shown, "x..."));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_yaml");
    TCase *c = tcase_create("yaml");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, refuses_what_the_subset_leaves_out, 0, (int)LL_LEN(refusals));
    tcase_add_test(c, keeps_text_style_and_place);
    tcase_add_test(c, reads_json);
    tcase_add_test(c, reads_characters_that_json_writes_as_two_escapes);
    tcase_add_test(c, an_empty_document_is_an_empty_map);
    tcase_add_test(c, null_is_plain_and_quoted_is_text);
    tcase_add_test(c, depth_has_a_limit);
    tcase_add_test(c, size_and_number_of_values_have_limits);
    tcase_add_test(c, many_keys_are_quick);
    tcase_add_test(c, underlay_adds_only_what_is_missing);
    tcase_add_test(c, without_memory_it_fails_cleanly);
    tcase_add_test(c, files_are_read_within_limits);
    tcase_add_test(c, messages_stay_whole);
    suite_add_tcase(s, c);
    return run_suite(s);
}
