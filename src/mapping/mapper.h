/* The mapper: labelled samples in, samples of Loadline's series out.
 *
 * Pure: no clock, no I/O.  It remembers each series it met (what a mapping made of it, the last
 * value of a counter) and what it needs for joins (owners of pods, limits, replicas).  Values
 * that belong together (all CPUs of a host, all containers of a pod) are summed when the round
 * they came in is over: when its known series have all come, when all are at a later one, or
 * when ll_mapper_close says so.  Four rounds may be open at once; a point behind them is late.
 * A term that is missing makes no sample; it is never zero.  Counters become rates per second
 * from one value to the next; a reset, a gap of over five minutes or a first value makes none.
 *
 * Look up all series of a request before the first point is put: then a round waits for those
 * that are new.  Points of one series come in the order of time. */
#ifndef LL_MAPPING_MAPPER_H
#define LL_MAPPING_MAPPER_H

#include "core/labeled.h"
#include "mapping/mapping.h"

struct ll_mapper;

struct ll_mapper_opts {
    const struct ll_mapping *mapping; /* borrowed */
    struct ll_slice source;           /* copied: __source__ */
    uint64_t seed;
    size_t max_series; /* remembered; 0 = 200,000.  Further ones are counted, not mapped */
};

/* What becomes of a series. */
enum ll_mapper_fate {
    LL_MAPPER_MAPPED,    /* read by at least one rule */
    LL_MAPPER_UNMATCHED, /* no rule knows it: counted and shown, not stored */
    LL_MAPPER_DROPPED,   /* a rule says so */
    LL_MAPPER_REFUSED    /* the limit of series is reached */
};

struct ll_mapper_series;

/* Where results go; slices are valid during the call. */
struct ll_mapper_out {
    void *ctx;
    void (*sample)(void *ctx, const struct ll_sample *s);
    void (*end)(void *ctx, const struct ll_series_end *e);
    void (*facts)(void *ctx, const struct ll_service_facts *f);
    void (*business)(void *ctx, const struct ll_business *b);
};

struct ll_mapper *ll_mapper_new(const struct ll_mapper_opts *opts);
void ll_mapper_free(struct ll_mapper *m);
LL_AUTO_DEFINE(ll_mapper, ll_mapper_free)

/* Finds or meets a series: valid until ll_mapper_forget.  NULL with LL_MAPPER_REFUSED.  *raw:
 * its points are to be kept under their own labels. */
struct ll_mapper_series *ll_mapper_series(struct ll_mapper *m, struct ll_slice labels,
                                          enum ll_labeled_kind kind, ll_time now,
                                          enum ll_mapper_fate *fate, bool *raw);

/* Folds one point of a mapped series; may finish a round.  The same time again, an earlier one and
 * one of more than ten minutes ahead do nothing and count as late. */
void ll_mapper_put(struct ll_mapper *m, struct ll_mapper_series *s,
                   const struct ll_labeled_point *p, const struct ll_mapper_out *out);

enum ll_mapper_round {
    LL_MAPPER_WAITING, /* finish rounds that nothing was added to for three seconds */
    /* All values that the source has at this time were put: finish everything, and end the series
     * that are gone when at least 80 % came again.  Facts were not asked for. */
    LL_MAPPER_COMPLETE,
    LL_MAPPER_COMPLETE_FACTS /* the same, and facts were asked for too */
};
void ll_mapper_close(struct ll_mapper *m, ll_time now, enum ll_mapper_round round,
                     const struct ll_mapper_out *out);

/* Frees series that were silent since `before`. */
void ll_mapper_forget(struct ll_mapper *m, ll_time before);

/* What was found, for the discovery page; everything lives in the arena. */
struct ll_found_service {
    struct ll_service_facts facts;
    unsigned resources;   /* bits of enum ll_resource_type that have data */
    struct ll_slice rule; /* "kubernetes", "node_exporter", "rule 3" */
    size_t series;        /* read for it */
};
struct ll_found_unmatched {
    struct ll_slice metric, example; /* its name, one series of it as text */
    struct ll_slice reason;          /* "no rule reads this metric", "no owner of pod a/b yet" */
    size_t series;
};
struct ll_mapper_report {
    struct ll_slice source;
    const struct ll_found_service *services;    /* by name */
    const struct ll_found_unmatched *unmatched; /* most series first; at most 500 */
    size_t n_services, n_unmatched;
    size_t series, mapped, unmatched_series, dropped, refused; /* refused: lookups */
    size_t late, incomplete; /* points that came too late or again; rounds that lacked some */
    size_t expected, came;   /* series of the last complete round: its coverage */
};
LL_MUST_USE bool ll_mapper_report(const struct ll_mapper *m, struct ll_arena *out,
                                  struct ll_mapper_report *report);

#endif
