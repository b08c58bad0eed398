#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "support.h"

/* SipHash-c-d written from the paper (Aumasson, Bernstein 2012, section 2), to compare with. */
static uint64_t siphash(int c, int d, uint64_t k0, uint64_t k1, const unsigned char *p, size_t n)
{
    uint64_t v0 = k0 ^ 0x736f6d6570736575u, v1 = k1 ^ 0x646f72616e646f6du;
    uint64_t v2 = k0 ^ 0x6c7967656e657261u, v3 = k1 ^ 0x7465646279746573u;
    size_t words = n / 8 + 1;
    for (size_t w = 0; w <= words; w++) {
        bool last = w == words;
        uint64_t m = w + 1 == words ? (uint64_t)(n & 0xff) << 56 : 0;
        for (size_t i = 8 * w; !last && i < LL_MIN(n, 8 * w + 8); i++)
            m |= (uint64_t)p[i] << (8 * (i % 8));
        v3 ^= m;
        v2 ^= last ? 0xff : 0;
        for (int r = 0; r < (last ? d : c); r++) {
            v0 += v1, v2 += v3;
            v1 = (v1 << 13 | v1 >> 51) ^ v0;
            v3 = (v3 << 16 | v3 >> 48) ^ v2;
            v0 = v0 << 32 | v0 >> 32;
            v2 += v1, v0 += v3;
            v1 = (v1 << 17 | v1 >> 47) ^ v2;
            v3 = (v3 << 21 | v3 >> 43) ^ v0;
            v2 = v2 << 32 | v2 >> 32;
        }
        v0 ^= m;
    }
    return v0 ^ v1 ^ v2 ^ v3;
}

/* SipHash-1-3 with key 00 01 .. 0f of 0, 1, 2 .. bytes 00 01 02 ..: the vectors of Rust's
 * standard library (library/coretests/tests/hash/sip.rs, test_siphash_1_3), the first 17. */
static const uint64_t siphash13[] = {0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d,
                                     0x8bf80ab8e7ddf7fb, 0xcf75576088d38328, 0xdef9d52f49533b67,
                                     0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e,
                                     0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352,
                                     0x78a384b157b4d9a2, 0x306f760c1229ffa7, 0x605aa111c0f95d34,
                                     0xd320d86d2a519956, 0xcc4fdd1a7d908b66};

START_TEST(hash_is_siphash_1_3)
{
    unsigned char data[300];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)i;
    const uint64_t k0 = 0x0706050403020100u, k1 = 0x0f0e0d0c0b0a0908u;
    /* The reference is right: the paper's own vector (appendix A) and Rust's. */
    ck_assert_uint_eq(siphash(2, 4, k0, k1, data, 15), 0xa129ca6149be45e5u);
    for (size_t n = 0; n < LL_LEN(siphash13); n++)
        ck_assert_uint_eq(siphash(1, 3, k0, k1, data, n), siphash13[n]);

    uint64_t seeds = 7;
    for (size_t n = 0; n < sizeof(data); n++) {
        uint64_t seed = ll_test_random(&seeds);
        uint64_t second = ~seed * 0x9e3779b97f4a7c15u;
        ck_assert_uint_eq(ll_map_hash(seed, data, n), siphash(1, 3, seed, second, data, n));
    }
    ck_assert_uint_ne(ll_map_hash(1, data, 9), ll_map_hash(2, data, 9));
}
END_TEST

START_TEST(map_puts_gets_replaces_removes)
{
    LL_AUTO(ll_map) m = ll_map_new(1, 10);
    size_t v = 42;
    ck_assert(!ll_map_get(m, LL_SLICE("a"), &v));
    ck_assert_uint_eq(v, 42);
    ck_assert(ll_map_put(m, LL_SLICE("a"), 1));
    ck_assert(ll_map_put(m, LL_SLICE(""), 2)); /* the empty key is a key */
    ck_assert(ll_map_put(m, LL_SLICE("a\0b"), 3));
    ck_assert(ll_map_get(m, (struct ll_slice){0}, &v));
    ck_assert_uint_eq(v, 2);
    ck_assert(ll_map_put(m, LL_SLICE("a"), 4));
    ck_assert_uint_eq(ll_map_count(m), 3);
    ck_assert(ll_map_get(m, LL_SLICE("a"), &v));
    ck_assert_uint_eq(v, 4);
    ck_assert(ll_map_remove(m, LL_SLICE("a")));
    ck_assert(!ll_map_remove(m, LL_SLICE("a")));
    ck_assert(!ll_map_get(m, LL_SLICE("a"), &v));
    ck_assert(ll_map_get(m, LL_SLICE("a\0b"), &v));
    ck_assert_uint_eq(v, 3);
    ll_map_free(NULL);
}
END_TEST

START_TEST(map_replacing_keeps_the_first_key)
{
    LL_AUTO(ll_map) m = ll_map_new(1, 10);
    char first[] = "key", second[] = "key";
    ck_assert(ll_map_put(m, ll_slice_of(first), 1));
    ck_assert(ll_map_put(m, ll_slice_of(second), 2));
    second[0] = 'x'; /* may go away */
    size_t v = 0;
    ck_assert(ll_map_get(m, LL_SLICE("key"), &v));
    ck_assert_uint_eq(v, 2);
}
END_TEST

enum { KEYS = 3000, KEY_BYTES = 24 };

static struct ll_slice key_of(char (*keys)[KEY_BYTES], size_t i)
{
    return (struct ll_slice){keys[i], strlen(keys[i])};
}

START_TEST(map_stops_at_its_cap)
{
    static char keys[KEYS][KEY_BYTES];
    LL_AUTO(ll_map) m = ll_map_new(3, 1000);
    for (size_t i = 0; i < 1001; i++) {
        snprintf(keys[i], KEY_BYTES, "%zu", i);
        ck_assert(ll_map_put(m, key_of(keys, i), i) == (i < 1000));
    }
    ck_assert_uint_eq(ll_map_count(m), 1000);
    ck_assert(ll_map_put(m, key_of(keys, 5), 55)); /* what is there may change */
    ck_assert(ll_map_remove(m, key_of(keys, 6)));
    ck_assert(ll_map_put(m, key_of(keys, 1000), 1000));
    LL_AUTO(ll_map) none = ll_map_new(3, 0);
    ck_assert(!ll_map_put(none, LL_SLICE("a"), 1));
}
END_TEST

/* The home slot in a map of 64: what find() starts from. */
static size_t home_of(const char *key)
{
    return ll_map_hash(1, key, strlen(key)) & 63;
}

START_TEST(map_closes_gaps_in_chains_that_wrap)
{
    /* 40 keys whose home is one of the last two slots or the first: one chain round the end */
    static char keys[40][KEY_BYTES];
    size_t n = 0;
    for (unsigned i = 0; n < LL_LEN(keys); i++) {
        snprintf(keys[n], KEY_BYTES, "k%u", i % 1000000);
        n += (home_of(keys[n]) + 2) % 64 <= 2;
    }
    for (size_t start = 0; start < n; start++) {
        LL_AUTO(ll_map) m = ll_map_new(1, 64);
        for (size_t i = 0; i < n; i++)
            ck_assert(ll_map_put(m, key_of(keys, i), i));
        for (size_t gone = 0; gone < n; gone++) {
            ck_assert(ll_map_remove(m, key_of(keys, (start + 7 * gone) % n)));
            for (size_t i = 0; i < n; i++) {
                size_t v = 0, rank = 0;
                while ((start + 7 * rank) % n != i)
                    rank++;
                ck_assert(ll_map_get(m, key_of(keys, i), &v) == (rank > gone));
                ck_assert(rank <= gone || v == i);
            }
        }
        ck_assert_uint_eq(ll_map_count(m), 0);
    }
}
END_TEST

START_TEST(map_agrees_with_an_array)
{
    static char keys[KEYS][KEY_BYTES];
    static size_t model[KEYS]; /* value + 1, 0 = not there */
    for (size_t i = 0; i < KEYS; i++)
        snprintf(keys[i], KEY_BYTES, "s%zu", i);
    LL_AUTO(ll_map) m = ll_map_new(99, KEYS);
    uint64_t seed = 5;
    size_t count = 0;
    for (size_t step = 0; step < 100000; step++) {
        uint64_t r = ll_test_random(&seed);
        size_t i = (r >> 8) % KEYS, got = 0;
        /* grows for a while, then shrinks, so that all fills are seen */
        bool more = r % 10 < (step / 10000 % 2 ? 3 : 6);
        if (more) {
            ck_assert(ll_map_put(m, key_of(keys, i), step));
            count += model[i] == 0;
            model[i] = step + 1;
        } else {
            ck_assert(ll_map_remove(m, key_of(keys, i)) == (model[i] != 0));
            count -= model[i] != 0;
            model[i] = 0;
        }
        i = (r >> 32) % KEYS;
        ck_assert(ll_map_get(m, key_of(keys, i), &got) == (model[i] != 0));
        ck_assert(model[i] == 0 || got + 1 == model[i]);
        ck_assert_uint_eq(ll_map_count(m), count);
    }
}
END_TEST

START_TEST(map_survives_the_end_of_memory)
{
    for (unsigned call = 1; call <= 2; call++) {
        ll_test_fail_alloc(call);
        ck_assert_ptr_null(ll_map_new(1, 10));
    }
    static char keys[100][KEY_BYTES];
    LL_AUTO(ll_map) m = ll_map_new(1, 100);
    size_t n = 0, v = 0;
    ll_test_fail_alloc(1);
    for (;; n++) {
        snprintf(keys[n], KEY_BYTES, "%zu", n);
        if (!ll_map_put(m, key_of(keys, n), n))
            break;
    }
    ck_assert(ll_test_alloc_failed());
    ck_assert_uint_eq(ll_map_count(m), n);
    for (size_t i = 0; i <= n; i++)
        ck_assert(ll_map_get(m, key_of(keys, i), &v) == (i < n));
    ck_assert(ll_map_put(m, key_of(keys, n), n));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hash_is_siphash_1_3,
        map_puts_gets_replaces_removes,
        map_replacing_keeps_the_first_key,
        map_stops_at_its_cap,
        map_closes_gaps_in_chains_that_wrap,
        map_agrees_with_an_array,
        map_survives_the_end_of_memory,
    };
    return ll_test_run("base_map", tests, LL_LEN(tests));
}
