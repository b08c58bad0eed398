#include "api/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ETAG_MAX = 48, GZIP_FROM = 860 }; /* below one packet it does not pay */

struct slot {
    pthread_mutex_t lock;
    uint64_t sequence; /* 0 = empty */
    char etag[ETAG_MAX];
    struct MHD_Response *plain, *gzip, *same; /* gzip is made when first asked for */
    char *text;                               /* borrowed from plain */
    size_t n;
};

struct ll_cache {
    struct slot slot[LL_CACHE_SLOTS];
};

struct ll_cache *ll_cache_new(void)
{
    struct ll_cache *c = calloc(1, sizeof(*c));
    for (size_t i = 0; c && i < LL_CACHE_SLOTS; i++)
        pthread_mutex_init(&c->slot[i].lock, NULL);
    return c;
}

static void drop(struct MHD_Response **m)
{
    if (*m)
        MHD_destroy_response(*m); /* those being sent keep it alive */
    *m = NULL;
}

static void empty(struct slot *s)
{
    drop(&s->plain);
    drop(&s->gzip);
    drop(&s->same);
    s->sequence = 0;
}

void ll_cache_free(struct ll_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < LL_CACHE_SLOTS; i++) {
        empty(&c->slot[i]);
        pthread_mutex_destroy(&c->slot[i].lock);
    }
    free(c);
}

static struct ll_reply head_of(const struct slot *s)
{
    return (struct ll_reply){.status = 200,
                             .mime = "application/json",
                             .etag = s->etag,
                             .cache = "no-cache",
                             .extra_name = MHD_HTTP_HEADER_VARY,
                             .extra_value = "Accept-Encoding, Authorization, Cookie"};
}

static bool fill(struct slot *s, size_t at, struct ll_api *api, const struct ll_published *p,
                 ll_cache_render *render)
{
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    render(&j, api, p);
    empty(s);
    snprintf(s->etag, sizeof(s->etag), "\"%s-%llu-%zu\"", api->boot,
             (unsigned long long)p->view->sequence, at);
    if (text.failed) {
        ll_str_fini(&text);
        return false;
    }
    s->text = text.s;
    s->n = text.n;
    struct ll_reply how = head_of(s);
    s->plain = ll_reply_response(&how, &text);
    s->same = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (s->same && MHD_add_response_header(s->same, MHD_HTTP_HEADER_ETAG, s->etag) != MHD_YES)
        drop(&s->same);
    if (!s->plain || !s->same) {
        empty(s);
        return false;
    }
    s->sequence = p->view->sequence;
    return true;
}

/* Level 1: a third of the time of the default for a few percent of size. */
static bool deflate_all(const char *in, size_t n, unsigned char **out, size_t *out_n)
{
    z_stream z = {0};
    if (n > UINT32_MAX || deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&z, n);
    unsigned char *buf = malloc(bound);
    z.next_in = (unsigned char *)(uintptr_t)in;
    z.avail_in = (unsigned)n;
    z.next_out = buf;
    z.avail_out = (unsigned)bound;
    bool ok = buf && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *out_n = z.total_out;
    deflateEnd(&z);
    if (!ok)
        free(buf);
    else
        *out = buf;
    return ok;
}

static void fill_gzip(struct slot *s)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    if (s->gzip || s->n < GZIP_FROM || !deflate_all(s->text, s->n, &bytes, &n))
        return;
    struct ll_str text = {.s = (char *)bytes, .n = n, .size = n, .cap = SIZE_MAX / 2};
    struct ll_reply how = head_of(s);
    how.gzipped = true;
    s->gzip = ll_reply_response(&how, &text);
}

enum MHD_Result ll_cache_reply(struct ll_request *r, enum ll_cache_slot at, ll_cache_render *render)
{
    struct slot *s = &r->api->cache->slot[at];
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    pthread_mutex_lock(&s->lock);
    /* A reader that was overtaken serves the newer one. */
    bool ok = s->sequence >= p->view->sequence || fill(s, at, r->api, p, render);
    enum MHD_Result result = MHD_NO;
    if (ok && ll_reply_matches(r->header[LL_HEADER_IF_NONE_MATCH], s->etag)) {
        result = ll_reply_queue(r, MHD_HTTP_NOT_MODIFIED, s->same);
    } else if (ok) {
        bool gzip = ll_reply_accepts(r->header[LL_HEADER_ACCEPT_ENCODING], "gzip");
        if (gzip)
            fill_gzip(s);
        result = ll_reply_queue(r, MHD_HTTP_OK, gzip && s->gzip ? s->gzip : s->plain);
    }
    pthread_mutex_unlock(&s->lock);
    ll_engine_release(p);
    return ok ? result : ll_reply_problem(r, LL_E_MEMORY, "the answer does not fit into memory");
}
