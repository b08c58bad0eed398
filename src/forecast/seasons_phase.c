#include "forecast/seasons_phase.h"

#include <math.h>

enum { HARMONICS = 4, SHIFTS = 12, TURNS = 3 };

static const double UNLIKELY = 2; /* loss of log likelihood: two standard errors */
/* Harmonics with less power over noise, or less beside the strongest, have no say. */
static const double CHANCE = 8, WEAK = 0.12;
static const double NEAR = 1; /* shifts: nearer than that nothing is blurred */

struct wave {
    double re, im;
};

static struct wave times(struct wave a, struct wave b)
{
    return (struct wave){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static struct wave turn(double angle)
{
    return (struct wave){cos(angle), sin(angle)};
}

static double power(struct wave a)
{
    return a.re * a.re + a.im * a.im;
}

/* A harmonic of each block's profile; returns the sum of their powers. */
static double transform(const struct ll_seasons_fold *f, const struct wave *circle, size_t h,
                        struct wave *block)
{
    double powers = 0;
    for (size_t b = 0; b < f->blocks; b++) {
        struct wave w = {0};
        for (size_t j = 0; j < f->bins; j++) {
            const struct wave *c = &circle[h * j % f->bins];
            w.re += f->sum[b][j] * c->re;
            w.im -= f->sum[b][j] * c->im;
        }
        block[b] = w;
        powers += power(w);
    }
    return powers;
}

/* Each block's phase is turned back by what it has run ahead when the frequency is a unit higher;
 * of a harmonic h times that. */
struct turns {
    struct wave step[LL_SEASONS_BLOCKS],
        back[LL_SEASONS_BLOCKS]; /* of one unit; of SHIFTS units the other way */
};

static void fill_turns(const struct ll_seasons_fold *f, double unit, struct turns *t)
{
    for (size_t b = 0; b < f->blocks; b++) {
        double angle = 2 * M_PI * unit * f->middle[b];
        t->step[b] = turn(-angle);
        t->back[b] = turn(SHIFTS * angle);
    }
}

static struct wave to_power(struct wave a, size_t h)
{
    struct wave p = a;
    while (--h > 0)
        p = times(p, a);
    return p;
}

/* own[i] = power of harmonic h when the frequency is (i - SHIFTS) units higher.  Returns the
 * largest. */
static double turn_blocks(const struct ll_seasons_fold *f, size_t h, const struct turns *t,
                          struct wave *block, double *own)
{
    struct wave step[LL_SEASONS_BLOCKS];
    double most = 0;
    for (size_t b = 0; b < f->blocks; b++) {
        step[b] = to_power(t->step[b], h);
        block[b] = times(block[b], to_power(t->back[b], h));
    }
    for (size_t i = 0; i <= 2 * SHIFTS; i++) {
        struct wave sum = {0};
        for (size_t b = 0; b < f->blocks; b++) {
            sum.re += block[b].re;
            sum.im += block[b].im;
            block[b] = times(block[b], step[b]);
        }
        own[i] = power(sum);
        most = LL_MAX(most, own[i]);
    }
    return most;
}

/* The same in units of what chance would give: noise is what blocks differ by when they are most
 * in phase. */
static double in_noise(const struct ll_seasons_fold *f, const struct wave *circle, size_t h,
                       const struct turns *t, double *own)
{
    struct wave block[LL_SEASONS_BLOCKS];
    double k = (double)f->blocks, all = transform(f, circle, h, block);
    double most = turn_blocks(f, h, t, block, own);
    double noise = (all - most / k) * k / (k - 1) + 1e-300;
    for (size_t i = 0; i <= 2 * SHIFTS; i++)
        own[i] /= noise;
    return most / noise;
}

/* Powers at each shift of the harmonics that have a say: not by chance, nor next to nothing beside
 * the strongest. */
static void add_up(const struct ll_seasons_fold *f, double period, double unit, double *powers)
{
    struct wave circle[LL_SEASONS_BINS], first = turn(2 * M_PI / LL_SEASONS_BINS);
    struct turns turns;
    double own[HARMONICS][2 * SHIFTS + 1], most[HARMONICS], top = CHANCE / WEAK;
    size_t harmonics = LL_MIN((size_t)(period / 2), (size_t)HARMONICS);
    circle[0] = (struct wave){1, 0};
    for (size_t j = 1; j < LL_SEASONS_BINS; j++)
        circle[j] = times(circle[j - 1], first);
    fill_turns(f, unit, &turns);
    for (size_t h = 0; h < harmonics; h++) {
        most[h] = in_noise(f, circle, h + 1, &turns, own[h]);
        top = LL_MAX(top, most[h]);
    }
    for (size_t h = 0; h < harmonics; h++)
        for (size_t i = 0; i <= 2 * SHIFTS && most[h] >= WEAK * top; i++)
            powers[i] += own[h][i];
}

/* `bend`: log likelihood that a period loses by the square of how much its frequency is off.  Whole
 * steps are taken when they are not told apart within n, or when they lose little and the next
 * whole ones much more. */
static double whole_if_likely(double period, double bend, double n)
{
    double whole = round(period), next = whole + (period > whole ? 1 : -1);
    double off = 1 / whole - 1 / period, next_off = 1 / next - 1 / period;
    double loss = bend * off * off, next_loss = bend * next_off * next_off;
    bool within_a_step = fabs(off) * n * whole < 0.75;
    return within_a_step || (loss < UNLIKELY && next_loss > loss + UNLIKELY) ? whole : period;
}

/* The shift of the frequency, in units, at which they are most in phase; its place in powers. */
static size_t most_in_phase(const struct ll_seasons_series *s, double period, double unit,
                            double powers[static 2 * SHIFTS + 1])
{
    struct ll_seasons_fold f;
    size_t best = SHIFTS;
    for (size_t i = 0; i <= 2 * SHIFTS; i++)
        powers[i] = 0;
    ll_seasons_fold(s, period, LL_SEASONS_BINS, &f);
    add_up(&f, period, unit, powers);
    for (size_t i = 0; i <= 2 * SHIFTS; i++)
        best = powers[i] > powers[best] ? i : best;
    return best;
}

double ll_seasons_phase_refine(const struct ll_seasons_series *s, double period)
{
    double powers[2 * SHIFTS + 1], unit = 1 / ((double)s->n * SHIFTS), bend = 0;
    /* Cycles of a wrong length blur the phases, and beyond what is looked at may be a better one:
     * from where it seems to be it is looked at again. */
    for (int turn = 0; turn < TURNS; turn++) {
        if (period < 2 || ll_seasons_cycles(s->n, period) < 3)
            return period;
        const size_t best = most_in_phase(s, period, unit, powers);
        if (powers[best] <= 0)
            return period;
        double shift = (double)best - SHIFTS;
        if (best > 0 && best < 2 * SHIFTS) {
            const double slope = 0.5 * (powers[best + 1] - powers[best - 1]);
            bend = powers[best - 1] - 2 * powers[best] + powers[best + 1];
            shift += bend < 0 ? -slope / bend : 0;
        }
        period = 1 / (1 / period + shift * unit);
        if (fabs(shift) < NEAR)
            break;
    }
    return whole_if_likely(period, -0.5 * bend / (unit * unit), (double)s->n);
}
