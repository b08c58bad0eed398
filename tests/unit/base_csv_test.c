/* CSV as RFC 4180 has it, whole and in pieces, and the Long CSV on it. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "core/longcsv.h"
#include "support.h"

/* Everything that came, as text: fields joined by '|', records by '\n', "!line why" for bad. */
static char seen[4096];

static void note(struct ll_csv *c, enum ll_csv_got got, const struct ll_err *err)
{
    size_t at = strlen(seen);
    if (got == LL_CSV_BAD)
        at += (size_t)snprintf(seen + at, sizeof(seen) - at, "!%d %s", err->line, err->text);
    for (size_t i = 0; got == LL_CSV_RECORD && i < c->n; i++)
        at += (size_t)snprintf(seen + at, sizeof(seen) - at, "%s%.*s", i ? "|" : "",
                               (int)c->fields[i].n, c->fields[i].s);
    snprintf(seen + at, sizeof(seen) - at, "\n");
}

static const char *parse(const char *text, size_t piece)
{
    struct ll_csv c;
    struct ll_err err = {0};
    enum ll_csv_got got;
    seen[0] = '\0';
    ll_csv_init(&c);
    for (size_t at = 0, all = strlen(text); at < all; at += piece) {
        struct ll_slice in = {text + at, LL_MIN(piece, all - at)};
        while ((got = ll_csv_feed(&c, &in, &err)) != LL_CSV_MORE)
            note(&c, got, &err);
    }
    while ((got = ll_csv_end(&c, &err)) != LL_CSV_MORE)
        note(&c, got, &err);
    ll_csv_fini(&c);
    return seen;
}

START_TEST(records_come_whole_however_they_are_cut)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"a,b\nc,d\n", "a|b\nc|d\n"},
        {"a,b\r\nc,d", "a|b\nc|d\n"},
        {"\n\r\n\na\n\n", "a\n"},
        {"\xef\xbb\xbfseries,t\n1,2", "series|t\n1|2\n"},
        {"\"a,b\",\"c\"\"d\",\"e\nf\"\n", "a,b|c\"d|e\nf\n"},
        {"\"e\r\nf\",g\n", "e\r\nf|g\n"},
        {",\n", "|\n"},
        {"a,\n,b\n", "a|\n|b\n"},
        {"a\"b,c\nd\n", "!1 a quote inside a field without quotes\nd\n"},
        {"x\n\"a\"b\nd\n", "x\n!2 text behind a closing quote\nd\n"},
        {"a\rb\nd\n", "!1 a carriage return inside a line\nd\n"},
        {"\"a\"\rb\nd\n", "!1 a carriage return inside a line\nd\n"},
        {"\"a\"\r\nd\n", "a\nd\n"},
        {"a\n\"b\nc", "a\n!2 a quoted field does not end\n"},
        {"\"a\nb\",c\nd\"\n", "a\nb|c\n!3 a quote inside a field without quotes\n"},
    };
    for (size_t i = 0; i < LL_LEN(cases); i++)
        for (size_t piece = 1; piece < 9; piece++)
            ck_assert_msg(strcmp(parse(cases[i].text, piece), cases[i].want) == 0,
                          "case %zu in pieces of %zu: %s", i, piece, seen);
}
END_TEST

START_TEST(records_are_bounded)
{
    struct ll_str text;
    ll_str_init(&text, 1 << 20);
    for (int i = 0; i < 257; i++)
        ll_str_addz(&text, "x,");
    ll_str_addz(&text, "\nshort\n");
    ck_assert_str_eq(parse(ll_str_z(&text), 100), "!1 more than 256 fields\nshort\n");
    ll_str_clear(&text);
    for (int i = 0; i < LL_CSV_RECORD_MAX + 1; i++)
        ll_str_addc(&text, 'x');
    ll_str_addz(&text, "\nshort\n");
    ck_assert_str_eq(parse(ll_str_z(&text), 1000), "!1 a record is longer than 64 KiB\nshort\n");
    ll_str_fini(&text);
}
END_TEST

START_TEST(fields_are_quoted_where_they_must_be)
{
    struct ll_str out;
    ll_str_init(&out, 100);
    ll_csv_add(&out, LL_SLICE("plain"));
    ll_csv_add(&out, LL_SLICE("a,\"b\""));
    ck_assert_str_eq(ll_str_z(&out), "plain\"a,\"\"b\"\"\"");
    ll_str_fini(&out);
}
END_TEST

static struct ll_err err;
static struct ll_csv csv;

/* Header and row of two lines. */
static bool read_row(const char *text, struct ll_longcsv_row *row)
{
    struct ll_longcsv l;
    struct ll_slice in = ll_slice_of(text);
    ll_csv_fini(&csv);
    ll_csv_init(&csv);
    ck_assert_int_eq(ll_csv_feed(&csv, &in, &err), LL_CSV_RECORD);
    if (!ll_longcsv_header(csv.fields, csv.n, &l, &err))
        return false;
    if (ll_csv_feed(&csv, &in, &err) != LL_CSV_RECORD)
        ck_assert_int_eq(ll_csv_end(&csv, &err), LL_CSV_RECORD);
    return ll_longcsv_row(&l, csv.fields, csv.n, row, &err);
}

START_TEST(rows_are_read)
{
    struct ll_longcsv_row r;
    ck_assert(read_row("series,timestamp,value\nx,1763942400.25,5e2", &r));
    ck_assert_int_eq(r.t, 1763942400250);
    ck_assert_double_eq(r.value, 500);
    ck_assert(isnan(r.capacity) && isnan(r.max_value));
    ck_assert_int_eq(r.type, -1);
    ck_assert_int_eq(r.unit, -1);
    ck_assert(ll_slice_is(r.series, "x"));

    ck_assert(read_row(
        LL_LONGCSV_HEADER ",unit\na,2025-11-24T00:00:00Z,1,8,svc,memory,i1,p,2,15,bytes", &r));
    ck_assert_int_eq(r.t, 1763942400000);
    ck_assert_int_eq(r.type, LL_RESOURCE_MEMORY);
    ck_assert_double_eq(r.capacity, 8);
    ck_assert_double_eq(r.max_value, 2);
    ck_assert_int_eq(r.window, 15000);
    ck_assert(ll_slice_is(r.service, "svc") && ll_slice_is(r.instance, "i1") &&
              ll_slice_is(r.part, "p"));

    ck_assert(read_row("value,series,timestamp\n,x,0", &r));
    ck_assert(isnan(r.value)); /* no data, not zero */
    ck_assert(read_row("value,series,timestamp\nNaN,x,0", &r));
    ck_assert(isnan(r.value));
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"series,timestamp\n", "'value' is missing"},
        {"series,timestamp,valeu\n", "did you mean 'value'?"},
        {"series,timestamp,value,value\n", "'value' is there twice"},
        {"series,timestamp,value\nx,1", "2 fields, and the header has 3"},
        {"series,timestamp,value\nx,1,2,3", "4 fields"},
        {"series,timestamp,value\nx,yesterday,1", "timestamp 'yesterday'"},
        {"series,timestamp,value\nx,1763942400000,1", "in seconds?"},
        {"series,timestamp,value\nx,1,one", "value 'one' is not a number"},
        {"series,timestamp,value\n,1,1", "series is empty"},
        {"series,timestamp,value,resource_type\nx,1,1,GPU", "resource_type 'GPU'"},
        {"series,timestamp,value,window_seconds\nx,1,1,-1", "window_seconds '-1'"},
        {"series,timestamp,value,capacity\nx,1,1,0x10", "capacity '0x10'"},
    };
    struct ll_longcsv_row r;
    for (size_t i = 0; i < LL_LEN(cases); i++) {
        ck_assert_msg(!read_row(cases[i].text, &r), "case %zu", i);
        ck_assert_int_eq(err.code, LL_E_INVALID);
        ck_assert_msg(strstr(err.text, cases[i].says), "case %zu: %s", i, err.text);
    }
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    struct ll_str out;
    struct ll_longcsv_row r;
    const struct ll_sample s = {
        .key = {LL_SLICE("a,b"), LL_SLICE("i"), LL_SLICE("\"p\""), LL_RESOURCE_DISK},
        .t = 1763942400123,
        .value = 0.1,
        .capacity = NAN,
        .max_value = 1e300,
        .window = 1500};
    ll_str_init(&out, 4096);
    ll_str_addz(&out, LL_LONGCSV_HEADER "\n");
    ll_longcsv_add(&out, &s);
    ck_assert(read_row(ll_str_z(&out), &r));
    ck_assert(ll_slice_is(r.series, "a,b/DISK/i/\"p\""));
    ck_assert(ll_slice_eq(r.service, s.key.service) && ll_slice_eq(r.part, s.key.part));
    ck_assert_int_eq(r.t, s.t);
    ck_assert_int_eq(r.type, LL_RESOURCE_DISK);
    ck_assert_double_eq(r.value, 0.1);
    ck_assert_double_eq(r.max_value, 1e300);
    ck_assert(isnan(r.capacity));
    ck_assert_int_eq(r.window, 1500);
    ll_str_fini(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        records_come_whole_however_they_are_cut,
        records_are_bounded,
        fields_are_quoted_where_they_must_be,
        rows_are_read,
        what_is_wrong_is_named,
        what_is_written_reads_back,
    };
    ll_csv_init(&csv);
    int status = ll_test_run("base_csv", tests, LL_LEN(tests));
    ll_csv_fini(&csv);
    return status;
}
