/* How a group's series is called. */
#ifndef LL_MAPPING_NAMING_H
#define LL_MAPPING_NAMING_H

#include "mapping/state.h"

enum ll_naming { LL_NAMED, LL_NAME_WAITS, LL_NAME_NEVER };
struct ll_named {
    struct ll_found *found;
    struct ll_slice instance, part;
    char buf[LL_NAME_MAX + 1]; /* part may live here */
};
enum ll_naming ll_naming_of(struct ll_mapper *m, struct ll_group *g, struct ll_named *out);

#endif
