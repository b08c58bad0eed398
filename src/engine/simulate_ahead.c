#include "engine/simulate_ahead.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEATURES = 11,
    MODELS_MAX = 8, /* one a span and tau */
    DAY_STEPS_MAX = 1440 * 60,
    SCALE_BINS = 96, /* of a day, for s */
    BINS = 320,      /* of errors in s, an eighth each, from -BIN_ZERO on */
    BIN_ZERO = 64,
    TRIES_MIN = 100 /* before it is trusted */
};

static const double FORGET = 0.9998, FORGET_BINS = 0.9999, FORGET_LATE = 0.97, ADAPT = 0.002;

/* One span and tau. */
struct model {
    ll_dur span;
    double tau;
    size_t steps; /* of the span, at least one */
    size_t next;  /* the step that is learned next */
    double b[FEATURES], p[FEATURES][FEATURES];
    float *y;             /* of each origin; NaN = not known yet, or no data */
    float (*x)[FEATURES]; /* a ring of `ring` origins that wait for their maximum */
    float *told, *scale;  /* the same: b . x, s */
    float *bound;         /* the same: what was told for tau, as y */
    size_t ring;
    float *usual; /* of a day's steps: mean y */
    uint16_t *usual_n;
    double by_day[SCALE_BINS], late; /* mean |error| */
    double weight[BINS], total, grow;
    double alpha; /* share that may go beyond; follows 1 - tau */
    size_t tries;
};

struct ll_simulate_ahead {
    const struct ll_sim_demand *d;
    double c;
    size_t day;   /* steps; 0 = a day has no whole number of them */
    float *level; /* log(v + c), of the last step with data where there is none */
    float *mean[3];
    size_t known; /* steps of level and mean */
    struct model *models[MODELS_MAX];
    size_t n_models;
};

static const double late_steps[3] = {5, 15, 60};

struct ll_simulate_ahead *ll_simulate_ahead_new(const struct ll_sim_demand *demand, double unit)
{
    struct ll_simulate_ahead *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->d = demand;
    a->c = unit / 4;
    a->day = demand->step > 0 && LL_DAY % demand->step == 0 ? (size_t)(LL_DAY / demand->step) : 0;
    if (a->day < 2 || a->day > DAY_STEPS_MAX)
        a->day = 0;
    a->level = calloc(demand->n, sizeof(*a->level));
    bool ok = a->level;
    for (size_t i = 0; i < LL_LEN(a->mean); i++) {
        a->mean[i] = calloc(demand->n, sizeof(float));
        ok = ok && a->mean[i];
    }
    if (ok)
        return a;
    ll_simulate_ahead_free(a);
    return NULL;
}

static void model_free(struct model *m)
{
    if (!m)
        return;
    free(m->y);
    free(m->x);
    free(m->told);
    free(m->scale);
    free(m->bound);
    free(m->usual);
    free(m->usual_n);
    free(m);
}

void ll_simulate_ahead_free(struct ll_simulate_ahead *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->n_models; i++)
        model_free(a->models[i]);
    for (size_t i = 0; i < LL_LEN(a->mean); i++)
        free(a->mean[i]);
    free(a->level);
    free(a);
}

static struct model *model_new(const struct ll_simulate_ahead *a, ll_dur span, double tau)
{
    struct model *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->span = span;
    m->tau = tau;
    m->steps = LL_MAX((size_t)((span + a->d->step - 1) / a->d->step), (size_t)1);
    m->ring = m->steps + 1;
    m->y = malloc(a->d->n * sizeof(*m->y));
    m->x = calloc(m->ring, sizeof(*m->x));
    m->told = calloc(m->ring, sizeof(float));
    m->scale = calloc(m->ring, sizeof(float));
    m->bound = calloc(m->ring, sizeof(float));
    m->usual = calloc(LL_MAX(a->day, (size_t)1), sizeof(float));
    m->usual_n = calloc(LL_MAX(a->day, (size_t)1), sizeof(*m->usual_n));
    if (!m->y || !m->x || !m->told || !m->scale || !m->bound || !m->usual || !m->usual_n) {
        model_free(m);
        return NULL;
    }
    for (size_t i = 0; i < FEATURES; i++)
        m->p[i][i] = 1;
    m->late = 0.05;
    for (size_t i = 0; i < SCALE_BINS; i++)
        m->by_day[i] = m->late;
    m->grow = 1;
    m->alpha = 1 - tau;
    return m;
}

static struct model *model_of(struct ll_simulate_ahead *a, ll_dur span, double tau)
{
    struct model *near = NULL;
    for (size_t i = 0; i < a->n_models; i++) {
        struct model *m = a->models[i];
        if (m->span == span && m->tau == tau)
            return m;
        if (m->span >= span && m->tau >= tau)
            near = m;
    }
    if (a->n_models == MODELS_MAX)
        return near ? near : a->models[a->n_models - 1];
    struct model *m = model_new(a, span, tau);
    if (m)
        a->models[a->n_models++] = m;
    return m;
}

/* Levels and their late means, up to and with `step`. */
static void look(struct ll_simulate_ahead *a, size_t step)
{
    for (; a->known <= step; a->known++) {
        const size_t t = a->known;
        const double v = a->d->v[t];
        const double before = t ? a->level[t - 1] : log(a->c);
        const double level = isnan(v) ? before : log(fmax(v, 0) + a->c);
        a->level[t] = (float)level;
        for (size_t i = 0; i < LL_LEN(a->mean); i++) {
            const double mean = t ? a->mean[i][t - 1] : level;
            a->mean[i][t] = (float)(mean + (level - mean) / late_steps[i]);
        }
    }
}

static size_t phase(const struct ll_simulate_ahead *a, size_t t)
{
    return a->day ? (size_t)((a->d->start / a->d->step + (ll_time)t) % (ll_time)a->day) : 0;
}

static size_t scale_bin(const struct ll_simulate_ahead *a, size_t t)
{
    return a->day ? phase(a, t) * SCALE_BINS / a->day : 0;
}

/* What it was `ago` steps before: its growth, and its height over the present level. */
static void same_before(const struct ll_simulate_ahead *a, const struct model *m, size_t t,
                        size_t ago, float out[2])
{
    out[0] = out[1] = 0;
    if (ago < m->ring || t < ago || isnan(m->y[t - ago]))
        return;
    out[0] = m->y[t - ago];
    out[1] = a->level[t - ago] + m->y[t - ago] - a->level[t];
}

static void features(const struct ll_simulate_ahead *a, const struct model *m, size_t t,
                     float x[FEATURES])
{
    const float now = a->level[t];
    x[0] = 0.2F;
    for (size_t i = 0; i < LL_LEN(a->mean); i++)
        x[1 + i] = now - a->mean[i][t];
    x[4] = t >= 1 ? now - a->level[t - 1] : 0;
    x[5] = t >= m->steps ? now - a->level[t - m->steps] : 0;
    x[6] = m->usual[phase(a, t)];
    same_before(a, m, t, a->day, x + 7);
    same_before(a, m, t, 7 * a->day, x + 9);
}

static double dot(const double *b, const float *x)
{
    double sum = 0;
    for (size_t i = 0; i < FEATURES; i++)
        sum += b[i] * (double)x[i];
    return sum;
}

/* Recursive least squares; what is far off counts as ten scales, so that one burst bends
 * nothing. */
static void learn(struct model *m, const float *x, double error, double scale)
{
    double px[FEATURES], den = FORGET, trace = 0;
    for (size_t i = 0; i < FEATURES; i++) {
        px[i] = dot(m->p[i], x);
        den += px[i] * (double)x[i];
        trace += m->p[i][i];
    }
    const double e = fmax(fmin(error, 10 * scale), -10 * scale);
    /* Without news nothing is forgotten, or P would grow for ever. */
    const double forget = trace < 1e3 * FEATURES ? FORGET : 1;
    for (size_t i = 0; i < FEATURES; i++) {
        m->b[i] += px[i] / den * e;
        for (size_t k = 0; k <= i; k++) {
            m->p[i][k] = (m->p[i][k] - px[i] * px[k] / den) / forget;
            m->p[k][i] = m->p[i][k];
        }
    }
}

static void count_error(struct model *m, double z)
{
    const double at = floor(z * 8) + BIN_ZERO;
    m->grow /= FORGET_BINS;
    if (m->grow > 1e100) {
        for (size_t i = 0; i < BINS; i++)
            m->weight[i] /= m->grow;
        m->total /= m->grow;
        m->grow = 1;
    }
    m->weight[(size_t)fmax(fmin(at, BINS - 1), 0)] += m->grow;
    m->total += m->grow;
}

/* The error, in s, that a share `beyond` of the past was over. */
static double quantile(const struct model *m, double beyond)
{
    const double want = beyond * m->total;
    double sum = 0;
    for (size_t i = BINS; i-- > 0;) {
        if (m->weight[i] > 0 && sum + m->weight[i] >= want)
            return ((double)i + 1 - BIN_ZERO - (want - sum) / m->weight[i]) / 8;
        sum += m->weight[i];
    }
    return 0;
}

/* The maximum that was asked about at step `origin` is known now. */
static void judge(const struct ll_simulate_ahead *a, struct model *m, size_t origin)
{
    const size_t at = origin % m->ring, bin = scale_bin(a, origin), day_step = phase(a, origin);
    double most = NAN;
    for (size_t t = origin; t <= origin + m->steps; t++)
        most = fmax(most, a->d->v[t]); /* NaN where all are */
    m->y[origin] = NAN;
    if (isnan(most) || isnan(a->d->v[origin]))
        return;
    const double y = log(fmax(most, 0) + a->c) - (double)a->level[origin];
    const double error = y - (double)m->told[at], s = m->scale[at];
    m->y[origin] = (float)y;
    if (++m->tries > TRIES_MIN)
        m->alpha += ADAPT * (1 - m->tau - (y > (double)m->bound[at]));
    m->alpha = fmax(fmin(m->alpha, 2 * (1 - m->tau)), (1 - m->tau) / 8);
    count_error(m, error / s);
    learn(m, m->x[at], error, s);
    m->late += (fabs(error) - m->late) * (1 - FORGET_LATE);
    m->by_day[bin] += (fabs(error) - m->by_day[bin]) * 0.03;
    m->usual_n[day_step] = (uint16_t)LL_MIN(m->usual_n[day_step] + 1, 8);
    m->usual[day_step] += ((float)y - m->usual[day_step]) / (float)m->usual_n[day_step];
}

static void tell(struct ll_simulate_ahead *a, struct model *m, size_t t)
{
    const size_t at = t % m->ring, bin = scale_bin(a, t);
    features(a, m, t, m->x[at]);
    m->told[at] = (float)dot(m->b, m->x[at]);
    m->scale[at] = (float)fmax((m->late + m->by_day[bin]) / 2, 1e-4);
    m->bound[at] = m->told[at] + (float)quantile(m, m->alpha) * m->scale[at];
}

void ll_simulate_ahead(void *ctx, size_t step, ll_dur span, double tau, struct ll_demand_ahead *out)
{
    struct ll_simulate_ahead *a = ctx;
    struct model *m = model_of(a, span, tau);
    *out = (struct ll_demand_ahead){.tau = tau, .reason = LL_SLICE("no data at this step")};
    if (!m)
        return;
    look(a, step);
    for (; m->next <= step; m->next++) {
        m->y[m->next] = NAN;
        if (m->next >= m->steps)
            judge(a, m, m->next - m->steps);
        tell(a, m, m->next);
    }
    const ll_time now = a->d->start + (ll_dur)step * a->d->step;
    const double v = a->d->v[step];
    const size_t at = step % m->ring;
    out->made = out->origin = m->tries ? now : 0;
    if (isnan(v))
        return;
    const double most = exp((double)a->level[step] + fmin((double)m->bound[at], 3)) - a->c;
    const double middle = exp((double)a->level[step] + fmin((double)m->told[at], 3)) - a->c;
    out->known = true;
    out->trusted = m->tries >= TRIES_MIN;
    out->demand = fmax(most, v);
    out->median = fmax(middle, v);
    out->at = now + span;
    out->model = LL_SLICE("replay");
    out->reason = out->trusted ? LL_SLICE("") : LL_SLICE("too few tries so far");
}
