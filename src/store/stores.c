#include "store/store.h"

#include "store/sqlite.h"

const struct ll_store_ops *const ll_stores[] = {
    &ll_store_sqlite,
    NULL,
};
