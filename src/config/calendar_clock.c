/* Local times, shifts and the points of phases. */
#include <string.h>

#include "config/calendar_lex.h"
#include "config/calendar_words.h"

enum {
    DAY_SECONDS = 86400,
    DAYS_APART = 6 /* a clock may be on another day of the week before or after */
};

/* "HH:MM" or "HH:MM:SS" up to 24:00. */
static bool clock_of_day(struct ll_slice text, int *seconds)
{
    int h, m, s = 0;
    if (!ll_calendar_take_digits(&text, 2, &h) || !ll_calendar_take_char(&text, ':') ||
        !ll_calendar_take_digits(&text, 2, &m))
        return false;
    if (text.n && (!ll_calendar_take_char(&text, ':') || !ll_calendar_take_digits(&text, 2, &s)))
        return false;
    *seconds = (h * 60 + m) * 60 + s;
    return text.n == 0 && m < 60 && s < 60 && *seconds <= DAY_SECONDS;
}

/* "-1d", "+2d". */
static bool day_apart(struct ll_slice word, int *days)
{
    return word.n == 3 && (word.s[0] == '-' || word.s[0] == '+') && word.s[2] == 'd' &&
           ll_calendar_whole((struct ll_slice){word.s, 2}, -DAYS_APART, DAYS_APART, days) &&
           *days != 0;
}

bool ll_calendar_parse_clock(struct ll_slice text, void *field, struct ll_err *err)
{
    struct ll_slice rest = text, word, more;
    int days = 0, seconds = 0;
    bool ok = ll_calendar_next_word(&rest, &word);
    if (ok && day_apart(word, &days))
        ok = ll_calendar_next_word(&rest, &word);
    if (!ok || !clock_of_day(word, &seconds) || ll_calendar_next_word(&rest, &more))
        return ll_calendar_refuse(
            err, text, "is not a local time such as 09:30, 16:00:30, 24:00 or \"-1d 17:00\"");
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
        return ll_calendar_refuse(err, text,
                                  "is not a shift such as \"+1h\" or \"-30m\", up to a day");
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
        return ll_calendar_refuse(
            err, text,
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
        return ll_calendar_refuse(
            err, text,
            "is not written as a phase: open, close and break of the sessions "
            "say when it is");
    return ll_calendar_refuse_word(
        err, text, "a phase",
        "pre, opening_auction, intraday_auction, closing_auction, post, night or "
        "halt",
        writable, n);
}
