/* The table of all series: mapped ones by their labels, others by their hash alone.
 *
 * What no output is made of is known by 64 seeded bits: that they are the same for two sets of
 * labels does not happen by chance, and nobody who does not know the seed can bring it about. */
#ifndef LL_MAPPING_SLOTS_H
#define LL_MAPPING_SLOTS_H

#include "mapping/state.h"

enum {
    LL_TABLE_FIRST = 256,          /* slots at birth */
    LL_UNMATCHED_NAMES_MAX = 2000, /* metrics counted by name */
    LL_UNMATCHED_REPORTED = 500
};

enum ll_unmatched_reason { LL_NO_RULE, LL_NOT_CHOSEN, LL_NO_LABEL };

struct ll_unmatched_name {
    char *metric, *example;
    enum ll_unmatched_reason reason;
};

/* The fate of a slot whose series was forgotten: free for the next of that hash. */
enum { LL_SLOT_FORGOTTEN = 255 };

struct ll_slot {
    uint64_t hash; /* 0 = empty */
    struct ll_mapper_series *series;
    uint32_t seen; /* seconds since the mapper's birth, of the others */
    uint16_t name; /* of the unmatched */
    uint8_t fate;
};

LL_MUST_USE bool ll_slots_make(struct ll_mapper *m);
void ll_slots_free(struct ll_mapper *m);

/* The slot of the set, or the empty one where it would go. */
struct ll_slot *ll_slots_find(const struct ll_mapper *m, uint64_t hash, struct ll_slice labels);
/* The same when there is room for one more; NULL without memory. */
struct ll_slot *ll_slots_room(struct ll_mapper *m, uint64_t hash, struct ll_slice labels);
/* Into n slots; of what is no series only what was seen since. */
bool ll_slots_rebuild(struct ll_mapper *m, size_t n, uint32_t since);
uint32_t ll_slots_age(const struct ll_mapper *m, ll_time now);

/* Notes a series that no output is made of. */
void ll_slots_other(struct ll_mapper *m, uint64_t hash, struct ll_slice labels,
                    enum ll_mapper_fate fate, enum ll_unmatched_reason reason);
/* Names that no series has any more. */
void ll_slots_forget_names(struct ll_mapper *m);

#endif
