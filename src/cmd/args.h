/* The command line, parsed by the command table: flags anywhere, `--flag value`,
 * `--flag=value`, `-f value`, `--` ends flags.  What is wrong is said with what was
 * probably meant. */
#ifndef LL_CMD_ARGS_H
#define LL_CMD_ARGS_H

#include "base/time.h"
#include "calendar/day.h"
#include "cmd/cmd.h"

enum { LL_ARGS_FLAGS_MAX = 128, LL_ARGS_POSITIONALS_MAX = 8 };

struct ll_arg {
    const struct ll_flag *flag; /* NULL for a key of the configuration */
    const char *key;            /* the flag's name, or the key */
    const char *value;          /* "true" for a flag without value */
};

struct ll_args {
    const struct ll_command *command; /* NULL: none was named */
    bool help, version;
    struct ll_arg flags[LL_ARGS_FLAGS_MAX];
    size_t n_flags;
    const char *positionals[LL_ARGS_POSITIONALS_MAX];
    size_t n_positionals;
    char keys[2048]; /* room for keys cut out of --key=value */
    size_t keys_used;
};

/* Strings are borrowed from argv.  Fails with LL_E_USAGE; out->command may be set even then. */
LL_MUST_USE bool ll_args_parse(int argc, char **argv, struct ll_args *out, struct ll_err *err);

/* The last value given, else the flag's default, else NULL. */
const char *ll_args_text(const struct ll_args *a, const char *name);
bool ll_args_bool(const struct ll_args *a, const char *name);
bool ll_args_given(const struct ll_args *a, const char *name);

/* Values were checked by the parser, so these cannot fail; 0 when there is none. */
int64_t ll_args_count(const struct ll_args *a, const char *name);
ll_dur ll_args_duration(const struct ll_args *a, const char *name);
ll_time ll_args_time(const struct ll_args *a, const char *name, ll_time now); /* LL_TIME_NONE */
ll_day ll_args_day(const struct ll_args *a, const char *name, ll_time now);   /* LL_DAY_NONE */

#endif
