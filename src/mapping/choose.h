/* Which of the groups of one target stand out. */
#ifndef LL_MAPPING_CHOOSE_H
#define LL_MAPPING_CHOOSE_H

#include "mapping/state.h"

bool ll_choose_shows(const struct ll_group *g); /* no other mount point shows the device */
bool ll_choose_primary(struct ll_mapper *m, const struct ll_group *g);

#endif
