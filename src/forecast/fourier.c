/* Regression on a straight line and on sines and cosines of the seasons.
 *
 *     y[t] = a + b t + sum over seasons m and k <= K of c sin(2 pi k t / m) + d cos(2 pi k t / m)
 */
#include <math.h>
#include <string.h>

#include "forecast/kit.h"
#include "forecast/model_list.h"
#include "forecast/solve.h"

enum { WAVES = 6, COLUMNS_MAX = 2 + 4 * WAVES };

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 8;
}

struct basis {
    size_t n, m[2 * WAVES], k[2 * WAVES]; /* pairs of columns: the season and how often in it */
    const double *turn[2 * WAVES];        /* sine and cosine of each phase of the season */
    double middle, half;                  /* of the time axis: a line from -1 to 1 */
};

static const double *turns_of(size_t m, struct ll_room *room)
{
    double *turn = ll_room_take(room, 2 * m);
    for (size_t i = 0; i < m; i++) {
        double angle = 2 * M_PI * (double)i / (double)m;
        turn[2 * i] = sin(angle);
        turn[2 * i + 1] = cos(angle);
    }
    return turn;
}

static void add_wave(struct basis *b, size_t m, size_t k, const double *turn)
{
    b->m[b->n] = m;
    b->k[b->n] = k;
    b->turn[b->n++] = turn;
}

/* Of the long season those waves that the short one does not have. */
static struct basis basis_of(struct ll_cycles c, size_t n, struct ll_room *room)
{
    struct basis b = {.middle = 0.5 * (double)(n - 1), .half = 0.5 * (double)n};
    const double *day = turns_of(c.m1, room), *week = turns_of(c.m2, room);
    for (size_t k = 1; k <= WAVES && 2 * k < c.m1; k++)
        add_wave(&b, c.m1, k, day);
    for (size_t k = 1; k <= WAVES && 2 * k < c.m2; k++)
        if (k * c.m1 % c.m2 != 0)
            add_wave(&b, c.m2, k, week);
    return b;
}

static size_t row_of(const struct basis *b, size_t t, double row[COLUMNS_MAX])
{
    row[0] = 1;
    row[1] = ((double)t - b->middle) / b->half;
    for (size_t j = 0; j < b->n; j++) {
        memcpy(row + 2 + 2 * j, b->turn[j] + 2 * (b->k[j] * t % b->m[j]), 2 * sizeof(double));
    }
    return 2 + 2 * b->n;
}

static bool fit(const double *y, size_t n, const struct basis *b, double coef[COLUMNS_MAX])
{
    double a[COLUMNS_MAX * COLUMNS_MAX] = {0}, row[COLUMNS_MAX];
    size_t q = 2 + 2 * b->n;
    memset(coef, 0, COLUMNS_MAX * sizeof(double));
    for (size_t t = 0; t < n; t++) {
        row_of(b, t, row);
        for (size_t i = 0; i < q; i++) {
            coef[i] += row[i] * y[t];
            for (size_t j = 0; j <= i; j++)
                a[i * q + j] += row[i] * row[j];
        }
    }
    for (size_t i = 0; i < q; i++)
        a[i * q + i] += 1e-9 * (double)n;
    return ll_solve_spd(a, coef, q);
}

static void run(const struct ll_fit *f, double *out)
{
    struct ll_room room = ll_room_of(f);
    const struct basis b = basis_of(ll_cycles_of(f, f->n_fit, 2), f->n_fit, &room);
    double coef[COLUMNS_MAX], row[COLUMNS_MAX];
    if (!fit(f->y, f->n_fit, &b, coef)) {
        memset(coef, 0, sizeof(coef));
        coef[0] = ll_kit_mean(f->y, f->n_fit);
    }
    for (size_t k = 0; k < f->n_origins; k++)
        for (size_t i = 0; i < f->h; i++) {
            size_t q = row_of(&b, f->origin[k] + i, row);
            double sum = 0;
            for (size_t j = 0; j < q; j++)
                sum += coef[j] * row[j];
            out[k * f->h + i] = sum;
        }
}

const struct ll_model ll_model_fourier = {
    .name = "fourier",
    .title = "a line and waves of the seasons",
    .min_n = min_n,
    .run = run,
    .source = "Hyndman & Athanasopoulos, FPP3, 7.4, dynamic harmonic regression",
};
