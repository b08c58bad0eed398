#include "cmd/args.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "config/config.h"

/* Where the parser stands. */
struct cursor {
    int argc, at;
    char **argv;
    struct ll_args *out;
    bool only_positionals; /* after -- */
};

enum { CANDIDATES_MAX = 128 };

static size_t add_flag_names(const struct ll_flag *f, const char **names, size_t n)
{
    for (; f->name && n < CANDIDATES_MAX; f++)
        names[n++] = f->name;
    return n;
}

static const struct ll_flag *find_in(const struct ll_flag *f, struct ll_slice name)
{
    for (; f->name; f++)
        if (ll_slice_is(name, f->name) || (name.n == 1 && f->letter && f->letter == name.s[0]))
            return f;
    return NULL;
}

/* Before the command is known every flag it may have is taken. */
static size_t tables(const struct ll_command *c, const struct ll_flag *out[LL_FLAG_TABLES])
{
    if (c)
        return ll_command_flags(c, out);
    out[0] = ll_flags_output;
    out[1] = ll_flags_client;
    out[2] = ll_flags_common;
    return 3;
}

static const struct ll_flag *find_flag(const struct ll_command *c, struct ll_slice name)
{
    const struct ll_flag *all[LL_FLAG_TABLES];
    size_t n = tables(c, all);
    for (size_t i = 0; i < n; i++) {
        const struct ll_flag *f = find_in(all[i], name);
        if (f)
            return f;
    }
    return NULL;
}

static bool unknown_flag(const struct ll_command *c, struct ll_slice name, struct ll_err *err)
{
    const struct ll_flag *all[LL_FLAG_TABLES];
    const char *names[CANDIDATES_MAX];
    size_t n = 0, n_tables = tables(c, all);
    for (size_t i = 0; i < n_tables; i++)
        n = add_flag_names(all[i], names, n);
    const char *near = ll_str_nearest(name, names, n);
    const char *dashes = name.n == 1 ? "-" : "--";
    if (near)
        return ll_err_set(err, LL_E_USAGE, "unknown flag %s%.*s; did you mean `--%s`?", dashes,
                          (int)name.n, name.s, near);
    return ll_err_set(err, LL_E_USAGE, "unknown flag %s%.*s", dashes, (int)name.n, name.s);
}

static bool is_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *c = choices; *c; c += strcspn(c, "|"), c += *c == '|')
        if (strcspn(c, "|") == n && memcmp(c, value, n) == 0)
            return true;
    return false;
}

/* A date, or the UTC day of a time. */
static bool parse_day(struct ll_slice text, ll_time now, ll_day *out, struct ll_err *err)
{
    ll_time t;
    if (ll_day_parse(text, out, NULL))
        return true;
    if (!ll_time_parse_relative(text, now, &t, NULL) || ll_time_day(t) < LL_DAY_FIRST_ALLOWED ||
        ll_time_day(t) > LL_DAY_LAST_ALLOWED)
        return ll_err_set(err, LL_E_USAGE,
                          "a day such as 2027-01-28, now or now+30d is wanted, from 1900 to 2199");
    *out = (ll_day)ll_time_day(t);
    return true;
}

static bool check_value(const struct ll_flag *f, const char *value, struct ll_err *err)
{
    struct ll_slice text = ll_slice_of(value);
    struct ll_err why;
    int64_t n;
    ll_dur d;
    ll_time t;
    ll_day day;
    bool ok = true;
    why.text[0] = '\0';
    switch (f->type) {
    case LL_FLAG_BOOL:
        ok = is_choice("true|false", value) || ll_err_set(&why, LL_E_USAGE, "true or false");
        break;
    case LL_FLAG_COUNT:
        ok = (ll_num_parse_int(text, &n) && n >= 1 && n <= 1000000) ||
             ll_err_set(&why, LL_E_USAGE, "a whole number from 1 to 1000000 is wanted");
        break;
    case LL_FLAG_DURATION:
        ok = ll_dur_parse(text, &d, &why);
        break;
    case LL_FLAG_TIME:
        ok = ll_time_parse_relative(text, 0, &t, &why);
        break;
    case LL_FLAG_DAY:
        ok = parse_day(text, 0, &day, &why);
        break;
    case LL_FLAG_MOMENT:
        ok = ll_day_parse(text, &day, NULL) || ll_time_parse_relative(text, 0, &t, &why);
        break;
    case LL_FLAG_CHOICE:
        ok = is_choice(f->choices, value) || ll_err_set(&why, LL_E_USAGE, "one of %s", f->choices);
        break;
    case LL_FLAG_TEXT:
    case LL_FLAG_FILE:
        ok = value[0] != '\0' || f->blank || ll_err_set(&why, LL_E_USAGE, "the value is empty");
        break;
    }
    return ok ? true
              : ll_err_set(err, LL_E_USAGE, "--%s: '%s' is not accepted: %s", f->name, value,
                           why.text);
}

static bool store(struct ll_args *a, const struct ll_flag *f, const char *key, const char *value,
                  struct ll_err *err)
{
    if (a->n_flags == LL_ARGS_FLAGS_MAX)
        return ll_err_set(err, LL_E_USAGE, "more than %d flags", LL_ARGS_FLAGS_MAX);
    if (f && !check_value(f, value, err))
        return false;
    a->flags[a->n_flags++] = (struct ll_arg){f, key, value};
    return true;
}

/* The value: behind the '=', or the next word. */
static bool take_value(struct cursor *c, const struct ll_flag *f, const char *inlined,
                       struct ll_err *err)
{
    const char *value = inlined;
    if (!value && f->type == LL_FLAG_BOOL)
        value = "true";
    if (!value && c->at + 1 >= c->argc)
        return ll_err_set(err, LL_E_USAGE, "--%s needs a value: %s", f->name, f->arg);
    if (!value)
        value = c->argv[++c->at];
    return store(c->out, f, f->name, value, err);
}

/* Any other key of the configuration: --host.interval=10s. */
static bool take_setting(struct cursor *c, struct ll_slice name, const char *inlined,
                         struct ll_err *err)
{
    struct ll_args *a = c->out;
    bool is_bool = false;
    if (name.n + 1 > sizeof(a->keys) - a->keys_used)
        return ll_err_set(err, LL_E_USAGE, "the names of all flags are too long");
    char *key = a->keys + a->keys_used;
    memcpy(key, name.s, name.n);
    key[name.n] = '\0';
    if (!ll_config_has_flag(key, &is_bool))
        return unknown_flag(a->command, name, err);
    a->keys_used += name.n + 1;
    if (!inlined && is_bool)
        inlined = "true";
    if (!inlined && c->at + 1 >= c->argc)
        return ll_err_set(err, LL_E_USAGE, "--%s needs a value", key);
    return store(a, NULL, key, inlined ? inlined : c->argv[++c->at], err);
}

static bool take_flag(struct cursor *c, const char *word, struct ll_err *err)
{
    const struct ll_command *cmd = c->out->command;
    bool is_long = word[1] == '-';
    const char *text = word + (is_long ? 2 : 1);
    const char *equals = is_long ? strchr(text, '=') : NULL;
    struct ll_slice name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const char *inlined = equals ? equals + 1 : NULL;
    if (!is_long && name.n > 1) { /* -ojson */
        inlined = text + 1;
        name.n = 1;
    }
    const struct ll_flag *f = find_flag(cmd, name);
    if (f && (is_long ? name.n > 1 : true))
        return take_value(c, f, inlined, err);
    if (is_long && cmd && (cmd->traits & LL_CMD_SETTINGS))
        return take_setting(c, name, inlined, err);
    return unknown_flag(cmd, name, err);
}

static bool unknown_command(const char *word, struct ll_err *err)
{
    const char *names[CANDIDATES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < ll_commands_n && n < CANDIDATES_MAX; i++)
        if (!(ll_commands[i]->traits & LL_CMD_HIDDEN))
            names[n++] = ll_commands[i]->name;
    const char *near = ll_str_nearest(ll_slice_of(word), names, n);
    if (near)
        return ll_err_set(err, LL_E_USAGE, "there is no command '%s'; did you mean `%s`?", word,
                          near);
    return ll_err_set(err, LL_E_USAGE, "there is no command '%s'; `loadline help` lists them",
                      word);
}

/* The second word of `config shw`, said against its own group only. */
static bool unknown_verb(const char *group, const char *verb, struct ll_err *err)
{
    const char *names[CANDIDATES_MAX];
    struct ll_str list;
    size_t n = 0, prefix = strlen(group);
    ll_str_init(&list, 512);
    for (size_t i = 0; i < ll_commands_n && n < CANDIDATES_MAX; i++)
        if (strncmp(ll_commands[i]->name, group, prefix) == 0 &&
            ll_commands[i]->name[prefix] == ' ') {
            names[n++] = ll_commands[i]->name + prefix + 1;
            ll_str_addf(&list, "%s%s", list.n ? ", " : "", names[n - 1]);
        }
    const char *near = verb ? ll_str_nearest(ll_slice_of(verb), names, n) : NULL;
    if (near)
        ll_err_set(err, LL_E_USAGE, "there is no command '%s %s'; did you mean `%s %s`?", group,
                   verb, group, near);
    else if (verb)
        ll_err_set(err, LL_E_USAGE, "there is no command '%s %s'; there is: %s", group, verb,
                   ll_str_z(&list));
    else
        ll_err_set(err, LL_E_USAGE, "'%s' needs one more word: %s", group, ll_str_z(&list));
    ll_str_fini(&list);
    return false;
}

static bool take_command(struct cursor *c, struct ll_err *err)
{
    const char *word = c->argv[c->at];
    const char *next = c->at + 1 < c->argc ? c->argv[c->at + 1] : NULL;
    char two[128];
    c->out->command = ll_command_find(word);
    if (c->out->command)
        return true;
    if (!ll_command_is_group(ll_slice_of(word)))
        return unknown_command(word, err);
    bool is_help = next && (strcmp(next, "-h") == 0 || strcmp(next, "--help") == 0);
    if (is_help) { /* `config --help`: the list of its verbs is what helps */
        c->out->positionals[c->out->n_positionals++] = word;
        return true;
    }
    if (!next || next[0] == '-')
        return unknown_verb(word, NULL, err);
    if (snprintf(two, sizeof(two), "%s %s", word, next) >= (int)sizeof(two))
        return unknown_command(word, err);
    c->out->command = ll_command_find(two);
    if (!c->out->command)
        return unknown_verb(word, next, err);
    c->at++;
    return true;
}

static bool take_positional(struct cursor *c, struct ll_err *err)
{
    struct ll_args *a = c->out;
    const struct ll_positional *p = a->command->positionals;
    size_t n = 0;
    while (p && p[n].name)
        n++;
    if (a->n_positionals >= LL_MIN(n, (size_t)LL_ARGS_POSITIONALS_MAX))
        return ll_err_set(err, LL_E_USAGE, "'%s' is one word too many", c->argv[c->at]);
    a->positionals[a->n_positionals++] = c->argv[c->at];
    return true;
}

/* Flags before the command were taken from the common tables; the command may not have them. */
static bool check_flags(const struct ll_args *a, struct ll_err *err)
{
    for (size_t i = 0; i < a->n_flags; i++) {
        const struct ll_arg *f = &a->flags[i];
        if (f->flag && find_flag(a->command, ll_slice_of(f->key)) != f->flag)
            return unknown_flag(a->command, ll_slice_of(f->key), err);
        for (size_t k = 0; f->flag && !f->flag->repeatable && k < i; k++)
            if (a->flags[k].flag == f->flag)
                return ll_err_set(err, LL_E_USAGE, "--%s is given twice", f->key);
    }
    return true;
}

static bool check_positionals(const struct ll_args *a, struct ll_err *err)
{
    const struct ll_positional *p = a->command->positionals;
    for (size_t i = 0; p && p[i].name; i++)
        if (!p[i].optional && i >= a->n_positionals)
            return ll_err_set(err, LL_E_USAGE, "%s is missing: %s", p[i].name, p[i].doc);
    return true;
}

static bool take_word(struct cursor *c, struct ll_err *err)
{
    const char *word = c->argv[c->at];
    bool is_flag = !c->only_positionals && word[0] == '-' && word[1];
    if (is_flag && strcmp(word, "--") == 0) {
        c->only_positionals = true;
        return true;
    }
    if (is_flag)
        return take_flag(c, word, err);
    return c->out->command ? take_positional(c, err) : take_command(c, err);
}

bool ll_args_parse(int argc, char **argv, struct ll_args *out, struct ll_err *err)
{
    *out = (struct ll_args){0};
    struct cursor c = {.argc = argc, .at = 1, .argv = argv, .out = out};
    for (; c.at < argc; c.at++) {
        if (!take_word(&c, err))
            return false;
        if (!out->command && out->n_positionals) /* help of a group */
            return out->help = true;
    }
    out->help = ll_args_given(out, "help");
    out->version = !out->command && ll_args_given(out, "version");
    if (out->help || out->version || !out->command)
        return true;
    return check_flags(out, err) && check_positionals(out, err);
}

static const struct ll_arg *last(const struct ll_args *a, const char *name)
{
    for (size_t i = a->n_flags; i-- > 0;)
        if (strcmp(a->flags[i].key, name) == 0)
            return &a->flags[i];
    return NULL;
}

bool ll_args_given(const struct ll_args *a, const char *name)
{
    return last(a, name) != NULL;
}

const char *ll_args_text(const struct ll_args *a, const char *name)
{
    const struct ll_arg *given = last(a, name);
    if (given)
        return given->value;
    const struct ll_flag *f = find_flag(a->command, ll_slice_of(name));
    return f ? f->fallback : NULL;
}

bool ll_args_bool(const struct ll_args *a, const char *name)
{
    const char *v = ll_args_text(a, name);
    return v && strcmp(v, "true") == 0;
}

int64_t ll_args_count(const struct ll_args *a, const char *name)
{
    int64_t n = 0;
    const char *v = ll_args_text(a, name);
    return v && ll_num_parse_int(ll_slice_of(v), &n) ? n : 0;
}

ll_dur ll_args_duration(const struct ll_args *a, const char *name)
{
    ll_dur d = 0;
    const char *v = ll_args_text(a, name);
    return v && ll_dur_parse(ll_slice_of(v), &d, NULL) ? d : 0;
}

ll_time ll_args_time(const struct ll_args *a, const char *name, ll_time now)
{
    ll_time t;
    const char *v = ll_args_text(a, name);
    return v && ll_time_parse_relative(ll_slice_of(v), now, &t, NULL) ? t : LL_TIME_NONE;
}

ll_day ll_args_day(const struct ll_args *a, const char *name, ll_time now)
{
    const char *text = ll_args_text(a, name);
    ll_day day = LL_DAY_NONE;
    return text && parse_day(ll_slice_of(text), now, &day, NULL) ? day : LL_DAY_NONE;
}
