/* Sorting in place by a comparison that needs to know more than the two elements: qsort passes no
 * context.  Heap sort: no memory, O(n log n) always, not stable, so a comparison that is to give
 * one order ends with what tells equals apart. */
#ifndef LL_STATS_SORT_H
#define LL_STATS_SORT_H

#include "base/defs.h"

/* As for qsort; ctx is the caller's. */
typedef int ll_sort_compare(const void *a, const void *b, const void *ctx);

enum { LL_SORT_SIZE_MAX = 256 }; /* bytes of one element, at most */

void ll_sort(void *v, size_t n, size_t size, ll_sort_compare *compare, const void *ctx);

#endif
