/* What scaling keeps: rows for the store, in batches of their own lists.
 *
 * Slices are borrowed from the batch's arena on the way in, and valid during the call on the way
 * out.  Each row on its way in is told by the store whether it was taken: a refused row is not an
 * error of its batch, whose other rows are committed. */
#ifndef LL_CORE_SCALING_ROWS_H
#define LL_CORE_SCALING_ROWS_H

#include "base/sha256.h"
#include "core/records.h"

/* Why a row was not taken. */
#define LL_ROW_REFUSAL_TABLE(X)                                                                    \
    X(LL_ROW_TAKEN, "taken")                                                                       \
    X(LL_ROW_VERSION, "somebody else changed it meanwhile")                                        \
    X(LL_ROW_OPEN_ACTION, "another action of the target has not ended yet")                        \
    X(LL_ROW_ENDED, "the action has ended, or gone further than that")                             \
    X(LL_ROW_TOO_LARGE, "the document is too large")

#define X(member, text) member,
enum ll_row_refusal { LL_ROW_REFUSAL_TABLE(X) LL_ROW_REFUSALS };
#undef X
const char *ll_row_refusal_text(enum ll_row_refusal r);

enum {
    LL_RULE_DOCUMENT_MAX = 1 << 20,    /* bytes of a document that people keep */
    LL_STATE_DOCUMENT_MAX = 64 << 10,  /* of a target's state */
    LL_DECISION_RECORD_MAX = 256 << 10 /* of a decision's record */
};

/* A version of a document that people keep; all versions stay. */
#define LL_RULE_KIND_TABLE(X)                                                                      \
    X(LL_KIND_TARGET, "target")                                                                    \
    X(LL_KIND_RULE, "rule")                                                                        \
    X(LL_KIND_PRICES, "prices")                 /* a price book */                                 \
    X(LL_KIND_PLANNED_CHANGE, "planned_change") /* of demand or capacity */                        \
    X(LL_KIND_BUDGET, "budget")                                                                    \
    X(LL_KIND_COMMITMENT, "commitment") /* what is paid for anyway */

#define X(member, text) member,
enum ll_rule_kind { LL_RULE_KIND_TABLE(X) LL_KIND_COUNT };
#undef X
const char *ll_rule_kind_name(enum ll_rule_kind k);
/* False when the text names none; *out untouched then. */
LL_MUST_USE bool ll_rule_kind_parse(struct ll_slice text, enum ll_rule_kind *out);

struct ll_rule_row {
    enum ll_rule_kind kind;
    struct ll_slice id;
    int64_t version; /* one more than the last, from 1; else LL_ROW_VERSION */
    struct ll_slice document;
    bool deleted; /* this version takes it away; the document is what it was */
    struct ll_slice actor;
    ll_time t;
    enum ll_row_refusal refusal;
};

/* What is remembered of a target; the last one counts.  An empty state forgets it. */
struct ll_state_row {
    struct ll_slice target, state;
    ll_time t;
    enum ll_row_refusal refusal;
};

/* A decision with all that it was made of, for explanations and replay. */
struct ll_decision_row {
    struct ll_slice id; /* the same id again: the first stays */
    ll_time t;
    struct ll_slice target, service, verdict;
    int64_t current, to;
    struct ll_slice record; /* JSON; empty when it was not asked for */
    enum ll_row_refusal refusal;
};

/* A row of scaling_events on its way in: written again it changes by these rules.  A target has at
 * most one action that is pending or unknown; an action that has ended stays ended; none goes back
 * to proposed. */
struct ll_event_row {
    struct ll_scaling_event event;
    enum ll_row_refusal refusal;
};

/* Who changed what.  Each row carries a sum over itself and the row before it, so that a row that
 * was changed, taken out or put in later is found.  On the way in the store gives seq, previous and
 * hash. */
struct ll_audit_row {
    int64_t seq; /* 1, 2, 3 … without gaps */
    ll_time t;
    struct ll_slice actor, role, address; /* who, as what, from where */
    struct ll_slice action, object;       /* "rule.put", "order-gateway-open" */
    struct ll_slice detail;               /* JSON */
    char previous[LL_SHA256_HEX_MAX];     /* hash of the row before; "" of the first */
    char hash[LL_SHA256_HEX_MAX];
    enum ll_row_refusal refusal;
};

/* hash of a row: SHA-256 over seq, t, previous and each text behind its length, in hex. */
void ll_audit_hash(const struct ll_audit_row *a, char out[static LL_SHA256_HEX_MAX]);

/* Follows the chain row by row, in order, from zeroes.  False at the first row that does not fit:
 * why says what is wrong.  Rows taken from the end leave no trace in a chain: compare the last hash
 * with one that was noted. */
struct ll_audit_chain {
    int64_t seq; /* of the last row; 0 = none yet */
    char hash[LL_SHA256_HEX_MAX];
};
enum { LL_AUDIT_WHY_MAX = 160 };
LL_MUST_USE bool ll_audit_follow(struct ll_audit_chain *c, const struct ll_audit_row *a,
                                 char why[static LL_AUDIT_WHY_MAX]);

/* The lists of a batch. */
struct ll_scaling_rows {
    struct ll_rule_row *rules;
    struct ll_state_row *states;
    struct ll_decision_row *decisions;
    struct ll_event_row *events;
    struct ll_audit_row *audit;
    size_t n_rules, n_states, n_decisions, n_events, n_audit;
};

#endif
