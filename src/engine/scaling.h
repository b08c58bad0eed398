/* Scaling in the daemon: rules in force, what was decided, and who may change it.
 *
 *     sample -> watch -> ll_scaling_decide -> record -> intent (durable) -> executor -> outcome
 *
 * The engine's thread owns rules and states; executors work on threads of their own, one exchange
 * a target at a time.  What others read is a book: immutable, counted, swapped whole.  What others
 * ask for is a command: done on the engine's thread, answered when it is durable.  An action is
 * sent only after its intent is on disk; without storage nothing is sent. */
#ifndef LL_ENGINE_SCALING_H
#define LL_ENGINE_SCALING_H

#include "core/scaling_rows.h"
#include "core/scope.h"
#include "scaling/decide.h"
#include "scaling/place.h"

struct ll_engine;

enum { LL_ACTION_ID_MAX = 40, LL_CONDITION_MAX = 256 };

/* The last decision of a target, copied out of its arena. */
struct ll_held_decision {
    char id[LL_ACTION_ID_MAX]; /* of the last that was recorded; "" = none yet */
    struct ll_decision d;      /* proposals below */
    struct ll_slice metric;    /* of the winner's rule */
};

struct ll_held_target {
    const struct ll_target *target;
    int64_t version;        /* of its document; 0 = from a file */
    struct ll_slice source; /* "api" or the file's name */
    struct ll_target_seen seen;
    char condition[LL_CONDITION_MAX]; /* what is wrong with it: "403 forbidden …"; "" = nothing */
    struct ll_held_decision last;
    ll_time cooldown_out, cooldown_in; /* until; LL_TIME_NONE = none */
    struct ll_manual manual;
    struct ll_pause_state pause, freeze;
    ll_dur lead;
    unsigned lead_n;                 /* how many it was learned from; 0 = declared */
    bool open_action, second_person; /* what waits needs two people to agree */
    struct ll_scaling_event action;  /* the open or the waiting one; action_id empty = none */
    const struct ll_scaling_rule *const *rules; /* in the order of their documents */
    size_t n_rules;
};

struct ll_held_rule {
    const struct ll_scaling_rule *rule;
    int64_t version;
    struct ll_slice source;
    size_t target; /* index into targets */
    bool trusted;  /* PREDICTIVE: its forecast may decide */
    char trust[160];
};

struct ll_scaling_book {
    const struct ll_held_target *const *targets; /* by name */
    size_t n_targets;
    const struct ll_held_rule *rules; /* by rule_id */
    size_t n_rules;
    enum ll_mode mode; /* of the daemon: no rule goes beyond it */
    struct ll_pause_state pause;
    ll_time made;
};

/* Never NULL; release it soon. */
const struct ll_scaling_book *ll_engine_scaling(struct ll_engine *e);
void ll_engine_scaling_release(const struct ll_scaling_book *b);

const struct ll_held_rule *ll_scaling_book_rule(const struct ll_scaling_book *b,
                                                struct ll_slice rule_id);
const struct ll_held_target *ll_scaling_book_target(const struct ll_scaling_book *b,
                                                    struct ll_slice name);

struct ll_scaling_status {
    size_t targets, rules, open_actions, proposals, unknown;
    uint64_t decisions, recorded, actions, failed, refused;
    double decide_us;       /* of the last round, a target */
    double latency_ms_max;  /* newest sample to decision, of the last minute; NaN = none */
    size_t executors, busy; /* threads */
};
void ll_engine_scaling_status(struct ll_engine *e, struct ll_scaling_status *out);

/* Who asks; slices are copied. */
struct ll_asker {
    struct ll_slice name, role, address;
    bool authenticated;           /* `auto` is for admins of these only */
    const struct ll_scope *scope; /* may change what is of these; NULL = all; copied */
};

enum ll_scaling_verb {
    LL_SCALING_APPLY,  /* text: rules and targets (config/rules_file.h); alone: the one named id */
    LL_SCALING_DELETE, /* id: a rule, or with `kind` target */
    LL_SCALING_MODE,   /* mode; id: a rule, empty = the daemon's */
    LL_SCALING_PAUSE,  /* pause, until, reason; id: a target, empty = all */
    LL_SCALING_FREEZE, /* the same, of a freeze: scale-in, or both */
    LL_SCALING_OVERRIDE, /* id: a target; manual */
    LL_SCALING_COOLDOWN, /* id: a rule; span, in both directions from now */
    LL_SCALING_APPROVE,  /* id: an action that is proposed; from must be the current count */
    LL_SCALING_REJECT,
    LL_SCALING_EXECUTE, /* the same under another name, for the audit log */
    LL_SCALING_EVALUATE /* now; id: a target, empty = all */
};
struct ll_scaling_command {
    enum ll_scaling_verb verb;
    struct ll_asker actor;
    struct ll_slice id, text, reason;
    enum ll_rule_kind kind;
    enum ll_mode mode;
    enum ll_pause pause;
    ll_time until;
    ll_dur span;
    struct ll_manual manual;
    int64_t version; /* of what is replaced; < 0 = whichever: else LL_E_CONFLICT */
    bool dry_run;    /* say what would change; change nothing */
    bool alone;      /* APPLY: one of `kind` */
};
struct ll_scaling_change { /* of one document */
    enum ll_rule_kind kind;
    char id[LL_NAME_MAX + 1];
    enum ll_changed { LL_CHANGE_NONE, LL_CHANGE_ADDED, LL_CHANGE_CHANGED, LL_CHANGE_DELETED } what;
    int64_t version;
};

struct ll_scaling_answer {
    bool ok;
    struct ll_err err;
    const struct ll_err *errs;               /* APPLY: what is wrong with the document, in part */
    const struct ll_scaling_change *changes; /* APPLY, DELETE */
    size_t n_errs, n_changes;
    struct ll_scaling_event action; /* APPROVE, REJECT, EXECUTE: as it is now */
};

/* Queues a command; done is called once, on another thread, when it is durable or has failed; the
 * answer is valid during the call.  Each command that changes something has one row in the audit
 * log.  Fails with LL_E_BUSY, and done is not called. */
LL_MUST_USE bool ll_engine_scaling_do(struct ll_engine *e, const struct ll_scaling_command *c,
                                      void (*done)(void *ctx, const struct ll_scaling_answer *a),
                                      void *ctx, struct ll_err *err);

/* The record of a decision by its id, as JSON; LL_E_NOT_FOUND. */
LL_MUST_USE bool ll_engine_decision(struct ll_engine *e, struct ll_slice id, struct ll_arena *out,
                                    struct ll_decision_row *row, struct ll_err *err);

/* Decides again from a record alone, with the same code.  *same says whether it gives the recorded
 * answer; differs names the first place where not.  Fails with LL_E_DAMAGED. */
LL_MUST_USE bool ll_scaling_replay(struct ll_slice record, struct ll_arena *out,
                                   struct ll_decision *d, bool *same, char differs[static 160],
                                   struct ll_err *err);

#endif
