#include "api/tls.h"

#include <pthread.h>
#include <stdlib.h>

enum { CHAIN_MAX = 8, KEPT = 4 };

struct pair {
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned n;
    gnutls_privkey_t key;
};

/* The last few pairs stay: a handshake may still be using one. */
struct ll_tls {
    pthread_mutex_t lock;
    struct pair *pair[KEPT]; /* the first is shown */
};

static void pair_free(struct pair *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->n; i++)
        gnutls_pcert_deinit(&p->chain[i]);
    if (p->key)
        gnutls_privkey_deinit(p->key);
    free(p);
}

static int load_key(struct pair *p, const char *file)
{
    gnutls_datum_t pem = {0};
    int rc = gnutls_load_file(file, &pem);
    if (rc >= 0)
        rc = gnutls_privkey_init(&p->key);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509_raw(p->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (pem.data)
        gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    return rc;
}

static int load_chain(struct pair *p, const char *file)
{
    gnutls_datum_t pem = {0};
    unsigned n = CHAIN_MAX;
    int rc = gnutls_load_file(file, &pem);
    if (rc >= 0)
        rc = gnutls_pcert_list_import_x509_raw(p->chain, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    gnutls_free(pem.data);
    p->n = rc >= 0 ? n : 0;
    return rc;
}

/* The key signs what the certificate can verify. */
static bool belong_together(const struct pair *p)
{
    unsigned char of_cert[64], of_key[64];
    size_t n_cert = sizeof(of_cert), n_key = sizeof(of_key);
    gnutls_pubkey_t pub;
    if (gnutls_pubkey_init(&pub) < 0)
        return false;
    bool ok = gnutls_pubkey_import_privkey(pub, p->key, 0, 0) >= 0 &&
              gnutls_pubkey_get_key_id(pub, 0, of_key, &n_key) >= 0 &&
              gnutls_pubkey_get_key_id(p->chain[0].pubkey, 0, of_cert, &n_cert) >= 0 &&
              n_key == n_cert && gnutls_memcmp(of_key, of_cert, n_key) == 0;
    gnutls_pubkey_deinit(pub);
    return ok;
}

static struct pair *pair_load(const char *cert_file, const char *key_file, struct ll_err *err)
{
    struct pair *p = calloc(1, sizeof(*p));
    if (!p) {
        ll_err_set(err, LL_E_MEMORY, "no memory for a certificate");
        return NULL;
    }
    int rc = load_chain(p, cert_file);
    const char *what = cert_file;
    if (rc >= 0) {
        what = key_file;
        rc = load_key(p, key_file);
    }
    if (rc >= 0 && p->n > 0 && belong_together(p))
        return p;
    if (rc < 0)
        ll_err_set(err, LL_E_CONFIG, "cannot read '%s': %s", what, gnutls_strerror(rc));
    else
        ll_err_set(err, LL_E_CONFIG, "the key in '%s' does not belong to the certificate in '%s'",
                   key_file, cert_file);
    pair_free(p);
    return NULL;
}

struct ll_tls *ll_tls_new(const char *cert_file, const char *key_file, struct ll_err *err)
{
    struct ll_tls *t = calloc(1, sizeof(*t));
    if (!t) {
        ll_err_set(err, LL_E_MEMORY, "no memory for TLS");
        return NULL;
    }
    pthread_mutex_init(&t->lock, NULL);
    if (ll_tls_reload(t, cert_file, key_file, err))
        return t;
    ll_tls_free(t);
    return NULL;
}

void ll_tls_free(struct ll_tls *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < KEPT; i++)
        pair_free(t->pair[i]);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

bool ll_tls_reload(struct ll_tls *t, const char *cert_file, const char *key_file,
                   struct ll_err *err)
{
    struct pair *p = pair_load(cert_file, key_file, err);
    if (!p)
        return false;
    pthread_mutex_lock(&t->lock);
    pair_free(t->pair[KEPT - 1]);
    for (size_t i = KEPT - 1; i > 0; i--)
        t->pair[i] = t->pair[i - 1];
    t->pair[0] = p;
    pthread_mutex_unlock(&t->lock);
    return true;
}

void ll_tls_attach(struct ll_tls *t, gnutls_session_t session)
{
    gnutls_session_set_ptr(session, t);
}

int ll_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                    gnutls_pcert_st **certs, unsigned *n, gnutls_ocsp_data_st **ocsp,
                    unsigned *n_ocsp, gnutls_privkey_t *key, unsigned *flags)
{
    struct ll_tls *t = gnutls_session_get_ptr(session);
    (void)info;
    if (!t)
        return -1;
    pthread_mutex_lock(&t->lock);
    struct pair *p = t->pair[0];
    pthread_mutex_unlock(&t->lock);
    *certs = p->chain;
    *n = p->n;
    *key = p->key;
    *ocsp = NULL;
    *n_ocsp = 0;
    *flags = 0; /* ours: the library frees nothing */
    return 0;
}
