#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* newlocale("C") hands out glibc's static C locale: nothing is allocated or freed. */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
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
    double v = strtod_l(z, &end, c_locale());
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
    int64_t bytes;
} size_units[] = {
    {"", 1},
    {"B", 1},
    {"KiB", (int64_t)1 << 10},
    {"MiB", (int64_t)1 << 20},
    {"GiB", (int64_t)1 << 30},
    {"TiB", (int64_t)1 << 40},
    {"kB", 1000},
    {"KB", 1000},
    {"MB", 1000 * 1000},
    {"GB", 1000 * 1000 * 1000},
    {"TB", (int64_t)1000 * 1000 * 1000 * 1000},
};

/* Whole numbers exactly; fractions through a double, which they are rounded from. */
static bool scale_size(struct ll_slice number, int64_t unit, int64_t *out)
{
    const int64_t limit = (int64_t)1 << 62;
    int64_t whole;
    if (ll_num_parse_int(number, &whole)) {
        if (__builtin_mul_overflow(whole, unit, &whole) || whole >= limit)
            return false;
        *out = whole;
        return true;
    }
    double v;
    if (unit == 1 || !ll_num_parse(number, &v) || v * (double)unit >= (double)limit)
        return false;
    *out = llrint(v * (double)unit);
    return true;
}

bool ll_num_parse_size(struct ll_slice text, int64_t *out, struct ll_err *err)
{
    size_t n = 0;
    while (n < text.n && ((text.s[n] >= '0' && text.s[n] <= '9') || text.s[n] == '.'))
        n++;
    struct ll_slice number = {text.s, n}, unit = {n ? text.s + n : text.s, text.n - n};
    for (size_t i = 0; i < LL_LEN(size_units); i++)
        if (ll_slice_is(unit, size_units[i].name) && scale_size(number, size_units[i].bytes, out))
            return true;
    return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a size such as 512MiB, 10GB or 4096",
                      (int)LL_MIN(text.n, (size_t)64), text.n ? text.s : "");
}

static int format(double v, char buf[static LL_NUM_TEXT_MAX])
{
    if (!isfinite(v))
        return snprintf(buf, LL_NUM_TEXT_MAX, "null");
    if (v == trunc(v) && fabs(v) < 1e15)
        return snprintf(buf, LL_NUM_TEXT_MAX, "%.0f", v);
    int n = snprintf(buf, LL_NUM_TEXT_MAX, "%.15g", v);
    double back;
    if (!ll_num_parse((struct ll_slice){buf, (size_t)n}, &back) || back != v)
        n = snprintf(buf, LL_NUM_TEXT_MAX, "%.17g", v);
    return n;
}

size_t ll_num_format(double v, char buf[static LL_NUM_TEXT_MAX])
{
    locale_t before =
        uselocale(c_locale()); /* this thread only: the program may have set another */
    int n = format(v, buf);
    uselocale(before);
    return (size_t)n;
}
