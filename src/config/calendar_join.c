/* A calendar over the one it extends: rows with the same id take their place, the rest adds up. */
#include <string.h>

#include "config/calendar_file.h"

static const struct ll_cal_rule *rule_of(const struct ll_cal_rule *v, size_t n, struct ll_slice id)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].id, id))
            return &v[i];
    return NULL;
}

static bool is_dropped(const struct ll_calendar_file *f, struct ll_slice id)
{
    for (size_t i = 0; i < f->n_drop; i++)
        if (ll_slice_eq(f->drop[i], id))
            return true;
    return false;
}

/* The base's rows in their order, each as it is, replaced or left out; then what is new. */
static bool join_rules(struct ll_arena *a, const struct ll_calendar_file *f,
                       const struct ll_cal_rule *base, size_t n_base,
                       const struct ll_cal_rule **own, size_t *n_own)
{
    struct ll_cal_rule *v = LL_ARENA_NEW(a, struct ll_cal_rule, n_base + *n_own);
    size_t n = 0;
    if (!v)
        return false;
    for (size_t i = 0; i < n_base; i++) {
        const struct ll_cal_rule *mine = rule_of(*own, *n_own, base[i].id);
        if (mine || !is_dropped(f, base[i].id))
            v[n++] = mine ? *mine : base[i];
    }
    for (size_t i = 0; i < *n_own; i++)
        if (!rule_of(base, n_base, (*own)[i].id))
            v[n++] = (*own)[i];
    *own = v;
    *n_own = n;
    return true;
}

static bool join_changes(struct ll_arena *a, const struct ll_cal_rules *base,
                         struct ll_cal_rules *out)
{
    size_t n = base->n_changes + out->n_changes;
    struct ll_cal_change *v = LL_ARENA_NEW(a, struct ll_cal_change, n);
    if (!v)
        return false;
    if (base->n_changes)
        memcpy(v, base->changes, base->n_changes * sizeof(*v));
    if (out->n_changes)
        memcpy(v + base->n_changes, out->changes, out->n_changes * sizeof(*v));
    out->changes = v;
    out->n_changes = n;
    return true;
}

/* What is replaced as a whole when it is given. */
static void inherit(const struct ll_cal_rules *base, struct ll_cal_rules *out)
{
    if (!out->tz.n)
        out->tz = base->tz;
    if (!out->name.n && ll_slice_eq(out->code, base->code))
        out->name = base->name;
    if (!out->n_aliases && ll_slice_eq(out->code, base->code)) {
        out->aliases = base->aliases;
        out->n_aliases = base->n_aliases;
    }
    if (!out->n_sources) {
        out->sources = base->sources;
        out->n_sources = base->n_sources;
    }
    if (out->from == LL_DAY_NONE) {
        out->from = base->from;
        out->announced_from = base->announced_from;
        out->announced_to = base->announced_to;
    }
    if (!out->n_weekmasks) {
        out->weekmasks = base->weekmasks;
        out->n_weekmasks = base->n_weekmasks;
    }
    if (!out->n_hours) {
        out->hours = base->hours;
        out->n_hours = base->n_hours;
    }
    if (!out->n_phases) {
        out->phases = base->phases;
        out->n_phases = base->n_phases;
    }
}

static void check_drops(struct ll_calendar_reading *r, const struct ll_calendar_file *f,
                        const struct ll_cal_rules *base)
{
    char shown[LL_YAML_QUOTE_MAX];
    for (size_t i = 0; i < f->n_drop; i++)
        if (!rule_of(base->holidays, base->n_holidays, f->drop[i]) &&
            !rule_of(base->special, base->n_special, f->drop[i]))
            ll_calendar_file_fail(r, &f->drop_place, "drop: %.*s has no rule '%s'",
                                  (int)base->code.n, base->code.s,
                                  ll_yaml_quote(f->drop[i], shown));
}

static void check_start(struct ll_calendar_reading *r, const struct ll_calendar_file *f,
                        const struct ll_cal_rules *c, const char *what, ll_day first)
{
    char a[LL_DAY_TEXT_MAX], b[LL_DAY_TEXT_MAX];
    if (first > c->from)
        ll_calendar_file_fail(r, &f->valid_place,
                              "valid: from %s, but the first row of %s holds from %s on",
                              ll_day_format(c->from, a), what, ll_day_format(first, b));
}

static void check_complete(struct ll_calendar_reading *r, const struct ll_calendar_file *f,
                           const struct ll_cal_rules *c)
{
    const struct {
        const char *key;
        bool there;
    } needed[] = {{"tz", c->tz.n > 0},
                  {"valid", c->from != LL_DAY_NONE},
                  {"weekmask", c->n_weekmasks > 0},
                  {"sessions", c->n_hours > 0}};
    bool all = true;
    for (size_t i = 0; i < LL_LEN(needed); i++)
        if (!needed[i].there)
            all = ll_calendar_file_fail(r, &f->whole, "'%s' is missing", needed[i].key);
    if (!all)
        return;
    ll_day weeks = LL_DAY_LAST, hours = LL_DAY_LAST;
    for (size_t i = 0; i < c->n_weekmasks; i++)
        weeks = LL_MIN(weeks, c->weekmasks[i].from);
    for (size_t i = 0; i < c->n_hours; i++)
        hours = LL_MIN(hours, c->hours[i].from);
    check_start(r, f, c, "weekmask", weeks);
    check_start(r, f, c, "sessions", hours);
}

bool ll_calendar_file_join(struct ll_calendar_reading *r, const struct ll_calendar_file *f,
                           const struct ll_cal_rules *base, struct ll_cal_rules *out)
{
    struct ll_cal_rules c = f->rules;
    const size_t before = r->n_errs;
    if (base) {
        check_drops(r, f, base);
        inherit(base, &c);
        if (!join_rules(r->out, f, base->holidays, base->n_holidays, &c.holidays, &c.n_holidays) ||
            !join_rules(r->out, f, base->special, base->n_special, &c.special, &c.n_special) ||
            !join_changes(r->out, base, &c))
            return ll_calendar_file_fail(r, &f->whole, "no memory");
    }
    check_complete(r, f, &c);
    if (r->n_errs > before)
        return false;
    *out = c;
    return true;
}
