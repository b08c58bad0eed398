#include "api/hub.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { MESSAGE_MAX = 32 << 20, NEWEST_EVENTS = 20, RING_MESSAGES = 4096, SERVICES_MAX = 100000 };
#define LINGER (60 * LL_SECOND) /* deltas go on that long after the last client left */

/* Bytes that several clients are reading. */
struct blob {
    size_t refs, n;
    char bytes[];
};

struct message {
    struct blob *blob;
    uint64_t sequence;
};

/* What a service looked like when it was last sent. */
struct seen {
    char *name;
    size_t name_n;
    uint64_t hash, round;
};

struct ll_hub_client {
    struct ll_hub_client *prev, *next;
    uint64_t at;      /* number of the next message of the ring */
    struct blob *now; /* what is being sent */
    size_t sent;
    bool asleep, first, resync, ended;
    int overtaken;
    void (*wake)(void *ctx);
    void *ctx;
};

struct ll_hub {
    pthread_mutex_t lock;
    struct ll_hub_opts opts;
    char boot[16];
    struct message ring[RING_MESSAGES]; /* message i is at i % RING_MESSAGES */
    uint64_t head, tail;                /* [tail, head) are there */
    size_t bytes;
    struct ll_hub_client *clients;
    _Atomic size_t n_clients; /* read without the lock by ll_hub_clients */
    bool stopped;

    uint64_t sequence, last_event, round;
    struct seen *seen;
    size_t n_seen, size_seen;
    struct ll_map *by_name;
    bool warm;             /* seen is of `sequence` */
    ll_time quiet_since;   /* no client since; by the source's clock */
    struct blob *snapshot; /* of snapshot_sequence; NULL = none */
    uint64_t snapshot_sequence;
};

struct ll_hub *ll_hub_new(const struct ll_hub_opts *opts)
{
    struct ll_hub *h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    h->opts = *opts;
    snprintf(h->boot, sizeof(h->boot), "%s", opts->boot);
    h->by_name = ll_map_new(opts->seed, SERVICES_MAX);
    if (!h->by_name) {
        free(h);
        return NULL;
    }
    pthread_mutex_init(&h->lock, NULL);
    return h;
}

static void blob_drop(struct blob *b)
{
    if (b && --b->refs == 0)
        free(b);
}

static struct blob *blob_hold(struct blob *b)
{
    b->refs++;
    return b;
}

static void forget_seen(struct ll_hub *h)
{
    for (size_t i = 0; i < h->n_seen; i++) {
        ll_map_remove(h->by_name, (struct ll_slice){h->seen[i].name, h->seen[i].name_n});
        free(h->seen[i].name);
    }
    h->n_seen = 0;
    h->warm = false;
}

void ll_hub_free(struct ll_hub *h)
{
    if (!h)
        return;
    LL_ASSERT(h->n_clients == 0);
    for (uint64_t i = h->tail; i < h->head; i++)
        blob_drop(h->ring[i % RING_MESSAGES].blob);
    blob_drop(h->snapshot);
    forget_seen(h);
    free(h->seen);
    ll_map_free(h->by_name);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* The frame of server-sent events around one line of JSON; takes the text. */
static struct blob *frame(struct ll_hub *h, const char *event, uint64_t sequence,
                          struct ll_str *json)
{
    char head[128];
    int n = snprintf(head, sizeof(head), "event: %s\nid: %s-%" PRIu64 "\ndata: ", event, h->boot,
                     sequence);
    struct blob *b = json->failed ? NULL : malloc(sizeof(*b) + (size_t)n + json->n + 2);
    if (b) {
        *b = (struct blob){.refs = 1, .n = (size_t)n + json->n + 2};
        memcpy(b->bytes, head, (size_t)n);
        memcpy(b->bytes + n, ll_str_z(json), json->n);
        b->bytes[(size_t)n + json->n] = b->bytes[(size_t)n + json->n + 1] = '\n';
    }
    ll_str_fini(json);
    return b;
}

static void wake_all(struct ll_hub *h)
{
    for (struct ll_hub_client *c = h->clients; c; c = c->next)
        if (c->asleep) {
            c->asleep = false;
            c->wake(c->ctx);
        }
}

static void drop_oldest(struct ll_hub *h)
{
    struct message *m = &h->ring[h->tail++ % RING_MESSAGES];
    h->bytes -= m->blob->n;
    blob_drop(m->blob);
}

/* Takes the blob.  The newest message stays even when it is larger than the ring. */
static void append(struct ll_hub *h, struct blob *b, uint64_t sequence)
{
    while (h->tail < h->head &&
           (h->bytes + b->n > h->opts.ring_bytes || h->head - h->tail == RING_MESSAGES))
        drop_oldest(h);
    h->ring[h->head++ % RING_MESSAGES] = (struct message){b, sequence};
    h->bytes += b->n;
    wake_all(h);
}

/* A delta is lost for want of memory: leaves a hole that everybody resyncs over. */
static void skip_message(struct ll_hub *h)
{
    while (h->tail < h->head)
        drop_oldest(h);
    h->tail = ++h->head;
    wake_all(h);
}

static struct seen *find_seen(struct ll_hub *h, struct ll_slice name)
{
    size_t at;
    return ll_map_get(h->by_name, name, &at) ? &h->seen[at] : NULL;
}

static struct seen *add_seen(struct ll_hub *h, struct ll_slice name)
{
    if (h->n_seen == h->size_seen) {
        size_t size = h->size_seen ? h->size_seen * 2 : 64;
        struct seen *v = size <= SERVICES_MAX ? realloc(h->seen, size * sizeof(*v)) : NULL;
        if (!v)
            return NULL;
        h->seen = v;
        h->size_seen = size;
    }
    char *copy = malloc(LL_MAX(name.n, (size_t)1));
    if (!copy)
        return NULL;
    memcpy(copy, name.s, name.n);
    if (!ll_map_put(h->by_name, (struct ll_slice){copy, name.n}, h->n_seen)) {
        free(copy);
        return NULL;
    }
    LL_ASSERT(h->seen);
    h->seen[h->n_seen] = (struct seen){.name = copy, .name_n = name.n};
    return &h->seen[h->n_seen++];
}

/* One service; true when it looks different from what was sent last. */
static bool render_service(struct ll_hub *h, void *p, size_t i, struct ll_str *one)
{
    const struct ll_hub_source *s = &h->opts.source;
    struct ll_slice name = {"", 0};
    struct ll_json_out j = {.out = one};
    ll_str_clear(one);
    s->service(s->ctx, p, i, &j, &name);
    uint64_t hash = ll_map_hash(h->opts.seed, ll_str_z(one), one->n);
    struct seen *known = find_seen(h, name);
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): set by add_seen */
    bool changed = !known || known->hash != hash;
    if (!known)
        known = add_seen(h, name);
    if (known) {
        known->hash = hash;
        known->round = h->round;
    }
    return changed;
}

static void render_services(struct ll_hub *h, void *p, bool all, struct ll_json_out *j)
{
    const struct ll_hub_source *s = &h->opts.source;
    struct ll_str one;
    ll_str_init(&one, MESSAGE_MAX);
    h->round++;
    ll_json_out_key(j, "services");
    ll_json_out_open(j, '[');
    size_t n = s->services(s->ctx, p);
    for (size_t i = 0; i < n; i++)
        if (render_service(h, p, i, &one) || all)
            ll_json_out_raw(j, ll_str_z(&one), one.n);
    ll_json_out_close(j, ']');
    ll_str_fini(&one);
}

/* Names that were there last time and are not now; forgets them. */
static void render_removed(struct ll_hub *h, struct ll_json_out *j)
{
    if (j) {
        ll_json_out_key(j, "removed");
        ll_json_out_open(j, '[');
    }
    for (size_t i = 0; i < h->n_seen;) {
        struct seen *x = &h->seen[i];
        if (x->round == h->round) {
            i++;
            continue;
        }
        if (j)
            ll_json_out_text(j, (struct ll_slice){x->name, x->name_n});
        ll_map_remove(h->by_name, (struct ll_slice){x->name, x->name_n});
        free(x->name);
        *x = h->seen[--h->n_seen];
        if (i == h->n_seen)
            continue;
        bool moved = ll_map_put(h->by_name, (struct ll_slice){x->name, x->name_n}, i);
        LL_ASSERT(moved); /* the key was there, and only its value changes */
    }
    if (j)
        ll_json_out_close(j, ']');
}

static void open_message(struct ll_hub *h, void *p, uint64_t sequence, struct ll_json_out *j)
{
    const struct ll_hub_source *s = &h->opts.source;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "sequence");
    ll_json_out_int(j, (int64_t)sequence);
    s->common(s->ctx, p, j);
}

/* Brings the ring to the publication p.  Without a past to differ from it only notes
 * what there is: whoever joins gets a snapshot. */
static void advance(struct ll_hub *h, void *p, uint64_t sequence)
{
    const struct ll_hub_source *s = &h->opts.source;
    if (h->warm && sequence <= h->sequence)
        return;
    bool delta = h->warm;
    struct ll_str text;
    ll_str_init(&text, MESSAGE_MAX);
    struct ll_json_out j = {.out = &text};
    open_message(h, p, sequence, &j);
    render_services(h, p, false, &j);
    render_removed(h, delta ? &j : NULL);
    ll_json_out_key(&j, "events");
    h->last_event = s->events(s->ctx, h->last_event, NEWEST_EVENTS, &j);
    ll_json_out_close(&j, '}');
    h->sequence = sequence;
    h->warm = true;
    struct blob *b = delta ? frame(h, "delta", sequence, &text) : NULL;
    if (b)
        append(h, b, sequence);
    else if (delta)
        skip_message(h);
    ll_str_fini(&text);
}

static void catch_up(struct ll_hub *h)
{
    const struct ll_hub_source *s = &h->opts.source;
    uint64_t sequence = 0;
    void *p = s->open(s->ctx, &sequence);
    advance(h, p, sequence);
    s->close(s->ctx, p);
}

/* The whole state as of the newest delta; held for the caller.  NULL without memory. */
static struct blob *snapshot(struct ll_hub *h)
{
    const struct ll_hub_source *s = &h->opts.source;
    uint64_t sequence = 0;
    void *p = s->open(s->ctx, &sequence);
    advance(h, p, sequence);
    if (!h->snapshot || h->snapshot_sequence != sequence) {
        struct ll_str text;
        ll_str_init(&text, MESSAGE_MAX);
        struct ll_json_out j = {.out = &text};
        open_message(h, p, sequence, &j);
        render_services(h, p, true, &j);
        ll_json_out_key(&j, "events");
        s->events(s->ctx, 0, NEWEST_EVENTS, &j);
        ll_json_out_close(&j, '}');
        blob_drop(h->snapshot);
        h->snapshot = frame(h, "snapshot", sequence, &text);
        h->snapshot_sequence = sequence;
    }
    s->close(s->ctx, p);
    return h->snapshot ? blob_hold(h->snapshot) : NULL;
}

/* "boot-sequence" of ours, and still in the ring: the message after it. */
static bool resume_at(const struct ll_hub *h, struct ll_slice id, uint64_t *at)
{
    char want[64];
    for (uint64_t i = h->head; i > h->tail; i--) {
        int n = snprintf(want, sizeof(want), "%s-%" PRIu64, h->boot,
                         h->ring[(i - 1) % RING_MESSAGES].sequence);
        if (ll_slice_eq(id, (struct ll_slice){want, (size_t)n})) {
            *at = i;
            return true;
        }
    }
    return false;
}

struct ll_hub_client *ll_hub_join(struct ll_hub *h, struct ll_slice last_event_id,
                                  void (*wake)(void *ctx), void *ctx)
{
    struct ll_hub_client *c = calloc(1, sizeof(*c));
    pthread_mutex_lock(&h->lock);
    if (!c || h->stopped || h->n_clients >= h->opts.max_clients) {
        pthread_mutex_unlock(&h->lock);
        free(c);
        return NULL;
    }
    *c = (struct ll_hub_client){.wake = wake, .ctx = ctx, .first = true};
    if (h->warm)
        catch_up(h);
    c->resync = !resume_at(h, last_event_id, &c->at);
    c->next = h->clients;
    if (h->clients)
        h->clients->prev = c;
    h->clients = c;
    h->n_clients++;
    pthread_mutex_unlock(&h->lock);
    return c;
}

void ll_hub_leave(struct ll_hub *h, struct ll_hub_client *c)
{
    pthread_mutex_lock(&h->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        h->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (--h->n_clients == 0)
        h->quiet_since = h->opts.source.now(h->opts.source.ctx);
    blob_drop(c->now);
    pthread_mutex_unlock(&h->lock);
    free(c);
}

static struct blob *text_blob(const char *z, size_t n)
{
    struct blob *b = malloc(sizeof(*b) + n);
    if (b) {
        *b = (struct blob){.refs = 1, .n = n};
        memcpy(b->bytes, z, n);
    }
    return b;
}

static struct blob *resync_blob(struct ll_hub *h)
{
    struct ll_str json;
    ll_str_init(&json, 64);
    ll_str_addf(&json, "{\"sequence\":%" PRIu64 "}", h->sequence);
    return frame(h, "resync", 0, &json); /* nobody goes on from here: number 0 is never kept */
}

/* What comes next for this client; held.  NULL = nothing now; *end = never again. */
static struct blob *next_blob(struct ll_hub *h, struct ll_hub_client *c, bool *end)
{
    static const char hello[] = "retry: 2000\n\n";
    struct blob *b = NULL;
    if (c->first) {
        c->first = false;
        b = text_blob(hello, sizeof(hello) - 1);
    } else if (c->resync) {
        c->resync = false;
        b = snapshot(h);
        c->at = h->head;
    } else if (c->at < h->tail) {
        c->resync = true;
        b = ++c->overtaken > 1 ? NULL : resync_blob(h);
    } else if (c->at < h->head) {
        return blob_hold(h->ring[c->at++ % RING_MESSAGES].blob);
    } else {
        return NULL;
    }
    *end = b == NULL;
    return b;
}

ptrdiff_t ll_hub_read(struct ll_hub *h, struct ll_hub_client *c, char *buf, size_t n,
                      void (*sleep)(void *ctx))
{
    ptrdiff_t got = 0;
    bool end = false;
    pthread_mutex_lock(&h->lock);
    end = h->stopped || c->ended;
    if (!end && !c->now)
        c->now = next_blob(h, c, &end);
    if (end) {
        got = -1;
    } else if (c->now) {
        size_t some = LL_MIN(n, c->now->n - c->sent);
        memcpy(buf, c->now->bytes + c->sent, some);
        c->sent += some;
        if (c->sent == c->now->n) {
            blob_drop(c->now);
            c->now = NULL;
            c->sent = 0;
        }
        got = (ptrdiff_t)some;
    } else {
        c->asleep = true;
        sleep(c->ctx);
    }
    pthread_mutex_unlock(&h->lock);
    return got;
}

void ll_hub_publish(struct ll_hub *h)
{
    const struct ll_hub_source *s = &h->opts.source;
    pthread_mutex_lock(&h->lock);
    if (h->n_clients == 0 && h->warm && s->now(s->ctx) - h->quiet_since > LINGER)
        forget_seen(h);
    if (h->n_clients == 0 && !h->warm) {
        while (h->tail < h->head)
            drop_oldest(h);
        blob_drop(h->snapshot);
        h->snapshot = NULL;
    } else if (!h->stopped) {
        catch_up(h);
    }
    pthread_mutex_unlock(&h->lock);
}

void ll_hub_heartbeat(struct ll_hub *h)
{
    const struct ll_hub_source *s = &h->opts.source;
    pthread_mutex_lock(&h->lock);
    if (h->n_clients > 0 && h->warm) {
        char time[LL_TIME_TEXT_MAX];
        struct ll_str json;
        ll_str_init(&json, 128);
        ll_str_addf(&json, "{\"sequence\":%" PRIu64 ",\"timestamp\":\"%s\"}", h->sequence,
                    ll_time_format(s->now(s->ctx), time));
        struct blob *b = frame(h, "heartbeat", h->sequence, &json);
        if (b)
            append(h, b, h->sequence);
    }
    pthread_mutex_unlock(&h->lock);
}

void ll_hub_stop(struct ll_hub *h)
{
    pthread_mutex_lock(&h->lock);
    h->stopped = true;
    wake_all(h);
    pthread_mutex_unlock(&h->lock);
}

void ll_hub_end_all(struct ll_hub *h)
{
    pthread_mutex_lock(&h->lock);
    for (struct ll_hub_client *c = h->clients; c; c = c->next)
        c->ended = true;
    wake_all(h);
    pthread_mutex_unlock(&h->lock);
}

size_t ll_hub_clients(struct ll_hub *h)
{
    return h->n_clients;
}
