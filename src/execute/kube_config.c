#include "execute/kube_config.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { PATH_BYTES = 4096 };

struct reader {
    yaml_document_t *doc;
    const char *folder;
    struct ll_arena *out;
    struct ll_err *err;
};

static struct ll_slice text_of(const yaml_node_t *n)
{
    if (!n || n->type != YAML_SCALAR_NODE)
        return (struct ll_slice){0};
    return (struct ll_slice){(const char *)n->data.scalar.value, n->data.scalar.length};
}

/* The member of a map, or NULL. */
static yaml_node_t *get(const struct reader *r, const yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++)
        if (ll_slice_is(text_of(yaml_document_get_node(r->doc, p->key)), key))
            return yaml_document_get_node(r->doc, p->value);
    return NULL;
}

/* What the member `list` of the file has under `kind` for this name, or NULL. */
static yaml_node_t *named(const struct reader *r, const char *list, const char *kind,
                          struct ll_slice name)
{
    const yaml_node_t *items = get(r, yaml_document_get_root_node(r->doc), list);
    if (!items || items->type != YAML_SEQUENCE_NODE)
        return NULL;
    for (const yaml_node_item_t *i = items->data.sequence.items.start;
         i < items->data.sequence.items.top; i++) {
        const yaml_node_t *item = yaml_document_get_node(r->doc, *i);
        if (item && ll_slice_eq(text_of(get(r, item, "name")), name))
            return get(r, item, kind);
    }
    return NULL;
}

static bool fail(const struct reader *r, const char *what, struct ll_slice name)
{
    return ll_err_set(r->err, LL_E_CONFIG, "%s '%.*s'", what, (int)LL_MIN(name.n, (size_t)80),
                      name.s ? name.s : "");
}

static bool no_memory(const struct reader *r)
{
    return ll_err_set(r->err, LL_E_MEMORY, "no memory for a kubeconfig");
}

/* A text of the map, NULL when it is not there; no NUL may be in it. */
static bool take(const struct reader *r, const yaml_node_t *map, const char *key, const char **out)
{
    struct ll_slice t = text_of(get(r, map, key));
    *out = NULL;
    if (t.n == 0)
        return true;
    if (memchr(t.s, '\0', t.n))
        return ll_err_set(r->err, LL_E_CONFIG, "%s has a NUL byte in it", key);
    *out = ll_arena_copy(r->out, t.s, t.n);
    return *out || no_memory(r);
}

/* A file's name, which may be relative. */
static bool take_file(const struct reader *r, const yaml_node_t *map, const char *key,
                      const char **out)
{
    char path[PATH_BYTES];
    if (!take(r, map, key, out) || !*out || **out == '/')
        return r->err->code == LL_E_OK;
    int n = snprintf(path, sizeof(path), "%s/%s", r->folder, *out);
    if (n < 0 || (size_t)n >= sizeof(path))
        return ll_err_set(r->err, LL_E_CONFIG, "%s is a path over %d bytes", key, PATH_BYTES);
    *out = ll_arena_copy(r->out, path, (size_t)n);
    return *out || no_memory(r);
}

static bool take_data(const struct reader *r, const yaml_node_t *map, const char *key,
                      struct ll_slice *out)
{
    struct ll_slice t = text_of(get(r, map, key));
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)t.s, (unsigned)t.n}, bytes = {0};
    if (t.n == 0)
        return true;
    if (gnutls_base64_decode2(&in, &bytes) < 0)
        return ll_err_set(r->err, LL_E_CONFIG, "%s is not base64", key);
    const char *copy = ll_arena_copy(r->out, (const char *)bytes.data, bytes.size);
    *out = (struct ll_slice){copy, copy ? bytes.size : 0};
    explicit_bzero(bytes.data, bytes.size);
    gnutls_free(bytes.data);
    return copy || no_memory(r);
}

static bool take_cluster(const struct reader *r, struct ll_slice name, struct ll_kube_config *c)
{
    const yaml_node_t *m = named(r, "clusters", "cluster", name);
    static const char *const refused[] = {"proxy-url", "tls-server-name"};
    if (!m)
        return fail(r, "there is no cluster", name);
    for (size_t i = 0; i < LL_LEN(refused); i++)
        if (get(r, m, refused[i]))
            return ll_err_set(r->err, LL_E_CONFIG, "%s of a cluster is not supported", refused[i]);
    c->insecure = ll_slice_is(text_of(get(r, m, "insecure-skip-tls-verify")), "true");
    if (!take(r, m, "server", &c->server) ||
        !take_file(r, m, "certificate-authority", &c->ca_file) ||
        !take_data(r, m, "certificate-authority-data", &c->ca))
        return false;
    return c->server || fail(r, "there is no server of cluster", name);
}

static bool take_user(const struct reader *r, struct ll_slice name, struct ll_kube_config *c)
{
    static const struct {
        const char *key, *instead;
    } refused[] = {
        {"exec", "it would run a program; give a token file or a client certificate"},
        {"auth-provider", "it would ask a provider; give a token file or a client certificate"},
        {"username", "Kubernetes has no basic authentication any more"},
        {"as", "impersonation is not supported; give the user's own credentials"},
    };
    if (name.n == 0)
        return true;
    const yaml_node_t *m = named(r, "users", "user", name);
    if (!m)
        return fail(r, "there is no user", name);
    for (size_t i = 0; i < LL_LEN(refused); i++)
        if (get(r, m, refused[i].key))
            return ll_err_set(r->err, LL_E_CONFIG, "user '%.*s' has %s: %s",
                              (int)LL_MIN(name.n, (size_t)80), name.s, refused[i].key,
                              refused[i].instead);
    return take_file(r, m, "client-certificate", &c->cert_file) &&
           take_data(r, m, "client-certificate-data", &c->cert) &&
           take_file(r, m, "client-key", &c->key_file) &&
           take_data(r, m, "client-key-data", &c->key) && take(r, m, "token", &c->token) &&
           take_file(r, m, "tokenFile", &c->token_file);
}

static bool read_document(const struct reader *r, struct ll_slice context,
                          struct ll_kube_config *out)
{
    struct ll_kube_config c = {0};
    const yaml_node_t *root = yaml_document_get_root_node(r->doc);
    if (!root || root->type != YAML_MAPPING_NODE)
        return ll_err_set(r->err, LL_E_CONFIG, "it is not a kubeconfig");
    if (context.n == 0)
        context = text_of(get(r, root, "current-context"));
    if (context.n == 0)
        return ll_err_set(r->err, LL_E_CONFIG, "it has no current-context; name one: context");
    const yaml_node_t *m = named(r, "contexts", "context", context);
    if (!m)
        return fail(r, "there is no context", context);
    if (!take(r, m, "namespace", &c.namespace_) ||
        !take_cluster(r, text_of(get(r, m, "cluster")), &c) ||
        !take_user(r, text_of(get(r, m, "user")), &c))
        return false;
    *out = c;
    return true;
}

bool ll_kube_config_parse(struct ll_slice text, struct ll_slice context, const char *folder,
                          struct ll_arena *out, struct ll_kube_config *config, struct ll_err *err)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    struct ll_err own = {0};
    if (text.n > LL_KUBE_CONFIG_BYTES_MAX)
        return ll_err_set(err, LL_E_CONFIG, "it is over %d KiB", LL_KUBE_CONFIG_BYTES_MAX >> 10);
    if (!yaml_parser_initialize(&parser))
        return ll_err_set(err, LL_E_MEMORY, "no memory for a kubeconfig");
    yaml_parser_set_input_string(&parser, (const unsigned char *)(text.s ? text.s : ""), text.n);
    if (!yaml_parser_load(&parser, &doc)) {
        ll_err_set_at(err, LL_E_CONFIG, (int)parser.problem_mark.line + 1,
                      (int)parser.problem_mark.column + 1, "line %zu: %s",
                      parser.problem_mark.line + 1,
                      parser.problem ? parser.problem : "it is not YAML");
        yaml_parser_delete(&parser);
        return false;
    }
    const struct reader r = {.doc = &doc, .folder = folder, .out = out, .err = &own};
    bool ok = read_document(&r, context, config);
    if (!ok)
        ll_err_set(err, own.code, "%s", own.text);
    yaml_document_delete(&doc);
    yaml_parser_delete(&parser);
    return ok;
}
