#include <math.h>

#include "cost/savings.h"
#include "stats/sort.h"
#include "stats/sum.h"

static bool check_step(const struct ll_waterfall_step *s, struct ll_err *err)
{
    if (isnan(s->fraction))
        return ll_err_set(err, LL_E_INVALID, "the fraction of %s is not a number",
                          ll_saving_name(s->kind));
    if (s->fraction < 0 || s->fraction > 1)
        return ll_err_set(err, LL_E_RANGE, "the fraction %g of %s is not in [0, 1]", s->fraction,
                          ll_saving_name(s->kind));
    return true;
}

static bool check(double current, double committed, const struct ll_waterfall_step *steps, size_t n,
                  struct ll_err *err)
{
    if (!isfinite(current) || !isfinite(committed))
        return ll_err_set(err, LL_E_INVALID, "a cost of %g with %g committed is not an amount",
                          current, committed);
    if (committed < 0)
        return ll_err_set(err, LL_E_RANGE, "a commitment of %g is negative", committed);
    if (n > LL_WATERFALL_STEPS_MAX)
        return ll_err_set(err, LL_E_TOO_LARGE, "%zu steps of saving: at most %d", n,
                          (int)LL_WATERFALL_STEPS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!check_step(&steps[i], err))
            return false;
    }
    return true;
}

static void apply(struct ll_waterfall *w, const struct ll_waterfall_step *s, double committed)
{
    const double saving = w->residual * s->fraction;
    const double left = fmax(0, w->current - w->net - committed);
    struct ll_waterfall_row *row = &w->row[w->n++];
    *row = (struct ll_waterfall_row){s->kind, saving, fmin(saving, left)};
    w->residual -= saving;
    w->net += row->net;
    w->naive += fmax(0, w->current) * s->fraction;
}

bool ll_savings_waterfall(double current, double committed, const struct ll_waterfall_step *steps,
                          size_t n, struct ll_waterfall *out, struct ll_err *err)
{
    if (!check(current, committed, steps, n, err))
        return false;
    struct ll_waterfall w = {.current = current, .residual = fmax(0, current)};
    for (int kind = 0; kind < LL_SAVING_COUNT; kind++) {
        for (size_t i = 0; i < n; i++) {
            if ((int)steps[i].kind == kind)
                apply(&w, &steps[i], committed);
        }
    }
    /* A credit stays what it is: nothing is saved on it. */
    w.residual += fmin(0, current);
    w.total = current - w.residual;
    *out = w;
    return true;
}

struct naming {
    const struct ll_saving_item *items;
    const struct ll_saving_found *found;
};

static int by_id(const void *va, const void *vb, const void *ctx)
{
    const struct naming *c = ctx;
    const size_t i = c->found[*(const size_t *)va].item, j = c->found[*(const size_t *)vb].item;
    const int id = ll_slice_cmp(c->items[i].id, c->items[j].id);
    return id != 0 ? id : (i > j) - (i < j);
}

struct totals {
    struct ll_sum current, saving[LL_SAVING_COUNT], net[LL_SAVING_COUNT], naive;
};

/* What order[0 .. n) says of one id, into the totals.  Found items are worth something, so their
 * fractions lie in [0, 1]. */
static bool add_group(const struct ll_saving_item *items, const struct ll_saving_found *found,
                      const size_t *order, size_t n, bool realisable, struct totals *t,
                      struct ll_err *err)
{
    struct ll_waterfall_step steps[LL_WATERFALL_STEPS_MAX];
    double current = 0, committed = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const struct ll_saving_item *x = &items[found[order[i]].item];
        current = fmax(current, x->current);
        committed = fmax(committed, isnan(x->committed) ? x->current : x->committed);
        if (realisable && !x->realisable)
            continue;
        if (k == LL_WATERFALL_STEPS_MAX)
            return ll_err_set(err, LL_E_TOO_LARGE, "'%.*s' has over %d ways to save",
                              (int)LL_MIN(x->id.n, (size_t)80), x->id.s, (int)k);
        steps[k++] =
            (struct ll_waterfall_step){x->kind, fmin(1, found[order[i]].gross / x->current)};
    }
    struct ll_waterfall w;
    if (!ll_savings_waterfall(current, committed, steps, k, &w, err))
        return false;
    ll_sum_add(&t->current, w.current);
    ll_sum_add(&t->naive, w.naive);
    for (size_t i = 0; i < w.n; i++) {
        ll_sum_add(&t->saving[w.row[i].kind], w.row[i].saving);
        ll_sum_add(&t->net[w.row[i].kind], w.row[i].net);
    }
    return true;
}

static void finish(const struct totals *t, struct ll_waterfall *out)
{
    struct ll_sum total = {0}, net = {0};
    struct ll_waterfall w = {.current = ll_sum_total(&t->current),
                             .naive = ll_sum_total(&t->naive),
                             .n = LL_SAVING_COUNT};
    for (int k = 0; k < LL_SAVING_COUNT; k++) {
        const double saving = ll_sum_total(&t->saving[k]), kept = ll_sum_total(&t->net[k]);
        w.row[k] = (struct ll_waterfall_row){(enum ll_saving)k, saving, fmin(saving, kept)};
        ll_sum_add(&total, saving);
        ll_sum_add(&net, w.row[k].net);
    }
    w.total = fmin(ll_sum_total(&total), w.current);
    w.net = fmin(ll_sum_total(&net), w.total);
    w.residual = w.current - w.total;
    *out = w;
}

bool ll_savings_total(const struct ll_saving_item *items, const struct ll_saving_found *found,
                      size_t n_found, bool realisable, size_t *order, struct ll_waterfall *out,
                      struct ll_err *err)
{
    struct totals t = {0};
    for (size_t i = 0; i < n_found; i++)
        order[i] = i;
    const struct naming by = {items, found};
    ll_sort(order, n_found, sizeof(*order), by_id, &by);
    for (size_t from = 0, to; from < n_found; from = to) {
        const struct ll_slice id = items[found[order[from]].item].id;
        for (to = from + 1; to < n_found && ll_slice_eq(id, items[found[order[to]].item].id);)
            to++;
        if (!add_group(items, found, order + from, to - from, realisable, &t, err))
            return false;
    }
    finish(&t, out);
    return true;
}
