/* Reading kernel text files: bounded memory, strict numbers, no locale.
 *
 * A reader hands out whole lines from a fixed buffer, so a file of any size costs the
 * same memory.  A line longer than the buffer (`intr` of a large machine) is left out,
 * and nothing is read past LL_PROCFS_FILE_MAX. */
#ifndef LL_COLLECT_PROCFS_H
#define LL_COLLECT_PROCFS_H

#include "base/str.h"

enum {
    LL_PROCFS_LINE_MAX = 16 * 1024,
    LL_PROCFS_FILE_MAX = 16 * 1024 * 1024,
    LL_PROCFS_SMALL_MAX = 256
};

struct ll_procfs_reader {
    int fd;
    size_t at, n; /* the bytes not handed out yet: buf[at..n) */
    size_t total; /* read so far */
    bool skipping, end;
    char buf[LL_PROCFS_LINE_MAX];
};

/* path is relative to the directory dir.  False when it cannot be opened; nothing to close. */
LL_MUST_USE bool ll_procfs_open(struct ll_procfs_reader *r, int dir, const char *path);

/* The next line without its end, valid until the next call; false at the end, on an error
 * and past the limit.  A last line without a newline counts. */
LL_MUST_USE bool ll_procfs_next(struct ll_procfs_reader *r, struct ll_slice *line);
void ll_procfs_close(struct ll_procfs_reader *r);

/* First line of a small file, without the newline; false when there is none or it is longer. */
LL_MUST_USE bool ll_procfs_read_small(int dir, const char *path,
                                      char buf[static LL_PROCFS_SMALL_MAX], struct ll_slice *line);

/* A file that holds one number. */
LL_MUST_USE bool ll_procfs_read_count(int dir, const char *path, uint64_t *out);

/* Takes the next blank-separated field off the front of *rest; false when there is none. */
LL_MUST_USE bool ll_procfs_field(struct ll_slice *rest, struct ll_slice *field);

/* Decimal digits only, the whole slice, within 64 bits. */
LL_MUST_USE bool ll_procfs_count(struct ll_slice text, uint64_t *out);

/* The next n fields of *rest as counts; false unless all of them are. */
LL_MUST_USE bool ll_procfs_counts(struct ll_slice *rest, uint64_t *out, size_t n);

#endif
