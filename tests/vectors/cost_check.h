/* What the drivers of cost vectors share: reading a file, comparing, and counting cases. */
#ifndef LL_TESTS_VECTORS_COST_CHECK_H
#define LL_TESTS_VECTORS_COST_CHECK_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/defs.h"

/* The document in a file; NaN and infinities, which Python writes, are read as null.  Exits 2. */
json_t *cost_check_load(int argc, char **argv);

/* Remembers the first reason why the running case fails; false. */
bool cost_check_fail(const char *fmt, ...) LL_PRINTF(1, 2);

/* Equal within rel * |want| + absolute; a NaN wants a NaN. */
bool cost_check_near(const char *what, double got, double want, double rel, double absolute);
bool cost_check_same(const char *what, const char *got, const char *want);
bool cost_check_flag(const char *what, bool got, bool want);

/* Counts a case, and prints a line when it failed. */
void cost_check_case(const char *section, const char *name, bool ok);

/* "N passed, M failed"; the program's exit code. */
int cost_check_end(void);

/* Every key of the object is among the names, which are separated by blanks. */
bool cost_check_keys(const json_t *object, const char *names);

bool cost_check_has(const json_t *object, const char *key); /* there, and not null */

/* NaN when null; `otherwise` when not there. */
double cost_check_number(const json_t *object, const char *key, double otherwise);
const char *cost_check_text(const json_t *object, const char *key); /* "" when not there */
const char *cost_check_name(const json_t *c);                       /* of a case */

#endif
