/* The source that asks a Prometheus-compatible server: ll_source_prometheus.
 *
 * Each poll asks one instant query per metric that mappings read and the server has, all at one
 * time: gauges by their selector, counters as rate(selector[window]).  Joins are the mapper's.
 * What changes seldom (owners, limits) is asked once a minute and given again meanwhile.
 * A poll lasts no longer than the interval. */
#ifndef LL_COLLECT_PROMQL_H
#define LL_COLLECT_PROMQL_H

#include "collect/source.h"
#include "mapping/mapping.h"
#include "os/http_access.h"

struct ll_promql_business {
    const char *metric, *query;
    const char *service, *venue; /* NULL = labels of these names */
    ll_dur interval;
};

/* Borrowed as long as the source lives, but for the lists themselves. */
struct ll_promql_opts {
    const char *url; /* up to before /api/v1 */
    struct ll_http_access access;
    ll_dur interval, timeout; /* 0 = 30 s, 10 s */
    ll_dur rate_window;       /* 0 = 2 min */
    const char *match;        /* more matchers; NULL = none */
    size_t max_series;        /* of one answer; 0 = 100,000 */
    size_t max_bytes;         /* of one answer; 0 = 64 MiB.  A poll brings four times as much */
    const struct ll_mapping_query *queries; /* ll_mapping_query of 0, 1, 2, ... */
    size_t n_queries;
    const struct ll_promql_business *business;
    size_t n_business;
    uint64_t seed; /* of maps */
};

#endif
