/* Reading JSON answers: what is missing or null is no data, never zero. */
#ifndef LL_CMD_JSON_H
#define LL_CMD_JSON_H

#include <jansson.h>

#include "base/time.h"
#include "cmd/ctx.h"

static inline void json_t_auto_free_(json_t **p)
{
    json_decref(*p);
}
#define LL_AUTO_JSON __attribute__((cleanup(json_t_auto_free_))) json_t *

/* Appends v to c->out: indented, or each item of an array on a line of its own. */
void ll_json_print(struct ll_ctx *c, const json_t *v);
void ll_json_print_lines(struct ll_ctx *c, const json_t *array);

/* JSON or NDJSON of an answer, as the form says; false for the other forms. */
bool ll_json_print_form(struct ll_ctx *c, const json_t *whole, const json_t *items);

double ll_json_number(const json_t *object, const char *key);    /* NaN = none */
const char *ll_json_text(const json_t *object, const char *key); /* "" = none */
bool ll_json_is_true(const json_t *object, const char *key);
ll_time ll_json_time(const json_t *object, const char *key); /* LL_TIME_NONE = none */

#endif
