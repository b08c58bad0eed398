/* Dates, weekdays and the bases of rules.  Each text is read word by word; what is allowed stands
 * in the message. */
#include "config/calendar_words.h"

#include <string.h>

#include "config/calendar_lex.h"
#include "config/yaml.h"

enum {
    FIRST_YEAR = 1900,
    LAST_YEAR = 2199,
    DAYS_MAX = 366, /* of an offset: a year */
    SHIFT_MAX = 30, /* of an observed day: a month */
    NTH_MAX = 5
};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char weekdays_doc[] = "mon, tue, wed, thu, fri, sat or sun";
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

bool ll_calendar_parse_date(struct ll_slice text, void *field, struct ll_err *err)
{
    return ll_day_parse(text, field, err);
}

bool ll_calendar_parse_year(struct ll_slice text, void *field, struct ll_err *err)
{
    return (text.n == 4 && ll_calendar_all_digits(text) &&
            ll_calendar_whole(text, FIRST_YEAR, LAST_YEAR, field)) ||
           ll_calendar_refuse(err, text, "is not a year between 1900 and 2199");
}

static bool date_or_year(struct ll_slice text, int month, int mday, ll_day *out, struct ll_err *err)
{
    int year = 0;
    if (text.n != 4 || !ll_calendar_all_digits(text))
        return ll_day_parse(text, out, err);
    if (!ll_calendar_parse_year(text, &year, err))
        return false;
    *out = ll_day_of(year, month, mday);
    return true;
}

bool ll_calendar_parse_from(struct ll_slice text, void *field, struct ll_err *err)
{
    return date_or_year(text, 1, 1, field, err);
}

bool ll_calendar_parse_to(struct ll_slice text, void *field, struct ll_err *err)
{
    return date_or_year(text, 12, 31, field, err);
}

bool ll_calendar_parse_known(struct ll_slice text, void *field, struct ll_err *err)
{
    ll_day day;
    ll_time *out = field;
    if (text.n > 10)
        return ll_time_parse(text, out, NULL) ||
               ll_calendar_refuse(err, text,
                                  "is not a time such as 2027-01-28T14:00:00Z, nor a date");
    if (!ll_day_parse(text, &day, err))
        return false;
    *out = (ll_time)day * LL_DAY;
    return true;
}

/* "MM-DD": a day that some year has. */
static bool month_day(struct ll_slice text, int *month, int *mday, struct ll_err *err)
{
    enum { LEAP = 2000 };
    struct ll_slice rest = text;
    int m, d;
    if (!ll_calendar_take_digits(&rest, 2, &m) || !ll_calendar_take_char(&rest, '-') ||
        !ll_calendar_take_digits(&rest, 2, &d) || rest.n)
        return ll_calendar_refuse(err, text, "is not a day as MM-DD, such as 12-25");
    if (m < 1 || m > 12)
        return ll_calendar_refuse(err, text, "is no day of a year: months are 01 to 12");
    if (d < 1 || d > ll_month_days(LEAP, m)) {
        char shown[LL_YAML_QUOTE_MAX];
        return ll_err_set(err, LL_E_CONFIG, "'%s' is no day of any year: %s has %d days at most",
                          ll_yaml_quote(text, shown), months[m - 1], ll_month_days(LEAP, m));
    }
    *month = m;
    *mday = d;
    return true;
}

static bool based_on_day(struct ll_slice text, struct ll_cal_rule *rule, enum ll_cal_base base,
                         struct ll_err *err)
{
    if (!month_day(text, &rule->month, &rule->mday, err))
        return false;
    rule->base = base;
    return true;
}

bool ll_calendar_parse_fixed(struct ll_slice text, void *field, struct ll_err *err)
{
    return based_on_day(text, field, LL_CAL_FIXED, err);
}

bool ll_calendar_parse_last_session(struct ll_slice text, void *field, struct ll_err *err)
{
    return based_on_day(text, field, LL_CAL_LAST_SESSION, err);
}

bool ll_calendar_parse_first_session(struct ll_slice text, void *field, struct ll_err *err)
{
    return based_on_day(text, field, LL_CAL_FIRST_SESSION, err);
}

bool ll_calendar_parse_weekday(struct ll_slice text, void *field, struct ll_err *err)
{
    int *out = field;
    for (size_t i = 0; i < LL_LEN(weekdays); i++)
        if (ll_slice_is(text, weekdays[i])) {
            *out = (int)i;
            return true;
        }
    return ll_calendar_refuse_word(err, text, "a weekday", weekdays_doc, weekdays,
                                   LL_LEN(weekdays));
}

bool ll_calendar_parse_weekdays(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_slice rest = text, word;
    unsigned mask = 0;
    while (ll_calendar_next_word(&rest, &word)) {
        int day;
        if (!ll_calendar_parse_weekday(word, &day, err))
            return false;
        if (mask & 1u << day)
            return ll_calendar_refuse(err, text, "has a weekday twice");
        mask |= 1u << day;
    }
    if (!mask)
        return ll_calendar_refuse(err, text, "has no weekday, such as \"fri sat\"");
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

/* What is left: months as two digits each, or `all`. */
static bool months_of(struct ll_slice rest, uint16_t *out, struct ll_err *err)
{
    struct ll_slice word;
    unsigned mask = 0;
    int month;
    while (ll_calendar_next_word(&rest, &word)) {
        bool all = ll_slice_is(word, "all");
        if (!all && (word.n != 2 || !ll_calendar_all_digits(word) ||
                     !ll_calendar_whole(word, 1, 12, &month)))
            return ll_calendar_refuse(err, word,
                                      "is not a month from 01 to 12, nor all of them: all");
        unsigned these = all ? 0xfff : 1u << (month - 1);
        if (mask & these)
            return ll_calendar_refuse(err, word, "has a month twice");
        mask |= these;
    }
    *out = (uint16_t)mask;
    return true;
}

bool ll_calendar_parse_months(struct ll_slice text, void *field, struct ll_err *err)
{
    uint16_t mask;
    if (!months_of(text, &mask, err))
        return false;
    if (!mask)
        return ll_calendar_refuse(err, text, "has no month, such as \"03 06 09 12\"");
    *(uint16_t *)field = mask;
    return true;
}

bool ll_calendar_parse_nth(struct ll_slice text, void *field, struct ll_err *err)
{
    static const char *const form = "is not as \"3 mon 01\" or \"-1 mon 05\": which one (1 to 5, "
                                    "from the end -1 to -5), weekday, month";
    struct ll_cal_rule *rule = field;
    struct ll_slice rest = text, word;
    int nth = 0, day = 0;
    uint16_t mask = 0;
    if (!ll_calendar_next_word(&rest, &word) || !ll_calendar_whole(word, -NTH_MAX, NTH_MAX, &nth) ||
        nth == 0 || !ll_calendar_next_word(&rest, &word))
        return ll_calendar_refuse(err, text, form);
    if (!ll_calendar_parse_weekday(word, &day, err) || !months_of(rest, &mask, err))
        return false;
    if (!mask)
        return ll_calendar_refuse(err, text, form);
    rule->base = LL_CAL_NTH;
    rule->nth = nth;
    rule->weekday = day;
    rule->months = mask;
    return true;
}

bool ll_calendar_parse_week_of(struct ll_slice text, void *field, struct ll_err *err)
{
    static const char *const form = "is not as \"3 fri 12\": which one (1 to 5), weekday, and the "
                                    "day of the month in the week before it (01 to 28)";
    struct ll_cal_rule *rule = field;
    struct ll_slice rest = text, word, mday, more;
    int nth, day, of;
    if (!ll_calendar_next_word(&rest, &word) || !ll_calendar_whole(word, 1, NTH_MAX, &nth) ||
        !ll_calendar_next_word(&rest, &word) || !ll_calendar_next_word(&rest, &mday) ||
        !ll_calendar_whole(mday, 1, 28, &of) || ll_calendar_next_word(&rest, &more))
        return ll_calendar_refuse(err, text, form);
    if (!ll_calendar_parse_weekday(word, &day, err))
        return false;
    rule->nth = nth;
    rule->weekday = day;
    rule->mday = of;
    return true;
}

static bool weekday_near(struct ll_slice text, struct ll_cal_rule *rule, enum ll_cal_base base,
                         struct ll_err *err)
{
    struct ll_slice rest = text, name, day, more;
    int weekday;
    if (!ll_calendar_next_word(&rest, &name) || !ll_calendar_next_word(&rest, &day) ||
        ll_calendar_next_word(&rest, &more))
        return ll_calendar_refuse(err, text, "is not as \"fri 06-19\": weekday, MM-DD");
    if (!ll_calendar_parse_weekday(name, &weekday, err) || !based_on_day(day, rule, base, err))
        return false;
    rule->weekday = weekday;
    return true;
}

bool ll_calendar_parse_on_or_after(struct ll_slice text, void *field, struct ll_err *err)
{
    return weekday_near(text, field, LL_CAL_ON_OR_AFTER, err);
}

bool ll_calendar_parse_on_or_before(struct ll_slice text, void *field, struct ll_err *err)
{
    return weekday_near(text, field, LL_CAL_ON_OR_BEFORE, err);
}

bool ll_calendar_parse_offset(struct ll_slice text, void *field, struct ll_err *err)
{
    return ll_calendar_whole(text, -DAYS_MAX, DAYS_MAX, field) ||
           ll_calendar_refuse(err, text, "is not a number of days from -366 to 366");
}

bool ll_calendar_parse_easter(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_cal_rule *rule = field;
    if (!ll_calendar_parse_offset(text, &rule->easter, err))
        return false;
    rule->base = LL_CAL_EASTER;
    return true;
}

bool ll_calendar_parse_observe(struct ll_slice text, void *field, struct ll_err *err)
{
    static const char *const form = "is not as \"sat-1\" or \"sun+1\": a weekday and by how many "
                                    "days it moves, up to 30";
    struct ll_slice rest = text, word;
    int8_t shift[LL_LEN(weekdays)] = {0};
    bool any = false;
    for (; ll_calendar_next_word(&rest, &word); any = true) {
        int day, days;
        if (word.n < 5 || (word.s[3] != '-' && word.s[3] != '+'))
            return ll_calendar_refuse(err, word, form);
        if (!ll_calendar_parse_weekday((struct ll_slice){word.s, 3}, &day, err))
            return false;
        if (!ll_calendar_whole((struct ll_slice){word.s + 3, word.n - 3}, -SHIFT_MAX, SHIFT_MAX,
                               &days) ||
            !days)
            return ll_calendar_refuse(err, word, form);
        if (shift[day])
            return ll_calendar_refuse(err, text, "moves a weekday twice");
        shift[day] = (int8_t)days;
    }
    if (!any)
        return ll_calendar_refuse(err, text, form);
    memcpy(field, shift, sizeof(shift));
    return true;
}

bool ll_calendar_parse_mask(struct ll_slice text, void *field, struct ll_err *err)
{
    unsigned mask = 0;
    bool ok = text.n == LL_LEN(weekdays);
    for (size_t i = 0; ok && i < text.n; i++) {
        ok = text.s[i] == '0' || text.s[i] == '1';
        mask |= (unsigned)(text.s[i] == '1') << i;
    }
    if (!ok)
        return ll_calendar_refuse(
            err, text, "is not a week such as \"1111100\": seven of 0 and 1, Monday first");
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

static bool is_of(char c, const char *more, bool upper, bool lower)
{
    return (c >= '0' && c <= '9') || (upper && c >= 'A' && c <= 'Z') ||
           (lower && c >= 'a' && c <= 'z') || (c && strchr(more, c));
}

static bool all_of(struct ll_slice t, const char *more, bool upper, bool lower)
{
    for (size_t i = 0; i < t.n; i++)
        if (!is_of(t.s[i], more, upper, lower))
            return false;
    return t.n > 0;
}

const char *ll_calendar_check_code(struct ll_slice text)
{
    bool ok = text.n <= LL_CALENDAR_CODE_MAX && all_of(text, "._-", true, false) &&
              is_of(text.s[0], "", true, false);
    return ok ? NULL : "is not a code such as XNYS: up to 32 of A-Z 0-9 . _ -";
}

/* As it becomes a path: no way out of the folder of zones. */
const char *ll_calendar_check_zone(struct ll_slice text)
{
    bool ok = all_of(text, "/_+-", true, true) && text.s[0] != '/';
    return ok ? NULL : "is not the name of a time zone such as America/New_York";
}

const char *ll_calendar_check_id(struct ll_slice text)
{
    bool ok = text.n <= LL_CALENDAR_ID_MAX && all_of(text, "_-.", true, true);
    return ok ? NULL : "is not an id such as new_year: letters, digits, _ - .";
}
