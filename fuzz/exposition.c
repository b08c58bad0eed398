/* Any bytes as a page of metrics: 'o' and OpenMetrics, or another byte and text.  What the strict
 * reader accepts the lenient one accepts with the same samples; a fault has a place in the page. */
#include "collect/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came, in one number. */
struct sum {
    uint64_t hash;
    size_t n;
    struct ll_slice page;
};

static void mix(struct sum *sum, const void *bytes, size_t n)
{
    sum->hash = ll_map_hash(sum->hash, bytes, n);
}

static bool take(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct sum *sum = ctx;
    size_t names = 0, bytes = 0;
    (void)err;
    for (size_t i = 0; i < s->n; i++) {
        LL_ASSERT(s->labels[i].name.n > 0 && s->labels[i].value.n > 0);
        LL_ASSERT(i == 0 || ll_slice_cmp(s->labels[i - 1].name, s->labels[i].name) < 0);
        LL_ASSERT(ll_utf8_valid(s->labels[i].value.s, s->labels[i].value.n));
        names += ll_slice_is(s->labels[i].name, "__name__");
        bytes += s->labels[i].name.n + s->labels[i].value.n;
        mix(sum, s->labels[i].name.s, s->labels[i].name.n);
        mix(sum, s->labels[i].value.s, s->labels[i].value.n);
    }
    LL_ASSERT(names == 1 && bytes <= LL_LABELS_BYTES_MAX && s->n <= LL_LABELS_MAX);
    LL_ASSERT(!isnan(ll_labeled_value(s->bits)) || s->bits == UINT64_C(0x7ff8000000000001));
    mix(sum, &s->bits, sizeof(s->bits));
    mix(sum, &s->t, sizeof(s->t));
    mix(sum, &s->kind, sizeof(s->kind));
    mix(sum, s->family.s, s->family.n);
    sum->n++;
    return true;
}

static bool parse(struct ll_slice page, enum ll_exposition_format format, bool strict,
                  struct sum *sum)
{
    struct ll_err err = {0};
    *sum = (struct sum){.page = page};
    const struct ll_exposition_opts opts = {.format = format,
                                            .strict = strict,
                                            .max_bytes = 1 << 20,
                                            .max_samples = 10000,
                                            .on_sample = take,
                                            .ctx = sum};
    if (ll_exposition_parse(page, &opts, &err))
        return true;
    LL_ASSERT(err.code == LL_E_INVALID || err.code == LL_E_RANGE || err.code == LL_E_TOO_LARGE);
    LL_ASSERT(err.text[0] && (err.code == LL_E_TOO_LARGE || (err.line > 0 && err.column > 0)));
    LL_ASSERT(err.line <= (int)page.n + 1 && err.column <= (int)page.n + 1);
    return false;
}

static void check_number(struct ll_slice text)
{
    double v, back;
    char buf[64], *end;
    if (text.n >= sizeof(buf) || !ll_exposition_number(text, &v))
        return;
    memcpy(buf, text.s, text.n);
    buf[text.n] = '\0';
    back = strtod(buf, &end);
    LL_ASSERT(*end == '\0' && (isnan(v) ? isnan(back) : v == back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sum strict, lenient;
    if (size == 0)
        return 0;
    char *exact = malloc(size); /* so that ASan sees a step past the end */
    LL_ASSERT(exact);
    memcpy(exact, data + 1, size - 1);
    const struct ll_slice page = {exact, size - 1};
    enum ll_exposition_format f = data[0] == 'o' ? LL_EXPOSITION_OM : LL_EXPOSITION_TEXT;
    bool accepted = parse(page, f, true, &strict);
    bool read = parse(page, f, false, &lenient);
    if (accepted)
        LL_ASSERT(read && strict.n == lenient.n && strict.hash == lenient.hash);
    check_number(page);
    free(exact);
    return 0;
}
