#include <stdlib.h>
#include <string.h>

#include "collect/promql_poll.h"

#define NAMES_EVERY (10 * LL_MINUTE)
#define FACTS_EVERY (60 * LL_SECOND) /* the next poll after a minute asks again */
#define FACTS_LAST (5 * LL_MINUTE)
#define NAMES_BACK (15 * LL_MINUTE) /* metrics that had a value so long ago */

enum { SET_TIMES = 4, COUNTS_MAX = 20000 };

static struct ll_promql_source *source_of(struct ll_source *s)
{
    return (struct ll_promql_source *)(void *)s;
}

static void promql_close(struct ll_source *base)
{
    if (!base)
        return;
    struct ll_promql_source *s = source_of(base);
    for (size_t i = 0; s->entries && i < s->o.n_queries; i++)
        ll_labeled_set_free(s->entries[i].last);
    ll_http_client_free(s->client);
    free(s->entries);
    free(s->business);
    free(s->counted);
    free(s);
}

static void set_defaults(struct ll_promql_opts *o)
{
    o->interval = o->interval ? o->interval : 30 * LL_SECOND;
    o->timeout = o->timeout ? o->timeout : 10 * LL_SECOND;
    o->rate_window = o->rate_window ? o->rate_window : 2 * LL_MINUTE;
    o->max_series = o->max_series ? o->max_series : 100000;
    o->max_bytes = o->max_bytes ? o->max_bytes : (size_t)64 << 20;
}

static bool copy_lists(struct ll_promql_source *s, const struct ll_promql_opts *o)
{
    s->entries = calloc(o->n_queries + 1, sizeof(*s->entries));
    s->business = calloc(o->n_business + 1, sizeof(*s->business));
    s->counted = calloc(o->n_business + 1, sizeof(*s->counted));
    if (!s->entries || !s->business || !s->counted)
        return false;
    for (size_t i = 0; i < o->n_queries; i++)
        s->entries[i].q = o->queries[i];
    for (size_t i = 0; i < o->n_business; i++) {
        s->business[i] = o->business[i];
        if (s->business[i].interval <= 0)
            s->business[i].interval = LL_MINUTE;
        s->counted[i] = LL_TIME_NONE;
    }
    return true;
}

static bool promql_open(const void *opts, struct ll_source **out, struct ll_err *err)
{
    struct ll_promql_source *s = calloc(1, sizeof(*s));
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a source");
    s->base.ops = &ll_source_prometheus;
    s->o = *(const struct ll_promql_opts *)opts;
    set_defaults(&s->o);
    if (!copy_lists(s, opts) || !ll_http_client_new(&s->client, err)) {
        if (!s->client && s->counted)
            ll_err_wrap(err, "asking %s", s->o.url);
        else
            ll_err_set(err, LL_E_MEMORY, "no memory for a source");
        promql_close(&s->base);
        return false;
    }
    *out = &s->base;
    return true;
}

static void mark(void *ctx, struct ll_slice name)
{
    struct ll_promql_source *s = ctx;
    for (size_t i = 0; i < s->o.n_queries; i++)
        s->entries[i].there |= ll_slice_eq(s->entries[i].q.name, name);
}

static void all_there(struct ll_promql_source *s, bool yes)
{
    for (size_t i = 0; i < s->o.n_queries; i++)
        s->entries[i].there = yes || s->entries[i].q.name.n == 0;
}

static void make_names_form(const struct ll_promql_poll *p, struct ll_str *form)
{
    struct ll_str match;
    ll_str_init(form, LL_PROMQL_FORM_MAX);
    ll_promql_form_time(form, "start", p->t - NAMES_BACK);
    ll_promql_form_time(form, "end", p->t);
    if (!p->s->o.match)
        return;
    ll_str_init(&match, LL_PROMQL_FORM_MAX);
    ll_promql_narrow(&match, LL_SLICE(""), p->s->o.match);
    form->failed |= match.failed;
    ll_promql_form(form, "match%5B%5D", (struct ll_slice){match.s, match.n});
    ll_str_fini(&match);
}

/* Learns which metrics there are.  A server that does not tell is asked for all of them. */
static void learn_names(struct ll_promql_poll *p)
{
    struct ll_promql_source *s = p->s;
    struct ll_http_response r = {0};
    struct ll_err err = {0};
    struct ll_str form;
    if (s->named && p->mono - s->named_mono < NAMES_EVERY)
        return;
    make_names_form(p, &form);
    all_there(s, false);
    bool ok = ll_promql_get(p, "/api/v1/label/__name__/values", &form, &r, &err) &&
              ll_promql_read_list(r.body, r.n, mark, s, &err);
    ll_http_response_fini(&r);
    ll_str_fini(&form);
    if (!ok) {
        all_there(s, true);
        ll_promql_failed(p, LL_SLICE("names of metrics"), &err);
    }
    s->named_mono = p->mono;
    s->named = false;
    for (size_t i = 0; ok && i < s->o.n_queries; i++)
        s->named |= s->entries[i].there; /* where nothing is yet, the next poll looks again */
}

static void make_query(const struct ll_promql_source *s, const struct ll_mapping_query *q,
                       struct ll_str *out)
{
    char window[LL_DUR_TEXT_MAX];
    bool rate = q->counter && q->name.n;
    ll_str_init(out, LL_PROMQL_FORM_MAX / 4);
    if (rate)
        ll_str_addz(out, "rate(");
    ll_promql_narrow(out, q->selector, s->o.match);
    if (rate)
        ll_str_addf(out, "[%s])", ll_dur_format(s->o.rate_window, window));
}

/* rate() of several metrics at once would lose which is which: counters without a name are asked
 * as they are, and the mapper makes their rates. */
static enum ll_labeled_kind kind_of(const struct ll_mapping_query *q)
{
    if (q->name.n == 0)
        return q->counter ? LL_LABELED_COUNTER : LL_LABELED_UNKNOWN;
    return q->counter ? LL_LABELED_RATE : LL_LABELED_GAUGE;
}

static bool query(struct ll_promql_poll *p, const struct ll_mapping_query *q,
                  struct ll_labeled_set *into)
{
    struct ll_str text;
    struct ll_promql_read_opts o = {
        .kind = kind_of(q), .name = q->name, .max_series = p->s->o.max_series};
    make_query(p->s, q, &text);
    struct ll_slice shown = q->selector.n ? q->selector : q->name;
    bool ok = ll_promql_query(p, shown, (struct ll_slice){text.s, text.n}, p->t, &o, into);
    ll_str_fini(&text);
    return ok;
}

/* Takes out what belongs to targets that are gone. */
static void drop_gone(struct ll_promql_poll *p, size_t from)
{
    size_t to = from;
    for (size_t i = from; p->targets && i < p->set->n; i++) {
        if (ll_promql_targets_gone(p->targets, p->set->v[i].labels))
            p->gone++;
        else
            p->set->v[to++] = p->set->v[i];
    }
    if (!p->targets)
        return;
    p->set->points -= p->set->n - to; /* one each */
    p->set->n = to;
}

static void ask_value(struct ll_promql_poll *p, const struct ll_mapping_query *q)
{
    size_t before = p->set->n;
    if (!query(p, q, p->set))
        return;
    p->fresh += p->set->n - before;
    drop_gone(p, before);
}

/* Gives a kept answer again, as of now. */
static bool feed(struct ll_promql_poll *p, const struct ll_labeled_set *from)
{
    struct ll_label labels[LL_LABELS_MAX];
    for (size_t i = 0; i < from->n; i++) {
        struct ll_slice rest = from->v[i].labels;
        struct ll_labeled_point point = {p->t, from->v[i].points[0].bits};
        size_t n = 0;
        while (n < LL_LABELS_MAX && ll_labels_next(&rest, &labels[n]))
            n++;
        if (!ll_labeled_set_add(p->set, labels, n, from->v[i].kind, &point, 1))
            return false;
    }
    return true;
}

/* All facts that are kept take no more than one answer may. */
static bool may_keep(const struct ll_promql_source *s)
{
    size_t bytes = 0;
    for (size_t i = 0; i < s->o.n_queries; i++)
        if (s->entries[i].last)
            bytes += ll_arena_used(s->entries[i].last->arena);
    return bytes <= s->o.max_bytes;
}

static void forget(struct ll_promql_entry *e)
{
    ll_labeled_set_free(e->last);
    e->last = NULL;
}

static void renew(struct ll_promql_poll *p, struct ll_promql_entry *e)
{
    LL_AUTO(ll_labeled_set) set = ll_labeled_set_new(64, p->s->o.max_bytes);
    struct ll_err err = {.code = LL_E_MEMORY, .text = "no memory for its series"};
    if (!set) {
        ll_promql_failed(p, e->q.selector, &err);
        return;
    }
    if (!query(p, &e->q, set))
        return;
    forget(e);
    p->fresh += set->n;
    e->last = set;
    e->last_mono = p->mono;
    set = NULL;
}

static void ask_fact(struct ll_promql_poll *p, struct ll_promql_entry *e)
{
    struct ll_err full = {.code = LL_E_MEMORY, .text = "all answers together are too large"};
    if (!e->last || p->mono - e->last_mono >= FACTS_EVERY)
        renew(p, e);
    if (e->last && p->mono - e->last_mono > FACTS_LAST)
        forget(e);
    const size_t n = p->set->n, points = p->set->points;
    if (e->last && !feed(p, e->last)) {
        p->set->n = n;
        p->set->points = points;
        ll_promql_failed(p, e->q.selector, &full);
    }
    if (!may_keep(p->s))
        forget(e);
}

static void learn_targets(struct ll_promql_poll *p, struct ll_labeled_set *ups)
{
    struct ll_promql_read_opts o = {.kind = LL_LABELED_GAUGE, .max_series = p->s->o.max_series};
    struct ll_str up, text;
    ll_str_init(&up, LL_PROMQL_FORM_MAX / 4);
    ll_promql_narrow(&up, LL_SLICE("up"), p->s->o.match);
    ll_str_init(&text, LL_PROMQL_FORM_MAX / 2);
    ll_str_addf(&text, "timestamp(%s) * %s", ll_str_z(&up), ll_str_z(&up));
    if (ll_promql_query(p, LL_SLICE("up"), (struct ll_slice){text.s, text.n}, p->t, &o, ups))
        p->targets = ll_promql_targets_new(ups, p->t, p->s->o.rate_window, p->s->o.seed);
    ll_str_fini(&up);
    ll_str_fini(&text);
}

static void ask_all(struct ll_promql_poll *p)
{
    struct ll_promql_source *s = p->s;
    const size_t n = s->o.n_queries;
    size_t next = s->first;
    for (size_t i = 0; i < n; i++)
        if (s->entries[i].q.fact && s->entries[i].there)
            ask_fact(p, &s->entries[i]);
    for (size_t k = 0; k < n; k++) {
        const struct ll_promql_entry *e = &s->entries[(s->first + k) % n];
        size_t before = p->not_asked;
        if (e->q.fact || !e->there)
            continue;
        ask_value(p, &e->q);
        if (p->not_asked > before && next == s->first)
            next = (s->first + k) % n;
    }
    s->first = next;
}

/* Hands over what came; false when nothing did although there were failures. */
static bool finish(struct ll_promql_poll *p, struct ll_source_poll *out, struct ll_err *err)
{
    ll_promql_note(p, out->note, sizeof(out->note));
    out->requests = p->requests;
    out->failed = p->failed;
    out->complete = !p->failed && !p->not_asked && !p->said.partial && p->set->n > 0;
    if (p->failed && p->fresh == 0 && p->counts.n == 0)
        return ll_err_set(err, p->err.code, "%s", p->err.text);
    if (p->set->n == 0 && p->counts.n == 0)
        return true;
    out->business = LL_ARENA_NEW(p->set->arena, struct ll_business, p->counts.n);
    if (!out->business)
        return ll_err_set(err, LL_E_MEMORY, "no memory for business metrics");
    if (p->counts.n)
        memcpy(out->business, p->counts.v, p->counts.n * sizeof(*out->business));
    out->n_business = p->counts.n;
    out->set = p->set;
    p->set = NULL;
    return true;
}

static bool promql_poll(struct ll_source *base, ll_time now, ll_time mono, const _Atomic bool *stop,
                        struct ll_source_poll *out, ll_dur *retry_after, struct ll_err *err)
{
    struct ll_promql_source *s = source_of(base);
    struct ll_promql_poll p = {
        .s = s,
        .server = {.url = s->o.url, .access = s->o.access, .max_bytes = s->o.max_bytes},
        .counts = {.cap = COUNTS_MAX},
        .t = ll_time_floor(now, LL_SECOND),
        .mono = mono,
        .left = s->o.interval,
        .stop = stop};
    LL_AUTO(ll_labeled_set) ups = ll_labeled_set_new(64, s->o.max_bytes);
    p.set = ll_labeled_set_new(1024, SET_TIMES * s->o.max_bytes);
    *out = (struct ll_source_poll){0};
    *retry_after = 0;
    bool ok = (ups && p.set) || ll_err_set(err, LL_E_MEMORY, "no memory for answers");
    if (ok) {
        learn_names(&p);
        learn_targets(&p, ups);
        ask_all(&p);
        ll_promql_count(&p);
        *retry_after = p.retry_after;
        ok = finish(&p, out, err);
    }
    ll_promql_targets_free(p.targets);
    ll_promql_counts_fini(&p.counts);
    ll_labeled_set_free(p.set);
    return ok;
}

const struct ll_source_ops ll_source_prometheus = {
    .name = "prometheus",
    .doc = "asks a Prometheus-compatible server by PromQL",
    .open = promql_open,
    .close = promql_close,
    .poll = promql_poll,
};
