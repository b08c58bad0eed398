#include "forecast/seasons_fold.h"

#include <math.h>

enum { BLOCKS = 12, BINS = 24, FINE = 32, HARMONICS = 4, SHIFTS = 24 };

struct fold {
    size_t blocks, bins;
    double sum[BLOCKS][FINE], count[BLOCKS][FINE];
    double middle[BLOCKS]; /* step */
    double squares;        /* sum of x^2 */
};

/* Sum of x up to u, between steps a line; u in [0, n]. */
static double sum_to(const double *sums, size_t n, double u)
{
    size_t i = LL_MIN((size_t)u, n - 1);
    return sums[i] + (sums[i + 1] - sums[i]) * (u - (double)i);
}

void ll_seasons_detrend(const double *x, size_t n, double span, double *sums, double *rest)
{
    double mean = 0, width = fmin(span, (double)n);
    for (size_t t = 0; t < n; t++)
        mean += x[t] / (double)n;
    sums[0] = 0;
    for (size_t t = 0; t < n; t++)
        sums[t + 1] = sums[t] + (x[t] - mean);
    for (size_t t = 0; t < n; t++) {
        double from = fmin(fmax((double)t + 0.5 - width / 2, 0), (double)n - width);
        double level = (sum_to(sums, n, from + width) - sum_to(sums, n, from)) / width;
        rest[t] = x[t] - mean - level;
    }
}

/* Whole cycles are shared out to blocks; what is behind the last whole cycle goes to the last. */
static void fold(const struct ll_seasons_series *s, double period, size_t bins, struct fold *f)
{
    size_t cycles = (size_t)((double)s->n / period), n = s->n;
    *f = (struct fold){.blocks = LL_MIN(cycles, (size_t)BLOCKS), .bins = bins};
    double step = (double)bins / period;
    for (size_t b = 0, t = 0; b < f->blocks; b++) {
        size_t after = (b + 1) * cycles / f->blocks;
        size_t end = b + 1 == f->blocks ? n : LL_MIN((size_t)ceil((double)after * period), n);
        f->middle[b] = 0.5 * (double)(t + end);
        double phase = fmod((double)t, period) * step;
        for (; t < end; t++) {
            size_t bin = LL_MIN((size_t)phase, bins - 1);
            phase += step;
            phase -= phase >= (double)bins ? (double)bins : 0;
            if (s->unseen && s->unseen[t])
                continue;
            f->sum[b][bin] += s->x[t];
            f->count[b][bin]++;
            f->squares += s->x[t] * s->x[t];
        }
    }
}

/* Of a block: squared error of the other blocks' mean less that of their profile. */
static double block_gain(const struct fold *f, size_t b, const double *sum, const double *count)
{
    double all = 0, seen = 0, gain = 0;
    for (size_t j = 0; j < f->bins; j++) {
        all += sum[j] - f->sum[b][j];
        seen += count[j] - f->count[b][j];
    }
    double base = seen > 0 ? all / seen : 0;
    for (size_t j = 0; j < f->bins; j++) {
        double c = count[j] - f->count[b][j], mu = c > 0 ? (sum[j] - f->sum[b][j]) / c : base;
        gain += f->count[b][j] * (base * base - mu * mu) - 2 * f->sum[b][j] * (base - mu);
    }
    return gain;
}

struct ll_seasons_gain ll_seasons_fold_gain(const struct ll_seasons_series *s, double period)
{
    struct fold f;
    double sum[FINE] = {0}, count[FINE] = {0}, gain[BLOCKS], mean = 0, spread = 0;
    struct ll_seasons_gain g = {0};
    if (period < 2 || (double)s->n / period < 3)
        return g;
    fold(s, period, LL_MIN((size_t)lround(period), (size_t)BINS), &f);
    for (size_t b = 0; b < f.blocks; b++)
        for (size_t j = 0; j < f.bins; j++) {
            sum[j] += f.sum[b][j];
            count[j] += f.count[b][j];
        }
    double k = (double)f.blocks;
    for (size_t b = 0; b < f.blocks; b++)
        mean += (gain[b] = block_gain(&f, b, sum, count)) / k;
    for (size_t b = 0; b < f.blocks; b++)
        spread += (gain[b] - mean) * (gain[b] - mean);
    g.blocks = f.blocks;
    g.share = f.squares > 0 ? k * mean / f.squares : 0;
    g.t = spread > 0 ? mean / sqrt(spread / (k - 1) / k) : mean > 0 ? 1e9 : 0;
    return g;
}

struct harmonic { /* of the blocks' profiles */
    double re[BLOCKS], im[BLOCKS];
};

static void transform(const struct fold *f, size_t h, struct harmonic *z)
{
    double c[FINE], s[FINE];
    for (size_t j = 0; j < f->bins; j++) {
        double angle = 2 * M_PI * (double)(h * j % f->bins) / (double)f->bins;
        c[j] = cos(angle);
        s[j] = sin(angle);
    }
    for (size_t b = 0; b < f->blocks; b++) {
        z->re[b] = z->im[b] = 0;
        for (size_t j = 0; j < f->bins; j++) {
            z->re[b] += f->sum[b][j] * c[j];
            z->im[b] -= f->sum[b][j] * s[j];
        }
    }
}

/* Power of the harmonics when the frequency is `shift` higher: a block's phase is turned by what
 * it has run ahead. */
static double in_phase(const struct fold *f, const struct harmonic *z, size_t harmonics,
                       double shift)
{
    double power = 0;
    for (size_t h = 0; h < harmonics; h++) {
        double re = 0, im = 0;
        for (size_t b = 0; b < f->blocks; b++) {
            double angle = 2 * M_PI * (double)(h + 1) * shift * f->middle[b];
            double c = cos(angle), s = -sin(angle);
            re += z[h].re[b] * c - z[h].im[b] * s;
            im += z[h].re[b] * s + z[h].im[b] * c;
        }
        power += re * re + im * im;
    }
    return power;
}

double ll_seasons_fold_refine(const struct ll_seasons_series *s, double period)
{
    struct fold f;
    struct harmonic z[HARMONICS];
    if (period < 2 || (double)s->n / period < 3)
        return period;
    fold(s, period, FINE, &f);
    size_t harmonics = LL_MIN((size_t)(period / 2), (size_t)HARMONICS), best = 0;
    for (size_t h = 0; h < harmonics; h++)
        transform(&f, h + 1, &z[h]);
    double power[2 * SHIFTS + 1], unit = 1 / ((double)s->n * SHIFTS);
    for (size_t i = 0; i < LL_LEN(power); i++) {
        power[i] = in_phase(&f, z, harmonics, ((double)i - SHIFTS) * unit);
        best = power[i] > power[best] ? i : best;
    }
    double shift = (double)best - SHIFTS;
    if (best > 0 && best + 1 < LL_LEN(power)) {
        double bend = power[best - 1] - 2 * power[best] + power[best + 1];
        shift += bend < 0 ? 0.5 * (power[best - 1] - power[best + 1]) / bend : 0;
    }
    return 1 / (1 / period + shift * unit);
}

void ll_seasons_fold_remove(const struct ll_seasons_series *rest, double period, double *x,
                            double *sum, double *count)
{
    size_t bins = LL_MAX((size_t)lround(period), (size_t)2);
    double step = (double)bins / period, phase = 0;
    for (size_t j = 0; j < bins; j++)
        sum[j] = count[j] = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        phase = 0;
        for (size_t t = 0; t < rest->n; t++) {
            size_t bin = LL_MIN((size_t)phase, bins - 1);
            phase += step;
            phase -= phase >= (double)bins ? (double)bins : 0;
            if (pass == 1)
                x[t] -= sum[bin] / fmax(count[bin], 1);
            else if (!rest->unseen || !rest->unseen[t]) {
                sum[bin] += rest->x[t];
                count[bin]++;
            }
        }
    }
}
