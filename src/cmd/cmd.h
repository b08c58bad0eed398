/* A command: one row of the table, from which parsing, help, man pages, completion and the
 * reference page all come. */
#ifndef LL_CMD_CMD_H
#define LL_CMD_CMD_H

#include "base/err.h"
#include "base/str.h"

struct ll_ctx;

enum ll_flag_type {
    LL_FLAG_BOOL, /* takes no value; =true and =false are accepted */
    LL_FLAG_TEXT,
    LL_FLAG_COUNT,    /* a whole number from 1 */
    LL_FLAG_DURATION, /* 15s 10m 24h 90d */
    LL_FLAG_TIME,     /* RFC 3339, Unix seconds, now-24h */
    LL_FLAG_DAY,      /* 2027-01-28, or a time as above: its day in UTC */
    LL_FLAG_MOMENT,   /* either of the two */
    LL_FLAG_CHOICE,   /* one of .choices */
    LL_FLAG_FILE
};

struct ll_flag {
    const char *name;     /* without the dashes */
    const char *arg;      /* how help calls the value; NULL for LL_FLAG_BOOL */
    const char *fallback; /* the default as text; NULL = none */
    const char *choices;  /* "a|b|c" */
    const char *doc;
    enum ll_flag_type type;
    char letter; /* 0 = none */
    bool repeatable;
    bool blank; /* the empty value is one: a header that came empty */
};

struct ll_positional {
    const char *name; /* as in help: SERVICE */
    bool optional;
    enum {
        LL_POSITIONAL_TEXT,
        LL_POSITIONAL_SERVICE,
        LL_POSITIONAL_RESOURCE,
        LL_POSITIONAL_FILE,
        LL_POSITIONAL_COMMAND,
        LL_POSITIONAL_SHELL
    } kind;
    const char *doc;
};

/* What is printed with -o; a command says which it has. */
enum ll_form { LL_FORM_TABLE, LL_FORM_WIDE, LL_FORM_JSON, LL_FORM_NDJSON, LL_FORM_CSV };

enum {
    LL_CMD_FORMS = 1,     /* -o with every form */
    LL_CMD_JSON = 2,      /* -o table and -o json only */
    LL_CMD_CLIENT = 4,    /* talks to a daemon */
    LL_CMD_HIDDEN = 8,    /* not in help and completion */
    LL_CMD_SETTINGS = 16, /* any key of the configuration is a flag */
    LL_CMD_MARKET = 32    /* --tz market is the calendar's zone, and the default */
};

struct ll_example {
    const char *line, *doc;
};

struct ll_command {
    const char *name; /* one or two words: "config show" */
    const char *group;
    const char *doc;   /* one line */
    const char *about; /* more lines, wrapped where printed; NULL = none */
    struct ll_example examples[2];
    unsigned traits;
    const struct ll_flag *flags;             /* name NULL ends; NULL = none */
    const struct ll_positional *positionals; /* name NULL ends; NULL = none */
    /* Failure prints *err and exits with its code, unless ctx->exit_code was set. */
    bool (*run)(struct ll_ctx *ctx, struct ll_err *err);
};

/* In the order of help; n_commands rows. */
extern const struct ll_command *const ll_commands[];
extern const size_t ll_commands_n;

/* Flags that every command takes, as far as its traits have use for them; name NULL ends. */
extern const struct ll_flag ll_flags_common[], ll_flags_output[], ll_flags_client[],
    ll_flags_settings[];

/* The tables of a command's flags, own first; fills out and returns how many. */
enum { LL_FLAG_TABLES = 5 };
size_t ll_command_flags(const struct ll_command *c, const struct ll_flag *out[LL_FLAG_TABLES]);

/* NULL when there is none of that name. */
const struct ll_command *ll_command_find(const char *name);

/* True when some command's name starts with this word and a space. */
bool ll_command_is_group(struct ll_slice word);

/* The program: parses, runs, prints, and returns the exit code. */
int ll_cmd_main(int argc, char **argv);

#endif
