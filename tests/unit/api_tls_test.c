/* The API over TLS: versions, and a certificate that changes while it serves. */
#include <arpa/inet.h>
#include <check.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api_client.h"
#include "api_fake.h"

static char folder[] = "/tmp/ll-tls-XXXXXX";
static char cert_file[64], key_file[64];
static struct ll_engine *engine;
static struct ll_api *api;
static struct ll_web_token token = {.name = "v", .role = LL_ROLE_VIEWER};
static struct ll_webconfig web;

static void write_file(const char *path, const gnutls_datum_t *pem)
{
    FILE *f = fopen(path, "w");
    ck_assert(f && fwrite(pem->data, 1, pem->size, f) == pem->size);
    fclose(f);
}

/* A self-signed certificate with this serial number. */
static void make_certificate(unsigned char serial)
{
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem = {0};
    gnutls_x509_crt_init(&crt);
    gnutls_x509_privkey_init(&key);
    ck_assert_int_ge(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, &serial, 1);
    gnutls_x509_crt_set_dn(crt, "CN=localhost", NULL);
    gnutls_x509_crt_set_activation_time(crt, 0);
    gnutls_x509_crt_set_expiration_time(crt, 4000000000);
    gnutls_x509_crt_set_key(crt, key);
    ck_assert_int_ge(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    write_file(cert_file, &pem);
    gnutls_free(pem.data);
    gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
    write_file(key_file, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

static int serial_of(gnutls_session_t s)
{
    unsigned n = 0;
    unsigned char serial[32] = {0};
    size_t size = sizeof(serial);
    gnutls_x509_crt_t crt;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(s, &n);
    if (!chain || n == 0)
        return -1;
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_import(crt, chain, GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_serial(crt, serial, &size);
    gnutls_x509_crt_deinit(crt);
    return serial[size - 1];
}

/* Serial number of the certificate shown, -1 when there is no handshake; *status of a GET. */
static int connect_tls(const char *priorities, int *status)
{
    static const char get[] = "GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n\r\n";
    gnutls_session_t s;
    gnutls_certificate_credentials_t none;
    char answer[2048] = "";
    int fd = client_connect(ll_api_port(api, 0)), serial = -1;
    *status = 0;
    gnutls_certificate_allocate_credentials(&none);
    gnutls_init(&s, GNUTLS_CLIENT);
    gnutls_priority_set_direct(s, priorities, NULL);
    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, none);
    gnutls_transport_set_int(s, fd);
    if (gnutls_handshake(s) >= 0) {
        serial = serial_of(s);
        gnutls_record_send(s, get, sizeof(get) - 1);
        if (gnutls_record_recv(s, answer, sizeof(answer) - 1) > 12)
            *status = (int)strtol(answer + 9, NULL, 10);
    }
    gnutls_deinit(s);
    gnutls_certificate_free_credentials(none);
    close(fd);
    return serial;
}

START_TEST(tls_serves_and_follows_its_files)
{
    struct ll_err err = {0};
    int status;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(cert_file, sizeof(cert_file), "%s/cert.pem", folder);
    snprintf(key_file, sizeof(key_file), "%s/key.pem", folder);
    make_certificate(1);
    token.expires = LL_TIME_NONE;
    web = (struct ll_webconfig){
        .cert_file = cert_file, .key_file = key_file, .tokens = &token, .n_tokens = 1};
    engine = fake_engine_new();
    static const char *const wide[] = {"0.0.0.0:0", NULL};
    engine->config.web.listen_address = wide; /* allowed: login and TLS are there */
    const struct ll_api_opts opts = {.engine = engine, .config = &engine->config, .web = &web};
    ck_assert_msg(ll_api_new(&opts, &api, &err), "%s", err.text);

    ck_assert_int_eq(connect_tls("NORMAL", &status), 1);
    ck_assert_int_eq(status, 200);
    ck_assert_int_eq(connect_tls("NORMAL:-VERS-ALL:+VERS-TLS1.2", &status), 1);
    ck_assert_int_eq(connect_tls("NORMAL:-VERS-ALL:+VERS-TLS1.1", &status), -1);

    make_certificate(2);
    ck_assert_msg(ll_api_set_web(api, &web, &err), "%s", err.text);
    ck_assert_int_eq(connect_tls("NORMAL", &status), 2);

    FILE *f = fopen(cert_file, "w"); /* a broken file: the one in use stays */
    fclose(f);
    ck_assert(!ll_api_set_web(api, &web, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);
    ck_assert_int_eq(connect_tls("NORMAL", &status), 2);
    struct ll_webconfig open = web;
    open.n_tokens = 0; /* nobody may take the login away from beyond loopback */
    ck_assert(!ll_api_set_web(api, &open, &err));
    ck_assert_int_eq(err.code, LL_E_CONFIG);

    ll_api_free(api);
    fake_engine_free(engine);
    unlink(cert_file);
    unlink(key_file);
    rmdir(folder);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api_tls");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, tls_serves_and_follows_its_files);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
