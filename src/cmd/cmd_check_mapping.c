/* What a changed mapping would make of the series that come in now: the daemon notes their labels
 * for a while, and both mappings are tried on them here. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/client.h"
#include "cmd/commands.h"
#include "cmd/table.h"
#include "config/config.h"
#include "mapping/preview.h"

enum {
    LINE_BYTES = 1 << 20,
    RULES_BYTES = 16 << 20,
    SERIES_BYTES = 256 << 20,
    RESULT_BYTES = 512 << 20,
    LISTEN_S = 20,
    LISTEN_MAX_S = 240
};

struct check {
    struct ll_ctx *c;
    struct ll_err *err;
    struct ll_config *before, *after;
    struct ll_labeled_set *known;
    struct ll_str line; /* of the answer, not yet whole */
};

static bool say_errors(struct ll_ctx *c, const struct ll_config_source *src)
{
    static struct ll_err errs[LL_CONFIG_ERRORS_MAX]; /* too large for a stack */
    size_t n = ll_config_check(src, errs, LL_LEN(errs));
    for (size_t i = 0; i < LL_MIN(n, LL_LEN(errs)); i++)
        ll_ctx_say("%s", errs[i].text);
    if (n > LL_LEN(errs))
        ll_ctx_say("and %zu more", n - LL_LEN(errs));
    if (n)
        c->exit_code = ll_err_info(LL_E_CONFIG)->exit_code;
    return n > 0;
}

static bool load(const char *file, struct ll_config **out, struct ll_err *err)
{
    const struct ll_config_source src = {.file = file, .env = (const char *const *)environ};
    return ll_config_load(&src, out, err);
}

static bool take_text(void *ctx, const char *bytes, size_t n)
{
    ll_str_add(ctx, bytes, n);
    return !((struct ll_str *)ctx)->failed;
}

/* The rules in force, read as the daemon read them. */
static bool load_before(struct check *k)
{
    struct ll_str text;
    ll_str_init(&text, RULES_BYTES);
    bool ok =
        ll_client_stream(k->c, "/api/v1/mapping", "application/yaml", take_text, &text, k->err);
    const struct ll_config_source src = {.file = "the daemon's mapping",
                                         .text = {ll_str_z(&text), text.n}};
    ok = ok && ll_config_load(&src, &k->before, k->err);
    ll_str_fini(&text);
    return ok;
}

static enum ll_labeled_kind kind_of(const char *name)
{
    if (strcmp(name, "counter") == 0)
        return LL_LABELED_COUNTER;
    if (strcmp(name, "rate") == 0)
        return LL_LABELED_RATE;
    return strcmp(name, "gauge") == 0 ? LL_LABELED_GAUGE : LL_LABELED_UNKNOWN;
}

static bool add_line(struct check *k, const char *text, size_t n)
{
    struct ll_label v[LL_LABELS_MAX];
    size_t i = 0;
    LL_AUTO_JSON doc = json_loadb(text, n, 0, NULL);
    json_t *labels = json_object_get(doc, "labels"), *value;
    const char *name;
    json_object_foreach(labels, name, value)
    {
        if (i < LL_LEN(v) && json_is_string(value))
            v[i++] = (struct ll_label){ll_slice_of(name),
                                       {json_string_value(value), json_string_length(value)}};
    }
    double number = ll_json_number(doc, "value");
    const struct ll_labeled_point p = {0, ll_labeled_bits(isnan(number) ? 1 : number)};
    if (!labels || !ll_labels_sort(v, &i, k->err))
        return ll_err_set(k->err, LL_E_UNREACHABLE, "the daemon's list of series cannot be read");
    return ll_labeled_set_add(k->known, v, i, kind_of(ll_json_text(doc, "kind")), &p, 1) ||
           ll_err_set(k->err, LL_E_MEMORY, "no memory for the daemon's series");
}

static bool take_series(void *ctx, const char *bytes, size_t n)
{
    struct check *k = ctx;
    while (n > 0) {
        const char *end = memchr(bytes, '\n', n);
        size_t len = end ? (size_t)(end - bytes) : n;
        ll_str_add(&k->line, bytes, len);
        if (!end)
            return !k->line.failed;
        if (k->line.failed || !add_line(k, ll_str_z(&k->line), k->line.n))
            return false;
        ll_str_clear(&k->line);
        bytes += len + 1;
        n -= len + 1;
    }
    return true;
}

/* Long enough for a round of every source that is asked. */
static unsigned listen_seconds(struct ll_ctx *c)
{
    LL_AUTO_JSON doc = NULL;
    struct ll_err ignored;
    double longest = LISTEN_S - 5;
    size_t i;
    json_t *s;
    if (ll_args_given(c->args, "listen"))
        return (unsigned)LL_MIN(ll_args_duration(c->args, "listen") / LL_SECOND,
                                (ll_dur)LISTEN_MAX_S);
    if (!ll_client_get(c, "/api/v1/discovery", &doc, &ignored))
        return LISTEN_S;
    json_array_foreach(json_object_get(doc, "sources"), i, s)
    {
        double every = ll_json_number(s, "interval_seconds");
        if (every > longest && strcmp(ll_json_text(s, "kind"), "host") != 0)
            longest = every;
    }
    return (unsigned)fmin(longest + 5, LISTEN_MAX_S);
}

static bool listen_to(struct check *k)
{
    LL_AUTO_JSON none = NULL;
    if (!ll_client_post(k->c, "/api/v1/discovery/tap", NULL, &none, k->err))
        return false;
    unsigned seconds = listen_seconds(k->c);
    ll_ctx_say("listening for %u s to what comes in ...", seconds);
    sleep(seconds);
    ll_labeled_set_free(k->known);
    k->known = ll_labeled_set_new(1024, SERIES_BYTES);
    ll_str_clear(&k->line);
    return k->known ? ll_client_stream(k->c, "/api/v1/discovery/series", "application/x-ndjson",
                                       take_series, k, k->err)
                    : ll_err_set(k->err, LL_E_MEMORY, "no memory for the daemon's series");
}

static const struct ll_column columns[] = {
    {.key = "change", .title = "CHANGE"},
    {.key = "service", .title = "SERVICE", .flex = true},
    {.key = "resource_type", .title = "RESOURCE"},
    {.key = "part", .title = "PART"},
    {.key = "instances_before", .title = "BEFORE", .right = true},
    {.key = "instances_after", .title = "AFTER", .right = true},
};

static const char *change_of(const struct ll_preview_row *r)
{
    return r->before == 0 ? "added" : r->after == 0 ? "removed" : "changed";
}

static void add_count(struct ll_table *t, size_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%zu", n);
    ll_table_cell(t, text, NULL, LL_TINT_NONE);
}

static void add_slice(struct ll_table *t, struct ll_slice s)
{
    char text[LL_NAME_MAX + 1];
    snprintf(text, sizeof(text), "%.*s", (int)LL_MIN(s.n, (size_t)LL_NAME_MAX), s.s);
    ll_table_cell(t, text, NULL, LL_TINT_NONE);
}

static json_t *count_json(const struct ll_preview_count *n)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "services", (json_int_t)n->services, "parts",
                     (json_int_t)n->outputs, "mapped", (json_int_t)n->mapped, "unmatched",
                     (json_int_t)n->unmatched, "dropped", (json_int_t)n->dropped);
}

static json_t *rows_json(const struct ll_preview *p)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->n; i++) {
        const struct ll_preview_row *r = &p->rows[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s%, s:s, s:s%, s:I, s:I}", "change", change_of(r), "service",
                            r->service.s, r->service.n, "resource_type", ll_resource_name(r->type),
                            "part", r->part.s, r->part.n, "instances_before", (json_int_t)r->before,
                            "instances_after", (json_int_t)r->after));
    }
    return list;
}

static bool print(struct ll_ctx *c, const struct ll_preview *p, struct ll_err *err)
{
    LL_AUTO_JSON changes = rows_json(p);
    LL_AUTO_JSON whole =
        json_pack("{s:o, s:o, s:I, s:O}", "before", count_json(&p->before), "after",
                  count_json(&p->after), "same", (json_int_t)p->same, "changes", changes);
    if (!whole)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    if (ll_json_print_form(c, whole, changes))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    for (size_t i = 0; i < p->n; i++) {
        const struct ll_preview_row *r = &p->rows[i];
        ll_table_cell(t, change_of(r), NULL, LL_TINT_NONE);
        add_slice(t, r->service);
        ll_table_cell(t, ll_resource_name(r->type), NULL, LL_TINT_NONE);
        add_slice(t, r->part);
        add_count(t, r->before);
        add_count(t, r->after);
    }
    if (ll_table_rows(t) > 0 && !ll_table_print(t, c, err))
        return false;
    ll_ctx_say("%zu parts stay as they are, %zu change; series mapped %zu -> %zu, unmatched %zu -> "
               "%zu, dropped %zu -> %zu; services %zu -> %zu",
               p->same, p->n, p->before.mapped, p->after.mapped, p->before.unmatched,
               p->after.unmatched, p->before.dropped, p->after.dropped, p->before.services,
               p->after.services);
    return true;
}

static bool compare(struct check *k)
{
    LL_AUTO(ll_arena) a = ll_arena_new(RESULT_BYTES);
    struct ll_preview p;
    if (!a)
        return ll_err_set(k->err, LL_E_MEMORY, "no memory to compare");
    return ll_preview(k->known, k->before->collect.compiled, k->after->collect.compiled,
                      (uint64_t)getpid(), a, &p, k->err) &&
           print(k->c, &p, k->err) && ll_ctx_flush(k->c, k->err);
}

static struct timespec changed_at(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 ? st.st_mtim : (struct timespec){0};
}

/* Compares again whenever the file was saved, until it is interrupted. */
static bool watch(struct check *k, const char *file)
{
    struct timespec seen = changed_at(file);
    for (;;) {
        struct timespec now = changed_at(file);
        if (now.tv_sec == seen.tv_sec && now.tv_nsec == seen.tv_nsec) {
            nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
            continue;
        }
        seen = now;
        const struct ll_config_source src = {.file = file, .env = (const char *const *)environ};
        LL_AUTO(ll_config) next = NULL;
        if (say_errors(k->c, &src) || !load(file, &next, k->err))
            continue;
        ll_config_free(k->after);
        k->after = next;
        next = NULL;
        if (!compare(k))
            return false;
    }
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    const char *file = c->args->positionals[0];
    const struct ll_config_source src = {.file = file, .env = (const char *const *)environ};
    struct check k = {.c = c, .err = err};
    if (say_errors(c, &src))
        return true;
    if (ll_args_bool(c->args, "offline")) {
        ll_str_addf(&c->out, "%s is valid\n", file);
        return true;
    }
    ll_str_init(&k.line, LINE_BYTES);
    bool ok = load(file, &k.after, err) && load_before(&k) && listen_to(&k) && compare(&k) &&
              (!ll_args_bool(c->args, "watch") || watch(&k, file));
    ll_str_fini(&k.line);
    ll_labeled_set_free(k.known);
    ll_config_free(k.before);
    ll_config_free(k.after);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "listen",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .doc = "how long to listen to what comes in; without it a round of every source, 20 s at "
            "least"},
    {.name = "watch", .type = LL_FLAG_BOOL, .doc = "compare again whenever the file is saved"},
    {.name = "offline", .type = LL_FLAG_BOOL, .doc = "check the rules only, without a daemon"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "FILE",
     .kind = LL_POSITIONAL_FILE,
     .doc = "a configuration, or a file that has only its key mapping"},
    {0}};

const struct ll_command ll_cmd_check_mapping = {
    .name = "check mapping",
    .group = "Configuration",
    .doc = "say what a changed mapping makes of the series that come",
    .about = "The daemon notes the labels of all that comes in for a while; then the mapping in "
             "force and the one of the file are tried on them, and what differs is listed: which "
             "parts of which services, and how many instances. Nothing is changed. Exit code 3 "
             "when the rules are wrong.",
    .examples = {{"loadline check mapping loadline.yml", "before a reload"},
                 {"loadline check mapping rules.yml --watch", "while you write the rules"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
