/* What a rule or a target by itself is wrong about. */
#include <math.h>

#include "scaling/decide.h"
#include "scaling/stages.h"

static const double GAP = 0.05; /* hysteresis: the least distance of the bands */

static bool wrong(struct ll_err *err, const struct ll_scaling_rule *r, const char *key,
                  double value, const char *allowed)
{
    return ll_err_set(err, LL_E_INVALID, "rule '%.*s': %s %g is not allowed: %s",
                      (int)LL_MIN(r->rule_id.n, 60), r->rule_id.s, key, value, allowed);
}

static bool whole(const char *owner, struct ll_slice name, const char *key, int64_t value,
                  const char *allowed, struct ll_err *err)
{
    return ll_err_set(err, LL_E_INVALID, "%s '%.*s': %s %lld is not allowed: %s", owner,
                      (int)LL_MIN(name.n, 60), name.s, key, (long long)value, allowed);
}

static bool check_thresholds(const struct ll_scaling_rule *r, struct ll_err *err)
{
    const struct ll_threshold *t = &r->thresholds;
    if (!(t->scale_up > 0 && t->scale_up <= 10))
        return wrong(err, r, "scale_up_pct", t->scale_up * 100, "over 0 and at most 1000");
    if (!(t->scale_down >= 0 && t->scale_down <= t->scale_up - GAP + 1e-9))
        return wrong(err, r, "scale_down_pct", t->scale_down * 100,
                     "at least 5 points below scale_up_pct, or the rule would flap");
    if (!(t->warning > 0 && t->warning <= 10))
        return wrong(err, r, "warning_pct", t->warning * 100, "over 0 and at most 1000");
    if (!(t->critical >= t->warning && t->critical <= 10))
        return wrong(err, r, "critical_pct", t->critical * 100,
                     "at least warning_pct and at most 1000");
    if (t->cooldown < 0 || t->cooldown > LL_DAY)
        return wrong(err, r, "cooldown_seconds", (double)t->cooldown / LL_SECOND, "0 to 86400");
    if (r->goal > 0 && r->form == LL_FORM_BANDS && r->policy == LL_POLICY_THRESHOLD &&
        !(r->goal > t->scale_down && r->goal <= t->scale_up))
        return wrong(err, r, "target_pct", r->goal * 100,
                     "over scale_down_pct and at most scale_up_pct");
    if (!isnan(r->goal) && !(r->goal > 0 && r->goal <= 10))
        return wrong(err, r, "target_pct", r->goal * 100, "over 0 and at most 1000");
    return true;
}

static bool check_steps(const struct ll_scaling_rule *r, const char *key,
                        const struct ll_step *steps, size_t n, struct ll_err *err)
{
    if (n > LL_RULE_STEPS_MAX)
        return wrong(err, r, key, (double)n, "at most 8 steps");
    for (size_t i = 0; i < n; i++) {
        if (!(steps[i].over >= 0) || (i > 0 && !(steps[i].over > steps[i - 1].over)))
            return wrong(err, r, key, steps[i].over * 100,
                         "breaches are not negative and rise from step to step");
        if (steps[i].value <= 0 || (steps[i].kind == LL_RATE_PERCENT && steps[i].value > 1000))
            return wrong(err, r, key, steps[i].value,
                         "a step changes by more than 0, 1000 % at most");
    }
    return true;
}

static const char *rates_fault(const struct ll_rates *r)
{
    if (r->window < 0 || r->window > LL_DAY)
        return "a stabilisation window is 0 to 86400 s";
    if (r->n > LL_RATE_POLICIES_MAX)
        return "at most 4 policies";
    for (size_t i = 0; i < r->n; i++) {
        if (r->policy[i].value <= 0)
            return "a policy's value is over 0 (to forbid a direction select Disabled)";
        if (r->policy[i].period <= 0 || r->policy[i].period > LL_HOUR)
            return "a policy's period is over 0 and at most 3600 s";
    }
    return NULL;
}

static bool check_rates(const struct ll_scaling_rule *r, struct ll_err *err)
{
    const char *in = rates_fault(&r->in), *out = rates_fault(&r->out);
    if (!in && !out)
        return true;
    return ll_err_set(err, LL_E_INVALID, "rule '%.*s': %s: %s", (int)LL_MIN(r->rule_id.n, 60),
                      r->rule_id.s, in ? "scale-in" : "scale-out", in ? in : out);
}

static bool check_samples(const struct ll_scaling_rule *r, struct ll_err *err)
{
    if (r->n < 1 || r->n > 60)
        return wrong(err, r, "samples", r->n, "1 to 60");
    if (r->k < 1 || r->k > r->n)
        return wrong(err, r, "agreeing samples", r->k, "at least 1 and at most `samples`");
    if (!(r->tolerance_up >= 0 && r->tolerance_up < 1))
        return wrong(err, r, "scale-out tolerance", r->tolerance_up, "0 to under 1");
    if (!(r->tolerance_down >= 0 && r->tolerance_down < 1))
        return wrong(err, r, "scale-in tolerance", r->tolerance_down, "0 to under 1");
    return true;
}

static bool check_forecast(const struct ll_scaling_rule *r, struct ll_err *err)
{
    if (r->policy != LL_POLICY_PREDICTIVE)
        return true;
    if (!(r->quantile > 0 && r->quantile < 1))
        return wrong(err, r, "quantile", r->quantile, "over 0 and under 1");
    if (r->lead < 0 || r->lead > 7 * LL_DAY)
        return wrong(err, r, "lead_seconds", (double)r->lead / LL_SECOND, "0 to 604800");
    if (!(r->max_breach >= 0 && r->max_breach <= 1))
        return wrong(err, r, "max_breach_pct", r->max_breach * 100, "0 to 100");
    return true;
}

static bool check_windows(const struct ll_scaling_rule *r, struct ll_err *err)
{
    if (r->n_windows > LL_RULE_WINDOWS_MAX)
        return wrong(err, r, "windows", (double)r->n_windows, "at most 64");
    if (r->policy == LL_POLICY_SCHEDULED && r->n_windows == 0)
        return wrong(err, r, "windows", 0, "a SCHEDULED rule has at least one");
    for (size_t i = 0; i < r->n_windows; i++) {
        const struct ll_scale_window *w = &r->windows[i];
        if (w->duration <= 0)
            return wrong(err, r, "a window's duration_seconds", (double)w->duration / LL_SECOND,
                         "over 0");
        if (w->ramp < 0 || w->ramp > w->duration)
            return wrong(err, r, "a window's ramp_seconds", (double)w->ramp / LL_SECOND,
                         "0 to its duration");
        if (w->amount < 0)
            return wrong(err, r, "a window's amount", (double)w->amount, "0 or more");
        if (w->anchor == LL_ANCHOR_CRON ? w->cron.n == 0 : w->calendar.n == 0 && r->calendar.n == 0)
            return wrong(err, r, "window", (double)(i + 1),
                         "it names a cron expression, or a calendar to open and close by");
    }
    return true;
}

static bool check_limits(const struct ll_scaling_rule *r, struct ll_err *err)
{
    if (r->min < 0)
        return whole("rule", r->rule_id, "min_instances", r->min, "0 or more", err);
    if (r->max < 0 || (r->max > 0 && r->max < r->min))
        return whole("rule", r->rule_id, "max_instances", r->max, "at least min_instances", err);
    if (r->cooldown_out < 0 || r->cooldown_out > LL_DAY)
        return wrong(err, r, "scale-out cooldown_seconds", (double)r->cooldown_out / LL_SECOND,
                     "0 to 86400");
    if (r->stale < 0 || r->stale > LL_DAY)
        return wrong(err, r, "stale_seconds", (double)r->stale / LL_SECOND, "0 to 86400");
    if (r->fallback_after < 0 || r->fallback_after > LL_DAY)
        return wrong(err, r, "fallback after_seconds", (double)r->fallback_after / LL_SECOND,
                     "0 to 86400");
    if (r->fallback_units < 0 || (r->fallback == LL_FALLBACK_UNITS && r->fallback_units == 0))
        return whole("rule", r->rule_id, "fallback replicas", r->fallback_units, "over 0", err);
    if (r->proposal_ttl <= 0 || r->proposal_ttl > 7 * LL_DAY)
        return wrong(err, r, "proposal_ttl_seconds", (double)r->proposal_ttl / LL_SECOND,
                     "over 0 and at most 604800");
    if (!(r->second_person_over >= 0))
        return wrong(err, r, "second_person_over_pct", r->second_person_over * 100, "0 or more");
    return true;
}

static bool check_against(const struct ll_scaling_rule *r, const struct ll_target *t,
                          struct ll_err *err)
{
    if (!t)
        return true;
    if (r->min > t->max)
        return whole("rule", r->rule_id, "min_instances", r->min,
                     "at most the target's max_instances", err);
    if (r->max > 0 && r->max < t->min)
        return whole("rule", r->rule_id, "max_instances", r->max,
                     "at least the target's min_instances", err);
    if (r->max > t->max)
        return whole("rule", r->rule_id, "max_instances", r->max,
                     "at most the target's max_instances", err);
    if (r->fallback_units > t->max)
        return whole("rule", r->rule_id, "fallback replicas", r->fallback_units,
                     "at most the target's max_instances", err);
    return true;
}

bool ll_scaling_rule_check(const struct ll_scaling_rule *r, const struct ll_target *t,
                           struct ll_err *err)
{
    if (r->rule_id.n == 0)
        return ll_err_set(err, LL_E_INVALID, "a rule without rule_id: give it a name of its own");
    return check_thresholds(r, err) && check_steps(r, "scale-out steps", r->up, r->n_up, err) &&
           check_steps(r, "scale-in steps", r->down, r->n_down, err) && check_samples(r, err) &&
           check_rates(r, err) && check_forecast(r, err) && check_windows(r, err) &&
           check_limits(r, err) && ll_scaling_check_others(r, t, err) && check_against(r, t, err);
}

static bool target_whole(const struct ll_target *t, const char *key, int64_t value,
                         const char *allowed, struct ll_err *err)
{
    return whole("target", t->name, key, value, allowed, err);
}

static bool check_range(const struct ll_target *t, struct ll_err *err)
{
    if (t->min < 0)
        return target_whole(t, "min_instances", t->min, "0 or more", err);
    if (t->min == 0 && !t->scale_to_zero)
        return target_whole(t, "min_instances", 0, "over 0, or say scale_to_zero: true", err);
    if (t->max < LL_MAX(t->min, 1) || t->max > (int64_t)1 << 52)
        return target_whole(t, "max_instances", t->max, "at least min_instances, and over 0", err);
    if (t->quota < 0 || (t->quota > 0 && t->quota < t->min))
        return target_whole(t, "quota", t->quota, "at least min_instances, or 0 for none", err);
    if (t->granularity < 1 || t->granularity > t->max)
        return target_whole(t, "granularity", t->granularity, "1 to max_instances", err);
    return true;
}

static bool check_dependencies(const struct ll_target *t, struct ll_err *err)
{
    for (size_t i = 0; i < t->n_dependencies; i++) {
        const struct ll_dependency *d = &t->dependencies[i];
        if (d->per_instance > 0 && d->limit > 0 &&
            floor(d->limit / d->per_instance) >= (double)t->min)
            continue;
        return ll_err_set(err, LL_E_INVALID,
                          "target '%.*s': %g of '%.*s' for each of at least %lld instances do not "
                          "fit into %g: both are over 0 and min_instances fits",
                          (int)LL_MIN(t->name.n, 60), t->name.s, d->per_instance,
                          (int)LL_MIN(d->service.n, 60), d->service.n ? d->service.s : "",
                          (long long)t->min, d->limit);
    }
    return true;
}

bool ll_scaling_target_check(const struct ll_target *t, struct ll_err *err)
{
    if (t->name.n == 0)
        return ll_err_set(err, LL_E_INVALID, "a target without name: give it one of its own");
    if (!check_range(t, err) || !check_dependencies(t, err) || !ll_scaling_check_groups(t, err))
        return false;
    if (t->boot_delay < 0 || t->boot_delay > LL_DAY)
        return target_whole(t, "boot_delay_seconds", t->boot_delay / LL_SECOND, "0 to 86400", err);
    if (t->idle < 0 || t->idle > 7 * LL_DAY)
        return target_whole(t, "idle_seconds", t->idle / LL_SECOND, "0 to 604800", err);
    if (!isnan(t->capacity.units_per_instance) && !(t->capacity.units_per_instance > 0))
        return ll_err_set(err, LL_E_INVALID, "target '%.*s': units_per_instance %g: over 0",
                          (int)LL_MIN(t->name.n, 60), t->name.s, t->capacity.units_per_instance);
    const char *in = rates_fault(&t->in), *out = rates_fault(&t->out);
    if (in || out)
        return ll_err_set(err, LL_E_INVALID, "target '%.*s': %s: %s", (int)LL_MIN(t->name.n, 60),
                          t->name.s, in ? "scale-in" : "scale-out", in ? in : out);
    return true;
}
