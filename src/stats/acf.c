#include "stats/acf.h"

#include <string.h>

struct ll_acf {
    size_t n, padded;
    struct ll_fft *fft;
    double *z, *re, *im;
};

struct ll_acf *ll_acf_new(size_t n, struct ll_arena *a)
{
    struct ll_acf *c = LL_ARENA_NEW(a, struct ll_acf, 1);
    if (!c)
        return NULL;
    *c = (struct ll_acf){.n = n, .padded = ll_fft_power(2 * n)};
    c->fft = ll_fft_new(c->padded, a);
    c->z = LL_ARENA_NEW(a, double, c->padded);
    c->re = LL_ARENA_NEW(a, double, LL_FFT_BINS(c->padded));
    c->im = LL_ARENA_NEW(a, double, LL_FFT_BINS(c->padded));
    return c->fft && c->z && c->re && c->im ? c : NULL;
}

/* The sum of squares around the mean; 0 when it is nothing but rounding. */
static double centre(const double *x, size_t n, double *z)
{
    double mean = 0, power = 0;
    for (size_t t = 0; t < n; t++)
        mean += x[t] / (double)n;
    for (size_t t = 0; t < n; t++) {
        z[t] = x[t] - mean;
        power += z[t] * z[t];
    }
    double rounding = 1e-14 * mean;
    return power > (double)n * rounding * rounding ? power : 0;
}

void ll_acf_run(struct ll_acf *a, const double *x, double *r)
{
    double power = centre(x, a->n, a->z);
    memset(r, 0, a->n * sizeof(double));
    r[0] = 1;
    if (!(power > 0))
        return;
    memset(a->z + a->n, 0, (a->padded - a->n) * sizeof(double));
    ll_fft_forward(a->fft, a->z, a->re, a->im);
    for (size_t k = 0; k < LL_FFT_BINS(a->padded); k++) {
        a->re[k] = a->re[k] * a->re[k] + a->im[k] * a->im[k];
        a->im[k] = 0;
    }
    ll_fft_inverse(a->fft, a->re, a->im, a->z);
    for (size_t k = 1; k < a->n; k++)
        r[k] = a->z[k] / power * ((double)a->n / (double)(a->n - k));
}
