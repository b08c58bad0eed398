#include "core/labels.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return ll_slice_cmp(((const struct ll_label *)a)->name, ((const struct ll_label *)b)->name);
}

/* Of two names that are not empty: the first letters mostly tell. */
static bool in_order(const struct ll_label *a, const struct ll_label *b)
{
    unsigned char x = (unsigned char)a->name.s[0], y = (unsigned char)b->name.s[0];
    return x != y ? x < y : ll_slice_cmp(a->name, b->name) < 0;
}

static size_t varint_size(size_t n)
{
    size_t size = 1;
    for (; n >= 128; n >>= 7)
        size++;
    return size;
}

static size_t pair_size(const struct ll_label *l)
{
    return varint_size(l->name.n) + l->name.n + varint_size(l->value.n) + l->value.n;
}

static bool check_pair(const struct ll_label *l, struct ll_err *err)
{
    if (!ll_utf8_valid(l->name.s, l->name.n))
        return ll_err_set(err, LL_E_INVALID, "a label's name is not UTF-8");
    return ll_utf8_valid(l->value.s, l->value.n) ||
           ll_err_set(err, LL_E_INVALID, "the value of label '%.*s' is not UTF-8",
                      (int)LL_MIN(l->name.n, (size_t)80), l->name.s);
}

bool ll_labels_sort_utf8(struct ll_label *v, size_t *n, struct ll_err *err)
{
    size_t kept = 0, bytes = 0, empty = 0;
    bool sorted = true; /* by most senders; then no two names are equal either */
    if (*n > LL_LABELS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu labels are more than %d", *n, LL_LABELS_MAX);
    for (size_t i = 0; i < *n; i++) {
        if (v[i].name.n == 0)
            return ll_err_set(err, LL_E_INVALID, "a label has no name");
        bytes += pair_size(&v[i]);
        empty += v[i].value.n == 0;
        sorted = sorted && (i == 0 || in_order(&v[i - 1], &v[i]));
    }
    if (bytes > LL_LABELS_BYTES_MAX)
        return ll_err_set(err, LL_E_RANGE, "labels of %zu bytes are more than %d", bytes,
                          LL_LABELS_BYTES_MAX);
    if (!sorted)
        qsort(v, *n, sizeof(*v), by_name);
    for (size_t i = 1; i < *n && !sorted; i++)
        if (ll_slice_eq(v[i].name, v[i - 1].name))
            return ll_err_set(err, LL_E_INVALID, "label '%.*s' is there twice",
                              (int)LL_MIN(v[i].name.n, (size_t)80), v[i].name.s);
    if (empty == 0)
        return true;
    for (size_t i = 0; i < *n; i++)
        if (v[i].value.n > 0)
            v[kept++] = v[i];
    *n = kept;
    return true;
}

bool ll_labels_sort(struct ll_label *v, size_t *n, struct ll_err *err)
{
    for (size_t i = 0; i < *n && *n <= LL_LABELS_MAX; i++)
        if (!check_pair(&v[i], err))
            return false;
    return ll_labels_sort_utf8(v, n, err);
}

size_t ll_labels_size(const struct ll_label *v, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += pair_size(&v[i]);
    return size;
}

static char *write_length(char *to, size_t n)
{
    for (; n >= 128; n >>= 7)
        *to++ = (char)((n & 127u) | 128u);
    *to++ = (char)n;
    return to;
}

/* Names and values are short; a call for each would take longer than the copy. */
static char *write_text(char *to, struct ll_slice t)
{
    enum { WORD = sizeof(uint64_t) };
    to = write_length(to, t.n);
    if (t.n >= WORD && t.n <= 4 * WORD) {
        for (size_t i = 0; i + WORD < t.n; i += WORD)
            memcpy(to + i, t.s + i, WORD);
        memcpy(to + t.n - WORD, t.s + t.n - WORD, WORD);
    } else if (t.n) {
        memcpy(to, t.s, t.n);
    }
    return to + t.n;
}

char *ll_labels_write(const struct ll_label *v, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++) {
        to = write_text(to, v[i].name);
        to = write_text(to, v[i].value);
    }
    return to;
}

void ll_labels_encode(const struct ll_label *v, size_t n, struct ll_str *out)
{
    char head[16];
    for (size_t i = 0; i < n; i++) {
        const struct ll_slice texts[] = {v[i].name, v[i].value};
        for (size_t k = 0; k < LL_LEN(texts); k++) {
            ll_str_add(out, head, (size_t)(write_length(head, texts[k].n) - head));
            ll_str_add(out, texts[k].s, texts[k].n);
        }
    }
}

static bool take_text(struct ll_slice *rest, struct ll_slice *out)
{
    size_t n = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (rest->n == 0)
            return false;
        unsigned char b = (unsigned char)*rest->s++;
        rest->n--;
        n |= (size_t)(b & 127u) << shift;
        if (b < 128) {
            if (n > rest->n)
                return false;
            *out = (struct ll_slice){rest->s, n};
            rest->s += n;
            rest->n -= n;
            return true;
        }
    }
    return false;
}

bool ll_labels_next(struct ll_slice *rest, struct ll_label *out)
{
    struct ll_slice at = *rest;
    struct ll_label l;
    if (!take_text(&at, &l.name) || !take_text(&at, &l.value))
        return false;
    *rest = at;
    *out = l;
    return true;
}

struct ll_slice ll_labels_get(struct ll_slice set, struct ll_slice name)
{
    struct ll_label l;
    while (ll_labels_next(&set, &l))
        if (ll_slice_eq(l.name, name))
            return l.value;
    return (struct ll_slice){"", 0};
}

static void add_quoted(struct ll_str *out, struct ll_slice t, bool json)
{
    ll_str_addc(out, '"');
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c == '"' || c == '\\')
            ll_str_addf(out, "\\%c", c);
        else if (c == '\n')
            ll_str_addz(out, "\\n");
        else if (json && c < 0x20)
            ll_str_addf(out, "\\u%04x", c);
        else
            ll_str_addc(out, (char)c);
    }
    ll_str_addc(out, '"');
}

/* What needs no quotes as a name. */
static bool is_plain(struct ll_slice name, bool colons)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9') && !(colons && c == ':'))
            return false;
    }
    return name.n > 0;
}

static void add_name(struct ll_str *out, struct ll_slice name)
{
    if (is_plain(name, false))
        ll_str_add(out, name.s, name.n);
    else
        add_quoted(out, name, false);
}

void ll_labels_text(struct ll_slice set, struct ll_str *out)
{
    struct ll_slice metric = ll_labels_get(set, LL_LABELS_NAME);
    bool plain = is_plain(metric, true), first = true;
    struct ll_label l;
    if (plain)
        ll_str_add(out, metric.s, metric.n);
    ll_str_addc(out, '{');
    if (!plain && metric.n) {
        add_quoted(out, metric, false); /* {"a.b",x="1"}: how UTF-8 names are written */
        first = false;
    }
    while (ll_labels_next(&set, &l)) {
        if (ll_slice_is(l.name, "__name__"))
            continue;
        if (!first)
            ll_str_addc(out, ',');
        first = false;
        add_name(out, l.name);
        ll_str_addc(out, '=');
        add_quoted(out, l.value, false);
    }
    ll_str_addc(out, '}');
}

void ll_labels_json(struct ll_slice set, struct ll_str *out)
{
    struct ll_label l;
    bool first = true;
    ll_str_addc(out, '{');
    while (ll_labels_next(&set, &l)) {
        if (!first)
            ll_str_addc(out, ',');
        first = false;
        add_quoted(out, l.name, true);
        ll_str_addc(out, ':');
        add_quoted(out, l.value, true);
    }
    ll_str_addc(out, '}');
}
