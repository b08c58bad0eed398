#include "forecast/stream.h"

#include <math.h>
#include <string.h>

#include "forecast/interval.h"
#include "stats/normal.h"

_Static_assert(sizeof(struct ll_stream) <= 4096, "a series costs at most 4 KB");

enum { TOGETHER = 16, KEEP_EVERY = LL_STREAM_H / LL_STREAM_KEPT, NEIGHBOURS = 3, LEAST = 8 };

static const double forget = 0.999; /* a sample's weight after the next one */
static const double ridge = 0.1;    /* first p = 1 / (ridge unit^2) */
static const double widest = 1e4; /* trace of p, in 1 / unit^2, beyond which nothing is forgotten */
static const double shift_gain = 0.5, profile_gain = 0.03, error_gain = 0.05, wild = 8,
                    adapt_gain = 0.01;
static const float range_fade = 1e-3f;
static const double largest = 1e30, normal_mean_abs = 0.7978845608028654;

static float past_at(const struct ll_stream *s, size_t lag)
{
    size_t i = s->at + LL_STREAM_PAST - lag;
    return s->past[i >= LL_STREAM_PAST ? i - LL_STREAM_PAST : i];
}

/* The phase of the sample so many before the next. */
static size_t phase_before(const struct ll_stream *s, size_t lag)
{
    size_t m = s->m, back = lag % m;
    return s->phase >= back ? s->phase - back : s->phase + m - back;
}

static void lags_now(const struct ll_stream *s, double x[LL_STREAM_LAGS])
{
    for (size_t j = 0; j < s->n_lags; j++)
        x[j] = (double)past_at(s, s->lag[j]) - (double)s->profile[phase_before(s, s->lag[j])];
}

static double expected(const struct ll_stream *s, const double x[LL_STREAM_LAGS])
{
    double sum = (double)s->profile[s->phase];
    for (size_t j = 0; j < s->n_lags; j++)
        sum += s->b[j] * x[j];
    double half = 0.5 * (double)(s->high - s->low);
    return fmin(fmax(sum, (double)s->low - half), (double)s->high + half);
}

static void reset(struct ll_stream *s)
{
    memset(s->b, 0, sizeof(s->b));
    memset(s->p, 0, sizeof(s->p));
    for (size_t i = 0; i < s->n_lags; i++)
        s->p[i * (i + 1) / 2 + i] = 1 / (ridge * s->unit * s->unit);
}

/* k = p x;  b += k e / (forget + x'k);  p = (p - k k' / (forget + x'k)) / forget.  Without news p
 * would grow for ever: then nothing is forgotten. */
static void learn(struct ll_stream *s, const double x[LL_STREAM_LAGS], double e)
{
    double k[LL_STREAM_LAGS] = {0}, seen = forget, trace = 0;
    size_t n = s->n_lags;
    for (size_t i = 0; i < n; i++) {
        const double *row = s->p + i * (i + 1) / 2;
        for (size_t j = 0; j < i; j++) {
            k[i] += row[j] * x[j];
            k[j] += row[j] * x[i];
        }
        k[i] += row[i] * x[i];
        trace += row[i];
    }
    for (size_t i = 0; i < n; i++)
        seen += k[i] * x[i];
    double again = trace * s->unit * s->unit < widest ? 1 / forget : 1, share = 1 / seen;
    if (!isfinite(seen) || !(seen > 0)) {
        reset(s);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double *row = s->p + i * (i + 1) / 2, part = k[i] * share;
        s->b[i] += part * e;
        for (size_t j = 0; j <= i; j++)
            row[j] = (row[j] - part * k[j]) * again;
    }
}

/* What was told for this step, against what came. */
static void score(struct ll_stream *s, double y, bool known)
{
    for (size_t k = 0; k < LL_STREAM_KEPT; k++) {
        size_t i = s->age[k];
        if (i >= LL_STREAM_H)
            continue;
        s->age[k]++;
        if (!known)
            continue;
        double e = fabs(y - (double)s->kept[k][i]), usual = (double)s->error[i];
        double half = (double)s->kept_half[k] * usual;
        s->multiplier =
            ll_interval_adapt(s->multiplier, e <= half, s->level, adapt_gain / LL_STREAM_KEPT);
        s->error[i] = (float)(usual + error_gain * (fmin(e, largest) - usual));
    }
}

static void advance(struct ll_stream *s, double y)
{
    s->past[s->at] = (float)y;
    s->at = (uint16_t)(s->at + 1 == LL_STREAM_PAST ? 0 : s->at + 1);
    s->phase = (uint16_t)(s->phase + 1 == s->m ? 0 : s->phase + 1);
    s->since++;
}

/* The range that values were in; its ends come nearer again, by a share of it a sample. */
static void widen(struct ll_stream *s, float y)
{
    float back = range_fade * (s->high - s->low);
    s->low = fminf(s->low + back, y);
    s->high = fmaxf(s->high - back, y);
}

/* What is read in full; of the forecasts kept one value each is. */
void ll_stream_fetch(const struct ll_stream *s)
{
    enum { LINE = 64 };
    for (size_t at = 0; at < offsetof(struct ll_stream, kept); at += LINE)
        __builtin_prefetch((const char *)s + at);
}

void ll_stream_update(struct ll_stream *s, double y)
{
    double x[LL_STREAM_LAGS] = {0};
    ll_stream_fetch(s);
    lags_now(s, x);
    double usual = expected(s, x);
    bool known = fabs(y) <= largest; /* written so that NaN is not */
    score(s, y, known);
    if (!known) {
        advance(s, usual);
        return;
    }
    double most = wild * fmax((double)s->error[0], 1e-3 * s->unit);
    double held = fmin(fmax(y, usual - most), usual + most);
    held = fmin(fmax(held, fmin(y, (double)s->low)), fmax(y, (double)s->high)); /* nor invented */
    learn(s, x, held - usual);
    float *profile = &s->profile[s->phase];
    double apart = held - (double)*profile;
    s->shift += shift_gain * (apart - s->shift);
    *profile += (float)(profile_gain * (apart - s->shift));
    widen(s, (float)held);
    advance(s, held);
}

struct ahead { /* deviations from the profile: the past, the oldest first, then what is expected */
    float x[LL_STREAM_PAST + LL_STREAM_H];
    float usual[LL_STREAM_PAST + LL_STREAM_H]; /* the profile at each */
};

static void unroll(const struct ll_stream *s, struct ahead *a)
{
    size_t old = LL_STREAM_PAST - s->at, all = LL_STREAM_PAST + LL_STREAM_H;
    memcpy(a->x, s->past + s->at, old * sizeof(float));
    memcpy(a->x + old, s->past, s->at * sizeof(float));
    for (size_t i = 0, phase = phase_before(s, LL_STREAM_PAST); i < all; phase = 0) {
        size_t run = LL_MIN(s->m - phase, all - i);
        memcpy(a->usual + i, s->profile + phase, run * sizeof(float));
        i += run;
    }
    for (size_t i = 0; i < LL_STREAM_PAST; i++)
        a->x[i] -= a->usual[i];
}

/* Some steps at once: lags that reach behind them first, those within one after the other, lag 1,
 * for which each step waits for the one before, last.  What is expected stays within half a range
 * of what was seen, so that nothing runs away. */
static void look_ahead(const struct ll_stream *s, struct ahead *a)
{
    float half = 0.5f * (s->high - s->low), low = s->low - half, high = s->high + half;
    unroll(s, a);
    for (size_t from = LL_STREAM_PAST; from < LL_STREAM_PAST + LL_STREAM_H; from += TOGETHER) {
        float sum[TOGETHER] = {0}, *x = a->x + from, last = x[-1];
        size_t far = s->n_lags;
        for (; far > 0 && s->lag[far - 1] >= TOGETHER; far--) {
            const float *past = x - s->lag[far - 1], share = (float)s->b[far - 1];
            for (size_t i = 0; i < TOGETHER; i++)
                sum[i] += share * past[i];
        }
        const float first = (float)s->b[0];
        for (size_t i = 0; i < TOGETHER; i++) {
            float usual = a->usual[from + i], least = low - usual, most = high - usual;
            for (size_t j = far; j-- > 1;)
                sum[i] += (float)s->b[j] * *(x + i - s->lag[j]);
            last = sum[i] + first * last;
            last = last > least ? last < most ? last : most : least; /* of NaN: the least */
            x[i] = last;
        }
    }
}

/* s_h: half its neighbourhood's error, half that of all steps, never falling. */
static void scales_of(const struct ll_stream *s, float scale[LL_STREAM_H])
{
    float sums[LL_STREAM_H + 1] = {0}, top = 0;
    for (size_t i = 0; i < LL_STREAM_H; i++)
        sums[i + 1] = sums[i] + s->error[i] * (1.0f / LL_STREAM_H);
    for (size_t i = 0; i < LL_STREAM_H; i++) {
        size_t from = i < NEIGHBOURS ? 0 : i - NEIGHBOURS;
        size_t to = LL_MIN(i + NEIGHBOURS + 1, (size_t)LL_STREAM_H);
        float near = (sums[to] - sums[from]) * (LL_STREAM_H / (float)(to - from));
        float here = 0.5f * (near + sums[LL_STREAM_H]);
        top = here > top ? here : top;
        scale[i] = top;
    }
}

static void keep(struct ll_stream *s, const struct ll_stream_forecast *f, double wide)
{
    for (size_t k = 0; k < LL_STREAM_KEPT; k++)
        if (s->age[k] >= LL_STREAM_H) {
            s->age[k] = 0;
            s->since = 0;
            s->kept_half[k] = (float)wide;
            memcpy(s->kept[k], f->point, sizeof(f->point));
            return;
        }
}

void ll_stream_tell(struct ll_stream *s, struct ll_stream_forecast *out)
{
    double wide = s->multiplier * s->q;
    float scale[LL_STREAM_H];
    struct ahead a;
    look_ahead(s, &a);
    scales_of(s, scale);
    for (size_t i = 0; i < LL_STREAM_H; i++) {
        out->point[i] = a.usual[LL_STREAM_PAST + i] + a.x[LL_STREAM_PAST + i];
        out->half[i] = (float)wide * scale[i];
    }
    if (s->since >= KEEP_EVERY)
        keep(s, out, wide);
}

/* Ascending, so that lag 1 is the first. */
static void add_lag(struct ll_stream *s, size_t lag)
{
    for (size_t j = 0; j < s->n_lags; j++)
        if (s->lag[j] == lag)
            return;
    if (lag == 0 || lag > LL_STREAM_PAST || s->n_lags == LL_STREAM_LAGS)
        return;
    size_t j = s->n_lags++;
    for (; j > 0 && s->lag[j - 1] > lag; j--)
        s->lag[j] = s->lag[j - 1];
    s->lag[j] = (uint16_t)lag;
}

static void choose_lags(struct ll_stream *s, size_t m1, size_t m2)
{
    const size_t plain[] = {1, 2, 3, 4, 5, 6};
    const size_t one[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, 7 * m1};
    const size_t two[] = {1, 2, 3, m1 - 1, m1, m1 + 1, 2 * m1, 6 * m1, m2 - 1, m2, m2 + 1, 2 * m2};
    const size_t *lags = m1 < 2 ? plain : m2 ? two : one;
    size_t n = m1 < 2 ? LL_LEN(plain) : m2 ? LL_LEN(two) : LL_LEN(one);
    for (size_t i = 0; i < n; i++)
        add_lag(s, lags[i]);
}

struct history {
    const double *y;
    size_t n;
};

static bool is_known(double y)
{
    return fabs(y) <= largest;
}

/* Mean of each step of the season over the first values, and how far they scatter in all. */
static bool first_profile(struct ll_stream *s, struct history h)
{
    double sum = 0, count = 0, squares = 0;
    for (size_t t = 0; t < h.n; t++)
        if (is_known(h.y[t])) {
            sum += h.y[t];
            count++;
        }
    if (count == 0)
        return false;
    for (size_t q = 0; q < s->m; q++) {
        double own = sum / count, seen = 1;
        for (size_t t = q; t < h.n; t += s->m)
            if (is_known(h.y[t])) {
                own = seen > 1 ? own + (h.y[t] - own) / seen : h.y[t];
                seen++;
            }
        s->profile[q] = (float)own;
    }
    for (size_t t = 0; t < h.n; t++)
        if (is_known(h.y[t]))
            squares += (h.y[t] - sum / count) * (h.y[t] - sum / count);
    s->unit = fmax(sqrt(squares / count), 1e-6 * fabs(sum / count));
    s->unit = s->unit > 1e-30 ? s->unit : 1;
    return true;
}

static bool check(struct history h, const int season[2], double level, struct ll_err *err)
{
    size_t longest = (size_t)LL_MAX(LL_MAX(season[0], season[1]), 1);
    if (season[0] < 0 || season[1] < 0 || longest > LL_STREAM_SEASON_MAX ||
        (season[1] > 0 && season[1] <= season[0]))
        return ll_err_set(err, LL_E_RANGE, "seasons %d and %d do not ascend up to %d", season[0],
                          season[1], LL_STREAM_SEASON_MAX);
    if (!(level > 0 && level < 1))
        return ll_err_set(err, LL_E_RANGE, "level %g is not in (0, 1)", level);
    if (h.n < 2 * longest || h.n < LEAST)
        return ll_err_set(err, LL_E_SHORT, "%zu values are fewer than two seasons", h.n);
    return true;
}

/* The profile of the first half; then all of it is lived through, forecasts told on the way. */
bool ll_stream_start(struct ll_stream *s, const double *y, size_t n, const int season[2],
                     double level, struct ll_err *err)
{
    struct history h = {y, n};
    if (!check(h, season, level, err))
        return false;
    struct ll_stream new = {.level = level, .multiplier = 1};
    new.q = ll_normal_quantile(0.5 + 0.5 * level) / normal_mean_abs;
    new.m = (uint16_t)LL_MAX(LL_MAX(season[0], season[1]), 1);
    choose_lags(&new, (size_t)season[0], (size_t)season[1]);
    if (!first_profile(&new, (struct history){y, LL_MAX(n / 2, (size_t) new.m)}) &&
        !first_profile(&new, h))
        return ll_err_set(err, LL_E_SHORT, "none of %zu values is known", n);
    reset(&new);
    new.low = new.high = new.profile[0];
    for (size_t i = 1; i < new.m; i++)
        widen(&new, new.profile[i]);
    for (size_t i = 0; i < LL_STREAM_PAST; i++)
        new.past[i] = new.profile[phase_before(&new, LL_STREAM_PAST - i)];
    for (size_t i = 0; i < LL_STREAM_H; i++)
        new.error[i] = (float)(0.5 * new.unit);
    for (size_t k = 0; k < LL_STREAM_KEPT; k++)
        new.age[k] = LL_STREAM_H;
    for (size_t t = 0; t < n; t++) {
        struct ll_stream_forecast ignored;
        ll_stream_update(&new, y[t]);
        if (new.since >= KEEP_EVERY && t >= LL_MIN(n / 4, (size_t) new.m))
            ll_stream_tell(&new, &ignored);
    }
    *s = new;
    return true;
}
