#include "cmd/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"

static const struct {
    const char *word;
    enum ll_tint tint;
} statuses[] = {
    [LL_STATUS_HEALTHY] = {"OK", LL_TINT_OK},
    [LL_STATUS_WARNING] = {"WARN", LL_TINT_WARN},
    [LL_STATUS_CRITICAL] = {"CRIT", LL_TINT_CRIT},
    [LL_STATUS_OVER_PROVISIONED] = {"OVER", LL_TINT_OVER},
    [LL_STATUS_UNDER_PROVISIONED] = {"UNDR", LL_TINT_UNDER},
    [LL_STATUS_UNKNOWN] = {"UNKN", LL_TINT_DIM},
};

static const char *const colors[] = {
    [LL_TINT_NONE] = "",           [LL_TINT_OK] = "\033[32m",   [LL_TINT_WARN] = "\033[33m",
    [LL_TINT_CRIT] = "\033[1;31m", [LL_TINT_OVER] = "\033[34m", [LL_TINT_UNDER] = "\033[35m",
    [LL_TINT_DIM] = "\033[2m",     [LL_TINT_BOLD] = "\033[1m",
};

/* Bytes of the character at s that may be printed; 0 for one that may not (control, or not
 * UTF-8), which takes one byte. */
static size_t printable(const char *s)
{
    unsigned char c = (unsigned char)s[0];
    size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0x20 || c == 0x7f || strnlen(s, n) < n || !ll_utf8_valid(s, n))
        return 0;
    if (c == 0xc2 && (unsigned char)s[1] < 0xa0)
        return 0; /* C1: some terminals obey them */
    return n;
}

size_t ll_text_width(const char *s)
{
    size_t n = 0;
    for (; *s; n++)
        s += LL_MAX(printable(s), (size_t)1);
    return n;
}

void ll_text_add(struct ll_str *out, const char *s, size_t width, bool utf8)
{
    bool cut = width > 0 && ll_text_width(s) > width;
    size_t dots = utf8 || width < 4 ? 1 : 2;
    size_t room = cut ? width - dots : SIZE_MAX;
    for (size_t i = 0; *s && i < room; i++) {
        size_t n = printable(s);
        if (n == 0 || (n > 1 && !utf8))
            ll_str_addc(out, '?');
        else
            ll_str_add(out, s, n);
        s += LL_MAX(n, (size_t)1);
    }
    if (cut)
        ll_str_addz(out, utf8 ? "…" : dots == 1 ? "." : "..");
}

void ll_text_pad(struct ll_str *out, const char *s, size_t width, bool right, bool utf8)
{
    size_t have = ll_text_width(s);
    size_t gap = have < width ? width - have : 0;
    for (size_t i = 0; right && i < gap; i++)
        ll_str_addc(out, ' ');
    ll_text_add(out, s, width, utf8);
    for (size_t i = 0; !right && i < gap; i++)
        ll_str_addc(out, ' ');
}

const char *ll_text_color(const struct ll_ctx *c, enum ll_tint tint)
{
    return c->color ? colors[tint] : "";
}

const char *ll_text_color_end(const struct ll_ctx *c, enum ll_tint tint)
{
    return c->color && tint != LL_TINT_NONE ? "\033[0m" : "";
}

const char *ll_text_status(const char *status)
{
    enum ll_status s;
    return ll_status_parse(ll_slice_of(status), &s) ? statuses[s].word : "UNKN";
}

enum ll_tint ll_text_status_tint(const char *status)
{
    enum ll_status s;
    return ll_status_parse(ll_slice_of(status), &s) ? statuses[s].tint : LL_TINT_DIM;
}

static double group_max(const double *v, size_t from, size_t to)
{
    double top = NAN;
    for (size_t i = from; i < to; i++)
        top = fmax(top, v[i]); /* ignores NaN on either side */
    return top;
}

void ll_text_spark(struct ll_str *out, const double *v, size_t n, double top, size_t width,
                   bool utf8)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const marks[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    size_t columns = LL_MIN(n, width);
    for (size_t i = 0; i < columns; i++) {
        double x = group_max(v, i * n / columns, (i + 1) * n / columns);
        if (isnan(x) || !(top > 0)) {
            ll_str_addc(out, ' ');
            continue;
        }
        int level = (int)LL_MIN(fmax(x, 0) / top * 8, 7.0);
        ll_str_addz(out, utf8 ? blocks[level] : marks[level]);
    }
}

const char *ll_text_none(const struct ll_ctx *c)
{
    return c->utf8 ? "–" : "-";
}

char *ll_text_percent(const struct ll_ctx *c, double pct, char buf[static LL_TEXT_MAX])
{
    if (isnan(pct))
        snprintf(buf, LL_TEXT_MAX, "%s", ll_text_none(c));
    else if (fabs(pct) < 9.95)
        snprintf(buf, LL_TEXT_MAX, "%.2f %%", pct);
    else
        snprintf(buf, LL_TEXT_MAX, fabs(pct) < 99.95 ? "%.1f %%" : "%.0f %%", pct);
    return buf;
}

char *ll_text_span(const struct ll_ctx *c, double seconds, char buf[static LL_TEXT_MAX])
{
    char span[LL_DUR_TEXT_MAX];
    if (!isfinite(seconds) || seconds > 1e10)
        snprintf(buf, LL_TEXT_MAX, "%s", ll_text_none(c));
    else if (seconds <= 0)
        snprintf(buf, LL_TEXT_MAX, "now");
    else
        snprintf(buf, LL_TEXT_MAX, "%s", ll_dur_format_human((ll_dur)(seconds * 1000), span));
    return buf;
}

char *ll_text_amount(const struct ll_ctx *c, const char *unit, double v,
                     char buf[static LL_TEXT_MAX])
{
    return ll_text_amount_of(c, unit, v, NAN, buf);
}

char *ll_text_amount_of(const struct ll_ctx *c, const char *unit, double v, double capacity,
                        char buf[static LL_TEXT_MAX])
{
    enum ll_unit u;
    char text[2 * LL_UNIT_TEXT_MAX];
    if (isnan(v) || !ll_unit_parse(ll_slice_of(unit), &u))
        snprintf(buf, LL_TEXT_MAX, "%s", ll_text_none(c));
    else
        snprintf(buf, LL_TEXT_MAX, "%.63s", ll_unit_format_of(u, v, capacity, text));
    return buf;
}

const char *ll_text_resource(const char *name)
{
    enum ll_resource_type t;
    return ll_resource_parse(ll_slice_of(name), &t) ? ll_resource_label(t) : name;
}
