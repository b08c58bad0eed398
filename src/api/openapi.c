/* The OpenAPI 3.1 document and the reference pages, made from the route table. */
#include <stdio.h>
#include <string.h>

#include "api/json_out.h"
#include "api/routes.h"
#include "api/schemas.h"

static void member(struct ll_json_out *j, const char *key, const char *value)
{
    ll_json_out_key(j, key);
    ll_json_out_z(j, value);
}

static void open_member(struct ll_json_out *j, const char *key)
{
    ll_json_out_key(j, key);
    ll_json_out_open(j, '{');
}

static void param_schema(struct ll_json_out *j, const struct ll_param *p)
{
    open_member(j, "schema");
    bool number = p->type == LL_PARAM_INT || p->type == LL_PARAM_NUMBER;
    const char *type = p->type == LL_PARAM_INT ? "integer" : number ? "number" : "string";
    member(j, "type", p->type == LL_PARAM_YES ? "boolean" : type);
    if (number && p->min < p->max) {
        ll_json_out_key(j, "minimum");
        ll_json_out_num(j, p->min);
        ll_json_out_key(j, "maximum");
        ll_json_out_num(j, p->max);
    }
    if (p->type == LL_PARAM_RESOURCE || p->type == LL_PARAM_FORMAT) {
        ll_json_out_key(j, "enum");
        ll_json_out_open(j, '[');
        for (int i = 0; p->type == LL_PARAM_RESOURCE && i < LL_RESOURCE_COUNT; i++)
            ll_json_out_z(j, ll_resource_name((enum ll_resource_type)i));
        if (p->type == LL_PARAM_FORMAT) {
            ll_json_out_z(j, "json");
            ll_json_out_z(j, "csv");
        }
        ll_json_out_close(j, ']');
    }
    ll_json_out_close(j, '}');
}

/* "{code}" of a path is a parameter too. */
static void path_parameter(struct ll_json_out *j, const char *path)
{
    const char *brace = strchr(path, '{');
    if (!brace)
        return;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "name");
    ll_json_out_text(j, (struct ll_slice){brace + 1, strcspn(brace + 1, "}")});
    member(j, "in", "path");
    ll_json_out_key(j, "required");
    ll_json_out_bool(j, true);
    open_member(j, "schema");
    member(j, "type", "string");
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

static void parameters(struct ll_json_out *j, const char *path, const struct ll_param *table)
{
    if (!table[0].name && !strchr(path, '{'))
        return;
    ll_json_out_key(j, "parameters");
    ll_json_out_open(j, '[');
    path_parameter(j, path);
    for (const struct ll_param *p = table; p->name; p++) {
        ll_json_out_open(j, '{');
        member(j, "name", p->name);
        member(j, "in", "query");
        ll_json_out_key(j, "required");
        ll_json_out_bool(j, p->required);
        member(j, "description", p->doc);
        param_schema(j, p);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

static void content(struct ll_json_out *j, const char *mime, const char *schema)
{
    char ref[96];
    open_member(j, "content");
    open_member(j, mime);
    if (schema) {
        snprintf(ref, sizeof(ref), "#/components/schemas/%s", schema);
        open_member(j, "schema");
        member(j, "$ref", ref);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

static void responses(struct ll_json_out *j, const struct ll_route *r)
{
    bool nothing = !r->response && !r->mime && !strstr(r->path, ".json");
    open_member(j, "responses");
    open_member(j, nothing ? "204" : "200");
    member(j, "description", nothing ? "done" : "the answer");
    if (!nothing)
        content(j, r->mime ? r->mime : "application/json", r->response);
    ll_json_out_close(j, '}');
    open_member(j, "default");
    member(j, "description", "what went wrong, RFC 9457");
    content(j, "application/problem+json", "Problem");
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

static void operation(struct ll_json_out *j, const struct ll_route *r, unsigned method)
{
    char key[16], id[64];
    const char *name = ll_route_method_name(method);
    size_t n = strlen(name);
    for (size_t i = 0; i <= n; i++)
        key[i] = (char)(name[i] ? name[i] | 32 : 0);
    open_member(j, key);
    snprintf(id, sizeof(id), "%s%s", r->id, method == LL_PUT && r->methods != LL_PUT ? "Put" : "");
    member(j, "operationId", id);
    member(j, "summary", r->doc);
    member(j, "x-role", r->role == LL_ROLE_NONE ? "none" : ll_role_name(r->role));
    if (r->role == LL_ROLE_NONE) {
        ll_json_out_key(j, "security");
        ll_json_out_open(j, '[');
        ll_json_out_close(j, ']');
    }
    parameters(j, r->path, r->params);
    if (r->request || r->flags & LL_ROUTE_PROTOBUF) {
        open_member(j, "requestBody");
        ll_json_out_key(j, "required");
        ll_json_out_bool(j, true);
        content(j, r->request ? "application/json" : "application/x-protobuf", r->request);
        ll_json_out_close(j, '}');
    }
    responses(j, r);
    ll_json_out_close(j, '}');
}

/* Rows of one path stand together in the table. */
static void paths(struct ll_json_out *j)
{
    const char *open = NULL;
    open_member(j, "paths");
    for (size_t i = 0; i < ll_routes_count(); i++) {
        const struct ll_route *r = &ll_routes[i];
        if (r->flags & LL_ROUTE_HIDDEN)
            continue;
        if (open && strcmp(open, r->path) != 0)
            ll_json_out_close(j, '}');
        if (!open || strcmp(open, r->path) != 0)
            open_member(j, r->path);
        open = r->path;
        for (unsigned m = LL_GET; m <= LL_DELETE; m <<= 1)
            if (r->methods & m)
                operation(j, r, m);
    }
    ll_json_out_close(j, '}');
    ll_json_out_close(j, '}');
}

static void security(struct ll_json_out *j)
{
    static const char schemes[] =
        "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
        "\"password\":{\"type\":\"http\",\"scheme\":\"basic\"},"
        "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"" LL_SESSION_COOKIE "\"}}";
    static const char any[] = "[{},{\"token\":[]},{\"password\":[]},{\"session\":[]}]";
    open_member(j, "components");
    open_member(j, "schemas");
    for (size_t i = 0; i < ll_schemas_n; i++) {
        ll_json_out_key(j, ll_schemas[i].name);
        ll_schema_render(j, ll_schemas[i].shape);
    }
    ll_json_out_close(j, '}');
    ll_json_out_key(j, "securitySchemes");
    ll_json_out_raw(j, schemes, sizeof(schemes) - 1);
    ll_json_out_close(j, '}');
    ll_json_out_key(j, "security");
    ll_json_out_raw(j, any, sizeof(any) - 1);
}

void ll_api_openapi(struct ll_str *out)
{
    struct ll_json_out j = {.out = out};
    ll_json_out_open(&j, '{');
    member(&j, "openapi", "3.1.0");
    open_member(&j, "info");
    member(&j, "title", "Loadline");
    member(&j, "version", LL_VERSION);
    open_member(&j, "license");
    member(&j, "name", "Apache-2.0");
    member(&j, "identifier", "Apache-2.0");
    ll_json_out_close(&j, '}');
    ll_json_out_close(&j, '}');
    paths(&j);
    security(&j);
    ll_json_out_close(&j, '}');
}

/* What a caller gets that is limited to some services: check_scope in request.c. */
static const char *scope_word(const struct ll_route *r)
{
    if (r->role == LL_ROLE_NONE || r->flags & LL_ROUTE_SCOPE_FREE)
        return "all";
    if (r->flags & LL_ROUTE_SCOPE_OWN)
        return "its services";
    for (const struct ll_param *p = r->params; p && p->name; p++)
        if (strcmp(p->name, "service") == 0)
            return "with `service=`";
    return "refused";
}

static void route_line(struct ll_str *out, const struct ll_route *r)
{
    char methods[LL_ALLOW_TEXT_MAX];
    const char *allow = ll_route_allow(r->methods, methods);
    size_t n = strlen(allow) - strlen(", OPTIONS");
    const char *role = r->role == LL_ROLE_NONE ? "none" : ll_role_name(r->role);
    ll_str_addf(out, "| `%.*s` | `%s` | %s%s | %s | %s |\n", (int)n, allow, r->path, role,
                r->flags & LL_ROUTE_LIFECYCLE ? " (operator with `web.enable_lifecycle`)" : "",
                scope_word(r), r->doc);
}

static void param_lines(struct ll_str *out, const struct ll_route *r)
{
    if (!r->params || !r->params[0].name)
        return;
    char methods[LL_ALLOW_TEXT_MAX];
    const char *allow = r->methods == LL_GET ? "GET" : ll_route_allow(r->methods, methods);
    const size_t n = strcspn(allow, ",");
    ll_str_addf(out, "\n## %.*s %s\n| parameter | type | required | |\n| --- | --- | --- | --- |\n",
                (int)n, allow, r->path);
    for (const struct ll_param *p = r->params; p->name; p++)
        ll_str_addf(out, "| `%s` | %s | %s | %s |\n", p->name, ll_param_type_name(p->type),
                    p->required ? "yes" : "no", p->doc);
}

void ll_api_routes_page(struct ll_str *out)
{
    ll_str_addz(out,
                "# Routes\n\nGenerated from the route table (`src/api/routes.c`); a test fails "
                "when it is stale. Shapes: [http-api.md](http-api.md); errors: "
                "[errors.md](errors.md).\n\nEvery path answers `OPTIONS` with `Allow`; "
                "`TRACE` and `CONNECT` are refused. What a caller gets whose credentials are "
                "limited to some services ([access](../guide/access.md)): all of it, what is of "
                "its services, that with the parameter `service`, or 403.\n\n"
                "| methods | path | least role | limited callers | |\n"
                "| --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < ll_routes_count(); i++)
        route_line(out, &ll_routes[i]);
    for (size_t i = 0; i < ll_routes_count(); i++)
        param_lines(out, &ll_routes[i]);
}

void ll_api_errors_page(struct ll_str *out)
{
    ll_str_addz(out, "# Errors\n\nGenerated from the table of error codes (`src/base/err.h`); a "
                     "test fails when it is stale. Problems of the HTTP API are "
                     "`application/problem+json` (RFC 9457); their `type` is "
                     "`/docs/errors#` and a name of this page.\n\n"
                     "| name | HTTP status | exit code | try again | meaning |\n"
                     "| --- | --- | --- | --- | --- |\n");
    for (int i = LL_E_OK + 1; i < LL_E_COUNT; i++) {
        const struct ll_err_info *e = ll_err_info((enum ll_err_code)i);
        ll_str_addf(out, "| <a id=\"%s\"></a>`%s` | %d | %d | %s | %s |\n", e->name, e->name,
                    e->http_status, e->exit_code, e->retryable ? "yes" : "no", e->meaning);
    }
}
