/* Numbers of samples.  Exact without strtod for most: a mantissa below 2^53 times a power of ten
 * up to 10^22, both of which a double holds (Clinger 1990). */
#include <math.h>

#include "base/num.h"
#include "collect/exposition.h"

struct decimal {
    uint64_t mantissa;
    int exponent; /* of ten */
    bool minus, exact;
};

static size_t digits(struct ll_slice t, size_t at, struct decimal *d, bool fraction)
{
    for (; at < t.n && t.s[at] >= '0' && t.s[at] <= '9'; at++) {
        if (d->mantissa >= UINT64_C(100000000000000000)) {
            d->exact = false;
            continue;
        }
        d->mantissa = d->mantissa * 10 + (uint64_t)(t.s[at] - '0');
        d->exponent -= fraction;
    }
    return at;
}

/* The exponent's digits; false when there are none. */
static bool exponent(struct ll_slice t, size_t at, struct decimal *d)
{
    bool minus = at < t.n && t.s[at] == '-';
    int e = 0;
    at += at < t.n && (t.s[at] == '-' || t.s[at] == '+');
    if (at == t.n)
        return false;
    for (; at < t.n; at++) {
        if (t.s[at] < '0' || t.s[at] > '9')
            return false;
        e = LL_MIN(e * 10 + (t.s[at] - '0'), 100000);
    }
    d->exponent += minus ? -e : e;
    return true;
}

static bool split(struct ll_slice t, struct decimal *d)
{
    size_t at = t.n > 0 && (t.s[0] == '-' || t.s[0] == '+');
    d->minus = at && t.s[0] == '-';
    size_t whole = digits(t, at, d, false), end = whole, places = 0;
    if (whole < t.n && t.s[whole] == '.') {
        end = digits(t, whole + 1, d, true);
        places = end - whole - 1;
    }
    if (whole == at && places == 0)
        return false;
    if (end < t.n && (t.s[end] == 'e' || t.s[end] == 'E'))
        return exponent(t, end + 1, d);
    return end == t.n;
}

static bool special(struct ll_slice t, double *out)
{
    bool sign = t.n > 0 && (t.s[0] == '-' || t.s[0] == '+');
    struct ll_slice word = {sign ? t.s + 1 : t.s, t.n - sign};
    if (ll_slice_ieq(word, "inf") || ll_slice_ieq(word, "infinity"))
        *out = sign && t.s[0] == '-' ? -INFINITY : INFINITY;
    else if (!sign && ll_slice_ieq(word, "nan"))
        *out = NAN;
    else
        return false;
    return true;
}

bool ll_exposition_number(struct ll_slice text, double *out)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d = {.exact = true};
    if (!split(text, &d))
        return special(text, out);
    int magnitude = d.exponent < 0 ? -d.exponent : d.exponent;
    if (!d.exact || d.mantissa > (UINT64_C(1) << 53) || magnitude >= (int)LL_LEN(tens))
        return ll_num_parse(text, out);
    double v = (double)d.mantissa;
    v = d.exponent < 0 ? v / tens[magnitude] : v * tens[magnitude];
    *out = d.minus ? -v : v;
    return true;
}
