#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ll_slice ll_slice_of(const char *z)
{
    return (struct ll_slice){z ? z : "", z ? strlen(z) : 0};
}

bool ll_slice_eq(struct ll_slice a, struct ll_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

bool ll_slice_is(struct ll_slice a, const char *z)
{
    return ll_slice_eq(a, ll_slice_of(z));
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool ll_slice_ieq(struct ll_slice a, const char *z)
{
    if (a.n != strlen(z))
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower((unsigned char)a.s[i]) != lower((unsigned char)z[i]))
            return false;
    return true;
}

int ll_slice_cmp(struct ll_slice a, struct ll_slice b)
{
    size_t n = LL_MIN(a.n, b.n);
    int c = n ? memcmp(a.s, b.s, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* Length of the sequence that starts with c, and the range of its second byte; 0 = invalid. */
static size_t utf8_length(unsigned char c, unsigned char *lo, unsigned char *hi)
{
    *lo = 0x80;
    *hi = 0xbf;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef) {
        *lo = c == 0xe0 ? 0xa0 : 0x80;
        *hi = c == 0xed ? 0x9f : 0xbf;
        return 3;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        *lo = c == 0xf0 ? 0x90 : 0x80;
        *hi = c == 0xf4 ? 0x8f : 0xbf;
        return 4;
    }
    return 0;
}

size_t ll_str_utf8_next(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    unsigned char lo, hi;
    size_t len = n ? utf8_length(p[0], &lo, &hi) : 0;
    if (len > n)
        return 0;
    for (size_t k = 1; k < len; k++) {
        if (p[k] < lo || p[k] > hi)
            return 0;
        lo = 0x80;
        hi = 0xbf;
    }
    return len;
}

/* Eight bytes at a time, the last eight again where n is no multiple. */
bool ll_str_ascii(const char *s, size_t n)
{
    uint64_t word, all = 0;
    size_t i = 0;
    for (; i + sizeof(word) <= n; i += sizeof(word)) {
        memcpy(&word, s + i, sizeof(word));
        all |= word;
    }
    if (i > 0 && i < n) {
        memcpy(&word, s + n - sizeof(word), sizeof(word));
        all |= word;
    } else {
        for (; i < n; i++)
            all |= (unsigned char)s[i];
    }
    return !(all & UINT64_C(0x8080808080808080));
}

bool ll_utf8_valid(const char *s, size_t n)
{
    if (ll_str_ascii(s, n)) /* as most text is */
        return true;
    for (size_t i = 0; i < n;) {
        size_t len = n - i >= 8 && ll_str_ascii(s + i, 8) ? 8 : ll_str_utf8_next(s + i, n - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

void ll_str_init(struct ll_str *b, size_t cap_bytes)
{
    *b = (struct ll_str){.cap = LL_MIN(cap_bytes, (size_t)PTRDIFF_MAX / 2)}; /* sums fit */
}

void ll_str_fini(struct ll_str *b)
{
    free(b->s);
    *b = (struct ll_str){.cap = b->cap};
}

void ll_str_clear(struct ll_str *b)
{
    b->n = 0;
    b->failed = false;
    if (b->s)
        b->s[0] = '\0';
}

static bool reserve(struct ll_str *b, size_t more)
{
    if (b->failed || more > b->cap - b->n) {
        b->failed = true;
        return false;
    }
    if (b->n + more < b->size)
        return true;
    size_t size = LL_MAX(b->n + more + 1, LL_MIN(b->size + b->size / 2 + 64, b->cap + 1));
    char *s = realloc(b->s, size);
    if (!s) {
        b->failed = true;
        return false;
    }
    b->s = s;
    b->size = size;
    return true;
}

void ll_str_add(struct ll_str *b, const char *s, size_t n)
{
    if (n == 0 || !reserve(b, n))
        return;
    memcpy(b->s + b->n, s, n);
    b->n += n;
    b->s[b->n] = '\0';
}

void ll_str_addz(struct ll_str *b, const char *z)
{
    ll_str_add(b, z, strlen(z));
}

void ll_str_addc(struct ll_str *b, char c)
{
    ll_str_add(b, &c, 1);
}

void ll_str_addf(struct ll_str *b, const char *fmt, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n < 0) {
        b->failed = true; /* longer than INT_MAX, or not encodable */
    } else if ((size_t)n < sizeof(small)) {
        ll_str_add(b, small, (size_t)n);
    } else if (reserve(b, (size_t)n)) {
        vsnprintf(b->s + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

const char *ll_str_z(const struct ll_str *b)
{
    return b->n ? b->s : "";
}

char *ll_str_take(struct ll_str *b, size_t *n)
{
    if (!reserve(b, 0)) {
        ll_str_fini(b);
        return NULL;
    }
    char *s = b->s;
    s[b->n] = '\0';
    *n = b->n;
    *b = (struct ll_str){.cap = b->cap};
    return s;
}

enum { WORD_MAX = 64 };

/* Edit distance with swaps of neighbours (optimal string alignment), three rows. */
static size_t distance(struct ll_slice a, const char *z)
{
    size_t rows[3][WORD_MAX + 1];
    size_t m = strlen(z);
    if (a.n > WORD_MAX || m > WORD_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            unsigned char x = lower((unsigned char)a.s[i - 1]), y = lower((unsigned char)z[j - 1]);
            size_t best = up[j - 1] + (x != y);
            best = LL_MIN(best, up[j] + 1);
            best = LL_MIN(best, now[j - 1] + 1);
            if (i > 1 && j > 1 && x == lower((unsigned char)z[j - 2]) &&
                lower((unsigned char)a.s[i - 2]) == y)
                best = LL_MIN(best, up2[j - 2] + 1);
            now[j] = best;
        }
    }
    return rows[a.n % 3][m];
}

const char *ll_str_nearest(struct ll_slice word, const char *const *candidates, size_t n)
{
    const char *best = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, candidates[i]);
        if (d < least && d <= LL_MAX(word.n, strlen(candidates[i])) / 3) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}
