/* Windows of stabilisation, as autoscaling/v2 has them: no lower than the lowest answer of the
 * scale-out window wants to rise, no higher than the highest answer of the scale-in window wants
 * to fall.  What is remembered are answers before this stage; the first sight begins with the
 * count that was found, so that a daemon that just started scales nothing in for one window. */
#include <string.h>

#include "scaling/stages.h"

static const struct ll_rates *rates_in(const struct ll_scaling_work *w, size_t rule)
{
    const struct ll_rates *r = &w->in->rules[rule].rule->in;
    return r->n > 0 || r->window > 0 ? r : &w->in->target->in;
}

static const struct ll_rates *rates_out(const struct ll_scaling_work *w, size_t rule)
{
    const struct ll_rates *r = &w->in->rules[rule].rule->out;
    return r->n > 0 || r->window > 0 ? r : &w->in->target->out;
}

/* The longest of the rules that count: were it the winner's alone, a higher load with another
 * winner could end lower. */
static void windows(const struct ll_scaling_work *w, ll_dur *in, ll_dur *out)
{
    size_t n = 0;
    *in = *out = 0;
    for (size_t i = 0; i < w->in->n_rules; i++) {
        if (!ll_scaling_counts(w, i))
            continue;
        n++;
        *in = LL_MAX(*in, rates_in(w, i)->window);
        *out = LL_MAX(*out, rates_out(w, i)->window);
    }
    if (n == 0) {
        *in = w->in->target->in.window;
        *out = w->in->target->out.window;
    }
    if (w->in->now < w->next->widened)
        *in *= 2;
}

void ll_scaling_stabilize_prepare(struct ll_scaling_work *w)
{
    const struct ll_scaling_state *s = w->next;
    ll_dur in, out;
    windows(w, &in, &out);
    w->window_lo = INT64_MAX;
    w->window_hi = INT64_MIN;
    w->window_lo_end = w->window_hi_end = LL_TIME_NONE;
    for (size_t i = 0; i < s->n_answers; i++) {
        const struct ll_answer *a = &s->answers[i];
        if (w->in->now - a->t < out && a->value <= w->window_lo) {
            w->window_lo = a->value;
            w->window_lo_end = a->t + out;
        }
        if (w->in->now - a->t < in && a->value >= w->window_hi) {
            w->window_hi = a->value;
            w->window_hi_end = a->t + in;
        }
    }
}

int64_t ll_scaling_stabilize(const struct ll_scaling_work *w, int64_t before,
                             struct ll_stage_note *note)
{
    const int64_t lo = LL_MIN(w->window_lo, before), hi = LL_MAX(w->window_hi, before);
    const int64_t after = LL_MAX(lo, LL_MIN(hi, w->current));
    const bool wakes = w->current == 0 && before > 0;
    if (after == before || w->override || wakes)
        return ll_scaling_note(note, before, before, LL_BOUND_NONE, NULL);
    const bool up = before > w->current;
    char end[LL_TIME_TEXT_MAX];
    return ll_scaling_note(note, before, after, up ? LL_BOUND_WINDOW_UP : LL_BOUND_WINDOW_DOWN,
                           "%lld was the %s answer of the window, until %s",
                           (long long)(up ? w->window_lo : w->window_hi), up ? "lowest" : "highest",
                           ll_time_format(up ? w->window_lo_end : w->window_hi_end, end));
}

/* An answer counts for the highest while no later one is as high, for the lowest while none is as
 * low; what counts for neither goes. */
static void thin(struct ll_scaling_state *s)
{
    int64_t hi = INT64_MIN, lo = INT64_MAX;
    size_t kept = LL_STATE_ANSWERS;
    for (size_t i = s->n_answers; i-- > 0;) {
        const struct ll_answer a = s->answers[i];
        if (a.value <= hi && a.value >= lo)
            continue;
        hi = LL_MAX(hi, a.value);
        lo = LL_MIN(lo, a.value);
        s->answers[--kept] = a;
    }
    s->n_answers = LL_STATE_ANSWERS - kept;
    memmove(s->answers, s->answers + kept, s->n_answers * sizeof(s->answers[0]));
}

/* Two neighbours become one, the higher and the later: scale-in is held rather too long. */
static void merge_nearest(struct ll_scaling_state *s)
{
    size_t at = 0;
    for (size_t i = 1; i + 1 < s->n_answers; i++)
        if (s->answers[i + 1].t - s->answers[i].t < s->answers[at + 1].t - s->answers[at].t)
            at = i;
    s->answers[at + 1].value = LL_MAX(s->answers[at].value, s->answers[at + 1].value);
    memmove(s->answers + at, s->answers + at + 1, (s->n_answers - at - 1) * sizeof(s->answers[0]));
    s->n_answers--;
}

void ll_scaling_answer(struct ll_scaling_state *s, ll_time now, int64_t value)
{
    if (s->n_answers == LL_STATE_ANSWERS)
        merge_nearest(s);
    s->answers[s->n_answers++] = (struct ll_answer){.t = now, .value = value};
    thin(s);
}
