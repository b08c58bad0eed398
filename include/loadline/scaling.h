/* Component 4, scaling: rules, the pure decision, simulation.  docs/reference/components.md has the
 * whole table. */
#ifndef LL_LOADLINE_SCALING_H
#define LL_LOADLINE_SCALING_H

#include "scaling/decide.h"
#include "scaling/place.h"

#endif
