/* Rows of the audit log for what is not scaling: those of scaling go with what they are about. */
#include "engine/audit.h"

#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "os/log.h"
#include "store/writer.h"

enum { TEXTS = 6, TEXT_MAX_ = 4096 };

/* A batch's rows and their texts, in one piece. */
struct work {
    struct ll_scaling_rows rows;
    struct ll_audit_row row;
    char text[];
};

/* On the writer's thread. */
static void written(struct ll_batch *b, void *ctx)
{
    struct work *w = ctx;
    if (!b->committed)
        LL_LOG(LL_LOG_ERROR, "a row of the audit log could not be kept",
               LL_KV("error", b->err.text));
    ll_batch_free(b);
    free(w);
}

static struct work *make(ll_time now, const struct ll_slice *texts)
{
    size_t n = 0;
    for (size_t i = 0; i < TEXTS; i++)
        n += LL_MIN(texts[i].n, (size_t)TEXT_MAX_);
    struct work *w = calloc(1, sizeof(*w) + n);
    if (!w)
        return NULL;
    w->row.t = now;
    w->rows = (struct ll_scaling_rows){.audit = &w->row, .n_audit = 1};
    struct ll_slice *to[TEXTS] = {&w->row.actor,  &w->row.role,   &w->row.address,
                                  &w->row.action, &w->row.object, &w->row.detail};
    char *at = w->text;
    for (size_t i = 0; i < TEXTS; i++) {
        *to[i] = (struct ll_slice){at, LL_MIN(texts[i].n, (size_t)TEXT_MAX_)};
        if (to[i]->n > 0)
            memcpy(at, texts[i].s, to[i]->n);
        at += to[i]->n;
    }
    return w;
}

bool ll_engine_audit(struct ll_engine *e, const struct ll_asker *who, const char *action,
                     struct ll_slice object, struct ll_slice detail, struct ll_err *err)
{
    const struct ll_slice texts[TEXTS] = {who->name,           who->role, who->address,
                                          ll_slice_of(action), object,    detail};
    struct work *w = make(ll_engine_now(e), texts);
    struct ll_batch *b = w ? ll_batch_new(0, 0, LL_ORIGIN_PUSH) : NULL;
    if (!b) {
        free(w);
        return ll_err_set(err, LL_E_MEMORY, "no memory for the audit log");
    }
    b->scaling = &w->rows;
    b->done = written;
    b->ctx = w;
    if (ll_writer_push(e->writer, b, err))
        return true;
    ll_batch_free(b);
    free(w);
    return false;
}
