/* Each text is read word by word; what is allowed stands in the message. */
#include "config/calendar_words.h"

#include <string.h>

#include "base/num.h"
#include "config/yaml.h"

enum {
    DAY_SECONDS = 86400,
    FIRST_YEAR = 1900,
    LAST_YEAR = 2199,
    DAYS_MAX = 366, /* of an offset: a year */
    SHIFT_MAX = 30, /* of an observed day: a month */
    NTH_MAX = 5,
    DAYS_APART = 6 /* a clock may be on another day of the week before or after */
};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
static const char weekdays_doc[] = "mon, tue, wed, thu, fri, sat or sun";
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static bool refuse(struct ll_err *err, struct ll_slice text, const char *why)
{
    char shown[LL_YAML_QUOTE_MAX];
    return ll_err_set(err, LL_E_CONFIG, "'%s' %s", ll_yaml_quote(text, shown), why);
}

/* Takes the next word off *rest; false at the end. */
static bool next_word(struct ll_slice *rest, struct ll_slice *word)
{
    while (rest->n > 0 && rest->s[0] == ' ')
        *rest = (struct ll_slice){rest->s + 1, rest->n - 1};
    size_t n = 0;
    while (n < rest->n && rest->s[n] != ' ')
        n++;
    *word = (struct ll_slice){rest->s, n};
    *rest = (struct ll_slice){rest->s + n, rest->n - n};
    return n > 0;
}

static bool all_digits(struct ll_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] < '0' || t.s[i] > '9')
            return false;
    return t.n > 0;
}

/* Exactly n digits at *rest, which is moved behind them. */
static bool take_digits(struct ll_slice *rest, size_t n, int *out)
{
    int v = 0;
    if (rest->n < n || !all_digits((struct ll_slice){rest->s, n}))
        return false;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + rest->s[i] - '0';
    *rest = (struct ll_slice){rest->s + n, rest->n - n};
    *out = v;
    return true;
}

static bool take_char(struct ll_slice *rest, char c)
{
    if (rest->n == 0 || rest->s[0] != c)
        return false;
    *rest = (struct ll_slice){rest->s + 1, rest->n - 1};
    return true;
}

/* A whole number between the limits, with or without a plus. */
static bool whole(struct ll_slice text, int min, int max, int *out)
{
    int64_t v;
    (void)(text.n > 1 && text.s[1] != '-' && text.s[1] != '+' && take_char(&text, '+'));
    if (!ll_num_parse_int(text, &v) || v < min || v > max)
        return false;
    *out = (int)v;
    return true;
}

bool ll_calendar_parse_date(struct ll_slice text, void *field, struct ll_err *err)
{
    return ll_day_parse(text, field, err);
}

bool ll_calendar_parse_year(struct ll_slice text, void *field, struct ll_err *err)
{
    return (text.n == 4 && all_digits(text) && whole(text, FIRST_YEAR, LAST_YEAR, field)) ||
           refuse(err, text, "is not a year between 1900 and 2199");
}

static bool date_or_year(struct ll_slice text, int month, int mday, ll_day *out, struct ll_err *err)
{
    int year;
    if (text.n != 4 || !all_digits(text))
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
               refuse(err, text, "is not a time such as 2027-01-28T14:00:00Z, nor a date");
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
    if (!take_digits(&rest, 2, &m) || !take_char(&rest, '-') || !take_digits(&rest, 2, &d) ||
        rest.n)
        return refuse(err, text, "is not a day as MM-DD, such as 12-25");
    if (m < 1 || m > 12)
        return refuse(err, text, "is no day of a year: months are 01 to 12");
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

/* The nearest of the words goes into the message when the text is close to one. */
static bool refuse_word(struct ll_err *err, struct ll_slice word, const char *what,
                        const char *allowed, const char *const *words, size_t n)
{
    char shown[LL_YAML_QUOTE_MAX];
    const char *near = ll_str_nearest(word, words, n);
    for (size_t i = 0; !near && i < n && word.n > 3; i++) /* "monday", "thurs" */
        near = strncmp(words[i], word.s, strlen(words[i])) == 0 ? words[i] : NULL;
    return ll_err_set(err, LL_E_CONFIG, "'%s' is not %s: %s%s%s%s", ll_yaml_quote(word, shown),
                      what, allowed, near ? "; did you mean '" : "", near ? near : "",
                      near ? "'?" : "");
}

bool ll_calendar_parse_weekday(struct ll_slice text, void *field, struct ll_err *err)
{
    int *out = field;
    for (size_t i = 0; i < LL_LEN(weekdays); i++)
        if (ll_slice_is(text, weekdays[i])) {
            *out = (int)i;
            return true;
        }
    return refuse_word(err, text, "a weekday", weekdays_doc, weekdays, LL_LEN(weekdays));
}

bool ll_calendar_parse_weekdays(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_slice rest = text, word;
    unsigned mask = 0;
    while (next_word(&rest, &word)) {
        int day;
        if (!ll_calendar_parse_weekday(word, &day, err))
            return false;
        if (mask & 1u << day)
            return refuse(err, text, "has a weekday twice");
        mask |= 1u << day;
    }
    if (!mask)
        return refuse(err, text, "has no weekday, such as \"fri sat\"");
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

/* What is left: months as two digits each, or `all`. */
static bool months_of(struct ll_slice rest, uint16_t *out, struct ll_err *err)
{
    struct ll_slice word;
    unsigned mask = 0;
    int month;
    while (next_word(&rest, &word)) {
        bool all = ll_slice_is(word, "all");
        if (!all && (word.n != 2 || !all_digits(word) || !whole(word, 1, 12, &month)))
            return refuse(err, word, "is not a month from 01 to 12, nor all of them: all");
        unsigned these = all ? 0xfff : 1u << (month - 1);
        if (mask & these)
            return refuse(err, word, "has a month twice");
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
        return refuse(err, text, "has no month, such as \"03 06 09 12\"");
    *(uint16_t *)field = mask;
    return true;
}

bool ll_calendar_parse_nth(struct ll_slice text, void *field, struct ll_err *err)
{
    static const char *const form = "is not as \"3 mon 01\" or \"-1 mon 05\": which one (1 to 5, "
                                    "from the end -1 to -5), weekday, month";
    struct ll_cal_rule *rule = field;
    struct ll_slice rest = text, word;
    int nth, day;
    uint16_t mask;
    if (!next_word(&rest, &word) || !whole(word, -NTH_MAX, NTH_MAX, &nth) || nth == 0 ||
        !next_word(&rest, &word))
        return refuse(err, text, form);
    if (!ll_calendar_parse_weekday(word, &day, err) || !months_of(rest, &mask, err))
        return false;
    if (!mask)
        return refuse(err, text, form);
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
    if (!next_word(&rest, &word) || !whole(word, 1, NTH_MAX, &nth) || !next_word(&rest, &word) ||
        !next_word(&rest, &mday) || !whole(mday, 1, 28, &of) || next_word(&rest, &more))
        return refuse(err, text, form);
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
    if (!next_word(&rest, &name) || !next_word(&rest, &day) || next_word(&rest, &more))
        return refuse(err, text, "is not as \"fri 06-19\": weekday, MM-DD");
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
    return whole(text, -DAYS_MAX, DAYS_MAX, field) ||
           refuse(err, text, "is not a number of days from -366 to 366");
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
    for (; next_word(&rest, &word); any = true) {
        int day, days;
        if (word.n < 5 || (word.s[3] != '-' && word.s[3] != '+'))
            return refuse(err, word, form);
        if (!ll_calendar_parse_weekday((struct ll_slice){word.s, 3}, &day, err))
            return false;
        if (!whole((struct ll_slice){word.s + 3, word.n - 3}, -SHIFT_MAX, SHIFT_MAX, &days) ||
            !days)
            return refuse(err, word, form);
        if (shift[day])
            return refuse(err, text, "moves a weekday twice");
        shift[day] = (int8_t)days;
    }
    if (!any)
        return refuse(err, text, form);
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
        return refuse(err, text,
                      "is not a week such as \"1111100\": seven of 0 and 1, Monday first");
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

/* "HH:MM" or "HH:MM:SS" up to 24:00. */
static bool clock_of_day(struct ll_slice text, int *seconds)
{
    int h, m, s = 0;
    if (!take_digits(&text, 2, &h) || !take_char(&text, ':') || !take_digits(&text, 2, &m))
        return false;
    if (text.n && (!take_char(&text, ':') || !take_digits(&text, 2, &s)))
        return false;
    *seconds = (h * 60 + m) * 60 + s;
    return text.n == 0 && m < 60 && s < 60 && *seconds <= DAY_SECONDS;
}

/* "-1d", "+2d". */
static bool day_apart(struct ll_slice word, int *days)
{
    return word.n == 3 && (word.s[0] == '-' || word.s[0] == '+') && word.s[2] == 'd' &&
           whole((struct ll_slice){word.s, 2}, -DAYS_APART, DAYS_APART, days) && *days != 0;
}

bool ll_calendar_parse_clock(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_slice rest = text, word, more;
    int days = 0, seconds = 0;
    bool ok = next_word(&rest, &word);
    if (ok && day_apart(word, &days))
        ok = next_word(&rest, &word);
    if (!ok || !clock_of_day(word, &seconds) || next_word(&rest, &more))
        return refuse(err, text,
                      "is not a local time such as 09:30, 16:00:30, 24:00 or \"-1d 17:00\"");
    *(ll_cal_clock *)field = days * DAY_SECONDS + seconds;
    return true;
}

/* "+1h30m", at most a day. */
static bool signed_span(struct ll_slice text, int32_t *seconds)
{
    ll_dur d;
    if (text.n < 2 || (text.s[0] != '+' && text.s[0] != '-') ||
        !ll_dur_parse((struct ll_slice){text.s + 1, text.n - 1}, &d, NULL) || d > LL_DAY ||
        d % LL_SECOND != 0)
        return false;
    *seconds = (int32_t)(d / LL_SECOND) * (text.s[0] == '-' ? -1 : 1);
    return true;
}

bool ll_calendar_parse_shift(struct ll_slice text, void *field, struct ll_err *err)
{
    int32_t seconds;
    if (!signed_span(text, &seconds) || seconds == 0)
        return refuse(err, text, "is not a shift such as \"+1h\" or \"-30m\", up to a day");
    *(int32_t *)field = seconds;
    return true;
}

static bool after_anchor(struct ll_slice text, const char *name, int32_t *seconds)
{
    size_t n = strlen(name);
    if (text.n < n || memcmp(text.s, name, n) != 0)
        return false;
    *seconds = 0;
    return text.n == n || signed_span((struct ll_slice){text.s + n, text.n - n}, seconds);
}

bool ll_calendar_parse_point(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_cal_point p = {.anchor = LL_CAL_AT_OPEN};
    if (after_anchor(text, "close", &p.seconds))
        p.anchor = LL_CAL_AT_CLOSE;
    else if (ll_calendar_parse_clock(text, &p.seconds, NULL))
        p.anchor = LL_CAL_AT_CLOCK;
    else if (!after_anchor(text, "open", &p.seconds))
        return refuse(err, text,
                      "is neither a local time such as 09:30 nor open, close, \"open-30m\" or "
                      "\"close+15m\"");
    *(struct ll_cal_point *)field = p;
    return true;
}

bool ll_calendar_parse_phase(struct ll_slice text, void *field, struct ll_err *err)
{
#define X(name, text) [LL_PHASE_##name] = text,
    static const char *const names[] = {LL_CAL_PHASES(X)};
#undef X
    const char *writable[LL_PHASE_COUNT];
    size_t n = 0;
    for (int i = 0; i < LL_PHASE_COUNT; i++) {
        if (i == LL_PHASE_CLOSED || i == LL_PHASE_REGULAR || i == LL_PHASE_BREAK)
            continue;
        writable[n++] = names[i];
        if (ll_slice_is(text, names[i])) {
            *(enum ll_cal_phase *)field = (enum ll_cal_phase)i;
            return true;
        }
    }
    if (ll_slice_is(text, "regular") || ll_slice_is(text, "break"))
        return refuse(err, text,
                      "is not written as a phase: open, close and break of the sessions "
                      "say when it is");
    return refuse_word(err, text, "a phase",
                       "pre, opening_auction, intraday_auction, closing_auction, post, night or "
                       "halt",
                       writable, n);
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
