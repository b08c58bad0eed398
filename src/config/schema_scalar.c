/* One scalar: text to value, with its limits.  A table row per type. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "config/schema_private.h"

union value {
    bool boolean;
    int64_t integer;
    size_t count;
    unsigned small;
    double number;
    ll_dur span;
    int member;
};

struct parser {
    bool plain_only; /* quoted means text, so it is a mistake */
    size_t size;     /* of the field */
    /* In the unit of the file into *limit for the range, and as stored into *v. */
    bool (*parse)(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                  double *limit);
    const char *expects;
};

static bool parse_bool(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                       double *limit)
{
    (void)row;
    *limit = 0;
    v->boolean = ll_slice_is(text, "true");
    return v->boolean || ll_slice_is(text, "false");
}

static bool parse_int(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                      double *limit)
{
    (void)row;
    if (!ll_num_parse_int(text, &v->integer))
        return false;
    *limit = (double)v->integer;
    return true;
}

static bool parse_count(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                        double *limit)
{
    union value i;
    if (!parse_int(row, text, &i, limit) || i.integer < 0)
        return false;
    v->count = (size_t)i.integer;
    return true;
}

static bool parse_small(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                        double *limit)
{
    union value i;
    if (!parse_int(row, text, &i, limit) || i.integer < 0 || i.integer > INT32_MAX)
        return false;
    v->small = (unsigned)i.integer;
    return true;
}

static bool parse_number(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                         double *limit)
{
    (void)row;
    if (!ll_num_parse(text, limit))
        return false;
    v->number = *limit;
    return true;
}

static bool parse_percent(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                          double *limit)
{
    (void)row;
    if (!ll_num_parse(text, limit))
        return false;
    v->number = *limit / 100;
    return true;
}

static bool parse_duration(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                           double *limit)
{
    (void)row;
    if (!ll_dur_parse(text, &v->span, NULL))
        return false;
    *limit = (double)v->span;
    return true;
}

static bool parse_span(struct ll_slice text, ll_dur unit, union value *v, double *limit)
{
    if (!ll_num_parse(text, limit) || !(fabs(*limit) <= 1e12))
        return false;
    v->span = (ll_dur)llround(*limit * (double)unit);
    return true;
}

static bool parse_seconds(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                          double *limit)
{
    (void)row;
    return parse_span(text, LL_SECOND, v, limit);
}

static bool parse_hours(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                        double *limit)
{
    (void)row;
    return parse_span(text, LL_HOUR, v, limit);
}

static bool parse_size(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                       double *limit)
{
    (void)row;
    int64_t bytes;
    if (!ll_num_parse_size(text, &bytes, NULL))
        return false;
    *limit = (double)bytes;
    v->count = (size_t)bytes;
    return true;
}

static bool parse_rate(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                       double *limit)
{
    (void)row;
    static const struct {
        const char *name;
        double bits;
    } units[] = {{"bps", 1}, {"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9}, {"Tbps", 1e12}};
    size_t n = 0;
    while (n < text.n && ((text.s[n] >= '0' && text.s[n] <= '9') || text.s[n] == '.'))
        n++;
    for (size_t i = 0; i < LL_LEN(units); i++) {
        double x;
        if (ll_slice_is((struct ll_slice){text.s + n, text.n - n}, units[i].name) &&
            ll_num_parse((struct ll_slice){text.s, n}, &x)) {
            *limit = x * units[i].bits;
            v->number = *limit / 8;
            return true;
        }
    }
    return false;
}

static bool parse_time(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                       double *limit)
{
    (void)row;
    *limit = 0;
    return ll_time_parse(text, &v->integer, NULL);
}

/* The names of an enum end with NULL; a value that files may not use has the name "". */
static bool parse_enum(const struct ll_schema_row *row, struct ll_slice text, union value *v,
                       double *limit)
{
    *limit = 0;
    for (int i = 0; row->names[i]; i++)
        if (*row->names[i] && ll_slice_ieq(text, row->names[i])) {
            v->member = i;
            return true;
        }
    return false;
}

static const struct parser parsers[] = {
    [LL_SCHEMA_BOOL] = {true, sizeof(bool), parse_bool, "is not true or false"},
    [LL_SCHEMA_INT] = {true, sizeof(int64_t), parse_int, "is not a whole number"},
    [LL_SCHEMA_COUNT] = {true, sizeof(size_t), parse_count, "is not a whole number from 0"},
    [LL_SCHEMA_SMALL] = {true, sizeof(unsigned), parse_small, "is not a whole number from 0"},
    [LL_SCHEMA_NUMBER] = {true, sizeof(double), parse_number, "is not a number"},
    [LL_SCHEMA_PERCENT] = {true, sizeof(double), parse_percent,
                           "is not a percentage: a number without %"},
    [LL_SCHEMA_DURATION] = {false, sizeof(ll_dur), parse_duration,
                            "is not a duration such as 15s, 10m, 24h or 90d"},
    [LL_SCHEMA_SECONDS] = {true, sizeof(ll_dur), parse_seconds, "is not a number of seconds"},
    [LL_SCHEMA_HOURS] = {true, sizeof(ll_dur), parse_hours, "is not a number of hours"},
    [LL_SCHEMA_SIZE] = {false, sizeof(size_t), parse_size,
                        "is not a size such as 512MiB, 10GB or 4096"},
    [LL_SCHEMA_RATE] = {false, sizeof(double), parse_rate,
                        "is not a bit rate such as 100Mbps or 10Gbps"},
    [LL_SCHEMA_TIME] = {false, sizeof(ll_time), parse_time,
                        "is not a time such as 2027-01-01T00:00:00Z"},
    [LL_SCHEMA_ENUM] = {false, sizeof(int), parse_enum, "is not"},
};

bool ll_schema_is_text(enum ll_schema_type t)
{
    return t == LL_SCHEMA_TEXT || t == LL_SCHEMA_SLICE;
}

bool ll_schema_is_scalar(enum ll_schema_type t)
{
    return t < LL_SCHEMA_TEXTS;
}

/* "is not debug, info or warn; did you mean 'info'?" */
static bool fail_enum(struct ll_schema_reader *r, const struct ll_schema_row *row,
                      const struct ll_yaml_node *node, const char *shown)
{
    const char *names[32];
    size_t n = 0;
    for (size_t i = 0; row->names[i] && n < LL_LEN(names); i++)
        if (*row->names[i])
            names[n++] = row->names[i];
    struct ll_str list;
    ll_str_init(&list, 300);
    for (size_t i = 0; i < n; i++)
        ll_str_addf(&list, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", names[i]);
    const char *near = ll_str_nearest(node->text, names, n);
    ll_schema_fail(r, &node->place, "%s: '%s' is not %s%s%s%s", row->key, shown, ll_str_z(&list),
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    ll_str_fini(&list);
    return false;
}

static bool in_range(const struct ll_schema_row *row, double v)
{
    return (row->min == 0 && row->max == 0) || (v >= row->min && v <= row->max);
}

static bool fail_range(struct ll_schema_reader *r, const struct ll_schema_row *row,
                       const struct ll_yaml_node *node, const char *shown)
{
    struct ll_str limits;
    ll_str_init(&limits, 200);
    ll_schema_limits(row, &limits);
    ll_schema_fail(r, &node->place, "%s: '%s' is out of range: %s", row->key, shown,
                   ll_str_z(&limits));
    ll_str_fini(&limits);
    return false;
}

/* The grammar's own words, after the key. */
static bool read_parsed(struct ll_schema_reader *r, const struct ll_schema_row *row,
                        const struct ll_yaml_node *node, void *field)
{
    struct ll_err why = {0};
    if (row->parse(node->text, field, &why))
        return true;
    return ll_schema_fail(r, &node->place, "%s: %s", row->key, why.text);
}

static bool read_value(struct ll_schema_reader *r, const struct ll_schema_row *row,
                       const struct ll_yaml_node *node, void *field)
{
    const struct parser *p = &parsers[row->type];
    char shown[LL_YAML_QUOTE_MAX];
    union value v;
    double limit;
    ll_yaml_quote(node->text, shown);
    if (p->plain_only && node->style == LL_YAML_QUOTED)
        return ll_schema_fail(r, &node->place, "%s: \"%s\" is text: write it without quotes",
                              row->key, shown);
    if (!p->parse(row, node->text, &v, &limit))
        return row->type == LL_SCHEMA_ENUM
                   ? fail_enum(r, row, node, shown)
                   : ll_schema_fail(r, &node->place, "%s: '%s' %s", row->key, shown, p->expects);
    if (!in_range(row, limit))
        return fail_range(r, row, node, shown);
    memcpy(field, &v, p->size);
    return true;
}

static bool read_text(struct ll_schema_reader *r, const struct ll_schema_row *row,
                      const struct ll_yaml_node *node, void *field)
{
    size_t n;
    const char *z = ll_schema_text_read(r, row, node->text, &node->place, &n);
    if (!z)
        return false;
    struct ll_slice slice = {z, n};
    if (row->type == LL_SCHEMA_TEXT)
        memcpy(field, &z, sizeof(z));
    else
        memcpy(field, &slice, sizeof(slice));
    return true;
}

static bool read_any(struct ll_schema_reader *r, const struct ll_schema_row *row,
                     const struct ll_yaml_node *node, void *field)
{
    if (ll_schema_is_text(row->type))
        return read_text(r, row, node, field);
    return row->type == LL_SCHEMA_PARSED ? read_parsed(r, row, node, field)
                                         : read_value(r, row, node, field);
}

bool ll_schema_scalar_read(struct ll_schema_reader *r, const struct ll_schema_row *row,
                           const struct ll_yaml_node *node, void *field)
{
    if (node->kind != LL_YAML_SCALAR)
        return ll_schema_fail(r, &node->place, "%s: must be a %s, not %s", row->key,
                              ll_schema_type_name(row), ll_yaml_kind_name(node->kind));
    if (ll_yaml_is_null(node))
        return ll_schema_fail(r, &node->key_place, "%s: has no value%s", row->key,
                              ll_schema_is_text(row->type) ? " (an empty text is \"\")" : "");
    bool ok = read_any(r, row, node, field);
    if (ok && r->places && !ll_schema_place_put(r->places, field, &node->place))
        return ll_schema_fail(r, &node->place, "%s: no memory", row->key);
    return ok;
}

void ll_schema_scalar_standard(struct ll_schema_reader *r, const struct ll_schema_row *row,
                               struct ll_slice text, void *field)
{
    struct ll_yaml_node node = {.style = LL_YAML_GIVEN, .text = text};
    bool ok = read_any(r, row, &node, field);
    LL_ASSERT(ok || r->n_errs > 0); /* it can only fail for want of memory, and says so */
}
