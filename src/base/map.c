#include "base/map.h"

#include <stdlib.h>

struct slot {
    uint64_t hash; /* 0 = empty; real hashes have the top bit set */
    struct ll_slice key;
    size_t value;
};

struct ll_map {
    struct slot *slots;
    size_t size, count, cap; /* size is a power of two */
    uint64_t seed;
};

enum { FIRST_SIZE = 64 };

struct ll_map *ll_map_new(uint64_t seed, size_t cap_entries)
{
    struct ll_map *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->slots = calloc(FIRST_SIZE, sizeof(*m->slots));
    if (!m->slots) {
        free(m);
        return NULL;
    }
    m->size = FIRST_SIZE;
    m->cap = cap_entries;
    m->seed = seed;
    return m;
}

void ll_map_free(struct ll_map *m)
{
    if (!m)
        return;
    free(m->slots);
    free(m);
}

static uint64_t rotate(uint64_t x, int b)
{
    return (x << b) | (x >> (64 - b));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t ll_map_hash(uint64_t seed, const void *data, size_t n)
{
    const unsigned char *p = data;
    uint64_t k0 = seed, k1 = ~seed * 0x9e3779b97f4a7c15u;
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    size_t left = n;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t w = 0;
        for (int i = 0; i < 8; i++)
            w |= (uint64_t)p[i] << (8 * i);
        v[3] ^= w;
        sip_round(v);
        v[0] ^= w;
    }
    uint64_t last = (uint64_t)n << 56;
    for (size_t i = 0; i < left; i++)
        last |= (uint64_t)p[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint64_t key_hash(const struct ll_map *m, struct ll_slice key)
{
    return ll_map_hash(m->seed, key.s, key.n) | (uint64_t)1 << 63;
}

/* The slot that holds the key, or the empty one where it would go. */
static struct slot *find(const struct ll_map *m, uint64_t hash, struct ll_slice key)
{
    for (size_t i = hash & (m->size - 1);; i = (i + 1) & (m->size - 1)) {
        struct slot *s = &m->slots[i];
        if (s->hash == 0 || (s->hash == hash && ll_slice_eq(s->key, key)))
            return s;
    }
}

bool ll_map_get(const struct ll_map *m, struct ll_slice key, size_t *value)
{
    const struct slot *s = find(m, key_hash(m, key), key);
    if (s->hash == 0)
        return false;
    *value = s->value;
    return true;
}

static bool grow(struct ll_map *m)
{
    struct slot *old = m->slots;
    size_t old_size = m->size;
    struct slot *slots = calloc(old_size * 2, sizeof(*slots));
    if (!slots)
        return false;
    m->slots = slots;
    m->size = old_size * 2;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].hash)
            *find(m, old[i].hash, old[i].key) = old[i];
    free(old);
    return true;
}

bool ll_map_put(struct ll_map *m, struct ll_slice key, size_t value)
{
    uint64_t hash = key_hash(m, key);
    struct slot *s = find(m, hash, key);
    if (s->hash) {
        s->value = value;
        return true;
    }
    if (m->count >= m->cap)
        return false;
    if ((m->count + 1) * 10 > m->size * 7) {
        if (!grow(m))
            return false;
        s = find(m, hash, key);
    }
    *s = (struct slot){hash, key, value};
    m->count++;
    return true;
}

bool ll_map_remove(struct ll_map *m, struct ll_slice key)
{
    struct slot *gap = find(m, key_hash(m, key), key);
    if (gap->hash == 0)
        return false;
    m->count--;
    gap->hash = 0;
    /* Close the gap: move back whatever probed past it (Knuth, TAOCP 3, 6.4 R). */
    size_t mask = m->size - 1, hole = (size_t)(gap - m->slots);
    for (size_t i = (hole + 1) & mask; m->slots[i].hash; i = (i + 1) & mask) {
        size_t home = m->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        m->slots[hole] = m->slots[i];
        m->slots[i].hash = 0;
        hole = i;
    }
    return true;
}

size_t ll_map_count(const struct ll_map *m)
{
    return m->count;
}
