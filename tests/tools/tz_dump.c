/* usage: tz_dump FROM_YEAR TO_YEAR ZONEINFO NAME...
 *
 * The changes of zones in the words of `zdump -V`: the second before each and the first of it, in
 * UT and by the zone's clocks.  On the way every local time near a change is taken back to UTC. */
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/tz.h"

static ll_time new_year(const char *text)
{
    return ll_time_from_civil(
        &(struct ll_civil){.year = (int)strtol(text, NULL, 10), .month = 1, .day = 1});
}

static void print_civil(const struct ll_civil *c, const char *zone)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    printf("%.3s %.3s %2d %02d:%02d:%02d %d %s", days + 3 * c->weekday, months + 3 * (c->month - 1),
           c->day, c->hour, c->minute, c->second, c->year, zone);
}

static void print_moment(const struct ll_tz *tz, ll_time t)
{
    const struct ll_tz_local l = ll_tz_at(tz, t);
    const struct ll_civil utc = ll_time_civil(t), civil = ll_tz_civil(tz, t);
    printf("%s  ", ll_tz_name(tz));
    print_civil(&utc, "UT");
    printf(" = ");
    print_civil(&civil, l.abbr);
    printf(" isdst=%d gmtoff=%lld\n", l.dst, (long long)(l.offset / LL_SECOND));
}

/* By trying every offset that holds within two days of it. */
static ll_time utc_by_hand(const struct ll_tz *tz, ll_time local, enum ll_tz_kind *kind)
{
    ll_time first = LL_TIME_NONE, gap = LL_TIME_NONE;
    bool second = false;
    for (ll_time t = local - 2 * LL_DAY; t != LL_TIME_NONE;
         t = ll_tz_next_change(tz, t, local + 2 * LL_DAY)) {
        const ll_dur before = ll_tz_at(tz, t - 1).offset, offset = ll_tz_at(tz, t).offset;
        const ll_time utc = local - offset;
        if (t + before <= local && utc < t)
            gap = local - before;
        if (ll_tz_at(tz, utc).offset != offset || utc == first)
            continue;
        second = first != LL_TIME_NONE;
        first = second ? LL_MIN(first, utc) : utc;
    }
    *kind = first == LL_TIME_NONE ? LL_TZ_GAP : second ? LL_TZ_FOLD : LL_TZ_ONCE;
    return first == LL_TIME_NONE ? gap : first;
}

/* Minutes before and after the first local time that a change skips or makes ambiguous. */
static void check_way_back(const struct ll_tz *tz, ll_time change)
{
    static const int minutes[] = {-1500, -90, -61, -60, -59, -30, -1, 0,
                                  1,     29,  30,  59,  60,  61,  90, 1500};
    for (size_t i = 0; i < LL_LEN(minutes); i++) {
        const ll_time local = change + ll_tz_at(tz, change - 1).offset + minutes[i] * LL_MINUTE;
        enum ll_tz_kind kind, want_kind;
        const ll_time got = ll_tz_utc_of(tz, local, &kind);
        const ll_time want = utc_by_hand(tz, local, &want_kind);
        if (kind != want_kind || got != want)
            printf("%s: local %lld is UTC %lld, kind %d, not %lld, kind %d\n", ll_tz_name(tz),
                   (long long)local, (long long)got, kind, (long long)want, want_kind);
    }
}

static void dump(const struct ll_tz *tz, ll_time from, ll_time to)
{
    ll_time t = from;
    while ((t = ll_tz_next_change(tz, t, to)) != LL_TIME_NONE) {
        print_moment(tz, t - LL_SECOND);
        print_moment(tz, t);
        check_way_back(tz, t);
    }
}

static bool dump_file(const char *folder, const char *name, ll_time from, ll_time to)
{
    static char bytes[LL_TZ_BYTES_MAX];
    struct ll_err err = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        return false;
    }
    const size_t n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    struct ll_tz *tz = NULL;
    if (!ll_tz_read(ll_slice_of(name), bytes, n, &tz, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    dump(tz, from, to);
    ll_tz_free(tz);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: tz_dump FROM_YEAR TO_YEAR ZONEINFO NAME...\n");
        return 2;
    }
    bool ok = true;
    for (int i = 4; i < argc; i++)
        ok = dump_file(argv[3], argv[i], new_year(argv[1]), new_year(argv[2])) && ok;
    return ok ? 0 : 1;
}
