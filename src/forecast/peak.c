/* Weights as in portfolio.h.  Errors are those of whole windows: bounds of steps corrected for
 * their number (Stankeviciute et al. 2021) are far too wide for hours that go together. */
#include <math.h>

#include "forecast/combine.h"
#include "forecast/peak_private.h"
#include "stats/quantile.h"

enum {
    BACK = 28, /* earlier windows looked at: four weeks of days */
    WEEK = 7,  /* of sessions the weekday tells too little */
    WEEKS = 4,
    NEAR = 7, /* windows of the median */
    PRIOR = 2 /* errors that `usual` counts as */
};

enum way { POINT, RUNNING, MEDIAN, SLOW, WEEKLY, WAYS };

static const double running = 0.3, slow = 0.1, weekly = 0.4; /* of a running mean: the newest's */
static const double unit_share = 0.05; /* of the usual maximum: below it u is nearly a line */
static const double behind = 1.8;      /* over origins that are apart: what is added to 1 */
static const double origin_fade = 0.9; /* of weights: as of the portfolio's */
static const double ceiling = 3;       /* of the largest value: what P95 is at most */
static const double keep = 0.2;        /* of the bias seen: the rest is taken for chance */
static const double window_share = 0.5, step_share = 0.5; /* of usual: of windows, of steps */
static const double normal_mean_abs = 0.7978845608028654;

struct work {
    const struct ll_peak_ask *ask;
    size_t h, stride, lead; /* of windows; how many strides back the newest whole one begins */
    size_t cycle;           /* strides of m2; 0 = none */
    double unit;
    double before[BACK];                          /* windows before the end, newest first */
    double of_origins[LL_ORIGINS_MAX + BACK];     /* from that of the last origin back */
    double said[LL_ORIGINS_MAX][WAYS], now[WAYS]; /* NaN = that way cannot tell */
    double came[LL_ORIGINS_MAX], error[LL_ORIGINS_MAX];
    size_t n_origins; /* with something known after them */
    double weight[WAYS];
};

/* The largest of v at steps that are asked for and where `known` is; NaN when less than half are.
 */
static double largest(const struct work *w, const double *v, const double *known)
{
    double top = -INFINITY;
    size_t asked = 0, n = 0;
    for (size_t i = 0; i < w->h; i++) {
        if (isnan(w->ask->factor[i]))
            continue;
        asked++;
        if (isnan(known[i]))
            continue;
        n++;
        top = v[i] > top ? v[i] : top;
    }
    return n && 2 * n >= asked ? top : (double)NAN;
}

/* Maxima of windows that begin at start, a stride earlier, ...; NaN: not all there. */
static void maxima(const struct work *w, size_t start, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t back = i * w->stride;
        bool whole = start >= back && start - back + w->h <= w->ask->n;
        const double *v = w->ask->actual + (whole ? start - back : 0);
        out[i] = whole ? largest(w, v, v) : (double)NAN;
    }
}

/* The mean of every `step`-th of n, newest first, what is unknown left out. */
static double running_mean(const double *u, size_t n, size_t step, double newest)
{
    double sum = 0, all = 0, weight = 1;
    for (size_t i = 0; i < n; i += step) {
        if (!isnan(u[i])) {
            sum += weight * u[i];
            all += weight;
        }
        weight *= 1 - newest;
    }
    return all > 0 ? sum / all : (double)NAN;
}

static double near_median(const double *u, size_t n)
{
    double v[NEAR];
    size_t k = 0;
    for (size_t i = 0; i < n && i < NEAR; i++)
        if (!isnan(u[i]))
            v[k++] = u[i];
    return ll_quantile_median(v, k); /* NaN of none */
}

/* What each way says of a window, by the n whole ones before it. */
static void say(const struct work *w, double point, const double *u, size_t n, double out[WAYS])
{
    size_t first = w->cycle ? w->cycle - 1 - (w->lead - 1) % w->cycle : n;
    out[POINT] = point;
    out[RUNNING] = running_mean(u, n, 1, running);
    out[MEDIAN] = near_median(u, n);
    out[SLOW] = running_mean(u, n, 1, slow);
    out[WEEKLY] =
        first < n ? running_mean(u + first, LL_MIN(n - first, w->cycle * WEEKS), w->cycle, weekly)
                  : (double)NAN;
}

static void take_unit(struct work *w, double top)
{
    double v[BACK], most = 0;
    size_t n = 0;
    for (size_t i = 0; i < BACK; i++)
        if (!isnan(w->before[i])) {
            v[n++] = fabs(w->before[i]);
            most = fmax(most, fabs(w->before[i]));
        }
    double usual = n ? ll_quantile_median(v, n) : 0;
    usual = usual > 0 ? usual : most > 0 ? most : fabs(top);
    w->unit = usual > 0 ? fmax(unit_share * usual, 1e-290) : 1;
}

static void take_windows(struct work *w)
{
    const struct ll_portfolio *p = w->ask->portfolio;
    size_t step = p->n_origins > 1 ? p->origin[1] - p->origin[0] : 0;
    size_t season = w->ask->m1 > 1 ? (size_t)w->ask->m1 : w->h;
    w->stride = step ? step : season;
    w->lead = (w->h + w->stride - 1) / w->stride;
    size_t m2 = w->ask->m2 > 0 ? (size_t)w->ask->m2 : 0;
    w->cycle = m2 == WEEK * w->stride ? WEEK : 0;
    for (size_t i = 0; i < LL_LEN(w->of_origins); i++)
        w->of_origins[i] = NAN;
    size_t start = w->lead * w->stride;
    if (w->ask->n >= start)
        maxima(w, w->ask->n - start, BACK, w->before);
    else
        for (size_t i = 0; i < BACK; i++)
            w->before[i] = NAN;
    if (p->n_origins > 1)
        maxima(w, p->origin[p->n_origins - 1], p->n_origins + BACK, w->of_origins);
}

static void all_to_u(struct work *w)
{
    for (size_t i = 0; i < BACK; i++)
        w->before[i] = ll_peak_u(w->unit, w->before[i]);
    for (size_t i = 0; i < LL_LEN(w->of_origins); i++)
        w->of_origins[i] = ll_peak_u(w->unit, w->of_origins[i]);
}

static void look_back(struct work *w)
{
    const struct ll_portfolio *p = w->ask->portfolio;
    for (size_t k = 0; k < p->n_origins; k++) {
        const double *f = p->at_origin + k * p->reach, *e = p->error + k * p->reach;
        double top = largest(w, f, e), actual = -INFINITY;
        for (size_t i = 0; i < w->h; i++)
            if (!isnan(w->ask->factor[i]) && f[i] + e[i] > actual)
                actual = f[i] + e[i];
        if (isnan(top))
            continue;
        size_t newest = p->n_origins - 1 - k + w->lead;
        size_t n = newest < LL_LEN(w->of_origins) ? LL_LEN(w->of_origins) - newest : 0;
        say(w, ll_peak_u(w->unit, top), w->of_origins + LL_LEN(w->of_origins) - n,
            LL_MIN(n, (size_t)BACK), w->said[w->n_origins]);
        w->came[w->n_origins++] = ll_peak_u(w->unit, actual);
    }
}

/* Mean absolute error at the origins, newer ones counting more; NaN when it could not always tell.
 */
static double error_of(const struct work *w, enum way way)
{
    double sum = 0, all = 0;
    for (size_t k = 0; k < w->n_origins; k++) {
        sum = sum * origin_fade + fabs(w->came[k] - w->said[k][way]);
        all = all * origin_fade + 1;
    }
    return sum / all + 1e-4;
}

/* Origins, those whose windows overlap as parts of one. */
static double apart_origins(const struct work *w)
{
    return (double)w->n_origins * fmin((double)w->stride / (double)w->h, 1);
}

/* Errors of other ways count more than the point's, of few origins much more: they would win by
 * chance.  One origin tells nothing of which way is better. */
static void weigh(struct work *w)
{
    double error[WAYS], least = INFINITY, all = 0, more = 1 + behind / fmax(apart_origins(w), 1);
    for (enum way i = 0; i < WAYS; i++) {
        bool can = !isnan(w->now[i]) && (i == POINT || w->n_origins > 1);
        error[i] = can && w->n_origins ? error_of(w, i) : i == POINT ? 1 : (double)NAN;
        error[i] *= i == POINT ? 1 : more;
        least = fmin(least, error[i]);
    }
    for (enum way i = 0; i < WAYS; i++) {
        double square = least * least / (error[i] * error[i]);
        w->weight[i] = isnan(square) ? 0 : square * square;
        all += w->weight[i];
    }
    for (enum way i = 0; i < WAYS; i++)
        w->weight[i] /= all;
}

/* Halfway between the weighted mean and the weighted median: of few ways the median jumps, and the
 * mean follows the one that is wrong. */
static double weighed(const struct work *w, const double said[WAYS])
{
    double v[WAYS], weight[WAYS], sum = 0, median;
    size_t n = 0;
    for (enum way i = 0; i < WAYS; i++)
        if (w->weight[i] > 0) {
            v[n] = said[i];
            weight[n++] = w->weight[i];
            sum += w->weight[i] * said[i];
        }
    ll_combine(v, 1, weight, n, 1, &median);
    return 0.5 * (sum + median);
}

/* How far maxima are from the running mean of those before: root of the mean square; NaN = few. */
static double from_window_to_window(const struct work *w)
{
    double squares = 0;
    size_t n = 0;
    for (size_t i = 0; i + 3 < BACK; i++) {
        double d = w->before[i] - running_mean(w->before + i + 1, BACK - i - 1, 1, running);
        if (!isnan(d)) {
            squares += d * d;
            n++;
        }
    }
    return n > 2 ? sqrt(squares / (double)n) : (double)NAN;
}

/* The table below is of six origins a season apart.  Of fewer errors the quantile is further out,
 * as that of Student's t at 95 %: about 1 + 2.3 / freedom^2 against a normal's. */
static double wider_for_few(double freedom)
{
    const double usual = PRIOR + 6;
    return (1 + 2.3 / (freedom * freedom)) / (1 + 2.3 / (usual * usual));
}

/* A spread of bursts over years of nothing would state billions: P95 is at most as far up as three
 * times the largest value there is. */
static double most_spread(const struct work *w, double top, double centre)
{
    double most = fabs(top);
    for (size_t t = 0; t < w->ask->n; t++)
        most = fabs(w->ask->actual[t]) > most ? fabs(w->ask->actual[t]) : most;
    double room = fmax(ll_peak_u(w->unit, ceiling * most), centre + 1) - centre;
    return room / ll_peak_z(0.95);
}

static void conclude(struct work *w, double top, struct ll_peak_ahead *res)
{
    double v[LL_ORIGINS_MAX], squares, bias;
    double error = w->ask->interval->scale[res->at] / normal_mean_abs;
    double of_step = ll_peak_u(w->unit, top + error) - ll_peak_u(w->unit, top),
           apart = from_window_to_window(w);
    double usual =
        isnan(apart) ? of_step : step_share * of_step + (1 - step_share) * window_share * apart;
    for (size_t k = 0; k < w->n_origins; k++)
        v[k] = w->error[k] = w->came[k] - weighed(w, w->said[k]);
    bias = w->n_origins ? keep * ll_quantile_median(v, w->n_origins) : 0;
    squares = PRIOR * usual * usual;
    double origins = apart_origins(w), freedom = PRIOR + origins;
    for (size_t k = 0; k < w->n_origins; k++)
        squares += origins / (double)w->n_origins * (w->error[k] - bias) * (w->error[k] - bias);
    res->centre = weighed(w, w->now) + bias;
    res->spread =
        fmin(sqrt(squares / freedom) * wider_for_few(freedom), most_spread(w, top, res->centre));
    res->unit = w->unit;
}

/* The step of the largest forecast, its factor on it. */
static bool find_top(const struct ll_peak_ask *ask, struct ll_peak_ahead *res)
{
    double top = -INFINITY;
    bool found = false;
    for (size_t i = 0; i < ask->portfolio->h; i++) {
        double v = ask->portfolio->point[i] * ask->factor[i];
        if (!(v > top))
            continue;
        top = v;
        res->at = i;
        res->factor = ask->factor[i];
        found = true;
    }
    return found;
}

void ll_peak_fit(const struct ll_peak_ask *ask, struct ll_peak_ahead *res)
{
    struct work w = {.ask = ask, .h = ask->portfolio->h};
    *res = (struct ll_peak_ahead){.centre = NAN, .spread = NAN, .unit = 1, .factor = 1};
    res->floor = ask->floor;
    if (!find_top(ask, res))
        return;
    double top = ask->portfolio->point[res->at];
    take_windows(&w);
    take_unit(&w, top);
    all_to_u(&w);
    look_back(&w);
    say(&w, ll_peak_u(w.unit, top), w.before, BACK, w.now);
    weigh(&w);
    conclude(&w, top, res);
}
