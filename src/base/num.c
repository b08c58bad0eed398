#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* newlocale("C") hands out glibc's static C locale: nothing is allocated or freed. */
static double parse_c(const char *z, char **end)
{
    return strtod_l(z, end, newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static bool is_number_text(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if (!(t.s[i] && strchr("0123456789+-.eE", t.s[i])))
            return false;
    return t.n > 0;
}

bool ll_num_parse(struct ll_slice text, double *out)
{
    char z[64], *end;
    if (text.n >= sizeof(z) || !is_number_text(text))
        return false;
    memcpy(z, text.s, text.n);
    z[text.n] = '\0';
    double v = parse_c(z, &end);
    if (*end || !isfinite(v))
        return false;
    *out = v;
    return true;
}

bool ll_num_parse_int(struct ll_slice text, int64_t *out)
{
    bool minus = text.n > 0 && text.s[0] == '-';
    size_t i = minus;
    if (i == text.n || text.n > 20)
        return false;
    int64_t v = 0;
    for (; i < text.n; i++) {
        int d = text.s[i] - '0';
        if (d < 0 || d > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_sub_overflow(v, d, &v)) /* negative side: it is one larger */
            return false;
    }
    if (!minus && v == INT64_MIN)
        return false;
    *out = minus ? v : -v;
    return true;
}

static const struct {
    const char *name;
    double bytes;
} size_units[] = {
    {"", 1},     {"B", 1},     {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
    {"kB", 1e3}, {"KB", 1e3},  {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12},
};

bool ll_num_parse_size(struct ll_slice text, int64_t *out, struct ll_err *err)
{
    size_t n = 0;
    while (n < text.n && ((text.s[n] >= '0' && text.s[n] <= '9') || text.s[n] == '.'))
        n++;
    double v;
    struct ll_slice unit = {text.s + n, text.n - n};
    for (size_t i = 0; i < LL_LEN(size_units); i++)
        if (ll_slice_is(unit, size_units[i].name) &&
            ll_num_parse((struct ll_slice){text.s, n}, &v) && v * size_units[i].bytes < 0x1p62) {
            *out = (int64_t)(v * size_units[i].bytes);
            return true;
        }
    return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a size such as 512MiB, 10GB or 4096",
                      (int)LL_MIN(text.n, (size_t)64), text.s);
}

size_t ll_num_format(double v, char buf[static LL_NUM_TEXT_MAX])
{
    int n;
    if (!isfinite(v)) {
        n = snprintf(buf, LL_NUM_TEXT_MAX, "null");
    } else if (v == trunc(v) && fabs(v) < 1e15) {
        n = snprintf(buf, LL_NUM_TEXT_MAX, "%.0f", v);
    } else {
        n = snprintf(buf, LL_NUM_TEXT_MAX, "%.15g", v);
        double back;
        if (!ll_num_parse((struct ll_slice){buf, (size_t)n}, &back) || back != v)
            n = snprintf(buf, LL_NUM_TEXT_MAX, "%.17g", v);
    }
    return n > 0 ? (size_t)n : 0;
}
