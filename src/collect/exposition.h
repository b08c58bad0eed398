/* Pages of metrics as they are exposed: Prometheus text 0.0.4 and OpenMetrics 1.0.
 *
 * One pass over bytes in memory; each sample is handed out with its labels sorted and borrowed
 * from the page.  The lenient reader takes what Prometheus takes (labels without a comma between
 * them, metadata in any order); the strict one is a linter: it also keeps the rules that the
 * formats have about families, suffixes, histograms, values and times.  What the strict reader
 * accepts the lenient one accepts with the same samples. */
#ifndef LL_COLLECT_EXPOSITION_H
#define LL_COLLECT_EXPOSITION_H

#include "core/labeled.h"

enum ll_exposition_format {
    LL_EXPOSITION_TEXT, /* text/plain; version=0.0.4 */
    LL_EXPOSITION_OM    /* application/openmetrics-text; version=1.0.0 */
};

enum ll_exposition_type {
    LL_EXPOSITION_UNKNOWN, /* also untyped */
    LL_EXPOSITION_GAUGE,
    LL_EXPOSITION_COUNTER,
    LL_EXPOSITION_HISTOGRAM,
    LL_EXPOSITION_GAUGEHISTOGRAM,
    LL_EXPOSITION_SUMMARY,
    LL_EXPOSITION_INFO,
    LL_EXPOSITION_STATESET,
    LL_EXPOSITION_TYPES
};

enum { LL_EXPOSITION_BYTES = 64 << 20, LL_EXPOSITION_SAMPLES = 1000000 };

/* One line of the page; valid during the call. */
struct ll_exposition_sample {
    const struct ll_label *labels; /* sorted, with __name__, without empty ones */
    size_t n;
    uint64_t bits; /* of the value; NaN is always the one quiet NaN of Prometheus */
    bool has_time;
    ll_time t; /* when has_time: as the page has it, cut to ms; beyond int64 its nearest end */
    enum ll_labeled_kind kind;
    struct ll_slice family; /* the name in its TYPE line, else its own */
    enum ll_exposition_type type;
    int line;
};

struct ll_exposition_opts {
    enum ll_exposition_format format;
    bool strict;
    size_t max_bytes, max_samples; /* 0 = the two above */
    uint64_t seed;                 /* of the maps of the strict reader */
    /* False ends the reading, and ll_exposition_parse fails with what *err was set to. */
    bool (*on_sample)(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err);
    void *ctx;
};

/* Fails with LL_E_INVALID (err->line, err->column), LL_E_TOO_LARGE over a limit of the page,
 * LL_E_RANGE over a limit of one label set, LL_E_MEMORY.  Samples before the fault were handed
 * out already: a caller that wants all or nothing forgets them. */
LL_MUST_USE bool ll_exposition_parse(struct ll_slice page, const struct ll_exposition_opts *opts,
                                     struct ll_err *err);

/* "gauge", "unknown", … */
const char *ll_exposition_type_name(enum ll_exposition_type t);

/* A number as Go reads it without hexadecimal and underscores: 1, -.5e3, +Inf, nan; at most 63
 * bytes; what overflows is refused. */
LL_MUST_USE bool ll_exposition_number(struct ll_slice text, double *out);

#endif
