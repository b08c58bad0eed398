/* The verdict: one headline of at most five words, and one sentence with who, when, how
 * long.  The dashboard, the command line and alerts all lead with it. */
#ifndef LL_MONITOR_VERDICT_H
#define LL_MONITOR_VERDICT_H

#include "monitor/view.h"

/* Fills v->headline and v->sentence from the rest of the view. */
void ll_verdict_write(struct ll_view *v);

/* "host disk /data": how a part of a cell is called. */
void ll_verdict_name(const struct ll_view *v, const struct ll_cell *c, size_t metric,
                     struct ll_str *out);

#endif
