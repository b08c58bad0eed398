/* What the samples of a history say, before anything is decided. */
#ifndef LL_COST_SIZE_SCAN_H
#define LL_COST_SIZE_SCAN_H

#include "cost/size.h"

struct ll_size_seen {
    double base, peak; /* of the largest instance; NaN without samples */
    double imbalance;
    double saturated;         /* share of samples */
    double saturated_highest; /* capacity that was reached; NaN = none */
    size_t samples;           /* steps */
    double span_hours, coverage;
    double confidence;
};

void ll_size_scan(const struct ll_size_input *in, const struct ll_size_opts *o,
                  const struct ll_size_scratch *scratch, struct ll_size_seen *out);

#endif
