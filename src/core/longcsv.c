#include "core/longcsv.h"

#include <math.h>

#include "base/num.h"

static const char *const names[LL_LONGCSV_COLUMNS] = {
    [LL_LONGCSV_SERIES] = "series",       [LL_LONGCSV_TIMESTAMP] = "timestamp",
    [LL_LONGCSV_VALUE] = "value",         [LL_LONGCSV_CAPACITY] = "capacity",
    [LL_LONGCSV_SERVICE] = "service",     [LL_LONGCSV_RESOURCE_TYPE] = "resource_type",
    [LL_LONGCSV_INSTANCE] = "instance",   [LL_LONGCSV_PART] = "part",
    [LL_LONGCSV_MAX_VALUE] = "max_value", [LL_LONGCSV_WINDOW] = "window_seconds",
    [LL_LONGCSV_UNIT] = "unit",
};

#define SECONDS_MAX 253402300799.0 /* the end of 9999 */
#define WINDOW_MAX 86400.0

static bool refuse(struct ll_err *err, enum ll_longcsv_column c, struct ll_slice text,
                   const char *why)
{
    return ll_err_set(err, LL_E_INVALID, "%s '%.*s' %s", names[c], (int)LL_MIN(text.n, (size_t)40),
                      text.s, why);
}

static int column_of(struct ll_slice name)
{
    for (int i = 0; i < LL_LONGCSV_COLUMNS; i++)
        if (ll_slice_is(name, names[i]))
            return i;
    return -1;
}

bool ll_longcsv_header(const struct ll_slice *fields, size_t n, struct ll_longcsv *out,
                       struct ll_err *err)
{
    struct ll_longcsv l = {.fields = n};
    for (int i = 0; i < LL_LONGCSV_COLUMNS; i++)
        l.at[i] = -1;
    for (size_t i = 0; i < n; i++) {
        int c = column_of(fields[i]);
        const char *near = c < 0 ? ll_str_nearest(fields[i], names, LL_LEN(names)) : NULL;
        if (c < 0)
            return ll_err_set(err, LL_E_INVALID, "column '%.*s' is not known%s%s%s",
                              (int)LL_MIN(fields[i].n, (size_t)40), fields[i].s,
                              near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        if (l.at[c] >= 0)
            return ll_err_set(err, LL_E_INVALID, "column '%s' is there twice", names[c]);
        l.at[c] = (int)i;
    }
    for (int i = LL_LONGCSV_SERIES; i <= LL_LONGCSV_VALUE; i++)
        if (l.at[i] < 0)
            return ll_err_set(err, LL_E_INVALID,
                              "column '%s' is missing; the header is series,timestamp,value and "
                              "what else is known",
                              names[i]);
    *out = l;
    return true;
}

static struct ll_slice field(const struct ll_longcsv *l, const struct ll_slice *fields,
                             enum ll_longcsv_column c)
{
    return l->at[c] < 0 ? LL_SLICE("") : fields[l->at[c]];
}

static bool read_time(struct ll_slice text, ll_time *out, struct ll_err *err)
{
    double seconds;
    struct ll_err why;
    if (ll_num_parse(text, &seconds)) {
        if (fabs(seconds) > SECONDS_MAX)
            return refuse(err, LL_LONGCSV_TIMESTAMP, text, "is beyond the year 9999; in seconds?");
        *out = (ll_time)llround(seconds * 1e3);
        return true;
    }
    return ll_time_parse(text, out, &why) ||
           refuse(err, LL_LONGCSV_TIMESTAMP, text, "is neither RFC 3339 nor Unix seconds");
}

static bool read_number(const struct ll_longcsv *l, const struct ll_slice *fields,
                        enum ll_longcsv_column c, double *out, struct ll_err *err)
{
    struct ll_slice text = field(l, fields, c);
    *out = NAN;
    return text.n == 0 || ll_slice_ieq(text, "nan") || ll_num_parse(text, out) ||
           refuse(err, c, text, "is not a number");
}

static bool read_kind(const struct ll_longcsv *l, const struct ll_slice *fields,
                      struct ll_longcsv_row *r, struct ll_err *err)
{
    struct ll_slice type = field(l, fields, LL_LONGCSV_RESOURCE_TYPE);
    struct ll_slice unit = field(l, fields, LL_LONGCSV_UNIT);
    enum ll_resource_type t = 0;
    enum ll_unit u = 0;
    if (type.n && !ll_resource_parse(type, &t))
        return refuse(err, LL_LONGCSV_RESOURCE_TYPE, type, "is not known");
    if (unit.n && !ll_unit_parse(unit, &u))
        return refuse(err, LL_LONGCSV_UNIT, unit, "is not known");
    r->type = type.n ? (int)t : -1;
    r->unit = unit.n ? (int)u : -1;
    return true;
}

static bool read_window(const struct ll_longcsv *l, const struct ll_slice *fields, ll_dur *out,
                        struct ll_err *err)
{
    double seconds;
    if (!read_number(l, fields, LL_LONGCSV_WINDOW, &seconds, err))
        return false;
    *out = 0;
    if (isnan(seconds))
        return true;
    if (!(seconds >= 0 && seconds <= WINDOW_MAX))
        return refuse(err, LL_LONGCSV_WINDOW, field(l, fields, LL_LONGCSV_WINDOW),
                      "is not between 0 and 86400");
    *out = (ll_dur)llround(seconds * 1e3);
    return true;
}

bool ll_longcsv_row(const struct ll_longcsv *l, const struct ll_slice *fields, size_t n,
                    struct ll_longcsv_row *out, struct ll_err *err)
{
    if (n != l->fields)
        return ll_err_set(err, LL_E_INVALID, "%zu fields, and the header has %zu", n, l->fields);
    struct ll_longcsv_row r = {
        .series = field(l, fields, LL_LONGCSV_SERIES),
        .service = field(l, fields, LL_LONGCSV_SERVICE),
        .instance = field(l, fields, LL_LONGCSV_INSTANCE),
        .part = field(l, fields, LL_LONGCSV_PART),
    };
    if (r.series.n == 0 && r.service.n == 0)
        return ll_err_set(err, LL_E_INVALID, "series is empty");
    if (!read_time(field(l, fields, LL_LONGCSV_TIMESTAMP), &r.t, err) ||
        !read_number(l, fields, LL_LONGCSV_VALUE, &r.value, err) ||
        !read_number(l, fields, LL_LONGCSV_CAPACITY, &r.capacity, err) ||
        !read_number(l, fields, LL_LONGCSV_MAX_VALUE, &r.max_value, err) ||
        !read_window(l, fields, &r.window, err) || !read_kind(l, fields, &r, err))
        return false;
    *out = r;
    return true;
}

static void add_number(struct ll_str *out, double v)
{
    char text[LL_NUM_TEXT_MAX];
    ll_str_addc(out, ',');
    if (isfinite(v))
        ll_str_add(out, text, ll_num_format(v, text));
}

static void add_series(struct ll_str *out, const struct ll_series_key *k)
{
    struct ll_str name;
    ll_str_init(&name, 3 * LL_NAME_MAX + 32);
    ll_str_add(&name, k->service.s, k->service.n);
    ll_str_addf(&name, "/%s", ll_resource_name(k->type));
    if (k->instance.n || k->part.n)
        ll_str_addf(&name, "/%.*s", (int)k->instance.n, k->instance.s);
    if (k->part.n)
        ll_str_addf(&name, "/%.*s", (int)k->part.n, k->part.s);
    ll_csv_add(out, (struct ll_slice){ll_str_z(&name), name.n});
    out->failed = out->failed || name.failed;
    ll_str_fini(&name);
}

void ll_longcsv_add(struct ll_str *out, const struct ll_sample *s)
{
    char time[LL_TIME_TEXT_MAX];
    add_series(out, &s->key);
    ll_str_addc(out, ',');
    ll_str_addz(out, ll_time_format(s->t, time));
    add_number(out, s->value);
    add_number(out, s->capacity);
    ll_str_addc(out, ',');
    ll_csv_add(out, s->key.service);
    ll_str_addf(out, ",%s,", ll_resource_name(s->key.type));
    ll_csv_add(out, s->key.instance);
    ll_str_addc(out, ',');
    ll_csv_add(out, s->key.part);
    add_number(out, s->max_value);
    add_number(out, s->window > 0 ? (double)s->window / 1e3 : (double)NAN);
    ll_str_addc(out, '\n');
}
