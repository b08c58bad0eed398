#include <stdio.h>

#include "cmd/audit.h"
#include "cmd/commands.h"
#include "cmd/json.h"
#include "cmd/table.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "seq", .title = "SEQ", .right = true},
    {.key = "t", .title = "TIME"},
    {.key = "actor", .title = "ACTOR"},
    {.key = "role", .title = "ROLE"},
    {.key = "address", .title = "ADDRESS", .wide = true},
    {.key = "action", .title = "ACTION"},
    {.key = "object", .title = "OBJECT", .flex = true},
    {.key = "detail", .title = "DETAIL", .flex = true, .spare = true},
    {.key = "hash", .title = "HASH", .wide = true},
};

struct list {
    struct ll_table *table;
    json_t *items;
};

static void cell(struct ll_table *t, struct ll_slice text)
{
    char buf[2048];
    snprintf(buf, sizeof(buf), "%.*s", (int)LL_MIN(text.n, sizeof(buf) - 1), text.s ? text.s : "");
    ll_table_cell(t, buf, NULL, LL_TINT_NONE);
}

static json_t *text_of(struct ll_slice t)
{
    return json_stringn(t.s ? t.s : "", t.n);
}

static bool on_row(void *ctx, const struct ll_audit_row *a)
{
    struct list *l = ctx;
    char zone[LL_ZONE_TEXT_MAX], rfc[LL_TIME_TEXT_MAX], seq[32];
    ll_time_format(a->t, rfc);
    snprintf(seq, sizeof(seq), "%lld", (long long)a->seq);
    ll_table_cell(l->table, seq, NULL, LL_TINT_NONE);
    ll_table_cell(l->table, ll_zone_format(a->t, LL_ZONE_FULL, zone), rfc, LL_TINT_NONE);
    const struct ll_slice texts[] = {a->actor,  a->role,   a->address,
                                     a->action, a->object, a->detail};
    for (size_t i = 0; i < LL_LEN(texts); i++)
        cell(l->table, texts[i]);
    ll_table_cell(l->table, a->hash, NULL, LL_TINT_NONE);
    json_array_append_new(
        l->items,
        json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "seq", (json_int_t)a->seq,
                  "t", rfc, "actor", text_of(a->actor), "role", text_of(a->role), "address",
                  text_of(a->address), "action", text_of(a->action), "object", text_of(a->object),
                  "detail", text_of(a->detail), "previous", a->previous, "hash", a->hash));
    return true;
}

static bool print(struct ll_ctx *c, const struct list *l, struct ll_err *err)
{
    if (c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON) {
        LL_AUTO_JSON whole = json_pack("{s:O}", "items", l->items);
        return whole ? ll_json_print_form(c, whole, l->items)
                     : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    }
    if (ll_table_rows(l->table) == 0 && c->form != LL_FORM_CSV) {
        ll_str_addz(&c->out, "there is no such row\n");
        return true;
    }
    return ll_table_print(l->table, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_store_reader *r = NULL;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    LL_AUTO_JSON items = json_array();
    if (!t || !items)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    if (!ll_audit_open(c, &r, err))
        return false;
    const struct ll_audit_query q = {.object = ll_slice_of(ll_args_text(c->args, "object")),
                                     .newest_first = true,
                                     .limit = (size_t)ll_args_count(c->args, "limit")};
    struct list l = {t, items};
    bool ok = r->ops->each_audit(r, &q, on_row, &l, err);
    r->ops->reader_close(r);
    return ok && print(c, &l, err);
}

static const struct ll_flag flags[] = {
    LL_AUDIT_DATABASE_FLAG,
    {.name = "object", .type = LL_FLAG_TEXT, .arg = "NAME", .doc = "only rows about this"},
    {.name = "limit", .type = LL_FLAG_COUNT, .arg = "N", .fallback = "50", .doc = "so many rows"},
    {0}};

const struct ll_command ll_cmd_audit_list = {
    .name = "audit list",
    .group = "Scaling",
    .doc = "show who changed what, newest first, from the database itself",
    .examples = {{"loadline audit list", "the last fifty"},
                 {"loadline audit list --object order-gateway-open -o json", "of one rule"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS,
    .flags = flags,
    .run = run,
};
