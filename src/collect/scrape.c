#include "collect/scrape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/scrape_private.h"
#include "os/thread.h"

enum { WORKERS = 8, SET_BYTES = 1 << 30, NOTE_BYTES = 1024 };

struct scraper {
    struct ll_source base;
    struct ll_scrape_job job;
    struct ll_file_sd *sd; /* NULL = no files */
    struct ll_scrape_peers peers, gone;
    struct ll_http_client *http[WORKERS]; /* made when first needed */
    bool synced;
    uint64_t faults[LL_SCRAPE_FAULTS];
    char target_note[NOTE_BYTES]; /* about targets, since they were last looked at */
};

/* One poll, as its workers see it. */
struct round {
    struct scraper *s;
    atomic_size_t next; /* peer to ask */
    ll_time now;
    const _Atomic bool *stop;
};

struct worker {
    struct round *round;
    struct ll_http_client *http;
    pthread_t thread;
};

static const char *const fault_names[LL_SCRAPE_FAULTS] = {
#define X(code, name) [code] = name,
    LL_SCRAPE_FAULT_TABLE(X)
#undef X
};

const char *ll_scrape_fault_name(enum ll_scrape_fault f)
{
    return fault_names[f];
}

static void close_source(struct ll_source *base)
{
    struct scraper *s = (struct scraper *)base;
    if (!s)
        return;
    for (size_t i = 0; i < WORKERS; i++)
        ll_http_client_free(s->http[i]);
    ll_scrape_peers_fini(&s->peers);
    ll_scrape_peers_fini(&s->gone);
    ll_file_sd_free(s->sd);
    free(s);
}

static void fill_defaults(struct ll_scrape_opts *o)
{
    o->scheme = o->scheme ? o->scheme : "http";
    o->path = o->path ? o->path : "/metrics";
    o->timeout = o->timeout ? o->timeout : 10 * LL_SECOND;
    o->budget = o->budget ? o->budget : LL_MINUTE;
    o->max_samples = o->max_samples ? o->max_samples : 50000;
    o->max_bytes = o->max_bytes ? o->max_bytes : (size_t)16 << 20;
    o->max_targets = o->max_targets ? o->max_targets : 4096;
    o->max_series = o->max_series ? o->max_series : 500000;
}

static bool check_opts(const struct ll_scrape_opts *o, struct ll_err *err)
{
    if (!o->job || !o->job[0])
        return ll_err_set(err, LL_E_CONFIG, "a scrape needs the name of its job");
    for (size_t i = 0; i < o->n_labels; i++) {
        const char *name = o->labels[i].name, *value = o->labels[i].value;
        if (!name || !ll_scrape_is_label_name(name) || strncmp(name, "__", 2) == 0)
            return ll_err_set(err, LL_E_CONFIG, "'%s' is no name of a label", name ? name : "");
        if (value && !ll_utf8_valid(value, strlen(value)))
            return ll_err_set(err, LL_E_CONFIG, "the value of label '%s' is not UTF-8", name);
    }
    if (o->n_labels > LL_FILE_SD_LABELS_MAX)
        return ll_err_set(err, LL_E_CONFIG, "%zu labels are more than %d", o->n_labels,
                          LL_FILE_SD_LABELS_MAX);
    return true;
}

static bool open_source(const void *opts, struct ll_source **out, struct ll_err *err)
{
    const struct ll_scrape_opts *o = opts;
    if (!check_opts(o, err))
        return false;
    struct scraper *s = calloc(1, sizeof(*s));
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a scraper");
    s->base.ops = &ll_source_scrape;
    s->job.opts = *o;
    fill_defaults(&s->job.opts);
    bool files = o->file_sd && o->file_sd[0];
    s->sd = files ? ll_file_sd_new(o->file_sd) : NULL;
    if (files && !s->sd) {
        close_source(&s->base);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a scraper");
    }
    if (!ll_http_client_new(&s->http[0], err)) {
        close_source(&s->base);
        return false;
    }
    *out = &s->base;
    return true;
}

/* Looks which targets there are, the first time and whenever a file changed. */
static bool refresh(struct scraper *s, struct ll_str *note, struct ll_err *err)
{
    struct ll_err fault = {0};
    bool changed = false;
    if (s->sd && !ll_file_sd_refresh(s->sd, &changed, &fault))
        ll_str_addf(note, "%s; ", fault.text);
    if (s->synced && !changed)
        return true;
    struct ll_str about;
    ll_str_init(&about, NOTE_BYTES);
    s->synced = ll_scrape_targets_sync(&s->job, s->sd, &s->peers, &s->gone, &about, err);
    snprintf(s->target_note, sizeof(s->target_note), "%s", ll_str_z(&about));
    ll_str_fini(&about);
    return s->synced;
}

static void skip(struct ll_scrape_peer *p)
{
    p->page.fault = LL_SCRAPE_SKIPPED;
    snprintf(p->page.message, sizeof(p->page.message), "the time for all targets was over");
}

/* Its time is the sum of its exchanges: a worker does nothing else that takes long. */
static void *work(void *arg)
{
    struct worker *w = arg;
    struct round *r = w->round;
    ll_dur spent = 0;
    size_t i;
    while ((i = atomic_fetch_add(&r->next, 1)) < r->s->peers.n) {
        struct ll_scrape_peer *p = r->s->peers.v[i];
        if ((r->stop && atomic_load(r->stop)) || spent >= r->s->job.opts.budget) {
            skip(p);
            continue;
        }
        ll_scrape_page_fetch(&r->s->job, p, w->http, r->now, r->stop);
        spent += p->page.took;
    }
    return NULL;
}

static void clear_pages(struct scraper *s)
{
    for (size_t i = 0; i < s->peers.n; i++) {
        ll_scrape_page_undo(&s->job, s->peers.v[i]);
        s->peers.v[i]->page = (struct ll_scrape_page){0};
    }
}

/* Before any thread runs: starting the library is not for many at once. */
static size_t make_clients(struct scraper *s)
{
    struct ll_err ignored;
    size_t n = 1, wanted = LL_MIN((size_t)WORKERS, s->peers.n);
    while (n < wanted && (s->http[n] || ll_http_client_new(&s->http[n], &ignored)))
        n++;
    return n;
}

/* With as many threads as there is work for; where one cannot start the others do its part. */
static void ask_all(struct round *r)
{
    struct worker workers[WORKERS];
    struct ll_err ignored;
    size_t n = 1, clients = make_clients(r->s);
    workers[0] = (struct worker){.round = r, .http = r->s->http[0]};
    for (; n < clients; n++) {
        workers[n] = (struct worker){.round = r, .http = r->s->http[n]};
        if (!ll_thread_start(&workers[n].thread, work, &workers[n], "ll-scrape", &ignored))
            break;
    }
    work(&workers[0]);
    for (size_t i = 1; i < n; i++)
        pthread_join(workers[i].thread, NULL);
}

/* Adds a series whose labels are encoded already. */
static bool add_encoded(struct ll_labeled_set *set, const struct ll_labeled_series *from,
                        enum ll_labeled_kind kind, const struct ll_labeled_point *point)
{
    struct ll_label v[LL_LABELS_MAX + 1];
    struct ll_slice rest = from->labels;
    size_t n = 0;
    while (n < LL_LEN(v) && ll_labels_next(&rest, &v[n]))
        n++;
    return ll_labeled_set_add(set, v, n, kind, point, 1);
}

static bool add_own(struct ll_labeled_set *set, const struct ll_scrape_peer *p, const char *name,
                    ll_time t, uint64_t bits)
{
    struct ll_label v[LL_LABELS_MAX + 1];
    const struct ll_labeled_point point = {t, bits};
    size_t n = p->n_labels;
    if (n >= LL_LABELS_MAX)
        return true; /* no page has room for its labels either */
    memcpy(v, p->labels, n * sizeof(*v));
    v[n++] = (struct ll_label){LL_LABELS_NAME, ll_slice_of(name)};
    struct ll_err ignored;
    return ll_labels_sort(v, &n, &ignored) &&
           ll_labeled_set_add(set, v, n, LL_LABELED_GAUGE, &point, 1);
}

/* What was there at the last good scrape and is not now has ended.  Series with times of their
 * own are not ended: the page says when they were. */
static bool add_stale(struct ll_labeled_set *set, const struct ll_scrape_peer *p, ll_time now)
{
    const struct ll_labeled_point end = {now, LL_LABELED_STALE};
    size_t ignored;
    for (size_t i = 0; p->last && i < p->last->n; i++) {
        const struct ll_labeled_series *s = &p->last->v[i];
        if (s->points[0].t != p->last_t ||
            (p->page.seen && ll_map_get(p->page.seen, s->labels, &ignored)))
            continue;
        if (!add_encoded(set, s, s->kind, &end))
            return false;
    }
    return true;
}

static const char *const own_names[] = {"up", "scrape_duration_seconds", "scrape_samples_scraped"};

/* Everything of one target into the poll's set. */
static bool deliver(struct ll_labeled_set *set, const struct ll_scrape_peer *p, ll_time now)
{
    const struct ll_scrape_page *page = &p->page;
    const double values[] = {page->set ? 1 : 0, (double)page->took / 1000, (double)page->samples};
    for (size_t i = 0; page->set && i < page->set->n; i++)
        if (!add_encoded(set, &page->set->v[i], page->set->v[i].kind, page->set->v[i].points))
            return false;
    if (!add_stale(set, p, now))
        return false;
    for (size_t i = 0; i < LL_LEN(own_names); i++)
        if (!add_own(set, p, own_names[i], now, ll_labeled_bits(values[i])))
            return false;
    return true;
}

static bool deliver_end(struct ll_labeled_set *set, const struct ll_scrape_peer *p, ll_time now)
{
    if (!add_stale(set, p, now))
        return false;
    for (size_t i = 0; p->asked && i < LL_LEN(own_names); i++)
        if (!add_own(set, p, own_names[i], now, LL_LABELED_STALE))
            return false;
    return true;
}

/* The page becomes what is remembered; a failed one forgets. */
static void settle(struct scraper *s, struct ll_scrape_peer *p, ll_time now)
{
    if (p->last && !p->page.set)
        atomic_fetch_sub(&s->job.remembered, (long long)p->last->n);
    ll_labeled_set_free(p->last);
    p->last = p->page.set;
    p->last_t = p->t = now;
    p->page.set = NULL;
    p->asked = true;
    ll_scrape_page_drop(&p->page);
    s->faults[p->page.fault]++;
}

static void drop_gone(struct scraper *s)
{
    for (size_t i = 0; i < s->gone.n; i++)
        if (s->gone.v[i]->last)
            atomic_fetch_sub(&s->job.remembered, (long long)s->gone.v[i]->last->n);
    ll_scrape_peers_fini(&s->gone);
}

static bool deliver_all(struct scraper *s, struct ll_labeled_set *set, ll_time now)
{
    for (size_t i = 0; i < s->peers.n; i++)
        if (!deliver(set, s->peers.v[i], now))
            return false;
    for (size_t i = 0; i < s->gone.n; i++)
        if (!deliver_end(set, s->gone.v[i], now))
            return false;
    return true;
}

/* "2 of 5 targets failed: http://a:9100/metrics: timeout: no answer in time". */
static void describe(const struct scraper *s, struct ll_str *note, struct ll_source_poll *out)
{
    const struct ll_scrape_peer *first = NULL;
    size_t repeated = 0, beyond = 0;
    for (size_t i = 0; i < s->peers.n; i++) {
        const struct ll_scrape_peer *p = s->peers.v[i];
        out->requests += p->page.fault != LL_SCRAPE_SKIPPED;
        out->failed += p->page.fault != LL_SCRAPE_OK;
        first = !first && p->page.fault != LL_SCRAPE_OK ? p : first;
        repeated += p->page.repeated;
        beyond += p->page.beyond;
    }
    if (first)
        ll_str_addf(note, "%zu of %zu targets failed: %s: %s: %s; ", out->failed, s->peers.n,
                    first->url, fault_names[first->page.fault], first->page.message);
    if (repeated)
        ll_str_addf(note, "%zu samples repeat a series of their page; ", repeated);
    if (beyond)
        ll_str_addf(note, "%zu samples have times that cannot be; ", beyond);
    ll_str_addz(note, s->target_note);
    size_t n = note->n >= 2 ? note->n - 2 : 0; /* without the last "; " */
    snprintf(out->note, sizeof(out->note), "%.*s", (int)n, ll_str_z(note));
}

static bool finish(struct scraper *s, const struct round *r, struct ll_str *note,
                   struct ll_source_poll *out, struct ll_err *err)
{
    LL_AUTO(ll_labeled_set) set = ll_labeled_set_new(1024, SET_BYTES);
    if (r->stop && atomic_load(r->stop)) {
        clear_pages(s);
        return ll_err_set(err, LL_E_BUSY, "stopped while targets were scraped");
    }
    bool ok = set && deliver_all(s, set, r->now);
    for (size_t i = 0; i < s->peers.n; i++)
        settle(s, s->peers.v[i], r->now);
    drop_gone(s);
    if (!ok)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the series of job '%s'",
                          s->job.opts.job);
    describe(s, note, out);
    if (set->n > 0) {
        out->set = set;
        set = NULL;
    }
    return true;
}

static bool poll_source(struct ll_source *base, ll_time now, ll_time mono, const _Atomic bool *stop,
                        struct ll_source_poll *out, ll_dur *retry_after, struct ll_err *err)
{
    struct scraper *s = (struct scraper *)base;
    struct round r = {.s = s, .now = now, .stop = stop};
    struct ll_source_poll made = {.complete = true};
    struct ll_str note;
    (void)mono;
    *retry_after = 0;
    ll_str_init(&note, NOTE_BYTES * 4);
    bool ok = refresh(s, &note, err);
    if (ok) {
        clear_pages(s);
        ask_all(&r);
        ok = finish(s, &r, &note, &made, err);
    }
    ll_str_fini(&note);
    if (ok)
        *out = made;
    return ok;
}

void ll_scrape_each(const struct ll_source *base,
                    void (*on_target)(void *ctx, const struct ll_scrape_target *t), void *ctx)
{
    const struct scraper *s = (const struct scraper *)base;
    for (size_t i = 0; i < s->peers.n; i++) {
        const struct ll_scrape_peer *p = s->peers.v[i];
        const size_t head = strlen(p->url) + 1;
        const struct ll_scrape_target t = {
            .url = {p->url, head - 1},
            .labels = {p->identity.s + head, p->identity.n - head},
            .asked = p->asked,
            .fault = p->page.fault,
            .message = p->page.message,
            .t = p->t,
            .took = p->page.took,
            .samples = p->page.samples,
        };
        on_target(ctx, &t);
    }
}

void ll_scrape_counts(const struct ll_source *base, uint64_t out[static LL_SCRAPE_FAULTS])
{
    const struct scraper *s = (const struct scraper *)base;
    memcpy(out, s->faults, sizeof(s->faults));
}

const struct ll_source_ops ll_source_scrape = {
    .name = "scrape",
    .doc = "pages of metrics of targets, Prometheus text and OpenMetrics",
    .open = open_source,
    .close = close_source,
    .poll = poll_source,
};
