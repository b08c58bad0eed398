/* Scaling inside the engine.  Everything here is the engine's thread's, unless it says otherwise.
 *
 * A set is the rules in force, read as one document; it is swapped whole, and the states of targets
 * move over by name.  See scaling.h for what others see. */
#ifndef LL_ENGINE_SCALING_PRIVATE_H
#define LL_ENGINE_SCALING_PRIVATE_H

#include "engine/scaling_live.h"
#include "engine/scaling_record.h"
#include "scaling/watch.h"

enum { LL_ROUND_MAX = 1000 };

struct ll_scaling_keep; /* scaling_keep.h */

struct ll_removal { /* of the budget of all targets together */
    ll_time t;
    int64_t units;
};
enum { LL_REMOVALS_MAX = 4096 };

struct ll_scaling {
    struct ll_engine *e;
    struct ll_actors *actors;
    struct ll_rules_set *set; /* never NULL once started */
    struct ll_live_target *targets;
    size_t n_targets;
    uint64_t generation; /* of `targets`: answers for an older one find theirs by name */
    struct ll_watch *watch;
    size_t (*watchers)[2]; /* cell, target: sorted by cell */
    size_t n_watchers;
    struct ll_arena *scratch;
    enum ll_mode mode;
    struct ll_pause_state pause;
    struct ll_removal removals[LL_REMOVALS_MAX];
    size_t n_removals;
    int64_t units; /* instances of all targets, while units_counted */
    bool units_counted;
    int64_t leaving; /* instances that open actions take away, while leaving_counted */
    bool leaving_counted;
    ll_time next_due, published; /* wall; mono */
    uint64_t seq;                /* of ids */
    bool any_dirty, unpublished;
    struct ll_scaling_stored *stored; /* scaling_stored.h */

    /* A round of decisions: its rows go to the store together. */
    bool in_round;
    struct ll_scaling_keep *round;
    size_t recorded[LL_ROUND_MAX]; /* targets whose decisions it has */
    size_t n_recorded, n_round;    /* rows in all */

    bool commanding; /* one is on its way to the disk */
    struct ll_scaling_command_run *waiting, *last_waiting;
    size_t n_waiting;

    struct ll_scaling_status counted; /* the engine's thread's; `status` is what others see */

    pthread_mutex_t lock; /* book, status */
    struct ll_scaling_book_ref *book;
    struct ll_scaling_status status;
};

/* scaling.c: life */
struct ll_scaling *ll_scaling_new(struct ll_engine *e);
/* Reads what the store keeps and the configuration's files; open actions are settled first. */
LL_MUST_USE bool ll_scaling_restore(struct ll_scaling *s, struct ll_err *err);
void ll_scaling_stop(struct ll_scaling *s);
void ll_scaling_free(struct ll_scaling *s);
/* The configuration was swapped. */
void ll_scaling_follow(struct ll_scaling *s);
void ll_scaling_status(struct ll_scaling *s, struct ll_scaling_status *out);
void ll_scaling_new_id(struct ll_scaling *s, char out[static LL_ACTION_ID_MAX]);

/* scaling_set.c: which rules there are */
LL_MUST_USE bool ll_scaling_use(struct ll_scaling *s, struct ll_rules_set *set,
                                struct ll_err *err); /* takes it over */
void ll_scaling_targets_free(struct ll_live_target *v, size_t n);
/* What the names of rule's window i mean, in calendars; *events, NULL before, is the caller's to
 * free where the window needs some.  Fails as ll_calendars_get. */
LL_MUST_USE bool ll_scaling_source(struct ll_calendars *set, const struct ll_scaling_rule *rule,
                                   size_t i, ll_day today, struct ll_schedule_source *src,
                                   struct ll_market_events **events, struct ll_err *err);
/* The document a book was made with; valid while the book is held. */
const struct ll_rules_doc *ll_scaling_book_doc(const struct ll_scaling_book *b);
struct ll_live_target *ll_scaling_find(struct ll_scaling *s, struct ll_slice name);

/* scaling_run.c: samples and time */
void ll_scaling_sample(struct ll_scaling *s, const struct ll_sample *sample);
void ll_scaling_ended(struct ll_scaling *s, const struct ll_series_end *e);
void ll_scaling_forecast_came(struct ll_scaling *s, struct ll_slice service,
                              enum ll_resource_type type);
void ll_scaling_clock_stepped(struct ll_scaling *s, ll_dur by);
void ll_scaling_run(struct ll_scaling *s);          /* what is dirty or due */
ll_time ll_scaling_due(const struct ll_scaling *s); /* wall; LL_TIME_NONE = never */
void ll_scaling_evaluate(struct ll_scaling *s, struct ll_live_target *t);

/* scaling_act.c: what a decision becomes */
void ll_scaling_carry_out(struct ll_scaling *s, struct ll_live_target *t,
                          const struct ll_decision *d, bool news);
/* The intent of a change, and the change itself when that is durable.  A proposal that waits
 * becomes it, with its id. */
void ll_scaling_intend(struct ll_scaling *s, struct ll_live_target *t, int64_t from, int64_t to,
                       struct ll_slice rule_id, struct ll_slice actor, struct ll_slice reason);
enum ll_direction ll_scaling_direction(const struct ll_target *t, int64_t from, int64_t to);
void ll_scaling_came(struct ll_scaling *s, struct ll_actor_job *j); /* takes it over */
void ll_scaling_observe_due(struct ll_scaling *s, ll_time mono);
int64_t ll_scaling_removal_left(struct ll_scaling *s, ll_time now);
/* What a target's state remembers counts after a restart too. */
void ll_scaling_removals_restore(struct ll_scaling *s, const struct ll_live_target *t);
/* Sets the target's action, of which it copies the texts; _point: after the target has moved. */
void ll_scaling_action_set(struct ll_live_target *t, const struct ll_scaling_event *e);
void ll_scaling_action_point(struct ll_live_target *t);
void ll_scaling_action_end(struct ll_scaling *s, struct ll_live_target *t,
                           enum ll_action_state state, const char *reason);
bool ll_scaling_send(struct ll_scaling *s, struct ll_live_target *t, enum ll_actor_verb verb);
/* What is proposed is so large that two people have to agree. */
bool ll_scaling_needs_second(const struct ll_live_target *t);
bool ll_scaling_needs_two(const struct ll_live_target *t,
                          const struct ll_decision *d); /* d: the last one; NULL = none */
/* A person said no: the same is not proposed again for a while. */
void ll_scaling_rejected(struct ll_scaling *s, struct ll_live_target *t);

/* scaling_news.c: what people should hear of an action, for Activity. */
void ll_scaling_news(struct ll_scaling *s, const struct ll_target *t,
                     const struct ll_scaling_event *e);

/* scaling_book.c */
struct ll_held_target_ref;
void ll_scaling_held_unref(struct ll_held_target_ref *h); /* NULL too; any thread */
/* What the target shows from now on: the decision is copied; NULL = the last one stays. */
void ll_scaling_hold(struct ll_scaling *s, struct ll_live_target *t, const struct ll_decision *d);
void ll_scaling_publish(struct ll_scaling *s); /* when something changed */

const struct ll_decision *ll_scaling_held_decision(const struct ll_held_target_ref *h);
const struct ll_scaling_book *ll_scaling_book_of(struct ll_scaling *s);

/* scaling_commands.c */
void ll_scaling_command(struct ll_scaling *s, void *command); /* of LL_MSG_COMMAND */
void ll_scaling_command_drop(void *command);                  /* NULL too: answered with BUSY */
void ll_scaling_commands_drop(struct ll_scaling *s);

/* engine.c: messages; false when the queue is full. */
LL_MUST_USE bool ll_engine_post_kept(struct ll_engine *e, void *kept);
LL_MUST_USE bool ll_engine_post_command(struct ll_engine *e, void *command);

#endif
