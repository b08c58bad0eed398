#include "collect/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Not blocking: a FIFO in the way of a file must not stop the collector. */
static int open_file(int dir, const char *path)
{
    return openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static ssize_t read_again(int fd, char *buf, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buf, size);
    while (n < 0 && errno == EINTR);
    return n;
}

bool ll_procfs_open(struct ll_procfs_reader *r, int dir, const char *path)
{
    r->fd = open_file(dir, path);
    r->at = r->n = r->total = 0;
    r->skipping = r->end = false;
    return r->fd >= 0;
}

void ll_procfs_close(struct ll_procfs_reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

/* Moves what is left to the front and reads more behind it. */
static void fill(struct ll_procfs_reader *r)
{
    if (r->n == sizeof(r->buf) && r->at == 0) { /* one line fills it all */
        r->skipping = true;
        r->n = 0;
    }
    memmove(r->buf, r->buf + r->at, r->n - r->at);
    r->n -= r->at;
    r->at = 0;
    ssize_t n = read_again(r->fd, r->buf + r->n, sizeof(r->buf) - r->n);
    bool broken = n < 0 || r->total + (size_t)n > LL_PROCFS_FILE_MAX;
    if (broken)
        r->n = 0; /* half a line is none */
    r->end = broken || n == 0;
    if (r->end)
        return;
    r->n += (size_t)n;
    r->total += (size_t)n;
}

bool ll_procfs_next(struct ll_procfs_reader *r, struct ll_slice *line)
{
    for (;;) {
        const char *from = r->buf + r->at;
        size_t left = r->n - r->at;
        const char *newline = left ? memchr(from, '\n', left) : NULL;
        if (!newline && !r->end) {
            fill(r);
            continue;
        }
        if (!newline && (left == 0 || r->skipping))
            return false;
        size_t n = newline ? (size_t)(newline - from) : left;
        r->at += newline ? n + 1 : n;
        bool skipped = r->skipping;
        r->skipping = false;
        if (skipped)
            continue; /* the rest of a line that was too long */
        *line = (struct ll_slice){from, n};
        return true;
    }
}

bool ll_procfs_read_small(int dir, const char *path, char buf[static LL_PROCFS_SMALL_MAX],
                          struct ll_slice *line)
{
    int fd = open_file(dir, path);
    if (fd < 0)
        return false;
    ssize_t n = read_again(fd, buf, LL_PROCFS_SMALL_MAX);
    close(fd);
    if (n <= 0)
        return false;
    const char *newline = memchr(buf, '\n', (size_t)n);
    if (!newline && n == LL_PROCFS_SMALL_MAX)
        return false;
    *line = (struct ll_slice){buf, newline ? (size_t)(newline - buf) : (size_t)n};
    return true;
}

bool ll_procfs_read_count(int dir, const char *path, uint64_t *out)
{
    char buf[LL_PROCFS_SMALL_MAX];
    struct ll_slice line;
    return ll_procfs_read_small(dir, path, buf, &line) && ll_procfs_count(line, out);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool ll_procfs_field(struct ll_slice *rest, struct ll_slice *field)
{
    size_t from = 0;
    while (from < rest->n && is_blank(rest->s[from]))
        from++;
    size_t to = from;
    while (to < rest->n && !is_blank(rest->s[to]))
        to++;
    *field = (struct ll_slice){rest->s + from, to - from};
    *rest = (struct ll_slice){rest->s + to, rest->n - to};
    return to > from;
}

bool ll_procfs_count(struct ll_slice text, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (c < '0' || c > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    if (text.n == 0)
        return false;
    *out = v;
    return true;
}

bool ll_procfs_counts(struct ll_slice *rest, uint64_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ll_slice field;
        if (!ll_procfs_field(rest, &field) || !ll_procfs_count(field, &out[i]))
            return false;
    }
    return true;
}
