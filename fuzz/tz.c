/* Zone files: whatever is read has its changes in order, each changes something, and local times
 * find their way back. */
#include "base/tz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(struct ll_tz_local a, struct ll_tz_local b)
{
    return a.offset == b.offset && a.dst == b.dst && strcmp(a.abbr, b.abbr) == 0;
}

static void check_local(const struct ll_tz *tz, ll_time t)
{
    const struct ll_tz_local l = ll_tz_at(tz, t);
    LL_ASSERT(l.offset > -26 * LL_HOUR && l.offset < 26 * LL_HOUR);
    LL_ASSERT(l.abbr[0] && strlen(l.abbr) < LL_TZ_ABBR_MAX);
    ll_tz_civil(tz, t);
    enum ll_tz_kind kind;
    const ll_time back = ll_tz_utc_of(tz, t, &kind);
    if (t > LL_TIME_MIN && t < LL_TIME_MAX && kind != LL_TZ_GAP)
        LL_ASSERT(back + ll_tz_at(tz, back).offset == t);
}

static void walk(const struct ll_tz *tz)
{
    ll_time t = INT64_MIN;
    for (int i = 0; i < 600; i++) {
        const ll_time next = ll_tz_next_change(tz, t, INT64_MAX);
        if (next == LL_TIME_NONE)
            return;
        LL_ASSERT(next > t && !same(ll_tz_at(tz, next - 1), ll_tz_at(tz, next)));
        LL_ASSERT(ll_tz_next_change(tz, t, next - 1) == LL_TIME_NONE);
        LL_ASSERT(ll_tz_next_change(tz, next - 1, next) == next);
        check_local(tz, next + ll_tz_at(tz, next).offset);
        check_local(tz, next);
        t = next;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_err err = {0};
    struct ll_tz *tz = NULL;
    if (!ll_tz_read(LL_SLICE("Fuzz/Zone"), data, size, &tz, &err)) {
        LL_ASSERT(tz == NULL && err.text[0]);
        LL_ASSERT(err.code == LL_E_DAMAGED || err.code == LL_E_TOO_LARGE);
        return 0;
    }
    check_local(tz, INT64_MIN);
    check_local(tz, INT64_MAX);
    walk(tz);
    ll_tz_free(tz);
    return 0;
}
