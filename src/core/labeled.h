/* Labelled samples: what Prometheus and its kin send, before a mapping says what they mean.
 *
 * A value is kept as its 64 bits: NaN payloads tell a stale marker (the series has ended) from
 * a NaN that was measured. */
#ifndef LL_CORE_LABELED_H
#define LL_CORE_LABELED_H

#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "core/labels.h"

/* Prometheus model/value: the NaN that ends a series. */
#define LL_LABELED_STALE UINT64_C(0x7ff0000000000002)

/* What a sender says of a series' values. */
enum ll_labeled_kind {
    LL_LABELED_UNKNOWN,
    LL_LABELED_GAUGE,
    LL_LABELED_COUNTER, /* rises, falls only at a reset */
    LL_LABELED_RATE     /* a counter that the source has made a rate per second already */
};

struct ll_labeled_point {
    ll_time t;
    uint64_t bits; /* of the double */
};

struct ll_labeled_series {
    struct ll_slice labels; /* encoded, with __name__ */
    enum ll_labeled_kind kind;
    const struct ll_labeled_point *points; /* in the order they came */
    size_t n;
};

/* Everything of one request, scrape or query, in one arena. */
struct ll_labeled_set {
    struct ll_arena *arena;
    struct ll_labeled_series *v;
    size_t n, size;
    size_t points; /* of all series */
};

/* Room for `size` series; cap_bytes bounds all of it.  NULL without memory. */
struct ll_labeled_set *ll_labeled_set_new(size_t size, size_t cap_bytes);
void ll_labeled_set_free(struct ll_labeled_set *s);
LL_AUTO_DEFINE(ll_labeled_set, ll_labeled_set_free)

/* Memory that it takes. */
size_t ll_labeled_set_bytes(const struct ll_labeled_set *s);

/* Copies sorted labels and points behind the others; the list grows as needed.  False when the
 * set's memory ends. */
LL_MUST_USE bool ll_labeled_set_add(struct ll_labeled_set *s, const struct ll_label *labels,
                                    size_t n_labels, enum ll_labeled_kind kind,
                                    const struct ll_labeled_point *points, size_t n_points);

static inline double ll_labeled_value(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

static inline uint64_t ll_labeled_bits(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

#endif
