/* What was found where: the lists of GET /api/v1/discovery, and two of them as tables. */
#ifndef LL_CMD_FOUND_H
#define LL_CMD_FOUND_H

#include "cmd/json.h"

/* The list of that name ("sources", "services", "unmatched") as a new array: the items whose text
 * at `key` holds the filter of the command line, whatever its case, at most --limit. */
LL_MUST_USE bool ll_found_list(struct ll_ctx *c, const char *name, const char *key, json_t **out,
                               struct ll_err *err);

/* Seconds since the moment at key; NaN = none. */
double ll_found_age(const struct ll_ctx *c, const json_t *item, const char *key);

LL_MUST_USE bool ll_found_print_services(struct ll_ctx *c, struct ll_err *err);
LL_MUST_USE bool ll_found_print_unmatched(struct ll_ctx *c, struct ll_err *err);

#endif
