#include "cost/size_scan.h"

#include <math.h>

#include "stats/quantile.h"

#define HOUR ((double)LL_HOUR)
#define DAY ((double)LL_DAY)
#define FULL_DAYS 14.0 /* of history, for a confidence of 1 */
#define WEEK_DAYS 7.0

static bool is_sample(double x)
{
    return x >= 0 && x <= LL_SIZE_SAMPLE_MAX;
}

/* The larger, of which b may be NaN: the library's fmax is a call for each sample. */
static double larger(double a, double b)
{
    return b > a ? b : a;
}

static double highest_at(const struct ll_size_input *in, size_t r, size_t i)
{
    const double x = in->use[r][i];
    const double h = in->highest ? in->highest[r][i] : x;
    return h <= LL_SIZE_SAMPLE_MAX ? larger(x, h) : x;
}

/* P_q within each class of days; the largest of them, so that closed days do not thin out open
 * ones nor ordinary days an expiry. */
static double base_of(const struct ll_size_input *in, const struct ll_size_opts *o, size_t r,
                      struct ll_weighted *values)
{
    const struct ll_size_history *h = in->history;
    double base = NAN;
    const size_t classes = h->day ? LL_COST_DAY_COUNT : 1;
    for (size_t k = 0; k < classes; k++) {
        size_t n = 0;
        for (size_t i = 0; i < h->n; i++) {
            if (!is_sample(in->use[r][i]) || (h->day && h->day[i] != k))
                continue;
            values[n].x = o->base_of_peaks ? highest_at(in, r, i) : in->use[r][i];
            values[n++].w = h->weight ? h->weight[i] : 1;
        }
        base = fmax(base, ll_weighted_percentile(values, n, o->q));
    }
    return base;
}

struct counts {
    size_t all, saturated;
    double peak, reached; /* -1 before one */
};

static void see(const struct ll_size_input *in, const struct ll_size_opts *o, size_t r,
                struct counts *c)
{
    const double *use = in->use[r], *capacities = in->capacity ? in->capacity[r] : NULL;
    for (size_t i = 0; i < in->history->n; i++) {
        if (!is_sample(use[i]))
            continue;
        const double capacity = capacities ? capacities[i] : in->current;
        c->peak = larger(c->peak, highest_at(in, r, i));
        c->all++;
        if (capacity > 0 && use[i] >= o->saturated_at * capacity) {
            c->saturated++;
            c->reached = larger(c->reached, capacity);
        }
    }
}

static void see_instances(const struct ll_size_input *in, const struct ll_size_opts *o,
                          const struct ll_size_scratch *scratch, struct ll_size_seen *out)
{
    struct counts c = {.peak = -1, .reached = -1};
    size_t known = 0;
    for (size_t r = 0; r < in->replicas; r++) {
        see(in, o, r, &c);
        const double base = base_of(in, o, r, scratch->values);
        out->base = fmax(out->base, base);
        if (!isnan(base))
            scratch->bases[known++] = base;
    }
    const double median = ll_quantile_median(scratch->bases, known);
    out->imbalance = median > 0 ? out->base / median : NAN;
    out->peak = c.peak >= 0 ? c.peak : NAN;
    out->saturated_highest = c.reached >= 0 ? c.reached : NAN;
    out->saturated = c.all > 0 ? (double)c.saturated / (double)c.all : 0;
}

static bool seen_at(const struct ll_size_input *in, size_t i)
{
    for (size_t r = 0; r < in->replicas; r++) {
        if (is_sample(in->use[r][i]))
            return true;
    }
    return false;
}

/* The span begins with the first sample and ends with the last; a source that has gone silent
 * lowers the coverage. */
static void see_time(const struct ll_size_input *in, struct ll_size_seen *out)
{
    const struct ll_size_history *h = in->history;
    size_t first = h->n, last = 0;
    for (size_t i = 0; i < h->n; i++) {
        if (!seen_at(in, i))
            continue;
        first = LL_MIN(first, i);
        last = i;
        out->samples++;
    }
    if (out->samples == 0)
        return;
    out->span_hours = (double)(last - first + 1) * (double)h->step / HOUR;
    out->coverage = (double)out->samples / (double)(h->n - first);
}

static double confidence_of(const struct ll_size_history *h, const struct ll_size_seen *s)
{
    const double span_days = s->span_hours * HOUR / DAY;
    const double sample_days = (double)s->samples * (double)h->step / DAY;
    double c = fmin(1, fmin(span_days, sample_days) / FULL_DAYS) * s->coverage;
    if (span_days < WEEK_DAYS)
        c *= 0.5;
    if (h->by_calendar && !(h->month_end && h->quarter))
        c *= 0.5;
    return c;
}

void ll_size_scan(const struct ll_size_input *in, const struct ll_size_opts *o,
                  const struct ll_size_scratch *scratch, struct ll_size_seen *out)
{
    *out =
        (struct ll_size_seen){.base = NAN, .peak = NAN, .imbalance = NAN, .saturated_highest = NAN};
    see_instances(in, o, scratch, out);
    see_time(in, out);
    out->confidence = confidence_of(in->history, out);
}
