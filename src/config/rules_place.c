/* Where a target is: one of kubernetes, aws_asg, webhook, exec, dry_run. */
#include <string.h>

#include "config/rules_private.h"

static const char *const floor_names[] = {"hpa", "keda", NULL};
enum { FLOOR_HPA, FLOOR_KEDA };

#define L(field) offsetof(struct ll_rules_raw_place, field)
#define PATH(k, at, text) LL_RULES_TEXT(k, 0, at, ll_rules_check_path, text)
#define URL(k, flags_, at, text) LL_RULES_TEXT(k, flags_, at, ll_rules_check_url, text)

static const char *check_group_version(struct ll_slice t)
{
    const char *slash = t.n ? memchr(t.s, '/', t.n) : NULL;
    bool whole = !slash || (slash > t.s && slash + 1 < t.s + t.n);
    return t.n && whole ? NULL : "is not a group and version such as apps/v1";
}

/* What Kubernetes calls a DNS subdomain, loosely: it goes into a path. */
static const char *check_k8s_name(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++) {
        char c = t.s[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return "is not a name of Kubernetes: a-z, 0-9, '-' and '.'";
    }
    return t.n && t.s[0] != '.' && t.s[0] != '-' ? NULL : "is not a name of Kubernetes";
}

#define K(field) L(place.kubernetes.field)
#define K8S(k, flags_, at, text)                                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_SLICE, .flags = (flags_), .offset = (at), .min = 1,          \
        .max = 253, .check = check_k8s_name, .doc = (text)                                         \
    }
static const struct ll_schema_row kubernetes_rows[] = {
    K8S("namespace", LL_SCHEMA_REQUIRED, K(namespace_), "namespace it is in"),
    K8S("deployment", 0, L(deployment),
        "name of a Deployment: short for group_version apps/v1, "
        "resource deployments"),
    K8S("statefulset", 0, L(statefulset), "name of a StatefulSet, likewise"),
    LL_RULES_TEXT("group_version", 0, K(group_version), check_group_version,
                  "of anything else with a scale subresource: apps/v1"),
    K8S("resource", 0, K(resource), "its plural: deployments"),
    K8S("name", 0, K(name), "its name"),
    LL_RULES_ENUM("floor_of", 0, L(floor_of), floor_names, NULL,
                  "somebody else owns the count: only the minimum of that HorizontalPodAutoscaler "
                  "or ScaledObject is raised"),
    K8S("owner_name", 0, K(owner_name),
        "name of that HorizontalPodAutoscaler or ScaledObject; else found by what it refers to"),
    K8S("container", 0, K(container), "of a vertical target: the container whose size changes"),
    LL_RULES_FLAG("container_memory", K(container_memory),
                  "its memory, in bytes; else its CPU, in millicores"),
    URL("server", 0, K(server), "API server; else the kubeconfig's, or the one we run in"),
    PATH("kubeconfig", K(kubeconfig), "file; else the service account of the pod we run in"),
    LL_RULES_TEXT("context", 0, K(context), NULL, "of the kubeconfig; else its current one"),
    PATH("ca_file", K(ca_file), "authority that signed the server's certificate"),
    PATH("token_file", K(token_file), "bearer token, read anew for each connection"),
};
const struct ll_schema ll_rules_kubernetes_schema = {kubernetes_rows, LL_LEN(kubernetes_rows), 0,
                                                     NULL};

#define A(field) L(place.aws.field)
static const struct ll_schema_row aws_rows[] = {
    LL_RULES_NAME("region", LL_SCHEMA_REQUIRED, A(region), "region: eu-central-1"),
    LL_RULES_NAME("group", LL_SCHEMA_REQUIRED, A(group), "name of the Auto Scaling group"),
    URL("endpoint", 0, A(endpoint), "another endpoint than the region's"),
    PATH("credentials_file", A(credentials_file),
         "shared credentials file; else the environment, then the usual places"),
    LL_RULES_NAME("profile", 0, A(profile), "profile of that file"),
};
const struct ll_schema ll_rules_aws_schema = {aws_rows, LL_LEN(aws_rows), 0, NULL};

#define W(field) L(place.webhook.field)
static const struct ll_schema_row webhook_rows[] = {
    URL("url", LL_SCHEMA_REQUIRED, W(url), "where the action is sent by POST, signed"),
    URL("read_url", 0, W(read_url), "where the count is read by GET; else url"),
    PATH("secret_file", W(secret_file), "secret that signs, read anew for each request"),
    PATH("token_file", W(token_file), "bearer token to send"),
    PATH("ca_file", W(ca_file), "authority that signed the server's certificate"),
    LL_RULES_FLAG("allow_private", W(allow_private),
                  "allow link-local and metadata addresses, which are refused otherwise"),
};
const struct ll_schema ll_rules_webhook_schema = {webhook_rows, LL_LEN(webhook_rows), 0, NULL};

#define E(field) L(place.exec.field)
#define WORDS(k, least, at, at_n, text)                                                            \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_LIST, .flags = (least) ? LL_SCHEMA_REQUIRED : 0u,            \
        .offset = (at), .offset_n = (at_n), .min = (least), .max = 64,                             \
        .sub = &ll_rules_texts_schema, .doc = (text)                                               \
    }
static const struct ll_schema_row exec_rows[] = {
    WORDS("command", 1, E(argv), E(n_argv),
          "program, by its absolute path, and its words; there "
          "is no shell"),
    WORDS("observe", 0, E(observe), E(n_observe),
          "program that prints {\"current\":n,\"ready\":n}; else command with the word observe"),
    WORDS("env", 0, E(env), E(n_env), "NAME=value each: all it gets beside PATH and LOADLINE_*"),
    LL_RULES_FLAG("idempotent", E(idempotent), "may be run again after an end that is not known"),
};
const struct ll_schema ll_rules_exec_schema = {exec_rows, LL_LEN(exec_rows), 0, NULL};

static const struct ll_schema_row dry_run_rows[] = {
    {.key = "current",
     .type = LL_SCHEMA_INT,
     .offset = L(place.dry_run.current),
     .max = 0x1p52,
     .standard_doc = "min_instances",
     .doc = "what it has at first"},
};
const struct ll_schema ll_rules_dry_run_schema = {dry_run_rows, LL_LEN(dry_run_rows), 0, NULL};

struct ll_rules_raw_place ll_rules_no_place(void)
{
    const struct ll_slice none = LL_RULES_NONE;
    return (struct ll_rules_raw_place){.place = {.kind = LL_PLACE_KINDS,
                                                 .kubernetes = {.server = none,
                                                                .kubeconfig = none,
                                                                .context = none,
                                                                .group_version = none,
                                                                .resource = none,
                                                                .namespace_ = none,
                                                                .name = none,
                                                                .owner_name = none,
                                                                .container = none,
                                                                .ca_file = none,
                                                                .token_file = none},
                                                 .aws = {none, none, none, none, none},
                                                 .webhook = {none, none, none, none, none, false},
                                                 .dry_run = {INT64_MIN}},
                                       .deployment = none,
                                       .statefulset = none,
                                       .floor_of = -1};
}

static void take_kubernetes(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            struct ll_rules_raw_place *raw)
{
    struct ll_place_kubernetes *k = &raw->place.kubernetes;
    bool group = ll_rules_has(node, "group_version"), resource = ll_rules_has(node, "resource"),
         name = ll_rules_has(node, "name"), any = group || resource || name,
         whole = group && resource && name, deployment = ll_rules_has(node, "deployment");
    if (deployment + ll_rules_has(node, "statefulset") + any != 1 || any != whole) {
        ll_schema_fail(r, &node->place,
                       "kubernetes: needs one of deployment, statefulset, or all of "
                       "group_version, resource and name");
        return;
    }
    if (!any) {
        k->group_version = LL_SLICE("apps/v1");
        k->resource = deployment ? LL_SLICE("deployments") : LL_SLICE("statefulsets");
        k->name = deployment ? raw->deployment : raw->statefulset;
    }
    k->floor_of_hpa = raw->floor_of == FLOOR_HPA;
    k->floor_of_keda = raw->floor_of == FLOOR_KEDA;
    if (k->owner_name.n && raw->floor_of < 0)
        ll_schema_fail(r, ll_rules_place(node, "owner_name"), "owner_name: goes with floor_of");
}

static void take_exec(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                      const struct ll_place_exec *e)
{
    char shown[LL_YAML_QUOTE_MAX];
    const struct ll_slice *programs[] = {e->n_argv ? e->argv : NULL,
                                         e->n_observe ? e->observe : NULL};
    static const char *const names[] = {"command", "observe"};
    for (size_t i = 0; i < LL_LEN(programs); i++)
        if (programs[i] && ll_rules_check_path(programs[i][0]))
            ll_schema_fail(r, ll_rules_place(node, names[i]), "%s: '%s' is not an absolute path",
                           names[i], ll_yaml_quote(programs[i][0], shown));
    for (size_t i = 0; i < e->n_env; i++) {
        const char *equals = e->env[i].n ? memchr(e->env[i].s, '=', e->env[i].n) : NULL;
        if (!equals || equals == e->env[i].s)
            ll_schema_fail(r, ll_rules_place(node, "env"), "env: '%s' is not NAME=value",
                           ll_yaml_quote(e->env[i], shown));
    }
}

void ll_rules_take_place(struct ll_schema_reader *r, const struct ll_yaml_node *node, int64_t min,
                         struct ll_rules_raw_place *raw)
{
    const struct ll_yaml_node *first = NULL;
    for (const struct ll_yaml_node *n = node->first; n; n = n->next) {
        size_t kind = 0;
        while (kind < LL_PLACE_KINDS &&
               !ll_slice_is(n->key, ll_place_kind_name((enum ll_place_kind)kind)))
            kind++;
        if (kind == LL_PLACE_KINDS)
            continue;
        if (first)
            ll_schema_fail(r, &n->key_place, "%s: the target has a place already, %s",
                           ll_place_kind_name((enum ll_place_kind)kind),
                           ll_place_kind_name(raw->place.kind));
        else
            raw->place.kind = (enum ll_place_kind)kind;
        first = first ? first : n;
    }
    if (!first)
        ll_schema_fail(r, &node->place,
                       "it is not said where the target is: kubernetes, aws_asg, webhook, exec or "
                       "dry_run");
    const bool map = first && first->kind == LL_YAML_MAP;
    if (map && raw->place.kind == LL_PLACE_KUBERNETES)
        take_kubernetes(r, first, raw);
    if (map && raw->place.kind == LL_PLACE_EXEC)
        take_exec(r, first, &raw->place.exec);
    if (raw->place.dry_run.current == INT64_MIN)
        raw->place.dry_run.current = raw->place.kind == LL_PLACE_DRY_RUN ? min : 0;
}

static void give_kubernetes(struct ll_rules_raw_place *raw)
{
    struct ll_place_kubernetes *k = &raw->place.kubernetes;
    bool deployment = ll_slice_is(k->resource, "deployments");
    if (ll_slice_is(k->group_version, "apps/v1") &&
        (deployment || ll_slice_is(k->resource, "statefulsets"))) {
        *(deployment ? &raw->deployment : &raw->statefulset) = k->name;
        k->group_version = k->resource = k->name = LL_RULES_NONE;
    }
    if (k->floor_of_hpa || k->floor_of_keda)
        raw->floor_of = k->floor_of_hpa ? FLOOR_HPA : FLOOR_KEDA;
}

struct ll_rules_raw_place ll_rules_give_place(const struct ll_target_place *p)
{
    struct ll_rules_raw_place raw = ll_rules_no_place();
    const int64_t none = raw.place.dry_run.current;
    raw.place = *p;
    if (p->kind == LL_PLACE_KUBERNETES)
        give_kubernetes(&raw);
    if (p->kind != LL_PLACE_DRY_RUN)
        raw.place.dry_run.current = none;
    return raw;
}

static void add_texts(struct ll_str *out, const struct ll_slice *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ll_str_addc(out, '\n'); /* in none of the parts: arguments are compared one by one */
        ll_str_add(out, v[i].s, v[i].n);
    }
}

void ll_rules_address(const struct ll_target *t, struct ll_str *out)
{
    const struct ll_target_place *p = t->place;
    const struct ll_place_kubernetes *k = &p->kubernetes;
    ll_str_addz(out, ll_place_kind_name(p->kind));
    switch (p->kind) {
    case LL_PLACE_KUBERNETES:
        add_texts(out,
                  (const struct ll_slice[]){k->server, k->kubeconfig, k->context, k->namespace_,
                                            k->group_version, k->resource, k->name, k->container},
                  8);
        return;
    case LL_PLACE_AWS_ASG:
        add_texts(out, (const struct ll_slice[]){p->aws.endpoint, p->aws.region, p->aws.group}, 3);
        return;
    case LL_PLACE_WEBHOOK:
        add_texts(out, &p->webhook.url, 1);
        return;
    case LL_PLACE_EXEC:
        add_texts(out, p->exec.argv, p->exec.n_argv);
        return;
    default:
        add_texts(out, &t->name, 1);
        return;
    }
}
