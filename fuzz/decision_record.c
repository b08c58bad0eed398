/* Fuzzes the reader of decisions' records and what decides again from them.
 *
 * What is accepted decides twice the same, and a difference is named. */
#include <string.h>

#include "engine/scaling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(struct ll_slice text, struct ll_arena *a, struct ll_decision *d, bool *same)
{
    char differs[160] = "";
    struct ll_err err = {0};
    if (!ll_scaling_replay(text, a, d, same, differs, &err)) {
        LL_ASSERT(err.code == LL_E_DAMAGED || err.code == LL_E_MEMORY);
        return false;
    }
    LL_ASSERT(*same == (differs[0] == '\0'));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ll_slice text = {(const char *)data, size};
    struct ll_decision first, second;
    bool same, again;
    struct ll_arena *a = ll_arena_new(32 << 20);
    LL_ASSERT(a);
    if (replay(text, a, &first, &same)) {
        LL_ASSERT(replay(text, a, &second, &again));
        LL_ASSERT(same == again && first.to == second.to && first.verdict == second.verdict);
        LL_ASSERT(strcmp(first.reason, second.reason) == 0);
    }
    ll_arena_free(a);
    return 0;
}
