/* What the files of the web configuration share: sign-in by others, as the file has it. */
#ifndef LL_CONFIG_WEBCONFIG_PRIVATE_H
#define LL_CONFIG_WEBCONFIG_PRIVATE_H

#include "config/schema.h"
#include "config/webconfig.h"

enum { LL_WEB_PEOPLE_MAX = 256, LL_WEB_SERVICES_MAX = 64 };

extern const char *const ll_web_role_names[];

struct ll_raw_group {
    const char *name;
    enum ll_role role;
    const char *const *services;
};

struct ll_raw_proxy {
    const char *const *trusted;
    const char *user_header, *role_header, *groups_header;
    struct ll_raw_group *groups;
    size_t n_groups;
    enum ll_role role;
};

struct ll_raw_jwt {
    const char *issuer, *audience, *jwks_file, *jwks_url, *ca_file;
    const char *user_claim, *roles_claim, *services_claim;
    struct ll_raw_group *roles;
    size_t n_roles;
    enum ll_role role;
};

extern const struct ll_schema ll_web_proxy_table, ll_web_jwt_table;

const struct ll_yaml_place *ll_webconfig_place(const struct ll_schema_reader *r, const void *field);

/* Says what is wrong with the patterns of a list that came from `field`. */
void ll_webconfig_check_services(struct ll_schema_reader *r, const char *const *services,
                                 const void *field);
/* *out stays NULL without a list.  False without memory. */
bool ll_webconfig_take_scope(const char *const *services, struct ll_arena *a,
                             const struct ll_scope **out);

void ll_webconfig_check_proxy(struct ll_schema_reader *r, const struct ll_raw_proxy *p);
void ll_webconfig_check_jwt(struct ll_schema_reader *r, const struct ll_raw_jwt *j);
bool ll_webconfig_take_proxy(const struct ll_raw_proxy *p, struct ll_webconfig *c);
bool ll_webconfig_take_jwt(const struct ll_raw_jwt *j, const char *file, struct ll_webconfig *c);

#endif
