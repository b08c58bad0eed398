/* A view: everything the monitor knows at one moment, judged and immutable.
 *
 * The monitor makes one (ll_monitor_view); API, stream and command line read it.  All
 * slices and arrays live in the view's arena.  The operations of the component are
 * functions on it, so that two answers of one view never contradict each other. */
#ifndef LL_MONITOR_VIEW_H
#define LL_MONITOR_VIEW_H

#include "core/records.h"

enum { LL_VIEW_SPARK_POINTS = 96, LL_VIEW_TOP_MAX = 1000 };
enum { LL_VIEW_HEADLINE_MAX = 64, LL_VIEW_SENTENCE_MAX = 1024 };

enum ll_limit_state { LL_LIMIT_OK, LL_LIMIT_BEYOND, LL_LIMIT_LEARNING, LL_LIMIT_NO_CAPACITY };
const char *ll_limit_state_name(enum ll_limit_state s);

/* Time to limit of one series: three kinds, never mixed.  NaN = none in sight. */
struct ll_limit {
    size_t metric; /* index into metrics */
    double to_critical_s, to_capacity_s, to_ceiling_s;
    double trend_per_day; /* unit per day; NaN while learning */
    enum ll_limit_state state;
    const char *basis; /* what the trend stands on, or what it waits for */
};

/* A cell: one (service, resource type).  Value, capacity and utilisation are those of the
 * primary part, summed over instances; the status is that of the worst instance and part. */
struct ll_cell {
    struct ll_slice service;
    enum ll_resource_type type;
    enum ll_unit unit;
    double value, capacity, utilization; /* NaN = not known */
    double peak_24h, p95_7d;             /* of utilisation; NaN = not known */
    bool stale;
    enum ll_reason reason;
    ll_time since;   /* when the status became what it is; LL_TIME_NONE = before we looked */
    size_t worst;    /* index into metrics */
    size_t first, n; /* its metrics are metrics[first .. first + n) */
    double to_critical_s;
    size_t limiting; /* the metric that to_critical_s belongs to */
    struct ll_threshold threshold;
};

struct ll_service_row {
    struct ll_slice name;
    struct ll_service_meta meta;
    const struct ll_service_facts *facts; /* what a source says of it; NULL = nothing */
    double instances;                     /* NaN = not known */
    const char *instances_source;         /* "target", "inventory", "data" */
    enum ll_status status;
    double headroom_s; /* least to_critical_s of its cells; NaN = none in sight */
    const struct ll_cell *cell[LL_RESOURCE_COUNT]; /* NULL = does not have it */
};

/* One resource type over all services: a row of resource_summary.  What runs inside the watched
 * host counts for status and worst but is in the host's sum already. */
struct ll_resource_row {
    bool present;
    enum ll_unit unit;
    bool mixed_units; /* services disagree about the unit: nothing is summed then, all NaN */
    double value, capacity, utilization, peak_24h, p95_7d;
    double warning, critical; /* ratios: those of the worst cell */
    size_t services, series, stale;
    enum ll_reason reason;
    const struct ll_cell *worst; /* the cell the status comes from */
    double to_critical_s;
    float spark[LL_VIEW_SPARK_POINTS]; /* utilisation per 15 minutes, oldest first, NaN = none */
    ll_time spark_t0;
};

struct ll_view {
    struct ll_arena *arena;
    uint64_t sequence;
    ll_time now;
    enum ll_status overall;
    size_t counts[LL_STATUS_COUNT];  /* cells */
    const struct ll_metric *metrics; /* sorted by key */
    size_t n_metrics;
    const struct ll_limit *limits; /* one per metric, same order */
    const struct ll_cell *cells;   /* sorted by service, type */
    size_t n_cells;
    const struct ll_service_row *services; /* sorted by least headroom, then utilisation */
    size_t n_services;
    const size_t *top; /* indices into metrics: fresh, capacity known, highest first */
    size_t n_top;
    const size_t *problems; /* indices into cells: not HEALTHY, worst first */
    size_t n_problems;
    struct ll_resource_row resources[LL_RESOURCE_COUNT];
    double instances;                     /* sum over services of the known ones */
    const struct ll_cell *least_headroom; /* NULL = no limit in sight */
    char headline[LL_VIEW_HEADLINE_MAX], sentence[LL_VIEW_SENTENCE_MAX]; /* the verdict */
};

void ll_view_free(struct ll_view *v);

/* get_current_utilization: the cell, or NULL. */
const struct ll_cell *ll_view_cell(const struct ll_view *v, struct ll_slice service,
                                   enum ll_resource_type type);
const struct ll_service_row *ll_view_service(const struct ll_view *v, struct ll_slice name);

/* get_health_status. */
enum ll_status ll_view_health(const struct ll_view *v);

/* top_utilized_resources: writes up to limit pointers, highest first; returns how many. */
size_t ll_view_top(const struct ll_view *v, size_t limit, const struct ll_metric **out);

/* The part whose sum stands for the resource: the one marked primary, else "" when there is
 * one, else the first in order.  Empty slice and false when there is no such cell. */
bool ll_view_primary_part(const struct ll_view *v, struct ll_slice service,
                          enum ll_resource_type type, struct ll_slice *part);

#endif
