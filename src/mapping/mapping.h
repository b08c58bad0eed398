/* A mapping: rules that say what labelled series mean to Loadline.
 *
 * Rules of the configuration come first, in their order; the first that matches decides what it
 * sets, and what it leaves out stays as the built-in rules have it.  Built-in rules (builtin.c)
 * know node_exporter, cAdvisor with kube-state-metrics, and the usual exporters.
 *
 * Texts of the outcome are templates: `{label}` is replaced by the label's value, `{label|host}`
 * by it without a port.  A template with a label that is not there gives nothing, and the series
 * counts as unmatched.  The pseudo-label `__source__` is the name of the source ("remote-write",
 * "scrape", or a Prometheus' name).  docs/reference/mapping.md says it to people. */
#ifndef LL_MAPPING_MAPPING_H
#define LL_MAPPING_MAPPING_H

#include "core/records.h"

enum ll_mapping_value {
    LL_MAPPING_AUTO, /* counter when the name ends in _total or the sender says so */
    LL_MAPPING_GAUGE,
    LL_MAPPING_COUNTER
};

enum ll_mapping_combine { LL_MAPPING_SUM, LL_MAPPING_MAX, LL_MAPPING_MEAN };

/* A rule as the configuration gives it; NULL = not set. */
struct ll_mapping_rule {
    const char *const *match;              /* selectors, any of them; NULL-terminated, not empty */
    bool raw;                              /* keep under its own labels too */
    bool drop;                             /* neither map nor keep nor count as unmatched */
    const char *service, *instance, *part; /* templates */
    const char *environment, *cluster, *namespace_, *team, *owner, *tier, *venue, *site;
    int resource_type; /* enum ll_resource_type; -1 = as built-in rules say */
    enum ll_mapping_value value;
    enum ll_mapping_combine combine; /* of several series that mean one (service, …, part) */
    double scale;                    /* NaN = 1 */
    double capacity;                 /* of each instance, after scaling; NaN = not set */
    const char *capacity_from;       /* selector of series with the capacity; joined on `on` */
    const char *const *on; /* labels; NULL = those of service, instance and part templates */
    const char *unit;      /* name of enum ll_unit; NULL = the resource's */
    const char *business;  /* metric: counts of it, per service or venue */
};

struct ll_mapping;

/* Compiles rules (borrowed while it lives).  Fails with LL_E_CONFIG; err->line is the number of
 * the rule from 1, the text says what and where. */
LL_MUST_USE bool ll_mapping_new(const struct ll_mapping_rule *rules, size_t n,
                                struct ll_mapping **out, struct ll_err *err);
void ll_mapping_free(struct ll_mapping *m);
LL_AUTO_DEFINE(ll_mapping, ll_mapping_free)

/* What a Prometheus must be asked for: each metric that a rule or a built-in one reads. */
struct ll_mapping_query {
    struct ll_slice name;     /* the metric; empty for a selector without one */
    struct ll_slice selector; /* "node_cpu_seconds_total", `{job="x"}` */
    bool counter;             /* ask for rate(selector[window]) */
    bool fact;                /* changes seldom: owners, limits, labels */
};
/* Entry i, false behind the last; slices live as long as m. */
bool ll_mapping_query(const struct ll_mapping *m, size_t i, struct ll_mapping_query *out);

#endif
