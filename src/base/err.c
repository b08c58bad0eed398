#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct ll_err_info info_table[] = {
    [LL_E_OK] = {"ok", 200, 0, false, "nothing went wrong"},
#define X(code, name, http, exit, retry, meaning) [code] = {name, http, exit, retry, meaning},
    LL_ERR_TABLE(X)
#undef X
};

static void set(struct ll_err *err, enum ll_err_code code, int line, int column, const char *fmt,
                va_list args)
{
    if (!err)
        return;
    err->code = code;
    err->line = line;
    err->column = column;
    vsnprintf(err->text, sizeof(err->text), fmt, args);
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
    char inner[LL_ERR_TEXT_MAX];
    memcpy(inner, err->text, sizeof(inner));

    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    int room = (int)sizeof(err->text) - n - 3; /* ": " and the NUL; the tail is what is cut */
    if (n >= 0 && room > 0)
        snprintf(err->text + n, (size_t)room + 3, ": %.*s", room, inner);
    return false;
}

const struct ll_err_info *ll_err_info(enum ll_err_code code)
{
    if (code < 0 || code >= LL_E_COUNT)
        return &info_table[LL_E_INTERNAL];
    return &info_table[code];
}
