#include "base/csv.h"

#include <string.h>

enum state {
    RECORD, /* at the start of a record */
    FIELD,  /* at the start of a field */
    BARE,   /* in a field without quotes */
    QUOTED,
    QUOTE, /* behind a quote in a quoted field: its end, or the first of two */
    CR,    /* behind the first half of a line end */
    SKIP   /* to the end of the line of a bad record */
};

static const char mark[] = "\xef\xbb\xbf";

void ll_csv_init(struct ll_csv *c)
{
    memset(c, 0, sizeof(*c));
    ll_str_init(&c->text, LL_CSV_RECORD_MAX);
    c->line = c->first_line = 1;
    c->state = RECORD;
}

void ll_csv_fini(struct ll_csv *c)
{
    ll_str_fini(&c->text);
}

static void begin(struct ll_csv *c)
{
    ll_str_clear(&c->text);
    c->text.failed = false;
    c->n = 0;
    c->first_line = c->line;
    c->state = RECORD;
}

static void bad(struct ll_csv *c, const char *why)
{
    ll_err_set(&c->why, LL_E_INVALID, "%s", why);
    c->state = SKIP;
}

static void end_field(struct ll_csv *c)
{
    if (c->n == LL_CSV_FIELDS_MAX) {
        bad(c, "more than 256 fields");
        return;
    }
    c->end[c->n++] = c->text.n;
    c->state = FIELD;
}

static enum ll_csv_got give_bad(struct ll_csv *c, struct ll_err *err)
{
    *err = c->why;
    err->line = (int)LL_MIN(c->first_line, (int64_t)INT32_MAX);
    c->n = 0;
    return LL_CSV_BAD;
}

static enum ll_csv_got give(struct ll_csv *c, struct ll_err *err)
{
    end_field(c);
    if (c->state == SKIP)
        return give_bad(c, err);
    for (size_t i = 0, from = 0; i < c->n; from = c->end[i++])
        c->fields[i] = (struct ll_slice){ll_str_z(&c->text) + from, c->end[i] - from};
    c->state = RECORD;
    return LL_CSV_RECORD;
}

static void keep(struct ll_csv *c, char b)
{
    ll_str_addc(&c->text, b);
    if (c->text.failed)
        bad(c, "a record is longer than 64 KiB");
}

/* A byte inside a record that ends neither it nor its line. */
static void inside(struct ll_csv *c, char b)
{
    if (c->state == CR)
        bad(c, "a carriage return inside a line");
    if (c->state == SKIP)
        return;
    if (c->state == QUOTED && b == '"') {
        c->state = QUOTE;
    } else if (c->state == QUOTED) {
        keep(c, b);
    } else if (c->state == QUOTE && b == '"') {
        keep(c, b);
        c->state = c->state == SKIP ? SKIP : QUOTED;
    } else if (b == ',') {
        end_field(c);
    } else if (c->state == QUOTE) {
        bad(c, "text behind a closing quote");
    } else if (b == '"' && c->state != BARE) {
        c->state = QUOTED;
    } else if (b == '"') {
        bad(c, "a quote inside a field without quotes");
    } else {
        c->state = BARE;
        keep(c, b);
    }
}

/* Behind the byte: whether a record came to its end. */
static enum ll_csv_got take(struct ll_csv *c, char b, struct ll_err *err)
{
    if (b == '\n' && c->state != QUOTED) {
        const bool blank = c->state == RECORD || (c->state == CR && c->n == 0 && c->text.n == 0);
        const bool is_bad = c->state == SKIP;
        enum ll_csv_got got = is_bad ? give_bad(c, err) : blank ? LL_CSV_MORE : give(c, err);
        c->state = RECORD;
        c->line++;
        if (got == LL_CSV_MORE)
            begin(c);
        return got;
    }
    c->line += b == '\n';
    if (b == '\r' && c->state != QUOTED && c->state != SKIP && c->state != CR)
        c->state = CR;
    else
        inside(c, b);
    return LL_CSV_MORE;
}

/* Passes over a byte order mark, of which the pieces may come one by one. */
static void skip_mark(struct ll_csv *c, struct ll_slice *in)
{
    while (c->started < 3 && in->n > 0) {
        if (*in->s != mark[c->started]) {
            for (size_t i = 0; i < c->started; i++)
                inside(c, mark[i]);
            c->started = 3;
            return;
        }
        c->started++;
        in->s++;
        in->n--;
    }
}

enum ll_csv_got ll_csv_feed(struct ll_csv *c, struct ll_slice *in, struct ll_err *err)
{
    if (c->state == RECORD) /* the record that was given last is gone */
        begin(c);
    skip_mark(c, in);
    while (in->n > 0) {
        const char b = *in->s++;
        in->n--;
        enum ll_csv_got got = take(c, b, err);
        if (got != LL_CSV_MORE)
            return got;
    }
    return LL_CSV_MORE;
}

enum ll_csv_got ll_csv_end(struct ll_csv *c, struct ll_err *err)
{
    enum ll_csv_got got;
    if (c->state == QUOTED)
        bad(c, "a quoted field does not end");
    if (c->state == SKIP)
        got = give_bad(c, err);
    else if (c->state == RECORD || (c->state == CR && c->n == 0 && c->text.n == 0))
        got = LL_CSV_MORE;
    else
        got = give(c, err);
    c->state = RECORD;
    return got;
}

void ll_csv_add(struct ll_str *out, struct ll_slice field)
{
    bool quote = false;
    for (size_t i = 0; i < field.n && !quote; i++)
        quote = strchr(",\"\r\n", field.s[i]) && field.s[i];
    if (!quote) {
        ll_str_add(out, field.s, field.n);
        return;
    }
    ll_str_addc(out, '"');
    for (size_t i = 0; i < field.n; i++) {
        if (field.s[i] == '"')
            ll_str_addc(out, '"');
        ll_str_addc(out, field.s[i]);
    }
    ll_str_addc(out, '"');
}
