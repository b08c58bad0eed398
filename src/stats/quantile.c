#include "stats/quantile.h"

#include <math.h>

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* Hoare's selection with the median of three: v[k] is then what sorting would put there,
 * nothing before it is larger and nothing after it smaller. */
static void select_nth(double *v, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (v[mid] < v[lo])
            swap(&v[mid], &v[lo]);
        if (v[hi] < v[lo])
            swap(&v[hi], &v[lo]);
        if (v[hi] < v[mid])
            swap(&v[hi], &v[mid]);
        double pivot = v[mid];
        size_t i = lo, j = hi;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i > j)
                break;
            swap(&v[i++], &v[j]);
            if (j == 0)
                break;
            j--;
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            return;
    }
}

double ll_quantile(double *v, size_t n, double q)
{
    if (n == 0)
        return NAN;
    double h = (double)(n - 1) * q;
    size_t k = (size_t)h;
    select_nth(v, n, k);
    double low = v[k], fraction = h - (double)k;
    if (fraction <= 0 || k + 1 >= n)
        return low;
    double next = v[k + 1];
    for (size_t i = k + 2; i < n; i++)
        next = fmin(next, v[i]);
    return low + fraction * (next - low);
}
