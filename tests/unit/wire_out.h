/* Writes protobuf by hand, for tests of what reads it. */
#ifndef LL_TESTS_WIRE_OUT_H
#define LL_TESTS_WIRE_OUT_H

#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static inline void put_varint(struct ll_str *out, uint64_t v)
{
    for (; v >= 128; v >>= 7)
        ll_str_addc(out, (char)((v & 127u) | 128u));
    ll_str_addc(out, (char)v);
}

static inline void put_number(struct ll_str *out, unsigned field, uint64_t v)
{
    put_varint(out, field << 3);
    put_varint(out, v);
}

static inline void put_bytes(struct ll_str *out, unsigned field, const char *s, size_t n)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, n);
    ll_str_add(out, s, n);
}

static inline void put_text(struct ll_str *out, unsigned field, const char *z)
{
    put_bytes(out, field, z, strlen(z));
}

/* Takes the inner message over. */
static inline void put_message(struct ll_str *out, unsigned field, struct ll_str *inner)
{
    put_bytes(out, field, ll_str_z(inner), inner->n);
    ll_str_fini(inner);
}

static inline struct ll_str new_message(void)
{
    struct ll_str s;
    ll_str_init(&s, 64 << 20);
    return s;
}

static inline void put_fixed64(struct ll_str *out, unsigned field, uint64_t bits)
{
    put_varint(out, field << 3 | 1);
    ll_str_add(out, (const char *)&bits, sizeof(bits));
}

static inline void put_label(struct ll_str *series, const char *name, const char *value)
{
    struct ll_str l = new_message();
    put_text(&l, 1, name);
    put_text(&l, 2, value);
    put_message(series, 1, &l);
}

static inline void put_sample(struct ll_str *series, uint64_t bits, int64_t t)
{
    struct ll_str s = new_message();
    put_fixed64(&s, 1, bits);
    put_number(&s, 2, (uint64_t)t);
    put_message(series, 2, &s);
}

/* A series of 1.0 with one sample; labels: name, value, …, NULL. */
static inline void put_series(struct ll_str *request, const char *const *labels, uint64_t bits,
                              int64_t t)
{
    struct ll_str s = new_message();
    for (; labels[0]; labels += 2)
        put_label(&s, labels[0], labels[1]);
    put_sample(&s, bits, t);
    put_message(request, 1, &s);
}

/* The snappy block of a message, which it takes over; *n its length. */
static inline char *pack(struct ll_str *message, size_t *n)
{
    *n = snappy_max_compressed_length(message->n);
    char *block = malloc(*n);
    LL_ASSERT(block && snappy_compress(ll_str_z(message), message->n, block, n) == SNAPPY_OK);
    ll_str_fini(message);
    return block;
}

#endif
