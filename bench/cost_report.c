/* A bill at scale: bench_cost_report [SERVICES [DAYS [ROUNDS]]].
 *
 * calculate_costs over hourly means in memory: every service has all seven resources, a tenth of
 * the services is shared and one hour in fifty has no data.  Prices change once within the period.
 * Says the CPU time of the report, and the memory of the rollups and of the report apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cost/costs.h"
#include "stats/random.h"

enum { ARENA_BYTES = 256 << 20, NAME_MAX_BYTES = 24 };

#define T0 ((ll_time)1767225600000) /* 2026-01-01T00:00:00Z */
#define MIB (1024.0 * 1024.0)

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void add_price(struct ll_prices *book, enum ll_resource_type type, double unit, ll_time from)
{
    struct ll_err err;
    struct ll_price p = LL_PRICE_NONE;
    p.scope = LL_PRICE_RESOURCE;
    p.type = (int)type;
    p.unit[LL_COST_EFFECTIVE] = unit;
    p.from = from;
    p.as_of = T0;
    p.currency = LL_SLICE("USD");
    if (!ll_prices_add(book, &p, &err))
        die(err.text);
}

static struct ll_prices *make_prices(ll_time change)
{
    struct ll_err err;
    struct ll_prices *book = ll_prices_new();
    if (!book || !ll_prices_add_defaults(book, &err))
        die("no prices");
    for (int r = 0; r < LL_RESOURCE_COUNT; r++) {
        add_price(book, (enum ll_resource_type)r, 0.01, LL_TIME_NONE);
        add_price(book, (enum ll_resource_type)r, 0.02, change);
    }
    return book;
}

static void fill(double *allocated, double *used, size_t n, uint64_t *seed)
{
    const double size = 1 + (double)ll_random_below(seed, 64);
    for (size_t i = 0; i < n; i++) {
        const double u = ll_random_unit(seed);
        allocated[i] = size;
        used[i] = u < 0.02 ? (double)NAN : size * u;
    }
}

struct fleet {
    struct ll_cost_service *services;
    struct ll_cost_usage *usages;
    char (*names)[NAME_MAX_BYTES];
    double *points;
    size_t n, hours;
};

static struct fleet make_fleet(size_t n, size_t hours)
{
    const size_t usages = n * LL_RESOURCE_COUNT;
    struct fleet f = {calloc(n, sizeof(*f.services)),
                      calloc(usages, sizeof(*f.usages)),
                      calloc(n, sizeof(*f.names)),
                      calloc(2 * usages * hours, sizeof(double)),
                      n,
                      hours};
    uint64_t seed = 7;
    if (!f.services || !f.usages || !f.names || !f.points)
        die("no memory for the rollups");
    for (size_t s = 0; s < n; s++) {
        const int len = snprintf(f.names[s], sizeof(f.names[s]), "service-%zu", s);
        f.services[s] =
            (struct ll_cost_service){.name = {f.names[s], (size_t)len}, .shared = s % 10 == 0};
    }
    for (size_t k = 0; k < usages; k++) {
        double *allocated = f.points + 2 * k * hours;
        fill(allocated, allocated + hours, hours, &seed);
        f.usages[k] = (struct ll_cost_usage){.service = k / LL_RESOURCE_COUNT,
                                             .type = (enum ll_resource_type)(k % LL_RESOURCE_COUNT),
                                             .t0 = T0,
                                             .n = hours,
                                             .allocated = allocated,
                                             .used = allocated + hours};
    }
    return f;
}

static void report(const struct ll_costs_in *in)
{
    struct ll_costs costs;
    struct ll_err err;
    LL_AUTO(ll_arena) arena = ll_arena_new(ARENA_BYTES);
    const double start = cpu_s();
    if (!arena || !ll_costs_calculate(in, arena, &costs, &err))
        die(arena ? err.text : "no memory for the report");
    const double took = cpu_s() - start;
    double sum = costs.idle + costs.overcommit + costs.shared + costs.filtered,
           bill = costs.overhead;
    for (size_t s = 0; s < in->n_services; s++)
        sum += costs.services[s].total;
    for (int r = 0; r < LL_RESOURCE_COUNT; r++)
        bill += costs.by_resource[r];
    printf("report cpu_s %.3f report_mib %.1f total %.2f parts_off %.1e\n", took,
           (double)ll_arena_used(arena) / MIB, costs.total, fabs(sum - bill) / fabs(bill));
}

static size_t number_of(int argc, char **argv, int i, size_t otherwise)
{
    return argc > i ? (size_t)strtoull(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    const size_t services = number_of(argc, argv, 1, 10000);
    const size_t hours = number_of(argc, argv, 2, 90) * 24;
    const size_t rounds = number_of(argc, argv, 3, 5);
    struct fleet f = make_fleet(services, hours);
    const ll_time to = T0 + (ll_time)hours * LL_HOUR;
    struct ll_prices *book = make_prices(T0 + (ll_time)(hours / 3) * LL_HOUR);
    const struct ll_costs_in in = {.from = T0,
                                   .to = to,
                                   .services = f.services,
                                   .n_services = services,
                                   .usages = f.usages,
                                   .n_usages = services * LL_RESOURCE_COUNT,
                                   .prices = book,
                                   .kind = LL_PRICE_BEST,
                                   .overhead = 10,
                                   .idle = LL_ALLOCATE_WEIGHTED,
                                   .share = LL_ALLOCATE_WEIGHTED};
    printf("services %zu resources %d hours %zu points %zu rollups_mib %.0f\n", services,
           LL_RESOURCE_COUNT, hours, in.n_usages * hours,
           (double)(2 * in.n_usages * hours * sizeof(double)) / MIB);
    for (size_t i = 0; i < rounds; i++)
        report(&in);
    ll_prices_free(book);
    free(f.services);
    free(f.usages);
    free(f.names);
    free(f.points);
    return 0;
}
