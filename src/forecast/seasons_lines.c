#include "forecast/seasons_lines.h"

#include <math.h>
#include <string.h>

#include "stats/fft.h"
#include "stats/quantile.h"

enum {
    SAMPLES = 24,   /* of the spectrum in a window of the background, at most */
    LINES_MAX = 8,  /* strongest lines that propose periods */
    MULTIPLES = 12, /* a line may be up to this harmonic */
    HARMONICS = 16, /* that a period is scored by */
};

static const double QUANTILE = 0.4, EXPONENTIAL = 0.5108256237659907; /* -log(1 - .4) */
static const double LINE = 8;         /* backgrounds that make a line worth a look */
static const double SCORE = 9;        /* least score of a candidate */
static const double ROUNDING = 1e-12; /* of the mean power: a background below is arithmetic */
static const double CLEAR = 1000;     /* backgrounds: more does not make a line any clearer */
static const double FLOOR = 3;        /* backgrounds that chance reaches at one harmonic */

struct line {
    double at; /* bin, interpolated */
    double power;
};

struct ll_seasons_lines {
    size_t n, padded, bins;
    double unit; /* bins between frequencies that n values can tell apart */
    struct ll_fft *fft;
    double *window, *x, *re, *im;
    double *ratio; /* power over background */
};

/* Hann: 1 - cos, by a rotation a step; rounding adds up to n ulp at most. */
static void fill_window(double *w, size_t n)
{
    double angle = M_PI / (double)n, c = cos(angle), s = sin(angle);
    double turn_c = c * c - s * s, turn_s = 2 * c * s;
    for (size_t t = 0; t < n; t++) {
        w[t] = 0.5 - 0.5 * c;
        double next = c * turn_c - s * turn_s;
        s = s * turn_c + c * turn_s;
        c = next;
    }
}

struct ll_seasons_lines *ll_seasons_lines_new(size_t n, struct ll_arena *a)
{
    struct ll_seasons_lines *l = LL_ARENA_NEW(a, struct ll_seasons_lines, 1);
    if (!l)
        return NULL;
    size_t padded = ll_fft_power(n), bins = LL_FFT_BINS(padded);
    *l = (struct ll_seasons_lines){
        .n = n, .padded = padded, .bins = bins, .unit = (double)padded / (double)n};
    l->fft = ll_fft_new(padded, a);
    l->window = LL_ARENA_NEW(a, double, n);
    l->x = LL_ARENA_NEW(a, double, padded);
    l->re = LL_ARENA_NEW(a, double, bins);
    l->im = LL_ARENA_NEW(a, double, bins);
    l->ratio = LL_ARENA_NEW(a, double, bins);
    if (!l->fft || !l->window || !l->x || !l->re || !l->im || !l->ratio)
        return NULL;
    fill_window(l->window, n);
    return l;
}

/* Background around bin k, from at most SAMPLES of its neighbours. */
static double background(const struct ll_seasons_lines *l, const double *power, double k)
{
    double sample[SAMPLES], reach = fmax(6 * l->unit, 0.3 * k);
    size_t first = (size_t)fmax(k - reach, 1), last = LL_MIN((size_t)(k + reach), l->bins - 1);
    size_t stride = (last - first) / SAMPLES + 1, n = 0;
    for (size_t i = first; i <= last && n < SAMPLES; i += stride)
        sample[n++] = power[i];
    return ll_quantile(sample, n, QUANTILE) / EXPONENTIAL;
}

/* Divides the power by its background, which is known at some bins and a line between them. */
static void flatten(struct ll_seasons_lines *l, const double *power)
{
    double at = 1, here = background(l, power, 1);
    double least = 0;
    size_t k = 1;
    l->ratio[0] = 0;
    for (size_t i = 0; i < l->bins; i++)
        least += power[i];
    least = ROUNDING * least / (double)l->bins + 1e-300;
    while (k < l->bins) {
        double next_at = LL_MAX(at + 2 * l->unit, at * 1.3), next = background(l, power, next_at);
        double slope = (next - here) / (next_at - at);
        size_t end = LL_MIN((size_t)next_at + 1, l->bins);
        for (; k < end; k++) {
            double bg = here + slope * ((double)(long)k - at);
            l->ratio[k] = LL_MIN(power[k] / LL_MAX(bg, least), CLEAR);
        }
        at = next_at;
        here = next;
    }
}

/* Where a parabola through the logarithms of three neighbours has its top. */
static double top(const double *v, size_t k)
{
    double a = log(v[k - 1] + 1e-300), b = log(v[k] + 1e-300), c = log(v[k + 1] + 1e-300);
    double bend = a - 2 * b + c;
    return (double)k + (bend < 0 ? fmax(fmin(0.5 * (a - c) / bend, 0.5), -0.5) : 0);
}

/* The local tops that are lines, those of the greatest power first: in a clean series all harmonics
 * stand far over the background, and only power tells the fundamental. */
static size_t find_lines(const struct ll_seasons_lines *l, const double *power, size_t first,
                         struct line *out)
{
    size_t n = 0;
    for (size_t k = LL_MAX(first, (size_t)2); k + 1 < l->bins; k++) {
        if (l->ratio[k] < LINE || power[k] < power[k - 1] || power[k] <= power[k + 1])
            continue;
        size_t i = n < LINES_MAX ? n++ : LINES_MAX;
        for (; i > 0 && out[i - 1].power < power[k]; i--)
            if (i < LINES_MAX)
                out[i] = out[i - 1];
        if (i < LINES_MAX)
            out[i] = (struct line){top(power, k), power[k]};
    }
    return n;
}

/* What stands over the background at the harmonics of a fundamental bin f.  `slack`: by how much
 * the fundamental may be off. */
static double score(const struct ll_seasons_lines *l, double f, double slack)
{
    double sum = 0;
    for (size_t h = 1; h <= HARMONICS; h++) {
        double at = (double)h * f, reach = 0.5 + slack * (double)h, most = FLOOR;
        size_t to = (size_t)(at + reach);
        if (to >= l->bins)
            break;
        for (size_t k = to; k > 0 && (double)k >= at - reach; k--)
            most = LL_MAX(most, l->ratio[k]);
        sum += most - FLOOR;
    }
    return sum;
}

/* The multiple of the line's length that its power and that of the other harmonics speak for:
 * the least that has nearly all of it.  A longer one that only adds to a strong season (a week to
 * a day) leaves that its own: 5 and 7 are not harmonics that stand alone. */
static struct ll_seasons_candidate propose(const struct ll_seasons_lines *l,
                                           const struct line *line, double longest)
{
    double s[MULTIPLES + 1] = {0}, best = 0;
    for (size_t j = 1; j <= MULTIPLES; j++) {
        double f = line->at / (double)j;
        if ((double)l->padded / f > longest)
            break;
        s[j] = score(l, f, 0.15 / (double)j);
        best = fmax(best, s[j]);
    }
    size_t j = 1;
    while (j < MULTIPLES && s[j] < 0.85 * best)
        j++;
    if (j % 5 == 0 && s[j / 5] > 0.25 * best)
        j /= 5;
    else if (j % 7 == 0 && s[j / 7] > 0.25 * best)
        j /= 7;
    return (struct ll_seasons_candidate){(double)(j * l->padded) / line->at, s[j]};
}

static bool known(const struct ll_seasons_candidate *c, size_t n, double period)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(c[i].period / period - 1) < 0.02)
            return true;
    return false;
}

size_t ll_seasons_lines_find(struct ll_seasons_lines *l, const double *x, double shortest,
                             double longest,
                             struct ll_seasons_candidate out[static LL_SEASONS_CANDIDATES])
{
    for (size_t t = 0; t < l->n; t++)
        l->x[t] = x[t] * l->window[t];
    memset(l->x + l->n, 0, (l->padded - l->n) * sizeof(double));
    ll_fft_forward(l->fft, l->x, l->re, l->im);
    double *power = l->re;
    for (size_t k = 0; k < l->bins; k++)
        power[k] = l->re[k] * l->re[k] + l->im[k] * l->im[k];
    flatten(l, power);

    struct line lines[LINES_MAX];
    size_t n_lines = find_lines(l, power, (size_t)((double)l->padded / longest), lines), n = 0;
    for (size_t i = 0; i < n_lines; i++) {
        struct ll_seasons_candidate c = propose(l, &lines[i], longest);
        if (c.score < SCORE || c.period < shortest || c.period > longest || known(out, n, c.period))
            continue;
        size_t at = n < LL_SEASONS_CANDIDATES ? n++ : LL_SEASONS_CANDIDATES;
        for (; at > 0 && out[at - 1].score < c.score; at--)
            if (at < LL_SEASONS_CANDIDATES)
                out[at] = out[at - 1];
        if (at < LL_SEASONS_CANDIDATES)
            out[at] = c;
    }
    return n;
}
