/* What is read of Kubernetes' objects: values by their path, nothing else is kept.
 *
 * A path is keys with dots between, of objects only: "metadata.resourceVersion".  Lists are walked
 * element by element. */
#ifndef LL_EXECUTE_KUBE_READ_H
#define LL_EXECUTE_KUBE_READ_H

#include "base/json_in.h"

struct ll_kube_value {
    const char *path;
    bool there;
    enum ll_json_token kind; /* of a scalar, or LL_JSON_OBJECT, LL_JSON_ARRAY */
    struct ll_slice text;    /* of a string or number, valid as long as what was read */
};

struct ll_kube_list { /* the list at this path: `item` is called for each object in it */
    const char *path;
    /* Reads the object whose LL_JSON_OBJECT was taken, to its end. */
    bool (*item)(void *ctx, struct ll_json_in *in, struct ll_err *err);
    void *ctx;
};

struct ll_kube_shape {
    struct ll_kube_value *values;
    size_t n_values;
    const struct ll_kube_list *lists; /* others are passed over */
    size_t n_lists;
};

/* The object whose opening brace was taken, to its end.  A value that is there twice fails. */
LL_MUST_USE bool ll_kube_object(struct ll_json_in *in, const struct ll_kube_shape *s,
                                struct ll_err *err);
/* A document that is one object; text[0..n) is changed. */
LL_MUST_USE bool ll_kube_document(char *text, size_t n, const struct ll_kube_shape *s,
                                  struct ll_err *err);

/* A whole number from 0; `absent` when it is not there or null.  LL_E_INVALID otherwise. */
LL_MUST_USE bool ll_kube_count(const struct ll_kube_value *v, int64_t absent, int64_t *out,
                               struct ll_err *err);
bool ll_kube_is(const struct ll_kube_value *v, const char *text);

/* Quantities: "500m", "2", "0.5", "128Mi", "1e3".  In thousandths when `milli`; rounded up.
 * False when it is none or does not fit. */
LL_MUST_USE bool ll_kube_quantity(struct ll_slice text, bool milli, int64_t *out);

#endif
