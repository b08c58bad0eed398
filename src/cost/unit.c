#include "cost/unit.h"

#include <math.h>

#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/sum.h"

enum { BLOCK = 7 };
static const ll_dur settled = 48 * LL_HOUR;

struct sums {
    struct ll_sum direct, shared, idle, count;
    size_t rows, missing;
};

static bool known(const struct ll_unit_row *r)
{
    return isfinite(r->direct) && isfinite(r->shared) && isfinite(r->idle) && isfinite(r->count);
}

static double cost_of(const struct ll_unit_row *r)
{
    return r->direct + r->shared + r->idle;
}

static void add(struct sums *s, const struct ll_unit_row *r)
{
    if (!known(r)) {
        s->missing++;
        return;
    }
    ll_sum_add(&s->direct, r->direct);
    ll_sum_add(&s->shared, r->shared);
    ll_sum_add(&s->idle, r->idle);
    ll_sum_add(&s->count, r->count);
    s->rows++;
}

static double per(double cost, double count)
{
    return count > 0 ? cost / count : NAN;
}

static struct ll_unit_cost finish(const struct sums *s)
{
    const double direct = ll_sum_total(&s->direct), shared = ll_sum_total(&s->shared),
                 idle = ll_sum_total(&s->idle), count = ll_sum_total(&s->count);
    const bool any = s->rows > 0;
    return (struct ll_unit_cost){.cost = any ? direct + shared + idle : NAN,
                                 .count = any ? count : NAN,
                                 .direct = per(direct, count),
                                 .allocated = per(direct + shared, count),
                                 .full = per(direct + shared + idle, count),
                                 .rows = s->rows,
                                 .missing = s->missing};
}

struct ll_unit_cost ll_unit_cost(const struct ll_unit_row *rows, size_t n)
{
    struct sums s = {0};
    for (size_t i = 0; i < n; i++)
        add(&s, &rows[i]);
    return finish(&s);
}

struct ll_unit_cost ll_unit_cost_group(const struct ll_unit_row *rows, size_t n, unsigned group)
{
    struct sums s = {0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].group == group)
            add(&s, &rows[i]);
    }
    return finish(&s);
}

static bool counts(const struct ll_unit_row *r)
{
    return r->kind != LL_COST_DAY_CLOSED && known(r);
}

/* Deviations from the means first: costs are large beside their differences. */
struct ll_unit_marginal ll_unit_marginal(const struct ll_unit_row *rows, size_t n)
{
    struct ll_unit_marginal m = {NAN, NAN, NAN, NAN, 0};
    struct ll_sum cost = {0}, count = {0}, xx = {0}, xy = {0}, yy = {0};
    for (size_t i = 0; i < n; i++) {
        if (!counts(&rows[i]))
            continue;
        ll_sum_add(&cost, cost_of(&rows[i]));
        ll_sum_add(&count, rows[i].count);
        m.days++;
    }
    if (m.days < LL_UNIT_MARGINAL_MIN)
        return m;
    const double days = (double)m.days, y = ll_sum_total(&cost) / days,
                 x = ll_sum_total(&count) / days;
    for (size_t i = 0; i < n; i++) {
        if (!counts(&rows[i]))
            continue;
        const double dx = rows[i].count - x, dy = cost_of(&rows[i]) - y;
        ll_sum_add(&xx, dx * dx);
        ll_sum_add(&xy, dx * dy);
        ll_sum_add(&yy, dy * dy);
    }
    const double sxx = ll_sum_total(&xx), sxy = ll_sum_total(&xy), syy = ll_sum_total(&yy);
    if (!(sxx > 1e-24 * x * x * days))
        return m;
    const double rest = fmax(0, syy - sxy * sxy / sxx);
    m.slope = sxy / sxx;
    m.fixed = y - m.slope * x;
    m.r2 = syy > 0 ? 1 - rest / syy : NAN;
    m.error = sqrt(rest / (days - 2) / sxx);
    return m;
}

struct ll_unit_change ll_unit_change(const struct ll_unit_cost *was, const struct ll_unit_cost *is,
                                     double at_old_prices)
{
    if (!(was->count > 0 && is->count > 0))
        return (struct ll_unit_change){NAN, NAN, NAN, NAN, NAN};
    return (struct ll_unit_change){.total = is->full - was->full,
                                   .volume = was->cost / is->count - was->full,
                                   .cost = (is->cost - was->cost) / is->count,
                                   .price = (is->cost - at_old_prices) / is->count,
                                   .quantity = (at_old_prices - was->cost) / is->count};
}

/* One drawing: n rows in blocks that go round the end. */
static double draw(const struct ll_unit_row *rows, size_t n, uint64_t *seed)
{
    struct sums s = {0};
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % BLOCK == 0)
            from = ll_random_below(seed, n);
        add(&s, &rows[(from + i % BLOCK) % n]);
    }
    return finish(&s).full;
}

struct ll_unit_interval ll_unit_interval(const struct ll_unit_row *rows, size_t n, uint64_t seed,
                                         double *chosen)
{
    size_t k = 0;
    if (ll_unit_cost(rows, n).rows < LL_UNIT_ROWS_MIN)
        return (struct ll_unit_interval){NAN, NAN};
    for (size_t i = 0; i < LL_UNIT_DRAWS; i++) {
        const double x = draw(rows, n, &seed);
        if (!isnan(x))
            chosen[k++] = x;
    }
    return (struct ll_unit_interval){ll_quantile(chosen, k, 0.025), ll_quantile(chosen, k, 0.975)};
}

bool ll_unit_provisional(ll_time to, ll_time now, bool corrected_later)
{
    return corrected_later || to > now || now - to < settled;
}
