/* Seeded hash map from bytes to a size_t: open addressing, linear probing.
 *
 * Keys are borrowed: whoever inserts keeps the bytes alive as long as the entry.
 * The seed comes from the caller (random in the daemon, fixed in tests), so that
 * hostile names cannot be prepared to collide.  Capped at birth. */
#ifndef LL_BASE_MAP_H
#define LL_BASE_MAP_H

#include "base/str.h"

struct ll_map;

struct ll_map *ll_map_new(uint64_t seed, size_t cap_entries);
void ll_map_free(struct ll_map *m);
LL_AUTO_DEFINE(ll_map, ll_map_free)

/* SipHash-1-3 of the bytes (Aumasson, Bernstein 2012), keyed by the seed. */
uint64_t ll_map_hash(uint64_t seed, const void *data, size_t n);

/* True and *value when the key is there; *value untouched when not. */
bool ll_map_get(const struct ll_map *m, struct ll_slice key, size_t *value);

/* Inserts or replaces; false when the cap or memory ends.  Replacing changes the value only:
 * the entry goes on borrowing the bytes it was inserted with. */
LL_MUST_USE bool ll_map_put(struct ll_map *m, struct ll_slice key, size_t value);

/* True when the key was there. */
bool ll_map_remove(struct ll_map *m, struct ll_slice key);

size_t ll_map_count(const struct ll_map *m);

#endif
