/* Writes docs/reference/config.md from the tables, or with --check FILE compares it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/schema.h"
#include "config/webconfig.h"

enum { PAGE_MAX = 1 << 20 };

/* A cell must not hold a bar or look like HTML. */
static void add_cell(struct ll_str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '<')
            ll_str_addc(out, '\\');
        ll_str_addc(out, *text);
    }
}

static bool add_row(void *ctx, const struct ll_schema_visit *v)
{
    struct ll_str *out = ctx;
    const struct ll_schema_row *row = v->row;
    struct ll_str limits;
    ll_str_init(&limits, 512);
    ll_schema_limits(row, &limits);
    ll_str_addf(out, "| `%s` | %s", v->path, ll_schema_type_name(row));
    if (limits.n)
        ll_str_addf(out, ": %s", ll_str_z(&limits));
    ll_str_fini(&limits);
    ll_str_addz(out, " | ");
    if (row->flags & LL_SCHEMA_REQUIRED)
        ll_str_addz(out, "required");
    else if (row->standard_doc)
        add_cell(out, row->standard_doc);
    else if (row->standard && *row->standard)
        ll_str_addf(out, "`%s`", row->standard);
    ll_str_addz(out, " | ");
    add_cell(out, row->doc);
    if (row->flags & LL_SCHEMA_RESTART)
        ll_str_addz(out, "; a change needs a restart");
    if (row->flags & LL_SCHEMA_SECRET)
        ll_str_addz(out, "; never shown");
    ll_str_addz(out, " |\n");
    return true;
}

static bool add_flag(void *ctx, const struct ll_schema_visit *v)
{
    struct ll_str *out = ctx;
    char flag[LL_SCHEMA_NAME_MAX], env[LL_SCHEMA_NAME_MAX];
    if (!ll_schema_has_flag(v))
        return true;
    ll_schema_flag_name(v->path, flag);
    ll_schema_env_name(v->path, env);
    ll_str_addf(out, "| `%s` | `--%s`", v->path, flag);
    if (v->row->flag)
        ll_str_addf(out, ", `--%s`", v->row->flag);
    ll_str_addf(out, " | `%s` |\n", env);
    return true;
}

static void write_page(struct ll_str *out)
{
    static const char *const head = "| key | type | default | meaning |\n|---|---|---|---|\n";
    ll_str_addz(out, "# Configuration reference\n\n"
                     "Generated from the table that reads the file; do not edit. The guide is "
                     "[configuration](../guide/configuration.md).\n\n## Keys\n\n");
    ll_str_addz(out, head);
    ll_schema_walk(ll_config_table(), add_row, out);
    ll_str_addz(out, "\n## Flags and environment variables\n\n"
                     "`--config.file` and `LOADLINE_CONFIG_FILE` name the file itself.\n\n"
                     "| key | flag | variable |\n|---|---|---|\n");
    ll_schema_walk(ll_config_table(), add_flag, out);
    ll_str_addz(out, "\n## The web configuration file\n\n"
                     "What `web.config_file` names. `basic_auth_users` and `roles` are maps by "
                     "user name.\n\n");
    ll_str_addz(out, head);
    ll_schema_walk(ll_webconfig_table(), add_row, out);
}

static int compare(const char *path, const struct ll_str *page)
{
    static char text[PAGE_MAX];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    if (n == page->n && memcmp(text, page->s, n) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s is stale: write it anew with gen_config_doc\n", path);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct ll_str page;
    ll_str_init(&page, PAGE_MAX);
    write_page(&page);
    int code = EXIT_SUCCESS;
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        code = compare(argv[2], &page);
    else
        fputs(ll_str_z(&page), stdout);
    ll_str_fini(&page);
    return code;
}
