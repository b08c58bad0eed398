/* The audit log of what the API changes and scaling does not (that writes its own rows). */
#ifndef LL_API_AUDIT_H
#define LL_API_AUDIT_H

#include "api/context.h"

/* Queues a row about what this request is going to do, or has done: action such as "reload".
 * Fails with LL_E_BUSY or LL_E_MEMORY: what has not been done yet must not be done then. */
LL_MUST_USE bool ll_api_audit(struct ll_request *r, const struct ll_identity *who,
                              const char *action, const char *object, struct ll_err *err);

/* "192.0.2.7" or "2001:db8::1"; "" of a socket file. */
enum { LL_API_ADDRESS_TEXT_MAX = 64 };
const char *ll_api_address_text(const struct ll_address *a,
                                char buf[static LL_API_ADDRESS_TEXT_MAX]);

#endif
