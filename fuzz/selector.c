/* Selectors and templates of the configuration: what is read must end, stay within its text, and
 * mean the same when it is read again.  The input is a selector, a line break, a template. */
#include "mapping/selector.h"

#include <stdlib.h>
#include <string.h>

#include "mapping/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ll_label labels[] = {
    {{"__name__", 8}, {"up", 2}},
    {{"instance", 8}, {"[::1]:9100", 10}},
    {{"job", 3}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 57}},
    {{"unit", 4}, {"\xc3\xa4.service", 10}},
};

static void read_selector(struct ll_slice text, struct ll_slice set)
{
    struct ll_selector *s = NULL, *again = NULL;
    struct ll_err err = {0};
    if (!ll_selector_parse(text, &s, &err)) {
        LL_ASSERT(!s && (err.code == LL_E_INVALID || err.code == LL_E_RANGE));
        LL_ASSERT(err.column >= 0 && (size_t)err.column <= text.n + 1);
        return;
    }
    LL_ASSERT(ll_selector_parse(text, &again, &err));
    LL_ASSERT(ll_selector_match(s, set) == ll_selector_match(again, set));
    LL_ASSERT(!ll_selector_match(s, (struct ll_slice){"", 0})); /* one needs a value */
    LL_ASSERT(ll_slice_eq(ll_selector_name(s), ll_selector_name(again)));
    ll_selector_free(s);
    ll_selector_free(again);
}

static void read_template(struct ll_slice text, struct ll_slice set)
{
    struct ll_arena *arena = ll_arena_new(1 << 16);
    LL_ASSERT(arena);
    struct ll_template t;
    struct ll_err err = {0};
    char buf[LL_NAME_MAX + 1];
    size_t n = 0;
    if (!ll_template_parse(text, arena, &t, &err))
        LL_ASSERT(err.code == LL_E_INVALID || err.code == LL_E_RANGE);
    else if (ll_template_expand(&t, set, LL_SLICE("source"), buf, &n))
        LL_ASSERT(n <= LL_NAME_MAX && buf[n] == '\0' && ll_utf8_valid(buf, n));
    ll_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_str set;
    ll_str_init(&set, LL_LABELS_BYTES_MAX);
    ll_labels_encode(labels, LL_LEN(labels), &set);
    LL_ASSERT(!set.failed);
    char *copy = malloc(size + 1); /* of its own size, so that a byte too far is seen */
    LL_ASSERT(copy);
    if (size)
        memcpy(copy, data, size);
    const char *line = size ? memchr(copy, '\n', size) : NULL;
    size_t n = line ? (size_t)(line - copy) : size;
    read_selector((struct ll_slice){copy, n}, (struct ll_slice){set.s, set.n});
    if (line)
        read_template((struct ll_slice){line + 1, size - n - 1}, (struct ll_slice){set.s, set.n});
    (void)ll_template_host((struct ll_slice){copy, n});
    free(copy);
    ll_str_fini(&set);
    return 0;
}
