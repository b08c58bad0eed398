/* The configuration of scaling: the daemon's mode, and rules that stand beside it in files. */
#ifndef LL_CONFIG_CONFIG_SCALING_H
#define LL_CONFIG_CONFIG_SCALING_H

#include "config/rules_file.h"

struct ll_config_scaling {
    const char *const *rules_files; /* NULL-terminated */
    enum ll_mode mode;              /* observe */
    double removal_budget;          /* ratio of all instances, in 10 minutes; 0.25 */
    struct ll_rules_doc *rules;     /* of those files; NULL = there are none */
    char rules_hash[17];            /* of what they say, hex */
};

#endif
