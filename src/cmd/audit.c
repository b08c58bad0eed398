#include "cmd/audit.h"

#include "cmd/settings.h"

bool ll_audit_open(struct ll_ctx *c, struct ll_store_reader **out, struct ll_err *err)
{
    const struct ll_store_ops *ops = ll_stores[0];
    const char *path = ll_args_text(c->args, "database");
    struct ll_config *config = NULL;
    if (path)
        return ops->reader_look(path, out, err);
    if (!ll_settings_load(c->args, &config, err))
        return false;
    bool ok = ops->reader_look(config->storage.path, out, err);
    ll_config_free(config);
    return ok;
}
