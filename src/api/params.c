#include "api/params.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "core/enums.h"

static const char *const type_names[] = {"text",   "resource type", "time",      "whole number",
                                         "number", "json or csv",   "yes or no", "selectors"};

const char *ll_param_type_name(enum ll_param_type t)
{
    return type_names[t];
}

void ll_issues_add(struct ll_issues *i, const char *path, const char *hint, const char *fmt, ...)
{
    if (i->n++ >= LL_ISSUES_MAX)
        return;
    struct ll_issue *x = &i->v[i->n - 1];
    snprintf(x->path, sizeof(x->path), "%s", path);
    snprintf(x->hint, sizeof(x->hint), "%s", hint);
    x->line = x->column = 0;
    va_list args;
    va_start(args, fmt);
    vsnprintf(x->message, sizeof(x->message), fmt, args);
    va_end(args);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool ll_params_decode(char *s, size_t *n, bool form)
{
    size_t to = 0;
    for (size_t i = 0; i < *n; i++) {
        char c = s[i];
        if (c == '%') {
            if (*n - i < 3 || hex(s[i + 1]) < 0 || hex(s[i + 2]) < 0)
                return false;
            c = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        s[to++] = c;
    }
    *n = to;
    return ll_utf8_valid(s, to);
}

static bool take_pair(char *s, size_t n, struct ll_query *out, struct ll_err *err)
{
    if (out->n == LL_PARAMS_MAX)
        return ll_err_set(err, LL_E_INVALID, "more than %d query parameters", LL_PARAMS_MAX);
    char *eq = memchr(s, '=', n);
    size_t name_n = eq ? (size_t)(eq - s) : n, value_n = eq ? n - name_n - 1 : 0;
    char *value = eq ? eq + 1 : s + n;
    if (!ll_params_decode(s, &name_n, true) || !ll_params_decode(value, &value_n, true))
        return ll_err_set(err, LL_E_INVALID,
                          "a query parameter has a broken %% escape, a NUL or is not UTF-8");
    struct ll_pair p = {{s, name_n}, {value, value_n}};
    for (size_t i = 0; i < out->n; i++)
        if (ll_slice_eq(out->v[i].name, p.name))
            return ll_err_set(err, LL_E_INVALID, "query parameter '%.*s' is given twice",
                              (int)LL_MIN(name_n, (size_t)64), s);
    out->v[out->n++] = p;
    return true;
}

bool ll_params_split(char *s, size_t n, struct ll_query *out, struct ll_err *err)
{
    out->n = 0;
    for (size_t at = 0; at < n;) {
        char *amp = memchr(s + at, '&', n - at);
        size_t len = amp ? (size_t)(amp - (s + at)) : n - at;
        if (len > 0 && !take_pair(s + at, len, out, err))
            return false;
        at += len + 1;
    }
    return true;
}

static void unknown(const struct ll_param *table, struct ll_slice name, struct ll_issues *issues)
{
    const char *names[LL_PARAMS_MAX];
    char path[64], hint[96] = "";
    size_t n = 0;
    while (n < LL_LEN(names) && table[n].name) {
        names[n] = table[n].name;
        n++;
    }
    const char *near = ll_str_nearest(name, names, n);
    if (near)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
    else if (n == 0)
        snprintf(hint, sizeof(hint), "this route takes none");
    snprintf(path, sizeof(path), "%.*s", (int)LL_MIN(name.n, sizeof(path) - 1), name.s);
    ll_issues_add(issues, path, hint, "unknown query parameter");
}

static const struct ll_param *find(const struct ll_param *table, struct ll_slice name, size_t *at)
{
    for (size_t i = 0; table[i].name; i++)
        if (ll_slice_is(name, table[i].name)) {
            *at = i;
            return &table[i];
        }
    return NULL;
}

static void check_resource(const struct ll_param *p, struct ll_param_value *v,
                           struct ll_issues *issues)
{
    enum ll_resource_type type;
    if (ll_resource_parse(v->text, &type)) {
        v->resource = (int)type;
        return;
    }
    const char *names[LL_RESOURCE_COUNT];
    char hint[96] = "";
    for (int i = 0; i < LL_RESOURCE_COUNT; i++)
        names[i] = ll_resource_name((enum ll_resource_type)i);
    const char *near = ll_str_nearest(v->text, names, LL_LEN(names));
    if (near)
        snprintf(hint, sizeof(hint), "did you mean %s?", near);
    ll_issues_add(
        issues, p->name, hint,
        "'%.*s' is none of CPU, MEMORY, DISK, NETWORK, CONNECTIONS, QUEUE_DEPTH, API_CALLS",
        (int)LL_MIN(v->text.n, (size_t)40), v->text.s);
}

static void check_time(const struct ll_param *p, ll_time now, struct ll_param_value *v,
                       struct ll_issues *issues)
{
    char day[40];
    struct ll_err err;
    if (ll_time_parse_relative(v->text, now, &v->time, &err))
        return;
    int n =
        snprintf(day, sizeof(day), "%.*sT00:00:00Z", (int)LL_MIN(v->text.n, (size_t)16), v->text.s);
    if (v->text.n == 10 && ll_time_parse((struct ll_slice){day, (size_t)n}, &v->time, NULL))
        return;
    ll_issues_add(issues, p->name, "RFC 3339, Unix seconds, a date, now or now-24h", "%s",
                  err.text);
}

static void check_number(const struct ll_param *p, struct ll_param_value *v,
                         struct ll_issues *issues)
{
    bool whole = p->type == LL_PARAM_INT;
    bool ok = whole ? ll_num_parse_int(v->text, &v->integer) : ll_num_parse(v->text, &v->number);
    if (!ok) {
        ll_issues_add(issues, p->name, "", "'%.*s' is not a %s", (int)LL_MIN(v->text.n, (size_t)40),
                      v->text.s, type_names[p->type]);
        return;
    }
    if (whole)
        v->number = (double)v->integer;
    bool limited = p->min < p->max;
    if (limited && !(v->number >= p->min && v->number <= p->max))
        ll_issues_add(issues, p->name, "", "%.*s is not between %.15g and %.15g",
                      (int)LL_MIN(v->text.n, (size_t)40), v->text.s, p->min, p->max);
}

static void check_format(const struct ll_param *p, struct ll_param_value *v,
                         struct ll_issues *issues)
{
    v->csv = ll_slice_ieq(v->text, "csv");
    if (!v->csv && !ll_slice_ieq(v->text, "json"))
        ll_issues_add(issues, p->name, "", "'%.*s' is neither json nor csv",
                      (int)LL_MIN(v->text.n, (size_t)40), v->text.s);
}

static void check_yes(const struct ll_param *p, struct ll_param_value *v, struct ll_issues *issues)
{
    v->yes = ll_slice_ieq(v->text, "true") || ll_slice_is(v->text, "1");
    if (!v->yes && !ll_slice_ieq(v->text, "false") && !ll_slice_is(v->text, "0"))
        ll_issues_add(issues, p->name, "", "'%.*s' is neither true nor false",
                      (int)LL_MIN(v->text.n, (size_t)40), v->text.s);
}

static void check_one(const struct ll_param *p, ll_time now, struct ll_param_value *v,
                      struct ll_issues *issues)
{
    switch (p->type) {
    case LL_PARAM_TEXT:
        if (p->required && v->text.n == 0)
            ll_issues_add(issues, p->name, "", "is empty");
        else if (v->text.n > 255)
            ll_issues_add(issues, p->name, "", "is longer than 255 bytes");
        break;
    case LL_PARAM_SELECTORS:
        if (v->text.n > LL_PARAM_SELECTORS_MAX)
            ll_issues_add(issues, p->name, "", "is longer than %d bytes", LL_PARAM_SELECTORS_MAX);
        break;
    case LL_PARAM_RESOURCE:
        check_resource(p, v, issues);
        break;
    case LL_PARAM_TIME:
        check_time(p, now, v, issues);
        break;
    case LL_PARAM_INT:
    case LL_PARAM_NUMBER:
        check_number(p, v, issues);
        break;
    case LL_PARAM_FORMAT:
        check_format(p, v, issues);
        break;
    case LL_PARAM_YES:
        check_yes(p, v, issues);
        break;
    }
}

bool ll_params_check(const struct ll_param *table, const struct ll_query *q, ll_time now,
                     struct ll_param_value *values, struct ll_issues *issues)
{
    issues->n = 0;
    for (size_t i = 0; table[i].name; i++)
        values[i] = (struct ll_param_value){.resource = -1};
    for (size_t i = 0; i < q->n; i++) {
        size_t at;
        const struct ll_param *p = find(table, q->v[i].name, &at);
        if (!p) {
            unknown(table, q->v[i].name, issues);
            continue;
        }
        values[at].given = true;
        values[at].text = q->v[i].value;
        check_one(p, now, &values[at], issues);
    }
    for (size_t i = 0; table[i].name; i++)
        if (table[i].required && !values[i].given)
            ll_issues_add(issues, table[i].name, "", "is required");
    return issues->n == 0;
}
