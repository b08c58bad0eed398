#include "cmd/series_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/map.h"
#include "cmd/progress.h"
#include "core/longcsv.h"
#include "os/thread.h"

enum { READ_BYTES = 256 << 10, BAD_SHOWN = 5, ROWS_MAX = 100000000, SERIES_MAX = 10000000 };

struct reading {
    struct ll_series_file *f;
    struct ll_longcsv columns;
    bool header;
    int64_t line;
    struct ll_progress progress;
    int64_t size;
};

static struct ll_series_of_file *new_series(struct ll_series_file *f, struct ll_slice name)
{
    if (f->n == f->size) {
        size_t size = f->size ? 2 * f->size : 64;
        struct ll_series_of_file *v = realloc(f->v, size * sizeof(*v));
        if (!v)
            return NULL;
        f->v = v;
        f->size = size;
    }
    struct ll_series_of_file *s = &f->v[f->n];
    *s = (struct ll_series_of_file){.name = malloc(name.n + 1), .type = -1, .capacity = NAN};
    if (!s->name)
        return NULL;
    memcpy(s->name, name.s, name.n);
    s->name[name.n] = '\0';
    if (!ll_map_put(f->by_name, (struct ll_slice){s->name, name.n}, f->n)) {
        free(s->name);
        return NULL;
    }
    f->n++;
    return s;
}

static struct ll_series_of_file *series_of(struct ll_series_file *f, struct ll_slice name)
{
    size_t at;
    if (f->n && ll_slice_is(name, f->v[f->n - 1].name)) /* rows of a series mostly stand together */
        return &f->v[f->n - 1];
    return ll_map_get(f->by_name, name, &at) ? &f->v[at] : new_series(f, name);
}

static bool add_point(struct ll_series_of_file *s, struct ll_point p)
{
    if (s->n == s->size) {
        size_t size = s->size ? 2 * s->size : 256;
        struct ll_point *v = realloc(s->points, size * sizeof(*v));
        if (!v)
            return false;
        s->points = v;
        s->size = size;
    }
    s->points[s->n++] = p;
    return true;
}

static void note_bad(struct reading *r, const struct ll_err *why)
{
    if (r->f->bad++ < BAD_SHOWN) {
        ll_progress_end(&r->progress);
        ll_ctx_say("line %lld: %s", (long long)r->line, why->text);
    }
}

static bool take_row(struct reading *r, const struct ll_csv *csv, struct ll_err *err)
{
    struct ll_longcsv_row row;
    struct ll_err why;
    if (++r->f->rows > ROWS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "more than %d rows", ROWS_MAX);
    if (!ll_longcsv_row(&r->columns, csv->fields, csv->n, &row, &why)) {
        note_bad(r, &why);
        return true;
    }
    struct ll_series_of_file *s = series_of(r->f, row.series);
    if (!s || (!isnan(row.value) && !add_point(s, (struct ll_point){row.t, row.value})))
        return ll_err_set(err, LL_E_MEMORY, "no memory for %lld rows", (long long)r->f->rows);
    if (!isnan(row.capacity))
        s->capacity = row.capacity;
    if (row.type >= 0 && s->type < 0)
        s->type = row.type;
    if (row.service.n && !s->service && !(s->service = strndup(row.service.s, row.service.n)))
        return ll_err_set(err, LL_E_MEMORY, "no memory for %lld rows", (long long)r->f->rows);
    return true;
}

static bool take_record(struct reading *r, const struct ll_csv *csv, enum ll_csv_got got,
                        const struct ll_err *why, struct ll_err *err)
{
    r->line = csv->first_line;
    if (got == LL_CSV_BAD) {
        if (!r->header) {
            *err = *why;
            return false;
        }
        note_bad(r, why);
        return true;
    }
    if (r->header)
        return take_row(r, csv, err);
    r->header = true;
    return ll_longcsv_header(csv->fields, csv->n, &r->columns, err);
}

static bool read_all(struct reading *r, gzFile f, struct ll_csv *csv, char *buf, struct ll_err *err)
{
    struct ll_err why;
    enum ll_csv_got got;
    int n, code = Z_OK;
    while ((n = gzread(f, buf, READ_BYTES)) > 0) {
        struct ll_slice in = {buf, (size_t)n};
        while ((got = ll_csv_feed(csv, &in, &why)) != LL_CSV_MORE)
            if (!take_record(r, csv, got, &why, err))
                return false;
        ll_progress_show(&r->progress, r->f->rows,
                         r->size > 0 ? (double)gzoffset(f) / (double)r->size : (double)NAN);
    }
    const char *text = gzerror(f, &code);
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END))
        return ll_err_set(err, LL_E_IO, "the file cannot be read to its end: %s",
                          code == Z_ERRNO ? strerror(errno) : text);
    if ((got = ll_csv_end(csv, &why)) != LL_CSV_MORE && !take_record(r, csv, got, &why, err))
        return false;
    if (!r->header)
        return ll_err_set(err, LL_E_INVALID, "the file is empty");
    if (r->f->rows == 0)
        return ll_err_set(err, LL_E_INVALID, "the file has no row below its header");
    return r->f->bad < r->f->rows ||
           ll_err_set(err, LL_E_INVALID, "none of %lld rows can be read", (long long)r->f->rows);
}

bool ll_series_file_read(const char *path, struct ll_series_file *out, struct ll_err *err)
{
    struct stat st;
    *out = (struct ll_series_file){.by_name = ll_map_new(0x5eed, SERIES_MAX)};
    struct reading r = {.f = out};
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ll_err_set(err, errno == ENOENT ? LL_E_NOT_FOUND : LL_E_IO, "opening '%s': %s", path,
                          strerror(errno));
    r.size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
    gzFile f = gzdopen(fd, "rb"); /* reads what is not compressed as it is */
    char *buf = malloc(READ_BYTES);
    if (!f)
        close(fd);
    struct ll_csv csv;
    ll_csv_init(&csv);
    ll_progress_begin(&r.progress, "rows read");
    bool ok = f && buf && out->by_name ? read_all(&r, f, &csv, buf, err)
                                       : ll_err_set(err, LL_E_MEMORY, "no memory to read a file");
    ll_progress_end(&r.progress);
    ll_csv_fini(&csv);
    free(buf);
    if (f)
        gzclose(f);
    if (ok && out->bad)
        ll_ctx_say("%lld of %lld rows could not be read and were left out", (long long)out->bad,
                   (long long)out->rows);
    return ok || ll_err_wrap(err, "'%s'", path);
}

void ll_series_file_fini(struct ll_series_file *f)
{
    for (size_t i = 0; i < f->n; i++) {
        free(f->v[i].name);
        free(f->v[i].service);
        free(f->v[i].points);
    }
    free(f->v);
    ll_map_free(f->by_name);
    *f = (struct ll_series_file){0};
}

/* --- the same for each of them, on several threads --- */

enum { THREADS_MAX = 64 };

struct each {
    size_t n;
    ll_each_series *fn;
    void *ctx;
    atomic_size_t next, done, failed_at; /* failed_at: the least index that failed, n = none */
    pthread_mutex_t lock;
    struct ll_err err;
};

static void note_failure(struct each *e, size_t i, const struct ll_err *err)
{
    pthread_mutex_lock(&e->lock);
    if (i < atomic_load(&e->failed_at)) {
        atomic_store(&e->failed_at, i);
        e->err = *err;
    }
    pthread_mutex_unlock(&e->lock);
}

static void *work(void *ctx)
{
    struct each *e = ctx;
    struct ll_err err;
    size_t i;
    while ((i = atomic_fetch_add(&e->next, 1)) < e->n) {
        if (i < atomic_load(&e->failed_at) && !e->fn(e->ctx, i, &err))
            note_failure(e, i, &err);
        atomic_fetch_add(&e->done, 1);
    }
    return NULL;
}

static void watch(struct each *e, const char *what)
{
    static const struct timespec gap = {0, 2 * 1000 * 1000};
    struct ll_progress p;
    ll_progress_begin(&p, what);
    for (size_t done; (done = atomic_load(&e->done)) < e->n; nanosleep(&gap, NULL))
        ll_progress_show(&p, (int64_t)done, (double)done / (double)e->n);
    ll_progress_end(&p);
}

bool ll_series_each(size_t n, size_t threads, const char *what, ll_each_series *fn, void *ctx,
                    struct ll_err *err)
{
    struct each e = {.n = n, .fn = fn, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread[THREADS_MAX];
    size_t started = 0;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    threads = LL_MIN(threads ? threads : (size_t)LL_MAX(cpus, 1L), (size_t)THREADS_MAX);
    atomic_store(&e.failed_at, n);
    while (started < LL_MIN(threads, n) &&
           ll_thread_start(&thread[started], work, &e, "forecast", NULL))
        started++;
    if (started)
        watch(&e, what);
    else
        work(&e);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&e.lock);
    if (atomic_load(&e.failed_at) == n)
        return true;
    *err = e.err;
    return false;
}
