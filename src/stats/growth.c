#include "stats/growth.h"

#include <math.h>
#include <string.h>

#include "stats/quantile.h"
#include "stats/random.h"

enum {
    CHANGES_FROM = 60, /* days */
    STEP_EDGE = 14,    /* a step needs as many days on either side */
    BEND_EDGE = 90,    /* and a bend as many */
    NEIGHBOURS = 5,    /* of the same kind, on either side */
    BLOCK = 14         /* days of errors drawn together */
};

static const double year = 365.2425, far = 6, ridge = 1e-10;

struct fit {
    struct ll_growth g;
    double *y, *r; /* held values and residuals, both with NaN where there is no data */
    const uint8_t *kind;
    double sse;
};

static double ahead(double t, double last, double damping)
{
    if (t <= last || damping >= 1)
        return t;
    return last + damping * (1 - pow(damping, t - last)) / (1 - damping);
}

static double change_at(const struct ll_growth_change *c, double t, double s)
{
    if (t < (double)c->at)
        return 0;
    return c->bend ? (s - (double)c->at) / year : 1;
}

/* The row of the design at day t. */
static void row_of(const struct ll_growth *g, size_t t, unsigned kind, double damping, double *x)
{
    const double s = ahead((double)t, (double)g->n - 1, damping);
    memset(x, 0, g->n_terms * sizeof(*x));
    x[g->term[kind]] = 1;
    size_t k = g->n_kinds;
    x[k++] = (s - (double)g->n / 2) / year;
    for (int w = 1; w <= g->waves; w++) {
        const double angle = 2 * M_PI * w * (g->first + (double)t) / year;
        x[k++] = sin(angle);
        x[k++] = cos(angle);
    }
    for (size_t c = 0; c < g->n_changes; c++)
        x[k++] = change_at(&g->change[c], (double)t, s);
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* In place: the lower triangle of a becomes its Cholesky factor. */
static void factorise(double *a, size_t p)
{
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double left = a[i * p + j] - dot(a + i * p, a + j * p, j);
            const double least = ridge * fmax(1, fabs(a[i * p + i]));
            a[i * p + j] = i == j ? sqrt(fmax(left, least)) : left / a[j * p + j];
        }
    }
}

static void solve_lower(const double *l, size_t p, double *b)
{
    for (size_t i = 0; i < p; i++)
        b[i] = (b[i] - dot(l + i * p, b, i)) / l[i * p + i];
}

static void solve_upper(const double *l, size_t p, double *b)
{
    for (size_t i = p; i-- > 0;) {
        for (size_t j = i + 1; j < p; j++)
            b[i] -= l[j * p + i] * b[j];
        b[i] /= l[i * p + i];
    }
}

/* Least squares for the terms that f->g has; beta, root, r and sse. */
static void regress(struct fit *f)
{
    struct ll_growth *g = &f->g;
    const size_t k = g->n_kinds + 1 + 2 * (size_t)g->waves;
    g->n_terms = k + g->n_changes;
    const size_t p = g->n_terms;
    double x[LL_GROWTH_TERMS];
    memset(g->root, 0, sizeof(g->root));
    memset(g->beta, 0, sizeof(g->beta));
    for (size_t t = 0; t < g->n; t++) {
        if (isnan(f->y[t]))
            continue;
        row_of(g, t, f->kind[t], 1, x);
        for (size_t i = 0; i < p; i++) {
            g->beta[i] += x[i] * f->y[t];
            for (size_t j = 0; j <= i; j++)
                g->root[i * p + j] += x[i] * x[j];
        }
    }
    factorise(g->root, p);
    solve_lower(g->root, p, g->beta);
    solve_upper(g->root, p, g->beta);
    f->sse = 0;
    for (size_t t = 0; t < g->n; t++) {
        f->r[t] = NAN;
        if (isnan(f->y[t]))
            continue;
        row_of(g, t, f->kind[t], 1, x);
        f->r[t] = f->y[t] - dot(x, g->beta, p);
        f->sse += f->r[t] * f->r[t];
    }
    for (size_t c = 0; c < g->n_changes; c++)
        g->change[c].size = g->beta[k + c];
}

/* Sums over the days from one on to the end, of which any change on that day is made. */
struct suffix {
    double x[LL_GROWTH_TERMS], xt[LL_GROWTH_TERMS]; /* rows of the design; times their day */
    double n, t, tt, r, rt;                         /* days, residuals, times their day */
};

static void extend(struct suffix *s, const struct fit *f, size_t day)
{
    const double t = (double)day, r = f->r[day];
    double x[LL_GROWTH_TERMS];
    if (isnan(r))
        return;
    row_of(&f->g, day, f->kind[day], 1, x);
    for (size_t i = 0; i < f->g.n_terms; i++) {
        s->x[i] += x[i];
        s->xt[i] += x[i] * t;
    }
    s->n++;
    s->t += t;
    s->tt += t * t;
    s->r += r;
    s->rt += r * t;
}

/* How much a change would lower the sum of squares: with^2 / (own - what the others tell). */
static double gain_of(const struct fit *f, const struct suffix *s, bool bend, double at)
{
    const size_t p = f->g.n_terms;
    double along[LL_GROWTH_TERMS];
    for (size_t i = 0; i < p; i++)
        along[i] = bend ? (s->xt[i] - at * s->x[i]) / year : s->x[i];
    const double own = bend ? (s->tt - 2 * at * s->t + at * at * s->n) / (year * year) : s->n,
                 with = bend ? (s->rt - at * s->r) / year : s->r;
    solve_lower(f->g.root, p, along);
    const double rest = own - dot(along, along, p);
    return rest > 1e-6 * own ? with * with / rest : 0;
}

static double best_change(const struct fit *f, struct ll_growth_change *best)
{
    const size_t n = f->g.n;
    struct suffix s = {.n = 0};
    double most = 0;
    for (size_t at = n; at-- > STEP_EDGE;) {
        extend(&s, f, at);
        for (int bend = 0; bend <= 1; bend++) {
            const size_t edge = bend ? BEND_EDGE : STEP_EDGE;
            if (at < edge || at + edge > n)
                continue;
            const double gain = gain_of(f, &s, bend, (double)at);
            if (gain > most) {
                most = gain;
                *best = (struct ll_growth_change){.bend = bend, .at = at};
            }
        }
    }
    return most;
}

static double criterion(const struct fit *f, double weight, double least)
{
    const double n = (double)f->g.used;
    const double terms = (double)f->g.n_terms + 2 * (double)f->g.n_changes;
    return n * weight * log(fmax(f->sse, least) / n) + log(n) * terms;
}

static void grow(struct fit *f, double weight, double least)
{
    regress(f);
    while (f->g.used >= CHANGES_FROM && f->g.n_changes < LL_GROWTH_CHANGES) {
        struct fit more = *f;
        if (best_change(f, &more.g.change[f->g.n_changes]) <= 0)
            return;
        more.g.n_changes++;
        regress(&more);
        if (criterion(&more, weight, least) >= criterion(f, weight, least)) {
            regress(f); /* the residuals are shared */
            return;
        }
        *f = more;
    }
}

/* How errors follow the day before. */
static double follow_of(const double *r, size_t n)
{
    double with = 0, own = 0;
    for (size_t t = 1; t < n; t++) {
        if (isnan(r[t]) || isnan(r[t - 1]))
            continue;
        with += r[t] * r[t - 1];
        own += r[t] * r[t];
    }
    return own > 0 ? fmin(0.9, fmax(0, with / own)) : 0;
}

static struct fit best_of(const struct fit *start, double weight, double least)
{
    struct fit best = *start;
    double lowest = INFINITY;
    const int most = start->g.used >= LL_GROWTH_WAVES_FROM ? 2 : 0;
    for (int waves = 0; waves <= most; waves++) {
        struct fit f = *start;
        f.g.waves = waves;
        grow(&f, weight, least);
        const double c = criterion(&f, weight, least);
        if (c < lowest) {
            lowest = c;
            best = f;
        }
    }
    regress(&best);
    return best;
}

/* The median of the neighbours of day t of its kind, and how far they scatter. */
static double neighbours(const struct ll_growth_days *d, size_t t, double *scatter)
{
    double v[2 * NEIGHBOURS + 1];
    size_t n = 0;
    for (size_t i = t, k = 0; i-- > 0 && k < NEIGHBOURS;) {
        if (d->kind[i] == d->kind[t] && !isnan(d->y[i])) {
            v[n++] = d->y[i];
            k++;
        }
    }
    for (size_t i = t + 1, k = 0; i < d->n && k < NEIGHBOURS; i++) {
        if (d->kind[i] == d->kind[t] && !isnan(d->y[i])) {
            v[n++] = d->y[i];
            k++;
        }
    }
    const double mid = ll_quantile_median(v, n);
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(v[i] - mid);
    *scatter = n < NEIGHBOURS ? INFINITY : 1.4826 * ll_quantile_median(v, n);
    return mid;
}

static size_t hold_outliers(const struct ll_growth_days *d, double *y)
{
    size_t held = 0;
    for (size_t t = 0; t < d->n; t++) {
        y[t] = d->y[t];
        if (isnan(y[t]))
            continue;
        double scatter;
        const double mid = neighbours(d, t, &scatter);
        if (fabs(y[t] - mid) > far * fmax(scatter, 1e-9 * fabs(mid))) {
            y[t] = mid;
            held++;
        }
    }
    return held;
}

static void name_kinds(const struct ll_growth_days *d, struct ll_growth *g)
{
    size_t seen[LL_GROWTH_KINDS] = {0}, commonest = 0;
    for (size_t t = 0; t < d->n; t++) {
        LL_ASSERT(d->kind[t] < LL_GROWTH_KINDS);
        if (isnan(d->y[t]))
            continue;
        seen[d->kind[t]]++;
        g->used++;
    }
    for (size_t k = 0; k < LL_GROWTH_KINDS; k++) {
        if (seen[k] > seen[commonest])
            commonest = k;
        if (seen[k] > 0)
            g->term[k] = (int)g->n_kinds++;
    }
    for (size_t k = 0; k < LL_GROWTH_KINDS; k++) {
        if (seen[k] == 0)
            g->term[k] = g->term[commonest];
    }
}

static double variance(const double *y, size_t n)
{
    double mean = 0, sum = 0, used = 0;
    for (size_t t = 0; t < n; t++) {
        if (isnan(y[t]))
            continue;
        used++;
        const double d = y[t] - mean;
        mean += d / used;
        sum += d * (y[t] - mean);
    }
    return sum;
}

/* What is left of the values as they came, outliers whole; compact, and around zero. */
static void keep_errors(struct fit *f, const struct ll_growth_days *d)
{
    struct ll_growth *g = &f->g;
    double *error = f->y, x[LL_GROWTH_TERMS], mean = 0;
    for (size_t t = 0; t < d->n; t++) {
        if (isnan(d->y[t]))
            continue;
        row_of(g, t, d->kind[t], 1, x);
        error[g->n_error] = d->y[t] - dot(x, g->beta, g->n_terms);
        mean += error[g->n_error++];
    }
    mean /= (double)g->n_error;
    const double freedom = (double)g->used - (double)g->n_terms;
    const double widen = sqrt((double)g->used / fmax(1, freedom));
    for (size_t i = 0; i < g->n_error; i++)
        error[i] = (error[i] - mean) * widen;
    g->error = error;
    g->sigma = sqrt(f->sse / fmax(1, freedom));
}

bool ll_growth_fit(const struct ll_growth_days *days, double *scratch, struct ll_growth *out)
{
    LL_ASSERT(days->n <= LL_GROWTH_DAYS_MAX);
    struct fit start = {.g = {.n = days->n, .first = days->first},
                        .y = scratch,
                        .r = scratch + days->n,
                        .kind = days->kind};
    name_kinds(days, &start.g);
    if (start.g.used < LL_GROWTH_DAYS_MIN)
        return false;
    start.g.held = hold_outliers(days, start.y);
    const double least = 1e-12 * variance(start.y, days->n) + 1e-300;
    struct fit best = best_of(&start, 1, least);
    best.g.follow = follow_of(best.r, days->n);
    if (best.g.follow > 0.05) {
        const double follow = best.g.follow;
        best = best_of(&start, (1 - follow) / (1 + follow), least);
        best.g.follow = follow_of(best.r, days->n);
    }
    keep_errors(&best, days);
    best.g.slope = best.g.beta[best.g.n_kinds] / year;
    for (size_t c = 0; c < best.g.n_changes; c++) {
        if (best.g.change[c].bend)
            best.g.slope += best.g.change[c].size / year;
    }
    *out = best.g;
    return true;
}

double ll_growth_line(const struct ll_growth *g, size_t t, unsigned kind, double damping)
{
    double x[LL_GROWTH_TERMS];
    row_of(g, t, kind, damping, x);
    return dot(x, g->beta, g->n_terms);
}

/* How often the level stepped, and how far: root mean square. */
static double steps_of(const struct ll_growth *g, double *size)
{
    double sum = 0, n = 0;
    for (size_t c = 0; c < g->n_changes; c++) {
        if (g->change[c].bend)
            continue;
        sum += g->change[c].size * g->change[c].size;
        n++;
    }
    *size = n > 0 ? sqrt(sum / n) : 0;
    return 0.5 * n / (double)g->n;
}

void ll_growth_ahead(const struct ll_growth *g, const uint8_t *kind, size_t h, double damping,
                     double *rows)
{
    const size_t p = g->n_terms;
    for (size_t i = 0; i < h; i++) {
        double *row = rows + i * (p + 2);
        const double angle = 2 * M_PI * (double)(i + 1) / year;
        row_of(g, g->n + i, kind[i], damping, row);
        row[p] = sin(angle);
        row[p + 1] = cos(angle) - 1; /* where the history ends the wave is in its level */
    }
}

void ll_growth_path(const struct ll_growth *g, const double *rows, size_t h, uint64_t *seed,
                    double *out)
{
    const size_t p = g->n_terms;
    double beta[LL_GROWTH_TERMS + 2], size;
    const double spread = g->sigma * sqrt((1 + g->follow) / (1 - g->follow));
    for (size_t i = 0; i < p; i++)
        beta[i] = spread * ll_random_normal(seed);
    solve_upper(g->root, p, beta);
    for (size_t i = 0; i < p; i++)
        beta[i] += g->beta[i];
    for (size_t i = p; i < p + 2; i++)
        beta[i] = g->unseen > 0 ? g->unseen * ll_random_normal(seed) : 0;
    const double rate = steps_of(g, &size);
    double stepped = 0;
    size_t from = 0;
    for (size_t i = 0; i < h; i++) {
        if (i % BLOCK == 0)
            from = ll_random_below(seed, g->n_error);
        if (rate > 0 && ll_random_unit(seed) < rate)
            stepped += size * ll_random_normal(seed);
        const double error = g->error[(from + i % BLOCK) % g->n_error];
        out[i] = dot(rows + i * (p + 2), beta, p + 2) + stepped + error;
    }
}
