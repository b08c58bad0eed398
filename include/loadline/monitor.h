/* Component 2, the monitor: record, current utilisation, history, snapshot, health, top,
 * summary.  docs/reference/components.md says which function is which operation. */
#ifndef LL_LOADLINE_MONITOR_H
#define LL_LOADLINE_MONITOR_H

#include "monitor/monitor.h"

#endif
