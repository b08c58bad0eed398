#include "calendar/ics.h"

#include <stdio.h>
#include <string.h>

enum { LINE_OCTETS = 75 };

struct writer {
    struct ll_str *out;
    size_t column; /* octets of the line so far */
};

/* What must stay on one line: a character, or one with its escape. */
static void piece(struct writer *w, const char *s, size_t n)
{
    if (w->column + n > LINE_OCTETS) {
        ll_str_addz(w->out, "\r\n ");
        w->column = 1;
    }
    ll_str_add(w->out, s, n);
    w->column += n;
}

static void plain(struct writer *w, const char *z)
{
    for (; *z; z++)
        piece(w, z, 1);
}

static bool is_control(char c)
{
    return (c >= 0 && c < 0x20) || c == 0x7f;
}

/* TEXT (3.3.11); what is no UTF-8 becomes '?', a control character a space. */
static void text(struct writer *w, struct ll_slice t)
{
    for (size_t i = 0; i < t.n;) {
        const char c = t.s[i], escaped[] = {'\\', c};
        const size_t n = ll_str_utf8_next(t.s + i, t.n - i);
        if (n == 0)
            piece(w, "?", 1);
        else if (c == '\\' || c == ';' || c == ',')
            piece(w, escaped, 2);
        else if (c == '\n')
            piece(w, "\\n", 2);
        else if (is_control(c))
            piece(w, " ", 1);
        else
            piece(w, t.s + i, n);
        i += LL_MAX(n, (size_t)1);
    }
}

static void end_line(struct writer *w)
{
    ll_str_addz(w->out, "\r\n");
    w->column = 0;
}

static void line(struct writer *w, const char *z)
{
    plain(w, z);
    end_line(w);
}

static void text_line(struct writer *w, const char *name, struct ll_slice t)
{
    plain(w, name);
    text(w, t);
    end_line(w);
}

static void time_line(struct writer *w, const char *name, ll_time t)
{
    const struct ll_civil c = ll_time_civil(LL_MAX(LL_MIN(t, LL_TIME_MAX), LL_TIME_MIN));
    char value[LL_TIME_TEXT_MAX];
    snprintf(value, sizeof(value), "%04d%02d%02dT%02d%02d%02dZ", c.year, c.month, c.day, c.hour,
             c.minute, c.second);
    plain(w, name);
    line(w, value);
}

static void date_line(struct writer *w, const char *name, ll_day d)
{
    const struct ll_date x = ll_day_date(d);
    char value[LL_TIME_TEXT_MAX];
    snprintf(value, sizeof(value), "%04d%02d%02d", x.year, x.month, x.day);
    plain(w, name);
    line(w, value);
}

/* One entry.  A start without an end is a moment. */
struct entry {
    ll_day date;
    ll_time start, end; /* LL_TIME_NONE: the whole day; no end */
    struct ll_slice what, name;
    int nth; /* of those with the same name on the day, from 1 */
    bool projected;
};

/* Up to its summary.  The UID tells the entries of a calendar apart and is the same each time it
 * is written: 2026-11-27-XNYS-open@loadline. */
static void begin_entry(struct writer *w, const struct ll_ics_source *src, const struct entry *e)
{
    char date[LL_DAY_TEXT_MAX], nth[16] = "";
    if (e->nth > 1)
        snprintf(nth, sizeof(nth), "-%d", e->nth);
    line(w, "BEGIN:VEVENT");
    plain(w, "UID:");
    plain(w, ll_day_format(e->date, date));
    plain(w, "-");
    text(w, ll_slice_of(ll_calendar_code(src->calendar)));
    plain(w, "-");
    text(w, e->what);
    plain(w, e->name.n ? "-" : "");
    text(w, e->name);
    plain(w, nth);
    line(w, "@loadline");
    time_line(w, "DTSTAMP:", src->stamp);
    if (e->start == LL_TIME_NONE)
        date_line(w, "DTSTART;VALUE=DATE:", e->date);
    else
        time_line(w, "DTSTART:", e->start);
    if (e->end != LL_TIME_NONE)
        time_line(w, "DTEND:", e->end);
    line(w, e->projected ? "STATUS:TENTATIVE" : "STATUS:CONFIRMED");
    line(w, "TRANSP:TRANSPARENT"); /* it does not make its reader busy */
    plain(w, "SUMMARY:");
    text(w, ll_slice_of(ll_calendar_code(src->calendar)));
    plain(w, " ");
}

static void end_entry(struct writer *w)
{
    line(w, "END:VEVENT");
}

static void session_part(struct writer *w, const struct ll_ics_source *src,
                         const struct ll_session *s, const struct entry *e)
{
    const struct ll_slice reason = ll_calendar_reason(src->calendar, s->date);
    begin_entry(w, src, e);
    plain(w, "open");
    plain(w, s->flags & LL_SESSION_HALF ? " (half day)" : "");
    end_line(w);
    text_line(w, "CATEGORIES:", LL_SLICE("session"));
    if (reason.n > 0)
        text_line(w, "DESCRIPTION:", reason);
    end_entry(w);
}

/* A session with a break is two entries: the venue is closed between them. */
static void session(struct writer *w, const struct ll_ics_source *src, const struct ll_session *s)
{
    const bool has_break = s->break_start != LL_TIME_NONE;
    struct entry e = {.date = s->date,
                      .start = s->open,
                      .end = has_break ? s->break_start : s->close,
                      .what = LL_SLICE("open"),
                      .nth = 1,
                      .projected = s->flags & LL_SESSION_PROJECTED};
    session_part(w, src, s, &e);
    if (!has_break)
        return;
    e.start = s->break_end;
    e.end = s->close;
    e.nth = 2;
    session_part(w, src, s, &e);
}

static void holiday(struct writer *w, const struct ll_ics_source *src, ll_day date)
{
    begin_entry(w, src,
                &(struct entry){.date = date,
                                .start = LL_TIME_NONE,
                                .end = LL_TIME_NONE,
                                .what = LL_SLICE("closed"),
                                .projected = date > ll_calendar_announced_to(src->calendar)});
    plain(w, "closed: ");
    text(w, ll_calendar_reason(src->calendar, date));
    end_line(w);
    text_line(w, "CATEGORIES:", LL_SLICE("holiday"));
    end_entry(w);
}

/* Which of those with its name and date it is. */
static int nth_of(const struct ll_event *first, const struct ll_event *e)
{
    int n = 1;
    for (const struct ll_event *x = e; x > first && x[-1].date == e->date; x--)
        n += ll_slice_eq(x[-1].name, e->name);
    return n;
}

static void event(struct writer *w, const struct ll_ics_source *src, const struct ll_event *e,
                  int nth)
{
    begin_entry(w, src,
                &(struct entry){.date = e->date,
                                .start = e->time,
                                .end = LL_TIME_NONE,
                                .what = LL_SLICE("event"),
                                .name = e->name,
                                .nth = nth,
                                .projected = e->projected});
    text(w, e->name);
    end_line(w);
    text_line(w, "CATEGORIES:", e->class);
    plain(w, "DESCRIPTION:");
    text(w, e->basis);
    if (e->source.n > 0) {
        text(w, LL_SLICE("\n"));
        text(w, e->source);
    }
    end_line(w);
    end_entry(w);
}

void ll_ics_write(const struct ll_ics_source *src, struct ll_str *out)
{
    struct writer w = {.out = out};
    const ll_day from = LL_MAX(src->from, LL_DAY_FIRST_ALLOWED);
    const ll_day to = LL_MIN(src->to, LL_DAY_LAST_ALLOWED);
    const struct ll_event *events = NULL;
    const size_t n = src->events ? ll_events_between(src->events, from, to, &events) : 0;
    size_t next = 0;
    line(&w, "BEGIN:VCALENDAR");
    line(&w, "VERSION:2.0");
    line(&w, "PRODID:-//Loadline//Market calendar//EN");
    line(&w, "CALSCALE:GREGORIAN");
    text_line(&w, "X-WR-CALNAME:", ll_slice_of(ll_calendar_code(src->calendar)));
    for (ll_day d = from; d <= to && !out->failed; d++) {
        const struct ll_session *s = ll_calendar_session(src->calendar, d);
        const bool closed = ll_calendar_day_class(src->calendar, d) == LL_DAY_CLASS_CLOSED_HOLIDAY;
        if (src->sessions && s)
            session(&w, src, s);
        if (src->holidays && closed)
            holiday(&w, src, d);
        for (; next < n && events[next].date == d; next++)
            event(&w, src, &events[next], nth_of(events, &events[next]));
    }
    line(&w, "END:VCALENDAR");
}
