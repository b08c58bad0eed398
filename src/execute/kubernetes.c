/* The scale subresource of anything that has one (autoscaling/v1 Scale), changed by a PUT of the
 * version that was read: who else changes it meanwhile makes it a conflict. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "execute/body.h"
#include "execute/executors.h"
#include "execute/kube.h"

#define OWNER_EVERY LL_MINUTE          /* how often it is asked who owns the count */
#define REFUSED_EVERY (10 * LL_MINUTE) /* and when that was refused */

enum { KIND, NAME, VERSION, REPLICAS, SPEC };

void ll_kube_path(const struct ll_place_kubernetes *p, const char *tail,
                  char out[static LL_KUBE_PATH_MAX])
{
    bool core = !memchr(p->group_version.s, '/', p->group_version.n);
    snprintf(out, LL_KUBE_PATH_MAX, "/%s/%.*s/namespaces/%.*s/%.*s/%.*s%s", core ? "api" : "apis",
             (int)p->group_version.n, p->group_version.s, (int)p->namespace_.n, p->namespace_.s,
             (int)p->resource.n, p->resource.s, (int)p->name.n, p->name.s, tail);
}

bool ll_kube_understand(struct ll_http_response *http, const char *kind,
                        const struct ll_kube_shape *shape, struct ll_err *err)
{
    if (!ll_kube_document(http->body, http->n, shape, err))
        return ll_err_wrap(err, "the answer is not a %s", kind);
    return ll_kube_is(&shape->values[0], kind) ||
           ll_err_set(err, LL_E_INVALID, "the answer is not a %s", kind);
}

enum ll_outcome ll_kube_get(struct ll_kube *k, const char *path, const char *kind,
                            const struct ll_kube_shape *shape, struct ll_http_response *http,
                            ll_dur *retry_after, struct ll_err *err)
{
    const struct ll_kube_request req = {.path = path, .max_bytes = shape->n_lists ? 16 << 20 : 0};
    enum ll_outcome got = ll_kube_client_do(&k->client, &req, http, retry_after, err);
    if (got == LL_OUTCOME_OK && !ll_kube_understand(http, kind, shape, err)) {
        ll_err_wrap(err, "GET %s", path);
        return LL_OUTCOME_UNKNOWN;
    }
    return got;
}

/* A name stands in a path: only what names in Kubernetes are made of. */
static bool check_name(const char *what, struct ll_slice t, const char *more, struct ll_err *err)
{
    bool ok = t.n > 0 && t.n < LL_KUBE_NAME_MAX;
    for (size_t i = 0; ok && i < t.n; i++) {
        char c = t.s[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        ok = (plain || (c && strchr(more, c))) && !(c == '.' && i + 1 < t.n && t.s[i + 1] == '.');
    }
    return ok || ll_err_set(err, LL_E_CONFIG, "%s '%.*s' is not a name in Kubernetes", what,
                            (int)LL_MIN(t.n, (size_t)80), t.s ? t.s : "");
}

static bool check_place(const struct ll_place_kubernetes *p, struct ll_err *err)
{
    if (p->floor_of_hpa && p->floor_of_keda)
        return ll_err_set(err, LL_E_CONFIG,
                          "it is the floor of an HPA or of a ScaledObject, not "
                          "of both");
    if (p->container.n && (p->floor_of_hpa || p->floor_of_keda))
        return ll_err_set(err, LL_E_CONFIG, "a container's size is not a floor; leave one out");
    return check_name("namespace", p->namespace_, "", err) &&
           check_name("name", p->name, ":", err) && check_name("resource", p->resource, "", err) &&
           check_name("group_version", p->group_version, "/", err) &&
           (p->owner_name.n == 0 || check_name("owner_name", p->owner_name, "", err)) &&
           (p->container.n == 0 || check_name("container", p->container, "", err));
}

static void close_it(struct ll_executor *base)
{
    struct ll_kube *k = (struct ll_kube *)base;
    if (!k)
        return;
    ll_kube_client_close(&k->client);
    free(k);
}

static bool open_it(const struct ll_target_place *place, struct ll_executor **out,
                    struct ll_err *err)
{
    const struct ll_place_kubernetes *p = &place->kubernetes;
    if (!check_place(p, err))
        return false;
    struct ll_kube *k = calloc(1, sizeof(*k));
    if (!k)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a target");
    k->base.ops = &ll_executor_kubernetes;
    k->place = p;
    k->asked = -1;
    snprintf(k->owner, sizeof(k->owner), "%.*s", (int)p->owner_name.n,
             p->owner_name.s ? p->owner_name.s : "");
    if (!ll_kube_client_open(&k->client, place, &k->base, err)) {
        free(k);
        return false;
    }
    *out = &k->base;
    return true;
}

static ll_time mono(void)
{
    struct ll_clock clock = ll_clock_real();
    return clock.mono(clock.self);
}

/* How many are ready stands in the workload itself; -1 when it may not be read. */
static int64_t read_ready(struct ll_kube *k)
{
    struct ll_kube_value v[] = {
        {.path = "kind"}, {.path = "status.readyReplicas"}, {.path = "status"}};
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct ll_err err;
    ll_dur ignored = 0;
    int64_t ready = -1;
    if (mono() < k->ask_ready)
        return -1;
    ll_kube_path(k->place, "", path);
    const struct ll_kube_request req = {.path = path};
    enum ll_outcome got = ll_kube_client_do(&k->client, &req, &http, &ignored, &err);
    bool ok = got == LL_OUTCOME_OK && ll_kube_document(http.body, http.n, &shape, &err) &&
              v[0].there && v[2].there && ll_kube_count(&v[1], 0, &ready, &err);
    if (!ok)
        k->ask_ready = mono() + (got == LL_OUTCOME_REFUSED ? REFUSED_EVERY : OWNER_EVERY);
    ll_http_response_fini(&http);
    return ok ? ready : -1;
}

/* Asked once a minute, and never a reason to fail: the list may not be allowed. */
static void note_owner(struct ll_kube *k, struct ll_executor_seen *out)
{
    char name[LL_KUBE_NAME_MAX] = "";
    struct ll_err err;
    ll_dur ignored = 0;
    if (mono() >= k->ask_owner) {
        enum ll_outcome got = ll_kube_find_owner(k, false, name, &ignored, &err);
        k->ask_owner = mono() + (got == LL_OUTCOME_REFUSED ? REFUSED_EVERY : OWNER_EVERY);
        if (got == LL_OUTCOME_OK)
            snprintf(k->owner_text, sizeof(k->owner_text), "%s%.40s",
                     name[0] ? "HorizontalPodAutoscaler " : "", name);
    }
    memcpy(out->owner, k->owner_text, sizeof(out->owner));
}

static bool read_scale(const struct ll_kube *k, const struct ll_kube_value *v,
                       struct ll_executor_seen *out, struct ll_err *err)
{
    struct ll_executor_seen s = {.ready = -1, .min = -1, .max = -1};
    if (!ll_slice_eq(v[NAME].text, k->place->name))
        return ll_err_set(err, LL_E_INVALID, "the answer is the Scale of something else");
    if (v[VERSION].text.n == 0 || v[VERSION].text.n >= sizeof(s.version))
        return ll_err_set(err, LL_E_INVALID, "the Scale has no resourceVersion");
    if (!v[SPEC].there || v[SPEC].kind != LL_JSON_OBJECT)
        return ll_err_set(err, LL_E_INVALID, "the Scale has no spec");
    if (!ll_kube_count(&v[REPLICAS], 0, &s.current, err)) /* omitted when it is 0 */
        return false;
    memcpy(s.version, v[VERSION].text.s, v[VERSION].text.n);
    *out = s;
    return true;
}

#define SCALE_VALUES                                                                               \
    {                                                                                              \
        [KIND] = {.path = "kind"}, [NAME] = {.path = "metadata.name"},                             \
        [VERSION] = {.path = "metadata.resourceVersion"}, [REPLICAS] = {.path = "spec.replicas"},  \
        [SPEC] = {                                                                                 \
            .path = "spec"                                                                         \
        }                                                                                          \
    }

static enum ll_outcome observe_scale(struct ll_kube *k, struct ll_executor_seen *out,
                                     ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube_value v[] = SCALE_VALUES;
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    ll_kube_path(k->place, "/scale", path);
    enum ll_outcome got = ll_kube_get(k, path, "Scale", &shape, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !read_scale(k, v, out, err))
        got = LL_OUTCOME_UNKNOWN;
    ll_http_response_fini(&http);
    if (got != LL_OUTCOME_OK)
        return got;
    out->ready = read_ready(k);
    note_owner(k, out);
    return got;
}

static void add_scale(struct ll_str *out, const struct ll_place_kubernetes *p,
                      const struct ll_executor_action *a)
{
    ll_str_addz(out,
                "{\"kind\":\"Scale\",\"apiVersion\":\"autoscaling/v1\",\"metadata\":{\"name\":");
    ll_body_text(out, p->name);
    ll_str_addz(out, ",\"namespace\":");
    ll_body_text(out, p->namespace_);
    ll_str_addz(out, ",\"resourceVersion\":");
    ll_body_text(out, ll_slice_of(a->version));
    ll_str_addf(out, "},\"spec\":{\"replicas\":%lld}}", (long long)a->to);
}

/* The answer to a PUT is the Scale as it is now: it must say what was asked. */
static bool confirms(const struct ll_kube *k, struct ll_http_response *http, int64_t to,
                     struct ll_err *err)
{
    struct ll_kube_value v[] = SCALE_VALUES;
    const struct ll_kube_shape shape = {.values = v, .n_values = LL_LEN(v)};
    struct ll_executor_seen seen;
    if (!ll_kube_understand(http, "Scale", &shape, err) || !read_scale(k, v, &seen, err))
        return false;
    return seen.current == to ||
           ll_err_set(err, LL_E_INVALID, "the answer has %lld replicas, not %lld",
                      (long long)seen.current, (long long)to);
}

/* Two that write one count undo each other. */
static bool is_ours(const struct ll_kube *k, struct ll_err *err)
{
    return !k->owner_text[0] ||
           ll_err_set(err, LL_E_CONFLICT,
                      "%s scales it: raise its minimum instead (floor_of: hpa, or keda where KEDA "
                      "made it), or delete it",
                      k->owner_text);
}

static enum ll_outcome apply_scale(struct ll_kube *k, const struct ll_executor_action *a,
                                   ll_dur *retry_after, struct ll_err *err)
{
    char path[LL_KUBE_PATH_MAX];
    struct ll_http_response http = {0};
    struct ll_str body;
    if (!is_ours(k, err))
        return LL_OUTCOME_REFUSED;
    ll_kube_path(k->place, "/scale", path);
    ll_str_init(&body, 4096);
    add_scale(&body, k->place, a);
    const struct ll_kube_request req = {.method = LL_HTTP_PUT, .path = path, .body = &body};
    enum ll_outcome got = LL_OUTCOME_REFUSED;
    if (body.failed)
        ll_err_set(err, LL_E_TOO_LARGE, "the Scale is over 4096 bytes");
    else
        got = ll_kube_client_do(&k->client, &req, &http, retry_after, err);
    if (got == LL_OUTCOME_OK && !confirms(k, &http, a->to, err))
        got = LL_OUTCOME_UNKNOWN;
    ll_http_response_fini(&http);
    ll_str_fini(&body);
    return got;
}

static bool is_floor(const struct ll_kube *k)
{
    return k->place->floor_of_hpa || k->place->floor_of_keda;
}

static enum ll_outcome observe(struct ll_executor *base, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube *k = (struct ll_kube *)base;
    return is_floor(k)             ? ll_kube_floor_observe(k, out, retry_after, err)
           : k->place->container.n ? ll_kube_resize_observe(k, out, retry_after, err)
                                   : observe_scale(k, out, retry_after, err);
}

static enum ll_outcome apply(struct ll_executor *base, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct ll_kube *k = (struct ll_kube *)base;
    if (a->to < 0 ||
        (!k->place->container.n && (a->to > INT32_MAX || !a->version || !a->version[0]))) {
        ll_err_set(err, LL_E_RANGE, "%lld replicas of an unread version cannot be asked for",
                   (long long)a->to);
        return LL_OUTCOME_REFUSED;
    }
    return is_floor(k)             ? ll_kube_floor_apply(k, a, retry_after, err)
           : k->place->container.n ? ll_kube_resize_apply(k, a, retry_after, err)
                                   : apply_scale(k, a, retry_after, err);
}

static void plan(struct ll_executor *base, const struct ll_executor_action *a, char *buf, size_t n)
{
    const struct ll_kube *k = (const struct ll_kube *)base;
    const struct ll_place_kubernetes *p = k->place;
    char path[LL_KUBE_PATH_MAX];
    ll_kube_path(p, is_floor(k) || p->container.n ? "" : "/scale", path);
    if (is_floor(k))
        snprintf(buf, n, "PATCH the %s of %s: %s %lld instead of %lld",
                 p->floor_of_hpa ? "HorizontalPodAutoscaler" : "ScaledObject", path,
                 p->floor_of_hpa ? "minReplicas" : "minReplicaCount", (long long)a->to,
                 (long long)a->from);
    else if (p->container.n)
        snprintf(buf, n, "PATCH the pods of %s: container %.*s %s %lld instead of %lld", path,
                 (int)p->container.n, p->container.s,
                 p->container_memory ? "memory (bytes)" : "cpu (millicores)", (long long)a->to,
                 (long long)a->from);
    else
        snprintf(buf, n, "PUT %s: replicas %lld instead of %lld", path, (long long)a->to,
                 (long long)a->from);
}

const struct ll_executor_ops ll_executor_kubernetes = {
    .name = "kubernetes",
    .doc = "the scale of a workload, the floor of its autoscaler, or the size of its containers",
    .vertical = true,
    .compare_and_set = true,
    .open = open_it,
    .close = close_it,
    .observe = observe,
    .apply = apply,
    .plan = plan,
};
