#include "collect/file_sd.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "os/file.h"

enum { ARENA_BYTES = 64 << 20, PATTERNS_MAX = 64 };

/* What tells one state of a file from the next. */
struct stamp {
    int64_t size, mtime_s, mtime_ns, ctime_s, ctime_ns;
    uint64_t inode;
};

struct file {
    char *path;
    struct stamp stamp;
    bool seen, tried;
    struct ll_arena *arena; /* of the groups, the last that could be read */
    struct ll_file_sd_group *groups;
    struct ll_err fault; /* of the last reading; code LL_E_OK = none */
};

struct ll_file_sd {
    const char *const *patterns;
    struct file files[LL_FILE_SD_FILES_MAX];
    size_t n;
};

struct ll_file_sd *ll_file_sd_new(const char *const *patterns)
{
    struct ll_file_sd *sd = calloc(1, sizeof(*sd));
    if (sd)
        sd->patterns = patterns;
    return sd;
}

static void file_fini(struct file *f)
{
    ll_arena_free(f->arena);
    free(f->path);
}

void ll_file_sd_free(struct ll_file_sd *sd)
{
    if (!sd)
        return;
    for (size_t i = 0; i < sd->n; i++)
        file_fini(&sd->files[i]);
    free(sd);
}

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

static bool parse(struct file *f, struct ll_str *text, struct ll_arena *arena,
                  struct ll_file_sd_group **groups, struct ll_err *err)
{
    bool json = ends_with(f->path, ".json");
    if (!json && !ends_with(f->path, ".yml") && !ends_with(f->path, ".yaml"))
        return ll_err_set(err, LL_E_INVALID, "the name ends with neither .json nor .yml or .yaml");
    if (text->n == 0)
        return ll_err_set(err, LL_E_INVALID, "the file is empty; no targets are written []");
    return ll_file_sd_parse(text->s, text->n, json ? LL_FILE_SD_JSON : LL_FILE_SD_YAML, arena,
                            groups, err);
}

static bool read_file(struct file *f, struct ll_err *err)
{
    struct ll_str text;
    struct ll_file_sd_group *groups = NULL;
    ll_str_init(&text, LL_FILE_SD_BYTES_MAX);
    struct ll_arena *arena = ll_arena_new(ARENA_BYTES);
    bool ok = (arena || ll_err_set(err, LL_E_MEMORY, "no memory for targets")) &&
              ll_file_read(f->path, LL_FILE_SD_BYTES_MAX, &text, err) &&
              parse(f, &text, arena, &groups, err);
    ll_str_fini(&text);
    if (ok) {
        ll_arena_free(f->arena);
        f->arena = arena;
        f->groups = groups;
        return true;
    }
    ll_arena_free(arena);
    if (err->line > 0)
        return ll_err_wrap(err, "%s:%d", f->path, err->line);
    return ll_err_wrap(err, "%s", f->path);
}

static struct file *find(struct ll_file_sd *sd, const char *path, struct ll_err *err)
{
    for (size_t i = 0; i < sd->n; i++)
        if (strcmp(sd->files[i].path, path) == 0)
            return &sd->files[i];
    if (sd->n == LL_FILE_SD_FILES_MAX) {
        ll_err_set(err, LL_E_RANGE, "more than %d files of targets", LL_FILE_SD_FILES_MAX);
        return NULL;
    }
    struct file *f = &sd->files[sd->n];
    *f = (struct file){.path = strdup(path)};
    if (!f->path) {
        ll_err_set(err, LL_E_MEMORY, "no memory for a file of targets");
        return NULL;
    }
    sd->n++;
    return f;
}

/* *regular: nothing else is opened, since a pipe would keep the reader waiting. */
static bool stamp_of(const char *path, struct stamp *out, bool *regular)
{
    struct stat st;
    memset(out, 0, sizeof(*out));
    *regular = true;
    if (stat(path, &st) != 0)
        return false;
    *regular = S_ISREG(st.st_mode);
    out->size = st.st_size;
    out->mtime_s = st.st_mtim.tv_sec;
    out->mtime_ns = st.st_mtim.tv_nsec;
    out->ctime_s = st.st_ctim.tv_sec;
    out->ctime_ns = st.st_ctim.tv_nsec;
    out->inode = st.st_ino;
    return true;
}

/* Reads one file when it changed; false = it is broken, now or since then. */
static bool visit(struct file *f, bool *changed, struct ll_err *err)
{
    struct stamp now;
    bool regular, there = stamp_of(f->path, &now, &regular);
    f->seen = true;
    if (!f->tried || !there || memcmp(&now, &f->stamp, sizeof(now)) != 0) {
        struct ll_err fault = {0};
        bool ok = regular ? read_file(f, &fault)
                          : ll_err_set(&fault, LL_E_INVALID, "%s is not a file", f->path);
        if (ok)
            fault = (struct ll_err){0};
        f->fault = fault;
        f->stamp = now;
        f->tried = true;
        *changed = *changed || ok;
    }
    if (f->fault.code == LL_E_OK)
        return true;
    *err = f->fault;
    return false;
}

static bool visit_pattern(struct ll_file_sd *sd, const char *pattern, bool *changed,
                          struct ll_err *err)
{
    glob_t found = {0};
    bool ok = true;
    int code = glob(pattern, 0, NULL, &found);
    if (code != 0 && code != GLOB_NOMATCH)
        ok = ll_err_set(err, LL_E_IO, "cannot look for '%s'", pattern);
    for (size_t i = 0; code == 0 && i < found.gl_pathc; i++) {
        struct file *f = find(sd, found.gl_pathv[i], err);
        if (!f || !visit(f, changed, err))
            ok = false;
        if (!f)
            break;
    }
    globfree(&found);
    return ok;
}

/* A pattern that could not be looked for says nothing of its files: they stay. */
static void drop_unseen(struct ll_file_sd *sd, bool *changed)
{
    size_t kept = 0;
    for (size_t i = 0; i < sd->n; i++) {
        if (sd->files[i].seen) {
            sd->files[kept++] = sd->files[i];
            continue;
        }
        *changed = true;
        file_fini(&sd->files[i]);
    }
    sd->n = kept;
}

bool ll_file_sd_refresh(struct ll_file_sd *sd, bool *changed, struct ll_err *err)
{
    struct ll_err fault = {0};
    bool ok = true, look_failed = false;
    *changed = false;
    for (size_t i = 0; i < sd->n; i++)
        sd->files[i].seen = false;
    for (size_t i = 0; i < PATTERNS_MAX && sd->patterns && sd->patterns[i]; i++) {
        struct ll_err one = {0};
        if (visit_pattern(sd, sd->patterns[i], changed, &one))
            continue;
        look_failed = look_failed || one.code == LL_E_IO || one.code == LL_E_MEMORY;
        if (ok)
            fault = one;
        ok = false;
    }
    if (!look_failed)
        drop_unseen(sd, changed);
    if (!ok)
        *err = fault;
    return ok;
}

void ll_file_sd_each(const struct ll_file_sd *sd,
                     void (*on_group)(void *ctx, const struct ll_file_sd_group *g), void *ctx)
{
    for (size_t i = 0; i < sd->n; i++)
        for (const struct ll_file_sd_group *g = sd->files[i].groups; g; g = g->next)
            on_group(ctx, g);
}
