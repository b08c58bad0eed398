#include "stats/fft.h"

#include <math.h>
#include <string.h>

struct wave { /* complex values, parts apart so that loops over them become vectors */
    double *re, *im;
};

/* A complex transform of n = 2^k values; turn[j] = exp(-2 pi i j / (2 n)), j < 3 n / 2. */
struct power {
    size_t n;
    struct wave turn, work;
};

struct ll_fft {
    size_t n; /* real values */
    struct power core;
    struct wave packed;
    bool chirped;
    struct wave chirp, filter; /* n values; the core's transform of the conjugate chirp */
};

size_t ll_fft_power(size_t n)
{
    size_t p = 1;
    while (p < n)
        p *= 2;
    return p;
}

static bool wave_new(struct wave *w, size_t n, struct ll_arena *a)
{
    w->re = LL_ARENA_NEW(a, double, n);
    w->im = LL_ARENA_NEW(a, double, n);
    return w->re && w->im;
}

/* Each power of two is asked of libm, what lies between is a product of those: log2(n) roundings
 * at most.  The second and third quarter are the first one turned. */
static void fill_turns(struct wave turn, size_t n)
{
    size_t circle = 2 * n, quarter = LL_MAX(circle / 4, (size_t)1);
    turn.re[0] = 1;
    turn.im[0] = 0;
    for (size_t b = 1; b < quarter; b *= 2) {
        double angle = 2 * M_PI * (double)b / (double)circle, c = cos(angle), s = -sin(angle);
        for (size_t j = 0; j < b; j++) {
            turn.re[b + j] = c * turn.re[j] - s * turn.im[j];
            turn.im[b + j] = c * turn.im[j] + s * turn.re[j];
        }
    }
    for (size_t j = quarter; j < 3 * quarter; j++) {
        turn.re[j] = turn.im[j - quarter];
        turn.im[j] = -turn.re[j - quarter];
    }
}

static bool power_init(struct power *p, size_t n, struct ll_arena *a)
{
    p->n = n;
    if (!wave_new(&p->turn, LL_MAX(3 * n / 2, (size_t)3), a) || !wave_new(&p->work, n, a))
        return false;
    fill_turns(p->turn, n);
    return true;
}

/* One radix-4 step: n values a block, s blocks side by side.  t is the place of the block's first
 * turn in the table. */
static void step4(const struct power *p, size_t n, size_t s, const struct wave *x,
                  const struct wave *y)
{
    size_t m = n / 4, spread = 2 * (p->n / n);
    for (size_t i = 0; i < m; i++) {
        size_t t = i * spread;
        double c1 = p->turn.re[t], s1 = p->turn.im[t];
        double c2 = p->turn.re[2 * t], s2 = p->turn.im[2 * t];
        double c3 = p->turn.re[3 * t], s3 = p->turn.im[3 * t];
        const double *restrict ar = x->re + s * i, *restrict ai = x->im + s * i;
        const double *restrict br = ar + s * m, *restrict bi = ai + s * m;
        const double *restrict cr = br + s * m, *restrict ci = bi + s * m;
        const double *restrict dr = cr + s * m, *restrict di = ci + s * m;
        double *restrict yr = y->re + 4 * s * i, *restrict yi = y->im + 4 * s * i;
        for (size_t q = 0; q < s; q++) {
            double pr = ar[q] + cr[q], pi = ai[q] + ci[q], mr = ar[q] - cr[q], mi = ai[q] - ci[q];
            double qr = br[q] + dr[q], qi = bi[q] + di[q], nr = br[q] - dr[q], ni = bi[q] - di[q];
            double ur = mr + ni, ui = mi - nr, vr = pr - qr, vi = pi - qi, wr = mr - ni,
                   wi = mi + nr;
            yr[q] = pr + qr;
            yi[q] = pi + qi;
            yr[q + s] = c1 * ur - s1 * ui;
            yi[q + s] = c1 * ui + s1 * ur;
            yr[q + 2 * s] = c2 * vr - s2 * vi;
            yi[q + 2 * s] = c2 * vi + s2 * vr;
            yr[q + 3 * s] = c3 * wr - s3 * wi;
            yi[q + 3 * s] = c3 * wi + s3 * wr;
        }
    }
}

/* The last step when n is no power of four. */
static void step2(size_t s, const struct wave *x, const struct wave *y)
{
    for (size_t q = 0; q < s; q++) {
        double ar = x->re[q], ai = x->im[q], br = x->re[q + s], bi = x->im[q + s];
        y->re[q] = ar + br;
        y->im[q] = ai + bi;
        y->re[q + s] = ar - br;
        y->im[q + s] = ai - bi;
    }
}

/* In place as seen from outside: steps go to and fro between x and the work space. */
static void power_run(const struct power *p, struct wave x)
{
    struct wave from = x, to = p->work;
    size_t n = p->n;
    for (size_t s = 1; n > 1; s *= 4, n /= 4) {
        if (n == 2)
            step2(s, &from, &to);
        else
            step4(p, n, s, &from, &to);
        struct wave t = from;
        from = to;
        to = t;
        if (n == 2)
            break;
    }
    if (from.re != x.re) {
        memcpy(x.re, from.re, p->n * sizeof(double));
        memcpy(x.im, from.im, p->n * sizeof(double));
    }
}

/* chirp[t] = exp(-pi i t^2 / n); t^2 is kept modulo 2 n, so that the angle stays exact. */
static bool chirp_init(struct ll_fft *f, struct ll_arena *a)
{
    size_t n = f->n, m = f->core.n;
    if (!wave_new(&f->chirp, n, a) || !wave_new(&f->filter, m, a))
        return false;
    for (size_t t = 0, square = 0; t < n; t++) {
        double angle = M_PI * (double)square / (double)n;
        f->chirp.re[t] = cos(angle);
        f->chirp.im[t] = -sin(angle);
        square = (square + 2 * t + 1) % (2 * n);
        size_t mirror = (m - t) % m;
        f->filter.re[t] = f->filter.re[mirror] = f->chirp.re[t];
        f->filter.im[t] = f->filter.im[mirror] = -f->chirp.im[t];
    }
    power_run(&f->core, f->filter);
    return true;
}

struct ll_fft *ll_fft_new(size_t n, struct ll_arena *a)
{
    LL_ASSERT(n >= 1 && n <= LL_FFT_MAX);
    struct ll_fft *f = LL_ARENA_NEW(a, struct ll_fft, 1);
    if (!f)
        return NULL;
    f->n = n;
    f->chirped = (n & (n - 1)) != 0;
    size_t core = f->chirped ? ll_fft_power(2 * n - 1) : LL_MAX(n / 2, (size_t)1);
    if (!power_init(&f->core, core, a) || !wave_new(&f->packed, core, a) ||
        (f->chirped && !chirp_init(f, a)))
        return NULL;
    return f;
}

/* Even samples were the real parts, odd ones the imaginary parts of z; with Z its transform,
 *     X[k] = E + turn[k] O,  E = (Z[k] + Z*[m-k]) / 2,  O = (Z[k] - Z*[m-k]) / 2i. */
static void unpack(const struct ll_fft *f, double *re, double *im)
{
    size_t m = f->core.n;
    const double *zr = f->packed.re, *zi = f->packed.im;
    re[0] = zr[0] + zi[0];
    im[0] = 0;
    re[m] = zr[0] - zi[0];
    im[m] = 0;
    for (size_t k = 1; k < m; k++) {
        double er = 0.5 * (zr[k] + zr[m - k]), ei = 0.5 * (zi[k] - zi[m - k]);
        double fr = 0.5 * (zi[k] + zi[m - k]), fi = -0.5 * (zr[k] - zr[m - k]);
        double c = f->core.turn.re[k], s = f->core.turn.im[k];
        re[k] = er + c * fr - s * fi;
        im[k] = ei + c * fi + s * fr;
    }
}

/* packed = packed convolved with the filter, by way of the conjugate for the way back. */
static void convolve(struct ll_fft *f)
{
    size_t m = f->core.n;
    double *zr = f->packed.re, *zi = f->packed.im, scale = 1 / (double)m;
    power_run(&f->core, f->packed);
    for (size_t k = 0; k < m; k++) {
        double r = zr[k] * f->filter.re[k] - zi[k] * f->filter.im[k];
        zi[k] = -(zr[k] * f->filter.im[k] + zi[k] * f->filter.re[k]);
        zr[k] = r;
    }
    power_run(&f->core, f->packed);
    for (size_t k = 0; k < m; k++) {
        zr[k] *= scale;
        zi[k] *= -scale;
    }
}

/* packed holds n complex values, and then their transform. */
static void chirped_run(struct ll_fft *f)
{
    double *zr = f->packed.re, *zi = f->packed.im;
    const double *cr = f->chirp.re, *ci = f->chirp.im;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t t = 0; t < f->n; t++) {
            double r = zr[t] * cr[t] - zi[t] * ci[t];
            zi[t] = zr[t] * ci[t] + zi[t] * cr[t];
            zr[t] = r;
        }
        if (pass == 1)
            return;
        memset(zr + f->n, 0, (f->core.n - f->n) * sizeof(double));
        memset(zi + f->n, 0, (f->core.n - f->n) * sizeof(double));
        convolve(f);
    }
}

void ll_fft_forward(struct ll_fft *f, const double *x, double *re, double *im)
{
    size_t n = f->n, m = f->core.n;
    double *zr = f->packed.re, *zi = f->packed.im;
    if (f->chirped) {
        memcpy(zr, x, n * sizeof(double));
        memset(zi, 0, n * sizeof(double));
        chirped_run(f);
        memcpy(re, zr, LL_FFT_BINS(n) * sizeof(double));
        memcpy(im, zi, LL_FFT_BINS(n) * sizeof(double));
        im[0] = 0;
        if (n % 2 == 0)
            im[n / 2] = 0;
        return;
    }
    if (n == 1) {
        re[0] = x[0];
        im[0] = 0;
        return;
    }
    for (size_t t = 0; t < m; t++) {
        zr[t] = x[2 * t];
        zi[t] = x[2 * t + 1];
    }
    power_run(&f->core, f->packed);
    unpack(f, re, im);
}

/* The reverse of unpack, conjugated, so that the forward core serves. */
static void pack(const struct ll_fft *f, const double *re, const double *im)
{
    size_t m = f->core.n;
    for (size_t k = 0; k < m; k++) {
        double ki = k == 0 ? 0 : im[k], mi = k == 0 ? 0 : im[m - k];
        double er = re[k] + re[m - k], ei = ki - mi;
        double dr = re[k] - re[m - k], di = ki + mi;
        double c = f->core.turn.re[k], s = -f->core.turn.im[k];
        double fr = c * dr - s * di, fi = c * di + s * dr;
        f->packed.re[k] = 0.5 * (er - fi);
        f->packed.im[k] = -0.5 * (ei + fr);
    }
}

static void chirped_inverse(struct ll_fft *f, const double *re, const double *im, double *x)
{
    size_t n = f->n;
    for (size_t k = 0; k < n; k++) {
        bool low = k < LL_FFT_BINS(n), real = k == 0 || 2 * k == n;
        f->packed.re[k] = low ? re[k] : re[n - k];
        f->packed.im[k] = real ? 0 : low ? -im[k] : im[n - k];
    }
    chirped_run(f);
    for (size_t t = 0; t < n; t++)
        x[t] = f->packed.re[t] / (double)n;
}

void ll_fft_inverse(struct ll_fft *f, const double *re, const double *im, double *x)
{
    if (f->chirped || f->n == 1) {
        if (f->n == 1)
            x[0] = re[0];
        else
            chirped_inverse(f, re, im, x);
        return;
    }
    size_t m = f->core.n;
    pack(f, re, im);
    power_run(&f->core, f->packed);
    for (size_t t = 0; t < m; t++) {
        x[2 * t] = f->packed.re[t] / (double)m;
        x[2 * t + 1] = -f->packed.im[t] / (double)m;
    }
}
