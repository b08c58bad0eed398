/* The book of notices as it was kept: what is read can be written and read again the same, and
 * what is due of it can be told without a time of this program's that overflows. */
#include <string.h>

#include "notice/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ll_time NOW = 1795484700000;

static const struct ll_notice_receiver receivers[] = {
    {.name = {"ops", 3}, .kind = LL_RECEIVER_WEBHOOK},
    {.name = {"am", 2}, .kind = LL_RECEIVER_ALERTMANAGER},
};
static const struct ll_notice_route route = {.venue = {"XNYS", 4}, .receiver = {"am", 2}};
static const struct ll_notice_policy policy = {.receivers = receivers,
                                               .n_receivers = 2,
                                               .routes = &route,
                                               .n_routes = 1,
                                               .group_wait = LL_MINUTE,
                                               .group_interval = LL_HOUR,
                                               .repeat_interval = LL_DAY};

static void tell(struct ll_notice_book *b)
{
    struct ll_notice_message m;
    for (ll_time t = NOW; t < NOW + 3 * LL_HOUR; t += 10 * LL_MINUTE)
        for (int i = 0; i < 4 && ll_notice_book_due(b, t, &m); i++) {
            struct ll_str text;
            const struct ll_notice_sender s = {.receiver = receivers[m.receiver].name, .now = t};
            ll_str_init(&text, LL_NOTICE_BODY_MAX);
            ll_notice_write_json(&s, &m, &text);
            ll_str_fini(&text);
            ll_notice_book_result(b, &m, LL_NOTICE_DELIVERED, 0, "", t);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ll_time seen, again;
    struct ll_err err = {0};
    struct ll_str one, two;
    LL_AUTO(ll_notice_book) a = ll_notice_book_new(&policy);
    LL_AUTO(ll_notice_book) b = ll_notice_book_new(&policy);
    if (!a || !b)
        return 0;
    if (!ll_notice_book_read(a, (struct ll_slice){(const char *)data, size}, NOW, &seen, &err)) {
        LL_ASSERT(err.code == LL_E_DAMAGED && err.text[0]);
        tell(a); /* what was read before stays */
        return 0;
    }
    ll_str_init(&one, LL_NOTICE_KEPT_MAX);
    ll_str_init(&two, LL_NOTICE_KEPT_MAX);
    ll_notice_book_write(a, seen, &one);
    LL_ASSERT(!one.failed && seen <= NOW);
    LL_ASSERT(ll_notice_book_read(b, (struct ll_slice){one.s, one.n}, NOW, &again, &err));
    ll_notice_book_write(b, again, &two);
    LL_ASSERT(one.n == two.n && memcmp(one.s, two.s, one.n) == 0);
    ll_str_fini(&one);
    ll_str_fini(&two);
    tell(a);
    return 0;
}
