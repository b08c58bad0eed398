#include "forecast/batch/plan.h"

#include <math.h>

#include "forecast/solve.h"
#include "stats/normal.h"

/* As in portfolio.h: one season apart, the last so that the whole horizon is known. */
static void plan_origins(struct ll_batch_plan *p)
{
    size_t n = p->n, reach = LL_MIN(p->h, LL_MAX(n / 3, (size_t)1)), count = 0;
    size_t step = p->m1 > 1 ? p->m1 : LL_MAX(reach / 2, (size_t)1);
    size_t least = LL_MAX(LL_MAX(n / 2, (size_t)1), p->m1 > 1 ? 2 * p->m1 : 0);
    while (count < LL_BATCH_ORIGINS && n >= count * step + least + reach)
        count++;
    if (count == 0 && n >= 3 && n - reach >= p->m1)
        count = 1;
    p->n_origins = count;
    for (size_t k = 0; k < count; k++)
        p->origin[k] = n - reach - (count - 1 - k) * step;
    p->origin[count] = n;
}

static void plan_lags(struct ll_batch_plan *p)
{
    size_t n = p->origin[0], m1 = p->m1, m2 = p->m2;
    const size_t plain[] = {1, 2, 3, 4, 5, 6};
    const size_t ar[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, m2 - 1, m2, m2 + 1, 2 * m2};
    const size_t seasonal[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, 6 * m1, m2 - 1, m2, m2 + 1};
    p->ar.ridge = 1e-3;
    p->seasonal_ar.ridge = 1e-2;
    p->seasonal_ar.difference = m1;
    if (m1 == 1)
        for (size_t i = 0; i < LL_LEN(plain); i++)
            ll_lags_add(&p->ar, plain[i], n, 1);
    for (size_t i = 0; m1 > 1 && i < (m2 ? LL_LEN(ar) : 7); i++)
        ll_lags_add(&p->ar, ar[i], n, m1);
    for (size_t i = 0; m1 > 1 && i < (m2 ? LL_LEN(seasonal) : 8); i++)
        ll_lags_add(&p->seasonal_ar, seasonal[i], n, m1);
    p->use[LL_BATCH_AR] = p->use[LL_BATCH_AR_LOG] = p->ar.n > 0;
    p->use[LL_BATCH_SEASONAL_AR] = p->use[LL_BATCH_SEASONAL_AR_LOG] = p->seasonal_ar.n > 0;
}

static bool plan_stl(struct ll_batch_plan *p, struct ll_arena *out)
{
    const size_t season[2] = {p->m1, p->m2}, n[2] = {p->origin[0], p->n};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            if (season[k] > 1 && 2 * season[k] < p->origin[0] &&
                !ll_loess_stl(n[i], season[k], 11 + 4 * k, out, &p->stl[i][k]))
                return false;
    p->use[LL_BATCH_MSTL] = p->use[LL_BATCH_THETA] = p->origin[0] >= 3;
    return true;
}

enum { SHORT_WAVES = 8, LONG_WAVES = 11, GROUP = 6 };

/* Row t: 1, a line, then sine and cosine of each wave; of the long season those waves that the
 * short one does not have.  Returns the number of columns. */
static size_t fill_row(const struct ll_batch_plan *p, size_t t, double row[LL_BATCH_WAVES_MAX])
{
    const size_t season[2] = {p->m1, p->m2}, most[2] = {SHORT_WAVES, LONG_WAVES};
    size_t q = 0;
    row[q++] = 1;
    row[q++] = 2 * (double)t / (double)p->n - 1;
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 1; k <= most[s] && 2 * k < season[s] && 2 * season[s] <= p->origin[0]; k++)
            if (s == 0 || k * p->m1 % p->m2 != 0) {
                double angle = 2 * M_PI * (double)(k * t % season[s]) / (double)season[s];
                row[q++] = sin(angle);
                row[q++] = cos(angle);
            }
    return q;
}

/* inverse: columns x columns, of a + a small ridge; by one solution a column. */
static bool invert(const double *a, size_t q, size_t used, size_t n, float *inverse)
{
    for (size_t c = 0; c < used; c++) {
        double copy[LL_BATCH_WAVES_MAX * LL_BATCH_WAVES_MAX], x[LL_BATCH_WAVES_MAX] = {0};
        for (size_t i = 0; i < used; i++)
            for (size_t j = 0; j < used; j++)
                copy[i * used + j] = a[i * used + j] + (i == j ? 1e-3 * (double)n : 0);
        x[c] = 1;
        if (!ll_solve_spd(copy, x, used))
            return false;
        for (size_t i = 0; i < used; i++)
            inverse[i * q + c] = (float)x[i];
    }
    return true;
}

static bool plan_waves(struct ll_batch_plan *p, struct ll_arena *out)
{
    double row[LL_BATCH_WAVES_MAX], a[LL_BATCH_WAVES_MAX * LL_BATCH_WAVES_MAX] = {0};
    struct ll_waves *v = &p->waves;
    size_t used = fill_row(p, 0, row), q = (used + GROUP - 1) / GROUP * GROUP, t = 0;
    if (p->m1 < 2 || p->origin[0] < 4 * used)
        return true;
    v->x = LL_ARENA_NEW(out, float, (p->n + p->h) * q);
    v->inverse = LL_ARENA_NEW(out, float, LL_BATCH_FITS *q *q);
    if (!v->x || !v->inverse)
        return false;
    for (size_t k = 0; k <= p->n_origins; k++) {
        for (; t < p->origin[k]; t++) {
            fill_row(p, t, row);
            for (size_t i = 0; i < used; i++)
                for (size_t j = 0; j < used; j++)
                    a[i * used + j] += row[i] * row[j];
        }
        if (!invert(a, q, used, t, v->inverse + k * q * q))
            return true; /* not used then */
    }
    for (t = 0; t < p->n + p->h; t++) {
        fill_row(p, t, row);
        for (size_t i = 0; i < used; i++)
            v->x[t * q + i] = (float)row[i];
    }
    v->columns = q;
    p->use[LL_BATCH_WAVES] = true;
    return true;
}

/* What block.c takes and keeps, and the most that any step takes on top. */
static size_t vectors_of(const struct ll_batch_plan *p)
{
    size_t size = p->n + p->h, path = (p->n_origins + 1) * p->h, longest = LL_MAX(p->m1, p->m2);
    size_t kept = 4 * size + p->n + (LL_BATCH_MEMBERS + 1) * path;
    size_t decomposed = 4 * (p->n + 2 * longest) + 3 * p->n, damped = 6 * longest;
    size_t told = (p->n_levels + 1) * p->h + 3 * p->h + p->n_origins * p->h;
    return kept + LL_MAX(LL_MAX(decomposed, damped), LL_MAX(2 * size, told));
}

bool ll_batch_plan_fill(const struct ll_batch_shape *s, struct ll_arena *out,
                        struct ll_batch_plan *p)
{
    p->n = s->n;
    p->h = s->h;
    p->m1 = s->season[0] > 1 && s->n >= 2 * (size_t)s->season[0] ? (size_t)s->season[0] : 1;
    p->m2 = p->m1 > 1 && s->n >= 2 * (size_t)s->season[1] ? (size_t)s->season[1] : 0;
    plan_origins(p);
    plan_lags(p);
    p->use[LL_BATCH_NAIVE_SHORT] = true;
    p->use[LL_BATCH_NAIVE_LONG] = p->m2 && p->origin[0] >= p->m2;
    p->use[LL_BATCH_DAMPED_SHORT] = p->origin[0] >= 2 * p->m1 && p->origin[0] >= 8;
    p->use[LL_BATCH_DAMPED_LONG] = p->m2 && p->origin[0] >= 3 * p->m2;
    p->n_levels = s->n_levels;
    for (size_t i = 0; i < s->n_levels; i++) {
        p->level[i] = (float)s->levels[i];
        p->normal[i] = (float)ll_normal_quantile(0.5 + 0.5 * s->levels[i]);
    }
    p->vectors = vectors_of(p);
    return plan_stl(p, out) && plan_waves(p, out);
}
