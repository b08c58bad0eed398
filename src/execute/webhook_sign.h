/* Signatures of webhooks, as Standard Webhooks 1.0 has them:
 *
 *     v1,base64(HMAC-SHA256(secret, id "." timestamp "." body))
 *
 * Several may stand in one header, with spaces between: while a secret is changed, both sign.
 * Nothing here reads a clock or a file. */
#ifndef LL_EXECUTE_WEBHOOK_SIGN_H
#define LL_EXECUTE_WEBHOOK_SIGN_H

#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum {
    LL_WEBHOOK_KEYS_MAX = 4,
    LL_WEBHOOK_KEY_BYTES = 256,
    LL_WEBHOOK_SECRET_MIN = 24, /* bytes of a secret that this program makes signatures with */
    LL_WEBHOOK_TEXT_MAX = 4096, /* of a file of secrets */
    LL_WEBHOOK_TOLERANCE_S = 300
};

struct ll_webhook_keys {
    struct {
        unsigned char bytes[LL_WEBHOOK_KEY_BYTES];
        size_t n;
    } key[LL_WEBHOOK_KEYS_MAX];
    size_t n;
};

/* Secrets with white space between, each base64 with or without "whsec_" before it.  Fails with
 * LL_E_INVALID; no error tells anything of a secret. */
LL_MUST_USE bool ll_webhook_keys_parse(struct ll_slice text, struct ll_webhook_keys *out,
                                       struct ll_err *err);
void ll_webhook_keys_fini(struct ll_webhook_keys *k); /* overwrites */

/* Appends "v1,…" for each key, with spaces between. */
LL_MUST_USE bool ll_webhook_sign(const struct ll_webhook_keys *k, struct ll_slice id,
                                 int64_t timestamp_s, struct ll_slice body, struct ll_str *out,
                                 struct ll_err *err);

/* True when a v1 signature in `header` is that of one of the keys and the timestamp, Unix seconds
 * as text, is at most LL_WEBHOOK_TOLERANCE_S from now.  Fails with LL_E_INVALID (the header is not
 * like that, a part is missing), LL_E_RANGE (the time) or LL_E_DENIED (no signature fits).
 * Compares in constant time. */
LL_MUST_USE bool ll_webhook_verify(const struct ll_webhook_keys *k, struct ll_slice id,
                                   struct ll_slice timestamp, struct ll_slice header,
                                   struct ll_slice body, int64_t now_s, struct ll_err *err);

#endif
