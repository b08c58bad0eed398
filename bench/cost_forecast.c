/* How well cost_forecast tells months: cost_forecast FILE.json [DRAWN]
 *
 * The file's format is in tests/vectors/cost/README.md.  Per series the mean absolute percentage
 * error of the P50 of each full month, beside three baselines, and how many months came out within
 * the 80 and 95 % intervals.  Then the same from five earlier origins of each history, and of DRAWN
 * series (default 200) drawn here with other seeds, growths, waves and steps. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cost/forecast.h"
#include "stats/random.h"

enum { DAYS_MAX = 1500, MONTHS = 6, BACK = 5 };

struct series {
    ll_day first;
    double y[DAYS_MAX], committed;
    uint8_t kind[DAYS_MAX];
    size_t n, past;
};

struct score {
    double ape, ape_class, ape_linear, ape_last;
    unsigned months, in80, in95;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "cost_forecast: %s\n", what);
    exit(2);
}

static void set_kinds(struct series *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->kind[i] =
            ll_day_weekday(s->first + (ll_day)i) >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN;
}

/* The mean of the last 56 days of a kind. */
static double class_mean(const struct series *s, uint8_t kind)
{
    double sum = 0, n = 0;
    for (size_t i = s->past - LL_MIN(s->past, (size_t)56); i < s->past; i++) {
        sum += s->kind[i] == kind ? s->y[i] : 0;
        n += s->kind[i] == kind ? 1 : 0;
    }
    return n > 0 ? sum / n : 0;
}

/* Means per day of the last twelve blocks of 30 days, by a line through them. */
static double linear(const struct series *s, double month)
{
    double x = 0, y = 0, xx = 0, xy = 0;
    const double n = 12;
    for (int b = 0; b < 12; b++) {
        double sum = 0;
        for (size_t i = 0; i < 30; i++)
            sum += s->y[s->past - 30 * (size_t)(12 - b) + i];
        x += b;
        y += sum / 30;
        xx += b * b;
        xy += b * sum / 30;
    }
    const double slope = (n * xy - x * y) / (n * xx - x * x);
    return (y - slope * x) / n + slope * (12 + month);
}

static void judge(const struct series *s, struct score *sc)
{
    struct ll_arena *arena = ll_arena_new(16 << 20);
    static struct ll_cost_forecast f;
    struct ll_err err;
    const struct ll_cost_forecast_ask ask = {.first = s->first,
                                             .cost = s->y,
                                             .kind = s->kind,
                                             .n = s->past,
                                             .ahead = s->n - s->past,
                                             .months = MONTHS,
                                             .committed = s->committed,
                                             .seed = 1};
    if (!arena || !ll_cost_forecast(&ask, arena, &f, &err))
        die(arena ? err.text : "no memory");
    double last = 0;
    for (size_t i = s->past - 30; i < s->past; i++)
        last += s->y[i] / 30;
    size_t at = s->past;
    for (unsigned k = 0; k < MONTHS; k++) {
        const struct ll_cost_month *m = &f.month[k];
        if (m->known + m->missing > 0) { /* begun: not a forecast of a month */
            at += m->days - m->known - m->missing;
            continue;
        }
        double actual = 0, by_class = 0;
        for (unsigned d = 0; d < m->days; d++, at++) {
            actual += s->y[at];
            by_class += class_mean(s, s->kind[at]);
        }
        sc->months++;
        sc->ape += fabs(m->p50 / actual - 1);
        sc->ape_class += fabs(by_class / actual - 1);
        sc->ape_linear += fabs(linear(s, k) * m->days / actual - 1);
        sc->ape_last += fabs(last * m->days / actual - 1);
        sc->in80 += actual >= m->p10 && actual <= m->p90;
        sc->in95 += actual >= m->low95 && actual <= m->high95;
    }
    ll_arena_free(arena);
}

static void add(struct score *to, const struct score *s)
{
    to->ape += s->ape;
    to->ape_class += s->ape_class;
    to->ape_linear += s->ape_linear;
    to->ape_last += s->ape_last;
    to->months += s->months;
    to->in80 += s->in80;
    to->in95 += s->in95;
}

static void print(const char *name, const struct score *s)
{
    const double n = s->months;
    printf("%-34s %6u %8.2f %8.2f %8.2f %8.2f %9.1f %9.1f\n", name, s->months, 100 * s->ape / n,
           100 * s->ape_class / n, 100 * s->ape_linear / n, 100 * s->ape_last / n,
           100 * s->in80 / n, 100 * s->in95 / n);
}

static void back(const struct series *s, struct score *sc)
{
    struct series cut = *s;
    for (size_t k = 0; k < BACK; k++) {
        cut.n = s->past - 15 * k;
        cut.past = cut.n - 190;
        judge(&cut, sc);
    }
}

/* Growth, waves, a step, a floor and daily noise, as the file's, with values of their own. */
static void draw(struct series *s, uint64_t seed)
{
    const double growth = 0.02 * ll_random_unit(&seed) * (double)ll_random_below(&seed, 2),
                 wave = 0.2 * ll_random_unit(&seed) * (double)ll_random_below(&seed, 2),
                 step = (ll_random_unit(&seed) - 0.4) * (double)ll_random_below(&seed, 2),
                 base = 500 + 4000 * ll_random_unit(&seed),
                 noise = 0.02 + 0.04 * ll_random_unit(&seed),
                 closed = 0.4 + 0.4 * ll_random_unit(&seed);
    const size_t at = 100 + ll_random_below(&seed, 600);
    *s = (struct series){.first = 19539, .n = 915, .past = 731, .committed = 0.3 * base};
    set_kinds(s);
    for (size_t i = 0; i < s->n; i++) {
        const double t = (double)i;
        double v = base * exp(growth * t / 30.44) * (1 + wave * sin(2 * M_PI * t / 365.25 + base));
        v *= (s->kind[i] == LL_COST_DAY_CLOSED ? closed : 1) * (i >= at ? 1 + step : 1);
        s->y[i] = s->committed + 0.7 * v * exp(noise * ll_random_normal(&seed));
    }
}

static void drawn(unsigned n)
{
    static struct series s;
    struct score all = {0};
    for (unsigned k = 0; k < n; k++) {
        draw(&s, 1000 + k);
        judge(&s, &all);
    }
    print("drawn here", &all);
}

static size_t fill(const json_t *from, double *to)
{
    size_t i;
    json_t *v;
    if (json_array_size(from) > DAYS_MAX / 2)
        die("over 750 days of a series");
    json_array_foreach(from, i, v) to[i] = json_number_value(v);
    return json_array_size(from);
}

static void read_series(const json_t *root, const json_t *j, struct series *s)
{
    struct ll_err err;
    const char *first = json_string_value(json_object_get(root, "first_day"));
    *s = (struct series){.committed =
                             json_number_value(json_object_get(j, "committed_floor_per_day"))};
    if (!first || !ll_day_parse(ll_slice_of(first), &s->first, &err))
        die("first_day is not a date");
    s->past = fill(json_object_get(j, "history"), s->y);
    s->n = s->past + fill(json_object_get(j, "future"), s->y + s->past);
    if (s->past < 600 ||
        s->n - s->past < ll_cost_forecast_ahead(s->first + (ll_day)s->past - 1, MONTHS))
        die("a series needs 600 days of history and six full months of future");
    set_kinds(s);
}

int main(int argc, char **argv)
{
    json_error_t e;
    json_t *root = argc > 1 ? json_load_file(argv[1], 0, &e) : NULL;
    if (!root)
        die(argc > 1 ? e.text : "give a file like tests/vectors/cost/forecast_dev.json");
    static struct series s;
    struct score all = {0}, before = {0};
    size_t i;
    json_t *j;
    printf("%-34s %6s %8s %8s %8s %8s %9s %9s\n", "monthly error, %", "months", "P50", "class",
           "linear", "last", "in 80 %", "in 95 %");
    json_array_foreach(json_object_get(root, "series"), i, j)
    {
        struct score one = {0};
        read_series(root, j, &s);
        judge(&s, &one);
        print(json_string_value(json_object_get(j, "kind")), &one);
        add(&all, &one);
        back(&s, &before);
    }
    print("all", &all);
    print("earlier origins of the histories", &before);
    drawn(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 200);
    json_decref(root);
    return 0;
}
