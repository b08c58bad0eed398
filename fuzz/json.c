/* Bodies of requests: the JSON reader alone, strict and lenient, and the readers of pushed
 * samples and of imports.  What it accepts must be consistent; nothing may be read beyond the
 * bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/import.h"
#include "api/ingest.h"
#include "base/json_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((ll_time)1795484700000)

static char *copy_of(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    LL_ASSERT(copy);
    memcpy(copy, data, size);
    return copy;
}

/* The number of tokens, or -1. */
static long read_all(const uint8_t *data, size_t size, bool nonfinite)
{
    char *copy = copy_of(data, size);
    struct ll_json_in in;
    struct ll_json_tok t = {.kind = LL_JSON_NULL};
    struct ll_err err = {0};
    long n = 0;
    ll_json_in_init(&in, copy, size);
    in.allow_nonfinite = nonfinite;
    while (n >= 0 && t.kind != LL_JSON_END) {
        if (ll_json_in_next(&in, &t, &err)) {
            LL_ASSERT(t.depth <= LL_JSON_IN_DEPTH_MAX && in.at <= size);
            LL_ASSERT(t.text.n == 0 || (t.text.s >= copy && t.text.s + t.text.n <= copy + size));
            n++;
        } else {
            LL_ASSERT(err.code == LL_E_INVALID || err.code == LL_E_RANGE);
            LL_ASSERT(err.code == LL_E_RANGE || (err.line > 0 && err.column > 0));
            n = -1;
        }
    }
    free(copy);
    return n;
}

static void ingest(const uint8_t *data, size_t size)
{
    char *copy = copy_of(data, size);
    struct ll_ingest *in = NULL;
    struct ll_err err = {0};
    if (ll_ingest_read(copy, size, NOW, 0, NULL, &in, &err)) {
        const struct ll_batch *b = in->batch;
        LL_ASSERT(b->n + b->n_business + in->n_refused == in->items);
        for (size_t i = 0; i < b->n; i++)
            LL_ASSERT(ll_sample_check(&b->v[i], NOW, 0) == LL_REFUSAL_NONE);
        for (size_t i = 0; i < b->n_business; i++)
            LL_ASSERT(isfinite(b->business[i].value) && b->business[i].metric.n > 0);
        struct ll_str text;
        ll_str_init(&text, 64 << 20);
        struct ll_json_out j = {.out = &text};
        ll_json_out_open(&j, '{');
        ll_ingest_render(&j, in);
        ll_json_out_close(&j, '}');
        LL_ASSERT(!text.failed && read_all((const uint8_t *)text.s, text.n, false) > 0);
        ll_str_fini(&text);
    } else {
        LL_ASSERT(in == NULL && err.code != LL_E_OK);
    }
    ll_ingest_free(in);
    free(copy);
}

static void import(const uint8_t *data, size_t size)
{
    const struct ll_import_limits limits = {NOW, LL_DAY, 90 * LL_DAY};
    char *copy = copy_of(data, size);
    struct ll_import *im = NULL;
    struct ll_err err = {0};
    if (ll_import_read(copy, size, &limits, &im, &err)) {
        LL_ASSERT(im->batch->n_rollups + im->n_refused == im->items);
        for (size_t i = 0; i < im->batch->n_rollups; i++) {
            const struct ll_rollup_row *r = &im->batch->rollups[i];
            LL_ASSERT(r->rollup.t == ll_time_floor(r->rollup.t, r->step) && r->rollup.count > 0);
            LL_ASSERT(r->rollup.mean >= 0 && r->rollup.max >= r->rollup.mean);
            LL_ASSERT(im->index[i] < im->items);
        }
    } else {
        LL_ASSERT(im == NULL && err.code != LL_E_OK);
    }
    ll_import_free(im);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long strict = read_all(data, size, false), lenient = read_all(data, size, true);
    LL_ASSERT(strict < 0 || strict == lenient);
    ingest(data, size);
    import(data, size);
    return 0;
}
