/* Days that cost what they should not.
 *
 *     m = median of the last 20 days of the same kind (closed: of the last 8 closed days of the
 *         same weekday),  s = max(1.4826 MAD, 2 % of m)
 *     a day is out when |x - m| > 3.5 s, |x - m| >= 20 % of m and |x - m| >= min_abs
 *
 * Days that are out follow each other to one event; three or more are a level shift.  A drift is
 * found by cumulative sums (Page 1954): k = 0.5 s, h = 5 s, and only where seven days or more were
 * off by 6 % on average, because the median it is measured by is known from few days itself.
 * After an event the days of it count in the medians like others: twenty such days are the new
 * usual.  When the day's trades explain it (its unit cost is usual) the event says so; days that
 * something known explains (a deployment, a price change, a holiday) are not judged. */
#ifndef LL_COST_ANOMALY_H
#define LL_COST_ANOMALY_H

#include "base/err.h"
#include "core/cost.h"

struct ll_anomaly_day {
    double cost;  /* NaN = not known: judged by nobody, in no median */
    double count; /* trades; NaN = not known */
    enum ll_cost_day kind;
    uint8_t weekday; /* 0 = Monday */
    bool suppressed; /* not judged, in no median */
};

#define LL_ANOMALY_TABLE(X)                                                                        \
    X(LL_ANOMALY_SPIKE, "spike")                                                                   \
    X(LL_ANOMALY_SHIFT, "shift")                                                                   \
    X(LL_ANOMALY_DRIFT, "drift")

#define X(member, name) member,
enum ll_anomaly { LL_ANOMALY_TABLE(X) LL_ANOMALY_COUNT };
#undef X
const char *ll_anomaly_name(enum ll_anomaly v); /* "?" out of range */

/* What a day was expected to be; median NaN: too few days like it. */
struct ll_anomaly_usual {
    double median, scale;
    size_t days;
};

/* of x[i] (a cost, a unit cost, one part of the cost) by the days before day t. */
struct ll_anomaly_usual ll_anomaly_usual(const struct ll_anomaly_day *days, const double *x,
                                         size_t t);

struct ll_anomaly_event {
    enum ll_anomaly what;
    size_t first, last; /* days, inclusive */
    size_t found;       /* the day it was known on */
    double excess;      /* sum of x - m over its days; < 0: less than usual */
    double worst;       /* the greatest |x - m| / m of a day of it */
    bool explained;     /* the trades did it: its unit cost was usual */
    bool provisional;   /* touches days whose bill may still change */
};

struct ll_anomaly_ask {
    const struct ll_anomaly_day *days;
    size_t n;
    double min_abs;     /* money a day that is worth a word; 0 = 10.00 */
    size_t provisional; /* of the last days: 2 where bills come within 48 h */
};

/* Fills at most max events, the oldest first; *found may be more.  scratch holds
 * LL_ANOMALY_SCRATCH(n).  Fails with LL_E_INVALID on an infinite cost or a negative min_abs. */
#define LL_ANOMALY_SCRATCH(n) (4 * (n))
LL_MUST_USE bool ll_anomaly_find(const struct ll_anomaly_ask *ask, double *scratch,
                                 struct ll_anomaly_event *out, size_t max, size_t *found,
                                 struct ll_err *err);

/* Who made it: parts of the cost (services, resources), part p on day t in cost[p * n + t], sorted
 * by how much each adds to x - m in the event's direction.  A part that is not known on a day adds
 * nothing; one that never was before is all excess. */
struct ll_anomaly_part {
    size_t part;
    double excess;
};
void ll_anomaly_attribute(const struct ll_anomaly_ask *ask, const struct ll_anomaly_event *event,
                          const double *cost, size_t n_parts, struct ll_anomaly_part *out);

#endif
