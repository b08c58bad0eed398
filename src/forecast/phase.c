#include "forecast/phase.h"

#include <math.h>

#include "stats/quantile.h"

enum { FEW = 24 };

double ll_phase_median(double *v, size_t n)
{
    if (n > FEW || n == 0)
        return ll_quantile_median(v, n);
    for (size_t i = 1; i < n; i++) {
        double x = v[i];
        size_t j = i;
        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
    return n % 2 ? v[n / 2] : v[n / 2 - 1] / 2 + v[n / 2] / 2;
}

/* Phases without data, from q on: the line between the known ones around them. */
static void bridge(double *usual, size_t m, size_t known)
{
    size_t last = known;
    for (size_t k = 1; k <= m; k++) {
        size_t at = (known + k) % m;
        if (isnan(usual[at]))
            continue;
        size_t gap = known + k - last;
        double from = usual[last % m], rise = (usual[at] - from) / (double)gap;
        for (size_t i = 1; i < gap; i++)
            usual[(last + i) % m] = from + rise * (double)i;
        last = known + k;
    }
}

void ll_phase_medians(const double *z, size_t n, size_t m, double *usual, double *scratch)
{
    size_t known = m, missing = 0;
    for (size_t q = 0; q < m; q++) {
        size_t k = 0;
        for (size_t t = q; t < n; t += m)
            if (!isnan(z[t]))
                scratch[k++] = z[t];
        usual[q] = ll_phase_median(scratch, k);
        if (k > 0)
            known = q;
        else
            missing++;
    }
    for (size_t q = 0; known == m && q < m; q++)
        usual[q] = 0;
    if (known < m && missing > 0)
        bridge(usual, m, known);
}
