/* Where texts of the set are: the program's own, and a folder over them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "config/calendar_words.h"
#include "config/calendars_private.h"
#include "os/file.h"

static const char suffix[] = ".yaml", tables_name[] = "tables.yaml", events_folder[] = "events/";

bool ll_calendars_text(const struct ll_calendars_source *s, struct ll_arena *a,
                       struct ll_slice *text, struct ll_err *err)
{
    if (!s->z)
        return ll_yaml_read_file(s->file, LL_YAML_BYTES_MAX, a, text, err);
    uLongf n = s->z->n;
    unsigned char *bytes = ll_arena_alloc(a, s->z->n + 1, 1);
    if (!bytes)
        return ll_err_set(err, LL_E_MEMORY, "%s: no memory for its content", s->file);
    int rc = uncompress(bytes, &n, s->z->z, s->z->z_n);
    if (rc == Z_MEM_ERROR)
        return ll_err_set(err, LL_E_MEMORY, "%s: no memory to inflate it", s->file);
    LL_ASSERT(rc == Z_OK && n == s->z->n); /* it was made with the program */
    *text = (struct ll_slice){(const char *)bytes, n};
    return true;
}

/* folder/name in the set's memory; NULL without it. */
static const char *join(struct ll_calendars *s, const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = ll_arena_alloc(s->arena, size, 1);
    if (path)
        snprintf(path, size, "%s%s%s", folder,
                 folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return path;
}

static bool no_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for calendars");
}

static bool is_yaml(const char *name)
{
    size_t n = strlen(name);
    return name[0] != '.' && n > sizeof(suffix) - 1 &&
           strcmp(name + n - sizeof(suffix) + 1, suffix) == 0;
}

/* The source is the folder's (over) or the program's. */
static bool add_calendar(struct ll_calendars *s, const char *name,
                         struct ll_calendars_source source, struct ll_err *err)
{
    struct ll_slice code = {name, strlen(name) - (sizeof(suffix) - 1)};
    const char *wrong = ll_calendar_check_code(code);
    if (wrong)
        return ll_err_set(err, LL_E_CONFIG, "%s: its name %s: a calendar's file is CODE.yaml",
                          source.file, wrong);
    struct ll_calendars_entry *e = NULL;
    for (size_t i = 0; !e && i < s->entries.n; i++)
        if (ll_slice_eq(s->entries.v[i].code, code))
            e = &s->entries.v[i];
    if (!e) {
        code.s = ll_arena_copy(s->arena, code.s, code.n);
        e = code.s
                ? ll_calendars_entries_push(&s->entries, (struct ll_calendars_entry){.code = code})
                : NULL;
    }
    if (!e)
        return no_memory(err);
    *(source.z ? &e->built : &e->over) = source;
    return true;
}

static bool add_event_file(struct ll_calendars *s, const char *name,
                           struct ll_calendars_source source, struct ll_err *err)
{
    struct ll_calendars_event_file *f = NULL;
    for (size_t i = 0; !f && i < s->events.n; i++)
        if (strcmp(s->events.v[i].path, name) == 0)
            f = &s->events.v[i];
    if (!f) {
        const char *path = ll_arena_copy(s->arena, name, strlen(name));
        f = path ? ll_calendars_event_files_push(&s->events,
                                                 (struct ll_calendars_event_file){.path = path})
                 : NULL;
    }
    if (!f)
        return no_memory(err);
    *(source.z ? &f->built : &f->over) = source;
    return true;
}

static bool add_embedded(struct ll_calendars *s, struct ll_err *err)
{
    const size_t n = sizeof(events_folder) - 1;
    for (size_t i = 0; i < ll_calendars_embedded_n; i++) {
        const struct ll_calendars_embedded *z = &ll_calendars_embedded[i];
        struct ll_calendars_source source = {join(s, "calendars", z->path), z};
        bool event = strncmp(z->path, events_folder, n) == 0, ok = true;
        if (!source.file)
            return no_memory(err);
        if (event)
            ok = add_event_file(s, z->path + n, source, err);
        else if (is_yaml(z->path) && strcmp(z->path, tables_name) != 0)
            ok = add_calendar(s, z->path, source, err);
        if (!ok)
            return false;
    }
    return true;
}

typedef bool adder(struct ll_calendars *s, const char *name, struct ll_calendars_source source,
                   struct ll_err *err);

/* Every file of a folder; `all` = not only those of YAML. */
static bool add_folder(struct ll_calendars *s, const char *folder, bool all, adder *add,
                       struct ll_err *err)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    if (n < 0)
        return ll_err_set(err, LL_E_CONFIG, "calendars.rules: %s: %s", folder, strerror(errno));
    bool ok = true;
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        struct ll_calendars_source source = {NULL, NULL};
        bool wanted = all ? name[0] != '.' : is_yaml(name) && strcmp(name, tables_name) != 0;
        if (ok && wanted) {
            source.file = join(s, folder, name);
            ok = source.file ? add(s, name, source, err) : no_memory(err);
        }
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool read_tables(struct ll_calendars *s, const struct ll_calendars_source *source,
                        struct ll_calendar_tables *out, struct ll_err *err)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_err first = {0};
    struct ll_slice text;
    struct ll_calendar_reading r = {
        .name = source->file, .out = s->arena, .errs = &first, .max = 1};
    if (!scratch)
        return no_memory(err);
    if (!ll_calendars_text(source, scratch, &text, err))
        return false;
    if (ll_calendar_tables_read(&r, text, out))
        return true;
    if (err)
        *err = first;
    return false;
}

static int by_code(const void *a, const void *b)
{
    const struct ll_calendars_entry *x = a, *y = b;
    return ll_slice_cmp(x->code, y->code);
}

static int by_path(const void *a, const void *b)
{
    const struct ll_calendars_event_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static bool add_own(struct ll_calendars *s, struct ll_err *err)
{
    struct ll_calendars_source tables = {join(s, s->folder, tables_name), NULL};
    const char *events = join(s, s->folder, "events");
    if (!tables.file || !events)
        return no_memory(err);
    return add_folder(s, s->folder, false, add_calendar, err) &&
           (!ll_file_exists(events) || add_folder(s, events, true, add_event_file, err)) &&
           (!ll_file_exists(tables.file) || read_tables(s, &tables, &s->own_tables, err));
}

bool ll_calendars_find_files(struct ll_calendars *s, struct ll_err *err)
{
    if (!add_embedded(s, err) || (s->folder && !add_own(s, err)))
        return false;
    if (s->entries.n)
        qsort(s->entries.v, s->entries.n, sizeof(*s->entries.v), by_code);
    if (s->events.n)
        qsort(s->events.v, s->events.n, sizeof(*s->events.v), by_path);
    return true;
}

/* The program's tables, each unless the folder has one of that name. */
static bool merge_tables(struct ll_calendars *s, const struct ll_calendar_tables *built)
{
    struct ll_cal_table *v =
        LL_ARENA_NEW(s->arena, struct ll_cal_table, built->n + s->own_tables.n);
    size_t n = 0;
    for (size_t i = 0; v && i < built->n; i++)
        if (!ll_calendar_table(&s->own_tables, built->v[i].name))
            v[n++] = built->v[i];
    for (size_t i = 0; v && i < s->own_tables.n; i++)
        v[n++] = s->own_tables.v[i];
    s->tables = (struct ll_calendar_tables){v, n};
    return v;
}

bool ll_calendars_need_tables(struct ll_calendars *s, struct ll_err *err)
{
    struct ll_calendar_tables built = {0};
    for (size_t i = 0; !s->has_tables && i < ll_calendars_embedded_n; i++) {
        struct ll_calendars_source source = {"calendars/tables.yaml", &ll_calendars_embedded[i]};
        if (strcmp(source.z->path, tables_name) == 0 && !read_tables(s, &source, &built, err))
            return false;
    }
    if (!s->has_tables && !merge_tables(s, &built))
        return no_memory(err);
    s->has_tables = true;
    return true;
}
