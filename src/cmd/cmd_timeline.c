/* An incident in the order of time: what was seen, what was decided of it, what was done.
 *
 * Three lists of the daemon put together: its decisions, each with the samples and the count it was
 * made from; its actions, each as it began and as it ended; and its events of that service and of
 * the daemon itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/scaling_ask.h"
#include "os/zone.h"

enum { DECISIONS = 500, EVENTS = 200, LINE_MAX_BYTES = 2048 };

struct span {
    ll_time from, to;
};

struct timeline {
    struct ll_ctx *c;
    struct span span;
    const char *target;
    json_t *lines; /* owned */
    char *seen;    /* owned: what was seen last, which is not said again */
};

static bool read_span(const struct ll_ctx *c, struct span *s, struct ll_err *err)
{
    const struct ll_args *a = c->args;
    if (ll_args_given(a, "from") && ll_args_given(a, "since"))
        return ll_err_set(err, LL_E_USAGE, "--since and --from contradict each other");
    s->to = ll_args_given(a, "to") ? ll_args_time(a, "to", c->now) : c->now;
    s->from = ll_args_given(a, "from") ? ll_args_time(a, "from", c->now)
                                       : s->to - ll_args_duration(a, "since");
    return s->from < s->to || ll_err_set(err, LL_E_USAGE, "--from is not before --to");
}

/* A line of the timeline; counts are NaN where there are none.  Outside the span it is none. */
struct line {
    const char *time; /* RFC 3339 */
    const char *what; /* seen, decided, done */
    const char *state, *by, *id;
    double from, to;
    const char *text;
};

static json_t *count(double v)
{
    return isnan(v) ? json_null() : json_integer((json_int_t)v);
}

static void add(struct timeline *t, const struct line *l)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s}", "timestamp", l->time, "what",
                  l->what, "target", t->target, "from_value", count(l->from), "to_value",
                  count(l->to), "state", l->state, "actor", l->by, "text", l->text, "id", l->id);
    const ll_time at = ll_json_time(o, "timestamp");
    if (at != LL_TIME_NONE && at >= t->span.from && at <= t->span.to)
        json_array_append(t->lines, o);
    json_decref(o);
}

/* "orders API_CALLS 480 of 800, 8 of 8 instances" */
static void add_sample(struct ll_str *o, const json_t *seen)
{
    const json_t *newest = json_array_get(json_object_get(seen, "samples"), 0);
    ll_str_addf(o, "%s%s ", ll_str_z(o)[0] ? "; " : "", ll_json_text(seen, "metric"));
    if (!newest) {
        ll_str_addz(o, "no samples");
        return;
    }
    const json_t *value = json_array_get(newest, 1), *capacity = json_array_get(newest, 2);
    ll_str_addf(o, json_is_number(value) ? "%g" : "not a number", json_number_value(value));
    if (json_is_number(capacity))
        ll_str_addf(o, " of %g", json_number_value(capacity));
    const double expected = ll_json_number(seen, "expected");
    if (expected > 1)
        ll_str_addf(o, ", %.0f of %.0f instances", ll_json_number(seen, "instances"), expected);
}

static void add_seen(struct timeline *t, const json_t *row, const json_t *record)
{
    size_t i;
    json_t *rule;
    struct ll_str text;
    const json_t *input = json_object_get(record, "input");
    ll_str_init(&text, LINE_MAX_BYTES);
    json_array_foreach(json_object_get(record, "rules"), i, rule)
    {
        add_sample(&text, json_object_get(rule, "seen"));
    }
    if (!ll_json_is_true(input, "known")) {
        ll_str_addf(&text, "%sits count is not known", ll_str_z(&text)[0] ? "; " : "");
    } else {
        ll_str_addf(&text, "%s%.0f there", ll_str_z(&text)[0] ? "; " : "",
                    ll_json_number(input, "current"));
        if (ll_json_number(input, "ready") >= 0)
            ll_str_addf(&text, ", %.0f ready", ll_json_number(input, "ready"));
    }
    if (!t->seen || strcmp(t->seen, ll_str_z(&text)) != 0) {
        add(t, &(struct line){ll_json_text(row, "timestamp"), "seen", "", "", "", NAN, NAN,
                              ll_str_z(&text)});
        free(t->seen);
        t->seen = strdup(ll_str_z(&text));
    }
    ll_str_fini(&text);
}

static bool add_decision(struct timeline *t, const json_t *row, struct ll_err *err)
{
    LL_AUTO_JSON whole = NULL;
    const char *id = ll_json_text(row, "decision_id");
    if (!ll_scaling_ask_get(t->c, "decisions", id, &whole, err))
        return false;
    const json_t *record = json_object_get(whole, "record");
    if (record)
        add_seen(t, row, record);
    add(t, &(struct line){ll_json_text(row, "timestamp"), "decided", ll_json_text(row, "verdict"),
                          "", id, ll_json_number(row, "current"), ll_json_number(row, "to"),
                          ll_json_text(json_object_get(record, "decision"), "reason")});
    return true;
}

static void path_of(const struct timeline *t, const char *list, struct ll_str *path)
{
    ll_str_init(path, LL_SCALING_PATH_MAX);
    ll_str_addf(path, "/api/v1/%s?hours=%g", list,
                (double)(t->c->now - t->span.from) / (double)LL_HOUR + 0.001);
    ll_client_query(path, "target", t->target);
}

static bool add_decisions(struct timeline *t, struct ll_err *err)
{
    LL_AUTO_JSON rows = NULL;
    struct ll_str path;
    path_of(t, "decisions", &path);
    bool ok = ll_client_list(t->c, ll_str_z(&path), DECISIONS, &rows, err);
    ll_str_fini(&path);
    for (size_t i = json_array_size(rows); ok && i-- > 0;) /* the oldest first */
        ok = add_decision(t, json_array_get(rows, i), err);
    if (json_array_size(rows) == DECISIONS)
        ll_ctx_say("only the newest %d decisions are shown; give --from and --to of the incident",
                   DECISIONS);
    return ok;
}

/* How it began, and how it ended where that was later. */
static void add_action(struct timeline *t, const json_t *a)
{
    const char *state = ll_json_text(a, "state"), *id = ll_json_text(a, "action_id");
    const char *began = ll_json_text(a, "created"), *ended = ll_json_text(a, "changed");
    const double from = ll_json_number(a, "from_value"), to = ll_json_number(a, "to_value");
    const bool open = strcmp(state, "proposed") == 0 || strcmp(state, "pending") == 0;
    if (!open && strcmp(state, "observed") != 0)
        add(t, &(struct line){began, "done", "begun", ll_json_text(a, "actor"), id, from, to,
                              ll_json_text(a, "direction")});
    add(t, &(struct line){ended[0] ? ended : began, "done", state, ll_json_text(a, "actor"), id,
                          from, to, ll_json_text(a, "reason")});
}

static bool add_actions(struct timeline *t, struct ll_err *err)
{
    LL_AUTO_JSON rows = NULL;
    struct ll_str path;
    path_of(t, "actions", &path);
    const bool ok = ll_client_list(t->c, ll_str_z(&path), 0, &rows, err);
    ll_str_fini(&path);
    for (size_t i = json_array_size(rows); ok && i-- > 0;)
        add_action(t, json_array_get(rows, i));
    return ok;
}

/* Those of scaling are told by the actions. */
static bool add_events(struct timeline *t, const char *service, struct ll_err *err)
{
    LL_AUTO_JSON answer = NULL;
    char path[64], text[LINE_MAX_BYTES];
    snprintf(path, sizeof(path), "/api/v1/events?limit=%d", EVENTS);
    if (!ll_client_get(t->c, path, &answer, err))
        return false;
    const json_t *rows = json_object_get(answer, "items");
    for (size_t i = json_array_size(rows); i-- > 0;) {
        const json_t *e = json_array_get(rows, i);
        const char *of = ll_json_text(e, "service"), *detail = ll_json_text(e, "detail");
        if (strcmp(ll_json_text(e, "kind"), "scaling") == 0 || (of[0] && strcmp(of, service) != 0))
            continue;
        snprintf(text, sizeof(text), "%s%s%s", ll_json_text(e, "title"), detail[0] ? ": " : "",
                 detail);
        add(t, &(struct line){ll_json_text(e, "timestamp"), "seen", ll_json_text(e, "kind"), "", "",
                              NAN, NAN, text});
    }
    return true;
}

struct placed {
    ll_time at;
    size_t order; /* as it was added: seen before decided */
    json_t *line;
};

static int earlier(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static bool sort(struct timeline *t, struct ll_err *err)
{
    const size_t n = json_array_size(t->lines);
    struct placed *all = calloc(n + 1, sizeof(*all));
    json_t *sorted = json_array();
    for (size_t i = 0; all && i < n; i++) {
        json_t *line = json_array_get(t->lines, i);
        all[i] = (struct placed){ll_json_time(line, "timestamp"), i, line};
    }
    if (all)
        qsort(all, n, sizeof(*all), earlier);
    for (size_t i = 0; all && i < n; i++)
        json_array_append(sorted, all[i].line);
    json_decref(t->lines);
    t->lines = sorted;
    const bool ok = all && sorted;
    free(all);
    return ok || ll_err_set(err, LL_E_MEMORY, "no memory for the timeline");
}

static const struct ll_column columns[] = {
    {.key = "timestamp", .title = "WHEN"},
    {.key = "what", .title = "WHAT"},
    {.key = "target", .title = NULL},
    {.key = "from_value", .title = "FROM", .right = true},
    {.key = "to_value", .title = "TO", .right = true},
    {.key = "state", .title = "STATE"},
    {.key = "actor", .title = "BY", .spare = true},
    {.key = "text", .title = "TEXT", .flex = true},
    {.key = "id", .title = "ID", .wide = true},
};

static void add_row(struct ll_table *t, const struct ll_ctx *c, const json_t *item)
{
    char at[LL_ZONE_TEXT_MAX];
    ll_table_cell(t, ll_zone_format(ll_json_time(item, "timestamp"), LL_ZONE_SECOND, at),
                  ll_json_text(item, "timestamp"), LL_TINT_NONE);
    ll_scaling_cell_text(t, c, item, "what");
    ll_scaling_cell_text(t, c, item, "target");
    ll_scaling_cell_count(t, c, item, "from_value");
    ll_scaling_cell_count(t, c, item, "to_value");
    ll_scaling_cell_text(t, c, item, "state");
    ll_scaling_cell_text(t, c, item, "actor");
    ll_scaling_cell_text(t, c, item, "text");
    ll_scaling_cell_text(t, c, item, "id");
}

static bool fill(struct timeline *t, const json_t *target, struct ll_err *err)
{
    t->target = ll_json_text(target, "name");
    t->lines = json_array();
    return add_events(t, ll_json_text(target, "service"), err) && add_decisions(t, err) &&
           add_actions(t, err) && sort(t, err) &&
           ll_scaling_print_list(t->c, t->lines, columns, LL_LEN(columns), add_row,
                                 "nothing was seen, decided or done in that time", err);
}

static bool run(struct ll_ctx *c, struct ll_err *err)
{
    LL_AUTO_JSON target = NULL;
    struct timeline t = {.c = c};
    if (!read_span(c, &t.span, err) ||
        !ll_scaling_ask_target(c, c->args->positionals[0], &target, err))
        return false;
    const bool ok = fill(&t, target, err);
    json_decref(t.lines);
    free(t.seen);
    return ok;
}

static const struct ll_flag flags[] = {
    {.name = "since",
     .type = LL_FLAG_DURATION,
     .arg = "SPAN",
     .fallback = "24h",
     .doc = "how far back"},
    {.name = "from",
     .type = LL_FLAG_TIME,
     .arg = "TIME",
     .doc = "start: RFC 3339, Unix seconds or now-24h"},
    {.name = "to", .type = LL_FLAG_TIME, .arg = "TIME", .doc = "end; now when not given"},
    {0}};

static const struct ll_positional positionals[] = {
    {.name = "NAME", .kind = LL_POSITIONAL_TEXT, .doc = "a target, or a rule that drives it"}, {0}};

const struct ll_command ll_cmd_timeline = {
    .name = "timeline",
    .group = "Scaling",
    .doc = "tell an incident of a target: seen, decided, done",
    .about = "Decisions that were news with what they were made from, actions as they began and "
             "ended, and events of the service and the daemon since its start; oldest first.",
    .examples = {{"loadline timeline order-gateway --since 2h", "what happened just now"},
                 {"loadline timeline order-gateway --since 2h -o csv", "for the report of it"}},
    .traits = LL_CMD_CLIENT | LL_CMD_FORMS,
    .flags = flags,
    .positionals = positionals,
    .run = run,
};
