#include "cmd/market.h"

#include <stdio.h>
#include <string.h>

#include "cmd/settings.h"
#include "os/zone.h"

/* Horizon of calendars nobody asked further: the end of the third year from now. */
static ll_day usual_horizon(const struct ll_ctx *c)
{
    return ll_day_of(ll_time_civil(c->now).year + 3, 12, 31);
}

bool ll_market_open(struct ll_ctx *c, struct ll_calendars **out, struct ll_err *err)
{
    LL_AUTO(ll_config) config = NULL;
    if (!ll_settings_load(c->args, &config, err))
        return false;
    const struct ll_calendars_options o = {.rules = config->calendars.rules,
                                           .overlays = config->calendars.overlays,
                                           .to = usual_horizon(c)};
    return ll_calendars_open(&o, out, err);
}

bool ll_market_wants_zone(const struct ll_ctx *c)
{
    return !ll_args_given(c->args, "tz") || strcasecmp(ll_args_text(c->args, "tz"), "market") == 0;
}

ll_time ll_market_knowledge(const struct ll_ctx *c, const char *flag)
{
    const char *text = ll_args_text(c->args, flag);
    ll_day day;
    if (text && ll_day_parse(ll_slice_of(text), &day, NULL))
        return ((ll_time)day + 1) * LL_DAY - 1;
    return text ? ll_args_time(c->args, flag, c->now) : LL_TIME_NONE;
}

bool ll_market_calendar(struct ll_ctx *c, struct ll_calendars *set, const char *code, ll_day to,
                        struct ll_calendar **out, struct ll_err *err)
{
    const struct ll_calendars_ask ask = {.known_at = ll_market_knowledge(c, "known-at"),
                                         .to = LL_MAX(to, usual_horizon(c))};
    if (!ll_calendars_compile(set, ll_slice_of(code), &ask, out, err))
        return false;
    const char *zone = ll_tz_name(ll_calendar_tz(*out));
    return !ll_market_wants_zone(c) || ll_zone_select(zone, err);
}

bool ll_market_codes(const char *list, struct ll_market_codes *out, struct ll_err *err)
{
    out->n = 0;
    if ((size_t)snprintf(out->text, sizeof(out->text), "%s", list) >= sizeof(out->text))
        return ll_err_set(err, LL_E_USAGE, "the list of codes is too long");
    char *rest = out->text;
    for (char *code; (code = strsep(&rest, ",")) != NULL;) {
        if (code[0] == '\0')
            return ll_err_set(err, LL_E_USAGE, "an empty code in '%s'; write XNYS,XLON", list);
        if (out->n == LL_MARKET_CODES_MAX)
            return ll_err_set(err, LL_E_USAGE, "more than %d calendars", LL_MARKET_CODES_MAX);
        out->v[out->n++] = code;
    }
    return true;
}

bool ll_market_compile(const struct ll_ctx *c, struct ll_calendars *set,
                       const struct ll_market_codes *codes, ll_day to,
                       struct ll_market_calendars *out, struct ll_err *err)
{
    const struct ll_calendars_ask ask = {.known_at = LL_TIME_NONE,
                                         .to = LL_MAX(to, usual_horizon(c))};
    struct ll_market_calendars cals = {.n = 0};
    for (size_t i = 0; i < codes->n; i++, cals.n++)
        if (!ll_calendars_compile(set, ll_slice_of(codes->v[i]), &ask, &cals.v[i], err)) {
            ll_market_calendars_free(&cals);
            return false;
        }
    *out = cals;
    return true;
}

void ll_market_calendars_free(struct ll_market_calendars *cals)
{
    for (size_t i = 0; i < cals->n; i++)
        ll_calendar_free(cals->v[i]);
    cals->n = 0;
}

bool ll_market_range(const struct ll_ctx *c, int days, ll_day *from, ll_day *to, struct ll_err *err)
{
    char a[LL_DAY_TEXT_MAX], b[LL_DAY_TEXT_MAX];
    *from = ll_args_day(c->args, "from", c->now);
    *to = ll_args_day(c->args, "to", c->now);
    if (*from == LL_DAY_NONE)
        *from = (ll_day)ll_time_day(c->now);
    if (*to == LL_DAY_NONE)
        *to = *from + days;
    return *from <= *to ? true
                        : ll_err_set(err, LL_E_USAGE, "--from %s is after --to %s",
                                     ll_day_format(*from, a), ll_day_format(*to, b));
}

void ll_market_say_uncovered(const struct ll_calendar *cal, ll_day from, ll_day to)
{
    char day[LL_DAY_TEXT_MAX];
    if (from < ll_calendar_from(cal))
        ll_ctx_say("%s is known from %s; nothing is said of the days before", ll_calendar_code(cal),
                   ll_day_format(ll_calendar_from(cal), day));
    if (to > ll_calendar_announced_to(cal))
        ll_ctx_say("%s is announced up to %s; later days are computed and marked projected",
                   ll_calendar_code(cal), ll_day_format(ll_calendar_announced_to(cal), day));
}

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

char *ll_market_day_text(ll_day d, char buf[static LL_MARKET_TEXT_MAX])
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct ll_date date = ll_day_date(d);
    snprintf(buf, LL_MARKET_TEXT_MAX, "%s %d %s %d", days[ll_day_weekday(d)], date.day,
             months[date.month - 1], date.year);
    return buf;
}

char *ll_market_clock(ll_time t, ll_day date, bool zone, char buf[static LL_ZONE_TEXT_MAX])
{
    char day[LL_MARKET_TEXT_MAX];
    struct ll_date d = ll_day_date(date);
    ll_zone_format(t, zone ? LL_ZONE_MINUTE_TZ : LL_ZONE_MINUTE, buf);
    int n = snprintf(day, sizeof(day), "%02d %s ", d.day, months[d.month - 1]);
    if (strncmp(buf, day, (size_t)n) == 0)
        memmove(buf, buf + n, strlen(buf + n) + 1);
    return buf;
}

char *ll_market_rfc(ll_time t, char buf[static LL_TIME_TEXT_MAX])
{
    struct ll_civil c = ll_time_civil(t);
    buf[0] = '\0';
    if (t != LL_TIME_NONE)
        snprintf(buf, LL_TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day,
                 c.hour, c.minute, c.second);
    return buf;
}

/* What a person calls a day without a session, or with a short one. */
static const char *day_word(const struct ll_calendar *cal, ll_day date)
{
    switch (ll_calendar_day_class(cal, date)) {
    case LL_DAY_CLASS_HALF:
        return "half day";
    case LL_DAY_CLASS_UNKNOWN:
        return "not known";
    default:
        return "closed";
    }
}

void ll_market_notes(const struct ll_calendar *cal, ll_day date, struct ll_str *out)
{
    const struct ll_session *s = ll_calendar_session(cal, date);
    struct ll_slice reason = ll_calendar_reason(cal, date);
    const char *sep = "";
    if (!s || s->flags & LL_SESSION_HALF) {
        ll_str_addz(out, day_word(cal, date));
        sep = ", ";
    }
    if (s && s->flags & LL_SESSION_EXTRA) {
        ll_str_addf(out, "%sextra", sep);
        sep = ", ";
    }
    if (s && s->flags & LL_SESSION_PROJECTED)
        ll_str_addf(out, "%sprojected", sep);
    if (reason.n)
        ll_str_addf(out, "%s%.*s", out->n ? ": " : "", (int)reason.n, reason.s);
}

bool ll_market_print(const struct ll_table *t, struct ll_ctx *c, const char *none,
                     struct ll_err *err)
{
    if (ll_table_rows(t) == 0) {
        ll_ctx_say("%s", none);
        if (c->form != LL_FORM_CSV)
            return true;
    }
    return ll_table_print(t, c, err);
}

static json_t *time_json(ll_time t)
{
    char text[LL_TIME_TEXT_MAX];
    return t == LL_TIME_NONE ? json_null() : json_string(ll_market_rfc(t, text));
}

static json_t *phases_json(const struct ll_calendar *cal, const struct ll_session *s)
{
    struct ll_phase_span spans[LL_SESSION_PHASES_MAX];
    size_t n = ll_calendar_phases(cal, s, spans);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o}", "phase", ll_cal_phase_name(spans[i].phase), "start",
                            time_json(spans[i].start), "end", time_json(spans[i].end)));
    return list;
}

json_t *ll_market_session_json(const struct ll_calendar *cal, const struct ll_session *s)
{
    char day[LL_DAY_TEXT_MAX];
    struct ll_slice reason = ll_calendar_reason(cal, s->date);
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:s, s:s%, s:o}", "session",
                     ll_day_format(s->date, day), "open", time_json(s->open), "close",
                     time_json(s->close), "break_start", time_json(s->break_start), "break_end",
                     time_json(s->break_end), "projected", (s->flags & LL_SESSION_PROJECTED) != 0,
                     "class", ll_day_class_name(ll_calendar_day_class(cal, s->date)), "reason",
                     reason.s ? reason.s : "", reason.n, "phases", phases_json(cal, s));
}
