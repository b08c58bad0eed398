#include "cmd/commands.h"
#include "cmd/webhook.h"

static struct ll_slice given(const struct ll_ctx *c, const char *flag)
{
    return ll_slice_of(ll_args_text(c->args, flag));
}

static bool verify(struct ll_ctx *c, const struct ll_webhook_keys *keys, struct ll_err *err)
{
    struct ll_str body;
    struct ll_err fault = {0};
    int64_t now = 0;
    ll_str_init(&body, 0);
    bool ok = ll_webhook_now(c, &now, err) && ll_webhook_body(&body, err);
    if (ok && !ll_webhook_verify(keys, given(c, "id"), given(c, "timestamp"), given(c, "signature"),
                                 (struct ll_slice){ll_str_z(&body), body.n}, now, &fault)) {
        c->exit_code = 1;
        ll_ctx_say("%s", fault.text);
    }
    ll_str_fini(&body);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_webhook_keys keys = {0};
    bool ok = ll_webhook_secrets(c, &keys, err) && verify(c, &keys, err);
    ll_webhook_keys_fini(&keys);
    return ok;
}

const struct ll_command ll_cmd_webhook_verify = {
    .name = "webhook verify",
    .group = "Scaling",
    .doc = "say whether a webhook's body is what was signed",
    .about = "The body is standard input. As Standard Webhooks has it; the timestamp may be five "
             "minutes off. Exit code 1 when "
             "the signature does not fit, the time is too far off, or a header is missing.",
    .examples = {{"loadline webhook verify --secret-file f --id $I --timestamp $T --signature $S",
                  "as a receiver does"},
                 {"loadline webhook verify --secret K --id 7 --timestamp 9 --now 9 --signature S",
                  "at another time than now"}},
    .flags = ll_webhook_flags,
    .run = run,
};
