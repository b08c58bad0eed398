/* Reads a page of metrics from standard input as a scrape does: scrape_page text|om.  Prints the
 * series, of two samples of one time the first, else the later; exit 1 refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "collect/exposition.h"
#include "stdin.h"

struct series {
    struct ll_slice labels;
    uint64_t bits;
    ll_time t;
};

struct page {
    struct ll_arena *arena;
    struct ll_map *known;
    struct series v[10000];
    size_t n;
};

static bool add(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct page *p = ctx;
    ll_time t = s->has_time ? s->t : INT64_MAX;
    size_t bytes = ll_labels_size(s->labels, s->n), at = p->n;
    char *key = ll_arena_alloc(p->arena, bytes, 1);
    if (!key || at == LL_LEN(p->v))
        return ll_err_set(err, LL_E_MEMORY, "too many series");
    ll_labels_write(s->labels, s->n, key);
    const struct series one = {{key, bytes}, s->bits, t};
    if (ll_map_get(p->known, one.labels, &at)) {
        if (t > p->v[at].t)
            p->v[at] = one;
        return true;
    }
    p->v[p->n++] = one;
    return ll_map_put(p->known, one.labels, at) || ll_err_set(err, LL_E_MEMORY, "no memory");
}

int main(int argc, char **argv)
{
    size_t n;
    char *text = ll_stdin_read(LL_EXPOSITION_BYTES, &n);
    struct page *p = calloc(1, sizeof(*p));
    struct ll_err err;
    if (argc != 2 || !p || !(p->arena = ll_arena_new((size_t)1 << 30)) ||
        !(p->known = ll_map_new(1, LL_LEN(p->v))))
        return 2;
    const struct ll_exposition_opts opts = {
        .format = strcmp(argv[1], "om") == 0 ? LL_EXPOSITION_OM : LL_EXPOSITION_TEXT,
        .on_sample = add,
        .ctx = p};
    bool ok = ll_exposition_parse((struct ll_slice){text, n}, &opts, &err);
    if (!ok)
        fprintf(stderr, "%d:%d: %s\n", err.line, err.column, err.text);
    for (size_t i = 0; ok && i < p->n; i++) {
        struct ll_str line;
        ll_str_init(&line, 1 << 20);
        ll_labels_json(p->v[i].labels, &line);
        printf("{\"labels\":%s,\"value\":\"%.17g\"}\n", ll_str_z(&line),
               ll_labeled_value(p->v[i].bits));
        ll_str_fini(&line);
    }
    ll_map_free(p->known);
    ll_arena_free(p->arena);
    free(p);
    free(text);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
