#include "calendar/dates.h"

bool ll_cal_dates_by_session(const struct ll_cal_rule *r)
{
    return r->base == LL_CAL_LAST_SESSION || r->base == LL_CAL_FIRST_SESSION;
}

static bool listed(const int *years, size_t n, int year)
{
    for (size_t i = 0; i < n; i++)
        if (years[i] == year)
            return true;
    return false;
}

static bool year_admitted(const struct ll_cal_rule *r, int year)
{
    return (r->n_years == 0 || listed(r->years, r->n_years, year)) &&
           !listed(r->except_years, r->n_except_years, year);
}

bool ll_cal_dates_admit(const struct ll_cal_rule *r, ll_day base)
{
    if (base < r->from || base > r->to)
        return false;
    return r->n_years + r->n_except_years == 0 || year_admitted(r, ll_day_date(base).year);
}

bool ll_cal_dates_in_year(const struct ll_cal_rule *r, int year)
{
    return r->from <= ll_day_of(year, 12, 31) && r->to >= ll_day_of(year, 1, 1) &&
           year_admitted(r, year);
}

static bool on(uint8_t dow, ll_day d)
{
    return dow == 0 || (dow >> ll_day_weekday(d) & 1);
}

ll_day ll_cal_dates_shifted(const struct ll_cal_rule *r, ll_day d)
{
    if (d == LL_DAY_NONE || !on(r->base_dow, d) || !ll_cal_dates_admit(r, d))
        return LL_DAY_NONE;
    d += r->offset;
    return on(r->dow, d) ? d + r->observe[ll_day_weekday(d)] : LL_DAY_NONE;
}

static ll_day month_day(const struct ll_cal_rule *r, int year)
{
    return r->mday > ll_month_days(year, r->month) ? LL_DAY_NONE
                                                   : ll_day_of(year, r->month, r->mday);
}

/* Of a rule with one base a year. */
static ll_day base_of(const struct ll_cal_dates *x, int year)
{
    const struct ll_cal_rule *r = x->rule;
    if (r->base == LL_CAL_EASTER)
        return ll_day_easter(year, r->orthodox) + r->easter;
    ll_day d = month_day(r, year);
    if (d == LL_DAY_NONE)
        return d;
    int weekday = ll_day_weekday(d);
    if (r->base == LL_CAL_ON_OR_AFTER)
        return d + (r->weekday - weekday + 7) % 7;
    if (r->base == LL_CAL_ON_OR_BEFORE)
        return d - (weekday - r->weekday + 7) % 7;
    if (ll_cal_dates_by_session(r))
        return x->near ? x->near(x->ctx, r, d) : LL_DAY_NONE;
    return d;
}

static bool next_of_table(struct ll_cal_dates *x, ll_day *base)
{
    const struct ll_cal_table *t = x->rule->table;
    ll_day first = ll_day_of(x->year, 1, 1), last = ll_day_of(x->last, 12, 31);
    while (x->next < t->n && t->days[x->next] < first)
        x->next++;
    if (x->next == t->n || t->days[x->next] > last)
        return false;
    *base = t->days[x->next++];
    return true;
}

static bool next_nth(struct ll_cal_dates *x, ll_day *base)
{
    const struct ll_cal_rule *r = x->rule;
    while (x->year <= x->last) {
        int month = (int)x->next++;
        if (month == 12) {
            x->next = 0;
            x->year++;
        } else if (r->months >> month & 1) {
            *base = ll_day_nth(x->year, month + 1, r->nth, r->weekday);
            return true;
        }
    }
    return false;
}

static bool next_base(struct ll_cal_dates *x, ll_day *base)
{
    if (x->rule->base == LL_CAL_TABLE)
        return next_of_table(x, base);
    if (x->rule->base == LL_CAL_NTH)
        return next_nth(x, base);
    if (x->year > x->last)
        return false;
    *base = base_of(x, x->year++);
    return true;
}

bool ll_cal_dates_next(struct ll_cal_dates *dates, ll_day *out)
{
    ll_day base;
    while (next_base(dates, &base)) {
        ll_day d = ll_cal_dates_shifted(dates->rule, base);
        if (d != LL_DAY_NONE) {
            *out = d;
            return true;
        }
    }
    return false;
}
