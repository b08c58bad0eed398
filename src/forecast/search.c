#include "forecast/search.h"

#include <math.h>

/* Places in the box as the search sees them: 0 .. 1 on each axis, denser near the low end, where
 * smoothing parameters are told apart by their ratio. */
struct place {
    double u[LL_PARAMS_MAX], score;
};

static double value_at(const struct ll_search *s, size_t d, double u)
{
    return s->low[d] + (s->high[d] - s->low[d]) * u * u;
}

static void score_all(const struct ll_search *s, struct place c[LL_CANDIDATES])
{
    double p[LL_PARAMS_MAX][LL_CANDIDATES] = {{0}}, score[LL_CANDIDATES];
    for (size_t d = 0; d < s->dims; d++)
        for (size_t i = 0; i < LL_CANDIDATES; i++) {
            c[i].u[d] = fmin(fmax(c[i].u[d], 0), 1);
            p[d][i] = value_at(s, d, c[i].u[d]);
        }
    s->score(s->ctx, p, score);
    for (size_t i = 0; i < LL_CANDIDATES; i++)
        c[i].score = isfinite(score[i]) ? score[i] : INFINITY;
}

static bool take_best(const struct place c[LL_CANDIDATES], struct place *best)
{
    bool better = false;
    for (size_t i = 0; i < LL_CANDIDATES; i++)
        if (c[i].score < best->score) {
            *best = c[i];
            better = true;
        }
    return better;
}

/* Kronecker sequences by the generalised golden ratio: Roberts 2018, the R-sequence. */
static void spread(const struct ll_search *s, struct place *best)
{
    static const double step[LL_PARAMS_MAX][LL_PARAMS_MAX] = {
        {0.6180339887498949},
        {0.7548776662466927, 0.5698402909980532},
        {0.8191725133961645, 0.6710436067037893, 0.5497004779019703}};
    struct place c[LL_CANDIDATES];
    for (size_t pass = 0; pass < s->spread; pass++) {
        for (size_t i = 0; i < LL_CANDIDATES; i++)
            for (size_t d = 0; d < s->dims; d++) {
                double x = 0.5 + step[s->dims - 1][d] * (double)(pass * LL_CANDIDATES + i + 1);
                c[i].u[d] = x - floor(x);
            }
        if (pass == 0 && s->start)
            for (size_t d = 0; d < s->dims; d++)
                c[0].u[d] = sqrt(fmax(0, (s->start[d] - s->low[d]) / (s->high[d] - s->low[d])));
        score_all(s, c);
        take_best(c, best);
    }
}

/* Where the parabola through the scores one step below, here and one step above is least. */
static double vertex(double below, double here, double above, double step)
{
    double curve = below - 2 * here + above;
    if (!(curve > 0) || !isfinite(curve))
        return 0;
    return fmin(fmax(0.5 * step * (below - above) / curve, -step), step);
}

static void compass(const struct ll_search *s, struct place *best)
{
    double step = 0.16;
    struct place c[LL_CANDIDATES], guess = *best;
    for (size_t round = 0; round < s->rounds; round++) {
        const struct place centre = *best;
        for (size_t i = 0; i < LL_CANDIDATES; i++) {
            size_t axis = i / 2;
            double way = i % 2 ? step : -step;
            c[i] = axis < s->dims ? centre : guess;
            if (axis < s->dims)
                c[i].u[axis] += way;
            else if (i > 2 * s->dims) /* also short of the guess, and beyond it */
                for (size_t d = 0; d < s->dims; d++)
                    c[i].u[d] += (i % 2 ? -0.5 : 0.5) * (guess.u[d] - centre.u[d]);
        }
        score_all(s, c);
        guess = centre;
        for (size_t d = 0; d < s->dims; d++)
            guess.u[d] += vertex(c[2 * d].score, centre.score, c[2 * d + 1].score, step);
        if (!take_best(c, best))
            step *= 0.4;
    }
}

/* On one axis all eight stand between the neighbours of the best so far. */
static void ladder(const struct ll_search *s, struct place *best)
{
    double step = 0.5 / (double)(s->spread * LL_CANDIDATES);
    struct place c[LL_CANDIDATES];
    for (size_t round = 0; round < s->rounds; round++) {
        for (size_t i = 0; i < LL_CANDIDATES; i++)
            c[i].u[0] = best->u[0] + step * ((double)i - 3.5) / 2;
        score_all(s, c);
        take_best(c, best);
        step /= 4;
    }
}

double ll_search_least(const struct ll_search *s, double best[LL_PARAMS_MAX])
{
    struct place p = {.u = {0.5, 0.5, 0.5}, .score = INFINITY};
    spread(s, &p);
    if (s->dims == 1)
        ladder(s, &p);
    else
        compass(s, &p);
    for (size_t d = 0; d < s->dims; d++)
        best[d] = value_at(s, d, p.u[d]);
    return p.score;
}
