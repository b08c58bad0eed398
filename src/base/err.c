#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#undef ll_err_set
#undef ll_err_set_at
#undef ll_err_wrap

static const struct ll_err_info info_table[] = {
    [LL_E_OK] = {"ok", 200, 0, false, "nothing went wrong"},
#define X(code, name, http, exit, retry, meaning) [code] = {name, http, exit, retry, meaning},
    LL_ERR_TABLE(X)
#undef X
};

/* A code point that would move the cursor or colour a terminal: C0, DEL, and C1 in UTF-8. */
static bool is_control(const unsigned char *p, size_t len)
{
    return (len == 1 && (*p < 0x20 || *p == 0x7f)) || (len == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

/* Copies text, so that it always is printable UTF-8: messages name the user's bytes, possibly
 * cut within a character, and go into JSON and onto terminals. */
static void store(struct ll_err *err, const char *text)
{
    size_t n = strlen(text), at = 0;
    for (size_t i = 0; i < n;) {
        size_t len = ll_str_utf8_next(text + i, n - i);
        bool bad = len == 0 || is_control((const unsigned char *)text + i, len);
        if (bad)
            err->text[at++] = '?';
        else
            memcpy(err->text + at, text + i, len);
        at += bad ? 0 : len;
        i += LL_MAX(len, (size_t)1);
    }
    err->text[at] = '\0';
}

static LL_PRINTF(5, 0) void set(struct ll_err *err, enum ll_err_code code, int line, int column,
                                const char *fmt, va_list args)
{
    if (!err)
        return;
    err->code = code;
    err->line = line;
    err->column = column;
    char text[LL_ERR_TEXT_MAX]; /* an argument may be err->text itself */
    vsnprintf(text, sizeof(text), fmt, args);
    store(err, text);
}

bool ll_err_set(struct ll_err *err, enum ll_err_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set(err, code, 0, 0, fmt, args);
    va_end(args);
    return false;
}

bool ll_err_set_at(struct ll_err *err, enum ll_err_code code, int line, int column, const char *fmt,
                   ...)
{
    va_list args;
    va_start(args, fmt);
    set(err, code, line, column, fmt, args);
    va_end(args);
    return false;
}

bool ll_err_wrap(struct ll_err *err, const char *fmt, ...)
{
    if (!err)
        return false;
    char text[LL_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    int room = (int)sizeof(text) - n - 3; /* ": " and the NUL; the tail is what is cut */
    if (n >= 0 && room > 0)
        snprintf(text + n, (size_t)room + 3, ": %.*s", room, err->text);
    store(err, text);
    return false;
}

const struct ll_err_info *ll_err_info(enum ll_err_code code)
{
    if ((size_t)code >= LL_LEN(info_table))
        return &info_table[LL_E_INTERNAL];
    return &info_table[code];
}
