#include "collect/collect.h"

const struct ll_collector_ops *const ll_collectors[] = {
    &ll_collector_host,
    NULL,
};
