/* The product's records as plain structs: what components hand to each other.
 *
 * Utilisation is a ratio here and a percentage in config, API and screen.  Slices are
 * borrowed from the object a record came with. */
#ifndef LL_CORE_RECORDS_H
#define LL_CORE_RECORDS_H

#include "core/sample.h"
#include "core/scaling.h"
#include "core/status.h"

/* ResourceThreshold, as ratios: 0 < scale_down < scale_up, warning <= critical. */
struct ll_threshold {
    double warning, critical, scale_up, scale_down;
    ll_dur cooldown;
};

/* Which thresholds apply by default (design: CPU 70/85, memory 80/90, disk 80/90, network
 * 70/85, connections 75/88, queue 70/85, API calls 70/85 %). */
struct ll_threshold ll_threshold_default(enum ll_resource_type type);

/* Service metadata; each may be empty. */
struct ll_service_meta {
    struct ll_slice environment, cluster, namespace_, team, owner, tier, venue, site;
};

/* What a source knows of a service beside samples: its controller's counts, what its instances
 * asked for.  NaN and empty = not known. */
struct ll_service_facts {
    struct ll_slice service, source, kind; /* "prometheus prod", "Deployment" */
    struct ll_service_meta meta;
    double desired, ready;             /* instances */
    double request[LL_RESOURCE_COUNT]; /* sums over instances, in the resource's unit */
    double limit[LL_RESOURCE_COUNT];
    ll_time oldest_start, newest_start; /* of instances; LL_TIME_NONE = not known */
    ll_time t;
};

/* ResourceMetric: the latest of one series, judged. */
struct ll_metric {
    struct ll_series_key key;
    enum ll_unit unit;
    bool primary;
    double value, capacity; /* capacity NaN = not known */
    double utilization;     /* value / capacity, NaN = not known */
    double max_value;       /* NaN = none */
    ll_dur window;
    ll_time t;
    ll_dur age; /* time that really passed since t: steps of the wall clock are not in it; >= 0 */
    bool stale;
    enum ll_reason reason; /* the status is ll_reason_status(reason) */
    double to_critical_s;  /* seconds until critical_pct; NaN = none in sight; 0 = now */
    double to_capacity_s;
};

/* A rollup bucket: what is kept of raw samples. */
struct ll_rollup {
    ll_time t; /* start of the bucket */
    double mean, max, p95;
    double capacity; /* mean of the known ones, NaN = none */
    uint32_t count;
};

/* A bucket that was rolled elsewhere, for the store to keep: an import. */
struct ll_rollup_row {
    struct ll_series_key key;
    enum ll_unit unit;
    bool primary;
    ll_dur step; /* 5 min or 1 h */
    struct ll_rollup rollup;
    enum ll_refusal refusal;
};

/* The highest value of one UTC day, kept for ever. */
struct ll_peak {
    struct ll_series_key key;
    enum ll_unit unit;
    int64_t day; /* days since 1970 */
    double value, capacity;
    ll_time at;
    ll_dur window;
};

/* ScalingAction with what the table scaling_events adds. */
struct ll_scaling_event {
    struct ll_slice action_id, rule_id, target, service, reason, actor;
    struct ll_slice decision; /* id of the row of scaling_decisions it came of */
    enum ll_action_state state;
    enum ll_direction direction;
    enum ll_resource_type type;
    double from_value, to_value;
    ll_time t;                /* of the action */
    ll_time created, changed; /* of the row: first written, last; 0 = t */
    ll_time expires;          /* not to be acted on after it; 0 = not given */
    int64_t epoch;
};

#endif
