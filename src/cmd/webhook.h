/* What the webhook commands share: the secret's flags and the body on standard input. */
#ifndef LL_CMD_WEBHOOK_H
#define LL_CMD_WEBHOOK_H

#include "cmd/ctx.h"
#include "execute/webhook_sign.h"

enum { LL_WEBHOOK_BODY_MAX = 16 << 20 };

/* --secret or --secret-file, of which one is needed; LL_E_USAGE without. */
LL_MUST_USE bool ll_webhook_secrets(const struct ll_ctx *c, struct ll_webhook_keys *out,
                                    struct ll_err *err);

/* Standard input to its end; *out is to be freed whatever comes. */
LL_MUST_USE bool ll_webhook_body(struct ll_str *out, struct ll_err *err);

/* Both commands take all of them, so that one command line does for either. */
extern const struct ll_flag ll_webhook_flags[];

/* --now, else the clock, in Unix seconds. */
LL_MUST_USE bool ll_webhook_now(const struct ll_ctx *c, int64_t *out, struct ll_err *err);

#endif
