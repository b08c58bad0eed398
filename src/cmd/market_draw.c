#include "cmd/market_draw.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "os/zone.h"

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

enum { MONTH_WIDTH = 28, MONTHS_A_ROW = 3, WEEKS = 6 };

/* How a day looks in a month: its mark behind the number, and its colour. */
struct mark {
    char sign;
    enum ll_tint tint;
};

static struct mark mark_of(const struct ll_calendar *cal, ll_day day)
{
    switch (ll_calendar_day_class(cal, day)) {
    case LL_DAY_CLASS_CLOSED_WEEKEND:
        return (struct mark){' ', LL_TINT_DIM};
    case LL_DAY_CLASS_CLOSED_HOLIDAY:
        return (struct mark){'x', LL_TINT_CRIT};
    case LL_DAY_CLASS_HALF:
        return (struct mark){'h', LL_TINT_WARN};
    case LL_DAY_CLASS_UNKNOWN:
        return (struct mark){'?', LL_TINT_DIM};
    default:
        return (struct mark){' ', LL_TINT_NONE};
    }
}

static void draw_day(struct ll_ctx *c, const struct ll_calendar *cal, ll_day day)
{
    struct mark m = mark_of(cal, day);
    ll_str_addf(&c->out, "%s%3d%c%s", ll_text_color(c, m.tint), ll_day_date(day).day, m.sign,
                ll_text_color_end(c, m.tint));
}

/* One of the six lines of a month; blanks where it has no days. */
static void draw_week_of_month(struct ll_ctx *c, const struct ll_calendar *cal, ll_day first,
                               int week)
{
    struct ll_date d = ll_day_date(first);
    int start = ll_day_weekday(first), days = ll_month_days(d.year, d.month);
    for (int column = 0; column < 7; column++) {
        int day = week * 7 + column - start + 1;
        if (day < 1 || day > days)
            ll_str_addz(&c->out, "    ");
        else
            draw_day(c, cal, first + day - 1);
    }
}

/* Up to three months beside each other. */
static void draw_row(struct ll_ctx *c, const struct ll_calendar *cal, const ll_day *firsts, int n)
{
    char title[MONTH_WIDTH + 1];
    for (int m = 0; m < n; m++) {
        struct ll_date d = ll_day_date(firsts[m]);
        snprintf(title, sizeof(title), " %s %d", month_names[d.month - 1], d.year);
        ll_str_addf(&c->out, "%s%-*s", m ? "   " : "", m < n - 1 ? MONTH_WIDTH : 0, title);
    }
    ll_str_addc(&c->out, '\n');
    for (int m = 0; m < n; m++)
        ll_str_addf(&c->out, "%s Mo  Tu  We  Th  Fr  Sa  Su%s", m ? "   " : "",
                    m < n - 1 ? " " : "");
    ll_str_addc(&c->out, '\n');
    for (int week = 0; week < WEEKS; week++) {
        for (int m = 0; m < n; m++) {
            ll_str_addz(&c->out, m ? "   " : "");
            draw_week_of_month(c, cal, firsts[m], week);
        }
        ll_str_addc(&c->out, '\n');
    }
}

static void list_exceptions(struct ll_ctx *c, const struct ll_calendar *cal, ll_day from, ll_day to)
{
    char text[LL_MARKET_TEXT_MAX], close[LL_ZONE_TEXT_MAX];
    struct ll_str notes;
    ll_str_init(&notes, 1024);
    for (ll_day d = LL_MAX(from, ll_calendar_from(cal)); d <= LL_MIN(to, ll_calendar_to(cal));
         d++) {
        const struct ll_session *s = ll_calendar_session(cal, d);
        enum ll_day_class k = ll_calendar_day_class(cal, d);
        if (k != LL_DAY_CLASS_CLOSED_HOLIDAY && k != LL_DAY_CLASS_HALF &&
            !(s && s->flags & LL_SESSION_EXTRA))
            continue;
        ll_str_clear(&notes);
        ll_market_notes(cal, d, &notes);
        ll_str_addf(&c->out, "  %-16s %s", ll_market_day_text(d, text), ll_str_z(&notes));
        if (s)
            ll_str_addf(&c->out, ", closes %s", ll_zone_format(s->close, LL_ZONE_MINUTE_TZ, close));
        ll_str_addc(&c->out, '\n');
    }
    ll_str_fini(&notes);
}

void ll_market_draw_months(struct ll_ctx *c, const struct ll_calendar *cal, ll_day from, ll_day to)
{
    const struct ll_session *first;
    int months_a_row = c->width > 0 && c->width < MONTHS_A_ROW * (MONTH_WIDTH + 3)
                           ? LL_MAX(1, c->width / (MONTH_WIDTH + 3))
                           : MONTHS_A_ROW;
    size_t n = ll_calendar_sessions(cal, from, to, &first);
    ll_str_addf(&c->out, "%s, %zu sessions, %s\n\n", ll_calendar_code(cal), n,
                ll_tz_name(ll_calendar_tz(cal)));
    for (ll_day month = from; month <= to;) {
        ll_day firsts[MONTHS_A_ROW];
        int k = 0;
        for (; k < months_a_row && month <= to; k++) {
            struct ll_date d = ll_day_date(month);
            firsts[k] = month;
            month += ll_month_days(d.year, d.month);
        }
        draw_row(c, cal, firsts, k);
    }
    ll_str_addz(&c->out, "x closed  h half day  ? not known\n");
    list_exceptions(c, cal, from, to);
}

/* --- a week over its hours --- */

enum { CELL_MINUTES_WIDE = 15, CELL_MINUTES = 30 };

static const char *sign(enum ll_cal_phase p, bool utf8)
{
    switch (p) {
    case LL_PHASE_REGULAR:
        return utf8 ? "█" : "#";
    case LL_PHASE_OPENING_AUCTION:
    case LL_PHASE_CLOSING_AUCTION:
    case LL_PHASE_INTRADAY_AUCTION:
        return utf8 ? "▒" : "a";
    case LL_PHASE_PRE:
    case LL_PHASE_POST:
    case LL_PHASE_NIGHT:
        return utf8 ? "░" : "-";
    case LL_PHASE_BREAK:
    case LL_PHASE_HALT:
        return utf8 ? "·" : ".";
    default:
        return " ";
    }
}

/* UTC of an hour of a day in the chosen zone; hours past midnight are of the next day. */
static ll_time local_minute(ll_day day, int minute)
{
    struct ll_date d = ll_day_date(day);
    struct tm tm = {.tm_year = d.year - 1900,
                    .tm_mon = d.month - 1,
                    .tm_mday = d.day,
                    .tm_min = minute,
                    .tm_isdst = -1};
    return (ll_time)mktime(&tm) * LL_SECOND;
}

/* What happens in a cell: regular hours win over what is only a part of it. */
static enum ll_cal_phase cell_phase(const struct ll_calendar *cal, ll_time from, ll_dur length)
{
    enum ll_cal_phase found = LL_PHASE_CLOSED;
    bool open;
    for (ll_time t = from; t < from + length; t += LL_MINUTE) {
        enum ll_cal_phase p = ll_calendar_phase(cal, t, &open);
        if (p == LL_PHASE_REGULAR)
            return p;
        if (p != LL_PHASE_CLOSED)
            found = p;
    }
    return found;
}

static void draw_hours(struct ll_ctx *c, int indent, int minutes)
{
    ll_str_addf(&c->out, "%*s", indent, "");
    for (int hour = 0; hour < 24; hour += 3)
        ll_str_addf(&c->out, "%-*d", 3 * 60 / minutes, hour);
    ll_str_addz(&c->out, "24\n");
}

static void hours_of(const struct ll_calendar *cal, ll_day day, char *text, size_t size)
{
    const struct ll_session *s = ll_calendar_session(cal, day);
    const struct ll_tz *tz = ll_calendar_tz(cal);
    struct ll_slice why = ll_calendar_reason(cal, day);
    if (!s) {
        snprintf(text, size, "closed%s%.*s", why.n ? ": " : "", (int)why.n, why.n ? why.s : "");
        return;
    }
    struct ll_civil a = ll_tz_civil(tz, s->open), b = ll_tz_civil(tz, s->close);
    snprintf(text, size, "%02d:%02d-%02d:%02d %s%s", a.hour, a.minute, b.hour, b.minute,
             ll_tz_at(tz, s->open).abbr, s->flags & LL_SESSION_HALF ? ", half day" : "");
}

static void draw_line(struct ll_ctx *c, const struct ll_calendar *cal, ll_day day, int minutes)
{
    enum ll_tint tint = LL_TINT_NONE;
    char text[LL_MARKET_TEXT_MAX + 64];
    for (int m = 0; m < 24 * 60; m += minutes) {
        enum ll_cal_phase p = cell_phase(cal, local_minute(day, m), minutes * LL_MINUTE);
        tint = p == LL_PHASE_REGULAR ? LL_TINT_OK : LL_TINT_DIM;
        ll_str_addf(&c->out, "%s%s%s", ll_text_color(c, tint), sign(p, c->utf8),
                    ll_text_color_end(c, tint));
    }
    hours_of(cal, day, text, sizeof(text));
    ll_str_addf(&c->out, " %s\n", text);
}

static void draw_legend(struct ll_ctx *c, int minutes)
{
    bool u = c->utf8;
    ll_str_addf(&c->out,
                "%s regular hours  %s auction  %s before and after  %s break; a cell is %d "
                "minutes\n",
                sign(LL_PHASE_REGULAR, u), sign(LL_PHASE_CLOSING_AUCTION, u), sign(LL_PHASE_PRE, u),
                sign(LL_PHASE_BREAK, u), minutes);
}

void ll_market_draw_week(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                         ll_day monday)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    char zone[LL_ZONE_TEXT_MAX], text[LL_MARKET_TEXT_MAX];
    int widest = 0, minutes = c->width > 0 && c->width < 140 ? CELL_MINUTES : CELL_MINUTES_WIDE;
    for (size_t i = 0; i < n; i++)
        widest = LL_MAX(widest, (int)strlen(ll_calendar_code(cals[i])));
    ll_zone_format(local_minute(monday, 12 * 60), LL_ZONE_MINUTE_TZ, zone);
    const char *abbr = strrchr(zone, ' ');
    ll_str_addf(&c->out, "Week of %s, hours of %s\n", ll_market_day_text(monday, text),
                abbr ? abbr + 1 : zone);
    draw_hours(c, 8 + widest, minutes);
    for (int d = 0; d < 7; d++)
        for (size_t i = 0; i < n; i++) {
            char name[16] = "";
            if (i == 0)
                snprintf(name, sizeof(name), "%s %d", days[d], ll_day_date(monday + d).day);
            ll_str_addf(&c->out, "%-6s %-*s ", name, widest, ll_calendar_code(cals[i]));
            draw_line(c, cals[i], monday + d, minutes);
        }
    draw_legend(c, minutes);
}
