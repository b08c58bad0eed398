/* What `simulate` replays: each target of a file of rules with its rules and its series. */
#ifndef LL_CMD_SIMULATE_CASES_H
#define LL_CMD_SIMULATE_CASES_H

#include "cmd/series_file.h"
#include "config/calendars.h"
#include "config/rules_file.h"
#include "execute/kube_import.h"
#include "scaling/simulate.h"

enum { LL_SIMULATE_NAME_MAX = 64 };

struct ll_simulate_case {
    struct ll_target target;       /* a copy; capacity set where it declares none */
    struct ll_scaling_rule *rules; /* copies, each counting whatever its mode */
    size_t n_rules;
    const struct ll_series_of_file *series;
    struct ll_schedule_source **sources; /* as ll_sim_opts has them */
    double *v;                           /* demand's */
    struct ll_sim_demand demand;
    char policies[LL_SIMULATE_NAME_MAX]; /* "THRESHOLD+PREDICTIVE" */
    struct ll_kube_import *theirs;       /* the autoscaler of this target; NULL = none was given */
    char autoscaler[LL_SIMULATE_NAME_MAX + 8]; /* "hpa web" */
};

struct ll_simulate_cases {
    struct ll_simulate_case *v;
    size_t n;
    struct ll_rules_doc *doc;
    struct ll_calendars *set; /* opened when a window needs it */
    struct ll_market_events **events;
    size_t n_events;
    struct ll_kube_settings hpa;
};

struct ll_simulate_ask {
    const char *rules;       /* file */
    const char *hpa;         /* file of an autoscaler's object; NULL = none */
    double units;            /* of an instance, where none is declared; NaN = peak / 20 */
    double learn;            /* ratio of the steps before the first that is scored */
    ll_dur step, boot_delay; /* 0 = the series' own, a minute at most; -1 = the target's */
};

/* Fails with LL_E_CONFIG (the rules), LL_E_INVALID (a target without series, or with several; an
 * autoscaler of no target), LL_E_RANGE (too many steps), … */
LL_MUST_USE bool ll_simulate_cases_read(struct ll_ctx *c, const struct ll_simulate_ask *ask,
                                        const struct ll_series_file *f,
                                        struct ll_simulate_cases *out, struct ll_err *err);
void ll_simulate_cases_fini(struct ll_simulate_cases *s);

/* Points in any order as even steps of `step`: the mean of a step's points, else the newest before
 * for as long as the points are apart (the median distance), then no data.  Of doubled stamps the
 * last counts.  *out is the caller's to free.  Fails with LL_E_SHORT, LL_E_RANGE, LL_E_MEMORY. */
LL_MUST_USE bool ll_simulate_steps(const struct ll_point *p, size_t n, ll_dur step,
                                   struct ll_sim_demand *out, double **v, struct ll_err *err);

#endif
