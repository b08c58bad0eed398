#include "cmd/market_draw.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

enum { CELL = 3, MONTH_WIDTH = 7 * CELL, MONTH_GAP = 3, MONTHS_A_ROW = 4, WEEKS = 6 };

/* A text is drawn run by run, each in one colour. */
struct pen {
    struct ll_ctx *c;
    enum ll_tint tint;
};

static void set_tint(struct pen *p, enum ll_tint tint)
{
    if (tint == p->tint)
        return;
    ll_str_addz(&p->c->out, ll_text_color_end(p->c, p->tint));
    ll_str_addz(&p->c->out, ll_text_color(p->c, tint));
    p->tint = tint;
}

static void end_line(struct ll_ctx *c)
{
    while (c->out.n > 0 && c->out.s[c->out.n - 1] == ' ')
        c->out.s[--c->out.n] = '\0';
    ll_str_addc(&c->out, '\n');
}

/* When a session opens and closes on its market's own clock, or why there is none. */
static void hours_of(const struct ll_calendar *cal, ll_day day, struct ll_str *out)
{
    const struct ll_session *s = ll_calendar_session(cal, day);
    const struct ll_tz *tz = ll_calendar_tz(cal);
    ll_str_clear(out);
    if (s) {
        struct ll_civil a = ll_tz_civil(tz, s->open), b = ll_tz_civil(tz, s->close);
        ll_str_addf(out, "%02d:%02d-%02d:%02d %s", a.hour, a.minute, b.hour, b.minute,
                    ll_tz_at(tz, s->open).abbr);
    }
    struct ll_str notes;
    ll_str_init(&notes, 1024);
    ll_market_notes(cal, day, &notes);
    if (notes.n)
        ll_str_addf(out, "%s%s", s ? ", " : "", ll_str_z(&notes));
    ll_str_fini(&notes);
}

/* --- months --- */

/* How a day looks in a month: its mark behind the number, and its colour. */
struct mark {
    char sign;
    enum ll_tint tint;
};

static struct mark mark_of(const struct ll_calendar *cal, ll_day day)
{
    const struct ll_session *s = ll_calendar_session(cal, day);
    if (s && s->flags & LL_SESSION_EXTRA)
        return (struct mark){'+', LL_TINT_OK};
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
    ll_str_addf(&c->out, "%s%2d%s", ll_text_color(c, m.tint), ll_day_date(day).day,
                ll_text_color_end(c, m.tint));
    ll_str_addc(&c->out, m.sign);
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
            ll_str_addf(&c->out, "%*s", CELL, "");
        else
            draw_day(c, cal, first + day - 1);
    }
}

static int weeks_of(ll_day first)
{
    struct ll_date d = ll_day_date(first);
    return (ll_day_weekday(first) + ll_month_days(d.year, d.month) + 6) / 7;
}

/* Up to four months beside each other. */
static void draw_row(struct ll_ctx *c, const struct ll_calendar *cal, const ll_day *firsts, int n)
{
    int weeks = 0;
    for (int m = 0; m < n; m++) {
        char title[MONTH_WIDTH + 1];
        struct ll_date d = ll_day_date(firsts[m]);
        snprintf(title, sizeof(title), "%s %d", month_names[d.month - 1], d.year);
        ll_str_addf(&c->out, "%*s%-*s", m ? MONTH_GAP : 0, "", MONTH_WIDTH, title);
        weeks = LL_MAX(weeks, weeks_of(firsts[m]));
    }
    end_line(c);
    for (int m = 0; m < n; m++)
        ll_str_addf(&c->out, "%*sMo Tu We Th Fr Sa Su ", m ? MONTH_GAP : 0, "");
    end_line(c);
    for (int week = 0; week < weeks; week++) {
        for (int m = 0; m < n; m++) {
            ll_str_addf(&c->out, "%*s", m ? MONTH_GAP : 0, "");
            draw_week_of_month(c, cal, firsts[m], week);
        }
        end_line(c);
    }
    ll_str_addc(&c->out, '\n');
}

static void list_exceptions(struct ll_ctx *c, const struct ll_calendar *cal, ll_day from, ll_day to)
{
    char text[LL_MARKET_TEXT_MAX];
    struct ll_str hours;
    ll_str_init(&hours, 1024);
    from = LL_MAX(from, ll_calendar_from(cal));
    to = LL_MIN(to, ll_calendar_to(cal));
    for (ll_day d = from; d <= to; d++) {
        if (mark_of(cal, d).sign == ' ')
            continue;
        hours_of(cal, d, &hours);
        ll_str_addf(&c->out, "  %-16s %s\n", ll_market_day_text(d, text), ll_str_z(&hours));
    }
    ll_str_fini(&hours);
}

static int months_a_row(const struct ll_ctx *c)
{
    int fit = (c->width + MONTH_GAP) / (MONTH_WIDTH + MONTH_GAP);
    return c->width <= 0 ? MONTHS_A_ROW : LL_MIN(LL_MAX(fit, 1), (int)MONTHS_A_ROW);
}

void ll_market_draw_months(struct ll_ctx *c, const struct ll_calendar *cal, ll_day from, ll_day to)
{
    const struct ll_session *first;
    size_t n = ll_calendar_sessions(cal, from, to, &first);
    ll_str_addf(&c->out, "%s, %zu sessions, %s\n\n", ll_calendar_code(cal), n,
                ll_tz_name(ll_calendar_tz(cal)));
    for (ll_day month = from; month <= to;) {
        ll_day firsts[MONTHS_A_ROW];
        int k = 0;
        for (; k < months_a_row(c) && month <= to; k++) {
            struct ll_date d = ll_day_date(month);
            firsts[k] = month;
            month += ll_month_days(d.year, d.month);
        }
        draw_row(c, cal, firsts, k);
    }
    ll_str_addz(&c->out, "x closed  h half day  + session on a day off  ? not known\n");
    list_exceptions(c, cal, from, to);
}

/* --- a week over its hours --- */

/* Minutes a cell: the finest of 15, 30 and 60 that leaves room for the hours behind it. */
enum { TEXT_ROOM = 15, GRID_MINUTES = 6 * 60 };

/* Where the parts of a line stand. */
struct week {
    struct ll_ctx *c;
    int codes;   /* width of the widest code */
    int indent;  /* the column of midnight */
    int minutes; /* of a cell */
};

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

static void draw_hours(const struct week *w)
{
    ll_str_addf(&w->c->out, "%*s", w->indent, "");
    for (int hour = 0; hour < 24; hour += 3)
        ll_str_addf(&w->c->out, "%-*d", 3 * 60 / w->minutes, hour);
    ll_str_addz(&w->c->out, "24\n");
}

/* A closed cell shows the line that every sixth hour has, for the eye to follow. */
static void draw_cells(const struct week *w, const struct ll_calendar *cal, ll_day day)
{
    struct pen pen = {w->c, LL_TINT_NONE};
    const char *line = w->c->utf8 ? "┊" : "|";
    for (int m = 0; m < 24 * 60; m += w->minutes) {
        enum ll_cal_phase p = cell_phase(cal, local_minute(day, m), w->minutes * LL_MINUTE);
        const char *closed = m % GRID_MINUTES == 0 ? line : " ";
        set_tint(&pen, p == LL_PHASE_REGULAR ? LL_TINT_OK : LL_TINT_DIM);
        ll_str_addz(&w->c->out, p == LL_PHASE_CLOSED ? closed : sign(p, w->c->utf8));
    }
    ll_str_addz(&w->c->out, line);
    set_tint(&pen, LL_TINT_NONE);
}

static void draw_line(const struct week *w, const struct ll_calendar *cal, ll_day day)
{
    struct ll_str hours;
    ll_str_init(&hours, 1024);
    draw_cells(w, cal, day);
    hours_of(cal, day, &hours);
    ll_str_addc(&w->c->out, ' ');
    int left = w->c->width - w->indent - 24 * 60 / w->minutes - 2;
    ll_text_add(&w->c->out, ll_str_z(&hours), w->c->width > 0 ? (size_t)LL_MAX(left, 1) : 0,
                w->c->utf8);
    end_line(w->c);
    ll_str_fini(&hours);
}

static void draw_legend(const struct week *w)
{
    bool u = w->c->utf8;
    ll_str_addf(&w->c->out,
                "%s open  %s auction  %s before and after  %s break or halt; a cell is %d "
                "minutes\n",
                sign(LL_PHASE_REGULAR, u), sign(LL_PHASE_CLOSING_AUCTION, u), sign(LL_PHASE_PRE, u),
                sign(LL_PHASE_BREAK, u), w->minutes);
}

static struct week layout(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n)
{
    struct week w = {.c = c, .minutes = 15};
    for (size_t i = 0; i < n; i++)
        w.codes = LL_MAX(w.codes, (int)strlen(ll_calendar_code(cals[i])));
    w.indent = (int)sizeof("Mon 30 ") - 1 + w.codes + 1;
    while (c->width > 0 && w.minutes < 60 &&
           w.indent + 24 * 60 / w.minutes + 2 + TEXT_ROOM > c->width)
        w.minutes *= 2;
    return w;
}

void ll_market_draw_week(struct ll_ctx *c, const struct ll_calendar *const *cals, size_t n,
                         ll_day monday)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    char zone[LL_ZONE_TEXT_MAX], text[LL_MARKET_TEXT_MAX];
    struct week w = layout(c, cals, n);
    ll_zone_format(local_minute(monday, 12 * 60), LL_ZONE_MINUTE_TZ, zone);
    const char *abbr = strrchr(zone, ' ');
    ll_str_addf(&c->out, "Week of %s, hours of %s\n", ll_market_day_text(monday, text),
                abbr ? abbr + 1 : zone);
    draw_hours(&w);
    for (int d = 0; d < 7; d++)
        for (size_t i = 0; i < n; i++) {
            char name[16] = "";
            if (i == 0)
                snprintf(name, sizeof(name), "%s %d", days[d], ll_day_date(monday + d).day);
            ll_str_addf(&c->out, "%-6s %-*s ", name, w.codes, ll_calendar_code(cals[i]));
            draw_line(&w, cals[i], monday + d);
        }
    draw_legend(&w);
}
