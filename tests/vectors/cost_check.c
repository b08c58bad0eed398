#include "cost_check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_MAX = 512, FILE_MAX = 256 << 20 };

static char why[WHY_MAX];
static size_t passed, failed;

static char *read_all(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    *n = 0;
    if (f && fseek(f, 0, SEEK_END) == 0) {
        const long size = ftell(f);
        rewind(f);
        text = size > 0 && size < FILE_MAX ? malloc((size_t)size + 1) : NULL;
        if (text)
            *n = fread(text, 1, (size_t)size, f);
    }
    if (f)
        fclose(f);
    return text;
}

static size_t nonfinite(const char *s)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < LL_LEN(words); i++) {
        const size_t n = strlen(words[i]);
        if (strncmp(s, words[i], n) == 0)
            return n;
    }
    return 0;
}

/* Not JSON, but what Python writes; outside of strings they become null and blanks. */
static char *without_nonfinite(const char *s, size_t n)
{
    char *out = calloc(2 * n + 8, 1), *to = out;
    bool text = false;
    for (size_t i = 0; out && i < n; i++) {
        const size_t skip = text ? 0 : nonfinite(s + i);
        if (skip > 0) {
            memcpy(to, "null", 4);
            to += 4;
            i += skip - 1;
            continue;
        }
        text ^= s[i] == '"';
        *to++ = s[i];
        if (text && s[i] == '\\' && i + 1 < n)
            *to++ = s[++i];
    }
    return out;
}

json_t *cost_check_load(int argc, char **argv)
{
    json_error_t error = {0};
    size_t n = 0;
    char *raw = argc == 2 ? read_all(argv[1], &n) : NULL;
    if (raw)
        raw[n] = '\0';
    char *text = raw ? without_nonfinite(raw, n) : NULL;
    json_t *root = text ? json_loads(text, 0, &error) : NULL;
    free(raw);
    free(text);
    if (root)
        return root;
    fprintf(stderr, argc == 2 ? "%s: cannot be read: %s\n" : "usage: %s FILE.json%s\n",
            argv[argc == 2], error.text);
    exit(2);
}

bool cost_check_fail(const char *fmt, ...)
{
    if (why[0])
        return false;
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    return false;
}

bool cost_check_near(const char *what, double got, double want, double rel, double absolute)
{
    if (isnan(want) ? isnan(got) : got == want || fabs(got - want) <= rel * fabs(want) + absolute)
        return true;
    return cost_check_fail("%s is %.17g, expected %.17g", what, got, want);
}

bool cost_check_same(const char *what, const char *got, const char *want)
{
    return strcmp(got, want) == 0 || cost_check_fail("%s is %s, expected %s", what, got, want);
}

bool cost_check_flag(const char *what, bool got, bool want)
{
    return cost_check_same(what, got ? "true" : "false", want ? "true" : "false");
}

void cost_check_case(const char *section, const char *name, bool ok)
{
    *(ok ? &passed : &failed) += 1;
    if (!ok)
        printf("%s: %s: %s\n", section, name, why);
    why[0] = '\0';
}

int cost_check_end(void)
{
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed || passed == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool is_among(const char *key, const char *names)
{
    const size_t n = strlen(key);
    for (const char *at = names; (at = strstr(at, key)) != NULL; at += n) {
        if ((at == names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    }
    return false;
}

bool cost_check_keys(const json_t *object, const char *names)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)object, key, v)
    {
        if (!is_among(key, names))
            return cost_check_fail("the key '%s' is not known here", key);
    }
    return true;
}

bool cost_check_has(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return v && !json_is_null(v);
}

double cost_check_number(const json_t *object, const char *key, double otherwise)
{
    const json_t *v = json_object_get(object, key);
    return !v ? otherwise : json_is_number(v) ? json_number_value(v) : NAN;
}

const char *cost_check_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

const char *cost_check_name(const json_t *c)
{
    const char *name = cost_check_text(c, "name");
    return *name ? name : "a case";
}
