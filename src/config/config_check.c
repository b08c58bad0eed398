/* What a table cannot say: inheritance of thresholds, computed defaults, relations of keys. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/config_private.h"

/* Each field of a threshold: where it is and what it is called. */
static const struct {
    const char *name;
    size_t offset;
} fields[] = {
    {"warning_pct", offsetof(struct ll_threshold, warning)},
    {"critical_pct", offsetof(struct ll_threshold, critical)},
    {"scale_up_pct", offsetof(struct ll_threshold, scale_up)},
    {"scale_down_pct", offsetof(struct ll_threshold, scale_down)},
};

enum { WARNING, CRITICAL, SCALE_UP, SCALE_DOWN };

static double *ratio(struct ll_threshold *t, size_t i)
{
    return (double *)(void *)((unsigned char *)t + fields[i].offset);
}

static bool is_given(const struct ll_schema_reader *r, const void *field)
{
    const struct ll_yaml_place *p = ll_schema_place(r->places, field);
    return p && p->from != LL_YAML_FROM_WIDER;
}

static void inherited(struct ll_schema_reader *r, const void *field)
{
    struct ll_yaml_place wider = {.from = LL_YAML_FROM_WIDER};
    if (!ll_schema_place_put(r->places, field, &wider))
        ll_schema_fail(r, &wider, "no memory");
}

/* Fills what t leaves out from wider; false when t says nothing at all. */
static bool inherit(struct ll_schema_reader *r, struct ll_threshold *t, struct ll_threshold wider)
{
    bool any = t->cooldown >= 0;
    for (size_t i = 0; i < LL_LEN(fields); i++)
        any |= !isnan(*ratio(t, i));
    if (!any)
        return false;
    for (size_t i = 0; i < LL_LEN(fields); i++)
        if (isnan(*ratio(t, i))) {
            *ratio(t, i) = *ratio(&wider, i);
            inherited(r, ratio(t, i));
        }
    if (t->cooldown < 0) {
        t->cooldown = wider.cooldown;
        inherited(r, &t->cooldown);
    }
    return true;
}

/* The error stands at the key somebody wrote, the first named one when both are. */
static void fail_order(struct ll_schema_reader *r, struct ll_threshold *t, size_t a, size_t b,
                       const char *relation, const char *of)
{
    bool first = is_given(r, ratio(t, a)) || !is_given(r, ratio(t, b));
    const struct ll_yaml_place none = {0};
    const struct ll_yaml_place *p = ll_schema_place(r->places, ratio(t, first ? a : b));
    ll_schema_fail(r, p ? p : &none, "%s: %s %g must be %s %s %g", of, fields[a].name,
                   *ratio(t, a) * 100, relation, fields[b].name, *ratio(t, b) * 100);
}

static void check_threshold(struct ll_schema_reader *r, struct ll_threshold *t, const char *of)
{
    if (!(t->scale_down < t->scale_up))
        fail_order(r, t, SCALE_DOWN, SCALE_UP, "below", of);
    if (!(t->warning <= t->critical))
        fail_order(r, t, WARNING, CRITICAL, "at most", of);
}

/* "thresholds of cpu", "thresholds of cpu of 'order-gateway'". */
static void check_all(struct ll_schema_reader *r, struct ll_threshold v[LL_RESOURCE_COUNT],
                      const bool *has, struct ll_slice name)
{
    for (size_t i = 0; i < LL_RESOURCE_COUNT; i++) {
        char of[128], shown[LL_YAML_QUOTE_MAX], resource[32];
        size_t n = 0;
        for (const char *c = ll_resource_name((enum ll_resource_type)i); *c; c++)
            resource[n++] = (char)tolower((unsigned char)*c);
        resource[n] = '\0';
        if (name.n)
            snprintf(of, sizeof(of), "%s of '%s'", resource, ll_yaml_quote(name, shown));
        else
            snprintf(of, sizeof(of), "%s", resource);
        if (!has || has[i])
            check_threshold(r, &v[i], of);
    }
}

static struct ll_config_tier *tier_of(const struct ll_config *c, struct ll_slice name)
{
    for (size_t i = 0; i < c->n_tiers; i++)
        if (ll_slice_eq(c->tiers[i].name, name))
            return (struct ll_config_tier *)(uintptr_t)&c->tiers[i]; /* ours until the load ends */
    return NULL;
}

static void finish_thresholds(struct ll_schema_reader *r, struct ll_config *c)
{
    check_all(r, c->threshold, NULL, (struct ll_slice){"", 0});
    for (size_t i = 0; i < c->n_tiers; i++) {
        struct ll_config_tier *t = tier_of(c, c->tiers[i].name);
        for (size_t k = 0; k < LL_RESOURCE_COUNT; k++)
            t->has_threshold[k] = inherit(r, &t->threshold[k], c->threshold[k]);
        check_all(r, t->threshold, t->has_threshold, t->name);
    }
    struct ll_config_service *services = (struct ll_config_service *)(uintptr_t)c->services;
    for (size_t i = 0; i < c->n_services; i++) {
        struct ll_config_service *s = &services[i];
        const struct ll_config_tier *t = tier_of(c, s->meta.tier);
        for (size_t k = 0; k < LL_RESOURCE_COUNT; k++)
            s->has_threshold[k] = inherit(
                r, &s->threshold[k], t && t->has_threshold[k] ? t->threshold[k] : c->threshold[k]);
        check_all(r, s->threshold, s->has_threshold, s->name);
    }
}

static const char *join(struct ll_arena *a, const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 1;
    char *full = ll_arena_alloc(a, size, 1);
    if (full)
        snprintf(full, size, "%s%s", dir, name);
    return full;
}

/* systemd's folder, else XDG's, else the one for the machine. */
static const char *standard_path(struct ll_arena *a, const struct ll_config_source *src)
{
    const char *state = ll_config_env(src, "STATE_DIRECTORY");
    const char *data = ll_config_env(src, "XDG_DATA_HOME"), *home = ll_config_env(src, "HOME");
    if (state) /* several are separated by colons */
        return ll_arena_copy(a, state, strcspn(state, ":"));
    if (data)
        return join(a, data, "/loadline");
    return home ? join(a, home, "/.local/share/loadline") : "/var/lib/loadline";
}

void ll_config_resolve(struct ll_schema_reader *r, const char **path)
{
    const struct ll_yaml_place *p = ll_schema_place(r->places, path);
    if (*path && p && p->from == LL_YAML_FROM_FILE)
        *path = ll_config_beside(r->out, p->name, *path);
}

bool ll_config_resolve_list(struct ll_schema_reader *r, const char *const *const *paths)
{
    const struct ll_yaml_place *p = ll_schema_place(r->places, paths);
    for (const char *const *f = *paths; f && *f; f++) {
        const char **path = (const char **)(uintptr_t)f; /* ours until the load ends */
        if (p && p->from == LL_YAML_FROM_FILE)
            *path = ll_config_beside(r->out, p->name, *path);
        if (!*path)
            return false;
    }
    return true;
}

void ll_config_finish(struct ll_schema_reader *r, const struct ll_config_source *src,
                      struct ll_config *c)
{
    const struct ll_yaml_place none = {0};
    bool has_file = c->web.config_file;
    finish_thresholds(r, c);
    ll_config_resolve(r, &c->web.config_file);
    ll_config_resolve(r, &c->storage.path);
    ll_config_collect_finish(r, c);
    ll_config_calendars_finish(r, c);
    ll_config_notifications_finish(r, c);
    ll_config_scaling_finish(r, c);
    if (!c->storage.path)
        c->storage.path = standard_path(r->out, src);
    if (!c->storage.path || (has_file && !c->web.config_file))
        ll_schema_fail(r, &none, "no memory for paths");
}
