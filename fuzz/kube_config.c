/* Any bytes as a kubeconfig, and as a file of webhooks' secrets. */
#include "execute/kube_config.h"

#include <stdlib.h>
#include <string.h>

#include "execute/webhook_sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_arena *arena = ll_arena_new(16 << 20);
    struct ll_kube_config c = {.token = "kept"};
    struct ll_err err = {0};
    struct ll_slice text = {(const char *)data, size};
    LL_ASSERT(arena);
    if (ll_kube_config_parse(text, (struct ll_slice){0}, "/etc", arena, &c, &err)) {
        LL_ASSERT(c.server && c.server[0]);
        LL_ASSERT(!c.ca_file || c.ca_file[0] == '/');
        LL_ASSERT(!c.token_file || c.token_file[0] == '/');
    } else {
        LL_ASSERT(err.code != LL_E_OK && err.text[0] && strcmp(c.token, "kept") == 0);
    }
    ll_arena_free(arena);

    struct ll_webhook_keys keys = {.n = 99};
    if (ll_webhook_keys_parse(text, &keys, &err)) {
        LL_ASSERT(keys.n > 0 && keys.n <= LL_WEBHOOK_KEYS_MAX);
        for (size_t i = 0; i < keys.n; i++)
            LL_ASSERT(keys.key[i].n > 0 && keys.key[i].n <= LL_WEBHOOK_KEY_BYTES);
        struct ll_slice body = LL_SLICE("body");
        LL_ASSERT(!ll_webhook_verify(&keys, LL_SLICE("id"), LL_SLICE("1"), text, body, 1, &err));
    } else {
        LL_ASSERT(keys.n == 99 && err.text[0]);
    }
    return 0;
}
