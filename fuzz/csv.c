/* CSV and the Long CSV on it: how the bytes are cut changes nothing, memory stays within the
 * limits, and what is read can be written and read again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/longcsv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Everything that comes, in one form that compares. */
static void dump(const uint8_t *data, size_t size, size_t piece, struct ll_str *out)
{
    struct ll_csv c;
    struct ll_err err = {0};
    enum ll_csv_got got = LL_CSV_MORE;
    ll_csv_init(&c);
    for (size_t at = 0; at < size || got == LL_CSV_RECORD || got == LL_CSV_BAD; at += piece) {
        struct ll_slice in = {(const char *)data + at, at < size ? LL_MIN(piece, size - at) : 0};
        while ((got = at < size ? ll_csv_feed(&c, &in, &err) : ll_csv_end(&c, &err)) !=
               LL_CSV_MORE) {
            LL_ASSERT(c.n <= LL_CSV_FIELDS_MAX && c.text.n <= LL_CSV_RECORD_MAX);
            ll_str_addc(out, got == LL_CSV_BAD ? '!' : '.');
            for (size_t i = 0; got == LL_CSV_RECORD && i < c.n; i++) {
                ll_csv_add(out, c.fields[i]);
                ll_str_addc(out, ',');
            }
            if (at >= size)
                break;
        }
    }
    LL_ASSERT(ll_csv_end(&c, &err) == LL_CSV_MORE || got == LL_CSV_MORE);
    ll_csv_fini(&c);
}

static void read_long(const uint8_t *data, size_t size)
{
    struct ll_csv c;
    struct ll_err err = {0};
    struct ll_longcsv l;
    struct ll_longcsv_row r;
    struct ll_slice in = {(const char *)data, size};
    enum ll_csv_got got;
    bool header = false;
    ll_csv_init(&c);
    while ((got = ll_csv_feed(&c, &in, &err)) != LL_CSV_MORE) {
        if (got == LL_CSV_BAD)
            continue;
        if (!header) {
            if (!ll_longcsv_header(c.fields, c.n, &l, &err))
                break;
            header = true;
        } else if (ll_longcsv_row(&l, c.fields, c.n, &r, &err)) {
            LL_ASSERT(!isinf(r.value) && r.t >= LL_TIME_MIN && r.t <= LL_TIME_MAX + 1000);
            LL_ASSERT(r.window >= 0 && r.type < LL_RESOURCE_COUNT && r.unit < LL_UNIT_COUNT);
            LL_ASSERT(r.series.n + r.service.n > 0);
        } else {
            LL_ASSERT(err.code == LL_E_INVALID && err.text[0]);
        }
    }
    ll_csv_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ll_str whole, pieces;
    ll_str_init(&whole, 64 << 20);
    ll_str_init(&pieces, 64 << 20);
    dump(data, size, size, &whole);
    dump(data, size, 1 + data[0] % 7, &pieces);
    LL_ASSERT(whole.n == pieces.n && (whole.n == 0 || memcmp(whole.s, pieces.s, whole.n) == 0));
    ll_str_fini(&whole);
    ll_str_fini(&pieces);
    read_long(data, size);
    return 0;
}
