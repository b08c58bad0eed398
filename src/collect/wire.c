#include "collect/wire.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fixed64 is read as it stands");

enum { VARINT_BYTES_MAX = 10, GROUP_DEPTH_MAX = 32 };

bool ll_wire_long_varint(struct ll_slice *rest, uint64_t *out)
{
    uint64_t v = 0;
    size_t most = LL_MIN(rest->n, (size_t)VARINT_BYTES_MAX);
    for (size_t i = 0; i < most; i++) {
        unsigned char b = (unsigned char)rest->s[i];
        v |= (uint64_t)(b & 127u) << 7 * i; /* what does not fit is lost, as everywhere */
        if (b < 128) {
            *out = v;
            rest->s += i + 1;
            rest->n -= i + 1;
            return true;
        }
    }
    return false;
}

static bool take_fixed32(struct ll_slice *rest, struct ll_wire_field *f)
{
    uint32_t v;
    if (rest->n < sizeof(v))
        return false;
    memcpy(&v, rest->s, sizeof(v));
    f->value = v;
    rest->s += sizeof(v);
    rest->n -= sizeof(v);
    return true;
}

/* Passes over everything up to the end of the group, and of those inside it. */
static bool skip_group(struct ll_slice *rest)
{
    for (size_t depth = 1; depth > 0;) {
        struct ll_slice at = *rest;
        uint64_t tag;
        if (!ll_wire_varint(&at, &tag) || tag > UINT32_MAX || tag < 8)
            return false;
        unsigned type = tag & 7u;
        if (type == LL_WIRE_GROUP || type == LL_WIRE_GROUP_END) {
            depth = type == LL_WIRE_GROUP ? depth + 1 : depth - 1;
            *rest = at;
            if (depth > GROUP_DEPTH_MAX)
                return false;
            continue;
        }
        struct ll_wire_field inner;
        if (!ll_wire_next(rest, &inner))
            return false;
    }
    return true;
}

bool ll_wire_rare(struct ll_slice *rest, struct ll_wire_field *f)
{
    if (f->type == LL_WIRE_FIXED32)
        return take_fixed32(rest, f);
    return f->type == LL_WIRE_GROUP && skip_group(rest);
}
