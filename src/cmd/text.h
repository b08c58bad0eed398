/* Text for a terminal: width, cutting, colour, status words, sparklines.
 *
 * What comes from a daemon may hold anything a service was named; control characters never
 * reach the terminal. */
#ifndef LL_CMD_TEXT_H
#define LL_CMD_TEXT_H

#include "base/time.h"
#include "cmd/ctx.h"
#include "core/enums.h"

enum ll_tint {
    LL_TINT_NONE,
    LL_TINT_OK,
    LL_TINT_WARN,
    LL_TINT_CRIT,
    LL_TINT_OVER,
    LL_TINT_UNDER,
    LL_TINT_DIM,
    LL_TINT_BOLD
};

/* Columns it takes: code points, as everything here is narrow. */
size_t ll_text_width(const char *s);

/* Appends s without control characters, cut to `width` columns (0 = all of it) with an
 * ellipsis. */
void ll_text_add(struct ll_str *out, const char *s, size_t width, bool utf8);

/* As ll_text_add, filled with spaces to `width`. */
void ll_text_pad(struct ll_str *out, const char *s, size_t width, bool right, bool utf8);

/* "" when the context has no colour. */
const char *ll_text_color(const struct ll_ctx *c, enum ll_tint tint);
const char *ll_text_color_end(const struct ll_ctx *c, enum ll_tint tint);

/* CRIT, WARN, OK, OVER, UNDR, UNKN for a status as the API writes it. */
const char *ll_text_status(const char *status);
enum ll_tint ll_text_status_tint(const char *status);

/* One column a point, scaled from 0 to `top`; NaN = a gap.  Squeezed to `width` columns by
 * the maximum of each group. */
void ll_text_spark(struct ll_str *out, const double *v, size_t n, double top, size_t width,
                   bool utf8);

/* No data: "–", or "-" without UTF-8. */
const char *ll_text_none(const struct ll_ctx *c);

/* "41.2 %", or none for NaN. */
enum { LL_TEXT_MAX = 64 };
char *ll_text_percent(const struct ll_ctx *c, double pct, char buf[static LL_TEXT_MAX]);

/* "in 17 h 55 m" without the "in"; none for NaN; "now" for 0. */
char *ll_text_span(const struct ll_ctx *c, double seconds, char buf[static LL_TEXT_MAX]);

/* A value in its unit as the API names it; none for NaN. */
char *ll_text_amount(const struct ll_ctx *c, const char *unit, double v,
                     char buf[static LL_TEXT_MAX]);
char *ll_text_amount_of(const struct ll_ctx *c, const char *unit, double v, double capacity,
                        char buf[static LL_TEXT_MAX]);

/* "API calls" for "API_CALLS"; what is not known is given back. */
const char *ll_text_resource(const char *name);

#endif
