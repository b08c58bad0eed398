/* FOCUS: how the bytes are cut changes neither rows nor breaches, and a sum is never NaN. */
#include "cost/focus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
    double billed;
    int64_t rows, breaches;
    bool ok;
};

static bool note(void *ctx, const struct ll_focus_row *r)
{
    struct told *t = ctx;
    for (size_t k = 0; k < LL_COST_KIND_COUNT; k++)
        LL_ASSERT(!isinf(r->cost[k]));
    LL_ASSERT(r->charge < LL_FOCUS_CHARGES && r->line > 0);
    if (!isnan(r->cost[LL_COST_BILLED]))
        t->billed += r->cost[LL_COST_BILLED];
    return true;
}

static struct told read_all(const uint8_t *data, size_t size, size_t piece)
{
    struct told t = {0};
    struct ll_err err;
    const struct ll_focus_breach_row *rows;
    LL_AUTO(ll_focus) f = ll_focus_new(note, &t);
    if (!f)
        return t;
    t.ok = true;
    for (size_t at = 0; t.ok && at < size; at += piece)
        t.ok = ll_focus_feed(
            f, (struct ll_slice){(const char *)data + at, LL_MIN(piece, size - at)}, &err);
    t.ok = t.ok && ll_focus_end(f, &err);
    LL_ASSERT(t.ok || err.text[0]);
    t.rows = ll_focus_rows(f);
    const size_t n = ll_focus_breaches(f, &rows);
    LL_ASSERT(n <= LL_FOCUS_BREACHES_MAX);
    for (size_t i = 0; i < n; i++) {
        LL_ASSERT(rows[i].count > 0 && rows[i].what < LL_FOCUS_BREACHES);
        t.breaches += rows[i].count;
    }
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct told whole = read_all(data, size, size);
    const struct told pieces = read_all(data, size, 1 + data[0] % 13);
    LL_ASSERT(whole.ok == pieces.ok && whole.rows == pieces.rows &&
              whole.breaches == pieces.breaches);
    LL_ASSERT(memcmp(&whole.billed, &pieces.billed, sizeof(double)) == 0);
    return 0;
}
