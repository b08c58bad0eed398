/* Rolling on this side: rows of a file, series by series in time order, to the buckets that
 * POST /import takes.  Memory holds the open buckets of each series only. */
#ifndef LL_CMD_ROLL_H
#define LL_CMD_ROLL_H

#include "core/records.h"

struct ll_roll;

/* A bucket that is complete; false ends the rolling. */
typedef bool ll_roll_fn(void *ctx, const struct ll_rollup_row *row, struct ll_err *err);

enum { LL_ROLL_SERIES_MAX = 100000, LL_ROLL_VALUES_MAX = 36000 };

struct ll_roll *ll_roll_new(uint64_t seed, ll_roll_fn *fn, void *ctx);
void ll_roll_free(struct ll_roll *r);
LL_AUTO_DEFINE(ll_roll, ll_roll_free)

/* *why is written when the row cannot be used: it is older than the open bucket of its series,
 * or there are too many series or values.  False when fn failed or memory ended. */
LL_MUST_USE bool ll_roll_add(struct ll_roll *r, const struct ll_sample *s, const char **why,
                             struct ll_err *err);

/* Gives what is open. */
LL_MUST_USE bool ll_roll_end(struct ll_roll *r, struct ll_err *err);

#endif
