/* A list of the daemon, asked and printed: what `peaks`, `accuracy` and their like share. */
#ifndef LL_CMD_LIST_H
#define LL_CMD_LIST_H

#include "cmd/json.h"
#include "cmd/table.h"

struct ll_list {
    const struct ll_column *columns;
    size_t n_columns;
    void (*add)(struct ll_table *t, const struct ll_ctx *c, const json_t *item); /* one row */
    const char *none; /* said when the list is empty */
};

/* GET of path, whose `items` are printed in the form that was asked for. */
LL_MUST_USE bool ll_list_print(struct ll_ctx *c, const char *path, const struct ll_list *list,
                               struct ll_err *err);

/* Cells of one kind: an amount in its unit, a ratio as percent, a ratio as it is; NaN is none. */
void ll_list_amount(struct ll_table *t, const struct ll_ctx *c, const char *unit, double v);
void ll_list_percent(struct ll_table *t, const struct ll_ctx *c, double ratio, enum ll_tint tint);
void ll_list_ratio(struct ll_table *t, const struct ll_ctx *c, double v);
void ll_list_resource(struct ll_table *t, const char *resource);

#endif
