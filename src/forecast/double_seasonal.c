/* Double seasonal exponential smoothing with errors that follow each other.
 *
 *     e[t] = y[t] - l - d[t mod m1] - w[t mod m2]
 *     l += alpha e,  d += gamma e,  w += omega e,  e[t] = phi e[t-1] + noise */
#include <math.h>
#include <string.h>

#include "forecast/model_list.h"
#include "forecast/search.h"

enum {
    WINDOW = 6, /* long cycles that count: older ones are forgotten by then */
    LONG_CYCLES =
        3, /* that a long season needs: of two its mean is known, but not whether it holds */
};

static size_t min_n(int m1, int m2)
{
    (void)m1, (void)m2;
    return 3;
}

struct state { /* day and week hold one value a phase, or eight candidates a phase */
    double level;
    double *day, *week;
};

struct problem {
    const double *y;
    size_t n;
    struct ll_cycles c;
    double phi_max;
    struct state start;
    double *day, *week; /* eight candidates a phase */
};

/* From the first cycles, at most four: their mean levels, then mean deviations by phase. */
static void begin(const double *y, size_t n, struct ll_cycles c, struct state *s)
{
    size_t m = c.m2 ? c.m2 : c.m1, cycles = LL_MIN(n / m, (size_t)4);
    double mean[4] = {0}, *day = s->day;
    LL_ASSERT(cycles > 0);
    for (size_t k = 0; k < cycles; k++)
        mean[k] = ll_kit_mean(y + k * m, m);
    s->level = mean[0];
    for (size_t i = 0; i < c.m1; i++) {
        double sum = 0;
        size_t count = 0;
        for (size_t t = i; t < cycles * m; t += c.m1, count++)
            sum += y[t] - mean[t / m];
        day[i] = sum / (double)count;
    }
    for (size_t i = 0; i < c.m2; i++) {
        double sum = 0;
        for (size_t k = 0; k < cycles; k++)
            sum += y[k * m + i] - mean[k];
        s->week[i] = sum / (double)cycles - day[i % c.m1];
    }
    if (c.m2 == 0)
        s->week[0] = 0;
}

/* Errors of the first long cycle do not count: the states are still finding their place. */
static size_t warm_up(const struct problem *c)
{
    size_t warm = c->c.m2 ? c->c.m2 : c->c.m1;
    return c->n > 2 * warm ? warm : 0;
}

static double best_phi(const struct problem *c, double ee, double lagged)
{
    return ee > 0 ? fmin(fmax(lagged / ee, 0), c->phi_max) : 0;
}

static void spread_out(const double *from, size_t n, double *to)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < LL_CANDIDATES; k++)
            to[i * LL_CANDIDATES + k] = from[i];
}

static void score(void *ctx, double p[LL_PARAMS_MAX][LL_CANDIDATES], double left[LL_CANDIDATES])
{
    const struct problem *c = ctx;
    size_t m1 = c->c.m1, m2 = c->c.m2 ? c->c.m2 : 1, i1 = 0, i2 = 0;
    size_t warm = warm_up(c);
    ll_pair a[LL_PAIRS], g[LL_PAIRS], o[LL_PAIRS], level[LL_PAIRS],
        before[LL_PAIRS] = {{0}}, ee[LL_PAIRS] = {{0}}, lagged[LL_PAIRS] = {{0}};
    ll_pair *day = (ll_pair *)c->day, *week = (ll_pair *)c->week;
    memcpy(a, p[0], sizeof(a));
    memcpy(g, p[1], sizeof(g));
    memcpy(o, p[2], sizeof(o));
    spread_out(c->start.day, m1, c->day);
    spread_out(c->start.week, m2, c->week);
    for (size_t k = 0; k < LL_PAIRS; k++)
        level[k] = ll_pair_of(c->start.level);
    for (size_t t = 0; t < c->n; t++) {
        if (t == warm)
            for (size_t k = 0; k < LL_PAIRS; k++)
                ee[k] = lagged[k] = ll_pair_of(0);
        ll_pair y = ll_pair_of(c->y[t]), *d = day + i1 * LL_PAIRS, *w = week + i2 * LL_PAIRS;
        for (size_t k = 0; k < LL_PAIRS; k++) {
            ll_pair e = (y - d[k] - w[k]) - level[k];
            ee[k] += e * e;
            lagged[k] += e * before[k];
            before[k] = e;
            level[k] += a[k] * e;
            d[k] += g[k] * e;
            w[k] += o[k] * e;
        }
        i1 = i1 + 1 == m1 ? 0 : i1 + 1;
        i2 = i2 + 1 == m2 ? 0 : i2 + 1;
    }
    for (size_t i = 0; i < LL_CANDIDATES; i++) {
        double see = ee[i / 2][i % 2], lag = lagged[i / 2][i % 2], phi = best_phi(c, see, lag);
        left[i] = see - 2 * phi * lag + phi * phi * see;
    }
}

/* Known values up to each origin, and what is expected after it; phi from the errors on the way to
 * the first. */
static void roll(const struct ll_fit *f, const struct problem *c, const double *p, double *out)
{
    struct state s = c->start;
    size_t m1 = c->c.m1, m2 = c->c.m2 ? c->c.m2 : 1, t = 0;
    double e = 0, ee = 0, lagged = 0, omega = c->c.m2 ? p[2] : 0, phi = 0;
    size_t warm = warm_up(c);
    for (size_t k = 0; k < f->n_origins; k++) {
        for (; t < f->origin[k]; t++) {
            double *d = s.day + t % m1, *w = s.week + t % m2, before = e;
            e = f->y[t] - s.level - *d - *w;
            ee = t == warm ? e * e : ee + e * e;
            lagged = t == warm ? e * before : lagged + e * before;
            s.level += p[0] * e;
            *d += p[1] * e;
            *w += omega * e;
            if (t + 1 == f->n_fit)
                phi = best_phi(c, ee, lagged);
        }
        double follow = e;
        for (size_t i = 0; i < f->h; i++) {
            follow *= phi;
            out[k * f->h + i] = s.level + s.day[(t + i) % m1] + s.week[(t + i) % m2] + follow;
        }
    }
}

static void run_recent(const struct ll_fit *f, struct ll_cycles cycles, double *out)
{
    struct ll_room room = ll_room_of(f);
    struct problem c = {
        .y = f->y, .n = f->n_fit, .c = cycles, .phi_max = ll_kit_phi_max(0.98, cycles.m1)};
    size_t m1 = c.c.m1, m2 = LL_MAX(c.c.m2, (size_t)1);
    c.start.day = ll_room_take(&room, m1);
    c.start.week = ll_room_take(&room, m2);
    c.day = ll_room_take(&room, m1 * LL_CANDIDATES);
    c.week = ll_room_take(&room, m2 * LL_CANDIDATES);
    begin(f->y, f->n_fit, c.c, &c.start);
    const double start[LL_PARAMS_MAX] = {0.09, 0.06, 0.09};
    const struct ll_search search = {.dims = c.c.m2 ? 3 : 2,
                                     .high = {0.9, 0.6, 0.6},
                                     .spread = 1,
                                     .rounds = 4,
                                     .start = start,
                                     .score = score,
                                     .ctx = &c};
    double best[LL_PARAMS_MAX];
    ll_search_least(&search, best);
    roll(f, &c, best, out);
}

static void run(const struct ll_fit *f, double *out)
{
    const struct ll_cycles cycles = ll_cycles_of(f, f->n_fit, LONG_CYCLES);
    size_t window = WINDOW * (cycles.m2 ? cycles.m2 : 7 * cycles.m1), origin[LL_ORIGINS_MAX];
    size_t skip = f->n_fit > window ? f->n_fit - window : 0;
    struct ll_fit recent = *f;
    for (size_t k = 0; k < f->n_origins; k++)
        origin[k] = f->origin[k] - skip;
    recent.y += skip;
    recent.n_fit -= skip;
    recent.origin = origin;
    run_recent(&recent, cycles, out);
}

const struct ll_model ll_model_double_seasonal = {
    .name = "double-seasonal",
    .title = "double seasonal exponential smoothing",
    .flags = LL_MODEL_LOG_ONLY | LL_MODEL_MEMBER | LL_MODEL_ROLLS,
    .min_n = min_n,
    .run = run,
    .source = "Taylor 2003, Short-term electricity demand forecasting using double seasonal "
              "exponential smoothing",
};
