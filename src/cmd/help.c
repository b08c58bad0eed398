#include "cmd/help.h"

#include <string.h>

enum { COLUMN = 26, LINE = 80 };

const struct ll_help_exit ll_help_exits[] = {
    {0, "it worked"},
    {1, "it failed"},
    {2, "the command line is wrong"},
    {3, "the configuration is invalid"},
    {4, "there is no such thing"},
    {5, "the daemon does not answer"},
    {6, "not allowed: no token, or its role is too low"},
    {7, "the base changed meanwhile"},
    {8, "it took too long"},
    {-1, NULL},
};

/* Words of text from column `indent` on, wrapped at LINE. */
static void add_wrapped(struct ll_str *out, const char *text, size_t indent)
{
    size_t column = indent;
    bool first = true;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (!first && column + 1 + word > LINE) {
            ll_str_addf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        ll_str_add(out, " ", first ? 0 : 1);
        ll_str_add(out, text, word);
        column += word + (first ? 0 : 1);
        first = false;
        text += word + strspn(text + word, " ");
    }
    ll_str_addc(out, '\n');
}

/* "  name          doc", the doc on a line of its own when the name is long. */
static void add_entry(struct ll_str *out, const char *name, const char *doc)
{
    size_t n = strlen(name);
    ll_str_addf(out, "  %s", name);
    if (n + 4 > COLUMN)
        ll_str_addf(out, "\n%*s", COLUMN, "");
    else
        ll_str_addf(out, "%*s", (int)(COLUMN - 2 - n), "");
    add_wrapped(out, doc, COLUMN);
}

void ll_help_flag(struct ll_str *out, const struct ll_flag *f)
{
    if (f->letter)
        ll_str_addf(out, "-%c, ", f->letter);
    ll_str_addf(out, "--%s", f->name);
    if (f->arg)
        ll_str_addf(out, " %s", f->arg);
}

void ll_help_flag_notes(struct ll_str *out, const struct ll_flag *f)
{
    const char *gap = "";
    if (f->choices) {
        ll_str_addf(out, "%s", f->choices);
        gap = "; ";
    }
    if (f->fallback) {
        ll_str_addf(out, "%sdefault %s", gap, f->fallback);
        gap = "; ";
    }
    if (f->repeatable)
        ll_str_addf(out, "%smay be repeated", gap);
}

static void add_flag(struct ll_str *out, const struct ll_flag *f)
{
    struct ll_str name, doc;
    ll_str_init(&name, 256);
    ll_str_init(&doc, 1024);
    ll_help_flag(&name, f);
    ll_str_addz(&doc, f->doc);
    size_t before = doc.n;
    ll_str_addz(&doc, " (");
    ll_help_flag_notes(&doc, f);
    if (doc.n == before + 2) {
        doc.n = before;
        doc.s[before] = '\0';
    } else {
        ll_str_addc(&doc, ')');
    }
    add_entry(out, ll_str_z(&name), ll_str_z(&doc));
    ll_str_fini(&name);
    ll_str_fini(&doc);
}

static void add_flags(struct ll_str *out, const char *title, const struct ll_flag *f)
{
    if (!f || !f->name)
        return;
    ll_str_addf(out, "\n%s\n", title);
    for (; f->name; f++)
        add_flag(out, f);
}

void ll_help_usage(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addf(out, "loadline %s", c->name);
    if (c->flags || (c->traits & ~(unsigned)LL_CMD_HIDDEN))
        ll_str_addz(out, " [FLAGS]");
    for (const struct ll_positional *p = c->positionals; p && p->name; p++)
        ll_str_addf(out, p->optional ? " [%s]" : " %s", p->name);
}

void ll_help_command(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addf(out, "%s: %s\n\nExamples\n", c->name, c->doc);
    for (size_t i = 0; i < LL_LEN(c->examples); i++)
        ll_str_addf(out, "  %s\n      %s\n", c->examples[i].line, c->examples[i].doc);
    ll_str_addz(out, "\nUsage\n  ");
    ll_help_usage(out, c);
    ll_str_addc(out, '\n');
    if (c->about) {
        ll_str_addc(out, '\n');
        add_wrapped(out, c->about, 0);
    }
    if (c->positionals && c->positionals->name)
        ll_str_addz(out, "\nArguments\n");
    for (const struct ll_positional *p = c->positionals; p && p->name; p++)
        add_entry(out, p->name, p->doc);
    add_flags(out, "Flags", c->flags);
    if (c->traits & LL_CMD_SETTINGS)
        add_flags(out, "Settings (every key of `loadline config schema` is a flag)",
                  ll_flags_settings);
    if (c->traits & (LL_CMD_FORMS | LL_CMD_JSON))
        add_flags(out, "Output", ll_flags_output);
    if (c->traits & LL_CMD_CLIENT)
        add_flags(out, "Daemon", ll_flags_client);
    add_flags(out, "Common", ll_flags_common);
}

static bool is_listed(const struct ll_command *c)
{
    return !(c->traits & LL_CMD_HIDDEN);
}

void ll_help_all(struct ll_str *out)
{
    const char *group = "";
    ll_str_addz(out, "Loadline watches how much of each resource every service uses, and says "
                     "when\nit runs out.\n\nExamples\n"
                     "  loadline serve\n      watch this host and show it at "
                     "http://127.0.0.1:7380\n"
                     "  loadline status\n      what needs attention now\n");
    for (size_t i = 0; i < ll_commands_n; i++) {
        const struct ll_command *c = ll_commands[i];
        if (!is_listed(c))
            continue;
        if (strcmp(group, c->group) != 0)
            ll_str_addf(out, "\n%s\n", c->group);
        group = c->group;
        add_entry(out, c->name, c->doc);
    }
    ll_str_addz(out, "\nloadline help COMMAND says more about one.\n");
}

void ll_help_group(struct ll_str *out, const char *word)
{
    size_t n = strlen(word);
    ll_str_addf(out, "Usage\n  loadline %s COMMAND\n\nCommands\n", word);
    for (size_t i = 0; i < ll_commands_n; i++) {
        const struct ll_command *c = ll_commands[i];
        if (is_listed(c) && strncmp(c->name, word, n) == 0 && c->name[n] == ' ')
            add_entry(out, c->name, c->doc);
    }
    ll_str_addf(out, "\nloadline %s COMMAND --help says more about one.\n", word);
}

void ll_help_page_name(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addz(out, "loadline");
    if (!c)
        return;
    ll_str_addc(out, '-');
    for (const char *p = c->name; *p; p++)
        ll_str_addc(out, *p == ' ' ? '-' : *p);
}
