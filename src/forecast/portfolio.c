#include "forecast/portfolio.h"

#include <math.h>
#include <string.h>

#include "forecast/combine.h"
#include "stats/explog.h"

static const double origin_fade = 0.9;
static const size_t rolling_cycles = 3; /* of the longest season before a fit is kept */
static const double largest = 1e152;    /* a forecast; no series has more than 1e150 */
static const double log_shift =
    0.02; /* of the mean: what is added before logs when there are zeros */

static const double other_steps = 0.05; /* than the stretch's own: what they count for */

enum {
    STRETCHES = 3,    /* of the horizon, each with its weights */
    LEAST_REACH = 12, /* the backtest looks ahead so far without a season, */
    MOST_REACH = 24,  /* or a season, at most so far; further when that is asked for */
};

struct work {
    const struct ll_portfolio_ask *ask;
    double *log_clean, *log_filled; /* NULL when there is something below zero */
    double shift;                   /* added before the logarithm */
    double *paths; /* members x (n_origins + 1) x h: from each origin, then from n */
    void *scratch;
};

static size_t path_size(const struct ll_portfolio *p)
{
    return (p->n_origins + 1) * p->reach;
}

/* Of one or two steps there would be too few errors to know a band by. */
static size_t reach_of(const struct ll_portfolio_ask *ask)
{
    size_t season = ask->m1 > 1 ? (size_t)ask->m1 : LEAST_REACH;
    return LL_MAX(ask->h, LL_MIN(season, (size_t)MOST_REACH));
}

/* Where a stretch of steps begins; a short backtest is too little to be cut up: all are in the last
 * then. */
static size_t stretch(const struct ll_portfolio *p, size_t b)
{
    static const size_t begins[STRETCHES] = {0, 2, 6};
    return b == STRETCHES ? p->reach : p->reach < MOST_REACH ? 0 : begins[b];
}

/* Origins one season apart, the last so that the whole horizon is known; of a short series that
 * its last third is.  At least half of the series and two cycles come before the first. */
static void plan_origins(const struct ll_portfolio_ask *ask, struct ll_portfolio *p)
{
    size_t n = ask->n, reach = LL_MIN(p->reach, LL_MAX(n / 3, (size_t)1));
    size_t step = ask->m1 > 1 ? (size_t)ask->m1 : LL_MAX(reach / 2, (size_t)1);
    size_t least = LL_MAX(LL_MAX(n / 2, (size_t)1), ask->m1 > 1 ? 2 * (size_t)ask->m1 : 0);
    size_t wanted = LL_MIN(ask->origins, (size_t)LL_ORIGINS_MAX - 1), count = 0;
    if (n < 3)
        return;
    while (count < wanted && n - reach >= count * step + least)
        count++;
    if (count == 0) /* two cycles are too many to ask for */
        count = 1;
    p->n_origins = count;
    for (size_t k = 0; k < count; k++)
        p->origin[k] = n - reach - (count - 1 - k) * step;
}

static void add_member(struct ll_portfolio *p, const struct ll_model *m, bool log)
{
    LL_ASSERT(p->n_members < LL_MEMBERS_MAX);
    p->member[p->n_members++] = (struct ll_member_score){.model = m, .log = log, .mae = NAN};
}

static void choose_members(const struct ll_portfolio_ask *ask, bool positive,
                           struct ll_portfolio *p)
{
    for (size_t i = 0; i < ll_models_n; i++) {
        const struct ll_model *m = ll_models[i];
        bool logs_only = positive && (m->flags & LL_MODEL_LOG_ONLY);
        if (ask->only ? m != ask->only : !(m->flags & LL_MODEL_MEMBER))
            continue;
        if (strcmp(m->name, "seasonal-naive") == 0)
            p->naive = (int)p->n_members;
        add_member(p, m, logs_only);
        if (!ask->only && positive && (m->flags & LL_MODEL_LOG))
            add_member(p, m, true);
    }
}

static const double *input_of(const struct work *w, const struct ll_member_score *m)
{
    if (m->model->flags & LL_MODEL_CLEAN)
        return m->log ? w->log_clean : w->ask->clean;
    return m->log ? w->log_filled : w->ask->filled;
}

/* Whether what was fitted before the first origin serves the forecast, too: the state must roll on,
 * and have seen enough cycles. */
static bool fit_serves(const struct work *w, const struct ll_portfolio *p, const struct ll_model *m)
{
    size_t cycle = (size_t)LL_MAX(LL_MAX(w->ask->m1, w->ask->m2), 1);
    return (m->flags & LL_MODEL_ROLLS) && p->origin[0] >= rolling_cycles * cycle;
}

/* One fit before the first origin, and another on all values for the forecast itself, unless the
 * first serves that, too. */
static void run_member(const struct work *w, const struct ll_portfolio *p, size_t j)
{
    const struct ll_portfolio_ask *ask = w->ask;
    const struct ll_member_score *m = &p->member[j];
    double *path = w->paths + j * path_size(p);
    size_t origin[LL_ORIGINS_MAX + 1];
    struct ll_fit f = {.y = input_of(w, m),
                       .n_fit = p->n_origins ? p->origin[0] : ask->n,
                       .origin = origin,
                       .n_origins = p->n_origins + 1,
                       .h = p->reach,
                       .m1 = ask->m1,
                       .m2 = ask->m2,
                       .alpha = ask->alpha,
                       .window = ask->window,
                       .scratch = w->scratch};
    memcpy(origin, p->origin, p->n_origins * sizeof(size_t));
    origin[p->n_origins] = ask->n;
    f.renew = p->n_origins && !fit_serves(w, p, m->model);
    if (f.renew && !(m->model->flags & LL_MODEL_RENEWS)) {
        f.renew = false;
        f.n_origins--;
        ll_model_run(m->model, &f, path);
        path += p->n_origins * p->reach;
        f.n_fit = ask->n;
        f.origin = &ask->n;
        f.n_origins = 1;
    }
    ll_model_run(m->model, &f, path);
    path = w->paths + j * path_size(p);
    for (size_t i = 0; m->log && i < path_size(p); i++)
        path[i] = ll_explog_exp(path[i]) - w->shift;
    for (size_t i = 0; i < path_size(p); i++)
        path[i] = LL_MIN(LL_MAX(path[i], -largest), largest);
}

static double actual_at(const struct ll_portfolio_ask *ask, size_t t)
{
    return t < ask->n ? ask->actual[t] : NAN;
}

/* The member's errors in each stretch of steps, newer origins counting more. */
struct tally {
    double sum[STRETCHES], count[STRETCHES];
};

static struct tally tally_of(const struct work *w, const struct ll_portfolio *p, size_t j)
{
    const double *path = w->paths + j * path_size(p);
    struct tally all = {{0}, {0}};
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t b = 0; b < STRETCHES; b++) {
            all.sum[b] *= origin_fade;
            all.count[b] *= origin_fade;
            for (size_t i = stretch(p, b); i < stretch(p, b + 1); i++) {
                double e = fabs(path[k * p->reach + i] - actual_at(w->ask, p->origin[k] + i));
                if (!isnan(e)) {
                    all.sum[b] += e;
                    all.count[b]++;
                }
            }
        }
    return all;
}

/* Of the last stretch all steps count alike; of the others mostly their own. */
static double error_of(const struct tally *t, size_t b)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < STRETCHES; i++) {
        double share = b + 1 == STRETCHES || i == b ? 1 : other_steps;
        sum += share * t->sum[i];
        count += share * t->count[i];
    }
    return count > 0 ? sum / count : NAN;
}

static double weight_of(double ratio)
{
    double square = 1 / (ratio * ratio);
    return square * square;
}

/* Weights by how far behind the best each member was; alike when nothing is known. */
static void weigh(struct ll_portfolio *p, double weight[LL_MEMBERS_MAX])
{
    double least = INFINITY, all = 0;
    p->best = -1;
    for (size_t j = 0; j < p->n_members; j++)
        if (p->member[j].mae < least) {
            least = p->member[j].mae;
            p->best = (int)j;
        }
    for (size_t j = 0; j < p->n_members; j++) {
        double mae = p->member[j].mae, ratio = least > 0 ? mae / least : mae > 0 ? INFINITY : 1;
        weight[j] = p->best < 0 ? 1 : isfinite(ratio) ? weight_of(ratio) : 0;
        all += weight[j];
    }
    for (size_t j = 0; j < p->n_members; j++)
        p->member[j].weight = weight[j] /= all;
}

static void clip(const struct ll_portfolio_ask *ask, double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = LL_MIN(LL_MAX(v[i], ask->floor), ask->ceiling);
}

/* The steps of a stretch, seen from each origin and from now. */
static void combine_stretch(const struct work *w, struct ll_portfolio *p, size_t b,
                            const double weight[LL_MEMBERS_MAX])
{
    size_t from = stretch(p, b), to = stretch(p, b + 1), known = p->n_origins * p->reach;
    size_t size = path_size(p);
    for (size_t k = 0; k < p->n_origins; k++)
        ll_combine(w->paths + k * p->reach + from, size, weight, p->n_members, to - from,
                   p->at_origin + k * p->reach + from);
    to = LL_MIN(to, p->h);
    if (from < to)
        ll_combine(w->paths + known + from, size, weight, p->n_members, to - from, p->point + from);
}

static void combine(const struct work *w, struct ll_portfolio *p)
{
    double weight[LL_MEMBERS_MAX];
    struct tally tally[LL_MEMBERS_MAX] = {{{0}, {0}}};
    for (size_t j = 0; j < p->n_members; j++)
        tally[j] = tally_of(w, p, j);
    for (size_t b = 0; b < STRETCHES; b++) { /* what stays in p->member is of the last */
        for (size_t j = 0; j < p->n_members; j++)
            p->member[j].mae = error_of(&tally[j], b);
        weigh(p, weight);
        combine_stretch(w, p, b, weight);
    }
    clip(w->ask, p->at_origin, p->n_origins * p->reach);
    clip(w->ask, p->point, p->h);
    for (size_t k = 0; k < p->n_origins; k++)
        for (size_t i = k * p->reach; i < (k + 1) * p->reach; i++)
            p->error[i] = actual_at(w->ask, p->origin[k] + i - k * p->reach) - p->at_origin[i];
}

/* Logs of both series, when nothing is below zero and not all is zero. */
static bool take_logs(const struct ll_portfolio_ask *ask, struct ll_arena *out, struct work *w)
{
    double least = INFINITY;
    for (size_t t = 0; t < ask->n; t++)
        least = LL_MIN(least, LL_MIN(ask->clean[t], ask->filled[t]));
    w->shift = least > 0 ? 0 : log_shift * ll_kit_mean(ask->filled, ask->n);
    if (least < 0 || !(least + w->shift > 0))
        return true;
    w->log_clean = LL_ARENA_NEW(out, double, ask->n);
    w->log_filled = LL_ARENA_NEW(out, double, ask->n);
    if (!w->log_clean || !w->log_filled)
        return false;
    for (size_t t = 0; t < ask->n; t++) {
        w->log_filled[t] = ll_explog_log(ask->filled[t] + w->shift);
        w->log_clean[t] = ask->clean[t] == ask->filled[t] ? w->log_filled[t]
                                                          : ll_explog_log(ask->clean[t] + w->shift);
    }
    return true;
}

static bool check(const struct ll_portfolio_ask *ask, struct ll_err *err)
{
    if (ask->n == 0)
        return ll_err_set(err, LL_E_SHORT, "no values to forecast from");
    if (ask->h == 0 || ask->h > LL_HORIZON_MAX)
        return ll_err_set(err, LL_E_RANGE, "horizon %zu is not in 1 .. %d", ask->h, LL_HORIZON_MAX);
    return true;
}

bool ll_portfolio_run(const struct ll_portfolio_ask *ask, struct ll_arena *out,
                      struct ll_portfolio *res, struct ll_err *err)
{
    if (!check(ask, err))
        return false;
    struct ll_portfolio p = {.h = ask->h, .reach = reach_of(ask), .best = -1, .naive = -1};
    struct work w = {.ask = ask};
    plan_origins(ask, &p);
    if (!take_logs(ask, out, &w))
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu values", ask->n);
    choose_members(ask, w.log_filled != NULL, &p);
    w.paths = LL_ARENA_NEW(out, double, p.n_members *path_size(&p));
    w.scratch = ll_arena_alloc(out, ll_model_scratch(ask->n, p.reach) + 64, 1);
    p.point = LL_ARENA_NEW(out, double, p.h);
    p.error = LL_ARENA_NEW(out, double, p.n_origins *p.reach);
    p.at_origin = LL_ARENA_NEW(out, double, p.n_origins *p.reach);
    if (!w.paths || !w.scratch || !p.point || !p.error || !p.at_origin)
        return ll_err_set(err, LL_E_MEMORY, "no memory to forecast %zu values", ask->n);
    w.scratch = (void *)(((uintptr_t)w.scratch + 63) & ~(uintptr_t)63);
    for (size_t j = 0; j < p.n_members; j++)
        run_member(&w, &p, j);
    combine(&w, &p);
    *res = p;
    return true;
}
