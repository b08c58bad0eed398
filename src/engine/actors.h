/* Executors at work: threads of their own, one exchange a target at a time.
 *
 * A target that hangs holds one thread until its timeout, never another target.  Answers come back
 * to the engine's queue. */
#ifndef LL_ENGINE_ACTORS_H
#define LL_ENGINE_ACTORS_H

#include "engine/internal.h"
#include "engine/scaling.h"
#include "execute/act.h"

enum { LL_ACTORS_THREADS = 48, LL_ACTORS_QUEUE = 1 << 17 };

/* A place and the executor that reaches it; counted.  Used by one job at a time. */
struct ll_actor;

/* owner is released with the actor: what the place's texts live in; release NULL = nothing. */
struct ll_actor *ll_actor_new(const struct ll_target_place *place, void *owner,
                              void (*release)(void *owner));
/* Whether it knows what another for this place would not: a rehearsal has its count nowhere else.
 */
bool ll_actor_remembers(const struct ll_actor *a, const struct ll_target_place *place);
void ll_actor_ref(struct ll_actor *a);
void ll_actor_unref(struct ll_actor *a); /* NULL too */

enum ll_actor_verb { LL_ACTOR_OBSERVE, LL_ACTOR_ACT, LL_ACTOR_SETTLE };

enum { LL_ACTOR_TEXT_MAX = 256 };

/* Goes out as a question and comes back with its answer. */
struct ll_actor_job {
    struct ll_actor_job *next; /* of the same actor, where it waits behind another one */
    enum ll_actor_verb verb;
    struct ll_actor *actor; /* a reference */
    size_t target;          /* of the engine's list, and its generation: the list may be another */
    uint64_t generation;
    char action_id[LL_ACTION_ID_MAX];
    char name[LL_NAME_MAX + 1], service[LL_NAME_MAX + 1], reason[LL_ACTOR_TEXT_MAX];
    int64_t from, to, epoch;
    bool vertical;
    ll_time expires;

    /* The answer: of OBSERVE outcome, seen, err; of the others result. */
    enum ll_outcome outcome;
    struct ll_executor_seen seen;
    ll_dur retry_after;
    struct ll_act_result result;
    struct ll_err err;
};
void ll_actor_job_free(struct ll_actor_job *j);

struct ll_actors;
struct ll_actors *ll_actors_new(struct ll_engine *e);
/* Takes the job over; false when too many wait. */
LL_MUST_USE bool ll_actors_put(struct ll_actors *a, struct ll_actor_job *j);
void ll_actors_stop(struct ll_actors *a); /* exchanges are cut short; NULL too */
void ll_actors_free(struct ll_actors *a);
/* engine.c: a job's answer for the engine's thread; false when its queue is full. */
LL_MUST_USE bool ll_engine_post_actor(struct ll_engine *e, struct ll_actor_job *j);
void ll_actors_status(struct ll_actors *a, size_t *threads, size_t *busy);

#endif
