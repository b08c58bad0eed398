/* What the generators of reference pages share: rows of a schema as a table, and the comparison
 * with the page that is committed. */
#ifndef LL_TESTS_SCHEMA_PAGE_H
#define LL_TESTS_SCHEMA_PAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"

enum { PAGE_MAX = 1 << 20 };

/* A cell must not hold a bar or look like HTML. */
static inline void add_cell(struct ll_str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '<')
            ll_str_addc(out, '\\');
        ll_str_addc(out, *text);
    }
}

static inline bool add_row(void *ctx, const struct ll_schema_visit *v)
{
    struct ll_str *out = ctx;
    const struct ll_schema_row *row = v->row;
    struct ll_str limits;
    ll_str_init(&limits, 512);
    ll_schema_limits(row, &limits);
    ll_str_addf(out, "| `%s` | %s", v->path, ll_schema_type_name(row));
    if (limits.n)
        ll_str_addf(out, ": %s", ll_str_z(&limits));
    ll_str_fini(&limits);
    ll_str_addz(out, " | ");
    if (row->flags & LL_SCHEMA_REQUIRED)
        ll_str_addz(out, "required");
    else if (row->standard_doc)
        add_cell(out, row->standard_doc);
    else if (row->standard && *row->standard)
        ll_str_addf(out, "`%s`", row->standard);
    ll_str_addz(out, " | ");
    add_cell(out, row->doc);
    if (row->flags & LL_SCHEMA_RESTART)
        ll_str_addz(out, "; a change needs a restart");
    if (row->flags & LL_SCHEMA_SECRET)
        ll_str_addz(out, "; never shown");
    ll_str_addz(out, " |\n");
    return true;
}

static const char *const page_head = "| key | type | default | meaning |\n|---|---|---|---|\n";

static inline int page_compare(const char *path, const struct ll_str *page, const char *generator)
{
    static char text[PAGE_MAX];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof(text), f) : 0;
    if (f)
        fclose(f);
    if (n == page->n && memcmp(text, page->s, n) == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s is stale: write it anew with %s\n", path, generator);
    return EXIT_FAILURE;
}

/* Prints the page, or with --check FILE compares it. */
static inline int page_main(int argc, char **argv, void (*write)(struct ll_str *out),
                            const char *generator)
{
    struct ll_str page;
    ll_str_init(&page, PAGE_MAX);
    write(&page);
    int code = EXIT_SUCCESS;
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        code = page_compare(argv[2], &page, generator);
    else
        fputs(ll_str_z(&page), stdout);
    ll_str_fini(&page);
    return code;
}

#endif
