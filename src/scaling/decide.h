/* The decision, pure: (rules of a target, what was seen, forecasts, state, now) -> decision.
 *
 *     proposals -> combine -> stabilise -> rates -> guards of scale-in -> range -> flap -> mode
 *
 * The order is fixed, every stage is computed whatever the mode, and each leaves its number and
 * what bound it, so that a decision explains itself and can be replayed from its record.  For one
 * rule, state and time a pointwise higher load never lowers the result, but for one that is too low
 * to be believed and therefore held; missing data never scales in.  The same code runs live, in the
 * simulator and in tests. */
#ifndef LL_SCALING_DECIDE_H
#define LL_SCALING_DECIDE_H

#include "base/arena.h"
#include "scaling/rule.h"
#include "scaling/schedule.h"
#include "scaling/state.h"

struct ll_hpa_pod; /* scaling/hpa.h */

enum ll_seen { LL_SEEN_OK, LL_SEEN_MISSING, LL_SEEN_STALE, LL_SEEN_BROKEN, LL_SEEN_PARTIAL };

struct ll_seen_sample {
    ll_time t;
    double value, capacity; /* of the whole service, in the resource's unit */
};

/* What one rule sees. */
struct ll_observation {
    enum ll_seen state;
    struct ll_slice metric; /* for people: "order-gateway API_CALLS" */
    enum ll_unit unit;
    const struct ll_seen_sample *samples; /* newest first; [0] is the one that counts */
    size_t n_samples;
    size_t instances, expected;    /* that report; that should */
    const struct ll_hpa_pod *pods; /* LL_FORM_TARGET; may be NULL: the sums are used */
    size_t n_pods;
};

/* Demand ahead, as the forecaster gave it for [now, now + lead + step]. */
struct ll_demand_ahead {
    bool known, trusted;
    double demand; /* tau-quantile of the maximum, the resource's unit */
    double median; /* of the maximum */
    double tau;
    ll_time at;           /* of the highest point */
    ll_time origin, made; /* made of one that is not known: when the last one was, <= 0 = never:
                             what was there and is lost holds scale-in, what never was does not */
    struct ll_slice model;
    struct ll_slice reason; /* why not known or not trusted */
};

/* What the target says of itself. */
struct ll_target_seen {
    bool known;
    int64_t current, ready; /* spec; ready -1 = not known */
    ll_time t;
};

struct ll_rule_input {
    const struct ll_scaling_rule *rule;
    struct ll_observation seen;
    struct ll_demand_ahead ahead;        /* PREDICTIVE */
    const struct ll_window_now *windows; /* of the rule at `now`, from ll_schedule_at */
    size_t n_windows;
};

struct ll_scaling_input {
    const struct ll_target *target;
    const struct ll_rule_input *rules;
    size_t n_rules;
    struct ll_target_seen seen;
    bool open_action;            /* one has been sent and has not ended */
    enum ll_mode ceiling;        /* the daemon's mode: a rule's cannot go beyond it */
    struct ll_pause_state pause; /* of everything */
    int64_t removal_left; /* units that all targets together may remove now; < 0 = no limit */
    ll_dur interval;      /* between evaluations */
    ll_time now;
};

enum ll_proposal_state {
    LL_PROPOSAL_WANTS, /* an answer, which may be the current count */
    LL_PROPOSAL_FLOOR, /* only raises */
    LL_PROPOSAL_NONE   /* no answer: see bound */
};

struct ll_proposal {
    const struct ll_scaling_rule
        *rule; /* NULL: a person's override that no MANUAL rule speaks for */
    enum ll_proposal_state state;
    int64_t want;
    enum ll_bound bound;
    bool shadow;                                /* mode off, or demoted: shown, not combined */
    double demand, per_unit, goal, utilization; /* what it was computed from; NaN = not used */
    char text[160];
};

struct ll_stage_note {
    int64_t before, after;
    enum ll_bound bound; /* LL_BOUND_NONE = unchanged */
    char text[120];
};

enum ll_verdict {
    LL_VERDICT_NOTHING, /* to == current */
    LL_VERDICT_HELD,    /* would change; a guard, a pause or a mode holds all of it */
    LL_VERDICT_OBSERVE, /* would change, mode observe */
    LL_VERDICT_PROPOSE,
    LL_VERDICT_ACT
};

struct ll_decision {
    ll_time now;
    int64_t current, wanted, to; /* wanted: after combine; to: what the stages left, before mode */
    enum ll_direction direction; /* of to against current */
    enum ll_verdict verdict;
    enum ll_bound bound; /* of the last stage that changed it, or of the winner */
    size_t winner;       /* index of the proposal; n_proposals = none */
    struct ll_proposal *proposals;
    size_t n_proposals;
    struct ll_stage_note stages[LL_STAGE_COUNT];
    /* The result had this stage not been; without combining what is only shown counts too. */
    int64_t without[LL_STAGE_COUNT];
    /* What may be done without asking: `to` of LL_VERDICT_ACT; beside LL_VERDICT_PROPOSE as much as
     * rules in auto ask for by themselves, which is acted on while the proposal waits; else
     * current. */
    int64_t at_once;
    bool second_person;
    ll_time decide_by;   /* approval after it comes too late */
    ll_time valid_until; /* the same input (but the time) gives the same result until then */
    char reason[256];    /* one sentence */
};

/* Decides; *next is the state after it (answers noted, holds counted).  d's proposals live in out.
 * next may not be state.  Fails with LL_E_MEMORY only. */
LL_MUST_USE bool ll_scaling_decide(const struct ll_scaling_input *in,
                                   const struct ll_scaling_state *state, struct ll_arena *out,
                                   struct ll_decision *d, struct ll_scaling_state *next,
                                   struct ll_err *err);

/* What a rule by itself is wrong about: bands without hysteresis, min > max, tau out of (0, 1).
 * Fails with LL_E_INVALID and a sentence that names rule, key, value and what is allowed. */
LL_MUST_USE bool ll_scaling_rule_check(const struct ll_scaling_rule *r, const struct ll_target *t,
                                       struct ll_err *err);
LL_MUST_USE bool ll_scaling_target_check(const struct ll_target *t, struct ll_err *err);

/* Defaults of a rule and of a target: what YAML and API begin with. */
void ll_scaling_rule_init(struct ll_scaling_rule *r, enum ll_resource_type type);
void ll_scaling_target_init(struct ll_target *t);

#endif
