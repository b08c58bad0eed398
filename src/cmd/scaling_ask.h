/* What the commands of scaling share: paths, ids that were cut short, cells. */
#ifndef LL_CMD_SCALING_ASK_H
#define LL_CMD_SCALING_ASK_H

#include "cmd/client.h"
#include "cmd/table.h"

enum { LL_SCALING_PATH_MAX = 4096 };

/* GET of "/api/v1/KIND/NAME"; fails with LL_E_NOT_FOUND naming what there is none of. */
LL_MUST_USE bool ll_scaling_ask_get(struct ll_ctx *c, const char *kind, const char *name,
                                    json_t **out, struct ll_err *err);

/* The target that a name means: a target's own, or the one a rule drives.  *target is a new
 * reference to its document. */
LL_MUST_USE bool ll_scaling_ask_target(struct ll_ctx *c, const char *name, json_t **target,
                                       struct ll_err *err);

/* The proposal that waits under this id, or under the only id that begins with it. */
LL_MUST_USE bool ll_scaling_ask_waiting(struct ll_ctx *c, const char *id, json_t **out,
                                        struct ll_err *err);

/* A time in the chosen zone beside RFC 3339; "4 -> 6"; a whole number. */
void ll_scaling_cell_time(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                          const char *key);
void ll_scaling_cell_text(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                          const char *key);
void ll_scaling_cell_count(struct ll_table *t, const struct ll_ctx *c, const json_t *item,
                           const char *key);

/* The rows of a list, or `none` on standard error; JSON where that was asked for. */
typedef void ll_scaling_row_fn(struct ll_table *t, const struct ll_ctx *c, const json_t *item);
LL_MUST_USE bool ll_scaling_print_list(struct ll_ctx *c, const json_t *items,
                                       const struct ll_column *columns, size_t n,
                                       ll_scaling_row_fn *row, const char *none,
                                       struct ll_err *err);

/* --for or --until as a time to come; `off` needs none (LL_TIME_NONE). */
LL_MUST_USE bool ll_scaling_ask_until(const struct ll_ctx *c, bool off, ll_time *out,
                                      struct ll_err *err);

#endif
