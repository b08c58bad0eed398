/* The hub of the event stream: one ring of rendered messages, one cursor per client.
 *
 *     publication -> delta, rendered once -> ring -> every client reads at its own pace
 *
 * The ring is bounded in bytes.  A client that was overtaken is told to resync and gets
 * a whole snapshot; the second time it is let go, and comes back when it can keep up.
 * A client that names the last message it saw goes on from there when the ring still
 * has it.  Nothing waits for a client. */
#ifndef LL_API_HUB_H
#define LL_API_HUB_H

#include "api/json_out.h"

struct ll_hub;
struct ll_hub_client;

/* What the hub needs of the world; a test gives its own. */
struct ll_hub_source {
    void *ctx;
    /* Opens the present publication; *sequence is its number. */
    void *(*open)(void *ctx, uint64_t *sequence);
    void (*close)(void *ctx, void *p);
    /* The `"summary":…,"top":…,"status":…` members of a message, inside an open object. */
    void (*common)(void *ctx, void *p, struct ll_json_out *j);
    size_t (*services)(void *ctx, void *p);
    void (*service)(void *ctx, void *p, size_t i, struct ll_json_out *j, struct ll_slice *name);
    /* An array; returns the highest id seen. */
    uint64_t (*events)(void *ctx, uint64_t after, size_t max, struct ll_json_out *j);
    ll_time (*now)(void *ctx);
};

struct ll_hub_opts {
    struct ll_hub_source source;
    size_t ring_bytes, max_clients;
    uint64_t seed;
    const char *boot; /* first part of every message's id */
};

struct ll_hub *ll_hub_new(const struct ll_hub_opts *opts);
void ll_hub_free(struct ll_hub *h); /* there must be no client left */

/* A new client; last_event_id may be empty.  wake is called, with the hub locked, when
 * there is something to read after a read said there was nothing.  NULL when there are
 * too many or memory ends. */
struct ll_hub_client *ll_hub_join(struct ll_hub *h, struct ll_slice last_event_id,
                                  void (*wake)(void *ctx), void *ctx);
void ll_hub_leave(struct ll_hub *h, struct ll_hub_client *c);

/* Copies up to n bytes of what comes next.  0 = nothing now: `sleep` has been called,
 * with the hub locked, and wake will be.  -1 = the end: too slow twice, or stopped. */
ptrdiff_t ll_hub_read(struct ll_hub *h, struct ll_hub_client *c, char *buf, size_t n,
                      void (*sleep)(void *ctx));

/* A new publication: a delta when anybody listens. */
void ll_hub_publish(struct ll_hub *h);
void ll_hub_heartbeat(struct ll_hub *h);

/* Ends every stream. */
void ll_hub_stop(struct ll_hub *h);

/* Ends the streams there are; new ones may join.  For a change of who may look. */
void ll_hub_end_all(struct ll_hub *h);

size_t ll_hub_clients(struct ll_hub *h);

#endif
