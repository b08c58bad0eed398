/* Texts that become numbers: times, spans, sizes, numbers, UTF-8.  What is accepted must lie in
 * its range and survive being printed and read again; what is refused must leave no trace. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNTOUCHED = 42 };

static void check_time(struct ll_slice text)
{
    ll_time t = UNTOUCHED, again = 0;
    char printed[LL_TIME_TEXT_MAX];
    if (ll_time_parse(text, &t, NULL)) {
        LL_ASSERT(t >= LL_TIME_MIN && t <= LL_TIME_MAX);
        LL_ASSERT(ll_time_parse(ll_slice_of(ll_time_format(t, printed)), &again, NULL));
        LL_ASSERT(again == t);
        struct ll_civil c = ll_time_civil(t);
        LL_ASSERT(ll_time_from_civil(&c) == t);
        /* every RFC 3339 time is a time in a query */
        LL_ASSERT(ll_time_parse_relative(text, 0, &again, NULL) && again == t);
    } else {
        LL_ASSERT(t == UNTOUCHED);
    }
}

static void check_relative(struct ll_slice text, ll_time now)
{
    ll_time t = UNTOUCHED;
    bool ok = ll_time_parse_relative(text, now, &t, NULL);
    LL_ASSERT(ok ? t >= LL_TIME_MIN && t <= LL_TIME_MAX : t == UNTOUCHED);
}

static void check_span(struct ll_slice text)
{
    ll_dur d = UNTOUCHED, again = 0;
    char printed[LL_DUR_TEXT_MAX];
    if (ll_dur_parse(text, &d, NULL)) {
        LL_ASSERT(d >= 0 && d <= 1000 * 365 * LL_DAY);
        LL_ASSERT(ll_dur_parse(ll_slice_of(ll_dur_format(d, printed)), &again, NULL));
        LL_ASSERT(again == d);
    } else {
        LL_ASSERT(d == UNTOUCHED);
    }
}

static void check_number(struct ll_slice text)
{
    double v = UNTOUCHED, again = 0;
    char printed[LL_NUM_TEXT_MAX];
    if (ll_num_parse(text, &v)) {
        LL_ASSERT(isfinite(v));
        size_t n = ll_num_format(v, printed);
        LL_ASSERT(ll_num_parse((struct ll_slice){printed, n}, &again));
        LL_ASSERT(memcmp(&v, &again, sizeof(v)) == 0);
    } else {
        LL_ASSERT(v == UNTOUCHED);
    }
    int64_t i = UNTOUCHED;
    if (ll_num_parse_int(text, &i))
        LL_ASSERT(ll_num_parse(text, &v) && v == (double)i);
    else
        LL_ASSERT(i == UNTOUCHED);
}

static void check_size(struct ll_slice text)
{
    struct ll_err err;
    int64_t bytes = UNTOUCHED, i;
    if (ll_num_parse_size(text, &bytes, &err)) {
        LL_ASSERT(bytes >= 0 && bytes < (int64_t)1 << 62);
        LL_ASSERT(!ll_num_parse_int(text, &i) || i == bytes);
    } else {
        LL_ASSERT(bytes == UNTOUCHED);
        LL_ASSERT(ll_utf8_valid(err.text, strlen(err.text)));
    }
}

/* Valid is what is made of valid characters, each of which is valid alone. */
static void check_utf8(struct ll_slice text)
{
    size_t i = 0;
    for (size_t len = 1; i < text.n && len > 0; i += len) {
        len = ll_str_utf8_next(text.s + i, text.n - i);
        LL_ASSERT(len <= 4 && (len == 0 || ll_utf8_valid(text.s + i, len)));
        if (len == 0)
            break;
    }
    LL_ASSERT(ll_utf8_valid(text.s, text.n) == (i == text.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ll_time nows[] = {0, LL_TIME_MIN, LL_TIME_MAX, LL_TIME_NONE, INT64_MAX};
    struct ll_slice text = {(const char *)data, size};
    check_time(text);
    for (size_t i = 0; i < LL_LEN(nows); i++)
        check_relative(text, nows[i]);
    check_span(text);
    check_number(text);
    check_size(text);
    check_utf8(text);
    return 0;
}
