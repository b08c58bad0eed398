#include "forecast/solve.h"

#include <math.h>

static bool factor(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double s = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                s -= a[i * n + k] * a[j * n + k];
            if (i != j)
                a[i * n + j] = s / a[j * n + j];
            else if (s > 0 && isfinite(s))
                a[i * n + i] = sqrt(s);
            else
                return false;
        }
    return true;
}

bool ll_solve_spd(double *a, double *b, size_t n)
{
    if (!factor(a, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= a[k * n + i] * b[k];
        b[i] /= a[i * n + i];
    }
    return true;
}
