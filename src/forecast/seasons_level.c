#include "forecast/seasons_level.h"

#include <math.h>

#include "stats/quantile.h"

enum { SAMPLE = 256 };

static const double BEYOND = 1e300;
static const double CLIP = 6 * 1.4826;
static const double QUIET = 0.01; /* of the mean square: quieter times are not made louder */

bool ll_seasons_seen(double v)
{
    return fabs(v) <= BEYOND; /* written so that NaN is not */
}

static void fill(const double *y, size_t n, double *x, bool *unseen)
{
    size_t before = 0;
    for (size_t t = 0; t < n; t++) {
        unseen[t] = !ll_seasons_seen(y[t]);
        if (unseen[t])
            continue;
        for (size_t i = before + 1; i < t; i++)
            x[i] = y[before] + (y[t] - y[before]) * ((double)(i - before) / (double)(t - before));
        x[t] = y[t];
        before = t;
    }
}

/* The median of a regular sample of x, and the median distance from it, or the mean one when most
 * values are the same.  What is clipped by it lies far off, so a sample will do. */
static double spread(const double *x, size_t n, double *spare, double *median)
{
    size_t sampled = 0, stride = (n / SAMPLE) | 1;
    for (size_t t = 0; t < n; t += stride)
        spare[sampled++] = x[t];
    *median = ll_quantile_median(spare, sampled);
    double mean = 0;
    for (size_t t = 0; t < n; t++)
        mean += fabs(x[t] - *median) / (double)n;
    for (size_t i = 0; i < sampled; i++)
        spare[i] = fabs(spare[i] - *median);
    double mad = ll_quantile_median(spare, sampled);
    return mad > 1e-9 * mean ? mad : mean;
}

/* Takes the least-squares line off. */
static void take_line(double *x, size_t length)
{
    double n = (double)length, middle = (n - 1) / 2, mean = 0, slope = 0;
    for (size_t t = 0; t < length; t++) {
        mean += x[t] / n;
        slope += ((double)t - middle) * x[t];
    }
    slope /= n * (n * n - 1) / 12;
    for (size_t t = 0; t < length; t++)
        x[t] -= mean + slope * ((double)t - middle);
}

bool ll_seasons_level(const double *y, size_t n, double *x, bool *unseen, double *spare)
{
    double median, s;
    fill(y, n, x, unseen);
    s = spread(x, n, spare, &median);
    if (!(s > 1e-13 * fabs(median)))
        return false;
    for (size_t t = 0; t < n; t++) {
        double v = (x[t] - median) / s;
        x[t] = v > CLIP ? CLIP : v < -CLIP ? -CLIP : v;
    }
    take_line(x, n);
    return true;
}

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
