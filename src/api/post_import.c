/* POST /import: buckets that a client rolled from older data, acknowledged when durable.  GET
 * says what cursor the last of them left, so that an import goes on where it was. */
#include "api/handlers.h"
#include "api/import.h"
#include "api/reply.h"
#include "api/sleep.h"

enum { P_CURSOR };

static void free_work(void *work)
{
    ll_import_free(work);
}

static void render_more(struct ll_json_out *j, const void *work)
{
    ll_import_render(j, work);
}

static enum MHD_Result answer(struct ll_request *r, const struct ll_import *im)
{
    for (size_t i = 0; i < im->n_refused; i++)
        ll_count(&r->api->counters.rejected[im->refused[i].counter], 1);
    if (ll_import_accepted(im) == 0 && im->items > 0) {
        struct ll_err err;
        ll_err_set(&err, LL_E_INVALID, "no row was accepted: %s", im->refused[0].reason);
        return ll_reply_error_with(r, &err, render_more, im);
    }
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_import_render(&j, im);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}

/* On the writer's thread. */
static void acknowledged(const struct ll_batch *b, void *ctx)
{
    struct ll_request *r = ctx;
    ll_import_committed(r->work, b);
    ll_sleep_end(r);
}

/* As for pushed samples: post_metrics.c. */
static enum MHD_Result hand_over(struct ll_request *r, struct ll_import *im)
{
    struct ll_err err;
    if (!ll_sleep_begin(r, &err))
        return ll_reply_error(r, &err, 0);
    struct ll_batch *batch = im->batch;
    im->batch = NULL;
    if (ll_engine_ingest(r->api->engine, batch, acknowledged, r, &err))
        return MHD_YES;
    ll_batch_free(batch);
    im->err = err;
    ll_sleep_end(r);
    return MHD_YES;
}

enum MHD_Result ll_handler_import(struct ll_request *r)
{
    struct ll_err err;
    struct ll_import *im = NULL;
    const struct ll_published *p = ll_engine_acquire(r->api->engine);
    const struct ll_import_limits limits = {.now = ll_engine_now(r->api->engine),
                                            .retain_5m = p->config->storage.retain_5m,
                                            .retain_1h = p->config->storage.retain_1h};
    ll_engine_release(p);
    if (!ll_import_read(r->body.s ? r->body.s : (char *)"", r->body.n, &limits, &im, &err)) {
        ll_count(&r->api->counters.rejected[LL_COUNT_MALFORMED], 1);
        return ll_reply_error(r, &err, 0);
    }
    r->work = im;
    r->work_free = free_work;
    if (im->batch->n_rollups == 0 && im->batch->cursor_name.n == 0)
        return answer(r, im);
    return hand_over(r, im);
}

enum MHD_Result ll_handler_import_resume(struct ll_request *r)
{
    const struct ll_import *im = r->work;
    return im->committed ? answer(r, im) : ll_reply_error(r, &im->err, 0);
}

enum MHD_Result ll_handler_import_cursor(struct ll_request *r)
{
    struct ll_err err;
    struct ll_slice value = LL_SLICE("");
    LL_AUTO(ll_arena) arena = ll_arena_new(LL_STORE_CURSOR_MAX + 64);
    struct ll_store_reader *reader = arena ? ll_engine_reader_take(r->api->engine) : NULL;
    if (!reader)
        return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");
    bool ok = reader->ops->cursor_get(reader, r->param[P_CURSOR].text, arena, &value, &err);
    ll_engine_reader_give(r->api->engine, reader);
    if (!ok)
        return ll_reply_error(r, &err, 0);
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "name");
    ll_json_out_text(&j, r->param[P_CURSOR].text);
    ll_json_out_key(&j, "value");
    if (value.n)
        ll_json_out_text(&j, value);
    else
        ll_json_out_null(&j);
    ll_json_out_close(&j, '}');
    return ll_reply_json(r, &text);
}
