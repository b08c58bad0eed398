/* Fuzzes the readers of rules, tables, overlays and events, and compiling what they accept.
 *
 * There is no folder of zones: what is compiled is in UTC. */
#include <stdlib.h>

#include "config/calendars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ll_calendars *the_set(void)
{
    static struct ll_calendars *set;
    const struct ll_calendars_options o = {.zoneinfo = "/nonexistent"};
    struct ll_err err = {0};
    if (!set)
        LL_ASSERT(ll_calendars_open(&o, &set, &err));
    return set;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_err errs[8] = {0};
    struct ll_slice text = {(const char *)data, size};
    size_t n = ll_calendars_check(the_set(), text, "fuzz.yml", errs, LL_LEN(errs));
    for (size_t i = 0; i < LL_MIN(n, LL_LEN(errs)); i++) {
        LL_ASSERT(errs[i].code == LL_E_CONFIG || errs[i].code == LL_E_IO);
        LL_ASSERT(errs[i].text[0]);
        /* What readers say has a place and comes in the order of the file. */
        LL_ASSERT(i == 0 || errs[i].line >= errs[i - 1].line);
    }
    /* The same text, the same number, with less room for what is wrong. */
    LL_ASSERT(ll_calendars_check(the_set(), text, "fuzz.yml", errs, 1) == n);
    return 0;
}
