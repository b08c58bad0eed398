/* When the updater of the Vertical Pod Autoscaler would touch a pod, and which first.
 *
 *     difference = sum over resources of |sum(request) - sum(target)| / max(sum(request), 1 milli)
 *     update     = a request outside [lower, upper]
 *               or it lives >= 12 h and difference >= 0.1
 *               or it ran out of memory within 10 min of its start and difference > 0
 *
 * Source: github.com/kubernetes/autoscaler, vertical-pod-autoscaler/pkg/updater/priority. */
#ifndef LL_COST_VPA_UPDATE_H
#define LL_COST_VPA_UPDATE_H

#include "base/defs.h"
#include "base/time.h"

enum { LL_VPA_UPDATE_RESOURCES_MAX = 8 };

#define LL_VPA_UPDATE_NONE INT64_MIN

/* One container's one resource, in thousandths; LL_VPA_UPDATE_NONE where there is none.  A row
 * without a target counts for nothing; one without a request counts as outside, and wants to grow.
 */
struct ll_vpa_update_row {
    size_t resource; /* < LL_VPA_UPDATE_RESOURCES_MAX */
    int64_t request, target, lower, upper;
};

struct ll_vpa_update {
    bool outside;      /* some request is outside its bounds */
    bool grows;        /* some container wants more */
    double difference; /* relative, summed over resources */
};

void ll_vpa_update_priority(const struct ll_vpa_update_row *rows, size_t n,
                            struct ll_vpa_update *out);

/* Those that grow come first, then the larger difference. */
bool ll_vpa_update_before(const struct ll_vpa_update *a, const struct ll_vpa_update *b);

struct ll_vpa_update_pod {
    ll_dur age;       /* negative = not started */
    ll_dur oom_after; /* from its start to the end by lack of memory; negative = none */
};

bool ll_vpa_update_due(const struct ll_vpa_update *u, const struct ll_vpa_update_pod *pod);

#endif
