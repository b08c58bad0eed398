/* The web configuration file (`--web.config.file`), in the format that exporter-toolkit
 * made common, with tokens and roles added:
 *
 *     tls_server_config: {cert_file: …, key_file: …, min_version: TLS12}
 *     basic_auth_users: {alice: $2y$10$…}        # bcrypt; role from `roles`, default viewer
 *     tokens:
 *       - {name: grafana, sha256: 64 hex digits, role: viewer, expires: 2027-01-01T00:00:00Z}
 *       - {name: orders, sha256: 64 hex digits, role: operator, services: [order-*]}
 *     roles: {alice: operator}
 *     proxy: {trusted: [10.0.0.0/8], user_header: X-Forwarded-User, role: viewer}
 *     jwt: {issuer: https://id.example, audience: loadline, jwks_url: https://id.example/keys,
 *           roles_claim: groups, roles: [{name: sre, role: admin}]}
 */
#ifndef LL_CONFIG_WEBCONFIG_H
#define LL_CONFIG_WEBCONFIG_H

#include "base/arena.h"
#include "base/time.h"
#include "core/scope.h"
#include "os/cidr.h"

enum ll_role { LL_ROLE_NONE, LL_ROLE_VIEWER, LL_ROLE_OPERATOR, LL_ROLE_EDITOR, LL_ROLE_ADMIN };

const char *ll_role_name(enum ll_role r);
LL_MUST_USE bool ll_role_parse(struct ll_slice text, enum ll_role *out);

struct ll_web_user {
    const char *name, *bcrypt;
    enum ll_role role;
};

struct ll_web_token {
    const char *name;
    unsigned char sha256[32];
    enum ll_role role;
    ll_time expires;              /* LL_TIME_NONE = never */
    const struct ll_scope *scope; /* NULL = all services */
};

/* What a group of a proxy, or a role of a token somebody else signed, may do here. */
struct ll_web_group {
    const char *name;
    enum ll_role role;
    const struct ll_scope *scope; /* NULL = all services */
};

struct ll_web_proxy {
    const struct ll_cidr *trusted;
    size_t n_trusted;
    const char *user_header, *role_header, *groups_header; /* the last two may be NULL */
    const struct ll_web_group *groups;                     /* the first that fits counts */
    size_t n_groups;
    enum ll_role role; /* when neither header gives one */
};

struct ll_web_jwt {
    const char *issuer, *audience;
    const char *jwks_file, *jwks_url;                      /* one of them; the other NULL */
    const char *ca_file;                                   /* NULL = the system's authorities */
    const char *user_claim, *roles_claim, *services_claim; /* the last two may be NULL */
    const struct ll_web_group *roles;                      /* the first that fits counts */
    size_t n_roles;
    enum ll_role role; /* when the claim gives none */
};

struct ll_webconfig {
    const char *cert_file, *key_file; /* NULL = no TLS; a relative path is from the file's folder */
    int min_tls;                      /* 12 or 13 */
    const struct ll_web_user *users;
    size_t n_users;
    const struct ll_web_token *tokens;
    size_t n_tokens;
    const struct ll_web_proxy *proxy; /* NULL = none */
    const struct ll_web_jwt *jwt;     /* NULL = none */
    struct ll_arena *arena;
};

/* Whether there is any way to say who one is. */
bool ll_webconfig_has_login(const struct ll_webconfig *c);

/* Fails with LL_E_CONFIG as ll_config_load does. */
LL_MUST_USE bool ll_webconfig_load(const char *file, struct ll_webconfig **out, struct ll_err *err);
void ll_webconfig_free(struct ll_webconfig *c);
LL_AUTO_DEFINE(ll_webconfig, ll_webconfig_free)

/* The same from text; `file` names it in errors and is what relative paths are relative to.
 * env (NULL = none) is for ${env:X}; ll_webconfig_load has the process's. */
LL_MUST_USE bool ll_webconfig_parse(struct ll_slice text, const char *file, const char *const *env,
                                    struct ll_webconfig **out, struct ll_err *err);

/* For `check config`: as ll_config_check. */
size_t ll_webconfig_check(const char *file, struct ll_err *errs, size_t max);

/* The table, for the reference page. */
struct ll_schema;
const struct ll_schema *ll_webconfig_table(void);

#endif
