/* Pieces that several commands print alike. */
#ifndef LL_CMD_ROWS_H
#define LL_CMD_ROWS_H

#include "cmd/json.h"
#include "cmd/table.h"

/* The cell of a service's resource: whole percent, coloured by its status, "~" when stale. */
void ll_rows_utilization(struct ll_table *t, const struct ll_ctx *c, const json_t *service,
                         const char *resource);

/* A whole number, or none. */
char *ll_rows_count(const struct ll_ctx *c, double n, char buf[static LL_TEXT_MAX]);

/* "6 ok, 1 warning of 7", from counts by status. */
void ll_rows_counts(struct ll_str *out, const json_t *counts);

/* The numbers of an array, NaN for null; at most max; returns how many. */
size_t ll_rows_numbers(const json_t *array, double *out, size_t max);

/* "Memory", "Disk /var": which resource and part of it. */
void ll_rows_part(struct ll_str *out, const json_t *metric);

#endif
