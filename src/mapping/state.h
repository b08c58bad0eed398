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
    LL_UNMATCHED_NAMES_MAX = 2000,
    LL_UNMATCHED_REPORTED = 500
};

#define LL_ROUND_SILENCE (3 * LL_SECOND)
#define LL_SERIES_GAP (5 * LL_MINUTE) /* a counter says nothing over a longer one */

struct ll_group;
struct ll_object;
struct ll_found;

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
    char *said;                             /* service\0instance\0part of the last sample */
    size_t said_n;
    bool latched, is_busy, waits;
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

enum ll_unmatched_reason { LL_NO_RULE, LL_NOT_CHOSEN, LL_NO_LABEL };

struct ll_unmatched_name {
    char *metric, *example;
    enum ll_unmatched_reason reason;
};

/* The fate of a slot whose series was forgotten: free for the next of that hash. */
enum { LL_SLOT_FORGOTTEN = 255 };

/* Hash table of all series: mapped ones by address, others by their hash alone. */
struct ll_slot {
    uint64_t hash; /* 0 = empty */
    struct ll_mapper_series *series;
    uint32_t seen; /* seconds since the mapper's birth, of the others */
    uint16_t name; /* of the unmatched */
    uint8_t fate;
    bool raw;
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

/* group.c: values into parts. */
struct ll_group *ll_group_find(struct ll_mapper *m, const struct ll_output *o,
                               const struct ll_compiled_rule *rule, struct ll_slice labels);
void ll_group_join(struct ll_group *g, struct ll_bind *b);
struct ll_group_point {
    ll_time t;
    double v;      /* NaN: it came and tells nothing, so its term is not known */
    ll_dur window; /* what v spans */
    bool grew;     /* the member is new in this round */
    bool nothing;  /* it came and is not counted */
};
void ll_group_put(struct ll_mapper *m, struct ll_bind *b, const struct ll_group_point *p,
                  const struct ll_mapper_out *out);
/* The member begins or ends at t; rounds before it had, or had not, expected it. */
void ll_group_begin(struct ll_group *g, ll_time t);
void ll_group_end(struct ll_mapper *m, struct ll_bind *b, ll_time t,
                  const struct ll_mapper_out *out);
/* Finishes what can be; all: whatever is open. */
void ll_group_settle(struct ll_mapper *m, struct ll_group *g, bool all,
                     const struct ll_mapper_out *out);
/* Says that its series has ended, if it was ever said. */
void ll_group_hide(struct ll_mapper *m, struct ll_group *g, ll_time t,
                   const struct ll_mapper_out *out);
void ll_group_free(struct ll_mapper *m, struct ll_group *g);

/* choose.c: which of the groups of one object stand out. */
bool ll_choose_shows(const struct ll_group *g); /* no other mount point shows the device */
bool ll_choose_primary(struct ll_mapper *m, const struct ll_group *g);

/* object.c: facts, and what they lead to. */
struct ll_object *ll_object_find(struct ll_mapper *m, enum ll_object_kind kind,
                                 struct ll_slice text, bool make);
void ll_object_free(struct ll_mapper *m, struct ll_object *o);
void ll_object_leave(struct ll_object *o); /* its service */
void ll_object_changed(struct ll_mapper *m, struct ll_object *o);
/* The latest live fact; NULL = none. */
const struct ll_mapper_series *ll_object_fact(const struct ll_object *o, enum ll_fact fact);
/* Sum of a fact's live series; NaN when there are none. */
double ll_object_sum(const struct ll_object *o, enum ll_fact fact, size_t *n);

struct ll_found *ll_found_get(struct ll_mapper *m, struct ll_slice name);
void ll_found_free(struct ll_mapper *m, struct ll_found *f);
void ll_found_meta(struct ll_mapper *m, struct ll_found *f, const struct ll_compiled_rule *rule,
                   struct ll_slice labels);

/* naming.c */
enum ll_naming { LL_NAMED, LL_NAME_WAITS, LL_NAME_NEVER };
struct ll_named {
    struct ll_found *found;
    struct ll_slice instance, part;
    char buf[LL_NAME_MAX + 1]; /* part may live here */
};
enum ll_naming ll_naming_of(struct ll_mapper *m, struct ll_group *g, struct ll_named *out);

/* kube.c */
enum ll_naming ll_kube_pod(struct ll_mapper *m, struct ll_object *pod);
bool ll_kube_pod_of_claim(struct ll_mapper *m, const struct ll_object *claim,
                          struct ll_object **pod, struct ll_slice *volume);
double ll_kube_capacity(const struct ll_object *pod, bool memory, size_t containers);
struct ll_slice ll_kube_name(const struct ll_object *o);
void ll_kube_facts(const struct ll_found *f, struct ll_service_facts *out);
bool ll_kube_knows(const struct ll_found *f); /* something live says of it */
void ll_kube_refresh(struct ll_mapper *m, const struct ll_mapper_out *out);

void ll_facts_of(const struct ll_mapper *m, const struct ll_found *f, struct ll_service_facts *out);

#endif
