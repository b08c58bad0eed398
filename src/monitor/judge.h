/* Judgement: which reason, hence which status, a part and a cell have.  Pure rules over
 * numbers; core/status.h says what each reason means. */
#ifndef LL_MONITOR_JUDGE_H
#define LL_MONITOR_JUDGE_H

#include "monitor/state.h"

/* What one part's latest sample and trend say. */
enum ll_reason ll_judge_part(const struct ll_metric *m, const struct ll_threshold *th);

/* Whether the cell's window says UNDER_ or OVER_PROVISIONED; LL_REASON_BELOW_WARNING if neither.
 * `now` closes the slots. */
enum ll_reason ll_judge_window(const struct ll_cell_state *c, const struct ll_threshold *th,
                               ll_time now);

/* Seconds to critical, to capacity, from the trend; fills limit but its metric. */
void ll_judge_limit(const struct ll_series_state *s, const struct ll_threshold *th,
                    struct ll_limit *limit);

#endif
