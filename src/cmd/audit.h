/* The audit log of a database, read where it lies: no daemon is asked. */
#ifndef LL_CMD_AUDIT_H
#define LL_CMD_AUDIT_H

#include "cmd/ctx.h"
#include "store/store.h"

/* --database, else storage.path of the configuration.  The caller closes it. */
LL_MUST_USE bool ll_audit_open(struct ll_ctx *c, struct ll_store_reader **out, struct ll_err *err);

#define LL_AUDIT_DATABASE_FLAG                                                                     \
    {                                                                                              \
        .name = "database", .type = LL_FLAG_TEXT, .arg = "PATH",                                   \
        .doc = "storage folder or database file; else storage.path of the configuration"           \
    }

#endif
