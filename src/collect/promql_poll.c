#include "collect/promql_poll.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What a poll may still take; 0 = its time is over. */
static ll_dur allowance(const struct ll_promql_poll *p)
{
    return LL_MAX((ll_dur)0, LL_MIN(p->s->o.timeout, p->left));
}

static bool may_ask(struct ll_promql_poll *p)
{
    if (atomic_load_explicit(p->stop, memory_order_relaxed))
        p->end = true;
    if (!p->end && allowance(p) > 0)
        return true;
    p->not_asked++;
    return false;
}

static bool is_stopped(void *ctx)
{
    const struct ll_promql_poll *p = ctx;
    return atomic_load_explicit(p->stop, memory_order_relaxed);
}

static bool ask(struct ll_promql_poll *p, const char *path, const struct ll_str *form, bool get,
                struct ll_http_response *out, struct ll_err *err)
{
    ll_dur wait = 0;
    p->server.stop = is_stopped;
    p->server.stop_ctx = p;
    p->requests++;
    bool ok =
        ll_promql_ask(p->s->client, &p->server, path, form, get, allowance(p), out, &wait, err);
    p->left -= LL_MAX((ll_dur)1, ll_http_client_took(p->s->client));
    p->retry_after = LL_MAX(p->retry_after, wait);
    return ok;
}

bool ll_promql_get(struct ll_promql_poll *p, const char *path, const struct ll_str *form,
                   struct ll_http_response *out, struct ll_err *err)
{
    if (!may_ask(p))
        return ll_err_set(err, LL_E_BUSY, "the poll has ended");
    return ask(p, path, form, true, out, err);
}

static bool ends_the_poll(enum ll_err_code code, size_t in_a_row)
{
    switch (code) {
    case LL_E_BUSY:
    case LL_E_UNAUTHENTICATED:
    case LL_E_DENIED:
    case LL_E_NOT_FOUND:
        return true;
    case LL_E_INVALID:
    case LL_E_TOO_LARGE:
    case LL_E_MEMORY:
        return false;
    default:
        return in_a_row > 1;
    }
}

void ll_promql_failed(struct ll_promql_poll *p, struct ll_slice what, const struct ll_err *err)
{
    p->failed++;
    p->in_a_row++;
    p->by_code[err->code]++;
    if (p->err.code == LL_E_OK) {
        p->err = *err;
        ll_err_wrap(&p->err, "%.*s", (int)LL_MIN(what.n, 100u), what.s);
    }
    p->end |= ends_the_poll(err->code, p->in_a_row);
}

static void add_said(struct ll_promql_said *all, const struct ll_promql_said *one)
{
    if (!all->note[0])
        memcpy(all->note, one->note, sizeof(all->note));
    all->partial |= one->partial;
    all->series += one->series;
    all->histograms += one->histograms;
    all->refused += one->refused;
}

static void make_form(const struct ll_promql_poll *p, struct ll_slice query, ll_time at,
                      size_t limit, struct ll_str *form)
{
    ll_str_init(form, LL_PROMQL_FORM_MAX);
    ll_promql_form(form, "query", query);
    ll_promql_form_time(form, "time", at);
    ll_promql_form_span(form, "timeout", allowance(p));
    ll_str_addf(form, "&limit=%zu", limit); /* one too many shows that there are more */
}

bool ll_promql_query(struct ll_promql_poll *p, struct ll_slice what, struct ll_slice query,
                     ll_time at, const struct ll_promql_read_opts *opts,
                     struct ll_labeled_set *into)
{
    struct ll_promql_read_opts o = *opts;
    struct ll_promql_said said = {0};
    struct ll_http_response r = {0};
    struct ll_err err = {0};
    struct ll_str form;
    if (!may_ask(p))
        return false;
    o.from = o.to = at;
    o.exact = true;
    o.max_points = 1;
    make_form(p, query, at, o.max_series + 1, &form);
    bool ok = ask(p, "/api/v1/query", &form, false, &r, &err) &&
              ll_promql_read(r.body, r.n, &o, into, &said, &err);
    ll_http_response_fini(&r);
    ll_str_fini(&form);
    if (!ok) {
        ll_promql_failed(p, what, &err);
        return false;
    }
    p->in_a_row = 0;
    add_said(&p->said, &said);
    return true;
}

/* "2 timeout, 1 too-large" */
static void list_codes(const struct ll_promql_poll *p, char *to, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < LL_E_COUNT; i++)
        if (p->by_code[i] && n < size)
            n += (size_t)snprintf(to + n, size - n, "%s%zu %s", n ? ", " : "", p->by_code[i],
                                  ll_err_info((enum ll_err_code)i)->name);
}

static void add(char *to, size_t size, const char *text)
{
    size_t n = strlen(to);
    if (n + 3 < size)
        snprintf(to + n, size - n, "%s%s", n ? "; " : "", text);
}

static void note_silence(const struct ll_promql_poll *p, char *to, size_t size)
{
    char names[160] = "", text[240];
    size_t n = 0;
    for (size_t i = 0; i < p->s->o.n_queries && n + 2 < sizeof(names); i++) {
        const struct ll_mapping_query *q = &p->s->entries[i].q;
        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.*s", n ? ", " : "",
                              (int)LL_MIN(q->selector.n, 80u), q->selector.s);
    }
    snprintf(text, sizeof(text), "it has no series of the %zu metrics that mappings read%s%s%s: %s",
             p->s->o.n_queries, p->s->o.match ? " with " : "", p->s->o.match ? p->s->o.match : "",
             p->gone ? " whose target is up" : "", names);
    add(to, size, text);
}

void ll_promql_note(const struct ll_promql_poll *p, char *to, size_t size)
{
    char text[400], codes[96] = "", span[LL_DUR_TEXT_MAX];
    size_t all = 0, down = p->targets ? ll_promql_targets_down(p->targets, &all) : 0;
    to[0] = '\0';
    if (p->failed) {
        list_codes(p, codes, sizeof(codes));
        snprintf(text, sizeof(text), "%zu of %zu queries failed (%s), the first: %.160s", p->failed,
                 p->requests, codes, p->err.text);
        add(to, size, text);
    }
    if (p->not_asked) {
        ll_dur_format_human(p->s->o.interval, span);
        snprintf(text, sizeof(text), "%zu not asked%s%s", p->not_asked,
                 p->end ? "" : ": the answers take longer than the interval of ",
                 p->end ? "" : span);
        add(to, size, text);
    }
    if (p->said.partial) {
        snprintf(text, sizeof(text), "answers may lack something: %s", p->said.note);
        add(to, size, text);
    }
    if (p->said.refused) {
        snprintf(text, sizeof(text), "%zu series have labels that are not valid", p->said.refused);
        add(to, size, text);
    }
    if (p->set->n == 0 && !p->failed && !p->end)
        note_silence(p, to, size);
    if (down) {
        snprintf(text, sizeof(text), "%zu of %zu targets are down or silent", down, all);
        add(to, size, text);
    }
    if (p->said.histograms) {
        snprintf(text, sizeof(text), "%zu native histograms are not read", p->said.histograms);
        add(to, size, text);
    }
}
