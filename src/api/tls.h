/* The certificate we show.  Read from files; a new one takes its place while connections
 * go on, and handshakes under way finish with the one they began with. */
#ifndef LL_API_TLS_H
#define LL_API_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "base/err.h"

struct ll_tls;

struct ll_tls *ll_tls_new(const char *cert_file, const char *key_file, struct ll_err *err);
void ll_tls_free(struct ll_tls *t);

/* Reads the files again; on failure the certificate stays. */
LL_MUST_USE bool ll_tls_reload(struct ll_tls *t, const char *cert_file, const char *key_file,
                               struct ll_err *err);

/* Ties a session to the certificate; before its handshake. */
void ll_tls_attach(struct ll_tls *t, gnutls_session_t session);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
int ll_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **certs, unsigned *n, gnutls_ocsp_data_st **ocsp,
                    unsigned *n_ocsp, gnutls_privkey_t *key, unsigned *flags);

#endif
