/* The keys of a token issuer, kept: read from a file, or fetched on a thread of their own.
 *
 * A token that names a key which is not known makes them be read anew, at most once a minute,
 * whatever comes.  Without that they are read anew when they are old.  While they are fetched,
 * and when that fails, those that are there stay in force for a day. */
#ifndef LL_API_ISSUER_H
#define LL_API_ISSUER_H

#include "api/jwt.h"

#define LL_ISSUER_PAUSE LL_MINUTE          /* between two attempts */
#define LL_ISSUER_REFRESH (10 * LL_MINUTE) /* age at which they are read anew */
#define LL_ISSUER_KEYS_LIFE (24 * LL_HOUR) /* age at which they count no more */

struct ll_issuer;

/* web is the caller's until free.  Fails with LL_E_MEMORY. */
LL_MUST_USE bool ll_issuer_new(const struct ll_web_jwt *web, struct ll_issuer **out,
                               struct ll_err *err);
void ll_issuer_free(struct ll_issuer *i);

/* Whether the issuer signed it.  Fails with LL_E_UNAUTHENTICATED, or LL_E_UNREACHABLE while its
 * keys are being fetched or cannot be had. */
LL_MUST_USE bool ll_issuer_verify(struct ll_issuer *i, const struct ll_jwt *t, ll_time mono,
                                  struct ll_err *err);

#endif
