/* The keys of calendars: which files there are, which calendars an installation needs. */
#include <stdio.h>

#include "config/calendar_words.h"
#include "config/calendars_private.h"
#include "config/config_private.h"
#include "config/rules_file.h"

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
    const struct ll_yaml_place none = {.name = "calendars"};
    ll_config_resolve(r, &c->calendars.rules);
    if (!ll_config_resolve_list(r, &c->calendars.overlays))
        ll_schema_fail(r, &none, "overlays: no memory for paths");
}

static void check_code(struct ll_schema_reader *r, struct ll_calendars *set,
                       const struct ll_yaml_place *p, struct ll_slice code, const char *what)
{
    static const struct ll_yaml_place none = {.name = "calendars"};
    struct ll_err err = {0};
    if (!ll_calendars_can_compile(set, code, &err))
        ll_schema_fail(r, p ? p : &none, "%s: %s", what, err.text);
}

/* Those that rules and their windows go by; places of rules are not kept, so they are named. */
static void check_rules(struct ll_schema_reader *r, struct ll_calendars *set,
                        const struct ll_rules_doc *d)
{
    static const struct ll_yaml_place place = {.name = "rules_files"};
    char what[LL_NAME_MAX + 32];
    for (size_t i = 0; d && i < d->n_rules; i++) {
        const struct ll_scaling_rule *rule = &d->rules[i];
        snprintf(what, sizeof(what), "rule '%.*s'", (int)rule->rule_id.n, rule->rule_id.s);
        if (rule->calendar.n)
            check_code(r, set, &place, rule->calendar, what);
        for (size_t k = 0; k < rule->n_windows; k++)
            if (rule->windows[k].calendar.n)
                check_code(r, set, &place, rule->windows[k].calendar, what);
    }
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
        check_code(r, set, ll_schema_place(c->places, &c->calendars.use), ll_slice_of(*code),
                   "use");
    for (size_t i = 0; i < c->n_services; i++)
        if (c->services[i].calendar.n)
            check_code(r, set, ll_schema_place(c->places, &c->services[i].calendar),
                       c->services[i].calendar, "calendar");
    check_rules(r, set, c->scaling.rules);
}
