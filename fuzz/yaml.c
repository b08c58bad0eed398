/* Fuzzes everything between the bytes of a file and a configuration.
 *
 * The first byte chooses the table.  What is accepted must show as text that is accepted
 * again and means the same. */
#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/webconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* HOME fixes storage.path, SECRET gives ${env:SECRET} something to find. */
static const char *const env[] = {"HOME=/h", "SECRET=s${x}", NULL};

static bool load(struct ll_slice text, struct ll_config **out, struct ll_err *err)
{
    struct ll_config_source src = {.file = "fuzz.yml", .text = text, .env = env};
    return ll_config_load(&src, out, err);
}

static void fuzz_config(struct ll_slice text)
{
    struct ll_config *first = NULL, *second = NULL;
    struct ll_err err = {0};
    if (!load(text, &first, &err)) {
        LL_ASSERT(err.code == LL_E_CONFIG && err.line > 0 && err.text[0] && !first);
        return;
    }
    struct ll_str shown;
    ll_str_init(&shown, 8 << 20);
    ll_config_show(first, true, &shown);
    LL_ASSERT(!shown.failed);
    bool small = shown.n <= LL_YAML_BYTES_MAX; /* defaults can make it longer than the limit */
    LL_ASSERT(!small || load((struct ll_slice){ll_str_z(&shown), shown.n}, &second, &err));
    LL_ASSERT(!small || memcmp(first->hash, second->hash, sizeof(first->hash)) == 0);
    ll_str_fini(&shown);
    ll_config_free(first);
    ll_config_free(second);
}

static void fuzz_web(struct ll_slice text)
{
    struct ll_webconfig *c = NULL;
    struct ll_err err = {0};
    if (!ll_webconfig_parse(text, "fuzz.yml", env, &c, &err))
        LL_ASSERT(err.code == LL_E_CONFIG && err.text[0] && !c);
    ll_webconfig_free(c);
}

static void fuzz_tree(struct ll_slice text)
{
    LL_AUTO(ll_arena) a = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_yaml_node *root = NULL;
    struct ll_err err = {0};
    if (!a || !ll_yaml_parse(text, "fuzz.yml", a, &root, &err))
        LL_ASSERT(err.code == LL_E_CONFIG && err.line > 0 && !root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(struct ll_slice) = {fuzz_config, fuzz_web, fuzz_tree};
    if (size == 0)
        return 0;
    struct ll_slice text = {(const char *)data + 1, size - 1};
    targets[data[0] % LL_LEN(targets)](text);
    return 0;
}
