/* Rules of OpenMetrics 1.0: families stand together, each with names, labels, values, exemplars
 * and times as its type has them. */
#include <math.h>
#include <string.h>

#include "collect/exposition_rules.h"

/* The names that a family of each type takes up, and which of them its samples may have. */
static const struct {
    enum ll_exposition_type type;
    const char *suffixes[4];
} names[] = {
    {LL_EXPOSITION_COUNTER, {"_total", "_created"}},
    {LL_EXPOSITION_SUMMARY, {"", "_count", "_sum", "_created"}},
    {LL_EXPOSITION_HISTOGRAM, {"_count", "_sum", "_bucket", "_created"}},
    {LL_EXPOSITION_GAUGEHISTOGRAM, {"_gcount", "_gsum", "_bucket"}},
    {LL_EXPOSITION_INFO, {"_info"}},
};

static const char *const *suffixes_of(enum ll_exposition_type type)
{
    static const char *const own_name[4] = {""};
    for (size_t i = 0; i < LL_LEN(names); i++)
        if (names[i].type == type)
            return names[i].suffixes;
    return own_name;
}

static bool wrong(struct ll_exposition_parser *p, const char *what)
{
    return ll_exposition_fail_at(p, p->line_start, "%s", what);
}

/* Takes a name for the family that is over; two families may not use one name. */
static bool claim(struct ll_exposition_parser *p, const char *suffix)
{
    struct ll_exposition_rules *r = p->rules;
    const struct ll_exposition_family *f = &r->family;
    struct ll_slice key;
    struct ll_slice end = ll_slice_of(suffix);
    size_t ignored;
    char *bytes = ll_exposition_rules_key(r, 'n', 0, f->name.n + end.n, &key);
    if (!bytes)
        return ll_exposition_rules_full(p);
    memcpy(bytes, f->name.s, f->name.n);
    memcpy(bytes + f->name.n, end.s, end.n);
    if (ll_map_get(r->seen, key, &ignored))
        return ll_err_set_at(p->err, LL_E_INVALID, f->line, 1,
                             "the name '%.*s%s' belongs to a family before; the lines of a family "
                             "stand together",
                             (int)LL_MIN(f->name.n, (size_t)80), f->name.s, suffix);
    return ll_map_put(r->seen, key, 0) || ll_exposition_rules_full(p);
}

static bool close_family(struct ll_exposition_parser *p)
{
    const struct ll_exposition_family *f = &p->rules->family;
    if (f->name.n == 0)
        return true;
    const char *const *suffix = suffixes_of(f->type);
    bool own = false;
    for (size_t i = 0; i < 4 && suffix[i]; i++) {
        own = own || !suffix[i][0];
        if (!claim(p, suffix[i]))
            return false;
    }
    if (!own && !claim(p, ""))
        return false;
    bool no_unit = f->type == LL_EXPOSITION_INFO || f->type == LL_EXPOSITION_STATESET;
    if (f->unit.n > 0 && no_unit)
        return ll_err_set_at(p->err, LL_E_INVALID, f->line, 1, "a family of type %s has no unit",
                             ll_exposition_type_name(f->type));
    return ll_exposition_histogram_end(p);
}

static bool open_family(struct ll_exposition_parser *p, struct ll_slice name)
{
    struct ll_exposition_rules *r = p->rules;
    if (!close_family(p))
        return false;
    const char *copy = ll_arena_copy(r->arena, name.s, name.n);
    if (!copy)
        return ll_exposition_rules_full(p);
    r->family = (struct ll_exposition_family){
        .name = {copy, name.n}, .line = p->line, .number = r->family.number + 1};
    return true;
}

bool ll_exposition_rules_om_meta(struct ll_exposition_parser *p, enum ll_exposition_keyword k,
                                 struct ll_slice name, struct ll_slice text)
{
    struct ll_exposition_family *f = &p->rules->family;
    if (ll_slice_eq(name, f->name) && f->has_samples)
        return wrong(p, "HELP, TYPE and UNIT stand before the samples of their family");
    if (!ll_slice_eq(name, f->name) && !open_family(p, name))
        return false;
    bool *const seen[] = {[LL_EXPOSITION_HELP] = &f->has_help,
                          [LL_EXPOSITION_TYPE] = &f->has_type,
                          [LL_EXPOSITION_UNIT] = &f->has_unit};
    if (*seen[k])
        return wrong(p, "a second line of this kind for the same family");
    *seen[k] = true;
    if (k == LL_EXPOSITION_UNIT)
        f->unit = text;
    if (k == LL_EXPOSITION_TYPE && !ll_exposition_parse_type(text, LL_EXPOSITION_OM, &f->type))
        return true; /* the caller says so, with its place */
    return true;
}

/* The sample's name behind that of the family; false when it is not one of its names. */
static bool find_suffix(const struct ll_exposition_family *f, struct ll_slice name,
                        struct ll_slice *out)
{
    if (f->name.n == 0 || name.n < f->name.n || memcmp(name.s, f->name.s, f->name.n) != 0)
        return false;
    *out = (struct ll_slice){name.s + f->name.n, name.n - f->name.n};
    const char *const *suffix = suffixes_of(f->type);
    for (size_t i = 0; i < 4 && suffix[i]; i++)
        if (ll_slice_is(*out, suffix[i]))
            return true;
    return false;
}

static bool is_histogram(const struct ll_exposition_family *f)
{
    return f->type == LL_EXPOSITION_HISTOGRAM || f->type == LL_EXPOSITION_GAUGEHISTOGRAM;
}

/* A bound of infinity is written +Inf. */
static bool is_canonical(struct ll_slice text, double v)
{
    return !(isinf(v) && v > 0) || ll_slice_is(text, "+Inf");
}

/* The label that tells samples of one group apart: its name in *out, n 0 = there is none. */
static bool check_labels(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                         struct ll_slice suffix, struct ll_slice *out)
{
    const struct ll_exposition_family *f = &p->rules->family;
    double v = NAN;
    *out = (struct ll_slice){0};
    if (f->type == LL_EXPOSITION_STATESET)
        *out = f->name;
    else if (is_histogram(f) && ll_slice_is(suffix, "_bucket"))
        *out = LL_SLICE("le");
    else if (f->type == LL_EXPOSITION_SUMMARY && suffix.n == 0)
        *out = LL_SLICE("quantile");
    else
        return true;
    struct ll_slice value = ll_exposition_rules_label(l, *out);
    if (f->type == LL_EXPOSITION_STATESET)
        return value.s ? true : wrong(p, "a state needs a label with the name of its family");
    bool number = value.s && ll_exposition_number(value, &v) && is_canonical(value, v);
    if (is_histogram(f))
        return (number && !isnan(v)) ||
               wrong(p, "a bucket needs a label le with a number, infinity written +Inf");
    return (number && v >= 0 && v <= 1) ||
           wrong(p, "a quantile needs a label quantile with a number from 0 to 1");
}

static bool check_value(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                        struct ll_slice suffix)
{
    static const char *const counting[] = {"_total", "_sum", "_count", "_bucket", "_gcount"};
    const struct ll_exposition_family *f = &p->rules->family;
    const char *what = NULL;
    bool counts = false;
    for (size_t i = 0; i < LL_LEN(counting); i++)
        counts = counts || ll_slice_is(suffix, counting[i]);
    bool whole = ll_slice_is(suffix, "_bucket") || ll_slice_is(suffix, "_count") ||
                 ll_slice_is(suffix, "_gcount");
    if (isnan(l->value) && (counts || ll_slice_is(suffix, "_gsum")))
        what = "a counter, sum or count is never NaN";
    else if (counts && l->value < 0)
        what = "a counter, sum or count is never negative";
    else if (whole && l->value != trunc(l->value))
        what = "buckets and counts are whole numbers";
    else if (f->type == LL_EXPOSITION_STATESET && l->value != 0 && l->value != 1)
        what = "a state is 0 or 1";
    else if (f->type == LL_EXPOSITION_INFO && l->value != 1)
        what = "the value of an info is 1";
    else if (f->type == LL_EXPOSITION_SUMMARY && suffix.n == 0 && l->value < 0)
        what = "the value of a quantile is not negative";
    return !what || ll_err_set_at(p->err, LL_E_INVALID, p->line, l->column, "%s", what);
}

static bool check_exemplar(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                           struct ll_slice suffix)
{
    const struct ll_exposition_family *f = &p->rules->family;
    bool bucket = is_histogram(f) && ll_slice_is(suffix, "_bucket");
    bool total = f->type == LL_EXPOSITION_COUNTER && ll_slice_is(suffix, "_total");
    return !l->has_exemplar || bucket || total ||
           wrong(p, "only counters (_total) and buckets (_bucket) have exemplars");
}

/* The labels but for the name and one, as a key; *key.s NULL without memory. */
static struct ll_slice group_key(struct ll_exposition_rules *r, const struct ll_exposition_line *l,
                                 struct ll_slice without)
{
    struct ll_label v[LL_LABELS_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < l->n && r->family.type != LL_EXPOSITION_INFO; i++)
        if (!ll_slice_is(l->labels[i].name, "__name__") &&
            (without.n == 0 || !ll_slice_eq(l->labels[i].name, without)))
            v[n++] = l->labels[i];
    struct ll_slice key = {0};
    char *bytes = ll_exposition_rules_key(r, 'g', r->family.number, ll_labels_size(v, n), &key);
    if (bytes)
        ll_labels_write(v, n, bytes);
    return key;
}

/* Groups stand together and their times do not go back.  *same: it is the group of the line
 * before. */
static bool check_group(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                        struct ll_slice without, bool *same)
{
    struct ll_exposition_rules *r = p->rules;
    struct ll_exposition_family *f = &r->family;
    struct ll_slice key = group_key(r, l, without);
    size_t ignored;
    if (!key.s)
        return ll_exposition_rules_full(p);
    *same = f->has_group && ll_slice_eq(key, f->group);
    if (!*same && ll_map_get(r->seen, key, &ignored))
        return wrong(p, "the lines of one label set stand together");
    if (*same && l->has_time != f->group_has_time)
        return wrong(p, "some lines of one label set have a time, and some have none");
    if (*same && l->has_time && l->seconds < f->group_seconds && f->type != LL_EXPOSITION_INFO)
        return wrong(p, "times of one label set go backwards");
    if (!*same && !ll_map_put(r->seen, key, 0))
        return ll_exposition_rules_full(p);
    f->group = key;
    f->has_group = true;
    f->group_has_time = l->has_time;
    f->group_seconds = l->seconds;
    return true;
}

/* *again: the same series at the same time, or twice without one.  Every reader lets it pass and
 * takes the first, since a time that was cut can make it; a histogram does not count it again. */
static bool check_repeat(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                         bool *again)
{
    struct ll_exposition_rules *r = p->rules;
    struct ll_slice key;
    size_t bytes = ll_labels_size(l->labels, l->n), ignored;
    const double seconds = l->has_time ? l->seconds : NAN;
    char *to = ll_exposition_rules_key(r, 's', r->family.number, bytes + sizeof(seconds), &key);
    if (!to)
        return ll_exposition_rules_full(p);
    memcpy(ll_labels_write(l->labels, l->n, to), &seconds, sizeof(seconds));
    *again = ll_map_get(r->seen, key, &ignored);
    return *again || ll_map_put(r->seen, key, 0) || ll_exposition_rules_full(p);
}

bool ll_exposition_rules_om_sample(struct ll_exposition_parser *p,
                                   const struct ll_exposition_line *l)
{
    struct ll_exposition_family *f = &p->rules->family;
    struct ll_slice suffix = {"", 0}, without;
    bool same = false, again = false;
    if (!find_suffix(f, l->name, &suffix)) { /* an unknown family of one name begins */
        if (!open_family(p, l->name))
            return false;
        suffix = (struct ll_slice){"", 0};
    }
    f->has_samples = true;
    if (!check_labels(p, l, suffix, &without) || !check_value(p, l, suffix) ||
        !check_exemplar(p, l, suffix) || !check_group(p, l, without, &same) ||
        !check_repeat(p, l, &again))
        return false;
    if (again || !is_histogram(f))
        return true;
    return ll_exposition_histogram_add(p, l, suffix, same);
}

bool ll_exposition_rules_om_end(struct ll_exposition_parser *p)
{
    return close_family(p);
}
