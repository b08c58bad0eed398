/* What the monitor remembers of each series and each cell (internal to the folder). */
#ifndef LL_MONITOR_STATE_H
#define LL_MONITOR_STATE_H

#include "base/map.h"
#include "core/records.h"
#include "monitor/monitor.h"
#include "monitor/ring.h"
#include "stats/trend.h"

enum {
    LL_STATE_HOURS = 168,    /* hourly means of a series: 7 days */
    LL_STATE_QUARTERS = 672, /* quarter-hour means of a cell: 7 days */
    LL_STATE_FIVES = 8,      /* five-minute means of a cell: 40 minutes */
    LL_STATE_PEAKS = 26,     /* hourly maxima of a cell: a day and a bit */
    LL_STATE_WARM_FIVES = LL_STATE_PEAKS * 12
};

#define LL_STATE_FIVE (5 * LL_MINUTE)
#define LL_STATE_QUARTER (15 * LL_MINUTE)

/* The mean of what falls into one slot, until the next slot begins. */
struct ll_slot_mean {
    int64_t slot;
    double sum;
    uint32_t n;
};

struct ll_series_state {
    struct ll_series_key key; /* slices into name */
    char *name;
    size_t name_n;
    enum ll_unit unit;
    bool primary; /* marked by whoever sent it */
    bool stands;  /* its part is the one whose sum is the cell's; ll_state_mark_standing */
    bool has_latest;
    bool ended; /* its sender said that nothing comes any more */
    size_t cell;
    double value, capacity, max_value;
    ll_dur window;
    ll_time t;
    ll_dur step;    /* by how much the wall clock was stepped since t */
    ll_dur gaps[3]; /* the last spans between samples, newest first; 0 = none yet */
    struct ll_slot_mean hour;
    struct ll_ring hours;
    struct ll_trend trend; /* of hours, per hour */
    int64_t trend_hour;    /* the closed hour it was made at */
    float hours_v[LL_STATE_HOURS];
};

/* Sums over instances of what fell into one slot; a capacity nobody knows makes it NaN. */
struct ll_warm_sum {
    int64_t slot;
    float value, max, capacity;
};

/* A cell's past while a restart is being warmed; freed at its end. */
struct ll_cell_warm {
    struct ll_warm_sum quarters[LL_STATE_QUARTERS], fives[LL_STATE_WARM_FIVES];
};

struct ll_cell_state {
    struct ll_slice service; /* into the name of its first series */
    char *name;
    enum ll_resource_type type;
    size_t n_series;
    enum ll_status status; /* as last judged */
    bool judged;
    ll_time since;
    struct ll_slot_mean five, quarter;
    struct ll_ring fives, quarters, peaks;
    struct ll_cell_warm *warm;
    float fives_v[LL_STATE_FIVES], quarters_v[LL_STATE_QUARTERS], peaks_v[LL_STATE_PEAKS];
};

/* What sources said of a service; its texts are behind it. */
struct ll_facts_state {
    struct ll_service_facts facts;
    char text[];
};

struct ll_monitor {
    struct ll_map *by_key, *by_cell; /* -> index into series, cells */
    struct ll_map *by_service;       /* -> index into facts */
    struct ll_facts_state **facts;
    size_t n_facts, size_facts;
    struct ll_series_state **series; /* n_series, unordered; holes are closed */
    struct ll_cell_state **cells;
    struct ll_series_state **sorted; /* by key, rebuilt when !sorted_ok */
    size_t n_series, n_cells, max_series, size;
    bool sorted_ok, warming;
    ll_dur forget_after;
    double *scratch; /* for trends */
};

/* Adds to the mean; when a new slot begins, the finished one goes into the ring. */
void ll_state_mean_add(struct ll_slot_mean *m, struct ll_ring *ring, int64_t slot, double v);

/* The mean so far of the slot that is open. */
double ll_state_mean_now(const struct ll_slot_mean *m);

/* Drops series that have been silent too long, and cells that are empty then. */
void ll_state_forget(struct ll_monitor *m, ll_time now);

/* facts.c: what is known of a service and not too old to be believed; NULL = nothing. */
const struct ll_service_facts *ll_state_facts(const struct ll_monitor *m, struct ll_slice service,
                                              ll_time now);
void ll_state_forget_facts(struct ll_monitor *m, ll_time before);
/* What the configuration leaves empty is taken from what was found. */
void ll_state_fill_meta(struct ll_service_meta *own, const struct ll_service_meta *found);

/* Puts m->sorted in order of keys. */
void ll_state_sort(struct ll_monitor *m);

/* Which part of one cell's series (n of them, in order) stands for the resource: the one
 * marked primary, else "" when there is one, else the first in the resource's own unit.  A
 * pressure ratio never stands for cores. */
void ll_state_mark_standing(struct ll_series_state *const *s, size_t n);

/* Frees NULL too. */
void ll_state_free_series(struct ll_series_state *s);
void ll_state_free_cell(struct ll_cell_state *c);

/* The series' own cadence: the median of its last gaps, `interval` when not known yet. */
ll_dur ll_state_cadence(const struct ll_series_state *s, ll_dur interval);

/* Refits the trend when an hour has closed since. */
void ll_state_trend(struct ll_series_state *s, double *scratch);

#endif
