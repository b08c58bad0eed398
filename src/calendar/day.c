#include "calendar/day.h"

#include <stdio.h>

static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

ll_day ll_day_of(int year, int month, int day)
{
    const struct ll_civil c = {.year = year, .month = month, .day = day};
    return (ll_day)ll_time_day(ll_time_from_civil(&c));
}

struct ll_date ll_day_date(ll_day d)
{
    struct ll_civil c = ll_time_civil(d * LL_DAY);
    return (struct ll_date){c.year, c.month, c.day};
}

int ll_day_weekday(ll_day d)
{
    int r = d % 7; /* day 0 is a Thursday */
    return (r + 10) % 7;
}

int ll_month_days(int year, int month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap);
}

/* The number of n digits at s, -1 when one is none. */
static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

bool ll_day_parse(struct ll_slice text, ll_day *out, struct ll_err *err)
{
    int n = (int)LL_MIN(text.n, (size_t)LL_TIME_TEXT_MAX);
    if (text.n != 10 || text.s[4] != '-' || text.s[7] != '-')
        return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a date: YYYY-MM-DD", n, text.s);
    int year = digits(text.s, 4), month = digits(text.s + 5, 2), day = digits(text.s + 8, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > ll_month_days(year, month))
        return ll_err_set(err, LL_E_INVALID, "'%.*s' is not a date", n, text.s);
    ll_day d = ll_day_of(year, month, day);
    if (d < LL_DAY_FIRST_ALLOWED || d > LL_DAY_LAST_ALLOWED)
        return ll_err_set(err, LL_E_RANGE, "%.*s is not between 1900 and 2199", n, text.s);
    *out = d;
    return true;
}

char *ll_day_format(ll_day d, char buf[static LL_DAY_TEXT_MAX])
{
    if (d == LL_DAY_NONE || d == LL_DAY_LAST) {
        buf[0] = '\0';
        return buf;
    }
    struct ll_date x = ll_day_date(d);
    snprintf(buf, LL_DAY_TEXT_MAX, "%04d-%02d-%02d", x.year, x.month, x.day);
    return buf;
}

ll_day ll_day_nth(int year, int month, int nth, int weekday)
{
    ll_day first = ll_day_of(year, month, 1), last = first + ll_month_days(year, month) - 1, d;
    if (nth > 0)
        d = first + (weekday - ll_day_weekday(first) + 7) % 7 + 7 * (nth - 1);
    else
        d = last - (ll_day_weekday(last) - weekday + 7) % 7 + 7 * (nth + 1);
    return nth == 0 || d < first || d > last ? LL_DAY_NONE : d;
}

/* Meeus, Astronomical Algorithms, chapter 8: the Gregorian Easter. */
static ll_day easter_gregorian(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int g = (8 * b + 13) / 25;
    int h = (19 * a + b - b / 4 - g + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 19 * l) / 433;
    int month = (h + l - 7 * m + 90) / 25;
    return ll_day_of(year, month, (h + l - 7 * m + 33 * month + 19) % 32);
}

/* The same chapter: the Julian Easter; the calendars were 12 days apart in the 1800s, 13 in the
 * 1900s and 2000s, 14 in the 2100s. */
static ll_day easter_julian(int year)
{
    int d = (19 * (year % 19) + 15) % 30;
    int e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
    int month = (d + e + 114) / 31, shift = year / 100 - year / 400 - 2;
    return ll_day_of(year, month, (d + e + 114) % 31 + 1) + shift;
}

ll_day ll_day_easter(int year, bool orthodox)
{
    return orthodox ? easter_julian(year) : easter_gregorian(year);
}
