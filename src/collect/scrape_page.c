/* One page: the exchange, and its samples under the labels of the target. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/exposition.h"
#include "collect/scrape_private.h"

static const char accepted[] = "application/openmetrics-text;version=1.0.0,"
                               "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/* A page while it is read. */
struct reading {
    const struct ll_scrape_job *job;
    const struct ll_scrape_peer *peer;
    struct ll_scrape_page *page;
    ll_time now;
    struct ll_label v[LL_LABELS_MAX * 3];
};

void ll_scrape_page_drop(struct ll_scrape_page *page)
{
    ll_labeled_set_free(page->set);
    ll_map_free(page->seen);
    page->set = NULL;
    page->seen = NULL;
}

static void fail(struct ll_scrape_page *page, enum ll_scrape_fault fault, const char *message)
{
    ll_scrape_page_drop(page);
    page->samples = 0;
    page->fault = fault;
    snprintf(page->message, sizeof(page->message), "%s", message);
}

static bool has_name(const struct ll_label *v, size_t n, struct ll_slice name)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].name, name))
            return true;
    return false;
}

/* The first of exported_NAME, exported_exported_NAME, … that nobody has. */
static bool rename_label(const struct reading *r, const struct ll_exposition_sample *s, size_t own,
                         struct ll_slice *out)
{
    const struct ll_scrape_peer *p = r->peer;
    const size_t one = sizeof("exported_") - 1;
    const struct ll_slice all = p->exported[own];
    for (size_t k = 1; k <= LL_SCRAPE_EXPORTED; k++) {
        size_t cut = (LL_SCRAPE_EXPORTED - k) * one;
        const struct ll_slice name = {all.s + cut, all.n - cut};
        if (has_name(s->labels, s->n, name) || has_name(p->labels, p->n_labels, name))
            continue;
        *out = name;
        return true;
    }
    return false;
}

/* The labels of page and target in one, nearly sorted. */
static bool merge(struct reading *r, const struct ll_exposition_sample *s, size_t *n,
                  struct ll_err *err)
{
    const struct ll_scrape_peer *p = r->peer;
    size_t own = 0;
    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct ll_label l = s->labels[i];
        while (own < p->n_labels && ll_slice_cmp(p->labels[own].name, l.name) < 0)
            r->v[(*n)++] = p->labels[own++];
        if (own < p->n_labels && ll_slice_eq(p->labels[own].name, l.name) &&
            !rename_label(r, s, own, &l.name))
            return ll_err_set(err, LL_E_RANGE, "no name is free for the label '%.*s' of the page",
                              (int)LL_MIN(l.name.n, (size_t)80), l.name.s);
        r->v[(*n)++] = l;
    }
    while (own < p->n_labels)
        r->v[(*n)++] = p->labels[own++];
    if (*n > LL_LABELS_MAX || !ll_labels_sort(r->v, n, err))
        return *n <= LL_LABELS_MAX
                   ? ll_err_wrap(err, "with the labels of the target")
                   : ll_err_set(err, LL_E_RANGE, "%zu labels are more than %d", *n, LL_LABELS_MAX);
    return true;
}

/* Of two samples of one series the first counts, unless the page's own times tell them apart. */
static bool remember(struct ll_scrape_page *page, bool own_time, struct ll_err *err)
{
    struct ll_labeled_set *set = page->set;
    const struct ll_labeled_series *s = &set->v[set->n - 1];
    size_t before;
    if (ll_map_get(page->seen, s->labels, &before)) {
        if (own_time && set->v[before].points[0].t != s->points[0].t)
            return true;
        set->points -= s->n;
        set->n--;
        page->repeated++;
        return true;
    }
    return ll_map_put(page->seen, s->labels, set->n - 1) ||
           ll_err_set(err, LL_E_MEMORY, "no memory for the series of a page");
}

static bool take_sample(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct reading *r = ctx;
    bool own_time = r->job->opts.honor_timestamps && s->has_time;
    const struct ll_labeled_point point = {own_time ? s->t : r->now, s->bits};
    size_t n;
    r->page->samples++;
    if (point.t < LL_TIME_MIN || point.t > LL_TIME_MAX) {
        r->page->beyond++;
        return true;
    }
    if (!merge(r, s, &n, err))
        return false;
    if (!ll_labeled_set_add(r->page->set, r->v, n, s->kind, &point, 1))
        return ll_err_set(err, LL_E_MEMORY, "no memory for the series of a page");
    return remember(r->page, own_time, err);
}

static enum ll_scrape_fault fault_of_page(enum ll_err_code code)
{
    switch (code) {
    case LL_E_TOO_LARGE:
        return LL_SCRAPE_TOO_MANY;
    case LL_E_RANGE:
        return LL_SCRAPE_LABELS;
    case LL_E_MEMORY:
        return LL_SCRAPE_INTERNAL;
    default:
        return LL_SCRAPE_FORMAT;
    }
}

/* What was not one of the exchange's own errors is about the files of secrets. */
static enum ll_scrape_fault fault_of_exchange(enum ll_err_code code)
{
    switch (code) {
    case LL_E_UNREACHABLE:
    case LL_E_USAGE:
        return LL_SCRAPE_UNREACHABLE;
    case LL_E_TIMEOUT:
        return LL_SCRAPE_TIMEOUT;
    case LL_E_TOO_LARGE:
        return LL_SCRAPE_TOO_LARGE;
    case LL_E_BUSY:
        return LL_SCRAPE_SKIPPED;
    case LL_E_MEMORY:
    case LL_E_INTERNAL:
        return LL_SCRAPE_INTERNAL;
    default:
        return LL_SCRAPE_CREDENTIALS;
    }
}

static bool make_room(const struct ll_scrape_job *job, const struct ll_scrape_peer *p,
                      struct ll_scrape_page *page)
{
    const struct ll_scrape_opts *o = &job->opts;
    /* A short line grows by the target's labels, a point and rounding. */
    size_t per_sample = ll_labels_size(p->labels, p->n_labels) + 128;
    page->set = ll_labeled_set_new(p->last ? p->last->n : 64,
                                   o->max_bytes * 2 + o->max_samples * per_sample + (1 << 16));
    page->seen = ll_map_new(o->seed, o->max_samples);
    return page->set && page->seen;
}

/* By how much the job's series grow with this page. */
static long long growth(const struct ll_scrape_peer *p)
{
    return (long long)p->page.set->n - (p->last ? (long long)p->last->n : 0);
}

/* A page that does not grow always fits. */
static bool fits(struct ll_scrape_job *job, const struct ll_scrape_peer *p)
{
    const long long more = growth(p);
    long long all = atomic_fetch_add(&job->remembered, more) + more;
    if (more <= 0 || all <= (long long)job->opts.max_series)
        return true;
    atomic_fetch_sub(&job->remembered, more);
    return false;
}

void ll_scrape_page_undo(struct ll_scrape_job *job, struct ll_scrape_peer *p)
{
    if (p->page.set)
        atomic_fetch_sub(&job->remembered, growth(p));
    ll_scrape_page_drop(&p->page);
}

/* A page whose last line has no end may have been cut inside a number; OpenMetrics says # EOF. */
static bool is_whole(struct ll_slice body, bool om)
{
    return om || body.n == 0 || body.s[body.n - 1] == '\n';
}

void ll_scrape_page_read(struct ll_scrape_job *job, struct ll_scrape_peer *p, struct ll_slice body,
                         bool om, ll_time now)
{
    struct ll_scrape_page *page = &p->page;
    struct reading *r = calloc(1, sizeof(*r));
    struct ll_err err = {0};
    char text[sizeof(page->message)];
    if (!r || !make_room(job, p, page)) {
        free(r);
        fail(page, LL_SCRAPE_INTERNAL, "no memory for a page");
        return;
    }
    *r = (struct reading){.job = job, .peer = p, .page = page, .now = now};
    const struct ll_exposition_opts opts = {
        .format = om ? LL_EXPOSITION_OM : LL_EXPOSITION_TEXT,
        .max_bytes = job->opts.max_bytes,
        .max_samples = job->opts.max_samples,
        .on_sample = take_sample,
        .ctx = r,
    };
    bool ok = ll_exposition_parse(body, &opts, &err);
    free(r);
    if (!ok) {
        snprintf(text, sizeof(text), "line %d, column %d: %.200s", err.line, err.column, err.text);
        fail(page, fault_of_page(err.code), err.line ? text : err.text);
    } else if (!is_whole(body, om)) {
        fail(page, LL_SCRAPE_FORMAT, "the last line does not end: the page may have been cut");
    } else if (!fits(job, p)) {
        fail(page, LL_SCRAPE_TOO_MANY, "the series of the job are over their limit");
    }
}

/* The client asks while it waits. */
static bool is_stopped(void *ctx)
{
    const _Atomic bool *stop = *(const _Atomic bool *const *)ctx;
    return stop && atomic_load(stop);
}

static void take_answer(struct ll_scrape_job *job, struct ll_scrape_peer *p,
                        const struct ll_http_response *answer, ll_time now)
{
    char text[80];
    bool om = strcmp(answer->content_type, "application/openmetrics-text") == 0;
    if (answer->status != 200) {
        snprintf(text, sizeof(text), "status %d%s", answer->status,
                 answer->status / 100 == 3 ? "; redirects are not followed" : "");
        fail(&p->page, LL_SCRAPE_STATUS, text);
    } else if (strcmp(answer->content_type, "text/html") == 0) {
        fail(&p->page, LL_SCRAPE_CONTENT_TYPE, "an HTML page, not metrics");
    } else {
        ll_scrape_page_read(job, p, (struct ll_slice){answer->body, answer->n}, om, now);
    }
}

void ll_scrape_page_fetch(struct ll_scrape_job *job, struct ll_scrape_peer *p,
                          struct ll_http_client *http, ll_time now, const _Atomic bool *stop)
{
    struct ll_http_response answer = {0};
    struct ll_err err = {0};
    const struct ll_http_request req = {
        .method = LL_HTTP_GET,
        .url = p->url,
        .accept = accepted,
        .no_proxy = true, /* a proxy's answer about itself is not the target's */
        .connect_timeout = job->opts.timeout,
        .timeout = job->opts.timeout,
        .max_bytes = job->opts.max_bytes,
        .stop = is_stopped,
        .stop_ctx = &stop,
    };
    if (!ll_http_access_do(&job->opts.access, http, &req, &answer, &err)) {
        fail(&p->page, fault_of_exchange(err.code), err.text);
    } else {
        take_answer(job, p, &answer, now);
        ll_http_response_fini(&answer);
    }
    p->page.took = ll_http_client_took(http);
}
