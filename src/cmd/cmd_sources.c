#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/found.h"
#include "cmd/rows.h"
#include "cmd/table.h"

static const struct ll_column columns[] = {
    {.key = "name", .title = "SOURCE", .flex = true},
    {.key = "kind", .title = "KIND", .spare = true},
    {.key = "state", .title = "STATE"},
    {.key = "last_success", .title = "AGE", .right = true},
    {.key = "interval_seconds", .title = "EVERY", .right = true, .spare = true},
    {.key = "duration_ms", .title = "TOOK", .right = true, .spare = true},
    {.key = "series", .title = "SERIES", .right = true},
    {.key = "mapped", .title = "MAPPED", .right = true},
    {.key = "unmatched", .title = "UNMATCHED", .right = true},
    {.key = "dropped", .title = "DROPPED", .right = true, .wide = true},
    {.key = "refused", .title = "REFUSED", .right = true},
    {.key = "coverage_pct", .title = "COVERAGE", .right = true},
    {.key = "points", .title = "POINTS", .right = true, .wide = true},
    {.key = "url", .title = "ADDRESS", .wide = true},
    {.key = "error", .title = NULL},
    {.key = "note", .title = NULL},
};

static enum ll_tint state_tint(const char *state)
{
    return strcmp(state, "up") == 0     ? LL_TINT_OK
           : strcmp(state, "down") == 0 ? LL_TINT_CRIT
                                        : LL_TINT_DIM;
}

static void add_count(struct ll_table *t, const struct ll_ctx *c, const json_t *s, const char *key,
                      enum ll_tint tint)
{
    char text[LL_TEXT_MAX];
    double n = ll_json_number(s, key);
    ll_table_number(t, ll_rows_count(c, n, text), n, n > 0 ? tint : LL_TINT_NONE);
}

static void add_times(struct ll_table *t, const struct ll_ctx *c, const json_t *s)
{
    char text[LL_TEXT_MAX];
    double every = ll_json_number(s, "interval_seconds"), took = ll_json_number(s, "duration_ms");
    ll_table_cell(t, ll_text_span(c, ll_found_age(c, s, "last_success"), text),
                  ll_json_text(s, "last_success"), LL_TINT_NONE);
    ll_table_number(t, ll_text_span(c, every > 0 ? every : NAN, text), every, LL_TINT_NONE);
    if (isnan(took))
        snprintf(text, sizeof(text), "%s", ll_text_none(c));
    else
        snprintf(text, sizeof(text), "%.*f ms", took < 10 ? 1 : 0, took);
    ll_table_number(t, text, took, LL_TINT_NONE);
}

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *s)
{
    char text[LL_TEXT_MAX];
    const char *state = ll_json_text(s, "state");
    double coverage = ll_json_number(s, "coverage_pct");
    ll_table_cell(t, ll_json_text(s, "name"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(s, "kind"), NULL, LL_TINT_NONE);
    ll_table_cell(t, state, NULL, state_tint(state));
    add_times(t, c, s);
    add_count(t, c, s, "series", LL_TINT_NONE);
    add_count(t, c, s, "mapped", LL_TINT_NONE);
    add_count(t, c, s, "unmatched", LL_TINT_WARN);
    add_count(t, c, s, "dropped", LL_TINT_NONE);
    add_count(t, c, s, "refused", LL_TINT_WARN);
    ll_table_number(t, ll_text_percent(c, coverage, text), coverage, LL_TINT_NONE);
    add_count(t, c, s, "points", LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(s, "url"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(s, "error"), NULL, LL_TINT_NONE);
    ll_table_cell(t, ll_json_text(s, "note"), NULL, LL_TINT_NONE);
}

/* Below the table, in full: what each source has to say. */
static void add_words(struct ll_ctx *c, const json_t *items)
{
    static const char *const keys[] = {"error", "note"};
    size_t i;
    json_t *s;
    json_array_foreach(items, i, s)
    {
        for (size_t k = 0; k < LL_LEN(keys); k++) {
            const char *words = ll_json_text(s, keys[k]);
            if (!words[0])
                continue;
            ll_text_add(&c->out, ll_json_text(s, "name"), 0, c->utf8);
            ll_str_addz(&c->out, ": ");
            ll_text_add(&c->out, words, 0, c->utf8);
            ll_str_addc(&c->out, '\n');
        }
    }
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON items = NULL;
    if (!ll_found_list(c, "sources", "name", &items, err))
        return false;
    LL_AUTO_JSON whole = json_pack("{s:O}", "items", items);
    if (ll_json_print_form(c, whole, items))
        return true;
    LL_AUTO(ll_table) t = ll_table_new(columns, LL_LEN(columns));
    if (!t)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the table");
    size_t i;
    json_t *s;
    json_array_foreach(items, i, s)
    {
        add_row(t, c, s);
    }
    if (ll_table_rows(t) == 0)
        ll_ctx_say("there is no source");
    if (!ll_table_print(t, c, err))
        return false;
    if (c->form != LL_FORM_CSV)
        add_words(c, items);
    return true;
}

static const struct ll_flag flags[] = {
    {.name = "filter",
     .letter = 'q',
     .type = LL_FLAG_TEXT,
     .arg = "TEXT",
     .doc = "only sources whose name contains it"},
    {.name = "limit", .letter = 'n', .type = LL_FLAG_COUNT, .arg = "N", .doc = "at most so many"},
    {0}};

const struct ll_command ll_cmd_sources = {
    .name = "sources",
    .group = "Look",
    .doc = "list the sources of samples and what became of their series",
    .about = "UNMATCHED series have a place in no service (`loadline services --unmatched` says "
             "why), REFUSED ones are over a limit. COVERAGE is the share of the series of the "
             "round before that came again.",
    .examples = {{"loadline sources", "all of them"},
                 {"loadline sources -o wide", "with addresses, intervals and durations"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .run = run,
};
