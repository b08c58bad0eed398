/* The keys of calendars: which files there are, which calendars an installation needs. */
#include "config/calendar_words.h"
#include "config/calendars_private.h"
#include "config/config_private.h"

#define C(field) offsetof(struct ll_config, calendars.field)

static const struct ll_schema_row rows[] = {
    {.key = "rules",
     .type = LL_SCHEMA_TEXT,
     .flags = LL_SCHEMA_SUBST,
     .offset = C(rules),
     .min = 1,
     .doc = "folder of rule files of your own, over those in the program"},
    {.key = "overlays",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE | LL_SCHEMA_SUBST,
     .offset = C(overlays),
     .max = LL_CONFIG_LIST_MAX,
     .standard = "",
     .doc = "overlay files, a later one wins"},
    {.key = "use",
     .type = LL_SCHEMA_TEXTS,
     .flags = LL_SCHEMA_ONE,
     .offset = C(use),
     .max = LL_CONFIG_LIST_MAX,
     .standard = "",
     .check = ll_calendar_check_code,
     .doc = "calendars that this installation depends on"},
};
const struct ll_schema ll_config_calendars_schema = {rows, LL_LEN(rows), 0, NULL};

void ll_config_calendars_finish(struct ll_schema_reader *r, struct ll_config *c)
{
    const struct ll_yaml_place *p = ll_schema_place(r->places, &c->calendars.overlays);
    ll_config_resolve(r, &c->calendars.rules);
    for (const char *const *f = c->calendars.overlays; f && *f; f++) {
        const char **path = (const char **)(uintptr_t)f; /* ours until the load ends */
        if (p && p->from == LL_YAML_FROM_FILE)
            *path = ll_config_beside(r->out, p->name, *path);
        if (!*path)
            ll_schema_fail(r, p, "overlays: no memory for paths");
    }
}

static void check_code(struct ll_schema_reader *r, struct ll_calendars *set,
                       const struct ll_config *c, struct ll_slice code, const char *key,
                       const void *field)
{
    static const struct ll_yaml_place none = {.name = "calendars"};
    const struct ll_yaml_place *p = ll_schema_place(c->places, field);
    struct ll_err err = {0};
    if (!ll_calendars_can_compile(set, code, &err))
        ll_schema_fail(r, p ? p : &none, "%s: %s", key, err.text);
}

void ll_config_calendars_check(struct ll_schema_reader *r, const struct ll_config *c)
{
    const struct ll_calendars_options o = {.rules = c->calendars.rules,
                                           .overlays = c->calendars.overlays};
    LL_AUTO(ll_calendars) set = NULL;
    struct ll_err err = {0};
    if (!ll_calendars_open(&o, &set, &err)) {
        if (r->n_errs < r->max)
            r->errs[r->n_errs] = err;
        r->n_errs++;
        return;
    }
    for (const char *const *code = c->calendars.use; code && *code; code++)
        check_code(r, set, c, ll_slice_of(*code), "use", &c->calendars.use);
    for (size_t i = 0; i < c->n_services; i++)
        if (c->services[i].calendar.n)
            check_code(r, set, c, c->services[i].calendar, "calendar", &c->services[i].calendar);
}
