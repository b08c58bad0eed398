/* What the mapper remembers.
 *
 * A series is bound to the groups it is a term of and to the objects it tells a fact of.  A
 * group makes one part: it gathers the values of a time in a round, and holds up to four rounds
 * at once, because senders with several queues are not in step.  Objects are what joins need:
 * pods, their owners, hosts.  Services are what both lead to. */
#ifndef LL_MAPPING_STATE_H
#define LL_MAPPING_STATE_H

#include "mapping/compiled.h"
#include "mapping/mapper.h"

enum {
    LL_ROUNDS = 4,
    LL_BINDS_MAX = 12, /* of one series */
};

#define LL_ROUND_SILENCE (3 * LL_SECOND)
#define LL_SERIES_GAP (5 * LL_MINUTE) /* a counter says nothing over a longer one */

struct ll_group;
struct ll_object;
struct ll_found;
struct ll_slot;
struct ll_unmatched_name;

/* A series in a group or an object. */
struct ll_bind {
    struct ll_mapper_series *series;
    struct ll_group *group;
    struct ll_object *object;
    struct ll_bind *next, *prev; /* of the same group or object */
    uint32_t round;              /* in which it came last, where the group is asynchronous */
    uint8_t what;                /* term, or enum ll_fact */
    bool counter;
};

enum ll_series_state { LL_SERIES_MET, LL_SERIES_LIVE, LL_SERIES_ENDED };

struct ll_mapper_series {
    struct ll_slice labels; /* behind the binds */
    uint64_t hash;
    const struct ll_compiled_rule *rule; /* NULL = none of the configuration */
    struct ll_mapper_series *next, *prev;
    ll_time t, seen; /* of its last point; when it was last looked up */
    ll_time began;   /* its first point, or the first after it had ended */
    double v;
    uint32_t complete; /* complete round in which it came */
    enum ll_labeled_kind kind;
    enum ll_series_state state;
    bool raw, business, any_fact, any_term;
    uint8_t n;
    struct ll_bind b[];
};

/* Two doubles as one number, so that the order of adding does not show (Knuth, TAOCP 2, 4.2.2). */
struct ll_term_sum {
    double hi, lo, max;
    uint32_t n, bad; /* with a value, without */
};

struct ll_round {
    ll_time t, touched;
    ll_dur window;
    uint32_t came, number;
    int32_t extra; /* members that belonged to it, beside those of now */
    bool open, grew;
    struct ll_term_sum *terms;
};

struct ll_group {
    const struct ll_output *output;
    const struct ll_compiled_rule *rule;
    struct ll_slice key, service, instance, part; /* in memory behind the rounds' terms */
    struct ll_object *object, *join;
    struct ll_found *found; /* the service, once it is known */
    struct ll_bind *members;
    struct ll_group *next, *prev, *sibling; /* sibling: of the same object */
    struct ll_group *busy;                  /* next of those with open rounds */
    uint32_t live, met, round;              /* members; met: without a point yet */
    ll_time done, emitted, began;           /* began: the latest of its members */
    ll_time lacks;                          /* when a series of it was refused */
    char *said;                             /* service\0instance\0part of the last sample */
    size_t said_n;
    bool latched, is_busy, waits;
    uint8_t current; /* round that was added to last */
    struct ll_round rounds[LL_ROUNDS];
};

struct ll_object {
    enum ll_object_kind kind;
    struct ll_slice key; /* kind and text: for the map */
    struct ll_slice text;
    const char *workload; /* kind of a workload, as Kubernetes calls it */
    struct ll_bind *facts;
    struct ll_group *groups;
    struct ll_found *found;
    struct ll_object *next, *prev, *found_next, *found_prev;
    struct ll_object *dirty_next;
    uint32_t version; /* of owners, when found was looked up */
    uint32_t strong;  /* groups of recipes that are not weak */
    uint32_t users;   /* groups that point to it */
    bool dirty;
};

/* A service that was found. */
struct ll_found {
    struct ll_slice name;
    const char *rule, *kind;
    struct ll_slice meta[LL_META_COUNT];
    struct ll_object *workload, *pods;
    struct ll_found *next, *prev;
    unsigned resources;
    uint32_t users; /* groups and objects */
    bool dirty, guessed;
    ll_time t;
};

struct ll_mapper {
    const struct ll_mapping *mapping;
    struct ll_slice source;
    uint64_t seed;
    size_t max_series, cap_bytes, bytes;
    struct ll_slot *slots;
    size_t n_slots, used_slots, n_series, n_other;
    struct ll_map *groups, *objects, *found, *names;
    struct ll_mapper_series *series;
    struct ll_group *all_groups, *busy;
    struct ll_object *all_objects, *dirty;
    struct ll_found *all_found;
    struct ll_unmatched_name *unmatched;
    size_t n_unmatched;
    ll_time now, birth, newest;           /* newest: time of the points of this round */
    uint32_t complete, owners, refreshed; /* owners counts changes of who owns pods */
    size_t refused, late, incomplete, expected, came;
};

/* Memory that counts towards the mapper's; NULL when its share ends. */
void *ll_mapper_alloc(struct ll_mapper *m, size_t n);
void ll_mapper_dealloc(struct ll_mapper *m, void *p, size_t n);

#endif
