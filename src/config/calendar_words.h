/* The small grammars of calendar and event files, as callbacks of a schema's rows.
 *
 * Each reads one whole text into *field, whose type its comment gives, and leaves it alone on
 * failure; *err then names the text, what is allowed and the nearest word.  The words themselves
 * are explained in docs/reference/calendar-rules.md. */
#ifndef LL_CONFIG_CALENDAR_WORDS_H
#define LL_CONFIG_CALENDAR_WORDS_H

#include "calendar/rules.h"

enum { LL_CALENDAR_CODE_MAX = 32, LL_CALENDAR_ID_MAX = 64 };

/* Dates and times: `2027-01-28` into ll_day; the same or a year, which is its first or its last
 * day; a year into int; a date (its midnight UTC) or RFC 3339 into ll_time. */
bool ll_calendar_parse_date(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_from(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_to(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_year(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_known(struct ll_slice text, void *field, struct ll_err *err);

/* The base of a rule; the field is the whole struct ll_cal_rule.
 * `12-25`; `3 mon 01`, also of several months `3 fri 03 06 09 12`, `3 fri all`; `fri 06-19`; `-2`;
 * `3 fri 12` of `week_of`, which leaves `base` as it is. */
bool ll_calendar_parse_fixed(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_nth(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_week_of(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_on_or_after(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_on_or_before(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_easter(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_last_session(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_first_session(struct ll_slice text, void *field, struct ll_err *err);

/* `03 06 09 12` or `all` into uint16_t, bit 0 = January. */
bool ll_calendar_parse_months(struct ll_slice text, void *field, struct ll_err *err);

/* `fri` into int, 0 = Monday; `fri sat sun` into uint8_t, bit 0 = Monday; `sat-1 sun+1` into
 * int8_t[7]; `1111100` into uint8_t; -366..366 into int. */
bool ll_calendar_parse_weekday(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_weekdays(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_observe(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_mask(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_offset(struct ll_slice text, void *field, struct ll_err *err);

/* `16:30`, `-1d 17:00` into ll_cal_clock; `+1h`, `-30m` into int32_t seconds, never 0;
 * `09:30`, `open`, `close+15m` into struct ll_cal_point; `closing_auction` into enum
 * ll_cal_phase, those that a file may write. */
bool ll_calendar_parse_clock(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_shift(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_point(struct ll_slice text, void *field, struct ll_err *err);
bool ll_calendar_parse_phase(struct ll_slice text, void *field, struct ll_err *err);

/* Checks of texts: a calendar's code, a zone's name, an id of a rule, table or event. */
const char *ll_calendar_check_code(struct ll_slice text);
const char *ll_calendar_check_zone(struct ll_slice text);
const char *ll_calendar_check_id(struct ll_slice text);

#endif
