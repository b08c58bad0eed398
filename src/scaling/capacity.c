#include "scaling/capacity.h"

#include <math.h>
#include <stdlib.h>

/* A full instance tells nothing of what fills it; what is nearly idle is mostly overhead. */
static const double saturated = 0.95;
static const double variation_min = 1.25; /* of the load of an instance, 95th over 5th percentile */
static const double explained_min = 0.5, half_width_max = 0.2, far_off = 4, z95 = 1.96;

enum { TRIMS = 8 }; /* what lies far off bends the line that says what is far off */

struct point {
    double x, u;
    ll_time t;
};

struct line {
    double a, b, var_a, var_b, cov, explained;
};

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t take(const struct ll_capacity_point *p, size_t n, struct point *out)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = p[i].load / p[i].instances, u = p[i].utilization;
        const bool ok = p[i].instances > 0 && isfinite(x) && x >= 0 && u >= 0 && u < saturated;
        if (ok)
            out[used++] = (struct point){x, u, p[i].t};
    }
    return used;
}

/* Of independent errors; *rest: their sum of squares. */
static struct line fit(const struct point *p, size_t n, double *rest)
{
    double mx = 0, mu = 0, sxx = 0, sxu = 0, suu = 0;
    for (size_t i = 0; i < n; i++) {
        mx += p[i].x / (double)n;
        mu += p[i].u / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        sxx += (p[i].x - mx) * (p[i].x - mx);
        sxu += (p[i].x - mx) * (p[i].u - mu);
        suu += (p[i].u - mu) * (p[i].u - mu);
    }
    struct line l = {.b = sxx > 0 ? sxu / sxx : 0};
    l.a = mu - l.b * mx;
    *rest = fmax(suu - l.b * sxu, 0);
    l.explained = suu > 0 ? 1 - *rest / suu : 0;
    const double s2 = *rest / (double)(n - 2);
    l.var_b = sxx > 0 ? s2 / sxx : INFINITY;
    l.var_a = s2 / (double)n + mx * mx * l.var_b;
    l.cov = -mx * l.var_b;
    return l;
}

static double error_of(const struct line *l, const struct point *p)
{
    return p->u - l->a - l->b * p->x;
}

/* Leaves out what lies beyond `far_off` times the median error; returns how many stay. */
static size_t trim(struct point *p, size_t n, const struct line *l, double *scratch)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(error_of(l, &p[i]));
    qsort(scratch, n, sizeof(*scratch), by_value);
    const double limit = far_off * 1.4826 * scratch[n / 2] + 1e-9;
    for (size_t i = 0; i < n; i++)
        if (fabs(error_of(l, &p[i])) <= limit)
            p[kept++] = p[i];
    return kept;
}

/* How much wider errors that follow each other make it: n over the independent ones. */
static double dependence(const struct line *l, const struct point *p, size_t n)
{
    double s0 = 0, s1 = 0;
    for (size_t i = 0; i < n; i++) {
        const double e = error_of(l, &p[i]);
        s0 += e * e;
        s1 += i ? e * error_of(l, &p[i - 1]) : 0;
    }
    const double r = s0 > 0 ? fmin(fmax(s1 / s0, 0), 0.99) : 0;
    return (1 + r) / (1 - r);
}

static bool varies(const struct point *p, size_t n, double *scratch, struct ll_err *err)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = p[i].x;
    qsort(scratch, n, sizeof(*scratch), by_value);
    const double lo = scratch[n / 20], hi = scratch[n - 1 - n / 20];
    return hi > lo * variation_min ||
           ll_err_set(err, LL_E_SHORT,
                      "the load of an instance hardly varies (%.4g to %.4g): wait for busier and "
                      "quieter hours, or test with load",
                      lo, hi);
}

static bool enough(size_t n, struct ll_err *err)
{
    return n >= LL_CAPACITY_POINTS_MIN ||
           ll_err_set(err, LL_E_SHORT,
                      "only %zu moments have load, instances and utilisation below %.0f %%: at "
                      "least %d are needed",
                      n, saturated * 100, LL_CAPACITY_POINTS_MIN);
}

static bool judge(const struct line *l, struct ll_capacity_learned *c, double wider,
                  struct ll_err *err)
{
    if (!(l->b > 0) || l->a >= 1)
        return ll_err_set(err, LL_E_SHORT,
                          "utilisation does not rise with load: another resource, "
                          "or another driver, may be what binds");
    if (l->explained < explained_min)
        return ll_err_set(
            err, LL_E_SHORT,
            "load explains %.0f %% of utilisation only, %.0f %% are needed: something "
            "else uses the instances too",
            l->explained * 100, explained_min * 100);
    const double room = 1 - l->a;
    const double var =
        wider * (l->var_a / (l->b * l->b) + room * room * l->var_b / (l->b * l->b * l->b * l->b) +
                 2 * room * l->cov / (l->b * l->b * l->b));
    c->units = room / l->b;
    const double half = z95 * sqrt(fmax(var, 0));
    c->lower = c->units - half;
    c->upper = c->units + half;
    return half <= half_width_max * c->units ||
           ll_err_set(err, LL_E_SHORT,
                      "an instance carries %.4g, give or take %.4g: that is no better than a "
                      "guess; more data, or data of busier hours, is needed",
                      c->units, half);
}

static bool learn(const struct ll_capacity_point *all, size_t n, struct point *p, double *scratch,
                  struct ll_capacity_learned *out, struct ll_err *err)
{
    double rest;
    struct ll_capacity_learned c = {.date = LL_TIME_NONE};
    size_t used = take(all, n, p);
    if (!enough(used, err) || !varies(p, used, scratch, err))
        return false;
    struct line l = fit(p, used, &rest);
    for (size_t i = 0, before = used + 1; i < TRIMS && used < before; i++) {
        before = used;
        used = trim(p, used, &l, scratch);
        l = fit(p, used, &rest);
    }
    if (!enough(used, err) || !varies(p, used, scratch, err))
        return false;
    if (!judge(&l, &c, dependence(&l, p, used), err))
        return false;
    c.idle = l.a;
    c.explained = l.explained;
    c.used = used;
    c.left_out = n - used;
    for (size_t i = 0; i < used; i++) {
        c.seen_load = fmax(c.seen_load, p[i].x);
        c.seen_utilization = fmax(c.seen_utilization, p[i].u);
        c.date = c.date == LL_TIME_NONE ? p[i].t : LL_MAX(c.date, p[i].t);
    }
    *out = c;
    return true;
}

bool ll_capacity_learn(const struct ll_capacity_point *p, size_t n, struct ll_capacity_learned *out,
                       struct ll_err *err)
{
    if (n > LL_CAPACITY_POINTS_MAX)
        return ll_err_set(err, LL_E_RANGE, "%zu moments: at most %d, take a longer step", n,
                          LL_CAPACITY_POINTS_MAX);
    struct point *v = calloc(LL_MAX(n, (size_t)1), sizeof(*v));
    double *scratch = calloc(LL_MAX(n, (size_t)1), sizeof(*scratch));
    const bool ok = v && scratch ? learn(p, n, v, scratch, out, err)
                                 : ll_err_set(err, LL_E_MEMORY, "no memory for %zu moments", n);
    free(scratch);
    free(v);
    return ok;
}

bool ll_capacity_beyond(const struct ll_capacity_learned *c, double goal)
{
    return goal > c->seen_utilization;
}
