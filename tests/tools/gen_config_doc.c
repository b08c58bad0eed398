/* Writes docs/reference/config.md from the tables, or with --check FILE compares it. */
#include "config/config.h"
#include "config/webconfig.h"
#include "schema_page.h"

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
    ll_str_addz(out, "# Configuration reference\n\n"
                     "Generated from the table that reads the file; do not edit. The guide is "
                     "[configuration](../guide/configuration.md).\n\n## Keys\n\n");
    ll_str_addz(out, page_head);
    ll_schema_walk(ll_config_table(), add_row, out);
    ll_str_addz(out, "\n## Flags and environment variables\n\n"
                     "`--config.file` and `LOADLINE_CONFIG_FILE` name the file itself.\n\n"
                     "| key | flag | variable |\n|---|---|---|\n");
    ll_schema_walk(ll_config_table(), add_flag, out);
    ll_str_addz(out, "\n## The web configuration file\n\n"
                     "What `web.config_file` names. `basic_auth_users` and `roles` are maps by "
                     "user name.\n\n");
    ll_str_addz(out, page_head);
    ll_schema_walk(ll_webconfig_table(), add_row, out);
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, write_page, "gen_config_doc");
}
