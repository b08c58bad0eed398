#include "execute/kube_client.h"

#include <stdlib.h>
#include <string.h>

#include "execute/kube_read.h"
#include "os/file.h"
#include "os/secret.h"

enum { ARENA_BYTES = 4 << 20, URL_BYTES_MAX = 8192 };

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

static bool no_memory(struct ll_err *err)
{
    return ll_err_set(err, LL_E_MEMORY, "no memory for a cluster");
}

static bool copy(struct ll_kube_client *c, struct ll_slice text, const char **out,
                 struct ll_err *err)
{
    if (text.n == 0)
        return true;
    *out = ll_arena_copy(c->arena, text.s, text.n);
    return *out || no_memory(err);
}

static bool in_cluster(struct ll_kube_client *c, struct ll_err *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    struct ll_str url;
    if (!host || !port || !ll_file_exists(ACCOUNT "token"))
        return ll_err_set(err, LL_E_CONFIG,
                          "this does not run in a pod with a service account; name a kubeconfig, "
                          "or server and token_file");
    bool six = strchr(host, ':') != NULL;
    ll_str_init(&url, URL_BYTES_MAX);
    ll_str_addf(&url, "https://%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port);
    bool ok = !url.failed && copy(c, (struct ll_slice){url.s, url.n}, &c->config.server, err);
    ll_str_fini(&url);
    c->config.ca_file = ACCOUNT "ca.crt";
    c->config.token_file = ACCOUNT "token";
    return ok;
}

static bool from_file(struct ll_kube_client *c, const struct ll_place_kubernetes *p,
                      struct ll_err *err)
{
    const char *path = NULL;
    struct ll_str text;
    if (!copy(c, p->kubeconfig, &path, err))
        return false;
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? ll_arena_copy(c->arena, path, (size_t)(slash - path)) : ".";
    ll_str_init(&text, LL_KUBE_CONFIG_BYTES_MAX);
    bool ok = folder || no_memory(err);
    ok = ok && (ll_file_read(path, LL_KUBE_CONFIG_BYTES_MAX, &text, err) &&
                (ll_kube_config_parse((struct ll_slice){text.s, text.n}, p->context, folder,
                                      c->arena, &c->config, err) ||
                 ll_err_wrap(err, "%s", path)));
    ll_secret_fini(&text);
    return ok;
}

static bool make_file(struct ll_slice bytes, struct ll_memory_file *f, const char **path,
                      struct ll_err *err)
{
    if (bytes.n == 0)
        return true;
    if (!ll_memory_file_make(bytes, f, err))
        return false;
    *path = f->path;
    return true;
}

static bool check(const struct ll_kube_config *k, struct ll_err *err)
{
    bool https = strncmp(k->server, "https://", 8) == 0;
    if (!https && strncmp(k->server, "http://", 7) != 0)
        return ll_err_set(err, LL_E_CONFIG, "server '%s' is not a URL like https://10.0.0.1:6443",
                          k->server);
    if (!k->cert_file != !k->key_file)
        return ll_err_set(err, LL_E_CONFIG,
                          "a client certificate needs its key, and a key its "
                          "certificate");
    return true;
}

bool ll_kube_client_open(struct ll_kube_client *c, const struct ll_target_place *place,
                         struct ll_executor *x, struct ll_err *err)
{
    const struct ll_place_kubernetes *p = &place->kubernetes;
    *c = (struct ll_kube_client){.exchange = {.timeout = place->timeout, .x = x},
                                 .ca.fd = -1,
                                 .cert.fd = -1,
                                 .key.fd = -1,
                                 .arena = ll_arena_new(ARENA_BYTES)};
    struct ll_kube_config *k = &c->config;
    bool ok = c->arena || no_memory(err);
    if (ok && p->kubeconfig.n)
        ok = from_file(c, p, err);
    else if (ok && p->server.n == 0)
        ok = in_cluster(c, err);
    ok = ok && copy(c, p->server, &k->server, err) && copy(c, p->ca_file, &k->ca_file, err) &&
         copy(c, p->token_file, &k->token_file, err) && check(k, err) &&
         (p->ca_file.n > 0 || make_file(k->ca, &c->ca, &k->ca_file, err)) &&
         make_file(k->cert, &c->cert, &k->cert_file, err) &&
         make_file(k->key, &c->key, &k->key_file, err);
    if (ok)
        return true;
    ll_kube_client_close(c);
    if (err->code != LL_E_MEMORY)
        err->code = LL_E_CONFIG;
    return false;
}

void ll_kube_client_close(struct ll_kube_client *c)
{
    ll_exchange_fini(&c->exchange);
    ll_memory_file_fini(&c->ca);
    ll_memory_file_fini(&c->cert);
    ll_memory_file_fini(&c->key);
    ll_arena_free(c->arena);
    c->arena = NULL;
}

/* "deployments.apps \"web\" is forbidden: …" */
static void add_message(struct ll_http_response *http, struct ll_err *err)
{
    struct ll_kube_value v[] = {{.path = "kind"}, {.path = "message"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    char text[256], before[LL_ERR_TEXT_MAX];
    if (!http->body || !ll_kube_document(http->body, http->n, &shape, NULL) ||
        !ll_kube_is(&v[0], "Status") || v[1].text.n == 0)
        return;
    ll_exchange_text(v[1].text, text, sizeof(text));
    memcpy(before, err->text, sizeof(before));
    ll_err_set(err, err->code, "%s: %s", before, text);
}

enum ll_outcome ll_kube_client_do(struct ll_kube_client *c, const struct ll_kube_request *req,
                                  struct ll_http_response *out, ll_dur *retry_after,
                                  struct ll_err *err)
{
    const struct ll_kube_config *k = &c->config;
    struct ll_str url, token;
    ll_str_init(&url, URL_BYTES_MAX);
    ll_str_init(&token, 0);
    size_t n = strlen(k->server);
    while (n > 0 && k->server[n - 1] == '/')
        n--;
    ll_str_add(&url, k->server, n);
    ll_str_addz(&url, req->path);
    enum ll_outcome got = LL_OUTCOME_REFUSED;
    if (url.failed)
        ll_err_set(err, LL_E_TOO_LARGE, "a URL of the cluster is over %d bytes", URL_BYTES_MAX);
    else if (!k->token_file || ll_secret_read(k->token_file, &token, err)) {
        const struct ll_http_request r = {.method = req->method,
                                          .url = ll_str_z(&url),
                                          .bearer = k->token_file ? ll_str_z(&token) : k->token,
                                          .content_type = req->content_type,
                                          .body = req->body ? req->body->s : NULL,
                                          .body_bytes = req->body ? req->body->n : 0,
                                          .ca_file = k->ca_file,
                                          .cert_file = k->cert_file,
                                          .key_file = k->key_file,
                                          .insecure_skip_verify = k->insecure,
                                          .max_bytes = req->max_bytes};
        got = ll_exchange_do(&c->exchange, &r, r.method != LL_HTTP_GET, out, retry_after, err);
    }
    if (got != LL_OUTCOME_OK)
        add_message(out, err);
    ll_secret_fini(&token);
    ll_str_fini(&url);
    return got;
}
