/* Component 1, the configuration: load, validate, reload, defaults.  A reload is a second load
 * that replaces the first when it succeeds; docs/reference/components.md has the whole table. */
#ifndef LL_LOADLINE_CONFIG_H
#define LL_LOADLINE_CONFIG_H

#include "config/config.h"

#endif
