#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cmd/audit.h"
#include "cmd/client.h"
#include "cmd/commands.h"

struct walk {
    struct ll_audit_chain chain;
    const char *known; /* a hash that has to be among them; NULL = none */
    bool broken, found;
    char why[LL_AUDIT_WHY_MAX];
};

static bool on_row(void *ctx, const struct ll_audit_row *a)
{
    struct walk *w = ctx;
    w->broken = !ll_audit_follow(&w->chain, a, w->why);
    w->found |= !w->broken && w->known && strcmp(w->known, w->chain.hash) == 0;
    return !w->broken;
}

static bool print(struct ll_ctx *c, const struct walk *w, struct ll_err *err)
{
    if (c->form != LL_FORM_JSON) {
        if (w->broken)
            ll_str_addf(&c->out, "broken: %s; the %lld before it fit\n", w->why,
                        (long long)w->chain.seq);
        else
            ll_str_addf(&c->out, "intact: %lld rows%s%s\n", (long long)w->chain.seq,
                        w->chain.seq ? ", the last hash is " : "", w->chain.hash);
        return true;
    }
    LL_AUTO_JSON doc =
        json_pack("{s:b, s:I, s:s, s:s?}", "intact", !w->broken, "rows", (json_int_t)w->chain.seq,
                  "last_hash", w->chain.hash, "broken", w->broken ? w->why : NULL);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    ll_json_print(c, doc);
    return true;
}

/* --- a daemon's, over HTTP --- */

enum { PAGE_ROWS = 1000, PATH_BYTES = 512 };

static bool hash_of(const json_t *item, const char *key, char out[static LL_SHA256_HEX_MAX])
{
    const char *text = ll_json_text(item, key);
    snprintf(out, LL_SHA256_HEX_MAX, "%s", text);
    return strlen(text) < LL_SHA256_HEX_MAX;
}

static struct ll_slice text_of(const json_t *item, const char *key)
{
    const json_t *v = json_object_get(item, key);
    return (struct ll_slice){json_is_string(v) ? json_string_value(v) : "",
                             json_is_string(v) ? json_string_length(v) : 0};
}

static bool row_of(const json_t *item, struct ll_audit_row *a)
{
    const json_t *seq = json_object_get(item, "seq");
    *a = (struct ll_audit_row){.seq = json_integer_value(seq),
                               .t = ll_json_time(item, "timestamp"),
                               .actor = text_of(item, "actor"),
                               .role = text_of(item, "role"),
                               .address = text_of(item, "address"),
                               .action = text_of(item, "action"),
                               .object = text_of(item, "object"),
                               .detail = text_of(item, "detail")};
    return json_is_integer(seq) && a->t != LL_TIME_NONE && hash_of(item, "previous", a->previous) &&
           hash_of(item, "hash", a->hash);
}

/* *next: where the next page begins; 0 = it was the last. */
static bool follow_page(struct walk *w, const json_t *page, int64_t *next, struct ll_err *err)
{
    struct ll_audit_row a;
    int64_t at = 0;
    const json_t *items = json_object_get(page, "items");
    const char *cursor = ll_json_text(page, "next_cursor");
    bool fits = json_is_array(items) &&
                (!cursor[0] || (ll_num_parse_int(ll_slice_of(cursor), &at) && at > *next));
    for (size_t i = 0; fits && !w->broken && i < json_array_size(items); i++) {
        fits = row_of(json_array_get(items, i), &a);
        if (fits)
            (void)on_row(w, &a);
    }
    *next = at;
    return fits || ll_err_set(err, LL_E_UNREACHABLE, "the answer is no page of an audit log");
}

static bool walk_daemon(struct ll_ctx *c, struct walk *w, struct ll_err *err)
{
    int64_t next = 0;
    char path[PATH_BYTES];
    do {
        LL_AUTO_JSON page = NULL;
        int n = snprintf(path, sizeof(path), "/api/v1/audit?limit=%d", PAGE_ROWS);
        if (next)
            snprintf(path + n, sizeof(path) - (size_t)n, "&cursor=%lld", (long long)next);
        if (!ll_client_get(c, path, &page, err) || !follow_page(w, page, &next, err))
            return false;
    } while (next && !w->broken);
    return true;
}

static bool walk_database(struct ll_ctx *c, struct walk *w, struct ll_err *err)
{
    struct ll_store_reader *r = NULL;
    if (!ll_audit_open(c, &r, err))
        return false;
    const bool ok = r->ops->each_audit(r, &(struct ll_audit_query){0}, on_row, w, err);
    r->ops->reader_close(r);
    return ok;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct walk w = {.known = ll_args_text(c->args, "known")};
    const bool asks = ll_args_given(c->args, "server");
    if (asks && ll_args_given(c->args, "database"))
        return ll_err_set(err, LL_E_USAGE,
                          "--server asks a daemon and --database reads a file: "
                          "give one of them");
    if (!(asks ? walk_daemon : walk_database)(c, &w, err))
        return false;
    if (!w.broken && w.known && !w.found) {
        w.broken = true;
        snprintf(w.why, sizeof(w.why), "no row has the known hash: rows were taken from the end");
    }
    c->exit_code = w.broken ? 1 : 0;
    return print(c, &w, err);
}

static const struct ll_flag flags[] = {
    LL_AUDIT_DATABASE_FLAG,
    {.name = "known",
     .type = LL_FLAG_TEXT,
     .arg = "HASH",
     .doc = "a hash that was noted earlier: a row has to have it"},
    {0}};

const struct ll_command ll_cmd_audit_verify = {
    .name = "audit verify",
    .group = "Scaling",
    .doc = "check that no row of the audit log was changed, removed or added",
    .about =
        "Each row carries a SHA-256 over itself and the hash of the row before it. All rows are "
        "read from the database itself, with or without a daemon, and nothing is changed. The "
        "first row that does not fit is named, with exit code 1. Rows taken from the end leave "
        "no trace in the chain: keep the last hash somewhere else, and give it with --known "
        "later. With --server the rows are asked of a running daemon (role admin) and the sums are "
        "made here, so a daemon that lies about one has to lie about all after it. Who can write "
        "the database can also make a whole new chain, which only "
        "--known tells.",
    .examples = {{"loadline audit verify --database /backup/loadline.db --known 9f2c",
                  "a copy, against a hash that was noted"},
                 {"loadline audit verify --server https://loadline.example --token-file t",
                  "what the daemon there shows"}},
    .traits = LL_CMD_CLIENT | LL_CMD_JSON | LL_CMD_SETTINGS,
    .flags = flags,
    .run = run,
};
