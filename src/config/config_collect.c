/* The tables of collect.prometheus, .scrape, .postgres, .remote_write and of mapping. */
#include "config/config_collect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/config_private.h"

#define TABLE(rows, type, init)                                                                    \
    {                                                                                              \
        (rows), LL_LEN(rows), sizeof(type), init                                                   \
    }
#define TEXT(k, at, text)                                                                          \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_SUBST, .offset = at, .min = 1,      \
        .max = 4096, .doc = (text)                                                                 \
    }
#define SPAN(k, at, lo, hi, std, text)                                                             \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_DURATION, .offset = at, .min = (double)(lo),                 \
        .max = (double)(hi), .standard = (std), .doc = (text)                                      \
    }
#define COUNT(k, at, lo, hi, std, what, text)                                                      \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_COUNT, .offset = at, .min = (lo), .max = (hi),               \
        .standard = (std), .unit = (what), .doc = (text)                                           \
    }
#define NAME(k, at, text)                                                                          \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE,                                                       \
        .flags = LL_SCHEMA_SUBST | LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, .offset = at, .min = 1,  \
        .max = LL_NAME_MAX, .doc = (text)                                                          \
    }
#define BYTES(k, at, std, text)                                                                    \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SIZE, .offset = at, .min = 1024, .max = 0x1p30,              \
        .standard = (std), .unit = "bytes", .doc = (text)                                          \
    }

static const char *check_url(struct ll_slice t)
{
    bool http = t.n > 7 && memcmp(t.s, "http://", 7) == 0;
    bool https = t.n > 8 && memcmp(t.s, "https://", 8) == 0;
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= ' ' || t.s[i] == '@' || t.s[i] == '#' || t.s[i] == '?')
            return "has a space, a query or credentials in it; those have keys of their own";
    return http || https ? NULL : "is not a URL such as http://127.0.0.1:9090";
}

#define H(field) offsetof(struct ll_config_http, field)
static const struct ll_schema_row http_rows[] = {
    TEXT("bearer_token_file", H(bearer_token_file), "file with the token to send"),
    TEXT("username", H(username), "user of HTTP basic authentication"),
    TEXT("password_file", H(password_file), "file with that user's password"),
    TEXT("ca_file", H(ca_file), "authority that signed the server's certificate"),
    TEXT("cert_file", H(cert_file), "certificate to show the server"),
    TEXT("key_file", H(key_file), "key of that certificate"),
    TEXT("tenant", H(tenant), "X-Scope-OrgID of Mimir, Cortex and Loki's kin"),
    {.key = "insecure_skip_verify",
     .type = LL_SCHEMA_BOOL,
     .offset = H(insecure_skip_verify),
     .standard = "false",
     .doc = "do not check the server's certificate"},
};
static const struct ll_schema http = TABLE(http_rows, struct ll_config_http, NULL);

#define B(field) offsetof(struct ll_config_business, field)
static const struct ll_schema_row business_rows[] = {
    {.key = "metric",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = B(metric),
     .min = 1,
     .max = LL_NAME_MAX,
     .doc = "name of the business metric: trades, orders, messages"},
    {.key = "query",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED,
     .offset = B(query),
     .min = 1,
     .max = 4096,
     .doc = "PromQL whose values are counts per interval: sum(increase(trades_total[1m]))"},
    TEXT("service", B(service), "service of the counts; without it the label service"),
    TEXT("venue", B(venue), "venue of the counts; without it the label venue"),
    SPAN("interval", B(interval), LL_SECOND, LL_DAY, "60s", "asked at each multiple of it"),
};
static const struct ll_schema business = TABLE(business_rows, struct ll_config_business, NULL);

#define P(field) offsetof(struct ll_config_prometheus, field)
static const struct ll_schema_row prometheus_rows[] = {
    NAME("name", P(name), "name of the source, as rules and pages call it"),
    {.key = "url",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_SUBST,
     .offset = P(url),
     .min = 8,
     .max = 2048,
     .check = check_url,
     .doc = "address of the server, up to before /api/v1"},
    {.key = "http",
     .type = LL_SCHEMA_STRUCT,
     .offset = P(http),
     .sub = &http,
     .doc = "credentials and TLS"},
    SPAN("interval", P(interval), LL_SECOND, LL_HOUR, "30s", "how often it is asked"),
    SPAN("timeout", P(timeout), 100, 10 * LL_MINUTE, "10s", "how long one answer may take"),
    SPAN("rate_window", P(rate_window), 10 * LL_SECOND, LL_HOUR, "2m",
         "window of rate(); at least four times the server's scrape interval"),
    TEXT("match", P(match), "more matchers for every query, such as cluster=\"prod\""),
    COUNT("max_series", P(max_series), 1, 1e7, "100000", "series",
          "series of one answer at most; a longer answer is not used"),
    BYTES("max_bytes", P(max_bytes), "64MiB", "bytes of one answer at most"),
    {.key = "business",
     .type = LL_SCHEMA_LIST,
     .offset = P(business),
     .offset_n = P(n_business),
     .max = 64,
     .sub = &business,
     .doc = "business metrics to ask it for"},
};
static const struct ll_schema prometheus =
    TABLE(prometheus_rows, struct ll_config_prometheus, NULL);

#define L(field) offsetof(struct ll_label_text, field)
static const struct ll_schema_row label_rows[] = {
    {.key = "name", .type = LL_SCHEMA_TEXT, .flags = LL_SCHEMA_KEY, .offset = L(name)},
    {.key = "value",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_VALUE | LL_SCHEMA_SUBST,
     .offset = L(value),
     .doc = "value of the label"},
};
static const struct ll_schema label = TABLE(label_rows, struct ll_label_text, NULL);

static const char *check_path(struct ll_slice t)
{
    return t.n > 0 && t.s[0] == '/' ? NULL : "does not begin with /";
}

static const char *check_scheme(struct ll_slice t)
{
    return ll_slice_is(t, "http") || ll_slice_is(t, "https") ? NULL : "is not http or https";
}

#define S(field) offsetof(struct ll_config_scrape, field)
static const struct ll_schema_row scrape_rows[] = {
    NAME("job", S(job), "name of the job: the label job of its series"),
    {.key = "targets",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = S(targets),
     .max = 4096,
     .standard = "",
     .doc = "host:port of each target"},
    {.key = "file_sd",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = S(file_sd),
     .max = 64,
     .standard = "",
     .doc = "files with more targets (JSON or YAML, as Prometheus has them); patterns allowed"},
    {.key = "scheme",
     .type = LL_SCHEMA_TEXT,
     .offset = S(scheme),
     .standard = "http",
     .check = check_scheme,
     .doc = "http or https"},
    {.key = "path",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = S(path),
     .max = 2048,
     .standard = "/metrics",
     .check = check_path,
     .doc = "path and query of the page"},
    {.key = "http",
     .type = LL_SCHEMA_STRUCT,
     .offset = S(http),
     .sub = &http,
     .doc = "credentials and TLS"},
    {.key = "labels",
     .type = LL_SCHEMA_MAP,
     .offset = S(labels),
     .offset_n = S(n_labels),
     .max = 64,
     .sub = &label,
     .doc = "labels for all its series"},
    SPAN("interval", S(interval), LL_SECOND, LL_HOUR, "15s", "how often targets are scraped"),
    SPAN("timeout", S(timeout), 100, 10 * LL_MINUTE, "10s", "how long one scrape may take"),
    COUNT("max_samples", S(max_samples), 1, 1e6, "50000", "samples",
          "samples of one scrape at most; a longer page is not used"),
    BYTES("max_bytes", S(max_bytes), "16MiB", "bytes of one page at most, after decompression"),
    {.key = "honor_timestamps",
     .type = LL_SCHEMA_BOOL,
     .offset = S(honor_timestamps),
     .standard = "false",
     .doc = "take the times that the page gives, instead of the time of the scrape"},
};
static const struct ll_schema scrape = TABLE(scrape_rows, struct ll_config_scrape, NULL);

#define PG(field) offsetof(struct ll_config_postgres, field)
static const struct ll_schema_row postgres_rows[] = {
    NAME("name", PG(name), "name of the service"),
    {.key = "conninfo",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_REQUIRED | LL_SCHEMA_SUBST | LL_SCHEMA_SECRET,
     .offset = PG(conninfo),
     .min = 1,
     .max = 4096,
     .doc = "how to connect, as libpq has it: host=db1 dbname=postgres user=loadline"},
    TEXT("password_file", PG(password_file), "file with the password"),
    SPAN("interval", PG(interval), LL_SECOND, LL_HOUR, "15s", "how often it is asked"),
    SPAN("timeout", PG(timeout), 100, 10 * LL_MINUTE, "5s", "how long one query may take"),
};
static const struct ll_schema postgres = TABLE(postgres_rows, struct ll_config_postgres, NULL);

#define C(field) offsetof(struct ll_config, collect.field)
static const struct ll_schema_row remote_write_rows[] = {
    {.key = "enabled",
     .type = LL_SCHEMA_BOOL,
     .offset = C(remote_write.enabled),
     .standard = "true",
     .doc = "take remote-write at POST /api/v1/write"},
    COUNT("max_series", C(remote_write.max_series), 1, 1e7, "200000", "series",
          "series remembered for mapping; further ones are refused, with a count and an alarm"),
    COUNT("max_samples", C(remote_write.max_samples), 1, 2e5, "200000", "samples",
          "samples of one request at most"),
};
static const struct ll_schema remote_write = TABLE(remote_write_rows, struct ll_config, NULL);

static const struct ll_schema_row collect_rows[] = {
    {.key = "host",
     .type = LL_SCHEMA_STRUCT,
     .sub = &ll_config_host_schema,
     .doc = "the collector of this host"},
    {.key = "prometheus",
     .type = LL_SCHEMA_LIST,
     .offset = C(prometheus),
     .offset_n = C(n_prometheus),
     .max = 64,
     .sub = &prometheus,
     .doc = "Prometheus-compatible servers to ask (Prometheus, Mimir, Thanos, VictoriaMetrics)"},
    {.key = "scrape",
     .type = LL_SCHEMA_LIST,
     .offset = C(scrape),
     .offset_n = C(n_scrape),
     .max = 256,
     .sub = &scrape,
     .doc = "pages of metrics to scrape"},
    {.key = "postgres",
     .type = LL_SCHEMA_LIST,
     .offset = C(postgres),
     .offset_n = C(n_postgres),
     .max = 64,
     .sub = &postgres,
     .doc = "PostgreSQL servers to watch, with a read-only role"},
    {.key = "remote_write",
     .type = LL_SCHEMA_STRUCT,
     .sub = &remote_write,
     .doc = "what Prometheus may send"},
};
const struct ll_schema ll_config_collect_schema = TABLE(collect_rows, struct ll_config, NULL);

static const char *const resource_names[] = {
#define X(member, name) [member] = name,
    LL_RESOURCE_TABLE(X)
#undef X
        NULL};
static const char *const value_names[] = {[LL_MAPPING_AUTO] = "auto",
                                          [LL_MAPPING_GAUGE] = "gauge",
                                          [LL_MAPPING_COUNTER] = "counter",
                                          NULL};
static const char *const combine_names[] = {
    [LL_MAPPING_SUM] = "sum", [LL_MAPPING_MAX] = "max", [LL_MAPPING_MEAN] = "mean", NULL};

static void init_rule(void *item)
{
    struct ll_mapping_rule *r = item;
    *r = (struct ll_mapping_rule){.resource_type = -1, .scale = NAN, .capacity = NAN};
}

static const char *check_unit(struct ll_slice t)
{
    enum ll_unit unit;
    return ll_unit_parse(t, &unit) ? NULL : "is not a unit such as cores, bytes or items";
}

#define M(field) offsetof(struct ll_mapping_rule, field)
static const struct ll_schema_row rule_rows[] = {
    {.key = "match",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_REQUIRED,
     .offset = M(match),
     .min = 1,
     .max = 64,
     .doc = "selectors of the series it is about, any of them: {job=\"orders\"}"},
    {.key = "raw",
     .type = LL_SCHEMA_BOOL,
     .offset = M(raw),
     .standard = "false",
     .doc = "keep these series under their own labels too, bit for bit"},
    {.key = "drop",
     .type = LL_SCHEMA_BOOL,
     .offset = M(drop),
     .standard = "false",
     .doc = "do not map these series, and do not count them as unmatched"},
    TEXT("service", M(service), "name of the service; {label} stands for a label's value"),
    TEXT("instance", M(instance), "name of the instance; {instance|host} leaves out the port"),
    TEXT("part", M(part), "part of the resource"),
    {.key = "resource_type",
     .type = LL_SCHEMA_ENUM,
     .offset = M(resource_type),
     .names = resource_names,
     .doc = "what the values measure; without it built-in rules say what, and this rule only "
            "corrects names"},
    {.key = "unit",
     .type = LL_SCHEMA_TEXT,
     .offset = M(unit),
     .check = check_unit,
     .doc = "unit of the values after scaling; without it the resource's"},
    {.key = "value",
     .type = LL_SCHEMA_ENUM,
     .offset = M(value),
     .standard = "auto",
     .names = value_names,
     .doc = "gauge: as it is; counter: its rate per second; auto: by type and name"},
    {.key = "combine",
     .type = LL_SCHEMA_ENUM,
     .offset = M(combine),
     .standard = "sum",
     .names = combine_names,
     .doc = "of several series with the same service, instance and part"},
    {.key = "scale",
     .type = LL_SCHEMA_NUMBER,
     .offset = M(scale),
     .min = -1e18,
     .max = 1e18,
     .doc = "values are multiplied by it"},
    {.key = "capacity",
     .type = LL_SCHEMA_NUMBER,
     .offset = M(capacity),
     .min = 0,
     .max = 1e18,
     .doc = "capacity of each instance, in the unit after scaling"},
    TEXT("capacity_from", M(capacity_from), "selector of series whose values are the capacity"),
    {.key = "on",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = M(on),
     .max = 16,
     .doc = "labels by which capacity_from is joined; without it those of the names"},
    TEXT("business", M(business), "business metric whose counts these are: trades, orders"),
    TEXT("environment", M(environment), "environment of the service"),
    TEXT("cluster", M(cluster), "its cluster"),
    TEXT("namespace", M(namespace_), "its namespace"),
    TEXT("team", M(team), "its team"),
    TEXT("owner", M(owner), "its owner"),
    TEXT("tier", M(tier), "its tier"),
    TEXT("venue", M(venue), "its venue, or that of the business metric"),
    TEXT("site", M(site), "its site"),
};
const struct ll_schema ll_config_rule_schema = TABLE(rule_rows, struct ll_mapping_rule, init_rule);

enum { SOURCES_MAX = 120, HASHED_MAX = 16 << 20 };

static void resolve_http(struct ll_schema_reader *r, const struct ll_config_http *of)
{
    struct ll_config_http *h = (struct ll_config_http *)(uintptr_t)of; /* ours until it is done */
    ll_config_resolve(r, &h->bearer_token_file);
    ll_config_resolve(r, &h->password_file);
    ll_config_resolve(r, &h->ca_file);
    ll_config_resolve(r, &h->cert_file);
    ll_config_resolve(r, &h->key_file);
}

static void resolve_paths(struct ll_schema_reader *r, const struct ll_config_collect *c)
{
    for (size_t i = 0; i < c->n_prometheus; i++)
        resolve_http(r, &c->prometheus[i].http);
    for (size_t i = 0; i < c->n_scrape; i++) {
        resolve_http(r, &c->scrape[i].http);
        for (const char *const *f = c->scrape[i].file_sd; f && *f; f++) {
            const char **path = (const char **)(uintptr_t)f;
            if (c->file && (*path)[0] != '/')
                *path = ll_config_beside(r->out, c->file, *path);
        }
    }
    for (size_t i = 0; i < c->n_postgres; i++) {
        struct ll_config_postgres *p =
            (struct ll_config_postgres *)(uintptr_t)&c->postgres[i]; /* as above */
        ll_config_resolve(r, &p->password_file);
    }
}

/* The i-th source of all kinds. */
static struct ll_slice source_name(const struct ll_config_collect *c, size_t i)
{
    if (i < c->n_prometheus)
        return c->prometheus[i].name;
    i -= c->n_prometheus;
    return i < c->n_scrape ? c->scrape[i].job : c->postgres[i - c->n_scrape].name;
}

/* The field of a name has its place: a message stands at the key somebody wrote. */
static const struct ll_yaml_place *place_of(const struct ll_schema_reader *r, const void *field)
{
    static const struct ll_yaml_place none = {0};
    const struct ll_yaml_place *p = ll_schema_place(r->places, field);
    return p ? p : &none;
}

static const void *name_field(const struct ll_config_collect *c, size_t i)
{
    if (i < c->n_prometheus)
        return &c->prometheus[i].name;
    i -= c->n_prometheus;
    return i < c->n_scrape ? &c->scrape[i].job : &c->postgres[i - c->n_scrape].name;
}

static void check_names(struct ll_schema_reader *r, const struct ll_config_collect *c)
{
    static const char *const taken[] = {"host", "remote-write", "scrape", "agent"};
    size_t n = c->n_prometheus + c->n_scrape + c->n_postgres;
    if (n > SOURCES_MAX) {
        ll_schema_fail(r, place_of(r, name_field(c, n - 1)),
                       "%zu sources under 'collect' are more than %d", n, SOURCES_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct ll_slice name = source_name(c, i);
        for (size_t k = 0; k < LL_LEN(taken); k++)
            if (ll_slice_is(name, taken[k]))
                ll_schema_fail(r, place_of(r, name_field(c, i)),
                               "the name '%s' of a source is one of Loadline's own", taken[k]);
        for (size_t k = 0; k < i; k++)
            if (ll_slice_eq(name, source_name(c, k)))
                ll_schema_fail(r, place_of(r, name_field(c, i)), "two sources are called '%.*s'",
                               (int)LL_MIN(name.n, (size_t)80), name.s);
    }
}

static void hash_rules(struct ll_config_collect *c)
{
    struct ll_str text;
    ll_str_init(&text, HASHED_MAX);
    for (size_t i = 0; i < c->n_mapping; i++)
        ll_schema_show(&ll_config_rule_schema, &c->mapping[i], NULL, &text);
    snprintf(c->mapping_hash, sizeof(c->mapping_hash), "%016llx",
             (unsigned long long)ll_map_hash(0, ll_str_z(&text), text.n));
    ll_str_fini(&text);
}

void ll_config_collect_finish(struct ll_schema_reader *r, struct ll_config *config)
{
    struct ll_config_collect *c = &config->collect;
    struct ll_err err = {0};
    c->file = config->file;
    resolve_paths(r, c);
    check_names(r, c);
    hash_rules(c);
    if (ll_mapping_new(c->mapping, c->n_mapping, &c->compiled, &err))
        return;
    bool of_rule = err.line > 0 && (size_t)err.line <= c->n_mapping;
    ll_schema_fail(r, of_rule ? place_of(r, &c->mapping[err.line - 1].match) : place_of(r, NULL),
                   "%s", err.text);
}

void ll_config_show_mapping(const struct ll_config *c, struct ll_str *out)
{
    static const struct ll_schema_row row = {.key = "mapping",
                                             .type = LL_SCHEMA_LIST,
                                             .offset = C(mapping),
                                             .offset_n = C(n_mapping),
                                             .sub = &ll_config_rule_schema};
    static const struct ll_schema only = {&row, 1, sizeof(struct ll_config), NULL};
    ll_schema_show(&only, c, NULL, out);
}
