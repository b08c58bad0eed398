#include <string.h>

#include "scaling/cron.h"

struct field {
    const char *name;
    unsigned min, max;
    const char *names; /* three letters each, from `first_name` on; NULL = none */
    unsigned first_name;
};

enum { FIELDS = 5, NUMBER_MAX = 1000 };

static const struct field fields[FIELDS] = {
    {"minute", 0, 59, NULL, 0},
    {"hour", 0, 23, NULL, 0},
    {"day of month", 1, 31, NULL, 0},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", 1},
    {"day of week", 0, 7, "sunmontuewedthufrisat", 0},
};

static const struct {
    const char *name, *text;
} macros[] = {
    {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

struct reader {
    struct ll_slice text;
    size_t at;
    const struct field *field;
    struct ll_err *err;
};

static bool refuse(const struct reader *r, const char *what)
{
    return ll_err_set_at(r->err, LL_E_INVALID, 1, (int)r->at + 1,
                         "%s: %s; it takes %u to %u, *, ranges a-b, steps /n and lists",
                         r->field->name, what, r->field->min, r->field->max);
}

static char peek(const struct reader *r)
{
    return r->at < r->text.n ? r->text.s[r->at] : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c) /* at the end it is NUL, which nobody asks for */
        return false;
    r->at++;
    return true;
}

static bool number(struct reader *r, unsigned *out)
{
    unsigned v = 0;
    const size_t from = r->at;
    while (is_digit(peek(r))) {
        v = v * 10 + (unsigned)(peek(r) - '0');
        if (v > NUMBER_MAX)
            return refuse(r, "the number is too large");
        r->at++;
    }
    if (r->at == from)
        return refuse(r, "a number is missing");
    *out = v;
    return true;
}

static bool name(struct reader *r, unsigned *out)
{
    const struct field *f = r->field;
    const size_t from = r->at;
    while (is_letter(peek(r)))
        r->at++;
    const size_t n = f->names && r->at - from == 3 ? strlen(f->names) : 0;
    for (size_t i = 0; i < n; i += 3) {
        char three[4] = {f->names[i], f->names[i + 1], f->names[i + 2], '\0'};
        if (ll_slice_ieq((struct ll_slice){r->text.s + from, 3}, three)) {
            *out = f->first_name + (unsigned)(i / 3);
            return true;
        }
    }
    r->at = from;
    return refuse(r, "that name is not known");
}

static bool value(struct reader *r, unsigned *out)
{
    const size_t from = r->at;
    if (!(is_letter(peek(r)) ? name(r, out) : number(r, out)))
        return false;
    if (*out >= r->field->min && *out <= r->field->max)
        return true;
    r->at = from;
    return refuse(r, "that is out of range");
}

/* A star, a value or a range, each with a step. */
static bool part(struct reader *r, uint64_t *set)
{
    unsigned lo = r->field->min, hi = r->field->max, step = 1;
    const bool star = take(r, '*') || take(r, '?');
    if (!star) {
        if (!value(r, &lo))
            return false;
        hi = lo;
        if (take(r, '-')) {
            if (!value(r, &hi))
                return false;
            if (hi < lo)
                return refuse(r, "the range ends before it begins");
        } else if (peek(r) == '/') {
            hi = r->field->max;
        }
    }
    if (take(r, '/') && !number(r, &step))
        return false;
    if (step == 0)
        return refuse(r, "a step of 0");
    for (unsigned v = lo; v <= hi; v += step)
        *set |= UINT64_C(1) << v;
    return true;
}

static bool one_field(struct reader *r, uint64_t *set, bool *star)
{
    const char first = peek(r);
    *star = first == '*' || first == '?';
    *set = 0;
    do {
        if (!part(r, set))
            return false;
    } while (take(r, ','));
    if (r->at < r->text.n && !is_space(peek(r)))
        return refuse(r, "that does not belong here");
    return true;
}

static void skip_space(struct reader *r)
{
    while (is_space(peek(r)))
        r->at++;
}

static bool all_fields(struct reader *r, uint64_t set[FIELDS], bool star[FIELDS])
{
    skip_space(r);
    for (size_t i = 0; i < FIELDS; i++) {
        r->field = &fields[i];
        if (r->at == r->text.n)
            return ll_err_set_at(r->err, LL_E_INVALID, 1, (int)r->at + 1,
                                 "the %s is missing: minute hour day month weekday, or @daily",
                                 fields[i].name);
        if (!one_field(r, &set[i], &star[i]))
            return false;
        skip_space(r);
    }
    if (r->at < r->text.n)
        return ll_err_set_at(r->err, LL_E_INVALID, 1, (int)r->at + 1,
                             "more than five fields: minute hour day month weekday (no seconds)");
    return true;
}

static bool expand(struct ll_slice *text, struct ll_err *err)
{
    while (text->n > 0 && is_space(text->s[text->n - 1]))
        text->n--;
    if (text->n == 0 || text->s[0] != '@')
        return true;
    for (size_t i = 0; i < LL_LEN(macros); i++) {
        if (ll_slice_ieq(*text, macros[i].name)) {
            *text = ll_slice_of(macros[i].text);
            return true;
        }
    }
    return ll_err_set_at(err, LL_E_INVALID, 1, 1,
                         "'%.*s' is none of @hourly, @daily, @weekly, @monthly, @yearly",
                         (int)LL_MIN(text->n, (size_t)40), text->s);
}

bool ll_cron_parse(struct ll_slice text, struct ll_cron *out, struct ll_err *err)
{
    uint64_t set[FIELDS];
    bool star[FIELDS];
    if (text.n > LL_CRON_BYTES_MAX)
        return ll_err_set(err, LL_E_INVALID, "a cron expression of more than %d bytes",
                          LL_CRON_BYTES_MAX);
    struct reader r = {.err = err};
    if (!expand(&text, err))
        return false;
    r.text = text;
    if (!all_fields(&r, set, star))
        return false;
    if (set[4] & (1u << 7))
        set[4] = (set[4] | 1) & 0x7f;
    *out = (struct ll_cron){
        .minute = set[0],
        .hour = (uint32_t)set[1],
        .day = (uint32_t)set[2],
        .month = (uint32_t)set[3],
        .weekday = (uint32_t)set[4],
        .any_day = star[2],
        .any_weekday = star[4],
        .every_hour = set[1] == 0xffffff,
    };
    return true;
}
