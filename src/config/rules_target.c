/* The table of a target's keys. */
#include <math.h>

#include "config/rules_private.h"
#include "scaling/decide.h"

static const char *const source_names[] = {"declared", "learned", "load_test", NULL};

#define T(field) offsetof(struct ll_rules_raw_target, target.field)

static const char *check_source(struct ll_slice t)
{
    for (size_t i = 0; source_names[i]; i++)
        if (ll_slice_is(t, source_names[i]))
            return NULL;
    return "is not declared, learned or load_test";
}

static const struct ll_schema_row capacity_rows[] = {
    LL_RULES_ENUM("driver", 0, T(capacity.driver), ll_rules_resource_names, NULL,
                  "the demand signal"),
    LL_RULES_NAME("part", 0, T(capacity.part), "part of it: orders, quotes"),
    LL_RULES_NUMBER("units_per_instance", 0, T(capacity.units_per_instance), 1e-9, 1e18, NULL,
                    "how much of it one instance carries when it is full"),
    LL_RULES_TEXT("source", 0, T(capacity.source), check_source,
                  "where that comes from: declared, learned or load_test"),
    {.key = "date",
     .type = LL_SCHEMA_PARSED,
     .offset = T(capacity.date),
     .parse = ll_rules_parse_time,
     .print = ll_rules_print_time,
     .doc = "since when it is known: 2026-11-03"},
    {.key = "expires",
     .type = LL_SCHEMA_PARSED,
     .offset = T(capacity.expires),
     .parse = ll_rules_parse_time,
     .print = ll_rules_print_time,
     .doc = "until when it is believed"},
};
static const struct ll_schema capacity = {capacity_rows, LL_LEN(capacity_rows), 0, NULL};

#define D(field) offsetof(struct ll_dependency, field)
static const struct ll_schema_row dependency_rows[] = {
    LL_RULES_NAME("service", LL_SCHEMA_REQUIRED, D(service), "what it depends on"),
    LL_RULES_ENUM("resource_type", LL_SCHEMA_REQUIRED, D(type), ll_rules_resource_names, NULL,
                  "which of its resources"),
    LL_RULES_NUMBER("per_instance", LL_SCHEMA_REQUIRED, D(per_instance), 1e-9, 1e18, NULL,
                    "what one instance takes of it: 20 connections"),
    LL_RULES_NUMBER("limit", LL_SCHEMA_REQUIRED, D(limit), 1e-9, 1e18, NULL, "what there is: 400"),
};
static void init_dependency(void *item)
{
    *(struct ll_dependency *)item =
        (struct ll_dependency){.service = LL_RULES_NONE, .per_instance = NAN, .limit = NAN};
}
static const struct ll_schema dependency = {dependency_rows, LL_LEN(dependency_rows),
                                            sizeof(struct ll_dependency), init_dependency};

#define PLACE(k, table, text)                                                                      \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_STRUCT,                                                      \
        .offset = offsetof(struct ll_rules_raw_target, place), .sub = &(table), .doc = (text)      \
    }
static const char *const consent_names[] = {
    [LL_CONSENT_ANY] = "any", [LL_CONSENT_ALL] = "all", NULL};

#define G(field) offsetof(struct ll_rule_group, field)
static const struct ll_schema_row group_rows[] = {
    LL_RULES_NAME("name", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, G(name),
                  "name of the group, as rules call it"),
    LL_RULES_ENUM("when", 0, G(when), consent_names, "any",
                  "any: the highest answer of its rules counts; all: it scales out only as far as "
                  "all of them want it"),
};
static void init_group(void *item)
{
    *(struct ll_rule_group *)item = (struct ll_rule_group){.name = LL_RULES_NONE};
}
static const struct ll_schema group = {group_rows, LL_LEN(group_rows), sizeof(struct ll_rule_group),
                                       init_group};

static const struct ll_schema_row target_rows[] = {
    LL_RULES_NAME("name", LL_SCHEMA_REQUIRED | LL_SCHEMA_UNIQUE, T(name),
                  "name of the target, as rules call it"),
    {.key = "service",
     .type = LL_SCHEMA_SLICE,
     .offset = T(service),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = ll_rules_check_name,
     .standard_doc = "its name",
     .doc = "service whose instances it has"},
    PLACE("kubernetes", ll_rules_kubernetes_schema, "anything with a scale subresource"),
    PLACE("aws_asg", ll_rules_aws_schema, "an EC2 Auto Scaling group"),
    PLACE("webhook", ll_rules_webhook_schema, "a program of yours, by HTTP"),
    PLACE("exec", ll_rules_exec_schema, "a program of yours on this host"),
    PLACE("dry_run", ll_rules_dry_run_schema, "nothing: what would be done is only remembered"),
    LL_RULES_SECONDS("timeout_seconds", offsetof(struct ll_rules_raw_target, place.place.timeout),
                     1, 600, "30", "how long one exchange with it may take"),
    LL_RULES_FLAG(
        "vertical", T(vertical),
        "its size changes and not its number: amounts are millicores, bytes, connections"),
    {.key = "unit",
     .type = LL_SCHEMA_SLICE,
     .offset = T(unit),
     .min = 1,
     .max = LL_NAME_MAX,
     .check = ll_rules_check_name,
     .standard_doc = "instances; units when it is vertical",
     .doc = "what its amounts are, for people"},
    LL_RULES_UNITS("min_instances", 0, T(min), 0, "1", "lower end of its range, in its unit"),
    LL_RULES_UNITS("max_instances", LL_SCHEMA_REQUIRED, T(max), 0, NULL, "upper end, never passed"),
    LL_RULES_UNITS("quota_instances", LL_SCHEMA_QUIET, T(quota), 0, "0",
                   "what there is to be had at all; 0 = no such limit"),
    LL_RULES_UNITS("granularity", 0, T(granularity), 1, "1", "amounts are multiples of it"),
    LL_RULES_SECONDS("boot_delay_seconds", T(boot_delay), 0, 86400, "180",
                     "from the request to ready, until it has been learned"),
    LL_RULES_NUMBER("price_per_instance_hour", 0, T(price), 0, 1e9, NULL,
                    "what one costs in an hour, in the price book's currency"),
    LL_RULES_MAP("capacity", capacity,
                 "how demand becomes instances; without it the capacity that is observed"),
    {.key = "dependencies",
     .type = LL_SCHEMA_LIST,
     .offset = T(dependencies),
     .offset_n = T(n_dependencies),
     .max = 32,
     .sub = &dependency,
     .doc = "budgets that its instances take from"},
    {.key = "behavior",
     .type = LL_SCHEMA_STRUCT,
     .offset = offsetof(struct ll_rules_raw_target, behavior),
     .sub = &ll_rules_behavior_schema,
     .doc = "how fast it may change, in the form of autoscaling/v2"},
    LL_RULES_ENUM("combine", 0, T(combine), consent_names, "any",
                  "how groups, and rules in none, become one answer: any or all, as in a group; "
                  "schedules and people raise by themselves"),
    {.key = "groups",
     .type = LL_SCHEMA_LIST,
     .offset = T(groups),
     .offset_n = T(n_groups),
     .max = LL_TARGET_GROUPS_MAX,
     .sub = &group,
     .doc = "groups of THRESHOLD and PREDICTIVE rules, which have one answer each"},
    LL_RULES_FLAG("scale_to_zero", T(scale_to_zero), "min_instances may be 0 and be reached"),
    LL_RULES_SECONDS("idle_seconds", T(idle), 1, 604800, "300",
                     "inactive so long before the last one goes"),
    LL_RULES_NAME("owner", 0, T(owner), "who is told and who decides"),
    LL_RULES_NAME("team", 0, T(team), "team that runs it"),
    LL_RULES_NAME("venue", 0, T(venue), "venue it trades on"),
};

static void init_target(void *item)
{
    const struct ll_slice none = LL_RULES_NONE;
    struct ll_rules_raw_target *raw = item;
    *raw = (struct ll_rules_raw_target){.place = ll_rules_no_place(),
                                        .behavior = ll_rules_no_behavior()};
    struct ll_target *t = &raw->target;
    ll_scaling_target_init(t);
    t->name = t->service = t->unit = t->owner = t->team = t->venue = none;
    t->capacity.part = t->capacity.source = none;
    t->capacity.driver = (enum ll_resource_type) - 1;
}

const struct ll_schema ll_rules_target_schema = {target_rows, LL_LEN(target_rows),
                                                 sizeof(struct ll_rules_raw_target), init_target};

static void finish_capacity(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            struct ll_capacity_model *m)
{
    const struct ll_yaml_node *c = ll_yaml_get(node, LL_SLICE("capacity"));
    if (c && ll_rules_has(c, "driver") != ll_rules_has(c, "units_per_instance"))
        ll_schema_fail(r, &c->place, "capacity: driver and units_per_instance go together");
    if (!m->source.n && !isnan(m->units_per_instance))
        m->source = LL_SLICE("declared");
    if ((int)m->driver < 0)
        m->driver = LL_RESOURCE_CPU; /* which without units stands for nothing */
}

void ll_rules_finish_target(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_rules_raw_target *raw = item;
    struct ll_target *t = &raw->target;
    raw->node = node;
    if (node->kind != LL_YAML_MAP)
        return;
    if (!t->service.n)
        t->service = t->name;
    if (!t->unit.n)
        t->unit = t->vertical ? LL_SLICE("units") : LL_SLICE("instances");
    finish_capacity(r, node, &t->capacity);
    ll_rules_take_place(r, node, t->min, &raw->place);
    ll_rules_take_behavior(node, &raw->behavior, &t->in, &t->out);
    t->hpa_behavior = raw->behavior.profile == LL_PROFILE_HPA;
}

bool ll_rules_take_target(struct ll_arena *out, const struct ll_rules_raw_target *raw,
                          struct ll_target *t)
{
    struct ll_target_place *place = LL_ARENA_NEW(out, struct ll_target_place, 1);
    if (!place)
        return false;
    *place = raw->place.place;
    *t = raw->target;
    t->kind = ll_slice_of(ll_place_kind_name(place->kind));
    t->place = place;
    return true;
}

void ll_rules_write_target(const struct ll_target *t, struct ll_str *out)
{
    struct ll_rules_raw_target raw = {
        .target = *t, .place = ll_rules_give_place(t->place), .behavior = ll_rules_no_behavior()};
    if (isnan(t->capacity.units_per_instance))
        raw.target.capacity.driver = (enum ll_resource_type) - 1;
    raw.behavior.profile = t->hpa_behavior ? LL_PROFILE_HPA : LL_PROFILE_LOADLINE;
    ll_rules_give_rates(&t->in, &raw.behavior.in);
    ll_rules_give_rates(&t->out, &raw.behavior.out);
    ll_schema_write(&ll_rules_target_schema, &raw, out);
}
