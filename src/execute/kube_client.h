/* The API server of a cluster: its address and credentials, and requests to it. */
#ifndef LL_EXECUTE_KUBE_CLIENT_H
#define LL_EXECUTE_KUBE_CLIENT_H

#include "execute/exchange.h"
#include "execute/kube_config.h"
#include "os/memory_file.h"

struct ll_kube_client {
    struct ll_exchange exchange;
    struct ll_arena *arena;
    struct ll_kube_config config;
    struct ll_memory_file ca, cert, key; /* of what stood in the kubeconfig */
};

/* By the place's own server, its kubeconfig, or the service account of the pod this runs in.
 * Fails with LL_E_CONFIG; no exchange. */
LL_MUST_USE bool ll_kube_client_open(struct ll_kube_client *c, const struct ll_target_place *place,
                                     struct ll_executor *x, struct ll_err *err);
void ll_kube_client_close(struct ll_kube_client *c);

struct ll_kube_request {
    enum ll_http_method method;
    const char *path;         /* "/api/v1/…" */
    const char *content_type; /* NULL = application/json */
    const struct ll_str *body;
    size_t max_bytes; /* of the answer; 0 = LL_EXCHANGE_BYTES_MAX */
};

/* As ll_exchange_do; on others than OK *err also has the message of the server's Status. */
enum ll_outcome ll_kube_client_do(struct ll_kube_client *c, const struct ll_kube_request *req,
                                  struct ll_http_response *out, ll_dur *retry_after,
                                  struct ll_err *err);

#endif
