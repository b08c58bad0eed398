/* Where values come from, folded into one tree: the file, what conf.d adds below it, then the
 * environment and the flags above.  Each file is checked alone first, so that a mistake in a
 * value that something else overrides is still an error. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_private.h"

enum { CONF_D_MAX = 64, PATH_BYTES_MAX = 4096 };

const char *ll_config_env(const struct ll_config_source *src, const char *name)
{
    size_t n = strlen(name);
    for (const char *const *e = src->env; e && *e; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=' && (*e)[n + 1])
            return *e + n + 1;
    return NULL;
}

const char *ll_config_beside(struct ll_arena *a, const char *file, const char *path)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (path[0] == '/' || !slash)
        return path;
    size_t dir = (size_t)(slash - file) + 1, size = dir + strlen(path) + 1;
    char *full = ll_arena_alloc(a, size, 1);
    if (full)
        snprintf(full, size, "%.*s%s", (int)dir, file, path);
    return full;
}

/* An error that already has its text and place. */
static bool keep_error(struct ll_schema_reader *r, const struct ll_err *err)
{
    if (r->errs && r->n_errs < r->max)
        r->errs[r->n_errs] = *err;
    r->n_errs++;
    return false;
}

/* Parses one file and holds it against the schema; nothing of that reading is kept. */
static bool read_text(struct ll_schema_reader *r, struct ll_arena *scratch, struct ll_slice text,
                      const char *name, struct ll_yaml_node **root)
{
    struct ll_err err = {0};
    if (!ll_yaml_parse(text, name, scratch, root, &err))
        return keep_error(r, &err);
    struct ll_schema_reader alone = {.out = scratch,
                                     .env = r->env,
                                     .errs = r->errs ? r->errs + LL_MIN(r->n_errs, r->max) : NULL,
                                     .max = r->max - LL_MIN(r->n_errs, r->max)};
    struct ll_config *c = LL_ARENA_NEW(scratch, struct ll_config, 1);
    if (!c) {
        ll_err_set(&err, LL_E_MEMORY, "%s: no memory", name);
        return keep_error(r, &err);
    }
    bool ok = ll_schema_read(&alone, ll_config_table(), *root, c);
    r->n_errs += alone.n_errs;
    return ok;
}

static bool read_file(struct ll_schema_reader *r, struct ll_arena *scratch, const char *path,
                      struct ll_yaml_node **root)
{
    struct ll_err err = {0};
    struct ll_slice text;
    const char *name = ll_arena_copy(r->out, path, strlen(path));
    if (!name)
        ll_err_set(&err, LL_E_MEMORY, "%s: no memory", path);
    if (!name || !ll_yaml_read_file(path, LL_YAML_BYTES_MAX, scratch, &text, &err))
        return keep_error(r, &err);
    return read_text(r, scratch, text, name, root);
}

static int is_yml(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return d->d_name[0] != '.' && n > 4 && strcmp(d->d_name + n - 4, ".yml") == 0;
}

/* Bytes, not the locale's order: the same on every machine.  The last name first. */
static int later_first(const struct dirent **a, const struct dirent **b)
{
    return -strcmp((*a)->d_name, (*b)->d_name);
}

static void underlay_file(struct ll_schema_reader *r, struct ll_arena *scratch, const char *dir,
                          const char *name, struct ll_yaml_node *root)
{
    char path[PATH_BYTES_MAX];
    struct ll_yaml_node *under;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (read_file(r, scratch, path, &under))
        ll_yaml_underlay(root, under);
}

static void underlay_conf_d(struct ll_schema_reader *r, struct ll_arena *scratch, const char *file,
                            struct ll_yaml_node *root)
{
    const char *dir = ll_config_beside(scratch, file, "conf.d");
    struct dirent **names = NULL;
    int n = dir ? scandir(dir, &names, is_yml, later_first) : -1;
    struct ll_yaml_place place = {.from = LL_YAML_FROM_FILE, .name = dir ? dir : file};
    if (n < 0 && errno != ENOENT && errno != ENOTDIR)
        ll_schema_fail(r, &place, "%s", strerror(errno));
    if (n > CONF_D_MAX)
        ll_schema_fail(r, &place, "%d files, at most %d", n, CONF_D_MAX);
    for (int i = 0; i < n; i++) {
        if (n <= CONF_D_MAX)
            underlay_file(r, scratch, dir, names[i]->d_name, root);
        free(names[i]);
    }
    free(names);
}

/* Flags and variables, laid over the tree row by row. */
struct overlay {
    const struct ll_config_source *src;
    struct ll_schema_reader *r;
    struct ll_arena *scratch;
    struct ll_yaml_node *root;
};

/* The node at "web.max_body", made when it is not there; NULL without memory. */
static struct ll_yaml_node *node_at(struct overlay *o, const char *path)
{
    struct ll_yaml_node *at = o->root;
    while (at && *path) {
        size_t n = strcspn(path, ".");
        struct ll_slice key = {path, n};
        if (at->kind != LL_YAML_MAP) /* `web:` without members */
            at->kind = LL_YAML_MAP;
        struct ll_yaml_node *next = ll_yaml_get(at, key);
        if (!next) {
            key.s = ll_arena_copy(o->scratch, path, n);
            next = key.s ? ll_yaml_add(o->scratch, at, LL_YAML_SCALAR, key) : NULL;
        }
        at = next;
        path += n + (path[n] == '.');
    }
    return at;
}

static bool no_memory(struct overlay *o, const struct ll_yaml_place *place)
{
    return ll_schema_fail(o->r, place, "no memory");
}

static bool add_text(struct overlay *o, struct ll_yaml_node *list, struct ll_slice text,
                     const struct ll_yaml_place *place)
{
    struct ll_yaml_node *n =
        ll_yaml_add(o->scratch, list, LL_YAML_SCALAR, (struct ll_slice){"", 0});
    if (!n)
        return no_memory(o, place);
    n->style = LL_YAML_GIVEN;
    n->text = text;
    n->place = *place;
    return true;
}

/* A variable holds all texts of a list, with commas between. */
static void add_texts(struct overlay *o, struct ll_yaml_node *list, const char *value,
                      const struct ll_yaml_place *place)
{
    while (*value) {
        size_t n = strcspn(value, ",");
        struct ll_slice one = {value, n};
        for (; one.n && one.s[0] == ' '; one.n--)
            one.s++;
        while (one.n && one.s[one.n - 1] == ' ')
            one.n--;
        if (!add_text(o, list, one, place))
            return;
        value += n + (value[n] == ',');
    }
}

static void put_texts(struct overlay *o, struct ll_yaml_node *n, const char *value,
                      const struct ll_yaml_place *place)
{
    bool again = n->kind == LL_YAML_LIST && n->place.from == LL_YAML_FROM_FLAG;
    if (!again) {
        n->kind = LL_YAML_LIST;
        n->first = n->last = NULL;
        n->n = 0;
    }
    n->place = n->key_place = *place;
    if (place->from == LL_YAML_FROM_ENV)
        add_texts(o, n, value, place);
    else if (*value)
        (void)add_text(o, n, ll_slice_of(value), place);
}

/* Name and value live in r->out and the source. */
static void put(struct overlay *o, const struct ll_schema_visit *v, const char *value,
                enum ll_yaml_from from, const char *name)
{
    struct ll_yaml_place place = {.from = from,
                                  .name = ll_arena_copy(o->r->out, name, strlen(name))};
    struct ll_yaml_node *n = place.name ? node_at(o, v->path) : NULL;
    if (!n) {
        (void)no_memory(o, &place);
    } else if (v->row->type == LL_SCHEMA_TEXTS) {
        put_texts(o, n, value, &place);
    } else {
        n->kind = LL_YAML_SCALAR;
        n->style = LL_YAML_GIVEN;
        n->text = ll_slice_of(value);
        n->place = n->key_place = place;
    }
}

static bool is_flag_of(const struct ll_schema_visit *v, const char *key)
{
    char name[LL_SCHEMA_NAME_MAX];
    ll_schema_flag_name(v->path, name);
    return strcmp(key, name) == 0 || (v->row->flag && strcmp(key, v->row->flag) == 0);
}

static bool overlay_row(void *ctx, const struct ll_schema_visit *v)
{
    struct overlay *o = ctx;
    if (!ll_schema_has_flag(v))
        return true;
    char name[LL_SCHEMA_NAME_MAX + 2];
    ll_schema_env_name(v->path, name);
    const char *value = ll_config_env(o->src, name);
    if (value)
        put(o, v, value, LL_YAML_FROM_ENV, name);
    for (size_t i = 0; i < o->src->n_flags; i++) {
        const struct ll_config_flag *f = &o->src->flags[i];
        if (!is_flag_of(v, f->key))
            continue;
        snprintf(name, sizeof(name), "--%s", f->key);
        const char *bare = v->row->type == LL_SCHEMA_BOOL ? "true" : "";
        put(o, v, f->value ? f->value : bare, LL_YAML_FROM_FLAG, name);
    }
    return true;
}

struct flag_search {
    const char *key;
    const struct ll_schema_row *found;
    char (*names)[LL_SCHEMA_NAME_MAX]; /* every flag, for "did you mean"; NULL = not wanted */
    size_t n;
};

enum { FLAG_NAMES_MAX = 192 };

static bool search_flag(void *ctx, const struct ll_schema_visit *v)
{
    struct flag_search *s = ctx;
    if (!ll_schema_has_flag(v))
        return true;
    if (is_flag_of(v, s->key))
        s->found = v->row;
    if (s->names && s->n < FLAG_NAMES_MAX)
        ll_schema_flag_name(v->path, s->names[s->n++]);
    if (s->names && v->row->flag && s->n < FLAG_NAMES_MAX)
        snprintf(s->names[s->n++], LL_SCHEMA_NAME_MAX, "%s", v->row->flag);
    return true;
}

bool ll_config_has_flag(const char *key, bool *is_bool)
{
    struct flag_search s = {.key = key};
    *is_bool = false;
    if (strcmp(key, "config.file") == 0)
        return true;
    ll_schema_walk(ll_config_table(), search_flag, &s);
    *is_bool = s.found && s.found->type == LL_SCHEMA_BOOL;
    return s.found;
}

static void check_flags(struct overlay *o)
{
    for (size_t i = 0; i < o->src->n_flags; i++) {
        bool is_bool;
        const char *key = o->src->flags[i].key;
        if (ll_config_has_flag(key, &is_bool))
            continue;
        char names[FLAG_NAMES_MAX][LL_SCHEMA_NAME_MAX], shown[LL_YAML_QUOTE_MAX];
        const char *list[FLAG_NAMES_MAX];
        struct flag_search s = {.key = key, .names = names};
        ll_schema_walk(ll_config_table(), search_flag, &s);
        for (size_t k = 0; k < s.n; k++)
            list[k] = names[k];
        const char *near = ll_str_nearest(ll_slice_of(key), list, s.n);
        struct ll_yaml_place place = {.from = LL_YAML_FROM_FLAG, .name = "flags"};
        ll_schema_fail(o->r, &place, "unknown flag '--%s'%s%s%s",
                       ll_yaml_quote(ll_slice_of(key), shown), near ? "; did you mean '--" : "",
                       near ? near : "", near ? "'?" : "");
    }
}

static const char *file_of(const struct ll_config_source *src)
{
    if (src->file || src->text.s)
        return src->file;
    for (size_t i = src->n_flags; i-- > 0;)
        if (strcmp(src->flags[i].key, "config.file") == 0)
            return src->flags[i].value;
    return ll_config_env(src, "LOADLINE_CONFIG_FILE");
}

bool ll_config_tree(const struct ll_config_source *src, struct ll_schema_reader *r,
                    struct ll_arena *scratch, const char **file, struct ll_yaml_node **root)
{
    const char *path = file_of(src);
    const char *name = path ? ll_arena_copy(r->out, path, strlen(path)) : NULL;
    struct ll_yaml_node *tree = NULL;
    if (src->text.s)
        (void)read_text(r, scratch, src->text, name ? name : "config", &tree);
    else if (name && read_file(r, scratch, name, &tree))
        underlay_conf_d(r, scratch, name, tree);
    if (!path && !src->text.s)
        tree = ll_yaml_add(scratch, NULL, LL_YAML_MAP, (struct ll_slice){"", 0});
    struct overlay o = {src, r, scratch, tree};
    check_flags(&o);
    if (r->n_errs > 0)
        return false;
    struct ll_yaml_place place = {.name = path};
    if (!tree)
        return no_memory(&o, &place);
    ll_schema_walk(ll_config_table(), overlay_row, &o);
    *file = name;
    *root = tree;
    return r->n_errs == 0;
}
