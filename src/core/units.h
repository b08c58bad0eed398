/* Values as people read them: three significant digits and a unit. */
#ifndef LL_CORE_UNITS_H
#define LL_CORE_UNITS_H

#include "core/enums.h"

enum { LL_UNIT_TEXT_MAX = 32 };

/* "18.2 GiB", "1.23 k/s", "0.42 cores", "-" for NaN.  Returns buf. */
char *ll_unit_format(enum ll_unit unit, double v, char buf[static LL_UNIT_TEXT_MAX]);

/* "13.2 of 16.0 GiB": value and capacity in the capacity's scale; without a capacity the
 * value alone.  buf holds twice LL_UNIT_TEXT_MAX. */
char *ll_unit_format_of(enum ll_unit unit, double v, double capacity,
                        char buf[static 2 * LL_UNIT_TEXT_MAX]);

#endif
