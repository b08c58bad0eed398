/* Spool: a bounded queue of records in a folder, oldest out first, that outlives its process.
 *
 * Records are appended to segment files; what was appended survives a killed process, and a
 * power cut up to the last ll_spool_sync.  A reader holds a mark, and what lies before the mark
 * that was acknowledged is deleted, a segment at a time: after a crash some records may come
 * again, none is missing.  When the bound is reached the oldest segment goes, and what was lost is
 * counted.  A torn end is cut off, a damaged place is stepped over; both are counted.
 * Used by one thread at a time. */
#ifndef LL_OS_SPOOL_H
#define LL_OS_SPOOL_H

#include "base/err.h"
#include "base/str.h"
#include "os/spool_record.h"

enum { LL_SPOOL_BYTES_MIN = 1 << 20 };

struct ll_spool;

/* A place between two records. */
struct ll_spool_mark {
    uint32_t segment, offset;
    uint32_t records; /* of the segment, before it */
};

struct ll_spool_stats {
    uint64_t bytes;         /* on disk */
    uint64_t records;       /* not acknowledged yet */
    uint64_t dropped;       /* records given up for newer ones or for lack of room, since opening */
    uint64_t torn_bytes;    /* cut off the end when it was opened */
    uint64_t damaged_bytes; /* stepped over while reading */
};

/* max_bytes bounds the files together; at least LL_SPOOL_BYTES_MIN.  The folder is made (0700)
 * when it is not there.  Fails with LL_E_CONFLICT when another process has it open. */
LL_MUST_USE bool ll_spool_open(const char *folder, uint64_t max_bytes, struct ll_spool **out,
                               struct ll_err *err);
void ll_spool_free(struct ll_spool *s); /* does not sync */
LL_AUTO_DEFINE(ll_spool, ll_spool_free)

/* On failure (LL_E_STORAGE, LL_E_TOO_LARGE over LL_SPOOL_RECORD_MAX, LL_E_MEMORY) the record is
 * lost and counted as dropped. */
LL_MUST_USE bool ll_spool_append(struct ll_spool *s, const char *bytes, size_t n,
                                 struct ll_err *err);

/* Makes what was appended outlast a power cut.  After a failure nothing is appended to the same
 * file again. */
LL_MUST_USE bool ll_spool_sync(struct ll_spool *s, struct ll_err *err);
bool ll_spool_is_synced(const struct ll_spool *s);

/* Where reading begins: behind the last acknowledged record. */
struct ll_spool_mark ll_spool_begin(const struct ll_spool *s);

/* Appends the record at the mark to *out and moves the mark behind it.  False at the end, or when
 * *out has no room (out->failed). */
LL_MUST_USE bool ll_spool_next(struct ll_spool *s, struct ll_spool_mark *mark, struct ll_str *out);

/* Everything before the mark is done with. */
void ll_spool_acknowledge(struct ll_spool *s, struct ll_spool_mark mark);

struct ll_spool_stats ll_spool_stats(const struct ll_spool *s);

#endif
