/* What an import has found in a window: for each series and step a mean, a maximum and a
 * capacity; and the rollup rows that follow from it.
 *
 *     5 minutes: p95 = max (the safe side: what lies between is not known)
 *     1 hour:    mean of the means, maximum of the maxima, p95 = the highest five-minute mean
 *
 * A step without a mean has no row; there is no zero for what is missing. */
#ifndef LL_CMD_IMPORT_CELLS_H
#define LL_CMD_IMPORT_CELLS_H

#include "core/records.h"

struct ll_import_cells;

/* [from, to) in steps that divide an hour; both are multiples of an hour. */
struct ll_import_cells *ll_import_cells_new(ll_time from, ll_time to, ll_dur step);
void ll_import_cells_free(struct ll_import_cells *c);
LL_AUTO_DEFINE(ll_import_cells, ll_import_cells_free)

enum ll_import_kind { LL_IMPORT_MEAN, LL_IMPORT_MAX, LL_IMPORT_MIN, LL_IMPORT_KINDS };

/* A sample that a mapper made at the end of a step: of means, of maxima or of minima.  A resource
 * that is a difference (total less available) is highest where its terms are lowest, so both
 * extremes count for the maximum.  False without memory. */
LL_MUST_USE bool ll_import_cells_add(struct ll_import_cells *c, enum ll_import_kind kind,
                                     const struct ll_sample *s);

size_t ll_import_cells_series(const struct ll_import_cells *c);
/* The service of series i; valid as long as the cells. */
struct ll_slice ll_import_cells_service(const struct ll_import_cells *c, size_t i);

/* All rows, series by series; stops and returns false when fn does. */
bool ll_import_cells_rows(const struct ll_import_cells *c,
                          bool (*fn)(void *ctx, const struct ll_rollup_row *row), void *ctx);

#endif
