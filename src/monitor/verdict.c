#include "monitor/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"

void ll_verdict_name(const struct ll_view *v, const struct ll_cell *c, size_t metric,
                     struct ll_str *out)
{
    const struct ll_series_key *k = &v->metrics[metric].key;
    const char *label = ll_resource_label(c->type);
    ll_str_add(out, k->service.s, k->service.n);
    ll_str_addc(out, ' ');
    /* "API calls" and "CPU" keep their capitals; the rest reads as a noun. */
    bool acronym = label[0] && label[1] >= 'A' && label[1] <= 'Z';
    ll_str_addc(out, acronym ? label[0] : (char)(label[0] | 0x20));
    ll_str_addz(out, label + 1);
    if (k->part.n) {
        ll_str_addc(out, ' ');
        ll_str_add(out, k->part.s, k->part.n);
    }
}

static void add_level(const struct ll_view *v, size_t metric, struct ll_str *out)
{
    const struct ll_metric *x = &v->metrics[metric];
    char text[2 * LL_UNIT_TEXT_MAX];
    ll_str_addf(out, "at %.1f %% (%s)", x->utilization * 100,
                ll_unit_format_of(x->unit, x->value, x->capacity, text));
}

/* "host disk /data is at 91.2 % (18.2 of 20.0 GiB) since 12 m" */
static void add_problem(const struct ll_view *v, const struct ll_cell *c, struct ll_str *out)
{
    char span[LL_DUR_TEXT_MAX];
    const struct ll_metric *x = &v->metrics[c->worst];
    ll_verdict_name(v, c, c->worst, out);
    switch (c->reason) {
    case LL_REASON_STALE:
        ll_str_addf(out, " has sent nothing for %s", ll_dur_format_human(v->now - x->t, span));
        return;
    case LL_REASON_FULL_SOON:
    case LL_REASON_FULL_VERY_SOON:
        ll_str_addf(out, " is full in %s, now ",
                    ll_dur_format_human((ll_dur)(x->to_capacity_s * 1000), span));
        break;
    case LL_REASON_OVER_WINDOW:
        ll_str_addf(out, " has stayed below %.0f %% for a day, now ",
                    c->threshold.scale_down * 100);
        break;
    case LL_REASON_UNDER_WINDOW:
        ll_str_addf(out, " has been above %.0f %% for half an hour, now ",
                    c->threshold.scale_up * 100);
        break;
    default:
        ll_str_addz(out, " is ");
    }
    add_level(v, c->worst, out);
    if (c->since != LL_TIME_NONE && v->now - c->since >= LL_MINUTE)
        ll_str_addf(out, " since %s", ll_dur_format_human(v->now - c->since, span));
}

static const char *headline_of(const struct ll_view *v)
{
    switch (v->overall) {
    case LL_STATUS_CRITICAL:
        return v->counts[LL_STATUS_CRITICAL] == 1 ? "One resource is critical"
                                                  : "Several resources are critical";
    case LL_STATUS_UNDER_PROVISIONED:
        return "Too small for its load";
    case LL_STATUS_WARNING:
        return "It is getting tight";
    case LL_STATUS_UNKNOWN:
        return v->n_cells ? "Some data is missing" : "No data yet";
    case LL_STATUS_OVER_PROVISIONED:
    case LL_STATUS_HEALTHY:
    default:
        return "Enough headroom now";
    }
}

static void add_calm(const struct ll_view *v, struct ll_str *out)
{
    const struct ll_cell *c = v->least_headroom;
    char span[LL_DUR_TEXT_MAX];
    if (c && c->to_critical_s < 30 * 86400.0) {
        ll_verdict_name(v, c, c->limiting, out);
        ll_str_addf(out, " reaches %.0f %% in %s at the present trend.",
                    c->threshold.critical * 100,
                    ll_dur_format_human((ll_dur)(c->to_critical_s * 1000), span));
    } else if (v->n_top) {
        const struct ll_metric *x = &v->metrics[v->top[0]];
        const struct ll_cell *cell = ll_view_cell(v, x->key.service, x->key.type);
        ll_str_addz(out, "Tightest: ");
        ll_verdict_name(v, cell, v->top[0], out);
        ll_str_addc(out, ' ');
        add_level(v, v->top[0], out);
        ll_str_addc(out, '.');
    } else if (v->n_cells) {
        ll_str_addz(out, "Samples arrive, but no capacity is known to measure them against.");
    } else {
        ll_str_addz(out, "The first samples arrive within one check interval.");
    }
}

void ll_verdict_write(struct ll_view *v)
{
    enum { NAMED = 2 };
    struct ll_str s;
    ll_str_init(&s, LL_VIEW_SENTENCE_MAX * 4);
    snprintf(v->headline, sizeof(v->headline), "%s", headline_of(v));
    bool calm = v->overall == LL_STATUS_HEALTHY || v->overall == LL_STATUS_OVER_PROVISIONED;
    for (size_t i = 0; !calm && i < v->n_problems && i < NAMED; i++) {
        if (i)
            ll_str_addz(&s, ". ");
        add_problem(v, &v->cells[v->problems[i]], &s);
    }
    if (!calm && v->n_problems > NAMED)
        ll_str_addf(&s, ", and %zu more", v->n_problems - NAMED);
    if (s.n)
        ll_str_addc(&s, '.');
    else
        add_calm(v, &s);
    snprintf(v->sentence, sizeof(v->sentence), "%.*s", (int)LL_VIEW_SENTENCE_MAX - 1, ll_str_z(&s));
    ll_str_fini(&s);
}
