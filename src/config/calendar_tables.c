/* tables.yaml: names, each with a sorted list of dates and spans of dates. */
#include <string.h>

#include "base/vec.h"
#include "config/calendar_private.h"

enum { DAYS_MAX = 20000 }; /* of one table */

LL_VEC_DEFINE(days, ll_day)

struct span {
    ll_day from, to;
};

#define REQUIRED(k, field, text)                                                                   \
    {                                                                                              \
        .key = (k), .type = LL_SCHEMA_PARSED, .flags = LL_SCHEMA_REQUIRED,                         \
        .offset = offsetof(struct span, field), .parse = ll_calendar_parse_date, .doc = (text)     \
    }
static const struct ll_schema_row span_rows[] = {REQUIRED("from", from, "first day"),
                                                 REQUIRED("to", to, "last day")};
static const struct ll_schema span_table = {span_rows, LL_LEN(span_rows), 0, NULL};

/* One entry as a span of days. */
static bool read_entry(struct ll_schema_reader *r, const struct ll_yaml_node *table,
                       const struct ll_yaml_node *n, struct span *out)
{
    size_t before = r->n_errs;
    struct ll_err why = {0};
    if (n->kind == LL_YAML_MAP) {
        *out = (struct span){LL_DAY_NONE, LL_DAY_LAST};
        bool ok = ll_schema_read(r, &span_table, n, out);
        ll_calendar_check_span(r, n, out->from, out->to);
        return ok && r->n_errs == before;
    }
    if (n->kind != LL_YAML_SCALAR)
        return ll_schema_fail(r, &n->place, "%s: an entry is a date or {from: DATE, to: DATE}",
                              table->key.s);
    if (!ll_calendar_parse_date(n->text, &out->from, &why))
        return ll_schema_fail(r, &n->place, "%s: %s", table->key.s, why.text);
    out->to = out->from;
    return true;
}

static bool add_span(struct ll_schema_reader *r, const struct ll_yaml_node *table,
                     const struct ll_yaml_node *n, const struct span *s, struct days *days)
{
    char a[LL_DAY_TEXT_MAX], b[LL_DAY_TEXT_MAX];
    if (days->n > 0 && s->from <= days->v[days->n - 1])
        return ll_schema_fail(r, &n->place, "%s: %s is not after %s: a table is sorted",
                              table->key.s, ll_day_format(s->from, a),
                              ll_day_format(days->v[days->n - 1], b));
    for (ll_day d = s->from; d <= s->to; d++)
        if (!days_push(days, d))
            return ll_schema_fail(r, &n->place, "%s: more than %d days", table->key.s, DAYS_MAX);
    return true;
}

static void read_table(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                       struct ll_cal_table *out)
{
    struct days days = {.cap = DAYS_MAX};
    const char *wrong = ll_calendar_check_id(node->key);
    char shown[LL_YAML_QUOTE_MAX];
    if (wrong) {
        ll_schema_fail(r, &node->key_place, "'%s' %s", ll_yaml_quote(node->key, shown), wrong);
        return;
    }
    if (node->kind != LL_YAML_LIST || node->n == 0) {
        ll_schema_fail(r, &node->place, "%s: a table is a list of dates", node->key.s);
        return;
    }
    bool ok = true;
    for (const struct ll_yaml_node *n = node->first; n; n = n->next) {
        struct span s = {0, -1};
        ok = read_entry(r, node, n, &s) && add_span(r, node, n, &s, &days) && ok;
    }
    ll_day *copy = LL_ARENA_NEW(r->out, ll_day, days.n);
    const char *name = ll_arena_copy(r->out, node->key.s, node->key.n);
    if (copy && days.n)
        memcpy(copy, days.v, days.n * sizeof(*copy));
    if (!copy || !name)
        ll_schema_fail(r, &node->place, "%s: no memory", node->key.s);
    else if (ok)
        *out = (struct ll_cal_table){{name, node->key.n}, copy, days.n};
    days_fini(&days);
}

static void read_root(struct ll_schema_reader *r, const struct ll_yaml_node *root, void *ctx)
{
    struct ll_calendar_tables *out = ctx;
    if (root->kind != LL_YAML_MAP) {
        ll_schema_fail(r, &root->place, "tables are a map of names, each with a list of dates");
        return;
    }
    struct ll_cal_table *v = LL_ARENA_NEW(r->out, struct ll_cal_table, root->n);
    if (!v) {
        ll_schema_fail(r, &root->place, "no memory");
        return;
    }
    size_t i = 0;
    for (const struct ll_yaml_node *n = root->first; n; n = n->next)
        read_table(r, n, &v[i++]);
    *out = (struct ll_calendar_tables){v, root->n};
}

bool ll_calendar_tables_read(struct ll_calendar_reading *r, struct ll_slice text,
                             struct ll_calendar_tables *out)
{
    struct ll_calendar_tables t = {0};
    if (!ll_calendar_read(r, text, read_root, &t))
        return false;
    *out = t;
    return true;
}
