/* GET /business: counts of trades, orders, messages as they were pushed and corrected. */
#include "api/handlers.h"
#include "api/reply.h"

enum { P_METRIC, P_SERVICE, P_VENUE, P_FROM, P_TO, P_LIMIT };
enum { ROWS = 1000 };

struct rows {
    struct ll_json_out *j;
    size_t limit, shown;
    bool more;
};

static bool add_row(void *ctx, const struct ll_business *b)
{
    struct rows *x = ctx;
    struct ll_json_out *j = x->j;
    if (x->shown == x->limit) {
        x->more = true;
        return false;
    }
    x->shown++;
    ll_json_out_open(j, '{');
    ll_json_out_key(j, "metric");
    ll_json_out_text(j, b->metric);
    ll_json_out_key(j, "service");
    ll_json_out_text(j, b->service);
    ll_json_out_key(j, "venue");
    ll_json_out_text(j, b->venue);
    ll_json_out_key(j, "timestamp");
    ll_json_out_time(j, b->t);
    ll_json_out_key(j, "value");
    ll_json_out_num(j, b->value);
    ll_json_out_close(j, '}');
    return true;
}

static struct ll_slice text_of(const struct ll_request *r, int at)
{
    return r->param[at].given ? r->param[at].text : LL_SLICE("");
}

enum MHD_Result ll_handler_business(struct ll_request *r)
{
    struct ll_err err;
    const ll_time to =
        r->param[P_TO].given ? r->param[P_TO].time : ll_engine_now(r->api->engine) + 1;
    const size_t limit = r->param[P_LIMIT].given ? (size_t)r->param[P_LIMIT].integer : ROWS;
    const struct ll_business_query q = {
        .metric = text_of(r, P_METRIC),
        .service = text_of(r, P_SERVICE),
        .venue = text_of(r, P_VENUE),
        .from = r->param[P_FROM].given ? r->param[P_FROM].time : to - LL_DAY,
        .to = to,
        .limit = limit + 1}; /* one more tells whether there are more */
    if (q.from >= q.to)
        return ll_reply_problem(r, LL_E_RANGE, "from is not before to");
    struct ll_store_reader *reader = ll_engine_reader_take(r->api->engine);
    if (!reader)
        return ll_reply_problem(r, LL_E_MEMORY, "no reader of the store can be had now");
    struct ll_str text;
    ll_str_init(&text, LL_RESPONSE_MAX);
    struct ll_json_out j = {.out = &text};
    struct rows rows = {.j = &j, .limit = limit};
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "items");
    ll_json_out_open(&j, '[');
    bool ok = reader->ops->each_business(reader, &q, add_row, &rows, &err);
    ll_engine_reader_give(r->api->engine, reader);
    ll_json_out_close(&j, ']');
    ll_json_out_key(&j, "truncated");
    ll_json_out_bool(&j, rows.more);
    ll_json_out_close(&j, '}');
    if (ok)
        return ll_reply_json(r, &text);
    ll_str_fini(&text);
    return ll_reply_error(r, &err, 0);
}
