/* Help, man pages and the reference page: three prints of the command table. */
#ifndef LL_CMD_HELP_H
#define LL_CMD_HELP_H

#include "cmd/cmd.h"

/* All commands by group. */
void ll_help_all(struct ll_str *out);

/* The verbs of a group word: "config". */
void ll_help_group(struct ll_str *out, const char *word);

/* One command, examples first. */
void ll_help_command(struct ll_str *out, const struct ll_command *c);

/* "loadline config show [--flags] [FILE]". */
void ll_help_usage(struct ll_str *out, const struct ll_command *c);

/* "-o, --output FORM" */
void ll_help_flag(struct ll_str *out, const struct ll_flag *f);

/* "one of table|wide; default table; may be repeated", or nothing. */
void ll_help_flag_notes(struct ll_str *out, const struct ll_flag *f);

/* What exit codes mean; code < 0 ends. */
struct ll_help_exit {
    int code;
    const char *doc;
};
extern const struct ll_help_exit ll_help_exits[];

/* roff(7): a page of section 1; NULL = the page of the program. */
void ll_help_man(struct ll_str *out, const struct ll_command *c);

/* docs/reference/cli.md. */
void ll_help_reference(struct ll_str *out);

/* "loadline-config-show" */
void ll_help_page_name(struct ll_str *out, const struct ll_command *c);

#endif
