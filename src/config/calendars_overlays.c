/* Overlays: each entry is given to its calendar, in the order of files and entries. */
#include <stdlib.h>
#include <string.h>

#include "config/calendars_private.h"

static bool add(struct ll_calendars *s, const struct ll_calendar_entry *from, struct ll_err *err)
{
    struct ll_calendars_entry *e;
    struct ll_err why = {0};
    if (!ll_calendars_find(s, from->calendar, &e, &why)) {
        if (why.code != LL_E_NOT_FOUND && err)
            *err = why;
        return why.code == LL_E_NOT_FOUND && ll_yaml_fail(err, &from->place, "%s", why.text);
    }
    struct ll_cal_change *v = realloc(e->changes, (e->n_changes + 1) * sizeof(*v));
    if (!v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for overlays");
    e->changes = v;
    v[e->n_changes++] = from->change;
    return true;
}

static bool read_file(struct ll_calendars *s, const char *file, struct ll_err *err)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_BYTES_MAX + 64);
    const char *name = ll_arena_copy(s->arena, file, strlen(file));
    struct ll_err first = {0};
    struct ll_slice text;
    struct ll_calendar_overlay o;
    if (!scratch || !name)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %s", file);
    struct ll_calendar_reading r = {.name = name, .out = s->arena, .errs = &first, .max = 1};
    if (!ll_yaml_read_file(name, LL_YAML_BYTES_MAX, scratch, &text, err))
        return ll_err_wrap(err, "calendars.overlays");
    if (!ll_calendar_overlay_read(&r, text, &o)) {
        if (err)
            *err = first;
        return false;
    }
    for (size_t i = 0; i < o.n; i++)
        if (!add(s, &o.entries[i], err))
            return false;
    return true;
}

bool ll_calendars_read_overlays(struct ll_calendars *s, const char *const *files,
                                struct ll_err *err)
{
    for (; files && *files; files++)
        if (!read_file(s, *files, err))
            return false;
    return true;
}
