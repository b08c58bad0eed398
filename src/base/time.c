#include "base/time.h"

#include "base/num.h"

#include <stdio.h>

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y += floor_div(m - 1, 12);
    m = m - 1 - 12 * floor_div(m - 1, 12) + 1;
    y -= m <= 2;
    int64_t era = floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

int64_t ll_time_day(ll_time t)
{
    return floor_div(t, LL_DAY);
}

ll_time ll_time_floor(ll_time t, ll_dur step)
{
    return floor_div(t, step) * step;
}

struct ll_civil ll_time_civil(ll_time t)
{
    int64_t day = ll_time_day(t), ms = t - day * LL_DAY;
    int64_t z = day + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct ll_civil){
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(ms / LL_HOUR),
        .minute = (int)(ms / LL_MINUTE % 60),
        .second = (int)(ms / LL_SECOND % 60),
        .ms = (int)(ms % LL_SECOND),
        .weekday = (int)(day + 4 - 7 * floor_div(day + 4, 7)),
    };
}

ll_time ll_time_from_civil(const struct ll_civil *c)
{
    return days_from_civil(c->year, c->month, c->day) * LL_DAY + c->hour * LL_HOUR +
           c->minute * LL_MINUTE + c->second * LL_SECOND + c->ms;
}

/* Reads exactly n digits at *p. */
static bool digits(const char **p, const char *end, int n, int *out)
{
    int v = 0;
    if (end - *p < n)
        return false;
    for (int i = 0; i < n; i++) {
        char c = (*p)[i];
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *p += n;
    *out = v;
    return true;
}

static bool literal(const char **p, const char *end, const char *any)
{
    if (*p == end)
        return false;
    for (; *any; any++)
        if (**p == *any) {
            (*p)++;
            return true;
        }
    return false;
}

static int fraction_ms(const char **p, const char *end)
{
    int ms = 0, scale = 100;
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        ms += (**p - '0') * scale;
        scale /= 10;
    }
    return ms;
}

static bool offset(const char **p, const char *end, ll_dur *out)
{
    int h, m;
    if (literal(p, end, "Zz")) {
        *out = 0;
        return true;
    }
    bool minus = *p < end && **p == '-';
    if (!literal(p, end, "+-") || !digits(p, end, 2, &h) || !literal(p, end, ":") ||
        !digits(p, end, 2, &m) || h > 23 || m > 59)
        return false;
    *out = (minus ? -1 : 1) * (h * LL_HOUR + m * LL_MINUTE);
    return true;
}

static bool date_in_range(const struct ll_civil *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    if (c->year < 1 || c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    return c->day <= days[c->month - 1] + (c->month == 2 && leap);
}

static bool time_in_range(const struct ll_civil *c)
{
    if (c->hour > 23 || c->minute > 59)
        return false;
    return c->second <= 59 || (c->second == 60 && c->hour == 23 && c->minute == 59);
}

static bool parse_rfc3339(struct ll_slice text, ll_time *out)
{
    struct ll_civil c = {0};
    ll_dur off = 0;
    const char *p = text.s, *end = text.s + text.n;
    if (!digits(&p, end, 4, &c.year) || !literal(&p, end, "-") || !digits(&p, end, 2, &c.month) ||
        !literal(&p, end, "-") || !digits(&p, end, 2, &c.day) || !literal(&p, end, "Tt ") ||
        !digits(&p, end, 2, &c.hour) || !literal(&p, end, ":") || !digits(&p, end, 2, &c.minute) ||
        !literal(&p, end, ":") || !digits(&p, end, 2, &c.second))
        return false;
    if (literal(&p, end, ".")) {
        const char *before = p;
        c.ms = fraction_ms(&p, end);
        if (p == before)
            return false;
    }
    if (!offset(&p, end, &off) || p != end || !date_in_range(&c) || !time_in_range(&c))
        return false;
    *out = ll_time_from_civil(&c) - off;
    return true;
}

bool ll_time_parse(struct ll_slice text, ll_time *out, struct ll_err *err)
{
    if (parse_rfc3339(text, out))
        return true;
    return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a time such as 2026-11-24T09:30:00Z",
                      (int)LL_MIN(text.n, (size_t)64), text.s);
}

bool ll_time_parse_relative(struct ll_slice text, ll_time now, ll_time *out, struct ll_err *err)
{
    double seconds;
    ll_dur d = 0;
    if (text.n >= 3 && ll_slice_eq((struct ll_slice){text.s, 3}, LL_SLICE("now"))) {
        struct ll_slice rest = {text.s + 3, text.n - 3};
        if (rest.n == 0) {
            *out = now;
            return true;
        }
        struct ll_slice span = {rest.s + 1, rest.n - 1};
        if ((rest.s[0] == '-' || rest.s[0] == '+') && ll_dur_parse(span, &d, NULL)) {
            *out = rest.s[0] == '-' ? now - d : now + d;
            return true;
        }
    } else if (parse_rfc3339(text, out)) {
        return true;
    } else if (ll_num_parse(text, &seconds) && seconds >= (double)(LL_TIME_MIN / 1000) &&
               seconds <= (double)(LL_TIME_MAX / 1000)) {
        *out = (ll_time)(seconds * 1000);
        return true;
    }
    return ll_err_set(err, LL_E_INVALID,
                      "'%.*s' is not a time: use 2026-11-24T09:30:00Z, Unix seconds or now-24h",
                      (int)LL_MIN(text.n, (size_t)64), text.s);
}

char *ll_time_format(ll_time t, char buf[static LL_TIME_TEXT_MAX])
{
    struct ll_civil c = ll_time_civil(LL_MAX(LL_MIN(t, LL_TIME_MAX), LL_TIME_MIN));
    snprintf(buf, LL_TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year % 10000,
             c.month % 100, c.day % 100, c.hour % 100, c.minute % 100, c.second % 100, c.ms % 1000);
    return buf;
}

char *ll_time_format_date(ll_time t, char buf[static LL_TIME_TEXT_MAX])
{
    ll_time_format(t, buf);
    buf[10] = '\0';
    return buf;
}

/* Largest first, so that formatting can walk it. */
static const struct {
    const char *name;
    ll_dur ms;
    bool exact; /* used by ll_dur_format */
} units[] = {
    {"y", 365 * LL_DAY, false}, {"w", 7 * LL_DAY, false}, {"d", LL_DAY, true}, {"h", LL_HOUR, true},
    {"m", LL_MINUTE, true},     {"s", LL_SECOND, true},   {"ms", LL_MS, true},
};

static bool unit_of(struct ll_slice name, ll_dur *ms)
{
    for (size_t i = 0; i < LL_LEN(units); i++)
        if (ll_slice_is(name, units[i].name)) {
            *ms = units[i].ms;
            return true;
        }
    return false;
}

static size_t span(const char *s, size_t n, bool digit)
{
    size_t i = 0;
    while (i < n && (s[i] >= '0' && s[i] <= '9') == digit)
        i++;
    return i;
}

static bool parse_dur(struct ll_slice text, ll_dur *out)
{
    const ll_dur limit = 1000 * 365 * LL_DAY;
    ll_dur total = 0, last = INT64_MAX;
    size_t i = 0;
    while (i < text.n) {
        size_t nd = span(text.s + i, text.n - i, true);
        size_t nu = span(text.s + i + nd, text.n - i - nd, false);
        ll_dur unit, value = 0;
        if (nd == 0 || nd > 15 || !unit_of((struct ll_slice){text.s + i + nd, nu}, &unit) ||
            unit >= last)
            return false;
        for (size_t k = 0; k < nd; k++)
            value = value * 10 + (text.s[i + k] - '0');
        if (value > (limit - total) / unit)
            return false;
        total += value * unit;
        last = unit;
        i += nd + nu;
    }
    *out = total;
    return text.n > 0;
}

bool ll_dur_parse(struct ll_slice text, ll_dur *out, struct ll_err *err)
{
    if (parse_dur(text, out))
        return true;
    return ll_err_set(err, LL_E_INVALID,
                      "'%.*s' is not a duration such as 15s, 10m, 24h, 90d or 1h30m",
                      (int)LL_MIN(text.n, (size_t)64), text.s);
}

char *ll_dur_format(ll_dur d, char buf[static LL_DUR_TEXT_MAX])
{
    for (size_t i = 0; i < LL_LEN(units); i++)
        if (units[i].exact && d != 0 && d % units[i].ms == 0) {
            snprintf(buf, LL_DUR_TEXT_MAX, "%lld%s", (long long)(d / units[i].ms), units[i].name);
            return buf;
        }
    snprintf(buf, LL_DUR_TEXT_MAX, "0s");
    return buf;
}

char *ll_dur_format_human(ll_dur d, char buf[static LL_DUR_TEXT_MAX])
{
    const char *sign = d < 0 ? "-" : "";
    long long ms = d < 0 ? -(long long)d : (long long)d;
    long long s = ms / 1000;
    if (ms < 10 * LL_SECOND)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld.%lld s", sign, s, ms % 1000 / 100);
    else if (s < 60)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld s", sign, s);
    else if (s < 3600)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld m", sign, s / 60);
    else if (s < 86400)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld h %lld m", sign, s / 3600, s / 60 % 60);
    else if (s < 10 * 86400)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld d %lld h", sign, s / 86400, s / 3600 % 24);
    else
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld d", sign, s / 86400);
    return buf;
}
