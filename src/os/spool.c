/* Files of the folder: 00000001.seg and on, `cursor` (the acknowledged mark), `lock`. */
#include "os/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>

#include "base/vec.h"
#include "os/file.h"

enum {
    SEGMENT_MAX = 1 << 20,
    SEGMENT_MIN = 128 << 10, /* more than one record */
    SEGMENT_READ_MAX = 2 * SEGMENT_MAX,
    SEGMENTS_MAX = 1 << 16,
    NAME_MAX_BYTES = 16,
    CURSOR_BYTES = 20
};

struct segment {
    uint32_t number, bytes, records;
};

LL_VEC_DEFINE(segments, struct segment)

struct ll_spool {
    int dir, lock;
    int out; /* the newest segment, for appending; -1 = the next record opens a new one */
    int in;  /* the segment `reading`; -1 = none */
    uint32_t reading, last_number;
    uint64_t max, bytes;
    uint32_t segment_max;
    struct segments segments; /* by number */
    struct ll_spool_mark done;
    struct ll_spool_mark damaged; /* places before it are counted: they are read again and again */
    bool dirty;                   /* appended and not synced */
    bool new_names;               /* a file was made and the folder not synced */
    struct ll_spool_stats stats;
};

static void segment_name(uint32_t number, char out[static NAME_MAX_BYTES])
{
    snprintf(out, NAME_MAX_BYTES, "%08x.seg", number);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void ll_spool_free(struct ll_spool *s)
{
    if (!s)
        return;
    close_fd(&s->out);
    close_fd(&s->in);
    close_fd(&s->lock);
    close_fd(&s->dir);
    segments_fini(&s->segments);
    free(s);
}

/* Reads at most n bytes from the start; -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t n, off_t from)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(fd, buf + got, n - got, from + (off_t)got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

/* What a file holds: whole records, and the end of the last of them. */
struct contents {
    uint32_t records, end, bytes;
};

/* False without memory.  What cannot be read, or is no file of ours, holds nothing. */
static bool look_through(int fd, struct contents *out)
{
    struct stat st;
    *out = (struct contents){0};
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SEGMENT_READ_MAX)
        return true;
    size_t size = (size_t)st.st_size, at = 0;
    char *buf = malloc(size + 1);
    if (!buf)
        return false;
    ssize_t n = read_all(fd, buf, size, 0);
    struct ll_slice record;
    while (n > 0 && ll_spool_record_find(buf, (size_t)n, &at, &record))
        out->records++;
    out->end = (uint32_t)at;
    out->bytes = (uint32_t)size;
    free(buf);
    return true;
}

/* One file of the folder, as it was left.  What has no record left in it goes. */
static bool take_segment(struct ll_spool *s, uint32_t number)
{
    char name[NAME_MAX_BYTES];
    struct contents c = {0};
    segment_name(number, name);
    int fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd < 0 || look_through(fd, &c);
    close_fd(&fd);
    s->last_number = LL_MAX(s->last_number, number);
    if (!ok)
        return false;
    if (c.records == 0) {
        s->stats.torn_bytes += c.bytes;
        unlinkat(s->dir, name, 0);
        return true;
    }
    s->bytes += c.bytes;
    return segments_push(&s->segments, (struct segment){number, c.bytes, c.records});
}

/* The number in "0000002a.seg". */
static bool number_of(const char *name, uint32_t *out)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t number = 0;
    for (int i = 0; i < 8; i++) {
        const char *digit = name[i] ? strchr(digits, name[i]) : NULL;
        if (!digit)
            return false;
        number = number << 4 | (uint32_t)(digit - digits);
    }
    if (number == 0 || strcmp(name + 8, ".seg") != 0)
        return false;
    *out = number;
    return true;
}

LL_VEC_DEFINE(numbers, uint32_t)

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool list(struct ll_spool *s, struct numbers *out)
{
    int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e;
    uint32_t number;
    bool ok = d != NULL;
    if (!d)
        close_fd(&fd);
    while (ok && (e = readdir(d)))
        ok = !number_of(e->d_name, &number) || numbers_push(out, number);
    if (d)
        closedir(d);
    return ok;
}

static bool take_all(struct ll_spool *s, struct ll_err *err)
{
    struct numbers found = {.cap = SEGMENTS_MAX};
    bool ok = list(s, &found);
    if (ok && found.n > 1)
        qsort(found.v, found.n, sizeof(found.v[0]), by_number);
    for (size_t i = 0; ok && i < found.n; i++)
        ok = take_segment(s, found.v[i]);
    numbers_fini(&found);
    return ok ? true : ll_err_set(err, LL_E_MEMORY, "no memory for the queue's list of files");
}

/* The newest file goes on behind its last whole record. */
static void reopen_last(struct ll_spool *s)
{
    char name[NAME_MAX_BYTES];
    struct contents c;
    struct segment *last = s->segments.n ? &s->segments.v[s->segments.n - 1] : NULL;
    if (!last)
        return;
    segment_name(last->number, name);
    int fd = openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || !look_through(fd, &c) || (c.end < c.bytes && ftruncate(fd, c.end) != 0)) {
        close_fd(&fd);
        return;
    }
    s->stats.torn_bytes += c.bytes - c.end;
    s->bytes -= last->bytes - c.end;
    last->bytes = c.end;
    s->out = fd;
    s->dirty = true;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t cursor_sum(const uint8_t *b)
{
    return (uint32_t)crc32_z(0, b, CURSOR_BYTES - 4);
}

/* A cursor that cannot be believed means the beginning: what comes twice does no harm. */
static void read_cursor(struct ll_spool *s)
{
    uint8_t b[CURSOR_BYTES + 1];
    int fd = openat(s->dir, "cursor", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read_all(fd, (char *)b, sizeof(b), 0) : -1;
    close_fd(&fd);
    if (n != CURSOR_BYTES || memcmp(b, "LLcu", 4) != 0 || le32(b + 16) != cursor_sum(b))
        return;
    struct ll_spool_mark m = {le32(b + 4), le32(b + 8), le32(b + 12)};
    s->last_number = LL_MAX(s->last_number, m.segment); /* numbers are never used twice */
    for (size_t i = 0; i < s->segments.n; i++) {
        const struct segment *seg = &s->segments.v[i];
        if (seg->number == m.segment && m.offset > seg->bytes) /* a power cut took what was sent */
            m = (struct ll_spool_mark){seg->number, seg->bytes, seg->records};
    }
    ll_spool_acknowledge(s, m);
}

/* Not synced: an old cursor only sends again.  The rename keeps it whole. */
static void write_cursor(struct ll_spool *s)
{
    const uint32_t v[] = {s->done.segment, s->done.offset, s->done.records};
    uint8_t b[CURSOR_BYTES] = {'L', 'L', 'c', 'u'};
    for (size_t i = 0; i < 12; i++)
        b[4 + i] = (uint8_t)(v[i / 4] >> 8 * (i % 4));
    uint32_t sum = cursor_sum(b);
    for (size_t i = 0; i < 4; i++)
        b[16 + i] = (uint8_t)(sum >> 8 * i);
    int fd = openat(s->dir, "cursor.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, b, sizeof(b)) == (ssize_t)sizeof(b);
    close_fd(&fd);
    if (ok)
        (void)renameat(s->dir, "cursor.new", s->dir, "cursor");
}

static bool take_lock(struct ll_spool *s, const char *folder, struct ll_err *err)
{
    char pid[24] = "";
    s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock < 0)
        return ll_err_set(err, LL_E_STORAGE, "cannot lock the queue %s: %s", folder,
                          strerror(errno));
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        if (pread(s->lock, pid, sizeof(pid) - 1, 0) < 0)
            pid[0] = '\0';
        pid[strspn(pid, "0123456789")] = '\0';
        return ll_err_set(err, LL_E_CONFLICT,
                          "the queue %s is in use by process %s; give this one --queue.path",
                          folder, *pid ? pid : "(not known)");
    }
    int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    if (ftruncate(s->lock, 0) != 0 || pwrite(s->lock, pid, (size_t)n, 0) != n)
        return true; /* a full disk: the lock holds all the same */
    return true;
}

/* An eighth of the bound, or of what is free: dropping one must not drop most. */
static void choose_segment_size(struct ll_spool *s)
{
    struct statvfs v;
    uint64_t room = s->max;
    if (fstatvfs(s->dir, &v) == 0)
        room = LL_MIN(room, (uint64_t)v.f_bavail * v.f_frsize + s->bytes);
    s->segment_max =
        (uint32_t)LL_MIN(LL_MAX(room / 8, (uint64_t)SEGMENT_MIN), (uint64_t)SEGMENT_MAX);
}

bool ll_spool_open(const char *folder, uint64_t max_bytes, struct ll_spool **out,
                   struct ll_err *err)
{
    if (max_bytes < LL_SPOOL_BYTES_MIN || max_bytes / SEGMENT_MAX > SEGMENTS_MAX / 2)
        return ll_err_set(err, LL_E_RANGE, "a queue of %llu bytes; it has 1MiB to 32GiB",
                          (unsigned long long)max_bytes);
    LL_AUTO(ll_spool) s = calloc(1, sizeof(*s));
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the queue");
    s->dir = s->lock = s->out = s->in = -1;
    s->max = max_bytes;
    s->segments.cap = SEGMENTS_MAX;
    if (!ll_file_make_folder(folder, err))
        return false;
    s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0)
        return ll_err_set(err, LL_E_STORAGE, "cannot open the queue %s: %s", folder,
                          strerror(errno));
    if (!take_lock(s, folder, err) || !take_all(s, err))
        return false;
    reopen_last(s);
    read_cursor(s);
    choose_segment_size(s);
    *out = s;
    s = NULL;
    return true;
}

/* The first segments[i] whose number is not below. */
static size_t index_of(const struct ll_spool *s, uint32_t number)
{
    size_t i = 0;
    while (i < s->segments.n && s->segments.v[i].number < number)
        i++;
    return i;
}

static void remove_first(struct ll_spool *s)
{
    char name[NAME_MAX_BYTES];
    struct segment first = s->segments.v[0];
    if (s->segments.n == 1)
        close_fd(&s->out);
    if (s->reading == first.number)
        close_fd(&s->in);
    segment_name(first.number, name);
    unlinkat(s->dir, name, 0);
    s->bytes -= first.bytes;
    s->segments.n--;
    memmove(s->segments.v, s->segments.v + 1, s->segments.n * sizeof(s->segments.v[0]));
}

/* The oldest file, for the sake of newer records; never the one that is written. */
static bool drop_oldest(struct ll_spool *s)
{
    if (s->segments.n < 2)
        return false;
    const struct segment *first = &s->segments.v[0];
    uint32_t done = s->done.segment == first->number ? s->done.records : 0;
    s->stats.dropped += first->records - LL_MIN(done, first->records);
    remove_first(s);
    return true;
}

static bool open_segment(struct ll_spool *s)
{
    char name[NAME_MAX_BYTES];
    if (s->out >= 0 && s->dirty && fdatasync(s->out) == 0)
        s->dirty = false;
    close_fd(&s->out);
    segment_name(s->last_number + 1, name);
    s->out = openat(s->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->out < 0)
        return false;
    s->last_number++;
    s->new_names = true;
    if (segments_push(&s->segments, (struct segment){.number = s->last_number}))
        return true;
    close_fd(&s->out);
    unlinkat(s->dir, name, 0);
    errno = ENOMEM;
    return false;
}

/* All of it behind the segment's end, or nothing. */
static bool write_record(struct ll_spool *s, const uint8_t *header, const char *bytes, size_t n)
{
    struct segment *last = &s->segments.v[s->segments.n - 1];
    const struct {
        const void *p;
        size_t n;
    } part[] = {{header, LL_SPOOL_RECORD_HEADER}, {bytes, n}};
    off_t at = last->bytes;
    for (size_t i = 0; i < LL_LEN(part); i++)
        for (size_t w = 0; w < part[i].n;) {
            ssize_t r = pwrite(s->out, (const char *)part[i].p + w, part[i].n - w, at);
            if (r < 0 && errno == EINTR)
                continue;
            if (r <= 0) {
                int why = r < 0 ? errno : ENOSPC;
                if (ftruncate(s->out, last->bytes) != 0)
                    close_fd(&s->out); /* its end is torn: the next record opens another */
                errno = why;
                return false;
            }
            w += (size_t)r;
            at += r;
        }
    last->bytes = (uint32_t)at;
    last->records++;
    s->bytes += LL_SPOOL_RECORD_HEADER + n;
    s->dirty = true;
    return true;
}

static bool write_somewhere(struct ll_spool *s, const uint8_t *header, const char *bytes, size_t n)
{
    size_t last = s->segments.n;
    bool full =
        last == 0 || s->segments.v[last - 1].bytes + LL_SPOOL_RECORD_HEADER + n > s->segment_max;
    return ((s->out >= 0 && !full) || open_segment(s)) && write_record(s, header, bytes, n);
}

bool ll_spool_append(struct ll_spool *s, const char *bytes, size_t n, struct ll_err *err)
{
    uint8_t header[LL_SPOOL_RECORD_HEADER];
    if (n > LL_SPOOL_RECORD_MAX) {
        s->stats.dropped++;
        return ll_err_set(err, LL_E_TOO_LARGE, "a record of %zu bytes for the queue", n);
    }
    ll_spool_record_header(bytes, n, header);
    while (s->bytes + LL_SPOOL_RECORD_HEADER + n > s->max && drop_oldest(s))
        continue;
    while (!write_somewhere(s, header, bytes, n)) {
        int why = errno;
        bool no_room = why == ENOSPC || why == EDQUOT;
        if (no_room && drop_oldest(s))
            continue;
        s->stats.dropped++;
        return ll_err_set(err, why == ENOMEM ? LL_E_MEMORY : LL_E_STORAGE,
                          "cannot write to the queue: %s", strerror(why));
    }
    return true;
}

bool ll_spool_is_synced(const struct ll_spool *s)
{
    return !s->dirty && !s->new_names;
}

bool ll_spool_sync(struct ll_spool *s, struct ll_err *err)
{
    if (s->out >= 0 && s->dirty && fdatasync(s->out) != 0) {
        int why = errno;
        close_fd(&s->out); /* what the kernel failed to write it may call clean: a new file */
        s->dirty = false;
        return ll_err_set(err, LL_E_STORAGE, "cannot sync the queue: %s", strerror(why));
    }
    s->dirty = false;
    if (s->new_names && fsync(s->dir) != 0)
        return ll_err_set(err, LL_E_STORAGE, "cannot sync the queue's folder: %s", strerror(errno));
    s->new_names = false;
    return true;
}

struct ll_spool_mark ll_spool_begin(const struct ll_spool *s)
{
    return s->done;
}

static bool open_for_reading(struct ll_spool *s, uint32_t number)
{
    char name[NAME_MAX_BYTES];
    if (s->in >= 0 && s->reading == number)
        return true;
    close_fd(&s->in);
    segment_name(number, name);
    s->in = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    s->reading = number;
    return s->in >= 0;
}

/* The bytes of the record at the mark; false when there is none that is whole. */
static bool read_record(struct ll_spool *s, const struct ll_spool_mark *m, struct ll_str *out)
{
    uint8_t header[LL_SPOOL_RECORD_HEADER];
    size_t n, before = out->n;
    char piece[4096];
    if (read_all(s->in, (char *)header, sizeof(header), m->offset) != (ssize_t)sizeof(header) ||
        !ll_spool_record_length(header, &n))
        return false;
    for (size_t got = 0; got < n && !out->failed;) {
        off_t from = (off_t)m->offset + LL_SPOOL_RECORD_HEADER + (off_t)got;
        ssize_t r = read_all(s->in, piece, LL_MIN(sizeof(piece), n - got), from);
        if (r <= 0)
            break;
        ll_str_add(out, piece, (size_t)r);
        got += (size_t)r;
    }
    if (out->failed)
        return true;
    if (out->n - before == n && ll_spool_record_matches(header, ll_str_z(out) + before, n))
        return true;
    out->n = before;
    return false;
}

static bool is_before(const struct ll_spool_mark *a, const struct ll_spool_mark *b)
{
    return a->segment < b->segment || (a->segment == b->segment && a->offset < b->offset);
}

static void count_damage(struct ll_spool *s, const struct ll_spool_mark *from, uint32_t to)
{
    const struct ll_spool_mark end = {.segment = from->segment, .offset = to};
    if (!is_before(&s->damaged, &end))
        return;
    s->damaged = end;
    s->stats.damaged_bytes += to - from->offset;
}

/* Where the next whole record begins behind a damaged place; the end when there is none. */
static uint32_t behind_damage(struct ll_spool *s, const struct segment *seg, uint32_t from)
{
    size_t size = seg->bytes - from, at = 0;
    char *buf = malloc(size + 1);
    ssize_t n = buf ? read_all(s->in, buf, size, from) : -1;
    struct ll_slice record;
    uint32_t to = seg->bytes;
    if (n > 0 && ll_spool_record_find(buf, (size_t)n, &at, &record))
        to = from + (uint32_t)(at - record.n - LL_SPOOL_RECORD_HEADER);
    free(buf);
    return to;
}

bool ll_spool_next(struct ll_spool *s, struct ll_spool_mark *mark, struct ll_str *out)
{
    struct ll_spool_mark m = *mark;
    size_t i;
    while ((i = index_of(s, m.segment)) < s->segments.n) {
        const struct segment *seg = &s->segments.v[i];
        if (seg->number != m.segment)
            m = (struct ll_spool_mark){.segment = seg->number};
        if (m.offset >= seg->bytes) {
            if (i + 1 == s->segments.n)
                return false;
            m = (struct ll_spool_mark){.segment = seg->number + 1};
            continue;
        }
        size_t before = out->n;
        bool whole = open_for_reading(s, seg->number) && read_record(s, &m, out);
        if (out->failed)
            return false;
        if (whole) {
            m.offset += LL_SPOOL_RECORD_HEADER + (uint32_t)(out->n - before);
            m.records++;
            *mark = m;
            return true;
        }
        uint32_t to = s->in >= 0 ? behind_damage(s, seg, m.offset) : seg->bytes;
        count_damage(s, &m, to);
        m.offset = to;
    }
    return false;
}

void ll_spool_acknowledge(struct ll_spool *s, struct ll_spool_mark m)
{
    if (!is_before(&s->done, &m))
        return;
    s->done = m;
    while (s->segments.n && (s->segments.v[0].number < m.segment ||
                             (s->segments.v[0].number == m.segment &&
                              s->segments.v[0].bytes <= m.offset && s->segments.n > 1)))
        remove_first(s);
    write_cursor(s);
}

struct ll_spool_stats ll_spool_stats(const struct ll_spool *s)
{
    struct ll_spool_stats x = s->stats;
    x.bytes = s->bytes;
    for (size_t i = 0; i < s->segments.n; i++) {
        const struct segment *seg = &s->segments.v[i];
        uint32_t done = seg->number == s->done.segment ? s->done.records : 0;
        x.records += seg->records - LL_MIN(done, seg->records);
    }
    return x;
}
