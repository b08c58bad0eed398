/* Files of targets: both forms, faults with their lines, limits, files that come and go. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/file_sd.h"
#include "support.h"

/* "h:1,h:2{a=b,c=d};" for each group. */
static void add_text(void *ctx, const struct ll_file_sd_group *g)
{
    struct ll_str *out = ctx;
    for (size_t i = 0; i < g->n_targets; i++)
        ll_str_addf(out, "%s%.*s", i ? "," : "", (int)g->targets[i].n, g->targets[i].s);
    ll_str_addc(out, '{');
    for (size_t i = 0; i < g->n_labels; i++)
        ll_str_addf(out, "%s%.*s=%.*s", i ? "," : "", (int)g->labels[i].name.n, g->labels[i].name.s,
                    (int)g->labels[i].value.n, g->labels[i].value.s);
    ll_str_addz(out, "};");
}

static bool parse(const char *text, enum ll_file_sd_form form, struct ll_str *out,
                  struct ll_err *err)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(8 << 20);
    char *copy = strdup(text);
    struct ll_file_sd_group *groups = NULL;
    ck_assert(arena && copy);
    *err = (struct ll_err){0};
    bool ok = ll_file_sd_parse(copy, strlen(copy), form, arena, &groups, err);
    ll_str_clear(out);
    for (const struct ll_file_sd_group *g = groups; g; g = g->next)
        add_text(out, g);
    free(copy);
    return ok;
}

START_TEST(both_forms_are_read)
{
    static const struct {
        enum ll_file_sd_form form;
        const char *text, *want;
    } cases[] = {
        {LL_FILE_SD_JSON, "[]", ""},
        {LL_FILE_SD_JSON, "null", ""},
        {LL_FILE_SD_JSON, "[{\"targets\":[\"h:1\",\"h:2\"],\"labels\":{\"a\":\"b\",\"c\":\"\"}}]",
         "h:1,h:2{a=b,c=};"},
        {LL_FILE_SD_JSON, "[{\"labels\":null,\"targets\":null},{}]", "{};{};"},
        {LL_FILE_SD_JSON, "[{\"targets\":[\"\\u0041\"],\"source\":\"x\"}]", "A{};"},
        {LL_FILE_SD_YAML, "", ""},
        {LL_FILE_SD_YAML, "# none yet\n", ""},
        {LL_FILE_SD_YAML, "- targets: ['h:1', \"h:2\", h:3]\n  labels:\n    a: b\n    n: 5\n",
         "h:1,h:2,h:3{a=b,n=5};"},
        {LL_FILE_SD_YAML, "- targets:\n  - h:1\n- labels: {x: 'null'}\n", "h:1{};{x=null};"},
        {LL_FILE_SD_YAML, "[{\"targets\": [\"h:1\"], \"labels\": {\"a\": \"b\"}}]", "h:1{a=b};"},
    };
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, 4096);
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        ck_assert_msg(parse(cases[i].text, cases[i].form, &out, &err), "%s: %s", cases[i].text,
                      err.text);
        ck_assert_str_eq(ll_str_z(&out), cases[i].want);
    }
    ll_str_fini(&out);
}
END_TEST

START_TEST(what_is_no_list_of_groups_is_refused)
{
    static const struct {
        enum ll_file_sd_form form;
        int line;
        const char *text;
    } cases[] = {
        {LL_FILE_SD_JSON, 1, "{}"},
        {LL_FILE_SD_JSON, 1, "[[]]"},
        {LL_FILE_SD_JSON, 1, "[\"h:1\"]"},
        {LL_FILE_SD_JSON, 1, "[{\"targets\":\"h:1\"}]"},
        {LL_FILE_SD_JSON, 1, "[{\"targets\":[1]}]"},
        {LL_FILE_SD_JSON, 1, "[{\"targets\":[null]}]"},
        {LL_FILE_SD_JSON, 1, "[{\"targets\":[\"\"]}]"},
        {LL_FILE_SD_JSON, 1, "[{\"targets\":[],\"targets\":[]}]"},
        {LL_FILE_SD_JSON, 1, "[{\"target\":[]}]"},
        {LL_FILE_SD_JSON, 1, "[{\"labels\":{\"a-b\":\"c\"}}]"},
        {LL_FILE_SD_JSON, 1, "[{\"labels\":{\"a\":1}}]"},
        {LL_FILE_SD_JSON, 1, "[{\"labels\":{\"a\":\"1\",\"a\":\"2\"}}]"},
        {LL_FILE_SD_JSON, 1, "[{\"labels\":{\"a\":{}}}]"},
        {LL_FILE_SD_JSON, 1, "[{}] []"},
        {LL_FILE_SD_JSON, 2, "[\n{]"},
        {LL_FILE_SD_YAML, 1, "targets: [h:1]\n"},
        {LL_FILE_SD_YAML, 2, "- targets: [h:1]\n  label: {}\n"},
        {LL_FILE_SD_YAML, 2, "- targets: &a [h:1]\n- targets: *a\n"},
        {LL_FILE_SD_YAML, 2, "- targets: [h:1]\n\t- x\n"},
        {LL_FILE_SD_YAML, 2, "- targets: []\n---\n- targets: []\n"},
        {LL_FILE_SD_YAML, 1, "- targets: [[h:1]]\n"},
        {LL_FILE_SD_YAML, 1, "- {? [x] : y}\n"},
        {LL_FILE_SD_YAML, 1, "- <<: {}\n"},
    };
    struct ll_str out;
    struct ll_err err;
    ll_str_init(&out, 4096);
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        ck_assert_msg(!parse(cases[i].text, cases[i].form, &out, &err), "%s gave %s", cases[i].text,
                      ll_str_z(&out));
        ck_assert_msg(err.code == LL_E_INVALID && err.line == cases[i].line, "%s: line %d: %s",
                      cases[i].text, err.line, err.text);
        ck_assert_str_eq(ll_str_z(&out), "");
    }
    ll_str_fini(&out);
}
END_TEST

static void many(struct ll_str *text, size_t targets, size_t labels)
{
    ll_str_clear(text);
    ll_str_addz(text, "[{\"targets\":[");
    for (size_t i = 0; i < targets; i++)
        ll_str_addf(text, "%s\"h:%zu\"", i ? "," : "", i);
    ll_str_addz(text, "],\"labels\":{");
    for (size_t i = 0; i < labels; i++)
        ll_str_addf(text, "%s\"l%zu\":\"\"", i ? "," : "", i);
    ll_str_addz(text, "}}]");
}

START_TEST(limits_are_kept)
{
    static const struct {
        size_t targets, labels;
        bool ok;
    } cases[] = {{LL_FILE_SD_TARGETS_MAX, LL_FILE_SD_LABELS_MAX, true},
                 {LL_FILE_SD_TARGETS_MAX + 1, 0, false},
                 {0, LL_FILE_SD_LABELS_MAX + 1, false}};
    struct ll_str text, out;
    struct ll_err err;
    ll_str_init(&text, LL_FILE_SD_BYTES_MAX);
    ll_str_init(&out, LL_FILE_SD_BYTES_MAX);
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        many(&text, cases[i].targets, cases[i].labels);
        for (int form = LL_FILE_SD_JSON; form <= LL_FILE_SD_YAML; form++) {
            bool ok = parse(ll_str_z(&text), (enum ll_file_sd_form)form, &out, &err);
            ck_assert_msg(ok == cases[i].ok && (ok || err.code == LL_E_RANGE), "%zu: %s", i,
                          err.text);
        }
    }
    ll_str_fini(&text);
    ll_str_fini(&out);
}
END_TEST

START_TEST(memory_may_end_anywhere)
{
    for (unsigned call = 1;; call++) {
        char text[] = "[{\"targets\":[\"h:1\"],\"labels\":{\"a\":\"b\"}}]";
        struct ll_arena *arena = ll_arena_new(1 << 20);
        struct ll_file_sd_group *groups = NULL;
        struct ll_err err = {0};
        ck_assert_ptr_nonnull(arena);
        ll_test_fail_alloc(call);
        bool ok = ll_file_sd_parse(text, strlen(text), LL_FILE_SD_JSON, arena, &groups, &err);
        bool failed = ll_test_alloc_failed();
        ll_test_fail_alloc(0);
        ll_arena_free(arena);
        if (!failed) {
            ck_assert(ok);
            return;
        }
        ck_assert(!ok && err.code == LL_E_MEMORY && !groups);
    }
}
END_TEST

static char folder[64];

static void write_file(const char *name, const char *text)
{
    char path[128], fresh[160];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    FILE *f = fopen(fresh, "we");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(rename(fresh, path), 0);
}

static const char *look(struct ll_file_sd *sd, bool want_ok, bool want_changed)
{
    static char text[512];
    struct ll_str out;
    struct ll_err err = {0};
    bool changed;
    bool ok = ll_file_sd_refresh(sd, &changed, &err);
    ck_assert_msg(ok == want_ok && changed == want_changed, "ok %d, changed %d: %s", ok, changed,
                  err.text);
    ll_str_init(&out, sizeof(text));
    ll_file_sd_each(sd, add_text, &out);
    snprintf(text, sizeof(text), "%s", ll_str_z(&out));
    ll_str_fini(&out);
    return text;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

START_TEST(files_come_change_break_and_go)
{
    char json[128], yaml[128], pipe[128];
    snprintf(folder, sizeof(folder), "/tmp/ll-file-sd-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(json, sizeof(json), "%s/*.json", folder);
    snprintf(yaml, sizeof(yaml), "%s/b.yml", folder);
    const char *const patterns[] = {json, yaml, NULL};
    LL_AUTO(ll_file_sd) sd = ll_file_sd_new(patterns);
    ck_assert_ptr_nonnull(sd);
    ck_assert_str_eq(look(sd, true, false), "");
    write_file("a.json", "[{\"targets\":[\"h:1\"]}]");
    ck_assert_str_eq(look(sd, true, true), "h:1{};");
    ck_assert_str_eq(look(sd, true, false), "h:1{};");
    write_file("b.yml", "- targets: [h:2]\n");
    ck_assert_str_eq(look(sd, true, true), "h:1{};h:2{};");
    write_file("a.json", "[{\"targets\":[\"h:3\"]}]"); /* as long as before */
    ck_assert_str_eq(look(sd, true, true), "h:3{};h:2{};");
    write_file("a.json", "[{\"targets\":[");
    ck_assert_str_eq(look(sd, false, false), "h:3{};h:2{};");
    ck_assert_str_eq(look(sd, false, false), "h:3{};h:2{};"); /* said again, read once */
    write_file("b.yml", "- targets: [h:4]\n");
    ck_assert_str_eq(look(sd, false, true), "h:3{};h:4{};"); /* the others go on */
    write_file("a.json", "[]");
    ck_assert_str_eq(look(sd, true, true), "h:4{};");
    snprintf(pipe, sizeof(pipe), "%s/c.json", folder);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_str_eq(look(sd, false, false), "h:4{};"); /* does not hang */
    ck_assert_int_eq(unlink(pipe), 0);
    snprintf(pipe, sizeof(pipe), "%s/b.yml", folder);
    ck_assert_int_eq(unlink(pipe), 0);
    ck_assert_str_eq(look(sd, true, true), "");
    ck_assert_int_eq(nftw(folder, drop, 4, FTW_DEPTH | FTW_PHYS), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        both_forms_are_read,     what_is_no_list_of_groups_is_refused, limits_are_kept,
        memory_may_end_anywhere, files_come_change_break_and_go,
    };
    return ll_test_run("collect_file_sd", tests, LL_LEN(tests));
}
