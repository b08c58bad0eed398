#include "os/secret.h"

#include <string.h>

#include "os/file.h"

void ll_secret_fini(struct ll_str *s)
{
    if (s->s)
        explicit_bzero(s->s, s->size);
    ll_str_fini(s);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Moves the text to the front of its buffer and ends it there. */
static void trim(struct ll_str *s)
{
    size_t from = 0;
    while (s->n > 0 && is_space(s->s[s->n - 1]))
        s->n--;
    while (from < s->n && is_space(s->s[from]))
        from++;
    if (!s->s)
        return;
    s->n -= from;
    memmove(s->s, s->s + from, s->n);
    s->s[s->n] = '\0';
}

static bool check(const struct ll_str *s, const char *path, struct ll_err *err)
{
    if (s->n == 0)
        return ll_err_set(err, LL_E_INVALID, "%s is empty", path);
    for (size_t i = 0; i < s->n; i++)
        if ((unsigned char)s->s[i] < ' ' || s->s[i] == 0x7f)
            return ll_err_set(err, LL_E_INVALID, "%s has a control character in it", path);
    return true;
}

bool ll_secret_read(const char *path, struct ll_str *out, struct ll_err *err)
{
    struct ll_str s;
    ll_str_init(&s, LL_SECRET_BYTES_MAX);
    bool ok = ll_file_read(path, LL_SECRET_BYTES_MAX, &s, err);
    trim(&s);
    if (ok && check(&s, path, err)) {
        *out = s;
        return true;
    }
    ll_secret_fini(&s);
    ll_str_init(out, 0);
    return false;
}
