/* Finding a calendar by code, alias or a slip of the pen, and what all of them are. */
#include <stdlib.h>
#include <string.h>

#include "config/calendar_words.h"
#include "config/calendars_private.h"

struct ll_calendars_entry *ll_calendars_by_code(struct ll_calendars *s, struct ll_slice code)
{
    size_t lo = 0, hi = s->entries.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = ll_slice_cmp(code, s->entries.v[mid].code);
        if (order == 0)
            return &s->entries.v[mid];
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

static struct ll_calendars_entry *known_alias(const struct ll_calendars *s, struct ll_slice name)
{
    for (size_t i = 0; i < s->aliases.n; i++)
        if (ll_slice_eq(s->aliases.v[i].name, name))
            return s->aliases.v[i].entry;
    return NULL;
}

static bool add_alias(struct ll_calendars *s, struct ll_slice name, struct ll_calendars_entry *e)
{
    if (known_alias(s, name) || ll_calendars_by_code(s, name)) /* a calendar of its own counts */
        return true;
    struct ll_slice copy = {ll_arena_copy(s->arena, name.s, name.n), name.n};
    return copy.s && ll_calendars_aliases_push(&s->aliases, (struct ll_calendars_alias){copy, e});
}

/* The text is searched before it is read: most files do not have the word at all. */
static bool mentions(const struct ll_calendars_source *source, struct ll_arena *a,
                     struct ll_slice word)
{
    struct ll_slice text;
    return source->file && ll_calendars_text(source, a, &text, NULL) &&
           memmem(text.s, text.n, word.s, word.n);
}

/* A file that cannot be read has no aliases: it fails when it is asked for itself. */
static bool has_alias(struct ll_calendars *s, const struct ll_calendars_entry *e,
                      struct ll_arena *a, struct ll_slice name)
{
    struct ll_cal_rules rules;
    ll_arena_reset(a);
    if (!mentions(&e->over, a, name) && !mentions(&e->built, a, name))
        return false;
    if (!ll_calendars_load(s, e, a, &rules, NULL))
        return false;
    for (size_t i = 0; i < rules.n_aliases; i++)
        if (ll_slice_eq(rules.aliases[i], name))
            return true;
    return false;
}

static struct ll_calendars_entry *find_alias(struct ll_calendars *s, struct ll_slice name)
{
    struct ll_calendars_entry *e = known_alias(s, name);
    LL_AUTO(ll_arena) a = e || s->infos ? NULL : ll_arena_new(LL_YAML_ARENA_MAX);
    for (size_t i = 0; !e && a && i < s->entries.n; i++)
        if (has_alias(s, &s->entries.v[i], a, name))
            e = &s->entries.v[i];
    return e && add_alias(s, name, e) ? e : NULL;
}

bool ll_calendars_unknown(const struct ll_calendars *s, struct ll_slice code, struct ll_err *err)
{
    char shown[LL_YAML_QUOTE_MAX];
    size_t n = 0;
    const char **names = calloc(s->entries.n + s->aliases.n + 1, sizeof(*names));
    for (size_t i = 0; names && i < s->entries.n; i++)
        names[n++] = s->entries.v[i].code.s;
    for (size_t i = 0; names && i < s->aliases.n; i++)
        names[n++] = s->aliases.v[i].name.s;
    const char *near = names ? ll_str_nearest(code, names, n) : NULL;
    free(names);
    if (near)
        return ll_err_set(err, LL_E_NOT_FOUND, "there is no calendar '%s'; did you mean '%s'?",
                          ll_yaml_quote(code, shown), near);
    return ll_err_set(err, LL_E_NOT_FOUND,
                      "there is no calendar '%s': `loadline calendar list` shows those there are",
                      ll_yaml_quote(code, shown));
}

/* Any alias may have been meant, also one of a file that cannot be read. */
static bool fail_unknown(struct ll_calendars *s, struct ll_slice name, struct ll_err *err)
{
    if (!ll_calendars_survey(s, err))
        return false;
    ll_calendars_unknown(s, name, err);
    if (err && s->survey_err.code)
        ll_err_set(err, LL_E_NOT_FOUND, "%s; and a file cannot be read: %s", err->text,
                   s->survey_err.text);
    return false;
}

bool ll_calendars_find(struct ll_calendars *s, struct ll_slice code,
                       struct ll_calendars_entry **out, struct ll_err *err)
{
    char upper[LL_CALENDAR_CODE_MAX];
    struct ll_calendars_entry *e = NULL;
    struct ll_slice name = {upper, code.n};
    for (size_t i = 0; i < LL_MIN(code.n, sizeof(upper)); i++)
        upper[i] = (char)(code.s[i] >= 'a' && code.s[i] <= 'z' ? code.s[i] - 'a' + 'A' : code.s[i]);
    if (code.n <= sizeof(upper) && !ll_calendar_check_code(name)) {
        e = ll_calendars_by_code(s, name);
        if (!e)
            e = find_alias(s, name);
    } else {
        name = code;
    }
    if (!e)
        return fail_unknown(s, name, err);
    *out = e;
    return true;
}

static size_t add_table_days(const struct ll_cal_rule *v, size_t n,
                             const struct ll_cal_table **seen, size_t *n_seen, size_t max)
{
    size_t days = 0;
    for (size_t i = 0; i < n; i++) {
        bool counted = !v[i].table;
        for (size_t k = 0; !counted && k < *n_seen; k++)
            counted = seen[k] == v[i].table;
        if (counted || *n_seen == max)
            continue;
        seen[(*n_seen)++] = v[i].table;
        days += v[i].table->n;
    }
    return days;
}

static size_t table_days(const struct ll_cal_rules *rules)
{
    const struct ll_cal_table *seen[256];
    size_t n = 0;
    size_t days = add_table_days(rules->holidays, rules->n_holidays, seen, &n, LL_LEN(seen));
    return days + add_table_days(rules->special, rules->n_special, seen, &n, LL_LEN(seen));
}

static struct ll_slice copy(struct ll_calendars *s, struct ll_slice t, bool *ok)
{
    struct ll_slice out = {ll_arena_copy(s->arena, t.n ? t.s : "", t.n), t.n};
    *ok = *ok && out.s;
    return out;
}

static const struct ll_slice *copy_all(struct ll_calendars *s, const struct ll_slice *v, size_t n,
                                       bool *ok)
{
    struct ll_slice *out = LL_ARENA_NEW(s->arena, struct ll_slice, n);
    for (size_t i = 0; out && i < n; i++)
        out[i] = copy(s, v[i], ok);
    *ok = *ok && out;
    return out;
}

static bool take_info(struct ll_calendars *s, const struct ll_calendars_entry *e,
                      const struct ll_cal_rules *rules, struct ll_calendar_info *out)
{
    bool ok = true;
    *out = (struct ll_calendar_info){
        .code = e->code,
        .name = copy(s, rules->name, &ok),
        .tz = copy(s, rules->tz, &ok),
        .aliases = copy_all(s, rules->aliases, rules->n_aliases, &ok),
        .n_aliases = rules->n_aliases,
        .sources = copy_all(s, rules->sources, rules->n_sources, &ok),
        .n_sources = rules->n_sources,
        .from = rules->from,
        .announced_to = rules->announced_to,
        .n_rules = rules->n_holidays + rules->n_special,
        .n_adhoc = rules->n_changes,
        .n_table_days = table_days(rules),
        .n_overlays = e->n_changes,
        .file = e->over.file,
    };
    return ok;
}

bool ll_calendars_survey(struct ll_calendars *s, struct ll_err *err)
{
    if (s->infos)
        return true;
    LL_AUTO(ll_arena) a = ll_arena_new(LL_YAML_ARENA_MAX);
    struct ll_calendar_info *v = LL_ARENA_NEW(s->arena, struct ll_calendar_info, s->entries.n);
    struct ll_err first = {0}, why = {0};
    if (!a || !v)
        return ll_err_set(err, LL_E_MEMORY, "no memory for the list of calendars");
    for (size_t i = 0; i < s->entries.n; i++) {
        struct ll_calendars_entry *e = &s->entries.v[i];
        struct ll_cal_rules rules;
        ll_arena_reset(a);
        if (!ll_calendars_load(s, e, a, &rules, &why)) {
            first = first.code ? first : why;
            continue;
        }
        bool ok = take_info(s, e, &rules, &v[i]);
        for (size_t k = 0; ok && k < rules.n_aliases; k++)
            ok = add_alias(s, rules.aliases[k], e);
        if (!ok)
            return ll_err_set(err, LL_E_MEMORY, "no memory for the list of calendars");
    }
    s->survey_err = first;
    s->infos = v;
    return true;
}
