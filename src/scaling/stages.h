/* What the stages of one decision share.  Internal to scaling/.
 *
 * Each stage has a part that looks at the inputs once (…_prepare) and a pure step from a number to
 * a number, so that a decision can be run again without any one of them: counterfactuals cost
 * nothing but arithmetic.  Every step is monotone in its number, which makes the pipeline so. */
#ifndef LL_SCALING_STAGES_H
#define LL_SCALING_STAGES_H

#include "scaling/decide.h"

#define LL_SCALING_FLAP_SPAN LL_HOUR
#define LL_SCALING_WIDENED (2 * LL_HOUR)
#define LL_SCALING_FIGHT_SPAN (10 * LL_MINUTE)

enum {
    LL_SCALING_IMPLAUSIBLE_HOLD = 3, /* intervals */
    LL_SCALING_FIGHT = 3,            /* changes by somebody else within LL_SCALING_FIGHT_SPAN */
    LL_SCALING_REVERSALS = 4         /* an hour */
};

/* What one rule's observation is worth. */
struct ll_scaling_load {
    enum ll_bound why;       /* LL_BOUND_NONE: to be believed */
    enum ll_bound why_value; /* the same of the value alone */
    double utilization;      /* of the newest sample */
    double cover;            /* share of the expected instances that report, (0, 1] */
    double per_unit;         /* capacity of one unit as observed; NaN = not known */
    double value, capacity;  /* of the newest sample; NaN = none to be believed */
    ll_time t;               /* of the newest sample, LL_TIME_NONE = none */
    struct ll_slice metric;  /* what is seen, or of an expression which rule is not */
};

/* What forbids a change, and until when (LL_TIME_NONE = not known). */
struct ll_scaling_hold {
    enum ll_bound why;
    ll_time until;
    struct ll_slice what; /* the metric, the person; may be empty */
};

struct ll_scaling_holds {
    struct ll_scaling_hold in, out, floor; /* floor: not even the range raises */
    int64_t removal;                       /* units that may go at once; < 0 = no limit */
};

struct ll_scaling_range {
    int64_t lo, hi;
    enum ll_bound lo_why, hi_why;
};

struct ll_scaling_work {
    const struct ll_scaling_input *in;
    struct ll_scaling_state *next; /* the state, brought up to now */
    struct ll_decision *d;
    struct ll_scaling_load *loads; /* per rule */
    int64_t current, base;         /* base: units that carry the load now */
    int64_t grain;
    enum ll_mode level;             /* the highest mode of a rule */
    bool override;                  /* a person's count is in force */
    struct ll_scaling_hold missing; /* the first required rule without data; NONE = none */
    bool data;                      /* some rule that counts goes by data, and has it */
    int64_t window_lo, window_hi;
    ll_time window_lo_end, window_hi_end;
    int64_t rate_up, rate_down;
    size_t rate_up_of, rate_down_of; /* the rule whose limit it is; n_rules = the target's */
    ll_time rate_end;
    unsigned reversals, reversals_max;
    bool last_out; /* the last change added */
    struct ll_scaling_range range;
    struct ll_scaling_holds holds;
    ll_time until;
};

/* input.c: what is seen, and the state brought up to it */
void ll_scaling_observe(struct ll_scaling_work *w);
bool ll_scaling_counts(const struct ll_scaling_work *w, size_t rule);
enum ll_mode ll_scaling_mode_of(const struct ll_scaling_work *w, size_t rule);
ll_dur ll_scaling_stale_after(const struct ll_scaling_work *w, const struct ll_scaling_rule *r);

/* expression.c: formulas over what other rules see. */
size_t ll_scaling_rule_of(const struct ll_scaling_work *w, struct ll_slice rule_id); /* n_rules */
/* Whether an expression that counts uses what the rule sees. */
bool ll_scaling_feeds(const struct ll_scaling_work *w, size_t rule);
void ll_scaling_expression_load(struct ll_scaling_work *w, size_t rule); /* after the others' */
bool ll_scaling_at_rest(const struct ll_scaling_work *w, size_t rule);

/* Times at which the result may change; those that have passed and LL_TIME_NONE are no such. */
void ll_scaling_until(struct ll_scaling_work *w, ll_time t);

/* amount.c; nothing is more than LL_SCALING_AMOUNT_MAX, exact in a double too. */
#define LL_SCALING_AMOUNT_MAX ((int64_t)1 << 52)
int64_t ll_scaling_ceil(double v);
int64_t ll_scaling_add(int64_t a, int64_t b);
int64_t ll_scaling_round_up(int64_t v, int64_t grain);
/* Units for `demand`; < 0 when capacity or goal is not known. */
int64_t ll_scaling_need(const struct ll_scaling_work *w, double demand, double per_unit,
                        double goal);

/* One proposal each. */
void ll_scaling_propose(struct ll_scaling_work *w);
void ll_scaling_say(struct ll_proposal *p, const char *fmt, ...) LL_PRINTF(2, 3);
void ll_scaling_bands(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p);
void ll_scaling_tracking(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p);
void ll_scaling_units(struct ll_scaling_work *w, struct ll_proposal *p);
/* Doubles the step of a load at its limit (saturation.c). */
void ll_scaling_saturate(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p);
void ll_scaling_predictive(struct ll_scaling_work *w, size_t rule, struct ll_proposal *p);
void ll_scaling_scheduled(const struct ll_scaling_work *w, size_t rule, struct ll_proposal *p);
void ll_scaling_manual(const struct ll_scaling_work *w, struct ll_proposal *p);
bool ll_scaling_manual_on(const struct ll_scaling_work *w);

/* Steps.  note may be NULL: a counterfactual. */
typedef int64_t ll_scaling_step_fn(const struct ll_scaling_work *w, int64_t before,
                                   struct ll_stage_note *note);
int64_t ll_scaling_note(struct ll_stage_note *note, int64_t before, int64_t after,
                        enum ll_bound why, const char *fmt, ...) LL_PRINTF(5, 6);
ll_scaling_step_fn ll_scaling_combine, ll_scaling_stabilize, ll_scaling_rate, ll_scaling_guard,
    ll_scaling_range_step, ll_scaling_flap;
/* The highest of all answers, those not combined too; of rules at least in `mode`. */
int64_t ll_scaling_combine_all(const struct ll_scaling_work *w);
int64_t ll_scaling_combine_from(const struct ll_scaling_work *w, enum ll_mode mode, size_t *winner);
/* How far the winner may go: as far as everybody whose consent it needed. */
enum ll_mode ll_scaling_winner_mode(const struct ll_scaling_work *w);

void ll_scaling_stabilize_prepare(struct ll_scaling_work *w);
void ll_scaling_answer(struct ll_scaling_state *s, ll_time now, int64_t value);
extern const struct ll_rates ll_scaling_velocity_in, ll_scaling_velocity_out;
void ll_scaling_rates_prepare(struct ll_scaling_work *w);
void ll_scaling_guards_prepare(struct ll_scaling_work *w);
/* Floors are those of rules at least in `mode`: what nobody agreed to is not raised by itself. */
void ll_scaling_range_prepare(struct ll_scaling_work *w, enum ll_mode mode);
void ll_scaling_flap_prepare(struct ll_scaling_work *w);

/* Verdict, second person, decide by: the last stage. */
void ll_scaling_mode_stage(struct ll_scaling_work *w, int64_t at_once);
void ll_scaling_explain(struct ll_scaling_work *w);

/* check_others.c: what a rule says of others, and a target of its groups. */
LL_MUST_USE bool ll_scaling_check_others(const struct ll_scaling_rule *r, const struct ll_target *t,
                                         struct ll_err *err);
LL_MUST_USE bool ll_scaling_check_groups(const struct ll_target *t, struct ll_err *err);

/* state.c: times that a clock that stepped back left in the future are cut. */
void ll_scaling_state_clamp(struct ll_scaling_state *s, ll_time now);
/* Notes a change of the target's count. */
void ll_scaling_state_change(struct ll_scaling_state *s, int64_t from, int64_t to, bool foreign,
                             ll_time now);

#endif
