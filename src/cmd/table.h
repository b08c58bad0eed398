/* Tables: rows of cells, printed aligned for people or as CSV for programs.
 *
 * A cell has what a person reads ("1.2 GiB") and what a program reads ("1288490188"); no data
 * is a dash for the one and empty for the other. */
#ifndef LL_CMD_TABLE_H
#define LL_CMD_TABLE_H

#include "cmd/ctx.h"
#include "cmd/text.h"

struct ll_column {
    const char *key;   /* header in CSV; NULL = for people only */
    const char *title; /* NULL = for programs only */
    bool right;        /* aligned to the right */
    bool wide;         /* only with -o wide and in CSV */
    bool flex;         /* may be cut to fit the terminal */
    bool spare;        /* is left out before any other is cut */
};

struct ll_table;

/* Columns are borrowed.  NULL without memory. */
struct ll_table *ll_table_new(const struct ll_column *columns, size_t n);
void ll_table_free(struct ll_table *t);
LL_AUTO_DEFINE(ll_table, ll_table_free)

/* The next cell, row after row.  raw NULL = the same as text. */
void ll_table_cell(struct ll_table *t, const char *text, const char *raw, enum ll_tint tint);

/* As above for a number; NaN is empty in CSV. */
void ll_table_number(struct ll_table *t, const char *text, double raw, enum ll_tint tint);

size_t ll_table_rows(const struct ll_table *t);

/* Appends the table to c->out in c->form (CSV, or for people); false without memory. */
LL_MUST_USE bool ll_table_print(const struct ll_table *t, struct ll_ctx *c, struct ll_err *err);

#endif
