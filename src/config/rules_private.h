/* Between the files that read rules: what a row of the text is before it is taken over. */
#ifndef LL_CONFIG_RULES_PRIVATE_H
#define LL_CONFIG_RULES_PRIVATE_H

#include "config/rules_expression.h"
#include "config/rules_file.h"
#include "config/schema.h"

#define LL_RULES_TEXT(k, flags_, at, test, text)                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = (flags_), .offset = (at), .min = 1,          \
        .max = 4096, .check = (test), .doc = (text)                                                \
    }
#define LL_RULES_NAME(k, flags_, at, text)                                                         \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = (flags_), .offset = (at), .min = 1,          \
        .max = LL_NAME_MAX, .check = ll_rules_check_name, .doc = (text)                            \
    }
#define LL_RULES_SECONDS(k, at, lo, hi, std, text)                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SECONDS, .offset = (at), .min = (lo), .max = (hi),           \
        .standard = (std), .unit = "seconds", .doc = (text)                                        \
    }
#define LL_RULES_NUMBER(k, flags_, at, lo, hi, std, text)                                          \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_NUMBER, .flags = (flags_), .offset = (at), .min = (lo),      \
        .max = (hi), .standard = (std), .doc = (text)                                              \
    }
#define LL_RULES_UNITS(k, flags_, at, lo, std, text)                                               \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_INT, .flags = (flags_), .offset = (at), .min = (lo),         \
        .max = 0x1p52, .standard = (std), .doc = (text)                                            \
    }
#define LL_RULES_FLAG(k, at, text)                                                                 \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_BOOL, .flags = LL_SCHEMA_QUIET, .offset = (at),              \
        .standard = "false", .doc = (text)                                                         \
    }
#define LL_RULES_ENUM(k, flags_, at, list, std, text)                                              \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_ENUM, .flags = (flags_), .offset = (at), .names = (list),    \
        .standard = (std), .doc = (text)                                                           \
    }
#define LL_RULES_MAP(k, table, text)                                                               \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_STRUCT, .sub = &(table), .doc = (text)                       \
    }

#define LL_RULES_NONE ((struct ll_slice){"", 0})

const char *ll_rules_check_name(struct ll_slice t); /* no control characters */
const char *ll_rules_check_path(struct ll_slice t); /* absolute */
const char *ll_rules_check_url(struct ll_slice t);

/* A date or a time into ll_time, and back. */
bool ll_rules_parse_time(struct ll_slice text, void *field, struct ll_err *err);
bool ll_rules_print_time(const void *field, struct ll_str *out);

extern const char *const ll_rules_resource_names[LL_RESOURCE_COUNT + 1];

/* A list of single texts. */
extern const struct ll_schema ll_rules_texts_schema;

/* rules_behavior.c: autoscaling/v2's behavior, and the word hpa alone. */
struct ll_rules_raw_rates {
    int select;    /* -1 = not given */
    ll_dur window; /* < 0 = not given */
    struct ll_rate_policy *policies;
    size_t n;
};
enum ll_rules_profile { LL_PROFILE_LOADLINE, LL_PROFILE_HPA };
struct ll_rules_raw_behavior {
    int profile; /* enum ll_rules_profile, -1 = not given */
    struct ll_rules_raw_rates in, out;
};
extern const struct ll_schema ll_rules_behavior_schema;
struct ll_rules_raw_behavior ll_rules_no_behavior(void);
/* What node's behavior says, over the profile's; `in` and `out` stay where it says nothing. */
void ll_rules_take_behavior(const struct ll_yaml_node *node,
                            const struct ll_rules_raw_behavior *raw, struct ll_rates *in,
                            struct ll_rates *out);
void ll_rules_give_rates(const struct ll_rates *from, struct ll_rules_raw_rates *raw);

/* rules_place.c: the keys of all kinds of places; fields of a struct ll_rules_raw_place. */
struct ll_rules_raw_place {
    struct ll_target_place place;
    struct ll_slice deployment, statefulset;
    int floor_of; /* -1 = not given */
};
extern const struct ll_schema ll_rules_kubernetes_schema, ll_rules_aws_schema,
    ll_rules_webhook_schema, ll_rules_exec_schema, ll_rules_dry_run_schema;
struct ll_rules_raw_place ll_rules_no_place(void);
/* Which kind it is, and what that kind needs. */
void ll_rules_take_place(struct ll_schema_reader *r, const struct ll_yaml_node *node, int64_t min,
                         struct ll_rules_raw_place *raw);
struct ll_rules_raw_place ll_rules_give_place(const struct ll_target_place *p);

/* rules_target.c */
struct ll_rules_raw_target {
    struct ll_target target;
    struct ll_rules_raw_place place;
    struct ll_rules_raw_behavior behavior;
    const struct ll_yaml_node *node;
};
extern const struct ll_schema ll_rules_target_schema;
ll_schema_finish ll_rules_finish_target;
LL_MUST_USE bool ll_rules_take_target(struct ll_arena *out, const struct ll_rules_raw_target *raw,
                                      struct ll_target *t);

/* rules_window.c */
struct ll_rules_raw_window {
    struct ll_scale_window window;
    int anchor;                /* -1 = not given */
    int64_t floor, exact, max; /* INT64_MIN = not given */
    bool no_scale_in, freeze;
};
extern const struct ll_schema ll_rules_window_schema;
ll_schema_finish ll_rules_finish_window;
struct ll_rules_raw_window ll_rules_give_window(const struct ll_scale_window *w);

/* rules_rule.c */
struct ll_rules_raw_step {
    double over;
    unsigned units, percent; /* one of them > 0 */
};
struct ll_rules_raw_rule {
    struct ll_scaling_rule rule;
    struct ll_rules_raw_step *up, *down;
    size_t n_up, n_down;
    struct ll_rules_raw_window *windows;
    size_t n_windows;
    double cost_of_short, cost_of_idle; /* NaN = not given */
    struct ll_rules_raw_behavior behavior;
    struct ll_rules_raw_expression expression;
    const struct ll_yaml_node *node;
};
extern const struct ll_schema ll_rules_rule_schema;
ll_schema_finish ll_rules_finish_rule;
LL_MUST_USE bool ll_rules_take_rule(struct ll_arena *out, const struct ll_rules_raw_rule *raw,
                                    struct ll_scaling_rule *rule);
/* Thresholds that the text left out. */
void ll_rules_fill_thresholds(struct ll_threshold *t, const struct ll_threshold *standard);

/* The place of a member of a map, else the map's own. */
const struct ll_yaml_place *ll_rules_place(const struct ll_yaml_node *map, const char *key);
/* Whether a map has that key. */
bool ll_rules_has(const struct ll_yaml_node *map, const char *key);

#endif
