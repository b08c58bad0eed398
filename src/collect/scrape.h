/* Scraping: pages of metrics are fetched from targets, and become labelled series.
 *
 * As Prometheus does it: every sample gets the target's labels (`job`, `instance`, the configured
 * ones; a label of the page with such a name becomes `exported_NAME`), each target gets the series
 * `up`, `scrape_duration_seconds` and `scrape_samples_scraped`, and a series that is not there any
 * more gets a stale marker.  A scrape counts whole or not at all: an answer that was cut, is not
 * 200, is HTML, cannot be read or is over a limit gives `up` 0 and no other sample.  Redirects are
 * not followed.
 *
 * Targets are asked in parallel by a few threads that end before a poll returns. */
#ifndef LL_COLLECT_SCRAPE_H
#define LL_COLLECT_SCRAPE_H

#include "collect/source.h"
#include "os/http_access.h"

/* Of ll_source_scrape; all is borrowed and lives as long as the source.  Zero = default. */
struct ll_scrape_opts {
    const char *job;
    const char *const *targets; /* host:port, or a URL; NULL ends */
    const char *const *file_sd; /* patterns of files (file_sd.h); NULL ends */
    const char *scheme, *path;  /* "http", "/metrics" */
    struct ll_http_access access;
    const struct ll_label_text *labels; /* for all series of the job */
    size_t n_labels;
    ll_dur timeout;     /* of one target; 10 s */
    ll_dur budget;      /* of one poll: targets not asked until then have failed; 60 s */
    size_t max_samples; /* of one page; 50,000 */
    size_t max_bytes;   /* of one page, decompressed; 16 MiB */
    size_t max_targets; /* 4096; further ones are counted in the note */
    size_t max_series;  /* of all targets together; 500,000 */
    bool honor_timestamps;
    uint64_t seed; /* of maps */
};

/* Why a scrape failed. */
#define LL_SCRAPE_FAULT_TABLE(X)                                                                   \
    X(LL_SCRAPE_OK, "ok")                                                                          \
    X(LL_SCRAPE_UNREACHABLE, "unreachable") /* or the answer was cut, or TLS is not trusted */     \
    X(LL_SCRAPE_TIMEOUT, "timeout")                                                                \
    X(LL_SCRAPE_STATUS, "status")             /* not 200 */                                        \
    X(LL_SCRAPE_CONTENT_TYPE, "content_type") /* HTML */                                           \
    X(LL_SCRAPE_FORMAT, "format")             /* cannot be read, or ends inside a line */          \
    X(LL_SCRAPE_TOO_LARGE, "too_large")       /* bytes */                                          \
    X(LL_SCRAPE_TOO_MANY, "too_many_samples") /* samples of the page, or series of the job */      \
    X(LL_SCRAPE_LABELS, "labels")             /* too many or too long with the target's */         \
    X(LL_SCRAPE_CREDENTIALS, "credentials")   /* a file with a secret cannot be read */            \
    X(LL_SCRAPE_INTERNAL, "internal")         /* no memory */                                      \
    X(LL_SCRAPE_SKIPPED, "skipped")           /* the poll's time was over */

enum ll_scrape_fault {
#define X(code, name) code,
    LL_SCRAPE_FAULT_TABLE(X)
#undef X
        LL_SCRAPE_FAULTS
};

const char *ll_scrape_fault_name(enum ll_scrape_fault f);

/* One target after the last poll; slices are valid until the next. */
struct ll_scrape_target {
    struct ll_slice url, labels; /* labels: encoded */
    bool asked;                  /* by any poll yet */
    enum ll_scrape_fault fault;
    const char *message; /* "" = none */
    ll_time t;           /* of the last scrape */
    ll_dur took;
    size_t samples; /* of the last page */
};

/* s is of ll_source_scrape, and no poll runs. */
void ll_scrape_each(const struct ll_source *s,
                    void (*on_target)(void *ctx, const struct ll_scrape_target *t), void *ctx);

/* Failed scrapes since the source was opened, by reason. */
void ll_scrape_counts(const struct ll_source *s, uint64_t out[static LL_SCRAPE_FAULTS]);

#endif
