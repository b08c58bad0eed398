/* The keys of scaling: the mode of the daemon, files of rules beside the configuration. */
#include <stdio.h>
#include <sys/stat.h>

#include "config/config_private.h"
#include "config/rules_file.h"

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
        struct ll_rules_reading reading = {.errs = r->errs, .max = r->max, .n_errs = r->n_errs};
        (void)!ll_rules_read(&reading, texts, n, &c->scaling.rules);
        r->n_errs = reading.n_errs;
    }
    hash_rules(c);
}
