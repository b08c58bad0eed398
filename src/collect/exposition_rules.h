/* What the strict reader remembers of a page. */
#ifndef LL_COLLECT_EXPOSITION_RULES_H
#define LL_COLLECT_EXPOSITION_RULES_H

#include "collect/exposition_private.h"

/* The buckets and counts of one group of a histogram. */
struct ll_exposition_histogram {
    bool open; /* a group has begun */
    bool has_bucket, has_sum, has_gsum, negative_buckets, negative_gsum;
    double count; /* NaN = none */
    double bound, value;
    bool has_time;
    double seconds;
};

/* The family being read, of OpenMetrics. */
struct ll_exposition_family {
    struct ll_slice name; /* in the arena; n 0 = none yet */
    enum ll_exposition_type type;
    bool has_type, has_help, has_unit, has_samples;
    struct ll_slice unit;
    int line; /* where it began */
    uint32_t number;
    struct ll_slice group; /* labels of the last sample without le, quantile or state */
    bool has_group, group_has_time;
    double group_seconds;
    struct ll_exposition_histogram histogram;
};

struct ll_exposition_rules {
    struct ll_arena *arena; /* keys of the map */
    struct ll_map *seen;    /* OpenMetrics: names, groups, series; text: families */
    struct ll_exposition_family family;
};

/* A key of `seen`: a letter for its kind, a number, bytes.  NULL without memory. */
char *ll_exposition_rules_key(struct ll_exposition_rules *r, char kind, uint32_t number,
                              size_t bytes, struct ll_slice *out);
bool ll_exposition_rules_full(struct ll_exposition_parser *p);

LL_MUST_USE bool ll_exposition_rules_om_meta(struct ll_exposition_parser *p,
                                             enum ll_exposition_keyword k, struct ll_slice name,
                                             struct ll_slice text);
LL_MUST_USE bool ll_exposition_rules_om_sample(struct ll_exposition_parser *p,
                                               const struct ll_exposition_line *l);
LL_MUST_USE bool ll_exposition_rules_om_end(struct ll_exposition_parser *p);

/* exposition_histogram.c.  suffix: of the sample's name behind its family's. */
LL_MUST_USE bool ll_exposition_histogram_add(struct ll_exposition_parser *p,
                                             const struct ll_exposition_line *l,
                                             struct ll_slice suffix, bool same_group);
LL_MUST_USE bool ll_exposition_histogram_end(struct ll_exposition_parser *p);

/* The value of a label; s NULL when it is not there. */
struct ll_slice ll_exposition_rules_label(const struct ll_exposition_line *l, struct ll_slice name);

#endif
