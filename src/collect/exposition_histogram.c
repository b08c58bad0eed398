/* Histograms of OpenMetrics: buckets rise to +Inf, counts agree, _count and _sum go together. */
#include <math.h>

#include "collect/exposition_rules.h"

static bool wrong(struct ll_exposition_parser *p, const char *what)
{
    const struct ll_exposition_family *f = &p->rules->family;
    return ll_exposition_fail_at(p, p->line_start, "histogram '%.*s': %s",
                                 (int)LL_MIN(f->name.n, (size_t)80), f->name.s, what);
}

/* What can be said only when a group is over. */
bool ll_exposition_histogram_end(struct ll_exposition_parser *p)
{
    const struct ll_exposition_histogram *h = &p->rules->family.histogram;
    bool has_count = !isnan(h->count);
    if (!h->open)
        return true;
    if (!h->has_bucket || !(h->bound > 0 && isinf(h->bound)))
        return wrong(p, "a group has no bucket le=\"+Inf\"");
    if (has_count && h->value != h->count)
        return wrong(p, "the count differs from the bucket le=\"+Inf\"");
    if ((h->has_sum || h->has_gsum) && !has_count)
        return wrong(p, "a sum without a count");
    if (has_count && !h->has_sum && !h->has_gsum)
        return wrong(p, "a count without a sum");
    if (h->negative_buckets && h->has_sum)
        return wrong(p, "a sum beside buckets for negative values, which can fall");
    if (h->negative_gsum && !h->negative_buckets)
        return wrong(p, "a negative sum without buckets for negative values");
    return true;
}

static bool add_bucket(struct ll_exposition_parser *p, const struct ll_exposition_line *l)
{
    struct ll_exposition_histogram *h = &p->rules->family.histogram;
    double bound;
    if (!ll_exposition_number(ll_exposition_rules_label(l, LL_SLICE("le")), &bound))
        return wrong(p, "a bucket's label le is not a number");
    if (h->has_bucket && bound <= h->bound)
        return wrong(p, "buckets are not in the order of le");
    if (h->has_bucket && l->value < h->value)
        return wrong(p, "a bucket is smaller than the one before it; they count from the start");
    h->has_bucket = true;
    h->negative_buckets = h->negative_buckets || bound < 0;
    h->bound = bound;
    h->value = l->value;
    return true;
}

bool ll_exposition_histogram_add(struct ll_exposition_parser *p, const struct ll_exposition_line *l,
                                 struct ll_slice suffix, bool same_group)
{
    struct ll_exposition_histogram *h = &p->rules->family.histogram;
    bool same_time = h->has_time == l->has_time && (!h->has_time || h->seconds == l->seconds);
    if (h->open && (!same_group || !same_time)) {
        if (!ll_exposition_histogram_end(p))
            return false;
        h->open = false;
    }
    if (!h->open)
        *h = (struct ll_exposition_histogram){
            .open = true, .count = NAN, .has_time = l->has_time, .seconds = l->seconds};
    if (ll_slice_is(suffix, "_bucket"))
        return add_bucket(p, l);
    if (ll_slice_is(suffix, "_count") || ll_slice_is(suffix, "_gcount"))
        h->count = l->value;
    h->has_sum = h->has_sum || ll_slice_is(suffix, "_sum");
    if (ll_slice_is(suffix, "_gsum")) {
        h->has_gsum = true;
        h->negative_gsum = l->value < 0;
    }
    return true;
}
