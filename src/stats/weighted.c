#include "stats/weighted.h"

#include <math.h>
#include <stdbool.h>

#include "base/defs.h"

enum { CELLS = 512, FEW = 24 };

#define TOLERANCE 1e-12

/* Where the wanted weight lies: among the n values of v, of which it is the first whose cumulated
 * weight reaches `rest`. */
struct search {
    struct ll_weighted *v;
    size_t n;
    double rest;
};

static double among_few(const struct search *s)
{
    struct ll_weighted *v = s->v;
    for (size_t i = 1; i < s->n; i++) {
        const struct ll_weighted x = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1].x > x.x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
    double sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        sum += v[i].w;
        if (sum >= s->rest)
            return v[i].x;
    }
    return v[s->n - 1].x;
}

static size_t cell_of(double x, double low, double scale)
{
    const double c = (x - low) * scale;
    return c < CELLS - 1 ? (size_t)c : CELLS - 1;
}

/* Keeps the values of one cell. */
static void keep(struct search *s, double low, double scale, size_t cell)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (cell_of(s->v[i].x, low, scale) == cell)
            s->v[n++] = s->v[i];
    }
    s->n = n;
}

/* Counts weights in cells of equal width and keeps the one the wanted weight falls into; false
 * when all values are alike. */
static bool narrow(struct search *s)
{
    double low = s->v[0].x, high = low, weight[CELLS] = {0};
    for (size_t i = 1; i < s->n; i++) {
        low = s->v[i].x < low ? s->v[i].x : low;
        high = s->v[i].x > high ? s->v[i].x : high;
    }
    const double scale = CELLS / (high - low);
    if (!(high > low) || !isfinite(scale) || scale == 0)
        return false;
    for (size_t i = 0; i < s->n; i++)
        weight[cell_of(s->v[i].x, low, scale)] += s->v[i].w;
    size_t last = CELLS - 1;
    while (last > 0 && weight[last] <= 0)
        last--;
    size_t cell = 0;
    for (; cell < last && weight[cell] < s->rest; cell++)
        s->rest -= weight[cell];
    keep(s, low, scale, cell);
    return true;
}

/* Drops what weighs nothing, so that the last value has a weight. */
static double settle(struct search *s)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].w > 0) {
            sum += s->v[i].w;
            s->v[n++] = s->v[i];
        }
    }
    s->n = n;
    return sum;
}

/* Values that differ, but too little or too much for cells of equal width. */
static double by_halves(struct search *s)
{
    size_t low = 0, n = s->n;
    while (n > FEW) {
        const double pivot = s->v[low + n / 2].x;
        size_t less = low, i = low, more = low + n;
        double weight_less = 0, weight_same = 0;
        while (i < more) {
            const struct ll_weighted x = s->v[i];
            if (x.x > pivot) {
                s->v[i] = s->v[--more];
                s->v[more] = x;
            } else if (x.x < pivot) {
                weight_less += x.w;
                s->v[i++] = s->v[less];
                s->v[less++] = x;
            } else {
                weight_same += x.w;
                i++;
            }
        }
        if (less > low && s->rest <= weight_less) {
            n = less - low;
        } else if (s->rest <= weight_less + weight_same || more == low + n) {
            return pivot;
        } else {
            s->rest -= weight_less + weight_same;
            n = low + n - more;
            low = more;
        }
    }
    return among_few(&(struct search){s->v + low, n, s->rest});
}

double ll_weighted_percentile(struct ll_weighted *v, size_t n, double q)
{
    struct search s = {.v = v, .n = n};
    const double total = settle(&s);
    if (s.n == 0)
        return NAN;
    s.rest = (q - TOLERANCE) * total;
    for (int i = 0; i < 2 && s.n > FEW; i++) {
        if (!narrow(&s))
            break;
    }
    return s.n > FEW ? by_halves(&s) : among_few(&s);
}
