/* Kubernetes: from pods to what owns them. */
#ifndef LL_MAPPING_KUBE_H
#define LL_MAPPING_KUBE_H

#include "mapping/naming.h"

enum ll_naming ll_kube_pod(struct ll_mapper *m, struct ll_object *pod);
bool ll_kube_pod_of_claim(struct ll_mapper *m, const struct ll_object *claim,
                          struct ll_object **pod, struct ll_slice *volume);
double ll_kube_capacity(const struct ll_object *pod, bool memory, size_t containers);
struct ll_slice ll_kube_name(const struct ll_object *o);
void ll_kube_facts(const struct ll_found *f, struct ll_service_facts *out);
bool ll_kube_knows(const struct ll_found *f); /* something live says of it */
void ll_kube_refresh(struct ll_mapper *m, const struct ll_mapper_out *out);

#endif
