#include "store/sqlite.h"
#include "store/store.h"

const struct ll_store_ops *const ll_stores[] = {
    &ll_store_sqlite,
    NULL,
};
