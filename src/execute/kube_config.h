/* Kubeconfig: where a cluster is and how it is entered, as kubectl has it.
 *
 * Client certificates, tokens and token files, by name or inline.  What would run a program or ask
 * somebody else (exec, auth-provider) and basic authentication are refused by name. */
#ifndef LL_EXECUTE_KUBE_CONFIG_H
#define LL_EXECUTE_KUBE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { LL_KUBE_CONFIG_BYTES_MAX = 1 << 20 };

struct ll_kube_config { /* NULL and empty = not given */
    const char *server, *namespace_;
    const char *ca_file, *cert_file, *key_file, *token, *token_file;
    struct ll_slice ca, cert, key; /* PEM that stood in it */
    bool insecure;
};

/* Reads one context (empty = the current one).  `folder` is what relative file names begin at.
 * Texts lie in *out.  Fails with LL_E_CONFIG or LL_E_MEMORY. */
LL_MUST_USE bool ll_kube_config_parse(struct ll_slice text, struct ll_slice context,
                                      const char *folder, struct ll_arena *out,
                                      struct ll_kube_config *config, struct ll_err *err);

#endif
