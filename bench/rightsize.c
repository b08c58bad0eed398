/* Right-sizing of a fleet from hourly rollups in memory: bench_rightsize [SERVICES [DAYS]].
 *
 * Each of SERVICES x 7 resources has a mean and a highest value an hour, as doubles.  Sized three
 * times: all hours alike; decayed and compared by class of day, as with a calendar; and by the
 * Vertical Pod Autoscaler's histogram (CPU and memory only).  The bound in the same run is a walk
 * over the same memory that only looks for the highest value.  Times are of one thread's CPU. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "cost/size_vpa.h"

#define MARKET_OPEN 13
#define MARKET_CLOSE 20

struct fleet {
    size_t services, n;
    double *mean, *highest; /* [services][LL_RESOURCE_COUNT][n] */
    double *current;        /* [services][LL_RESOURCE_COUNT] */
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *take(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p) {
        fprintf(stderr, "no memory for %zu MiB\n", n * size >> 20);
        exit(1);
    }
    return p;
}

/* xorshift64*: fast, and the same everywhere. */
static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

static bool is_open(size_t hour)
{
    return hour / 24 % 7 < 5 && hour % 24 >= MARKET_OPEN && hour % 24 < MARKET_CLOSE;
}

static double unit_of(size_t resource)
{
    return resource == LL_RESOURCE_CPU                                      ? 1
           : resource == LL_RESOURCE_MEMORY || resource == LL_RESOURCE_DISK ? 1e9
                                                                            : 1e4;
}

static void fill(struct fleet *f)
{
    uint64_t state = 88172645463325252u;
    size_t at = 0;
    for (size_t s = 0; s < f->services * LL_RESOURCE_COUNT; s++) {
        const double level = unit_of(s % LL_RESOURCE_COUNT) * (0.1 + uniform(&state));
        const double busy = 1 + 9 * uniform(&state);
        f->current[s] = level * busy * (0.5 + 5 * uniform(&state));
        for (size_t i = 0; i < f->n; i++, at++) {
            const double u = uniform(&state);
            f->mean[at] = u < 0.002 ? NAN : level * (is_open(i) ? busy : 1) * (0.8 + 0.4 * u);
            f->highest[at] = f->mean[at] * (1 + 0.5 * u * u);
        }
    }
}

struct room {
    struct ll_weighted *values;
    double *weight;
    uint8_t *day;
    struct ll_size_vpa_room *vpa;
};

static void size_one(const struct fleet *f, size_t s, const struct ll_size_history *h, bool by_vpa,
                     const struct room *room, struct ll_size *out)
{
    const double *use = f->mean + s * f->n, *highest = f->highest + s * f->n;
    double base;
    const enum ll_resource_type type = (enum ll_resource_type)(s % LL_RESOURCE_COUNT);
    const struct ll_size_opts o = ll_size_opts_default(type);
    struct ll_size_input in = {
        .history = h, .replicas = 1, .use = &use, .highest = &highest, .current = f->current[s]};
    if (by_vpa && (type == LL_RESOURCE_CPU || type == LL_RESOURCE_MEMORY)) {
        const struct ll_vpa_opts vo = ll_vpa_opts_default();
        const struct ll_vpa_config vc = ll_vpa_config_default();
        in.vpa = ll_size_vpa_target(&in, type, 0, &vo, &vc, room->vpa);
    }
    ll_size_of(&in, &o, &(struct ll_size_scratch){room->values, &base}, out);
}

static void run(const char *name, const struct fleet *f, const struct ll_size_history *h,
                bool by_vpa, const struct room *room)
{
    size_t sizings[LL_SIZING_COUNT] = {0};
    const double start = cpu_seconds();
    for (size_t s = 0; s < f->services * LL_RESOURCE_COUNT; s++) {
        struct ll_size got;
        size_one(f, s, h, by_vpa, room, &got);
        sizings[got.sizing]++;
    }
    printf("%-22s %6.2f s ", name, cpu_seconds() - start);
    for (size_t k = 0; k < LL_SIZING_COUNT; k++) {
        if (sizings[k] > 0)
            printf(" %zu %s", sizings[k], ll_sizing_name((enum ll_sizing)k));
    }
    printf("\n");
}

static void walk(const struct fleet *f)
{
    const double start = cpu_seconds();
    double highest = 0;
    for (size_t i = 0; i < f->services * LL_RESOURCE_COUNT * f->n; i++)
        highest = f->mean[i] + f->highest[i] > highest ? f->mean[i] + f->highest[i] : highest;
    printf("%-22s %6.2f s  (highest %.3g)\n", "a walk over the memory", cpu_seconds() - start,
           highest);
}

int main(int argc, char **argv)
{
    struct fleet f = {.services = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000,
                      .n = 24 * (argc > 2 ? strtoul(argv[2], NULL, 10) : 90)};
    if (f.services == 0 || f.services > 1000000 || f.n == 0 || f.n > 24 * 3660) {
        fprintf(stderr, "usage: bench_rightsize [SERVICES [DAYS]]\n");
        return 2;
    }
    const size_t series = f.services * LL_RESOURCE_COUNT;
    f.mean = take(series * f.n, sizeof(double));
    f.highest = take(series * f.n, sizeof(double));
    f.current = take(series, sizeof(double));
    const struct room room = {take(f.n, sizeof(struct ll_weighted)), take(f.n, sizeof(double)),
                              take(f.n, 1), take(1, sizeof(struct ll_size_vpa_room))};
    fill(&f);
    const struct ll_size_history plain = {.step = LL_HOUR, .n = f.n};
    struct ll_size_history calendar = plain;
    double open_hours = 0;
    for (size_t i = f.n; i-- > 0; open_hours += is_open(i)) {
        room.weight[i] = exp2(-open_hours / 65);
        room.day[i] = is_open(i) ? LL_COST_DAY_OPEN : LL_COST_DAY_CLOSED;
    }
    calendar.weight = room.weight;
    calendar.day = room.day;
    printf("%zu services x %d resources x %zu hours\n", f.services, LL_RESOURCE_COUNT, f.n);
    walk(&f);
    run("all hours alike", &f, &plain, false, &room);
    run("by the calendar", &f, &calendar, false, &room);
    run("by VPA's histogram", &f, &plain, true, &room);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("memory: %.2f GiB of rollups, %.2f GiB at most in all\n",
           2.0 * (double)(series * f.n) * sizeof(double) / (1 << 30),
           (double)usage.ru_maxrss / (1 << 20));
    free(f.mean);
    free(f.highest);
    free(f.current);
    free(room.values);
    free(room.weight);
    free(room.day);
    free(room.vpa);
    return 0;
}
