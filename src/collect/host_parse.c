#include "collect/host_parse.h"

#include <string.h>

#include "base/num.h"
#include "collect/procfs.h"

enum { SECTOR_BYTES = 512 }; /* of diskstats, whatever the device's own sector is */

static bool starts(struct ll_slice s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.s, prefix, n) == 0;
}

static bool skip_fields(struct ll_slice *rest, size_t n)
{
    struct ll_slice field;
    for (size_t i = 0; i < n; i++)
        if (!ll_procfs_field(rest, &field))
            return false;
    return true;
}

bool ll_host_parse_cpu(struct ll_slice line, uint64_t ticks[static LL_HOST_TICK_COUNT])
{
    struct ll_slice name;
    if (!ll_procfs_field(&line, &name) || !ll_slice_is(name, "cpu"))
        return false;
    return ll_procfs_counts(&line, ticks, LL_HOST_TICK_COUNT);
}

bool ll_host_parse_is_one_cpu(struct ll_slice line)
{
    return starts(line, "cpu") && line.n > 3 && line.s[3] >= '0' && line.s[3] <= '9';
}

/* `Name:` */
static bool is_key(struct ll_slice field, const char *name)
{
    return field.n == strlen(name) + 1 && starts(field, name) && field.s[field.n - 1] == ':';
}

bool ll_host_parse_meminfo(struct ll_slice line, const char *key, uint64_t *bytes)
{
    struct ll_slice name, amount, unit;
    if (!ll_procfs_field(&line, &name) || !is_key(name, key))
        return false;
    return ll_procfs_field(&line, &amount) && ll_procfs_count(amount, bytes) &&
           ll_procfs_field(&line, &unit) && ll_slice_is(unit, "kB") &&
           !__builtin_mul_overflow(*bytes, 1024, bytes);
}

static bool octal(struct ll_slice s, size_t at, char *out)
{
    unsigned v = 0;
    for (size_t i = at + 1; i <= at + 3; i++) {
        if (i >= s.n || s.s[i] < '0' || s.s[i] > '7')
            return false;
        v = v * 8 + (unsigned)(s.s[i] - '0');
    }
    *out = (char)v;
    return v > 0 && v < 256;
}

/* The kernel writes blank, tab, newline and backslash in paths as \ooo. */
static bool unescape(struct ll_slice s, char *out, size_t size, struct ll_slice *text)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (n + 1 >= size)
            return false;
        if (s.s[i] == '\\' && octal(s, i, &out[n]))
            i += 3;
        else
            out[n] = s.s[i];
        n++;
    }
    out[n] = '\0';
    *text = (struct ll_slice){out, n};
    return n > 0;
}

bool ll_host_parse_mount(struct ll_slice line, char *unescaped, size_t size,
                         struct ll_host_mount *out)
{
    struct ll_slice root, point, field;
    if (!skip_fields(&line, 2) || !ll_procfs_field(&line, &out->device) ||
        !ll_procfs_field(&line, &root) || !ll_procfs_field(&line, &point))
        return false;
    do /* mount options and any number of optional fields end with a dash */
        if (!ll_procfs_field(&line, &field))
            return false;
    while (!ll_slice_is(field, "-"));
    return ll_procfs_field(&line, &out->type) && point.s[0] == '/' &&
           unescape(point, unescaped, size, &out->point);
}

bool ll_host_parse_disk(struct ll_slice line, struct ll_host_disk *out)
{
    uint64_t v[10]; /* reads, merged, sectors, ms, writes, merged, sectors, ms, in flight, busy */
    if (!skip_fields(&line, 2) || !ll_procfs_field(&line, &out->name) ||
        !ll_procfs_counts(&line, v, LL_LEN(v)))
        return false;
    out->busy_ms = v[9];
    return !__builtin_mul_overflow(v[2], SECTOR_BYTES, &out->read_bytes) &&
           !__builtin_mul_overflow(v[6], SECTOR_BYTES, &out->written_bytes);
}

bool ll_host_parse_interface(struct ll_slice line, struct ll_host_interface *out)
{
    const char *colon = line.n ? memchr(line.s, ':', line.n) : NULL;
    if (!colon) /* the two headings */
        return false;
    struct ll_slice name = {line.s, (size_t)(colon - line.s)};
    struct ll_slice rest = {colon + 1, line.n - name.n - 1};
    uint64_t v[9]; /* eight of receiving, then the bytes sent */
    if (!ll_procfs_field(&name, &out->name) || !ll_procfs_counts(&rest, v, LL_LEN(v)))
        return false;
    out->rx_bytes = v[0];
    out->tx_bytes = v[8];
    return true;
}

static bool hex(struct ll_slice s, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];
        const char *digits = "0123456789abcdef";
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!at || s.n > 16)
            return false;
        v = v << 4 | (uint64_t)(at - digits);
    }
    *out = v;
    return s.n > 0;
}

enum { ROUTE_UP = 1, ROUTE_REJECT = 0x200 }; /* RTF_UP, RTF_REJECT of linux/route.h */

bool ll_host_parse_route(struct ll_slice line, struct ll_slice *interface, uint64_t *metric)
{
    struct ll_slice f[8]; /* Iface Destination Gateway Flags RefCnt Use Metric Mask */
    for (size_t i = 0; i < LL_LEN(f); i++)
        if (!ll_procfs_field(&line, &f[i]))
            return false;
    uint64_t flags;
    if (!hex(f[3], &flags) || !(flags & ROUTE_UP) || (flags & ROUTE_REJECT))
        return false;
    *interface = f[0];
    return ll_slice_is(f[1], "00000000") && ll_slice_is(f[7], "00000000") &&
           ll_procfs_count(f[6], metric);
}

bool ll_host_parse_route6(struct ll_slice line, struct ll_slice *interface, uint64_t *metric)
{
    struct ll_slice f[10]; /* to, length, from, length, via, metric, refs, uses, flags, device */
    for (size_t i = 0; i < LL_LEN(f); i++)
        if (!ll_procfs_field(&line, &f[i]))
            return false;
    uint64_t flags;
    if (!hex(f[8], &flags) || !(flags & ROUTE_UP) || (flags & ROUTE_REJECT))
        return false;
    *interface = f[9];
    return ll_slice_is(f[0], "00000000000000000000000000000000") && ll_slice_is(f[1], "00") &&
           hex(f[5], metric);
}

bool ll_host_parse_sockstat(struct ll_slice line, const char *protocol, const char *field,
                            uint64_t *out)
{
    struct ll_slice name, value;
    if (!ll_procfs_field(&line, &name) || !is_key(name, protocol))
        return false;
    while (ll_procfs_field(&line, &name) && ll_procfs_field(&line, &value))
        if (ll_slice_is(name, field))
            return ll_procfs_count(value, out);
    return false;
}

bool ll_host_parse_keyed(struct ll_slice line, const char *key, uint64_t *out)
{
    struct ll_slice name, value;
    return ll_procfs_field(&line, &name) && ll_slice_is(name, key) &&
           ll_procfs_field(&line, &value) && ll_procfs_count(value, out);
}

/* `name=value` when the name is this one. */
static bool assigned(struct ll_slice field, const char *name, struct ll_slice *value)
{
    size_t n = strlen(name);
    if (field.n <= n || !starts(field, name) || field.s[n] != '=')
        return false;
    *value = (struct ll_slice){field.s + n + 1, field.n - n - 1};
    return true;
}

bool ll_host_parse_pressure(struct ll_slice line, double *ratio)
{
    struct ll_slice field, value;
    double pct;
    if (!ll_procfs_field(&line, &field) || !ll_slice_is(field, "some") ||
        !ll_procfs_field(&line, &field) || !assigned(field, "avg10", &value) ||
        !ll_num_parse(value, &pct))
        return false;
    *ratio = pct / 100;
    return true;
}

bool ll_host_parse_io(struct ll_slice line, uint64_t *read_bytes, uint64_t *written_bytes)
{
    struct ll_slice field, value;
    bool r = false, w = false;
    if (!ll_procfs_field(&line, &field))
        return false;
    while (ll_procfs_field(&line, &field)) {
        if (assigned(field, "rbytes", &value))
            r = ll_procfs_count(value, read_bytes);
        else if (assigned(field, "wbytes", &value))
            w = ll_procfs_count(value, written_bytes);
    }
    return r && w;
}
