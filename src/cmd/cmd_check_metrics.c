/* A linter for pages of metrics: what the formats say, more than what a scraper insists on. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/num.h"
#include "base/vec.h"
#include "cmd/commands.h"
#include "cmd/json.h"
#include "cmd/table.h"
#include "collect/exposition.h"

enum { SERIES_MAX = LL_EXPOSITION_SAMPLES };

struct family {
    struct ll_slice name;
    enum ll_exposition_type type;
    size_t series;
};

struct series {
    struct ll_slice labels; /* encoded */
    uint64_t bits;
    ll_time t; /* INT64_MAX: the page gives none, so it is the newest */
};

LL_VEC_DEFINE(families, struct family)
LL_VEC_DEFINE(all_series, struct series)

/* What a page has, each series once. */
struct page {
    struct ll_arena *arena;
    struct ll_map *by_labels, *by_family;
    struct families families;
    struct all_series series;
    size_t repeated;
    struct ll_str key;
};

static void page_fini(struct page *p)
{
    ll_map_free(p->by_labels);
    ll_map_free(p->by_family);
    ll_arena_free(p->arena);
    families_fini(&p->families);
    all_series_fini(&p->series);
    ll_str_fini(&p->key);
}

static bool page_init(struct page *p, size_t bytes, uint64_t seed, struct ll_err *err)
{
    *p = (struct page){.families.cap = SERIES_MAX, .series.cap = SERIES_MAX};
    ll_str_init(&p->key, LL_LABELS_BYTES_MAX);
    p->arena = ll_arena_new(bytes * 16 + (1 << 20));
    p->by_labels = ll_map_new(seed, SERIES_MAX);
    p->by_family = ll_map_new(seed, SERIES_MAX);
    return (p->arena && p->by_labels && p->by_family) ||
           ll_err_set(err, LL_E_MEMORY, "no memory for the series");
}

static bool keep(struct page *p, struct ll_map *map, struct ll_slice *key, size_t index)
{
    key->s = ll_arena_copy(p->arena, key->s, key->n);
    return key->s && ll_map_put(map, *key, index);
}

static bool count_family(struct page *p, const struct ll_exposition_sample *s)
{
    struct family f = {s->family, s->type, 1};
    size_t at;
    if (ll_map_get(p->by_family, f.name, &at)) {
        p->families.v[at].series++;
        return true;
    }
    return keep(p, p->by_family, &f.name, p->families.n) && families_push(&p->families, f);
}

/* As a database has it: of two samples of a series the later, of one time the first. */
static bool add_sample(void *ctx, const struct ll_exposition_sample *s, struct ll_err *err)
{
    struct page *p = ctx;
    struct series one = {.bits = s->bits, .t = s->has_time ? s->t : INT64_MAX};
    size_t at;
    ll_str_clear(&p->key);
    ll_labels_encode(s->labels, s->n, &p->key);
    one.labels = (struct ll_slice){ll_str_z(&p->key), p->key.n};
    if (!p->key.failed && ll_map_get(p->by_labels, one.labels, &at)) {
        struct series *known = &p->series.v[at];
        p->repeated += one.t == known->t;
        if (one.t > known->t) {
            known->t = one.t;
            known->bits = one.bits;
        }
        return true;
    }
    bool ok = !p->key.failed && keep(p, p->by_labels, &one.labels, p->series.n) &&
              all_series_push(&p->series, one) && count_family(p, s);
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for the series");
}

static bool read_input(struct ll_str *out, struct ll_err *err)
{
    char block[16384];
    size_t n;
    ll_str_init(out, LL_EXPOSITION_BYTES);
    while ((n = fread(block, 1, sizeof(block), stdin)) > 0 && !out->failed)
        ll_str_add(out, block, n);
    if (ferror(stdin))
        return ll_err_set(err, LL_E_IO, "cannot read standard input: %s", strerror(errno));
    return !out->failed ||
           ll_err_set(err, LL_E_TOO_LARGE, "the page is over %d MiB", LL_EXPOSITION_BYTES >> 20);
}

/* The digits of the shortest text that reads back as v (finite, not negative) and the power of
 * ten of the first one. */
static int shortest(double v, char digits[static 24], int *exponent)
{
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, v);
        double back;
        if (ll_num_parse(ll_slice_of(text), &back) && back == v)
            break;
    }
    int n = 0;
    const char *at = text;
    for (; *at && *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            digits[n++] = *at;
    *exponent = *at ? (int)strtol(at + 1, NULL, 10) : 0;
    return n;
}

/* As Prometheus prints values: no exponent, no more digits than needed. */
static void add_value(struct ll_str *out, uint64_t bits)
{
    double v = ll_labeled_value(bits);
    char digits[24];
    int exponent, n;
    if (!isfinite(v)) {
        ll_str_addz(out, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
        return;
    }
    n = shortest(fabs(v), digits, &exponent);
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (signbit(v))
        ll_str_addc(out, '-');
    if (exponent < 0)
        ll_str_addz(out, "0.");
    for (int i = exponent + 1; i < 0; i++)
        ll_str_addc(out, '0');
    for (int i = 0; i < LL_MAX(n, exponent + 1); i++) {
        if (i == exponent + 1 && exponent >= 0)
            ll_str_addc(out, '.');
        ll_str_addc(out, i < n ? digits[i] : '0');
    }
}

static void print_series(struct ll_ctx *c, const struct page *p)
{
    for (size_t i = 0; i < p->series.n; i++) {
        ll_str_addz(&c->out, "{\"labels\":");
        ll_labels_json(p->series.v[i].labels, &c->out);
        ll_str_addz(&c->out, ",\"value\":\"");
        add_value(&c->out, p->series.v[i].bits);
        ll_str_addz(&c->out, "\"}\n");
    }
}

/* A quoted name may hold anything; a terminal should not obey it. */
static void printable(struct ll_slice name, char *out, size_t size)
{
    size_t n = 0;
    while (n < name.n && ll_str_utf8_next(name.s + n, name.n - n) > 0 &&
           n + ll_str_utf8_next(name.s + n, name.n - n) < size) {
        size_t step = ll_str_utf8_next(name.s + n, name.n - n);
        bool control =
            (unsigned char)name.s[n] < ' ' || name.s[n] == 0x7f ||
            (step == 2 && (unsigned char)name.s[n] == 0xc2 && (unsigned char)name.s[n + 1] < 0xa0);
        memcpy(out + n, name.s + n, step);
        if (control)
            memset(out + n, '?', step);
        n += step;
    }
    out[n] = '\0';
}

static bool print_families(struct ll_ctx *c, const struct page *p, struct ll_err *err)
{
    static const struct ll_column columns[] = {
        {.key = "family", .title = "FAMILY", .flex = true},
        {.key = "type", .title = "TYPE"},
        {.key = "series", .title = "SERIES", .right = true},
    };
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    char name[128], count[24];
    for (size_t i = 0; t && i < p->families.n; i++) {
        const struct family *f = &p->families.v[i];
        printable(f->name, name, sizeof(name));
        snprintf(count, sizeof(count), "%zu", f->series);
        ll_table_cell(t, name, NULL, LL_TINT_NONE);
        ll_table_cell(t, ll_exposition_type_name(f->type), NULL, LL_TINT_NONE);
        ll_table_cell(t, count, NULL, LL_TINT_NONE);
    }
    return t ? ll_table_print(t, c, err) : ll_err_set(err, LL_E_MEMORY, "no memory for a table");
}

static bool print_json(struct ll_ctx *c, const struct page *p, const struct ll_err *fault,
                       struct ll_err *err)
{
    LL_AUTO_JSON errors = json_array();
    if (fault)
        json_array_append_new(errors, json_pack("{s:i, s:i, s:s}", "line", fault->line, "column",
                                                fault->column, "message", fault->text));
    LL_AUTO_JSON doc = json_pack("{s:b, s:I, s:I, s:I, s:O}", "valid", !fault, "families",
                                 (json_int_t)p->families.n, "series", (json_int_t)p->series.n,
                                 "repeated", (json_int_t)p->repeated, "errors", errors);
    if (!doc)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
    ll_json_print(c, doc);
    return true;
}

static bool print(struct ll_ctx *c, const struct page *p, struct ll_err *err)
{
    if (p->repeated > 0)
        ll_ctx_say("%zu samples repeat a series at the same time; only the first counts",
                   p->repeated);
    if (c->form == LL_FORM_NDJSON) {
        print_series(c, p);
        return true;
    }
    if (c->form == LL_FORM_TABLE)
        ll_str_addf(&c->out, "valid: %zu series in %zu families\n", p->series.n, p->families.n);
    return p->families.n == 0 || print_families(c, p, err);
}

static bool check(struct ll_ctx *c, struct ll_slice text, struct page *p, struct ll_err *err)
{
    struct ll_err fault;
    bool om = strcmp(ll_args_text(c->args, "format"), "om") == 0;
    const struct ll_exposition_opts opts = {
        .format = om ? LL_EXPOSITION_OM : LL_EXPOSITION_TEXT,
        .strict = true,
        .seed = (uint64_t)c->now,
        .on_sample = add_sample,
        .ctx = p,
    };
    bool valid = ll_exposition_parse(text, &opts, &fault);
    c->exit_code = valid ? 0 : 1;
    if (c->form == LL_FORM_JSON)
        return print_json(c, p, valid ? NULL : &fault, err);
    if (valid)
        return print(c, p, err);
    if (fault.line > 0)
        ll_ctx_say("line %d, column %d: %s", fault.line, fault.column, fault.text);
    else
        ll_ctx_say("%s", fault.text);
    return true;
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    struct ll_str text;
    struct page p = {0};
    bool ok = read_input(&text, err) && page_init(&p, text.n, (uint64_t)c->now, err) &&
              check(c, (struct ll_slice){ll_str_z(&text), text.n}, &p, err);
    page_fini(&p);
    ll_str_fini(&text);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "format",
     .type = LL_FLAG_CHOICE,
     .arg = "FORMAT",
     .choices = "text|om",
     .fallback = "text",
     .doc = "what the page claims to be: Prometheus text 0.0.4, or OpenMetrics 1.0"},
    {0}};

const struct ll_command ll_cmd_check_metrics = {
    .name = "check metrics",
    .group = "Configuration",
    .doc = "say what is wrong with a page of metrics on standard input",
    .about = "Stricter than a scraper: names, types, units, labels, values, exemplars and times as "
             "the format has them. Exit code 1 when the page is refused. -o ndjson prints its "
             "series, one a line.",
    .examples = {{"curl -s localhost:9100/metrics | loadline check metrics", "of an exporter"},
                 {"loadline check metrics --format om -o ndjson <page", "its series and values"}},
    .traits = LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
