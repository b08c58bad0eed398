/* roff and Markdown of the command table. */
#include <string.h>

#include "cmd/help.h"

/* Text for roff(7): dashes stay dashes, a dot or quote that starts a line is text. */
static void add_roff(struct ll_str *out, const char *s)
{
    for (bool start = true; *s; s++) {
        if (start && (*s == '.' || *s == '\''))
            ll_str_addz(out, "\\&");
        if (*s == '\\' || *s == '-')
            ll_str_addc(out, '\\');
        ll_str_add(out, *s == '\\' ? "e" : s, 1);
        start = *s == '\n';
    }
}

static void add_roff_line(struct ll_str *out, const char *before, const char *s, const char *after)
{
    ll_str_addz(out, before);
    add_roff(out, s);
    ll_str_addz(out, after);
}

static void add_roff_flag(struct ll_str *out, const struct ll_flag *f)
{
    struct ll_str text;
    ll_str_init(&text, 1024);
    ll_help_flag(&text, f);
    add_roff_line(out, ".TP\n\\fB", ll_str_z(&text), "\\fR\n");
    add_roff_line(out, "", f->doc, "");
    ll_str_clear(&text);
    ll_help_flag_notes(&text, f);
    if (text.n)
        add_roff_line(out, " (", ll_str_z(&text), ")");
    ll_str_addc(out, '\n');
    ll_str_fini(&text);
}

static void add_roff_flags(struct ll_str *out, const char *title, const struct ll_flag *f)
{
    if (!f || !f->name)
        return;
    ll_str_addf(out, ".SH %s\n", title);
    for (; f->name; f++)
        add_roff_flag(out, f);
}

static void add_roff_exits(struct ll_str *out)
{
    ll_str_addz(out, ".SH EXIT STATUS\n");
    for (const struct ll_help_exit *e = ll_help_exits; e->code >= 0; e++) {
        ll_str_addf(out, ".TP\n%d\n", e->code);
        add_roff_line(out, "", e->doc, "\n");
    }
}

static void add_roff_head(struct ll_str *out, const struct ll_command *c, const char *doc)
{
    struct ll_str name;
    ll_str_init(&name, 128);
    ll_help_page_name(&name, c);
    add_roff_line(out, ".\\\" Generated from the command table.\n.TH \"", ll_str_z(&name),
                  "\" 1 \"\" \"Loadline " LL_VERSION "\" \"User commands\"\n.SH NAME\n");
    add_roff(out, ll_str_z(&name));
    add_roff_line(out, " \\- ", doc, "\n");
    ll_str_fini(&name);
}

static void add_roff_examples(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addz(out, ".SH EXAMPLES\n");
    for (size_t i = 0; i < LL_LEN(c->examples); i++) {
        add_roff_line(out, ".TP\n\\fB", c->examples[i].line, "\\fR\n");
        add_roff_line(out, "", c->examples[i].doc, "\n");
    }
}

static const char *table_title(const struct ll_flag *table)
{
    return table == ll_flags_settings ? "SETTINGS"
           : table == ll_flags_output ? "OUTPUT FLAGS"
           : table == ll_flags_client ? "DAEMON FLAGS"
           : table == ll_flags_common ? "COMMON FLAGS"
                                      : "FLAGS";
}

static void add_roff_command(struct ll_str *out, const struct ll_command *c)
{
    struct ll_str usage;
    ll_str_init(&usage, 512);
    ll_help_usage(&usage, c);
    add_roff_head(out, c, c->doc);
    add_roff_line(out, ".SH SYNOPSIS\n\\fB", ll_str_z(&usage), "\\fR\n");
    ll_str_fini(&usage);
    add_roff_examples(out, c);
    if (c->about)
        add_roff_line(out, ".SH DESCRIPTION\n", c->about, "\n");
    if (c->positionals && c->positionals->name)
        ll_str_addz(out, ".SH ARGUMENTS\n");
    for (const struct ll_positional *p = c->positionals; p && p->name; p++) {
        add_roff_line(out, ".TP\n\\fI", p->name, "\\fR\n");
        add_roff_line(out, "", p->doc, "\n");
    }
    const struct ll_flag *tables[LL_FLAG_TABLES];
    size_t n = ll_command_flags(c, tables);
    for (size_t i = 0; i < n; i++)
        add_roff_flags(out, table_title(tables[i]), tables[i]);
    add_roff_exits(out);
    ll_str_addz(out, ".SH SEE ALSO\n.BR loadline (1)\n");
}

void ll_help_man(struct ll_str *out, const struct ll_command *c)
{
    if (c) {
        add_roff_command(out, c);
        return;
    }
    add_roff_head(out, NULL, "capacity planning and auto-scaling");
    ll_str_addz(out, ".SH SYNOPSIS\n\\fBloadline\\fR \\fICOMMAND\\fR [\\fIFLAGS\\fR]\n"
                     ".SH COMMANDS\n");
    for (size_t i = 0; i < ll_commands_n; i++) {
        if (ll_commands[i]->traits & LL_CMD_HIDDEN)
            continue;
        struct ll_str page;
        ll_str_init(&page, 128);
        ll_help_page_name(&page, ll_commands[i]);
        add_roff_line(out, ".TP\n\\fB", ll_str_z(&page), "\\fR(1)\n");
        add_roff_line(out, "", ll_commands[i]->doc, "\n");
        ll_str_fini(&page);
    }
    add_roff_flags(out, "COMMON FLAGS", ll_flags_common);
    add_roff_exits(out);
    ll_str_addz(out, ".SH ENVIRONMENT\n.TP\nLOADLINE_SERVER\nthe daemon that commands ask\n"
                     ".TP\nLOADLINE_TOKEN_FILE\nfile with the token they send\n"
                     ".TP\nNO_COLOR\nno colour when set\n");
}

/* In a table a bar would end the cell. */
static void add_cell(struct ll_str *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '|')
            ll_str_addc(out, '\\');
        ll_str_addc(out, *s);
    }
}

static void add_md_flags(struct ll_str *out, const struct ll_flag *f)
{
    struct ll_str text;
    if (!f || !f->name)
        return;
    ll_str_addz(out, "\n| flag | meaning | values |\n|---|---|---|\n");
    ll_str_init(&text, 1024);
    for (; f->name; f++) {
        ll_str_addz(out, "| `");
        ll_help_flag(out, f);
        ll_str_addz(out, "` | ");
        add_cell(out, f->doc);
        ll_str_addz(out, " | ");
        ll_str_clear(&text);
        ll_help_flag_notes(&text, f);
        add_cell(out, ll_str_z(&text));
        ll_str_addz(out, " |\n");
    }
    ll_str_fini(&text);
}

/* Tables that many commands share are printed once, at the end of the page. */
static void add_md_also(struct ll_str *out, const struct ll_command *c)
{
    static const struct {
        unsigned traits;
        const char *link;
    } shared[] = {{LL_CMD_SETTINGS, "[settings](#settings)"},
                  {LL_CMD_FORMS | LL_CMD_JSON, "[output flags](#output-flags)"},
                  {LL_CMD_CLIENT, "[daemon flags](#daemon-flags)"}};
    const char *gap = "\nAlso: ";
    for (size_t i = 0; i < LL_LEN(shared); i++) {
        if (!(c->traits & shared[i].traits))
            continue;
        ll_str_addf(out, "%s%s", gap, shared[i].link);
        gap = ", ";
    }
    if (*gap == ',')
        ll_str_addz(out, ".\n");
}

static void add_md_command(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addf(out, "\n### %s\n%s.\n\n```\n", c->name, c->doc);
    for (size_t i = 0; i < LL_LEN(c->examples); i++)
        ll_str_addf(out, "%-48s # %s\n", c->examples[i].line, c->examples[i].doc);
    ll_str_addz(out, "```\n\nUsage: `");
    ll_help_usage(out, c);
    ll_str_addz(out, "`.");
    if (c->about)
        ll_str_addf(out, " %s", c->about);
    ll_str_addc(out, '\n');
    if (c->positionals && c->positionals->name)
        ll_str_addz(out, "\n| argument | meaning |\n|---|---|\n");
    for (const struct ll_positional *p = c->positionals; p && p->name; p++) {
        ll_str_addf(out, "| `%s`%s | ", p->name, p->optional ? " (optional)" : "");
        add_cell(out, p->doc);
        ll_str_addz(out, " |\n");
    }
    add_md_flags(out, c->flags);
    add_md_also(out, c);
}

void ll_help_reference(struct ll_str *out)
{
    const char *group = "";
    ll_str_addz(out, "# Command line\n\nGenerated by `loadline man --reference`; do not edit.\n\n"
                     "`loadline COMMAND [FLAGS] [ARGUMENTS]`. Data goes to standard output, "
                     "messages to standard\nerror. A flag's value follows as the next word or "
                     "after `=`.\n");
    for (size_t i = 0; i < ll_commands_n; i++) {
        const struct ll_command *c = ll_commands[i];
        if (c->traits & LL_CMD_HIDDEN)
            continue;
        if (strcmp(group, c->group) != 0)
            ll_str_addf(out, "\n## %s\n", c->group);
        group = c->group;
        add_md_command(out, c);
    }
    ll_str_addz(out, "\n## Flags of many commands\n\n### Settings\n\nThese, and every other key "
                     "of `loadline config schema` as `--key=value`.\n");
    add_md_flags(out, ll_flags_settings);
    ll_str_addz(out, "\n### Output flags\n");
    add_md_flags(out, ll_flags_output);
    ll_str_addz(out, "\n### Daemon flags\n");
    add_md_flags(out, ll_flags_client);
    ll_str_addz(out, "\n### Common flags\n");
    add_md_flags(out, ll_flags_common);
    ll_str_addz(out, "\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (const struct ll_help_exit *e = ll_help_exits; e->code >= 0; e++)
        ll_str_addf(out, "| %d | %s |\n", e->code, e->doc);
    ll_str_addz(out, "\n`status --check` has its own, those of monitoring plugins: 0 OK, 1 "
                     "WARNING, 2 CRITICAL, 3 UNKNOWN\n(also when the daemon does not answer).\n");
}
