/* The price book: what a unit of a resource costs, who says so and when it is in force.
 *
 * Four kinds of price are kept apart (list, contracted, effective, billed).  The most specific
 * price that is in force and has the kind asked for wins: service > instance type > resource type >
 * default.  What nobody has priced is NaN, never 0.  A book has one currency. */
#ifndef LL_COST_PRICES_H
#define LL_COST_PRICES_H

#include <math.h>

#include "base/err.h"
#include "base/time.h"
#include "core/cost.h"
#include "core/enums.h"

#define LL_PRICE_SCOPE_TABLE(X)                                                                    \
    X(LL_PRICE_SERVICE, "service")                                                                 \
    X(LL_PRICE_INSTANCE, "instance")                                                               \
    X(LL_PRICE_RESOURCE, "resource")                                                               \
    X(LL_PRICE_DEFAULT, "default")

#define X(member, name) member,
enum ll_price_scope { LL_PRICE_SCOPE_TABLE(X) LL_PRICE_SCOPE_COUNT };
#undef X

/* Static; "?" out of range. */
const char *ll_price_scope_name(enum ll_price_scope v);

enum { LL_PRICE_WHOLE = -1, LL_PRICE_BEST = -1, LL_PRICES_MAX = 100000 };

#define LL_PRICE_STALE (90 * LL_DAY)

struct ll_price {
    enum ll_price_scope scope;
    struct ll_slice name; /* of the service or the instance type; else empty */
    int type; /* enum ll_resource_type; LL_PRICE_WHOLE: an instance whole, only with that scope */
    double unit[LL_COST_KIND_COUNT]; /* of one billed unit (ll_price_unit); NaN = not known */
    double committed, spot;          /* likewise, of a commitment and interruptible; NaN */
    double vcpu, mem_gib, gpu;       /* of an instance; gpu may be 0 */
    ll_time from, to;                /* in force in [from, to); LL_TIME_NONE = open on that side */
    ll_time as_of;                   /* when it was right; LL_TIME_NONE = not known: stale */
    struct ll_slice currency;        /* three letters */
    struct ll_slice source;          /* for people */
};

/* All prices not known, all sides open. */
#define LL_PRICE_NONE                                                                              \
    ((struct ll_price){.type = LL_PRICE_WHOLE,                                                     \
                       .unit = {NAN, NAN, NAN, NAN},                                               \
                       .committed = NAN,                                                           \
                       .spot = NAN,                                                                \
                       .from = LL_TIME_NONE,                                                       \
                       .to = LL_TIME_NONE,                                                         \
                       .as_of = LL_TIME_NONE})

/* What is billed of a resource type: units = a sample's value * scale * hours. */
struct ll_price_unit {
    const char *name; /* "GiB-hour" */
    double scale;
    bool by_use; /* billed by what is used: it has no idle part */
};
const struct ll_price_unit *ll_price_unit(enum ll_resource_type type);

struct ll_prices;

/* Names are copied.  NULL without memory. */
struct ll_prices *ll_prices_new(void);
void ll_prices_free(struct ll_prices *b);
LL_AUTO_DEFINE(ll_prices, ll_prices_free)

/* Fails with LL_E_CONFLICT for a second currency, or a second price of the same thing from the same
 * time; LL_E_INVALID for what means nothing (no price at all, infinite, end before begin, an
 * instance without size); LL_E_TOO_LARGE over LL_PRICES_MAX; LL_E_MEMORY. */
LL_MUST_USE bool ll_prices_add(struct ll_prices *b, const struct ll_price *p, struct ll_err *err);

/* The default unit prices of OpenCost (opencost.io, configs/default.json at 5f653330 of 2024-10-24,
 * Apache-2.0), in USD, list prices all.  Traffic is priced as between zones. */
LL_MUST_USE bool ll_prices_add_defaults(struct ll_prices *b, struct ll_err *err);

struct ll_price_ask {
    struct ll_slice service, instance_type; /* empty = none */
    enum ll_resource_type type;
    int kind; /* enum ll_cost_kind; LL_PRICE_BEST: effective, else contracted, else list */
    ll_time t;
};

struct ll_price_found {
    double unit; /* of a billed unit; NaN: nobody has priced it */
    enum ll_cost_kind kind;
    const struct ll_price *price; /* of the book; NULL = none */
    bool stale;                   /* older than LL_PRICE_STALE at t, or of unknown age */
    ll_time until;                /* the answer is the same in [t, until); LL_TIME_MAX = for good */
};

/* An instance's price is split over its parts by ll_price_split. */
struct ll_price_found ll_prices_find(const struct ll_prices *b, const struct ll_price_ask *ask);

/* An instance type's price in force at t, NULL = none. */
const struct ll_price *ll_prices_instance(const struct ll_prices *b, struct ll_slice instance_type,
                                          ll_time t);

/* In the order of lookup: scope, name, type, from. */
size_t ll_prices_count(const struct ll_prices *b);
const struct ll_price *ll_prices_at(const struct ll_prices *b, size_t i);
struct ll_slice ll_prices_currency(const struct ll_prices *b); /* "" while empty */
size_t ll_prices_stale(const struct ll_prices *b, ll_time now);

/* A machine's price by part: P * q_i p_i / sum(q p), with the default prices of a vCPU, a GiB and a
 * GPU for p (OpenCost specification 0.1).  All NaN when the machine has nothing. */
struct ll_price_parts {
    double cpu, ram, gpu;
};
struct ll_price_parts ll_price_split(double price, double vcpu, double mem_gib, double gpu);

#endif
