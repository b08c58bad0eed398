/* The table reader with a table of its own: what the configuration does not use yet. */
#include <math.h>

#include "config/schema_doc.h"
#include "config_support.h"

struct item {
    const char *name;
    int64_t weight;
    ll_time when;
};

struct pair {
    const char *name;
    double value;
};

struct thing {
    int64_t offset;
    const char *password;
    int kind;
    struct item *items;
    struct pair *pairs;
    double *numbers;
    size_t n_items, n_pairs, n_numbers;
    ll_dur span;
};

static void init_item(void *p)
{
    ((struct item *)p)->when = LL_TIME_NONE;
}

static const struct ll_schema_row item_rows[] = {
    {.key = "name", .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_KEY},
    {.key = "weight",
     .type = LL_SCHEMA_INT,
     .offset = offsetof(struct item, weight),
     .min = -5,
     .max = 5,
     .standard = "1",
     .doc = "how much"},
    {.key = "when", .type = LL_SCHEMA_TIME, .offset = offsetof(struct item, when), .doc = "since"},
};
static const struct ll_schema item = {item_rows, LL_LEN(item_rows), sizeof(struct item), init_item};

static const struct ll_schema_row pair_rows[] = {
    {.key = "name", .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_KEY},
    {.key = "pairs",
     .type = LL_SCHEMA_NUMBER,
     .flags = LL_SCHEMA_VALUE,
     .offset = offsetof(struct pair, value)},
};
static const struct ll_schema pair = {pair_rows, LL_LEN(pair_rows), sizeof(struct pair), NULL};

static const struct ll_schema_row number_rows[] = {
    {.key = "numbers", .type = LL_SCHEMA_NUMBER, .flags = LL_SCHEMA_VALUE, .min = 0, .max = 9},
};
static const struct ll_schema number = {number_rows, 1, sizeof(double), NULL};

static const char *const kinds[] = {"", "RED", "GREEN", NULL};

static const struct ll_schema_row rows[] = {
    {.key = "offset", .type = LL_SCHEMA_INT, .offset = offsetof(struct thing, offset), .doc = "o"},
    {.key = "password",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SECRET,
     .offset = offsetof(struct thing, password),
     .doc = "p"},
    {.key = "kind",
     .type = LL_SCHEMA_ENUM,
     .offset = offsetof(struct thing, kind),
     .names = kinds,
     .doc = "k"},
    {.key = "span",
     .type = LL_SCHEMA_DURATION,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = offsetof(struct thing, span),
     .doc = "s"},
    {.key = "items",
     .type = LL_SCHEMA_MAP,
     .offset = offsetof(struct thing, items),
     .offset_n = offsetof(struct thing, n_items),
     .sub = &item,
     .max = 3,
     .doc = "i"},
    {.key = "pairs",
     .type = LL_SCHEMA_MAP,
     .offset = offsetof(struct thing, pairs),
     .offset_n = offsetof(struct thing, n_pairs),
     .sub = &pair,
     .doc = "q"},
    {.key = "numbers",
     .type = LL_SCHEMA_LIST,
     .offset = offsetof(struct thing, numbers),
     .offset_n = offsetof(struct thing, n_numbers),
     .sub = &number,
     .doc = "n"},
};
static const struct ll_schema schema = {rows, LL_LEN(rows), sizeof(struct thing), NULL};

static struct ll_arena *arena;

static void setup(void)
{
    arena = ll_arena_new(1 << 20);
}

static void teardown(void)
{
    ll_arena_free(arena);
}

static bool read_thing(const char *text, struct thing *t, struct ll_err *err)
{
    struct ll_yaml_node *root;
    struct ll_schema_reader r = {.out = arena, .errs = err, .max = 1};
    return ll_yaml_parse(ll_slice_of(text), "t.yml", arena, &root, err) &&
           ll_schema_read(&r, &schema, root, t);
}

START_TEST(maps_and_lists_of_scalars)
{
    struct thing t = {0};
    struct ll_err err = {0};
    ck_assert_msg(read_thing("offset: -7\nkind: green\nspan: 1h\npassword: x\n"
                             "items: {a: {weight: -2}, b: {when: 2026-11-24T00:00:00+01:00}}\n"
                             "pairs: {x: 1.5, 7: 2}\nnumbers: [1, 2, 3]\n",
                             &t, &err),
                  "%s", err.text);
    ck_assert_int_eq(t.offset, -7);
    ck_assert_int_eq(t.kind, 2);
    ck_assert_uint_eq(t.n_items, 2);
    ck_assert_str_eq(t.items[0].name, "a");
    ck_assert_int_eq(t.items[0].weight, -2);
    ck_assert_int_eq(t.items[0].when, LL_TIME_NONE);
    ck_assert_int_eq(t.items[1].weight, 1);
    ck_assert_int_eq(t.items[1].when, 1795474800000);
    ck_assert_uint_eq(t.n_pairs, 2);
    ck_assert_str_eq(t.pairs[1].name, "7");
    ck_assert_double_eq(t.pairs[0].value, 1.5);
    ck_assert_uint_eq(t.n_numbers, 3);
    ck_assert_double_eq(t.numbers[2], 3);
}
END_TEST

START_TEST(shown_secrets_are_redacted_and_the_rest_reads_back)
{
    struct thing t = {0};
    struct ll_err err = {0};
    const char *shown = "offset: 3\npassword: \"<redacted>\"\nkind: RED\nspan: 90s\n"
                        "items:\n  a:\n    weight: 1\n    when: 2026-11-24T00:00:00.000Z\n"
                        "pairs:\n  x: 1.5\nnumbers:\n  - 1\n  - 2\n";
    ck_assert(
        read_thing("{\"span\": \"90s\", \"offset\": 3, \"kind\": \"red\", \"password\": \"x\",\n"
                   "\"items\": {\"a\": {\"when\": \"2026-11-24T00:00:00Z\"}},\n"
                   "\"pairs\": {\"x\": 1.5}, \"numbers\": [1, 2]}\n",
                   &t, &err));
    struct ll_str b;
    ll_str_init(&b, 4096);
    ll_schema_show(&schema, &t, NULL, &b);
    ck_assert_str_eq(ll_str_z(&b), shown);
    ck_assert(read_thing(shown, &t, &err));
    ll_str_fini(&b);
}
END_TEST

static const struct refusal refusals[] = {
    {"offset: 1\n", 1, 1, "'span' is missing"},
    {"span: 1h\noffset: 1.5\n", 2, 9, "'1.5' is not a whole number"},
    {"span: 1h\nkind: blue\n", 2, 7, "'blue' is not RED or GREEN"},
    {"span: 1h\nkind: \"\"\n", 2, 7, "'' is not RED or GREEN"},
    {"span: 1h\nitems: {a: {weight: 6}}\n", 2, 21, "'6' is out of range: -5 to 5"},
    {"span: 1h\nitems: {a: {when: noon}}\n", 2, 19, "'noon' is not a time such as"},
    {"span: 1h\nitems: {a: {name: b}}\n", 2, 13, "unknown key 'name' in 'a'"},
    {"span: 1h\nitems: {a: , b: , c: , d: }\n", 2, 8, "items: 4 items, at most 3"},
    {"span: 1h\nitems: {a: 5}\n", 2, 12, "items: must be a map, not text"},
    {"span: 1h\nnumbers: [1, x]\n", 2, 14, "numbers: 'x' is not a number"},
    {"span: 1h\nnumbers: [1, 10]\n", 2, 14, "'10' is out of range: 0 to 9"},
    {"span: 1h\nnumbers: [1, [2]]\n", 2, 14, "numbers: must be a number, not a list"},
    {"span: 1h\npairs: {a: }\n", 2, 9, "pairs: has no value"},
};

START_TEST(refuses_with_place)
{
    struct thing t = {0};
    struct ll_err err = {0};
    check_refusal(&refusals[_i], read_thing(refusals[_i].text, &t, &err), &err);
}
END_TEST

START_TEST(flags_and_variables_have_names)
{
    char name[LL_SCHEMA_NAME_MAX];
    ll_schema_flag_name("web.max_body", name);
    ck_assert_str_eq(name, "web.max-body");
    ll_schema_env_name("web.max_body", name);
    ck_assert_str_eq(name, "LOADLINE_WEB_MAX_BODY");
}
END_TEST

struct names {
    char v[256][LL_SCHEMA_NAME_MAX];
    size_t n;
};

static bool add_name(void *ctx, const struct ll_schema_visit *v)
{
    struct names *names = ctx;
    ck_assert_msg(v->row->doc && *v->row->doc, "%s has no doc", v->path);
    ck_assert_uint_lt(strlen(v->path), LL_SCHEMA_NAME_MAX - 12);
    if (ll_schema_has_flag(v))
        ll_schema_env_name(v->path, names->v[names->n++]);
    return names->n < LL_LEN(names->v);
}

/* `a.b_c` and `a_b.c` would be one variable. */
START_TEST(no_two_keys_share_a_variable)
{
    static struct names names;
    ll_schema_walk(ll_config_table(), add_name, &names);
    ck_assert_uint_gt(names.n, 50);
    for (size_t i = 0; i < names.n; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(names.v[i], names.v[k]);
}
END_TEST

START_TEST(the_schema_is_printed_from_the_table)
{
    struct ll_str b;
    ll_str_init(&b, 1 << 20);
    ll_config_schema(&b, false);
    static const char *const parts[] = {
        "web.max_body: size, 1KiB to 1GiB bytes, default 16MiB\n"
        "    largest request body, after decompression\n"
        "    --web.max-body, LOADLINE_WEB_MAX_BODY\n",
        "storage.retention.raw: duration, 1h to 3650d, default 15d\n",
        "    --storage.retention.raw, --storage.retention.time, LOADLINE_STORAGE_RETENTION_RAW\n",
        "log.level: name, debug, info, warn, error, off, default info\n",
        "services[].name: text, required\n    name of the service\n",
        "thresholds.queue_depth.scale_down_pct: percentage, 0.1 to 100 percent, default 10\n",
        "collect.host.link_speed: bit rate, 1kbps to 100Tbps\n",
        "a change needs a restart",
    };
    for (size_t i = 0; i < LL_LEN(parts); i++)
        ck_assert_msg(strstr(b.s, parts[i]), "'%s' is not in\n%s", parts[i], b.s);
    ll_str_fini(&b);
}
END_TEST

static const struct ll_yaml_node *at(const struct ll_yaml_node *n, const char *const *keys)
{
    for (; *keys; keys++) {
        const struct ll_yaml_node *next = ll_yaml_get(n, ll_slice_of(*keys));
        ck_assert_msg(next, "no '%s'", *keys);
        n = next;
    }
    return n;
}

/* JSON is what our own reader reads, so it can look into its own schema. */
START_TEST(the_json_schema_is_json)
{
    struct ll_str b;
    ll_str_init(&b, 1 << 20);
    ll_config_schema(&b, true);
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    bool ok = ll_yaml_parse((struct ll_slice){b.s, b.n}, "schema", arena, &root, &err);
    ck_assert_msg(ok, "%s", err.text);
    const char *const warn[] = {"properties", "thresholds",  "properties", "cpu",
                                "properties", "warning_pct", "default",    NULL};
    ck_assert(ll_slice_is(at(root, warn)->text, "70"));
    const char *const level[] = {"properties", "log", "properties", "level", "enum", NULL};
    ck_assert_uint_eq(at(root, level)->n, 5);
    const char *const name[] = {"properties", "services", "items", "required", NULL};
    ck_assert(ll_slice_is(at(root, name)->first->text, "name"));
    ll_str_clear(&b);
    ll_schema_json(&schema, "thing", &b);
    ok = ll_yaml_parse((struct ll_slice){b.s, b.n}, "schema", arena, &root, &err);
    ck_assert_msg(ok, "%s", err.text);
    const char *const pairs[] = {"properties", "pairs", "additionalProperties", "type", NULL};
    ck_assert(ll_slice_is(at(root, pairs)->text, "number"));
    const char *const weight[] = {
        "properties", "items", "additionalProperties", "properties", "weight", "minimum", NULL};
    ck_assert(ll_slice_is(at(root, weight)->text, "-5"));
    ll_str_fini(&b);
}
END_TEST

START_TEST(without_memory_it_fails_cleanly)
{
    const char *text = "span: 1h\npassword: abc\nitems: {a: {}, b: {}}\nnumbers: [1, 2]\n";
    LL_AUTO(ll_arena) scratch = ll_arena_new(1 << 20);
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    ck_assert(ll_yaml_parse(ll_slice_of(text), "t.yml", scratch, &root, &err));
    size_t failed = 0;
    for (size_t cap = 0; cap < 1024; cap += 16) {
        LL_AUTO(ll_arena) small = ll_arena_new(cap);
        struct thing t = {0};
        struct ll_schema_reader r = {.out = small, .errs = &err, .max = 1};
        if (ll_schema_read(&r, &schema, root, &t))
            continue;
        ck_assert_ptr_nonnull(strstr(err.text, "no memory"));
        failed++;
    }
    ck_assert(failed > 3 && failed < 40);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("config_schema");
    TCase *c = tcase_create("schema");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, maps_and_lists_of_scalars);
    tcase_add_test(c, shown_secrets_are_redacted_and_the_rest_reads_back);
    tcase_add_loop_test(c, refuses_with_place, 0, (int)LL_LEN(refusals));
    tcase_add_test(c, flags_and_variables_have_names);
    tcase_add_test(c, no_two_keys_share_a_variable);
    tcase_add_test(c, the_schema_is_printed_from_the_table);
    tcase_add_test(c, the_json_schema_is_json);
    tcase_add_test(c, without_memory_it_fails_cleanly);
    suite_add_tcase(s, c);
    return run_suite(s);
}
