/* Component 3, the forecaster: regular series, seasons, forecasts with intervals and their peak,
 * measures of how good they were, whether to count on them, how much to expect in a window; many
 * series at once, and one that is followed sample by sample.  docs/reference/components.md says
 * which function is which operation. */
#ifndef LL_LOADLINE_FORECASTER_H
#define LL_LOADLINE_FORECASTER_H

#include "forecast/batch.h"
#include "forecast/demand.h"
#include "forecast/forecaster.h"
#include "forecast/measure.h"
#include "forecast/stream.h"
#include "forecast/trust.h"

#endif
