/* A load is all or nothing: the object is handed out only when no error was found. */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_private.h"
#include "config/webconfig.h"

enum { ARENA_MAX = 64 << 20, SHOW_MAX = 64 << 20, SERVICES_MAX = 4096 };

void ll_config_free(struct ll_config *c)
{
    if (!c)
        return;
    ll_mapping_free(c->collect.compiled);
    ll_rules_free(c->scaling.rules);
    ll_map_free(c->by_name);
    ll_schema_places_free(c->places);
    ll_arena_free(c->arena); /* c lives in it */
}

static struct ll_config *config_new(void)
{
    LL_AUTO(ll_arena) a = ll_arena_new(ARENA_MAX);
    struct ll_config *c = a ? LL_ARENA_NEW(a, struct ll_config, 1) : NULL;
    if (!c)
        return NULL;
    c->arena = a;
    a = NULL;
    c->places = ll_schema_places_new();
    c->by_name = ll_map_new(0, SERVICES_MAX); /* names from the operator's own file */
    if (c->places && c->by_name)
        return c;
    ll_config_free(c);
    return NULL;
}

static bool index_services(struct ll_config *c)
{
    for (size_t i = 0; i < c->n_services; i++)
        if (!ll_map_put(c->by_name, c->services[i].name, i))
            return false;
    return true;
}

static bool hash(struct ll_config *c)
{
    struct ll_str text;
    ll_str_init(&text, SHOW_MAX);
    ll_config_show(c, false, &text);
    ll_str_addz(&text, c->scaling.rules_hash);
    bool ok = !text.failed;
    snprintf(c->hash, sizeof(c->hash), "%016llx",
             (unsigned long long)ll_map_hash(0, ll_str_z(&text), text.n));
    ll_str_fini(&text);
    return ok;
}

/* NULL and r->n_errs > 0 when anything is wrong. */
static struct ll_config *load(const struct ll_config_source *src, struct ll_schema_reader *r)
{
    LL_AUTO(ll_config) c = config_new();
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_ARENA_MAX + ARENA_MAX);
    struct ll_yaml_node *root = NULL;
    const struct ll_yaml_place none = {.name = src->file ? src->file : "config"};
    if (!c || !scratch) {
        ll_schema_fail(r, &none, "no memory");
        return NULL;
    }
    r->out = c->arena;
    r->places = NULL; /* errors of the files alone come first */
    if (!ll_config_tree(src, r, scratch, &c->file, &root))
        return NULL;
    r->places = c->places;
    c->host.link_speed_bytes_per_second = __builtin_nan("");
    const bool read = ll_schema_read(r, ll_config_table(), root, c);
    const bool indexed = index_services(c); /* rules look their service's thresholds up */
    if (read && indexed)
        ll_config_finish(r, src, c);
    if (r->n_errs > 0)
        return NULL;
    if (!indexed || !hash(c)) {
        ll_schema_fail(r, &none, "no memory");
        return NULL;
    }
    struct ll_config *done = c;
    c = NULL;
    return done;
}

bool ll_config_load(const struct ll_config_source *src, struct ll_config **out, struct ll_err *err)
{
    struct ll_err first = {0};
    struct ll_schema_reader r = {.env = src->env, .errs = &first, .max = 1};
    struct ll_config *c = load(src, &r);
    if (!c && err)
        *err = first;
    if (!c)
        return false;
    *out = c;
    return true;
}

size_t ll_config_check(const struct ll_config_source *src, struct ll_err *errs, size_t max)
{
    struct ll_schema_reader r = {.env = src->env, .errs = errs, .max = max};
    LL_AUTO(ll_config) c = load(src, &r);
    if (c)
        ll_config_calendars_check(&r, c);
    if (r.n_errs > 0 || !c->web.config_file)
        return r.n_errs;
    return ll_webconfig_check(c->web.config_file, errs, max);
}

const struct ll_config_service *ll_config_service(const struct ll_config *c, struct ll_slice name)
{
    size_t i;
    return ll_map_get(c->by_name, name, &i) ? &c->services[i] : NULL;
}

struct ll_threshold ll_config_threshold(const struct ll_config *c, struct ll_slice service,
                                        struct ll_slice tier, enum ll_resource_type type)
{
    LL_ASSERT((size_t)type < LL_RESOURCE_COUNT);
    const struct ll_config_service *s = ll_config_service(c, service);
    if (s && s->has_threshold[type])
        return s->threshold[type];
    if (s && s->meta.tier.n && !tier.n)
        tier = s->meta.tier;
    for (size_t i = 0; i < c->n_tiers && tier.n; i++)
        if (ll_slice_eq(c->tiers[i].name, tier) && c->tiers[i].has_threshold[type])
            return c->tiers[i].threshold[type];
    return c->threshold[type];
}

void ll_config_show(const struct ll_config *c, bool sources, struct ll_str *out)
{
    ll_schema_show(ll_config_table(), c, sources ? c->places : NULL, out);
}

void ll_config_schema(struct ll_str *out, bool json)
{
    if (json)
        ll_schema_json(ll_config_table(), "Loadline configuration", out);
    else
        ll_schema_table(ll_config_table(), out);
}
