/* After a restart: what was acknowledged and perhaps not mapped to the end is mapped again.
 *
 * The mapper makes the same samples as before, which replace themselves, and learns the last
 * values of counters, so that rates go on without a gap. */
#include <stdlib.h>

#include "collect/remote_write.h"
#include "collect/snappy.h"
#include "engine/intake_private.h"

struct replay {
    struct ll_intake *in;
    size_t requests, failed;
};

static struct ll_labeled_set *decode(struct ll_intake *in, struct ll_slice bytes, ll_time received)
{
    struct ll_labeled_set *set = NULL;
    struct ll_remote_write_result res;
    const struct ll_config *c = in->pub->config;
    const struct ll_remote_write_opts opts = {
        .protocol = bytes.s[0] == '2' ? LL_REMOTE_WRITE_2 : LL_REMOTE_WRITE_1,
        .now = received,
        .oldest = LL_MAX(received - c->storage.retain_raw, LL_TIME_MIN),
        .seed = in->e->seed};
    char *message;
    size_t n;
    if (!ll_snappy_decode((struct ll_slice){bytes.s + 1, bytes.n - 1}, c->web.max_body, &message,
                          &n, NULL))
        return NULL;
    if (!ll_remote_write_decode((struct ll_slice){message, n}, &opts, &set, &res, NULL))
        set = NULL;
    free(message);
    return set;
}

static bool replay_one(void *ctx, ll_time received, struct ll_slice bytes)
{
    struct replay *r = ctx;
    struct ll_labeled_set *set = bytes.n > 1 ? decode(r->in, bytes, received) : NULL;
    r->requests++;
    if (set)
        ll_intake_map_again(r->in, set, received);
    else
        r->failed++;
    ll_labeled_set_free(set);
    return !atomic_load(&r->in->e->stopping);
}

void ll_intake_replay(struct ll_intake *in)
{
    struct ll_engine *e = in->e;
    struct ll_err err;
    struct replay r = {.in = in};
    struct ll_store_reader *reader = ll_engine_reader_take(e);
    if (!reader)
        return;
    ll_intake_begin(in, NULL);
    if (!reader->ops->each_inbox(reader, ll_engine_now(e) - LL_STORE_INBOX_SPAN, replay_one, &r,
                                 &err))
        LL_LOG(LL_LOG_WARN, "the inbox could not be read back", LL_KV("error", err.text));
    ll_engine_reader_give(e, reader);
    ll_intake_flush(in);
    if (r.requests)
        LL_LOG(LL_LOG_INFO, "requests mapped again after a restart", LL_KVI("requests", r.requests),
               LL_KVI("unreadable", r.failed));
}
