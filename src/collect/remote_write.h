/* Prometheus remote-write: protobuf bytes in, labelled series out.
 *
 * Both protocols: 1.0 (prometheus.WriteRequest) and 2.0 (io.prometheus.write.v2.Request).  Nothing
 * is built between the bytes and the set: labels point into the message until they are copied.
 * What is wrong with one series or sample refuses that one, with a count and an example; what is no
 * protobuf refuses the request.  Unknown fields are passed over.  Pure: the clock is an argument.
 */
#ifndef LL_COLLECT_REMOTE_WRITE_H
#define LL_COLLECT_REMOTE_WRITE_H

#include "core/labeled.h"

enum ll_remote_write_protocol { LL_REMOTE_WRITE_1, LL_REMOTE_WRITE_2 };

/* Why samples of a request were refused, in words that follow "3 samples". */
#define LL_REMOTE_WRITE_TABLE(X)                                                                   \
    X(LL_REMOTE_WRITE_LABELS, "with labels that cannot be")                                        \
    X(LL_REMOTE_WRITE_NO_NAME, "without __name__")                                                 \
    X(LL_REMOTE_WRITE_SYMBOLS, "with references that name no symbol")                              \
    X(LL_REMOTE_WRITE_FUTURE, "more than 10 minutes ahead")                                        \
    X(LL_REMOTE_WRITE_TOO_OLD, "older than the retention")                                         \
    X(LL_REMOTE_WRITE_HISTOGRAM, "that are native histograms")

#define X(member, text) member,
enum ll_remote_write_reason { LL_REMOTE_WRITE_TABLE(X) LL_REMOTE_WRITE_REASONS };
#undef X

const char *ll_remote_write_text(enum ll_remote_write_reason r);

enum { LL_REMOTE_WRITE_EXAMPLE_MAX = 192, LL_REMOTE_WRITE_SAMPLES = 200000 };

struct ll_remote_write_refusal {
    size_t n;                                  /* samples; a bad series without any counts as 1 */
    char example[LL_REMOTE_WRITE_EXAMPLE_MAX]; /* of the first one: which series, and what */
};

struct ll_remote_write_result {
    size_t series, samples; /* in the set */
    size_t histograms;      /* that came; none is kept */
    size_t exemplars;       /* that came; none is kept, and that is no fault */
    size_t metadata;        /* entries about metric families */
    struct ll_remote_write_refusal refused[LL_REMOTE_WRITE_REASONS];
    bool invalid; /* something was refused: the answer is 400, the rest is written */
};

struct ll_remote_write_opts {
    enum ll_remote_write_protocol protocol;
    ll_time now, oldest; /* samples later than now + 10 min or before oldest are refused */
    size_t max_samples;  /* of a request; 0 = LL_REMOTE_WRITE_SAMPLES; series too */
    size_t max_bytes;    /* of the set; 0 = 128 MiB; less for a small message */
    uint64_t seed;       /* of hash maps */
};

/* Decodes a message into a new set, perhaps an empty one.  Fails with LL_E_INVALID (no protobuf, or
 * symbols that do not begin with the empty one), LL_E_TOO_LARGE (a limit) or LL_E_MEMORY; then
 * *res is as it was. */
LL_MUST_USE bool ll_remote_write_decode(struct ll_slice message,
                                        const struct ll_remote_write_opts *opts,
                                        struct ll_labeled_set **out,
                                        struct ll_remote_write_result *res, struct ll_err *err);

#endif
