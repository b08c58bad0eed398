#include "forecast/seasons_fold.h"

#include <math.h>

enum { BINS = 24 }; /* of a profile that has to foretell */

size_t ll_seasons_cycles(size_t n, double period)
{
    return (size_t)((double)n / period + 0.15);
}

/* Steps [from, to), which are of the cycle that begins at `start`, into the bins of a block. */
static double add_cycle(const struct ll_seasons_series *s, size_t from, size_t to, double start,
                        double step, size_t bins, double *restrict sum, double *restrict count)
{
    double squares = 0;
    for (size_t t = from; t < to; t++) {
        long bin = (long)(((double)(long)t - start) * step);
        bin = LL_MIN(bin, (long)bins - 1);
        double seen = s->unseen && s->unseen[t] ? 0 : 1, v = s->x[t] * seen;
        sum[bin] += v;
        count[bin] += seen;
        squares += v * v;
    }
    return squares;
}

/* Whole cycles are shared out to blocks; what is behind the last whole cycle goes to the last. */
void ll_seasons_fold(const struct ll_seasons_series *s, double period, size_t bins,
                     struct ll_seasons_fold *f)
{
    size_t cycles = ll_seasons_cycles(s->n, period), all = (size_t)ceil((double)s->n / period);
    *f =
        (struct ll_seasons_fold){.blocks = LL_MIN(cycles, (size_t)LL_SEASONS_BLOCKS), .bins = bins};
    double step = (double)bins / period;
    for (size_t c = 0, b = 0, t = 0, began = 0; c < all && t < s->n; c++) {
        if (b + 1 < f->blocks && c == (b + 1) * cycles / f->blocks) {
            b++;
            began = t;
        }
        size_t end = LL_MIN((size_t)(long)ceil((double)(c + 1) * period), s->n);
        f->squares += add_cycle(s, t, end, (double)c * period, step, bins, f->sum[b], f->count[b]);
        t = end;
        f->middle[b] = 0.5 * (double)(began + t);
    }
}

/* Of a block: squared error of the other blocks' mean less that of their profile. */
static double block_gain(const struct ll_seasons_fold *f, size_t b, const double *sum,
                         const double *count)
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
    struct ll_seasons_fold f;
    double sum[LL_SEASONS_BINS] = {0}, count[LL_SEASONS_BINS] = {0}, gain[LL_SEASONS_BLOCKS],
           mean = 0, spread = 0;
    struct ll_seasons_gain g = {0};
    if (period < 2 || ll_seasons_cycles(s->n, period) < 3)
        return g;
    ll_seasons_fold(s, period, LL_MIN((size_t)lround(period), (size_t)BINS), &f);
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

void ll_seasons_fold_remove(const struct ll_seasons_series *rest, const double *scale,
                            double period, double *x, double *spare)
{
    size_t bins = LL_MAX((size_t)lround(period), (size_t)2);
    double step = (double)bins / period, *sum = spare, *count = spare + bins;
    for (size_t j = 0; j < 2 * bins; j++)
        spare[j] = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        double phase = 0;
        for (size_t t = 0; t < rest->n; t++) {
            size_t bin = LL_MIN((size_t)(long)phase, bins - 1);
            phase += step;
            phase -= phase >= (double)bins ? (double)bins : 0;
            if (pass == 1)
                x[t] -= scale[t] * sum[bin] / LL_MAX(count[bin], 1);
            else if (!rest->unseen || !rest->unseen[t]) {
                sum[bin] += rest->x[t];
                count[bin]++;
            }
        }
    }
}
