/* Any bytes as the files of a queue: the first byte says how much of the rest is the cursor, the
 * second file begins at the first byte 0xff.  With the checksums put right, as somebody could
 * who writes there, records are read to the end; nothing that is no record comes out, and what is
 * appended is found again. */
#include "os/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64];

static void remove_files(void)
{
    static const char *const names[] = {"cursor", "00000001.seg", "00000002.seg", "00000003.seg",
                                        "lock"};
    char path[128];
    for (size_t i = 0; i < LL_LEN(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static void remove_folder(void)
{
    remove_files();
    rmdir(folder);
}

static void write_file(const char *name, const uint8_t *bytes, size_t n)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    LL_ASSERT(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

/* Headers where the magic stands get their sums: the fuzzer cannot guess them. */
static void mend(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i + LL_SPOOL_RECORD_HEADER <= n; i++) {
        if (memcmp(bytes + i, "LLsp", 4) != 0)
            continue;
        size_t length = LL_MIN((size_t)bytes[i + 4], n - i - LL_SPOOL_RECORD_HEADER);
        ll_spool_record_header((const char *)bytes + i + LL_SPOOL_RECORD_HEADER, length, bytes + i);
    }
}

static void find(const char *bytes, size_t n)
{
    size_t at = 0, before = 0;
    struct ll_slice r;
    while (ll_spool_record_find(bytes, n, &at, &r)) {
        LL_ASSERT(at > before && at <= n && r.n <= LL_SPOOL_RECORD_MAX);
        LL_ASSERT(r.s >= bytes + before && r.s + r.n == bytes + at);
        before = at;
    }
}

static size_t read_all(struct ll_spool *s, bool acknowledge)
{
    struct ll_str one;
    ll_str_init(&one, LL_SPOOL_RECORD_MAX);
    struct ll_spool_mark m = ll_spool_begin(s);
    size_t n = 0;
    for (; ll_spool_next(s, &m, &one); n++)
        ll_str_clear(&one);
    if (acknowledge)
        ll_spool_acknowledge(s, m);
    ll_str_fini(&one);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!folder[0]) {
        snprintf(folder, sizeof(folder), "/dev/shm/loadline-fuzz-XXXXXX");
        LL_ASSERT(mkdtemp(folder));
        atexit(remove_folder);
    }
    if (size < 2)
        return 0;
    uint8_t *copy = malloc(size);
    LL_ASSERT(copy);
    memcpy(copy, data, size);
    size_t cursor = LL_MIN((size_t)(copy[0] & 31), size - 1), rest = size - 1 - cursor;
    uint8_t *first = copy + 1 + cursor;
    mend(first, rest);
    find((const char *)first, rest);
    const uint8_t *split = memchr(first, 0xff, rest);
    size_t n = split ? (size_t)(split - first) : rest;
    remove_files();
    write_file("cursor", copy + 1, cursor);
    write_file("00000001.seg", first, n);
    write_file("00000002.seg", first + n, rest - n);
    free(copy);

    struct ll_spool *s = NULL;
    struct ll_err err;
    LL_ASSERT(ll_spool_open(folder, LL_SPOOL_BYTES_MIN, &s, &err));
    size_t before = read_all(s, false);
    LL_ASSERT(ll_spool_append(s, "new", 3, &err));
    LL_ASSERT(read_all(s, false) == before + 1);
    ll_spool_free(s);
    LL_ASSERT(ll_spool_open(folder, LL_SPOOL_BYTES_MIN, &s, &err));
    LL_ASSERT(read_all(s, true) == before + 1);
    LL_ASSERT(read_all(s, false) == 0);
    ll_spool_free(s);
    return 0;
}
