#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/market.h"
#include "os/zone.h"

static const struct ll_column columns[] = {
    {.key = "calendar", .title = "CALENDAR"},
    {.key = "name", .title = "NAME", .flex = true},
    {.key = "state", .title = "NOW"},
    {.key = "next", .title = "NEXT"},
    {.key = "zone", .title = "ZONE", .spare = true},
    {.key = "from", .title = "FROM", .wide = true},
    {.key = "announced_to", .title = "ANNOUNCED TO"},
    {.key = "rules", .title = "RULES", .right = true, .spare = true},
    {.key = "adhoc_dates", .title = "AD HOC", .right = true, .spare = true},
    {.key = "table_dates", .title = "TABLES", .right = true, .wide = true},
    {.key = "overlay_entries", .title = "OVERLAY", .right = true, .wide = true},
    {.key = "aliases", .title = "ALIASES", .wide = true},
    {.key = "file", .title = "FILE", .wide = true},
};

/* The state of a calendar now; all of it needs the calendar compiled. */
struct state {
    const char *phase; /* "" = it has no say about now */
    bool open;
    ll_time next; /* open or close; LL_TIME_NONE */
};

static bool look(struct ll_calendars *set, struct ll_slice code, ll_time now, struct state *out,
                 struct ll_err *err)
{
    const struct ll_calendar *cal;
    struct ll_calendar_moment m;
    if (!ll_calendars_get(set, code, &cal, err))
        return false;
    *out = (struct state){.phase = "", .next = LL_TIME_NONE};
    if (!ll_calendar_at(cal, now, &m))
        return true;
    out->phase = ll_cal_phase_name(m.phase);
    out->open = m.open;
    out->next = m.open ? ll_calendar_next_close(cal, now) : ll_calendar_next_open(cal, now);
    return true;
}

static void join(const struct ll_slice *v, size_t n, struct ll_str *out)
{
    ll_str_clear(out);
    for (size_t i = 0; i < n; i++)
        ll_str_addf(out, "%s%.*s", i ? " " : "", (int)v[i].n, v[i].s);
}

static void cell_slice(struct ll_table *t, struct ll_slice s, enum ll_tint tint)
{
    char text[128];
    snprintf(text, sizeof(text), "%.*s", (int)s.n, s.s);
    ll_table_cell(t, text, NULL, tint);
}

static void cell_count(struct ll_table *t, size_t n)
{
    char text[LL_TEXT_MAX];
    snprintf(text, sizeof(text), "%zu", n);
    ll_table_cell(t, text, NULL, LL_TINT_NONE);
}

static void cell_next(struct ll_table *t, const struct ll_ctx *c, const struct state *s)
{
    char when[LL_ZONE_TEXT_MAX], text[LL_TEXT_MAX], raw[LL_TIME_TEXT_MAX];
    if (s->next == LL_TIME_NONE) {
        ll_table_cell(t, ll_text_none(c), "", LL_TINT_DIM);
        return;
    }
    snprintf(text, sizeof(text), "%s %s", s->open ? "closes" : "opens",
             ll_zone_format(s->next, LL_ZONE_MINUTE, when));
    ll_table_cell(t, text, ll_market_rfc(s->next, raw), LL_TINT_NONE);
}

/* Announced too little ahead: red when it is over, yellow when it soon is. */
static enum ll_tint announced_tint(ll_day announced_to, ll_time now)
{
    ll_day today = (ll_day)ll_time_day(now);
    return announced_to < today                             ? LL_TINT_CRIT
           : announced_to < today + LL_CALENDARS_STALE_DAYS ? LL_TINT_WARN
                                                            : LL_TINT_NONE;
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const struct ll_calendar_info *i,
                    const struct state *s, struct ll_str *aliases)
{
    char day[LL_DAY_TEXT_MAX];
    cell_slice(t, i->code, LL_TINT_BOLD);
    cell_slice(t, i->name, LL_TINT_NONE);
    ll_table_cell(t, s->phase, NULL, s->open ? LL_TINT_OK : LL_TINT_DIM);
    cell_next(t, c, s);
    cell_slice(t, i->tz, LL_TINT_NONE);
    ll_table_cell(t, ll_day_format(i->from, day), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_day_format(i->announced_to, day), NULL,
                  announced_tint(i->announced_to, c->now));
    cell_count(t, i->n_rules);
    cell_count(t, i->n_adhoc);
    cell_count(t, i->n_table_days);
    cell_count(t, i->n_overlays);
    join(i->aliases, i->n_aliases, aliases);
    ll_table_cell(t, ll_str_z(aliases), NULL, LL_TINT_NONE);
    ll_table_cell(t, i->file ? i->file : "in the program", i->file ? i->file : "", LL_TINT_DIM);
}

static json_t *texts(const struct ll_slice *v, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_stringn(v[i].s, v[i].n));
    return list;
}

static json_t *item(const struct ll_calendar_info *i, const struct state *s)
{
    char from[LL_DAY_TEXT_MAX], to[LL_DAY_TEXT_MAX], next[LL_TIME_TEXT_MAX];
    json_t *at = s->next == LL_TIME_NONE ? json_null() : json_string(ll_market_rfc(s->next, next));
    return json_pack(
        "{s:s%, s:s%, s:s%, s:o, s:s, s:b, s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:s?}",
        "calendar", i->code.s, i->code.n, "name", i->name.s, i->name.n, "zone", i->tz.s, i->tz.n,
        "aliases", texts(i->aliases, i->n_aliases), "phase", s->phase, "open", s->open,
        s->open ? "next_close" : "next_open", at, "from", ll_day_format(i->from, from),
        "announced_to", ll_day_format(i->announced_to, to), "rules", (json_int_t)i->n_rules,
        "adhoc_dates", (json_int_t)i->n_adhoc, "table_dates", (json_int_t)i->n_table_days,
        "overlay_entries", (json_int_t)i->n_overlays, "sources", texts(i->sources, i->n_sources),
        "file", i->file);
}

static bool print_json(struct ll_ctx *c, struct ll_calendars *set,
                       const struct ll_calendar_info *info, size_t n, struct ll_err *err)
{
    LL_AUTO_JSON items = json_array();
    struct state s;
    for (size_t i = 0; i < n; i++) {
        if (!look(set, info[i].code, c->now, &s, err))
            return false;
        json_array_append_new(items, item(&info[i], &s));
    }
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    return whole ? ll_json_print_form(c, whole, items)
                 : ll_err_set(err, LL_E_MEMORY, "no memory for the answer");
}

static bool print_table(struct ll_ctx *c, struct ll_calendars *set,
                        const struct ll_calendar_info *info, size_t n, struct ll_err *err)
{
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    struct ll_str aliases;
    struct state s;
    bool ok = t ? true : ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    ll_str_init(&aliases, 1024);
    for (size_t i = 0; ok && i < n; i++) {
        ok = look(set, info[i].code, c->now, &s, err);
        if (ok)
            add_row(t, c, &info[i], &s, &aliases);
    }
    ll_str_fini(&aliases);
    return ok && ll_table_print(t, c, err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO(ll_calendars) set = NULL;
    const struct ll_calendar_info *info;
    size_t n;
    if (!ll_market_open(c, &set, err) || !ll_calendars_list(set, &info, &n, err))
        return false;
    if (!ll_args_given(c->args, "tz") && !ll_zone_select("local", err))
        return false;
    bool json = c->form == LL_FORM_JSON || c->form == LL_FORM_NDJSON;
    return json ? print_json(c, set, info, n, err) : print_table(c, set, info, n, err);
}

const struct ll_command ll_cmd_calendar_list = {
    .name = "calendar list",
    .group = "Calendars",
    .doc = "list the calendars, what each does now, how far it is announced",
    .about = "RULES close days or change their hours, AD HOC are single dates. After ANNOUNCED TO "
             "the venue has published nothing: sessions are computed and marked projected.",
    .examples = {{"loadline calendar list", "every calendar"},
                 {"loadline calendar list -o csv", "for a program"}},
    .traits = LL_CMD_FORMS | LL_CMD_SETTINGS,
    .run = run,
};
