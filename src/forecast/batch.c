#include "forecast/batch.h"

#include "forecast/batch/plan.h"

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
    if (!ll_batch_plan_fill(shape, out, p))
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
