/* Random use of random things: whatever comes, the promises of cost/size.h hold.
 *
 * LL_CASES says how many (default 5000), LL_SEED the first one's; a failure names its seed. */
#include <stdio.h>

#include "cost_size_make.h"

static uint64_t seed, state;
static struct sized s;

#define HOLDS(cond) ck_assert_msg(cond, "%s (LL_SEED=%llu)", #cond, (unsigned long long)seed)

static double uniform(double lo, double hi)
{
    return lo + (hi - lo) * (double)(ll_test_random(&state) >> 11) / 9007199254740992.0;
}

static bool chance(double p)
{
    return uniform(0, 1) < p;
}

static double hour(double level, double busy, size_t i)
{
    if (chance(0.02))
        return chance(0.5) ? NAN : -1;
    const double shape = i % 24 >= 9 && i % 24 < 17 ? busy : 1;
    return level * shape * uniform(0.8, 1.2) * (chance(0.005) ? uniform(1, 8) : 1);
}

static void make_case(void)
{
    static const enum ll_resource_type types[] = {LL_RESOURCE_CPU, LL_RESOURCE_MEMORY,
                                                  LL_RESOURCE_NETWORK};
    const enum ll_resource_type type = types[ll_test_random(&state) % LL_LEN(types)];
    const double unit = type == LL_RESOURCE_CPU ? 1 : 1e9;
    const size_t n = (size_t)uniform(0, chance(0.3) ? 40 : 400);
    const double level = unit * exp(uniform(-3, 3)), busy = uniform(1, 12);
    sized_make(&s, type, n, 0, chance(0.03) ? 0 : level * busy * exp(uniform(-2, 3)));
    s.in.replicas = 1 + ll_test_random(&state) % 3;
    for (size_t r = 0; r < s.in.replicas; r++) {
        for (size_t i = 0; i < n; i++)
            s.use[r][i] = hour(level, busy, i);
    }
    s.o.tier = (enum ll_tier)(ll_test_random(&state) % LL_TIER_COUNT);
    s.o.zones = chance(0.2) ? 3 : 0;
    s.in.forecast = chance(0.2) ? level * busy * uniform(0.5, 2) : NAN;
    s.in.throttled = chance(0.05);
    s.in.oom_used = type == LL_RESOURCE_MEMORY && chance(0.2) ? s.in.current : NAN;
    s.in.regulatory_multiple = chance(0.1) ? 2 : 0;
    s.in.horizontal.target = chance(0.2) ? uniform(0.3, 0.95) : 0;
    s.in.horizontal.at_min = chance(0.5);
    s.in.horizontal.at_max = chance(0.5);
}

/* Calls fn with LL_CASES cases, each made from its own seed. */
static void for_cases(void (*fn)(void))
{
    const char *from = getenv("LL_SEED"), *count = getenv("LL_CASES");
    const uint64_t first = from ? strtoull(from, NULL, 10) : 1;
    const uint64_t n = count ? strtoull(count, NULL, 10) : 5000;
    for (seed = first; seed < first + n; seed++) {
        state = seed;
        make_case();
        fn();
    }
}

static double protection(const struct ll_size *g)
{
    const double spare = s.o.zones > 1 ? 1.5 : 1;
    const double k = s.o.tier == LL_TIER_CRITICAL   ? 1 + s.o.headroom
                     : s.o.tier == LL_TIER_STANDARD ? 0.7
                                                    : 0;
    return isnan(g->peak) ? 0 : k * g->peak * spare;
}

static void stays_or_keeps_its_promises(void)
{
    const struct ll_size *g = sized_run(&s);
    const double a = s.in.current, rec = g->recommended;
    HOLDS(isfinite(rec) && rec >= 0);
    HOLDS(g->confidence >= 0 && g->confidence <= 1 && g->saturated >= 0 && g->saturated <= 1);
    HOLDS(g->sizing != LL_SIZING_IDLE);
    if (rec == a)
        return;
    const bool others_help = s.in.horizontal.target > 0 && !s.in.horizontal.at_max && rec > a;
    HOLDS(rec >= protection(g) * (1 - 1e-9) || others_help);
    HOLDS(rec >= s.o.floor * (1 - 1e-9));
    HOLDS(fabs(rec - a) >= 0.1 * a * (1 - 1e-9) || g->bound == LL_SIZE_REGULATORY);
    HOLDS(rec > a || rec >= 0.5 * a * (1 - 1e-9));
    HOLDS(rec > a || (g->samples >= 100 && g->span_hours >= 30));
    HOLDS(rec > a || !s.in.throttled);
    HOLDS(fabs(rec / s.o.quantum - round(rec / s.o.quantum)) < 1e-6);
}

START_TEST(a_change_is_never_below_peak_protection_nor_too_small_nor_too_large)
{
    for_cases(stays_or_keeps_its_promises);
}
END_TEST

static void more_use_is_no_smaller(void)
{
    const double before = sized_run(&s)->recommended;
    const double factor = uniform(1, 3);
    for (size_t r = 0; r < s.in.replicas; r++) {
        for (size_t i = 0; i < s.history.n; i++)
            s.use[r][i] *= chance(0.5) ? factor : 1;
    }
    HOLDS(sized_run(&s)->recommended >= before * (1 - 1e-12));
}

START_TEST(it_never_falls_when_use_rises)
{
    for_cases(more_use_is_no_smaller);
}
END_TEST

/* Carried out again and again under the same use it comes to rest, and never turns back. */
static void comes_to_rest(void)
{
    static double capacity[SIZED_MAX];
    static const double *rows[SIZED_REPLICAS];
    for (size_t r = 0; r < SIZED_REPLICAS; r++)
        rows[r] = capacity;
    for (size_t i = 0; i < s.history.n; i++)
        capacity[i] = s.in.current; /* the use was seen under this size */
    s.in.capacity = rows;
    s.in.throttled = false;
    s.in.horizontal.target = 0;
    int turned = 0;
    double last = 0;
    for (int step = 0; step < 40; step++) {
        const double rec = sized_run(&s)->recommended, change = rec - s.in.current;
        if (change == 0)
            return;
        turned += last * change < 0;
        HOLDS(turned == 0);
        last = change;
        s.in.current = rec;
    }
    const bool came_to_rest = false;
    HOLDS(came_to_rest);
}

START_TEST(carried_out_it_comes_to_rest_without_turning_back)
{
    for_cases(comes_to_rest);
}
END_TEST

/* Use that wavers by a twentieth does not make a size at rest move. */
static void wavers(void)
{
    s.in.throttled = false;
    s.in.horizontal.target = 0;
    if (!(s.in.current > 0) || s.history.n == 0)
        return;
    for (int step = 0; step < 40; step++) {
        const double rec = sized_run(&s)->recommended;
        if (rec == s.in.current)
            break;
        s.in.current = rec;
    }
    const double wanted = s.got.wanted, rest = s.in.current;
    const bool is_base =
        s.got.term == LL_SIZE_BASE && s.got.sizing == LL_SIZING_OPTIMIZED && s.got.saturated == 0;
    if (!is_base || fabs(wanted - rest) > 0.04 * rest)
        return;
    for (size_t r = 0; r < s.in.replicas; r++) {
        for (size_t i = 0; i < s.history.n; i++)
            s.use[r][i] *= uniform(0.97, 1.03);
    }
    const struct ll_size *g = sized_run(&s);
    HOLDS(g->recommended == rest || g->saturated > 0 || g->bound == LL_SIZE_REGULATORY);
}

START_TEST(small_changes_of_use_do_not_flap)
{
    for_cases(wavers);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_change_is_never_below_peak_protection_nor_too_small_nor_too_large,
        it_never_falls_when_use_rises, carried_out_it_comes_to_rest_without_turning_back,
        small_changes_of_use_do_not_flap};
    return ll_test_run("cost_size_property", tests, LL_LEN(tests));
}
