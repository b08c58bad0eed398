/* What a running command has: its arguments, how to print, and its connection. */
#ifndef LL_CMD_CTX_H
#define LL_CMD_CTX_H

#include "cmd/args.h"
#include "os/http_client.h"

struct ll_ctx {
    const struct ll_args *args;
    enum ll_form form;
    bool color, utf8;
    int width; /* columns of the terminal; 0 = do not cut (-o wide) */
    ll_time now;
    struct ll_str out; /* data for standard output, written when the command ends */
    int exit_code;     /* -1 = 0, or that of the error */

    struct ll_http_client *http; /* made when first needed */
    char *token;                 /* of --token-file; NULL = none */
    ll_dur retry_after;          /* what the daemon's last answer asked for; 0 = nothing */
    bool (*stop)(void *ctx);     /* ends a wait for the daemon; NULL = nothing does */
    void *stop_ctx;
};

/* Reads the common flags; fails with LL_E_USAGE. */
LL_MUST_USE bool ll_ctx_init(struct ll_ctx *c, const struct ll_args *args, struct ll_err *err);
void ll_ctx_fini(struct ll_ctx *c);

/* Writes out what the command has made so far; false when standard output takes no more. */
LL_MUST_USE bool ll_ctx_flush(struct ll_ctx *c, struct ll_err *err);

/* A message on standard error: "loadline: …". */
void ll_ctx_say(const char *fmt, ...) LL_PRINTF(1, 2);

#endif
