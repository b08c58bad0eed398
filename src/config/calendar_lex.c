/* What the small grammars are made of. */
#include "config/calendar_lex.h"

#include <string.h>

#include "base/num.h"
#include "config/yaml.h"

bool ll_calendar_refuse(struct ll_err *err, struct ll_slice text, const char *why)
{
    char shown[LL_YAML_QUOTE_MAX];
    return ll_err_set(err, LL_E_CONFIG, "'%s' %s", ll_yaml_quote(text, shown), why);
}

bool ll_calendar_next_word(struct ll_slice *rest, struct ll_slice *word)
{
    while (rest->n > 0 && rest->s[0] == ' ')
        *rest = (struct ll_slice){rest->s + 1, rest->n - 1};
    size_t n = 0;
    while (n < rest->n && rest->s[n] != ' ')
        n++;
    *word = (struct ll_slice){rest->s, n};
    *rest = (struct ll_slice){rest->s + n, rest->n - n};
    return n > 0;
}

bool ll_calendar_all_digits(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
    return t.n > 0;
}

bool ll_calendar_take_digits(struct ll_slice *rest, size_t n, int *out)
{
    int v = 0;
    if (rest->n < n || !ll_calendar_all_digits((struct ll_slice){rest->s, n}))
        return false;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + rest->s[i] - '0';
    *rest = (struct ll_slice){rest->s + n, rest->n - n};
    *out = v;
    return true;
}

bool ll_calendar_take_char(struct ll_slice *rest, char c)
{
    if (rest->n == 0 || rest->s[0] != c)
        return false;
    *rest = (struct ll_slice){rest->s + 1, rest->n - 1};
    return true;
}

bool ll_calendar_whole(struct ll_slice text, int min, int max, int *out)
{
    int64_t v;
    if (text.n > 1 && text.s[1] != '-' && text.s[1] != '+')
        (void)ll_calendar_take_char(&text, '+');
    if (!ll_num_parse_int(text, &v) || v < min || v > max)
        return false;
    *out = (int)v;
    return true;
}

static bool begins_with(struct ll_slice text, const char *z)
{
    size_t n = strlen(z);
    return text.n >= n && memcmp(text.s, z, n) == 0;
}

bool ll_calendar_refuse_word(struct ll_err *err, struct ll_slice word, const char *what,
                             const char *allowed, const char *const *words, size_t n)
{
    char shown[LL_YAML_QUOTE_MAX];
    const char *near = ll_str_nearest(word, words, n);
    for (size_t i = 0; !near && i < n && word.n > 3; i++) /* "monday", "thurs" */
        near = begins_with(word, words[i]) ? words[i] : NULL;
    return ll_err_set(err, LL_E_CONFIG, "'%s' is not %s: %s%s%s%s", ll_yaml_quote(word, shown),
                      what, allowed, near ? "; did you mean '" : "", near ? near : "",
                      near ? "'?" : "");
}
