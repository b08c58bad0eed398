/* Any bytes as an answer of Kubernetes or of a webhook: values by their path, lists of objects,
 * counts, quantities. */
#include <stdlib.h>
#include <string.h>

#include "execute/body.h"
#include "execute/kube_read.h"
#include "execute/kube_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *copy(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    LL_ASSERT(text);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static bool look(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    size_t *n = ctx;
    struct ll_kube_value v[] = {{.path = "metadata.name"}, {.path = "spec.replicas"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    int64_t quantity = -1;
    ++*n;
    if (!ll_kube_object(in, &shape, err))
        return false;
    if (v[0].there && ll_kube_quantity(v[0].text, *n % 2, &quantity))
        LL_ASSERT(quantity >= 0);
    return true;
}

static bool is_json(const uint8_t *data, size_t size)
{
    struct ll_json_in in;
    struct ll_json_tok tok = {.kind = LL_JSON_NULL};
    char *text = copy(data, size);
    ll_json_in_init(&in, text, size);
    bool ok = true;
    while (ok && tok.kind != LL_JSON_END)
        ok = ll_json_in_next(&in, &tok, NULL);
    free(text);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t items = 0;
    struct ll_kube_value v[] = {{.path = "kind"}, {.path = "spec.replicas"}, {.path = "spec"}};
    const struct ll_kube_list list = {"items", look, &items};
    const struct ll_kube_shape shape = {v, LL_LEN(v), &list, 1};
    struct ll_err err = {0};
    bool json = is_json(data, size);
    char *text = copy(data, size);
    if (ll_kube_document(text, size, &shape, &err)) {
        int64_t n = -7;
        LL_ASSERT(json);
        LL_ASSERT(!ll_kube_count(&v[1], 0, &n, &err) || n >= 0);
    } else {
        LL_ASSERT(err.code != LL_E_OK && err.text[0]);
    }
    free(text);

    struct ll_kube_settings settings = {.max = -7};
    text = copy(data, size);
    if (ll_kube_settings_read(text, size, &settings, &err))
        LL_ASSERT(json && settings.max >= settings.min && settings.out.n <= LL_RATE_POLICIES_MAX &&
                  settings.in.n <= LL_RATE_POLICIES_MAX);
    else
        LL_ASSERT(settings.max == -7);
    free(text);

    struct ll_executor_seen seen = {.current = -7};
    text = copy(data, size);
    if (ll_body_read_seen(text, size, &seen, &err))
        LL_ASSERT(json && seen.current >= 0 && seen.ready >= -1);
    else
        LL_ASSERT(seen.current == -7);
    free(text);
    return 0;
}
