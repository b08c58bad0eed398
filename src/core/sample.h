/* Samples and the batches in which they travel.
 *
 * A series is (service, resource type, instance, part).  A sample is one absolute
 * value of it in the series' unit, with the capacity known at that time.
 * NaN means "not known" in capacity and max_value; a sample whose value is not known
 * is not sent at all: no data is never zero. */
#ifndef LL_CORE_SAMPLE_H
#define LL_CORE_SAMPLE_H

#include "base/arena.h"
#include "base/time.h"
#include "core/enums.h"
#include "core/labeled.h"

enum {
    LL_NAME_MAX = 255,            /* bytes of a service, instance or part */
    LL_BATCH_SAMPLES_MAX = 20000, /* samples in one batch */
    LL_BATCH_LABELED_MAX = 200000 /* points under their own labels in one batch */
};

/* This machine as a service; its instance is the host's name. */
#define LL_HOST_SERVICE "host"

struct ll_series_key {
    struct ll_slice service, instance, part;
    enum ll_resource_type type;
};

struct ll_sample {
    struct ll_series_key key; /* slices live in the batch's arena */
    enum ll_unit unit;
    ll_time t;
    double value;     /* finite, >= 0 */
    double capacity;  /* > 0, or NaN */
    double max_value; /* maximum within the window, or NaN */
    ll_dur window;    /* what value and max_value span; 0 = a moment */
    bool primary;     /* the part that stands for its resource; the collector says which */
};

/* Counts of a business event in an interval: trades, orders, messages. */
struct ll_business {
    struct ll_slice metric, service, venue;
    ll_time t;
    double value; /* finite; negative corrects an earlier count */
};

/* Why a sample was refused. */
#define LL_REFUSAL_TABLE(X)                                                                        \
    X(LL_REFUSAL_NONE, "accepted")                                                                 \
    X(LL_REFUSAL_FUTURE, "timestamp is more than 10 minutes ahead")                                \
    X(LL_REFUSAL_TOO_OLD, "timestamp is older than the retention")                                 \
    X(LL_REFUSAL_VALUE, "current_value is not a finite number >= 0")                               \
    X(LL_REFUSAL_CAPACITY, "capacity is not a finite number > 0")                                  \
    X(LL_REFUSAL_MAX, "max_value is not a finite number >= current_value")                         \
    X(LL_REFUSAL_NAME, "a name is empty, longer than 255 bytes or not valid UTF-8")                \
    X(LL_REFUSAL_SERIES_LIMIT, "the limit of series is reached")                                   \
    X(LL_REFUSAL_OUT_OF_ORDER, "older than the out-of-order window of its series")                 \
    X(LL_REFUSAL_DUPLICATE, "another value is stored for that series and time")                    \
    X(LL_REFUSAL_BUCKET, "not the start of a bucket of 5 minutes or 1 hour")

#define X(member, text) member,
enum ll_refusal { LL_REFUSAL_TABLE(X) LL_REFUSAL_COUNT };
#undef X

const char *ll_refusal_text(enum ll_refusal r);

enum ll_origin { LL_ORIGIN_COLLECTOR, LL_ORIGIN_PUSH };

/* A point of a series that is kept under its own labels, bit for bit. */
struct ll_labeled_row {
    struct ll_slice labels; /* encoded */
    struct ll_labeled_point point;
    enum ll_refusal refusal;
};

/* A series has ended (its sender said so): from t on it is not there, which is not zero. */
struct ll_series_end {
    struct ll_series_key key;
    ll_time t;
};

struct ll_kept_forecast; /* core/forecasts.h */
struct ll_judgement;     /* core/forecasts.h */
struct ll_venue_effect;  /* core/forecasts.h */
struct ll_rollup_row;    /* core/records.h */
struct ll_service_facts; /* core/records.h */
struct ll_scaling_rows;  /* core/scaling_rows.h */

/* One hand-off of samples across threads: it owns everything it points to. */
struct ll_batch {
    struct ll_batch *next;    /* for the queue it is in */
    struct ll_arena *arena;   /* names and arrays */
    struct ll_sample *v;      /* n samples */
    enum ll_refusal *refusal; /* n; LL_REFUSAL_NONE = take it */
    struct ll_business *business;
    size_t n, size, n_business;
    struct ll_labeled_row *labeled;
    struct ll_rollup_row *rollups; /* history that is imported */
    struct ll_service_facts *facts;
    struct ll_series_end *ends;
    const struct ll_kept_forecast *forecasts;
    const struct ll_judgement *judgements;
    const struct ll_venue_effect *venue_effects;
    size_t n_labeled, n_rollups, n_facts, n_ends, n_forecasts, n_judgements, n_venue_effects;
    struct ll_scaling_rows *scaling; /* NULL = none */
    struct ll_slice inbox; /* what was received and is not mapped to the end; kept for a restart */
    struct ll_slice cursor_name, cursor_value; /* committed with the rows; no name = none */
    void *held; /* memory that slices point into beside the arena; NULL = none */
    void (*held_free)(void *held);
    enum ll_origin origin;
    const char *source; /* static name of the collector, or "push" */
    ll_time received;

    /* Filled by the store writer before done is called, exactly once, on its thread. */
    bool committed;
    struct ll_err err; /* why not */
    void (*done)(struct ll_batch *b,
                 void *ctx); /* takes the batch over; NULL = the writer frees it */
    void *ctx;
};

/* Room for `size` samples and n_business counts; NULL without memory or over the limit. */
struct ll_batch *ll_batch_new(size_t size, size_t n_business, enum ll_origin origin);
void ll_batch_free(struct ll_batch *b);
LL_AUTO_DEFINE(ll_batch, ll_batch_free)

/* Copies the names into the batch and appends; false when it is full or memory ends.  A name
 * over LL_NAME_MAX is cut behind it: there is room for `size` samples whatever was sent, and
 * ll_sample_check still refuses it. */
LL_MUST_USE bool ll_batch_add(struct ll_batch *b, const struct ll_sample *s);

/* The checks every sample passes before it touches state; now is the receiver's clock,
 * oldest the start of the retention. */
enum ll_refusal ll_sample_check(const struct ll_sample *s, ll_time now, ll_time oldest);

/* Orders by service, type, instance, part: <0, 0, >0. */
int ll_series_key_cmp(const struct ll_series_key *a, const struct ll_series_key *b);

/* The key as one byte string for a map: the type, then each name and a NUL.  False when a name
 * is longer than LL_NAME_MAX. */
enum { LL_SERIES_KEY_TEXT_MAX = 3 * LL_NAME_MAX + 8 };
LL_MUST_USE bool ll_series_key_bytes(const struct ll_series_key *k,
                                     char buf[static LL_SERIES_KEY_TEXT_MAX], size_t *n);

#endif
