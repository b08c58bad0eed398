/* A workload that is scaled by somebody else: the lowest number it may choose is the target.
 *
 * Of a HorizontalPodAutoscaler that is spec.minReplicas, of KEDA's ScaledObject minReplicaCount; a
 * merge-patch with the version that was read changes this one number and nothing else. */
#include <stdio.h>
#include <string.h>

#include "execute/body.h"
#include "execute/kube.h"

struct owner_kind {
    const char *kind, *group_version, *resource, *min, *max;
    int64_t absent; /* what the floor is when it does not stand there */
};

static const struct owner_kind hpa = {.kind = "HorizontalPodAutoscaler",
                                      .group_version = "autoscaling/v1",
                                      .resource = "horizontalpodautoscalers",
                                      .min = "minReplicas",
                                      .max = "maxReplicas",
                                      .absent = 1};
static const struct owner_kind keda = {.kind = "ScaledObject",
                                       .group_version = "keda.sh/v1alpha1",
                                       .resource = "scaledobjects",
                                       .min = "minReplicaCount",
                                       .max = "maxReplicaCount",
                                       .absent = 0};

static const struct owner_kind *kind_of(const struct ll_kube *k)
{
    return k->place->floor_of_keda ? &keda : &hpa;
}

bool ll_kube_is_kind_of(struct ll_slice kind, struct ll_slice resource)
{
    char plural[LL_KUBE_NAME_MAX + 4];
    size_t n = kind.n;
    if (n == 0 || n > LL_KUBE_NAME_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        plural[i] = (char)(kind.s[i] >= 'A' && kind.s[i] <= 'Z' ? kind.s[i] + 32 : kind.s[i]);
    const char *ending = plural[n - 1] == 's' || plural[n - 1] == 'x' ? "es" : "s";
    if (plural[n - 1] == 'y') {
        n--;
        ending = "ies";
    }
    snprintf(plural + n, sizeof(plural) - n, "%s", ending);
    return ll_slice_is(resource, plural);
}

struct search {
    const struct ll_place_kubernetes *place;
    char *found; /* LL_KUBE_NAME_MAX bytes; "" = none yet */
};

static bool look_at_item(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct search *s = ctx;
    struct ll_kube_value v[] = {{.path = "metadata.name"},
                                {.path = "spec.scaleTargetRef.name"},
                                {.path = "spec.scaleTargetRef.kind"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    if (!ll_kube_object(in, &shape, err))
        return false;
    struct ll_slice kind = v[2].text.n ? v[2].text : LL_SLICE("Deployment");
    if (!s->found[0] && v[0].text.n < LL_KUBE_NAME_MAX && ll_slice_eq(v[1].text, s->place->name) &&
        ll_kube_is_kind_of(kind, s->place->resource))
        snprintf(s->found, LL_KUBE_NAME_MAX, "%.*s", (int)v[0].text.n, v[0].text.s);
    return true;
}

static struct ll_place_kubernetes place_of(const struct ll_kube *k, const struct owner_kind *o,
                                           const char *name)
{
    return (struct ll_place_kubernetes){.group_version = ll_slice_of(o->group_version),
                                        .resource = ll_slice_of(o->resource),
                                        .namespace_ = k->place->namespace_,
                                        .name = ll_slice_of(name)};
}

enum ll_outcome ll_kube_find_owner(struct ll_kube *k, bool of_keda,
                                   char out[static LL_KUBE_NAME_MAX], ll_dur *retry_after,
                                   struct ll_err *err)
{
    const struct owner_kind *o = of_keda ? &keda : &hpa;
    char path[LL_KUBE_PATH_MAX], kind[64];
    struct ll_http_response http = {0};
    struct search search = {k->place, out};
    struct ll_kube_value v[] = {{.path = "kind"}};
    const struct ll_kube_list items = {"items", look_at_item, &search};
    const struct ll_kube_shape shape = {v, LL_LEN(v), &items, 1};
    const struct ll_place_kubernetes all = place_of(k, o, "");
    out[0] = '\0';
    ll_kube_path(&all, "", path);
    path[strlen(path) - 1] = '\0'; /* the list's, without a name */
    snprintf(kind, sizeof(kind), "%sList", o->kind);
    enum ll_outcome got = ll_kube_get(k, path, kind, &shape, &http, retry_after, err);
    ll_http_response_fini(&http);
    return got;
}

enum ll_outcome ll_kube_floor_find(struct ll_kube *k, ll_dur *retry_after, struct ll_err *err)
{
    if (k->owner[0])
        return LL_OUTCOME_OK;
    enum ll_outcome got =
        ll_kube_find_owner(k, k->place->floor_of_keda, k->owner, retry_after, err);
    if (got != LL_OUTCOME_OK || k->owner[0])
        return got;
    ll_err_set(err, LL_E_NOT_FOUND, "no %s of namespace %.*s scales %.*s", kind_of(k)->kind,
               (int)k->place->namespace_.n, k->place->namespace_.s, (int)k->place->name.n,
               k->place->name.s);
    return LL_OUTCOME_REFUSED;
}

/* Reads the owner out of an answer, with the paths of its kind. */
struct owner {
    char min_path[32], max_path[32];
    struct ll_kube_value v[5];
};

static struct ll_kube_shape shape_of(struct owner *o, const struct owner_kind *kind)
{
    snprintf(o->min_path, sizeof(o->min_path), "spec.%s", kind->min);
    snprintf(o->max_path, sizeof(o->max_path), "spec.%s", kind->max);
    const struct ll_kube_value v[] = {{.path = "kind"},
                                      {.path = "metadata.name"},
                                      {.path = "metadata.resourceVersion"},
                                      {.path = o->min_path},
                                      {.path = o->max_path}};
    memcpy(o->v, v, sizeof(v));
    return (struct ll_kube_shape){.values = o->v, .n_values = LL_LEN(o->v)};
}

static bool read_owner(const struct ll_kube *k, const struct owner *o, struct ll_executor_seen *out,
                       struct ll_err *err)
{
    struct ll_executor_seen s = {.ready = -1, .min = -1, .max = -1};
    if (!ll_slice_is(o->v[1].text, k->owner))
        return ll_err_set(err, LL_E_INVALID, "the answer is that of something else than '%s'",
                          k->owner);
    if (o->v[2].text.n == 0 || o->v[2].text.n >= sizeof(s.version))
        return ll_err_set(err, LL_E_INVALID, "'%s' has no resourceVersion", k->owner);
    if (!ll_kube_count(&o->v[3], kind_of(k)->absent, &s.current, err) ||
        !ll_kube_count(&o->v[4], -1, &s.max, err))
        return false;
    memcpy(s.version, o->v[2].text.s, o->v[2].text.n);
    *out = s;
    return true;
}

enum ll_outcome ll_kube_floor_observe(struct ll_kube *k, struct ll_executor_seen *out,
                                      ll_dur *retry_after, struct ll_err *err)
{
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct owner o = {.min_path = ""};
    const struct ll_kube_shape shape = shape_of(&o, kind_of(k));
    enum ll_outcome got = ll_kube_floor_find(k, retry_after, err);
    if (got != LL_OUTCOME_OK)
        return got;
    const struct ll_place_kubernetes place = place_of(k, kind_of(k), k->owner);
    ll_kube_path(&place, "", path);
    got = ll_kube_get(k, path, kind_of(k)->kind, &shape, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !read_owner(k, &o, out, err))
        got = LL_OUTCOME_UNKNOWN;
    ll_http_response_fini(&http);
    if (got == LL_OUTCOME_REFUSED && k->place->owner_name.n == 0)
        k->owner[0] = '\0'; /* it may have another name now */
    return got;
}

static bool confirms(const struct ll_kube *k, struct ll_http_response *http, int64_t to,
                     struct ll_err *err)
{
    struct owner o = {.min_path = ""};
    struct ll_executor_seen seen;
    const struct ll_kube_shape shape = shape_of(&o, kind_of(k));
    if (!ll_kube_understand(http, kind_of(k)->kind, &shape, err) || !read_owner(k, &o, &seen, err))
        return false;
    return seen.current == to ||
           ll_err_set(err, LL_E_INVALID, "the answer has a floor of %lld, not %lld",
                      (long long)seen.current, (long long)to);
}

enum ll_outcome ll_kube_floor_apply(struct ll_kube *k, const struct ll_executor_action *a,
                                    ll_dur *retry_after, struct ll_err *err)
{
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct ll_str body;
    enum ll_outcome got = ll_kube_floor_find(k, retry_after, err);
    if (got != LL_OUTCOME_OK)
        return got == LL_OUTCOME_UNKNOWN ? LL_OUTCOME_LATER : got; /* nothing was sent */
    const struct ll_place_kubernetes place = place_of(k, kind_of(k), k->owner);
    ll_kube_path(&place, "", path);
    ll_str_init(&body, 1024);
    ll_str_addz(&body, "{\"metadata\":{\"resourceVersion\":");
    ll_body_text(&body, ll_slice_of(a->version));
    ll_str_addf(&body, "},\"spec\":{\"%s\":%lld}}", kind_of(k)->min, (long long)a->to);
    const struct ll_kube_request req = {.method = LL_HTTP_PATCH,
                                        .path = path,
                                        .content_type = "application/merge-patch+json",
                                        .body = &body};
    got = ll_kube_client_do(&k->client, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !confirms(k, &http, a->to, err))
        got = LL_OUTCOME_UNKNOWN;
    ll_http_response_fini(&http);
    ll_str_fini(&body);
    return got;
}
