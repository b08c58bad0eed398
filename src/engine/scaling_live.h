/* Rules in force and targets as they live: what scaling.c and its neighbours share.  The engine's
 * thread's, unless it says otherwise. */
#ifndef LL_ENGINE_SCALING_LIVE_H
#define LL_ENGINE_SCALING_LIVE_H

#include "config/rules_file.h"
#include "engine/actors.h"
#include "engine/scaling.h"

/* A document and where each of its parts comes from; counted, any thread. */
struct ll_rules_set {
    atomic_uint refs;
    struct ll_rules_doc *doc;
    struct ll_rule_origin {
        int64_t version;        /* 0 = from a file */
        struct ll_slice source; /* in the document's arena */
    } * targets, *rules;
    char hash[17]; /* of the documents: what a decision was made with */
};
void ll_rules_set_ref(struct ll_rules_set *s);
void ll_rules_set_unref(struct ll_rules_set *s); /* NULL too */

struct ll_live_rule {
    const struct ll_scaling_rule *rule;
    size_t index;                       /* of the set's rules */
    size_t cell;                        /* of the watch; SIZE_MAX = it does not look at samples */
    struct ll_schedule_source *sources; /* one a window */
    struct ll_market_events **events;   /* owned, one a window; NULL = it needs none */
    struct ll_window_now *windows;
    ll_time windows_until;
    struct ll_demand_ahead ahead;
    char model[64], reason[192]; /* what `ahead` borrows */
    char trouble[192];           /* why its windows cannot be told; "" = they can */
};

/* What was recorded last: another one is news. */
struct ll_recorded {
    bool any;
    enum ll_verdict verdict;
    enum ll_bound bound;
    int64_t current, wanted, to;
};

struct ll_live_target {
    const struct ll_target *target;
    size_t index; /* of the set's targets */
    struct ll_actor *actor;
    struct ll_live_rule *rules;
    size_t n_rules;
    struct ll_scaling_state state;
    struct ll_target_seen seen;
    char condition[LL_CONDITION_MAX];
    bool dirty, observing, acting; /* acting: a job for its action is out */
    bool unsaved;
    ll_time due;                          /* of its next decision */
    ll_time observe_at, saved, settle_at; /* mono */
    int64_t rejected;                     /* a count that a person did not want */
    ll_time rejected_until;               /* LL_TIME_NONE = nothing was */
    struct ll_recorded recorded;
    char decision_id[LL_ACTION_ID_MAX];
    struct ll_scaling_event action; /* waiting or open; its texts are below */
    char action_id[LL_ACTION_ID_MAX], action_decision[LL_ACTION_ID_MAX];
    char action_reason[LL_ACTOR_TEXT_MAX], action_actor[64], action_rule[LL_NAME_MAX + 1];
    struct ll_held_target_ref *held; /* what the book shows */
    bool changed;                    /* since */
};

#endif
