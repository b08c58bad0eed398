#include "forecast/combine.h"

struct weighed {
    double v, w;
    size_t from;
};

static void sort(struct weighed *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct weighed a = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1].v > a.v; j--)
            x[j] = x[j - 1];
        x[j] = a;
    }
}

double ll_combine_median(const double *v, const double *weight, size_t n)
{
    struct weighed x[LL_COMBINE_MAX];
    double all = 0, below = 0;
    LL_ASSERT(n > 0 && n <= LL_COMBINE_MAX);
    for (size_t i = 0; i < n; i++) {
        x[i] = (struct weighed){v[i], weight[i], i};
        all += weight[i];
    }
    sort(x, n);
    for (size_t i = 0; i < n; i++) {
        below += x[i].w;
        if (below >= 0.5 * all)
            return x[i].v;
    }
    return x[n - 1].v;
}

static double interpolated(struct weighed *x, size_t n)
{
    double all = 0, below = 0, place = 0;
    for (size_t i = 0; i < n; i++)
        all += x[i].w;
    for (size_t i = 0; i < n; i++) {
        double before = place;
        place = below + 0.5 * x[i].w;
        below += x[i].w;
        if (place < 0.5 * all)
            continue;
        if (i == 0 || !(place > before))
            return x[i].v;
        return x[i - 1].v + (x[i].v - x[i - 1].v) * ((0.5 * all - before) / (place - before));
    }
    return x[n - 1].v;
}

void ll_combine(const double *v, size_t stride, const double *weight, size_t n, size_t h,
                double *out)
{
    struct weighed x[LL_COMBINE_MAX];
    LL_ASSERT(n > 0 && n <= LL_COMBINE_MAX);
    for (size_t j = 0; j < n; j++)
        x[j] = (struct weighed){0, weight[j], j};
    for (size_t i = 0; i < h; i++) { /* the order of the step before is nearly that of this one */
        for (size_t j = 0; j < n; j++)
            x[j].v = v[x[j].from * stride + i];
        sort(x, n);
        out[i] = interpolated(x, n);
    }
}
