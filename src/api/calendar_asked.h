/* A request for a calendar: which one, which days, as known when; and what all answers share. */
#ifndef LL_API_CALENDAR_ASKED_H
#define LL_API_CALENDAR_ASKED_H

#include "api/members.h"
#include "api/reply.h"

/* What it was published with, and a calendar of its own when it asked for another state of
 * knowledge or a farther horizon. */
struct ll_asked {
    struct ll_request *r;
    const struct ll_published *published;
    struct ll_calendars *set;
    struct ll_calendar *own;
    const struct ll_calendar *cal;
    ll_day from, to;
    ll_time known_at; /* LL_TIME_NONE = all that is known */
};

void ll_asked_open(struct ll_asked *a, struct ll_request *r);

/* The segment behind /calendars/. */
struct ll_slice ll_asked_code(const struct ll_request *r);

/* The days of the parameters at `from` and `to`; 31 from today without them. */
LL_MUST_USE bool ll_asked_days(struct ll_asked *a, size_t from, size_t to, struct ll_err *err);

/* The calendar, up to a->to and as known at a->known_at. */
LL_MUST_USE bool ll_asked_find(struct ll_asked *a, struct ll_err *err);

/* Sends the text as `mime` (NULL = JSON) when ok, else the error; closes what was opened. */
enum MHD_Result ll_asked_answer(struct ll_asked *a, bool ok, struct ll_str *out, const char *mime,
                                const struct ll_err *err);

/* A session as an object. */
void ll_asked_session(struct ll_json_out *j, const struct ll_calendar *cal,
                      const struct ll_session *s);

/* What stands around the items of every list. */
void ll_asked_list_open(struct ll_json_out *j, const struct ll_calendar *cal);
void ll_asked_list_close(struct ll_json_out *j);

#endif
