#include "api/issuer.h"

#include <pthread.h>
#include <stdlib.h>

#include "os/file.h"
#include "os/http_client.h"
#include "os/log.h"
#include "os/thread.h"

#define FETCH_TIMEOUT (10 * LL_SECOND)

struct ll_issuer {
    const struct ll_web_jwt *web;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t wake;
    struct ll_jwks *keys; /* NULL = none yet */
    ll_time read, tried;  /* monotonic; LL_TIME_NONE = never */
    ll_time asked;        /* of the attempt that is under way */
    bool fetching, stop;
    pthread_t thread;
    bool running;
};

static bool has_passed(ll_time since, ll_dur span, ll_time mono)
{
    return since == LL_TIME_NONE || mono - since >= span;
}

/* Takes over what was read, or says in the log why nothing was. */
static void settle(struct ll_issuer *i, struct ll_jwks *keys, ll_time asked,
                   const struct ll_err *err)
{
    if (!keys)
        LL_LOG(LL_LOG_WARN, "the keys of the token issuer cannot be read",
               LL_KV("issuer", i->web->issuer), LL_KV("error", err->text));
    pthread_mutex_lock(&i->lock);
    struct ll_jwks *old = keys ? i->keys : NULL;
    if (keys) {
        i->keys = keys;
        i->read = asked;
    }
    i->fetching = false;
    pthread_mutex_unlock(&i->lock);
    ll_jwks_free(old);
}

static void read_file(struct ll_issuer *i, ll_time mono)
{
    struct ll_str text;
    struct ll_err err = {0};
    struct ll_jwks *keys = NULL;
    ll_str_init(&text, LL_JWKS_BYTES_MAX);
    if (ll_file_read(i->web->jwks_file, LL_JWKS_BYTES_MAX, &text, &err) &&
        !ll_jwks_read(text.n ? text.s : (char *)"", text.n, &keys, &err))
        keys = NULL;
    ll_str_fini(&text);
    settle(i, keys, mono, &err);
}

static bool wants_stop(void *ctx)
{
    struct ll_issuer *i = ctx;
    pthread_mutex_lock(&i->lock);
    bool stop = i->stop;
    pthread_mutex_unlock(&i->lock);
    return stop;
}

static bool fetch(struct ll_issuer *i, struct ll_jwks **keys, struct ll_err *err)
{
    LL_AUTO(ll_http_client) c = NULL;
    struct ll_http_response answer = {0};
    const struct ll_http_request req = {.url = i->web->jwks_url,
                                        .ca_file = i->web->ca_file,
                                        .timeout = FETCH_TIMEOUT,
                                        .max_bytes = LL_JWKS_BYTES_MAX,
                                        .stop = wants_stop,
                                        .stop_ctx = i};
    if (!ll_http_client_new(&c, err) || !ll_http_client_do(c, &req, &answer, err))
        return false;
    bool ok = answer.status == 200
                  ? ll_jwks_read(answer.n ? answer.body : (char *)"", answer.n, keys, err)
                  : ll_err_set(err, LL_E_UNREACHABLE, "it answers with status %d", answer.status);
    ll_http_response_fini(&answer);
    return ok;
}

static void *run(void *ctx)
{
    struct ll_issuer *i = ctx;
    pthread_mutex_lock(&i->lock);
    while (!i->stop) {
        if (!i->fetching) {
            pthread_cond_wait(&i->wake, &i->lock);
            continue;
        }
        ll_time asked = i->asked;
        pthread_mutex_unlock(&i->lock);
        struct ll_err err = {0};
        struct ll_jwks *keys = NULL;
        if (!fetch(i, &keys, &err))
            keys = NULL;
        settle(i, keys, asked, &err);
        pthread_mutex_lock(&i->lock);
    }
    pthread_mutex_unlock(&i->lock);
    return NULL;
}

bool ll_issuer_new(const struct ll_web_jwt *web, struct ll_issuer **out, struct ll_err *err)
{
    struct ll_issuer *i = calloc(1, sizeof(*i));
    if (!i)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the token issuer");
    *i = (struct ll_issuer){.web = web, .read = LL_TIME_NONE, .tried = LL_TIME_NONE};
    pthread_mutex_init(&i->lock, NULL);
    pthread_cond_init(&i->wake, NULL);
    i->running = web->jwks_url && ll_thread_start(&i->thread, run, i, "ll-issuer", err);
    if (web->jwks_url && !i->running) {
        ll_issuer_free(i);
        return false;
    }
    *out = i;
    return true;
}

void ll_issuer_free(struct ll_issuer *i)
{
    if (!i)
        return;
    pthread_mutex_lock(&i->lock);
    i->stop = true;
    pthread_cond_signal(&i->wake);
    pthread_mutex_unlock(&i->lock);
    if (i->running)
        pthread_join(i->thread, NULL);
    pthread_cond_destroy(&i->wake);
    pthread_mutex_destroy(&i->lock);
    ll_jwks_free(i->keys);
    free(i);
}

/* Begins to read them anew unless that was tried a moment ago.  True while they are awaited. */
static bool renew(struct ll_issuer *i, ll_time mono)
{
    pthread_mutex_lock(&i->lock);
    bool due = !i->fetching && has_passed(i->tried, LL_ISSUER_PAUSE, mono);
    if (due) {
        i->tried = i->asked = mono;
        i->fetching = true;
        pthread_cond_signal(&i->wake);
    }
    bool awaited = i->fetching;
    pthread_mutex_unlock(&i->lock);
    if (!due || i->running)
        return awaited;
    read_file(i, mono);
    return false;
}

/* Those in force; the caller's to free.  NULL = none. */
static struct ll_jwks *take(struct ll_issuer *i, ll_time mono, bool *old)
{
    pthread_mutex_lock(&i->lock);
    ll_dur life = i->web->jwks_url ? LL_ISSUER_REFRESH : LL_ISSUER_PAUSE;
    *old = has_passed(i->read, life, mono);
    bool dead = has_passed(i->read, LL_ISSUER_KEYS_LIFE, mono);
    struct ll_jwks *k = dead ? NULL : ll_jwks_keep(i->keys);
    pthread_mutex_unlock(&i->lock);
    return k;
}

/* With the keys of the moment.  Fails with LL_E_NOT_FOUND too: it takes others. */
static bool try_keys(struct ll_issuer *i, const struct ll_jwt *t, ll_time mono, struct ll_err *err)
{
    bool old;
    LL_AUTO(ll_jwks) k = take(i, mono, &old);
    return k ? ll_jwks_verify(k, t, err)
             : ll_err_set(err, LL_E_UNREACHABLE,
                          "the keys of the token's issuer cannot be read now: see the log");
}

bool ll_issuer_verify(struct ll_issuer *i, const struct ll_jwt *t, ll_time mono, struct ll_err *err)
{
    bool old;
    ll_jwks_free(take(i, mono, &old));
    if (old)
        renew(i, mono);
    if (try_keys(i, t, mono, err))
        return true;
    if (err->code != LL_E_NOT_FOUND && err->code != LL_E_UNREACHABLE)
        return false;
    if (renew(i, mono))
        return ll_err_set(err, LL_E_UNREACHABLE,
                          "the keys of the token's issuer are being fetched: try again");
    if (try_keys(i, t, mono, err))
        return true;
    return err->code == LL_E_NOT_FOUND && ll_err_set(err, LL_E_UNAUTHENTICATED, "%s", err->text);
}
