#include "cmd/import_push.h"

#include <stdio.h>
#include <string.h>

#include "api/json_out.h"

enum { ROWS_MAX = 5000, BODY_BYTES = 8 << 20, TRIES = 8 };

void ll_import_push_init(struct ll_import_push *p, struct ll_ctx *c, struct ll_import_pace *pace,
                         bool dry_run)
{
    *p = (struct ll_import_push){.c = c, .pace = pace, .dry_run = dry_run};
    ll_str_init(&p->body, BODY_BYTES);
}

void ll_import_push_fini(struct ll_import_push *p)
{
    ll_str_fini(&p->body);
}

static void add_row(struct ll_str *out, const struct ll_rollup_row *row)
{
    struct ll_json_out j = {.out = out};
    const struct ll_rollup *r = &row->rollup;
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "service");
    ll_json_out_text(&j, row->key.service);
    ll_json_out_key(&j, "resource_type");
    ll_json_out_z(&j, ll_resource_name(row->key.type));
    ll_json_out_key(&j, "instance");
    ll_json_out_text(&j, row->key.instance);
    ll_json_out_key(&j, "part");
    ll_json_out_text(&j, row->key.part);
    ll_json_out_key(&j, "unit");
    ll_json_out_z(&j, ll_unit_name(row->unit));
    ll_json_out_key(&j, "primary");
    ll_json_out_bool(&j, row->primary);
    ll_json_out_key(&j, "step");
    ll_json_out_int(&j, row->step / LL_SECOND);
    ll_json_out_key(&j, "t");
    ll_json_out_int(&j, r->t / LL_SECOND);
    ll_json_out_key(&j, "mean");
    ll_json_out_num(&j, r->mean);
    ll_json_out_key(&j, "max");
    ll_json_out_num(&j, r->max);
    ll_json_out_key(&j, "p95");
    ll_json_out_num(&j, r->p95);
    ll_json_out_key(&j, "count");
    ll_json_out_int(&j, r->count);
    ll_json_out_key(&j, "capacity");
    ll_json_out_num(&j, r->capacity); /* NaN is null */
    ll_json_out_close(&j, '}');
}

static void add_cursor(struct ll_str *out, const char *name, const char *value)
{
    struct ll_json_out j = {.out = out};
    ll_str_addz(out, ",\"cursor\":");
    ll_json_out_open(&j, '{');
    ll_json_out_key(&j, "name");
    ll_json_out_z(&j, name);
    ll_json_out_key(&j, "value");
    ll_json_out_z(&j, value);
    ll_json_out_close(&j, '}');
}

/* What the daemon refused of a body that it took; what is older than it keeps is no fault. */
static void count_refused(struct ll_import_push *p, const json_t *answer)
{
    const json_t *rejected = json_object_get(answer, "rejected");
    for (size_t i = 0; i < json_array_size(rejected); i++) {
        const char *reason = ll_json_text(json_array_get(rejected, i), "reason");
        if (strcmp(reason, ll_refusal_text(LL_REFUSAL_TOO_OLD)) == 0) {
            p->too_old++;
            continue;
        }
        if (!p->refused++)
            snprintf(p->why_refused, sizeof(p->why_refused), "%s", reason);
    }
}

static bool post(struct ll_import_push *p, struct ll_err *err)
{
    for (size_t n = 0;; n++) {
        LL_AUTO_JSON answer = NULL;
        struct ll_err why = {0};
        if (ll_client_post(p->c, "/api/v1/import", &p->body, &answer, &why)) {
            count_refused(p, answer);
            return true;
        }
        bool again = ll_err_info(why.code)->retryable && n + 1 < TRIES;
        if (!again) {
            *err = why;
            return false;
        }
        ll_dur wait = ll_import_pace_backoff(n, p->c->retry_after);
        ll_import_pace_say(p->pace, "%s; again in %lld s", why.text, (long long)(wait / LL_SECOND));
        if (!ll_import_pace_wait(p->pace, wait))
            return ll_err_set(err, LL_E_BUSY, "interrupted");
    }
}

static void begin(struct ll_import_push *p)
{
    ll_str_clear(&p->body);
    ll_str_addz(&p->body, "{\"rollups\":[");
    p->in_body = 0;
}

static bool send(struct ll_import_push *p, const char *name, const char *value, struct ll_err *err)
{
    ll_str_addc(&p->body, ']');
    if (name)
        add_cursor(&p->body, name, value);
    ll_str_addc(&p->body, '}');
    if (p->body.failed)
        return ll_err_set(err, LL_E_MEMORY, "no memory for %zu rows", p->in_body);
    return p->dry_run || post(p, err);
}

/* Rows go on to the body, and the body to the daemon when it is full. */
struct sink {
    struct ll_import_push *p;
    struct ll_err *err;
};

static bool take(void *ctx, const struct ll_rollup_row *row)
{
    struct sink *s = ctx;
    struct ll_import_push *p = s->p;
    if (p->in_body)
        ll_str_addc(&p->body, ',');
    add_row(&p->body, row);
    p->in_body++;
    *(row->step == LL_HOUR ? &p->rows_1h : &p->rows_5m) += 1;
    p->pace->rows++;
    ll_import_pace_tell(p->pace);
    if (p->in_body < ROWS_MAX)
        return true;
    if (!send(p, NULL, NULL, s->err))
        return false;
    begin(p);
    return true;
}

bool ll_import_push_window(struct ll_import_push *p, const struct ll_import_cells *cells,
                           const char *cursor_name, const char *cursor_value, struct ll_err *err)
{
    struct sink s = {p, err};
    begin(p);
    return ll_import_cells_rows(cells, take, &s) && send(p, cursor_name, cursor_value, err);
}

bool ll_import_push_cursor(struct ll_ctx *c, const char *name, char *to, size_t size,
                           struct ll_err *err)
{
    struct ll_str path;
    struct ll_err why = {0};
    LL_AUTO_JSON doc = NULL;
    ll_str_init(&path, 8192);
    ll_str_addz(&path, "/api/v1/import");
    ll_client_query(&path, "cursor", name);
    bool ok = ll_client_get(c, ll_str_z(&path), &doc, &why);
    ll_str_fini(&path);
    to[0] = '\0';
    if (ok)
        snprintf(to, size, "%s", ll_json_text(doc, "value"));
    if (ok || why.code == LL_E_NOT_FOUND)
        return true;
    *err = why;
    return false;
}
