/* The tap: for a while the labels of all that passes the intake are noted, so that a changed
 * mapping can be tried on them (`loadline check mapping`).  Mappers forget what no rule reads. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/intake_private.h"

enum { TAP_BYTES = 192 << 20, TAP_SERIES = 300000, ANSWER_S = 10 };

static const ll_dur tap_for = 5 * LL_MINUTE;

/* Who asks waits; whoever comes second frees it. */
struct ll_intake_wait {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    unsigned refs;
    bool done;
    struct ll_labeled_set *set;
};

static void drop_wait(struct ll_intake_wait *w)
{
    pthread_mutex_lock(&w->lock);
    bool last = --w->refs == 0;
    pthread_mutex_unlock(&w->lock);
    if (!last)
        return;
    ll_labeled_set_free(w->set);
    pthread_cond_destroy(&w->answered);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void ll_intake_tap_end(struct ll_intake *in)
{
    ll_labeled_set_free(in->tap.set);
    ll_map_free(in->tap.seen);
    in->tap = (struct ll_intake_tap){0};
}

void ll_intake_tap_begin(struct ll_intake *in)
{
    struct ll_intake_tap *t = &in->tap;
    if (!t->set) {
        t->set = ll_labeled_set_new(1024, TAP_BYTES);
        t->seen = ll_map_new(in->e->seed, TAP_SERIES);
    }
    if (t->set && t->seen)
        t->until = in->e->clock.mono(in->e->clock.self) + tap_for;
    else
        ll_intake_tap_end(in);
}

static bool note(struct ll_intake_tap *t, const char *source, const struct ll_labeled_series *s)
{
    struct ll_label v[LL_LABELS_MAX + 1], l;
    size_t n = 0;
    struct ll_slice rest = s->labels;
    v[n++] = (struct ll_label){LL_SLICE("__source__"), ll_slice_of(source)};
    while (n < LL_LEN(v) && ll_labels_next(&rest, &l))
        if (!ll_slice_is(l.name, "__source__"))
            v[n++] = l;
    if (!ll_labels_sort(v, &n, NULL))
        return true; /* as long as they can be already: left out */
    return ll_labeled_set_add(t->set, v, n, s->kind, s->n ? &s->points[s->n - 1] : NULL,
                              s->n ? 1 : 0);
}

void ll_intake_tap_series(struct ll_intake *in, const char *source,
                          const struct ll_labeled_series *s)
{
    struct ll_intake_tap *t = &in->tap;
    size_t i;
    if (!t->set || t->full || ll_map_get(t->seen, s->labels, &i))
        return;
    size_t before = t->set->n;
    t->full = !note(t, source, s);
    if (t->full || t->set->n == before)
        return;
    /* The key must live as long as the map: a copy, since __source__ was added to the noted one. */
    char *key = ll_arena_copy(t->set->arena, s->labels.s, s->labels.n);
    t->full = !key || !ll_map_put(t->seen, (struct ll_slice){key, s->labels.n}, before);
}

void ll_intake_tap_tick(struct ll_intake *in)
{
    if (in->tap.set && in->e->clock.mono(in->e->clock.self) >= in->tap.until)
        ll_intake_tap_end(in);
}

/* A copy of what was noted so far. */
static struct ll_labeled_set *copy_tap(const struct ll_intake_tap *t)
{
    size_t n = t->set ? t->set->n : 0;
    LL_AUTO(ll_labeled_set) copy = ll_labeled_set_new(n, TAP_BYTES);
    for (size_t i = 0; copy && i < n; i++) {
        const struct ll_labeled_series *s = &t->set->v[i];
        struct ll_label v[LL_LABELS_MAX];
        size_t k = 0;
        struct ll_slice rest = s->labels;
        while (k < LL_LEN(v) && ll_labels_next(&rest, &v[k]))
            k++;
        if (!ll_labeled_set_add(copy, v, k, s->kind, s->points, s->n))
            return NULL;
    }
    struct ll_labeled_set *made = copy;
    copy = NULL;
    return made;
}

void ll_intake_answer(struct ll_intake *in, struct ll_intake_wait *w)
{
    struct ll_labeled_set *set = copy_tap(&in->tap);
    pthread_mutex_lock(&w->lock);
    w->set = set;
    w->done = true;
    pthread_cond_signal(&w->answered);
    pthread_mutex_unlock(&w->lock);
    drop_wait(w);
}

void ll_intake_unanswered(struct ll_intake_wait *w)
{
    if (w)
        drop_wait(w);
}

static struct ll_intake_wait *new_wait(void)
{
    struct ll_intake_wait *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->refs = 2;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->answered, NULL);
    return w;
}

static struct ll_labeled_set *wait_for(struct ll_intake_wait *w)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ANSWER_S;
    pthread_mutex_lock(&w->lock);
    while (!w->done && pthread_cond_timedwait(&w->answered, &w->lock, &until) == 0)
        continue;
    struct ll_labeled_set *set = w->set;
    w->set = NULL;
    pthread_mutex_unlock(&w->lock);
    drop_wait(w);
    return set;
}

static bool post(struct ll_engine *e, struct ll_intake_msg *m)
{
    if (m && ll_queue_push(e->intake->queue, m))
        return true;
    free(m);
    return false;
}

bool ll_engine_tap(struct ll_engine *e, struct ll_err *err)
{
    struct ll_intake_msg *m = calloc(1, sizeof(*m));
    if (m)
        m->what = LL_INTAKE_TAP;
    return post(e, m) || ll_err_set(err, LL_E_BUSY, "the intake is busy: try again");
}

bool ll_engine_tapped(struct ll_engine *e, struct ll_labeled_set **out, struct ll_err *err)
{
    struct ll_intake_msg *m = calloc(1, sizeof(*m));
    struct ll_intake_wait *w = m ? new_wait() : NULL;
    if (!w) {
        free(m);
        return ll_err_set(err, LL_E_MEMORY, "no memory to ask the intake");
    }
    m->what = LL_INTAKE_ASKED;
    m->wait = w;
    if (!post(e, m)) {
        drop_wait(w);
        drop_wait(w);
        return ll_err_set(err, LL_E_BUSY, "the intake is busy: try again");
    }
    struct ll_labeled_set *set = wait_for(w);
    if (!set)
        return ll_err_set(err, LL_E_BUSY, "the intake did not answer in time: try again");
    *out = set;
    return true;
}
