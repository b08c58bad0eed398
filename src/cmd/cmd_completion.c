/* Completion scripts for shells, printed from the command table. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/ctx.h"
#include "core/enums.h"

/* What the scripts ask a running daemon for; quick or nothing. */
static const char services[] = "loadline services --timeout 1s -o csv 2>/dev/null";

static bool is_listed(const struct ll_command *c)
{
    return !(c->traits & LL_CMD_HIDDEN);
}

/* Names of resources, as enums.h has them. */
static void add_resources(struct ll_str *out)
{
    for (int t = 0; t < LL_RESOURCE_COUNT; t++)
        ll_str_addf(out, "%s%s", t ? " " : "", ll_resource_name((enum ll_resource_type)t));
}

/* First words, each once: "config" stands for all its verbs. */
static void add_first_words(struct ll_str *out)
{
    const char *before = "";
    size_t before_n = 0;
    for (size_t i = 0; i < ll_commands_n; i++) {
        const char *name = ll_commands[i]->name;
        size_t n = strcspn(name, " ");
        if (!is_listed(ll_commands[i]) || (n == before_n && memcmp(name, before, n) == 0))
            continue;
        ll_str_addf(out, "%s%.*s", out->n ? " " : "", (int)n, name);
        before = name;
        before_n = n;
    }
}

static void add_verbs(struct ll_str *out, struct ll_slice group)
{
    for (size_t i = 0; i < ll_commands_n; i++) {
        const char *name = ll_commands[i]->name;
        if (is_listed(ll_commands[i]) && strncmp(name, group.s, group.n) == 0 &&
            name[group.n] == ' ')
            ll_str_addf(out, "%s%s", out->n ? " " : "", name + group.n + 1);
    }
}

static void add_flag_words(struct ll_str *out, const struct ll_command *c)
{
    const struct ll_flag *tables[LL_FLAG_TABLES];
    size_t n = ll_command_flags(c, tables);
    for (size_t i = 0; i < n; i++)
        for (const struct ll_flag *f = tables[i]; f->name; f++)
            ll_str_addf(out, "%s--%s", out->n ? " " : "", f->name);
}

/* The words a choice has, separated by spaces. */
static void add_choices(struct ll_str *out, const struct ll_flag *f)
{
    for (const char *p = f->choices; *p; p++)
        ll_str_addc(out, *p == '|' ? ' ' : *p);
}

static void bash_flag_values(struct ll_str *out, const struct ll_flag *f)
{
    for (; f->name; f++) {
        if (!f->choices && f->type != LL_FLAG_FILE)
            continue;
        ll_str_addf(out, "        --%s", f->name);
        if (f->letter)
            ll_str_addf(out, "|-%c", f->letter);
        if (f->type == LL_FLAG_FILE) {
            ll_str_addz(out, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
            continue;
        }
        ll_str_addz(out, ") COMPREPLY=($(compgen -W \"");
        add_choices(out, f);
        ll_str_addz(out, "\" -- \"$cur\")); return ;;\n");
    }
}

static void bash_words(struct ll_str *out, const struct ll_command *c)
{
    ll_str_addf(out, "        \"%s\") words=\"", c->name);
    struct ll_str words;
    ll_str_init(&words, 64 << 10);
    add_flag_words(&words, c);
    for (const struct ll_positional *p = c->positionals; p && p->name; p++) {
        if (p->kind == LL_POSITIONAL_SERVICE)
            ll_str_addf(&words, " $(%s | tail -n +2 | cut -d, -f1)", services);
        else if (p->kind == LL_POSITIONAL_RESOURCE)
            (ll_str_addc(&words, ' '), add_resources(&words));
        else if (p->kind == LL_POSITIONAL_SHELL)
            ll_str_addz(&words, " bash zsh fish");
        else if (p->kind == LL_POSITIONAL_COMMAND)
            ll_str_addz(&words, " $first");
    }
    ll_str_addz(out, ll_str_z(&words));
    ll_str_addz(out, "\" ;;\n");
    ll_str_fini(&words);
}

static void bash_groups(struct ll_str *out, const char *first)
{
    for (const char *p = first; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
        struct ll_slice word = {p, strcspn(p, " ")};
        if (!ll_command_is_group(word))
            continue;
        struct ll_str verbs;
        ll_str_init(&verbs, 4096);
        add_verbs(&verbs, word);
        ll_str_addf(out, "        \"%.*s\") words=\"%s\" ;;\n", (int)word.n, word.s,
                    ll_str_z(&verbs));
        ll_str_fini(&verbs);
    }
}

static void print_bash(struct ll_str *out, const char *first)
{
    ll_str_addf(out,
                "# bash completion of loadline; load it: source <(loadline completion bash)\n"
                "_loadline() {\n"
                "    local cur prev cmd words first w\n"
                "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=\n"
                "    first=\"%s\"\n"
                "    for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        case $w in -*) ;; *)\n"
                "            if [[ -z $cmd ]]; then cmd=$w\n"
                "            elif [[ $cmd != *' '* ]] && [[ \" $(_loadline_verbs \"$cmd\") \" == "
                "*\" $w \"* ]]; then cmd=\"$cmd $w\"; fi ;;\n"
                "        esac\n    done\n"
                "    case $prev in\n",
                first);
    bash_flag_values(out, ll_flags_output);
    bash_flag_values(out, ll_flags_client);
    bash_flag_values(out, ll_flags_common);
    bash_flag_values(out, ll_flags_settings);
    for (size_t i = 0; i < ll_commands_n; i++)
        if (is_listed(ll_commands[i]) && ll_commands[i]->flags)
            bash_flag_values(out, ll_commands[i]->flags);
    ll_str_addz(out, "    esac\n    case $cmd in\n        \"\") words=$first ;;\n");
    bash_groups(out, first);
    for (size_t i = 0; i < ll_commands_n; i++)
        if (is_listed(ll_commands[i]))
            bash_words(out, ll_commands[i]);
    ll_str_addz(out, "    esac\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                     "    [[ $cmd == 'check config' && $cur != -* ]] && "
                     "COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                     "    return 0\n}\n"
                     "_loadline_verbs() {\n    local words=\n    case $1 in\n");
    bash_groups(out, first);
    ll_str_addz(out, "    esac\n    printf '%s' \"$words\"\n}\n"
                     "complete -o default -F _loadline loadline\n");
}

/* zsh runs bash's function through its own bashcompinit. */
static void print_zsh(struct ll_str *out, const char *first)
{
    ll_str_addz(out, "#compdef loadline\n"
                     "# zsh completion of loadline; load it: source <(loadline completion zsh)\n"
                     "autoload -U +X compinit && compinit\n"
                     "autoload -U +X bashcompinit && bashcompinit\n");
    print_bash(out, first);
}

/* fish: single quotes, a quote inside is escaped. */
static void fish_text(struct ll_str *out, const char *s)
{
    ll_str_addc(out, '\'');
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\')
            ll_str_addc(out, '\\');
        ll_str_addc(out, *s);
    }
    ll_str_addc(out, '\'');
}

/* When a command is the one being typed; its verb when it has two words. */
static void fish_when(struct ll_str *out, const char *name)
{
    size_t n = strcspn(name, " ");
    ll_str_addf(out, "complete -c loadline -n '__fish_seen_subcommand_from %.*s", (int)n, name);
    if (name[n])
        ll_str_addf(out, "; and __fish_seen_subcommand_from %s", name + n + 1);
    ll_str_addz(out, "'");
}

static void fish_flags(struct ll_str *out, const struct ll_command *c)
{
    const struct ll_flag *tables[LL_FLAG_TABLES];
    size_t n = ll_command_flags(c, tables);
    for (size_t i = 0; i < n; i++)
        for (const struct ll_flag *f = tables[i]; f->name; f++) {
            fish_when(out, c->name);
            ll_str_addf(out, " -l %s", f->name);
            if (f->letter)
                ll_str_addf(out, " -s %c", f->letter);
            if (f->choices) {
                ll_str_addz(out, " -xa '");
                add_choices(out, f);
                ll_str_addc(out, '\'');
            } else if (f->type != LL_FLAG_BOOL) {
                ll_str_addz(out, f->type == LL_FLAG_FILE ? " -rF" : " -x");
            }
            ll_str_addz(out, " -d ");
            fish_text(out, f->doc);
            ll_str_addc(out, '\n');
        }
}

static void fish_positionals(struct ll_str *out, const struct ll_command *c)
{
    for (const struct ll_positional *p = c->positionals; p && p->name; p++) {
        if (p->kind == LL_POSITIONAL_TEXT || p->kind == LL_POSITIONAL_COMMAND)
            continue;
        fish_when(out, c->name);
        if (p->kind == LL_POSITIONAL_FILE)
            ll_str_addz(out, " -F");
        else if (p->kind == LL_POSITIONAL_SHELL)
            ll_str_addz(out, " -a 'bash zsh fish'");
        else if (p->kind == LL_POSITIONAL_SERVICE)
            ll_str_addf(out, " -a '(%s | tail -n +2 | cut -d, -f1)'", services);
        else {
            ll_str_addz(out, " -a '");
            add_resources(out);
            ll_str_addc(out, '\'');
        }
        ll_str_addc(out, '\n');
    }
}

static void print_fish(struct ll_str *out, const char *first)
{
    ll_str_addz(out, "# fish completion of loadline; load it: loadline completion fish | source\n"
                     "complete -c loadline -f\n");
    ll_str_addf(out, "complete -c loadline -n __fish_use_subcommand -a '%s'\n", first);
    for (size_t i = 0; i < ll_commands_n; i++) {
        const struct ll_command *c = ll_commands[i];
        size_t n = strcspn(c->name, " ");
        if (!is_listed(c))
            continue;
        if (!c->name[n]) {
            ll_str_addf(out, "complete -c loadline -n __fish_use_subcommand -a %s -d ", c->name);
        } else {
            ll_str_addf(out, "complete -c loadline -n '__fish_seen_subcommand_from %.*s' -a %s -d ",
                        (int)n, c->name, c->name + n + 1);
        }
        fish_text(out, c->doc);
        ll_str_addc(out, '\n');
        fish_flags(out, c);
        fish_positionals(out, c);
    }
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    static const struct {
        const char *shell;
        void (*print)(struct ll_str *out, const char *first);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *shell = c->args->positionals[0];
    struct ll_str first;
    ll_str_init(&first, 4096);
    add_first_words(&first);
    bool known = false;
    for (size_t i = 0; i < LL_LEN(shells) && !known; i++) {
        known = strcmp(shell, shells[i].shell) == 0;
        if (known)
            shells[i].print(&c->out, ll_str_z(&first));
    }
    ll_str_fini(&first);
    return known ? true
                 : ll_err_set(err, LL_E_USAGE, "'%s' is not a shell known here: bash, zsh or fish",
                              shell);
}

static const struct ll_positional positionals[] = {
    {.name = "SHELL", .kind = LL_POSITIONAL_SHELL, .doc = "bash, zsh or fish"}, {0}};

const struct ll_command ll_cmd_completion = {
    .name = "completion",
    .group = "Run",
    .doc = "print a script that completes commands, flags and services",
    .examples = {{"source <(loadline completion bash)", "in this shell"},
                 {"loadline completion fish | source", "in fish"}},
    .positionals = positionals,
    .run = run,
};
