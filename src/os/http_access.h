/* How a server is let in to: credentials and TLS, named by the files they are in.
 *
 * The files are read for each exchange (os/secret.h), so they can be changed at any time. */
#ifndef LL_OS_HTTP_ACCESS_H
#define LL_OS_HTTP_ACCESS_H

#include "os/http_client.h"

struct ll_http_access { /* NULL = none */
    const char *bearer_token_file;
    const char *username, *password_file;
    const char *ca_file, *cert_file, *key_file;
    const char *tenant; /* X-Scope-OrgID */
    bool insecure_skip_verify;
};

/* ll_http_client_do with what the access says; its own fields in *req are set by this call only.
 * Fails as that does, and as ll_secret_read does. */
LL_MUST_USE bool ll_http_access_do(const struct ll_http_access *a, struct ll_http_client *c,
                                   const struct ll_http_request *req, struct ll_http_response *out,
                                   struct ll_err *err);

#endif
