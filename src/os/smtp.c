#include "os/smtp.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <string.h>

static const char library[] = "libcurl-gnutls.so.4";

/* The few entries that are used, found by name. */
struct curl_api {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *init;
    __typeof__(curl_easy_cleanup) *cleanup;
    __typeof__(curl_easy_setopt) *setopt;
    __typeof__(curl_easy_perform) *perform;
    __typeof__(curl_easy_getinfo) *getinfo;
    __typeof__(curl_easy_strerror) *strerror;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
};

static bool find_all(void *handle, struct curl_api *api)
{
    const struct {
        const char *name;
        void *slot;
    } wanted[] = {
        {"curl_global_init", &api->global_init},       {"curl_easy_init", &api->init},
        {"curl_easy_cleanup", &api->cleanup},          {"curl_easy_setopt", &api->setopt},
        {"curl_easy_perform", &api->perform},          {"curl_easy_getinfo", &api->getinfo},
        {"curl_easy_strerror", &api->strerror},        {"curl_slist_append", &api->slist_append},
        {"curl_slist_free_all", &api->slist_free_all},
    };
    for (size_t i = 0; i < LL_LEN(wanted); i++) {
        void *symbol = dlsym(handle, wanted[i].name);
        if (!symbol)
            return false;
        memcpy(wanted[i].slot, &symbol, sizeof(symbol)); /* ISO C has no cast for this */
    }
    return true;
}

struct upload {
    const struct ll_smtp_mail *mail;
    size_t at;
};

static size_t give(char *to, size_t size, size_t n, void *ctx)
{
    struct upload *u = ctx;
    const size_t left = LL_MIN(u->mail->text.n - u->at, size * n);
    memcpy(to, u->mail->text.s + u->at, left);
    u->at += left;
    return left;
}

static size_t drop(char *bytes, size_t size, size_t n, void *ctx)
{
    (void)bytes, (void)ctx;
    return size * n;
}

static int ask_stop(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                    curl_off_t up)
{
    const struct ll_smtp_mail *m = ctx;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return m->stop(m->stop_ctx);
}

static bool add_receivers(const struct curl_api *a, const struct ll_smtp_mail *m,
                          struct curl_slist **list)
{
    for (const char *const *to = m->to; *to; to++) {
        struct curl_slist *longer = a->slist_append(*list, *to);
        if (!longer)
            return false;
        *list = longer;
    }
    return true;
}

static void set_options(const struct curl_api *a, CURL *easy, const struct ll_smtp_mail *m,
                        const char *url, struct curl_slist *to, struct upload *up, char *why)
{
    a->setopt(easy, CURLOPT_ERRORBUFFER, why);
    a->setopt(easy, CURLOPT_NOSIGNAL, 1L);
    a->setopt(easy, CURLOPT_URL, url);
    a->setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp");
    a->setopt(easy, CURLOPT_NOPROXY, "*");
    a->setopt(easy, CURLOPT_TIMEOUT_MS, (long)m->timeout);
    a->setopt(easy, CURLOPT_USE_SSL, (long)(m->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (m->ca_file)
        a->setopt(easy, CURLOPT_CAINFO, m->ca_file);
    if (m->username) {
        a->setopt(easy, CURLOPT_USERNAME, m->username);
        a->setopt(easy, CURLOPT_PASSWORD, m->password ? m->password : "");
    }
    a->setopt(easy, CURLOPT_MAIL_FROM, m->from);
    a->setopt(easy, CURLOPT_MAIL_RCPT, to);
    a->setopt(easy, CURLOPT_UPLOAD, 1L);
    a->setopt(easy, CURLOPT_READFUNCTION, give);
    a->setopt(easy, CURLOPT_READDATA, up);
    a->setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    if (m->stop) {
        a->setopt(easy, CURLOPT_XFERINFOFUNCTION, ask_stop);
        a->setopt(easy, CURLOPT_XFERINFODATA, m);
        a->setopt(easy, CURLOPT_NOPROGRESS, 0L);
    }
}

static bool explain(CURLcode code, const struct ll_smtp_mail *m, int answer, const char *why,
                    struct ll_err *err)
{
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return ll_err_set(err, LL_E_BUSY, "stopped while %s was spoken to", m->host);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return ll_err_set(err, LL_E_TIMEOUT, "no answer in time from %s", m->host);
    if (code == CURLE_LOGIN_DENIED)
        return ll_err_set(err, LL_E_DENIED, "%s does not accept the password of %s", m->host,
                          m->username ? m->username : "nobody");
    if (code == CURLE_USE_SSL_FAILED)
        return ll_err_set(err, LL_E_UNREACHABLE,
                          "%s does not offer STARTTLS; smtp.starttls: off would send in the clear",
                          m->host);
    if (answer >= 400)
        return ll_err_set(err, answer >= 500 ? LL_E_INVALID : LL_E_BUSY, "%s answered %d: %s",
                          m->host, answer, why);
    return ll_err_set(err, LL_E_UNREACHABLE, "%s: %s", m->host, why);
}

static bool send_with(const struct curl_api *a, const struct ll_smtp_mail *m, const char *url,
                      int *answer, struct ll_err *err)
{
    char why[CURL_ERROR_SIZE] = "";
    struct upload up = {.mail = m};
    struct curl_slist *to = NULL;
    long last = 0;
    CURL *easy = a->init();
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (easy && add_receivers(a, m, &to)) {
        set_options(a, easy, m, url, to, &up, why);
        code = a->perform(easy);
        a->getinfo(easy, CURLINFO_RESPONSE_CODE, &last);
    }
    a->slist_free_all(to);
    if (easy)
        a->cleanup(easy);
    *answer = (int)last;
    return code == CURLE_OK || explain(code, m, (int)last, why[0] ? why : a->strerror(code), err);
}

bool ll_smtp_send(const struct ll_smtp_mail *m, int *answer, struct ll_err *err)
{
    struct curl_api api;
    struct ll_str url;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL); /* GnuTLS does not like to be closed */
    *answer = 0;
    if (!handle || !find_all(handle, &api) || api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return ll_err_set(err, LL_E_IO,
                          "cannot load %s; install it: apt-get install libcurl3-gnutls", library);
    ll_str_init(&url, 1024);
    const bool v6 = strchr(m->host, ':') != NULL;
    ll_str_addf(&url, "smtp://%s%s%s:%zu/loadline", v6 ? "[" : "", m->host, v6 ? "]" : "", m->port);
    bool ok = url.failed
                  ? ll_err_set(err, LL_E_TOO_LARGE, "the name of the mail server is too long")
                  : send_with(&api, m, url.s, answer, err);
    ll_str_fini(&url);
    return ok;
}
