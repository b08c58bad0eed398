/* What scaling remembers of a target between decisions: bounded, persisted, restored.
 *
 * A value type without pointers but for its own fixed arrays, so that a decision can be replayed
 * from a copy.  Times that come back from disk are clamped against a clock that stepped. */
#ifndef LL_SCALING_STATE_H
#define LL_SCALING_STATE_H

#include "base/err.h"
#include "base/time.h"
#include "core/scaling.h"

enum {
    LL_STATE_ANSWERS = 64, /* answers of the stabilisation windows, thinned to extremes */
    LL_STATE_CHANGES = 64,
    LL_STATE_BYTES_MAX = 16 << 10 /* encoded */
};

struct ll_answer { /* before stabilisation */
    ll_time t;
    int64_t value;
};

struct ll_change { /* applied; or seen, when somebody else did it */
    ll_time t;
    int64_t from, to;
    bool foreign;
};

struct ll_manual {
    bool set;
    bool exact;             /* count; else floor and ceiling */
    int64_t floor, ceiling; /* count in both when exact; ceiling 0 = none */
    ll_time until;
    char actor[64], reason[160];
};

struct ll_pause_state {
    enum ll_pause what;
    ll_time until; /* LL_TIME_NONE only with LL_PAUSE_NONE: a pause always ends */
    char actor[64], reason[160];
};

/* Whether it holds a change outwards (else inwards) at that time. */
bool ll_pause_state_holds(const struct ll_pause_state *p, bool out, ll_time now);

struct ll_scaling_state {
    struct ll_answer answers[LL_STATE_ANSWERS];
    size_t n_answers;
    struct ll_change changes[LL_STATE_CHANGES]; /* oldest first */
    size_t n_changes;
    ll_time seen_since;                /* first decision; LL_TIME_NONE = never */
    ll_time cooldown_out, cooldown_in; /* until; LL_TIME_NONE = none */
    ll_time data_lost;                 /* since when a required rule has no data */
    double last_demand;                /* believed, NaN = none */
    ll_time last_demand_t;
    unsigned implausible;  /* samples left to hold; the last one also waits for its interval */
    ll_time implausible_t; /* of what was not believed */
    ll_time contested;     /* until */
    int64_t expected;      /* what the last known change left; -1 = not known */
    unsigned failures;     /* of actions, in a row */
    ll_time breaker;       /* until */
    ll_time idle_since;
    bool scaled_to_zero; /* by us */
    bool warming;        /* the last change has not become ready */
    ll_time widened;     /* flap: the scale-in window is doubled until */
    struct ll_manual manual;
    struct ll_pause_state pause, freeze;
    double lead_s, lead_var; /* learned: mean and variance of action to ready */
    unsigned lead_n;
};

void ll_scaling_state_init(struct ll_scaling_state *s);

/* One line of JSON; the same state gives the same bytes. */
struct ll_str;
void ll_scaling_state_write(const struct ll_scaling_state *s, struct ll_str *out);
/* Unknown members are passed over; fails with LL_E_DAMAGED, *out untouched.  Spans that end more
 * than their longest possible length after `now` (a clock that stepped) are cut to it. */
LL_MUST_USE bool ll_scaling_state_read(struct ll_slice text, ll_time now,
                                       struct ll_scaling_state *out, struct ll_err *err);

/* Notes what came of an action, or what was seen on the target. */
void ll_scaling_note_applied(struct ll_scaling_state *s, int64_t from, int64_t to, ll_time now);
void ll_scaling_note_failed(struct ll_scaling_state *s, ll_time now);
/* What the last change asked for is ready: starts the cooldowns, and learns the lead time from what
 * was seen of it (a target may not say).  A longer cooldown that a person has set stays. */
void ll_scaling_note_ready(struct ll_scaling_state *s, bool seen, ll_dur cooldown_out,
                           ll_dur cooldown_in, ll_time now);
/* The wall clock stepped by `by`: everything remembered moves with it, so that no wait is skipped
 * or lengthened; what a person has dated stays. */
void ll_scaling_state_step(struct ll_scaling_state *s, ll_dur by);
/* 95th percentile of the learned lead time; the declared one while fewer than 3 were seen. */
ll_dur ll_scaling_lead(const struct ll_scaling_state *s, ll_dur declared);

#endif
