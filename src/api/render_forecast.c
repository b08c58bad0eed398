#include "api/render_forecast.h"

#include <math.h>
#include <stdio.h>

#include "api/members.h"
#include "forecast/demand.h"

void ll_render_forecast_id(struct ll_json_out *j, int64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)id); /* beyond what a double keeps */
    ll_member_word(j, "forecast_id", id ? text : NULL);
}

double ll_render_hours(ll_dur d)
{
    return (double)d / (double)LL_HOUR;
}

void ll_render_series(struct ll_json_out *j, struct ll_slice service, enum ll_resource_type type)
{
    ll_member_text(j, "service", service);
    ll_member_word(j, "resource_type", ll_resource_name(type));
}

ll_time ll_forecast_time_of(const struct ll_kept_forecast *f, size_t i)
{
    return f->origin + (ll_dur)f->points[i].step * f->step;
}

bool ll_forecast_is_stale(const struct ll_kept_forecast *f, ll_time now)
{
    return now - f->made > LL_DEMAND_FRESH;
}

static void points(struct ll_json_out *j, const struct ll_kept_forecast *f, size_t n)
{
    ll_json_out_key(j, "points");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        const struct ll_stated *s = &f->points[i].said;
        ll_json_out_open(j, '{');
        ll_member_moment(j, "timestamp", ll_forecast_time_of(f, i));
        ll_member_number(j, "predicted_value", s->predicted);
        ll_member_number(j, "confidence_lower", s->lower);
        ll_member_number(j, "confidence_upper", s->upper);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

void ll_render_peak(struct ll_json_out *j, const struct ll_kept_forecast *f)
{
    ll_member_moment(j, "timestamp", f->peak_at);
    ll_member_number(j, "value", f->peak);
    ll_member_number(j, "upper_95", f->peak_upper);
    ll_member_number(j, "capacity", f->capacity);
    ll_member_number(j, "exceeds_capacity", f->peak_above);
}

void ll_render_trust(struct ll_json_out *j, const struct ll_trust *t)
{
    char text[LL_TRUST_TEXT_MAX];
    ll_json_out_key(j, "trust");
    ll_json_out_open(j, '{');
    ll_member_word(j, "verdict", ll_trust_name(t->kind));
    ll_member_number(j, "hours_ahead", ll_render_hours(t->ahead));
    ll_member_number(j, "compared", t->hours);
    ll_member_number(j, "pinball", t->pinball);
    ll_member_number(j, "naive_pinball", t->naive);
    ll_member_number(j, "coverage", t->coverage);
    ll_member_number(j, "level", t->level);
    ll_member_word(j, "reason", ll_trust_text(t, text));
    ll_json_out_close(j, '}');
}

/* How many days each effect stands on: of the series, and of others of its venue. */
static void effects(struct ll_json_out *j, const struct ll_kept_forecast *f)
{
    ll_json_out_key(j, "effects");
    ll_json_out_open(j, '[');
    for (size_t i = 0; i < f->n_effects; i++) {
        const struct ll_kept_effect *e = &f->effects[i];
        ll_json_out_open(j, '{');
        ll_member_text(j, "class", e->day_class);
        ll_member_number(j, "factor", e->factor);
        ll_member_count(j, "days", e->seen);
        ll_member_count(j, "days_of_venue", e->of_pool);
        ll_json_out_close(j, '}');
    }
    ll_json_out_close(j, ']');
}

static void in_force(struct ll_json_out *j, const struct ll_held_forecast *h, ll_time now)
{
    ll_member_yes(j, "stale", ll_forecast_is_stale(&h->kept, now));
    ll_member_yes(j, "restored", h->restored);
    ll_member_yes(j, "on_demand", h->on_demand);
    ll_member_number(j, "lead_hours", ll_render_hours(h->kept.lead));
    ll_render_trust(j, &h->trust);
}

void ll_render_forecast(struct ll_json_out *j, const struct ll_kept_forecast *f, size_t n,
                        const struct ll_held_forecast *held, ll_time now)
{
    ll_json_out_open(j, '{');
    ll_render_forecast_id(j, f->id);
    ll_render_series(j, f->service, f->type);
    ll_member_word(j, "unit", ll_unit_name(f->unit));
    ll_member_number(j, "horizon_hours",
                     n ? ll_render_hours(ll_forecast_time_of(f, n - 1) + f->step - f->origin) : (double)NAN);
    ll_member_moment(j, "made", f->made);
    ll_member_moment(j, "origin", f->origin);
    ll_json_out_key(j, "step");
    ll_json_out_int(j, f->step / LL_SECOND);
    ll_member_number(j, "level", f->level);
    ll_member_text(j, "model_used", f->model);
    ll_member_text(j, "reason", f->reason);
    ll_json_out_key(j, "calendar");
    if (f->calendar.n)
        ll_json_out_text(j, f->calendar);
    else
        ll_json_out_null(j);
    ll_member_number(j, "interval_multiplier", f->multiplier);
    if (held)
        in_force(j, held, now);
    effects(j, f);
    ll_json_out_key(j, "peak");
    ll_json_out_open(j, '{');
    ll_render_peak(j, f);
    ll_json_out_close(j, '}');
    points(j, f, n);
    ll_json_out_close(j, '}');
}

static void measures(struct ll_json_out *j, const struct ll_accuracy_sums *s)
{
    double wape = ll_accuracy_wape(s);
    ll_member_number(j, "compared", s->n);
    ll_member_number(j, "accuracy", isnan(wape) ? wape : fmax(0, 1 - wape));
    ll_member_number(j, "wape", wape);
    ll_member_number(j, "mase", ll_accuracy_mase(s));
    ll_member_number(j, "bias", ll_accuracy_bias(s));
    ll_member_number(j, "coverage", ll_accuracy_coverage(s));
    ll_member_number(j, "pinball", ll_accuracy_pinball(s));
}

void ll_render_measures(struct ll_json_out *j, const struct ll_accuracy_sums *said,
                 const struct ll_accuracy_sums *naive)
{
    measures(j, said);
    ll_json_out_key(j, "seasonal_naive");
    ll_json_out_open(j, '{');
    measures(j, naive);
    ll_json_out_close(j, '}');
}
