/* The files of dates that an event file names, read beside it. */
#include "calendar/ics.h"
#include "config/calendar_words.h"
#include "config/calendars_private.h"
#include "config/config_private.h"
#include "os/file.h"

/* A zone by its name, as the callback of an import; NULL is told as an unknown zone. */
static const struct ll_tz *find_zone(void *ctx, struct ll_slice name)
{
    const struct ll_cal_rules rules = {.tz = name};
    const struct ll_tz *tz;
    struct ll_err err;
    if (ll_calendar_check_zone(name) || !ll_calendars_need_zone(ctx, &rules, &tz, &err))
        return NULL;
    return tz;
}

/* The zone of the calendar whose events these are. */
static bool local_zone(struct ll_calendars *s, struct ll_slice calendar, const struct ll_tz **out,
                       struct ll_err *err)
{
    struct ll_calendars_entry *e;
    if (ll_slice_is(calendar, "*"))
        return ll_err_set(err, LL_E_CONFIG, "dates of a file belong to one calendar, not to '*'");
    return ll_calendars_find(s, calendar, &e, err) && ll_calendars_need_rules(s, e, err) &&
           ll_calendars_need_zone(s, e->rules, out, err);
}

static bool import_one(struct ll_calendars *s, struct ll_calendar_reading *r,
                       struct ll_event_file *f, size_t i)
{
    const struct ll_event_import *import = &f->imports[i];
    struct ll_event_zones zones = {.find = find_zone, .ctx = s};
    struct ll_err err = {0};
    struct ll_str text;
    const char *path = ll_config_beside(r->out, r->name, import->file.s);
    if (!path)
        return ll_calendar_file_fail(r, &import->place, "no memory");
    ll_str_init(&text, LL_ICS_BYTES_MAX);
    bool ok = (local_zone(s, f->rules.calendar, &zones.local, &err) &&
               ll_file_read(path, LL_ICS_BYTES_MAX, &text, &err)) ||
              ll_calendar_file_fail(r, &import->place, "ics: %s", err.text);
    ok = ok && ll_event_file_import(r, f, i, (struct ll_slice){ll_str_z(&text), text.n}, &zones);
    ll_str_fini(&text);
    return ok;
}

bool ll_calendars_import_dates(struct ll_calendars *s, struct ll_calendar_reading *r,
                               struct ll_event_file *f)
{
    for (size_t i = 0; i < f->n_imports; i++)
        if (!import_one(s, r, f, i))
            return false;
    return true;
}
