/* Reads a decision's record back and decides again: the same code must give the same answer.
 *
 * Anything may stand in a record that was damaged: what is read is checked as what people send. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_parts.h"
#include "engine/internal.h"
#include "engine/scaling.h"
#include "engine/scaling_record.h"

enum { RECORD_VERSION = 1, DEPTH_MAX = 8, WHERE_MAX = 96 };
static const int64_t COUNT_MAX = INT64_C(1) << 52;

struct reader {
    struct ll_arena *a;
    struct ll_rules_doc *doc; /* what rules and windows point to */
    struct ll_err *err;
};

static bool damaged(struct reader *r, const char *what)
{
    return ll_err_set(r->err, LL_E_DAMAGED, "the record of a decision has no valid %s", what);
}

static bool cut(struct reader *r, struct ll_slice text, const char *what, struct ll_json_parts *p)
{
    struct ll_err why;
    return ll_json_parts(text, r->a, p, &why) || damaged(r, what);
}

/* --- members by name --- */

static bool get_int(struct reader *r, const struct ll_json_parts *p, const char *key, int64_t *out)
{
    return ll_json_part_int(ll_json_part_of(p, key), out) || damaged(r, key);
}

static bool get_size(struct reader *r, const struct ll_json_parts *p, const char *key, size_t *out)
{
    int64_t v;
    if (!get_int(r, p, key, &v))
        return false;
    if (v < 0 || v > COUNT_MAX)
        return damaged(r, key);
    *out = (size_t)v;
    return true;
}

/* Times of ours, or none: what is added to them stays one. */
static bool is_time(ll_time t)
{
    return t == LL_TIME_NONE || (t >= LL_TIME_MIN && t <= LL_TIME_MAX);
}

static bool get_time(struct reader *r, const struct ll_json_parts *p, const char *key, ll_time *out)
{
    return get_int(r, p, key, out) && (is_time(*out) || damaged(r, key));
}

/* Counts as the reader of rules allows them, and -1. */
static bool is_count(int64_t n)
{
    return n >= -1 && n <= COUNT_MAX;
}

static bool get_count(struct reader *r, const struct ll_json_parts *p, const char *key,
                      int64_t *out)
{
    return get_int(r, p, key, out) && (is_count(*out) || damaged(r, key));
}

static bool get_num(struct reader *r, const struct ll_json_parts *p, const char *key, double *out)
{
    return ll_json_part_number(ll_json_part_of(p, key), out) || damaged(r, key);
}

static bool get_bool(struct reader *r, const struct ll_json_parts *p, const char *key, bool *out)
{
    return ll_json_part_bool(ll_json_part_of(p, key), out) || damaged(r, key);
}

static bool get_text(struct reader *r, const struct ll_json_parts *p, const char *key,
                     struct ll_slice *out)
{
    return ll_json_part_text(ll_json_part_of(p, key), r->a, out) || damaged(r, key);
}

static bool get_chars(struct reader *r, const struct ll_json_parts *p, const char *key, char *out,
                      size_t size)
{
    struct ll_slice text;
    if (!get_text(r, p, key, &text))
        return false;
    snprintf(out, size, "%.*s", (int)LL_MIN(text.n, size - 1), text.s);
    return true;
}

/* --- rules, and what they saw --- */

static bool read_sample(struct reader *r, struct ll_slice text, struct ll_seen_sample *s)
{
    struct ll_json_parts p;
    if (!cut(r, text, "sample", &p) || p.object || p.n != 3 ||
        !ll_json_part_int(p.v[0].value, &s->t) || !ll_json_part_number(p.v[1].value, &s->value) ||
        !ll_json_part_number(p.v[2].value, &s->capacity) || s->t == LL_TIME_NONE || !is_time(s->t))
        return damaged(r, "sample");
    return true;
}

static bool read_samples(struct reader *r, const struct ll_json_parts *seen,
                         struct ll_observation *o)
{
    struct ll_json_parts p;
    if (!cut(r, ll_json_part_of(seen, "samples"), "samples", &p) || p.object)
        return damaged(r, "samples");
    struct ll_seen_sample *v = LL_ARENA_NEW(r->a, struct ll_seen_sample, LL_MAX(p.n, (size_t)1));
    if (!v)
        return damaged(r, "samples");
    for (size_t i = 0; i < p.n; i++)
        if (!read_sample(r, p.v[i].value, &v[i]))
            return false;
    o->samples = v;
    o->n_samples = p.n;
    return true;
}

static bool read_seen(struct reader *r, const struct ll_json_parts *rule, struct ll_observation *o)
{
    struct ll_json_parts p;
    struct ll_slice unit;
    int64_t state = 0;
    if (!cut(r, ll_json_part_of(rule, "seen"), "seen", &p) || !get_int(r, &p, "state", &state) ||
        !get_text(r, &p, "metric", &o->metric) || !get_text(r, &p, "unit", &unit) ||
        !get_size(r, &p, "instances", &o->instances) ||
        !get_size(r, &p, "expected", &o->expected) || !read_samples(r, &p, o))
        return false;
    if (state < LL_SEEN_OK || state > LL_SEEN_PARTIAL || !ll_unit_parse(unit, &o->unit))
        return damaged(r, "state or unit");
    o->state = (enum ll_seen)state;
    return true;
}

static bool read_ahead(struct reader *r, const struct ll_json_parts *rule,
                       struct ll_demand_ahead *a)
{
    struct ll_json_parts p;
    const struct ll_slice text = ll_json_part_of(rule, "ahead");
    if (text.n == 0)
        return true;
    return cut(r, text, "ahead", &p) && get_bool(r, &p, "known", &a->known) &&
           get_bool(r, &p, "trusted", &a->trusted) && get_num(r, &p, "demand", &a->demand) &&
           get_num(r, &p, "median", &a->median) && get_num(r, &p, "tau", &a->tau) &&
           get_time(r, &p, "at", &a->at) && get_time(r, &p, "origin", &a->origin) &&
           get_time(r, &p, "made", &a->made) && get_text(r, &p, "model", &a->model) &&
           get_text(r, &p, "reason", &a->reason);
}

static bool read_window(struct reader *r, const struct ll_scaling_rule *rule, struct ll_slice text,
                        struct ll_window_now *w)
{
    struct ll_json_parts p;
    size_t at = 0;
    if (!cut(r, text, "window", &p) || !get_size(r, &p, "window", &at) ||
        !get_bool(r, &p, "open", &w->open) || !get_count(r, &p, "amount", &w->amount) ||
        !get_time(r, &p, "since", &w->since) || !get_time(r, &p, "until", &w->until) ||
        !get_time(r, &p, "next", &w->next))
        return false;
    if (at >= rule->n_windows)
        return damaged(r, "window");
    w->window = &rule->windows[at];
    return true;
}

static bool read_windows(struct reader *r, const struct ll_json_parts *rule,
                         struct ll_rule_input *in)
{
    struct ll_json_parts p;
    const struct ll_slice text = ll_json_part_of(rule, "windows");
    if (text.n == 0)
        return true;
    if (!cut(r, text, "windows", &p) || p.object || p.n > LL_RULE_WINDOWS_MAX)
        return damaged(r, "windows");
    struct ll_window_now *v = LL_ARENA_NEW(r->a, struct ll_window_now, LL_MAX(p.n, (size_t)1));
    if (!v)
        return damaged(r, "windows");
    for (size_t i = 0; i < p.n; i++)
        if (!read_window(r, in->rule, p.v[i].value, &v[i]))
            return false;
    in->windows = v;
    in->n_windows = p.n;
    return true;
}

static bool read_rules(struct reader *r, const struct ll_json_parts *list,
                       struct ll_scaling_input *in)
{
    struct ll_rule_input *v = LL_ARENA_NEW(r->a, struct ll_rule_input, LL_MAX(list->n, (size_t)1));
    if (!v || r->doc->n_rules != list->n || r->doc->n_targets != 1)
        return damaged(r, "rules");
    for (size_t i = 0; i < list->n; i++) {
        struct ll_json_parts p;
        v[i] = (struct ll_rule_input){.rule = &r->doc->rules[i],
                                      .ahead = {.made = LL_TIME_NONE, .at = LL_TIME_NONE}};
        if (!cut(r, list->v[i].value, "rule", &p) || !read_seen(r, &p, &v[i].seen) ||
            !read_ahead(r, &p, &v[i].ahead) || !read_windows(r, &p, &v[i]))
            return false;
    }
    in->target = &r->doc->targets[0];
    in->rules = v;
    in->n_rules = list->n;
    return true;
}

/* The documents of the target and its rules, as one that is read like any other. */
static bool read_documents(struct reader *r, const struct ll_json_parts *record,
                           const struct ll_json_parts *rules)
{
    struct ll_err errs[1];
    struct ll_rules_reading how = {.errs = errs, .max = 1};
    struct ll_str text;
    ll_str_init(&text, 2 * LL_DECISION_RECORD_MAX);
    const struct ll_slice target = ll_json_part_of(record, "target");
    ll_str_addz(&text, "{\"targets\":[");
    ll_str_add(&text, target.s, target.n);
    ll_str_addz(&text, "],\"rules\":[");
    bool ok = target.n > 0;
    for (size_t i = 0; ok && i < rules->n; i++) {
        struct ll_json_parts p;
        ok = cut(r, rules->v[i].value, "rule", &p);
        const struct ll_slice rule = ok ? ll_json_part_of(&p, "rule") : (struct ll_slice){"", 0};
        ok = ok && rule.n > 0;
        ll_str_addz(&text, i ? "," : "");
        ll_str_add(&text, rule.s, rule.n);
    }
    ll_str_addz(&text, "]}");
    const struct ll_rules_text one = {{ll_str_z(&text), text.n}, "record"};
    ok = ok && !text.failed && ll_rules_read(&how, &one, 1, &r->doc);
    ll_str_fini(&text);
    return ok || damaged(r, "target or rules");
}

/* --- the rest of the input --- */

static bool read_pause(struct reader *r, const struct ll_json_parts *input,
                       struct ll_pause_state *out)
{
    struct ll_json_parts p;
    struct ll_slice what;
    if (!cut(r, ll_json_part_of(input, "pause"), "pause", &p) || !get_text(r, &p, "what", &what) ||
        !get_time(r, &p, "until", &out->until) ||
        !get_chars(r, &p, "actor", out->actor, sizeof(out->actor)) ||
        !get_chars(r, &p, "reason", out->reason, sizeof(out->reason)))
        return false;
    return ll_pause_parse(what, &out->what) || damaged(r, "pause");
}

static bool read_input(struct reader *r, const struct ll_json_parts *record,
                       struct ll_scaling_input *in)
{
    struct ll_json_parts p;
    struct ll_slice ceiling;
    if (!cut(r, ll_json_part_of(record, "input"), "input", &p) ||
        !get_bool(r, &p, "known", &in->seen.known) ||
        !get_count(r, &p, "current", &in->seen.current) ||
        !get_count(r, &p, "ready", &in->seen.ready) || !get_time(r, &p, "seen_at", &in->seen.t) ||
        !get_bool(r, &p, "open_action", &in->open_action) ||
        !get_text(r, &p, "ceiling", &ceiling) || !read_pause(r, &p, &in->pause) ||
        !get_count(r, &p, "removal_left", &in->removal_left) ||
        !get_int(r, &p, "interval", &in->interval) || !get_int(r, &p, "now", &in->now))
        return false;
    /* Decisions add spans to the time: one from a record must leave them room. */
    if (in->now < LL_TIME_MIN || in->now > LL_TIME_MAX || in->interval < 0 ||
        in->interval > LL_DAY || !ll_mode_parse(ceiling, &in->ceiling))
        return damaged(r, "time, interval or mode");
    return true;
}

/* Sums of what is counted must stay numbers. */
static bool counts_fit(const struct ll_scaling_state *s)
{
    bool ok = is_count(s->expected) && is_count(s->manual.floor) && is_count(s->manual.ceiling);
    for (size_t i = 0; i < s->n_answers; i++)
        ok &= is_count(s->answers[i].value);
    for (size_t i = 0; i < s->n_changes; i++)
        ok &= is_count(s->changes[i].from) && is_count(s->changes[i].to);
    return ok;
}

static bool read_record(struct reader *r, const struct ll_json_parts *record,
                        struct ll_scaling_input *in, struct ll_scaling_state *state)
{
    struct ll_json_parts rules;
    struct ll_err why;
    int64_t version = 0;
    if (!get_int(r, record, "version", &version))
        return false;
    if (version != RECORD_VERSION)
        return ll_err_set(r->err, LL_E_DAMAGED, "the record is of version %lld, not %d",
                          (long long)version, RECORD_VERSION);
    if (!cut(r, ll_json_part_of(record, "rules"), "rules", &rules) || rules.object)
        return damaged(r, "rules");
    if (rules.n > LL_TARGET_RULES_MAX || !read_documents(r, record, &rules) ||
        !read_rules(r, &rules, in) || !read_input(r, record, in))
        return rules.n > LL_TARGET_RULES_MAX ? damaged(r, "rules") : false;
    return (ll_scaling_state_read(ll_json_part_of(record, "state"), in->now, state, &why) &&
            counts_fit(state)) ||
           damaged(r, "state");
}

/* --- the comparison --- */

static void say(char differs[static 160], const char *where, struct ll_slice was,
                struct ll_slice is)
{
    snprintf(differs, 160, "%s: %.*s then, %.*s now", where[0] == '.' ? where + 1 : where,
             (int)LL_MIN(was.n, (size_t)24), was.s, (int)LL_MIN(is.n, (size_t)24), is.s);
}

/* The first place where two documents differ, member by member. */
static void first_difference(struct ll_arena *a, const char *where, struct ll_slice was,
                             struct ll_slice is, int depth, char differs[static 160])
{
    struct ll_json_parts x, y;
    const bool deeper = depth < DEPTH_MAX && ll_json_parts(was, a, &x, NULL) &&
                        ll_json_parts(is, a, &y, NULL) && x.object == y.object && x.n == y.n;
    for (size_t i = 0; deeper && i < x.n; i++) {
        char place[WHERE_MAX];
        if (!ll_slice_eq(x.v[i].key, y.v[i].key))
            break;
        if (ll_slice_eq(x.v[i].value, y.v[i].value))
            continue;
        if (x.object)
            snprintf(place, sizeof(place), "%.64s.%.*s", where,
                     (int)LL_MIN(x.v[i].key.n, (size_t)24), x.v[i].key.s);
        else
            snprintf(place, sizeof(place), "%.64s[%zu]", where, i);
        first_difference(a, place, x.v[i].value, y.v[i].value, depth + 1, differs);
        return;
    }
    say(differs, where, was, is);
}

static bool compare(struct reader *r, struct ll_slice was, const struct ll_decision *d, bool *same,
                    char differs[static 160])
{
    struct ll_str text;
    ll_str_init(&text, 2 * LL_DECISION_RECORD_MAX);
    ll_scaling_decision_write(d, &text);
    const struct ll_slice is = {ll_str_z(&text), text.n};
    const bool ok = !text.failed;
    *same = ll_slice_eq(was, is);
    differs[0] = '\0';
    if (ok && !*same)
        first_difference(r->a, "", was, is, 0, differs);
    ll_str_fini(&text);
    return ok || ll_err_set(r->err, LL_E_MEMORY, "no memory to compare decisions");
}

/* The decision's rules are of the document, which goes; it keeps their names. */
static bool keep_rules(struct reader *r, struct ll_decision *d)
{
    for (size_t i = 0; i < d->n_proposals; i++) {
        if (!d->proposals[i].rule)
            continue;
        struct ll_scaling_rule *copy = LL_ARENA_NEW(r->a, struct ll_scaling_rule, 1);
        const struct ll_slice id = d->proposals[i].rule->rule_id;
        const char *name = copy ? ll_arena_copy(r->a, id.s, id.n) : NULL;
        if (!name)
            return ll_err_set(r->err, LL_E_MEMORY, "no memory for the rules of a record");
        copy->rule_id = (struct ll_slice){name, id.n};
        d->proposals[i].rule = copy;
    }
    return true;
}

bool ll_scaling_replay(struct ll_slice record, struct ll_arena *out, struct ll_decision *d,
                       bool *same, char differs[static 160], struct ll_err *err)
{
    struct reader r = {.a = out, .err = err};
    struct ll_json_parts p;
    struct ll_scaling_input in = {0};
    struct ll_scaling_state state, next;
    bool ok = record.n <= LL_DECISION_RECORD_MAX && cut(&r, record, "form", &p) &&
              read_record(&r, &p, &in, &state);
    if (record.n > LL_DECISION_RECORD_MAX)
        damaged(&r, "length");
    ok = ok && ll_scaling_decide(&in, &state, out, d, &next, err) &&
         compare(&r, ll_json_part_of(&p, "decision"), d, same, differs) && keep_rules(&r, d);
    ll_rules_free(r.doc);
    return ok;
}

/* --- out of the store --- */

struct wanted {
    struct ll_arena *a;
    struct ll_decision_row *row;
    bool found, whole;
};

static bool copy_text(struct ll_arena *a, struct ll_slice from, struct ll_slice *to)
{
    const char *s = ll_arena_copy(a, from.n ? from.s : "", from.n);
    *to = (struct ll_slice){s, s ? from.n : 0};
    return s != NULL;
}

static bool take_row(void *ctx, const struct ll_decision_row *d)
{
    struct wanted *w = ctx;
    w->found = true;
    *w->row = *d;
    w->whole = copy_text(w->a, d->id, &w->row->id) && copy_text(w->a, d->target, &w->row->target) &&
               copy_text(w->a, d->service, &w->row->service) &&
               copy_text(w->a, d->verdict, &w->row->verdict) &&
               copy_text(w->a, d->record, &w->row->record);
    return false;
}

bool ll_engine_decision(struct ll_engine *e, struct ll_slice id, struct ll_arena *out,
                        struct ll_decision_row *row, struct ll_err *err)
{
    struct wanted w = {.a = out, .row = row};
    const struct ll_decisions_query q = {.id = id, .records = true, .limit = 1};
    struct ll_store_reader *reader = id.n ? ll_engine_reader_take(e) : NULL;
    if (id.n && !reader)
        return ll_err_set(err, LL_E_MEMORY, "no reader of the store can be had now");
    const bool ok = !id.n || reader->ops->each_decision(reader, &q, take_row, &w, err);
    if (reader)
        ll_engine_reader_give(e, reader);
    if (!ok)
        return false;
    if (!w.found)
        return ll_err_set(err, LL_E_NOT_FOUND, "no decision '%.*s' is kept (any more)",
                          (int)LL_MIN(id.n, (size_t)64), id.s);
    return w.whole || ll_err_set(err, LL_E_MEMORY, "no memory for the record");
}
