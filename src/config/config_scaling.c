/* The keys of scaling: the mode of the daemon, files of rules beside the configuration. */
#include <stdio.h>
#include <sys/stat.h>

#include "config/config_private.h"
#include "config/webconfig.h"

enum { FILES_MAX = 64, HASHED_MAX = 64 << 20 };

#define C(field) offsetof(struct ll_config, scaling.field)
#define X(member, name) [member] = (name),
static const char *const mode_names[] = {LL_MODE_TABLE(X)[LL_MODE_COUNT] = NULL};
#undef X

static const struct ll_schema_row rows[] = {
    {.key = "rules_files",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = C(rules_files),
     .max = FILES_MAX,
     .standard = "",
     .doc = "files of targets and rules, which are read as one; what the API adds stands beside"},
    {.key = "mode",
     .type = LL_SCHEMA_ENUM,
     .offset = C(mode),
     .standard = "observe",
     .names = mode_names,
     .doc = "how far any rule may go at the start, whatever its own mode says; auto also needs "
            "enable_auto_scaling"},
    {.key = "removal_budget_pct",
     .type = LL_SCHEMA_PERCENT,
     .offset = C(removal_budget),
     .min = 1,
     .max = 100,
     .standard = "25",
     .unit = "percent",
     .doc = "of the instances of all targets together so many may be removed in 10 minutes"},
};
const struct ll_schema ll_config_scaling_schema = {rows, LL_LEN(rows), 0, NULL};

static void hash_rules(struct ll_config *c)
{
    const struct ll_rules_doc *d = c->scaling.rules;
    struct ll_str text;
    ll_str_init(&text, HASHED_MAX);
    for (size_t i = 0; d && i < d->n_targets; i++)
        ll_rules_write_target(&d->targets[i], &text);
    for (size_t i = 0; d && i < d->n_rules; i++)
        ll_rules_write_rule(&d->rules[i], &text);
    snprintf(c->scaling.rules_hash, sizeof(c->scaling.rules_hash), "%016llx",
             (unsigned long long)ll_map_hash(0, ll_str_z(&text), text.n));
    ll_str_fini(&text);
}

/* One text of each file; false after an error, at the key that names it. */
static bool read_files(struct ll_schema_reader *r, const struct ll_config *c,
                       struct ll_arena *scratch, struct ll_rules_text *out, size_t *n)
{
    static const struct ll_yaml_place none = {.name = "scaling"};
    const struct ll_yaml_place *p = ll_schema_place(r->places, &c->scaling.rules_files);
    const size_t before = r->n_errs;
    for (const char *const *f = c->scaling.rules_files; f && *f; f++) {
        struct ll_err err = {0};
        struct stat st;
        char shown[LL_YAML_QUOTE_MAX];
        if (stat(*f, &st) == 0 && !S_ISREG(st.st_mode)) /* a FIFO would wait for ever */
            ll_schema_fail(r, p ? p : &none, "rules_files: %s is not a regular file",
                           ll_yaml_quote(ll_slice_of(*f), shown));
        else if (!ll_yaml_read_file(*f, LL_YAML_BYTES_MAX, scratch, &out[*n].text, &err))
            ll_schema_fail(r, p ? p : &none, "rules_files: %s", err.text);
        else
            out[(*n)++].name = *f;
    }
    return r->n_errs == before;
}

static const char needs_login[] =
    "mode auto needs authentication, so that it is known who changed what: name a file with users, "
    "tokens, a proxy or jwt in web.config_file, or use the mode approve";

/* Acting without being asked is for daemons that know who may tell them to. */
static void check_auto(struct ll_schema_reader *r, const struct ll_config *c)
{
    static const struct ll_yaml_place none = {.name = "scaling"};
    const struct ll_yaml_place *mode = ll_schema_place(r->places, &c->scaling.mode);
    const struct ll_yaml_place *files = ll_schema_place(r->places, &c->scaling.rules_files);
    const struct ll_rules_doc *d = c->scaling.rules;
    if (c->scaling.mode == LL_MODE_AUTO)
        ll_schema_fail(r, mode ? mode : &none, "scaling.mode: %s", needs_login);
    for (size_t i = 0; d && i < d->n_rules; i++)
        if (d->rules[i].mode == LL_MODE_AUTO)
            ll_schema_fail(r, files ? files : &none, "rule '%.*s': %s", (int)d->rules[i].rule_id.n,
                           d->rules[i].rule_id.s, needs_login);
}

/* A file that cannot be read is reported by who needs it; it says nothing here. */
static void look_for_login(struct ll_schema_reader *r, struct ll_config *c)
{
    LL_AUTO(ll_webconfig) web = NULL;
    const bool known = !c->web.config_file || ll_webconfig_load(c->web.config_file, &web, NULL);
    c->web.has_login = ll_webconfig_has_login(web);
    if (known && !c->web.has_login)
        check_auto(r, c);
}

void ll_config_scaling_finish(struct ll_schema_reader *r, struct ll_config *c)
{
    struct ll_rules_text texts[FILES_MAX];
    LL_AUTO(ll_arena) scratch = ll_arena_new((size_t)FILES_MAX * 2 * LL_YAML_BYTES_MAX);
    const struct ll_yaml_place none = {.name = "scaling"};
    size_t n = 0;
    if (!ll_config_resolve_list(r, &c->scaling.rules_files) || !scratch) {
        ll_schema_fail(r, &none, "no memory for the files of rules");
        return;
    }
    if (read_files(r, c, scratch, texts, &n) && n > 0) {
        struct ll_rules_reading reading = {
            .config = c, .errs = r->errs, .max = r->max, .n_errs = r->n_errs};
        (void)!ll_rules_read(&reading, texts, n, &c->scaling.rules);
        r->n_errs = reading.n_errs;
    }
    hash_rules(c);
    look_for_login(r, c);
}
