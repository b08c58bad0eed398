#include "execute/webhook_sign.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "base/num.h"

enum { MAC_BYTES = 32 };

static const char prefix[] = "whsec_";

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word of the text, which is moved past it; empty at its end. */
static struct ll_slice next_word(struct ll_slice *text)
{
    size_t from = 0, to;
    while (from < text->n && is_space(text->s[from]))
        from++;
    for (to = from; to < text->n && !is_space(text->s[to]);)
        to++;
    struct ll_slice word = {text->s + from, to - from};
    *text = (struct ll_slice){text->s + to, text->n - to};
    return word;
}

static bool is_base64(struct ll_slice t)
{
    size_t padding = 0;
    while (padding < 2 && padding < t.n && t.s[t.n - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i + padding < t.n; i++) {
        char c = t.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '+' && c != '/')
            return false;
    }
    return t.n > 0 && t.n % 4 == 0;
}

static bool decode(struct ll_slice t, unsigned char *out, size_t size, size_t *n)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)t.s, (unsigned)t.n}, bytes = {0};
    if (!is_base64(t) || gnutls_base64_decode2(&in, &bytes) < 0)
        return false;
    bool fits = bytes.size > 0 && bytes.size <= size;
    if (fits)
        memcpy(out, bytes.data, bytes.size);
    *n = fits ? bytes.size : 0;
    explicit_bzero(bytes.data, bytes.size);
    gnutls_free(bytes.data);
    return fits;
}

static bool add_key(struct ll_webhook_keys *k, struct ll_slice word, struct ll_err *err)
{
    size_t skip = sizeof(prefix) - 1;
    if (k->n == LL_WEBHOOK_KEYS_MAX)
        return ll_err_set(err, LL_E_INVALID, "there are more than %d secrets", LL_WEBHOOK_KEYS_MAX);
    if (word.n > skip && memcmp(word.s, prefix, skip) == 0)
        word = (struct ll_slice){word.s + skip, word.n - skip};
    if (!decode(word, k->key[k->n].bytes, LL_WEBHOOK_KEY_BYTES, &k->key[k->n].n))
        return ll_err_set(err, LL_E_INVALID,
                          "secret %zu is not base64 of 1 to %d bytes; one is made by: "
                          "echo whsec_$(openssl rand -base64 32)",
                          k->n + 1, LL_WEBHOOK_KEY_BYTES);
    k->n++;
    return true;
}

bool ll_webhook_keys_parse(struct ll_slice text, struct ll_webhook_keys *out, struct ll_err *err)
{
    struct ll_webhook_keys k = {0};
    struct ll_slice word;
    bool ok = true;
    while (ok && (word = next_word(&text)).n > 0)
        ok = add_key(&k, word, err);
    if (ok && k.n == 0)
        ok = ll_err_set(err, LL_E_INVALID, "there is no secret in it");
    if (ok)
        *out = k;
    ll_webhook_keys_fini(&k);
    return ok;
}

void ll_webhook_keys_fini(struct ll_webhook_keys *k)
{
    explicit_bzero(k, sizeof(*k));
}

static bool mac(const struct ll_webhook_keys *k, size_t i, struct ll_slice id,
                struct ll_slice timestamp, struct ll_slice body, unsigned char out[MAC_BYTES])
{
    gnutls_hmac_hd_t h;
    if (gnutls_hmac_init(&h, GNUTLS_MAC_SHA256, k->key[i].bytes, k->key[i].n) < 0)
        return false;
    bool ok = gnutls_hmac(h, id.s ? id.s : "", id.n) >= 0 && gnutls_hmac(h, ".", 1) >= 0 &&
              gnutls_hmac(h, timestamp.s, timestamp.n) >= 0 && gnutls_hmac(h, ".", 1) >= 0 &&
              gnutls_hmac(h, body.s ? body.s : "", body.n) >= 0;
    gnutls_hmac_deinit(h, out);
    return ok;
}

static bool add_signature(const unsigned char bytes[MAC_BYTES], struct ll_str *out)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)bytes, MAC_BYTES}, text = {0};
    if (gnutls_base64_encode2(&in, &text) < 0)
        return false;
    ll_str_addf(out, "%sv1,%.*s", out->n ? " " : "", (int)text.size, (const char *)text.data);
    gnutls_free(text.data);
    return !out->failed;
}

bool ll_webhook_sign(const struct ll_webhook_keys *k, struct ll_slice id, int64_t timestamp_s,
                     struct ll_slice body, struct ll_str *out, struct ll_err *err)
{
    struct ll_str time;
    unsigned char bytes[MAC_BYTES];
    ll_str_init(&time, LL_NUM_TEXT_MAX);
    ll_str_addf(&time, "%lld", (long long)timestamp_s);
    bool ok = !time.failed;
    for (size_t i = 0; ok && i < k->n; i++)
        ok = mac(k, i, id, (struct ll_slice){time.s, time.n}, body, bytes) &&
             add_signature(bytes, out);
    ll_str_fini(&time);
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for a signature");
}

static bool same_bytes(const unsigned char *a, const unsigned char *b, size_t n)
{
    unsigned char differ = 0;
    for (size_t i = 0; i < n; i++)
        differ = (unsigned char)(differ | (a[i] ^ b[i]));
    return differ == 0;
}

/* Every signature is compared with every key, so that time tells nothing. */
static bool any_fits(struct ll_slice header, unsigned char (*macs)[MAC_BYTES], size_t n)
{
    struct ll_slice word;
    bool fits = false;
    while ((word = next_word(&header)).n > 0) {
        unsigned char bytes[MAC_BYTES];
        size_t size = 0;
        if (word.n < 3 || memcmp(word.s, "v1,", 3) != 0 ||
            !decode((struct ll_slice){word.s + 3, word.n - 3}, bytes, sizeof(bytes), &size) ||
            size != MAC_BYTES)
            continue;
        for (size_t i = 0; i < n; i++)
            fits = same_bytes(bytes, macs[i], MAC_BYTES) || fits;
    }
    return fits;
}

bool ll_webhook_verify(const struct ll_webhook_keys *k, struct ll_slice id,
                       struct ll_slice timestamp, struct ll_slice header, struct ll_slice body,
                       int64_t now_s, struct ll_err *err)
{
    unsigned char macs[LL_WEBHOOK_KEYS_MAX][MAC_BYTES];
    int64_t at = 0;
    if (id.n == 0 || timestamp.n == 0 || header.n == 0)
        return ll_err_set(err, LL_E_INVALID, "webhook-%s is missing",
                          id.n == 0          ? "id"
                          : timestamp.n == 0 ? "timestamp"
                                             : "signature");
    if (!ll_num_parse_int(timestamp, &at) || at < 0)
        return ll_err_set(err, LL_E_INVALID, "webhook-timestamp '%.*s' is not Unix seconds",
                          (int)LL_MIN(timestamp.n, (size_t)40), timestamp.s);
    if (at < now_s - LL_WEBHOOK_TOLERANCE_S || at > now_s + LL_WEBHOOK_TOLERANCE_S)
        return ll_err_set(err, LL_E_RANGE, "webhook-timestamp %lld is more than %d s from now",
                          (long long)at, LL_WEBHOOK_TOLERANCE_S);
    for (size_t i = 0; i < k->n; i++)
        if (!mac(k, i, id, timestamp, body, macs[i]))
            return ll_err_set(err, LL_E_MEMORY, "no memory for a signature");
    return any_fits(header, macs, k->n) ||
           ll_err_set(err, LL_E_DENIED, "no v1 signature fits; is it the same secret and body?");
}
