/* The nouns of scaling that every floor shares: modes, what bound a decision, how an action ended.
 * Names print as here and are read in any case. */
#ifndef LL_CORE_SCALING_H
#define LL_CORE_SCALING_H

#include "core/enums.h"

/* How far a rule may go; everything is computed in each of them. */
#define LL_MODE_TABLE(X)                                                                           \
    X(LL_MODE_OFF, "off")         /* nothing is recorded as a proposal */                          \
    X(LL_MODE_OBSERVE, "observe") /* recorded, never sent: the default */                          \
    X(LL_MODE_APPROVE, "approve") /* sent when a person has said so */                             \
    X(LL_MODE_AUTO, "auto")

/* Which direction is paused. */
#define LL_PAUSE_TABLE(X)                                                                          \
    X(LL_PAUSE_NONE, "none")                                                                       \
    X(LL_PAUSE_IN, "in")                                                                           \
    X(LL_PAUSE_OUT, "out")                                                                         \
    X(LL_PAUSE_BOTH, "both")

/* The life of a row of scaling_events.  proposed waits for a person; pending is the intent, durable
 * before anything is sent; unknown was sent and not confirmed: the target is read back. */
#define LL_ACTION_STATE_TABLE(X)                                                                   \
    X(LL_ACTION_PROPOSED, "proposed")                                                              \
    X(LL_ACTION_PENDING, "pending")                                                                \
    X(LL_ACTION_UNKNOWN, "unknown")                                                                \
    X(LL_ACTION_APPLIED, "applied")                                                                \
    X(LL_ACTION_NOT_APPLIED, "not_applied")                                                        \
    X(LL_ACTION_FAILED, "failed")                                                                  \
    X(LL_ACTION_SUPERSEDED, "superseded")                                                          \
    X(LL_ACTION_REJECTED, "rejected")                                                              \
    X(LL_ACTION_EXPIRED, "expired")                                                                \
    X(LL_ACTION_OBSERVED, "observed") /* what would have been done */

/* The stages of a decision, in their order. */
#define LL_STAGE_TABLE(X)                                                                          \
    X(LL_STAGE_COMBINE, "combine")                                                                 \
    X(LL_STAGE_STABILIZE, "stabilize")                                                             \
    X(LL_STAGE_RATE, "rate")                                                                       \
    X(LL_STAGE_GUARD, "guards")                                                                    \
    X(LL_STAGE_RANGE, "range")                                                                     \
    X(LL_STAGE_FLAP, "flap")                                                                       \
    X(LL_STAGE_MODE, "mode")

/* What a proposal says, or what a stage changed the number for.  code, name, one sentence. */
#define LL_BOUND_TABLE(X)                                                                          \
    X(LL_BOUND_NONE, "none", "nothing bound it")                                                   \
    X(LL_BOUND_SATURATED, "saturated", "at its limit while more waits: the step is doubled")       \
    X(LL_BOUND_CONSENT, "consent", "not all of those who must agree do")                           \
    X(LL_BOUND_IN_BAND, "in_band", "utilisation is between scale_down and scale_up")               \
    X(LL_BOUND_TOLERANCE, "tolerance", "within the tolerance of the target")                       \
    X(LL_BOUND_SAMPLES, "samples", "too few of the last samples agree")                            \
    X(LL_BOUND_NO_DATA, "no_data", "no data: never a reason to scale in")                          \
    X(LL_BOUND_STALE, "stale", "the newest sample is too old")                                     \
    X(LL_BOUND_PARTIAL, "partial", "too few of the expected instances report")                     \
    X(LL_BOUND_IMPLAUSIBLE, "implausible", "the change is too sudden to be believed")              \
    X(LL_BOUND_FALLBACK, "fallback", "the fallback for missing data")                              \
    X(LL_BOUND_NO_FORECAST, "no_forecast", "there is no forecast")                                 \
    X(LL_BOUND_UNTRUSTED, "untrusted", "the forecast has not earned trust")                        \
    X(LL_BOUND_FORECAST_CAP, "forecast_cap", "a forecast alone may add so much only")              \
    X(LL_BOUND_RAISE_ONLY, "raise_only", "a forecast may only raise")                              \
    X(LL_BOUND_NO_MODEL, "no_capacity_model", "capacity per instance is not known")                \
    X(LL_BOUND_NO_WINDOW, "no_window", "no window of the schedule is open")                        \
    X(LL_BOUND_NO_OVERRIDE, "no_override", "no manual override is in force")                       \
    X(LL_BOUND_WINDOW_UP, "scale_out_window", "an answer of the stabilisation window is lower")    \
    X(LL_BOUND_WINDOW_DOWN, "scale_in_window", "an answer of the stabilisation window is higher")  \
    X(LL_BOUND_RATE_UP, "scale_out_rate", "scale-out is limited per period")                       \
    X(LL_BOUND_RATE_DOWN, "scale_in_rate", "scale-in is limited per period")                       \
    X(LL_BOUND_BUDGET, "removal_budget", "all targets together may remove so much only")           \
    X(LL_BOUND_COOLDOWN_OUT, "scale_out_cooldown", "the cooldown of scale-out has not ended")      \
    X(LL_BOUND_COOLDOWN_IN, "scale_in_cooldown", "the cooldown of scale-in has not ended")         \
    X(LL_BOUND_WARMING, "warming", "instances are not ready yet")                                  \
    X(LL_BOUND_REQUIRED, "required_missing", "a required rule has no answer")                      \
    X(LL_BOUND_BLACKOUT, "blackout", "a window forbids scale-in")                                  \
    X(LL_BOUND_FREEZE, "freeze", "a freeze is in force")                                           \
    X(LL_BOUND_CONTESTED, "contested", "somebody else changed the target")                         \
    X(LL_BOUND_TARGET_UNKNOWN, "target_unknown", "the target's own count is not known")            \
    X(LL_BOUND_BREAKER, "breaker", "the last actions failed: the target is left alone")            \
    X(LL_BOUND_OPEN_ACTION, "open_action", "an action has not ended yet")                          \
    X(LL_BOUND_SCALED_TO_ZERO, "zero_by_hand", "somebody set the target to zero")                  \
    X(LL_BOUND_MIN, "min", "the range's lower end")                                                \
    X(LL_BOUND_FLOOR, "floor", "a floor of a schedule or a person")                                \
    X(LL_BOUND_MAX, "max", "the range's upper end")                                                \
    X(LL_BOUND_CEILING, "ceiling", "a ceiling of a schedule or a person")                          \
    X(LL_BOUND_QUOTA, "quota", "the quota of the target")                                          \
    X(LL_BOUND_DEPENDENCY, "dependency", "what it depends on has no room for more")                \
    X(LL_BOUND_FLAP, "flap_budget", "too many reversals in the last hour")                         \
    X(LL_BOUND_MODE, "mode", "the mode does not allow it")                                         \
    X(LL_BOUND_PAUSED, "paused", "paused by a person")

#define X(member, name) member,
enum ll_mode { LL_MODE_TABLE(X) LL_MODE_COUNT };
enum ll_pause { LL_PAUSE_TABLE(X) LL_PAUSE_COUNT };
enum ll_action_state { LL_ACTION_STATE_TABLE(X) LL_ACTION_STATE_COUNT };
enum ll_stage { LL_STAGE_TABLE(X) LL_STAGE_COUNT };
#undef X
#define X(member, name, text) member,
enum ll_bound { LL_BOUND_TABLE(X) LL_BOUND_COUNT };
#undef X

/* Static names; a value out of range gives "?". */
const char *ll_mode_name(enum ll_mode v);
const char *ll_pause_name(enum ll_pause v);
const char *ll_action_state_name(enum ll_action_state v);
const char *ll_stage_name(enum ll_stage v);
const char *ll_bound_name(enum ll_bound v);
const char *ll_bound_text(enum ll_bound v);

/* False when the text names none; *out untouched then. */
LL_MUST_USE bool ll_mode_parse(struct ll_slice text, enum ll_mode *out);
LL_MUST_USE bool ll_pause_parse(struct ll_slice text, enum ll_pause *out);
LL_MUST_USE bool ll_action_state_parse(struct ll_slice text, enum ll_action_state *out);
LL_MUST_USE bool ll_bound_parse(struct ll_slice text, enum ll_bound *out);

/* Whether an action may still change its target. */
bool ll_action_open(enum ll_action_state s);

#endif
