#include "base/num.h"
#include "cmd/commands.h"
#include "cmd/webhook.h"

static bool timestamp(const struct ll_ctx *c, int64_t *out, struct ll_err *err)
{
    const char *text = ll_args_text(c->args, "timestamp");
    if (!text)
        return ll_webhook_now(c, out, err);
    return (ll_num_parse_int(ll_slice_of(text), out) && *out >= 0) ||
           ll_err_set(err, LL_E_USAGE, "--timestamp '%s' is not Unix seconds", text);
}

static bool sign(struct ll_ctx *c, const struct ll_webhook_keys *keys, struct ll_err *err)
{
    struct ll_str body, signature;
    int64_t at = 0;
    ll_str_init(&body, 0);
    ll_str_init(&signature, 1024);
    bool ok = timestamp(c, &at, err) && ll_webhook_body(&body, err) &&
              ll_webhook_sign(keys, ll_slice_of(ll_args_text(c->args, "id")), at,
                              (struct ll_slice){ll_str_z(&body), body.n}, &signature, err);
    if (ok)
        ll_str_addf(&c->out, "%s\n", ll_str_z(&signature));
    ll_str_fini(&body);
    ll_str_fini(&signature);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_webhook_keys keys = {0};
    if (!ll_args_given(c->args, "id"))
        return ll_err_set(err, LL_E_USAGE, "--id is missing: the header webhook-id");
    bool ok = ll_webhook_secrets(c, &keys, err) && sign(c, &keys, err);
    ll_webhook_keys_fini(&keys);
    return ok;
}

const struct ll_command ll_cmd_webhook_sign = {
    .name = "webhook sign",
    .group = "Scaling",
    .doc = "print the signature of a webhook's body",
    .about = "The body is standard input. As Standard Webhooks has it: v1, HMAC-SHA256 of id, "
             "timestamp and body. Without "
             "--timestamp it is signed for now. Several secrets give several signatures.",
    .examples = {{"loadline webhook sign --secret-file hook.secret --id act_7 <body.json",
                  "as a target receives it"},
                 {"loadline webhook sign --secret-file f --id act_7 --timestamp 1614265330",
                  "as at that time"}},
    .flags = ll_webhook_flags,
    .run = run,
};
