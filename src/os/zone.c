#include "os/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *folder(void)
{
    const char *dir = getenv("TZDIR");
    return dir && dir[0] ? dir : "/usr/share/zoneinfo";
}

static bool is_name(const char *name)
{
    size_t plain =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    return name[0] != '/' && name[plain] == '\0' && plain > 0 && plain < 64;
}

/* A compiled zone starts with TZif (RFC 8536). */
static bool has_data(const char *name)
{
    char path[512], magic[4] = "";
    snprintf(path, sizeof(path), "%s/%s", folder(), name);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
    fclose(f);
    return ok;
}

bool ll_zone_data(void)
{
    return has_data("America/New_York");
}

bool ll_zone_select(const char *name, struct ll_err *err)
{
    if (strcasecmp(name, "local") == 0) {
        tzset();
        return true;
    }
    bool utc = strcasecmp(name, "utc") == 0;
    if (strcasecmp(name, "market") == 0)
        return ll_err_set(err, LL_E_USAGE,
                          "zone 'market' is a calendar's and only the calendar commands have it; "
                          "use local, utc or a name like America/New_York");
    if (!utc && !ll_zone_data())
        return ll_err_set(err, LL_E_USAGE,
                          "zone '%s' cannot be read: no time zone data in %s; install it: apt-get "
                          "install tzdata",
                          name, folder());
    if (!utc && (!is_name(name) || !has_data(name)))
        return ll_err_set(err, LL_E_USAGE,
                          "'%s' is not a time zone; use local, utc or a name like America/New_York",
                          name);
    setenv("TZ", utc ? "UTC0" : name, 1);
    tzset();
    return true;
}

static size_t print(const struct tm *tm, enum ll_zone_style style, char *buf)
{
    switch (style) {
    case LL_ZONE_FULL:
        return strftime(buf, LL_ZONE_TEXT_MAX, "%a %e %b %H:%M:%S %Z", tm);
    case LL_ZONE_CLOCK:
        return strftime(buf, LL_ZONE_TEXT_MAX, "%H:%M:%S %Z", tm);
    case LL_ZONE_SECOND:
        return strftime(buf, LL_ZONE_TEXT_MAX, "%d %b %H:%M:%S", tm);
    case LL_ZONE_MINUTE:
        return strftime(buf, LL_ZONE_TEXT_MAX, "%d %b %H:%M", tm);
    case LL_ZONE_MINUTE_TZ:
        return strftime(buf, LL_ZONE_TEXT_MAX, "%d %b %H:%M %Z", tm);
    }
    return 0;
}

char *ll_zone_format(ll_time t, enum ll_zone_style style, char buf[static LL_ZONE_TEXT_MAX])
{
    time_t s = (time_t)(ll_time_floor(t, LL_SECOND) / LL_SECOND);
    struct tm tm;
    if (!localtime_r(&s, &tm) || print(&tm, style, buf) == 0)
        snprintf(buf, LL_ZONE_TEXT_MAX, "-");
    return buf;
}
