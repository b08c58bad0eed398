#include "engine/source_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/postgres.h"
#include "collect/promql.h"
#include "collect/scrape.h"

static struct ll_http_access access_of(const struct ll_config_http *h)
{
    return (struct ll_http_access){
        .bearer_token_file = h->bearer_token_file,
        .username = h->username,
        .password_file = h->password_file,
        .ca_file = h->ca_file,
        .cert_file = h->cert_file,
        .key_file = h->key_file,
        .tenant = h->tenant,
        .insecure_skip_verify = h->insecure_skip_verify,
    };
}

/* Prometheus. */
static size_t prometheus_count(const struct ll_config *c)
{
    return c->collect.n_prometheus;
}

static struct ll_slice prometheus_name(const struct ll_config *c, size_t i)
{
    return c->collect.prometheus[i].name;
}

static const void *prometheus_entry(const struct ll_config *c, size_t i)
{
    return &c->collect.prometheus[i];
}

static ll_dur prometheus_interval(const void *entry)
{
    return ((const struct ll_config_prometheus *)entry)->interval;
}

static void prometheus_url(const void *entry, char *out, size_t size)
{
    snprintf(out, size, "%s", ((const struct ll_config_prometheus *)entry)->url);
}

static size_t count_queries(const struct ll_mapping *m)
{
    struct ll_mapping_query q;
    size_t n = 0;
    while (ll_mapping_query(m, n, &q))
        n++;
    return n;
}

static struct ll_promql_business *business_of(const struct ll_config_prometheus *p)
{
    struct ll_promql_business *v = calloc(LL_MAX(p->n_business, (size_t)1), sizeof(*v));
    for (size_t i = 0; v && i < p->n_business; i++)
        v[i] = (struct ll_promql_business){.metric = p->business[i].metric,
                                           .query = p->business[i].query,
                                           .service = p->business[i].service,
                                           .venue = p->business[i].venue,
                                           .interval = p->business[i].interval};
    return v;
}

static bool prometheus_open(const struct ll_config *c, const void *entry, uint64_t seed,
                            struct ll_source **source, struct ll_collector **collector,
                            struct ll_err *err)
{
    const struct ll_config_prometheus *p = entry;
    size_t n = count_queries(c->collect.compiled);
    struct ll_mapping_query *queries = calloc(LL_MAX(n, (size_t)1), sizeof(*queries));
    struct ll_promql_business *business = business_of(p);
    bool ok = queries && business;
    (void)collector;
    for (size_t i = 0; ok && i < n; i++)
        ok = ll_mapping_query(c->collect.compiled, i, &queries[i]);
    const struct ll_promql_opts opts = {
        .url = p->url,
        .access = access_of(&p->http),
        .interval = p->interval,
        .timeout = p->timeout,
        .rate_window = p->rate_window,
        .match = p->match,
        .max_series = p->max_series,
        .max_bytes = p->max_bytes,
        .queries = queries,
        .n_queries = n,
        .business = business,
        .n_business = p->n_business,
        .seed = seed,
    };
    ok = ok ? ll_source_prometheus.open(&opts, source, err)
            : ll_err_set(err, LL_E_MEMORY, "no memory for a source");
    free(queries);
    free(business);
    return ok;
}

/* Scrape jobs. */
static size_t scrape_count(const struct ll_config *c)
{
    return c->collect.n_scrape;
}

static struct ll_slice scrape_name(const struct ll_config *c, size_t i)
{
    return c->collect.scrape[i].job;
}

static const void *scrape_entry(const struct ll_config *c, size_t i)
{
    return &c->collect.scrape[i];
}

static ll_dur scrape_interval(const void *entry)
{
    return ((const struct ll_config_scrape *)entry)->interval;
}

static void scrape_url(const void *entry, char *out, size_t size)
{
    const struct ll_config_scrape *s = entry;
    size_t n = 0;
    while (s->targets[n])
        n++;
    snprintf(out, size, "%s%s",
             n               ? s->targets[0]
             : s->file_sd[0] ? s->file_sd[0]
                             : "",
             n > 1 ? " and others" : "");
}

static bool scrape_open(const struct ll_config *c, const void *entry, uint64_t seed,
                        struct ll_source **source, struct ll_collector **collector,
                        struct ll_err *err)
{
    const struct ll_config_scrape *s = entry;
    (void)c;
    (void)collector;
    const struct ll_scrape_opts opts = {
        .job = s->job.s, /* of the configuration: it ends with NUL */
        .targets = s->targets,
        .file_sd = s->file_sd,
        .scheme = s->scheme,
        .path = s->path,
        .access = access_of(&s->http),
        .labels = s->labels,
        .n_labels = s->n_labels,
        .timeout = s->timeout,
        .budget = LL_MAX(s->interval, s->timeout),
        .max_samples = s->max_samples,
        .max_bytes = s->max_bytes,
        .honor_timestamps = s->honor_timestamps,
        .seed = seed,
    };
    return ll_source_scrape.open(&opts, source, err);
}

/* PostgreSQL. */
static size_t postgres_count(const struct ll_config *c)
{
    return c->collect.n_postgres;
}

static struct ll_slice postgres_name(const struct ll_config *c, size_t i)
{
    return c->collect.postgres[i].name;
}

static const void *postgres_entry(const struct ll_config *c, size_t i)
{
    return &c->collect.postgres[i];
}

static ll_dur postgres_interval(const void *entry)
{
    return ((const struct ll_config_postgres *)entry)->interval;
}

static void postgres_url(const void *entry, char *out, size_t size)
{
    (void)entry; /* may hold a password */
    snprintf(out, size, "%s", "");
}

static bool postgres_open(const struct ll_config *c, const void *entry, uint64_t seed,
                          struct ll_source **source, struct ll_collector **collector,
                          struct ll_err *err)
{
    const struct ll_config_postgres *p = entry;
    (void)c;
    (void)seed;
    (void)source;
    const struct ll_postgres_opts opts = {
        .service = p->name.s,
        .conninfo = p->conninfo,
        .password_file = p->password_file,
        .timeout = p->timeout,
    };
    return ll_collector_postgres.open(&opts, collector, err);
}

const struct ll_source_kind ll_source_kinds[LL_SOURCE_KINDS] = {
    {"postgres", NULL, postgres_count, postgres_name, postgres_entry, postgres_interval,
     postgres_url, postgres_open},
    {"prometheus", NULL, prometheus_count, prometheus_name, prometheus_entry, prometheus_interval,
     prometheus_url, prometheus_open},
    {"scrape", "scrape", scrape_count, scrape_name, scrape_entry, scrape_interval, scrape_url,
     scrape_open},
};

const void *ll_source_entry(const struct ll_source_kind *k, const struct ll_config *c,
                            const char *name)
{
    for (size_t i = 0; i < k->count(c); i++)
        if (ll_slice_is(k->name_of(c, i), name))
            return k->entry(c, i);
    return NULL;
}
