/* What the calendar commands share: the installation's calendars, days of the command line,
 * sessions as rows. */
#ifndef LL_CMD_MARKET_H
#define LL_CMD_MARKET_H

#include "cmd/json.h"
#include "cmd/table.h"
#include "config/calendars.h"
#include "os/zone.h"

/* The calendars as the settings of the command line have them. */
LL_MUST_USE bool ll_market_open(struct ll_ctx *c, struct ll_calendars **out, struct ll_err *err);

/* Compiles a code up to `to` at least, as known at --known-at where the command has that flag.
 * With --tz market (what these commands have without --tz) times are printed in its zone. */
LL_MUST_USE bool ll_market_calendar(struct ll_ctx *c, struct ll_calendars *set, const char *code,
                                    ll_day to, struct ll_calendar **out, struct ll_err *err);

/* True when times are to be in the market's zone: --tz market, or no --tz. */
bool ll_market_wants_zone(const struct ll_ctx *c);

/* A state of knowledge, as --known-at gives it: a day counts to its end, so what became known on
 * it is known; LL_TIME_NONE without the flag: all that is known. */
ll_time ll_market_knowledge(const struct ll_ctx *c, const char *flag);

/* The codes of "XNYS,XLON". */
enum { LL_MARKET_CODES_MAX = 8 };
struct ll_market_codes {
    char text[256];
    const char *v[LL_MARKET_CODES_MAX];
    size_t n;
};
LL_MUST_USE bool ll_market_codes(const char *list, struct ll_market_codes *out, struct ll_err *err);

/* A calendar of each code, with the days up to `to`. */
struct ll_market_calendars {
    struct ll_calendar *v[LL_MARKET_CODES_MAX];
    size_t n;
};
LL_MUST_USE bool ll_market_compile(const struct ll_ctx *c, struct ll_calendars *set,
                                   const struct ll_market_codes *codes, ll_day to,
                                   struct ll_market_calendars *out, struct ll_err *err);
void ll_market_calendars_free(struct ll_market_calendars *cals);

/* --from and --to; `days` after --from when there is no --to.  Fails with LL_E_USAGE when they are
 * the wrong way round. */
LL_MUST_USE bool ll_market_range(const struct ll_ctx *c, int days, ll_day *from, ll_day *to,
                                 struct ll_err *err);

/* Says on standard error what part of from..to the calendar does not cover. */
void ll_market_say_uncovered(const struct ll_calendar *cal, ll_day from, ll_day to);

/* "Mon 9 Mar 2026". */
enum { LL_MARKET_TEXT_MAX = 64 };
char *ll_market_day_text(ll_day d, char buf[static LL_MARKET_TEXT_MAX]);
/* A time of a trade date in the chosen zone, which may be left out: "09:30 EST"; with its own date
 * where that is another: "22 Nov 18:00 EST". */
char *ll_market_clock(ll_time t, ll_day date, bool zone, char buf[static LL_ZONE_TEXT_MAX]);
/* RFC 3339 without fraction; "" for LL_TIME_NONE. */
char *ll_market_rfc(ll_time t, char buf[static LL_TIME_TEXT_MAX]);

/* What is special about a session or its day: "half day, projected: xmas_eve". */
void ll_market_notes(const struct ll_calendar *cal, ll_day date, struct ll_str *out);

/* A table, or `none` on standard error in place of a head with nothing under it. */
LL_MUST_USE bool ll_market_print(const struct ll_table *t, struct ll_ctx *c, const char *none,
                                 struct ll_err *err);

json_t *ll_market_session_json(const struct ll_calendar *cal, const struct ll_session *s);

#endif
