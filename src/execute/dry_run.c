/* Does nothing but remember: for rehearsals, tests and targets that are not there yet. */
#include <stdio.h>
#include <stdlib.h>

#include "execute/executors.h"

struct dry_run {
    struct ll_executor base;
    int64_t current;
};

static bool open_it(const struct ll_target_place *place, struct ll_executor **out,
                    struct ll_err *err)
{
    if (place->dry_run.current < 0)
        return ll_err_set(err, LL_E_CONFIG, "current %lld of dry_run is below zero",
                          (long long)place->dry_run.current);
    struct dry_run *d = calloc(1, sizeof(*d));
    if (!d)
        return ll_err_set(err, LL_E_MEMORY, "no memory for a target");
    d->base.ops = &ll_executor_dry_run;
    d->current = place->dry_run.current;
    *out = &d->base;
    return true;
}

static void close_it(struct ll_executor *x)
{
    free(x);
}

static enum ll_outcome observe(struct ll_executor *x, struct ll_executor_seen *out,
                               ll_dur *retry_after, struct ll_err *err)
{
    const struct dry_run *d = (const struct dry_run *)x;
    (void)retry_after, (void)err;
    *out =
        (struct ll_executor_seen){.current = d->current, .ready = d->current, .min = -1, .max = -1};
    return LL_OUTCOME_OK;
}

static enum ll_outcome apply(struct ll_executor *x, const struct ll_executor_action *a,
                             ll_dur *retry_after, struct ll_err *err)
{
    struct dry_run *d = (struct dry_run *)x;
    (void)retry_after;
    if (a->to < 0) {
        ll_err_set(err, LL_E_RANGE, "%lld is below zero", (long long)a->to);
        return LL_OUTCOME_REFUSED;
    }
    d->current = a->to;
    return LL_OUTCOME_OK;
}

static void plan(struct ll_executor *x, const struct ll_executor_action *a, char *buf, size_t n)
{
    (void)x;
    snprintf(buf, n, "nothing is sent: remember %lld instead of %lld", (long long)a->to,
             (long long)a->from);
}

const struct ll_executor_ops ll_executor_dry_run = {
    .name = "dry_run",
    .doc = "remembers the number and changes nothing",
    .vertical = true,
    .open = open_it,
    .close = close_it,
    .observe = observe,
    .apply = apply,
    .plan = plan,
};
