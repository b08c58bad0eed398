/* The size of a container in the running pods of a workload, changed in place by their subresource
 * resize (Kubernetes 1.33; before that a feature gate).
 *
 * The target is at what was asked for last when all its pods are, else at the smallest of the
 * others.  Pods made later begin with what their template says. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "execute/body.h"
#include "execute/kube.h"

enum { PODS_MAX = 500, SELECTOR_MAX = 512, ARENA_BYTES = 1 << 20 };

/* What is read of one container. */
struct container {
    bool found, limited; /* limited: its limit is its request, and stays that */
    int64_t size;
};

struct pod {
    const char *name, *version;
    struct container container;
};

struct pods {
    const struct ll_place_kubernetes *place;
    struct ll_arena *arena;
    struct pod v[PODS_MAX];
    size_t n;
};

/* The names of the quantities, by what is resized. */
struct names {
    const char *key, *request, *limit;
};

static const struct names *names_of(const struct ll_place_kubernetes *p)
{
    static const struct names cpu = {"cpu", "resources.requests.cpu", "resources.limits.cpu"};
    static const struct names memory = {"memory", "resources.requests.memory",
                                        "resources.limits.memory"};
    return p->container_memory ? &memory : &cpu;
}

struct one_pod {
    struct pods *pods;
    struct container container;
};

static bool look_at_container(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct one_pod *one = ctx;
    const struct ll_place_kubernetes *p = one->pods->place;
    const struct names *names = names_of(p);
    struct ll_kube_value v[] = {{.path = "name"}, {.path = names->request}, {.path = names->limit}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    int64_t request = 0, limit = -1;
    if (!ll_kube_object(in, &shape, err))
        return false;
    if (!ll_slice_eq(v[0].text, p->container))
        return true;
    if (!v[1].there)
        return ll_err_set(err, LL_E_INVALID, "container '%.*s' has no request of %s",
                          (int)v[0].text.n, v[0].text.s, names->key);
    if (!ll_kube_quantity(v[1].text, !p->container_memory, &request) ||
        (v[2].there && !ll_kube_quantity(v[2].text, !p->container_memory, &limit)))
        return ll_err_set(err, LL_E_INVALID, "%s of container '%.*s' is not a quantity", names->key,
                          (int)v[0].text.n, v[0].text.s);
    one->container =
        (struct container){.found = true, .limited = limit == request, .size = request};
    return true;
}

static bool keep(struct pods *pods, const struct ll_kube_value *name,
                 const struct ll_kube_value *version, const struct container *c, struct ll_err *err)
{
    struct pod *p = &pods->v[pods->n];
    if (pods->n == PODS_MAX)
        return ll_err_set(err, LL_E_RANGE, "there are more than %d pods", PODS_MAX);
    *p = (struct pod){.container = *c,
                      .name = ll_arena_copy(pods->arena, name->text.s, name->text.n),
                      .version = ll_arena_copy(pods->arena, version->text.s, version->text.n)};
    if (!p->name || !p->version)
        return ll_err_set(err, LL_E_MEMORY, "no memory for pods");
    pods->n++;
    return true;
}

static bool look_at_pod(void *ctx, struct ll_json_in *in, struct ll_err *err)
{
    struct one_pod one = {.pods = ctx};
    struct ll_kube_value v[] = {{.path = "metadata.name"},
                                {.path = "metadata.resourceVersion"},
                                {.path = "metadata.deletionTimestamp"},
                                {.path = "status.phase"}};
    const struct ll_kube_list containers = {"spec.containers", look_at_container, &one};
    const struct ll_kube_shape shape = {v, LL_LEN(v), &containers, 1};
    if (!ll_kube_object(in, &shape, err))
        return false;
    bool lives = !v[2].there && (ll_kube_is(&v[3], "Running") || ll_kube_is(&v[3], "Pending"));
    if (!lives)
        return true;
    if (!one.container.found)
        return ll_err_set(err, LL_E_INVALID, "pod '%.*s' has no container '%.*s'",
                          (int)LL_MIN(v[0].text.n, (size_t)80), v[0].text.s,
                          (int)one.pods->place->container.n, one.pods->place->container.s);
    return keep(one.pods, &v[0], &v[1], &one.container, err);
}

static enum ll_outcome read_selector(struct ll_kube *k, char out[static SELECTOR_MAX],
                                     ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube_value v[] = {{.path = "kind"}, {.path = "status.selector"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    ll_kube_path(k->place, "/scale", path);
    enum ll_outcome got = ll_kube_get(k, path, "Scale", &shape, &http, retry_after, err);
    size_t n = 0;
    if (got == LL_OUTCOME_OK && v[1].text.n == 0) {
        ll_err_set(err, LL_E_INVALID, "its Scale has no selector, so its pods are not known");
        got = LL_OUTCOME_REFUSED;
    }
    for (size_t i = 0; got == LL_OUTCOME_OK && i < v[1].text.n && n + 4 < SELECTOR_MAX; i++)
        n += (size_t)snprintf(out + n, SELECTOR_MAX - n, "%%%02X", (unsigned char)v[1].text.s[i]);
    if (got == LL_OUTCOME_OK && n != 3 * v[1].text.n) {
        ll_err_set(err, LL_E_TOO_LARGE, "its selector is too long");
        got = LL_OUTCOME_REFUSED;
    }
    ll_http_response_fini(&http);
    return got;
}

static enum ll_outcome read_pods(struct ll_kube *k, struct pods *pods, ll_dur *retry_after,
                                 struct ll_err *err)
{
    char selector[SELECTOR_MAX], path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct ll_kube_value v[] = {{.path = "kind"}};
    const struct ll_kube_list items = {"items", look_at_pod, pods};
    const struct ll_kube_shape shape = {v, LL_LEN(v), &items, 1};
    enum ll_outcome got = read_selector(k, selector, retry_after, err);
    if (got != LL_OUTCOME_OK)
        return got;
    snprintf(path, sizeof(path), "/api/v1/namespaces/%.*s/pods?labelSelector=%s",
             (int)k->place->namespace_.n, k->place->namespace_.s, selector);
    got = ll_kube_get(k, path, "PodList", &shape, &http, retry_after, err);
    ll_http_response_fini(&http);
    if (got == LL_OUTCOME_OK && pods->n == 0) {
        ll_err_set(err, LL_E_NOT_FOUND, "it has no pods that run");
        got = LL_OUTCOME_LATER;
    }
    return got;
}

static struct ll_arena *begin(struct ll_kube *k, struct pods *pods, struct ll_err *err)
{
    pods->place = k->place;
    pods->n = 0;
    pods->arena = ll_arena_new(ARENA_BYTES);
    if (!pods->arena)
        ll_err_set(err, LL_E_MEMORY, "no memory for pods");
    return pods->arena;
}

enum ll_outcome ll_kube_resize_observe(struct ll_kube *k, struct ll_executor_seen *out,
                                       ll_dur *retry_after, struct ll_err *err)
{
    struct pods pods;
    LL_AUTO(ll_arena) arena = begin(k, &pods, err);
    enum ll_outcome got = arena ? read_pods(k, &pods, retry_after, err) : LL_OUTCOME_LATER;
    if (got != LL_OUTCOME_OK)
        return got;
    struct ll_executor_seen s = {.current = INT64_MAX, .ready = -1, .min = -1, .max = -1};
    for (size_t i = 0; i < pods.n; i++)
        if (pods.v[i].container.size != k->asked)
            s.current = LL_MIN(s.current, pods.v[i].container.size);
    if (s.current == INT64_MAX)
        s.current = k->asked;
    *out = s;
    return got;
}

static void add_patch(struct ll_str *out, const struct ll_place_kubernetes *p,
                      const struct pod *pod, int64_t to)
{
    const char *key = names_of(p)->key, *unit = p->container_memory ? "" : "m";
    ll_str_addz(out, "{\"metadata\":{\"resourceVersion\":");
    ll_body_text(out, ll_slice_of(pod->version));
    ll_str_addz(out, "},\"spec\":{\"containers\":[{\"name\":");
    ll_body_text(out, p->container);
    ll_str_addf(out, ",\"resources\":{\"requests\":{\"%s\":\"%lld%s\"}", key, (long long)to, unit);
    if (pod->container.limited)
        ll_str_addf(out, ",\"limits\":{\"%s\":\"%lld%s\"}", key, (long long)to, unit);
    ll_str_addz(out, "}}]}}");
}

static enum ll_outcome resize(struct ll_kube *k, const struct pod *pod, int64_t to,
                              ll_dur *retry_after, struct ll_err *err)
{
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct ll_kube_value v[] = {{.path = "kind"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    struct ll_str body;
    ll_str_init(&body, 4096);
    add_patch(&body, k->place, pod, to);
    snprintf(path, sizeof(path), "/api/v1/namespaces/%.*s/pods/%s/resize",
             (int)k->place->namespace_.n, k->place->namespace_.s, pod->name);
    const struct ll_kube_request req = {.method = LL_HTTP_PATCH,
                                        .path = path,
                                        .content_type = "application/strategic-merge-patch+json",
                                        .body = &body};
    enum ll_outcome got = ll_kube_client_do(&k->client, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !ll_kube_understand(&http, "Pod", &shape, err))
        got = LL_OUTCOME_UNKNOWN;
    if (got == LL_OUTCOME_REFUSED && err->code == LL_E_NOT_FOUND)
        ll_err_wrap(err, "pods cannot be resized in place here (Kubernetes 1.33 can)");
    ll_http_response_fini(&http);
    ll_str_fini(&body);
    return got;
}

/* Once one pod was changed, what fails leaves the target between its two sizes: unknown. */
enum ll_outcome ll_kube_resize_apply(struct ll_kube *k, const struct ll_executor_action *a,
                                     ll_dur *retry_after, struct ll_err *err)
{
    struct pods pods;
    LL_AUTO(ll_arena) arena = begin(k, &pods, err);
    enum ll_outcome got = arena ? read_pods(k, &pods, retry_after, err) : LL_OUTCOME_LATER;
    size_t changed = 0;
    if (got == LL_OUTCOME_UNKNOWN) /* nothing was sent */
        return LL_OUTCOME_LATER;
    k->asked = a->to;
    for (size_t i = 0; got == LL_OUTCOME_OK && i < pods.n; i++) {
        if (pods.v[i].container.size == a->to)
            continue;
        got = resize(k, &pods.v[i], a->to, retry_after, err);
        changed += got == LL_OUTCOME_OK;
    }
    if (got == LL_OUTCOME_OK || changed == 0)
        return got;
    char before[LL_ERR_TEXT_MAX];
    memcpy(before, err->text, sizeof(before));
    ll_err_set(err, err->code, "%zu of %zu pods were resized: %s", changed, pods.n, before);
    return LL_OUTCOME_UNKNOWN;
}
