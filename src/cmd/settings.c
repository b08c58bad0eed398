#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ll_settings_file(const struct ll_args *a)
{
    const char *env = getenv("LOADLINE_CONFIG_FILE");
    const char *given = ll_args_text(a, "config.file");
    return given ? given : env && env[0] ? env : NULL;
}

static bool is_setting(const struct ll_arg *a)
{
    if (strcmp(a->key, "config.file") == 0)
        return false;
    if (!a->flag)
        return true;
    for (const struct ll_flag *f = ll_flags_settings; f->name; f++)
        if (a->flag == f)
            return true;
    return false;
}

bool ll_settings_load(const struct ll_args *a, struct ll_config **out, struct ll_err *err)
{
    struct ll_config_flag flags[LL_ARGS_FLAGS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < a->n_flags; i++)
        if (is_setting(&a->flags[i]))
            flags[n++] = (struct ll_config_flag){a->flags[i].key, a->flags[i].value};
    const struct ll_config_source src = {.file = ll_settings_file(a),
                                         .flags = flags,
                                         .n_flags = n,
                                         .env = (const char *const *)environ};
    return ll_config_load(&src, out, err);
}
