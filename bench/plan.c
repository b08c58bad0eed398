/* How honest the dates of a capacity plan are: plan [SERIES]
 *
 * SERIES (default 200) drawn series of daily peaks with growths, waves, steps and noise of their
 * own; two years are known, one more comes.  Of those that really reach their capacity in the year
 * ahead: how many did so only after the P50 and P90 dates (50 and 90 % would be exact), the median
 * distance of the P50 from the real day; and how often a date was told where none came. */
#include "plan/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/cost.h"
#include "stats/quantile.h"
#include "stats/random.h"

enum { PAST = 731, AHEAD = 365, MONTHS = 12, SERIES_MAX = 5000 };

struct series {
    double y[PAST + AHEAD], capacity;
    uint8_t kind[PAST + AHEAD];
};

static const ll_day first = 19539;

static void draw(struct series *s, uint64_t seed)
{
    const double growth = 0.03 * ll_random_unit(&seed),
                 wave = 0.15 * ll_random_unit(&seed) * (double)ll_random_below(&seed, 2),
                 step = 0.4 * (ll_random_unit(&seed) - 0.3) * (double)ll_random_below(&seed, 2),
                 noise = 0.02 + 0.06 * ll_random_unit(&seed), turn = 6 * ll_random_unit(&seed);
    const size_t at = 100 + ll_random_below(&seed, 600);
    for (size_t i = 0; i < PAST + AHEAD; i++) {
        const double t = (double)i;
        s->kind[i] = ll_day_weekday(first + (ll_day)i) >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN;
        s->y[i] = (s->kind[i] == LL_COST_DAY_CLOSED ? 300 : 1000) * exp(growth * t / 30.44) *
                  (1 + wave * sin(2 * M_PI * t / 365.25 + turn)) * (i >= at ? 1 + step : 1) *
                  exp(noise * ll_random_normal(&seed));
    }
    double highest = 0;
    for (size_t i = 0; i < PAST; i++)
        highest = fmax(highest, s->y[i]);
    s->capacity = highest * (1.02 + 0.3 * ll_random_unit(&seed));
}

struct tally {
    unsigned came, none, told_none, after50, after90, missed;
    double off[SERIES_MAX];
    size_t n_off;
};

static void judge(const struct series *s, struct tally *t)
{
    static struct ll_plan plan;
    struct ll_err err;
    struct ll_arena *arena = ll_arena_new(8 << 20);
    struct ll_plan_ask ask = {.first = first,
                              .peak = s->y,
                              .kind = s->kind,
                              .n = PAST,
                              .ahead = AHEAD,
                              .months = MONTHS,
                              .capacity = s->capacity,
                              .critical = 0.85,
                              .ceiling = NAN,
                              .unit = 1,
                              .ever = NAN,
                              .near_s = {NAN, NAN, NAN, NAN},
                              .seed = 1};
    if (!arena || !ll_plan_make(&ask, arena, &plan, &err)) {
        fprintf(stderr, "plan: %s\n", arena ? err.text : "no memory");
        exit(2);
    }
    ll_arena_free(arena);
    const struct ll_plan_date *d = &plan.date[LL_PLAN_CAPACITY];
    ll_day came = LL_DAY_NONE;
    for (size_t i = PAST; i < PAST + AHEAD && came == LL_DAY_NONE; i++)
        came = s->y[i] >= s->capacity ? first + (ll_day)i : LL_DAY_NONE;
    if (came == LL_DAY_NONE) {
        t->none++;
        t->told_none += d->p50 == LL_DAY_NONE;
        return;
    }
    t->came++;
    t->after90 += d->p90 != LL_DAY_NONE && d->p90 <= came;
    t->after50 += d->p50 != LL_DAY_NONE && d->p50 <= came;
    t->missed += d->p90 == LL_DAY_NONE;
    if (d->p50 != LL_DAY_NONE)
        t->off[t->n_off++] = fabs((double)(d->p50 - came));
}

int main(int argc, char **argv)
{
    static struct series s;
    static struct tally t;
    const unsigned n =
        argc > 1 ? LL_MIN((unsigned)strtoul(argv[1], NULL, 10), (unsigned)SERIES_MAX) : 200;
    const clock_t begun = clock();
    for (unsigned k = 0; k < n; k++) {
        draw(&s, 5000 + k);
        judge(&s, &t);
    }
    printf("%u series, capacity reached within a year by %u\n", n, t.came);
    printf("  after the P90 date   %5.1f %%\n", 100.0 * t.after90 / t.came);
    printf("  after the P50 date   %5.1f %%\n", 100.0 * t.after50 / t.came);
    printf("  without any date     %5.1f %%\n", 100.0 * t.missed / t.came);
    printf("  P50 off by           %5.0f days (median)\n", ll_quantile_median(t.off, t.n_off));
    printf("of %u that did not reach it, %u were told no P50\n", t.none, t.told_none);
    printf("CPU a plan             %5.1f ms\n",
           1e3 * (double)(clock() - begun) / CLOCKS_PER_SEC / n);
    return 0;
}
