#include "core/scope.h"

#include <string.h>

/* On a mismatch the last star takes one byte more: earlier stars need never be reconsidered. */
bool ll_scope_matches(struct ll_slice pattern, struct ll_slice name)
{
    size_t p = 0, i = 0, star = SIZE_MAX, taken = 0;
    while (i < name.n) {
        if (p < pattern.n && pattern.s[p] == '*') {
            star = p++;
            taken = i;
        } else if (p < pattern.n && (pattern.s[p] == '?' || pattern.s[p] == name.s[i])) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.s[p] == '*')
        p++;
    return p == pattern.n;
}

bool ll_scope_add(struct ll_scope *s, struct ll_slice pattern, struct ll_err *err)
{
    size_t used = strlen(s->patterns);
    if (pattern.n == 0)
        return ll_err_set(err, LL_E_INVALID, "a pattern of services is empty");
    for (size_t i = 0; i < pattern.n; i++)
        if ((unsigned char)pattern.s[i] < ' ' || pattern.s[i] == 0x7f)
            return ll_err_set(err, LL_E_INVALID, "a pattern of services has a control character");
    if (pattern.n + 2 > sizeof(s->patterns) - used)
        return ll_err_set(err, LL_E_TOO_LARGE, "the patterns of services are longer than %d bytes",
                          LL_SCOPE_BYTES_MAX);
    memcpy(s->patterns + used, pattern.s, pattern.n);
    memcpy(s->patterns + used + pattern.n, "\n", 2);
    s->limited = true;
    return true;
}

bool ll_scope_may(const struct ll_scope *s, struct ll_slice name)
{
    const char *at = s->patterns;
    if (!s->limited)
        return true;
    while (*at && name.n > 0) {
        size_t n = strcspn(at, "\n");
        if (ll_scope_matches((struct ll_slice){at, n}, name))
            return true;
        at += n + 1;
    }
    return false;
}

const char *ll_scope_text(const struct ll_scope *s, char buf[static LL_SCOPE_TEXT_MAX])
{
    static const char more[] = "\xe2\x80\xa6";
    size_t n = 0;
    if (!s->limited || !s->patterns[0])
        return s->limited ? "none" : "*";
    for (const char *at = s->patterns; *at;) {
        size_t part = strcspn(at, "\n"), gap = n > 0 ? 2 : 0;
        if (n + gap + part + 2 + sizeof(more) > LL_SCOPE_TEXT_MAX) {
            memcpy(buf + n, n > 0 ? ", " : "", gap);
            memcpy(buf + n + gap, more, sizeof(more));
            return buf;
        }
        memcpy(buf + n, ", ", gap);
        memcpy(buf + n + gap, at, part);
        n += gap + part;
        at += part + 1;
    }
    buf[n] = '\0';
    return buf;
}
