/* Sign-in by others: what a proxy's headers and groups make of somebody. */
#ifndef LL_API_AUTH_OTHERS_H
#define LL_API_AUTH_OTHERS_H

#include "api/auth.h"

/* The value of a header, empty when it is not there; *n = how often it is. */
typedef struct ll_slice ll_header_fn(void *ctx, const char *name, size_t *n);

bool ll_auth_proxy_trusts(const struct ll_web_proxy *p, const struct ll_address *from);

/* Who the headers of a trusted proxy say it is; *said is false when they name nobody.  Fails with
 * LL_E_INVALID (one is there twice, or is no name) or LL_E_DENIED (a role that there is not). */
LL_MUST_USE bool ll_auth_proxy_identify(const struct ll_web_proxy *p, ll_header_fn *header,
                                        void *ctx, bool *said, struct ll_identity *out,
                                        struct ll_err *err);

/* The first of the groups that the list has, commas between its names; NULL = none. */
const struct ll_web_group *ll_auth_group_find(const struct ll_web_group *v, size_t n,
                                              struct ll_slice list);

/* prefix and name as an identity's name; false when that is no name to write down. */
LL_MUST_USE bool ll_auth_name(struct ll_identity *who, const char *prefix, struct ll_slice name);

#endif
