/* What the readers of rules, tables and overlays share. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/calendar_private.h"

static const struct ll_schema_row clock_rows[] = {
    {.key = "break",
     .type = LL_SCHEMA_PARSED,
     .flags = LL_SCHEMA_VALUE,
     .parse = ll_calendar_parse_clock},
};
const struct ll_schema ll_calendar_clock_schema = {clock_rows, 1, sizeof(ll_cal_clock), NULL};

bool ll_calendar_file_fail(struct ll_calendar_reading *r, const struct ll_yaml_place *p,
                           const char *fmt, ...)
{
    char text[LL_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (r->n_errs < r->max)
        ll_yaml_fail(&r->errs[r->n_errs], p, "%s", text);
    r->n_errs++;
    return false;
}

const struct ll_yaml_place *ll_calendar_place(const struct ll_yaml_node *map, const char *key)
{
    const struct ll_yaml_node *n =
        map->kind == LL_YAML_MAP ? ll_yaml_get(map, ll_slice_of(key)) : NULL;
    return n ? &n->place : &map->place;
}

bool ll_calendar_gives_hours(const struct ll_yaml_node *row)
{
    static const char *const keys[] = {"open", "close", "break", "shift", "shift_open"};
    for (size_t i = 0; i < LL_LEN(keys); i++)
        if (ll_yaml_get(row, ll_slice_of(keys[i])))
            return true;
    return false;
}

void ll_calendar_take_times(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            struct ll_calendar_raw_times *t)
{
    struct ll_cal_times *v = &t->times;
    if (v->open != LL_CAL_CLOCK_NONE && v->close != LL_CAL_CLOCK_NONE && v->close <= v->open)
        ll_schema_fail(r, ll_calendar_place(node, "close"), "close: is not after the open");
    if (t->n_pause != 2)
        return;
    v->break_start = t->pause[0];
    v->break_end = t->pause[1];
    if (v->break_end <= v->break_start)
        ll_schema_fail(r, ll_calendar_place(node, "break"),
                       "break: its end is not after its start");
}

void ll_calendar_check_span(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                            ll_day from, ll_day to)
{
    char a[LL_DAY_TEXT_MAX], b[LL_DAY_TEXT_MAX];
    if (from != LL_DAY_NONE && to != LL_DAY_LAST && to < from)
        ll_schema_fail(r, ll_calendar_place(node, "to"), "to: %s is before from, %s",
                       ll_day_format(to, b), ll_day_format(from, a));
}

static int by_place(const void *a, const void *b)
{
    const struct ll_err *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

bool ll_calendar_read(struct ll_calendar_reading *r, struct ll_slice text, ll_calendar_reader *read,
                      void *ctx)
{
    LL_AUTO(ll_arena) scratch = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_schema_reader s = {
        .out = r->out, .errs = r->errs, .max = r->max, .n_errs = r->n_errs, .context = r};
    struct ll_yaml_node *root;
    struct ll_err err = {0};
    const size_t before = r->n_errs;
    if (!scratch)
        ll_err_set(&err, LL_E_MEMORY, "%s: no memory", r->name);
    if (!scratch || !ll_yaml_parse(text, r->name, scratch, &root, &err)) {
        if (r->n_errs++ < r->max)
            r->errs[before] = err;
        return false;
    }
    read(&s, root, ctx);
    r->n_errs = s.n_errs;
    if (r->max > before) /* checks across rows come late */
        qsort(r->errs + before, LL_MIN(r->n_errs, r->max) - before, sizeof(*r->errs), by_place);
    return r->n_errs == before;
}
