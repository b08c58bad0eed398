#include "base/time.h"

#include <math.h>
#include <stdio.h>

#include "base/num.h"

/* Both for b > 0: no overflow for any a. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    int64_t r = a % b;
    return r < 0 ? r + b : r;
}

static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
    y += floor_div(m - 1, 12);
    m = floor_mod(m - 1, 12) + 1;
    y -= m <= 2;
    int64_t era = floor_div(y, 400), yoe = floor_mod(y, 400);
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
    LL_ASSERT(step > 0);
    int64_t past = floor_mod(t, step);
    return t < INT64_MIN + past ? LL_TIME_NONE : t - past;
}

struct ll_civil ll_time_civil(ll_time t)
{
    int64_t day = ll_time_day(t), ms = floor_mod(t, LL_DAY);
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
        .weekday = (int)floor_mod(day + 4, 7),
    };
}

ll_time ll_time_from_civil(const struct ll_civil *c)
{
    int64_t day = days_from_civil(c->year, c->month, c->day), t;
    int64_t ms = c->hour * LL_HOUR + c->minute * LL_MINUTE + c->second * LL_SECOND + c->ms;
    int64_t back = day < 0; /* the first day of ll_time begins before it: come from above */
    if (__builtin_mul_overflow(day + back, LL_DAY, &t) ||
        __builtin_add_overflow(t, ms - back * LL_DAY, &t))
        return day < 0 ? INT64_MIN : INT64_MAX;
    return t;
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

static bool in_range(ll_time t)
{
    return t >= LL_TIME_MIN && t <= LL_TIME_MAX;
}

/* A leap second ends a UTC day, whatever the local time (RFC 3339, 5.7): t is the next one. */
static bool clock_ok(const struct ll_civil *c, ll_time t)
{
    bool leap = c->second == 60 && floor_mod(t, LL_DAY) < LL_SECOND;
    return c->hour <= 23 && c->minute <= 59 && (c->second <= 59 || leap);
}

static bool parse_rfc3339(struct ll_slice text, ll_time *out)
{
    struct ll_civil c = {0};
    ll_dur off = 0;
    const char *p = text.n ? text.s : "", *end = p + text.n;
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
    if (!offset(&p, end, &off) || p != end || !date_in_range(&c))
        return false;
    ll_time t = ll_time_from_civil(&c) - off;
    if (!clock_ok(&c, t) || !in_range(t))
        return false;
    *out = t;
    return true;
}

bool ll_time_parse(struct ll_slice text, ll_time *out, struct ll_err *err)
{
    if (parse_rfc3339(text, out))
        return true;
    return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a time such as 2026-11-24T09:30:00Z",
                      (int)LL_MIN(text.n, (size_t)64), text.n ? text.s : "");
}

/* `now`, `now-24h`, `now+90m` */
static bool parse_from_now(struct ll_slice text, ll_time now, ll_time *out)
{
    const size_t word = 3;
    ll_dur d = 0;
    if (text.n < word || !ll_slice_eq((struct ll_slice){text.s, word}, LL_SLICE("now")))
        return false;
    bool minus = text.n > word && text.s[word] == '-', plus = text.n > word && text.s[word] == '+';
    if (text.n > word &&
        (!(minus || plus) ||
         !ll_dur_parse((struct ll_slice){text.s + word + 1, text.n - word - 1}, &d, NULL)))
        return false;
    *out = minus ? now - d : now + d; /* now is in range, d at most 1000 years */
    return true;
}

static bool parse_unix(struct ll_slice text, ll_time *out)
{
    double seconds;
    if (!ll_num_parse(text, &seconds) || fabs(seconds) > (double)LL_TIME_MAX)
        return false;
    *out = llrint(seconds * 1000);
    return true;
}

bool ll_time_parse_relative(struct ll_slice text, ll_time now, ll_time *out, struct ll_err *err)
{
    ll_time t;
    if ((parse_rfc3339(text, &t) || (in_range(now) && parse_from_now(text, now, &t)) ||
         parse_unix(text, &t)) &&
        in_range(t)) {
        *out = t;
        return true;
    }
    return ll_err_set(err, LL_E_INVALID,
                      "'%.*s' is not a time: use 2026-11-24T09:30:00Z, Unix seconds or now-24h",
                      (int)LL_MIN(text.n, (size_t)64), text.n ? text.s : "");
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
    if (text.n > 0)
        *out = total;
    return text.n > 0;
}

bool ll_dur_parse(struct ll_slice text, ll_dur *out, struct ll_err *err)
{
    if (parse_dur(text, out))
        return true;
    return ll_err_set(err, LL_E_INVALID,
                      "'%.*s' is not a duration such as 15s, 10m, 24h, 90d or 1h30m",
                      (int)LL_MIN(text.n, (size_t)64), text.n ? text.s : "");
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
    long long ms = d < 0 ? -LL_MAX(d, -INT64_MAX) : d;
    long long s = ms / 1000;
    if (s == 0 && ms > 0)
        snprintf(buf, LL_DUR_TEXT_MAX, "%s%lld ms", sign, ms);
    else if (s < 10)
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
