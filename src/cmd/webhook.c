#include "cmd/webhook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "os/file.h"
#include "os/secret.h"

const struct ll_flag ll_webhook_flags[] = {
    {.name = "secret",
     .type = LL_FLAG_TEXT,
     .arg = "SECRET",
     .doc = "whsec_ and base64; others on this machine can see it, a file is better"},
    {.name = "secret-file",
     .type = LL_FLAG_FILE,
     .arg = "FILE",
     .doc = "file with the secret, or with up to four while one is changed"},
    {.name = "id",
     .type = LL_FLAG_TEXT,
     .arg = "ID",
     .blank = true,
     .doc = "the header webhook-id"},
    {.name = "timestamp",
     .type = LL_FLAG_TEXT,
     .arg = "SECONDS",
     .blank = true,
     .doc = "the header webhook-timestamp, Unix seconds"},
    {.name = "signature",
     .type = LL_FLAG_TEXT,
     .arg = "TEXT",
     .blank = true,
     .doc = "the header webhook-signature, of which one must fit; signing passes it over"},
    {.name = "now",
     .type = LL_FLAG_TEXT,
     .arg = "SECONDS",
     .doc = "what time it is, Unix seconds, when not by the clock"},
    {0}};

bool ll_webhook_now(const struct ll_ctx *c, int64_t *out, struct ll_err *err)
{
    const char *text = ll_args_text(c->args, "now");
    int64_t now = c->now / LL_SECOND;
    if (text && (!ll_num_parse_int(ll_slice_of(text), &now) || now < 0 || now > LL_TIME_MAX))
        return ll_err_set(err, LL_E_USAGE, "--now '%s' is not Unix seconds", text);
    *out = now;
    return true;
}

bool ll_webhook_secrets(const struct ll_ctx *c, struct ll_webhook_keys *out, struct ll_err *err)
{
    const char *secret = ll_args_text(c->args, "secret");
    const char *file = ll_args_text(c->args, "secret-file");
    if (!secret == !file)
        return ll_err_set(err, LL_E_USAGE, "give --secret-file F or --secret S, one of them");
    if (secret)
        return ll_webhook_keys_parse(ll_slice_of(secret), out, err);
    struct ll_str text;
    ll_str_init(&text, LL_WEBHOOK_TEXT_MAX);
    bool ok = ll_file_read(file, LL_WEBHOOK_TEXT_MAX, &text, err) &&
              (ll_webhook_keys_parse((struct ll_slice){text.s, text.n}, out, err) ||
               ll_err_wrap(err, "%s", file));
    ll_secret_fini(&text);
    return ok;
}

bool ll_webhook_body(struct ll_str *out, struct ll_err *err)
{
    char block[16384];
    size_t n;
    ll_str_init(out, LL_WEBHOOK_BODY_MAX);
    while (!out->failed && (n = fread(block, 1, sizeof(block), stdin)) > 0)
        ll_str_add(out, block, n);
    if (ferror(stdin))
        return ll_err_set(err, LL_E_IO, "cannot read standard input: %s", strerror(errno));
    return !out->failed ||
           ll_err_set(err, LL_E_TOO_LARGE, "the body is over %d MiB", LL_WEBHOOK_BODY_MAX >> 20);
}
