/* CPU from /proc/stat.
 *
 *     busy = user + nice + system + irq + softirq + steal     in cores: seconds per second
 *
 * which is everything but idle and iowait.  guest is inside user, guest_nice inside nice
 * (kernel/sched/cputime.c, account_guest_time), so they are not added again.  Steal counts
 * as busy: the CPU was wanted and was not there, which is no headroom. */
#include <math.h>
#include <string.h>

#include "collect/host.h"

static bool read_stat(struct ll_host *h, uint64_t ticks[static LL_HOST_TICK_COUNT], size_t *online)
{
    struct ll_slice line;
    bool found = false;
    *online = 0;
    if (!ll_procfs_open(&h->reader, h->proc, "stat"))
        return false;
    while (ll_procfs_next(&h->reader, &line)) {
        if (ll_host_parse_is_one_cpu(line))
            ++*online;
        else if (*online > 0)
            break; /* the CPUs come first */
        else
            found |= ll_host_parse_cpu(line, ticks);
    }
    ll_procfs_close(&h->reader);
    return found && *online > 0;
}

/* Cores in these kinds of time; NaN when one went backwards (iowait and steal can: a CPU
 * taken out, a live migration). */
static double cores(const struct ll_host *h, const uint64_t now[static LL_HOST_TICK_COUNT],
                    unsigned kinds)
{
    double sum = 0;
    for (size_t i = 0; i < LL_HOST_TICK_COUNT; i++)
        if (kinds & 1U << i)
            sum += ll_host_rate(now[i], h->cpu.ticks[i], h->mono - h->cpu.mono);
    return sum / h->ticks_per_second;
}

enum {
    USER = 1 << LL_HOST_TICK_USER | 1 << LL_HOST_TICK_NICE,
    SYSTEM = 1 << LL_HOST_TICK_SYSTEM | 1 << LL_HOST_TICK_IRQ | 1 << LL_HOST_TICK_SOFTIRQ,
    STEAL = 1 << LL_HOST_TICK_STEAL,
    IOWAIT = 1 << LL_HOST_TICK_IOWAIT
};

/* The parts but "" have no capacity: they explain the busy time and are not judged. */
static const struct {
    const char *part;
    unsigned kinds;
} parts[] = {
    {NULL, USER | SYSTEM | STEAL},
    {"iowait", IOWAIT},
    {"steal", STEAL},
    {"system", SYSTEM},
    {"user", USER},
};

bool ll_host_cpu(struct ll_host *h)
{
    uint64_t ticks[LL_HOST_TICK_COUNT];
    size_t online;
    if (!read_stat(h, ticks, &online))
        return false;
    h->cpus = (double)online;
    bool comparable = h->cpu.known && h->cpu.online == online; /* none went or came */
    for (size_t i = 0; comparable && i < LL_LEN(parts); i++)
        ll_host_put(h, &(struct ll_host_part){
                           .type = LL_RESOURCE_CPU,
                           .unit = LL_UNIT_CORES,
                           .suffix = parts[i].part,
                           /* Ticks are rounded: 2.003 of 2 cores is 2. */
                           .value = ll_host_at_most(cores(h, ticks, parts[i].kinds), h->cpus),
                           .capacity = parts[i].part ? NAN : h->cpus,
                           .window = h->mono - h->cpu.mono,
                           .primary = !parts[i].part,
                       });
    h->cpu.known = true;
    h->cpu.mono = h->mono;
    h->cpu.online = online;
    memcpy(h->cpu.ticks, ticks, sizeof(ticks));
    return true;
}
