/* calculate_costs: what a period cost, by service and by resource, and where it went.
 *
 *     cost  = sum over hours of billed units x price in force x hours
 *     used  = the part of it that was used; idle = the rest
 *     hourly_cost = the rate at the last hour that is known; monthly_cost = hourly_cost x 730
 *
 * Billed are the allocated units, or the used ones where a resource is billed by use or nothing is
 * known of its allocation.  What is shared, idle or overhead is distributed by ll_allocate, so that
 * the parts are the bill under every filter and option.  An hour without data costs nobody knows
 * what: it is counted, not guessed.  What has no price is NaN and counted.  Money is in the book's
 * currency. */
#ifndef LL_COST_COSTS_H
#define LL_COST_COSTS_H

#include "cost/allocate.h"
#include "cost/prices.h"

/* Hourly means of one resource of a service, summed over its instances and parts. */
struct ll_cost_usage {
    size_t service; /* index into the names */
    enum ll_resource_type type;
    struct ll_slice instance_type; /* empty = not known */
    ll_time t0;                    /* of the first hour */
    size_t n;                      /* hours */
    const double *allocated;       /* [n] capacity; NULL or NaN = not known */
    const double *used;            /* [n]; NaN = no data */
};

struct ll_cost_service {
    struct ll_slice name;
    bool shared;   /* paid by the others */
    bool dropped;  /* the filter does not let it pass */
    double metric; /* for LL_ALLOCATE_METRIC: messages, trades … */
};

struct ll_costs_in {
    ll_time from, to; /* [from, to); hours are clipped to it */
    const struct ll_cost_service *services;
    size_t n_services;
    const struct ll_cost_usage *usages;
    size_t n_usages;
    const struct ll_prices *prices;
    int kind;        /* enum ll_cost_kind or LL_PRICE_BEST */
    double overhead; /* an hour: support, licences, rent … */
    enum ll_allocate_split idle, share;
};

struct ll_resource_cost {
    size_t service;
    enum ll_resource_type type;
    double hourly_cost, monthly_cost; /* rates; NaN = not known */
    double period_cost, used_cost, idle_cost;
    double utilization_pct;      /* of the hours in which both are known; may exceed 100 */
    double hours, unknown_hours; /* with data, and without, in the period */
    bool priced, stale;
    enum ll_cost_kind kind; /* of the price in force at the end; when priced */
};

struct ll_service_cost {
    size_t service;
    double own, idle, overcommit, shared, total;
};

struct ll_costs {
    const struct ll_resource_cost *resources; /* [n_usages], as asked */
    const struct ll_service_cost *services;   /* [n_services] */
    double by_resource[LL_RESOURCE_COUNT];    /* period_cost of all that is priced, filters apart */
    double total;                             /* assets and overhead */
    double idle, overcommit;                  /* kept by nobody */
    double shared, filtered;
    double overhead;
    size_t unpriced, stale,
        unknown; /* usages without a price, with a stale one, with hours unknown */
};

/* Fails with LL_E_INVALID or LL_E_RANGE on what means nothing (a period that ends before it begins,
 * infinite or negative units, a sum that is not finite), LL_E_MEMORY. */
LL_MUST_USE bool ll_costs_calculate(const struct ll_costs_in *in, struct ll_arena *out,
                                    struct ll_costs *result, struct ll_err *err);

#endif
