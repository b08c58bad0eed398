/* Cron expressions: whatever is accepted names at least one value in each field, and its next time
 * lies after the one that was asked for. */
#include "scaling/cron.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ll_cron c;
    struct ll_err err;
    if (!ll_cron_parse((struct ll_slice){(const char *)data, size}, &c, &err)) {
        LL_ASSERT(err.code == LL_E_INVALID);
        return 0;
    }
    LL_ASSERT(c.minute && c.hour && c.day && c.month && c.weekday);
    LL_AUTO(ll_tz) utc = ll_tz_utc();
    const ll_time t = INT64_C(1800000000000); /* 2027 */
    const ll_time next = ll_cron_next(&c, utc, t);
    LL_ASSERT(next == LL_TIME_NONE || next > t);
    if (next != LL_TIME_NONE)
        LL_ASSERT(ll_cron_last(&c, utc, next, t) == next);
    return 0;
}
