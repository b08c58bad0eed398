/* Exports: everything that matches, streamed in pieces of one block.  For each piece a reader of
 * the store is held for a moment, so that a slow client holds nothing but its own block. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/reply.h"
#include "base/num.h"
#include "core/longcsv.h"
#include "mapping/selector.h"

enum { BLOCK = 64 << 10, PIECE = 256 << 10, BUFFER_MAX = 4 << 20, SELECTORS_MAX = 16 };
enum { S_MATCH, S_FROM, S_TO };
enum { M_SERVICE, M_TYPE, M_FROM, M_TO };

struct export
{
    struct ll_api *api;
    struct ll_conn *conn;
    bool labeled; /* else samples as CSV */
    struct ll_selector *match[SELECTORS_MAX];
    size_t n_match;
    char service[LL_NAME_MAX + 1];
    struct ll_labeled_query series;
    struct ll_samples_query samples;
    struct ll_store_pos pos;
    struct ll_str text; /* rendered and not sent from `sent` on */
    size_t sent;
    bool ended;
};

static bool matches(void *ctx, struct ll_slice labels)
{
    const struct export *x = ctx;
    for (size_t i = 0; i < x->n_match; i++)
        if (ll_selector_match(x->match[i], labels))
            return true;
    return x->n_match == 0;
}

/* The shortest text that reads back; a NaN has its bits beside it, for it has many. */
static void add_value(struct ll_str *out, uint64_t bits)
{
    char text[LL_NUM_TEXT_MAX];
    const double v = ll_labeled_value(bits);
    if (isnan(v))
        ll_str_addf(out, "\"NaN\",\"%016llx\"", (unsigned long long)bits);
    else if (isinf(v))
        ll_str_addz(out, v > 0 ? "\"+Inf\"" : "\"-Inf\"");
    else
        ll_str_addf(out, "\"%.*s\"", (int)ll_num_format(v, text), text);
}

static bool add_points(void *ctx, struct ll_slice labels, const struct ll_labeled_point *points,
                       size_t n)
{
    struct export *x = ctx;
    ll_str_addz(&x->text, "{\"labels\":");
    ll_labels_json(labels, &x->text);
    ll_str_addz(&x->text, ",\"points\":[");
    for (size_t i = 0; i < n; i++) {
        ll_str_addf(&x->text, "%s[%lld,", i ? "," : "", (long long)points[i].t);
        add_value(&x->text, points[i].bits);
        ll_str_addc(&x->text, ']');
    }
    ll_str_addz(&x->text, "]}\n");
    return x->text.n < PIECE && !x->text.failed;
}

static bool add_sample(void *ctx, const struct ll_sample *s)
{
    struct export *x = ctx;
    ll_longcsv_add(&x->text, s);
    return x->text.n < PIECE && !x->text.failed;
}

/* The next piece into x->text; nothing more to come leaves it empty. */
static bool fill(struct export *x)
{
    struct ll_err err;
    x->sent = 0;
    ll_str_clear(&x->text);
    struct ll_store_reader *r = ll_engine_reader_take(x->api->engine);
    if (!r)
        return false;
    bool ok = x->labeled ? r->ops->each_labeled(r, &x->series, add_points, x, &err)
                         : r->ops->each_sample(r, &x->samples, add_sample, x, &err);
    ll_engine_reader_give(x->api->engine, r);
    return ok && !x->text.failed;
}

static void extend_deadline(const struct export *x)
{
    atomic_store_explicit(&x->conn->deadline,
                          x->api->clock.mono(x->api->clock.self) + LL_CONNS_RESPONSE,
                          memory_order_relaxed);
}

static ssize_t next_block(void *ctx, uint64_t at, char *buf, size_t n)
{
    (void)at;
    struct export *x = ctx;
    if (x->sent == x->text.n) {
        if (!x->ended && !fill(x))
            return MHD_CONTENT_READER_END_WITH_ERROR; /* it must not look complete */
        if (x->ended || x->text.n == 0)
            return MHD_CONTENT_READER_END_OF_STREAM;
    }
    const size_t part = LL_MIN(n, x->text.n - x->sent);
    memcpy(buf, x->text.s + x->sent, part);
    x->sent += part;
    extend_deadline(x);
    return (ssize_t)part;
}

static void free_export(void *ctx)
{
    struct export *x = ctx;
    for (size_t i = 0; i < x->n_match; i++)
        ll_selector_free(x->match[i]);
    ll_str_fini(&x->text);
    free(x);
}

static struct export *make(struct ll_request *r, ll_time from, ll_time to)
{
    struct export *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->api = r->api;
    x->conn = r->conn;
    x->series = (struct ll_labeled_query){matches, x, from, to, &x->pos};
    x->samples = (struct ll_samples_query){.type = -1, .from = from, .to = to, .pos = &x->pos};
    ll_str_init(&x->text, BUFFER_MAX);
    return x;
}

static enum MHD_Result reply(struct ll_request *r, struct export *x, const char *mime)
{
    struct MHD_Response *m =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, next_block, x, free_export);
    if (!m) {
        free_export(x);
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for an export");
    }
    bool ok = MHD_add_response_header(m, "Content-Type", mime) == MHD_YES &&
              MHD_add_response_header(m, "Cache-Control", "no-store") == MHD_YES &&
              MHD_add_response_header(m, "X-Content-Type-Options", "nosniff") == MHD_YES;
    enum MHD_Result queued = ok ? ll_reply_queue(r, MHD_HTTP_OK, m) : MHD_NO;
    MHD_destroy_response(m);
    return queued;
}

static bool span(const struct ll_request *r, int from_at, int to_at, ll_time *from, ll_time *to,
                 struct ll_err *err)
{
    *to = r->param[to_at].given ? r->param[to_at].time : LL_TIME_MAX;
    *from = r->param[from_at].given ? r->param[from_at].time : LL_TIME_MIN;
    return *from < *to || ll_err_set(err, LL_E_RANGE, "from is not before to");
}

/* One selector a line. */
static bool read_selectors(struct export *x, struct ll_slice text, struct ll_err *err)
{
    while (text.n > 0) {
        const char *end = memchr(text.s, '\n', text.n);
        const size_t n = end ? (size_t)(end - text.s) : text.n;
        if (x->n_match == SELECTORS_MAX)
            return ll_err_set(err, LL_E_RANGE, "more than %d selectors", SELECTORS_MAX);
        if (n > 0) {
            if (!ll_selector_parse((struct ll_slice){text.s, n}, &x->match[x->n_match], err))
                return ll_err_wrap(err, "match");
            x->n_match++;
        }
        text = (struct ll_slice){text.s + n + (end != NULL), text.n - n - (end != NULL)};
    }
    return true;
}

enum MHD_Result ll_handler_series_export(struct ll_request *r)
{
    static const char mime[] = "application/x-ndjson";
    struct ll_err err;
    ll_time from, to;
    if (!span(r, S_FROM, S_TO, &from, &to, &err))
        return ll_reply_error(r, &err, 0);
    if (r->head)
        return ll_reply_empty(r, &(struct ll_reply){.status = 200, .mime = mime});
    struct export *x = make(r, from, to);
    if (!x)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for an export");
    x->labeled = true;
    if (r->param[S_MATCH].given && !read_selectors(x, r->param[S_MATCH].text, &err)) {
        free_export(x);
        return ll_reply_error(r, &err, 0);
    }
    return reply(r, x, mime);
}

enum MHD_Result ll_handler_metrics_export(struct ll_request *r)
{
    static const char mime[] = "text/csv; charset=utf-8; header=present";
    struct ll_err err;
    ll_time from, to;
    if (!span(r, M_FROM, M_TO, &from, &to, &err))
        return ll_reply_error(r, &err, 0);
    if (r->head)
        return ll_reply_empty(r, &(struct ll_reply){.status = 200, .mime = mime});
    struct export *x = make(r, from, to);
    if (!x)
        return ll_reply_problem(r, LL_E_MEMORY, "no memory for an export");
    if (r->param[M_SERVICE].given) {
        const struct ll_slice s = r->param[M_SERVICE].text; /* gone before the answer is sent */
        memcpy(x->service, s.s, LL_MIN(s.n, sizeof(x->service) - 1));
        x->samples.service = (struct ll_slice){x->service, LL_MIN(s.n, sizeof(x->service) - 1)};
    }
    if (r->param[M_TYPE].given)
        x->samples.type = r->param[M_TYPE].resource;
    ll_str_addz(&x->text, LL_LONGCSV_HEADER "\n");
    return reply(r, x, mime);
}
