#include "forecast/batch.h"

#include <math.h>

#include "forecast/batch/plan.h"
#include "forecast/solve.h"
#include "stats/normal.h"

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

static bool always(void)
{
    return true;
}

/* The widest first. */
static const struct width {
    bool (*usable)(void);
    const struct ll_batch_kernels *kernels;
} widths[] = {
#if defined(__x86_64__)
    {has_avx512, &ll_batch_kernels_16},
    {has_avx2, &ll_batch_kernels_8},
#endif
    {always, &ll_batch_kernels_4},
};

const char *const ll_batch_member_names[LL_BATCH_MEMBERS] = {
#define X(name, text) text,
    LL_BATCH_MEMBER_TABLE(X)
#undef X
};

static bool choose_width(size_t lanes, struct ll_batch_plan *p, struct ll_err *err)
{
    for (size_t i = 0; i < LL_LEN(widths); i++)
        if ((lanes == 0 || lanes == widths[i].kernels->lanes) && widths[i].usable()) {
            p->kernels = widths[i].kernels;
            return true;
        }
    return ll_err_set(err, LL_E_RANGE, "this machine has no vectors of %zu lanes", lanes);
}

static bool check(const struct ll_batch_shape *s, struct ll_err *err)
{
    if (s->n == 0 || s->n > LL_BATCH_N_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu values are not 1 .. %d", s->n, LL_BATCH_N_MAX);
    if (s->h == 0 || s->h > LL_BATCH_H_MAX)
        return ll_err_set(err, LL_E_RANGE, "horizon %zu is not in 1 .. %d", s->h, LL_BATCH_H_MAX);
    if (s->n_levels > LL_BATCH_LEVELS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu levels are more than %d", s->n_levels,
                          LL_BATCH_LEVELS_MAX);
    for (size_t i = 0; i < s->n_levels; i++)
        if (!(s->levels[i] > 0 && s->levels[i] < 1))
            return ll_err_set(err, LL_E_RANGE, "level %g is not in (0, 1)", s->levels[i]);
    if (s->season[0] < 0 || s->season[1] < 0 || (s->season[1] > 0 && s->season[1] <= s->season[0]))
        return ll_err_set(err, LL_E_RANGE, "seasons %d and %d do not ascend", s->season[0],
                          s->season[1]);
    return true;
}

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

static bool fill_plan(const struct ll_batch_shape *s, struct ll_batch_plan *p, struct ll_arena *out)
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

bool ll_batch_plan_make(const struct ll_batch_shape *shape, struct ll_arena *out,
                        const struct ll_batch_plan **plan, struct ll_err *err)
{
    struct ll_batch_plan *p = LL_ARENA_NEW(out, struct ll_batch_plan, 1);
    if (!check(shape, err))
        return false;
    if (!p)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a plan");
    if (!choose_width(shape->lanes, p, err))
        return false;
    if (!fill_plan(shape, p, out))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the plan of %zu values", shape->n);
    *plan = p;
    return true;
}

size_t ll_batch_lanes(const struct ll_batch_plan *plan)
{
    return plan->kernels->lanes;
}

size_t ll_batch_scratch(const struct ll_batch_plan *plan)
{
    return plan->vectors * plan->kernels->lanes * sizeof(float) + 64;
}

void ll_batch_run(const struct ll_batch_plan *plan, const float *y, size_t n_series, void *scratch,
                  const struct ll_batch_out *out)
{
    size_t h = plan->h, row = plan->n_levels * h, lanes = plan->kernels->lanes;
    for (size_t i = 0; i < n_series; i += lanes) {
        const struct ll_batch_out here = {.point = out->point + i * h,
                                          .lower = out->lower ? out->lower + i * row : NULL,
                                          .upper = out->upper ? out->upper + i * row : NULL,
                                          .weight = out->weight ? out->weight + i * LL_BATCH_MEMBERS
                                                                : NULL};
        plan->kernels->forecast(plan, y + i * plan->n, LL_MIN(lanes, n_series - i), scratch, &here);
    }
}

void ll_batch_decompose(const struct ll_batch_plan *plan, const float *y, size_t n_series,
                        void *scratch, float *const season[2], float *rest)
{
    size_t n = plan->n, lanes = plan->kernels->lanes;
    for (size_t i = 0; i < n_series; i += lanes) {
        float *const here[2] = {season[0] + i * n, season[1] + i * n};
        plan->kernels->decompose(plan, y + i * n, LL_MIN(lanes, n_series - i), scratch, here,
                                 rest + i * n);
    }
}
