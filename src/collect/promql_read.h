/* The answers of a Prometheus-compatible HTTP API, read straight into labelled series.
 *
 * An answer is taken whole or not at all: on failure the set has the series it had before.
 * Values are kept as they are, NaN and infinities too; what is not there makes no point. */
#ifndef LL_COLLECT_PROMQL_READ_H
#define LL_COLLECT_PROMQL_READ_H

#include "base/err.h"
#include "core/labeled.h"

enum { LL_PROMQL_NOTE_MAX = 160 };

struct ll_promql_read_opts {
    bool matrix;      /* of query_range; else the vector of query */
    ll_time from, to; /* times in the answer lie there, give or take 5 min */
    bool exact;       /* vector: points get `to` as their time, so that they are one round */
    enum ll_labeled_kind kind; /* of all series */
    struct ll_slice name;      /* given to series without __name__ (functions drop it) */
    size_t max_series;
    size_t max_points; /* of one series */
};

/* What was said beside the values. */
struct ll_promql_said {
    bool partial;                  /* warnings, isPartial: something may be missing */
    size_t series;                 /* taken */
    size_t histograms;             /* series that have native histograms, which are no values */
    size_t refused;                /* series whose labels are not valid */
    char note[LL_PROMQL_NOTE_MAX]; /* the first warning; "" = none */
};

/* json is changed in place.  Fails with LL_E_INVALID (no such answer, a scalar, status "error"),
 * LL_E_TOO_LARGE (series or points over the limit), LL_E_MEMORY (the set is full). */
LL_MUST_USE bool ll_promql_read(char *json, size_t n, const struct ll_promql_read_opts *opts,
                                struct ll_labeled_set *set, struct ll_promql_said *said,
                                struct ll_err *err);

/* The list of texts that /label/.../values answers with. */
LL_MUST_USE bool ll_promql_read_list(char *json, size_t n,
                                     void (*each)(void *ctx, struct ll_slice text), void *ctx,
                                     struct ll_err *err);

/* What an answer with status "error" says; "" in both when it is none.  type: errorType. */
void ll_promql_read_error(char *json, size_t n, char type[static 32],
                          char text[static LL_PROMQL_NOTE_MAX]);

#endif
