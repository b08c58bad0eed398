/* Memory from /proc/meminfo.  Used = MemTotal - MemAvailable: what could not be given to a
 * new program without swapping; page cache that can be dropped is not used memory. */
#include <math.h>

#include "collect/host.h"

enum { TOTAL, AVAILABLE, SWAP_TOTAL, SWAP_FREE, KEYS };
static const char *const keys[KEYS] = {"MemTotal", "MemAvailable", "SwapTotal", "SwapFree"};

static bool read_meminfo(struct ll_host *h, double v[static KEYS])
{
    struct ll_slice line;
    uint64_t bytes;
    bool any = false;
    for (size_t i = 0; i < KEYS; i++)
        v[i] = NAN;
    if (!ll_procfs_open(&h->reader, h->proc, "meminfo"))
        return false;
    while (ll_procfs_next(&h->reader, &line))
        for (size_t i = 0; i < KEYS; i++)
            if (ll_host_parse_meminfo(line, keys[i], &bytes)) {
                v[i] = (double)bytes;
                any = true;
            }
    ll_procfs_close(&h->reader);
    return any;
}

bool ll_host_memory(struct ll_host *h)
{
    double v[KEYS];
    if (!read_meminfo(h, v))
        return false;
    h->memory_bytes = v[TOTAL] > 0 ? v[TOTAL] : NAN;
    ll_host_put(h, &(struct ll_host_part){
                       .type = LL_RESOURCE_MEMORY,
                       .unit = LL_UNIT_BYTES,
                       .value = v[TOTAL] - v[AVAILABLE],
                       .capacity = v[TOTAL],
                       .primary = true,
                   });
    if (v[SWAP_TOTAL] > 0)
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_MEMORY,
                           .unit = LL_UNIT_BYTES,
                           .suffix = "swap",
                           .value = v[SWAP_TOTAL] - v[SWAP_FREE],
                           .capacity = v[SWAP_TOTAL],
                       });
    return true;
}
