/* Sources of labelled samples: a Prometheus that is asked, pages that are scraped.
 *
 * As collectors (collect.h), but what they yield means nothing yet: the engine's intake maps it.
 * A source is used by one thread.  It reads no clock: `now` is an argument.  What it cannot read
 * it does not yield; nothing is ever zero because it is missing. */
#ifndef LL_COLLECT_SOURCE_H
#define LL_COLLECT_SOURCE_H

#include "core/labeled.h"
#include "core/sample.h"

struct ll_source {
    const struct ll_source_ops *ops;
};

/* What one poll brought. */
struct ll_source_poll {
    struct ll_labeled_set *set;   /* the caller's; NULL when there is nothing */
    struct ll_business *business; /* in the set's arena */
    size_t n_business;
    bool complete;           /* the set is all that the source has at this time */
    size_t requests, failed; /* HTTP exchanges, and those that gave nothing usable */
    char note[256];          /* what went wrong in part; "" = nothing */
};

struct ll_source_ops {
    const char *name, *doc;
    bool (*open)(const void *opts, struct ll_source **out, struct ll_err *err);
    void (*close)(struct ll_source *s);

    /* mono: a clock that does not step, for deadlines.  stop: becomes true when the daemon ends;
     * looked at between exchanges.  False when nothing at all came; *err says what, and when the
     * server said so, *retry_after is how long it wants to be left alone (0 = it did not say). */
    bool (*poll)(struct ll_source *s, ll_time now, ll_time mono, const _Atomic bool *stop,
                 struct ll_source_poll *out, ll_dur *retry_after, struct ll_err *err);
};

extern const struct ll_source_ops ll_source_prometheus; /* opts: struct ll_promql_opts */
extern const struct ll_source_ops ll_source_scrape;     /* opts: struct ll_scrape_opts */

#endif
