/* iCalendar: what is read is within its limits; and whatever a calendar is called, what is written
 * of it has lines of 75 octets and reads back as it was. */
#include "calendar/ics.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_time(const struct ll_ics_time *t)
{
    LL_ASSERT(t->date >= LL_DAY_FIRST_ALLOWED && t->date <= LL_DAY_LAST_ALLOWED);
    LL_ASSERT(t->clock == LL_CAL_CLOCK_NONE || (t->clock >= 0 && t->clock < 24 * 3600));
    LL_ASSERT(!t->utc || (t->zone.n == 0 && t->clock != LL_CAL_CLOCK_NONE));
}

static void check_read(struct ll_slice text, struct ll_arena *arena)
{
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    if (!ll_ics_read(text, arena, &e, &n, &err)) {
        LL_ASSERT(err.text[0] && e == NULL);
        LL_ASSERT(err.code == LL_E_INVALID || err.code == LL_E_TOO_LARGE);
        LL_ASSERT(err.line > 0 && (size_t)err.line <= text.n + 1);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        check_time(&e[i].start);
        if (e[i].end.date != LL_DAY_NONE)
            check_time(&e[i].end);
        LL_ASSERT(ll_utf8_valid(e[i].summary.s, e[i].summary.n));
        LL_ASSERT(i == 0 || e[i].line > e[i - 1].line);
    }
}

static struct ll_calendar *calendar_of(struct ll_slice reason, const struct ll_tz *tz)
{
    static const struct ll_cal_weekmask mask = {LL_DAY_NONE, 0x7f, 1};
    static const struct ll_cal_hours hours = {
        LL_DAY_NONE, 0, {0, 3600, LL_CAL_CLOCK_NONE, LL_CAL_CLOCK_NONE, 0, 0}, 1};
    const struct ll_cal_change closed = {
        .kind = LL_CAL_CLOSED, .date = 20001, .known = LL_TIME_NONE, .reason = reason, .file = "f"};
    const struct ll_cal_rules rules = {.code = LL_SLICE("XTST"),
                                       .tz = LL_SLICE("UTC"),
                                       .from = 20000,
                                       .announced_to = 20002,
                                       .weekmasks = &mask,
                                       .n_weekmasks = 1,
                                       .hours = &hours,
                                       .n_hours = 1,
                                       .changes = &closed,
                                       .n_changes = 1,
                                       .file = "f"};
    const struct ll_calendar_source src = {
        .rules = &rules, .tz = tz, .to = 20002, .known_at = LL_TIME_NONE};
    struct ll_calendar *c = NULL;
    struct ll_err err = {0};
    LL_ASSERT(ll_calendar_compile(&src, &c, &err));
    return c;
}

/* A reason as it comes back: without control characters. */
static bool same_text(struct ll_slice got, struct ll_slice want)
{
    if (got.n != want.n)
        return false;
    for (size_t i = 0; i < want.n; i++) {
        const unsigned char c = (unsigned char)want.s[i];
        if (got.s[i] != (c < 0x20 || c == 0x7f ? ' ' : want.s[i]))
            return false;
    }
    return true;
}

static void check_written(struct ll_slice reason, struct ll_arena *arena)
{
    static const char before[] = "XTST closed: ";
    LL_AUTO(ll_tz) tz = ll_tz_utc();
    LL_AUTO(ll_calendar) c = calendar_of(reason, tz);
    struct ll_str out;
    ll_str_init(&out, 1 << 20);
    ll_ics_write(
        &(struct ll_ics_source){.calendar = c, .from = 20001, .to = 20001, .holidays = true}, &out);
    LL_ASSERT(!out.failed && ll_utf8_valid(out.s, out.n));
    for (const char *z = out.s, *end; z < out.s + out.n; z = end + 2) {
        end = memchr(z, '\r', (size_t)(out.s + out.n - z));
        LL_ASSERT(end && end[1] == '\n' && end - z <= 75 && ll_utf8_valid(z, (size_t)(end - z)));
    }
    const struct ll_ics_entry *e = NULL;
    struct ll_err err = {0};
    size_t n = 0;
    LL_ASSERT(ll_ics_read((struct ll_slice){out.s, out.n}, arena, &e, &n, &err) && n == 1);
    struct ll_slice got = e->summary;
    LL_ASSERT(got.n >= sizeof(before) - 1 && memcmp(got.s, before, sizeof(before) - 1) == 0);
    got = (struct ll_slice){got.s + sizeof(before) - 1, got.n - sizeof(before) + 1};
    LL_ASSERT(!ll_utf8_valid(reason.s, reason.n) || same_text(got, reason));
    ll_str_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LL_AUTO(ll_arena) arena = ll_arena_new(4 << 20);
    LL_ASSERT(arena);
    const struct ll_slice text = {(const char *)data, size};
    check_read(text, arena);
    if (size > 0 && size < 4096)
        check_written(text, arena);
    return 0;
}
