/* What goes wrong with series: the rows of the robustness table, for the bench and its test. */
#ifndef LL_BENCH_FORECAST_WRONG_H
#define LL_BENCH_FORECAST_WRONG_H

#include "base/defs.h"

struct bench_wrong {
    const char *name;
    double most; /* the error it may make, relative to the clean series; 0 = no goal */
    /* Spoils the history y (what is missing is NaN); what comes after it follows. */
    void (*apply)(double *y, size_t n, double *actual, size_t h);
};

enum { BENCH_WRONGS = 10 };
extern const struct bench_wrong bench_wrongs[BENCH_WRONGS]; /* the first is nothing wrong */

#endif
