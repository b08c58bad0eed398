/* What the table of keys cannot say of events: one base to a rule, notes that can come about,
 * sorted dates, names that are there. */
#include <stdio.h>
#include <string.h>

#include "config/event_private.h"

/* The keys that say where dates come from; `on` writes its base itself. */
static const struct {
    const char *key;
    enum ll_event_base base;
} bases[] = {
    {"fixed", LL_EVENT_DATES},
    {"nth", LL_EVENT_DATES},
    {"on_or_after", LL_EVENT_DATES},
    {"on_or_before", LL_EVENT_DATES},
    {"easter", LL_EVENT_DATES},
    {"table", LL_EVENT_DATES},
    {"last_session_on_or_before", LL_EVENT_DATES},
    {"first_session_on_or_after", LL_EVENT_DATES},
    {"last_session", LL_EVENT_LAST_SESSION},
    {"first_session", LL_EVENT_FIRST_SESSION},
    {"week_of", LL_EVENT_WEEK_OF},
    {"event", LL_EVENT_RELATIVE},
    {"on", LL_EVENT_EVERY_DAY},
};

static struct ll_yaml_node *get(const struct ll_yaml_node *node, const char *key)
{
    return ll_yaml_get(node, ll_slice_of(key));
}

/* The row of the only base; LL_LEN(bases) after an error. */
static size_t find_base(struct ll_schema_reader *r, const struct ll_yaml_node *node)
{
    size_t found = LL_LEN(bases);
    for (size_t i = 0; i < LL_LEN(bases); i++) {
        const struct ll_yaml_node *n = get(node, bases[i].key);
        if (n && found < LL_LEN(bases)) {
            ll_schema_fail(r, &n->key_place, "%s: the rule has %s already, and one base is all",
                           bases[i].key, bases[found].key);
            return LL_LEN(bases);
        }
        if (n)
            found = i;
    }
    if (found == LL_LEN(bases))
        ll_schema_fail(r, &node->place,
                       "a rule needs a base: fixed, nth, on_or_after, on_or_before, easter, table, "
                       "last_session, first_session, week_of, event or on");
    return found;
}

static void find_table(struct ll_schema_reader *r, const struct ll_yaml_node *at,
                       struct ll_event_raw *raw)
{
    const struct ll_event_reading *k = r->context;
    char shown[LL_YAML_QUOTE_MAX];
    raw->rule.date.base = LL_CAL_TABLE;
    for (size_t i = 0; i < k->file->n_tables; i++)
        if (ll_slice_eq(k->file->tables[i].name, raw->table))
            raw->rule.date.table = &k->file->tables[i];
    if (raw->table.n && !raw->rule.date.table)
        ll_schema_fail(r, &at->place, "table: there is no table '%s'",
                       ll_yaml_quote(raw->table, shown));
}

/* Notes of closed days come only to dates that are kept. */
static void check_closed(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                         const struct ll_event_rule *rule)
{
    const struct ll_yaml_node *note = get(node, "closed_note");
    const struct ll_yaml_node *except = get(node, "closed_except");
    if (note && rule->closed != LL_EVENT_KEEP)
        ll_schema_fail(r, &note->key_place, "closed_note: no date is kept that is no session");
    if (except && !note)
        ll_schema_fail(r, &except->key_place, "closed_except: there is no closed_note");
}

/* What rules and lists have alike; false when the node is no map, which was said already. */
static bool finish(struct ll_schema_reader *r, const struct ll_yaml_node *node,
                   struct ll_event_raw *raw)
{
    const struct ll_event_reading *k = r->context;
    struct ll_event_rule *rule = &raw->rule;
    if (node->kind != LL_YAML_MAP)
        return false;
    rule->line = node->place.line;
    rule->file = k->file->name;
    rule->has_time = get(node, "time");
    if (rule->date.from > rule->date.to)
        ll_schema_fail(r, &get(node, "to")->place, "to: is before from");
    check_closed(r, node, rule);
    return true;
}

void ll_event_finish_rule(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_event_raw *raw = item;
    size_t base;
    if (!finish(r, node, raw) || (base = find_base(r, node)) == LL_LEN(bases))
        return;
    if (strcmp(bases[base].key, "on") != 0)
        raw->rule.base = bases[base].base;
    if (strcmp(bases[base].key, "table") == 0)
        find_table(r, get(node, "table"), raw);
    const struct ll_yaml_node *orthodox = get(node, "orthodox");
    if (orthodox && strcmp(bases[base].key, "easter") != 0)
        ll_schema_fail(r, &orthodox->key_place, "orthodox: belongs to easter");
}

static void check_dates(struct ll_schema_reader *r, const struct ll_yaml_node *dates,
                        const struct ll_event_rule *rule)
{
    if (dates->kind != LL_YAML_LIST)
        return;
    size_t i = 0;
    for (const struct ll_yaml_node *n = dates->first; n; n = n->next, i++) {
        if (i > 0 && rule->dates[i] <= rule->dates[i - 1]) {
            ll_schema_fail(r, &n->place, "dates: is not after the date before it");
            return;
        }
        if (rule->dates[i] < rule->date.from || rule->dates[i] > rule->date.to) {
            ll_schema_fail(r, &n->place, "dates: is not between from and to");
            return;
        }
    }
}

void ll_event_finish_list(struct ll_schema_reader *r, const struct ll_yaml_node *node, void *item)
{
    struct ll_event_raw *raw = item;
    if (!finish(r, node, raw))
        return;
    raw->rule.base = LL_EVENT_LIST;
    const struct ll_yaml_node *dates = get(node, "dates"), *ics = get(node, "ics");
    const struct ll_yaml_node *match = get(node, "match");
    if (!dates && !ics)
        ll_schema_fail(r, &node->place, "a list needs dates, or ics with a file that has them");
    if (dates && ics)
        ll_schema_fail(r, &ics->key_place, "ics: the list has dates already");
    if (match && !ics)
        ll_schema_fail(r, &match->key_place, "match: belongs to ics");
    if (dates && r->n_errs == 0)
        check_dates(r, dates, &raw->rule);
}

static bool is_one(const struct ll_event_raw *v, size_t n, struct ll_slice id)
{
    for (size_t i = 0; i < n; i++)
        if (ll_slice_eq(v[i].rule.id, id))
            return true;
    return false;
}

static bool is_in(const struct ll_event_rules *set, struct ll_slice id)
{
    for (size_t i = 0; i < set->n; i++)
        if (ll_slice_eq(set->rules[i].id, id))
            return true;
    return false;
}

void ll_event_check(struct ll_event_reading *k, struct ll_event_raw_file *raw,
                    const struct ll_event_rules *under)
{
    char shown[LL_YAML_QUOTE_MAX];
    for (size_t i = 0; i < raw->n_rules; i++) {
        const struct ll_event_rule *rule = &raw->rules[i].rule;
        if (is_one(raw->lists, raw->n_lists, rule->id))
            ll_schema_fail(k->r, ll_schema_place(k->r->places, &rule->id),
                           "id: there is a list '%s'", ll_yaml_quote(rule->id, shown));
        if (rule->base != LL_EVENT_RELATIVE || is_in(under, rule->of) ||
            is_one(raw->lists, raw->n_lists, rule->of) || is_one(raw->rules, i, rule->of))
            continue;
        ll_schema_fail(k->r, ll_schema_place(k->r->places, &rule->of),
                       "event: '%s' is no event above this one", ll_yaml_quote(rule->of, shown));
    }
}
