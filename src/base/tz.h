/* A time zone, from the bytes of a TZif file (RFC 9636).
 *
 * The operating system's own conversion keeps one zone per process in a global; market time needs
 * several at once, and the same answer in a test, a simulation and the daemon.  Versions 2 to 4
 * are read (64-bit data and the POSIX footer, which rules after the last listed change); a version
 * 1 file has no footer and is refused.  An ll_tz is immutable and may be shared by threads. */
#ifndef LL_BASE_TZ_H
#define LL_BASE_TZ_H

#include "base/err.h"
#include "base/time.h"

enum {
    LL_TZ_BYTES_MAX = 256 << 10, /* no file of tzdata is over 4 KiB */
    LL_TZ_NAME_MAX = 64,
    LL_TZ_ABBR_MAX = 16
};

struct ll_tz;

/* Reads a whole file; `name` is the zone's IANA name, for messages and ll_tz_name.  Fails with
 * LL_E_DAMAGED (what and where in the file), LL_E_TOO_LARGE or LL_E_MEMORY. */
LL_MUST_USE bool ll_tz_read(struct ll_slice name, const void *bytes, size_t n, struct ll_tz **out,
                            struct ll_err *err);
void ll_tz_free(struct ll_tz *tz);
LL_AUTO_DEFINE(ll_tz, ll_tz_free)

/* UTC without a file; NULL without memory. */
struct ll_tz *ll_tz_utc(void);

const char *ll_tz_name(const struct ll_tz *tz);

struct ll_tz_local {
    ll_dur offset; /* ms east of UTC */
    bool dst;
    const char *abbr; /* "EST", "+08"; lives as long as the zone */
};

/* What holds at t.  Before the first listed change: the first local time type (RFC 9636 3.2). */
struct ll_tz_local ll_tz_at(const struct ll_tz *tz, ll_time t);

/* Local wall time of t: ll_time_civil of the shifted time. */
struct ll_civil ll_tz_civil(const struct ll_tz *tz, ll_time t);

enum ll_tz_kind { LL_TZ_ONCE, LL_TZ_GAP, LL_TZ_FOLD };

/* The time at which the zone's clocks show `local` (ms since 1970 as if it were UTC).  In a gap
 * the offset before it counts (02:30 skipped to 03:00 reads 03:30); of two times the first.
 * *kind (may be NULL) says which it was. */
ll_time ll_tz_utc_of(const struct ll_tz *tz, ll_time local, enum ll_tz_kind *kind);

/* The first change of offset, dst or abbreviation after t; LL_TIME_NONE when there is none up to
 * `until`. */
ll_time ll_tz_next_change(const struct ll_tz *tz, ll_time t, ll_time until);

#endif
