/* The wire format of protocol buffers: fields of a message, one after the other, in place.
 *
 * https://protobuf.dev/programming-guides/encoding: tag = number << 3 | type; groups, which nobody
 * writes any more, are passed over. */
#ifndef LL_COLLECT_WIRE_H
#define LL_COLLECT_WIRE_H

#include <string.h>

#include "base/str.h"

enum ll_wire_type {
    LL_WIRE_VARINT = 0,
    LL_WIRE_FIXED64 = 1,
    LL_WIRE_BYTES = 2,
    LL_WIRE_GROUP = 3,
    LL_WIRE_GROUP_END = 4,
    LL_WIRE_FIXED32 = 5
};

struct ll_wire_field {
    uint32_t number;
    enum ll_wire_type type;
    uint64_t value;        /* VARINT, FIXED64, FIXED32 */
    struct ll_slice bytes; /* BYTES */
};

/* More than one byte, or the end. */
LL_MUST_USE bool ll_wire_long_varint(struct ll_slice *rest, uint64_t *out);

/* Takes a varint off; false at a cut or one of more than ten bytes. */
LL_MUST_USE static inline bool ll_wire_varint(struct ll_slice *rest, uint64_t *out)
{
    if (rest->n == 0 || (unsigned char)*rest->s >= 128)
        return ll_wire_long_varint(rest, out);
    *out = (unsigned char)*rest->s++;
    rest->n--;
    return true;
}

/* What is rarer: groups, and fields of 32 bits. */
LL_MUST_USE bool ll_wire_rare(struct ll_slice *rest, struct ll_wire_field *f);

/* Takes the next field off; false when the message is damaged.  rest must not be empty. */
LL_MUST_USE static inline bool ll_wire_next(struct ll_slice *rest, struct ll_wire_field *f)
{
    uint64_t tag, n;
    if (!ll_wire_varint(rest, &tag) || tag > UINT32_MAX || tag < 8)
        return false;
    f->number = (uint32_t)(tag >> 3);
    f->type = (enum ll_wire_type)(tag & 7u);
    switch (f->type) {
    case LL_WIRE_VARINT:
        return ll_wire_varint(rest, &f->value);
    case LL_WIRE_FIXED64:
        if (rest->n < sizeof(f->value))
            return false;
        memcpy(&f->value, rest->s, sizeof(f->value)); /* little endian, as the machine is */
        rest->s += sizeof(f->value);
        rest->n -= sizeof(f->value);
        return true;
    case LL_WIRE_BYTES:
        if (!ll_wire_varint(rest, &n) || n > rest->n)
            return false;
        f->bytes = (struct ll_slice){rest->s, (size_t)n};
        rest->s += n;
        rest->n -= (size_t)n;
        return true;
    default:
        return ll_wire_rare(rest, f);
    }
}

#endif
