#include "os/http_access.h"

#include "base/str.h"
#include "os/secret.h"

static bool read_secret(const char *what, const char *path, struct ll_str *out, struct ll_err *err)
{
    return !path || ll_secret_read(path, out, err) || ll_err_wrap(err, "%s", what);
}

bool ll_http_access_do(const struct ll_http_access *a, struct ll_http_client *c,
                       const struct ll_http_request *req, struct ll_http_response *out,
                       struct ll_err *err)
{
    struct ll_http_request r = *req;
    struct ll_str bearer, password;
    ll_str_init(&bearer, 0);
    ll_str_init(&password, 0);
    bool ok = read_secret("token", a->bearer_token_file, &bearer, err) &&
              read_secret("password", a->password_file, &password, err);
    if (ok) {
        r.bearer = a->bearer_token_file ? ll_str_z(&bearer) : NULL;
        r.username = a->username;
        r.password = a->password_file ? ll_str_z(&password) : NULL;
        r.ca_file = a->ca_file;
        r.cert_file = a->cert_file;
        r.key_file = a->key_file;
        r.tenant = a->tenant;
        r.insecure_skip_verify = a->insecure_skip_verify;
        ok = ll_http_client_do(c, &r, out, err);
    }
    ll_secret_fini(&bearer);
    ll_secret_fini(&password);
    return ok;
}
