/* The configuration of what is collected from elsewhere: Prometheus-compatible servers, targets
 * that are scraped, PostgreSQL, what remote-write may send, and the mapping of all of it. */
#ifndef LL_CONFIG_CONFIG_COLLECT_H
#define LL_CONFIG_CONFIG_COLLECT_H

#include "mapping/mapping.h"

/* How a server is spoken to.  Files are read anew for each connection, so that secrets can be
 * changed under the daemon. */
struct ll_config_http {
    const char *bearer_token_file;
    const char *username, *password_file;       /* HTTP basic */
    const char *ca_file, *cert_file, *key_file; /* TLS; a client certificate for mTLS */
    const char *tenant;                         /* X-Scope-OrgID of Mimir and its kin */
    bool insecure_skip_verify;
};

/* A business metric that is asked for: its counts per interval. */
struct ll_config_business {
    const char *metric, *query;  /* trades; sum(increase(trades_total[1m])) */
    const char *service, *venue; /* of all its series; NULL = from labels of these names */
    ll_dur interval;             /* 60 s; evaluated at its multiples */
};

struct ll_config_prometheus {
    struct ll_slice name; /* also __source__; unique */
    const char *url;      /* up to before /api/v1 */
    struct ll_config_http http;
    ll_dur interval, timeout; /* 30 s, 10 s */
    ll_dur rate_window;       /* 2 min: of rate() */
    const char *match;        /* more matchers for every query: cluster="prod" */
    size_t max_series;        /* of one answer; 100,000 */
    size_t max_bytes;         /* of one answer; 64 MiB */
    const struct ll_config_business *business;
    size_t n_business;
};

struct ll_config_scrape {
    struct ll_slice job;        /* unique */
    const char *const *targets; /* host:port or a URL */
    const char *const *file_sd; /* globs of JSON or YAML files */
    const char *scheme, *path;  /* "http", "/metrics" */
    struct ll_config_http http;
    const struct ll_label_text *labels;
    size_t n_labels;
    ll_dur interval, timeout; /* 15 s, 10 s */
    size_t max_samples;       /* of one scrape; 50,000 */
    size_t max_bytes;         /* 16 MiB */
    bool honor_timestamps;    /* false */
};

struct ll_config_postgres {
    struct ll_slice name; /* the service; unique */
    const char *conninfo; /* libpq's, without a password */
    const char *password_file;
    ll_dur interval, timeout; /* 15 s, 5 s */
};

struct ll_config_collect {
    const struct ll_config_prometheus *prometheus;
    const struct ll_config_scrape *scrape;
    const struct ll_config_postgres *postgres;
    size_t n_prometheus, n_scrape, n_postgres;
    struct {
        bool enabled;       /* true */
        size_t max_series;  /* remembered for mapping; 200,000 */
        size_t max_samples; /* of one request; 200,000 */
    } remote_write;
    const char *file; /* that file_sd patterns are beside; NULL = none */
    const struct ll_mapping_rule *mapping;
    size_t n_mapping;
    struct ll_mapping *compiled; /* of mapping; owned by the configuration */
    char mapping_hash[17];       /* of all rules, hex */
};

#endif
