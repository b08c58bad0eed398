#include "collect/collect.h"
#include "collect/postgres.h"

const struct ll_collector_ops *const ll_collectors[] = {
    &ll_collector_host,
    &ll_collector_postgres,
    NULL,
};
