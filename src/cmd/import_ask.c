#include "cmd/import_ask.h"

#include <string.h>

#include "base/vec.h"

enum { TRIES = 8, METRICS_MAX = 10000 };

LL_VEC_DEFINE(metric_list, struct ll_import_metric)

/* A name list, and those of a mapping's queries that want it. */
struct names {
    const struct ll_mapping *mapping;
    struct ll_import_server *s;
    struct ll_arena *arena;
    struct metric_list list;
    struct ll_mapping_query like; /* of a selector without a name: what its metrics are */
    bool failed;
};

static void push(struct names *n, struct ll_slice name, struct ll_slice selector, bool counter,
                 bool fact)
{
    struct ll_str text;
    struct ll_import_metric m = {.counter = counter, .fact = fact, .name = name};
    ll_str_init(&text, LL_PROMQL_FORM_MAX / 4);
    ll_promql_narrow(&text, selector, n->s->match);
    m.name.s = ll_arena_copy(n->arena, name.s, name.n);
    m.selector = ll_arena_copy(n->arena, ll_str_z(&text), text.n);
    n->failed |= text.failed || !m.name.s || !m.selector || !metric_list_push(&n->list, m);
    ll_str_fini(&text);
}

/* Each metric that the server has, against each that mappings read. */
static void take_name(void *ctx, struct ll_slice name)
{
    struct names *n = ctx;
    struct ll_mapping_query q;
    for (size_t i = 0; ll_mapping_query(n->mapping, i, &q); i++)
        if (ll_slice_eq(q.name, name))
            push(n, name, q.selector, q.counter, q.fact);
}

static bool is_total(struct ll_slice name)
{
    static const char end[] = "_total";
    const size_t len = sizeof(end) - 1;
    return name.n > len && memcmp(name.s + name.n - len, end, len) == 0;
}

/* Functions drop the name, so metrics behind a selector without one are asked one by one. */
static void take_like(void *ctx, struct ll_slice name)
{
    struct names *n = ctx;
    struct ll_str text;
    ll_str_init(&text, LL_PROMQL_FORM_MAX / 4);
    ll_str_addz(&text, "__name__=\"");
    for (size_t i = 0; i < name.n; i++)
        ll_str_addf(&text, "%s%c", strchr("\"\\", name.s[i]) ? "\\" : "", name.s[i]);
    ll_str_addz(&text, "\"");
    struct ll_str both;
    ll_str_init(&both, LL_PROMQL_FORM_MAX / 4);
    ll_promql_narrow(&both, n->like.selector, ll_str_z(&text));
    n->failed |= both.failed;
    push(n, name, (struct ll_slice){both.s, both.n}, n->like.counter || is_total(name),
         n->like.fact);
    ll_str_fini(&text);
    ll_str_fini(&both);
}

/* True when it is worth another try, which is then waited for. */
static bool wait_again(struct ll_import_server *s, size_t tries, ll_dur retry_after,
                       const struct ll_err *why)
{
    bool transient = ll_err_info(why->code)->retryable || why->code == LL_E_MEDIA;
    if (!transient || why->code == LL_E_MEMORY || s->pace->stopped || tries + 1 >= TRIES)
        return false;
    ll_dur wait = ll_import_pace_backoff(tries, retry_after);
    ll_import_pace_say(s->pace, "%s; again in %lld s", why->text, (long long)(wait / LL_SECOND));
    return ll_import_pace_wait(s->pace, wait);
}

static bool exchange(struct ll_import_server *s, const char *path, const struct ll_str *form,
                     bool get, struct ll_http_response *r, ll_dur *retry_after, struct ll_err *err)
{
    bool ok =
        ll_promql_ask(s->client, &s->server, path, form, get, s->timeout, r, retry_after, err);
    ll_dur took = ll_http_client_took(s->client);
    if (ll_import_pace_rest(s->pace, took))
        return ok;
    if (ok)
        ll_http_response_fini(r);
    return ll_err_set(err, LL_E_BUSY, "interrupted");
}

static bool ask_names(struct ll_import_server *s, const struct ll_str *form,
                      void (*each)(void *ctx, struct ll_slice name), struct names *n,
                      struct ll_err *err)
{
    for (size_t tries = 0;; tries++) {
        struct ll_http_response r = {0};
        struct ll_err why = {0};
        ll_dur wait = 0;
        bool ok = exchange(s, "/api/v1/label/__name__/values", form, true, &r, &wait, &why) &&
                  ll_promql_read_list(r.body, r.n, each, n, &why);
        ll_http_response_fini(&r);
        if (ok)
            return true;
        if (!wait_again(s, tries, wait, &why)) {
            *err = why;
            return ll_err_wrap(err, "asking %s which metrics it has", s->server.url);
        }
    }
}

static bool ask_matching(struct ll_import_server *s, struct ll_slice selector, ll_time from,
                         ll_time to, void (*each)(void *ctx, struct ll_slice name), struct names *n,
                         struct ll_err *err)
{
    struct ll_str form, match;
    ll_str_init(&form, LL_PROMQL_FORM_MAX);
    ll_str_init(&match, LL_PROMQL_FORM_MAX / 4);
    ll_promql_form_time(&form, "start", from);
    ll_promql_form_time(&form, "end", to);
    ll_promql_narrow(&match, selector, s->match);
    if (match.n)
        ll_promql_form(&form, "match%5B%5D", (struct ll_slice){match.s, match.n});
    form.failed |= match.failed;
    bool ok = ask_names(s, &form, each, n, err);
    ll_str_fini(&form);
    ll_str_fini(&match);
    return ok;
}

static bool collect(struct names *n, ll_time from, ll_time to, struct ll_err *err)
{
    struct ll_mapping_query q;
    if (!ask_matching(n->s, LL_SLICE(""), from, to, take_name, n, err))
        return false;
    for (size_t i = 0; ll_mapping_query(n->mapping, i, &q); i++) {
        if (q.name.n)
            continue;
        n->like = q;
        if (!ask_matching(n->s, q.selector, from, to, take_like, n, err))
            return false;
    }
    return !n->failed || ll_err_set(err, LL_E_MEMORY, "no memory for names of metrics");
}

bool ll_import_ask_metrics(struct ll_import_server *s, const struct ll_mapping *mapping,
                           ll_time from, ll_time to, struct ll_arena *out,
                           struct ll_import_metric **metrics, size_t *n, struct ll_err *err)
{
    struct names all = {.mapping = mapping, .s = s, .arena = out, .list = {.cap = METRICS_MAX}};
    bool ok = collect(&all, from, to, err);
    struct ll_import_metric *copy =
        ok ? LL_ARENA_NEW(out, struct ll_import_metric, all.list.n) : NULL;
    if (ok && !copy)
        ok = ll_err_set(err, LL_E_MEMORY, "no memory for names of metrics");
    if (ok) {
        if (all.list.n)
            memcpy(copy, all.list.v, all.list.n * sizeof(*copy));
        *metrics = copy;
        *n = all.list.n;
    }
    metric_list_fini(&all.list);
    return ok;
}

static void make_form(const char *query, ll_time from, ll_time to, ll_dur step, ll_dur timeout,
                      size_t limit, struct ll_str *form)
{
    ll_str_init(form, LL_PROMQL_FORM_MAX);
    ll_promql_form(form, "query", ll_slice_of(query));
    ll_promql_form_time(form, "start", from);
    ll_promql_form_time(form, "end", to);
    ll_str_addf(form, "&step=%lld&limit=%zu", (long long)(step / LL_SECOND), limit);
    ll_promql_form_span(form, "timeout", timeout);
}

/* Evaluated at from, from + step, ... to: asked once. */
static bool ask_once(struct ll_import_server *s, const char *query, ll_time from, ll_time to,
                     ll_dur step, const struct ll_promql_read_opts *like,
                     struct ll_labeled_set *set, ll_dur *retry_after, struct ll_err *err)
{
    const size_t before = set->n, points = set->points;
    struct ll_promql_read_opts o = *like;
    struct ll_promql_said said = {0};
    struct ll_http_response r = {0};
    struct ll_str form;
    o.from = from;
    o.to = to;
    make_form(query, from, to, step, s->timeout, s->max_series + 1, &form);
    bool ok = exchange(s, "/api/v1/query_range", &form, false, &r, retry_after, err) &&
              ll_promql_read(r.body, r.n, &o, set, &said, err);
    ll_http_response_fini(&r);
    ll_str_fini(&form);
    if (!ok || !said.partial || s->accept_partial)
        return ok;
    set->n = before;
    set->points = points;
    return ll_err_set(err, LL_E_IO,
                      "the answer may lack something: %s (--accept-partial takes it as it is)",
                      said.note);
}

/* As ask_once, until it works.  *smaller: it must be asked in smaller pieces. */
static bool ask_piece(struct ll_import_server *s, const char *query, ll_time from, ll_time to,
                      ll_dur step, const struct ll_promql_read_opts *o, struct ll_labeled_set *set,
                      bool *smaller, struct ll_err *err)
{
    *smaller = false;
    for (size_t tries = 0;; tries++) {
        struct ll_err why = {0};
        ll_dur wait = 0;
        if (ask_once(s, query, from, to, step, o, set, &wait, &why))
            return true;
        *smaller = s->points > 1 && (why.code == LL_E_TOO_LARGE || why.code == LL_E_TIMEOUT);
        if (*smaller || !wait_again(s, tries, wait, &why)) {
            *err = why;
            return false;
        }
    }
}

bool ll_import_ask_range(struct ll_import_server *s, const char *query, ll_time from, ll_time to,
                         ll_dur step, enum ll_labeled_kind kind, struct ll_slice name,
                         struct ll_labeled_set *set, struct ll_err *err)
{
    const size_t before = set->n, points = set->points;
    const struct ll_promql_read_opts o = {.matrix = true,
                                          .kind = kind,
                                          .name = name,
                                          .max_series = s->max_series,
                                          .max_points = LL_IMPORT_POINTS_MAX + 1};
    for (ll_time at = from + step; at <= to;) {
        ll_time end = LL_MIN(to, at + (ll_time)(s->points - 1) * step);
        bool smaller;
        if (ask_piece(s, query, at, end, step, &o, set, &smaller, err)) {
            at = end + step;
        } else if (smaller) {
            size_t had = (size_t)((end - at) / step) + 1;
            s->points = LL_MAX((size_t)1, LL_MIN(s->points, had) / 2);
            s->halved++;
        } else {
            set->n = before;
            set->points = points;
            return false;
        }
    }
    return true;
}
