/* Any bytes as a file of targets: 'j' and JSON, or another byte and YAML.  Whatever is accepted
 * keeps the limits, and its texts lie in the arena. */
#include "collect/file_sd.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_group(const struct ll_file_sd_group *g)
{
    LL_ASSERT(g->n_labels <= LL_FILE_SD_LABELS_MAX && g->n_targets <= LL_FILE_SD_TARGETS_MAX);
    for (size_t i = 0; i < g->n_targets; i++)
        LL_ASSERT(g->targets[i].n > 0 && g->targets[i].s[g->targets[i].n] == '\0');
    for (size_t i = 0; i < g->n_labels; i++) {
        LL_ASSERT(g->labels[i].name.n > 0);
        LL_ASSERT(ll_utf8_valid(g->labels[i].value.s, g->labels[i].value.n));
        for (size_t k = 0; k < i; k++)
            LL_ASSERT(!ll_slice_eq(g->labels[i].name, g->labels[k].name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    struct ll_arena *arena = ll_arena_new(64 << 20);
    struct ll_file_sd_group *groups = NULL;
    struct ll_err err = {0};
    LL_ASSERT(text && arena);
    memcpy(text, data + 1, size - 1);
    enum ll_file_sd_form form = data[0] == 'j' ? LL_FILE_SD_JSON : LL_FILE_SD_YAML;
    if (ll_file_sd_parse(text, size - 1, form, arena, &groups, &err)) {
        for (const struct ll_file_sd_group *g = groups; g; g = g->next)
            check_group(g);
    } else {
        LL_ASSERT(!groups && err.code != LL_E_OK && err.text[0]);
    }
    ll_arena_free(arena);
    free(text);
    return 0;
}
