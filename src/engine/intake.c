#include "engine/intake.h"

#include <stdlib.h>

#include "engine/engine.h"

/* What a batch carries while the writer has it. */
struct intake {
    struct ll_labeled_set *set; /* the rows' labels live in its arena */
    struct ll_labeled_row *rows;
    void (*done)(const struct ll_intake_result *r, void *ctx);
    void *ctx;
};

static void intake_free(void *held)
{
    struct intake *in = held;
    if (!in)
        return;
    ll_labeled_set_free(in->set);
    free(in->rows);
    free(in);
}

static void count(const struct ll_batch *b, struct ll_intake_result *r)
{
    for (size_t i = 0; i < b->n_labeled; i++)
        r->refused[b->labeled[i].refusal]++;
    r->stored = r->refused[LL_REFUSAL_NONE];
    r->refused[LL_REFUSAL_NONE] = 0;
}

static void committed(const struct ll_batch *b, void *ctx)
{
    const struct intake *in = ctx;
    struct ll_intake_result r = {.committed = b->committed, .err = b->err, .points = b->n_labeled};
    if (b->committed)
        count(b, &r);
    if (in->done)
        in->done(&r, in->ctx);
}

static void fill_rows(struct intake *in, struct ll_batch *b)
{
    for (size_t i = 0; i < in->set->n; i++) {
        const struct ll_labeled_series *s = &in->set->v[i];
        for (size_t k = 0; k < s->n; k++)
            in->rows[b->n_labeled++] = (struct ll_labeled_row){s->labels, s->points[k], 0};
    }
    b->labeled = in->rows;
}

bool ll_engine_intake(struct ll_engine *e, struct ll_labeled_set *set,
                      const struct ll_intake_opts *opts,
                      void (*done)(const struct ll_intake_result *r, void *ctx), void *ctx,
                      struct ll_err *err)
{
    struct ll_batch *b = ll_batch_new(0, 0, opts->origin);
    struct intake *in = calloc(1, sizeof(*in));
    struct ll_labeled_row *rows = calloc(LL_MAX(set->points, (size_t)1), sizeof(*rows));
    if (!b || !in || !rows) {
        ll_batch_free(b);
        free(in);
        free(rows);
        return ll_err_set(err, LL_E_MEMORY, "no memory for a batch");
    }
    *in = (struct intake){.rows = rows, .set = set, .done = done, .ctx = ctx};
    b->source = opts->source;
    b->received = opts->received;
    b->held = in;
    b->held_free = intake_free;
    fill_rows(in, b);
    if (ll_engine_ingest(e, b, committed, in, err))
        return true;
    in->set = NULL; /* stays the caller's */
    ll_batch_free(b);
    return false;
}
