/* Handing rollup rows to the daemon: POST /api/v1/import, again until it is acknowledged.
 *
 * Rows replace what was there, so sending them twice changes nothing; the cursor that says how far
 * the import is goes with a window's last rows and is stored with them or not at all. */
#ifndef LL_CMD_IMPORT_PUSH_H
#define LL_CMD_IMPORT_PUSH_H

#include "cmd/client.h"
#include "cmd/import_cells.h"
#include "cmd/import_pace.h"

struct ll_import_push {
    struct ll_ctx *c;
    struct ll_import_pace *pace;
    bool dry_run; /* counts only */
    size_t rows_5m, rows_1h;
    size_t too_old; /* rows that the daemon does not keep any more */
    size_t refused;
    char why_refused[160]; /* the first */
    struct ll_str body;
    size_t in_body;
};

void ll_import_push_init(struct ll_import_push *p, struct ll_ctx *c, struct ll_import_pace *pace,
                         bool dry_run);
void ll_import_push_fini(struct ll_import_push *p);

/* All rows, then the cursor. */
LL_MUST_USE bool ll_import_push_window(struct ll_import_push *p,
                                       const struct ll_import_cells *cells, const char *cursor_name,
                                       const char *cursor_value, struct ll_err *err);

/* What was stored under the name; "" when nothing was. */
LL_MUST_USE bool ll_import_push_cursor(struct ll_ctx *c, const char *name, char *to, size_t size,
                                       struct ll_err *err);

#endif
