#include <stdio.h>
#include <string.h>

#include "cmd/audit.h"
#include "cmd/commands.h"
#include "cmd/json.h"

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

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct walk w = {.known = ll_args_text(c->args, "known")};
    struct ll_store_reader *r = NULL;
    if (!ll_audit_open(c, &r, err))
        return false;
    bool ok = r->ops->each_audit(r, &(struct ll_audit_query){0}, on_row, &w, err);
    r->ops->reader_close(r);
    if (ok && !w.broken && w.known && !w.found) {
        w.broken = true;
        snprintf(w.why, sizeof(w.why), "no row has the known hash: rows were taken from the end");
    }
    c->exit_code = w.broken ? 1 : 0;
    return ok && print(c, &w, err);
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
        "later. Who can write the database can also make a whole new chain, which only "
        "--known tells.",
    .examples = {{"loadline audit verify", "the database of the configuration"},
                 {"loadline audit verify --database /backup/loadline.db --known 9f2c",
                  "a copy, against a hash that was noted"}},
    .traits = LL_CMD_JSON | LL_CMD_SETTINGS,
    .flags = flags,
    .run = run,
};
