/* Prints what the host collector sees as JSON lines, one array of samples a collection.
 *
 *     collect_dump [COUNT [INTERVAL_MS [PROCFS SYSFS ROOTFS]]]
 *
 * For looking at a machine or a recorded tree without a daemon, and the source of
 * tests/cli/agreement.py where there is none.  Names are printed as they are: enough for
 * kernel names, not for a hostile one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/num.h"
#include "collect/collect.h"

enum { SAMPLES_MAX = 2048 };

static ll_time clock_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (ll_time)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void print_sample(const struct ll_sample *s, bool first)
{
    char value[LL_NUM_TEXT_MAX], capacity[LL_NUM_TEXT_MAX];
    ll_num_format(s->value, value);
    ll_num_format(s->capacity, capacity);
    printf("%s{\"service\":\"%.*s\",\"resource_type\":\"%s\",\"part\":\"%.*s\",\"unit\":\"%s\","
           "\"primary\":%s,\"current_value\":%s,\"capacity\":%s,\"window_ms\":%lld}",
           first ? "" : ",", (int)s->key.service.n, s->key.service.s, ll_resource_name(s->key.type),
           (int)s->key.part.n, s->key.part.s, ll_unit_name(s->unit), s->primary ? "true" : "false",
           value, capacity, (long long)s->window);
}

static bool collect_once(struct ll_collector *c)
{
    struct ll_err err;
    LL_AUTO(ll_batch) b = ll_batch_new(SAMPLES_MAX, 0, LL_ORIGIN_COLLECTOR);
    struct timespec from, to;
    if (!b)
        return false;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    bool ok = c->ops->collect(c, clock_ms(CLOCK_REALTIME), clock_ms(CLOCK_BOOTTIME), b, &err);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    if (!ok) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    printf("{\"cpu_us\":%ld,\"time\":%.3f,\"metrics\":[",
           (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000,
           (double)clock_ms(CLOCK_REALTIME) / 1000);
    for (size_t i = 0; i < b->n; i++)
        print_sample(&b->v[i], i == 0);
    printf("]}\n");
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 2;
    long interval = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    struct ll_host_opts opts = {.procfs = argc > 3 ? argv[3] : NULL,
                                .sysfs = argc > 4 ? argv[4] : NULL,
                                .rootfs = argc > 5 ? argv[5] : NULL};
    struct ll_collector *c;
    struct ll_err err;
    if (!ll_collector_host.open(&opts, &c, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    bool ok = true;
    for (long i = 0; i < count && ok; i++) {
        const struct timespec pause = {interval / 1000, interval % 1000 * 1000000};
        if (i > 0)
            nanosleep(&pause, NULL);
        ok = collect_once(c);
    }
    c->ops->close(c);
    return ok ? 0 : 1;
}
