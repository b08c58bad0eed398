/* Pressure stall information: the share of the last ten seconds in which some task waited
 * for the resource (Documentation/accounting/psi.rst).  Absent where the kernel was built
 * or started without it. */
#include "collect/host.h"

static const struct {
    const char *path;
    enum ll_resource_type type;
} files[] = {
    {"pressure/cpu", LL_RESOURCE_CPU},
    {"pressure/memory", LL_RESOURCE_MEMORY},
    {"pressure/io", LL_RESOURCE_DISK},
};

bool ll_host_pressure(struct ll_host *h)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    double ratio;
    bool any = false;
    for (size_t i = 0; i < LL_LEN(files); i++) {
        if (!ll_procfs_read_small(h->proc, files[i].path, buf, &line) ||
            !ll_host_parse_pressure(line, &ratio))
            continue;
        any = true;
        ll_host_put(h, &(struct ll_host_part){
                           .type = files[i].type,
                           .unit = LL_UNIT_RATIO,
                           .suffix = "pressure",
                           .value = ratio,
                           .window = 10 * LL_SECOND,
                       });
    }
    return any;
}
