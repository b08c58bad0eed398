#include "forecast/seasons_fold.h"

#include <math.h>

enum { BLOCKS = 12, BINS = 24, FINE = 32, HARMONICS = 4, SHIFTS = 12 };

static const double QUIET = 0.01; /* of the mean square: quieter times are not made louder */
static const double UNLIKELY = 2; /* loss of log likelihood: two standard errors */
/* Harmonics with less power over noise, or less beside the strongest, have no say. */
static const double CHANCE = 8, WEAK = 0.12;

struct fold {
    size_t blocks, bins;
    double sum[BLOCKS][FINE], count[BLOCKS][FINE];
    double middle[BLOCKS]; /* step */
    double squares;        /* sum of x^2 */
};

/* sums[i] = x[0] + .. + x[i - 1], and one more, so that a line can be drawn from the last. */
static void sum_up(const double *x, size_t n, double less, double *sums)
{
    double sum = 0;
    sums[0] = 0;
    for (size_t t = 0; t < n; t++)
        sums[t + 1] = sum += x[t] - less;
    sums[n + 1] = sums[n];
}

/* The mean over steps [from, from + width), parts of steps counted as such. */
static double mean_over(const double *sums, double from, double width)
{
    double to = from + width;
    const double *a = sums + (long)from, *b = sums + (long)to;
    double low = a[0] + (from - floor(from)) * (a[1] - a[0]);
    double high = b[0] + (to - floor(to)) * (b[1] - b[0]);
    return (high - low) / width;
}

/* Means of `width` steps around each of n; at the ends those of the first and the last window.
 * In the middle a window's parts of steps are the same everywhere. */
static void moving_mean(const double *sums, size_t n, double width, double *out)
{
    long first = (long)ceil(width / 2 - 0.5), last = (long)floor((double)n - width / 2 - 0.5);
    double start = mean_over(sums, 0, width), end = mean_over(sums, (double)n - width, width);
    for (long t = 0; t < first && t < (long)n; t++)
        out[t] = start;
    for (long t = LL_MAX(last + 1, 0L); t < (long)n; t++)
        out[t] = end;
    double from = (double)first + 0.5 - width / 2, to = from + width, scale = 1 / width;
    const double *a = sums + (long)from - first, *b = sums + (long)to - first;
    double part_a = from - floor(from), part_b = to - floor(to);
    for (long t = first; t <= last; t++) {
        double low = a[t] + part_a * (a[t + 1] - a[t]), high = b[t] + part_b * (b[t + 1] - b[t]);
        out[t] = (high - low) * scale;
    }
}

void ll_seasons_detrend(const double *x, size_t n, double span, double *sums, double *rest)
{
    double mean = 0;
    for (size_t t = 0; t < n; t++)
        mean += x[t];
    mean /= (double)n;
    sum_up(x, n, mean, sums);
    moving_mean(sums, n, LL_MIN(span, (double)n), rest);
    for (size_t t = 0; t < n; t++)
        rest[t] = x[t] - mean - rest[t];
}

void ll_seasons_even_out(double *rest, size_t n, double span, double *sums, double *scale)
{
    for (size_t t = 0; t < n; t++)
        scale[t] = rest[t] * rest[t];
    sum_up(scale, n, 0, sums);
    double least = QUIET * sums[n] / (double)n + 1e-300;
    moving_mean(sums, n, LL_MIN(span, (double)n), scale);
    for (size_t t = 0; t < n; t++) {
        scale[t] = sqrt(LL_MAX(scale[t], least));
        rest[t] /= scale[t];
    }
}

/* A cycle that wants little at its end counts as one: six weeks are six cycles of 168.1, too. */
static size_t cycles_in(size_t n, double period)
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
static void fold(const struct ll_seasons_series *s, double period, size_t bins, struct fold *f)
{
    size_t cycles = cycles_in(s->n, period), all = (size_t)ceil((double)s->n / period);
    *f = (struct fold){.blocks = LL_MIN(cycles, (size_t)BLOCKS), .bins = bins};
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
    if (period < 2 || cycles_in(s->n, period) < 3)
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

struct wave {
    double re, im;
};

static struct wave times(struct wave a, struct wave b)
{
    return (struct wave){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static struct wave turn(double angle)
{
    return (struct wave){cos(angle), sin(angle)};
}

static double power(struct wave a)
{
    return a.re * a.re + a.im * a.im;
}

/* A harmonic of each block's profile; returns the sum of their powers. */
static double transform(const struct fold *f, const struct wave *circle, size_t h,
                        struct wave *block)
{
    double powers = 0;
    for (size_t b = 0; b < f->blocks; b++) {
        struct wave w = {0};
        for (size_t j = 0; j < f->bins; j++) {
            const struct wave *c = &circle[h * j % f->bins];
            w.re += f->sum[b][j] * c->re;
            w.im -= f->sum[b][j] * c->im;
        }
        block[b] = w;
        powers += power(w);
    }
    return powers;
}

/* Each block's phase is turned back by what it has run ahead when the frequency is a unit higher;
 * of a harmonic h times that. */
struct turns {
    struct wave step[BLOCKS], back[BLOCKS]; /* of one unit; of SHIFTS units the other way */
};

static void fill_turns(const struct fold *f, double unit, struct turns *t)
{
    for (size_t b = 0; b < f->blocks; b++) {
        double angle = 2 * M_PI * unit * f->middle[b];
        t->step[b] = turn(-angle);
        t->back[b] = turn(SHIFTS * angle);
    }
}

static struct wave to_power(struct wave a, size_t h)
{
    struct wave p = a;
    while (--h > 0)
        p = times(p, a);
    return p;
}

/* own[i] = power of harmonic h when the frequency is (i - SHIFTS) units higher.  Returns the
 * largest. */
static double turn_blocks(const struct fold *f, size_t h, const struct turns *t, struct wave *block,
                          double *own)
{
    struct wave step[BLOCKS];
    double most = 0;
    for (size_t b = 0; b < f->blocks; b++) {
        step[b] = to_power(t->step[b], h);
        block[b] = times(block[b], to_power(t->back[b], h));
    }
    for (size_t i = 0; i <= 2 * SHIFTS; i++) {
        struct wave sum = {0};
        for (size_t b = 0; b < f->blocks; b++) {
            sum.re += block[b].re;
            sum.im += block[b].im;
            block[b] = times(block[b], step[b]);
        }
        own[i] = power(sum);
        most = LL_MAX(most, own[i]);
    }
    return most;
}

/* The same in units of what chance would give: noise is what blocks differ by when they are most
 * in phase. */
static double in_noise(const struct fold *f, const struct wave *circle, size_t h,
                       const struct turns *t, double *own)
{
    struct wave block[BLOCKS];
    double k = (double)f->blocks, all = transform(f, circle, h, block);
    double most = turn_blocks(f, h, t, block, own);
    double noise = (all - most / k) * k / (k - 1) + 1e-300;
    for (size_t i = 0; i <= 2 * SHIFTS; i++)
        own[i] /= noise;
    return most / noise;
}

/* Powers at each shift of the harmonics that have a say: not by chance, nor next to nothing beside
 * the strongest. */
static void add_up(const struct fold *f, double period, double unit, double *powers)
{
    struct wave circle[FINE], first = turn(2 * M_PI / FINE);
    struct turns turns;
    double own[HARMONICS][2 * SHIFTS + 1], most[HARMONICS], top = CHANCE / WEAK;
    size_t harmonics = LL_MIN((size_t)(period / 2), (size_t)HARMONICS);
    circle[0] = (struct wave){1, 0};
    for (size_t j = 1; j < FINE; j++)
        circle[j] = times(circle[j - 1], first);
    fill_turns(f, unit, &turns);
    for (size_t h = 0; h < harmonics; h++) {
        most[h] = in_noise(f, circle, h + 1, &turns, own[h]);
        top = LL_MAX(top, most[h]);
    }
    for (size_t h = 0; h < harmonics; h++)
        for (size_t i = 0; i <= 2 * SHIFTS && most[h] >= WEAK * top; i++)
            powers[i] += own[h][i];
}

/* `bend`: log likelihood that a period loses by the square of how much its frequency is off.  Whole
 * steps are taken when they are not told apart within n, or when they lose little and the next
 * whole ones much more. */
static double whole_if_likely(double period, double bend, double n)
{
    double whole = round(period), next = whole + (period > whole ? 1 : -1);
    double off = 1 / whole - 1 / period, next_off = 1 / next - 1 / period;
    double loss = bend * off * off, next_loss = bend * next_off * next_off;
    bool within_a_step = fabs(off) * n * whole < 0.75;
    return within_a_step || (loss < UNLIKELY && next_loss > loss + UNLIKELY) ? whole : period;
}

double ll_seasons_fold_refine(const struct ll_seasons_series *s, double period)
{
    struct fold f;
    double powers[2 * SHIFTS + 1] = {0}, unit = 1 / ((double)s->n * SHIFTS);
    if (period < 2 || cycles_in(s->n, period) < 3)
        return period;
    fold(s, period, FINE, &f);
    add_up(&f, period, unit, powers);
    size_t best = SHIFTS;
    for (size_t i = 0; i < LL_LEN(powers); i++)
        best = powers[i] > powers[best] ? i : best;
    if (powers[best] <= 0 || best == 0 || best + 1 == LL_LEN(powers))
        return 1 / (1 / period + ((double)best - SHIFTS) * unit);
    double slope = 0.5 * (powers[best + 1] - powers[best - 1]);
    double bend = powers[best - 1] - 2 * powers[best] + powers[best + 1];
    double top = bend < 0 ? -slope / bend : 0;
    return whole_if_likely(1 / (1 / period + ((double)best - SHIFTS + top) * unit),
                           -0.5 * bend / (unit * unit), (double)s->n);
}

void ll_seasons_fold_remove(const struct ll_seasons_series *rest, const double *scale,
                            double period, double *x, double *sum, double *count)
{
    size_t bins = LL_MAX((size_t)lround(period), (size_t)2);
    double step = (double)bins / period, phase = 0;
    for (size_t j = 0; j < bins; j++)
        sum[j] = count[j] = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        phase = 0;
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
