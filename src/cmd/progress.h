/* How far something long has come, on standard error: a line that is drawn over on a terminal,
 * a line each ten seconds elsewhere, nothing for what takes less than half a second. */
#ifndef LL_CMD_PROGRESS_H
#define LL_CMD_PROGRESS_H

#include "base/time.h"

struct ll_progress {
    const char *what; /* "rows" */
    double start, shown;
    bool tty, drawn;
};

void ll_progress_begin(struct ll_progress *p, const char *what);
/* share: done of all, in [0, 1]; NaN = not known. */
void ll_progress_show(struct ll_progress *p, int64_t count, double share);
/* Takes the line away, so that what follows stands alone. */
void ll_progress_end(struct ll_progress *p);

#endif
