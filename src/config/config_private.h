/* Between the files of the configuration; nobody else includes it. */
#ifndef LL_CONFIG_CONFIG_PRIVATE_H
#define LL_CONFIG_CONFIG_PRIVATE_H

#include "config/config.h"
#include "config/schema_doc.h"

/* Parts of the table that have files of their own. */
extern const struct ll_schema ll_config_host_schema, ll_config_collect_schema,
    ll_config_rule_schema, ll_config_calendars_schema, ll_config_notifications_schema,
    ll_config_scaling_schema;

/* The first value of an environment variable, NULL when absent or empty. */
const char *ll_config_env(const struct ll_config_source *src, const char *name);

/* One tree of file, conf.d, environment and flags, each file checked alone before.  The tree is
 * in `scratch`, the names of its places in r->out; *file gets the file's.  False when there were
 * errors, which are in r. */
LL_MUST_USE bool ll_config_tree(const struct ll_config_source *src, struct ll_schema_reader *r,
                                struct ll_arena *scratch, const char **file,
                                struct ll_yaml_node **root);

/* Inheritance of thresholds, computed defaults and the checks across keys. */
void ll_config_finish(struct ll_schema_reader *r, const struct ll_config_source *src,
                      struct ll_config *c);

/* Of what is collected: paths, names that two sources share, and the mapping compiled. */
void ll_config_collect_finish(struct ll_schema_reader *r, struct ll_config *c);

/* Of calendars: paths; and for `check config`, whether each that is named is there. */
void ll_config_calendars_finish(struct ll_schema_reader *r, struct ll_config *c);
void ll_config_calendars_check(struct ll_schema_reader *r, const struct ll_config *c);

/* Of scaling: the files of rules, read as one document. */
void ll_config_scaling_finish(struct ll_schema_reader *r, struct ll_config *c);

/* Of notifications: paths, and that what is named is there. */
void ll_config_notifications_finish(struct ll_schema_reader *r, struct ll_config *c);

/* A path of the file is relative to that file, one of a flag to where one is. */
void ll_config_resolve(struct ll_schema_reader *r, const char **path);

/* The same of a list's paths, whose field is *paths; false without memory. */
LL_MUST_USE bool ll_config_resolve_list(struct ll_schema_reader *r,
                                        const char *const *const *paths);

/* "dir of file"/path when path is relative, in a; path itself otherwise.  NULL without memory. */
const char *ll_config_beside(struct ll_arena *a, const char *file, const char *path);

#endif
