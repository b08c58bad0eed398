/* Rules of the set's calendars when they are asked for, with those they extend, and zones. */
#include <stdio.h>
#include <string.h>

#include "config/calendar_words.h"
#include "config/calendars_private.h"
#include "os/file.h"

enum { RULES_BYTES_MAX = 8 << 20 };

/* The calendars from the one asked for to the last that is extended. */
struct chain {
    struct ll_calendar_file files[LL_CALENDARS_CHAIN_MAX];
    const char *names[LL_CALENDARS_CHAIN_MAX];
    size_t n;
};

/* "XNYS" of "dir/XNYS.yaml"; empty when the file has another name. */
static struct ll_slice code_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    struct ll_slice base = ll_slice_of(slash ? slash + 1 : name);
    if (base.n < 5 || memcmp(base.s + base.n - 5, ".yaml", 5) != 0)
        return (struct ll_slice){"", 0};
    return (struct ll_slice){base.s, base.n - 5};
}

static bool read_one(struct ll_calendar_reading *r, struct ll_slice text, struct chain *c)
{
    struct ll_calendar_file *f = &c->files[c->n];
    const struct ll_slice named = code_of(r->name);
    char shown[LL_YAML_QUOTE_MAX], code[LL_YAML_QUOTE_MAX];
    if (!ll_calendar_file_read(r, text, f))
        return false;
    if (named.n && !ll_slice_eq(named, f->rules.code))
        return ll_calendar_file_fail(
            r, &f->code_place, "calendar: '%s' is in the file of '%s': a file is CODE.yaml",
            ll_yaml_quote(f->rules.code, code), ll_yaml_quote(named, shown));
    c->names[c->n++] = r->name;
    return true;
}

/* The file that the chain's last one extends; false after an error. */
static bool next_source(struct ll_calendars *s, struct ll_calendar_reading *r,
                        const struct chain *c, struct ll_calendars_source *out)
{
    const struct ll_calendar_file *f = &c->files[c->n - 1];
    /* Not by alias: to find one, files are read that may extend others. */
    const struct ll_calendars_entry *e = ll_calendars_by_code(s, f->extends);
    struct ll_err why = {0};
    if (!e) {
        ll_calendars_unknown(s, f->extends, &why);
        return ll_calendar_file_fail(r, &f->extends_place, "extends: %s", why.text);
    }
    /* A file of the folder may change the program's calendar of its name. */
    *out = ll_slice_eq(e->code, f->rules.code) || !e->over.file ? e->built : e->over;
    if (!out->file || ll_calendars_is_in(c->names, c->n, out->file))
        return ll_calendar_file_fail(r, &f->extends_place, "extends: %.*s extends itself",
                                     (int)e->code.n, e->code.s);
    return c->n < LL_CALENDARS_CHAIN_MAX ||
           ll_calendar_file_fail(r, &f->extends_place, "extends: more than %d calendars",
                                 LL_CALENDARS_CHAIN_MAX);
}

static bool read_chain(struct ll_calendars *s, struct ll_calendar_reading *r, struct ll_slice text,
                       struct ll_arena *scratch, struct chain *c)
{
    struct ll_err err = {0};
    struct ll_calendars_source source = {0};
    if (!read_one(r, text, c))
        return false;
    while (c->files[c->n - 1].extends.n) {
        if (!next_source(s, r, c, &source))
            return false;
        r->name = source.file;
        if (!ll_calendars_text(&source, scratch, &text, &err))
            return ll_calendar_file_fail(r, &c->files[c->n - 1].extends_place, "%s", err.text);
        if (!read_one(r, text, c))
            return false;
    }
    return true;
}

bool ll_calendars_load_text(struct ll_calendars *s, struct ll_calendar_reading *r,
                            struct ll_slice text, struct ll_cal_rules *out)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_CALENDARS_CHAIN_MAX * (LL_YAML_BYTES_MAX + 64));
    struct chain *c = scratch ? LL_ARENA_NEW(scratch, struct chain, 1) : NULL;
    const struct ll_yaml_place whole = {.name = r->name};
    struct ll_err err = {0};
    if (!c)
        return ll_calendar_file_fail(r, &whole, "no memory");
    if (!ll_calendars_need_tables(s, &err))
        return ll_calendar_file_fail(r, &whole, "%s", err.text);
    r->tables = &s->tables;
    if (!read_chain(s, r, text, scratch, c))
        return false;
    struct ll_cal_rules rules = {0};
    for (size_t i = c->n; i > 0; i--) {
        const struct ll_cal_rules base = rules;
        r->name = c->names[i - 1];
        if (!ll_calendar_file_join(r, &c->files[i - 1], i < c->n ? &base : NULL, &rules))
            return false;
    }
    *out = rules;
    return true;
}

bool ll_calendars_load(struct ll_calendars *s, const struct ll_calendars_entry *e,
                       struct ll_arena *out, struct ll_cal_rules *rules, struct ll_err *err)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_BYTES_MAX + 64);
    const struct ll_calendars_source *source = ll_calendars_first(&e->over, &e->built);
    struct ll_err first = {0};
    struct ll_slice text;
    struct ll_calendar_reading r = {.name = source->file, .out = out, .errs = &first, .max = 1};
    if (!scratch)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %s", source->file);
    if (!ll_calendars_text(source, scratch, &text, err))
        return false;
    if (ll_calendars_load_text(s, &r, text, rules))
        return true;
    if (err)
        *err = first;
    return false;
}

bool ll_calendars_need_rules(struct ll_calendars *s, struct ll_calendars_entry *e,
                             struct ll_err *err)
{
    if (e->rules)
        return true;
    LL_AUTO(ll_arena) a = ll_arena_new(RULES_BYTES_MAX);
    struct ll_cal_rules *rules = a ? LL_ARENA_NEW(a, struct ll_cal_rules, 1) : NULL;
    if (!rules)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %s", e->code.s);
    if (!ll_calendars_load(s, e, a, rules, err))
        return false;
    e->rules = rules;
    e->arena = a;
    a = NULL;
    return true;
}

static bool read_zone(const struct ll_calendars *s, struct ll_slice name, struct ll_tz **out,
                      struct ll_err *err)
{
    char path[4096];
    struct ll_str bytes;
    int n = snprintf(path, sizeof(path), "%s/%.*s", s->zoneinfo, (int)name.n, name.s);
    if (n < 0 || (size_t)n >= sizeof(path))
        return ll_err_set(err, LL_E_IO, "the folder of zones has too long a name");
    ll_str_init(&bytes, LL_TZ_BYTES_MAX);
    bool ok = ll_file_read(path, LL_TZ_BYTES_MAX, &bytes, err);
    if (ok)
        ok = ll_tz_read(name, ll_str_z(&bytes), bytes.n, out, err);
    else if (err && err->code == LL_E_NOT_FOUND)
        ll_err_set(err, LL_E_IO, "there is no zone '%.*s' in %s: apt-get install tzdata",
                   (int)name.n, name.s, s->zoneinfo);
    ll_str_fini(&bytes);
    return ok;
}

static bool find_zone(struct ll_calendars *s, struct ll_slice name, const struct ll_tz **out,
                      struct ll_err *err)
{
    for (size_t i = 0; i < s->zones.n; i++)
        if (ll_slice_eq(s->zones.v[i].name, name)) {
            *out = s->zones.v[i].tz;
            return true;
        }
    struct ll_tz *tz = NULL;
    if (ll_slice_is(name, "UTC"))
        tz = ll_tz_utc();
    else if (!read_zone(s, name, &tz, err))
        return false;
    struct ll_slice copy = {ll_arena_copy(s->arena, name.s, name.n), name.n};
    struct ll_calendars_zone zone = {copy, tz};
    if (!tz || !copy.s || !ll_calendars_zones_push(&s->zones, zone)) {
        ll_tz_free(tz);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a zone");
    }
    *out = tz;
    return true;
}

bool ll_calendars_need_zone(struct ll_calendars *s, const struct ll_cal_rules *rules,
                            const struct ll_tz **out, struct ll_err *err)
{
    return find_zone(s, rules->tz, out, err) ||
           ll_err_wrap(err, "calendar %.*s", (int)rules->code.n, rules->code.s);
}

bool ll_calendars_zone(struct ll_calendars *s, struct ll_slice name, const struct ll_tz **out,
                       struct ll_err *err)
{
    const char *wrong = ll_calendar_check_zone(name);
    if (wrong)
        return ll_err_set(err, LL_E_INVALID, "'%.*s' %s",
                          (int)LL_MIN(name.n, (size_t)LL_TZ_NAME_MAX), name.s, wrong);
    pthread_mutex_lock(&s->lock);
    const bool ok = find_zone(s, name, out, err);
    pthread_mutex_unlock(&s->lock);
    return ok;
}
