/* Event rules of the set, and the events of one calendar. */
#include <string.h>

#include "config/calendars_private.h"

enum {
    EVENTS_BYTES_MAX = 32 << 20,
    MARGIN = 100 /* days: an event may follow another of the month after, thirty days before it */
};

struct chain {
    struct ll_event_file files[LL_CALENDARS_CHAIN_MAX];
    const char *names[LL_CALENDARS_CHAIN_MAX];
    size_t n;
};

static struct ll_calendars_event_file *by_path(struct ll_calendars *s, struct ll_slice name,
                                               const char *suffix)
{
    for (size_t i = 0; i < s->events.n; i++) {
        const char *path = s->events.v[i].path;
        if (strncmp(path, name.s, name.n) == 0 && strcmp(path + name.n, suffix) == 0)
            return &s->events.v[i];
    }
    return NULL;
}

static bool read_one(struct ll_calendars *s, struct ll_calendar_reading *r, struct ll_slice text,
                     struct chain *c)
{
    struct ll_event_file *f = &c->files[c->n];
    if (!ll_event_file_read(r, text, f) || !ll_calendars_import_dates(s, r, f))
        return false;
    c->names[c->n++] = r->name;
    return true;
}

static bool next_source(struct ll_calendars *s, struct ll_calendar_reading *r,
                        const struct chain *c, struct ll_calendars_source *out)
{
    const struct ll_event_file *f = &c->files[c->n - 1];
    char shown[LL_YAML_QUOTE_MAX];
    const struct ll_calendars_event_file *e = by_path(s, f->extends, ".yaml");
    ll_yaml_quote(f->extends, shown);
    if (!e)
        return ll_calendar_file_fail(r, &f->extends_place, "extends: there are no events '%s'",
                                     shown);
    /* A file of the folder may change the program's of its name. */
    *out = ll_slice_eq(f->extends, f->rules.name) || !e->over.file ? e->built : e->over;
    if (!out->file || ll_calendars_is_in(c->names, c->n, out->file))
        return ll_calendar_file_fail(r, &f->extends_place, "extends: '%s' extends itself", shown);
    return c->n < LL_CALENDARS_CHAIN_MAX ||
           ll_calendar_file_fail(r, &f->extends_place, "extends: more than %d files",
                                 LL_CALENDARS_CHAIN_MAX);
}

bool ll_calendars_load_events(struct ll_calendars *s, struct ll_calendar_reading *r,
                              struct ll_slice text, struct ll_event_rules *out)
{
    LL_AUTO(ll_arena)
    scratch = ll_arena_new((LL_CALENDARS_CHAIN_MAX + 1) * (LL_YAML_BYTES_MAX + 64));
    struct chain *c = scratch ? LL_ARENA_NEW(scratch, struct chain, 1) : NULL;
    const struct ll_yaml_place whole = {.name = r->name};
    struct ll_err err = {0};
    struct ll_calendars_source source;
    if (!c)
        return ll_calendar_file_fail(r, &whole, "no memory");
    if (!ll_calendars_need_tables(s, &err))
        return ll_calendar_file_fail(r, &whole, "%s", err.text);
    r->tables = &s->tables;
    if (!read_one(s, r, text, c))
        return false;
    while (c->files[c->n - 1].extends.n) {
        if (!next_source(s, r, c, &source))
            return false;
        r->name = source.file;
        if (!ll_calendars_text(&source, scratch, &text, &err))
            return ll_calendar_file_fail(r, &c->files[c->n - 1].extends_place, "%s", err.text);
        if (!read_one(s, r, text, c))
            return false;
    }
    struct ll_event_rules rules = {0};
    for (size_t i = c->n; i > 0; i--) {
        const struct ll_event_rules base = rules;
        r->name = c->names[i - 1];
        if (!ll_event_file_join(r, &c->files[i - 1], i < c->n ? &base : NULL, &rules))
            return false;
    }
    *out = rules;
    return true;
}

static bool is_yaml(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".yaml") == 0;
}

static bool load_file(struct ll_calendars *s, struct ll_calendars_event_file *f, struct ll_arena *a,
                      struct ll_err *err)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_BYTES_MAX + 64);
    const struct ll_calendars_source *source = ll_calendars_first(&f->over, &f->built);
    struct ll_err first = {0};
    struct ll_slice text;
    struct ll_calendars_entry *e = NULL;
    struct ll_calendar_reading r = {.name = source->file, .out = a, .errs = &first, .max = 1};
    if (!scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %s", source->file);
    if (!ll_calendars_text(source, scratch, &text, err))
        return false;
    if (!ll_calendars_load_events(s, &r, text, &f->rules)) {
        if (err)
            *err = first;
        return false;
    }
    if (!ll_slice_is(f->rules.calendar, "*") &&
        !ll_calendars_find(s, f->rules.calendar, &e, &first))
        return ll_err_set(err, LL_E_CONFIG, "%s: %s", source->file, first.text);
    f->entry = e;
    return true;
}

static bool need_events(struct ll_calendars *s, struct ll_err *err)
{
    if (s->events_arena)
        return true;
    LL_AUTO(ll_arena) a = ll_arena_new(EVENTS_BYTES_MAX);
    if (!a)
        return ll_err_set(err, LL_E_MEMORY, "no memory for events");
    for (size_t i = 0; i < s->events.n; i++)
        if (is_yaml(s->events.v[i].path) && !load_file(s, &s->events.v[i], a, err))
            return false;
    s->events_arena = a;
    a = NULL;
    return true;
}

static bool is_there(const struct ll_event_rule *v, size_t n, struct ll_slice id)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].id, id))
            return true;
    return false;
}

static void add_rules(const struct ll_event_rules *rules, struct ll_event_rule *v,
                      struct ll_event_rules *out)
{
    out->name = rules->name;
    out->calendar = rules->calendar;
    out->file = rules->file;
    for (size_t k = 0; k < rules->n; k++)
        if (!is_there(v, out->n, rules->rules[k].id))
            v[out->n++] = rules->rules[k];
}

/* The rules of every file for the calendar (NULL: of every file for any), each id once: the
 * folder's files go before the program's. */
static bool gather(const struct ll_calendars *s, const struct ll_calendars_entry *of,
                   struct ll_arena *a, struct ll_event_rules *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->events.n; i++)
        n += s->events.v[i].entry == of ? s->events.v[i].rules.n : 0;
    struct ll_event_rule *v = LL_ARENA_NEW(a, struct ll_event_rule, n);
    *out = (struct ll_event_rules){.rules = v};
    for (int built = 0; v && built < 2; built++)
        for (size_t i = 0; i < s->events.n; i++) {
            const struct ll_calendars_event_file *f = &s->events.v[i];
            if (f->entry == of && f->rules.n > 0 && (f->over.file ? 0 : 1) == built)
                add_rules(&f->rules, v, out);
        }
    return v;
}

static bool need_rules(struct ll_calendars *s, const struct ll_calendars_entry *e,
                       struct ll_arena *a, struct ll_event_rules *out, struct ll_err *err)
{
    if (!need_events(s, err))
        return false;
    bool ok = gather(s, e, a, out) && (out->n > 0 || gather(s, NULL, a, out));
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for events");
}

bool ll_calendars_events(struct ll_calendars *s, struct ll_slice code, ll_day from, ll_day to,
                         ll_time known_at, struct ll_events **out, struct ll_err *err)
{
    LL_AUTO(ll_arena) a = ll_arena_new(EVENTS_BYTES_MAX);
    const struct ll_calendars_ask ask = {.known_at = known_at,
                                         .to = LL_MIN(to, LL_DAY_LAST_ALLOWED - MARGIN) + MARGIN};
    LL_AUTO(ll_calendar) calendar = NULL;
    struct ll_calendars_entry *e;
    struct ll_event_rules rules;
    if (!a)
        return ll_err_set(err, LL_E_MEMORY, "no memory for events");
    pthread_mutex_lock(&s->lock);
    bool ok = ll_calendars_find(s, code, &e, err) && need_rules(s, e, a, &rules, err);
    pthread_mutex_unlock(&s->lock);
    if (!ok || !ll_calendars_compile(s, code, &ask, &calendar, err))
        return false;
    const struct ll_events_source source = {
        .rules = &rules,
        .calendar = calendar,
        .changes = e->changes,
        .n_changes = e->n_changes,
        .from = from,
        .to = to,
        .known_at = known_at,
    };
    return ll_events_compile(&source, out, err);
}
