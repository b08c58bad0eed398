/* POST /metrics: the samples are handed to the engine whole, and the connection sleeps
 * until they are on disk.  Who gets a 200 will find them after a kill -9. */
#include "api/handlers.h"
#include "api/ingest.h"
#include "api/reply.h"
#include "api/sleep.h"

static void free_work(void *work)
{
    ll_ingest_free(work);
}

static void count_refused(struct ll_api *api, const struct ll_ingest *in)
{
    for (size_t i = 0; i < in->n_refused; i++)
        ll_count(&api->counters.rejected[in->refused[i].counter], 1);
}

static void render_more(struct ll_json_out *j, const void *work)
{
    ll_ingest_render(j, work);
}

static enum MHD_Result answer(struct ll_request *r, const struct ll_ingest *in)
{
    count_refused(r->api, in);
    if (ll_ingest_accepted(in) == 0) {
        struct ll_err err;
        const char *why = in->n_refused ? in->refused[0].reason : "there are none";
        bool denied = in->n_refused && in->refused[0].counter == LL_COUNT_SCOPE;
        ll_err_set(&err, denied ? LL_E_DENIED : LL_E_INVALID, "no sample was accepted: %s", why);
        return ll_reply_error_with(r, &err, render_more, in);
    }
    ll_count(&r->api->counters.samples, ll_ingest_accepted(in));
    if (r->header[LL_HEADER_AGENT].n > 0)
        ll_engine_agent_seen(r->api->engine, r->header[LL_HEADER_AGENT], ll_ingest_accepted(in));
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_ingest_render(&j, in);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

/* On the writer's thread. */
static void acknowledged(const struct ll_batch *b, void *ctx)
{
    struct ll_request *r = ctx;
    ll_ingest_committed(r->work, b);
    ll_sleep_end(r);
}

static enum MHD_Result hand_over(struct ll_request *r, struct ll_ingest *in)
{
    struct ll_err err;
    if (!ll_sleep_begin(r, &err))
        return ll_reply_error(r, &err, 0);
    struct ll_batch *batch = in->batch;
    in->batch = NULL;
    if (ll_engine_ingest(r->api->engine, batch, acknowledged, r, &err))
        return MHD_YES;
    ll_batch_free(batch);
    in->err = err;
    ll_sleep_end(r);
    return MHD_YES;
}

enum MHD_Result ll_handler_push(struct ll_request *r)
{
    struct ll_err err;
    struct ll_ingest *in = NULL;
    ll_time now = ll_engine_now(r->api->engine);
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    ll_time oldest = now - p->config->storage.retain_raw;
    ll_engine_release(p);
    if (!ll_ingest_read(r->body.s ? r->body.s : (char *)"", r->body.n, now, oldest, &r->who, &in,
                        &err)) {
        ll_count(&r->api->counters.rejected[LL_COUNT_MALFORMED], 1);
        return ll_reply_error(r, &err, 0);
    }
    r->work = in;
    r->work_free = free_work;
    if (in->batch->n == 0 && in->batch->n_business == 0)
        return answer(r, in);
    return hand_over(r, in);
}

enum MHD_Result ll_handler_push_resume(struct ll_request *r)
{
    const struct ll_ingest *in = r->work;
    return in->committed ? answer(r, in) : ll_reply_error(r, &in->err, 0);
}
