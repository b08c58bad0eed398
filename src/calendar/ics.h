/* iCalendar (RFC 5545): sessions and events written for any calendar program, and lists of dates
 * as statistical offices and venues publish them read.
 *
 * Both are pure.  What is written says when it was made because the caller says it, and gives a
 * day's entry the same UID every time, so that a program replaces what it has.  What is read is a
 * list: events that repeat by a rule are refused, not guessed at. */
#ifndef LL_CALENDAR_ICS_H
#define LL_CALENDAR_ICS_H

#include "base/arena.h"
#include "calendar/calendar.h"
#include "calendar/events.h"

enum {
    LL_ICS_BYTES_MAX = 8 << 20,
    LL_ICS_LINE_MAX = 64 << 10, /* bytes of a line once it is unfolded */
    LL_ICS_ENTRIES_MAX = 20000,
};

struct ll_ics_source {
    const struct ll_calendar *calendar;
    const struct ll_events *events; /* NULL: none; those of class "clock" are left out */
    ll_day from, to;                /* inclusive */
    bool sessions;                  /* an entry for each stretch the venue is open */
    bool holidays;                  /* a day for each closed day of the weekmask */
    ll_time stamp;                  /* DTSTAMP: when this is made */
};

/* Appends a whole calendar, sorted by date: times in UTC, lines folded at 75 octets and ended with
 * CRLF.  What is projected has STATUS:TENTATIVE.  out->failed says that it did not fit. */
void ll_ics_write(const struct ll_ics_source *src, struct ll_str *out);

struct ll_ics_time {
    ll_day date;          /* LL_DAY_NONE: not given */
    ll_cal_clock clock;   /* LL_CAL_CLOCK_NONE: the whole day */
    bool utc;             /* date and clock are UTC; else local */
    struct ll_slice zone; /* IANA name where it is known, else the TZID; "" = none is named */
};

struct ll_ics_entry {
    struct ll_slice uid, summary;  /* unescaped, a line break is a space; "" when not given */
    struct ll_ics_time start, end; /* the end is exclusive; DURATION is not read */
    int line;                      /* of its BEGIN */
};

/* The VEVENTs of a file in its order, without those of STATUS:CANCELLED; entries and their text
 * are in `out`.  Line ends may be CRLF or LF.  Fails with LL_E_INVALID, LL_E_TOO_LARGE or
 * LL_E_MEMORY; err->line is the line (as an editor counts) that is wrong. */
LL_MUST_USE bool ll_ics_read(struct ll_slice text, struct ll_arena *out,
                             const struct ll_ics_entry **entries, size_t *n, struct ll_err *err);

/* The IANA name of what calendar programs call a zone: "US-Eastern", "Eastern Standard Time",
 * "/example.com/America/New_York".  A name that is not known is returned as it is. */
struct ll_slice ll_ics_zone(struct ll_slice tzid);

#endif
