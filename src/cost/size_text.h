/* Why a recommendation is what it is, in one line with the figures that bound it. */
#ifndef LL_COST_SIZE_TEXT_H
#define LL_COST_SIZE_TEXT_H

#include "cost/size.h"

enum { LL_SIZE_TEXT_MAX = 160 };

/* "P95 of use 3.40 cores + 15 %"; o as it was sized with.  Returns buf. */
char *ll_size_text(const struct ll_size *s, const struct ll_size_opts *o, enum ll_unit unit,
                   char buf[static LL_SIZE_TEXT_MAX]);

#endif
