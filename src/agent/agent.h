/* The agent: measures this host and pushes to a Loadline elsewhere, over a queue on disk.
 *
 * Two threads: one collects and appends to the queue, one takes from its front and pushes.  What
 * was acknowledged there is on disk there; until then it is kept here, so that an outage of
 * either side leaves no gap.  A record may be sent twice, which changes nothing: series and time
 * are its key. */
#ifndef LL_AGENT_AGENT_H
#define LL_AGENT_AGENT_H

#include "config/config.h"
#include "os/http_access.h"

struct ll_agent_opts {
    const struct ll_config *config; /* collect.host applies; borrowed */
    const char *to;                 /* URL of the other Loadline, up to before /api */
    const char *instance;           /* NULL = of the configuration, else the host's name */
    struct ll_http_access access;
    ll_dur timeout;
    const char *queue_path;
    uint64_t queue_bytes;
};

struct ll_agent_counts {
    uint64_t collected, delivered, refused; /* samples */
    uint64_t dropped;                       /* records lost for lack of room */
    uint64_t damaged_bytes;                 /* of the queue, stepped over */
    uint64_t queued, queued_bytes;          /* records, and all files */
    uint64_t pushes, failed_pushes;
};

struct ll_agent;

/* Strings of opts must outlive it.  Fails with LL_E_USAGE (the URL), LL_E_CONFLICT (another agent
 * has the queue), LL_E_STORAGE. */
LL_MUST_USE bool ll_agent_new(const struct ll_agent_opts *opts, struct ll_agent **out,
                              struct ll_err *err);
LL_MUST_USE bool ll_agent_start(struct ll_agent *a, struct ll_err *err);

/* Sends what it can within `limit` and makes the rest durable; false when that failed. */
LL_MUST_USE bool ll_agent_stop(struct ll_agent *a, ll_dur limit, struct ll_err *err);
void ll_agent_free(struct ll_agent *a);
LL_AUTO_DEFINE(ll_agent, ll_agent_free)

/* Instead of starting it: one collection with rates, then everything queued is pushed.  False
 * when not all was delivered; what was not taken stays in the queue. */
LL_MUST_USE bool ll_agent_once(struct ll_agent *a, struct ll_err *err);

void ll_agent_counts(struct ll_agent *a, struct ll_agent_counts *out);
const char *ll_agent_instance(const struct ll_agent *a);

/* False when a thread has not moved for longer than anything it waits for. */
bool ll_agent_is_alive(struct ll_agent *a);

#endif
