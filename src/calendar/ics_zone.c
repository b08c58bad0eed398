#include <string.h>

#include "calendar/ics.h"

/* Names of Windows: CLDR, windowsZones, territory 001.  Names US-*: the Bureau of Labor
 * Statistics' and others' VTIMEZONEs. */
static const struct {
    const char *tzid, *iana;
} zones[] = {
    {"US-Eastern", "America/New_York"},
    {"US-Central", "America/Chicago"},
    {"US-Mountain", "America/Denver"},
    {"US-Pacific", "America/Los_Angeles"},
    {"Eastern Time", "America/New_York"},
    {"Central Time", "America/Chicago"},
    {"AUS Eastern Standard Time", "Australia/Sydney"},
    {"Arabian Standard Time", "Asia/Dubai"},
    {"Arab Standard Time", "Asia/Riyadh"},
    {"Argentina Standard Time", "America/Buenos_Aires"},
    {"Canada Central Standard Time", "America/Regina"},
    {"Central Europe Standard Time", "Europe/Budapest"},
    {"Central European Standard Time", "Europe/Warsaw"},
    {"Central Standard Time", "America/Chicago"},
    {"China Standard Time", "Asia/Shanghai"},
    {"E. South America Standard Time", "America/Sao_Paulo"},
    {"Eastern Standard Time", "America/New_York"},
    {"FLE Standard Time", "Europe/Kiev"},
    {"GMT Standard Time", "Europe/London"},
    {"GTB Standard Time", "Europe/Bucharest"},
    {"Greenwich Standard Time", "Atlantic/Reykjavik"},
    {"India Standard Time", "Asia/Calcutta"},
    {"Israel Standard Time", "Asia/Jerusalem"},
    {"Korea Standard Time", "Asia/Seoul"},
    {"Mountain Standard Time", "America/Denver"},
    {"New Zealand Standard Time", "Pacific/Auckland"},
    {"Pacific Standard Time", "America/Los_Angeles"},
    {"Romance Standard Time", "Europe/Paris"},
    {"Russian Standard Time", "Europe/Moscow"},
    {"SE Asia Standard Time", "Asia/Bangkok"},
    {"Singapore Standard Time", "Asia/Singapore"},
    {"South Africa Standard Time", "Africa/Johannesburg"},
    {"Taipei Standard Time", "Asia/Taipei"},
    {"Tokyo Standard Time", "Asia/Tokyo"},
    {"Turkey Standard Time", "Europe/Istanbul"},
    {"UTC", "UTC"},
    {"W. Europe Standard Time", "Europe/Berlin"},
};

static const char *const areas[] = {"Africa",    "America", "Antarctica", "Asia",   "Atlantic",
                                    "Australia", "Europe",  "Etc",        "Indian", "Pacific"};

static bool is_area(const char *s, size_t n)
{
    for (size_t i = 0; i < LL_LEN(areas); i++)
        if (ll_slice_is((struct ll_slice){s, n}, areas[i]))
            return true;
    return false;
}

/* "/vendor/version/America/New_York": from the part that is an area on. */
static struct ll_slice behind_vendor(struct ll_slice tzid)
{
    for (size_t from = 1, i = 1; i < tzid.n; i++) {
        if (tzid.s[i] != '/')
            continue;
        if (is_area(tzid.s + from, i - from))
            return (struct ll_slice){tzid.s + from, tzid.n - from};
        from = i + 1;
    }
    return tzid;
}

struct ll_slice ll_ics_zone(struct ll_slice tzid)
{
    for (size_t i = 0; i < LL_LEN(zones); i++)
        if (ll_slice_ieq(tzid, zones[i].tzid))
            return ll_slice_of(zones[i].iana);
    return tzid.n > 0 && tzid.s[0] == '/' ? behind_vendor(tzid) : tzid;
}
