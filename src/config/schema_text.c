/* Texts: ${env:X} and ${file:/path}, the checks every text passes, and writing them again. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/schema_private.h"

enum { TEXT_MAX = 4096, SECRET_FILE_MAX = 64 << 10 };

static const char *variable(const char *const *env, struct ll_slice name)
{
    for (; env && *env; env++)
        if (strncmp(*env, name.s, name.n) == 0 && (*env)[name.n] == '=')
            return *env + name.n + 1;
    return NULL;
}

/* A secret's file without the newline that editors leave at the end. */
static bool add_file(struct ll_schema_reader *r, const char *key, struct ll_slice path,
                     const struct ll_yaml_place *place, struct ll_str *out)
{
    char shown[LL_YAML_QUOTE_MAX];
    const char *z = ll_arena_copy(r->out, path.s, path.n);
    struct stat st;
    struct ll_slice text;
    struct ll_err err = {0};
    if (!z)
        return ll_schema_fail(r, place, "%s: no memory", key);
    if (path.n == 0 || path.s[0] != '/')
        return ll_schema_fail(r, place, "%s: ${file:%s} needs an absolute path", key,
                              ll_yaml_quote(path, shown));
    if (stat(z, &st) == 0 && !S_ISREG(st.st_mode)) /* a FIFO would wait for ever */
        return ll_schema_fail(r, place, "%s: %s is not a regular file", key,
                              ll_yaml_quote(path, shown));
    if (!ll_yaml_read_file(z, SECRET_FILE_MAX, r->out, &text, &err))
        return ll_schema_fail(r, place, "%s: %s", key, err.text);
    if (text.n > 0 && text.s[text.n - 1] == '\n')
        text.n--;
    if (text.n > 0 && text.s[text.n - 1] == '\r')
        text.n--;
    ll_str_add(out, text.s, text.n);
    return true;
}

static bool add_reference(struct ll_schema_reader *r, const char *key, struct ll_slice inside,
                          const struct ll_yaml_place *place, struct ll_str *out)
{
    char shown[LL_YAML_QUOTE_MAX];
    if (inside.n >= 5 && memcmp(inside.s, "file:", 5) == 0)
        return add_file(r, key, (struct ll_slice){inside.s + 5, inside.n - 5}, place, out);
    if (inside.n < 4 || memcmp(inside.s, "env:", 4) != 0)
        return ll_schema_fail(r, place, "%s: '${%s}' is neither ${env:NAME} nor ${file:/path}", key,
                              ll_yaml_quote(inside, shown));
    struct ll_slice name = {inside.s + 4, inside.n - 4};
    const char *value = name.n ? variable(r->env, name) : NULL;
    if (!value)
        return ll_schema_fail(r, place, "%s: the environment has no '%s'", key,
                              ll_yaml_quote(name, shown));
    ll_str_addz(out, value);
    return true;
}

bool ll_schema_substitute(struct ll_schema_reader *r, const char *key, struct ll_slice text,
                          const struct ll_yaml_place *place, struct ll_str *out)
{
    for (size_t i = 0; i < text.n && !out->failed;) {
        struct ll_slice rest = {text.s + i, text.n - i};
        if (rest.n >= 3 && memcmp(rest.s, "$${", 3) == 0) { /* the way to write a plain ${ */
            ll_str_addz(out, "${");
            i += 3;
        } else if (rest.n >= 2 && memcmp(rest.s, "${", 2) == 0) {
            const char *end = memchr(rest.s, '}', rest.n);
            if (!end)
                return ll_schema_fail(r, place, "%s: '${' without '}'; a plain one is '$${'", key);
            struct ll_slice inside = {rest.s + 2, (size_t)(end - rest.s) - 2};
            if (!add_reference(r, key, inside, place, out))
                return false;
            i += inside.n + 3;
        } else {
            ll_str_addc(out, rest.s[0]);
            i++;
        }
    }
    return true;
}

static bool check_length(struct ll_schema_reader *r, const struct ll_schema_row *row, size_t n,
                         const struct ll_yaml_place *place)
{
    bool list = row->type == LL_SCHEMA_TEXTS; /* its limits are of the number of items */
    size_t min = list ? 0 : (size_t)row->min, max = list || row->max == 0 ? 0 : (size_t)row->max;
    if (n < min)
        return ll_schema_fail(r, place, "%s: is empty", row->key);
    if (n > (max ? max : TEXT_MAX))
        return ll_schema_fail(r, place, "%s: %zu bytes, at most %zu", row->key, n,
                              max ? max : TEXT_MAX);
    return true;
}

static bool check_text(struct ll_schema_reader *r, const struct ll_schema_row *row,
                       struct ll_slice text, const struct ll_yaml_place *place)
{
    if (!check_length(r, row, text.n, place))
        return false;
    if (text.n && memchr(text.s, '\0', text.n))
        return ll_schema_fail(r, place, "%s: holds a NUL byte", row->key);
    if (!ll_utf8_valid(text.s, text.n))
        return ll_schema_fail(r, place, "%s: is not UTF-8", row->key);
    const char *wrong = row->check ? row->check(text) : NULL;
    char shown[LL_YAML_QUOTE_MAX];
    if (wrong && row->flags & LL_SCHEMA_SECRET)
        return ll_schema_fail(r, place, "%s: the value %s", row->key, wrong);
    if (wrong)
        return ll_schema_fail(r, place, "%s: '%s' %s", row->key, ll_yaml_quote(text, shown), wrong);
    return true;
}

const char *ll_schema_text_read(struct ll_schema_reader *r, const struct ll_schema_row *row,
                                struct ll_slice text, const struct ll_yaml_place *place, size_t *n)
{
    struct ll_str full;
    ll_str_init(&full, SECRET_FILE_MAX);
    bool ok = true;
    if (row->flags & LL_SCHEMA_SUBST)
        ok = ll_schema_substitute(r, row->key, text, place, &full);
    else
        ll_str_add(&full, text.s, text.n);
    if (ok && full.failed)
        ok = ll_schema_fail(r, place, "%s: larger than 64 KiB", row->key);
    ok = ok && check_text(r, row, (struct ll_slice){ll_str_z(&full), full.n}, place);
    const char *z = ok ? ll_arena_copy(r->out, ll_str_z(&full), full.n) : NULL;
    if (ok && !z)
        ll_schema_fail(r, place, "%s: no memory", row->key);
    *n = full.n;
    ll_str_fini(&full);
    return z;
}

static bool is_plain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("/._:-@", c);
}

/* Conservative: what reads back the same in block and in flow style. */
static bool is_plain(struct ll_slice t)
{
    if (t.n == 0 || strchr(":-@", t.s[0]) || t.s[t.n - 1] == ':' || ll_slice_ieq(t, "null"))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (!t.s[i] || !is_plain_byte(t.s[i]))
            return false;
    return true;
}

/* Characters that YAML takes for a break or refuses, though JSON does not: C1 controls, line
 * and paragraph separators, the byte order mark and the two non-characters.  Length or 0. */
static size_t special(const char *s, size_t n, unsigned *code)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n >= 2 && p[0] == 0xc2 && p[1] < 0xa0) {
        *code = p[1];
        return 2;
    }
    if (n < 3 || (p[0] != 0xe2 && p[0] != 0xef))
        return 0;
    *code = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    bool yes = *code == 0x2028 || *code == 0x2029 || *code == 0xfeff || *code >= 0xfffe;
    return yes ? 3 : 0;
}

void ll_schema_json_text(struct ll_slice text, struct ll_str *out)
{
    ll_str_addc(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.s[i];
        unsigned code = c;
        size_t len = special(text.s + i, text.n - i, &code);
        if (c == '"' || c == '\\') {
            ll_str_addf(out, "\\%c", c);
        } else if (len || c < ' ' || c == 0x7f) {
            ll_str_addf(out, "\\u%04x", code);
            i += len ? len - 1 : 0;
        } else {
            ll_str_addc(out, (char)c);
        }
    }
    ll_str_addc(out, '"');
}

void ll_schema_text_show(struct ll_slice text, bool subst, struct ll_str *out)
{
    if (is_plain(text)) {
        ll_str_add(out, text.s, text.n);
        return;
    }
    struct ll_str escaped;
    ll_str_init(&escaped, 2 * LL_YAML_BYTES_MAX);
    for (size_t i = 0; i < text.n; i++) {
        if (subst && i + 1 < text.n && text.s[i] == '$' && text.s[i + 1] == '{')
            ll_str_addc(&escaped, '$');
        ll_str_addc(&escaped, text.s[i]);
    }
    ll_schema_json_text((struct ll_slice){ll_str_z(&escaped), escaped.n}, out);
    out->failed |= escaped.failed;
    ll_str_fini(&escaped);
}
