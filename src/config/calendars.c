/* The set: opened with names alone, filled as it is asked. */
#include "config/calendars.h"

#include <stdlib.h>
#include <string.h>

#include "config/calendars_private.h"

enum { SET_BYTES_MAX = 64 << 20, ENTRIES_MAX = 4096, ZONES_MAX = 1024, ALIASES_MAX = 16384 };

static void free_entry(struct ll_calendars_entry *e)
{
    ll_calendar_free(e->usual);
    ll_arena_free(e->arena);
    free(e->changes);
}

static void set_free(struct ll_calendars *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->entries.n; i++)
        free_entry(&s->entries.v[i]);
    for (size_t i = 0; i < s->zones.n; i++)
        ll_tz_free(s->zones.v[i].tz);
    ll_calendars_entries_fini(&s->entries);
    ll_calendars_zones_fini(&s->zones);
    ll_calendars_aliases_fini(&s->aliases);
    ll_calendars_event_files_fini(&s->events);
    ll_arena_free(s->events_arena);
    ll_arena_free(s->arena);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static const char *zone_folder(const char *given)
{
    const char *env = getenv("TZDIR");
    if (given)
        return given;
    return env && *env ? env : "/usr/share/zoneinfo";
}

static struct ll_calendars *set_new(const struct ll_calendars_options *o)
{
    struct ll_calendars *s = calloc(1, sizeof(*s));
    if (!s || pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return NULL;
    }
    const char *zoneinfo = zone_folder(o->zoneinfo);
    atomic_init(&s->refs, 1);
    s->entries.cap = ENTRIES_MAX;
    s->zones.cap = ZONES_MAX;
    s->aliases.cap = ALIASES_MAX;
    s->events.cap = ENTRIES_MAX;
    s->to = o->to;
    s->arena = ll_arena_new(SET_BYTES_MAX);
    if (s->arena) {
        s->zoneinfo = ll_arena_copy(s->arena, zoneinfo, strlen(zoneinfo));
        s->folder = o->rules ? ll_arena_copy(s->arena, o->rules, strlen(o->rules)) : NULL;
    }
    if (s->zoneinfo && (s->folder || !o->rules))
        return s;
    set_free(s);
    return NULL;
}

bool ll_calendars_open(const struct ll_calendars_options *o, struct ll_calendars **out,
                       struct ll_err *err)
{
    struct ll_calendars *s = set_new(o);
    if (!s)
        return ll_err_set(err, LL_E_MEMORY, "no memory for calendars");
    if (!ll_calendars_find_files(s, err) || !ll_calendars_read_overlays(s, o->overlays, err)) {
        set_free(s);
        return false;
    }
    *out = s;
    return true;
}

struct ll_calendars *ll_calendars_ref(struct ll_calendars *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void ll_calendars_unref(struct ll_calendars *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        set_free(s);
}

/* Rules and zone of a calendar; both live as long as the set. */
static bool need(struct ll_calendars *s, struct ll_slice code, struct ll_calendars_entry **e,
                 const struct ll_tz **tz, struct ll_err *err)
{
    return ll_calendars_find(s, code, e, err) && ll_calendars_need_rules(s, *e, err) &&
           ll_calendars_need_zone(s, (*e)->rules, tz, err);
}

bool ll_calendars_can_compile(struct ll_calendars *s, struct ll_slice code, struct ll_err *err)
{
    struct ll_calendars_entry *e;
    const struct ll_tz *tz;
    pthread_mutex_lock(&s->lock);
    bool ok = need(s, code, &e, &tz, err);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static bool compile(const struct ll_calendars_entry *e, const struct ll_tz *tz,
                    const struct ll_calendars_ask *ask, struct ll_calendar **out,
                    struct ll_err *err)
{
    const struct ll_calendar_source source = {
        .rules = e->rules,
        .tz = tz,
        .changes = e->changes,
        .n_changes = ask->without_overlays ? 0 : e->n_changes,
        .to = ask->to,
        .known_at = ask->known_at,
    };
    return ll_calendar_compile(&source, out, err);
}

static bool get(struct ll_calendars *s, struct ll_slice code, const struct ll_calendar **out,
                struct ll_err *err)
{
    const struct ll_calendars_ask usual = {.known_at = LL_TIME_NONE, .to = s->to};
    struct ll_calendars_entry *e;
    const struct ll_tz *tz;
    if (!ll_calendars_find(s, code, &e, err))
        return false;
    if (!e->usual && (!need(s, code, &e, &tz, err) || !compile(e, tz, &usual, &e->usual, err)))
        return false;
    *out = e->usual;
    return true;
}

bool ll_calendars_get(struct ll_calendars *s, struct ll_slice code, const struct ll_calendar **out,
                      struct ll_err *err)
{
    pthread_mutex_lock(&s->lock);
    bool ok = get(s, code, out, err);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

/* What an entry has never changes once it is there: compiling needs no lock. */
bool ll_calendars_compile(struct ll_calendars *s, struct ll_slice code,
                          const struct ll_calendars_ask *ask, struct ll_calendar **out,
                          struct ll_err *err)
{
    struct ll_calendars_entry *e;
    const struct ll_tz *tz;
    pthread_mutex_lock(&s->lock);
    bool ok = need(s, code, &e, &tz, err);
    pthread_mutex_unlock(&s->lock);
    return ok && compile(e, tz, ask, out, err);
}

bool ll_calendars_list(struct ll_calendars *s, const struct ll_calendar_info **out, size_t *n,
                       struct ll_err *err)
{
    pthread_mutex_lock(&s->lock);
    bool ok = ll_calendars_survey(s, err);
    if (ok && s->survey_err.code) {
        if (err)
            *err = s->survey_err;
        ok = false;
    }
    pthread_mutex_unlock(&s->lock);
    if (!ok)
        return false;
    *out = s->infos;
    *n = s->entries.n;
    return true;
}
