/* All series of a Long CSV file in memory, for commands that look at them one by one. */
#ifndef LL_CMD_SERIES_FILE_H
#define LL_CMD_SERIES_FILE_H

#include "cmd/ctx.h"
#include "forecast/series.h"

struct ll_series_of_file {
    char *name;
    char *service;           /* of its first row that says one; NULL = none */
    int type;                /* enum ll_resource_type, likewise; -1 = none */
    struct ll_point *points; /* in the file's order */
    size_t n, size;
    double capacity; /* the newest; NaN = none */
};

struct ll_series_file {
    struct ll_series_of_file *v; /* in the order of their first row */
    size_t n;
    int64_t rows, bad; /* bad: rows that could not be read; the first ones were told */
    struct ll_map *by_name;
    size_t size;
};

/* .csv or .csv.gz, "-" = standard input.  Rows without a value are no data.  At most 100 million
 * rows.  Fails with LL_E_NOT_FOUND, LL_E_INVALID (no Long CSV, no row that can be read), … */
LL_MUST_USE bool ll_series_file_read(const char *path, struct ll_series_file *out,
                                     struct ll_err *err);
void ll_series_file_fini(struct ll_series_file *f);

/* fn(ctx, i) for each i < n, on up to `threads` threads (0 = one a processor), with progress of
 * `what` on standard error; fn may be called for any i in any order, its results go where the
 * caller puts them.  False of fn stops all, with *err of the one that failed first by index. */
typedef bool ll_each_series(void *ctx, size_t i, struct ll_err *err);
LL_MUST_USE bool ll_series_each(size_t n, size_t threads, const char *what, ll_each_series *fn,
                                void *ctx, struct ll_err *err);

#endif
