#include "cmd/import_window.h"

#include <stdlib.h>

#include "base/vec.h"

enum { SET_BYTES = 256 << 20 };

#define ALL ((1u << LL_IMPORT_KINDS) - 1)
#define FORGET (6 * LL_HOUR)

/* A series of the set, and which mappers it is for. */
struct feed {
    struct ll_mapper_series *in[LL_IMPORT_KINDS];
    size_t at; /* the next point */
};

/* Series [from, to) of the set are for these mappers. */
struct span {
    size_t to;
    unsigned kinds;
};

LL_VEC_DEFINE(spans, struct span)

struct reader {
    struct ll_import_window *w;
    struct ll_import_cells *cells;
    struct ll_labeled_set *set;
    struct spans spans;
    enum ll_import_kind kind; /* whose mapper is speaking */
    bool full;
};

static bool ask(struct reader *r, const struct ll_import_metric *m, const char *query,
                enum ll_labeled_kind kind, unsigned kinds, struct ll_err *err)
{
    const struct ll_import_window *w = r->w;
    if (!ll_import_ask_range(w->server, query, w->from, w->to, w->step, kind, m->name, r->set, err))
        return ll_err_wrap(err, "%s", m->selector);
    return spans_push(&r->spans, (struct span){r->set->n, kinds})
               ? true
               : ll_err_set(err, LL_E_MEMORY, "no memory for a window");
}

static bool ask_fn(struct reader *r, const struct ll_import_metric *m, const char *fn,
                   unsigned kinds, struct ll_err *err)
{
    char span[LL_DUR_TEXT_MAX];
    struct ll_str q;
    ll_str_init(&q, LL_PROMQL_FORM_MAX / 2);
    ll_str_addf(&q, "%s(%s[%s])", fn, m->selector, ll_dur_format(r->w->step, span));
    bool rate = m->counter;
    bool ok = ask(r, m, ll_str_z(&q), rate ? LL_LABELED_RATE : LL_LABELED_GAUGE, kinds, err);
    ll_str_fini(&q);
    return ok;
}

/* The highest of the rates over the window of rate(), looked at every quarter of it. */
static bool ask_peaks(struct reader *r, const struct ll_import_metric *m, struct ll_err *err)
{
    char window[LL_DUR_TEXT_MAX], step[LL_DUR_TEXT_MAX], each[LL_DUR_TEXT_MAX];
    struct ll_str q;
    ll_str_init(&q, LL_PROMQL_FORM_MAX / 2);
    ll_str_addf(&q, "max_over_time(rate(%s[%s])[%s:%s])", m->selector,
                ll_dur_format(r->w->rate_window, window), ll_dur_format(r->w->step, step),
                ll_dur_format(LL_MAX(r->w->rate_window / 4, LL_SECOND), each));
    bool ok = ask(r, m, ll_str_z(&q), LL_LABELED_RATE, 1u << LL_IMPORT_MAX, err);
    ll_str_fini(&q);
    return ok;
}

static bool ask_counter(struct reader *r, const struct ll_import_metric *m, struct ll_err *err)
{
    if (!r->w->peaks)
        return ask_fn(r, m, "rate", ALL, err);
    return ask_fn(r, m, "rate", ALL & ~(1u << LL_IMPORT_MAX), err) && ask_peaks(r, m, err);
}

static bool ask_gauge(struct reader *r, const struct ll_import_metric *m, struct ll_err *err)
{
    return ask_fn(r, m, "avg_over_time", 1u << LL_IMPORT_MEAN, err) &&
           ask_fn(r, m, "max_over_time", 1u << LL_IMPORT_MAX, err) &&
           ask_fn(r, m, "min_over_time", 1u << LL_IMPORT_MIN, err);
}

/* A metric whose queries the server refuses for good is left out, and said. */
static bool ask_metric(struct reader *r, struct ll_import_metric *m, struct ll_err *err)
{
    const size_t n = r->set->n, points = r->set->points, spans = r->spans.n;
    bool ok = m->fact      ? ask(r, m, m->selector, LL_LABELED_GAUGE, ALL, err)
              : m->counter ? ask_counter(r, m, err)
                           : ask_gauge(r, m, err);
    if (ok || err->code != LL_E_INVALID)
        return ok;
    r->set->n = n;
    r->set->points = points;
    r->spans.n = spans;
    m->refused = true;
    ll_import_pace_say(r->w->server->pace, "left out: %s", err->text);
    return true;
}

/* Facts first: what is joined must be there. */
static bool ask_all(struct reader *r, struct ll_err *err)
{
    for (int facts = 1; facts >= 0; facts--)
        for (size_t i = 0; i < r->w->n_metrics; i++) {
            struct ll_import_metric *m = &r->w->metrics[i];
            if (m->refused || m->fact != (facts == 1))
                continue;
            if (!ask_metric(r, m, err))
                return false;
        }
    return true;
}

/* NULL when no rule reads it. */
static struct ll_mapper_series *mapped(struct ll_mapper *m, const struct ll_labeled_series *s)
{
    enum ll_mapper_fate fate = LL_MAPPER_UNMATCHED;
    bool raw;
    struct ll_mapper_series *in =
        ll_mapper_series(m, s->labels, s->kind, s->points[0].t, &fate, &raw);
    return fate == LL_MAPPER_MAPPED ? in : NULL;
}

static void meet(struct reader *r, struct feed *feeds)
{
    size_t span = 0;
    for (size_t i = 0; i < r->set->n; i++) {
        const struct ll_labeled_series *s = &r->set->v[i];
        while (span < r->spans.n && i >= r->spans.v[span].to)
            span++;
        LL_ASSERT(span < r->spans.n); /* each series came with a query */
        for (unsigned k = 0; s->n && k < LL_IMPORT_KINDS; k++)
            if (r->spans.v[span].kinds & (1u << k))
                feeds[i].in[k] = mapped(r->w->mapper[k], s);
    }
}

static void take_sample(void *ctx, const struct ll_sample *s)
{
    struct reader *r = ctx;
    r->full |= !ll_import_cells_add(r->cells, r->kind, s);
}

static void take_end(void *ctx, const struct ll_series_end *e)
{
    (void)ctx, (void)e;
}

static void take_facts(void *ctx, const struct ll_service_facts *f)
{
    (void)ctx, (void)f; /* of the past: nobody asks */
}

static void take_business(void *ctx, const struct ll_business *b)
{
    (void)ctx, (void)b; /* their intervals are not those of the windows */
}

static void map_step(struct reader *r, struct feed *feeds, ll_time t)
{
    const struct ll_mapper_out out = {r, take_sample, take_end, take_facts, take_business};
    for (unsigned k = 0; k < LL_IMPORT_KINDS; k++) {
        r->kind = (enum ll_import_kind)k;
        for (size_t i = 0; i < r->set->n; i++) {
            const struct ll_labeled_series *s = &r->set->v[i];
            if (feeds[i].in[k] && feeds[i].at < s->n && s->points[feeds[i].at].t == t)
                ll_mapper_put(r->w->mapper[k], feeds[i].in[k], &s->points[feeds[i].at], &out);
        }
        ll_mapper_close(r->w->mapper[k], t, LL_MAPPER_COMPLETE_FACTS, &out);
    }
    for (size_t i = 0; i < r->set->n; i++)
        while (feeds[i].at < r->set->v[i].n && r->set->v[i].points[feeds[i].at].t <= t)
            feeds[i].at++;
}

static bool map_all(struct reader *r, struct ll_err *err)
{
    struct feed *feeds = calloc(r->set->n + 1, sizeof(*feeds));
    if (!feeds)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a window");
    meet(r, feeds);
    for (ll_time t = r->w->from + r->w->step; t <= r->w->to; t += r->w->step) {
        map_step(r, feeds, t);
        ll_import_pace_tell(r->w->server->pace);
    }
    free(feeds);
    for (unsigned k = 0; k < LL_IMPORT_KINDS; k++)
        ll_mapper_forget(r->w->mapper[k], r->w->to - FORGET);
    return r->full ? ll_err_set(err, LL_E_MEMORY, "no memory for a window") : true;
}

bool ll_import_window_read(struct ll_import_window *w, struct ll_import_cells *cells,
                           struct ll_err *err)
{
    LL_AUTO(ll_labeled_set) set = ll_labeled_set_new(1024, SET_BYTES);
    struct reader r = {.w = w, .cells = cells, .set = set, .spans = {.cap = 1 << 20}};
    if (!set)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a window");
    bool ok = ask_all(&r, err) && map_all(&r, err);
    spans_fini(&r.spans);
    return ok;
}
