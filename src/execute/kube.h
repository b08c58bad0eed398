/* What the three ways to change a workload in Kubernetes share: its scale, the floor of what owns
 * its scale, the size of its containers. */
#ifndef LL_EXECUTE_KUBE_H
#define LL_EXECUTE_KUBE_H

#include "execute/kube_client.h"
#include "execute/kube_read.h"

enum { LL_KUBE_NAME_MAX = 254, LL_KUBE_PATH_MAX = 1024 };

struct ll_kube {
    struct ll_executor base;
    const struct ll_place_kubernetes *place;
    struct ll_kube_client client;
    char owner[LL_KUBE_NAME_MAX]; /* of the floor; "" until it was found */
    ll_time ask_owner, ask_ready; /* mono: when who owns it, and its ready count, are asked again */
    char owner_text[64];
    int64_t asked; /* size that was asked for last; -1 = none was */
};

/* "/apis/apps/v1/namespaces/prod/deployments/web" and `tail` behind it. */
void ll_kube_path(const struct ll_place_kubernetes *p, const char *tail,
                  char out[static LL_KUBE_PATH_MAX]);

/* GETs and reads an object; *http is the caller's to free, what was read lies in it.  An answer
 * that is not of the kind is LL_OUTCOME_UNKNOWN. */
enum ll_outcome ll_kube_get(struct ll_kube *k, const char *path, const char *kind,
                            const struct ll_kube_shape *shape, struct ll_http_response *http,
                            ll_dur *retry_after, struct ll_err *err);

/* Reads an answer whose first value is its kind. */
LL_MUST_USE bool ll_kube_understand(struct ll_http_response *http, const char *kind,
                                    const struct ll_kube_shape *shape, struct ll_err *err);

/* "Deployment" is what "deployments" are called one by one. */
bool ll_kube_is_kind_of(struct ll_slice kind, struct ll_slice resource);

/* Notes the name of the HorizontalPodAutoscaler or ScaledObject that scales the place, "" when
 * none does. */
enum ll_outcome ll_kube_find_owner(struct ll_kube *k, bool keda, char out[static LL_KUBE_NAME_MAX],
                                   ll_dur *retry_after, struct ll_err *err);

/* Puts the owner's name into k->owner: the one given, or found by what it refers to. */
enum ll_outcome ll_kube_floor_find(struct ll_kube *k, ll_dur *retry_after, struct ll_err *err);
enum ll_outcome ll_kube_floor_observe(struct ll_kube *k, struct ll_executor_seen *out,
                                      ll_dur *retry_after, struct ll_err *err);
enum ll_outcome ll_kube_floor_apply(struct ll_kube *k, const struct ll_executor_action *a,
                                    ll_dur *retry_after, struct ll_err *err);
enum ll_outcome ll_kube_resize_observe(struct ll_kube *k, struct ll_executor_seen *out,
                                       ll_dur *retry_after, struct ll_err *err);
enum ll_outcome ll_kube_resize_apply(struct ll_kube *k, const struct ll_executor_action *a,
                                     ll_dur *retry_after, struct ll_err *err);

#endif
