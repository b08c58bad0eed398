/* The configuration as a command line gives it: file, flags, environment. */
#ifndef LL_CMD_SETTINGS_H
#define LL_CMD_SETTINGS_H

#include "cmd/args.h"
#include "config/config.h"

/* --config.file, else $LOADLINE_CONFIG_FILE, else NULL. */
const char *ll_settings_file(const struct ll_args *a);

/* Loads with every flag of the command line that is a key; fails with LL_E_CONFIG. */
LL_MUST_USE bool ll_settings_load(const struct ll_args *a, struct ll_config **out,
                                  struct ll_err *err);

#endif
