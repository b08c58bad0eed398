/* How many anomalies of daily costs are found: cost_anomaly FILE.json [DRAWN]
 *
 * The file's format is in tests/vectors/cost/README.md.  Found, missed and false alarms of ours and
 * of Kubecost's rule (off the mean of 30 days by 50, and by 25 %), scored as the file says; then of
 * DRAWN series (default 200) drawn here with spikes, shifts, drifts and none. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar/day.h"
#include "cost/anomaly.h"
#include "stats/random.h"

enum { DAYS_MAX = 1000, EVENTS_MAX = 64, SKIP = 56, TAIL = 7, LATE = 30 };

struct label {
    size_t first, last;
    bool slow; /* a shift or a drift */
};

struct series {
    struct ll_anomaly_day days[DAYS_MAX];
    size_t n;
    struct label labels[EVENTS_MAX];
    size_t n_labels;
};

struct score {
    unsigned found, missed, alarms;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "cost_anomaly: %s\n", what);
    exit(2);
}

static void score(const struct series *s, const bool *hit, struct score *sc)
{
    for (size_t k = 0; k < s->n_labels; k++) {
        const struct label *l = &s->labels[k];
        const size_t to = l->slow ? l->first + LATE : l->last;
        bool found = false;
        for (size_t t = l->first; t <= to && t < s->n; t++)
            found = found || hit[t];
        sc->found += found;
        sc->missed += !found;
    }
    for (size_t t = SKIP; t < s->n; t++) {
        bool inside = false;
        for (size_t k = 0; k < s->n_labels; k++)
            inside = inside || (t >= s->labels[k].first && t <= s->labels[k].last + TAIL);
        sc->alarms += hit[t] && !inside;
    }
}

/* Every day of an outlying event, and the day a drift was known on. */
static void ours(const struct series *s, struct score *sc)
{
    static double scratch[LL_ANOMALY_SCRATCH(DAYS_MAX)];
    static struct ll_anomaly_event found[EVENTS_MAX];
    bool hit[DAYS_MAX] = {false};
    size_t n;
    struct ll_err err;
    const struct ll_anomaly_ask ask = {.days = s->days, .n = s->n};
    if (!ll_anomaly_find(&ask, scratch, found, EVENTS_MAX, &n, &err))
        die(err.text);
    if (n > EVENTS_MAX)
        die("more events than the table holds");
    for (size_t k = 0; k < n; k++) {
        hit[found[k].found] = true;
        for (size_t t = found[k].first; t <= found[k].last && found[k].what != LL_ANOMALY_DRIFT;
             t++)
            hit[t] = true;
    }
    score(s, hit, sc);
}

static void kubecost(const struct series *s, double share, struct score *sc)
{
    bool hit[DAYS_MAX] = {false};
    for (size_t t = 30; t < s->n; t++) {
        double mean = 0;
        for (size_t i = t - 30; i < t; i++)
            mean += s->days[i].cost / 30;
        hit[t] = fabs(s->days[t].cost - mean) > share * mean;
    }
    score(s, hit, sc);
}

static void set_days(struct series *s)
{
    for (size_t t = 0; t < s->n; t++) {
        s->days[t].count = NAN;
        s->days[t].weekday = (uint8_t)(t % 7);
        s->days[t].kind = t % 7 >= 5 ? LL_COST_DAY_CLOSED : LL_COST_DAY_OPEN;
    }
}

static void read_series(const json_t *j, struct series *s)
{
    size_t i;
    json_t *v;
    *s = (struct series){0};
    const json_t *values = json_object_get(j, "values"), *labels = json_object_get(j, "labels");
    if (json_array_size(values) > DAYS_MAX || json_array_size(labels) > EVENTS_MAX)
        die("a series with over 1000 days or 64 labels");
    json_array_foreach(values, i, v) s->days[s->n++].cost = json_number_value(v);
    json_array_foreach(labels, i, v)
    {
        const char *type = json_string_value(json_object_get(v, "type"));
        s->labels[s->n_labels++] =
            (struct label){(size_t)json_integer_value(json_object_get(v, "first")),
                           (size_t)json_integer_value(json_object_get(v, "last")),
                           type && (strstr(type, "shift") || strstr(type, "drift"))};
    }
    set_days(s);
}

static void draw(struct series *s, uint64_t seed, unsigned what)
{
    *s = (struct series){.n = 180};
    set_days(s);
    const double base = 1500, noise = 0.02 + 0.03 * ll_random_unit(&seed);
    const size_t at = 80 + ll_random_below(&seed, 50);
    if (what > 0)
        s->labels[s->n_labels++] = (struct label){at, what == 1 ? at : s->n - 1, what != 1};
    for (size_t t = 0; t < s->n; t++) {
        double x = base * (t % 7 >= 5 ? 0.62 : 1) * exp(noise * ll_random_normal(&seed));
        if (t >= at)
            x *= what == 1   ? (t == at ? 1.8 : 1)
                 : what == 2 ? 1.4
                 : what == 3 ? fmin(1.6, 1 + 0.015 * (double)(t - at))
                             : 1;
        s->days[t].cost = x;
    }
}

struct all {
    struct score ours, half, quarter;
};

static void judge(const struct series *s, struct all *all)
{
    ours(s, &all->ours);
    kubecost(s, 0.50, &all->half);
    kubecost(s, 0.25, &all->quarter);
}

static void print(const char *name, const struct all *all)
{
    const struct score *rows[] = {&all->ours, &all->half, &all->quarter};
    const char *rules[] = {"ours", "mean of 30 days -+50 %", "mean of 30 days -+25 %"};
    for (size_t i = 0; i < 3; i++)
        printf("%-22s %-24s %6u %6u %12u\n", name, rules[i], rows[i]->found, rows[i]->missed,
               rows[i]->alarms);
}

int main(int argc, char **argv)
{
    json_error_t e;
    json_t *root = argc > 1 ? json_load_file(argv[1], 0, &e) : NULL;
    if (!root)
        die(argc > 1 ? e.text : "give a file like tests/vectors/cost/anomaly_dev.json");
    static struct series s;
    struct all file = {0}, drawn[4] = {0};
    size_t i;
    json_t *j;
    printf("%-22s %-24s %6s %6s %12s\n", "series", "rule", "found", "missed", "false alarms");
    json_array_foreach(json_object_get(root, "series"), i, j)
    {
        read_series(j, &s);
        judge(&s, &file);
    }
    print("the file's", &file);
    const char *names[] = {"drawn: nothing", "drawn: spikes", "drawn: shifts", "drawn: drifts"};
    const unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 200;
    for (unsigned k = 0; k < n; k++) {
        draw(&s, 77 + k, k % 4);
        judge(&s, &drawn[k % 4]);
    }
    for (size_t k = 0; k < 4; k++)
        print(names[k], &drawn[k]);
    json_decref(root);
    return 0;
}
