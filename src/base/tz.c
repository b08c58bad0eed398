#include "base/tz.h"

#include <stdlib.h>
#include <string.h>

#include "base/tz_posix.h"

enum {
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    /* RFC 9636 3.2: from -25:59:59 to 25:59:59 */
    OFFSET_MAX_S = 26 * 60 * 60 - 1,
    /* Changes that are computed from the rule when a zone is read, to be found as fast as those a
     * file lists: to 2200 at most, as rule files speak. */
    FROM_RULE_MAX = 512,
};

#define FROM_RULE_UNTIL_S ((int64_t)7258118400) /* 2200-01-01 */

struct change {
    int64_t at; /* seconds since 1970 */
    const struct ll_tz_type *type;
};

struct ll_tz {
    char name[LL_TZ_NAME_MAX];
    struct ll_tz_type *types; /* the first holds before the first change */
    struct change *changes;   /* ascending; each changes something */
    size_t n_changes;
    bool has_rule;
    int64_t rule_from; /* seconds: from the last time in `changes` on, or always */
    struct ll_tz_posix rule;
};

/* The file while it is read. */
struct reader {
    const uint8_t *b;
    size_t n;
    const char *name;
    struct ll_err *err;
};

struct header {
    uint32_t n_utc, n_std, n_leap, n_times, n_types, n_chars;
};

/* Offsets of the parts of a 64-bit block. */
struct layout {
    size_t times, indices, types, chars, footer;
};

static bool refuse(const struct reader *r, size_t at, const char *what)
{
    return ll_err_set(r->err, LL_E_DAMAGED, "zone '%s' at byte %zu: %s", r->name, at, what);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const uint8_t *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool read_header(const struct reader *r, size_t at, struct header *h)
{
    if (r->n - at < HEADER_BYTES)
        return refuse(r, at, "the file ends within a header");
    const uint8_t *p = r->b + at;
    if (memcmp(p, "TZif", 4) != 0)
        return refuse(r, at, "no TZif header");
    if (p[4] < '2' || p[4] > '4')
        return refuse(r, at + 4, "not of version 2, 3 or 4");
    *h = (struct header){be32(p + 20), be32(p + 24), be32(p + 28),
                         be32(p + 32), be32(p + 36), be32(p + 40)};
    return true;
}

/* Of the data behind a header; counts of 32 bits cannot overflow it. */
static uint64_t block_bytes(const struct header *h, uint64_t time_bytes)
{
    return h->n_times * (time_bytes + 1) + (uint64_t)h->n_types * TYPE_BYTES + h->n_chars +
           h->n_leap * (time_bytes + 4) + h->n_std + h->n_utc;
}

/* Passes over the 32-bit block, and finds the parts of the other. */
static bool read_layout(const struct reader *r, struct header *h, struct layout *l)
{
    if (!read_header(r, 0, h))
        return false;
    const uint64_t skip = block_bytes(h, 4);
    if (skip > r->n - HEADER_BYTES)
        return refuse(r, HEADER_BYTES, "the file ends within its 32-bit data");
    const size_t second = HEADER_BYTES + (size_t)skip, at = second + HEADER_BYTES;
    if (!read_header(r, second, h))
        return false;
    const uint64_t bytes = block_bytes(h, 8);
    if (bytes > r->n - at)
        return refuse(r, at, "the file ends within its 64-bit data");
    if (h->n_types == 0 || h->n_types > 256 || h->n_chars == 0)
        return refuse(r, second + 36, "no local time types, or more than 256");
    if (h->n_leap > 0)
        return refuse(r, second + 28, "it counts leap seconds, as files under right/ do");
    if ((h->n_std != 0 && h->n_std != h->n_types) || (h->n_utc != 0 && h->n_utc != h->n_types))
        return refuse(r, second + 20, "indicators do not match the local time types");
    l->times = at;
    l->indices = l->times + (size_t)h->n_times * 8;
    l->types = l->indices + h->n_times;
    l->chars = l->types + (size_t)h->n_types * TYPE_BYTES;
    l->footer = at + (size_t)bytes;
    return true;
}

static bool read_type(const struct reader *r, size_t at, const struct header *h,
                      const struct layout *l, struct ll_tz_type *type)
{
    const uint8_t *p = r->b + at;
    const int32_t offset = (int32_t)be32(p);
    if (offset < -OFFSET_MAX_S || offset > OFFSET_MAX_S)
        return refuse(r, at, "an offset of more than 26 hours");
    if (p[4] > 1)
        return refuse(r, at + 4, "a summer time flag that is neither 0 nor 1");
    if (p[5] >= h->n_chars)
        return refuse(r, at + 5, "an abbreviation outside the list");
    const char *abbr = (const char *)r->b + l->chars + p[5];
    const size_t room = h->n_chars - p[5], n = strnlen(abbr, room);
    if (n == room || !ll_tz_posix_abbr(abbr, n))
        return refuse(r, l->chars + p[5], "no abbreviation of 1 to 15 letters");
    *type = (struct ll_tz_type){.offset = offset, .dst = p[4] == 1};
    memcpy(type->abbr, abbr, n);
    return true;
}

static bool read_types(const struct reader *r, const struct header *h, const struct layout *l,
                       struct ll_tz *tz)
{
    tz->types = calloc(h->n_types, sizeof(*tz->types));
    if (!tz->types)
        return ll_err_set(r->err, LL_E_MEMORY, "no memory for zone '%s'", r->name);
    for (uint32_t i = 0; i < h->n_types; i++)
        if (!read_type(r, l->types + i * (size_t)TYPE_BYTES, h, l, &tz->types[i]))
            return false;
    return true;
}

static bool same_type(const struct ll_tz_type *a, const struct ll_tz_type *b)
{
    return a->offset == b->offset && a->dst == b->dst && strcmp(a->abbr, b->abbr) == 0;
}

static const struct ll_tz_type *last_type(const struct ll_tz *tz)
{
    return tz->n_changes ? tz->changes[tz->n_changes - 1].type : &tz->types[0];
}

/* Files list times at which nothing changes; they are left out. */
static bool read_changes(const struct reader *r, const struct header *h, const struct layout *l,
                         struct ll_tz *tz)
{
    if (h->n_times == 0)
        return true;
    tz->changes = calloc((size_t)h->n_times + FROM_RULE_MAX, sizeof(*tz->changes));
    if (!tz->changes)
        return ll_err_set(r->err, LL_E_MEMORY, "no memory for zone '%s'", r->name);
    for (uint32_t i = 0; i < h->n_times; i++) {
        const size_t at = l->times + (size_t)i * 8;
        const int64_t s = be64(r->b + at);
        const uint8_t index = r->b[l->indices + i];
        if (i > 0 && s <= tz->rule_from)
            return refuse(r, at, "a time of change that is not after the one before");
        if (index >= h->n_types)
            return refuse(r, l->indices + i, "a local time type outside the list");
        tz->rule_from = s;
        if (!same_type(last_type(tz), &tz->types[index]))
            tz->changes[tz->n_changes++] = (struct change){s, &tz->types[index]};
    }
    return true;
}

/* The rule counts from the last listed time on.  The type listed there should be the rule's, but
 * files of zic before 2023 exist where it is not (America/Ojinaga of 2022): the rule wins. */
static void apply_rule(struct ll_tz *tz)
{
    if (tz->n_changes && tz->changes[tz->n_changes - 1].at == tz->rule_from)
        tz->n_changes--;
    const struct ll_tz_type *was = last_type(tz), *is = ll_tz_posix_at(&tz->rule, tz->rule_from);
    if (!same_type(was, is))
        tz->changes[tz->n_changes++] = (struct change){tz->rule_from, is};
    for (int i = 1; i < FROM_RULE_MAX; i++) {
        const int64_t at = ll_tz_posix_next(&tz->rule, tz->rule_from, FROM_RULE_UNTIL_S);
        if (at == INT64_MIN)
            return;
        tz->changes[tz->n_changes++] = (struct change){at, ll_tz_posix_at(&tz->rule, at)};
        tz->rule_from = at;
    }
}

/* The rule is between two line ends; empty when there is none to know. */
static bool read_footer(const struct reader *r, const struct header *h, size_t at, struct ll_tz *tz)
{
    const char *text = (const char *)r->b + at;
    if (r->n - at < 2 || text[0] != '\n' || r->b[r->n - 1] != '\n')
        return refuse(r, at, "no footer between two line ends");
    const struct ll_slice rule = {text + 1, r->n - at - 2};
    size_t wrong = 0;
    if (rule.n == 0)
        return true;
    const char *why = ll_tz_posix_parse(rule, &tz->rule, &wrong);
    if (why)
        return refuse(r, at + 1 + wrong, why);
    tz->has_rule = true;
    if (h->n_times > 0)
        apply_rule(tz);
    return true;
}

static bool read_all(const struct reader *r, struct ll_tz *tz)
{
    struct header h = {0};
    struct layout l = {0};
    return read_layout(r, &h, &l) && read_types(r, &h, &l, tz) && read_changes(r, &h, &l, tz) &&
           read_footer(r, &h, l.footer, tz);
}

static struct ll_tz *new_zone(struct ll_slice name)
{
    struct ll_tz *tz = calloc(1, sizeof(*tz));
    if (!tz)
        return NULL;
    if (name.n > 0)
        memcpy(tz->name, name.s, name.n);
    tz->rule_from = INT64_MIN;
    return tz;
}

bool ll_tz_read(struct ll_slice name, const void *bytes, size_t n, struct ll_tz **out,
                struct ll_err *err)
{
    if (name.n >= LL_TZ_NAME_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "zone name '%.64s...' is longer than %d bytes",
                          name.s, LL_TZ_NAME_MAX - 1);
    LL_AUTO(ll_tz) tz = new_zone(name);
    if (!tz)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a zone");
    if (n > LL_TZ_BYTES_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE,
                          "zone '%s': a file of %zu bytes, at most %d are read", tz->name, n,
                          LL_TZ_BYTES_MAX);
    if (!read_all(&(struct reader){bytes, n, tz->name, err}, tz))
        return false;
    *out = tz;
    tz = NULL;
    return true;
}

struct ll_tz *ll_tz_utc(void)
{
    LL_AUTO(ll_tz) tz = new_zone(LL_SLICE("UTC"));
    if (!tz)
        return NULL;
    tz->types = calloc(1, sizeof(*tz->types));
    if (!tz->types)
        return NULL;
    memcpy(tz->types->abbr, "UTC", sizeof("UTC"));
    struct ll_tz *utc = tz;
    tz = NULL;
    return utc;
}

void ll_tz_free(struct ll_tz *tz)
{
    if (!tz)
        return;
    free(tz->types);
    free(tz->changes);
    free(tz);
}

const char *ll_tz_name(const struct ll_tz *tz)
{
    return tz->name;
}

static int64_t seconds_of(ll_time t)
{
    return t / 1000 - (t % 1000 < 0);
}

static ll_time add(ll_time t, ll_dur d)
{
    ll_time sum;
    if (__builtin_add_overflow(t, d, &sum))
        return d < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* How many listed changes are at or before s. */
static size_t passed(const struct ll_tz *tz, int64_t s)
{
    size_t lo = 0, hi = tz->n_changes;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (tz->changes[mid].at <= s)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static const struct ll_tz_type *type_at(const struct ll_tz *tz, int64_t s)
{
    if (tz->has_rule && s >= tz->rule_from)
        return ll_tz_posix_at(&tz->rule, s);
    const size_t n = passed(tz, s);
    return n == 0 ? &tz->types[0] : tz->changes[n - 1].type;
}

struct ll_tz_local ll_tz_at(const struct ll_tz *tz, ll_time t)
{
    const struct ll_tz_type *type = type_at(tz, seconds_of(t));
    return (struct ll_tz_local){type->offset * LL_SECOND, type->dst, type->abbr};
}

struct ll_civil ll_tz_civil(const struct ll_tz *tz, ll_time t)
{
    return ll_time_civil(add(t, ll_tz_at(tz, t).offset));
}

ll_time ll_tz_next_change(const struct ll_tz *tz, ll_time t, ll_time until)
{
    const int64_t s = seconds_of(t), end = seconds_of(until);
    const size_t n = passed(tz, s);
    int64_t at = INT64_MIN;
    if (n < tz->n_changes)
        at = tz->changes[n].at;
    else if (tz->has_rule)
        at = ll_tz_posix_next(&tz->rule, LL_MAX(s, tz->rule_from), end);
    return at == INT64_MIN || at > end ? LL_TIME_NONE : at * 1000;
}

/* Walks over the stretches of one offset in which `local` could lie: in one of them it is once,
 * in two of them a fold; behind one and before the next, a gap. */
ll_time ll_tz_utc_of(const struct ll_tz *tz, ll_time local, enum ll_tz_kind *kind)
{
    const ll_dur reach = (OFFSET_MAX_S + 1) * LL_SECOND;
    const ll_time last = add(local, reach);
    ll_time from = add(local, -reach), next, before_gap = LL_TIME_NONE, found[2];
    size_t n = 0;
    do {
        const ll_time utc = add(local, -ll_tz_at(tz, from).offset);
        next = ll_tz_next_change(tz, from, last);
        const bool behind = next != LL_TIME_NONE && utc >= next;
        if (utc >= from && !behind && n < LL_LEN(found))
            found[n++] = utc;
        if (behind && before_gap == LL_TIME_NONE && add(local, -ll_tz_at(tz, next).offset) < next)
            before_gap = utc;
        from = next;
    } while (next != LL_TIME_NONE);
    if (kind)
        *kind = n == 0 ? LL_TZ_GAP : n == 1 ? LL_TZ_ONCE : LL_TZ_FOLD;
    return n == 0 ? before_gap : found[0];
}
