/* A text of any of the formats, checked as far as it goes. */
#include <string.h>

#include "config/calendars_private.h"

enum { CHECK_BYTES_MAX = 64 << 20 };

struct check {
    struct ll_calendars *set;
    struct ll_calendar_reading r;
    struct ll_slice text;
};

static void add(struct check *c, const struct ll_err *err)
{
    if (c->r.n_errs < c->r.max)
        c->r.errs[c->r.n_errs] = *err;
    c->r.n_errs++;
}

static void check_rules(struct check *c)
{
    struct ll_cal_rules rules;
    const struct ll_tz *tz;
    struct ll_err err = {0};
    LL_AUTO(ll_calendar) calendar = NULL;
    if (!ll_calendars_load_text(c->set, &c->r, c->text, &rules))
        return;
    struct ll_calendar_source source = {.rules = &rules, .known_at = LL_TIME_NONE};
    source.to = LL_MAX(rules.announced_to, c->set->to);
    if (!ll_calendars_need_zone(c->set, &rules, &tz, &err)) {
        add(c, &err);
        return;
    }
    source.tz = tz;
    if (!ll_calendar_compile(&source, &calendar, &err))
        add(c, &err);
}

static void check_tables(struct check *c)
{
    struct ll_calendar_tables tables;
    (void)!ll_calendar_tables_read(&c->r, c->text, &tables);
}

static void check_overlay(struct check *c)
{
    struct ll_calendar_overlay overlay;
    struct ll_calendars_entry *e;
    if (!ll_calendar_overlay_read(&c->r, c->text, &overlay))
        return;
    for (size_t i = 0; i < overlay.n; i++) {
        struct ll_err err = {0};
        if (!ll_calendars_find(c->set, overlay.entries[i].calendar, &e, &err))
            ll_calendar_file_fail(&c->r, &overlay.entries[i].place, "%s", err.text);
    }
}

static void check_events(struct check *c)
{
    struct ll_event_rules rules;
    struct ll_calendars_entry *e;
    struct ll_err err = {0};
    if (!ll_calendars_load_events(c->set, &c->r, c->text, &rules) ||
        ll_slice_is(rules.calendar, "*"))
        return;
    if (!ll_calendars_find(c->set, rules.calendar, &e, &err)) {
        const struct ll_yaml_place whole = {.name = c->r.name};
        ll_calendar_file_fail(&c->r, &whole, "calendar: %s", err.text);
    }
}

/* The first key says what a file is; a list under it, that it is a table. */
static void check_kind(struct check *c)
{
    static const struct {
        const char *key;
        void (*check)(struct check *c);
    } kinds[] = {{"calendar", check_rules}, {"overlay", check_overlay}, {"events", check_events}};
    LL_AUTO(ll_arena) a = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    if (!a)
        ll_err_set(&err, LL_E_MEMORY, "%s: no memory", c->r.name);
    if (!a || !ll_yaml_parse(c->text, c->r.name, a, &root, &err)) {
        add(c, &err);
        return;
    }
    const struct ll_yaml_node *first = root->kind == LL_YAML_MAP ? root->first : NULL;
    for (size_t i = 0; first && i < LL_LEN(kinds); i++)
        if (ll_slice_is(first->key, kinds[i].key)) {
            kinds[i].check(c);
            return;
        }
    if (first && first->kind == LL_YAML_LIST)
        check_tables(c);
    else
        ll_calendar_file_fail(&c->r, first ? &first->key_place : &root->place,
                              "not a file of calendars: it begins with calendar, overlay or "
                              "events, or with a table, which is a list of dates");
}

size_t ll_calendars_check(struct ll_calendars *s, struct ll_slice text, const char *name,
                          struct ll_err *errs, size_t max)
{
    LL_AUTO(ll_arena) a = ll_arena_new(CHECK_BYTES_MAX);
    struct check c = {
        .set = s, .text = text, .r = {.name = name, .out = a, .errs = errs, .max = max}};
    struct ll_err err = {0};
    if (!a) {
        ll_err_set(&err, LL_E_MEMORY, "%s: no memory", name);
        add(&c, &err);
        return c.r.n_errs;
    }
    pthread_mutex_lock(&s->lock);
    check_kind(&c);
    pthread_mutex_unlock(&s->lock);
    return c.r.n_errs;
}
