#include "stats/explog.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double log2_high = 0x1.62e42feep-1, log2_low = 0x1.a39ef35793c76p-33;

static uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof(b));
    return b;
}

static double of_bits(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof(x));
    return x;
}

/* 2^k for k in -1022 .. 1023. */
static double power_of_two(int64_t k)
{
    return of_bits((uint64_t)(k + 1023) << 52);
}

double ll_explog_log(double x)
{
    static const uint64_t sqrt_half = 0x3fe6a09e667f3bcdu; /* the bits of sqrt(1/2) */
    double scale = 0;
    if (!(x > 0) || !isfinite(x))
        return x == 0 ? -INFINITY : x > 0 ? x : NAN;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        scale = -54;
    }
    uint64_t b = bits_of(x);
    int64_t k = (int64_t)(b - sqrt_half) >> 52;
    double m = of_bits(b - ((uint64_t)k << 52)), f = m - 1, s = f / (2 + f), z = s * s;
    double w = z * z; /* odd and even terms apart: neither waits for the other */
    double even = z * (1.0 / 5 + w * (1.0 / 9 + w * (1.0 / 13 + w * (1.0 / 17 + w * (1.0 / 21)))));
    double odd = 1.0 / 3 + w * (1.0 / 7 + w * (1.0 / 11 + w * (1.0 / 15 + w * (1.0 / 19))));
    double rest = z * (odd + even), count = (double)k + scale;
    /* 2 s = f - s f, so that what is large is exact */
    return count * log2_high + (f - (s * (f - 2 * rest) - count * log2_low));
}

double ll_explog_exp(double x)
{
    if (!(x > -745.2))
        return x < 0 ? 0 : x; /* NaN stays NaN */
    if (x > 709.79)
        return INFINITY;
    const double shifter = 0x1.8p52; /* adding it rounds to a whole number */
    double k = (x * 1.4426950408889634074 + shifter) - shifter; /* 1 / log 2 */
    double r = (x - k * log2_high) - k * log2_low, q = r * r;
    double even =
        1.0 / 2 +
        q * (1.0 / 24 +
             q * (1.0 / 720 + q * (1.0 / 40320 + q * (1.0 / 3628800 + q * (1.0 / 479001600)))));
    double odd =
        1.0 / 6 +
        q * (1.0 / 120 +
             q * (1.0 / 5040 + q * (1.0 / 362880 + q * (1.0 / 39916800 + q * (1.0 / 6227020800)))));
    double e = 1 + (r + q * (even + r * odd));
    int64_t half = (int64_t)k / 2; /* in two steps: 2^k alone may be out of range */
    return e * power_of_two(half) * power_of_two((int64_t)k - half);
}
