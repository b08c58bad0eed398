/* What is asked of a store about scaling, and how it answers. */
#ifndef LL_STORE_SCALING_QUERY_H
#define LL_STORE_SCALING_QUERY_H

#include "core/scaling_rows.h"

struct ll_rules_query {
    int kind;           /* enum ll_rule_kind, -1 = all */
    struct ll_slice id; /* empty = all */
    bool versions;      /* all of each; else the last, and none of what is deleted */
};

struct ll_actions_query {
    struct ll_slice action_id;       /* empty = by the others */
    struct ll_slice service, target; /* empty = all */
    int state;                       /* enum ll_action_state, -1 = all */
    bool open;                       /* only those that may still change their target */
    ll_time from, to;                /* [from, to) by t; to 0 = all */
    size_t limit;                    /* 0 = all */
};

struct ll_decisions_query {
    struct ll_slice id;              /* empty = by the others */
    struct ll_slice service, target; /* empty = all */
    ll_time from, to;                /* [from, to); to 0 = all */
    bool records;                    /* with their records; one asked for by id has it always */
    size_t limit;                    /* 0 = all */
};

struct ll_audit_query {
    struct ll_slice object; /* empty = all */
    int64_t from, to;       /* seq, [from, to); to 0 = all */
    bool newest_first;      /* else in order, as the chain goes */
    size_t limit;           /* 0 = all */
};

/* False ends the reading early, without an error. */
typedef bool ll_store_rule_fn(void *ctx, const struct ll_rule_row *r);
typedef bool ll_store_state_fn(void *ctx, const struct ll_state_row *s);
typedef bool ll_store_action_fn(void *ctx, const struct ll_scaling_event *e);
typedef bool ll_store_decision_fn(void *ctx, const struct ll_decision_row *d);
typedef bool ll_store_audit_fn(void *ctx, const struct ll_audit_row *a);

#endif
